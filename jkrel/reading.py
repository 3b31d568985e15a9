"""CSV files → typed tables, with every problem of form and value named by its cell."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from jkrel.codebook import Codebook, Column, Table

PROBLEM = ["file", "row", "column", "value", "rule", "message"]
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBER = {
    "integer": re.compile(r"-?[0-9]{1,15}"),
    "number": re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?"),
}
BOOLEANS = {"true": True, "false": False}


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
    return f"{value:g}" if isinstance(value, float) else str(value)


def describe(problem: dict) -> str:
    """Put one problem into a line: file, row, column, rule, value and the way out."""
    row = f" row {problem['row']}" if problem["row"] else ""
    column = f" {problem['column']}" if problem["column"] else ""
    value = str(problem["value"])
    value = value if len(value) <= 60 else value[:57] + "..."
    shown = f" {value!r}" if value else ""
    return f"{problem['file']}{row}{column}: [{problem['rule']}]{shown} {problem['message']}"


def as_frame(problems: list[tuple]) -> pd.DataFrame:
    """Collect problems as a table; rows count as in a spreadsheet, the header being 1."""
    return pd.DataFrame(problems, columns=PROBLEM)


def read_strings(path: Path, table: Table) -> tuple[pd.DataFrame | None, list[tuple]]:
    """Read one file without guessing types.

    Returns
    -------
    frame : DataFrame of str or None
        The cells as written; None if the file cannot be read as this table.
    problems : list of tuple
        What is wrong with the form of the file.
    """
    problems = list(_form(path, table))
    if problems:
        return None, problems
    frame = pd.read_csv(
        path, dtype=str, na_filter=False, encoding="utf-8", index_col=False, low_memory=False
    )
    if frame.empty:
        return None, [(table.path, "", "", "", "empty", "has no rows; add at least one")]
    return frame, []


def code_list_problems(path: Path, table: Table) -> list[tuple]:
    """List what keeps a code list from being used: its form, repeated codes, bad numbers."""
    frame, problems = read_strings(path, table)
    if frame is None:
        return problems
    for column in table.columns:
        if column.type == "integer" and column.required:
            bad = ~frame[column.name].str.fullmatch(NUMBER["integer"])
            message = "is not a plain integer; write digits without separators"
            problems += _rows_of(frame, bad, column.name, table, "integer", message)
        if column.constraints.get("unique"):
            message = "repeats an earlier row; give each its own"
            again = frame[column.name].duplicated()
            problems += _rows_of(frame, again, column.name, table, "unique keys", message)
    return problems


def _rows_of(frame, mask, column: str, table: Table, rule: str, message: str) -> list[tuple]:
    found = frame.loc[mask, column]
    return [(table.path, row + 2, column, value, rule, message) for row, value in found.items()]


def _form(path: Path, table: Table) -> Iterator[tuple]:
    def problem(rule, message, row="", value=""):
        return (table.path, row, "", value, rule, message)

    if not path.is_file():
        yield problem("missing file", "is named in datapackage.json but does not exist")
        return
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        message = "is not UTF-8; save the file as 'CSV UTF-8'"
        yield problem("encoding", message, row, str(raw[error.start : error.start + 1]))
        return
    if text.startswith("\ufeff"):
        yield problem("byte order mark", "starts with one; save as UTF-8 without it", 1)
        return
    for sign, rule, message in (
        ("\0", "NUL byte", "holds one; restore the file from a sound copy"),
        ("\r", "line ends", "are not plain \\n; save with Unix line ends"),
    ):
        if sign in text:
            yield problem(rule, message, text.count("\n", 0, text.index(sign)) + 1)
            return
    yield from _rows(text, table, problem)


def _rows(text: str, table: Table, problem) -> Iterator[tuple]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        yield from _header(header, table, problem)
        width = len(header)
        for number, row in enumerate(reader, start=2):
            if len(row) != width:
                message = f"has {len(row)} cells where the header has {width}; look for a comma"
                yield problem("cells", message, number, ",".join(row))
    except csv.Error as error:
        yield problem("quotes", f"cannot be read as CSV ({error})", reader.line_num)


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


def typed(frame: pd.DataFrame, table: Table, codebook: Codebook) -> tuple[pd.DataFrame, list]:
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
        positions, uniques = pd.factorize(frame[column.name].to_numpy(dtype=object))
        values, faults = _values(list(uniques), column, codebook)
        columns[column.name] = _series(values, positions, column, codebook)
        problems += _located(faults, uniques, positions, table, column)
    return pd.DataFrame(columns), problems


def _located(faults, uniques, positions, table, column) -> list[tuple]:
    found = []
    for index, (rule, message) in faults.items():
        for row in (positions == index).nonzero()[0]:
            found.append((table.path, int(row) + 2, column.name, uniques[index], rule, message))
    return found


def _values(uniques: list[str], column: Column, codebook: Codebook) -> tuple[list, dict]:
    """Convert the distinct strings of a column; faults are keyed by position."""
    convert = _converter(column, codebook)
    values, faults = [], {}
    for index, text in enumerate(uniques):
        value = () if column.list_of is not None else None
        fault = _clean(text) or _constraints(text, column)
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


def _rule(column: Column) -> str:
    return "code" if column.codes or column.list_of else column.type


def _clean(text: str) -> tuple[str, str] | None:
    if text != text.strip():
        return ("blanks", "starts or ends with a blank; remove it")
    if not text.isascii() and unicodedata.normalize("NFC", text) != text:
        return ("Unicode", "is not in normal form NFC; retype it")
    if any(
        unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") or sign == "\xa0" for sign in text
    ):
        return ("characters", "holds an invisible character; retype it")
    return None


def _constraints(text: str, column: Column) -> tuple[str, str] | None:
    rules = column.constraints
    if not text:
        return ("required", "is empty; give a value") if column.required else None
    if "pattern" in rules and not re.fullmatch(rules["pattern"], text):
        return ("pattern", f"does not have the form {rules['pattern']}")
    if not rules.get("minLength", 0) <= len(text) <= rules.get("maxLength", len(text)):
        limits = f"{rules.get('minLength', 0)} to {rules.get('maxLength', 'any number of')}"
        return ("length", f"has {len(text)} characters; {limits} are allowed")
    return None


def _bounds(value, column: Column) -> tuple[str, str] | None:
    low = column.constraints.get("minimum")
    high = column.constraints.get("maximum")
    if low is not None and value < low:
        return ("minimum", f"is under {low}")
    if high is not None and value > high:
        return ("maximum", f"is over {high}")
    return None


def _converter(column: Column, codebook: Codebook):
    if column.list_of is not None:
        known = set(codebook.order(column.list_of)) if column.list_of in codebook.codes else None
        return lambda text: _items(text, column, known)
    if column.codes:
        known = set(codebook.order(column.codes))
        return lambda text: _code(text, column.codes, known)
    if column.type == "date":
        return _day
    if column.type in NUMBER:
        return lambda text: _number(text, column.type)
    if column.type == "boolean":
        return _boolean
    return str


def _code(text: str, name: str, known: set[str]) -> str:
    if text not in known:
        raise ValueError(f"is not in codes/{name}.csv; use one of its codes or add a row there")
    return text


def _items(text: str, column: Column, known: set[str] | None) -> tuple[str, ...]:
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
        raise ValueError("is not a date of the form 2022-09-01")
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


def _series(values: list, positions, column: Column, codebook: Codebook) -> pd.Series:
    if column.list_of is not None:
        tuples = pd.Series(index=range(len(values)), dtype=object)
        tuples[:] = values
        return tuples.take(positions).reset_index(drop=True)
    if column.codes:
        return pd.Series(_categories(values, positions, column, codebook))
    dtypes = {"date": "datetime64[s]", "integer": "Int64", "number": "Float64"}
    dtype = dtypes.get(column.type, "boolean" if column.type == "boolean" else "str")
    return pd.Series(values, dtype=dtype).take(positions).reset_index(drop=True)


def _categories(values: list, positions, column: Column, codebook: Codebook) -> pd.Categorical:
    order = codebook.order(column.codes)
    place = {code: index for index, code in enumerate(order)}
    codes = pd.Series([place.get(value, -1) for value in values]).to_numpy()[positions]
    if column.type == "integer":
        order = [int(code) for code in order]
    return pd.Categorical.from_codes(codes, categories=order, ordered=True)
