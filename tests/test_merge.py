"""A reviewed proposal joins the data whole or not at all, and can be taken out again."""

import csv
import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from jkrel import check, cli, load
from jkrel import merge as merging
from jkrel.merge import Refused, merge, recover, remove
from jkrel.review import review

SOURCE = {
    "publisher": "Made-up Press",
    "title": "Two Neighbours in a Made-up Winter",
    "author": "Ann Example",
    "date_published": "2023-05",
    "language": "en",
    "journal": "Made-up Connections",
    "volume": "9",
    "number": "9",
    "pages": "1-9",
}
WINDOW = {
    "start": "2023-01-01",
    "end": "2023-04-30",
    "completeness": "complete",
    "reason": "The title names the period.",
}
CHANGELOG = "# Changelog\n\n## 0.1.0 (2026-11-21)\n\n- The first events.\n"
USUAL = {
    "section": "chronology",
    "date_precision": "day",
    "status": "occurred",
    "actors": "JPN",
    "format": "unilateral",
    "level": "government",
    "event_type": "statement",
    "mode": "na",
    "issue": "economy",
    "valence": "0",
    "confidence": "0.8",
    "evidence": "says",
}
TALKS = {
    "actors": "JPN;KOR",
    "format": "bilateral",
    "level": "director_general",
    "event_type": "meeting",
    "mode": "in_person",
    "valence": "1",
    "duration_min": "50",
}
SUMMIT = TALKS | {
    "level": "leader",
    "issue": "relations",
    "other_issues": "",
    "duration_min": "",
}


def row(event_id, day, **cells):
    """One proposed event of the made-up chronology, with the passage of its entry."""
    entry_id = event_id[:-1]
    passage = hashlib.sha256(entry_id.encode()).hexdigest()
    own = {"event_id": event_id, "entry_id": entry_id, "date_start": day, "date_end": day}
    own |= {"entry_sha256": passage, "entry_words": "21"}
    own["summary"] = f"A made-up event of {day}, told for this test."
    return USUAL | own | cells


def winter():
    """Three entries of the made-up chronology with four events."""
    return [
        row("made9-9-001a", "2023-02-02", **TALKS),
        row(
            "made9-9-002a",
            "2023-02-06",
            actors="KOR",
            recipients="JPN",
            event_type="criticism",
            valence="-1",
        ),
        row("made9-9-002b", "2023-02-06", responds_to="made9-9-002a"),
        row("made9-9-003a", "2023-04-28", issue="domestic_politics"),
    ]


class Proposal:
    """An edited proposal and its untouched copy, for a copy of the data with a changelog."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder.path.parent / "proposed.csv"
        self.changelog = folder.path.parent / "CHANGELOG.md"
        self.changelog.write_text(CHANGELOG, encoding="utf-8")
        self.write(winter())

    def write(self, rows, first=None):
        blank = [r | {"summary": "", "same_as": ""} for r in (first or rows)]
        self._write(self.path.with_name("proposed.first.csv"), blank)
        self._write(self.path, rows)

    def _write(self, path, rows):
        header = list(self.folder.rows("events")[0])
        header += ["entry_sha256", "entry_words", "confidence", "evidence"]
        header += ["same_as"] * any(r.get("same_as") for r in rows)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, "", "ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def review(self, **options):
        return review(self.path, load(self.folder.path), **options)

    def merge(self, **options):
        given = {"source": SOURCE, "coverage": WINDOW} | options
        return merge(self.path, self.folder.path, **given)

    def refused(self, **options):
        """Try to merge; return what is listed, after seeing that no byte changed."""
        before = self.state()
        with pytest.raises(Refused) as error:
            self.merge(**options)
        assert self.state() == before
        return {(p["row"], p["column"], p["rule"]) for p in error.value.problems.to_dict("records")}

    def state(self):
        """The bytes of every file of the data folder and of the changelog."""
        files = [path for path in self.folder.path.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in [*files, self.changelog]}

    def restore(self, state):
        for path, content in state.items():
            path.write_bytes(content)


@pytest.fixture
def proposal(folder):
    return Proposal(folder)


class Killed(BaseException):
    """Stands for the end of the process: nothing cleans up after it."""


# Review


def test_a_sound_proposal_has_no_problem(proposal):
    """What is in order is said to be: no problem, no conflict, rows for each table."""
    found = proposal.review()
    assert found.problems.empty and found.conflicts.empty
    assert {name: len(rows) for name, rows in found.additions.items()} == {
        "events": 4,
        "event_sources": 4,
        "sources": 1,
        "coverage": 1,
    }


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ({"summary": ""}, ("summary", "required")),
        ({"event_type": ""}, ("event_type", "required")),
        ({"level": "chief"}, ("level", "code")),
        ({"date_end": "2023-4-28"}, ("date_end", "date")),
        ({"confidence": "1.2"}, ("confidence", "maximum")),
        ({"date_end": "2023-04-27"}, ("date_end", "days in order")),
        ({"format": "bilateral"}, ("format", "formats")),
        ({"mechanism": "no_such_body"}, ("mechanism", "references")),
        ({"responds_to": "made9-9-009a"}, ("responds_to", "references")),
        ({"event_id": "made9-9-003c"}, ("event_id", "proposal")),
        ({"event_id": "made9-9-002b"}, ("event_id", "proposal")),
        ({"entry_words": "22"}, ("entry_words", "proposal")),
        ({"entry_sha256": ""}, ("entry_sha256", "required")),
    ],
)
def test_a_problem_has_its_place_in_the_edited_file(proposal, cells, place):
    """A slip is reported by file, row, column and rule, as those of the data are."""
    *others, last = winter()
    proposal.write([*others, last | cells], winter())
    found = proposal.review().problems
    assert set(found["file"]) == {"proposed.csv"}
    assert (5, *place) in set(zip(found["row"], found["column"], found["rule"], strict=True))


def test_an_empty_summary_asks_for_own_words(proposal):
    """The summary is the person's part, and the message says so."""
    proposal.write([r | {"summary": ""} for r in winter()])
    found = proposal.review().problems
    assert set(found["message"]) == {"is empty; write one sentence in your own words"}
    assert list(found["row"]) == [2, 3, 4, 5]


def test_problems_of_the_data_themselves_are_not_those_of_the_proposal(proposal):
    """What was wrong before is left out; what the new rows make wrong is told."""
    proposal.folder.change("events", "cc24-3-009a", {"valence": "0"})
    assert proposal.review().problems.empty


def test_an_entry_without_an_event_is_missed(proposal):
    """A row taken out leaves a gap in the numbers of a complete window, or an entry uncoded."""
    first, *_, last = winter()
    proposal.write([first, last], winter())
    (found,) = proposal.review(coverage=WINDOW).problems.to_dict("records")
    assert found["rule"] == "entry numbers" and "let the window be partial" in found["message"]
    proposal.write([first], winter())
    assert proposal.refused() == {("", "entries", "entry numbers")}


@pytest.mark.parametrize("kept", [[0, 3], [0], [3]], ids=["middle", "last", "first"])
def test_an_entry_may_be_left_out_of_a_partial_window(proposal, kept):
    """In the middle as at an end; review and merge name it, and it can be taken out again."""
    rows, before = winter(), proposal.state()
    proposal.write([rows[n] for n in kept], rows)
    found = proposal.review()
    gone = sorted({r["entry_id"] for r in rows} - {rows[n]["entry_id"] for n in kept})
    assert found.problems.empty and found.left_out == gone
    assert f"{gone[0]}: entry left out" in str(found)
    assert f"{len(gone)} entries left out" in str(found)
    done = proposal.merge(coverage=WINDOW | {"completeness": "partial"})
    assert f"Entries left out: {', '.join(gone)}" in done
    assert check.problems(proposal.folder.path).empty
    remove("made9-9", proposal.folder.path)
    assert proposal.state() == before


def test_a_dispute_needs_its_class(proposal):
    """An event over history is refused until a file of disputes has a row for it."""
    *others, last = winter()
    act = {"event_type": "contested_act", "issue": "territory", "recipients": "KOR"}
    proposal.write([*others, last | act | {"valence": "-1"}])
    assert proposal.refused() == {(5, "event_id", "disputes")}
    assert "jkrel merge proposed.csv --disputes TODO --article" in str(proposal.review())
    disputes = proposal.path.with_name("disputes.csv")
    header = list(proposal.folder.rows("disputes")[0])
    disputes.write_text(",".join(header) + "\nmade9-9-003a,other,false,,,\n", encoding="utf-8")
    proposal.merge(disputes=disputes)
    assert proposal.folder.rows("disputes")[-1]["event_id"] == "made9-9-003a"


def test_a_file_that_cannot_be_read_is_a_problem_and_no_error(proposal):
    """What a spreadsheet saved with tabs is named as that, and no event is said to be removed."""
    text = proposal.path.read_text(encoding="utf-8")
    proposal.path.write_text(text.replace(",", "\t"), encoding="utf-8")
    found = proposal.review()
    assert list(found.problems["rule"]) == ["columns"]
    assert found.removed.empty and found.left_out == []
    assert "Not compared: the file cannot be read as it is" in str(found)
    assert "removed" not in str(found) and "jkrel merge" not in str(found)


def as_spreadsheet(path, raw):
    """Save a CSV file as Excel does where the comma is the sign of decimals."""
    rows = list(csv.reader(raw.splitlines()))
    as_written = [[c.replace("0.8", "0,8").replace("false", "FALSE") for c in r] for r in rows]
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(as_written)


def test_what_a_spreadsheet_saved_is_read(proposal):
    """Byte-order mark, line ends, semicolons, FALSE and 0,8: neither a problem nor a change."""
    *others, last = winter()
    act = {"event_type": "contested_act", "issue": "territory", "recipients": "KOR"}
    proposal.write([*others, last | act | {"valence": "-1"}])
    disputes, people = (proposal.path.with_name(f"{n}.csv") for n in ("disputes", "participants"))
    header = ",".join(proposal.folder.rows("disputes")[0])
    as_spreadsheet(disputes, f"{header}\nmade9-9-003a,other,false,,,\n")
    header = ",".join(proposal.folder.rows("participants")[0])
    as_spreadsheet(people, f"{header}\nmade9-9-001a,JPN,Example Taro,,director_general,actor\n")
    as_spreadsheet(proposal.path, proposal.path.read_text(encoding="utf-8"))
    found = proposal.review(disputes=disputes, participants=people)
    assert found.problems.empty
    assert set(found.changed["column"]) == {"summary"}
    proposal.merge(disputes=disputes, participants=people)
    assert proposal.folder.rows("disputes")[-1]["calendar"] == "false"
    assert check.problems(proposal.folder.path).empty


def test_nothing_is_said_to_be_kept_before_an_edit(proposal):
    """An untouched file has no share of kept values: nobody has looked at it."""
    rows = [r | {"summary": ""} for r in winter()]
    proposal.write(rows)
    assert "Nothing was edited yet" in str(proposal.review())
    assert "100%" not in str(proposal.review())
    proposal.write(winter())
    assert "100%" in str(proposal.review())


def test_a_broken_untouched_copy_is_wrong_use(proposal):
    """What propose wrote is compared with, not mended; a copy that was edited is named."""
    proposal.path.with_name("proposed.first.csv").write_text("event_id\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"proposed\.first\.csv: not as propose wrote it"):
        proposal.review()


def test_the_evidence_may_hold_any_words(proposal):
    """What led to a proposal is no part of the data, and is not judged."""
    *others, last = winter()
    proposal.write([*others, last | {"evidence": "issue=economy\n says "}])
    assert proposal.review().problems.empty


def test_a_passage_of_the_body_may_be_added(proposal):
    """Events told in the body alone are the person's to add, with hash and section."""
    body = row("made9-9-b01a", "2023-02-03", section="body")
    proposal.write([*winter(), body], winter())
    assert proposal.merge().startswith("Added 5 events of made9-9.")
    assert proposal.folder.rows("sources")[-1]["entries"] == "3"


def test_the_review_shows_what_the_person_changed(proposal):
    """Changed cells, rows added and removed, and the share of proposed values kept."""
    first, second, third, fourth = winter()
    proposed = [first, second | {"level": "minister"}, third, fourth | {"event_type": ""}]
    extra = row("made9-9-003b", "2023-04-28")
    proposal.write([first, second, third, fourth, extra], [*proposed, row("made9-9-004a", "")])
    found = proposal.review()
    cells = found.changed[found.changed["column"].ne("summary")]
    assert cells.to_numpy().tolist() == [
        ["made9-9-002a", "level", "minister", "government"],
        ["made9-9-003a", "event_type", "", "statement"],
    ]
    assert list(found.added["event_id"]) == ["made9-9-003b"]
    assert list(found.removed["event_id"]) == ["made9-9-004a"]
    kept = found.kept.set_index("variable")
    assert kept.loc["level", ["proposed", "kept", "share", "filled"]].tolist() == [4, 3, 0.75, 0]
    assert kept.loc["event_type", ["proposed", "kept", "filled"]].tolist() == [3, 3, 1]
    assert "summary" not in kept.index
    assert "made9-9-002a level: 'minister' → 'government'" in str(found)
    assert "4 summaries written, 2 other cells changed, 1 rows added, 1 removed" in str(found)


def test_without_the_untouched_copy_nothing_is_compared(proposal):
    """The review says so, and still checks."""
    proposal.path.with_name("proposed.first.csv").unlink()
    found = proposal.review()
    assert found.problems.empty and not found.compared
    assert "no proposed.first.csv beside it" in str(found)


def test_what_can_be_known_is_told_in_one_round(proposal):
    """A cell that cannot be read hides no slip elsewhere: of form, of keys, of rules."""
    first, second, third, last = winter()
    second |= {"level": "chief", "mode": "phone"}
    third |= {"summary": "", "mode": "in_person", "mechanism": "no_such_body"}
    last |= {"summary": "", "event_type": "contested_act", "issue": "territory", "valence": "-1"}
    twin = row("made9-9-004a", "2023-04-29", format="bilateral")
    proposal.write([first, second, third, last, twin])
    people = proposal.path.with_name("participants.csv")
    header = ",".join(proposal.folder.rows("participants")[0])
    people.write_text(f"{header}\nmade9-9-001a,PRK,Example Taro,,leader,actor\n", encoding="utf-8")
    found = proposal.review(coverage={"start": "2023-04-01"}, participants=people).problems
    assert set(zip(found["file"], found["row"], found["column"], found["rule"], strict=True)) == {
        ("coverage.csv", "", "reason", "required"),
        ("participants.csv", 2, "country", "participants"),
        ("proposed.csv", 2, "source_id", "days in period"),
        ("proposed.csv", 3, "level", "code"),
        ("proposed.csv", 4, "summary", "required"),
        ("proposed.csv", 4, "mechanism", "references"),
        ("proposed.csv", 5, "summary", "required"),
        ("proposed.csv", 5, "recipients", "contested acts"),
        ("proposed.csv", 5, "event_id", "disputes"),
        ("proposed.csv", 6, "format", "formats"),
        ("proposed.csv", 6, "valence", "valences"),
    }


def test_a_row_that_cannot_be_read_makes_no_gap(proposal):
    """What is left out of the rules is not missed by those that count, or follow answers."""
    first, second, third, last = winter()
    proposal.write([first, second | {"valence": "2"}, third, last])
    found = proposal.review().problems
    assert found[["row", "column"]].to_numpy().tolist() == [[3, "valence"]]


def told_of(proposal, **options):
    """What a review lists, problems and conflicts: row, column, rule."""
    found = proposal.review(**options)
    both = [*found.problems.to_dict("records"), *found.conflicts.to_dict("records")]
    return {(problem["row"], problem["column"], problem["rule"]) for problem in both}


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"event_id": "002"}, "pattern"),
        ({"event_id": "made9-9-001a"}, "proposal"),
        ({"entry_id": "entry two"}, "pattern"),
        ({"entry_id": "made8-8-002", "event_id": "made8-8-002a"}, "proposal"),
        ({"same_as": "maybe"}, "pattern"),
        ({"same_as": "leaders-999a"}, "same as"),
    ],
    ids=lambda cells: next(iter(cells)) if isinstance(cells, dict) else cells,
)
def test_a_row_without_a_name_of_its_own_hides_no_other(proposal, cells, rule):
    """It is set aside, and the other rows are held against cells, rules and data all the same."""
    first, second, third, last = winter()
    people = proposal.path.with_name("participants.csv")
    header = ",".join(proposal.folder.rows("participants")[0])
    people.write_text(f"{header}\nmade9-9-003a,KOR,Example Taro,,leader,actor\n", encoding="utf-8")
    first, second = first | {"level": "chief"}, second | {"mode": "phone"}
    proposal.write([first, second, third, last | cells], winter())
    column = next(iter(cells))
    assert told_of(proposal, participants=people) == {
        (2, "level", "code"),
        (3, "mode", "modes"),
        (5, column, rule),
    }


def test_a_gap_is_told_beside_cells_that_cannot_be_read(proposal):
    """Numbers of entries and letters of events are known where other cells are not."""
    first, second, third, last = winter()
    lettered = third | {"event_id": "made9-9-003c"}
    proposal.write([first, second | {"valence": "2"}, lettered, last | {"mode": "by boat"}])
    assert told_of(proposal) >= {
        (3, "valence", "code"),
        (4, "event_id", "proposal"),
        (5, "mode", "code"),
    }
    proposal.write([first | {"valence": "2"}, last | {"mode": "by boat"}])
    assert told_of(proposal, coverage=WINDOW) == {
        (2, "valence", "code"),
        (3, "entry_id", "entry numbers"),
        (3, "mode", "code"),
    }


def test_a_known_source_hides_no_slip(proposal):
    """What stands wrong in the rows is told beside the source that the data have already."""
    slips = row("cc24-3-001a", "2022-09-02", mode="phone", level="chief")
    proposal.write([slips, row("cc24-3-002a", "2022-09-03", mode="phone")])
    assert told_of(proposal) >= {
        ("", "entry_id", "source exists"),
        (2, "entry_id", "entry exists"),
        (2, "level", "code"),
        (3, "mode", "modes"),
    }


def test_a_form_is_told_in_words(proposal):
    """Who left out a full stop reads that, and not a pattern; other forms come with their sense."""
    cells = {"coverage_id": "a b", "reason": "The title says so"}
    found = proposal.review(coverage=WINDOW | cells).problems.set_index("column")["message"]
    assert found["reason"] == "has no full stop at its end; end the sentence with one"
    form = "[a-z0-9_-]+ (Window: Identifier of the window.)"
    assert found["coverage_id"] == f"does not have the form {form}"


def test_days_that_another_window_has_are_told_in_the_review(proposal):
    """Not at the merge only, and with what may be done: other days, or another series."""
    proposal.write([row("made9-9-001a", "2023-02-02"), row("made9-9-002a", "2024-02-02")])
    (found,) = proposal.review().problems.to_dict("records")
    assert (found["file"], found["rule"]) == ("coverage.csv", "windows apart")
    assert "--window other days" in found["message"] and "series=NAME" in found["message"]
    assert proposal.review(coverage=WINDOW | {"end": "2023-12-31"}).problems["rule"].tolist() == [
        "days in period"
    ]
    proposal.write([row("made9-9-001a", "2023-02-02")])
    assert proposal.review().problems.empty


def test_a_reaction_names_what_it_answers_or_says_why_not(proposal):
    """Asked for at the row of the proposal, since that is where the person writes it."""
    *others, last = winter()
    protest = {"event_type": "protest", "issue": "territory", "recipients": "KOR", "valence": "-1"}
    disputes = proposal.path.with_name("disputes.csv")
    header = ",".join(proposal.folder.rows("disputes")[0])
    disputes.write_text(f"{header}\nmade9-9-003a,reaction,false,,,words\n", encoding="utf-8")
    proposal.write([*others, last | protest])
    (found,) = proposal.review(disputes=disputes).problems.to_dict("records")
    assert (found["row"], found["column"]) == (5, "responds_to")
    assert "name what it answers, or say in note" in found["message"]
    for cells in ({"responds_to": "made9-9-002a"}, {"note": "It answers a rumour."}):
        proposal.write([*others, last | protest | cells])
        assert proposal.review(disputes=disputes).problems.empty


def test_the_same_problem_of_many_rows_is_one_line(proposal):
    """With the number of rows, and which they are."""
    proposal.write([r | {"summary": ""} for r in winter()])
    lines = str(proposal.review()).split("\n")
    empty = "proposed.csv summary: [required] is empty; write one sentence in your own words"
    assert lines[:2] == [f"{empty} (in 4 rows: 2, 3, 4, 5)", "proposed.csv: 4 problems"]


def test_the_review_ends_with_the_command_that_merges(proposal):
    """Complete: what it takes, and a TODO for each thing that only the person can say."""
    *_, words, command = str(proposal.review()).split("\n")
    assert command == (
        'jkrel merge proposed.csv --article publisher="TODO" title="TODO" author="TODO" '
        'date_published="TODO" --window start="2023-02-02" end="2023-04-28" '
        'completeness="partial" reason="TODO"'
    )
    assert words.startswith("Merge with your words for each TODO (reason: one sentence, with its")
    given = str(proposal.review(source=SOURCE, coverage=WINDOW)).split("\n")
    assert given[-2] == "Merge:" and "TODO" not in given[-1]
    assert f'title="{SOURCE["title"]}"' in given[-1]
    odd = proposal.review(source=SOURCE | {"title": 'The $5 "Deal"'}).command
    assert ('title=The $5 "Deal"') in shlex.split(odd)


def test_the_command_comes_with_files_and_joins_of_the_proposal(proposal):
    """Rows that tell known events are joined, and the file of disputes is not forgotten."""
    proposal.write(known(proposal.folder.rows("events"), same_as="leaders-007a"))
    disputes = proposal.path.with_name("disputes.csv")
    disputes.write_text(",".join(proposal.folder.rows("disputes")[0]) + "\n", encoding="utf-8")
    found = proposal.review(disputes=disputes)
    assert str(found).splitlines()[-2].startswith("Once nothing is left to settle, merge with")
    assert found.command.startswith("jkrel merge proposed.csv --disputes disputes.csv --article")
    assert found.command.endswith(" --join")


def test_the_command_filled_in_merges_and_left_as_it_is_does_not(proposal):
    """A TODO that stays is refused; with words in their places the same words do all."""
    _, _, path, *words = shlex.split(proposal.review().command)
    line = ["merge", str(proposal.path.with_name(path)), "--data", str(proposal.folder.path)]
    before = proposal.state()
    assert cli.main([*line, *words]) == 1
    assert proposal.state() == before
    own = {**SOURCE, "reason": WINDOW["reason"]}
    cells = [w.replace("TODO", own.get(w.partition("=")[0], "")) for w in words]
    assert cli.main([*line, *cells]) == 0
    assert check.problems(proposal.folder.path).empty


def test_a_code_that_is_none_is_refused_with_those_that_are(proposal):
    """The kinds of disputes are named, so that nobody has to look for their file."""
    *others, last = winter()
    act = {"event_type": "contested_act", "issue": "territory", "recipients": "KOR"}
    proposal.write([*others, last | act | {"valence": "-1"}])
    disputes = proposal.path.with_name("disputes.csv")
    header = ",".join(proposal.folder.rows("disputes")[0])
    disputes.write_text(f"{header}\nmade9-9-003a,quarrel,false,,,\n", encoding="utf-8")
    (found,) = proposal.review(disputes=disputes).problems.to_dict("records")
    assert (found["file"], found["row"], found["column"]) == ("disputes.csv", 2, "kind")
    kinds = [r["code"] for r in proposal.folder.rows("codes/dispute_kinds")]
    assert f"({', '.join(kinds)})" in found["message"]


# Merge


def test_a_merge_adds_events_with_their_passages_and_people(proposal):
    """Events, who took part, and the source of each with the hash of its passage."""
    people = proposal.path.with_name("participants.csv")
    header = list(proposal.folder.rows("participants")[0])
    people.write_text(
        ",".join(header) + "\nmade9-9-001a,JPN,Example Taro,,director_general,actor\n",
        encoding="utf-8",
    )
    assert proposal.merge(participants=people).startswith("Added 4 events of made9-9.")
    events = load(proposal.folder.path).sel(source="made9-9").events
    assert list(events["event_id"]) == [r["event_id"] for r in winter()]
    told = proposal.folder.rows("event_sources")[-4]
    assert told == {
        "event_id": "made9-9-001a",
        "source_id": "made9-9",
        "locator": "made9-9-001",
        "series": "chronology",
        "entry_sha256": winter()[0]["entry_sha256"],
        "entry_words": "21",
        "date_stated": "2023-02-02",
        "duration_min": "50",
        "note": "",
    }
    assert proposal.folder.rows("participants")[-1]["name"] == "Example Taro"


def test_a_merge_adds_the_article_and_its_window(proposal):
    """The article with the number of its entries, and what it covers; the check passes."""
    proposal.merge()
    assert check.problems(proposal.folder.path).empty
    source = proposal.folder.rows("sources")[-1]
    assert source == dict.fromkeys(source, "") | SOURCE | {
        "source_id": "made9-9",
        "kind": "article",
        "entries": "3",
    }
    window = proposal.folder.rows("coverage")[-1]
    assert window["coverage_id"] == "chronology-made9-9"
    assert window["last_entry"] == "2023-04-28"


def test_a_merge_changes_no_byte_of_what_was_there(proposal):
    """Every table still begins with the bytes it had, and no other file changes."""
    before = proposal.state()
    proposal.merge()
    after = proposal.state()
    changed = {path.name for path in before if before[path] != after[path]}
    tables = {"events.csv", "event_sources.csv", "sources.csv", "coverage.csv"}
    assert changed == {*tables, "datapackage.json", "CHANGELOG.md"}
    assert before.keys() == after.keys()
    for path in before:
        if path.name in tables:
            assert after[path].startswith(before[path])


def test_the_article_is_named_in_descriptor_and_changelog(proposal):
    """The reference takes the form and the place of those of the articles before it."""
    proposal.merge()
    package = json.loads((proposal.folder.path / "datapackage.json").read_text(encoding="utf-8"))
    reference = "Made-up Connections, Vol. 9 No. 9 (May 2023), pp. 1-9, by Ann Example"
    assert package["sources"][2] == {"title": f"{reference}; Made-up Press"}
    assert proposal.changelog.read_text(encoding="utf-8") == (
        "# Changelog\n\n## Unreleased\n\n- Added 4 events of made9-9.\n\n"
        "## 0.1.0 (2026-11-21)\n\n- The first events.\n"
    )


def test_a_chronology_of_ones_own_needs_no_journal(proposal):
    """Who wrote what, when, and who published it is enough; nothing empty is named."""
    journal = ("journal", "volume", "number", "pages")
    own = {field: value for field, value in SOURCE.items() if field not in journal}
    before = proposal.state()
    proposal.merge(source=own)
    package = json.loads((proposal.folder.path / "datapackage.json").read_text(encoding="utf-8"))
    reference = f"{SOURCE['title']} (May 2023), by Ann Example; Made-up Press"
    assert package["sources"][2] == {"title": reference}
    remove("made9-9", proposal.folder.path)
    assert proposal.state() == before


@pytest.mark.parametrize("name", ["cc24-3", "cc26-1"])
def test_the_articles_of_the_data_have_the_reference_that_a_merge_writes(dataset, name):
    """The form of the references is that of the descriptor as shipped."""
    from jkrel.merge import _reference

    titles = [source["title"] for source in dataset.codebook.package["sources"]]
    assert _reference(dataset.sources.set_index("source_id").loc[name]) in titles


@pytest.mark.parametrize("opened", ["", "## Unreleased\n\n- Something else.\n\n"])
def test_a_merge_taken_back_leaves_every_byte_as_before(proposal, opened):
    """Merge and remove are each other's reverse, whether or not changes were listed before."""
    text = CHANGELOG.replace("## 0.1.0", f"{opened}## 0.1.0")
    proposal.changelog.write_text(text, encoding="utf-8")
    before = proposal.state()
    proposal.merge()
    assert proposal.state() != before
    assert remove("made9-9", proposal.folder.path) == "Took out made9-9 with 4 events"
    assert proposal.state() == before


def test_a_folder_without_a_changelog_gets_none(proposal):
    """The changelog is that of the repository; elsewhere there is nothing to write to."""
    proposal.changelog.unlink()
    proposal.merge()
    assert not proposal.changelog.exists()


# Refusals


def test_a_source_is_merged_once(proposal):
    """A second merge lists source and entries, and changes nothing."""
    proposal.merge()
    found = proposal.refused()
    assert ("", "entry_id", "source exists") in found
    assert {(n, "entry_id", "entry exists") for n in (2, 3, 4, 5)} < found


def test_ids_never_collide(proposal):
    """Events numbered as some of the data are refused, whatever else differs."""
    rows = [row("cc24-3-001a", "2023-02-02"), row("cc24-3-065a", "2023-02-03")]
    proposal.write(rows)
    assert proposal.refused() == {
        ("", "entry_id", "source exists"),
        (2, "entry_id", "entry exists"),
        (3, "entry_id", "entry numbers"),
    }


def test_entries_of_two_sources_are_not_merged_together(proposal):
    """One file is one source."""
    proposal.write([*winter(), row("other9-9-001a", "2023-02-02")])
    assert proposal.refused() == {(6, "entry_id", "proposal")}


def test_every_problem_is_listed_at_once(proposal):
    """The refusal names each row that is to be settled."""
    proposal.write([r | {"format": "multilateral"} for r in winter()])
    assert proposal.refused() == {(n, "format", "formats") for n in (2, 3, 4, 5)}


@pytest.mark.parametrize(
    ("option", "cells", "place"),
    [
        ("source", {"author": ""}, ("author", "required")),
        ("source", {"url": "somewhere"}, ("url", "pattern")),
        ("coverage", {"reason": ""}, ("reason", "required")),
        ("coverage", {"start": "2022-12-31"}, ("start", "windows apart")),
        ("coverage", {"end": "2023-04-27"}, ("source_id", "days in period")),
    ],
)
def test_source_and_window_are_checked_too(proposal, option, cells, place):
    """The article can be cited; its window overlaps no other and holds its events."""
    given = {"source": SOURCE, "coverage": WINDOW}
    found = proposal.refused(**{option: given[option] | cells})
    assert place in {(column, rule) for _, column, rule in found}


def test_all_that_an_article_and_its_window_lack_is_listed_at_once(proposal):
    """Each with its file and column, and the option and definition that say what to write."""
    with pytest.raises(Refused) as error:
        merge(proposal.path, proposal.folder.path, {}, {})
    found = error.value.problems
    assert found[["file", "column"]].apply(tuple, axis=1).tolist() == [
        *(("sources.csv", c) for c in ("publisher", "title", "author", "date_published")),
        ("coverage.csv", "reason"),
    ]
    lines = str(error.value).split("\n")
    assert (
        "sources.csv author: [required] is empty; add --article author=VALUE: Authors" in lines[2]
    )
    assert "coverage.csv reason: [required] is empty; add --window reason=VALUE: " in lines[4]
    assert lines[-1] == "Nothing was changed: 5 to settle first"


def test_what_is_listed_as_missing_is_all_that_was_missing(proposal):
    """Who fills in what the list names, and no more, can merge."""
    with pytest.raises(Refused) as error:
        merge(proposal.path, proposal.folder.path, {}, {})
    asked = error.value.problems.groupby("file")["column"].agg(list)
    given = SOURCE | WINDOW
    source, window = ({c: given[c] for c in asked[f"{n}.csv"]} for n in ("sources", "coverage"))
    assert merge(proposal.path, proposal.folder.path, source, window).startswith("Added 4 events")


def test_what_is_missing_is_listed_beside_what_is_wrong(proposal):
    """An address that is none does not wait for the author, nor the author for the address."""
    found = proposal.refused(source=SOURCE | {"author": "", "url": "somewhere"})
    assert {("author", "required"), ("url", "pattern")} <= {(c, rule) for _, c, rule in found}


def test_an_unknown_field_or_another_source_is_named(proposal):
    """A slip in the description of the article is wrong use, and said before anything else."""
    with pytest.raises(ValueError, match="sources has no field auther; there are: source_id"):
        proposal.merge(source={"auther": "Ann Example"})
    with pytest.raises(ValueError, match="the source is cc1-1, but the entries are of made9-9"):
        proposal.merge(source=SOURCE | {"source_id": "cc1-1"})
    with pytest.raises(ValueError, match="duplicates is 'join' or 'refuse', not 'keep'"):
        proposal.merge(duplicates="keep")


def test_participants_are_those_of_new_events(proposal):
    """A merge adds nobody to an event of the data."""
    people = proposal.path.with_name("participants.csv")
    header = ",".join(proposal.folder.rows("participants")[0])
    people.write_text(f"{header}\nleaders-007a,JPN,Example Taro,,leader,actor\n", encoding="utf-8")
    assert proposal.refused(participants=people) == {(2, "event_id", "references")}


# Events that the data have already


def known(dataset_events, **cells):
    """The summit of March 2023 as the made-up chronology would tell it, and a remark on it."""
    (summit,) = [r for r in dataset_events if r["event_id"] == "leaders-007a"]
    same = {name: summit[name] for name in SUMMIT} | {"other_issues": summit["other_issues"]}
    told = row("made9-9-004a", "2023-03-17", **same, **cells)
    remark = row("made9-9-004b", "2023-03-17", responds_to="made9-9-004a")
    return [*winter()[:3], row("made9-9-003a", "2023-03-01"), told, remark]


def test_a_possible_duplicate_is_refused_with_its_twin(proposal):
    """Same actors, type and format at most a day apart: the person decides."""
    proposal.write(known(proposal.folder.rows("events")))
    assert proposal.refused() == {(6, "same_as", "possible duplicate")}
    found = proposal.review().conflicts
    assert list(found["value"]) == ["leaders-007a"]


def test_two_days_apart_is_no_duplicate(proposal):
    """Only neighbouring days are near enough."""
    rows = known(proposal.folder.rows("events"))
    rows[4] |= {"date_start": "2023-03-18", "date_end": "2023-03-18"}
    rows[5] |= {"date_start": "2023-03-18", "date_end": "2023-03-18"}
    proposal.write(rows)
    assert proposal.review().conflicts.empty


def test_a_person_can_say_that_it_is_another_event(proposal):
    """With ``none`` in same_as the row is added as an event of its own."""
    proposal.write(known(proposal.folder.rows("events"), same_as="none"))
    assert proposal.merge().startswith("Added 6 events of made9-9.")


def test_a_row_that_names_its_twin_is_joined_only_when_asked(proposal):
    """The default refuses further tellings, too."""
    proposal.write(known(proposal.folder.rows("events"), same_as="leaders-007a"))
    assert (6, "same_as", "duplicate") in proposal.refused()


def test_a_further_telling_is_a_row_of_event_sources_alone(proposal):
    """The event keeps its id, answers point to it, and letters of the entry have no gap."""
    rows = known(proposal.folder.rows("events"), same_as="leaders-007a")
    events = proposal.folder.rows("events")
    (number,) = proposal.folder.lines("events", "leaders-007a")
    rows[4] |= {"date_start": events[number - 2]["date_start"]}
    rows[4] |= {"date_end": rows[4]["date_start"]}
    proposal.write(rows)
    before = proposal.state()
    done = proposal.merge(duplicates="join")
    assert done.startswith("Added 5 events of made9-9, which also tells 1 known before.")
    assert proposal.folder.rows("events")[: len(events)] == events
    last = proposal.folder.rows("events")[-1]
    assert (last["event_id"], last["responds_to"]) == ("made9-9-004a", "leaders-007a")
    joined = [r for r in proposal.folder.rows("event_sources") if r["locator"] == "made9-9-004"]
    assert [r["event_id"] for r in joined] == ["leaders-007a", "made9-9-004a"]
    assert check.problems(proposal.folder.path).empty
    remove("made9-9", proposal.folder.path)
    assert proposal.state() == before


def test_codes_that_differ_from_those_of_the_twin_are_listed(proposal):
    """A further telling may say less than the event it joins, but not otherwise."""
    rows = known(proposal.folder.rows("events"), same_as="leaders-007a")
    rows[4] |= {"level": "minister", "issue": "", "date_start": "2023-03-20"}
    rows[4] |= {"issue": "economy", "date_end": "2023-03-20", "other_issues": ""}
    proposal.write(rows)
    places = proposal.refused(duplicates="join")
    assert {
        (6, "level", "conflict"),
        (6, "issue", "conflict"),
        (6, "date_start", "conflict"),
        (6, "date_end", "conflict"),
    } == {place for place in places if place[2] == "conflict"}


def test_a_twin_must_exist(proposal):
    """An event named in same_as stands in the data."""
    proposal.write(known(proposal.folder.rows("events"), same_as="leaders-999a"))
    assert proposal.refused(duplicates="join") == {(6, "same_as", "same as")}


# Removal


def test_only_articles_are_taken_out(proposal):
    """A source that was not merged is named, with those that could be."""
    with pytest.raises(ValueError, match="no article 'made9-9'; there are: cc24-3, cc26-1"):
        remove("made9-9", proposal.folder.path)


def test_what_others_build_on_is_not_taken_out(proposal):
    """Events that a change, an answer or another source names stay, all of them."""
    before = proposal.state()
    with pytest.raises(Refused) as error:
        remove("cc24-3", proposal.folder.path)
    assert set(error.value.problems["rule"]) == {"told elsewhere"}
    assert proposal.state() == before
    proposal.merge()
    later = {"responds_to": "made9-9-003a"}
    proposal.folder.change("events", "history-022a", later)
    with pytest.raises(Refused, match="responds_to"):
        remove("made9-9", proposal.folder.path)


# Interruptions


@pytest.fixture
def interrupt(proposal, monkeypatch):
    """Write what a merge would, and end the process at a call of ``os.<name>``."""
    written = []
    with monkeypatch.context() as patch:
        patch.setattr(merging, "_write", lambda *given: written.append(given))
        proposal.merge()

    def run(name, calls, act=lambda: merging._write(*written[0])):
        real, left = getattr(os, name), [calls]

        def stop(*arguments, **options):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return real(*arguments, **options)

        with monkeypatch.context() as patch:
            patch.setattr(os, name, stop)
            patch.setattr(check, "problems", lambda directory: ())
            try:
                act()
            except Killed:
                return True
        return False

    return run


@pytest.mark.parametrize(
    ("name", "step", "ends"),
    [
        ("fsync", 1, {"old", "new"}),
        ("replace", 1, {"old", "new"}),
        ("unlink", 9, {"new"}),
        ("rmdir", 1, {"new"}),
    ],
)
def test_an_interruption_leaves_the_old_state_or_the_new(proposal, interrupt, name, step, ends):
    """Wherever a merge is cut off, the folder comes to rest as before it, or as meant."""
    old = proposal.state()
    assert not interrupt(name, 10_000)
    new, calls, seen = proposal.state(), 0, []
    proposal.restore(old)
    while interrupt(name, calls):
        recover(proposal.folder.path)
        state = proposal.state()
        assert state in (old, new)
        seen.append("old" if state == old else "new")
        proposal.restore(old)
        calls += step
    assert seen == sorted(seen, reverse=True), "once decided, a merge is never undone"
    assert set(seen) == ends


def test_a_recovery_may_be_interrupted_too(proposal, interrupt):
    """Recovering again goes on where it was cut off."""
    old = proposal.state()
    interrupt("replace", 10_000)
    new = proposal.state()
    proposal.restore(old)
    assert interrupt("replace", 3)
    assert interrupt("replace", 1, lambda: recover(proposal.folder.path))
    (done,) = recover(proposal.folder.path)
    assert done.endswith("finished what was interrupted")
    assert proposal.state() == new


@pytest.mark.skipif(os.name != "posix", reason="signals as on Unix")
@pytest.mark.parametrize("calls", [0, 4])
def test_a_killed_process_leaves_the_old_state_or_the_new(proposal, calls):
    """SIGKILL before the decision undoes the merge, after it the next one finishes it."""
    script = f"""
import os, signal
from jkrel.merge import merge
real, left = os.replace, [{calls}]
def replace(*arguments):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    real(*arguments)
os.replace = replace
merge({str(proposal.path)!r}, {str(proposal.folder.path)!r}, {SOURCE!r}, {WINDOW!r})
"""
    old = proposal.state()
    done = subprocess.run([sys.executable, "-c", script])
    assert done.returncode == -signal.SIGKILL
    assert proposal.state() != old
    recover(proposal.folder.path)
    if calls:
        remove("made9-9", proposal.folder.path)
    assert proposal.state() == old


def test_a_merge_starts_by_recovering(proposal, interrupt):
    """The next merge finishes what was decided, and then finds the source there."""
    assert interrupt("replace", 4)
    with pytest.raises(Refused, match="source exists"):
        proposal.merge()


def test_an_edit_after_an_interruption_is_not_overwritten(proposal, interrupt):
    """A file that is neither old nor new stops the recovery, which then changes nothing."""
    assert interrupt("replace", 1)
    proposal.folder.change("events", "cc24-3-009a", {"note": "Edited by hand."})
    before = proposal.state()
    with pytest.raises(ValueError, match=r"events\.csv: was edited meanwhile"):
        recover(proposal.folder.path)
    assert proposal.state() == before


def test_a_journal_that_names_files_elsewhere_is_refused(proposal, interrupt):
    """A recovery writes into the data folder alone, whatever somebody wrote into its journal."""
    assert interrupt("replace", 1)
    (journal,) = proposal.folder.path.glob(f"*/{merging.JOURNAL}")
    named = json.loads(journal.read_text(encoding="utf-8"))
    journal.write_text(json.dumps(named | {"../../other.csv": ["0", "1"]}), encoding="utf-8")
    before = proposal.state()
    with pytest.raises(ValueError, match=r"'\.\./\.\./other\.csv' is not in .*; delete"):
        recover(proposal.folder.path)
    assert proposal.state() == before


def test_a_failure_after_the_decision_is_finished_later(proposal, interrupt, monkeypatch):
    """Once a merge is decided, an error leaves what the next start needs to finish it."""
    old = proposal.state()
    interrupt("replace", 10_000)
    new = proposal.state()
    proposal.restore(old)
    real, calls = os.replace, []

    def fail(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise OSError("device gone")
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="device gone"):
            proposal.merge()
    (done,) = recover(proposal.folder.path)
    assert done.endswith("finished what was interrupted")
    assert proposal.state() == new


def test_an_error_right_after_the_decision_leaves_the_journal(proposal, monkeypatch):
    """What was decided is not taken back, even where the disk fails to confirm it."""
    real = os.fsync

    def fail(handle):
        if list(proposal.folder.path.glob(f"*/{merging.JOURNAL}")):
            raise OSError("not confirmed")
        return real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="not confirmed"):
            proposal.merge()
    (done,) = recover(proposal.folder.path)
    assert done.endswith("finished what was interrupted")
    assert check.problems(proposal.folder.path).empty


def test_the_command_says_what_it_settled(proposal, interrupt, capsys):
    """``jkrel merge --recover`` finishes what was decided, and tells of it."""
    assert interrupt("replace", 4)
    assert cli.main(["merge", "--recover", "--data", str(proposal.folder.path)]) == 0
    assert capsys.readouterr().out.endswith("finished what was interrupted\n")


def test_a_folder_on_two_disks_is_refused(proposal, monkeypatch):
    """From one disk to another a file cannot be replaced in one step."""
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == proposal.folder.path.stat().st_dev:
        pytest.skip("no second disk here")
    before, real = proposal.state(), tempfile.mkdtemp
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "mkdtemp", lambda prefix, dir: real(prefix=prefix, dir=other))
        with pytest.raises(ValueError, match="is on another disk than"):
            proposal.merge()
    assert proposal.state() == before
    assert list(other.glob(f"{merging.STAGE}*")) == []


def test_an_article_that_the_descriptor_does_not_list_is_taken_out(proposal):
    """Somebody may have taken it from the list of sources by hand."""
    before = proposal.state()
    proposal.merge()
    path = proposal.folder.path / "datapackage.json"
    path.write_bytes(before[path])
    remove("made9-9", proposal.folder.path)
    assert proposal.state() == before


def test_a_failure_while_staging_leaves_no_trace(proposal, monkeypatch):
    """A full disk is an error, and the folder is as before without any recovery."""
    before = proposal.state()

    def full(handle):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space left"):
            proposal.merge()
    assert proposal.state() == before
    assert recover(proposal.folder.path) == []


def test_an_entry_joined_whole_leaves_no_gap(proposal):
    """An entry all of whose events are told already stands in event_sources alone, the last too."""
    rows = known(proposal.folder.rows("events"), same_as="leaders-007a")[:5]
    rows[4] |= {"date_start": "2023-03-16", "date_end": "2023-03-16"}
    rows += [row("made9-9-005a", "2023-03-20", responds_to="made9-9-004a")]
    proposal.write(rows)
    before = proposal.state()
    proposal.merge(duplicates="join")
    assert check.problems(proposal.folder.path).empty
    remove("made9-9", proposal.folder.path)
    assert proposal.state() == before
    proposal.write(rows[:5])
    proposal.merge(duplicates="join")
    assert check.problems(proposal.folder.path).empty
