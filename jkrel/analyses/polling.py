"""Approval of leaders: what was known on a day, one pollster at a time, and what moves with it."""

import functools

import numpy as np
import pandas as pd
from scipy import stats

from jkrel import coverage
from jkrel.data import Dataset
from jkrel.shifts import least
from jkrel.stats import compare, detectable_rate_ratio, rate_ratio


def readings(dataset: Dataset, pollster: str, by: str = "published") -> pd.DataFrame:
    """Return the readings of one pollster and the day from which each can have been known.

    A stated day of publication is taken as it is. Where only the last field day is known, the
    longest delay from field to publication seen in this pollster's other readings is added.
    Where only a month is known, its last day is taken. No reading is placed after one that was
    asked later (``poll_id`` gives the order).

    Parameters
    ----------
    dataset : Dataset
    pollster : str
        A code of ``codes/pollsters.csv``.
    by : str
        ``published``, or ``field``: the last field day instead, where it is known.

    Returns
    -------
    DataFrame
        One row per reading with approval, in order of time: poll_id, known_on, day_from (what
        the day rests on: ``published``, ``field`` or ``month``), approve_pct (percent), derived,
        sample_size. Readings without any date that can be used are left out.

    Raises
    ------
    KeyError
        If there is no such pollster, or `by` is neither.
    """
    if pollster not in dataset.codebook.order("pollsters") or by not in ("published", "field"):
        raise KeyError(f"no pollster {pollster!r}, or {by!r} is neither 'published' nor 'field'")
    rows = dataset.polls
    rows = rows[rows["pollster"].eq(pollster) & rows["approve_pct"].notna()].sort_values("poll_id")
    stated = pd.to_datetime(rows["published"].where(rows["published"].str.len().eq(10)))
    month = pd.to_datetime(rows["published"].where(rows["published"].str.len().eq(7)))
    delay = (stated - rows["field_end"]).max() if by == "published" else pd.Timedelta(0)
    asked, month = rows["field_end"] + delay, month + pd.offsets.MonthEnd(0)
    days = {"published": stated, "field": asked, "month": month}
    first, second = ("published", "field") if by == "published" else ("field", "published")
    known = days[first].fillna(days[second]).fillna(days["month"])
    basis = np.select([days[first].notna(), days[second].notna()], [first, second], "month")
    rows = rows.assign(known_on=known, day_from=basis).dropna(subset="known_on")
    rows["known_on"] = rows["known_on"][::-1].cummin()[::-1].astype("datetime64[s]")
    columns = ["poll_id", "known_on", "day_from", "approve_pct", "derived", "sample_size"]
    return rows[columns].astype({"approve_pct": float}).reset_index(drop=True)


def last_before(days, known: pd.DataFrame, longest: int | None = None) -> pd.DataFrame:
    """Return for each day the last reading published before it; none of that day itself.

    Parameters
    ----------
    days : Series of dates
    known : DataFrame
        As :func:`readings` returns it.
    longest : int, optional
        A reading older than this, in days, is not used.

    Returns
    -------
    DataFrame
        As many rows as `days`, with their index: poll_id, known_on, approve_pct, derived,
        day_from, and age (days since it was known); missing where there is none.
    """
    days = pd.Series(days)
    asked = pd.DataFrame({"day": days.astype("datetime64[s]"), "place": range(len(days))})
    found = pd.merge_asof(
        asked.sort_values("day", kind="stable"),
        known[["poll_id", "known_on", "approve_pct", "derived", "day_from"]],
        left_on="day",
        right_on="known_on",
        allow_exact_matches=False,
        tolerance=None if longest is None else pd.Timedelta(days=longest),
    )
    found["age"] = (found["day"] - found["known_on"]).dt.days.astype("Int64")
    found = found.sort_values("place").drop(columns=["day", "place"])
    return found.set_index(days.index)


def known_spans(
    known: pd.DataFrame, spans: pd.DataFrame, longest: int | None = None
) -> pd.DataFrame:
    """Cut covered spans by the reading last published before each of their days.

    Parameters
    ----------
    known : DataFrame
        As :func:`readings` returns it.
    spans : DataFrame
        Windows: start, end, days.
    longest : int, optional
        Days after which a reading is no longer used.

    Returns
    -------
    DataFrame
        start, end, days, poll_id, approve_pct; days before the first reading, or after one has
        grown too old, are left out.
    """
    day = pd.Timedelta(days=1)
    ends = known["known_on"].shift(-1).fillna(pd.Timestamp("2100-01-01"))
    if longest is not None:
        ends = np.minimum(ends, known["known_on"] + longest * day)
    held = pd.DataFrame({"poll_id": known["poll_id"], "approve_pct": known["approve_pct"]})
    held = held.assign(first=known["known_on"] + day, last=ends).merge(spans, how="cross")
    held["start"] = held[["first", "start"]].max(axis=1)
    held["end"] = held[["last", "end"]].min(axis=1)
    held = coverage.with_days(held[held["start"] <= held["end"]])
    columns = ["start", "end", "days", "poll_id", "approve_pct"]
    return held.sort_values("start", ignore_index=True)[columns]


def weeks(spans: pd.DataFrame) -> pd.DataFrame:
    """Cut windows into whole weeks from their first day on; an incomplete last one is dropped.

    Returns
    -------
    DataFrame
        start, end, days, window (number of the span, from 0).
    """
    rest = pd.Timedelta(days=6)
    rows = [
        (start, start + rest, number)
        for number, span in enumerate(spans.itertuples())
        for start in pd.date_range(span.start, span.end - rest, freq="7D")
    ]
    return coverage.with_days(pd.DataFrame(rows, columns=["start", "end", "window"]))


def totals(dates: pd.Series, spans: pd.DataFrame, weights: pd.Series | None = None) -> pd.Series:
    """Sum events, or weights of events, in each span; missing weights are left out."""
    weights = pd.Series(1.0, index=dates.index) if weights is None else weights.astype(float)
    days = dates.to_numpy("datetime64[ns]")
    first, last = (spans[name].to_numpy("datetime64[ns]")[:, None] for name in ("start", "end"))
    inside = (days >= first) & (days <= last)
    return pd.Series(inside @ weights.fillna(0).to_numpy(float), index=spans.index)


def moves_with(
    approval, amount, window, seed: int, draws: int = 2000, block: int = 4, alpha=0.05, power=0.8
) -> dict:
    """Tell whether an amount per week moves with approval, within windows.

    Spearman's correlation of ranks taken within each window, so that a difference between
    windows does not count. The test is two-sided: in each window one series is shifted against
    the other, round its end, by every number of weeks, which keeps the memory of both (toroidal
    shift; Lotwick and Silverman 1982, Journal of the Royal Statistical Society B 44, 406-413);
    all combinations of shifts are counted. The interval is a percentile bootstrap of circular
    blocks of weeks (Politis and Romano 1992, in LePage and Billard, Exploring the Limits of
    Bootstrap, 263-270), rough at so few blocks.

    Parameters
    ----------
    approval, amount, window : sequence of equal length
        One value per week, in order of time; weeks with a missing value are left out.
    seed, draws, block : int
        Seed, samples, and weeks in a block.
    alpha, power : float
        Size and power for the smallest detectable correlation.

    Returns
    -------
    dict
        weeks, rho, low, high (95 %), null_low, null_high (central 95 % of the shifts), p_value,
        and detectable: the smallest mean correlation found with this power, when a part of the
        amount is replaced by approval itself and the rest shifted at random. All but weeks are
        missing if one of the series does not vary within windows.
    """
    table = pd.DataFrame({"x": list(approval), "y": list(amount), "w": list(window)}).dropna()
    pairs = [rows[["x", "y"]].to_numpy(float).T for _, rows in table.groupby("w")]
    rho = _rho([x[None] for x, _ in pairs], [y[None] for _, y in pairs])[0] if pairs else np.nan
    names = ("rho", "low", "high", "null_low", "null_high", "p_value", "detectable")
    if np.isnan(rho):
        return {"weeks": len(table)} | dict.fromkeys(names, np.nan)
    null = _shifted([x for x, _ in pairs], [y[None] for _, y in pairs])[0]
    p_value = np.mean(np.abs(null) >= abs(rho) - 1e-9)
    random = np.random.default_rng(seed)
    chosen = [_blocks(len(x), block, draws, random) for x, _ in pairs]
    sampled = _rho(
        [x[c] for (x, _), c in zip(pairs, chosen, strict=True)],
        [y[c] for (_, y), c in zip(pairs, chosen, strict=True)],
    )
    low, high = np.nanquantile(sampled, [0.025, 0.975])
    ends = np.quantile(null, [0.025, 0.975])
    least = _detectable(pairs, random, min(draws, 200), alpha, power)
    found = (rho, low, high, *ends, p_value, least)
    return {"weeks": len(table)} | dict(zip(names, map(float, found), strict=True))


def _ranks(values: np.ndarray) -> np.ndarray:
    ranks = stats.rankdata(values, axis=-1)
    return ranks - ranks.mean(axis=-1, keepdims=True)


def _rho(first: list, second: list) -> np.ndarray:
    """Correlate each sample (row), from one array of samples by weeks for each window."""
    x, y = (np.concatenate([_ranks(v) for v in part], axis=-1) for part in (first, second))
    size = np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
    return np.divide((x * y).sum(axis=-1), size, out=np.full(len(x), np.nan), where=size > 1e-9)


def _shifted(first: list, second: list) -> np.ndarray:
    """Return the correlations of each sample of the second with every shift of the first."""
    x, y = [_ranks(v) for v in first], [_ranks(v) for v in second]
    sums = []
    for one, other in zip(x, y, strict=True):
        moved = np.array([np.roll(one, shift) for shift in range(len(one))])
        sums.append(other @ moved.T)
    joined = functools.reduce(
        lambda a, b: (a[:, :, None] + b[:, None, :]).reshape(len(a), -1), sums
    )
    size = np.sqrt(sum((v**2).sum() for v in x) * sum((v**2).sum(axis=-1) for v in y))
    return joined / np.maximum(size, 1e-9)[:, None]


def _blocks(count: int, block: int, draws: int, random) -> np.ndarray:
    starts = random.integers(count, size=(draws, -(-count // block)))
    places = (starts[:, :, None] + np.arange(block)) % count
    return places.reshape(draws, -1)[:, :count]


def _detectable(pairs: list, random, draws: int, alpha: float, power: float) -> float:
    """Find by halving the smallest share of approval in the amount that is found often enough."""
    ranks = [[_ranks(values) / max(_ranks(values).std(), 1e-9) for values in p] for p in pairs]
    turns = [random.integers(len(x), size=(draws, 1)) for x, _ in ranks]
    noise = [
        y[(np.arange(len(y)) - turn) % len(y)] for (_, y), turn in zip(ranks, turns, strict=True)
    ]
    signal = [x for x, _ in ranks]

    def seen(part):
        mixed = [part * s + np.sqrt(1 - part**2) * n for s, n in zip(signal, noise, strict=True)]
        null = _shifted(signal, mixed)
        rho = null[:, 0]
        p_values = (np.abs(null) >= np.abs(rho)[:, None] - 1e-9).mean(axis=1)
        return np.mean(p_values <= alpha), rho.mean()

    return least(seen, power, 8)


def provable_margin(total: int, days_1: float, days_2: float, level=0.90, power=0.8) -> float:
    """Return the margin above which a ratio of rates could have been shown to lie, were it 1.

    Given the total, the first count is binomial; `power` is the chance that the lower end of the
    exact interval (:func:`jkrel.stats.rate_ratio`) reaches the value returned. A two-sided level
    of 0.90 makes the statement one-sided at 5 % (Schuirmann 1987, Journal of Pharmacokinetics
    and Biopharmaceutics 15, 657-680).

    Parameters
    ----------
    total : int
        Events in both periods, above 0.
    days_1, days_2 : float
        Time at risk; the ratio is that of the first rate over the second.
    """
    first = int(stats.binom(total, days_1 / (days_1 + days_2)).ppf(1 - power))
    return rate_ratio(first, days_1, total - first, days_2, level).low


def look(events, known, spans, seed: int, amount=None, longest=None) -> dict:
    """Set events per week against the approval last published before the week.

    Parameters
    ----------
    events : DataFrame
        With a column date_start.
    known : DataFrame
        As :func:`readings` returns it.
    spans : DataFrame
        Covered windows: start, end, days.
    seed : int
    amount : str, optional
        Column of `events` to be summed, such as a score; by default events are counted.
    longest : int, optional
        Days after which a reading is no longer used.

    Returns
    -------
    dict
        As :func:`moves_with`, and events (those in whole weeks).
    """
    cut = weeks(spans)
    held = last_before(cut["start"], known, longest)["approve_pct"]
    weights = None if amount is None else events[amount]
    sums = totals(events["date_start"], cut, weights)
    found = moves_with(held, sums, cut["window"], seed)
    return {"events": int(coverage.within(events["date_start"], cut).sum())} | found


def around(dates, day, spans: pd.DataFrame, reach: int) -> dict:
    """Compare rates after a day with those before, inside covered windows.

    Parameters
    ----------
    dates : sequence of dates
    day : date-like
        Counts as before: what happens on it is not yet its consequence.
    spans : DataFrame
        Windows: start, end, days.
    reach : int
        Days looked at on each side, as far as they are covered.

    Returns
    -------
    dict
        As :func:`jkrel.stats.compare`, after over before; detectable, the smallest ratio above 1
        found with a power of 80 %; and p_if_none, the p-value had there been no event after.
        Only counts and days where a side is not covered or there is no event.
    """
    day, step = pd.Timestamp(day), pd.Timedelta(days=1)
    after = coverage.clip(spans, day + step, day + reach * step)
    before = coverage.clip(spans, day - (reach - 1) * step, day)
    found = compare(dates, after, before)
    if np.isnan(found["ratio"]):
        return found | {"detectable": np.nan, "p_if_none": np.nan}
    before = (found["count_2"], found["days_2"])
    none = rate_ratio(0, found["days_1"], *before).p_value if before[0] else np.nan
    size = detectable_rate_ratio(*before, found["days_1"])
    return found | {"detectable": size, "p_if_none": none}


def not_lower(dates, low: pd.DataFrame, high: pd.DataFrame, margin: float) -> dict:
    """Test whether the rate under low approval is not lower than a margin times that under high.

    Non-inferiority of two Poisson rates: given the total, the first count is binomial, and the
    one-sided exact test asks whether the ratio lies above the margin. The interval is at 90 %, so
    that its lower end above the margin says the same as the test at 5 %.

    Parameters
    ----------
    dates : sequence of dates
    low, high : DataFrame
        Days of low and of high approval, as parts of what :func:`known_spans` returns.
    margin : float
        Ratio of rates below which cooperation counts as lowered.

    Returns
    -------
    dict
        count_1, days_1 (low), count_2, days_2 (high), ratio, low, high, p_value (two-sided, of no
        difference), p_margin (one-sided, of a ratio at or below the margin), and provable, see
        :func:`provable_margin`. Only counts and days where a side has no day or there is no event.
    """
    found = compare(dates, low, high, level=0.90)
    if np.isnan(found["ratio"]):
        return found | {"p_margin": np.nan, "provable": np.nan}
    total, days = found["count_1"] + found["count_2"], (found["days_1"], found["days_2"])
    share = margin * days[0] / (margin * days[0] + days[1])
    p_margin = stats.binomtest(found["count_1"], total, share, alternative="greater").pvalue
    return found | {"p_margin": float(p_margin), "provable": provable_margin(total, *days)}


def beyond_sampling(known: pd.DataFrame) -> dict:
    """Tell whether readings differ by more than sampling gives, as if each were a simple sample.

    Parameters
    ----------
    known : DataFrame
        As :func:`readings` returns it; readings without a stated number of answers are left out.

    Returns
    -------
    dict
        readings, lowest, highest, spread (standard deviation of the readings, points), sampling
        (that which sampling alone gives), and p_value of Pearson's chi-squared test of one common
        share. Weighting makes true sampling errors larger, so the test finds too much. Missing
        where fewer than two readings are left.
    """
    rows = known.dropna(subset="sample_size")
    share, size = rows["approve_pct"] / 100, rows["sample_size"].astype(float)
    found = {"readings": len(rows)}
    if len(rows) < 2:
        names = ("lowest", "highest", "spread", "sampling", "p_value")
        return found | dict.fromkeys(names, np.nan)
    test = stats.chi2_contingency(np.array([share * size, (1 - share) * size]), correction=False)
    return found | {
        "lowest": float(rows["approve_pct"].min()),
        "highest": float(rows["approve_pct"].max()),
        "spread": float(rows["approve_pct"].std()),
        "sampling": float(100 * np.sqrt((share * (1 - share) / size).mean())),
        "p_value": float(test.pvalue),
    }
