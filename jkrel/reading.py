"""CSV files → typed tables, with every problem of form and value named by its cell."""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from jkrel.codebook import Codebook, Column, Table

PROBLEM = ["file", "row", "column", "value", "rule", "message"]
DAY = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
MIXED = re.compile("[A-Za-z][\u0370-\u03ff\u0400-\u04ff]|[\u0370-\u03ff\u0400-\u04ff][A-Za-z]")
CONTINUED = "[\u0080-\u00bf\u0152-\u0178\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
MISREAD = re.compile(f"[ÂÃ]{CONTINUED}|[à-ï]{CONTINUED}{{2}}|\ufffd")
PLACEHOLDER = re.compile(r"NA|N/A|n/a|[Nn]a[Nn]|NULL|null|TODO|TBD|#N/A|#[A-Z/0]+[!?]|[?]+")
NUMBER = {
    "integer": re.compile(r"-?[0-9]{1,15}"),
    "number": re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?"),
}
BOOLEANS = {"true": True, "false": False}
FULL_STOP = "[.]"
"""End of the pattern of a column that holds sentences."""
MOST_CODES = 30
"""How many codes a message lists at most."""
LONGEST = 2**17
"""The most characters of a cell, which is the limit that csv has of its own."""
ENDS = list(b",\n")
"""Bytes beside which a cell begins or ends."""
LARGE = 2**18
"""From how many bytes on a file is read at once, and no more row by row."""


class Cells(NamedTuple):
    """A column as written: its distinct texts, and the place among them of each row's text."""

    texts: list[str]
    places: np.ndarray


class DataError(ValueError):
    """The data cannot be loaded; `problems` lists every reason found.

    Parameters
    ----------
    problems : DataFrame
        Columns file, row, column, value, rule, message.
    """

    def __init__(self, problems: pd.DataFrame):
        self.problems = problems
        lines = [describe(problem) for problem in problems.head(20).to_dict("records")]
        more = [f"... and {len(problems) - 20} more"] if len(problems) > 20 else []
        super().__init__("\n".join([f"{counted(problems)} in the data", *lines, *more]))


def counted(problems: pd.DataFrame) -> str:
    """Say how many problems there are."""
    return f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"


def as_text(value) -> str:
    """Write a typed value as it stands in a file."""
    if isinstance(value, tuple):
        return ";".join(value)
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    return np.format_float_positional(value, trim="-") if isinstance(value, float) else str(value)


def describe(problem: dict) -> str:
    """Put one problem into a line: file, row, column, rule, value and the way out."""
    row = f" row {problem['row']}" if problem["row"] else ""
    column = f" {problem['column']}" if problem["column"] else ""
    value = str(problem["value"])
    value = value if len(value) <= 60 else value[:57] + "..."
    shown = f" {value!r}" if value else ""
    return f"{problem['file']}{row}{column}: [{problem['rule']}]{shown} {problem['message']}"


def gathered(problems: pd.DataFrame) -> list[str]:
    """Put problems into lines, one for all rows of a file with the same problem."""
    alike = problems.groupby([n for n in PROBLEM if n != "row"], sort=False, dropna=False)
    lines = []
    for _, rows in alike:
        problem, numbers = rows.iloc[0].to_dict(), list(map(str, rows["row"]))
        if len(numbers) > 1:
            more = ", ..." if len(numbers) > 10 else ""
            listed = f"{', '.join(numbers[:10])}{more}"
            problem["message"] += f" (in {len(numbers)} rows: {listed})"
            problem["row"] = ""
        lines.append(describe(problem))
    return lines


def as_frame(problems: list[tuple]) -> pd.DataFrame:
    """Collect problems as a table; rows count as in a spreadsheet, the header being 1."""
    return pd.DataFrame(problems, columns=PROBLEM)


def read_strings(
    path: Path, table: Table, plain: Callable[[bytes], bytes] = bytes
) -> tuple[dict[str, Cells] | None, list[tuple]]:
    """Read one file without guessing types; `plain` may first bring its bytes into our form.

    Returns
    -------
    columns : dict of str to Cells, or None
        The cells as written; None if the file cannot be read as this table.
    problems : list of tuple
        What is wrong with the form of the file.
    """
    raw, problems = _bytes(path, table, plain)
    if problems:
        return None, problems
    columns = _at_once(raw, table) if len(raw) >= LARGE else None
    if columns is None:
        columns, problems = _row_by_row(raw.decode("utf-8"), table)
    if problems:
        return None, problems
    rows = any(cells.texts for cells in columns.values())
    if rows == bool(table.empty):
        message = (
            "has rows; take the property empty from datapackage.json"
            if rows
            else "has no rows; add at least one, or say why under empty in datapackage.json"
        )
        return None, [(table.path, "", "", "", "empty", message)]
    return columns, []


def as_strings(columns: dict[str, Cells]) -> pd.DataFrame:
    """Put columns of cells into a frame of strings."""
    arrays = {n: np.array(cells.texts, object)[cells.places] for n, cells in columns.items()}
    return pd.DataFrame(arrays, dtype=object)


def as_cells(strings: pd.DataFrame) -> dict[str, Cells]:
    """Take a frame of strings apart into columns of cells."""
    return {name: _distinct(strings[name].to_numpy(object)) for name in strings}


def _distinct(texts) -> Cells:
    found = defaultdict(count().__next__)
    places = np.fromiter(map(found.__getitem__, texts), dtype=np.intp, count=len(texts))
    return Cells(list(found), places)


def code_list_problems(columns: dict[str, Cells], table: Table) -> list[tuple]:
    """List what keeps a code list from being used: repeated codes and bad numbers."""
    problems = []
    for column in table.columns:
        texts, places = columns[column.name]
        if column.type == "integer" and column.required:
            fault = "integer", "is not a plain integer; write digits without separators"
            bad = [n for n, text in enumerate(texts) if not NUMBER["integer"].fullmatch(text)]
            problems += _located(dict.fromkeys(bad, fault), texts, places, table, column)
        if column.constraints.get("unique") and len(texts) < len(places):
            message = "repeats an earlier row; give each its own"
            for row in pd.Series(places).duplicated().to_numpy().nonzero()[0]:
                cell = int(row) + 2, column.name, texts[places[row]]
                problems.append((table.path, *cell, "unique keys", message))
    return problems


def _bytes(path: Path, table: Table, plain: Callable) -> tuple[bytes, list[tuple]]:
    """Read a file, or say why it is not plain UTF-8."""

    def problem(rule, message, row="", value=""):
        return b"", [(table.path, row, "", value, rule, message)]

    if not path.is_file():
        return problem("missing file", "is named in datapackage.json but does not exist")
    raw = plain(path.read_bytes())
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        message = "is not UTF-8; save the file as 'CSV UTF-8'"
        return problem("encoding", message, row, str(raw[error.start : error.start + 1]))
    if raw.startswith(b"\xef\xbb\xbf"):
        return problem("byte order mark", "starts with one; save as UTF-8 without it", 1)
    for sign, rule, message in (
        (b"\0", "NUL byte", "holds one; restore the file from a sound copy"),
        (b"\r", "line ends", "are not plain \\n; save with Unix line ends"),
    ):
        if sign in raw:
            return problem(rule, message, raw.count(b"\n", 0, raw.index(sign)) + 1)
    return raw, []


def _at_once(raw: bytes, table: Table) -> dict[str, Cells] | None:
    """Split a large file into its columns, if nothing of its form is in doubt.

    None, if something is, or there is no pyarrow: :func:`_row_by_row` reads it, or says what is.
    """
    try:
        import pyarrow as pa
        from pyarrow import compute
        from pyarrow import csv as arrow
    except ImportError:
        return None
    if not raw.startswith(f"{','.join(table.names)}\n".encode()) or not _regular(raw):
        return None
    try:
        found = arrow.read_csv(
            pa.BufferReader(raw),
            arrow.ReadOptions(block_size=2**22),
            arrow.ParseOptions(newlines_in_values=True),
            arrow.ConvertOptions(column_types=dict.fromkeys(table.names, pa.string())),
        )
    except pa.ArrowInvalid:
        return None
    if found.column_names != table.names or not found.num_rows:
        return None
    lengths = map(compute.binary_length, found.columns)
    if max(compute.max(length).as_py() for length in lengths) > LONGEST:
        return None
    coded = [column.dictionary_encode().combine_chunks() for column in found.columns]
    cells = [Cells(column.dictionary.to_pylist(), column.indices.to_numpy()) for column in coded]
    return dict(zip(table.names, cells, strict=True))


def _regular(raw: bytes) -> bool:
    """Tell whether no line is empty, and quotes stand around cells and, doubled, in them."""
    text = np.frombuffer(b",%b," % raw, dtype=np.uint8)
    quotes = np.flatnonzero(text == ord('"'))
    if b"\n\n" in raw or len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    doubled = opening[1:] == closing[:-1] + 1
    before = np.isin(text[opening - 1], ENDS) | np.r_[False, doubled][: len(opening)]
    after = np.isin(text[closing + 1], ENDS) | np.r_[doubled, False][: len(closing)]
    return bool(before.all() and after.all())


def _row_by_row(text: str, table: Table) -> tuple[dict[str, Cells] | None, list[tuple]]:
    """Split a text into cells, row after row, and list what does not fit the table.

    Equal cells of a column become one string, so that a large file takes little memory.
    """

    def problem(rule, message, row="", value=""):
        return (table.path, row, "", value, rule, message)

    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    cells, problems, shared = [], [], {}.setdefault
    try:
        with _longest_field():
            header = next(reader, [])
            problems += _header(header, table, problem)
            for number, row in enumerate(reader, start=2):
                if len(row) == len(header):
                    cells += map(shared, row, row)
                else:
                    message = f"has {len(row)} cells where the header has {len(header)}"
                    message += "; look for a comma"
                    problems.append(problem("cells", message, number, ",".join(row)))
    except csv.Error as error:
        return None, [problem("quotes", f"cannot be read as CSV ({error})", reader.line_num)]
    if problems:
        return None, problems
    width = len(header)
    return {name: _distinct(cells[place::width]) for place, name in enumerate(header)}, []


@contextmanager
def _longest_field() -> Iterator[None]:
    """Hold csv to its own limit: other packages raise it for the whole process."""
    before = csv.field_size_limit(LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _header(header: list[str], table: Table, problem) -> Iterator[tuple]:
    if header == table.names:
        return
    if len(header) == 1 and ";" in header[0]:
        yield problem("delimiter", "is a semicolon; save with commas", 1, header[0])
        return
    missing = [name for name in table.names if name not in header]
    extra = [name for name in header if name not in table.names]
    parts = [f"missing: {', '.join(missing)}"] * bool(missing)
    parts += [f"not in the codebook: {', '.join(extra)}"] * bool(extra)
    parts = parts or [f"the order is {', '.join(table.names)}"]
    yield problem("columns", "differ from datapackage.json; " + "; ".join(parts), 1)


def typed(
    strings: dict[str, Cells], table: Table, codebook: Codebook
) -> tuple[pd.DataFrame, list[tuple]]:
    """Give each column its type: dates, numbers, ordered categories, tuples, strings.

    Empty cells become missing (an empty tuple in list columns).

    Returns
    -------
    frame : DataFrame
        Same rows and columns; values that cannot be typed are missing.
    problems : list of tuple
        One per bad cell.
    """
    columns, problems = {}, []
    for column in table.columns:
        uniques, positions = strings[column.name]
        values, faults = _values(uniques, column, codebook)
        columns[column.name] = _array(values, positions, column, codebook)
        problems += _located(faults, uniques, positions, table, column)
    return pd.DataFrame(columns, copy=False), problems


def _located(faults, uniques, positions, table, column) -> list[tuple]:
    found = []
    for row in np.isin(positions, list(faults)).nonzero()[0] if faults else ():
        rule, message = faults[positions[row]]
        value = uniques[positions[row]]
        found.append((table.path, int(row) + 2, column.name, value, rule, message))
    return found


def _values(uniques: list[str], column: Column, codebook: Codebook) -> tuple[list, dict]:
    """Convert the distinct strings of a column; faults are keyed by position."""
    convert, nothing = _converter(column, codebook), None if column.list_of is None else ()
    bounded = not column.constraints.keys().isdisjoint({"minimum", "maximum"})
    if _plain(uniques, column):
        try:
            values = [convert(text) if text else nothing for text in uniques]
            if not bounded or not any(_bounds(value, column) for value in values):
                return values, {}
        except ValueError:
            pass  # Named below, where each text is looked at by itself.
    broken = _constraints(column)
    values, faults = [], {}
    for index, text in enumerate(uniques):
        value, fault = nothing, _blanks(text) or _unclean(text) or broken(text)
        if text and not fault:
            try:
                value = convert(text)
                fault = _bounds(value, column)
            except ValueError as error:
                fault = (_rule(column), str(error))
        if fault:
            faults[index] = fault
        values.append(value)
    return values, faults


def _plain(texts: list[str], column: Column) -> bool:
    """Tell of all texts at once, to save time, whether none breaks a rule on form."""
    rules, given = column.constraints, [text for text in texts if text]
    if not given or (column.required and len(given) < len(texts)):
        return False
    whole, sizes = "".join(given), list(map(len, given))
    if not whole.isascii() and _unclean("".join([t for t in given if not t.isascii()])):
        return False
    return (
        whole.isprintable()
        and list(map(str.strip, given)) == given
        and not any(map(PLACEHOLDER.fullmatch, given))
        and ("pattern" not in rules or all(map(re.compile(rules["pattern"]).fullmatch, given)))
        and min(sizes) >= rules.get("minLength", 0)
        and max(sizes) <= rules.get("maxLength", float("inf"))
    )


def _rule(column: Column) -> str:
    return "code" if column.codes or column.list_of else column.type


def _blanks(text: str) -> tuple[str, str] | None:
    return None if text == text.strip() else ("blanks", "starts or ends with a blank; remove it")


def _unclean(text: str) -> tuple[str, str] | None:
    """Say what cannot be seen in a text, or in none of several that are put into one."""
    if not text.isprintable():
        return ("characters", "holds an invisible character; retype it")
    if text.isascii():
        return None
    if not unicodedata.is_normalized("NFC", text):
        return ("Unicode", "is not in normal form NFC; retype it")
    if MIXED.search(text):
        return ("lookalike", "has a Greek or Cyrillic letter within a Latin word; retype it")
    if WIDE.search(text):
        return ("width", "has a letter or digit of East Asian width; retype it")
    if MISREAD.search(text):
        return ("encoding", "was read in a wrong encoding at some time; retype it")
    return None


def _constraints(column: Column):
    """Return a function that says what constraint on form a text breaks, if any."""
    rules = column.constraints
    low, high = rules.get("minLength", 0), rules.get("maxLength", float("inf"))
    matches = re.compile(rules["pattern"]).fullmatch if "pattern" in rules else None

    def broken(text: str) -> tuple[str, str] | None:
        if not text:
            return ("required", "is empty; give a value") if column.required else None
        if PLACEHOLDER.fullmatch(text):
            return ("placeholder", "stands for a missing value; leave the cell empty")
        if matches and not matches(text):
            return ("pattern", _form(text, column))
        if not low <= len(text) <= high:
            return ("length", f"has {len(text)} characters; {low} to {high} are allowed")
        return None

    return broken


def _form(text: str, column: Column) -> str:
    """Say in words what a text lacks of its pattern, as far as words tell it."""
    pattern = column.constraints["pattern"]
    if pattern.endswith(FULL_STOP) and not text.endswith("."):
        return "has no full stop at its end; end the sentence with one"
    meant = f" ({column.title}: {column.description})" if column.description else ""
    return f"does not have the form {pattern}{meant}"


def _bounds(value, column: Column) -> tuple[str, str] | None:
    low = column.constraints.get("minimum")
    high = column.constraints.get("maximum")
    if value is None:
        return None
    if low is not None and value < low:
        return ("minimum", f"is under {low}")
    if high is not None and value > high:
        return ("maximum", f"is over {high}")
    return None


def _converter(column: Column, codebook: Codebook):
    if column.list_of is not None:
        known = codebook.order(column.list_of) if column.list_of in codebook.codes else None
        return lambda text: _items(text, column, known)
    if column.codes:
        known = codebook.order(column.codes)
        return lambda text: _code(text, column.codes, known)
    if column.type == "date":
        return _day
    if column.type in NUMBER:
        return lambda text: _number(text, column.type)
    if column.type == "boolean":
        return _boolean
    return str


def _code(text: str, name: str, known: list[str]) -> str:
    if text not in known:
        codes = ", ".join(known[:MOST_CODES]) + ", ..." * (len(known) > MOST_CODES)
        way_out = f"use one of its codes ({codes}) or add a row there"
        raise ValueError(f"is not in codes/{name}.csv; {way_out}")
    return text


def _items(text: str, column: Column, known: list[str] | None) -> tuple[str, ...]:
    items = tuple(text.split(column.delimiter))
    for item in items:
        if known is not None:
            _code(item, column.list_of, known)
    if len(set(items)) < len(items):
        raise ValueError("names an item twice; name each once")
    if known is not None and list(items) != sorted(items):
        raise ValueError("is not in alphabetical order; sort the items")
    return items


def _day(text: str) -> pd.Timestamp:
    if not DAY.fullmatch(text):
        raise ValueError("is not a date of the form 2022-09-01, in 1900 to 2099")
    try:
        return pd.Timestamp(date.fromisoformat(text))
    except ValueError:
        raise ValueError("is no day of the calendar") from None


def _number(text: str, kind: str) -> float | int:
    if not NUMBER[kind].fullmatch(text):
        raise ValueError(f"is not a plain {kind}; write digits without separators")
    return int(text) if kind == "integer" else float(text)


def _boolean(text: str) -> bool:
    if text not in BOOLEANS:
        raise ValueError("is neither true nor false")
    return BOOLEANS[text]


def _array(values: list, positions, column: Column, codebook: Codebook):
    if column.list_of is not None:
        tuples = np.empty(len(values), dtype=object)
        tuples[:] = values
        return tuples[positions]
    if column.codes:
        return _categories(values, positions, column, codebook)
    dtypes = {"date": "datetime64[s]", "integer": "Int64", "number": "Float64"}
    dtype = dtypes.get(column.type, "boolean" if column.type == "boolean" else "str")
    array = pd.array(values, dtype=dtype)
    alike = len(values) == len(positions) and (positions == np.arange(len(positions))).all()
    return array if alike else array.take(positions)


def _categories(values: list, positions, column: Column, codebook: Codebook) -> pd.Categorical:
    order = codebook.order(column.codes)
    place = {code: index for index, code in enumerate(order)}
    codes = np.array([place.get(value, -1) for value in values])[positions]
    if column.type == "integer":
        order = [int(code) for code in order]
    return pd.Categorical.from_codes(codes, categories=order, ordered=True)
