"""Small numbers, read honestly: exact rate ratios, permutation tests, agreement of codings."""

from dataclasses import asdict, dataclass

import krippendorff
import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from jkrel.coverage import exposure, within

LARGEST = 50
"""Largest rate ratio that is searched for."""


@dataclass(frozen=True)
class RateRatio:
    """Ratio of two rates with its exact interval.

    Attributes
    ----------
    ratio, low, high : float
        First rate over second, and the ends of the interval.
    p_value : float
        Two-sided exact conditional test of equal rates.
    level : float
        Confidence level of the interval.
    """

    ratio: float
    low: float
    high: float
    p_value: float
    level: float


def rate_ratio(count_1, exposure_1, count_2, exposure_2, level: float = 0.95) -> RateRatio:
    """Compare two Poisson rates exactly.

    Given the total, the first count is binomial; the Clopper-Pearson interval of its share,
    turned into a ratio, is exact, and the p-value is the smaller tail doubled, so that both say
    the same (Przyborowski and Wilenski 1940, Biometrika 31, 313-323; Clopper and Pearson 1934,
    Biometrika 26, 404-413).

    Parameters
    ----------
    count_1, count_2 : int
        Events.
    exposure_1, exposure_2 : float
        Time at risk, in the same unit, above 0.
    level : float
        Confidence level.

    Raises
    ------
    ValueError
        If an exposure is not above 0, a count is below 0 or no whole number, or both are 0.
    """
    counts = (count_1, count_2)
    if min(exposure_1, exposure_2) <= 0 or min(counts) < 0 or sum(counts) == 0:
        raise ValueError("exposures must be above 0, counts not below 0, and one count above 0")
    if any(count != int(count) for count in counts):
        raise ValueError("counts must be whole numbers")
    first, total = int(count_1), int(count_1) + int(count_2)
    share = stats.binomtest(first, total).proportion_ci(level, method="exact")
    scale = exposure_2 / exposure_1
    ratio, low, high = (_odds(end) * scale for end in (first / total, share.low, share.high))
    equal = stats.binom(total, exposure_1 / (exposure_1 + exposure_2))
    p_value = min(1.0, 2 * min(equal.cdf(first), equal.sf(first - 1)))
    return RateRatio(float(ratio), float(low), float(high), float(p_value), level)


def poisson_interval(count: int, level: float = 0.95) -> np.ndarray:
    """Return the exact interval of a Poisson mean (Garwood 1936, Biometrika 28, 437-442)."""
    tail = (1 - level) / 2
    low = stats.gamma.ppf(tail, count) if count else 0.0
    return np.array([low, stats.gamma.ppf(1 - tail, count + 1)])


def compare(dates, first: pd.DataFrame, second: pd.DataFrame, level: float = 0.95) -> dict:
    """Compare the rates of events in two sets of covered windows.

    Parameters
    ----------
    dates : sequence of dates
        Events; those in neither set are left out.
    first, second : DataFrame
        Windows that do not overlap: start, end, days (see :func:`jkrel.coverage.clip`).
    level : float
        Confidence level.

    Returns
    -------
    dict
        count_1, days_1, count_2, days_2, and ratio, low, high, p_value of first over second.
    """
    dates = pd.Series(pd.DatetimeIndex(dates))
    found = {}
    for place, spans in (("1", first), ("2", second)):
        found[f"count_{place}"] = int(within(dates, spans).sum())
        found[f"days_{place}"] = exposure(spans)
    ratio = rate_ratio(*found.values(), level=level)
    names = ("ratio", "low", "high", "p_value")
    return found | {name: getattr(ratio, name) for name in names}


def detectable_rate_ratio(
    count: int, exposure: float, other_exposure: float, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Return the smallest rate ratio above 1 that the exact test would have found.

    The rate of the period compared with is held at what was seen there, `count` in `exposure`;
    the power of the two-sided exact test for the other period is summed over all pairs of
    Poisson counts.

    Parameters
    ----------
    count : int
        Events seen in the period compared with, above 0.
    exposure, other_exposure : float
        Time at risk in that period, and in the one whose rate is the numerator.
    alpha, power : float
        Size of the test, and the power asked for.

    Returns
    -------
    float
        The ratio, to two decimals; infinite if none up to 50 is found with this power, missing
        if `count` is 0.
    """
    if count == 0:
        return np.nan
    mean_1, mean_2 = count * other_exposure / exposure, float(count)
    share = other_exposure / (exposure + other_exposure)
    most = [int(stats.poisson(mean).ppf(1 - 1e-9)) for mean in (LARGEST * mean_1, mean_2)]
    rejected = _rejections(*most, share, alpha)
    if _power(rejected, LARGEST * mean_1, mean_2) < power:
        return np.inf
    low, high = 100, LARGEST * 100
    while high - low > 1:
        middle = (low + high) // 2
        reached = _power(rejected, middle / 100 * mean_1, mean_2) >= power
        low, high = (low, middle) if reached else (middle, high)
    return high / 100


def _rejections(most_1: int, most_2: int, share: float, alpha: float) -> np.ndarray:
    """Tell for each pair of counts whether the test rejects: its two tails doubled, at most 1."""
    first, second = np.meshgrid(np.arange(most_1 + 1), np.arange(most_2 + 1), indexing="ij")
    total = stats.binom(first + second, share)
    lower, upper = total.cdf(first), total.sf(first - 1)
    return 2 * np.minimum(lower, upper) <= alpha


def _power(rejected: np.ndarray, mean_1: float, mean_2: float) -> float:
    first = stats.poisson(mean_1).pmf(np.arange(rejected.shape[0]))
    second = stats.poisson(mean_2).pmf(np.arange(rejected.shape[1]))
    return float(first @ rejected @ second)


def _odds(share: float) -> float:
    return np.inf if share == 1 else share / (1 - share)


def near(days, anchors, reach: int) -> np.ndarray:
    """Tell for each day whether an anchor lies within `reach` days before or after it."""
    days, anchors = (np.asarray(d, dtype="datetime64[D]").astype(int) for d in (days, anchors))
    if anchors.size == 0:
        return np.zeros(days.shape, dtype=bool)
    anchors = np.sort(anchors)
    place = np.searchsorted(anchors, days)
    before = np.abs(days - anchors[np.clip(place - 1, 0, len(anchors) - 1)])
    after = np.abs(anchors[np.clip(place, 0, len(anchors) - 1)] - days)
    return np.minimum(before, after) <= reach


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

    In each window all events move together by some number of days, and what leaves at one end
    comes back at the other. This keeps the distances between events, so that days with several
    events do not count as independent (toroidal shift; Lotwick and Silverman 1982, Journal of
    the Royal Statistical Society B 44, 406-413). Every shift of every window is counted, so the
    p-value is exact. Anchors stay where they are.

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
    windows = []
    for span in spans.itertuples():
        inside = days[(days >= span.start) & (days <= span.end)]
        calendar = near(pd.date_range(span.start, span.end), anchors, reach)
        windows.append((calendar, (inside - span.start).days.to_numpy()[None]))
    events = sum(offsets.size for _, offsets in windows)
    if events == 0:
        raise ValueError("no event lies in the windows")
    observed = sum(int(calendar[offsets].sum()) for calendar, offsets in windows)
    chance = _chances(windows)[0]
    expected = float(chance @ np.arange(len(chance)))
    low, high = (float(np.searchsorted(chance.cumsum(), q)) for q in (0.025, 0.975))
    ratio = observed / expected if expected else np.nan
    effect = _detectable(windows, expected, np.random.default_rng(seed), draws, alpha, power)
    p_value = float(chance[observed:].sum())
    return Clustering(events, observed, expected, low, high, ratio, p_value, effect)


def _chances(windows: list[tuple]) -> np.ndarray:
    """Return the exact distribution of the number near an anchor, over all shifts.

    A window is its calendar (whether a day is near) and the offsets of its events, one row per
    sample; so is what is returned.
    """
    chances = np.ones((len(windows[0][1]), 1))
    for calendar, offsets in windows:
        sample, days = np.arange(len(offsets))[:, None], len(calendar)
        held = np.zeros((len(offsets), days))
        np.add.at(held, (sample, offsets), 1)
        turned = np.fft.rfft(held).conj() * np.fft.rfft(calendar)
        counts = np.rint(np.fft.irfft(turned, days)).astype(int)
        shares = np.zeros((len(offsets), offsets.shape[1] + 1))
        np.add.at(shares, (sample, counts), 1)
        shares /= days
        chances = np.array([np.convolve(*pair) for pair in zip(chances, shares, strict=True)])
    return chances


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
        Index: label. Columns: the attributes of :class:`Clustering`, and p_holm, the p-value
        after Holm's correction over all rows (Holm 1979, Scandinavian Journal of Statistics 6,
        65-70).
    """
    rows = {}
    for label, (days, anchors, spans) in variants.items():
        rows[label] = asdict(clustering(days, anchors, spans, reach, seed, draws))
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.assign(p_holm=multipletests(table["p_value"], method="holm")[1])


def median_difference(first, second, seed: int, draws: int = 9999) -> dict:
    """Compare two samples by their medians, with a bootstrap interval and a rank test.

    Parameters
    ----------
    first, second : sequence of float
        Values; missing ones are left out.
    seed, draws : int
        Seed and samples of the percentile bootstrap.

    Returns
    -------
    dict
        n_1, n_2, difference (median of the first minus that of the second), low, high, and
        p_value of the Mann-Whitney test, by permutation.
    """
    samples = [pd.Series(values).dropna().to_numpy(float) for values in (first, second)]

    def gap(one, two, axis=-1):
        return np.median(one, axis=axis) - np.median(two, axis=axis)

    spread = stats.bootstrap(samples, gap, n_resamples=draws, rng=seed, method="percentile")
    low, high = spread.confidence_interval
    shuffle = stats.PermutationMethod(n_resamples=draws, rng=seed)
    test = stats.mannwhitneyu(*samples, method=shuffle)
    sizes = {"n_1": len(samples[0]), "n_2": len(samples[1])}
    return sizes | {
        "difference": float(gap(*samples)),
        "low": float(low),
        "high": float(high),
        "p_value": float(test.pvalue),
    }


def _detectable(windows, expected: float, random, draws: int, alpha: float, power: float) -> float:
    """Find the smallest pull toward anchors that is seen often enough, as a ratio to chance."""
    low, high = 0.0, 1.0
    reached, mean = _seen(windows, high, random, draws, alpha) if draws else (0, np.nan)
    if reached < power or not expected:
        return np.nan
    for _ in range(7):
        pull = (low + high) / 2
        reached, found = _seen(windows, pull, random, draws, alpha)
        low, high, mean = (low, pull, found) if reached >= power else (pull, high, mean)
    return float(mean / expected)


def _seen(windows, pull: float, random, draws: int, alpha: float) -> tuple[float, float]:
    """Return how often such a pull is found, and the mean number near an anchor under it."""
    samples = [(c, _pulled(c, np.repeat(o, draws, axis=0), pull, random)) for c, o in windows]
    numbers = sum(calendar[offsets].sum(axis=1) for calendar, offsets in samples)
    tails = _chances(samples)[:, ::-1].cumsum(axis=1)[:, ::-1]
    p_values = tails[np.arange(draws), numbers]
    return float((p_values <= alpha).mean()), float(numbers.mean())


def _pulled(calendar: np.ndarray, offsets: np.ndarray, pull: float, random) -> np.ndarray:
    moved = (offsets + random.integers(len(calendar), size=(len(offsets), 1))) % len(calendar)
    if not calendar.any():
        return moved
    targets = random.choice(np.flatnonzero(calendar), size=moved.shape)
    return np.where(~calendar[moved] & (random.random(moved.shape) < pull), targets, moved)


def agreement(
    codings: pd.DataFrame, variables: dict[str, str], seed: int, draws: int = 1000
) -> pd.DataFrame:
    """Compare two codings: percentage agreement and Krippendorff's alpha, with intervals.

    Alpha is computed by the library krippendorff (Castro 2017) after Krippendorff (2019,
    Content Analysis, 4th edition, chapter 12). The interval is a percentile bootstrap over
    entries, because events of one entry are coded together. An empty cell is a value of its own
    in nominal variables and missing in others.

    Parameters
    ----------
    codings : DataFrame
        Columns coding_pass (``first``, ``second``), event_id, entry_id, and the variables.
    variables : dict of str to str
        Variable and its level of measurement: nominal, ordinal or interval.
    seed : int
        Seed of the bootstrap.
    draws : int
        Bootstrap samples.

    Returns
    -------
    DataFrame
        Index: variable. Columns: events (coded in both passes), agreement (share), values
        (distinct), alpha, low, high. Alpha is missing where fewer than two values are coded in both
        passes; samples in which that happens are left out of the interval.
    """
    first, second = (
        codings[codings["coding_pass"].eq(name)].set_index("event_id")
        for name in ("first", "second")
    )
    shared = first.index.intersection(second.index)
    entries = first.loc[shared, "entry_id"].to_numpy()
    groups = [np.flatnonzero(entries == entry) for entry in pd.unique(entries)]
    random = np.random.default_rng(seed)
    samples = [random.integers(0, len(groups), len(groups)) for _ in range(draws)]
    drawn = [np.concatenate([groups[i] for i in sample]) for sample in samples]
    rows = {}
    for name, scale in variables.items():
        pair = _numbers(first.loc[shared, name], second.loc[shared, name], scale)
        alpha = _alpha(pair, scale)
        same = (pair[0] == pair[1]) | np.isnan(pair).all(axis=0)
        low = high = alpha
        if not (np.isnan(alpha) or same.all()):
            alphas = [_alpha(pair[:, members], scale) for members in drawn]
            low, high = np.nanquantile(alphas, [0.025, 0.975])
        values = len(np.unique(pair[~np.isnan(pair)]))
        rows[name] = (len(shared), same.mean(), values, alpha, low, high)
    columns = ["events", "agreement", "values", "alpha", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("variable")


def _numbers(first: pd.Series, second: pd.Series, scale: str) -> np.ndarray:
    if scale == "nominal":
        both = pd.concat([first.astype(object), second.astype(object)])
        codes, _ = pd.factorize(both.where(both.notna(), ""))
        return codes.reshape(2, -1).astype(float)
    both = [s.cat.codes.where(s.notna()) if hasattr(s, "cat") else s for s in (first, second)]
    return np.array(
        [pd.to_numeric(s).astype("Float64").to_numpy(float, na_value=np.nan) for s in both]
    )


def _alpha(pair: np.ndarray, scale: str) -> float:
    paired = pair[:, ~np.isnan(pair).any(axis=0)]
    if len(np.unique(paired)) < 2:
        return np.nan
    return krippendorff.alpha(reliability_data=pair, level_of_measurement=scale)
