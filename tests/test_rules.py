"""Each rule of the codebook reports, by its name, the cell that breaks it."""

import pytest

from jkrel import check

RULES = {rule.__name__: rule for rule in check.all_rules()}
NO_HASH = "0" * 64
SUMMIT, RULING, OFFERING = "cc24-3-009a", "cc24-3-007a", "cc24-3-032a"
FIRST = {"event_id": "cc24-3-001a", "source_id": "cc24-3"}
PAGE = {"event_id": "leaders-001a", "source_id": "reuters_20191224_chengdu"}
KOREA = {"event_id": SUMMIT, "country": "KOR"}
NAMED = {"event_id": "leaders-001a", "designated_by": "JPN"}
TWICE_CODED = {"coding_pass": "second", "entry_id": "cc24-3-001"}
HANJA = {"name_id": "park_jin", "form": "kanji"}
COPY = "https://web.archive.org/web/20230101000000/https://cc.pacforum.org/"
PROTEST = {"event_type": "protest", "mode": "na", "format": "unilateral"}
SHRINE = {"event_id": "cc24-3-008a", "locator": "cc24-3-008"}


def both_days(day):
    return {"date_start": day, "date_end": day}


CITED = {"claim_id": "cc24-3-k001", "answer": "1"}
QUERIED = {"claim_id": "cc24-3-k021", "answer": "1"}


def renamed(old, new):
    """Give an event of the chronology another id, wherever it stands."""
    return [(table, old, {"event_id": new}) for table in ("events", "event_sources")]


# A rule, the edits that break it (table, row, cells; None takes the row out), and the cell that
# the rule must name. Without a cell, it is the one edited.
CASES = [
    ("unique_keys", [("event_sources", PAGE, {"source_id": "mofa_japan_20191224_bilateral"})],
     ("event_sources", PAGE, "event_id")),
    ("unique_keys", [("events", "cc24-3-005b", {"event_id": "cc24-3-005a"})]),
    ("unique_keys", [("codes/roles", "recipient", {"order": "1"})]),
    ("references", [("participants", KOREA, {"event_id": "cc24-3-099a"})]),
    ("references", [("events", SUMMIT, {"mechanism": "tea_party"})]),
    ("references", [("coverage", "chronology-cc24-3", {"source_id": "cc24-4"})]),
    ("event_ids", [("events", SUMMIT, {"entry_id": "cc24-3-010"})], ("events", SUMMIT, "event_id")),
    ("event_ids", renamed("cc24-3-032b", "cc24-3-032c")),
    ("entry_numbers", [("events", "cc24-3-063a", {"section": "body"})],
     ("events", "cc24-3-064a", "entry_id")),
    ("entry_numbers", [("events", "cc26-1-001a", {"section": "body"})],
     ("events", "cc26-1-002a", "entry_id")),
    ("days_in_order", [("events", SUMMIT, {"date_end": "2022-09-21"})]),
    ("days_in_order", [("coverage", "chronology-cc24-3", {"end": "2022-08-31"})]),
    ("days_in_order", [("coverage", "chronology-cc24-3", {"last_entry": "2023-01-01"})]),
    ("days_in_order", [("codes/leader_pairs", "kishida_yoon", {"end": "2022-05-09"})]),
    ("days_in_period", [("events", "leaders-037a", both_days("2026-02-13"))],
     ("event_sources", "leaders-037a", "source_id")),
    ("days_in_period", [("events", "cc24-3-064a", both_days("2024-01-05"))],
     ("event_sources", "cc24-3-064a", "source_id")),
    ("windows_apart", [("coverage", "chronology-cc26-1", {"start": "2022-12-31"})]),
    ("windows_published", [("coverage", "chronology-cc24-3", {"end": "2023-02-01"})]),
    ("actors_and_recipients", [("events", "cc24-3-006a", {"recipients": "KOR"})]),
    ("actors_and_recipients", [("events", SUMMIT, {"recipients": "PRK"})]),
    ("actors_and_recipients", [("events", RULING, {"recipients": "JPN"})]),
    ("contested_acts", [("events", "cc26-1-036a", {"recipients": ""})]),
    ("contested_acts", [("events", OFFERING, {"recipients": "KOR"})]),
    ("formats", [("events", SUMMIT, {"format": "trilateral"})]),
    ("formats", [("events", "cc26-1-b01a", {"format": "trilateral"})]),
    ("modes", [("events", SUMMIT, {"mode": "na"})]),
    ("modes", [("events", SUMMIT, {"mode": "phone"})]),
    ("modes", [("events", RULING, {"mode": "in_person"})]),
    ("modes", [("events", "cc24-3-022a", {"mode": "in_person"})]),
    ("valences", [("events", SUMMIT, {"valence": "0"})]),
    ("valences", [("events", "cc24-3-052a", {"valence": "1"})]),
    ("valences", [("events", "cc26-1-037a", {"valence": "1"})]),
    ("valences", [("events", OFFERING, {"valence": "0"})]),
    ("valences", [("events", "cc24-3-031a", {"valence": "-1"})]),
    ("issues", [("events", SUMMIT, {"other_issues": "relations"})]),
    ("applicable", [("events", RULING, {"duration_min": "10"})]),
    ("applicable", [("events", SUMMIT, {"ordinal": "1"})]),
    ("mechanisms", [("events", "cc24-3-001a", {"mechanism": "leaders_shuttle_diplomacy"})]),
    ("mechanisms", [("events", "leaders-011a", {"ordinal": "1"})]),
    ("levels", [("events", SUMMIT, {"level": "minister"})]),
    ("levels", [("events", "cc24-3-035a", {"level": "minister"})]),
    ("levels", [("events", "cc24-3-038a", {"level": "leader"})]),
    ("participants", [("participants", KOREA, {"country": "PRK"})]),
    ("participants", [("participants", KOREA, {"role": "recipient"})],
     ("participants", KOREA, "country")),
    ("answers", [("events", "cc24-3-032b", {"responds_to": "cc24-3-099a"})]),
    ("answers", [("events", "cc24-3-032b", {"responds_to": "cc24-3-064a"})]),
    ("answers", [("events", "cc24-3-032b", {"responds_to": "cc24-3-006a;cc24-3-032a"})]),
    ("answers", [("events", OFFERING, {"responds_to": "cc24-3-032b"})]),
    ("told", [("event_sources", {"event_id": "cc24-3-002a"}, None)],
     ("events", "cc24-3-002a", "event_id")),
    ("told", [("event_sources", SHRINE, None)], ("events", "cc24-3-008a", "entry_id")),
    ("passages", [("event_sources", FIRST, {"locator": ""})]),
    ("passages", [("event_sources", FIRST, {"entry_sha256": ""})]),
    ("passages", [("event_sources", FIRST, {"entry_words": ""})]),
    ("passages", [("event_sources", PAGE, {"entry_sha256": NO_HASH})]),
    ("passages", [("event_sources", FIRST, {"locator": "cc26-1-001"})]),
    ("passages", [("event_sources", "cc24-3-005b", {"entry_sha256": NO_HASH})]),
    ("passages", [("event_sources", "cc24-3-001a", {"entry_sha256": NO_HASH}),
                  ("event_sources", "cc24-3-002a", {"entry_sha256": NO_HASH})],
     ("event_sources", "cc24-3-002a", "locator")),
    ("stated_dates", [("events", "cc24-3-001a", both_days("2022-09-02"))]),
    ("stated_dates", [("events", SUMMIT, {"date_note": ""})]),
    ("stated_durations", [("events", SUMMIT, {"duration_min": "31"})]),
    ("stated_durations", [("events", SUMMIT, {"duration_min": ""})]),
    ("stated_durations", [("events", "cc24-3-001a", {"duration_min": "30"})]),
    ("designations", [("designations", NAMED, {"event_id": "cc24-3-001a"})]),
    ("designations", [("designations", NAMED, {"designated_by": "USA"})]),
    ("designations", [("designations", NAMED, {"stated_ordinal": "1"})]),
    ("sources", [("sources", "cc24-3", {"author": ""})]),
    ("sources", [("sources", "reuters_20191224_chengdu", {"url": ""})]),
    ("sources", [("sources", "kbs_world_20191224_chengdu", {"url": "https://example.org"}),
                 ("sources", "nikkei_20191224_chengdu", {"url": "https://example.org"})],
     ("sources", "nikkei_20191224_chengdu", "url")),
    ("sources", [("sources", "reuters_20191224_chengdu", {"accessed": "2039-01-01"})]),
    ("sources", [("sources", "reuters_20191224_chengdu", {"accessed": "2019-12-23"})]),
    ("sources", [("sources", "cc24-3", {"accessed": "2026-01-02", "url": ""})]),
    ("sources", [("sources", "cc24-3", {"archive_url": COPY, "url": ""})]),
    ("sources", [("event_sources", PAGE, None)],
     ("sources", "reuters_20191224_chengdu", "source_id")),
    ("changes", [("changes", "1", {"field": "town"})]),
    ("changes", [("changes", "1", {"table": "happenings"})], ("changes", "1", "field")),
    ("changes", [("changes", "1", {"record_id": "cc24-3-099a"})]),
    ("changes", [("changes", "1", {"new": "Jindo"})]),
    ("codings", [("codings", TWICE_CODED, {"entry_id": "cc24-3-002"})]),
    ("disputes", [("disputes", "history-001b", {"reaction_form": ""})]),
    ("disputes", [("disputes", "history-001b", {"kind": "marine_survey"})]),
    ("disputes", [("events", "history-001b", {"responds_to": "", "note": ""})]),
    ("disputes", [("disputes", "history-001a", None)], ("events", "history-001a", "event_id")),
    ("speaking_ids", [("polls", "asahi-2022-11", {"poll_id": "asahhi-2022-11"})]),
    ("polls", [("polls", "asahi-2022-11", {"disapprove_pct": "64"})]),
    ("polls", [("polls", "asahi-2022-11", {"field_end": "2022-11-11"})]),
    ("polls", [("polls", "asahi-2022-11", {"field_end": "2032-11-13"})]),
    ("polls", [("polls", "asahi-2022-11", {"published": "2022-11-12"})]),
    ("polls", [("polls", "asahi-2022-11", {"country": "KOR"})]),
    ("launches", [("launches", "launch-2022-01-14", {"missiles_high": "1"})]),
    ("launches", [("launches", "launch-2022-01-14", {"date": "2021-01-14"})]),
    ("indicators", [("indicators", "air_passengers-2023-01", {"period_end": "2022-12-31"})]),
    ("indicators", [("indicators", "air_passengers-2023-01", {"period_end": "2033-01-31"})]),
    ("indicators", [("indicators", "air_passengers-2023-01", {"unit": "flights"})]),
    ("references", [("claim_answers", CITED, {"source_ids": "nobody_2022"})]),
    ("references", [("forecasts", "cc24-3-f01", {"event_ids": "leaders-999a"})]),
    ("claims", [("claims", "cc24-3-k001", {"status": "not_checkable"})]),
    ("claims", [("claims", "cc24-3-k001", {"status": "contradicted",
                                           "explanation": "It was another day."})]),
    ("claims", [("claims", "cc24-3-k021", {"explanation": ""})]),
    ("claims", [("claims", "cc24-3-k001", {"claimed": ""})]),
    ("claim_answers", [("claim_answers", CITED, {"source_ids": ""})]),
    ("claim_answers", [("claim_answers", CITED, {"cited": ""})]),
    ("claim_answers", [("claim_answers", QUERIED, {"arguments": ""})]),
    ("forecasts", [("forecasts", "cc24-3-f01", {"horizon_end": "2022-01-01"})]),
    ("forecasts", [("forecasts", "cc24-3-f01", {"event_ids": "", "source_ids": ""})],
     ("forecasts", "cc24-3-f01", "source_ids")),
    ("forecasts", [("forecasts", "cc24-3-f01", {"outcome_date": "2032-01-01"})]),
    ("positions", [("positions", "p001", {"stance": ""})]),
    ("positions", [("positions", "p001", {"reported_by": ""})]),
    ("positions", [("positions", "p027", {"stance": "-1"})]),
    ("positions", [("positions", "p001", {"phrase": "a b c d e f g h i j"})]),
    ("names", [("names", HANJA, {"kind": "place"})]),
    ("names", [("names", HANJA, {"preferred": "Park Chin"})]),
    ("names", [("names", {"variant": "Jin Park"}, {"variant": "Park Jin"})]),
    ("names", [("names", HANJA, {"variant": "Pak Chin"})], ("names", HANJA, "form")),
    ("names", [("names", HANJA, {"source_id": ""})]),
    ("released_events", [("released_events", SUMMIT, {"event_id": "cc24-3-099a"})]),
    ("released_events", [("released_events", SUMMIT, {"retired": "0.4.0", "reason": "Merged."})]),
    ("released_events", [("released_events", SUMMIT, {"reason": "Merged."})]),
    ("released_events", [("released_events", SUMMIT, {"successor": RULING})]),
]  # fmt: skip


def parameter(rule, edits, cell=None):
    table, where, cells = edits[0]
    cell = cell or (table, where, next(iter(cells)))
    return pytest.param(rule, edits, cell, id=f"{rule}-{cell[0]}.{cell[2]}")


@pytest.mark.parametrize(("rule", "edits", "cell"), [parameter(*case) for case in CASES])
def test_a_broken_rule_names_its_cell(folder, monkeypatch, rule, edits, cell):
    """The rule reports file, spreadsheet row and column of what breaks it."""
    table, where, column = cell
    row = folder.lines(table, where)[0]
    for edit in edits:
        folder.change(*edit)
    monkeypatch.setattr(check, "all_rules", lambda: [RULES[rule]])
    found = check.problems(folder.path)
    assert set(found["rule"]) == {rule.replace("_", " ")}
    places = set(found[["file", "row", "column"]].itertuples(index=False, name=None))
    assert (f"{table}.csv", row, column) in places


def test_every_rule_is_shown_to_report():
    """No rule is without a case above, and no case without a rule."""
    assert {case[0] for case in CASES} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_rule_says_what_holds(rule):
    """The first line of a rule is a sentence a reader of a report can look up."""
    assert (rule.__doc__ or "").split("\n")[0].endswith(".")


@pytest.mark.parametrize(
    "cells",
    [
        {"event_type": "data_release"},
        {"event_type": "policy_document"},
        {"issue": "domestic_politics"},
        {"recipients": "PRK"},
    ],
    ids=lambda cells: "-".join(cells.values()),
)
def test_what_is_neutral_is_so_for_the_two_states_together(folder, monkeypatch, cells):
    """A statistic that both publish is 0, as one of a single state is; other joint acts are not."""
    monkeypatch.setattr(check, "all_rules", lambda: [RULES["valences"]])
    folder.change("events", SUMMIT, {"valence": "0"})
    (message,) = check.problems(folder.path)["message"]
    assert "give 1 or -1, and 0 only for the types policy_document" in message
    folder.change("events", SUMMIT, cells)
    assert check.problems(folder.path).empty


@pytest.mark.parametrize(
    "cells",
    [
        {"actors": "CHN", "recipients": "KOR"},
        {"actors": "KOR", "recipients": "CHN"},
        {"actors": "CHN;KOR", "recipients": "JPN", "format": "other_dyad"},
    ],
    ids=lambda cells: "-".join(cells.values()),
)
def test_protests_of_and_to_third_states_are_neutral(folder, monkeypatch, cells):
    """A protest is -1 between the two; of a third state, or to one alone, it is 0."""
    monkeypatch.setattr(check, "all_rules", lambda: [RULES["valences"]])
    event = PROTEST | cells
    folder.change("events", SUMMIT, event | {"valence": "-1"})
    assert len(check.problems(folder.path)) == 1
    folder.change("events", SUMMIT, event | {"valence": "0"})
    assert check.problems(folder.path).empty


def test_territorial_acts_of_third_states_address_nobody(folder, monkeypatch):
    """Only a claimant has another one to address."""
    monkeypatch.setattr(check, "all_rules", lambda: [RULES["contested_acts"]])
    act = {"event_type": "contested_act", "issue": "territory", "actors": "USA", "recipients": ""}
    folder.change("events", SUMMIT, act)
    assert check.problems(folder.path).empty


def test_a_government_names_whom_it_takes_to_court(folder, monkeypatch):
    """Rulings of courts and of bodies, and suits of people, address no state."""
    monkeypatch.setattr(check, "all_rules", lambda: [RULES["actors_and_recipients"]])
    complaint = {"event_type": "court_action", "level": "government", "recipients": "JPN"}
    folder.change("events", SUMMIT, complaint | {"actors": "KOR"})
    assert check.problems(folder.path).empty
    for other in ({"level": "judiciary"}, {"level": "private"}, {"actors": "WTO"}):
        folder.change("events", SUMMIT, complaint | {"actors": "KOR"} | other)
        assert len(check.problems(folder.path)) == 1


@pytest.mark.parametrize(("completeness", "found"), [("complete", 1), ("partial", 0)])
def test_a_partial_window_may_lack_an_entry(folder, monkeypatch, completeness, found):
    """A person may leave an entry out, and the window then does not claim to be complete."""
    monkeypatch.setattr(check, "all_rules", lambda: [RULES["entry_numbers"]])
    folder.change("events", "cc24-3-063a", None)
    folder.change("coverage", "chronology-cc24-3", {"completeness": completeness})
    assert len(check.problems(folder.path)) == found


def test_a_reaction_to_what_is_not_in_the_data_says_so_in_its_note(folder, monkeypatch):
    """A link or a note: without either, nobody could tell what it answers."""
    monkeypatch.setattr(check, "all_rules", lambda: [RULES["disputes"]])
    folder.change("events", "history-001b", {"responds_to": "", "note": "It answers a rumour."})
    assert check.problems(folder.path).empty


@pytest.mark.parametrize("column", ["journal", "volume", "number", "pages"])
def test_an_article_need_not_be_in_a_journal(folder, monkeypatch, column):
    """A chronology of one's own has an author, a title and a date, and no more."""
    monkeypatch.setattr(check, "all_rules", lambda: [RULES["sources"]])
    folder.change("sources", "cc24-3", {column: ""})
    assert check.problems(folder.path).empty


def test_two_ways_to_the_same_event_are_no_circle(folder):
    """An answer to two events that answer a third one is an answer, and not one to itself."""
    first, second, third, last = [row["event_id"] for row in folder.rows("events")[:4]]
    for event, answered in ((second, first), (third, first), (last, f"{third};{second}")):
        folder.change("events", event, {"responds_to": answered})
    found = check.problems(folder.path)
    assert found.empty or "answers" not in set(found["rule"])


def test_a_number_of_actors_without_a_format_is_an_error(folder):
    """The list of formats must have one for every number of actors that occurs."""
    folder.change("codes/formats", "multilateral", {"max_actors": "3"})
    with pytest.raises(ValueError, match=r"codes/formats\.csv has no format for [0-9]+ actors"):
        check.problems(folder.path)
