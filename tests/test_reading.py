"""Whatever is wrong with a file or a cell, the error names it, and nothing is half-loaded."""

import csv
import gzip
import sys

import pytest
from conftest import DATA

from jkrel import DataError, check, codebook, load
from jkrel.reading import as_text, describe, read_strings

EVENT = "cc24-3-009a"


def problems(folder):
    """Load the folder, which must fail, and return the problems found."""
    with pytest.raises(DataError) as caught:
        load(folder.path)
    return caught.value.problems


def change_line(raw, number, change):
    """Apply `change` to one line of a file, counted from 1."""
    lines = raw.split(b"\n")
    lines[number - 1] = change(lines[number - 1])
    return b"\n".join(lines)


def move_first_column(raw):
    rows = [line.split(b",", 1) for line in raw.split(b"\n") if line]
    return b"".join(rest + b"," + first + b"\n" for first, rest in rows)


FORMS = {
    "latin-1": (lambda raw: change_line(raw, 2, lambda line: line + b"\xe9"), "encoding", 2),
    "UTF-16": (lambda raw: raw.decode().encode("utf-16"), "encoding", 1),
    "byte order mark": (lambda raw: b"\xef\xbb\xbf" + raw, "byte order mark", 1),
    "Windows line ends": (lambda raw: raw.replace(b"\n", b"\r\n"), "line ends", 1),
    "semicolons": (lambda raw: raw.replace(b",", b";"), "delimiter", 1),
    "extra column": (lambda raw: change_line(raw, 1, lambda line: line + b",more"), "columns", 1),
    "missing column": (
        lambda raw: change_line(raw, 1, lambda line: line.partition(b",")[2]),
        "columns",
        1,
    ),
    "reordered columns": (move_first_column, "columns", 1),
    "short row": (lambda raw: change_line(raw, 3, lambda line: b"one,two"), "cells", 3),
    "long row": (lambda raw: change_line(raw, 3, lambda line: line + b",,,"), "cells", 3),
    "blank row": (lambda raw: change_line(raw, 3, lambda line: b""), "cells", 3),
    "one Windows line end": (
        lambda raw: change_line(raw, 3, lambda line: line + b"\r"),
        "line ends",
        3,
    ),
    "gzip": (gzip.compress, "encoding", 1),
    "cut within a row": (lambda raw: raw[: raw.rindex(b",")], "cells", None),
    "a field of a megabyte": (
        lambda raw: change_line(raw, 3, lambda line: line + b"x" * 2**20),
        "quotes",
        3,
    ),
    "NUL byte": (lambda raw: change_line(raw, 3, lambda line: line + b"\0"), "NUL byte", 3),
    "header only": (lambda raw: raw.partition(b"\n")[0] + b"\n", "empty", ""),
    "empty file": (lambda raw: b"", "columns", 1),
}


@pytest.fixture(params=["as a small one", "as a large one"])
def read_so(request, monkeypatch):
    """A file is read row by row, or all at once."""
    if request.param == "as a large one":
        monkeypatch.setattr("jkrel.reading.LARGE", 0)


def test_a_large_file_is_read_without_pyarrow_too(monkeypatch):
    """The package that reads large files at once may be missing; the cells are the same."""
    book = codebook.read(DATA)
    path, table = DATA / "events.csv", book.tables["events"]
    monkeypatch.setattr("jkrel.reading.LARGE", 0)
    at_once = read_strings(path, table)[0]
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    by_row = read_strings(path, table)[0]
    for name in table.names:
        both = [[found.texts[i] for i in found.places] for found in (at_once[name], by_row[name])]
        assert both[0] == both[1]


@pytest.mark.usefixtures("read_so")
@pytest.mark.parametrize("table", ["participants", "codes/levels"])
@pytest.mark.parametrize(("spoil", "rule", "row"), FORMS.values(), ids=list(FORMS))
def test_a_file_of_another_form_is_named(folder, table, spoil, rule, row):
    """The form of a file, table or code list, is one problem with file, row and rule."""
    file = folder.file(table)
    file.write_bytes(spoil(file.read_bytes()))
    found = problems(folder)
    found = found[found["file"].eq(f"{table}.csv")].to_dict("records")
    last = len(file.read_bytes().splitlines())
    assert (found[0]["rule"], found[0]["row"]) == (rule, last if row is None else row)


def test_the_longest_field_is_ours_to_set(folder):
    """It is the same where another package raised the limit of the process, which stays so."""
    file = folder.file("participants")
    file.write_bytes(FORMS["a field of a megabyte"][0](file.read_bytes()))
    before = csv.field_size_limit(2**30)
    try:
        assert set(problems(folder)["rule"]) == {"quotes"}
        assert csv.field_size_limit() == 2**30
    finally:
        csv.field_size_limit(before)


@pytest.mark.parametrize("table", ["participants", "codes/levels"])
def test_a_missing_file_is_named(folder, table):
    """A file that the data package names and the folder lacks is a problem of its own."""
    folder.file(table).unlink()
    assert (f"{table}.csv", "missing file") in set(
        problems(folder)[["file", "rule"]].itertuples(index=False, name=None)
    )


@pytest.mark.parametrize("table", ["participants", "codes/levels"])
def test_a_quote_left_open_is_named(folder, table):
    """A quote without its end makes the rest of a file unreadable, and is named so."""
    file = folder.file(table)
    file.write_bytes(change_line(file.read_bytes(), 3, lambda line: b'"' + line))
    found = problems(folder)
    assert "quotes" in set(found.loc[found["file"].eq(f"{table}.csv"), "rule"])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (FORMS["extra column"][0], "not in the codebook: more"),
        (FORMS["missing column"][0], "missing: event_id"),
        (FORMS["reordered columns"][0], "the order is event_id, country"),
    ],
)
def test_differing_columns_are_spelled_out(folder, spoil, words):
    """The message says which columns are missing or extra, or what their order is."""
    file = folder.file("participants")
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(DataError, match=words):
        load(folder.path)


@pytest.mark.parametrize(
    ("table", "code", "column", "value"),
    [
        ("codes/levels", "working", "order", "six"),
        ("codes/levels", "working", "order", ""),
        ("codes/valences", "0", "code", "zero"),
        ("codes/levels", "working", "code", "minister"),
    ],
)
def test_a_bad_cell_of_a_code_list_is_named(folder, table, code, column, value):
    """A code list with a bad order or code, or a code twice, is a problem with its cell."""
    (row,) = folder.lines(table, code)
    folder.change(table, code, {column: value})
    found = check.problems(folder.path)
    places = set(found[["file", "row", "column"]].itertuples(index=False, name=None))
    assert (f"{table}.csv", row, column) in places


def test_an_empty_code_list_is_one_problem(folder):
    """A code list without rows is reported once, not again for each cell that uses its codes."""
    folder.file("codes/levels").write_text("code,label,definition,order,ranked\n", "utf-8")
    assert problems(folder)["file"].tolist() == ["codes/levels.csv"]


CELLS = [
    ("date_start", "2023-02-29", "date"),
    ("date_start", "0000-01-01", "date"),
    ("date_start", "1/9/2022", "date"),
    ("date_start", "2022-9-1", "date"),
    ("date_start", "20220901", "date"),
    ("date_start", "2022-09-22T00:00", "date"),
    pytest.param("date_start", "２０２２-09-22", "width", id="date_start-wide digits-width"),
    ("date_start", "1022-09-22", "date"),
    ("date_start", "44826", "date"),
    ("date_start", "", "required"),
    ("level", "leeder", "code"),
    ("level", "Leader", "code"),
    pytest.param("level", "le\u0430der", "lookalike", id="level-Cyrillic a-lookalike"),
    pytest.param("city", "T\u03bfkyo", "lookalike", id="city-Greek o-lookalike"),
    pytest.param("city", "SÃ£o Paulo", "encoding", id="city-misread UTF-8-encoding"),
    ("city", "N/A", "placeholder"),
    ("city", "nan", "placeholder"),
    ("city", "#REF!", "placeholder"),
    ("note", "A note cut in the mid", "pattern"),
    ("valence", "2", "code"),
    ("valence", "+1", "code"),
    ("actors", "KOR;JPN", "code"),
    ("actors", "JPN;JPN", "code"),
    ("actors", "JPN;XXX", "code"),
    ("actors", "JPN; KOR", "pattern"),
    ("actors", "jpn;kor", "pattern"),
    ("actors", "JPN;KOR;", "pattern"),
    ("other_issues", "north_korea;economy", "code"),
    ("city", " New York", "blanks"),
    ("city", "New York ", "blanks"),
    ("city", "New\u00a0York", "characters"),
    ("city", "New\u200bYork", "characters"),
    ("city", "New\nYork", "characters"),
    pytest.param("city", "Sa\u0303o Paulo", "Unicode", id="city-decomposed-Unicode"),
    ("ordinal", "2.0", "integer"),
    ("ordinal", "1,000", "integer"),
    ("ordinal", "first", "integer"),
    ("ordinal", "0", "minimum"),
    pytest.param("ordinal", "１", "width", id="ordinal-wide digit-width"),
    ("ordinal", "9" * 20, "integer"),
    ("duration_min", "1,440", "number"),
    ("duration_min", "1e2", "number"),
    ("duration_min", "45 min", "number"),
    ("duration_min", "0", "minimum"),
    ("duration_min", "1441", "maximum"),
    pytest.param("summary", "x" * 160 + ".", "length", id="summary-161 characters-length"),
    ("summary", "Too sho.", "length"),
    ("responds_to", "cc24-3-9", "pattern"),
]


@pytest.mark.parametrize(("column", "value", "rule"), CELLS)
def test_a_bad_cell_is_one_problem(folder, column, value, rule):
    """A bad cell is named by file, spreadsheet row, column, value and rule, and nothing else is."""
    (row,) = folder.lines("events", EVENT)
    folder.change("events", EVENT, {column: value})
    found = problems(folder).drop(columns="message").to_dict("records")
    assert found == [
        {"file": "events.csv", "row": row, "column": column, "value": value, "rule": rule}
    ]


@pytest.mark.parametrize(
    ("table", "where", "column", "value", "rule"),
    [
        ("mechanisms", "trilateral_leaders_summit", "camp_david", "TRUE", "boolean"),
        ("event_sources", EVENT, "entry_sha256", "abc", "pattern"),
        ("sources", "cc24-3", "url", "www.example.org", "pattern"),
        ("sources", "cc24-3", "archive_url", "https://cc.pacforum.org/", "pattern"),
        ("sources", "cc24-3", "accessed", "20 Nov 2026", "date"),
        ("codes/themes", "history", "color", "red", "pattern"),
    ],
)
def test_a_bad_cell_of_any_table_is_named(folder, table, where, column, value, rule):
    """Other tables and code lists are read as strictly as events."""
    row = folder.lines(table, where)[0]
    folder.change(table, where, {column: value})
    found = problems(folder).iloc[0]
    assert (found["file"], found["row"], found["column"]) == (f"{table}.csv", row, column)
    assert found["rule"] == rule


@pytest.mark.parametrize("value", ["x" * 159 + ".", "Ten signs."])
def test_the_longest_and_the_shortest_summary_are_allowed(folder, value):
    """Limits belong to what is allowed: 10 and 160 characters are fine."""
    folder.change("events", EVENT, {"summary": value})
    assert value in set(load(folder.path).events["summary"])


def test_the_problems_of_all_files_come_at_once(folder):
    """One reading finds every problem of every file, whatever its kind."""
    folder.change("events", EVENT, {"date_start": "2023-02-29", "level": "leeder"})
    folder.change("coverage", "leaders-2019-12", {"completeness": "whole"})
    folder.file("participants").write_bytes(b"")
    found = problems(folder)
    assert sorted(zip(found["file"], found["column"], strict=True)) == [
        ("coverage.csv", "completeness"),
        ("events.csv", "date_start"),
        ("events.csv", "level"),
        ("participants.csv", ""),
    ]


def test_the_message_shows_twenty_problems_and_counts_the_rest(folder):
    """A long list is cut, and says how much is left."""
    rows = folder.rows("events")
    folder.write("events", [row | {"status": "done"} for row in rows])
    with pytest.raises(DataError) as caught:
        load(folder.path)
    lines = str(caught.value).split("\n")
    assert lines[0] == f"{len(rows)} problems in the data"
    assert lines[-1] == f"... and {len(rows) - 20} more"
    assert len(lines) == 22


def test_a_problem_reads_as_one_line():
    """A line has file, row, column, rule, value and the way out; a long value is cut."""
    problem = {"file": "events.csv", "row": 7, "column": "city", "value": "y" * 100}
    line = describe(problem | {"rule": "length", "message": "is too long"})
    assert line == f"events.csv row 7 city: [length] {'y' * 57 + '...'!r} is too long"


def test_a_problem_of_a_whole_file_names_no_cell():
    """Where there is no row, column or value, the line leaves them out."""
    problem = {"file": "events.csv", "row": "", "column": "", "value": ""}
    line = describe(problem | {"rule": "empty", "message": "has no rows"})
    assert line == "events.csv: [empty] has no rows"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567.5, "1234567.5"), (12.0, "12"), (0.00001, "0.00001"), (-0.5, "-0.5")],
)
def test_a_number_keeps_its_digits(value, text):
    """A number is written as a file has it: every digit, and no power of ten."""
    assert as_text(value) == text
