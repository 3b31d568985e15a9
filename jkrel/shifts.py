"""Tests that shift events in time within covered windows, so that their bunching stays.

In each window all events move together by some number of days, and what leaves at one end comes
back at the other (toroidal shift; Lotwick and Silverman 1982, Journal of the Royal Statistical
Society B 44, 406-413). Every shift of every window is counted, so p-values are exact.
"""

from dataclasses import asdict, dataclass, replace
from functools import reduce
from itertools import product

import numpy as np
import pandas as pd

from jkrel.stats import with_holm

FINEST = 100
"""Weights of events are taken to one part in so many."""


@dataclass(frozen=True)
class _Window:
    """A covered window: a mark for each of its days, and samples of events in it."""

    marks: np.ndarray
    offsets: np.ndarray  # samples by events: days from the start of the window
    weights: np.ndarray  # samples by events: what an event counts for

    def observed(self) -> np.ndarray:
        """Return the sum of the marks under the events of each sample."""
        return (self.marks[self.offsets] * self.weights).sum(axis=1)


def _windows(spans: pd.DataFrame, days, weights, marks) -> list[_Window]:
    """Cut events into windows; `marks` gives the marks of the days of a span."""
    found = []
    for span in spans.itertuples():
        inside = (days >= span.start) & (days <= span.end)
        offsets = (days[inside] - span.start).days.to_numpy()[None]
        found.append(_Window(marks(span), offsets, weights[None, inside]))
    return found


def _distribution(window: _Window) -> tuple[int, np.ndarray]:
    """Return the lowest sum of marks over all shifts, and the chance of each sum from there on."""
    samples, days = len(window.offsets), len(window.marks)
    row = np.arange(samples)[:, None]
    places = (window.offsets + row * days).ravel()
    held = np.bincount(places, window.weights.ravel(), samples * days).reshape(samples, days)
    turned = np.fft.rfft(held).conj() * np.fft.rfft(window.marks)
    sums = np.rint(np.fft.irfft(turned, days)).astype(int)
    lowest, width = sums.min(), np.ptp(sums) + 1
    counts = np.bincount((sums - lowest + row * width).ravel(), minlength=samples * width)
    return int(lowest), counts.reshape(samples, width) / days


def _chances(windows: list[_Window]) -> tuple[int, np.ndarray]:
    """Do the same for the sum over windows, each shifted by itself."""

    def add(one, other):
        size = one[1].shape[1] + other[1].shape[1] - 1
        both = np.fft.rfft(one[1], size) * np.fft.rfft(other[1], size)
        return one[0] + other[0], np.fft.irfft(both, size).clip(0)

    return reduce(add, map(_distribution, windows))


def _tail(windows: list[_Window], upper: bool) -> np.ndarray:
    """Return for each sample the share of shifts as high as it is (or as low)."""
    lowest, chances = _chances(windows)
    places = sum(window.observed() for window in windows) - lowest
    if upper:
        chances, places = chances[:, ::-1], chances.shape[1] - 1 - places
    sums = chances.cumsum(axis=1)[np.arange(len(places)), places]
    return np.minimum(1, np.round(sums, 12))


def _central(windows: list[_Window]) -> tuple[float, float, float]:
    """Return the mean and the ends of the central 95 % over all shifts of the first sample."""
    lowest, chances = _chances(windows)
    sums = chances[0].cumsum()
    ends = (lowest + int(np.searchsorted(sums, q)) for q in (0.025, 0.975))
    return lowest + float(chances[0] @ np.arange(chances.shape[1])), *ends


def least(seen, power: float, steps: int) -> float:
    """Find by halving the smallest effect, from 0 to 1, that is seen often enough.

    Parameters
    ----------
    seen : function
        Takes an effect; returns how often it is found, and what to return for it.
    power : float
        How often it must be found.
    steps : int
        Halvings.

    Returns
    -------
    float
        What `seen` returns for the smallest such effect; missing if even 1 is found too rarely.
    """
    reached, value = seen(1.0)
    if reached < power:
        return np.nan
    low, high = 0.0, 1.0
    for _ in range(steps):
        middle = (low + high) / 2
        reached, found = seen(middle)
        low, high, value = (low, middle, found) if reached >= power else (middle, high, value)
    return float(value)


def _moved(window: _Window, random, draws: int) -> np.ndarray:
    """Shift all events of a window by a random number of days, `draws` times."""
    days = len(window.marks)
    return (window.offsets + random.integers(days, size=(draws, 1))) % days


def near(days, anchors, reach: int) -> np.ndarray:
    """Tell for each day whether an anchor lies within `reach` days before or after it."""
    days, anchors = (np.asarray(d, dtype="datetime64[D]") for d in (days, anchors))
    return np.isin(days, np.add.outer(anchors, np.arange(-reach, reach + 1)))


@dataclass(frozen=True)
class Clustering:
    """How many events lie near anchors, against chance.

    Attributes
    ----------
    events, observed : int
        Events in the windows, and those near an anchor.
    expected, low, high : float
        Mean and central 95 % of the number near an anchor over all shifts.
    ratio : float
        Observed over expected; missing if nothing is expected.
    p_value : float
        Share of all shifts with at least as many near; the data as they are count as one.
    detectable : float
        Smallest ratio to chance that the test would have found with the power asked for;
        missing if even all events near would not do.
    """

    events: int
    observed: int
    expected: float
    low: float
    high: float
    ratio: float
    p_value: float
    detectable: float


def clustering(
    days, anchors, spans: pd.DataFrame, reach: int, seed: int, draws=400, alpha=0.05, power=0.8
) -> Clustering:
    """Test whether events cluster around anchors, by shifting them within covered windows.

    Events are shifted as told above; anchors stay where they are. This keeps the distances between
    events, so that days with several events do not count as independent.

    Parameters
    ----------
    days : sequence of dates
        Events; those outside the windows are left out.
    anchors : sequence of dates
        Days around which events may cluster; they may lie outside the windows.
    spans : DataFrame
        Windows: start, end, days.
    reach : int
        Days before and after an anchor that count as near.
    seed, draws : int
        Seed and number of simulated data sets behind the smallest detectable effect, in which
        events are shifted at random and each one not near an anchor is moved to a day near one
        with some probability; with 0 draws it is left out.
    alpha, power : float
        Size and power for the smallest detectable effect.

    Raises
    ------
    ValueError
        If there is no anchor, or no event in the windows.
    """
    days, anchors = pd.DatetimeIndex(days), pd.DatetimeIndex(anchors)
    if anchors.empty:
        raise ValueError("there is no anchor")

    def marks(span):
        return near(pd.date_range(span.start, span.end), anchors, reach).astype(int)

    windows = _windows(spans, days, np.ones(len(days), int), marks)
    events = sum(window.offsets.size for window in windows)
    if events == 0:
        raise ValueError("no event lies in the windows")
    observed = sum(int(window.observed()[0]) for window in windows)
    expected, low, high = _central(windows)
    ratio = observed / expected if expected else np.nan
    random, effect = np.random.default_rng(seed), np.nan

    def seen(pull):
        pulled = [_pulled(window, pull, random, draws) for window in windows]
        number = sum(window.observed().mean() for window in pulled)
        return np.mean(_tail(pulled, upper=True) <= alpha), number / expected

    if draws and expected:
        effect = least(seen, power, 7)
    p_value = float(_tail(windows, upper=True)[0])
    return Clustering(events, observed, expected, low, high, ratio, p_value, effect)


def _pulled(window: _Window, pull: float, random, draws: int) -> _Window:
    """Shift events, and move each not on a marked day to one with some probability."""
    moved, marked = _moved(window, random, draws), np.flatnonzero(window.marks)
    if len(marked):
        drawn = random.random(moved.shape) < pull
        targets = random.choice(marked, size=moved.shape)
        moved = np.where((window.marks[moved] == 0) & drawn, targets, moved)
    return replace(window, offsets=moved, weights=np.ones(moved.shape, int))


def clustering_table(
    variants: dict[str, tuple], reach: int, seed: int, draws: int = 400
) -> pd.DataFrame:
    """Run :func:`clustering` on several variants of one question, and correct for their number.

    Parameters
    ----------
    variants : dict of str to tuple
        Label, and days, anchors and windows.
    reach, seed, draws : int
        As in :func:`clustering`.

    Returns
    -------
    DataFrame
        Index: label. Columns: the attributes of :class:`Clustering`, and p_holm (see
        :func:`jkrel.stats.with_holm`).
    """
    rows = {
        label: asdict(clustering(days, anchors, spans, reach, seed, draws))
        for label, (days, anchors, spans) in variants.items()
    }
    return with_holm(pd.DataFrame.from_dict(rows, orient="index"))


@dataclass(frozen=True)
class Containment:
    """Consultations in the days after disputes against those in other days.

    Attributes
    ----------
    disputes : int
        Days with a dispute in the windows.
    after, other : float
        Consultations (or the sum of their weights) in the days after and in those compared with.
    days_after, days_other : int
        Covered days of both kinds.
    ratio : float
        Rate after over the other rate; missing if the latter is 0 or a kind has no day.
    net : float
        After minus other.
    expected, low, high : float
        Mean of the net number over all shifts, and the ends of its central 95 %.
    p_value : float
        One-sided: share of all shifts with a net number as low or lower; the data as they are
        count as one shift.
    detectable : float
        Smallest fall of the rate after disputes, as a share of it, that the test would have found
        with the power asked for; missing if not even a complete stop would have been.
    """

    disputes: int
    after: float
    other: float
    days_after: int
    days_other: int
    ratio: float
    net: float
    expected: float
    low: float
    high: float
    p_value: float
    detectable: float


def containment(
    consultations,
    disputes,
    spans: pd.DataFrame,
    reach: int,
    seed: int,
    weights=None,
    against: str = "before",
    draws: int = 200,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Containment:
    """Test whether consultation falls in the days after disputes, by shifting it in time.

    The statistic is the number of consultations in the `reach` days after disputes less the
    number in other days. Consultations are shifted as told above, so the p-value is exact if
    consultation knows no trend within a window.

    Parameters
    ----------
    consultations, disputes : sequence of dates
        Those outside the windows are left out. Several disputes of a day are one.
    spans : DataFrame
        Windows in which both are looked for: start, end, days.
    reach : int
        Days before and after.
    seed, draws : int
        Seed and number of simulated data sets behind the smallest detectable fall: consultations
        are shifted at random, and those on days counted as after are taken out with some
        probability; with 0 draws it is left out.
    weights : sequence of float, optional
        Weight of each consultation, taken to one part in 100; by default 1.
    against : str
        ``before``: days after a dispute and before none, against days before one and after none;
        ``rest``: all days after a dispute against all other days but those of disputes.
    alpha, power : float
        Size and power for the smallest detectable fall.

    Raises
    ------
    ValueError
        If no consultation, or no dispute, lies in the windows, or `against` is neither.
    """
    if against not in ("before", "rest"):
        raise ValueError(f"against is before or rest, not {against!r}")
    days, anchors = pd.DatetimeIndex(consultations), pd.DatetimeIndex(disputes).unique()
    weights, unit = _whole(np.ones(len(days)) if weights is None else weights)
    windows = _windows(spans, days, weights, lambda s: _sides(s, anchors, reach, against))
    number = sum(((anchors >= s.start) & (anchors <= s.end)).sum() for s in spans.itertuples())
    if number == 0 or not any(window.offsets.size for window in windows):
        raise ValueError("no dispute or no consultation lies in the windows")
    after, other, *lengths = _by_side(windows, unit)
    ratio = after / lengths[0] / (other / lengths[1]) if other and lengths[0] else np.nan

    def seen(drop):
        random = np.random.default_rng(seed)
        thinned = [_thinned(window, drop, random, draws) for window in windows]
        return np.mean(_tail(thinned, upper=False) <= alpha), drop

    chance = [value * unit for value in _central(windows)]
    tails = float(_tail(windows, upper=False)[0]), least(seen, power, 5) if draws else np.nan
    net = (after - other, *chance, *tails)
    return Containment(int(number), after, other, *lengths, ratio, *net)


def _by_side(windows: list, unit: float) -> list[float]:
    """Return the consultations on days marked 1 and -1, then the number of such days."""
    sides = [
        [replace(window, marks=window.marks == side) for window in windows] for side in (1, -1)
    ]
    told = [sum(window.observed()[0] for window in side) * unit for side in sides]
    return told + [sum(int(window.marks.sum()) for window in side) for side in sides]


def _sides(span, anchors: pd.DatetimeIndex, reach: int, against: str) -> np.ndarray:
    """Mark days after a dispute 1 and those compared with -1; days that are both have 0."""
    held = anchors[(anchors >= span.start) & (anchors <= span.end)]
    lags = np.arange(span.days)[:, None] - (held - span.start).days.to_numpy()
    after = ((lags >= 1) & (lags <= reach)).any(axis=1)
    before = ((lags <= -1) & (lags >= -reach)).any(axis=1)
    other = before if against == "before" else ~after & ~(lags == 0).any(axis=1)
    return after.astype(int) - other


def _whole(weights) -> tuple[np.ndarray, float]:
    """Return weights as whole numbers of some unit, and the unit."""
    parts = np.rint(np.asarray(weights, float) * FINEST).astype(int)
    common = max(1, int(np.gcd.reduce(parts, initial=0)))
    return parts // common, common / FINEST


def _thinned(window: _Window, drop: float, random, draws: int) -> _Window:
    """Shift events, and let some of those on days marked 1 count for nothing."""
    moved = _moved(window, random, draws)
    lost = (window.marks[moved] == 1) & (random.random(moved.shape) < drop)
    return replace(window, offsets=moved, weights=np.where(lost, 0, window.weights))


def containment_table(
    variants: dict[str, tuple], reaches, seed: int, draws: int = 200
) -> pd.DataFrame:
    """Run :func:`containment` on variants of one question, and correct for their number.

    Parameters
    ----------
    variants : dict of str to tuple
        Label, and consultations, disputes, windows, and weights if any.
    reaches : sequence of int
        Days before and after; each variant is run for each.
    seed, draws : int
        As in :func:`containment`.

    Returns
    -------
    DataFrame
        Index: against (before, rest), reach, variant. Columns: the attributes of
        :class:`Containment`, and p_holm (see :func:`jkrel.stats.with_holm`).
    """
    looks = list(product(("before", "rest"), reaches, variants))
    rows = [
        containment(*variants[label][:3], reach, seed, *variants[label][3:], against=a, draws=draws)
        for a, reach, label in looks
    ]
    index = pd.MultiIndex.from_tuples(looks, names=["against", "reach", "variant"])
    return with_holm(pd.DataFrame([asdict(row) for row in rows], index=index))
