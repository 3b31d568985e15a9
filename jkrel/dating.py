"""Whether results hold when events move to the earliest or the latest day that a source states."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from jkrel import coverage
from jkrel.data import Dataset
from jkrel.stats import p_text

USED, MOVED = "used", ("earliest", "latest")


class Finding(NamedTuple):
    """A result as shown, what is concluded from it, and what of it must stay the same."""

    shown: str
    conclusion: object
    criterion: str


def number(value, form: str = ".0f") -> Finding:
    """Take a count, a gap or an estimate as shown: it holds if it is shown the same."""
    return Finding(f"{value:{form}}", f"{value:{form}}", "the number itself")


def interval(row, none: float = 1) -> Finding:
    """Take an estimate by its interval: ratio, low, high, beside the value `none` of no change."""
    side = "above" if row["low"] > none else "below" if row["high"] < none else "includes"
    shown = f"{row['ratio']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
    return Finding(shown, side, f"whether the interval includes {none:g} or lies above or below it")


def p_value(value: float, level: float = 0.05) -> Finding:
    """Take a test by its (corrected) p-value: it holds if that stays on its side of `level`."""
    return Finding(p_text(value), value < level, f"whether p lies below {level:g}")


def stated(dataset: Dataset) -> pd.DataFrame:
    """Return the earliest and latest day, by event_id, where sources state different days."""
    days = dataset.event_sources.groupby("event_id")["date_stated"].agg(["min", "max"])
    return days[days["min"].lt(days["max"])].set_axis(list(MOVED), axis=1)


def moved(events: pd.DataFrame, days: pd.Series) -> pd.DataFrame:
    """Start events on other days, given by event_id; the end follows, so that lengths stay."""
    start = events["event_id"].map(days).fillna(events["date_start"])
    days = {"date_start": start, "date_end": events["date_end"] + (start - events["date_start"])}
    return events.assign(**days)


def redated(dataset: Dataset, which: str) -> Dataset:
    """Return the data with each event on the ``earliest`` or ``latest`` day that sources state.

    Raises
    ------
    ValueError
        If `which` is neither of the two, nor ``used``, which changes nothing.
    """
    if which not in (USED, *MOVED):
        raise ValueError(f"which: {which!r} is none of {', '.join((USED, *MOVED))}")
    if which == USED:
        return dataset
    events = moved(dataset.events, stated(dataset)[which])
    return replace(dataset, tables=dataset.tables | {"events": events})


def leaving(dataset: Dataset) -> list[str]:
    """List events that leave a window of a series that tells them, or enter one, when moved."""
    days = stated(dataset).join(dataset.events.set_index("event_id")["date_start"])
    found = set()
    told = dataset.event_sources[["event_id", "series"]].drop_duplicates()
    for series, rows in told.groupby("series", observed=True):
        spans = dataset.coverage[dataset.coverage["series"].eq(series)]
        own = days[days.index.isin(rows["event_id"])]
        for _, window in spans.groupby("coverage_id", observed=True):
            inside = own.apply(coverage.within, spans=window)
            found |= set(own.index[inside.nunique(axis=1).gt(1)])
    return sorted(found)


def verdicts(dataset: Dataset, headline: Callable[[Callable], dict[str, Finding]]) -> pd.DataFrame:
    """Run the headline results of a notebook under the days used, the earliest and the latest.

    Parameters
    ----------
    dataset : Dataset
    headline : callable
        Takes a callable that moves events (a frame or a Dataset) to the days of one dating, and
        returns results by name. Events that move out of a window are left out as any outside.

    Returns
    -------
    DataFrame
        One row per result: used, earliest, latest, criterion, and verdict: *holds* if the
        conclusion is the same three times, else *depends on dating*. Its ``attrs`` hold the ids
        of the events that were moved, the rows that receipts name behind it.
    """
    found, known = {}, stated(dataset)
    for which in (USED, *MOVED):

        def at(rows, which=which):
            if isinstance(rows, Dataset):
                return redated(rows, which)
            return rows if which == USED else moved(rows, known[which])

        found[which] = headline(at)
    table = pd.DataFrame({w: {n: f.shown for n, f in r.items()} for w, r in found.items()})
    alike = {n: len({r[n].conclusion for r in found.values()}) == 1 for n in found[USED]}
    table["criterion"] = [finding.criterion for finding in found[USED].values()]
    table["verdict"] = pd.Series(alike).map({True: "holds", False: "depends on dating"})
    table.attrs["moved"] = list(dataset.only(known.index).events["event_id"])
    return table.rename_axis("result")


def in_words(dataset: Dataset, table: pd.DataFrame) -> str:
    """Say in Markdown how many results of :func:`verdicts` hold by what, and which depend."""
    holds, events = table["verdict"].eq("holds"), len(stated(dataset))
    criteria = "; ".join(table.loc[holds, "criterion"].unique())
    turned = [
        f"{name} ({row[USED]}; " + ", ".join(f"{which} {row[which]}" for which in MOVED) + ")"
        for name, row in table[~holds].iterrows()
    ]
    return (
        f"{events} events have sources that state different days; moved across the edge of a "
        f"window of coverage: {', '.join(leaving(dataset)) or 'none'}. *Holds*: {holds.sum()} of "
        f"{len(table)} results ({criteria or 'none'}). *Depends on dating*: "
        f"{'; '.join(turned) or 'none'}."
    )
