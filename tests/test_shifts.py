"""Tests by shifting in time, each against every shift enumerated, or a case worked by hand."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from spans import days, span, window

from jkrel import coverage, shifts
from jkrel.shifts import clustering, clustering_table, near

QUICK = 0
"""Draws where only the p-value is asked for, which needs none."""


# Nearness


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (0, [False, True, False, False, False, True]),
        (1, [False, True, True, False, True, True]),
        (2, [True, True, True, True, True, True]),
    ],
)
def test_days_near_an_anchor(reach, expected):
    """Anchors on the 3rd and the 8th, whatever their order: days 1, 3, 4, 6, 7 and 8."""
    found = near(days(1, 3, 4, 6, 7, 8), days(8, 3), reach)
    assert found.tolist() == expected


@pytest.mark.parametrize(
    "form", [list, pd.Series, lambda found: [f"{day:%Y-%m-%d}" for day in found]]
)
def test_days_may_come_in_any_form(form):
    """Time stamps, a column, or strings in ISO form."""
    assert near(form(days(1, 5)), form(days(4)), 1).tolist() == [False, True]


def test_without_anchors_nothing_is_near():
    """No anchor is near any day."""
    assert near(days(1, 5), days(), 3).tolist() == [False, False]


# Clustering


def enumerate_shifts(events, anchors, lengths, reach, apart=100):
    """Number near an anchor under every joint shift of the windows, from first principles."""
    windows = []
    for place, length in enumerate(lengths):
        first = 1 + place * apart
        inside = [event - first for event in events if first <= event < first + length]
        near_ = [min(abs(first + day - a) for a in anchors) <= reach for day in range(length)]
        moved = [[near_[(event + by) % length] for event in inside] for by in range(length)]
        windows.append([sum(shift) for shift in moved])
    return np.array([sum(counts) for counts in product(*windows)])


def test_a_small_window_worked_by_hand():
    """Ten days, anchor on the 3rd, reach 1, events on the 2nd and 3rd.

    Of the ten shifts two leave both near, two leave one and six leave none: 0.6 expected, and
    two or more in a fifth of the shifts.
    """
    found = clustering(days(2, 3), days(3), window(10), reach=1, seed=1)
    assert (found.events, found.observed) == (2, 2)
    assert found.expected == pytest.approx(0.6)
    assert found.p_value == pytest.approx(0.2)
    assert (found.low, found.high) == (0, 2)
    assert found.ratio == found.observed / found.expected


@pytest.mark.parametrize(
    ("events", "anchors", "lengths", "reach"),
    [
        ([1, 4, 4, 9], [4], (10,), 0),
        ([2, 3, 7, 102, 108], [3, 108], (8, 9), 1),
        ([1, 2, 101, 201, 205], [0, 104, 206], (6, 5, 7), 1),
    ],
)
def test_every_shift_of_every_window_is_counted(events, anchors, lengths, reach):
    """Windows shift apart from one another; expectation and p-value are exact."""
    shifts = enumerate_shifts(events, anchors, lengths, reach)
    found = clustering(days(*events), days(*anchors), window(*lengths), reach, seed=2)
    assert found.observed == shifts[0]
    assert found.expected == pytest.approx(shifts.mean())
    assert found.p_value == pytest.approx((shifts >= shifts[0]).mean())


def test_events_on_anchors_are_found_clustered():
    """Twelve events on twelve irregular anchors of a year: only 3 of 365 shifts keep all near."""
    anchors = days(5, 31, 44, 90, 97, 130, 171, 200, 241, 262, 301, 350)
    found = clustering(anchors, anchors, window(365), reach=1, seed=3)
    assert found.observed == 12
    assert found.p_value == pytest.approx(3 / 365)
    assert found.ratio > 5


def test_events_spread_at_random_are_rarely_found_clustered():
    """Of 60 samples without clustering about one in twenty has p of 0.05 or less."""
    random = np.random.default_rng(4)
    anchors, spans = days(20, 66, 75, 130, 171), window(200)
    draws = [days(*random.integers(1, 201, 15)) for _ in range(60)]
    found = [clustering(sample, anchors, spans, 3, seed=5, draws=QUICK).p_value for sample in draws]
    assert np.mean(np.array(found) <= 0.05) <= 0.15
    assert 0.35 < np.mean(found) < 0.65


def test_events_of_one_day_count_as_one_piece_of_evidence():
    """Six events on one day near an anchor are as likely by chance as one: three days of twenty."""
    found = clustering(days(*[5] * 6), days(5), window(20), reach=1, seed=6)
    assert found.observed == 6
    assert found.p_value == pytest.approx(3 / 20)


def test_the_data_count_as_one_of_the_shifts():
    """However rare the pattern, p is above zero: here one in all combinations of two windows."""
    anchors = days(5, 31, 44, 105, 137, 150)
    found = clustering(anchors, anchors, window(60, 61), 0, seed=7, draws=QUICK)
    assert found.p_value == pytest.approx(1 / 60 / 61)


def test_the_same_seed_gives_the_same_result():
    """Everything random comes from the seed."""
    case = days(2, 5, 9, 30), days(4, 31), window(60), 2
    assert clustering(*case, seed=8) == clustering(*case, seed=8)


def test_anchors_outside_the_windows_count():
    """The day before a window is near its first day."""
    assert clustering(days(1, 9), days(0), window(20), reach=1, seed=10).observed == 1


def test_events_outside_the_windows_are_left_out():
    """Days before, between and after the windows are neither near nor far."""
    found = clustering(days(0, 5, 50, 105, 300), days(5), window(20, 20), reach=0, seed=11)
    assert (found.events, found.observed) == (2, 1)


def test_a_sure_thing_is_no_finding():
    """Where every day is near an anchor, all events are, always: p is 1."""
    found = clustering(days(2, 5), days(5), window(9), reach=10, seed=12)
    assert (found.observed, found.expected, found.p_value) == pytest.approx((2, 2, 1))


def test_anchors_out_of_reach_leave_the_ratio_missing():
    """With nothing expected there is nothing to divide by: missing, and no error."""
    found = clustering(days(2, 5), days(90), window(9), reach=1, seed=13)
    assert (found.observed, found.expected) == (0, 0)
    assert found.p_value == pytest.approx(1)
    assert np.isnan(found.ratio)


@pytest.mark.parametrize(
    ("events", "anchors", "message"),
    [
        (days(2), days(), "no anchor"),
        (days(), days(2), "no event"),
        (days(50), days(2), "no event"),
    ],
    ids=["no anchor", "no event", "no event in the window"],
)
def test_clustering_needs_events_and_anchors(events, anchors, message):
    """An empty side is an error that says which."""
    with pytest.raises(ValueError, match=message):
        clustering(events, anchors, window(20), reach=1, seed=14)


# The smallest effect that could have been seen


def test_too_few_events_could_have_shown_nothing():
    """One event that is near by chance once in five times: no effect is detectable."""
    found = clustering(days(9), days(3), window(15), reach=1, seed=15)
    assert np.isnan(found.detectable)


def test_without_draws_the_detectable_effect_is_left_out():
    """All else needs no simulation, and is the same."""
    case = days(3, 9, 30), days(3), window(60), 1, 16
    quick, full = clustering(*case, draws=0), clustering(*case, draws=400)
    assert np.isnan(quick.detectable)
    assert (quick.expected, quick.p_value) == (full.expected, full.p_value)


@pytest.mark.parametrize("draws", [1, 10, 18])
def test_few_draws_are_no_error(draws):
    """However few the draws, the effect is missing or above 1."""
    found = clustering(days(3, 9, 30), days(3), window(60), reach=1, seed=16, draws=draws)
    assert not found.detectable <= 1


@pytest.mark.parametrize("number", [5, 20, 80])
def test_a_detectable_effect_is_no_smaller_than_chance(number):
    """The ratio to be seen is above 1 in samples of any size."""
    events = days(*np.random.default_rng(17).integers(1, 301, number))
    found = clustering(events, days(30, 150, 222), window(300), 5, seed=17, draws=999)
    assert found.detectable > 1


def test_more_events_show_smaller_effects():
    """Ten times the events bring the detectable effect closer to 1."""
    random = np.random.default_rng(18)
    few, many = (days(*random.integers(1, 301, number)) for number in (15, 150))
    case = days(30, 150, 222), window(300), 5
    small, large = (clustering(sample, *case, 18, draws=999).detectable for sample in (many, few))
    assert 1 < small < large


@pytest.mark.parametrize(
    ("anchors", "reach"),
    [((20, 75, 103, 131, 190), 3), ((20, 75, 190), 14)],
    ids=["short reach", "long reach"],
)
def test_the_detectable_effect_is_detected_as_often_as_promised(anchors, reach):
    """In samples pulled to the anchors by that ratio p is 0.05 or less in about 8 of 10."""
    random, spans = np.random.default_rng(19), window(120, 120, apart=120)
    close = [d for d in range(1, 241) if min(abs(d - anchor) for anchor in anchors) <= reach]
    chance = len(close) / 240

    def sample(pull):
        drawn = random.integers(1, 241, 30)
        moved = ~np.isin(drawn, close) & (random.random(30) < pull)
        return days(*np.where(moved, random.choice(close, 30), drawn))

    plan = clustering(sample(0), days(*anchors), spans, reach, seed=19, draws=400)
    pull = (plan.detectable - 1) * chance / (1 - chance)
    found = [
        clustering(sample(pull), days(*anchors), spans, reach, 19, draws=QUICK).p_value
        for _ in range(120)
    ]
    assert 0.6 < np.mean(np.array(found) <= 0.05) < 0.95


def test_several_looks_are_corrected_together():
    """Holm: the smallest p times the number of looks, the next times one less, never falling."""
    spans, anchors = window(200), days(20, 66, 75, 130, 171)
    samples = {"on": anchors, "beside": anchors + pd.Timedelta(days=4), "one": days(20)}
    variants = {label: (sample, anchors, spans) for label, sample in samples.items()}
    table = clustering_table(variants, reach=2, seed=20, draws=300)
    ordered = table.sort_values("p_value")
    expected = (ordered["p_value"] * [3, 2, 1]).cummax().clip(upper=1)
    pd.testing.assert_series_equal(ordered["p_holm"], expected, check_names=False)
    assert list(table.index) == list(samples)
    assert table.loc["on", "observed"] == table.loc["on", "events"] == 5


# Containment


def by_hand(**options):
    """Ten days, a dispute on the 5th, talks on the 3rd and 4th, two days looked at."""
    return shifts.containment(days(3, 4), days(5), span(1, 10), 2, seed=1, **options)


def test_the_net_number_is_exact():
    """Of ten shifts only the one observed puts both talks before: net -2, p = 1 / 10."""
    found = by_hand(draws=0)
    assert (found.after, found.other, found.net) == (0, 2, -2)
    assert (found.days_after, found.days_other) == (2, 2)
    assert found.p_value == pytest.approx(0.1)
    assert found.expected == pytest.approx(0)
    assert found.ratio == 0


def test_all_other_days_can_be_compared_with():
    """Against the rest: 2 of 7 days, the dispute's own left out; six of ten shifts are as low."""
    found = by_hand(against="rest", draws=0)
    assert (found.after, found.other, found.days_after, found.days_other) == (0, 2, 2, 7)
    nets = [-2, -1, 1, 2, 0, -2, -2, -2, -2, -2]
    assert found.expected == pytest.approx(np.mean(nets))
    assert found.p_value == pytest.approx(np.mean(np.array(nets) <= -2))


def test_weights_scale_the_net_number_and_leave_the_test():
    """Weights alike change the size of what is counted, and no p-value."""
    plain, heavy = by_hand(draws=0), by_hand(weights=[2.5, 2.5], draws=0)
    assert heavy.net == 2.5 * plain.net
    assert heavy.p_value == plain.p_value


def test_a_day_between_two_disputes_is_neither_after_nor_before():
    """With disputes on the 3rd and 6th, the 4th and 5th lie between and are left out."""
    found = shifts.containment(days(4, 5), days(3, 6), span(1, 8), 2, seed=1, draws=0)
    assert (found.after, found.other) == (0, 0)
    assert (found.days_after, found.days_other) == (2, 2)
    assert np.isnan(found.ratio)


def test_several_disputes_of_a_day_are_one():
    """A dispute told twice weighs no more."""
    once = shifts.containment(days(3, 4), days(5), span(1, 10), 2, seed=1, draws=0)
    twice = shifts.containment(days(3, 4), days(5, 5), span(1, 10), 2, seed=1, draws=0)
    assert (twice.disputes, twice.net, twice.p_value) == (1, once.net, once.p_value)


def test_windows_multiply():
    """Two windows alike: both at their lowest by chance once in a hundred."""
    both = pd.concat([span(1, 10), span(21, 30)])
    found = shifts.containment(days(3, 4, 23, 24), days(5, 25), both, 2, seed=1, draws=0)
    assert found.net == -4
    assert found.p_value == pytest.approx(0.01)


def test_what_lies_outside_the_windows_does_not_count():
    """Talks and disputes elsewhere change nothing."""
    inside = by_hand(draws=0)
    more = shifts.containment(days(3, 4, 20), days(5, 21), span(1, 10), 2, seed=1, draws=0)
    assert (more.disputes, more.net, more.p_value) == (1, inside.net, inside.p_value)


def test_too_few_talks_show_not_even_a_complete_stop():
    """Two talks in ten days cannot show anything, and the result says so."""
    assert np.isnan(by_hand().detectable)


def test_many_talks_show_a_smaller_fall():
    """A talk on every day of two months, disputes each fortnight: most of a fall is seen."""
    window = pd.DataFrame({"start": ["2024-01-01"], "end": ["2024-02-29"]}).apply(pd.to_datetime)
    window = coverage.with_days(window)
    talks = pd.date_range("2024-01-01", "2024-02-29").repeat(2)
    trouble = pd.to_datetime(["2024-01-08", "2024-01-25", "2024-02-14"])
    options = {"seed": 1, "draws": 60}
    found = shifts.containment(talks, trouble, window, 5, **options)
    assert 0 < found.detectable < 0.8
    assert found.detectable == shifts.containment(talks, trouble, window, 5, **options).detectable
    assert found.p_value == 1


@pytest.mark.parametrize(
    ("talks", "trouble", "against"),
    [((), (5,), "before"), ((3,), (), "before"), ((3,), (25,), "before"), ((3,), (5,), "after")],
)
def test_nothing_to_compare_is_refused(talks, trouble, against):
    """Without talks or disputes in the windows, or a known comparison, there is no answer."""
    with pytest.raises(ValueError):
        shifts.containment(
            days(*talks), days(*trouble), span(1, 10), 2, seed=1, against=against, draws=0
        )


def test_the_table_corrects_over_all_its_rows():
    """Two comparisons at two distances of two variants are eight looks."""
    one = (days(3, 4), days(5), span(1, 10))
    table = shifts.containment_table({"a": one, "b": (*one, [1, 2])}, [1, 2], seed=1, draws=0)
    assert len(table) == 8
    assert table["p_holm"].min() == pytest.approx(min(1, 8 * table["p_value"].min()))
    assert table.loc[("before", 2, "b"), "other"] == 3


# The smallest effect


def test_the_smallest_effect_is_found_by_halving():
    """An effect seen from 0.3 on, in three halvings: 0.5, 0.25, 0.375."""
    assert shifts.least(lambda e: (float(e >= 0.3), e), 0.8, 3) == 0.375


def test_an_effect_that_is_never_seen_is_missing():
    """If even the whole effect is found too rarely, there is no smallest one."""
    assert np.isnan(shifts.least(lambda e: (0.5, e), 0.8, 3))
