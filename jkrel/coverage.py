"""Where a series looked, for how long, and counts that are missing, never zero, elsewhere."""

import numpy as np
import pandas as pd

from jkrel.data import Dataset


def windows(
    dataset: Dataset, series: str, completeness: str = "complete", ends: str = "title"
) -> pd.DataFrame:
    """Return the windows in which a series was looked at.

    Parameters
    ----------
    dataset : Dataset
    series : str
        A code of ``codes/series.csv``.
    completeness : str
        ``complete`` or ``partial``.
    ends : str
        ``title``: a window ends with the period its source names; ``last_entry``: with the
        source's last dated entry, where it has one.

    Returns
    -------
    DataFrame
        One row per window in order of time: start, end (both belong to it), days.

    Raises
    ------
    KeyError
        If a code is not in its list, or the series has no such window.
    """
    for name, code in (("series", series), ("completeness", completeness), ("window_ends", ends)):
        if code not in dataset.codebook.order(name):
            known = ", ".join(dataset.codebook.order(name))
            raise KeyError(f"no {code!r} in codes/{name}.csv; there are: {known}")
    rows = dataset.coverage
    rows = rows[rows["series"].eq(series) & rows["completeness"].eq(completeness)]
    if rows.empty:
        raise KeyError(f"{series} has no {completeness} window in coverage.csv")
    end = rows["last_entry"].fillna(rows["end"]) if ends == "last_entry" else rows["end"]
    found = pd.DataFrame({"start": rows["start"], "end": end}).sort_values("start")
    return with_days(found.reset_index(drop=True))


def with_days(spans: pd.DataFrame) -> pd.DataFrame:
    """Add the length in days of spans whose both ends belong to them."""
    return spans.assign(days=(spans["end"] - spans["start"]).dt.days + 1)


def clip(spans: pd.DataFrame, start=None, end=None) -> pd.DataFrame:
    """Cut spans to a period; what lies outside it is dropped.

    Parameters
    ----------
    spans : DataFrame
        Columns start and end.
    start, end : date-like, optional
        Ends of the period; both belong to it. Missing means no limit.
    """
    first, last = _ends(spans)
    if not pd.isna(start):
        first = np.maximum(first, np.datetime64(pd.Timestamp(start)))
    if not pd.isna(end):
        last = np.minimum(last, np.datetime64(pd.Timestamp(end)))
    return _frame(first, last)


def _ends(spans: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return tuple(spans[name].to_numpy("datetime64[ns]") for name in ("start", "end"))


def _frame(first: np.ndarray, last: np.ndarray) -> pd.DataFrame:
    """Return spans from their ends, without those that end before they start."""
    kept = first <= last
    return with_days(pd.DataFrame({"start": first[kept], "end": last[kept]}))


def span(start, end) -> pd.DataFrame:
    """Return one span, both ends belonging to it: start, end, days."""
    return with_days(pd.DataFrame({"start": [pd.Timestamp(start)], "end": [pd.Timestamp(end)]}))


def by_year(spans: pd.DataFrame) -> pd.DataFrame:
    """Cut windows at the turn of each year.

    Parameters
    ----------
    spans : DataFrame
        Columns start and end.

    Returns
    -------
    DataFrame
        One row per window and calendar year: start, end, days.
    """
    first, last = _ends(spans)
    years = np.arange(spans["start"].min().year, spans["end"].max().year + 2)
    edges = (years - 1970).astype("datetime64[Y]").astype("datetime64[ns]")[:, None]
    day = np.timedelta64(1, "D")
    return _frame(np.maximum(first, edges[:-1]).ravel(), np.minimum(last, edges[1:] - day).ravel())


def exposure(spans: pd.DataFrame) -> int:
    """Return the days that spans, which must not overlap, hold together."""
    return int(spans["days"].sum())


def looked_at(dataset: Dataset, series: str, start, end) -> str:
    """Tell how a series looked at a whole period.

    Returns
    -------
    str
        ``complete`` or ``partial``; ``not looked at`` if a day of the period is in no window.
    """
    start, end = np.datetime64(pd.Timestamp(start)), np.datetime64(pd.Timestamp(end))
    rows, day = dataset.coverage[dataset.coverage["series"].eq(series)], np.timedelta64(1, "D")
    (first, last), whole = _ends(rows), (end - start) // day + 1
    days = (np.minimum(last, end) - np.maximum(first, start)) // day + 1
    for name, kinds in (("complete", ["complete"]), ("partial", ["complete", "partial"])):
        if days[rows["completeness"].isin(kinds) & (days > 0)].sum() == whole:
            return name
    return "not looked at"


def within(dates: pd.Series, spans: pd.DataFrame) -> pd.Series:
    """Tell for each date whether a span holds it."""
    days, (first, last) = dates.to_numpy("datetime64[ns]")[:, None], _ends(spans)
    return pd.Series(((days >= first) & (days <= last)).any(axis=1), index=dates.index)


def months(
    dataset: Dataset, series: str, by: str | None = None, ends: str = "title"
) -> pd.DataFrame:
    """Count events per month, the third unit of analysis: missing where nothing was looked at.

    Parameters
    ----------
    dataset : Dataset
        Events of this dataset are counted by the month in which they start.
    series : str
        Only events that this series tells, and only inside its complete windows.
    by : str, optional
        A code column of ``events``; gives one column per code instead of the column ``events``.
    ends : str
        As in :func:`windows`.

    Returns
    -------
    DataFrame
        Index: every month from the first to the last window. Column ``days``: days covered.
        Counts (Int64) are missing in months without a covered day; in months partly covered
        they are counts of the covered days only, to be divided by ``days``.
    """
    spans = windows(dataset, series, ends=ends)
    covered = covered_days(spans).rename_axis("month")
    told = dataset.sel(series=series).events
    told = told[within(told["date_start"], spans)]
    month = told["date_start"].dt.to_period("M")
    names = list(dataset.codes_of(by).index) if by else ["events"]
    columns = told[by] if by else pd.Series("events", index=told.index)
    counts = pd.crosstab(month, columns, dropna=False) if len(told) else pd.DataFrame()
    counts = counts.reindex(index=covered.index, columns=names).astype("Int64")
    counts = counts.rename_axis(columns=by).fillna(0).where(covered.gt(0))
    return counts.assign(days=covered)


def covered_days(spans: pd.DataFrame, frequency: str = "M") -> pd.Series:
    """Count the days that spans cover in every period from the first to the last; 0 in a gap."""
    days = pd.DatetimeIndex([d for s in spans.itertuples() for d in pd.date_range(s.start, s.end)])
    covered = days.to_period(frequency).value_counts()
    periods = pd.period_range(covered.index.min(), covered.index.max(), freq=frequency)
    return covered.reindex(periods).fillna(0).astype(int)
