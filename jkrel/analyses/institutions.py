"""How far a dialogue is an institution: promises kept, cadence, regularity, diversity, shares."""

from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from jkrel import coverage
from jkrel.data import Dataset
from jkrel.stats import poisson_interval

SERIES = "trilateral_meetings_ministers"
"""The series that is complete: what it does not tell of its own mechanisms was not held."""


def ledger(dataset: Dataset, since, as_of, series: str = SERIES) -> pd.DataFrame:
    """Set each commitment of Camp David beside the sessions held after it.

    A session is an event of the dataset with that mechanism, after `since` and up to `as_of`.
    Only where the complete series tells all known sessions of a mechanism, and reaches from
    `since` to `as_of`, does the absence of a session count as such; elsewhere it is not known.

    Parameters
    ----------
    dataset : Dataset
        A selection narrows what counts as a session, not what the series covers.
    since, as_of : date-like
        Day of the promise, and day of the verdict.
    series : str
        Series whose complete windows are believed.

    Returns
    -------
    DataFrame
        Index: mechanism_id. Columns: name, level, domain, rhythm_days; older (it met before the
        promise; missing if not known); first (first session after the promise, or without one
        the recorded start), days to it, sessions, last, due (last session, or the promise, plus
        the rhythm), periods (rhythms run out since the promise), kept (those with a session),
        looked (the series would tell), and status: ``in rhythm``, ``not yet due``, ``overdue``,
        ``held``, ``begun`` (a start is recorded, no session), ``not held``, ``not known``.

    Raises
    ------
    ValueError
        If `as_of` is not after `since`.
    """
    since, as_of = pd.Timestamp(since), pd.Timestamp(as_of)
    if as_of <= since:
        raise ValueError(f"{as_of:%Y-%m-%d} is not after the promise of {since:%Y-%m-%d}")
    columns = ["name", "level", "domain", "rhythm_days"]
    mechanisms = dataset.mechanisms.set_index("mechanism_id")
    mechanisms = mechanisms[mechanisms["camp_david"]]
    start = pd.to_datetime(mechanisms["first_session"], format="ISO8601")
    held = dataset.events[dataset.events["mechanism"].isin(mechanisms.index)]
    earlier = mechanisms.index.isin(held.loc[held["date_start"].lt(since), "mechanism"])
    held = held[held["date_start"].gt(since) & held["date_start"].le(as_of)]
    rows = mechanisms[columns].join(_sessions(held, mechanisms["rhythm_days"], since, as_of))
    rows["older"] = start.lt(since).astype("boolean").mask(start.isna()) | earlier
    rows["first"] = rows["first"].fillna(start.where(start.gt(since) & start.le(as_of)))
    rows["days"] = (rows["first"] - since).dt.days.astype("Int64")
    told = mechanisms.index.isin(_told_throughout(dataset, series))
    rows["looked"] = told & (coverage.looked_at(dataset, series, since, as_of) == "complete")
    return rows.assign(status=_status(rows, as_of))


def _sessions(held: pd.DataFrame, rhythm: pd.Series, since, as_of) -> pd.DataFrame:
    """Count the sessions of each mechanism, and the rhythms that ran out and were kept."""
    by = held.groupby("mechanism")["date_start"].agg(["min", "max", "size"])
    by = by.reindex(rhythm.index).set_axis(["first", "last", "sessions"], axis="columns")
    by["sessions"] = by["sessions"].fillna(0).astype(int)
    length = pd.to_timedelta(rhythm.astype("Float64"), unit="D")
    by["due"] = by["last"].fillna(since) + length
    by["periods"] = ((as_of - since).days // rhythm).astype("Int64")
    place = ((held["date_start"] - since).dt.days - 1) // held["mechanism"].map(rhythm)
    full = place[place < held["mechanism"].map(by["periods"])]
    kept = full.groupby(held["mechanism"]).nunique().reindex(rhythm.index).fillna(0)
    return by.assign(kept=kept.astype("Int64").where(rhythm.notna()))


def _told_throughout(dataset: Dataset, series: str) -> pd.Index:
    """List the mechanisms all of whose known sessions a series tells, whatever is selected."""
    whole = dataset.whole or dataset.tables
    told = whole["event_sources"]
    told = told.loc[told["series"].eq(series), "event_id"]
    sessions = whole["events"].dropna(subset=["mechanism"])
    throughout = sessions["event_id"].isin(told).groupby(sessions["mechanism"]).all()
    return throughout.index[throughout]


def _status(rows: pd.DataFrame, as_of) -> np.ndarray:
    some, rhythm = rows["sessions"].gt(0), rows["rhythm_days"].notna()
    late = rows["due"].lt(as_of)
    cases = [
        (rhythm & ~late & some, "in rhythm"),
        (rhythm & ~late, "not yet due"),
        (rhythm & rows["looked"], "overdue"),
        (rhythm, "not known"),
        (some, "held"),
        (rows["first"].notna(), "begun"),
        (rows["looked"], "not held"),
    ]
    conditions = [case.to_numpy(bool) for case, _ in cases]
    return np.select(conditions, [name for _, name in cases], "not known")


def cadence(dataset: Dataset, definitions: dict, periods, level: float = 0.95) -> pd.DataFrame:
    """Give the mean days between meetings under each definition, in each period.

    The mean is days over events; its interval turns round the exact one of a Poisson count
    (:func:`jkrel.stats.poisson_interval`). Where the series looked in part, both the mean and
    its interval are upper bounds: what is missing can only shorten them.

    Parameters
    ----------
    dataset : Dataset
        Gives the coverage.
    definitions : dict of str to pair
        Label, and the events (a DataFrame) with the series through which they are known.
    periods : sequence of tuples
        Label, first day, last day, and the days between meetings that somebody states.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row per period and definition: period, definition, series, coverage, events, days,
        mean_gap, low, high, stated, and verdict: ``fits`` (stated lies in the interval),
        ``oftener``, ``rarer``, ``rarer in the data`` (of a partial series), ``not looked at``.
        Numbers are missing where the series did not look.
    """
    rows = []
    for (period, start, end, stated), (name, (events, series)) in product(
        periods, definitions.items()
    ):
        seen, span = coverage.looked_at(dataset, series, start, end), coverage.span(start, end)
        found = (np.nan,) * 5
        if seen != "not looked at":
            count = int(coverage.within(events["date_start"], span).sum())
            days = coverage.exposure(span)
            gaps = np.array([days / n if n else np.inf for n in poisson_interval(count, level)])
            found = (count, days, days / count if count else np.inf, gaps[1], gaps[0])
        said = verdict(stated, *found[3:], seen)
        rows.append((period, name, series, seen, *found, stated, said))
    columns = ["period", "definition", "series", "coverage", "events", "days"]
    columns += ["mean_gap", "low", "high", "stated", "verdict"]
    return pd.DataFrame(rows, columns=columns).astype({"events": "Int64", "days": "Int64"})


def verdict(stated: float, low: float, high: float, seen: str) -> str:
    """Tell how stated days between meetings stand to an interval (see :func:`cadence`)."""
    if np.isnan(low):
        return "not looked at"
    if low <= stated <= high:
        return "fits"
    if stated > high:
        return "oftener"
    return "rarer" if seen == "complete" else "rarer in the data"


def in_words(pace: pd.DataFrame) -> str:
    """Put one period of :func:`cadence` in words: each verdict and the definitions under it.

    Parameters
    ----------
    pace : DataFrame
        Rows of one period; how many events the stated pace asks for is told for the first.

    Returns
    -------
    str
        A line of Markdown; mean days between meetings stand in brackets.
    """
    first, names = pace.iloc[0], pace["definition"].str.lower()
    means = names + " (" + pace["mean_gap"].round(1).astype(str) + ")"
    found = means.where(pace["events"].notna(), names)
    found = found.groupby(pace["verdict"], sort=False).agg(", ".join)
    listed = "; ".join(f"*{verdict}*: {which}" for verdict, which in found.items())
    words = f"**{first['period']}, every {first['stated']:g} days** — {listed}."
    if pd.isna(first["events"]):
        return words
    asked = round(first["days"] / first["stated"])
    missing = asked - first["events"]
    more = f", so that {missing} would be missing." if missing > 0 else "."
    counted = f"Under *{names.iloc[0]}*, {first['events']} are found"
    return f"{words} {counted}; the stated pace asks for {asked}{more}"


def regularity(days, seed: int, draws: int = 2000, alpha=0.05, power=0.8) -> dict:
    """Measure how regular meetings are, by the coefficient of variation of the gaps.

    The coefficient is the standard deviation of the gaps over their mean: 0 for a clock, about
    1 for chance (exponential gaps), more for bunches (Cox and Lewis 1966, The Statistical
    Analysis of Series of Events, Methuen). Chance, and the regularity that could have been
    seen, are simulated with as many gaps of the same mean, of a gamma distribution, rounded up
    to whole days.

    Parameters
    ----------
    days : sequence of dates
        Meetings; several on one day are one.
    seed, draws : int
        Seed and number of bootstrap samples and of simulated series.
    alpha, power : float
        Size of the two-sided test, and the power asked for.

    Returns
    -------
    dict
        gaps, mean_gap, cv, low, high (percentile bootstrap over gaps; too narrow and too low
        where gaps are few: of 8 to 18 gaps by chance, intervals of 95 % hold the coefficient in
        about 80 of 100 samples), chance_low and chance_high (central range by chance), p_value,
        and detectable: the largest coefficient below 1 that the test finds with this power,
        missing if there is none.

    Raises
    ------
    ValueError
        If there are fewer than three gaps.
    """
    gaps = np.diff(pd.DatetimeIndex(days).unique().sort_values()).astype("timedelta64[D]")
    gaps = gaps.astype(float)
    if len(gaps) < 3:
        raise ValueError(f"{len(gaps)} gaps are too few; at least three are needed")
    random, size = np.random.default_rng(seed), (draws, len(gaps))
    spread = stats.bootstrap(
        (gaps,), _variation, n_resamples=draws, method="percentile", rng=seed
    ).confidence_interval
    cv, chance = float(_variation(gaps)), _variation(_drawn(1, gaps.mean(), size, random))
    low, high = np.quantile(chance, [alpha / 2, 1 - alpha / 2])
    tails = [(1 + np.sum(tail)) / (draws + 1) for tail in (chance <= cv, chance >= cv)]
    shapes = 1.1 ** np.arange(1, 50)
    seen = ((_variation(_drawn(k, gaps.mean(), size, random)) < low).mean() for k in shapes)
    shape = next((k for k, share in zip(shapes, seen, strict=True) if share >= power), np.nan)
    return {
        "gaps": len(gaps),
        "mean_gap": float(gaps.mean()),
        "cv": cv,
        "low": float(spread.low),
        "high": float(spread.high),
        "chance_low": float(low),
        "chance_high": float(high),
        "p_value": float(min(1, 2 * min(tails))),
        "detectable": float(shape**-0.5),
    }


def _variation(gaps, axis=-1):
    return np.std(gaps, axis=axis, ddof=1) / np.mean(gaps, axis=axis)


def _drawn(shape: float, mean: float, size: tuple, random) -> np.ndarray:
    """Draw gaps of a gamma distribution, in whole days; rounding up adds half a day."""
    return np.ceil(random.gamma(shape, max(mean - 0.5, 0.5) / shape, size))


def _diversity(codes, kinds: int, measure: str, axis=-1):
    codes = np.moveaxis(np.asarray(codes), axis, -1)
    counts, size = (codes[..., None] == np.arange(kinds)).sum(axis=-2), codes.shape[-1]
    if measure == "differ":
        return 1 - np.sum(counts * (counts - 1), axis=-1) / (size * (size - 1))
    shares = counts / size
    logs = np.log(shares, where=shares > 0, out=np.zeros_like(shares))
    return np.exp(-np.sum(shares * logs, axis=-1))


def compare_diversity(
    first, second, seed: int, draws: int = 9999, measure: str = "effective"
) -> dict:
    """Compare the diversity of two samples of labels by shuffling them (two-sided).

    Resampling repeats labels and so lowers diversity. In small samples this is worse for the
    effective number than the interval is wide, so only ``differ`` has one: the basic bootstrap,
    which turns the errors of resampling round the estimate (Davison and Hinkley 1997, Bootstrap
    Methods and their Application, section 5.2).

    Parameters
    ----------
    first, second : sequence
        Labels.
    seed, draws : int
        Seed and number of shuffles and bootstrap samples.
    measure : str
        ``effective``: the effective number of kinds, the exponential of Shannon's entropy; as
        many kinds, all equally frequent, would be as diverse (Hill 1973, Ecology 54, 427-432).
        ``differ``: the probability that two labels drawn without replacement differ, an
        unbiased estimate (Simpson 1949, Nature 163, 688).

    Returns
    -------
    dict
        n_1, n_2, diversity_1, diversity_2, difference (first minus second), low, high,
        chance_low and chance_high (central 95 % under shuffling), p_value.
    """
    codes, kinds = pd.factorize(np.array([*first, *second], dtype=object))
    samples = (codes[: len(first)], codes[len(first) :])

    def gap(one, two, axis=-1):
        one, two = (_diversity(part, len(kinds), measure, axis) for part in (one, two))
        return one - two

    low = high = np.nan
    if measure == "differ":
        spread = stats.bootstrap(samples, gap, n_resamples=draws, method="basic", rng=seed)
        low, high = spread.confidence_interval
    test = stats.permutation_test(samples, gap, n_resamples=draws, rng=seed)
    chance = np.quantile(test.null_distribution, [0.025, 0.975])
    values = [float(_diversity(part, len(kinds), measure)) for part in samples]
    names = ("n_1", "n_2", "diversity_1", "diversity_2", "difference", "low", "high")
    found = (len(first), len(second), *values, values[0] - values[1], float(low), float(high))
    ends = {"chance_low": float(chance[0]), "chance_high": float(chance[1])}
    return dict(zip(names, found, strict=True)) | ends | {"p_value": float(test.pvalue)}


def compare_weighted(first, second, seed: int, draws: int = 9999) -> dict:
    """Compare two shares whose events carry weights, by shuffling events (two-sided).

    Parameters
    ----------
    first, second : DataFrame
        Columns marked (bool) and weight (such as an event's score on a scale, above 0).

    Returns
    -------
    dict
        share_1, share_2, difference, p_value.
    """
    both = pd.concat([first, second], ignore_index=True)
    marked, weight = both["marked"].to_numpy(float), both["weight"].to_numpy(float)

    def share(places, axis=-1):
        return (marked * weight)[places].sum(axis=axis) / weight[places].sum(axis=axis)

    def gap(one, two, axis=-1):
        return share(one, axis) - share(two, axis)

    places = np.arange(len(both))
    samples = (places[: len(first)], places[len(first) :])
    test = stats.permutation_test(samples, gap, n_resamples=draws, rng=seed)
    shares = [float(share(part)) for part in samples]
    return {
        "share_1": shares[0],
        "share_2": shares[1],
        "difference": shares[0] - shares[1],
        "p_value": float(test.pvalue),
    }
