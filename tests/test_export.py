"""Exports hold every cell, whole or not at all: each is read back by another library."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import jsonschema
import openpyxl
import pandas as pd
import pyarrow.parquet
import pyreadstat
import pytest

import jkrel
from jkrel import cli, export, formats, writing

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"
FORMULAS = ["=1+1", "+81 3", "-1+1", "@SUM(A1)", "＝1+1", '=HYPERLINK("a","b")', "'quoted"]
PLAIN = ["竹島/独島, 독도", "x=1", 'say "so", then', "a;b", "007", "1e5", "true", "http://a.b/c"]
LONG = "길" * 3000
KINDS = {"integer": int, "number": float, "date": date.fromisoformat, "boolean": "true".__eq__}


def strings(path, encoding="utf-8"):
    with path.open(newline="", encoding=encoding) as file:
        return list(csv.reader(file))


def with_texts(dataset, texts):
    """The dataset with these texts as titles of its first sources."""
    titles = pd.Series([*texts, *dataset.sources["title"][len(texts) :]], dtype="str")
    return replace(
        dataset, tables=dataset.tables | {"sources": dataset.sources.assign(title=titles)}
    )


@pytest.fixture(scope="module")
def data(dataset):
    """The shipped data, with texts that are hard on formats."""
    return with_texts(dataset, [*FORMULAS, *PLAIN, LONG])


@pytest.fixture(scope="module")
def exported(data, tmp_path_factory):
    """An export in each format."""
    folder = tmp_path_factory.mktemp("exports")
    return {to: export.export(data, to, folder / to).directory for to in export.WRITERS}


def value(text, column):
    """A cell of a file as its type has it; an empty list for an empty cell of a list."""
    if column.list_of is not None:
        return text.split(";") if text else []
    return KINDS.get(column.type, str)(text) if text else None


def expected(data, name):
    """The rows of a table as its canonical file has them, typed by the codebook."""
    table = data.codebook.tables[name]
    rows = strings(DATA / table.path)[1:]
    if name == "sources":
        place = table.names.index("title")
        for row, title in zip(rows, data.sources["title"], strict=True):
            row[place] = "" if pd.isna(title) else title
    return [tuple(map(value, row, table.columns)) for row in rows]


TABLES = list(jkrel.load(DATA).tables)


# Parquet


@pytest.mark.parametrize("name", TABLES)
def test_parquet_holds_every_cell(data, exported, name):
    """Read by DuckDB: days are days, lists are lists, empty cells are missing."""
    path = exported["parquet"] / f"{name}.parquet"
    assert duckdb.read_parquet(str(path)).fetchall() == expected(data, name)


def test_parquet_is_typed(exported):
    """Days are date32, ordered codes dictionaries, lists lists; nothing is of a guessed type."""
    types = pyarrow.parquet.read_schema(exported["parquet"] / "events.parquet")
    for name, kind in {
        "date_start": "date32[day]",
        "ordinal": "int64",
        "valence": "int64",
        "duration_min": "double",
        "summary": "string",
        "level": "dictionary<values=string, indices=int32, ordered=1>",
    }.items():
        assert str(types.field(name).type) == kind
    assert types.field("actors").type.value_type == pyarrow.string()


def test_parquet_explains_itself(data, exported):
    """The schema holds definitions, and labels of codes, with the version of the data."""
    schema = pyarrow.parquet.read_schema(exported["parquet"] / "events.parquet")
    level = schema.field("level").metadata
    column = next(c for c in data.codebook.tables["events"].columns if c.name == "level")
    assert level[b"description"].decode() == column.description
    assert json.loads(level[b"labels"]) == data.codebook.labels("levels")
    assert schema.metadata[b"version"].decode() == data.version


def test_parquet_has_row_groups_of_bounded_size(data, tmp_path, monkeypatch):
    """A long table is written in parts, so that it is never held twice."""
    monkeypatch.setattr(formats, "ROWS", 100)
    file = export.export(data, "parquet", tmp_path / "out").directory / "events.parquet"
    metadata = pyarrow.parquet.read_metadata(file)
    assert metadata.num_row_groups == -(-len(data.events) // 100)
    assert duckdb.read_parquet(str(file)).fetchall() == expected(data, "events")


# SQLite


@pytest.fixture(scope="module")
def base(exported):
    """A connection of its own to the database, which changes nothing."""
    path = exported["sqlite"] / "jkrel.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as found:
        found.execute("PRAGMA foreign_keys = ON")
        yield found


def from_sqlite(base, data, name):
    """A table put together from itself and its lists, as pandas reads them."""
    table = data.codebook.tables[name]
    plain = [column for column in table.columns if column.list_of is None]
    frame = pd.read_sql(f'SELECT * FROM "{name}"', base, dtype=object)
    assert list(frame) == [column.name for column in plain]
    for column in (column for column in table.columns if column.list_of is not None):
        linked = pd.read_sql(f'SELECT * FROM "{name}_{column.name}" ORDER BY position', base)
        items = linked.groupby(list(table.key))["value"].agg(list).to_dict()
        keys = frame[list(table.key)].itertuples(index=False, name=None)
        found = [items.get(key if len(key) > 1 else key[0], []) for key in keys]
        frame[column.name] = pd.Series(found, dtype=object)
    return frame[table.names].astype(object).where(frame.notna(), None)


@pytest.mark.parametrize("name", TABLES)
def test_sqlite_holds_every_cell(data, base, name):
    """Read by pandas over another connection; days are ISO texts, truth is 1 and 0."""
    rows = [
        tuple(cell.isoformat() if isinstance(cell, date) else cell for cell in row)
        for row in expected(data, name)
    ]
    found = list(from_sqlite(base, data, name).itertuples(index=False, name=None))
    assert sorted(found, key=str) == sorted(rows, key=str)


def test_sqlite_keeps_keys_and_references(data, base):
    """Every key and reference of the data package is declared, and all of them hold."""
    assert base.execute("PRAGMA foreign_key_check").fetchall() == []
    for table in data.codebook.tables.values():
        info = base.execute(f'PRAGMA table_info("{table.name}")').fetchall()
        keys = {row[1]: row[5] for row in info if row[5]}
        assert sorted(keys, key=keys.get) == list(table.key)
        references = base.execute(f'PRAGMA foreign_key_list("{table.name}")').fetchall()
        assert {(row[3], row[2], row[4]) for row in references} == set(table.references)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET level = 'emperor'",
        "UPDATE events_actors SET value = 'XXX'",
        "DELETE FROM sources",
        "INSERT INTO event_sources SELECT * FROM event_sources WHERE locator IS NULL LIMIT 1",
    ],
)
def test_sqlite_refuses_what_breaks_the_codebook(base, statement):
    """Codes, list items, references and keys with an empty part are guarded by the database."""
    with pytest.raises(sqlite3.IntegrityError):
        base.execute(statement)


def test_sqlite_refuses_data_with_a_dangling_reference(data, tmp_path):
    """What the database would not hold together is not written."""
    broken = replace(data, tables=data.tables | {"sources": data.sources.tail(1)})
    with pytest.raises(ValueError, match="event_sources names a row of sources;"):
        export.export(broken, "sqlite", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_sqlite_answers_by_actor_and_label(data, base):
    """A list is a table of its own, and a label one join away."""
    question = """
        SELECT count(*) FROM events JOIN events_actors USING (event_id)
        JOIN levels ON levels.code = events.level
        WHERE value = 'USA' AND levels.label = ?"""
    label = data.codebook.labels("levels")["leader"]
    told = data.sel(actors="USA", level="leader")
    assert base.execute(question, [label]).fetchone() == (len(told.events),)


def test_the_data_dictionary_has_every_column(data, base):
    """Name, type, title and definition of each column of each table."""
    found = pd.read_sql("SELECT * FROM data_dictionary", base)
    columns = [(t.name, c.name) for t in data.codebook.tables.values() for c in t.columns]
    assert list(zip(found["table"], found["column"], strict=True)) == columns
    assert found[["type", "title", "description"]].ne("").all(axis=None)


# Stata


def from_stata(folder, data, name, renamed):
    """A table as pyreadstat reads it, with codes found again by their numbers."""
    table = data.codebook.tables[name]
    frame, about = pyreadstat.read_dta(folder / f"{name}.dta")
    columns = {}
    for column in table.columns:
        found = renamed.get(f"{name}.{column.name}", column.name)
        cells = [None if pd.isna(cell) or cell == "" else cell for cell in frame[found]]
        if column.codes:
            rows = data.codebook.codes[column.codes]
            key = "code" if column.type == "integer" else "order"
            codes = {int(row[key]): KINDS.get(column.type, str)(row["code"]) for row in rows}
            assert about.variable_value_labels[found] == {
                int(row[key]): row["label"] for row in rows
            }
            cells = [codes.get(cell) for cell in cells]
        elif column.list_of is not None:
            cells = [value(cell or "", column) for cell in cells]
        columns[column.name] = cells
    return list(zip(*columns.values(), strict=True))


@pytest.mark.parametrize("name", TABLES)
def test_stata_holds_every_cell(data, exported, name):
    """Read by pyreadstat: codes are labelled numbers, days days, lists as in the CSV."""
    folder = exported["stata"]
    renamed = json.loads((folder / "export.json").read_text())["renamed"]
    assert from_stata(folder, data, name, renamed) == expected(data, name)


def test_stata_labels_its_variables(data, exported):
    """Titles of the codebook, days as %td, long texts as strL."""
    _, about = pyreadstat.read_dta(exported["stata"] / "events.dta", metadataonly=True)
    titles = {column.name: column.title for column in data.codebook.tables["events"].columns}
    assert about.column_names_to_labels == titles
    assert about.original_variable_types["date_start"] == "%td"
    assert data.version in about.file_label
    for name, long in (("sources", True), ("disputes", False)):
        assert (b"<strls>GSO" in (exported["stata"] / f"{name}.dta").read_bytes()) == long


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (["event_id", "Größe", "1st"], ["event_id", "Gr__e", "_1st"]),
        (["int", "str12", "_n"], ["_int", "_str12", "__n"]),
        (["x" * 40, "x" * 41], ["x" * 32, "x" * 30 + "_2"]),
    ],
)
def test_stata_names_are_made_to_fit(names, given):
    """32 letters, digits and underscores, no word of Stata's own, and no name twice."""
    assert list(formats.stata_names(names).values()) == given


def test_changed_names_are_reported(data, exported):
    """Which names Stata could not take stands beside the files."""
    renamed = json.loads((exported["stata"] / "export.json").read_text())["renamed"]
    assert renamed["disputes.case"] == "_case"
    assert {old.split(".")[0] for old in renamed} <= set(data.tables)


# Excel


@pytest.fixture(scope="module")
def book(exported):
    """The workbook, with formulas shown as such."""
    with closing(openpyxl.load_workbook(exported["excel"] / "jkrel.xlsx")) as found:
        yield found


def from_sheet(rows, columns):
    """Rows of a sheet; Excel has one kind of number, and days with a time of day."""
    kinds = [column.type for column in columns]
    for row in rows:
        cells = [cell.date() if hasattr(cell, "date") else cell for cell in row]
        cells = [
            (value(cell or "", column) if column.list_of is not None else cell)
            for cell, column in zip(cells, columns, strict=True)
        ]
        assert not any(isinstance(c, str) for c, k in zip(cells, kinds, strict=True) if k in KINDS)
        yield tuple(cells)


@pytest.mark.parametrize("name", TABLES)
def test_excel_holds_every_cell(data, book, name):
    """Read by openpyxl: a sheet per table, all code lists in one."""
    table = data.codebook.tables[name]
    rows = list(book["codes" if table.is_code_list else name].values)
    head, rows = list(rows[0]), rows[1:]
    if table.is_code_list:
        rows = [row for row in rows if row[0] == name]
    places = [head.index(column) for column in table.names]
    found = [[row[place] for place in places] for row in rows]
    assert list(from_sheet(found, table.columns)) == expected(data, name)


def test_excel_is_made_for_reading(data, book):
    """Every sheet has a head that stays, a filter over all of it, and columns wide enough."""
    own = [table.name for table in data.codebook.tables.values() if not table.is_code_list]
    assert book.sheetnames == [*own, "codebook", "codes"]
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == sheet.dimensions
        widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]]
        assert all(width >= len(cell.value) for width, cell in zip(widths, sheet[1], strict=True))


def test_excel_has_no_formula_and_no_link(book):
    """Whatever a text starts with, it is a text, also once a person edits the cell."""
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n", "d", "b"}
    assert not any(cell.hyperlink for cell in cells)
    titles = {row[3].value: row[3] for row in book["sources"].iter_rows()}
    assert all(titles[text].quotePrefix for text in FORMULAS)
    assert not any(titles[text].quotePrefix for text in PLAIN)


def test_excel_says_when_it_cannot_hold_a_cell(dataset, tmp_path):
    """A text that is too long is not cut in silence."""
    with pytest.raises(ValueError, match="sources row 2: a cell has 40,000 characters"):
        export.export(with_texts(dataset, ["x" * 40_000]), "excel", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_excel_says_when_it_cannot_hold_the_rows(dataset, tmp_path, monkeypatch):
    """A table that is too long is not cut in silence."""
    monkeypatch.setattr(formats, "SHEET_ROWS", 100)
    with pytest.raises(ValueError, match="events: Excel holds 100 rows"):
        export.export(dataset, "excel", tmp_path / "out")


def test_days_before_excels_calendar_are_texts(dataset, tmp_path):
    """Excel counts days from 1900, with a leap day too many: earlier ones stay readable."""
    days = pd.Series(["1876-02-26", "1900-03-01"], dtype="datetime64[s]")
    windows = dataset.coverage.head(2).assign(start=days)
    early = replace(dataset, tables=dataset.tables | {"coverage": windows})
    folder = export.export(early, "excel", tmp_path / "out").directory
    sheet = openpyxl.load_workbook(folder / "jkrel.xlsx")["coverage"]
    place = list(dataset.coverage).index("start") + 1
    assert sheet.cell(2, place).value == "1876-02-26"
    assert sheet.cell(3, place).value.date() == date(1900, 3, 1)


# PLOVER


@pytest.fixture(scope="module")
def records(exported):
    """The records of both files, by id."""
    lines = {
        name: (exported["plover"] / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        for name in ("plover", "extensions")
    }
    return {name: [json.loads(line) for line in found] for name, found in lines.items()}


def test_plover_records_are_valid(exported, records):
    """Against the JSON Schema beside them, which knows the types, modes and contexts."""
    schema = json.loads((exported["plover"] / "plover.schema.json").read_text(encoding="utf-8"))
    check = jsonschema.Draft202012Validator(schema)
    assert schema["required"] == ["id", "date", "actor", "recipient", "event", "mode", "context"]
    for record in [*records["plover"], *records["extensions"]]:
        assert list(check.iter_errors(record)) == []
    spoiled = records["plover"][0] | {"event": ["TALK"]}
    assert [error.message for error in check.iter_errors(spoiled)]


def test_plover_records_hold_every_cell_of_the_events(data, records):
    """The events, put together again from PLOVER's fields and the rest."""
    events = {}
    for record in [*records["plover"], *records["extensions"]]:
        event = {name: None for name in data.events} | record["jkrel"]
        event |= {"event_id": record["id"], "summary": record["comment"]}
        event |= {"date_start": record["date"], "date_end": record["enddate"]}
        event |= {"actors": [actor["code"] for actor in record["actor"]]}
        event |= {"recipients": [actor["code"] for actor in record["recipient"]]}
        place = record["event_loc"]
        event |= {"city": place.get("name"), "country": place.get("cc3")}
        days = {name: date.fromisoformat(event[name]) for name in ("date_start", "date_end")}
        events[record["id"]] = tuple((event | days).values())
    assert [events[row[0]] for row in expected(data, "events")] == expected(data, "events")


def test_plover_types_come_from_the_code_list(data, records):
    """A type that PLOVER does not have is not passed off as one that it has."""
    types = data.event_types.set_index("code")
    for record in records["plover"]:
        assert record["event"] == [types.at[record["jkrel"]["event_type"], "plover"]]
        assert record["event_scale"] == types.at[record["jkrel"]["event_type"], "plover_score"]
    for record in records["extensions"]:
        assert record["event"] == []
        assert pd.isna(types.at[record["jkrel"]["event_type"], "plover"])


@pytest.mark.parametrize(
    ("kind", "mode", "context"),
    [
        ("call", ["phone"], None),
        ("joint_exercise", [], "military"),
        ("sanction", ["discontinue"], None),
    ],
)
def test_a_detail_is_a_mode_or_a_context(records, kind, mode, context):
    """The code list has one column for both; which it is, the schema tells."""
    found = [record for record in records["plover"] if record["jkrel"]["event_type"] == kind]
    assert found
    for record in found:
        assert record["mode"] == mode
        assert context is None or context in record["context"]


def test_without_the_form_of_records_nothing_is_exported(folder, tmp_path):
    """How events become PLOVER records stands in a file of the data; its name is said."""
    (folder.path / "plover.json").unlink()
    with pytest.raises(FileNotFoundError, match="plover.json: not found; it tells how events"):
        export.export(jkrel.load(folder.path), "plover", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_announced_lies_ahead(records):
    """PLOVER's special context `future` marks events that had not happened."""
    for record in [*records["plover"], *records["extensions"]]:
        assert ("future" in record["context"]) == (record["jkrel"]["status"] == "announced")


def test_the_contexts_of_codes_exist(data):
    """Every code and context of data/plover.json is one that the lists have."""
    form = json.loads((DATA / "plover.json").read_text(encoding="utf-8"))
    known = form["record"]["properties"]["context"]["items"]["enum"]
    for column, contexts in form["contexts"].items():
        assert set(contexts) <= set(data.codes_of(column).index)
        assert {name for names in contexts.values() for name in names} <= set(known)


# CSV


@pytest.mark.parametrize("name", TABLES)
def test_canonical_csv_is_a_copy(dataset, tmp_path_factory, name):
    """Of unchanged data, byte for byte."""
    folder = tmp_path_factory.getbasetemp() / "canonical"
    if not folder.exists():
        export.export(dataset, "csv", folder)
    path = dataset.codebook.tables[name].path
    assert (folder / f"{name}.csv").read_bytes() == (DATA / path).read_bytes()


@pytest.mark.parametrize("name", TABLES)
def test_csv_of_changed_data_holds_every_cell(data, exported, name):
    """A selection, or data changed in memory, is written in the canonical form."""
    table = data.codebook.tables[name]
    rows = strings(exported["csv"] / f"{name}.csv")
    assert rows[0] == table.names
    assert [tuple(map(value, row, table.columns)) for row in rows[1:]] == expected(data, name)


@pytest.mark.parametrize("name", TABLES)
def test_the_spreadsheet_safe_copy_is_taken_back_by_one_rule(data, exported, name):
    """Without the first apostrophe of each cell it is the canonical file."""
    safe = strings(exported["csv"] / f"{name}.spreadsheet-safe.csv", "utf-8-sig")
    taken_back = [[cell.removeprefix("'") for cell in row] for row in safe]
    assert taken_back == strings(exported["csv"] / f"{name}.csv")


def test_the_spreadsheet_safe_copy_starts_no_formula(data, exported):
    """No text starts as a formula does; numbers below zero stay numbers."""
    for table in data.codebook.tables.values():
        rows = strings(exported["csv"] / f"{table.name}.spreadsheet-safe.csv", "utf-8-sig")
        for column, cells in zip(table.columns, zip(*rows[1:], strict=True), strict=True):
            if column.type in ("integer", "number"):
                assert all(cell == "" or float(cell) == float(cell) for cell in cells)
            else:
                assert not any(cell.startswith(formats.FORMULA[:-1]) for cell in cells)


@pytest.mark.parametrize("sign", [*"=+-@\t\n＝＋－＠'"])
def test_signs_that_start_a_formula(data, tmp_path, sign):
    """OWASP's list, with the wide forms that Excel takes in East Asia, and the apostrophe."""
    made = export.export(with_texts(data, [f"{sign}1"]), "csv", tmp_path / "out").directory
    safe = strings(made / "sources.spreadsheet-safe.csv", "utf-8-sig")
    assert safe[1][safe[0].index("title")] == f"'{sign}1"
    plain = strings(made / "sources.csv")
    assert plain[1][plain[0].index("title")] == f"{sign}1"


# The folder


@pytest.mark.parametrize("to", export.WRITERS)
def test_two_exports_are_the_same_bytes(data, exported, tmp_path, to):
    """No time, no order of chance."""
    again = export.export(data, to, tmp_path / "again").directory
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in exported[to].iterdir()
    }


@pytest.mark.parametrize("to", sorted(export.WRITERS.keys() - {"sqlite"}))
def test_an_empty_selection_is_exported(dataset, tmp_path, to):
    """Tables without rows keep their columns; SQLite would miss the events that forecasts name."""
    empty = dataset.only([])
    made = export.export(empty, to, tmp_path / "out")
    assert set(made.files) == {path.name for path in made.directory.iterdir()}


def test_an_export_tells_what_it_is(data, exported):
    """Format, version and fingerprint of the data, licence, and the files."""
    for to, folder in exported.items():
        about = json.loads((folder / "export.json").read_text(encoding="utf-8"))
        assert (about["format"], about["version"]) == (to, data.version)
        assert about["fingerprint"] == data.fingerprint()
        assert {*about["files"], "export.json"} == {path.name for path in folder.iterdir()}


def test_nothing_is_overwritten_unasked(data, tmp_path):
    """What is there stays; an earlier export goes only by --force, other files never."""
    target = tmp_path / "out"
    export.export(data, "plover", target)
    with pytest.raises(FileExistsError, match="add --force"):
        export.export(data, "csv", target)
    assert (target / "plover.jsonl").is_file()
    export.export(data, "csv", target, force=True)
    assert not (target / "plover.jsonl").exists()
    (target / "thesis.docx").touch()
    with pytest.raises(FileExistsError, match="holds what no export wrote: thesis.docx"):
        export.export(data, "plover", target, force=True)
    assert (target / "events.csv").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name != "posix", reason="Windows asks for a right to make links")
def test_an_export_through_a_link_goes_where_it_leads(data, tmp_path):
    """As often as asked for: the link stays, and nothing lies beside it or its folder."""
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "real", tmp_path / "out"
    export.export(data, "plover", target)
    link.symlink_to(target)
    for to in ("csv", "plover", "csv"):
        export.export(data, to, link, force=True)
    assert link.is_symlink() and (target / "events.csv").is_file()
    assert sorted(os.listdir(tmp_path)) == ["disk", "out"]
    assert os.listdir(tmp_path / "disk") == ["real"]


@pytest.mark.parametrize("to", export.WRITERS)
def test_an_export_that_fails_leaves_all_as_it_was(data, tmp_path, monkeypatch, to):
    """Whatever breaks, the earlier export stands, and nothing lies beside it."""
    target = export.export(data, "csv", tmp_path / "out").directory
    before = {path.name: path.read_bytes() for path in target.iterdir()}

    def fail(*_):
        (tmp_path / ".out.part" / "half").touch()
        raise OSError("no space left")

    monkeypatch.setitem(export.WRITERS, to, fail)
    with pytest.raises(OSError, match="no space left"):
        export.export(data, to, target, force=True)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


SLOW = """
import sys, time, jkrel
from jkrel import export
def slow(dataset, folder):
    (folder / "half").touch()
    print("half", flush=True)
    time.sleep(60)
export.WRITERS["csv"] = slow
export.export(jkrel.load(), "csv", sys.argv[1], force=True)
"""


def test_an_export_that_is_killed_leaves_the_old_state(data, tmp_path):
    """The earlier export stands, and the next one clears away what was left."""
    target = export.export(data, "plover", tmp_path / "out").directory
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    command = [sys.executable, "-c", SLOW, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ, cwd=ROOT) as process:
        assert process.stdout.readline() == b"half\n"
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    export.export(data, "csv", target, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("earlier", [True, False])
def test_an_export_that_cannot_take_its_name_leaves_all_as_it_was(
    data, tmp_path, monkeypatch, earlier
):
    """The last step may fail as well, for example for a file that another program holds."""
    target, rename = tmp_path / "out", Path.rename
    monkeypatch.setattr(writing, "_swapped", lambda *_: False)
    if earlier:
        export.export(data, "plover", target)

    def refuse(path, new):
        if path.name.endswith(".part"):
            raise PermissionError("in use")
        return rename(path, new)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError, match="in use"):
        export.export(data, "csv", target, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"] * earlier
    assert not earlier or (target / "plover.jsonl").is_file()


AT_A_NAME = """
import os, signal, sys, jkrel
from jkrel import export, writing
number, seen = int(sys.argv[2]), 0
if sys.argv[3] == "renamed":
    writing._swapped = lambda *_: False
def step(event, given):
    global seen
    seen += event in ("os.rename", "os.rmdir", "shutil.rmtree")
    if event in ("os.rename", "os.rmdir", "shutil.rmtree") and seen == number:
        os.kill(os.getpid(), signal.SIGKILL)
data = jkrel.load()
sys.addaudithook(step)
export.export(data, "plover", sys.argv[1], force=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL as on Unix")
@pytest.mark.parametrize("way", ["swapped", "renamed"])
def test_an_export_killed_at_any_name_leaves_the_old_state_or_the_new(data, tmp_path, way):
    """Before and after each renaming and clearing; the next start settles, a swap needs none."""
    states, killed = set(), True
    for number in range(1, 20):
        target = tmp_path / f"{way}{number}" / "out"
        export.export(data, "plover", target)
        (target / "extensions.jsonl").write_text("earlier")
        command = [sys.executable, "-c", AT_A_NAME, str(target), str(number), way]
        killed = subprocess.run(command, cwd=ROOT).returncode == -signal.SIGKILL
        assert target.is_dir() or way == "renamed"
        with pytest.raises(FileExistsError, match="add --force"):
            export.export(data, "plover", target)
        assert (target / export.ABOUT).is_file()
        states.add((target / "extensions.jsonl").read_text() == "earlier")
        if not killed:
            break
    assert states == {True, False} and not killed


@pytest.mark.skipif(sys.platform not in ("linux", "darwin"), reason="needs a system that can swap")
def test_a_later_export_takes_its_place_in_one_step(data, tmp_path, monkeypatch):
    """Where names can be swapped, the folder is renamed once, and is never away."""
    target = export.export(data, "csv", tmp_path / "out").directory
    monkeypatch.setattr(Path, "rename", lambda *_: pytest.fail("two renamings"))
    export.export(data, "plover", target, force=True)
    assert (target / "plover.jsonl").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_export_killed_between_two_names_comes_back(data, tmp_path):
    """Put aside and not yet replaced, the earlier export is found again."""
    target = export.export(data, "plover", tmp_path / "out").directory
    target.rename(tmp_path / ".out.replaced")
    with pytest.raises(FileExistsError, match="add --force"):
        export.export(data, "plover", target)
    assert (target / "plover.jsonl").is_file()


def test_a_format_that_does_not_exist(data, tmp_path):
    """The message names those that do."""
    with pytest.raises(ValueError, match="no format 'spss'; there are: parquet, sqlite, stata"):
        export.export(data, "spss", tmp_path / "out")


def test_a_package_that_is_missing(data, tmp_path, monkeypatch):
    """The message says how to get it, and nothing is written."""
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    with pytest.raises(ValueError, match="excel needs xlsxwriter; install jkrel with its extra"):
        export.export(data, "excel", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_the_data_are_not_changed(data, tmp_path):
    """An export reads the tables and leaves them alone."""
    before = {name: table.copy() for name, table in data.tables.items()}
    for to in export.WRITERS:
        export.export(data, to, tmp_path / to)
    for name, table in data.tables.items():
        pd.testing.assert_frame_equal(table, before[name])


# The command


def test_the_command_exports_a_data_folder(folder, tmp_path, capsys):
    """Which names were changed is said, and how many files there are."""
    target = tmp_path / "out"
    command = ["export", "--to", "stata", str(target), "--data", str(folder.path)]
    assert cli.main(command) == 0
    printed = capsys.readouterr().out
    assert "disputes.case: its name there is _case" in printed
    assert printed.endswith(f"{target}: {len(list(target.iterdir()))} files\n")
    assert cli.main(command) == 2
    assert "add --force" in capsys.readouterr().err
    assert cli.main([*command, "--force"]) == 0
