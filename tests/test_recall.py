"""The chronicler's recall: what chronologies tell of what outside sources record."""

import numpy as np
import pytest

from jkrel import coverage
from jkrel.analyses import claims, launches, recall


@pytest.fixture(scope="module")
def windows(dataset):
    return coverage.windows(dataset, "chronology")


@pytest.fixture(scope="module")
def days(dataset, windows):
    return recall.launch_days(dataset, claims.answers(dataset), windows, 3)


def day(days, launch_id):
    """The one row of a launch day."""
    return days.set_index("launch_id").loc[launch_id]


SENSES = ["as_event", "in_entry", "in_body", "followed"]

# Events


@pytest.mark.parametrize("series", ["leader_contacts", "trilateral_meetings_ministers"])
def test_recorded_events_are_those_of_the_series_in_the_windows(dataset, windows, series):
    """No event is added, lost, or told twice."""
    rows = recall.recorded(dataset, series, windows)
    events = dataset.sel(series=series).events
    inside = events[coverage.within(events["date_start"], windows)]
    assert sorted(rows["event_id"]) == sorted(inside["event_id"])


def test_an_event_of_two_series_is_one_row(dataset, windows):
    """The summit in Phnom Penh is a contact of leaders and a trilateral meeting."""
    both = ["leader_contacts", "trilateral_meetings_ministers"]
    rows = recall.recorded(dataset, both, windows)
    assert rows["event_id"].eq("cc24-3-046a").sum() == 1


def test_told_means_told_by_a_chronology(dataset, windows):
    """The talks in New York are told; the greeting at the dinner of November 2022 is not."""
    told = recall.recorded(dataset, "leader_contacts", windows).set_index("event_id")["told"]
    assert told["cc24-3-009a"] and not told["leaders-006a"]


def test_outside_sources_are_no_chronologies(dataset, windows):
    """Each event of an outside series has a source that is not the article."""
    rows = recall.recorded(dataset, "trilateral_meetings_ministers", windows)
    sources = dataset.event_sources[dataset.event_sources["series"].ne("chronology")]
    of_summit = sources.loc[sources["event_id"].eq("cc24-3-046a"), "source_id"].nunique()
    assert rows["outside"].gt(0).all()
    assert rows.set_index("event_id").loc["cc24-3-046a", "outside"] == of_summit


def test_recall_of_the_chronology_by_itself_is_whole(dataset, windows):
    """What a chronology tells, a chronology tells."""
    assert recall.recorded(dataset, "chronology", windows)["told"].all()


# Launch days


def test_launch_days_are_those_in_the_windows(dataset, windows, days):
    """As described for the notebook on launches, in the same number."""
    known = launches.described(dataset)
    inside = known[coverage.within(known["date"], windows)]
    assert list(days["launch_id"]) == list(inside["launch_id"])


def test_wider_senses_hold_the_stricter_ones(days):
    """What is told as an event is told in an entry, in the body, and followed."""
    for strict, wide in zip(SENSES, SENSES[1:], strict=False):
        assert (days[wide] | ~days[strict]).all()


@pytest.mark.parametrize(
    ("launch_id", "senses"),
    [
        ("launch-2024-01-14", [True, True, True, True]),
        ("launch-2022-09-29", [False, True, True, True]),
        ("launch-2022-11-02", [False, False, True, True]),
        ("launch-2024-01-28", [False, False, False, True]),
        ("launch-2024-04-22", [False, False, False, False]),
    ],
)
def test_how_far_a_launch_day_is_told(days, launch_id, senses):
    """An event; a launch that an entry dates; a day of the body; a word after it; nothing."""
    assert day(days, launch_id)[SENSES].tolist() == senses


def test_a_count_of_days_names_none_of_them(days):
    """The body counts the launch of New Year's Eve among its days, and does not name it."""
    found = day(days, "launch-2022-12-31")
    assert found["counted"] and not found["in_body"]


def test_a_longer_reach_finds_no_less(dataset, windows, days):
    """With two weeks instead of three days, what was followed stays so."""
    longer = recall.launch_days(dataset, claims.answers(dataset), windows, 14)
    assert (longer["followed"] | ~days["followed"]).all()
    assert longer["followed"].sum() > days["followed"].sum()


# Two lists


@pytest.mark.parametrize(
    ("first", "second", "both", "estimate"),
    [(100, 100, 10, 926.4), (100, 100, 20, 484.8), (10, 15, 5, 28.3)],
)
def test_chapmans_estimate(first, second, both, estimate):
    """101 x 101 / 11 - 1, a textbook's trout; the others in the same way."""
    assert recall.chapman(first, second, both)["estimate"] == pytest.approx(estimate, abs=0.05)


def test_the_interval_inverts_the_hypergeometric_distribution():
    """Of five on one list all are on the other: were there seven, one in 21 would be so lucky.

    All five on both has a chance of 1 in 21 of seven cases, which is above 0.025, and of 1 in 56
    of eight, which is below it.
    """
    found = recall.chapman(5, 5, 5)
    assert (found["low"], found["high"]) == (5, 7)


def test_a_list_within_the_other_adds_no_unseen_case():
    """The estimate is then what was seen, and only the interval says that more may be."""
    found = recall.chapman(7, 5, 5)
    assert found["seen"] == found["estimate"] == found["low"] == 7
    assert found["high"] > 7


def test_lists_without_a_common_case_have_no_upper_end():
    """Nothing says how many there are."""
    found = recall.chapman(4, 3, 0)
    assert found["high"] == np.inf and found["seen"] == 7


@pytest.mark.parametrize("counts", [(5, 3, 4), (3, 3, -1)])
def test_impossible_counts_are_refused(counts):
    """No more cases stand on both lists than on each."""
    with pytest.raises(ValueError, match="both lists"):
        recall.chapman(*counts)
