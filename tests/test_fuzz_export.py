"""Whatever stands in the tables: what is exported is what is in them."""

import csv
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from fuzzing import times
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import packages

from jkrel import export, formats, load
from jkrel.reading import as_text


@pytest.fixture(scope="module")
def exported(made, tmp_path_factory):
    """Export made-up tables, as selected ones are, to a folder in the place of the one before."""
    target = tmp_path_factory.mktemp("exported") / "tables"

    def write(given, to):
        shutil.rmtree(target, ignore_errors=True)
        data = replace(load(made(*given)), whole=None)
        return data, export.export(data, to, target).directory

    return write


def cells(path, encoding="utf-8"):
    """The rows of a CSV file."""
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def plain(data, name):
    """The rows of a table as plain values."""
    return list(formats.plain_rows(data, data.codebook.tables[name]))


@given(given=packages())
def test_csv_gives_the_cells_back(exported, given):
    """Header and cells are those of the canonical files, to the last digit."""
    data, folder = exported(given, "csv")
    for name, table in data.tables.items():
        expected = [list(table.columns), *table.map(as_text).to_numpy().tolist()]
        assert cells(folder / f"{name}.csv") == expected


@given(number=st.floats(allow_nan=False, allow_infinity=False))
@example(number=1e-5)
@example(number=5e-324)
@example(number=1.7976931348623157e308)
@example(number=-0.0)
@example(number=12.0)
def test_a_number_stands_without_an_exponent_and_comes_back(number):
    """Any float is written with digits, sign and point alone, and read as the same float."""
    text = as_text(number)
    assert re.fullmatch("-?[0-9]+([.][0-9]*[1-9])?", text)
    assert float(text).hex() == number.hex()


@given(given=packages())
def test_a_spreadsheet_safe_copy_differs_by_its_first_apostrophes(exported, given):
    """Taking the first apostrophe of a text away gives the canonical cell again."""
    data, folder = exported(given, "csv")
    for name in data.tables:
        safe = cells(folder / f"{name}.spreadsheet-safe.csv", "utf-8-sig")
        assert [[c.removeprefix("'") for c in row] for row in safe] == cells(folder / f"{name}.csv")


@given(given=packages())
def test_parquet_gives_the_values_back(exported, given):
    """Numbers, days, lists and what is missing come back as they are."""
    data, folder = exported(given, "parquet")
    for name in data.tables:
        table = pq.read_table(folder / f"{name}.parquet").to_pylist()
        rows = [[tuple(v) if isinstance(v, list) else v for v in row.values()] for row in table]
        assert rows == list(map(list, plain(data, name)))


@times(0.3)
@given(given=packages())
def test_sqlite_has_every_row(exported, given):
    """Each table has as many rows, in the order of the file, and every key in its place."""
    data, folder = exported(given, "sqlite")
    (path,) = folder.glob("*.sqlite*")
    with closing(sqlite3.connect(path)) as base:
        for name, table in data.tables.items():
            key = table.columns[0]
            found = base.execute(f'SELECT "{key}" FROM "{name}" ORDER BY rowid').fetchall()
            assert [value for (value,) in found] == table[key].map(as_text).tolist()


@times(0.3)
@given(given=packages())
def test_two_exports_are_the_same_bytes(exported, given):
    """The same tables give the same files, whatever the format."""
    for to in ("csv", "parquet", "sqlite", "excel"):
        runs = []
        for _ in range(2):
            _, folder = exported(given, to)
            runs.append({path.name: path.read_bytes() for path in folder.iterdir()})
        assert runs[0] == runs[1], to
