"""Institutionalisation: promises against sessions, cadence, regularity, diversity and shares."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jkrel import figures
from jkrel.analyses import institutions

SUMMIT, END = "2023-08-18", "2024-09-30"


def days(*dates):
    return pd.DataFrame({"date_start": pd.to_datetime(list(dates))})


@pytest.fixture
def promises(dataset):
    """Rows of the ledger for promises and sessions made up by hand.

    Each promise is a mechanism: its rhythm in days, its recorded start, and its sessions as days,
    told by the complete series or, marked by a question mark, by the partial one.
    """

    def make(as_of=END, **made):
        mechanisms, events, told = [], [], []
        for name, (rhythm, start, *sessions) in made.items():
            row = {"mechanism_id": name, "name": name, "level": "minister", "domain": "security"}
            row |= {"rhythm_days": rhythm, "first_session": start, "camp_david": True}
            mechanisms.append(row)
            for day in sessions:
                event = f"{name}-{day}"
                events.append((event, name, pd.Timestamp(day.strip("?"))))
                series = "trilateral_meetings" + ("" if "?" in day else "_ministers")
                told.append((event, series))
        columns = ["event_id", "mechanism", "date_start"]
        tables = dataset.tables | {
            "mechanisms": pd.DataFrame(mechanisms).astype({"rhythm_days": "Int64"}),
            "events": pd.DataFrame(events, columns=columns).astype({"date_start": "datetime64[s]"}),
            "event_sources": pd.DataFrame(told, columns=["event_id", "series"]),
        }
        return institutions.ledger(replace(dataset, tables=tables, whole=tables), SUMMIT, as_of)

    return make


# Ledger


def test_the_ledger_has_a_row_for_each_promise_of_camp_david(dataset):
    """Each mechanism so marked is a row once, and no other is."""
    promised = dataset.mechanisms.loc[dataset.mechanisms["camp_david"], "mechanism_id"]
    assert list(institutions.ledger(dataset, SUMMIT, END).index) == list(promised)


@pytest.mark.parametrize(
    ("promise", "status"),
    [
        ((365, None, "2024-01-10"), "in rhythm"),
        ((91, None, "2023-09-01"), "overdue"),
        ((91, None, "2023-09-01?"), "not known"),
        ((91, None, "2023-09-01", "2023-10-01?"), "not known"),
        ((730, None, "2022-09-01"), "not yet due"),
        ((365, None, "2022-09-01"), "overdue"),
        ((365, None), "not known"),
        ((None, None, "2024-01-10?"), "held"),
        ((None, "2023-12"), "begun"),
        ((None, "2016"), "not known"),
        ((None, None, "2022-09-01"), "not held"),
        ((None, None, "2022-09-01?"), "not known"),
    ],
)
def test_absence_counts_only_where_the_complete_series_looks(promises, promise, status):
    """A promise is late or unheld only if the complete series tells all its known sessions."""
    assert promises(it=promise).loc["it", "status"] == status


def test_the_first_session_is_counted_from_the_day_after_the_promise(promises):
    """The summit itself keeps no promise; eleven days after it do."""
    row = promises(it=(365, None, "2022-09-01", "2023-08-18", "2023-08-29", "2024-01-01")).loc["it"]
    assert (row["days"], row["sessions"], row["older"]) == (11, 2, True)
    assert row["last"] == pd.Timestamp("2024-01-01") and row["due"] == pd.Timestamp("2024-12-31")


def test_a_recorded_start_stands_in_for_a_first_session(promises):
    """Without a session the first day is the start in the table, at the earliest it can mean."""
    row = promises(it=(None, "2023-12")).loc["it"]
    assert (row["days"], row["sessions"], row["older"]) == (105, 0, False)


def test_periods_of_a_rhythm_are_kept_by_a_session_in_each(promises):
    """Of four quarters since the summit, days 1 to 91 and 183 to 273 hold sessions: two kept."""
    sessions = ("2023-08-19", "2023-11-17", "2024-02-17")
    row = promises(it=(91, None, *sessions)).loc["it"]
    assert (row["periods"], row["kept"]) == (4, 2)


def test_the_day_after_a_period_belongs_to_the_next(promises):
    """Day 92 after the promise lies in the second quarter."""
    assert promises(it=(91, None, "2023-11-18")).loc["it", "kept"] == 1
    assert promises(it=(91, None, "2023-11-17", "2023-11-18")).loc["it", "kept"] == 2


def test_sessions_after_the_day_of_judgement_do_not_count(promises):
    """What was held later is not yet known on that day."""
    row = promises(as_of="2024-01-01", it=(None, None, "2024-01-02")).loc["it"]
    assert (row["sessions"], row["status"]) == (0, "not held")


def test_nothing_is_overdue_after_the_complete_window(promises):
    """The series is complete to September 2024; by December nobody can say."""
    made = {"it": (91, None, "2023-09-01")}
    assert promises(as_of="2024-09-30", **made).loc["it", "status"] == "overdue"
    assert promises(as_of="2024-12-31", **made).loc["it", "status"] == "not known"


def test_selecting_sessions_does_not_change_what_the_series_covers(dataset):
    """Without sessions beside gatherings the leaders' summit is overdue, not unknown."""
    alone = dataset.events[dataset.events["sidelines_of"].isna()]
    book = institutions.ledger(dataset.only(alone["event_id"]), SUMMIT, END)
    assert book.loc["trilateral_leaders_summit", "status"] == "overdue"
    assert institutions.ledger(dataset, SUMMIT, END)["looked"].equals(book["looked"])


def test_the_day_of_judgement_lies_after_the_promise(dataset):
    """A ledger on the day of the promise has nothing to judge."""
    with pytest.raises(ValueError, match="not after the promise"):
        institutions.ledger(dataset, SUMMIT, SUMMIT)


# Coverage and cadence


def test_cadence_is_days_over_events_with_the_poisson_interval(dataset):
    """Ten events in 121 days: 12.1 days, and 121 over Garwood's 18.39 and 4.795."""
    events = days(*pd.date_range("2024-01-01", periods=10), "2024-05-01")
    periods = [("early 2024", "2024-01-01", "2024-04-30", 14)]
    row = institutions.cadence(dataset, {"any": (events, "chronology")}, periods).iloc[0]
    assert (row["events"], row["days"], row["coverage"]) == (10, 121, "complete")
    found = row[["mean_gap", "low", "high"]].astype(float)
    assert list(found.round(2)) == [12.1, 6.58, 25.23]
    assert row["verdict"] == "fits"


def test_no_event_is_an_open_gap(dataset):
    """Nothing in 121 days: no mean, and at least 121 over 3.689 days."""
    periods = [("early 2024", "2024-01-01", "2024-04-30", 14)]
    row = institutions.cadence(dataset, {"any": (days(), "chronology")}, periods).iloc[0]
    assert row["events"] == 0 and np.isinf(row["mean_gap"]) and np.isinf(row["high"])
    assert round(row["low"], 1) == 32.8


def test_no_pace_is_given_where_nobody_looked(dataset):
    """The chronologies leave 2023 out, so its numbers are missing and not zero."""
    periods = [("2023", "2023-01-01", "2023-12-31", 3.5)]
    row = institutions.cadence(dataset, {"any": (days(), "chronology")}, periods).iloc[0]
    assert row[["events", "days", "mean_gap", "low", "high"]].isna().all()
    assert row["verdict"] == "not looked at"


@pytest.mark.parametrize(
    ("stated", "seen", "said"),
    [
        (10, "complete", "fits"),
        (5, "complete", "fits"),
        (21, "partial", "oftener"),
        (4, "complete", "rarer"),
        (4, "partial", "rarer in the data"),
    ],
)
def test_a_partial_series_cannot_show_that_meetings_were_rarer(stated, seen, said):
    """Against an interval of 5 to 20 days; what is missing could only shorten it."""
    assert institutions.verdict(stated, 5, 20, seen) == said


def test_a_pace_in_words_tells_what_would_be_missing(dataset):
    """Ten events in 121 days; one every five days asks for 24, so 14 more."""
    events = days(*pd.date_range("2024-01-01", periods=10))
    periods = [("early 2024", "2024-01-01", "2024-04-30", 5)]
    definitions = {"Any": (events, "chronology"), "First": (events.head(1), "chronology")}
    words = institutions.in_words(institutions.cadence(dataset, definitions, periods))
    assert words.startswith("**early 2024, every 5 days** — *rarer*: any (12.1), first (121.0).")
    assert words.endswith("10 are found; the stated pace asks for 24, so that 14 would be missing.")


def test_a_pace_in_words_keeps_to_what_was_looked_at(dataset):
    """Of a period nobody looked at, no number is told."""
    periods = [("2023", "2023-01-01", "2023-12-31", 3.5)]
    pace = institutions.cadence(dataset, {"Any": (days(), "chronology")}, periods)
    assert institutions.in_words(pace) == "**2023, every 3.5 days** — *not looked at*: any."


# Regularity


def test_regularity_is_the_variation_of_the_gaps():
    """Gaps of 10, 20 and 30 days: standard deviation 10 over mean 20; a day twice is once."""
    dates = ["2024-01-01", "2024-01-11", "2024-01-11", "2024-01-31", "2024-03-01"]
    found = institutions.regularity(dates, seed=1, draws=200)
    assert (found["gaps"], found["mean_gap"], found["cv"]) == (3, 20, 0.5)


def test_a_clock_is_more_regular_than_chance():
    """Weekly meetings do not vary, and lie below all that chance gives."""
    found = institutions.regularity(pd.date_range("2024-01-01", periods=20, freq="7D"), 1, 500)
    assert found["cv"] == 0 and found["p_value"] < 0.01
    assert 0 < found["detectable"] < found["chance_low"] < 1 < found["chance_high"]


def test_chance_gaps_vary_as_much_as_their_mean():
    """Many gaps drawn at random have a coefficient close to one, inside the range of chance."""
    gaps = np.ceil(np.random.default_rng(3).exponential(30, 400))
    dates = pd.Timestamp("1990-01-01") + pd.to_timedelta(gaps.cumsum(), unit="D")
    found = institutions.regularity(dates, seed=1, draws=300)
    assert found["chance_low"] < found["cv"] < found["chance_high"]
    assert found["chance_low"] > 0.85 and found["chance_high"] < 1.15


def test_more_gaps_show_a_weaker_regularity():
    """The largest coefficient that is found four times in five comes nearer to one."""
    few, many = (pd.date_range("2020-01-01", periods=n, freq="30D") for n in (8, 60))
    weaker = institutions.regularity(many, 1, 500)["detectable"]
    assert institutions.regularity(few, 1, 500)["detectable"] < weaker


def test_two_gaps_tell_nothing_of_regularity():
    """At least three are asked for."""
    with pytest.raises(ValueError, match="2 gaps are too few"):
        institutions.regularity(["2024-01-01", "2024-01-05", "2024-01-09"], seed=1)


# Diversity


@pytest.mark.parametrize(
    ("labels", "effective", "differ"),
    [("abcd", 4, 1), ("aaaa", 1, 0), ("aabb", 2, 2 / 3), ("aaab", 1.7548, 0.5)],
)
def test_diversity_by_hand(labels, effective, differ):
    """Entropy of 3:1 is 0.5623, whose exponential is 1.7548; two of 3:1 differ in 3 of 6 pairs."""
    for measure, expected in (("effective", effective), ("differ", differ)):
        found = institutions.compare_diversity(labels, "abcd", 1, 99, measure)
        assert found["diversity_1"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("measure", ["effective", "differ"])
def test_equal_samples_do_not_differ_in_diversity(measure):
    """The difference is zero and no shuffle gives less."""
    found = institutions.compare_diversity("aabbc", "aabbc", 1, 500, measure)
    assert (found["n_1"], found["n_2"], found["difference"], found["p_value"]) == (5, 5, 0, 1)


def test_the_p_value_of_diversity_is_that_of_all_shuffles():
    """Of the 20 ways to part aaabcd in halves, two are as far apart as aaa and bcd."""
    found = institutions.compare_diversity("bcd", "aaa", 1, 999)
    assert found["difference"] == pytest.approx(2)
    assert found["p_value"] == pytest.approx(2 / 20)


def test_only_the_chance_that_two_differ_has_an_interval():
    """The effective number would need one that resampling cannot give."""
    samples = ("abcdefgh", "aaaabbbb")
    assert np.isnan(institutions.compare_diversity(*samples, 1, 500)["low"])
    found = institutions.compare_diversity(*samples, 1, 500, "differ")
    assert found["low"] < found["difference"] < found["high"]


# Shares


def test_equal_weights_give_the_test_without_weights():
    """Three of three against none of three: 2 of 20 shuffles are as far apart."""
    first = pd.DataFrame({"marked": [True] * 3, "weight": 2.0})
    second = pd.DataFrame({"marked": [False] * 3, "weight": 2.0})
    found = institutions.compare_weighted(first, second, seed=1, draws=999)
    assert (found["share_1"], found["share_2"], found["difference"]) == (1, 0, 1)
    assert found["p_value"] == pytest.approx(0.1)


def test_heavier_events_count_for_more():
    """A marked event of weight 3 beside one of weight 1 makes three quarters."""
    first = pd.DataFrame({"marked": [True, False], "weight": [3.0, 1.0]})
    second = pd.DataFrame({"marked": [True, False], "weight": [1.0, 1.0]})
    found = institutions.compare_weighted(first, second, seed=1, draws=99)
    assert (found["share_1"], found["share_2"]) == (0.75, 0.5)


# Looks of groups in figures


def test_groups_keep_their_look_and_differ_without_colour():
    """Each level has a shape of its own, filled and hollow in turn, whatever follows it."""
    first, second, third = figures.looks(["leader", "minister", "working"]).values()
    assert first == {"marker": "o", "facecolor": "#333333", "edgecolor": "#333333"}
    assert (second["marker"], second["facecolor"]) == ("s", "#FFFFFF")
    assert third["facecolor"] == first["facecolor"] and third["marker"] != first["marker"]
    assert figures.looks(["leader"])["leader"] == first


def test_thirteen_groups_have_thirteen_shapes():
    """As many as there are levels in the codebook."""
    shapes = [look["marker"] for look in figures.looks(range(13)).values()]
    assert len(set(shapes)) == 13
