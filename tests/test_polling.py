"""Approval as it was known on a day, and what moves with it: cases worked by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from jkrel import coverage, figures
from jkrel.analyses import polling
from jkrel.stats import rate_ratio


def spans(*pairs):
    """Windows with their days."""
    rows = pd.DataFrame(pairs, columns=["start", "end"]).apply(pd.to_datetime)
    return coverage.with_days(rows)


def known(*pairs, sizes=None):
    """Readings published on given days, all stated."""
    rows = pd.DataFrame(pairs, columns=["known_on", "approve_pct"]).astype({"approve_pct": float})
    ids = [f"p{n}" for n in range(1, len(rows) + 1)]
    rows = rows.assign(known_on=pd.to_datetime(rows["known_on"]).astype("datetime64[s]"))
    return rows.assign(poll_id=ids, derived=False, day_from="published", sample_size=sizes)


@pytest.fixture
def polls(dataset):
    """The shipped data with a few readings of NHK in place of its own."""

    def made(*rows):
        columns = ["poll_id", "field_end", "published", "approve_pct"]
        table = pd.DataFrame(rows, columns=columns).assign(
            pollster="nhk", derived=False, sample_size=pd.NA
        )
        table["field_end"] = pd.to_datetime(table["field_end"]).astype("datetime64[s]")
        table["published"] = table["published"].astype("str")
        return replace(dataset, tables=dataset.tables | {"polls": table})

    return made


# Readings


def test_a_stated_day_of_publication_is_taken_as_it_is(polls):
    """Published on 3 May, known on 3 May."""
    found = polling.readings(polls(("a", "2022-05-01", "2022-05-03", 50.0)), "nhk")
    assert found["known_on"].tolist() == [pd.Timestamp("2022-05-03")]
    assert found["day_from"].tolist() == ["published"]


def test_without_a_day_the_longest_delay_of_the_pollster_is_added(polls):
    """Delays of one and two days are seen: two are added to the field day."""
    rows = [("a", "2022-05-01", "2022-05-02", 50.0), ("b", "2022-06-01", "2022-06-03", 51.0)]
    found = polling.readings(polls(*rows, ("c", "2022-07-01", None, 52.0)), "nhk")
    assert found["known_on"].iloc[2] == pd.Timestamp("2022-07-03")
    assert found["day_from"].iloc[2] == "field"


def test_a_month_alone_counts_from_its_last_day(polls):
    """February 2024 has 29 days."""
    found = polling.readings(polls(("a", None, "2024-02", 25.0)), "nhk")
    assert found["known_on"].tolist() == [pd.Timestamp("2024-02-29")]
    assert found["day_from"].tolist() == ["month"]


def test_a_reading_is_never_known_after_one_that_was_asked_later(polls):
    """The month's end would place the first behind the second; it moves to the second's day."""
    rows = [("2022-07", None, "2022-07", 54.0), ("2022-07b", "2022-07-18", "2022-07-19", 59.0)]
    found = polling.readings(polls(*rows), "nhk")
    assert found["known_on"].dt.day.tolist() == [19, 19]
    assert polling.last_before([pd.Timestamp("2022-07-20")], found)["approve_pct"].item() == 59


def test_readings_by_field_day_rest_on_the_last_day_asked(polls):
    """The switch sets publication aside."""
    rows = ("a", "2022-05-01", "2022-05-03", 50.0)
    found = polling.readings(polls(rows), "nhk", by="field")
    assert found["known_on"].tolist() == [pd.Timestamp("2022-05-01")]


def test_readings_without_approval_or_any_date_are_left_out(polls):
    """Neither can be used."""
    rows = [("a", "2022-05-01", "2022-05-03", np.nan), ("b", None, None, 40.0)]
    assert polling.readings(polls(*rows), "nhk").empty


def test_readings_hold_one_pollster_only(dataset):
    """Pollsters are never mixed, and each series is in order of time."""
    for pollster in ("nhk", "gallup_korea", "realmeter"):
        found = polling.readings(dataset, pollster)
        own = dataset.polls.loc[dataset.polls["pollster"].eq(pollster), "poll_id"]
        assert set(found["poll_id"]) <= set(own)
        assert found["known_on"].is_monotonic_increasing


@pytest.mark.parametrize(("pollster", "by"), [("gallup", "published"), ("nhk", "asked")])
def test_unknown_pollsters_and_days_are_refused(dataset, pollster, by):
    """The message names what was given."""
    with pytest.raises(KeyError, match=pollster if pollster != "nhk" else by):
        polling.readings(dataset, pollster, by)


# The last reading before a day


def test_the_last_reading_before_a_day_leaves_that_day_out():
    """A poll published on the day of an event was not known before it."""
    rows = known(("2024-01-01", 30), ("2024-01-10", 40))
    days = pd.Series(pd.to_datetime(["2024-01-10", "2024-01-11", "2024-01-01"]))
    found = polling.last_before(days, rows)
    assert found["approve_pct"].tolist()[:2] == [30, 40]
    assert found["approve_pct"].isna().tolist() == [False, False, True]
    assert found["age"].tolist()[:2] == [9, 1]


def test_the_join_keeps_rows_order_and_index():
    """As many rows out as in, whatever their order."""
    days = pd.Series(pd.to_datetime(["2024-02-01", "2024-01-05", "2024-02-01"]), index=[7, 3, 9])
    found = polling.last_before(days, known(("2024-01-01", 30), ("2024-01-10", 40)))
    assert found.index.tolist() == [7, 3, 9]
    assert found["approve_pct"].tolist() == [40, 30, 40]


def test_a_reading_grows_too_old():
    """Ten days are allowed, eleven are not."""
    days = pd.Series(pd.to_datetime(["2024-01-11", "2024-01-12"]))
    found = polling.last_before(days, known(("2024-01-01", 30)), longest=10)
    assert found["approve_pct"].isna().tolist() == [False, True]


def test_spans_are_cut_where_a_new_reading_becomes_known():
    """Published on the 3rd and 6th: the first holds from the 4th to the 6th, the second after."""
    rows = known(("2024-01-03", 30), ("2024-01-06", 40))
    found = polling.known_spans(rows, spans(("2024-01-01", "2024-01-10")))
    assert found["start"].dt.day.tolist() == [4, 7]
    assert found["end"].dt.day.tolist() == [6, 10]
    assert found["days"].tolist() == [3, 4]
    assert found["approve_pct"].tolist() == [30, 40]


def test_spans_say_of_each_day_what_the_join_says(dataset):
    """Two ways to the last reading before a day agree, for days too old as well."""
    rows = polling.readings(dataset, "gallup_korea")
    window = spans(("2023-01-01", "2023-12-31"))
    days = pd.Series(pd.date_range("2023-01-01", "2023-12-31"))
    joined = polling.last_before(days, rows, longest=20)["approve_pct"]
    cut = polling.known_spans(rows, window, longest=20)
    for day, value in zip(days, joined, strict=True):
        held = cut.loc[cut["start"].le(day) & cut["end"].ge(day), "approve_pct"]
        assert held.tolist() == ([] if np.isnan(value) else [value])


# Weeks


def test_weeks_are_whole_and_stay_in_their_window():
    """Sixteen days hold two weeks; the two days left are dropped."""
    found = polling.weeks(spans(("2024-01-01", "2024-01-16"), ("2024-03-01", "2024-03-07")))
    assert found["start"].dt.strftime("%m-%d").tolist() == ["01-01", "01-08", "03-01"]
    assert found["days"].tolist() == [7, 7, 7]
    assert found["window"].tolist() == [0, 0, 1]


def test_totals_count_events_or_sum_weights():
    """Two events in the first week, one in the second, one without a score."""
    cut = polling.weeks(spans(("2024-01-01", "2024-01-14")))
    days = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-07", "2024-01-08", "2024-02-01"]))
    assert polling.totals(days, cut).tolist() == [2, 1]
    assert polling.totals(days, cut, pd.Series([2.5, -1, np.nan, 9])).tolist() == [1.5, 0]


# Moving together


def test_correlation_in_one_window_is_spearmans():
    """With one window nothing but the test differs from the textbook."""
    x, y = [1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4, 3, 7, 8, 6, 5]
    found = polling.moves_with(x, y, [0] * 8, seed=1, draws=50)
    assert found["rho"] == pytest.approx(scipy_stats.spearmanr(x, y).statistic)


def test_a_difference_between_windows_is_no_correlation():
    """Within each window the two are unrelated, though both are higher in the second."""
    x, y = [1, 2, 1, 2, 11, 12, 11, 12], [1, 1, 2, 2, 11, 11, 12, 12]
    found = polling.moves_with(x, y, [0] * 4 + [1] * 4, seed=1, draws=50)
    assert found["rho"] == pytest.approx(0)
    assert scipy_stats.spearmanr(x, y).statistic > 0.7


def test_p_counts_every_combination_of_shifts():
    """Two windows of four weeks in perfect order: one of 16 combinations is as strong.

    Shifted by 0, 1, 2, 3 weeks, ranks -1.5 to 1.5 have sums of products 5, -1, -3, -1 with
    themselves, so that only both unshifted reach 10 of 10.
    """
    x = [1, 2, 3, 4, 1, 2, 3, 4]
    found = polling.moves_with(x, x, [0] * 4 + [1] * 4, seed=1, draws=50)
    assert found["rho"] == pytest.approx(1)
    assert found["p_value"] == pytest.approx(1 / 16)


def test_the_test_is_two_sided():
    """The opposite sign gives the same p; p of sums -10 counts like that of 10."""
    x = [1, 2, 3, 4, 1, 2, 3, 4]
    found = polling.moves_with(x, [-v for v in x], [0] * 4 + [1] * 4, seed=1, draws=50)
    assert found["rho"] == pytest.approx(-1)
    assert found["p_value"] == pytest.approx(1 / 16)


def test_weeks_without_a_value_are_left_out():
    """Six of eight weeks have both."""
    x, y = [1, 2, np.nan, 4, 5, 6, 7, 8], [2, 1, 3, 4, 6, 5, np.nan, 7]
    assert polling.moves_with(x, y, [0] * 8, seed=1, draws=50)["weeks"] == 6


@pytest.mark.parametrize("x", [[5, 5, 5, 5], [np.nan] * 4])
def test_no_correlation_where_approval_does_not_vary(x):
    """Missing, not zero."""
    found = polling.moves_with(x, [1, 2, 3, 4], [0] * 4, seed=1)
    assert np.isnan(found["rho"]) and np.isnan(found["p_value"])


def test_detectable_correlation_falls_with_more_weeks():
    """Of unrelated weeks more find less; with four no correlation at all can be found."""
    random = np.random.default_rng(5)
    least = []
    for weeks in (4, 30, 120):
        x, y = random.normal(size=(2, weeks))
        found = polling.moves_with(x, y, [0] * weeks, seed=1, draws=200)
        least.append(found["detectable"])
    assert np.isnan(least[0])
    assert 0.2 < least[2] < least[1] < 0.7


def test_detectable_correlation_is_near_that_of_independent_weeks():
    """With 85 independent pairs 0.30 is found with 80 % (Cohen 1992, Psychol. Bull. 112, 155)."""
    x, y = np.random.default_rng(8).normal(size=(2, 85))
    found = polling.moves_with(x, y, [0] * 85, seed=1, draws=400)
    assert found["detectable"] == pytest.approx(0.30, abs=0.05)


def test_the_same_seed_gives_the_same_numbers():
    """Bootstrap and simulation are seeded."""
    x, y = np.random.default_rng(3).normal(size=(2, 20))
    first, second = (polling.moves_with(x, y, [0] * 20, seed=9, draws=100) for _ in range(2))
    assert first == second
    assert first["low"] < first["rho"] < first["high"]


def test_a_look_joins_weeks_with_what_was_known_before_them():
    """Four weeks with 1, 2, 3, 4 acts under 10, 20, 30, 40 per cent: perfect order."""
    published = ["2023-12-31", "2024-01-07", "2024-01-14", "2024-01-21"]
    rows = known(*zip(published, [10, 20, 30, 40], strict=True))
    starts = pd.date_range("2024-01-01", periods=4, freq="7D")
    days = [start for n, start in enumerate(starts, 1) for _ in range(n)]
    events = pd.DataFrame({"date_start": days, "score": -1.0})
    window = spans(("2024-01-01", "2024-01-30"))
    found = polling.look(events, rows, window, seed=1)
    assert (found["events"], found["weeks"], found["rho"]) == (10, 4, pytest.approx(1))
    assert polling.look(events, rows, window, 1, "score")["rho"] == pytest.approx(-1)


# Rates


def test_around_counts_the_day_itself_as_before():
    """One act on the day, one after it; ten days on each side."""
    window = spans(("2024-01-01", "2024-12-31"))
    found = polling.around(["2024-04-10", "2024-04-20", "2024-04-21"], "2024-04-10", window, 10)
    assert (found["count_1"], found["days_1"]) == (1, 10)
    assert (found["count_2"], found["days_2"]) == (1, 10)
    assert found["ratio"] == pytest.approx(1)


def test_around_tells_what_a_full_stop_would_have_shown():
    """Six acts before and none after, days being equal: p = 2 / 2**6."""
    days = pd.date_range("2024-03-01", periods=6)
    window = spans(("2024-01-01", "2024-12-31"))
    found = polling.around([*days, "2024-04-20"], "2024-04-10", window, 60)
    assert found["p_if_none"] == pytest.approx(2 / 2**6)
    assert found["detectable"] > 1


def test_around_says_nothing_where_nothing_is_covered():
    """No day after: counts stay, the ratio is missing."""
    found = polling.around(["2024-04-01"], "2024-04-28", spans(("2024-01-01", "2024-04-17")), 60)
    assert (found["count_2"], found["days_1"]) == (1, 0)
    assert np.isnan([found[name] for name in ("ratio", "detectable", "p_if_none")]).all()


def test_not_lower_agrees_with_its_interval():
    """The one-sided test at 5 % and the 90 % interval say the same, on both sides of its end."""
    low, high = spans(("2024-01-01", "2024-04-09")), spans(("2024-05-01", "2024-08-08"))
    days = [*pd.date_range("2024-01-01", periods=18), *pd.date_range("2024-05-01", periods=20)]
    end = polling.not_lower(days, low, high, 0.5)["low"]
    assert polling.not_lower(days, low, high, end - 0.01)["p_margin"] < 0.05
    assert polling.not_lower(days, low, high, end + 0.01)["p_margin"] > 0.05


def test_not_lower_by_hand():
    """Four acts under low approval, none else, days equal, margin 1: p = 1 / 2**4."""
    low, high = spans(("2024-01-01", "2024-01-31")), spans(("2024-03-01", "2024-03-31"))
    found = polling.not_lower(pd.date_range("2024-01-01", periods=4), low, high, 1)
    assert found["p_margin"] == pytest.approx(1 / 16)


def test_not_lower_says_nothing_without_days_of_low_approval():
    """Nothing to compare with."""
    none, high = spans(("2024-01-01", "2024-01-31")).iloc[:0], spans(("2024-03-01", "2024-03-31"))
    found = polling.not_lower(["2024-03-02"], none, high, 0.5)
    assert found["days_1"] == 0
    assert np.isnan([found["ratio"], found["p_margin"], found["provable"]]).all()


def test_provable_margin_is_reached_four_times_in_five():
    """By enumeration: of 40 acts, days equal, the lower end reaches the margin with 80 %."""
    margin = polling.provable_margin(40, 100, 100)
    counts = np.arange(41)
    ends = np.array([rate_ratio(n, 100, 40 - n, 100, 0.9).low for n in counts])
    chance = scipy_stats.binom(40, 0.5).pmf(counts)
    assert chance[ends >= margin].sum() >= 0.8
    assert chance[ends > margin].sum() < 0.8


# Spread


def test_readings_far_apart_differ_by_more_than_sampling():
    """40 and 60 of 100 each: chi-squared 8 with one degree of freedom."""
    found = polling.beyond_sampling(
        known(("2024-01-01", 40), ("2024-02-01", 60), sizes=pd.array([100, 100], "Int64"))
    )
    assert found["p_value"] == pytest.approx(scipy_stats.chi2(1).sf(8))
    assert found["sampling"] == pytest.approx(np.sqrt(24))
    assert (found["lowest"], found["highest"]) == (40, 60)


def test_one_reading_has_no_spread():
    """Readings without a stated number of answers do not count."""
    sizes = pd.array([1000, None], "Int64")
    found = polling.beyond_sampling(known(("2024-01-01", 40), ("2024-02-01", 41), sizes=sizes))
    assert found["readings"] == 1
    assert np.isnan(found["p_value"])


# Figures


def test_approval_is_drawn_as_known_and_derived_values_hollow():
    """One level for each reading; filled, hollow, and a triangle where only the month is known."""
    rows = known(("2024-01-10", 30), ("2024-02-10", 40), ("2024-02-29", 35))
    rows = rows.assign(derived=[False, True, False], day_from=["published", "published", "month"])
    fig, ax = figures.figure(2)
    figures.approval(ax, rows, "Somebody (NHK)")
    (line,) = ax.get_lines()
    assert line.get_drawstyle() == "steps-post"
    drawn = [dots for dots in ax.collections if len(dots.get_offsets())]
    assert sorted(float(dots.get_offsets()[0, 1]) for dots in drawn) == [30, 35, 40]
    hollow = [dots for dots in drawn if dots.get_facecolor()[0].tolist() == [1, 1, 1, 1]]
    assert [float(dots.get_offsets()[0, 1]) for dots in hollow] == [40]
    assert [text.get_text() for text in ax.texts] == ["Somebody (NHK)"]
    figures.plt.close(fig)


def test_correlations_are_drawn_on_what_chance_gives():
    """The first row on top; the scale is that of a correlation."""
    rows = pd.DataFrame(
        {"rho": [0.1, -0.2], "low": -0.3, "high": 0.4, "null_low": -0.2, "null_high": 0.2},
        index=["first", "second"],
    )
    fig, ax = figures.figure(2)
    figures.correlations(ax, rows)
    assert ax.get_xlim() == (-1, 1)
    assert ax.get_lines()[0].get_xydata().tolist() == [[0.1, 1], [-0.2, 0]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second"]
    figures.plt.close(fig)
