"""Series of an event stream over its coverage, and beside ours: missing outside, never zero."""

import numpy as np
import pandas as pd

from jkrel.analyses.polling import moves_with
from jkrel.stats import with_holm
from jkrel.streams import quad_codes

FREQUENCIES = {"day": "D", "week": "W-SUN", "month": "M"}


def over_coverage(
    counted: pd.DataFrame, spans: pd.DataFrame, pair: tuple[str, str], by: str = "month"
) -> pd.DataFrame:
    """Set counts over coverage: zero where nothing was found, missing where no file exists.

    Parameters
    ----------
    counted : DataFrame
        What :func:`jkrel.streams.series` gives, executed.
    spans : DataFrame
        The coverage by which the rows were selected: start, end.
    pair, by
        As in :func:`jkrel.streams.series`.

    Returns
    -------
    DataFrame
        Index: period and direction (``JPN>KOR``), every period from the first span to the last.
        Columns: days covered; events, records and quad classes (Int64, missing without a covered
        day); total, the events of all dyads in the period by the same rule; share of the total
        (missing where that is 0); score.
    """
    days = np.concatenate([pd.date_range(s.start, s.end) for s in spans.itertuples()])
    covered = pd.Series(1, pd.PeriodIndex(days, freq=FREQUENCIES[by])).groupby(level=0).sum()
    periods = pd.period_range(covered.index.min(), covered.index.max(), freq=FREQUENCIES[by])
    frame = counted.assign(
        period=pd.PeriodIndex(pd.to_datetime(counted["period"]), freq=FREQUENCIES[by]),
        direction=counted["actor"] + ">" + counted["target"],
    )
    total = frame.groupby("period")["events"].sum().reindex(periods)
    first, second = pair
    index = pd.MultiIndex.from_product(
        [periods, [f"{first}>{second}", f"{second}>{first}"]], names=["period", "direction"]
    )
    found = frame.dropna(subset=["direction"]).set_index(["period", "direction"]).reindex(index)
    numbers = found[["events", "records", *quad_codes()]].fillna(0).astype("Int64")
    period = index.get_level_values("period")
    numbers.insert(0, "days", covered.reindex(period).fillna(0).astype(int).to_numpy())
    numbers["total"] = total.reindex(period).fillna(0).astype("Int64").to_numpy()
    seen = numbers.drop(columns="days").where(numbers["days"].gt(0))
    share = seen["events"].astype(float) / seen["total"].astype(float).replace(0, np.nan)
    return seen.assign(share=share, score=found["score"].astype(float)).assign(days=numbers["days"])


def beside(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Set our monthly counts beside those of a stream, both with the days they cover.

    Parameters
    ----------
    ours : DataFrame
        From :func:`jkrel.coverage.months`: events and days by month.
    theirs : DataFrame
        From :func:`over_coverage`, by month; both directions are added.

    Returns
    -------
    DataFrame
        Index: months of either. Columns: ours, our_days; events, records and total of the stream,
        its days; and rates in thirty covered days, our_rate, rate and record_rate, and share (of
        the stream's own total). Missing where a side did not look.
    """
    sums = theirs.groupby(level="period")[["events", "records"]].sum(min_count=1)
    both = sums.join(theirs.groupby(level="period")[["total", "days"]].first())
    named = ours[["events", "days"]].set_axis(["ours", "our_days"], axis=1)
    table = named.join(both, how="outer").rename_axis("month")
    rates = {"our_rate": ("ours", "our_days"), "rate": ("events", "days")}
    rates |= {"record_rate": ("records", "days"), "share": ("events", "total")}
    for name, (count, exposure) in rates.items():
        size = table[exposure].astype(float).replace(0, np.nan)
        table[name] = table[count].astype(float) / size * (1 if name == "share" else 30)
    return table


def agreement(table: pd.DataFrame, seed: int, draws: int = 2000) -> pd.DataFrame:
    """Correlate our monthly rate with measures of the stream, by ranks.

    Spearman's correlation over the months that both cover from the first day to the last, with a
    block bootstrap and a test by circular shifts, as in :func:`jkrel.analyses.polling.moves_with`.

    Parameters
    ----------
    table : DataFrame
        From :func:`beside`.
    seed, draws : int

    Returns
    -------
    DataFrame
        One row per measure (rate, record_rate, share): months, rho, low, high, null_low,
        null_high, p_value, p_holm, and detectable, the smallest correlation found four times in
        five.
    """
    lengths = table.index.days_in_month
    known = table[table["our_days"].eq(lengths) & table["days"].eq(lengths)]
    known = known.dropna(subset=["our_rate", "rate", "record_rate", "share"])
    found = {}
    for name in ("rate", "record_rate", "share"):
        found[name] = moves_with(known["our_rate"], known[name], [0] * len(known), seed, draws)
    frame = pd.DataFrame(found).T.rename(columns={"weeks": "months"})
    columns = ["months", "rho", "low", "high", "null_low", "null_high", "p_value", "detectable"]
    return with_holm(frame[columns].astype({"months": int}))
