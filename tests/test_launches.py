"""Launches and what follows them: each statistic against a case small enough to work by hand."""

from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, binomtest, chi2, fisher_exact, hypergeom, nchypergeom_fisher

from jkrel import coverage, figures, shifts
from jkrel.analyses import launches

HALF = {"days": 100, "days_after": 50}
"""Half of the days follow a launch."""
YEAR_1 = HALF | {"contacts": 10, "following": 8, "share": 0.8, "ratio": 4.0}
"""Eight of ten contacts on half of the days: four times the rate of other days."""
YEAR_2 = HALF | {"contacts": 8, "following": 2, "share": 0.25, "ratio": 1 / 3}
"""Two of eight on half of the days: a third of the rate of other days."""


def days(*numbers):
    """Days of January 2024 by their number; 0 is the day before."""
    return pd.DatetimeIndex([pd.Timestamp(2023, 12, 31) + pd.Timedelta(days=n) for n in numbers])


def window(first, last):
    """One window from one day of January 2024 to another."""
    return coverage.with_days(pd.DataFrame({"start": days(first), "end": days(last)}))


def times(*pairs):
    """Times in days, with whether each was answered."""
    return pd.DataFrame(pairs, columns=["days", "answered"])


# Launches described


@pytest.fixture(scope="module")
def listed(dataset):
    return launches.described(dataset)


def test_describing_adds_no_row(dataset, listed):
    """The launch days and their columns stay, in the same order."""
    pd.testing.assert_frame_equal(listed[dataset.launches.columns], dataset.launches)


@pytest.mark.parametrize(
    ("launch_id", "lists", "ballistic", "missile"),
    [
        ("launch-2022-03-20", {"csis"}, False, False),
        ("launch-2023-02-23", {"csis", "third"}, False, True),
        ("launch-2023-11-22", {"cns"}, True, True),
        ("launch-2023-12-18", {"csis", "cns", "third"}, True, True),
        ("launch-2024-09-18", {"csis", "cns"}, True, True),
    ],
)
def test_a_day_is_described_by_the_code_lists(listed, launch_id, lists, ballistic, missile):
    """Rocket artillery is no missile, a cruise missile no ballistic one; one of a mix is enough."""
    (row,) = listed[listed["launch_id"].eq(launch_id)].to_dict("records")
    assert {name for name in ("csis", "cns", "third") if row[name]} == lists
    assert (row["ballistic"], row["missile"]) == (ballistic, missile)


# Days after launches


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(0, 2, [5, 6, 7, 8, 9]), (1, 2, [6, 7, 8, 9]), (0, 0, [5, 7]), (-2, -1, [3, 4, 5, 6])],
)
def test_days_after_launches_come_once_and_in_order(first, last, expected):
    """Launches on the 7th and 5th: their days overlap; negative numbers look back."""
    assert list(launches.days_from(days(7, 5), first, last)) == list(days(*expected))


def test_the_last_day_must_not_lie_before_the_first():
    """The message names both."""
    with pytest.raises(ValueError, match="-1, lies before the first, 0"):
        launches.days_from(days(5), 0, -1)


def test_clustering_around_days_after_looks_in_one_direction():
    """Of contacts a day before and a day after a launch, only the second is near."""
    after = launches.days_from(days(10), 0, 3)
    found = shifts.clustering(days(9, 11), after, window(1, 20), reach=0, seed=1, draws=0)
    assert (found.observed, found.expected) == (1, pytest.approx(2 * 4 / 20))


# First answers


def found(launched, told, span, **options):
    """First answers as rows of launch day, days and answered."""
    table = launches.first_answers(days(*launched), days(*told), span, **options)
    return [(t.launch.day, t.days, t.answered) for t in table.itertuples()]


def test_the_first_answer_ends_the_time():
    """Answers before the launch do not count, nor do later ones than the first."""
    assert found([5], [4, 8, 9], window(1, 20)) == [(5, 3, True)]


def test_an_answer_on_the_day_itself_counts_unless_left_out():
    """Day 0 is the day of the launch."""
    assert found([5], [5, 9], window(1, 20)) == [(5, 0, True)]
    assert found([5], [5, 9], window(1, 20), first=1) == [(5, 4, True)]


def test_the_end_of_the_window_censors():
    """An answer after the window is not seen; a launch outside is left out."""
    assert found([5, 25], [22, 26], window(1, 20)) == [(5, 15, False)]


def test_the_next_launch_censors_only_when_asked():
    """One answer on the 9th is either that of both launches or of the second alone."""
    assert found([5, 8], [9], window(1, 20)) == [(5, 4, True), (8, 1, True)]
    assert found([5, 8], [9], window(1, 20), next_launch=True) == [(5, 2, False), (8, 1, True)]


def test_an_answer_on_the_day_of_the_next_launch_belongs_to_the_next():
    """The look at a launch ends on the day before the next."""
    assert found([5, 8], [8], window(1, 20), next_launch=True) == [(5, 2, False), (8, 0, True)]


def test_launches_never_looked_at_are_left_out():
    """With the day itself left out, a launch on the last day, or before another, has no day."""
    assert found([5, 6, 20], [9], window(1, 20), next_launch=True, first=1) == [(6, 3, True)]


def test_several_launches_or_answers_of_a_day_count_once():
    """The unit is the day."""
    assert found([5, 5], [6, 6], window(1, 20)) == [(5, 1, True)]


# Share answered


def test_share_answered_by_hand():
    """Days 1, 2 (censored), 3, 3: left 3/4, then none of the last two."""
    curve = launches.answered_share(times((1, True), (2, False), (3, True), (3, True)))
    assert curve["share"].to_dict() == pytest.approx({-1: 0, 0: 0, 1: 0.25, 2: 0.25, 3: 1})


def test_share_without_censoring_is_the_plain_share():
    """Two of five on the day itself, one more on the second day after."""
    curve = launches.answered_share(times(*[(0, True)] * 2, (2, True), *[(9, False)] * 2))
    assert curve.loc[[0, 1, 2, 9], "share"].tolist() == pytest.approx([0.4, 0.4, 0.6, 0.6])


def test_the_interval_is_the_log_log_one():
    """One of four: Greenwood gives 3/4 a standard error of sqrt(3/64); z is 1.96."""
    curve = launches.answered_share(times((1, True), *[(5, False)] * 3))
    width = 1.959964 * np.sqrt(3 / 64) / (0.75 * np.log(0.75))
    expected = 1 - 0.75 ** np.exp([width, -width])
    assert curve.loc[1, ["low", "high"]].tolist() == pytest.approx(expected.tolist(), rel=1e-5)
    assert curve.loc[[-1, 0], ["low", "high"]].isna().all(axis=None)


def test_the_median_and_its_interval():
    """The first days on which the curve and the ends of its interval reach one half."""
    curve = pd.DataFrame({"share": [0, 0.5, 0.7], "low": [np.nan, 0.2, 0.4], "high": [0.5, 0.8, 1]})
    assert launches.reached(curve).to_list()[:2] == [1, 0]
    assert launches.reached(curve).isna().to_dict() == {"day": 0, "earliest": 0, "latest": 1}


def test_the_log_rank_test_by_hand():
    """Days 1, 2 against 3, 4: two answered where 5/6 is expected, with variance 17/36."""
    found = launches.log_rank(times((1, True), (2, True), (3, True), (4, True)), list("aabb"))
    assert found["p_value"] == pytest.approx(chi2.sf((2 - 5 / 6) ** 2 / (17 / 36), 1))
    assert (found["launches"], found["answered"]) == (4, 4)


def test_the_log_rank_test_counts_answers_of_the_day_itself():
    """A day more on every time changes nothing."""
    table = times((0, True), (0, True), (2, False), (3, True), (5, True))
    later = table.assign(days=table["days"] + 1)
    first, second = (launches.log_rank(t, list("aabab")) for t in (table, later))
    assert first["p_value"] == pytest.approx(second["p_value"])


def test_the_detectable_hazard_ratio_is_schoenfelds():
    """With 88 answers and halves, log ratio (1.96 + 0.84) / sqrt(88 / 4): a ratio of 1.82."""
    table = times(*[(day % 9, True) for day in range(88)])
    assert launches.log_rank(table, list("ab") * 44)["detectable"] == pytest.approx(1.82, abs=0.005)
    assert np.isnan(launches.log_rank(table, list("abcd") * 22)["detectable"])


# Contacts on days that follow


def test_contacts_that_follow_are_counted_inside_windows():
    """Of ten days four follow a launch; two of three contacts lie on them: rate ratio 3."""
    after = launches.days_from(days(3, 30), 0, 3)
    row = launches.following(days(3, 5, 8, 31), after, window(1, 10))
    counts = {"contacts": 3, "following": 2, "days": 10, "days_after": 4}
    assert row.items() >= counts.items()
    assert (row["share"], row["chance"], row["ratio"]) == pytest.approx((2 / 3, 0.4, 3))


def test_nothing_to_compare_is_missing_not_an_error():
    """No contact, or no day after a launch, gives no ratio."""
    after = launches.days_from(days(3), 0, 3)
    none = launches.following(days(30), after, window(1, 10))
    never = launches.following(days(3), launches.days_from(days(30), 0, 3), window(1, 10))
    assert np.isnan([none["share"], none["ratio"], never["ratio"]]).all()


# Change


def test_without_a_change_of_launches_the_test_is_fishers():
    """Where half of the days follow a launch in both years, odds alone are compared."""
    later, earlier = YEAR_2, YEAR_1
    found = launches.change(earlier, later)
    table = [[2, 6], [8, 2]]
    tails = [fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    assert found["p_value"] == pytest.approx(2 * min(tails))
    assert found["p_value"] > 0.05
    assert found["low"] < found["ratio"] < 1 < found["high"]


def test_the_test_of_change_follows_the_noncentral_law():
    """With other odds of days the tails are those of scipy's law at the ratio of the odds."""
    later = YEAR_2 | {"days_after": 20}
    law = nchypergeom_fisher(18, 10, 8, 20 / 80)
    expected = 2 * min(law.cdf(2), law.sf(1))
    assert launches.change(YEAR_1, later)["p_value"] == pytest.approx(min(1, expected))


def test_a_change_that_launches_explain_is_none():
    """Half of the contacts on half of the days, then a fifth on a fifth: the ratio is near 1."""
    earlier = {"contacts": 40, "following": 20, "days": 100, "days_after": 50}
    later = {"contacts": 40, "following": 8, "days": 100, "days_after": 20}
    found = launches.change(earlier, later)
    assert found["ratio"] == pytest.approx(1, abs=0.02)
    assert found["p_value"] > 0.9


@pytest.mark.parametrize(("following", "low", "high"), [(0, 0, None), (8, None, np.inf)])
def test_ends_of_the_interval_at_the_edge(following, low, high):
    """None following leaves the fall open to nothing, all following the rise open to any."""
    later = YEAR_2 | {"following": following}
    found = launches.change(YEAR_1, later)
    assert low is None or found["low"] == low
    assert high is None or found["high"] == high


@pytest.fixture
def by_year():
    """Two years of ten days with a launch on the first, contacts on days 1, 2, 9 and 4, 9."""
    spans = pd.concat([window(1, 10), window(367, 376)], ignore_index=True)
    contacts, launched = days(1, 2, 9, 366 + 4, 366 + 9), days(1, 367)
    return launches.following_by_year(contacts, launches.days_from(launched, 0, 3), spans)


def test_contacts_are_counted_by_year(by_year):
    """Two of three, then one of two, on four of ten days each."""
    assert by_year.index.tolist() == [2024, 2025]
    assert by_year[["following", "contacts"]].to_numpy().tolist() == [[2, 3], [1, 2]]
    assert by_year["chance"].tolist() == [0.4, 0.4]


def test_years_are_compared_in_pairs(by_year):
    """The share falls from 2/3 to 1/2; Newcombe's interval follows from Wilson's of each."""
    (row,) = launches.changes(by_year).to_dict("records")
    (one_low, one_high), (two_low, two_high) = (
        binomtest(k, n).proportion_ci(method="wilson") for k, n in ((1, 2), (2, 3))
    )
    low = -1 / 6 - np.hypot(1 / 2 - one_low, two_high - 2 / 3)
    high = -1 / 6 + np.hypot(one_high - 1 / 2, 2 / 3 - two_low)
    assert (row["difference"], row["from"], row["to"]) == pytest.approx((-1 / 6, low, high))
    assert row["fisher"] == pytest.approx(fisher_exact([[1, 1], [2, 1]]).pvalue)


def test_years_without_a_contact_are_not_compared(by_year):
    """Nothing is said of a year in which nothing was found."""
    assert launches.changes(by_year.assign(contacts=[3, 0])).empty


def rejects(earlier, later, alpha=0.05):
    """The doubled tail of the hypergeometric law, written out, for equal day odds."""
    first, second = later["contacts"], earlier["contacts"]
    found = {}
    for one, two in product(range(first + 1), range(second + 1)):
        law = hypergeom(first + second, one + two, first)
        found[one, two] = 2 * min(law.cdf(one), law.sf(one - 1)) <= alpha
    return found


def power(earlier, later, ratio):
    """Power at a fall to this ratio, summed over pairs of binomial counts."""
    odds = ratio * earlier["ratio"]
    fallen, seen = binom(later["contacts"], odds / (1 + odds)), binom(earlier["contacts"], 0.8)
    pairs = rejects(earlier, later).items()
    return sum(fallen.pmf(one) * seen.pmf(two) for (one, two), yes in pairs if yes)


def test_all_following_leaves_a_fall_to_find():
    """An infinite rate ratio stays infinite however it is scaled, but not at none."""
    many = {"contacts": 40, "following": 40, "share": 1.0, "ratio": np.inf}
    assert launches.detectable_fall(YEAR_1 | many, YEAR_2 | {"contacts": 40}) == 0


def test_the_detectable_fall_has_the_power_asked_for():
    """At the fall returned the power is reached, and a step nearer to none it is not."""
    fall = launches.detectable_fall(YEAR_1, YEAR_2, power=0.7)
    assert power(YEAR_1, YEAR_2, fall) >= 0.7 > power(YEAR_1, YEAR_2, fall + 0.01)


def test_few_contacts_could_not_show_any_fall():
    """Of two contacts each, no table is rare enough."""
    few = {"contacts": 2, "following": 2, "share": 1.0, "ratio": np.inf}
    assert np.isnan(launches.detectable_fall(YEAR_1 | few, YEAR_2 | few))


# The figure


def test_curves_are_named_at_their_ends_without_hiding_one_another():
    """Two curves that end at one height have labels apart; the band needs no interval."""
    curve = launches.answered_share(times((1, True), (5, False), (9, False)))
    fig, ax = figures.figure(2.0)
    figures.answered(ax, {"one": curve, "any day": curve[["share"]]}, 7)
    heights = {text.get_text(): text.get_position()[1] for text in ax.texts}
    plt.close(fig)
    assert heights.keys() == {"one", "any day"}
    assert abs(heights["one"] - heights["any day"]) >= 0.05
    assert len(ax.lines) == 2 and len(ax.collections) == 1


def test_stacked_months_end_at_the_sum():
    """Bars stand on one another: the last column ends at the total of the month."""
    months = pd.period_range("2024-01", "2024-02", freq="M")
    fig, ax = figures.figure(2.0)
    figures.stacked_months(ax, pd.DataFrame({"a": [1, 0], "b": [2, 3]}, index=months))
    tops = [bar.get_y() + bar.get_height() for bar in ax.containers[1]]
    plt.close(fig)
    assert tops == [3, 3]
