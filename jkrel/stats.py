"""Small numbers, read honestly: exact ratios and shares, corrections, agreement of codings."""

from dataclasses import asdict, dataclass
from functools import cache

import krippendorff
import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import gammaln
from scipy.stats.contingency import odds_ratio
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

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
    """

    ratio: float
    low: float
    high: float
    p_value: float


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
    ends = proportion_confint(first, total, 1 - level, method="beta")
    scale = exposure_2 / exposure_1
    ratio, low, high = (_odds(end) * scale for end in (first / total, *ends))
    equal = total, exposure_1 / (exposure_1 + exposure_2)
    p_value = min(1.0, 2 * min(stats.binom.cdf(first, *equal), stats.binom.sf(first - 1, *equal)))
    return RateRatio(float(ratio), float(low), float(high), float(p_value))


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
        count_1, days_1, count_2, days_2, and ratio, low, high, p_value of first over second,
        missing where a set has no day or there is no event.
    """
    dates = pd.Series(pd.DatetimeIndex(dates))
    found = {}
    for place, spans in (("1", first), ("2", second)):
        found[f"count_{place}"] = int(within(dates, spans).sum())
        found[f"days_{place}"] = exposure(spans)
    if not (found["days_1"] and found["days_2"] and found["count_1"] + found["count_2"]):
        return found | dict.fromkeys(("ratio", "low", "high", "p_value"), np.nan)
    return found | asdict(rate_ratio(*found.values(), level=level))


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


def shares(marks: dict[str, pd.Series], level: float = 0.95) -> pd.DataFrame:
    """Count marks and give their share with its exact interval, one line for each set.

    Parameters
    ----------
    marks : dict of str to Series of bool
        Label, and whether each case has the mark.
    level : float
        Confidence level of the interval (Clopper and Pearson 1934, Biometrika 26, 404-413).

    Returns
    -------
    DataFrame
        Index: label. Columns: count, total, share, low, high; the last three are missing where
        there is no case.
    """
    found = {}
    for label, marked in marks.items():
        found[label] = _share(marked.sum(), len(marked), level)
    columns = ["count", "total", "share", "low", "high"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


def _share(count: int, total: int, level: float) -> tuple:
    """Return count, total, share and its exact interval; the last three missing without a case."""
    ends = proportion_confint(count, total, 1 - level, "beta") if total else (np.nan,) * 2
    return int(count), int(total), count / total if total else np.nan, *map(float, ends)


def compare_shares(count_1, total_1, count_2, total_2, level: float = 0.95) -> dict:
    """Compare two shares of independent cases: exact intervals, difference, odds, exact test.

    Each share has its Clopper-Pearson interval (1934, Biometrika 26, 404-413), the difference the
    score interval of Newcombe (1998, Statistics in Medicine 17, 873-890), by statsmodels. The
    two-sided test is Fisher's, which adds up all tables no likelier than the one seen; test and
    interval may differ at the margin.

    Parameters
    ----------
    count_1, total_1, count_2, total_2 : int
        Cases with the mark, and all cases, in the first and the second group.
    level : float
        Confidence level.

    Returns
    -------
    dict
        count_1, total_1, share_1, low_1, high_1, the same for 2, difference (first less second),
        low, high, p_value; all but counts, totals and a known share are missing if a total is 0.
    """
    found = {}
    for place, count, total in (("1", count_1, total_1), ("2", count_2, total_2)):
        names = [f"{name}_{place}" for name in ("count", "total", "share", "low", "high")]
        found |= dict(zip(names, _share(count, total, level), strict=True))
    names = ("difference", "low", "high", "p_value")
    if not total_1 or not total_2:
        return found | dict.fromkeys(names, np.nan)
    groups = (count_1, total_1, count_2, total_2)
    ends = confint_proportions_2indep(*groups, method="newcomb", alpha=1 - level)
    test = stats.fisher_exact([[count_1, total_1 - count_1], [count_2, total_2 - count_2]])
    values = (found["share_1"] - found["share_2"], *ends, test.pvalue)
    return found | dict(zip(names, map(float, values), strict=True))


def compare_shares_table(cases: dict[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    """Run :func:`compare_shares` on several forms of one question, and correct for their number.

    Parameters
    ----------
    cases : dict of str to tuple
        Label, and count_1, total_1, count_2, total_2.

    Returns
    -------
    DataFrame
        Index: label. Columns: those of :func:`compare_shares`, and p_holm (:func:`with_holm`).
    """
    rows = {label: compare_shares(*counts) for label, counts in cases.items()}
    return with_holm(pd.DataFrame.from_dict(rows, orient="index"))


@cache
def conditional_odds(count_1, total_1, count_2, total_2, level: float = 0.95) -> tuple:
    """Return the conditional odds ratio of two shares and the ends of its exact interval."""
    found = odds_ratio([[count_1, total_1 - count_1], [count_2, total_2 - count_2]])
    return found.statistic, *found.confidence_interval(level)


def with_odds_ratios(table: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Add the conditional odds ratio of two shares with its exact interval, by scipy.

    Parameters
    ----------
    table : DataFrame
        As :func:`compare_shares_table` returns, with no total of 0.
    level : float
        Confidence level; the tails are equal (Fisher 1935, Journal of the Royal Statistical
        Society 98, 39-82).

    Returns
    -------
    DataFrame
        The table with odds_ratio, odds_low, odds_high.
    """
    counts = table[["count_1", "total_1", "count_2", "total_2"]].to_numpy(int).tolist()
    rows = [conditional_odds(*row, level) for row in counts]
    columns = ["odds_ratio", "odds_low", "odds_high"]
    return table.join(pd.DataFrame(rows, columns=columns, index=table.index))


def compare_windows(
    variants: dict[str, tuple], first: pd.DataFrame, second: pd.DataFrame
) -> pd.DataFrame:
    """Compare the share of marked events in two sets of windows under several choices.

    Parameters
    ----------
    variants : dict of str to tuple
        Label, events (with date_start), and whether each is marked, on the same index.
    first, second : DataFrame
        Windows: start, end.

    Returns
    -------
    DataFrame
        As :func:`compare_shares_table`.
    """
    cases = {}
    for label, (events, marked) in variants.items():
        parts = [marked[within(events["date_start"], spans)] for spans in (first, second)]
        cases[label] = [n for part in parts for n in (int(part.sum()), len(part))]
    return compare_shares_table(cases)


def detectable_share(count: int, size: int, other: int, alpha=0.05, power=0.8) -> float:
    """Return the smallest higher share that Fisher's two-sided test finds with this power.

    Parameters
    ----------
    count, size : int
        Cases with the mark and all cases of the group compared with, whose share is held.
    other : int
        Cases of the other group.
    alpha, power : float
        Size of the test, and the power asked for.

    Returns
    -------
    float
        A share, to two decimals; missing if even all would not do.
    """
    count, size, other = int(count), int(size), int(other)
    found = np.zeros((other + 1, size + 1), dtype=bool)
    ways = [_log_choices(number) for number in (other, size, other + size)]
    for total in range(other + size + 1):
        first = np.arange(max(0, total - size), min(other, total) + 1)
        chance = np.exp(ways[0][first] + ways[1][total - first] - ways[2][total])
        order = np.sort(chance)
        place = np.searchsorted(order, chance * (1 + 1e-7), side="right")
        higher = first / other > (total - first) / size
        found[first, total - first] = (order.cumsum()[place - 1] <= alpha) & higher
    held = found @ stats.binom(size, count / size).pmf(np.arange(size + 1))
    shares = np.arange(np.ceil(count / size * 100), 101) / 100
    seen = stats.binom(other, shares[:, None]).pmf(np.arange(other + 1)) @ held
    enough = np.flatnonzero(seen >= power)
    return float(shares[enough[0]]) if len(enough) else np.nan


def _log_choices(number: int) -> np.ndarray:
    """Return the logarithm of the number of ways to choose 0, 1 ... of so many."""
    chosen = np.arange(number + 1)
    return gammaln(number + 1) - gammaln(chosen + 1) - gammaln(number - chosen + 1)


def p_text(p_value: float) -> str:
    """Return a p-value for a sentence: ``p = 0.013``, never ``p = 0.000``."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def with_holm(table: pd.DataFrame, column: str = "p_value", name: str = "p_holm") -> pd.DataFrame:
    """Add p-values corrected for the number of looks at one question.

    Holm's correction (1979, Scandinavian Journal of Statistics 6, 65-70), by statsmodels, over
    all rows that have a p-value; the others are no look.

    Parameters
    ----------
    table : DataFrame
    column, name : str
        Column of p-values, and name of the new one.

    Returns
    -------
    DataFrame
        The table with the new column.
    """
    known, corrected = table[column].notna().to_numpy(), np.full(len(table), np.nan)
    if known.any():
        p_values = table.loc[known, column].astype(float)
        corrected[known] = multipletests(p_values, method="holm")[1]
    return table.assign(**{name: corrected})


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
        (distinct, in either pass), alpha, low, high. Alpha is missing where fewer than two values
        are left in the events that both passes gave one; samples in which that happens are left out
        of the interval.
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
