"""The check finds every problem in one pass, names its cell, and survives whatever it meets."""

import pytest

from jkrel import check, load, rules

EVENT = "cc24-3-009a"


def test_the_shipped_data_have_no_problem():
    """Every rule holds for the data of this repository."""
    assert check.problems().to_dict("records") == []


def test_a_problem_has_its_place_and_its_rule(folder):
    """A problem names file, spreadsheet row, column, value as written, rule, and what to do."""
    folder.change("events", EVENT, {"date_end": "2022-09-21"})
    (row,) = folder.lines("events", EVENT)
    (problem,) = check.problems(folder.path).to_dict("records")
    assert problem == {
        "file": "events.csv",
        "row": row,
        "column": "date_end",
        "value": "2022-09-21",
        "rule": "days in order",
        "message": "is earlier than date_start",
    }


def test_a_value_is_shown_as_it_stands_in_the_file(folder):
    """Lists, numbers, codes and days look as in the file, so that a search finds them."""
    edits = {
        ("events", "cc24-3-007a", "recipients"): "JPN;USA",
        ("events", "cc24-3-007a", "ordinal"): "2",
        ("events", "cc24-3-002a", "duration_min"): "45",
        ("events", EVENT, "valence"): "0",
        ("coverage", "chronology-cc24-3", "last_entry"): "2023-01-01",
    }
    for (table, where, column), value in edits.items():
        folder.change(table, where, {column: value})
    found = check.problems(folder.path)
    shown = dict(zip(found["column"], found["value"].map(str), strict=True))
    assert shown == {column: value for (_, _, column), value in edits.items()}


def test_rules_wait_for_readable_cells(folder):
    """While a cell cannot be read, only cells are reported: one slip is reported once."""
    folder.change("events", EVENT, {"date_start": "2022-9-22", "format": "trilateral"})
    assert check.problems(folder.path)["rule"].tolist() == ["date"]


def test_all_rules_report_at_once(folder):
    """Problems of several rules and tables come in one pass."""
    folder.change("events", EVENT, {"format": "trilateral", "valence": "0"})
    folder.change("coverage", "leaders-2019-12", {"end": "2019-12-23"})
    found = check.problems(folder.path)
    assert set(found["rule"]) == {"formats", "valences", "days in order", "days in period"}


def test_the_folder_of_the_environment_is_checked(folder, monkeypatch):
    """Without an argument, the folder in JKREL_DATA is checked."""
    folder.change("events", EVENT, {"level": "leeder"})
    monkeypatch.setenv("JKREL_DATA", str(folder.path))
    assert check.problems()["value"].tolist() == ["leeder"]


@pytest.mark.parametrize(
    ("table", "where", "column"),
    [
        ("event_sources", "leaders-037a", "event_id"),
        ("participants", "leaders-037a", "event_id"),
        ("designations", "leaders-037a", "event_id"),
        ("events", "cc24-3-001a", "mechanism"),
        ("coverage", "chronology-cc24-3", "source_id"),
    ],
)
def test_a_reference_to_nothing_is_reported(folder, table, where, column):
    """A row that refers to nothing is a problem like any other, and no crash."""
    folder.change(table, where, {column: "leaders-099a"})
    row = folder.lines(table, {column: "leaders-099a"})[0]
    found = check.problems(folder.path)
    found = found[found["rule"].eq("references")].iloc[0]
    assert (found["file"], found["row"], found["column"]) == (f"{table}.csv", row, column)


@pytest.mark.parametrize("table", ["events", "mechanisms", "sources", "participants"])
def test_a_row_that_stands_twice_is_reported(folder, table):
    """The second of two rows with one key is a problem like any other, and no crash."""
    rows = folder.rows(table)
    folder.add(table, rows[-1])
    found = check.problems(folder.path)
    found = found[found["rule"].eq("unique keys")].iloc[0]
    assert (found["file"], found["row"]) == (f"{table}.csv", len(rows) + 2)


def test_a_row_that_stands_twice_is_one_problem(folder):
    """A mechanism entered twice says nothing about the events that are its sessions."""
    folder.add("mechanisms", folder.rows("mechanisms")[0])
    assert set(check.problems(folder.path)["rule"]) == {"unique keys"}


def test_a_passage_of_the_body_is_no_entry_of_the_chronology(folder):
    """An event of the body coded as one of the chronology is a problem, and no crash."""
    folder.change("events", "cc24-3-b01a", {"section": "chronology"})
    found = check.problems(folder.path)
    assert ("events.csv", "entry numbers") in set(zip(found["file"], found["rule"], strict=True))


@pytest.mark.parametrize(
    ("table", "record", "field", "new"),
    [
        ("events", EVENT, "duration_min", "30"),
        ("events", EVENT, "valence", "1"),
        ("events", EVENT, "date_start", "2022-09-22"),
        ("events", EVENT, "actors", "JPN;KOR"),
        ("events", EVENT, "mechanism", ""),
        ("events", "cc26-1-002a", "ordinal", "1"),
        ("mechanisms", "trilateral_leaders_summit", "camp_david", "true"),
    ],
)
def test_a_change_that_was_made_is_no_problem(folder, table, record, field, new):
    """The value of a change, written as in the file, agrees with the value now, of any type."""
    change = {"table": table, "record_id": record, "field": field, "new": new}
    folder.add("changes", change | {"change_id": "99", "reason": "Test.", "version": "0.1.0"})
    assert list(rules.changes(load(folder.path))) == []


def test_the_count_is_that_of_all_rows_and_rules(dataset):
    """What was checked: all rows of all tables, and more constraints than rules between cells."""
    rows, rules = check.count(dataset)
    assert rows == sum(map(len, dataset.tables.values()))
    assert rules > len(check.all_rules())
