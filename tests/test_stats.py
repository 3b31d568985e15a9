"""Statistics: each against a published case, or one small enough to work by hand."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, binom, fisher_exact, poisson
from spans import days, window

from jkrel import coverage, stats
from jkrel.stats import agreement, rate_ratio

FLUOROSCOPY = (41, 28010, 15, 19017)
"""Breast cancers and woman-years, exposed and not (Boice and Monson 1977; in Rothman's books)."""
R_MANUAL = (11, 800, 21, 3011)
"""The example of poisson.test in the manual of R."""
CASES = [FLUOROSCOPY, R_MANUAL, (3, 122, 9, 121), (1, 10, 1, 10), (0, 10, 5, 10), (5, 10, 0, 10)]


# Rate ratios


@pytest.mark.parametrize(
    ("case", "ratio", "low", "high"),
    [(FLUOROSCOPY, 1.86, 1.01, 3.61), (R_MANUAL, 1.97, 0.86, 4.28)],
)
def test_published_rate_ratios(case, ratio, low, high):
    """The ratio and its exact interval are those in print, to two decimals."""
    found = rate_ratio(*case)
    assert (found.ratio, found.low, found.high) == pytest.approx((ratio, low, high), abs=0.005)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("case", CASES[:4])
def test_the_interval_is_that_of_the_textbook(case, level):
    """Given the total the first count is binomial; beta quantiles give the ends of its share."""
    count_1, exposure_1, count_2, exposure_2 = case
    tail = (1 - level) / 2
    shares = beta.ppf([tail, 1 - tail], [count_1, count_1 + 1], [count_2 + 1, count_2])
    expected = shares / (1 - shares) * exposure_2 / exposure_1
    found = rate_ratio(*case, level=level)
    assert (found.low, found.high) == pytest.approx(tuple(expected))


@pytest.mark.parametrize("case", CASES[:4])
def test_the_p_value_is_the_smaller_tail_doubled(case):
    """The test that belongs to the interval, summed here over the splits of the total."""
    count_1, exposure_1, count_2, exposure_2 = case
    total, share = count_1 + count_2, exposure_1 / (exposure_1 + exposure_2)
    chances = binom.pmf(np.arange(total + 1), total, share)
    expected = 2 * min(chances[: count_1 + 1].sum(), chances[count_1:].sum())
    assert rate_ratio(*case).p_value == pytest.approx(min(1, expected))


def test_a_published_p_value():
    """2 in 17,877 against 9 in 16,660: not quite significant (Fay, rateratio.test for R)."""
    found = rate_ratio(2, 17877, 9, 16660)
    assert (found.ratio, found.low) == pytest.approx((0.2070941557, 0.02177406), abs=1e-8)
    assert found.high == pytest.approx(1.00054910, abs=1e-8)
    assert found.p_value == pytest.approx(0.05011, abs=5e-6)


def test_p_value_and_interval_say_the_same():
    """P is at most 0.05 exactly where the 95 % interval leaves 1 out."""
    cases = list(product(range(1, 16), (0.7, 1, 2), range(1, 16)))
    found = [(rate_ratio(one, time, two, 1)) for one, time, two in cases]
    apart = [
        case
        for case, ratio in zip(cases, found, strict=True)
        if (ratio.p_value <= 0.05) != (not ratio.low <= 1 <= ratio.high)
    ]
    assert apart == []


@pytest.mark.parametrize("case", CASES[:4])
def test_swapping_the_groups_gives_the_reciprocal(case):
    """Which group comes first changes the direction and nothing else."""
    there, back = rate_ratio(*case), rate_ratio(*case[2:], *case[:2])
    expected = (1 / there.ratio, 1 / there.high, 1 / there.low, there.p_value)
    assert (back.ratio, back.low, back.high, back.p_value) == pytest.approx(expected)


def test_the_unit_of_time_does_not_matter():
    """Rates per day and per year have the same ratio."""
    per_year = rate_ratio(41, 28010 / 365, 15, 19017 / 365)
    per_day = rate_ratio(*FLUOROSCOPY)
    assert (per_year.ratio, per_year.low) == pytest.approx((per_day.ratio, per_day.low))


def test_no_event_in_the_first_group_leaves_the_low_end_at_zero():
    """0 against 5 in equal times: the high end has a closed form, 1 / 0.025^(1/5) - 1."""
    found = rate_ratio(0, 10, 5, 10)
    assert (found.ratio, found.low) == (0, 0)
    assert (found.high, found.p_value) == pytest.approx((0.025 ** (-1 / 5) - 1, 2 * 0.5**5))


def test_no_event_in_the_second_group_leaves_the_high_end_open():
    """5 against 0 in equal times: the reverse of the case before, without a warning."""
    found = rate_ratio(5, 10, 0, 10)
    assert (found.ratio, found.high) == (np.inf, np.inf)
    assert (found.low, found.p_value) == pytest.approx((1 / (0.025 ** (-1 / 5) - 1), 2 * 0.5**5))


@pytest.mark.parametrize(
    "case",
    [(0, 10, 0, 10), (-1, 10, 5, 10), (1, 0, 5, 10), (1, 10, 5, -1), (2.5, 10, 5, 10)],
    ids=["no event", "count below 0", "no exposure", "exposure below 0", "part of an event"],
)
def test_impossible_counts_and_exposures_are_errors(case):
    """Nothing is computed from what cannot be counted."""
    with pytest.raises(ValueError, match="count"):
        rate_ratio(*case)


# Rates in windows, several looks, medians


def test_rates_are_compared_over_covered_days():
    """Three events in 122 days and five in 121; the one between the windows is left out."""
    first, second = window(122), window(122, 121, apart=200).iloc[[1]]
    dates = days(1, 60, 122, 150, 201, 202, 203, 204, 321)
    found = stats.compare(dates, first, second)
    counts = {"count_1": 3, "days_1": 122, "count_2": 5, "days_2": 121}
    ratio = rate_ratio(3, 122, 5, 121)
    names = ("ratio", "low", "high", "p_value")
    assert found == counts | {name: getattr(ratio, name) for name in names}


@pytest.mark.parametrize(("count", "times"), [(20, (1, 1)), (30, (121, 122)), (40, (3, 1))])
def test_the_detectable_rate_ratio_has_the_power_asked_for(count, times):
    """The chance of an interval without 1 is 0.8 or more at that ratio, and less just below."""
    ratio = stats.detectable_rate_ratio(count, *times)
    mean, share = count * times[1] / times[0], times[1] / sum(times)
    ones, twos = np.arange(200)[:, None], np.arange(100)
    tails = np.minimum(binom.cdf(ones, ones + twos, share), binom.sf(ones - 1, ones + twos, share))
    rejected = 2 * tails <= 0.05

    def power(ratio):
        return (poisson.pmf(ones, ratio * mean).T @ rejected @ poisson.pmf(twos, count)).item()

    assert power(ratio) >= 0.8 > power(ratio - 0.02)


@pytest.mark.parametrize(
    ("case", "expected"), [((0, 122, 121), np.nan), ((1, 100, 1), np.inf)], ids=["none", "one"]
)
def test_too_few_events_could_have_shown_no_rate_ratio(case, expected):
    """Without events there is nothing to compare with; with one in a long time nothing is found."""
    assert stats.detectable_rate_ratio(*case) == pytest.approx(expected, nan_ok=True)


def test_more_events_show_smaller_rate_ratios():
    """The detectable ratio falls toward 1 as events grow in number."""
    found = [stats.detectable_rate_ratio(count, 122, 121) for count in (5, 20, 60)]
    assert found == sorted(found, reverse=True)
    assert found[-1] > 1


def test_several_looks_are_corrected_together():
    """Holm: the smallest p times the number of looks, the next times one less, never falling."""
    table = pd.DataFrame({"p_value": [0.03, np.nan, 0.01, 0.02]}, index=["a", "b", "b", "c"])
    found = stats.with_holm(table)
    assert found["p_holm"].tolist() == pytest.approx([0.04, np.nan, 0.03, 0.04], nan_ok=True)
    assert "p_holm" not in table


def test_no_look_needs_no_correction():
    """A table without p-values keeps its rows."""
    assert stats.with_holm(pd.DataFrame({"p_value": [np.nan]}))["p_holm"].isna().all()


def test_medians_worked_by_hand():
    """30 less 12.5; all three above both, which chance gives in 2 of the 10 ways to choose."""
    found = stats.median_difference([30, 45, None, 20], [10, 15], seed=21, draws=999)
    assert (found["n_1"], found["n_2"], found["difference"]) == (3, 2, 17.5)
    assert found["p_value"] == pytest.approx(2 / 10)
    assert 5 <= found["low"] < 17.5 < found["high"] <= 35


def test_the_interval_of_medians_is_seeded():
    """The same seed gives the same ends."""
    samples = [12, 30, 45, 50, 90], [10, 15, 20, 35]
    assert stats.median_difference(*samples, seed=22) == stats.median_difference(*samples, seed=22)


# Shares


def test_shares_with_exact_intervals():
    """Five of seven, by the tables of Clopper and Pearson: 0.290 to 0.963."""
    found = stats.shares({"told": pd.Series([True] * 5 + [False] * 2)}).loc["told"]
    assert found[["count", "total"]].tolist() == [5, 7]
    assert found[["share", "low", "high"]].tolist() == pytest.approx(
        [5 / 7, 0.2904, 0.9633], abs=1e-4
    )


def test_none_of_none_has_no_share():
    """Nothing was looked at, which is not zero."""
    found = stats.shares({"none": pd.Series([], dtype=bool)}).loc["none"]
    assert found["total"] == 0 and found[["share", "low", "high"]].isna().all()


def test_all_of_six_has_an_upper_end_of_one():
    """And the lower end that the formula gives: the sixth root of 0.025."""
    found = stats.shares({"all": pd.Series([True] * 6)}).loc["all"]
    assert found["low"] == pytest.approx(0.025 ** (1 / 6)) and found["high"] == 1


def test_share_of_none_has_the_rule_of_three_as_its_end():
    """None of 34: the exact upper end is 1 - 0.025 ** (1 / 34)."""
    found = stats.compare_shares(0, 34, 8, 20)
    assert found["low_1"] == 0
    assert found["high_1"] == pytest.approx(1 - 0.025 ** (1 / 34))


def test_difference_of_shares_has_newcombe_interval():
    """Newcombe (1998), table II, example (a): 56/70 and 48/80 give 0.0524 to 0.3339."""
    found = stats.compare_shares(56, 70, 48, 80)
    assert found["difference"] == pytest.approx(0.2)
    assert (found["low"], found["high"]) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_shares_are_compared_by_fisher():
    """Lady tasting tea: 3 of 4 against 1 of 4 has the two-sided p-value 34/70."""
    assert stats.compare_shares(3, 4, 1, 4)["p_value"] == pytest.approx(34 / 70)


def test_comparison_without_cases_is_missing():
    """A group without cases has no share, and there is nothing to compare."""
    found = stats.compare_shares(0, 0, 1, 4)
    assert np.isnan([found["share_1"], found["difference"], found["p_value"]]).all()


def test_odds_ratios_stand_beside_the_shares():
    """Three of four against one of four, as in Fisher's tea: the odds ratio is 6.41."""
    table = stats.with_odds_ratios(stats.compare_shares_table({"tea": (3, 4, 1, 4)}))
    assert table.loc["tea", "odds_ratio"] == pytest.approx(6.408, abs=1e-3)
    assert table.loc["tea", "difference"] == 0.5


def test_the_ends_of_the_odds_ratio_leave_equal_tails():
    """With odds r, 0 to 4 of four are as likely as 1, 16r, 36r^2, 16r^3 and r^4."""
    table = stats.with_odds_ratios(stats.compare_shares_table({"tea": (3, 4, 1, 4)}))
    for end, tail in (("odds_low", slice(3, None)), ("odds_high", slice(None, 4))):
        chances = np.array([1, 16, 36, 16, 1]) * table.loc["tea", end] ** np.arange(5)
        assert chances[tail].sum() / chances.sum() == pytest.approx(0.025)


def test_the_detectable_share_by_hand():
    """None of 3 against 3: even 3 of 3 has p = 0.1; against 4 of 4 it takes all, p = 2/70.

    With none of 4 in the other sample, 4 of 4 alone is found, so that the share needed is the
    fourth root of 0.8, 0.946, to be rounded up.
    """
    assert np.isnan(stats.detectable_share(0, 3, 3))
    assert stats.detectable_share(0, 4, 4) == 0.95


@pytest.mark.parametrize("case", [(3, 12, 9), (0, 7, 20), (30, 60, 40)])
def test_the_detectable_share_has_the_power_asked_for(case):
    """Summed over all pairs of counts with scipy's test; one per cent less is too little."""
    count, size, other = case
    share = stats.detectable_share(count, size, other)

    def power(held):
        return sum(
            binom(other, held).pmf(a) * binom(size, count / size).pmf(b)
            for a, b in product(range(other + 1), range(size + 1))
            if a / other > b / size and fisher_exact([[a, other - a], [b, size - b]])[1] <= 0.05
        )

    assert power(share) >= 0.8 > power(share - 0.01)


def test_large_groups_need_the_effect_of_the_textbook():
    """Cohen (1988): two groups of 1,000 show h = 0.1253; an exact test needs a bit more."""
    effect = np.arcsin(np.sqrt(stats.detectable_share(300, 1000, 1000))) - np.arcsin(np.sqrt(0.3))
    assert 0.1253 <= 2 * effect < 0.15


def test_windows_are_compared_by_what_lies_in_them():
    """Four cups before and four after; the one outside both windows does not count."""
    days = ["2022-01-01"] * 4 + ["2023-01-01"] * 4 + ["2024-01-01"]
    cups = pd.DataFrame({"date_start": pd.to_datetime(days)})
    milk = pd.Series([True, True, True, False, True, False, False, False, True])
    spans = [coverage.span(f"{year}-01-01", f"{year}-12-31") for year in (2022, 2023)]
    found = stats.compare_windows({"once": (cups, milk), "twice": (cups, milk)}, *spans)
    assert found[["count_1", "total_1", "count_2", "total_2"]].iloc[0].tolist() == [3, 4, 1, 4]
    assert found["p_value"].tolist() == pytest.approx([34 / 70] * 2)
    assert found["p_holm"].tolist() == pytest.approx([68 / 70] * 2)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0004, "p < 0.001"), (0.0126, "p = 0.013"), (1, "p = 1.000")]
)
def test_p_values_are_never_printed_as_zero(value, text):
    """Three decimals, and a bound below them."""
    assert stats.p_text(value) == text


# Agreement of codings


def codings(first, second, entries=None, name="value"):
    """Two codings of the same events; by default each event is an entry of its own."""
    events = [f"event-{place:02}" for place in range(len(first))]
    passes = [
        pd.DataFrame({"event_id": events, "entry_id": entries or events, name: values})
        for values in (first, second)
    ]
    return pd.concat(passes, keys=["first", "second"], names=["coding_pass"]).reset_index(
        "coding_pass"
    )


def compare(first, second, scale="nominal", entries=None, seed=1, draws=200):
    pair = codings(first, second, entries)
    return agreement(pair, {"value": scale}, seed=seed, draws=draws).loc["value"]


BINARY = "0 1 0 0 0 0 0 0 1 0".split(), "1 1 1 0 0 1 0 0 0 0".split()
NOMINAL = "a a b b d c c c e d d a".split(), "b a b b b c c c e d d d".split()


@pytest.mark.parametrize(
    ("pair", "share", "alpha"), [(BINARY, 6 / 10, 0.095), (NOMINAL, 9 / 12, 0.692)]
)
def test_published_values_of_alpha(pair, share, alpha):
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, sections A and B."""
    found = compare(*pair)
    assert found["agreement"] == pytest.approx(share)
    assert found["alpha"] == pytest.approx(alpha, abs=0.0005)


def test_interval_alpha_worked_from_its_definition():
    """1 less observed over expected squared difference, over all pairs of the ten values."""
    first, second = [30, 15, 45, 20, 35], [30, 20, 45, 20, 25]
    values = np.array([first, second], dtype=float)
    observed = np.mean((values[0] - values[1]) ** 2)
    expected = ((values.ravel()[:, None] - values.ravel()) ** 2).sum() / (10 * 9)
    assert compare(first, second, "interval")["alpha"] == pytest.approx(1 - observed / expected)


def test_ordinal_alpha_depends_on_the_order_alone():
    """Stretching the scale changes alpha of interval values, not that of ordered ones."""
    first, second = [1, 2, 3, 3, 2, 1], [1, 2, 3, 2, 2, 2]
    stretched = [[{1: 1, 2: 5, 3: 100}[value] for value in side] for side in (first, second)]
    ordinal = [compare(*pair, "ordinal")["alpha"] for pair in ((first, second), stretched)]
    interval = [compare(*pair, "interval")["alpha"] for pair in ((first, second), stretched)]
    assert ordinal[0] == pytest.approx(ordinal[1])
    assert interval[0] != pytest.approx(interval[1], abs=0.01)


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
def test_perfect_agreement_is_one(scale):
    """Equal codings have share and alpha 1, with no width to the interval."""
    found = compare([1, 2, 3, 1, 2, 3], [1, 2, 3, 1, 2, 3], scale)
    assert found[["agreement", "alpha", "low", "high"]].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
def test_a_single_value_leaves_alpha_missing(scale):
    """Without variation there is no alpha, however well the codings agree."""
    found = compare([1, 1, 1], [1, 1, 1], scale)
    assert (found["agreement"], found["values"]) == (1, 1)
    assert found[["alpha", "low", "high"]].isna().all()


def test_the_interval_holds_alpha_and_stays_under_one():
    """The percentile interval of the published example surrounds its alpha."""
    found = compare(*NOMINAL)
    assert found["low"] < found["alpha"] < found["high"] <= 1


def test_entries_are_drawn_whole():
    """With all events in one entry, every sample is the data: the interval has no width."""
    found = compare(*NOMINAL, entries=["entry"] * 12)
    assert [found["low"], found["high"]] == pytest.approx([found["alpha"]] * 2)


def test_events_of_an_entry_are_drawn_together():
    """Doubling each event within its entry adds no information: the interval is as wide."""
    doubled = [[value for value in side for _ in "ab"] for side in NOMINAL]
    entries = [f"entry-{place}" for place in range(12) for _ in "ab"]
    once, twice = compare(*NOMINAL), compare(*doubled, entries=entries)
    width = once["high"] - once["low"]
    assert twice["high"] - twice["low"] == pytest.approx(width, rel=0.1)
    alone = compare(*doubled)
    assert alone["high"] - alone["low"] < 0.9 * width


def test_an_empty_cell_is_a_value_of_its_own_in_nominal_variables():
    """Empty twice agrees, empty once does not."""
    found = compare(["a", None, None, "b"], ["a", None, "b", "b"])
    assert (found["agreement"], found["values"]) == (3 / 4, 3)


def test_an_empty_cell_is_missing_in_other_variables():
    """Alpha is that of the events coded twice; empty twice still counts as agreeing."""
    first, second = [30, 15, 45, None, None], [30, 20, 45, None, 10]
    found = compare(first, second, "interval")
    assert found["agreement"] == 3 / 5
    assert found["alpha"] == pytest.approx(compare(first[:3], second[:3], "interval")["alpha"])


def test_only_events_of_both_passes_are_compared():
    """An event that one pass split off has nothing to be compared with."""
    pair = codings(*NOMINAL)
    lone = pair.iloc[[0]].assign(event_id="event-99", value="z")
    found = agreement(pd.concat([pair, lone]), {"value": "nominal"}, seed=1, draws=10)
    assert found.loc["value", ["events", "values"]].tolist() == [12, 5]


def test_the_bootstrap_is_seeded():
    """The same seed gives the same interval."""
    ends = ["low", "high"]
    assert compare(*NOMINAL, seed=5)[ends].equals(compare(*NOMINAL, seed=5)[ends])
    assert not compare(*NOMINAL, seed=5)[ends].equals(compare(*NOMINAL, seed=6)[ends])


def test_the_codings_of_this_dataset_can_be_compared(dataset):
    """All events coded twice enter, list columns and codes alike, one row per variable."""
    scales = {"event_type": "nominal", "actors": "nominal", "valence": "ordinal"}
    found = agreement(dataset.codings, scales, seed=1, draws=50)
    assert list(found.index) == list(scales)
    assert set(found["events"]) == {dataset.codings["event_id"].nunique()}
    assert found["agreement"].between(0.8, 1).all()
