"""Whatever stands in the files: tables, or every problem with its file, row and column."""

import csv
import io
from unittest.mock import patch

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from strategies import ANY_TEXT, CLEAN, packages

from jkrel import DataError, load
from jkrel.data import read
from jkrel.reading import as_frame, as_text

CELL = CLEAN | st.text(max_size=6) | st.sampled_from(["", "1", "-0", "true", "2031-05-01", "NA"])
SIGNS = st.sampled_from(['"', '""', ",", "\n", "a", '"a"', ",,,,", " ", "ä"])


def columns(package):
    """The fields of each table, by its file."""
    resources = package["resources"]
    return {r["path"]: [field["name"] for field in r["schema"]["fields"]] for r in resources}


def look(folder, package):
    """List the problems of a folder that is loaded or refused; each has its place."""
    try:
        load(folder)
    except DataError as error:
        fields = columns(package)
        for problem in error.problems.itertuples():
            lines = (folder / problem.file).read_bytes().count(b"\n") + 1
            assert problem.row == "" or 1 <= problem.row <= lines
            assert problem.column in ("", *fields[problem.file])
            assert problem.rule and problem.message
        assert f"{len(error.problems)} problem" in str(error)
        return error.problems
    return as_frame([])


@given(given=packages())
def test_no_row_is_lost_or_added(made, given):
    """Tables have the rows of their files, in their order."""
    package, rows = given
    data = load(made(package, rows))
    for name, table in data.tables.items():
        assert table.iloc[:, 0].map(as_text).tolist() == [row[0] for row in rows[name]]


@given(given=packages())
def test_what_is_written_and_read_again_is_the_same(made, given):
    """Cells come back as they were: numbers to the last digit, dates, lists, words."""
    package, rows = given
    once = load(made(package, rows))
    text = {name: table.map(as_text).to_numpy().tolist() for name, table in once.tables.items()}
    again = load(made(package, text))
    for name, table in once.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)
        assert again.tables[name].map(as_text).to_numpy().tolist() == text[name]


@given(given=packages(), cell=CELL, data=st.data())
def test_a_spoilt_cell_is_read_or_named(made, given, cell, data):
    """Any words in any cell of a table: the table, or problems of that cell alone."""
    package, rows = given
    row = data.draw(st.integers(0, len(rows["kites"]) - 1))
    column = data.draw(st.integers(0, len(rows["kites"][0]) - 1))
    rows["kites"][row][column] = cell
    for problem in look(made(package, rows), package).itertuples():
        assert problem.file == "kites.csv"
        assert problem.row - row - 2 in range(cell.count("\n") + 1)
        assert problem.column in ("", columns(package)["kites.csv"][column])


@given(given=packages(), cell=CELL, data=st.data())
def test_a_spoilt_code_list_is_read_or_named(made, given, cell, data):
    """Any words in a list of codes: tables, or problems there or in what uses the code."""
    package, rows = given
    row = data.draw(st.integers(0, len(rows["colours"]) - 1))
    rows["colours"][row][data.draw(st.integers(0, 2))] = cell
    look(made(package, rows), package)


@given(given=packages(), data=st.data())
def test_spoilt_bytes_are_read_or_named(made, given, data):
    """Any bytes put anywhere in a file, or in the place of it, end in tables or in problems."""
    package, rows = given
    folder = made(package, rows)
    file = folder / data.draw(st.sampled_from(sorted(columns(package))))
    raw = file.read_bytes()
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.sampled_from([start, len(raw)]) | st.integers(start, len(raw)))
    signs = st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b";"])
    inside = data.draw(st.binary(max_size=9) | st.lists(signs, max_size=3).map(b"".join))
    file.write_bytes(raw[:start] + inside + raw[end:])
    look(folder, package)


@given(given=packages(), text=ANY_TEXT)
def test_a_file_of_any_text_is_read_or_named(made, given, text):
    """A file with the right header and any text under it."""
    package, rows = given
    folder = made(package, rows)
    file = folder / "kites.csv"
    head = file.read_bytes().partition(b"\n")[0]
    file.write_bytes(head + b"\n" + text.encode("utf-8", "surrogatepass"))
    look(folder, package)


@given(given=packages(), cells=st.lists(st.lists(CELL, max_size=5), max_size=5))
def test_rows_of_any_length_are_read_or_named(made, given, cells):
    """Cells too many or too few are named with their row; the rows before and after stand."""
    package, rows = given
    folder = made(package, rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(cells)
    with (folder / "kites.csv").open("a", encoding="utf-8", newline="") as file:
        file.write(text.getvalue())
    if look(folder, package).empty:
        assert len(load(folder).kites) == len(rows["kites"]) + len(cells)


def either_way(folder):
    """Read a folder row by row and at once, as large files are, and return both results."""
    found = []
    for large in (float("inf"), 0):
        with patch("jkrel.reading.LARGE", large):
            found.append(read(folder))
    return found


@given(given=packages(), text=ANY_TEXT | st.lists(SIGNS, max_size=12).map("".join))
def test_a_large_file_is_read_as_a_small_one(made, given, text):
    """Tables and problems do not depend on how a file is read, whatever quotes stand in it."""
    package, rows = given
    folder = made(package, rows)
    with (folder / "kites.csv").open("ab") as file:
        file.write(text.encode("utf-8", "surrogatepass"))
    (small, problems), (large, same) = either_way(folder)
    assert problems == same
    for name, table in small.tables.items():
        pd.testing.assert_frame_equal(table, large.tables[name])
