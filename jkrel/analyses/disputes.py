"""Disputes over history and territory: acts, answers and their delays, and containment."""

import numpy as np
import pandas as pd

from jkrel.data import Dataset
from jkrel.stats import compare_shares_table

UNKNOWN = "None recorded"
"""Name of acts for which no answer is recorded, which may have had one."""
SHOCKS = "Shocks, "
"""Start of the name of acts outside the yearly calendar."""


def answers(events: pd.DataFrame) -> pd.DataFrame:
    """Pair every answer with every act it answers.

    Parameters
    ----------
    events : DataFrame
        Events; links to acts that are not among them are left out.

    Returns
    -------
    DataFrame
        One row per link of ``responds_to``: event_id (the answer), act_id, days (Int64, from the
        first day of the act to that of the answer; missing unless both days are known exactly).
    """
    columns = ["event_id", "date_start", "date_precision"]
    links = events[[*columns, "responds_to"]].explode("responds_to").dropna(subset="responds_to")
    known = events[columns].add_suffix("_act")
    links = links.merge(known, left_on="responds_to", right_on="event_id_act", validate="m:1")
    exact = links["date_precision"].eq("day") & links["date_precision_act"].eq("day")
    days = (links["date_start"] - links["date_start_act"]).dt.days.astype("Int64")
    found = links[["event_id"]].assign(act_id=links["responds_to"], days=days.where(exact))
    return found.reset_index(drop=True)


def rungs(dataset: Dataset) -> list[str]:
    """Return the forms of an answer, from the mildest (``codes/reaction_forms.csv``)."""
    forms = dataset.reaction_forms
    return list(forms.loc[forms["ranked"].astype(bool), "code"])


def acts(dataset: Dataset) -> pd.DataFrame:
    """List the acts of the disputes with the strongest answer of the other state's government.

    Answers of courts, prefectures, members of parliament and private bodies, and those of the
    acting state itself, are left out. Words and a summons told apart make ``both``.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    DataFrame
        One row per act (no answers), in order of time: columns of ``events``, and beside them
        kind, calendar, case, stage; side (the acting state, missing unless it is one of the two
        alone); answer (ordered as :func:`rungs`, missing where none is recorded), answer_ids
        (tuple or missing), days (to the first such answer, Int64).
    """
    rows = dataset.disputes.merge(dataset.events, on="event_id", validate="1:1")
    rows = rows.assign(side=[a[0] if len(a) == 1 else None for a in rows["actors"]])
    rows["side"] = rows["side"].where(rows["side"].isin(dataset.pair))
    told = rows[rows["kind"].ne("reaction")].drop(columns="reaction_form")
    given = answers(dataset.events).merge(rows, on="event_id", validate="m:1")
    governments = dataset.levels.loc[dataset.levels["is_government"].astype(bool), "code"]
    given = given[given["level"].isin(governments)].dropna(subset="side")
    given = given.merge(told[["event_id", "side"]], left_on="act_id", right_on="event_id")
    given = given.dropna(subset="side_y").query("side_x != side_y").groupby("act_id")
    order = rungs(dataset)
    found = given.agg(
        answer=("reaction_form", lambda forms: _strongest(forms, order)),
        answer_ids=("event_id_x", tuple),
        days=("days", "min"),
    )
    rung = pd.CategoricalDtype(order, ordered=True)
    found = told.join(found.astype({"answer": rung, "days": "Int64"}), on="event_id")
    return found.sort_values(["date_start", "event_id"], ignore_index=True)


def _strongest(forms: pd.Series, order: list[str]) -> str:
    if {"words", "summons"} <= set(forms):
        return "both"
    return max(forms, key=order.index)


def ladder(rows: pd.DataFrame, part: pd.Series, dataset: Dataset) -> pd.DataFrame:
    """Count acts by kind and strongest answer, in each part of them.

    Parameters
    ----------
    rows : DataFrame
        Rows of :func:`acts`.
    part : Series
        Name of the part to which each belongs, on the same index; parts that are categories of
        it are shown though they be empty.
    dataset : Dataset
        Gives labels and orders.

    Returns
    -------
    DataFrame
        Index: labels of the kinds that occur. Columns: part, and in it every form that
        occurs and UNKNOWN, from the mildest.
    """
    kinds, forms = (dataset.codebook.labels(name) for name in ("dispute_kinds", "reaction_forms"))
    order = [forms[rung] for rung in rungs(dataset) if rung in set(rows["answer"])] + [UNKNOWN]
    named = rows["answer"].astype(object).map(forms).fillna(UNKNOWN).rename("answer")
    counts = pd.crosstab(rows["kind"].astype(object).map(kinds), [part.rename("part"), named])
    present = [label for code, label in kinds.items() if code in set(rows["kind"])]
    parts = part.cat.categories if hasattr(part, "cat") else part.unique()
    columns = pd.MultiIndex.from_product([parts, order], names=["part", "answer"])
    return counts.reindex(index=present, columns=columns, fill_value=0)


def by_side(parts: dict[str, pd.DataFrame], forms, sides) -> pd.DataFrame:
    """Compare how often acts of either side are answered in some form.

    Parameters
    ----------
    parts : dict of str to DataFrame
        Label, and rows of :func:`acts` with an answer.
    forms : sequence of str
        The forms sought (:func:`rungs`).
    sides : pair of str
        The two states (:attr:`jkrel.data.Dataset.pair`).

    Returns
    -------
    DataFrame
        Index: label. Columns: for each side the number of its acts (JPN) and of those so answered
        (JPN_so); difference of the shares, first side less second, low, high, p_value and p_holm
        as :func:`jkrel.stats.compare_shares_table` has them. Missing if a side has no act.
    """
    cases = {}
    for label, rows in parts.items():
        hit, acted = rows["answer"].isin(forms), [rows["side"].eq(side) for side in sides]
        cases[label] = [n for own in acted for n in (int((hit & own).sum()), int(own.sum()))]
    first, second = sides
    names = {"count_1": f"{first}_so", "total_1": first, "count_2": f"{second}_so"}
    columns = [first, second, f"{first}_so", f"{second}_so"]
    columns += ["difference", "low", "high", "p_value", "p_holm"]
    return compare_shares_table(cases).rename(columns=names | {"total_2": second})[columns]


def seen_by(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Count for each side how many of its acts a table of dyads, or an event scale, sees.

    Parameters
    ----------
    rows : DataFrame
        Events of one state each, with a column side.
    dataset : Dataset

    Returns
    -------
    DataFrame
        Index: side. Columns: events, in_dyads, and for PLOVER and Goldstein scores the number of
        events that have one (plover, goldstein) and their sum (plover_sum, goldstein_sum).
    """
    scores = dataset.with_codes("event_type", "plover_score", "goldstein").set_index("event_id")
    scores = scores[["event_type_plover_score", "event_type_goldstein"]].astype(float)
    scores.columns = ["plover", "goldstein"]
    scored = rows[["event_id", "side"]].join(scores, on="event_id")
    scored["dyad"] = scored["event_id"].isin(dataset.dyads()["event_id"])
    return scored.groupby("side").agg(
        events=("event_id", "size"),
        in_dyads=("dyad", "sum"),
        plover=("plover", "count"),
        goldstein=("goldstein", "count"),
        plover_sum=("plover", "sum"),
        goldstein_sum=("goldstein", "sum"),
    )


def year(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Lay acts of several years over one another, for :func:`jkrel.figures.lanes`.

    Parameters
    ----------
    rows : DataFrame
        Rows of :func:`acts` with a side.
    dataset : Dataset
        Gives labels.

    Returns
    -------
    DataFrame
        event_id, x (the day in the leap year 2000), until (last day of the month if only the
        month is known), lane (label of the kind; outside the calendar SHOCKS and the state),
        group (year and state), lift (later years lower).
    """
    kinds, states = (dataset.codebook.labels(name) for name in ("dispute_kinds", "actors"))
    x = rows["date_start"].map(lambda day: day.replace(year=2000))
    years, state = rows["date_start"].dt.year, rows["side"].map(states)
    return rows[["event_id"]].assign(
        x=x,
        until=(x + pd.offsets.MonthEnd(0)).where(rows["date_precision"].eq("month")),
        lane=rows["kind"].astype(object).map(kinds).where(rows["calendar"], SHOCKS + state),
        group=years.astype(str) + ", " + state,
        lift=(years.mean().round() - years) * 0.22,
    )


def around(consultations, disputes, spans: pd.DataFrame, reach: int) -> pd.DataFrame:
    """Count consultations by their distance from disputes, inside covered windows.

    Parameters
    ----------
    consultations, disputes : sequence of dates
        Those outside the windows are left out; a date that stands twice counts twice.
    spans : DataFrame
        Windows: start, end, days.
    reach : int
        Largest distance in days.

    Returns
    -------
    DataFrame
        Index: lag, from -reach to reach days after the dispute. Columns: consultations, days (on
        how many disputes that distance is covered), rate (per day). One near several disputes
        counts for each.
    """
    lags = pd.RangeIndex(-reach, reach + 1, name="lag")
    found = pd.DataFrame(0, index=lags, columns=["consultations", "days"])
    days, anchors = pd.DatetimeIndex(consultations), pd.DatetimeIndex(disputes)
    for span in spans.itertuples():
        covered = pd.date_range(span.start, span.end)
        held = anchors[anchors.isin(covered)]
        for name, others in (("consultations", days[days.isin(covered)]), ("days", covered)):
            lag = np.subtract.outer(others.to_numpy(), held.to_numpy()) // np.timedelta64(1, "D")
            found[name] += pd.Series(lag.ravel()).value_counts().reindex(lags, fill_value=0)
    return found.assign(rate=found["consultations"] / found["days"].replace(0, np.nan))
