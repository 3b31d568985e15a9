"""The chronicler's recall: of what outside sources record, how much the chronologies tell."""

import numpy as np
import pandas as pd
from scipy.stats import hypergeom

from jkrel import coverage
from jkrel.analyses import launches
from jkrel.data import Dataset

TELLER = "chronology"
"""Series whose recall is asked for."""


def recorded(dataset: Dataset, series, spans: pd.DataFrame) -> pd.DataFrame:
    """List the events that outside series record in windows, and whether a chronology tells them.

    Parameters
    ----------
    dataset : Dataset
    series : str or list of str
        Codes of ``codes/series.csv``; an event that several record is one row.
    spans : DataFrame
        Windows: start, end.

    Returns
    -------
    DataFrame
        Columns of ``events`` in order of time, and told (whether a chronology tells the event),
        outside (number of its sources that are no chronology).
    """
    rows = dataset.sel(series=series).events
    rows = rows[coverage.within(rows["date_start"], spans)]
    sources = dataset.event_sources
    telling = sources["series"].eq(TELLER)
    others = sources[~telling].groupby("event_id")["source_id"].nunique()
    rows = rows.assign(
        told=rows["event_id"].isin(sources.loc[telling, "event_id"]),
        outside=rows["event_id"].map(others).fillna(0).astype(int),
    )
    return rows.sort_values(["date_start", "event_id"], ignore_index=True)


def launch_days(
    dataset: Dataset,
    answered: pd.DataFrame,
    spans: pd.DataFrame,
    reach: int,
    issue: str = "north_korea",
    event_type: str = "weapons_test",
) -> pd.DataFrame:
    """List the launch days in windows, and in how many senses the articles tell them.

    Parameters
    ----------
    dataset : Dataset
    answered : DataFrame
        What :func:`jkrel.analyses.claims.answers` returns.
    spans : DataFrame
        Windows: start, end.
    reach : int
        Days after a launch, for the widest sense.
    issue, event_type : str
        Codes of what a launch is about, and of the launch itself.

    Returns
    -------
    DataFrame
        What :func:`jkrel.analyses.launches.described` returns, and, from the strictest sense to the
        widest, each holding those before it: as_event (a weapons test of that day is an event
        that a chronology tells), in_entry (or a claim of an entry rests on that very launch day),
        in_body (or a claim of the body does), followed (or an event about North Korea that a
        chronology tells lies at most `reach` days after it); beside them counted (the day is
        among those behind a number of the articles).
    """
    rows = launches.described(dataset)
    rows = rows[coverage.within(rows["date"], spans)].reset_index(drop=True)
    told = dataset.sel(series=TELLER).events
    also = told["other_issues"].map(lambda issues: issue in issues)
    about = told[told["issue"].eq(issue) | also]
    tests = told.loc[told["event_type"].eq(event_type), "date_start"]
    entry, body, counted = _behind(dataset, answered)
    gaps = about["date_start"].to_numpy()[:, None] - rows["date"].to_numpy()
    near = ((gaps >= np.timedelta64(0, "D")) & (gaps <= np.timedelta64(reach, "D"))).any(axis=0)
    as_event = rows["date"].isin(tests)
    in_entry = as_event | rows["launch_id"].isin(entry)
    in_body = in_entry | rows["launch_id"].isin(body)
    senses = {"as_event": as_event, "in_entry": in_entry, "in_body": in_body}
    return rows.assign(**senses, followed=in_body | near, counted=rows["launch_id"].isin(counted))


def _behind(dataset: Dataset, answered: pd.DataFrame) -> tuple[set, set, set]:
    """Return launch days that claims of entries and of bodies name, and all behind any answer."""
    places = dataset.claims.set_index("claim_id")["place"]
    entry, body, counted = set(), set(), set()
    for row in answered.to_dict("records"):
        used = {record for table, record in row["used"] if table == "launches"}
        counted |= used
        named = {record for record in used if record in row["arguments"]}
        for part in places[row["claim_id"]].split("; "):
            (body if part.startswith("body") else entry).update(named)
    return entry, body, counted


def chapman(first: int, second: int, both: int, level: float = 0.95) -> dict[str, float]:
    """Estimate how many there are from two lists of them.

    Chapman's estimator (1951, University of California Publications in Statistics 1, 131-160).
    It takes the lists as made apart from one another, each case of one list as equally likely to
    be on the other, and the matching as free of error; lists that follow the same news make the
    number too low. The interval inverts the two tails of the hypergeometric distribution of the
    cases on both lists.

    Parameters
    ----------
    first, second, both : int
        Cases on the first list, on the second, and on both.
    level : float
        Confidence level.

    Returns
    -------
    dict
        seen (cases on either list), estimate, low, high; high is infinite if none is on both.

    Raises
    ------
    ValueError
        If more are on both lists than on one, or a number is below 0.
    """
    if not 0 <= both <= min(first, second):
        raise ValueError("cases on both lists must be none or more, and no more than on each")
    seen, tail = int(first + second - both), (1 - level) / 2
    low = seen
    while hypergeom.cdf(both, low, first, second) < tail:
        low += 1
    high = np.inf if both == 0 else low
    while np.isfinite(high) and hypergeom.sf(both - 1, high + 1, first, second) >= tail:
        high += 1
    estimate = float((first + 1) * (second + 1) / (both + 1) - 1)
    return {"seen": seen, "estimate": estimate, "low": float(low), "high": float(high)}
