"""Series of an event stream over its coverage, and beside ours: missing outside, never zero."""

import numpy as np
import pandas as pd

from jkrel.analyses.polling import moves_with
from jkrel.coverage import covered_days, within
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
    covered = covered_days(spans, FREQUENCIES[by])
    periods = covered.index
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
    numbers.insert(0, "days", covered.reindex(period).to_numpy())
    numbers["total"] = total.reindex(period).fillna(0).astype("Int64").to_numpy()
    seen = numbers.drop(columns="days").where(numbers["days"].gt(0))
    share = seen["events"].astype(float) / seen["total"].astype(float).replace(0, np.nan)
    return seen.assign(share=share, score=found["score"].astype(float)).assign(days=numbers["days"])


def months(acts: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """Count our acts by month as a stream counts them: each direction is an act.

    Parameters
    ----------
    acts : DataFrame
        One row per event and direction, as of :func:`jkrel.streams.made_up.dyad_events`; day is
        used.
    spans : DataFrame
        Where we looked: start, end, as of :func:`jkrel.coverage.windows`.

    Returns
    -------
    DataFrame
        Index: every month from the first span to the last. Columns: events (Int64, missing in
        months without a covered day; acts outside the spans do not count) and days covered.
    """
    covered = covered_days(spans).rename_axis("month")
    counts = acts.loc[within(acts["day"], spans), "day"].dt.to_period("M").value_counts()
    counts = counts.reindex(covered.index).fillna(0).astype("Int64")
    return pd.DataFrame({"events": counts.where(covered.gt(0)), "days": covered})


def beside(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Set our monthly counts beside those of a stream, both with the days they cover.

    Parameters
    ----------
    ours : DataFrame
        From :func:`months`: events, in either direction, and days by month.
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


def agreement(looks: dict[str, tuple], seed: int, draws: int = 2000) -> pd.DataFrame:
    """Correlate our monthly rate with measures of the stream, by ranks.

    Spearman's correlation over the months that both cover from the first day to the last, with a
    block bootstrap and a test by circular shifts, as in :func:`jkrel.analyses.polling.moves_with`.
    There are as many shifts as months, so that no p-value can be below one over their number.

    Parameters
    ----------
    looks : dict of str to tuple
        Label; a table from :func:`beside`, and one of its measures (rate, record_rate, share).
    seed, draws : int

    Returns
    -------
    DataFrame
        One row per look: months, rho, low, high, null_low, null_high, p_value; detectable, the
        smallest correlation that the test, uncorrected, finds four times in five; least_p, below
        which no p-value of it can be; and p_holm and least_holm, both corrected for the number of
        looks (:func:`jkrel.stats.with_holm`).
    """
    found = {}
    for label, (table, measure) in looks.items():
        lengths = table.index.days_in_month
        whole = table[table["our_days"].eq(lengths) & table["days"].eq(lengths)]
        known = whole.dropna(subset=["our_rate", measure])
        found[label] = moves_with(known["our_rate"], known[measure], [0] * len(known), seed, draws)
    frame = pd.DataFrame(found).T.rename(columns={"weeks": "months"})
    columns = ["months", "rho", "low", "high", "null_low", "null_high", "p_value", "detectable"]
    frame = frame[columns].astype({"months": int})
    frame["least_p"] = (1 / frame["months"]).where(frame["p_value"].notna())
    return with_holm(with_holm(frame), "least_p", "least_holm")
