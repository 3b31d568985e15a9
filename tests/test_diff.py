"""What differs between two states of the data, and whether a reason stands for it."""

import json
import subprocess

import pytest
from conftest import DATA

from jkrel import cli, diff

SUMMIT = "cc24-3-009a"
REASON = "The readout names the island."


def differences(folder):
    """What the folder changed of the shipped data, without the reasons."""
    found = diff.rows(DATA, folder.path)
    return [tuple(row[:-1]) for row in found.itertuples(index=False)]


def record(folder, **cells):
    """Add a row to the changes of a folder."""
    folder.add("changes", {"change_id": "900", "table": "events", "version": "9.0.0"} | cells)


def test_the_same_data_do_not_differ(folder):
    """A copy has no difference."""
    assert diff.rows(DATA, folder.path).empty


def test_a_recoded_cell_is_named_with_both_values(folder):
    """A cell with another value is one difference: table, key, column, old, new."""
    folder.change("events", SUMMIT, {"city": "Manhattan"})
    assert differences(folder) == [("events", SUMMIT, "recoded", "city", "New York", "Manhattan")]


def test_a_row_of_a_longer_key_is_matched_by_all_of_it(folder):
    """Rows with a key of several columns are matched by all of them."""
    key = {name: folder.rows("participants")[0][name] for name in ("event_id", "name", "role")}
    folder.change("participants", key, {"office": "other office"})
    ((*place, _, new),) = differences(folder)
    assert place == ["participants", " ".join(key.values()), "recoded", "office"]
    assert new == "other office"


def test_rows_added_and_removed_are_told_once(folder):
    """A row that is new, or gone, is one difference whatever its cells."""
    row = folder.rows("events")[0]
    folder.add("events", row | {"event_id": "cc24-3-001z"})
    folder.change("events", SUMMIT, None)
    assert differences(folder) == [
        ("events", "cc24-3-001z", "row added", "", "", ""),
        ("events", SUMMIT, "row removed", "", "", ""),
    ]


def test_the_order_of_rows_is_no_difference(folder):
    """The same rows in another order are the same data."""
    folder.write("events", folder.rows("events")[::-1])
    assert differences(folder) == []


def test_columns_and_tables_that_came_or_went_are_told_once(folder):
    """A difference each, whatever their cells; none of them needs a reason."""
    path = folder.path / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    tables = {item["name"]: item for item in package["resources"]}
    told = {"type": "string", "title": "Weather", "description": "As the source has it."}
    tables["events"]["schema"]["fields"].append({"name": "weather"} | told)
    folder.write("events", [row | {"weather": "fair"} for row in folder.rows("events")])
    tables["forecasts"]["name"] = "outlooks"
    path.write_text(json.dumps(package), encoding="utf-8")
    here = [("events", "", "column added", "weather", "", "")]
    here += [("forecasts", "", "table removed", "", "", "")]
    here += [("outlooks", "", "table added", "", "", "")]
    assert sorted(differences(folder)) == sorted(here)
    back = diff.rows(folder.path, DATA)
    assert sorted(back["kind"]) == ["column removed", "table added", "table removed"]
    assert diff.unexplained(back).empty


def test_a_table_that_cannot_be_read_is_named(folder):
    """Nothing is compared with a table of which some rows could not be read."""
    with folder.file("events").open("a", encoding="utf-8") as file:
        file.write("cc24-3-999a,one cell too few\n")
    with pytest.raises(ValueError, match="events.csv"):
        diff.rows(DATA, folder.path)


def test_data_of_before_ids_were_listed_are_compared(folder):
    """Without a list of released events the reason for one that is gone is empty."""
    path = folder.path / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    kept = [item for item in package["resources"] if item["name"] != "released_events"]
    path.write_text(json.dumps(package | {"resources": kept}), encoding="utf-8")
    folder.change("events", SUMMIT, None)
    found = diff.rows(DATA, folder.path)
    assert diff.unexplained(found)[["key", "kind"]].values.tolist() == [[SUMMIT, "row removed"]]


def test_a_recoding_without_a_reason_is_open(folder):
    """What was recoded or removed needs a reason; what was added does not."""
    folder.change("events", SUMMIT, {"city": "Manhattan"})
    folder.add("events", folder.rows("events")[0] | {"event_id": "cc24-3-001z"})
    found = diff.rows(DATA, folder.path)
    assert diff.unexplained(found)["key"].tolist() == [SUMMIT]


def test_the_reason_in_changes_settles_it(folder):
    """A row of changes that gives the cell its new value is the reason of the difference."""
    folder.change("events", SUMMIT, {"city": "Manhattan"})
    record(folder, record_id=SUMMIT, field="city", old="New York", new="Manhattan", reason=REASON)
    found = diff.rows(DATA, folder.path)
    assert diff.unexplained(found).empty
    assert found.loc[found["table"].eq("events"), "reason"].tolist() == [REASON]


def test_a_reason_for_another_value_settles_nothing(folder):
    """A change recorded for another value does not explain this one."""
    folder.change("events", SUMMIT, {"city": "Manhattan"})
    record(folder, record_id=SUMMIT, field="city", old="New York", new="Boston", reason=REASON)
    assert len(diff.unexplained(diff.rows(DATA, folder.path))) == 1


def test_the_command_fails_only_where_it_is_asked_to(folder, capsys):
    """``jkrel diff`` lists; with ``--strict`` a difference without a reason is a failure."""
    folder.change("events", SUMMIT, {"city": "Manhattan"})
    arguments = ["diff", str(DATA), str(folder.path)]
    assert [cli.main(arguments), cli.main([*arguments, "--strict"])] == [0, 1]
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"events {SUMMIT} city: recoded 'New York' -> 'Manhattan'"
    assert out[1] == "1 differences, 1 of them without a reason"


def test_the_command_counts_what_is_exempt_and_says_why(folder, capsys):
    """Scores follow from what is scored: no reason is wanted, and that is said."""
    rows = folder.rows("proposal_scores")
    rows[0]["value"] = "0.111"
    folder.write("proposal_scores", rows)
    assert cli.main(["diff", str(DATA), str(folder.path), "--strict"]) == 0
    told = "1 differences, 0 of them without a reason, 1 exempt (proposal_scores: they follow"
    assert capsys.readouterr().out.splitlines()[-1].startswith(told)


def test_many_differences_of_a_table_are_counted(folder, capsys):
    """Over 30 are listed with ``--all``; those without a reason always are."""
    rows = folder.rows("events")
    new = [rows[0] | {"event_id": f"cc24-3-{n}a"} for n in range(400, 431)]
    rows[0] |= {"city": "Nowhere"}
    folder.write("events", [*rows, *new])
    arguments = ["diff", str(DATA), str(folder.path)]
    cli.main(arguments)
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "events: 31 of the kind 'row added'; --all lists them"
    assert out[1].startswith(f"events {rows[0]['event_id']} city: recoded")
    assert out[2:] == ["32 differences, 1 of them without a reason"]
    cli.main([*arguments, "--all"])
    assert len(capsys.readouterr().out.splitlines()) == 33


def test_a_revision_names_the_data_of_that_time():
    """A revision of the repository stands for the data folder as it was then."""
    with diff.folder("HEAD") as old:
        assert (old / "events.csv").is_file()
        subject = subprocess.run(
            ["git", "show", "HEAD:data/events.csv"], cwd=DATA, capture_output=True, check=True
        )
        assert (old / "events.csv").read_bytes() == subject.stdout


def test_what_is_neither_folder_nor_revision_is_said():
    """Another name is an error that says so."""
    with pytest.raises(ValueError, match="neither a data folder nor a revision"):
        with diff.folder("no-such-thing"):
            pass
