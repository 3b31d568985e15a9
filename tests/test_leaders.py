"""Contacts of leaders: setting, pair, gaps, and running counts against those that were stated."""

from dataclasses import replace

import pandas as pd
import pytest

from jkrel.analyses import leaders


@pytest.fixture(scope="module")
def contacts(dataset):
    return leaders.contacts(dataset)


@pytest.fixture(scope="module")
def counts(dataset):
    return leaders.running_counts(dataset)


def contact(contacts, event_id):
    """The one row of a contact."""
    (row,) = contacts[contacts["event_id"].eq(event_id)].to_dict("records")
    return row


# Contacts


def test_contacts_are_the_events_of_the_series(dataset, contacts):
    """Each event of the series is one row: joining sources, pairs and settings adds none."""
    told = dataset.sel(series="leader_contacts").events
    assert sorted(contacts["event_id"]) == sorted(told["event_id"])
    assert contacts["event_id"].is_unique


def test_contacts_keep_the_columns_of_events(dataset, contacts):
    """Five columns are added behind those of the events."""
    added = ["setting", "pair", "counts", "shortest_min", "longest_min"]
    assert list(contacts.columns) == [*dataset.events.columns, *added]


def test_contacts_come_in_order_of_time(contacts):
    """By day, and by id within a day."""
    ordered = contacts.sort_values(["date_start", "event_id"], ignore_index=True)
    pd.testing.assert_frame_equal(contacts, ordered)


def test_each_contact_has_japan_and_south_korea_in_it(contacts):
    """Whatever the format, both sides are among the actors."""
    assert contacts["actors"].map({"JPN", "KOR"}.issubset).all()


@pytest.mark.parametrize(
    ("event_id", "shortest", "longest"),
    [("leaders-001a", 45, 50), ("leaders-027a", 30, 40), ("leaders-037a", 87, 90)],
)
def test_stated_lengths_span_what_sources_say(contacts, event_id, shortest, longest):
    """Where sources differ, the lowest and the highest figure stand beside each other."""
    found = contact(contacts, event_id)
    assert (found["shortest_min"], found["longest_min"]) == (shortest, longest)


def test_a_length_that_no_source_states_is_missing(contacts):
    """The talk in Johannesburg has no length, and none is made up."""
    found = contact(contacts, "leaders-036a")
    assert pd.isna(found["shortest_min"]) and pd.isna(found["longest_min"])


def test_the_length_used_lies_among_those_stated(contacts):
    """Every length in events.csv is within what its sources say."""
    known = contacts.dropna(subset=["duration_min"])
    assert known["duration_min"].ge(known["shortest_min"]).all()
    assert known["duration_min"].le(known["longest_min"]).all()


# Settings


@pytest.mark.parametrize(
    ("sidelines_of", "form", "mode", "country", "setting"),
    [
        ("NATO", "bilateral", "in_person", "ESP", "sidelines"),
        ("G7", "bilateral", "in_person", "JPN", "sidelines"),
        ("ASEAN+3", "multilateral", "in_person", "KHM", "sidelines"),
        (None, "bilateral", "in_person", "JPN", "visit"),
        (None, "bilateral", "in_person", "KOR", "visit"),
        (None, "bilateral", "in_person", "USA", "stand_alone"),
        (None, "trilateral", "in_person", "KOR", "stand_alone"),
        (None, "bilateral", "phone", None, "stand_alone"),
        (None, "bilateral", "phone", "JPN", "stand_alone"),
        (None, "bilateral", "unstated", "JPN", "stand_alone"),
    ],
)
def test_the_rule_of_settings(dataset, sidelines_of, form, mode, country, setting):
    """A gathering beside makes sidelines; two sides in person in either country make a visit."""
    event = {"sidelines_of": sidelines_of, "format": form, "mode": mode, "country": country}
    assert leaders.settings(pd.DataFrame([event]), dataset).to_list() == [setting]


def test_settings_are_ordered_as_in_the_codebook(dataset, contacts):
    """Tables and figures take the order from the code list."""
    assert list(contacts["setting"].cat.categories) == dataset.codebook.order("settings")
    assert contacts["setting"].notna().all()


@pytest.mark.parametrize(
    ("event_id", "setting"),
    [
        ("leaders-013a", "stand_alone"),
        ("leaders-014a", "sidelines"),
        ("leaders-007a", "visit"),
        ("cc24-3-022a", "stand_alone"),
    ],
    ids=["Camp David", "two sides beside Camp David", "Tokyo", "call"],
)
def test_settings_of_known_contacts(contacts, event_id, setting):
    """Camp David stood alone, and the talk of two beside it did not."""
    assert contact(contacts, event_id)["setting"] == setting


# Pairs


@pytest.mark.parametrize(
    ("event_id", "pair"),
    [
        ("leaders-002a", "kishida_yoon"),
        ("leaders-026a", "ishiba_yoon"),
        ("leaders-030a", "ishiba_han"),
        ("leaders-031a", "ishiba_lee"),
        ("leaders-035a", "takaichi_lee"),
    ],
)
def test_the_first_contact_of_each_pair(contacts, event_id, pair):
    """A pair is the two leaders who took part, whoever else did."""
    of_pair = contacts[contacts["pair"].eq(pair)]
    assert of_pair["event_id"].iloc[0] == event_id


def test_a_contact_before_2022_has_no_pair(contacts):
    """Abe and Moon met before the pairs of this dataset: missing, not a pair of its own."""
    assert contacts.loc[contacts["pair"].isna(), "event_id"].to_list() == ["leaders-001a"]


def test_pairs_met_while_both_were_in_office(dataset, contacts):
    """Each contact lies in the term of its pair; a term that goes on has no last day."""
    terms = dataset.leader_pairs.set_index("code")[["start", "end"]]
    known = contacts.dropna(subset=["pair"]).join(terms, on="pair")
    last = known["end"].fillna(pd.Timestamp.max.floor("D"))
    assert known["date_start"].between(known["start"], last).all()


# Running counts


@pytest.mark.parametrize(
    ("event_id", "counts"),
    [
        ("leaders-002a", False),
        ("leaders-006a", False),
        ("leaders-005a", False),
        ("leaders-019a", False),
        ("cc24-3-009a", True),
        ("leaders-036a", True),
        ("leaders-033a", True),
    ],
    ids=[
        "a greeting to one side",
        "a greeting",
        "co-attendance",
        "a public event",
        "informal talks to both sides",
        "informal talks beside a gathering",
        "talks that no side named",
    ],
)
def test_the_rule_of_counting(contacts, event_id, counts):
    """A greeting, a public event or co-attendance to any side is no meeting; informal talks are."""
    assert contact(contacts, event_id)["counts"] == counts


@pytest.mark.parametrize(
    ("day", "scope", "number"),
    [
        ("2024-09-06", "pair", 12),
        ("2024-05-26", "pair", 10),
        ("2023-11-16", "year", 7),
        ("2022-11-13", "year", 2),
        ("2024-11-16", "pair", 2),
        ("2025-09-30", "pair", 3),
    ],
)
def test_stated_counts_follow_from_the_rule(counts, day, scope, number):
    """The 12th of Kishida and Yoon, the 7th of 2023 and others are counted as they were stated."""
    rows = counts[counts["date_start"].eq(day) & counts["ordinal_scope"].eq(scope)]
    assert set(rows["stated"]) == set(rows["counted"]) == {number}


def test_one_stated_count_differs_from_the_rule(counts):
    """Seoul called Nara the fifth with Lee as president; the rule counts six."""
    apart = counts[counts["stated"].ne(counts["counted"])]
    found = apart[["event_id", "designated_by", "stated", "counted"]].to_numpy().tolist()
    assert found == [["leaders-037a", "KOR", 5, 6]]


def test_the_fifth_of_seoul_leaves_johannesburg_out(dataset, counts):
    """The six that the rule counts hold the informal talks that a count of five leaves out."""
    (ids,) = counts.loc[counts["event_id"].eq("leaders-037a"), "event_ids"]
    assert "leaders-036a" in ids
    said = dataset.designations[dataset.designations["event_id"].eq("leaders-036a")]
    assert set(said["designation"]) == {"informal_talks"}


def test_every_stated_count_is_compared(dataset, counts):
    """One row for each count that a side stated, and no row more."""
    stated = dataset.designations.dropna(subset=["stated_ordinal"])
    keys = ["event_id", "designated_by"]
    assert sorted(counts[keys].itertuples(index=False, name=None)) == sorted(
        stated[keys].astype(str).itertuples(index=False, name=None)
    )


def test_a_count_names_the_contacts_it_counts(contacts, counts):
    """As many ids as counted, the last of them the contact itself, all of one format and mode."""
    by_id = contacts.set_index("event_id")
    for row in counts.itertuples():
        counted = by_id.loc[list(row.event_ids)]
        assert len(counted) == row.counted
        assert counted.index[-1] == row.event_id
        assert len(set(zip(counted["format"], counted["mode"], strict=True))) == 1


def test_a_greeting_takes_a_contact_out_of_the_count(dataset):
    """Had one side called New York a greeting, Seoul 2024 would be the eleventh."""
    said = dataset.designations
    changed = said["designation"].mask(said["event_id"].eq("cc24-3-009a"), "greeting")
    tables = dataset.tables | {"designations": said.assign(designation=changed)}
    found = leaders.running_counts(replace(dataset, tables=tables))
    assert set(found.loc[found["event_id"].eq("leaders-025a"), "counted"]) == {11}


def test_without_the_rule_every_contact_counts(dataset, counts):
    """Seoul 2024 is then the fourteenth: two greetings of Kishida and Yoon come in."""
    loose = leaders.running_counts(dataset, strict=False)
    assert len(loose) == len(counts)
    assert (loose["counted"] >= counts["counted"]).all()
    (ids,) = set(loose.loc[loose["event_id"].eq("leaders-025a"), "event_ids"])
    (kept,) = set(counts.loc[counts["event_id"].eq("leaders-025a"), "event_ids"])
    assert set(ids) - set(kept) == {"leaders-002a", "leaders-006a"}
    assert len(ids) == 14


# Gaps


def test_the_longest_gap_between_summits(contacts):
    """1,003 days from Chengdu on 24 December 2019 to New York on 22 September 2022."""
    meetings = contacts[contacts["counts"] & contacts["format"].eq("bilateral")]
    gaps = leaders.gaps(meetings)
    longest = gaps.loc[gaps["days"].idxmax()]
    assert longest["days"] == 1003
    assert (longest["previous_id"], longest["event_id"]) == ("leaders-001a", "cc24-3-009a")


def test_gaps_are_one_fewer_than_contacts(contacts):
    """Each contact but the first has one before it, and the days add up to the whole."""
    gaps = leaders.gaps(contacts)
    whole = contacts["date_start"].max() - contacts["date_start"].min()
    assert len(gaps) == len(contacts) - 1
    assert gaps["days"].sum() == whole.days


def test_the_order_of_contacts_does_not_matter_for_gaps(contacts):
    """Contacts are put in order of time first."""
    turned = leaders.gaps(contacts.iloc[::-1])
    pd.testing.assert_frame_equal(turned, leaders.gaps(contacts))


def test_contacts_of_one_day_are_no_days_apart(contacts):
    """Two contacts on 13 November 2022 have a gap of 0."""
    day = contacts[contacts["date_start"].eq("2022-11-13")]
    assert leaders.gaps(day)["days"].to_list() == [0]


@pytest.mark.parametrize("number", [0, 1])
def test_fewer_than_two_contacts_have_no_gap(contacts, number):
    """An empty table with the same columns."""
    gaps = leaders.gaps(contacts.head(number))
    assert gaps.empty
    assert list(gaps.columns) == list(leaders.gaps(contacts).columns)
