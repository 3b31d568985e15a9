"""How Parquet, SQLite, Stata and Excel hold the tables: types, names, keys, labels."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path

import pandas as pd

from jkrel.codebook import Codebook, Column, Table
from jkrel.data import Dataset
from jkrel.reading import as_text

DICTIONARY = "data_dictionary"
ROWS = 20_000
"""Rows that are held at once in the form of another tool."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""What a text starts with that a spreadsheet may take for a formula, or for its own apostrophe."""
STATA_NAME, STATA_LABEL, STATA_FIXED = 32, 80, 255
STATA_RESERVED = re.compile(
    "aggregate|array|boolean|break|byte|case|catch|class|colvector|complex|const|continue|default|"
    "delegate|delete|do|double|else|eltypedef|end|enum|explicit|export|external|float|for|friend|"
    "function|global|goto|if|in|inline|int|local|long|NULL|pragma|protected|quad|rowvector|short|"
    "typedef|typename|using|virtual|with|_all|_b|_coef|_cons|_n|_N|_pi|_pred|_rc|_skip|strL|str[0-9]+"
)
SHEET_ROWS, SHEET_TEXT, SHEET_FIRST = 1_048_576, 32_767, date(1900, 3, 1)


def created(dataset: Dataset) -> datetime:
    """The day of the data, for formats that print a time, so that the bytes stay the same."""
    return datetime.fromisoformat(dataset.codebook.package["created"]).replace(tzinfo=None)


# Cells


def plain_parts(dataset: Dataset, table: Table) -> Iterator[dict[str, list]]:
    """The rows of a table in turn, as plain values: str, int, float, bool, date, tuple or None."""
    frame = dataset.tables[table.name]
    for start in range(0, max(len(frame), 1), ROWS):
        part = frame.iloc[start : start + ROWS]
        yield {column.name: _plain(part[column.name], column) for column in table.columns}


def plain_rows(dataset: Dataset, table: Table) -> Iterator[tuple]:
    """The rows of a table one by one, as plain values in the order of its columns."""
    for part in plain_parts(dataset, table):
        yield from zip(*part.values(), strict=True)


def _plain(cells: pd.Series, column: Column) -> list:
    if column.list_of is not None:
        return cells.tolist()
    if column.type == "date":
        cells = cells.dt.date
    return cells.astype(object).where(cells.notna(), None).tolist()


def dictionary(codebook: Codebook) -> pd.DataFrame:
    """Return the codebook as a table: one row per table and column, in order, all strings."""
    described = [
        {
            "table": table.name,
            "column": column.name,
            "type": "list" if column.list_of is not None else column.type,
            "title": column.title,
            "description": column.description,
            "codes": column.codes or column.list_of or "",
            "required": as_text(column.required),
            "key": as_text(column.name in table.key),
        }
        for table in codebook.tables.values()
        for column in table.columns
    ]
    return pd.DataFrame(described, dtype="str")


# Parquet


def parquet(dataset: Dataset, folder: Path) -> None:
    """One file per table; titles, definitions and labels are in the metadata of the schema."""
    import pyarrow
    from pyarrow import parquet

    fingerprint = dataset.fingerprint()
    for table in dataset.codebook.tables.values():
        described = {"title": table.title, "description": table.description}
        described |= {"version": dataset.version, "fingerprint": fingerprint}
        fields = [_field(column, dataset.codebook) for column in table.columns]
        schema = pyarrow.schema(fields, metadata=described)
        path = folder / f"{table.name}.parquet"
        with parquet.ParquetWriter(path, schema, compression="zstd") as file:
            for part in plain_parts(dataset, table):
                arrays = [pyarrow.array(part[each.name], each.type) for each in schema]
                file.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _field(column: Column, codebook: Codebook):
    import pyarrow

    kinds = {"date": "date32", "integer": "int64", "number": "float64", "boolean": "bool_"}
    kind = getattr(pyarrow, kinds.get(column.type, "string"))()
    if column.list_of is not None:
        kind = pyarrow.list_(kind)
    elif column.codes and column.type == "string":
        kind = pyarrow.dictionary(pyarrow.int32(), kind, ordered=True)
    described = {"title": column.title, "description": column.description}
    name = column.codes or column.list_of
    if name in codebook.codes:
        described |= {"codes": name}
        described |= {"labels": json.dumps(codebook.labels(name), ensure_ascii=False)}
    return pyarrow.field(column.name, kind, not column.required, described)


# SQLite


def sqlite(dataset: Dataset, folder: Path) -> None:
    """One database: keys, references, list columns as tables of their own, the codebook."""
    with closing(sqlite3.connect(folder / "jkrel.sqlite")) as base:
        for table in dataset.codebook.tables.values():
            base.execute(_create(table))
            if not all(column.required for column in table.columns if column.name in table.key):
                base.execute(_unique(table))
            for column in table.columns:
                if column.list_of is not None:
                    base.execute(_create_link(table, column, dataset.codebook.tables))
        for table in dataset.codebook.tables.values():
            _fill(base, dataset, table)
        dictionary(dataset.codebook).to_sql(DICTIONARY, base, index=False)
        base.commit()
        if broken := base.execute("PRAGMA foreign_key_check").fetchall():
            names = sorted({f"{table} names a row of {other}" for table, _, other, _ in broken})
            message = "that is not there; export the whole data, and run jkrel check"
            raise ValueError(f"{'; '.join(names)} {message}")


def _name(*parts: str) -> str:
    return '"' + "_".join(parts) + '"'


def _names(names) -> str:
    return ", ".join(map(_name, names))


def _sql_type(column: Column) -> str:
    types = {"integer": "INTEGER", "number": "REAL", "boolean": "BOOLEAN", "date": "DATE"}
    return types.get(column.type, "TEXT")


def _create(table: Table) -> str:
    own = [column for column in table.columns if column.list_of is None]
    parts = [f"{_name(c.name)} {_sql_type(c)}{' NOT NULL' * c.required}" for c in own]
    parts.append(f"PRIMARY KEY ({_names(table.key)})")
    for column, other, key in table.references:
        parts.append(f"FOREIGN KEY ({_name(column)}) REFERENCES {_name(other)} ({_name(key)})")
    return f"CREATE TABLE {_name(table.name)} ({', '.join(parts)})"


def _unique(table: Table) -> str:
    """A key that may be empty in part is unique too, which SQLite does not see by itself."""
    keys = ", ".join(f"ifnull({_name(name)}, '')" for name in table.key)
    return f"CREATE UNIQUE INDEX {_name(table.name, 'key')} ON {_name(table.name)} ({keys})"


def _create_link(table: Table, column: Column, tables: dict[str, Table]) -> str:
    keys = [
        f"{_name(c.name)} {_sql_type(c)} NOT NULL" for c in table.columns if c.name in table.key
    ]
    parts = [*keys, '"position" INTEGER NOT NULL', '"value" TEXT NOT NULL']
    parts.append(f'PRIMARY KEY ({_names(table.key)}, "position")')
    owner = _names(table.key)
    parts.append(f"FOREIGN KEY ({owner}) REFERENCES {_name(table.name)} ({owner})")
    if column.list_of in tables:
        other = tables[column.list_of]
        parts.append(f'FOREIGN KEY ("value") REFERENCES {_name(other.name)} ({_names(other.key)})')
    return f"CREATE TABLE {_name(table.name, column.name)} ({', '.join(parts)})"


def _fill(base: sqlite3.Connection, dataset: Dataset, table: Table) -> None:
    names = [column.name for column in table.columns if column.list_of is None]
    lists = [column.name for column in table.columns if column.list_of is not None]
    for part in plain_parts(dataset, table):
        rows = zip(*(map(_stored, part[name]) for name in names), strict=True)
        _insert(base, _name(table.name), len(names), rows)
        keys = list(zip(*(part[name] for name in table.key), strict=True))
        for name in lists:
            items = (
                (*key, position, value)
                for key, values in zip(keys, part[name], strict=True)
                for position, value in enumerate(values, start=1)
            )
            _insert(base, _name(table.name, name), len(table.key) + 2, items)


def _stored(value):
    return value.isoformat() if isinstance(value, date) else value


def _insert(base: sqlite3.Connection, name: str, width: int, rows) -> None:
    base.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * width)})", rows)


# Stata


def stata(dataset: Dataset, folder: Path) -> dict[str, str]:
    """One file per table: codes as labelled numbers, lists as in the CSV, days as %td."""
    renamed = {}
    for table in dataset.codebook.tables.values():
        names = stata_names(table.names)
        renamed |= {f"{table.name}.{old}": new for old, new in names.items() if old != new}
        _stata_table(dataset, table, names, folder / f"{table.name}.dta")
    codebook = dictionary(dataset.codebook)
    codebook.to_stata(folder / f"{DICTIONARY}.dta", **_stata_options(dataset, codebook, "Codebook"))
    return renamed


def stata_names(names: list[str]) -> dict[str, str]:
    """Names that Stata takes: 32 letters, digits and underscores, none of its own words."""
    taken, given = set(), {}
    for name in names:
        plain = re.sub("[^A-Za-z0-9_]", "_", name)
        bad = plain[:1].isdigit() or STATA_RESERVED.fullmatch(plain)
        new = whole = f"_{plain}"[:STATA_NAME] if bad else plain[:STATA_NAME]
        number = 2
        while new in taken:
            new, number = f"{whole[: STATA_NAME - len(f'_{number}')]}_{number}", number + 1
        taken.add(new)
        given[name] = new
    return given


def _stata_table(dataset: Dataset, table: Table, names: dict[str, str], path: Path) -> None:
    columns = {names[c.name]: c for c in table.columns}
    frame = dataset.tables[table.name]
    cells = {new: _stata_cells(frame[c.name], c, dataset.codebook) for new, c in columns.items()}
    labels = {
        new: {_stata_code(c, row): row["label"] for row in dataset.codebook.codes[c.codes]}
        for new, c in columns.items()
        if c.codes
    }
    made = pd.DataFrame(cells)
    options = _stata_options(dataset, made, table.title)
    options["variable_labels"] = {new: c.title[:STATA_LABEL] for new, c in columns.items()}
    options["convert_dates"] = {new: "td" for new, c in columns.items() if c.type == "date"}
    made.to_stata(path, value_labels=labels, **options)


def _stata_cells(cells: pd.Series, column: Column, codebook: Codebook):
    if column.codes:
        numbers = {row["code"]: _stata_code(column, row) for row in codebook.codes[column.codes]}
        return cells.astype(object).map(lambda code: numbers.get(str(code))).astype("Int64")
    if column.list_of is not None:
        return cells.map(";".join).astype("str")
    return cells.fillna("") if column.type == "string" else cells


def _stata_code(column: Column, row: dict) -> int:
    """A code that is a number is its own value; another has its place in the order."""
    return int(row["code"] if column.type == "integer" else row["order"])


def _stata_options(dataset: Dataset, frame: pd.DataFrame, title: str) -> dict:
    texts = frame.select_dtypes("str")
    long = [name for name in texts if texts[name].str.encode("utf-8").map(len).max() > STATA_FIXED]
    label = f"{dataset.codebook.package['name']} {dataset.version}: {title}"[:STATA_LABEL]
    options = {"write_index": False, "version": 118, "time_stamp": created(dataset)}
    return options | {"convert_strl": long, "data_label": label}


# Excel


def excel(dataset: Dataset, folder: Path) -> None:
    """One workbook: a sheet per table, the codebook, and one sheet of all codes.

    Its cells hold the texts as they are: who saves a sheet as CSV, and opens that in a spreadsheet
    again, takes the spreadsheet-safe copies of the CSV export instead.
    """
    import xlsxwriter

    options = {"constant_memory": True, "tmpdir": str(folder)}
    tables = dataset.codebook.tables.values()
    with xlsxwriter.Workbook(folder / "jkrel.xlsx", options) as book:
        title, made = dataset.codebook.package["title"], created(dataset)
        book.set_properties({"title": title, "comments": dataset.version, "created": made})
        looks = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "text": book.add_format({"quote_prefix": True}),
        }
        for table in (table for table in tables if not table.is_code_list):
            _sheet(book, table.name, table.names, plain_rows(dataset, table), looks)
        codebook = dictionary(dataset.codebook)
        _sheet(book, "codebook", list(codebook), codebook.itertuples(index=False), looks)
        names, rows = _codes(dataset, [table for table in tables if table.is_code_list])
        _sheet(book, "codes", names, rows, looks)


def _codes(dataset: Dataset, lists: list[Table]) -> tuple[list[str], Iterator[tuple]]:
    """All code lists under one another: the name of the list, and every attribute that any has."""
    names = list(dict.fromkeys(name for table in lists for name in table.names))
    rows = (
        (table.name, *map(dict(zip(table.names, row, strict=True)).get, names))
        for table in lists
        for row in plain_rows(dataset, table)
    )
    return ["list", *names], rows


def _sheet(book, name: str, names: list[str], rows: Iterator[tuple], looks: dict) -> None:
    """Write a sheet row by row; the first rows tell how wide the columns are."""
    sheet = book.add_worksheet(name)
    first = list(islice(rows := iter(rows), 200))
    for place, title in enumerate(names):
        lengths = [len(as_text(row[place])) for row in first]
        sheet.set_column(place, place, min(max([len(title), *lengths]) + 3, 60))
    sheet.freeze_panes(1, 1)
    for place, title in enumerate(names):
        sheet.write_string(0, place, title, looks["head"])
    number = 0
    for number, row in enumerate(chain(first, rows), start=1):
        if number == SHEET_ROWS:
            raise ValueError(f"{name}: Excel holds {SHEET_ROWS:,} rows; take another format")
        for place, value in enumerate(row):
            _write_cell(sheet, number, place, value, looks)
    sheet.autofilter(0, 0, number, len(names) - 1)


def _write_cell(sheet, row: int, place: int, value, looks: dict) -> None:
    """Write a cell by its type, so that a text is never taken for a formula, link or number."""
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value)
    elif isinstance(value, date) and value >= SHEET_FIRST:
        sheet.write_datetime(row, place, value, looks["day"])
    elif text := as_text(value):
        look = looks["text"] if text.startswith(FORMULA) else None
        if len(text) > SHEET_TEXT or sheet.write_string(row, place, text, look):
            message = f"{len(text):,} characters, and Excel holds {SHEET_TEXT:,}"
            raise ValueError(f"{sheet.get_name()} row {row + 1}: a cell has {message}")
