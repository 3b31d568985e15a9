"""Contacts of the leaders of the two states: setting, pair, gaps and running counts."""

import pandas as pd

from jkrel.data import Dataset


def contacts(dataset: Dataset) -> pd.DataFrame:
    """List every event that the series of leader contacts tells.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    DataFrame
        Columns of ``events``, in order of time, and beside them: setting
        (``codes/settings.csv``), pair (``codes/leader_pairs.csv``, missing before 2022),
        counts (whether the rule of :func:`running_counts` counts it as a meeting),
        shortest_min and longest_min (lowest and highest length that a source states).
    """
    told = dataset.sel(series="leader_contacts")
    events = told.events.assign(
        setting=settings(told.events, dataset),
        pair=_pairs(told),
        counts=_counts(told),
    )
    stated = told.event_sources.groupby("event_id")["duration_min"].agg(["min", "max"])
    stated.columns = ["shortest_min", "longest_min"]
    return events.join(stated, on="event_id").sort_values(
        ["date_start", "event_id"], ignore_index=True
    )


def settings(events: pd.DataFrame, dataset: Dataset) -> pd.Series:
    """Class contacts by setting: sidelines, visit, or stand-alone.

    ``sidelines``: the event names a larger gathering. ``visit``: a bilateral meeting in person,
    in one of the two states, beside no gathering. ``stand_alone``: all others, calls among them.
    """
    beside = events["sidelines_of"].notna()
    visit = events["format"].eq("bilateral") & events["mode"].eq("in_person")
    visit &= events["country"].isin(dataset.pair) & ~beside
    setting = pd.Series("stand_alone", index=events.index)
    setting = setting.mask(visit, "visit").mask(beside, "sidelines")
    return setting.astype(pd.CategoricalDtype(dataset.codebook.order("settings"), ordered=True))


def running_counts(dataset: Dataset, strict: bool = True) -> pd.DataFrame:
    """Set the running counts that governments state beside counts by one rule.

    The rule: contacts of leaders in one format (bilateral, trilateral ...) are counted, meetings
    in person and calls apart; a contact does not count if any side called it a greeting, a
    public event or mere co-attendance (``codes/designation_terms.csv``).

    Parameters
    ----------
    dataset : Dataset
    strict : bool
        Whether the second half of the rule applies; without it every contact counts.

    Returns
    -------
    DataFrame
        One row per stated count: event_id, date_start, designated_by, ordinal_scope, stated,
        counted, and event_ids, the contacts counted, as a tuple.
    """
    known = contacts(dataset)
    tenures = dataset.ordinal_scopes.dropna(subset="tenure_of")
    tenures = dict(zip(tenures["code"], tenures["tenure_of"], strict=True))
    known = known.assign(
        year=known["date_start"].dt.year,
        **{scope: _names(dataset, known, state) for scope, state in tenures.items()},
    )
    counted = known[known["counts"]] if strict else known
    rows, columns = [], ["event_id", "date_start", "designated_by", "ordinal_scope"]
    stated = dataset.designations.dropna(subset=["stated_ordinal"])
    stated = stated.merge(known, on="event_id", validate="m:1").sort_values("date_start")
    for row in stated.to_dict("records"):
        group = row["ordinal_scope"]
        alike = counted[group].eq(row[group]) & counted["format"].eq(row["format"])
        alike &= counted["mode"].eq(row["mode"]) & counted["date_start"].le(row["date_start"])
        told = (row[name] for name in [*columns, "stated_ordinal"])
        rows.append((*told, int(alike.sum()), tuple(counted.loc[alike, "event_id"])))
    return pd.DataFrame(rows, columns=[*columns, "stated", "counted", "event_ids"])


def gaps(events: pd.DataFrame) -> pd.DataFrame:
    """Return the days from each contact to the one before.

    Parameters
    ----------
    events : DataFrame
        Contacts, such as a part of what :func:`contacts` returns.

    Returns
    -------
    DataFrame
        One row per contact but the first: event_id, previous_id, previous, date_start, days.
    """
    rows = events.sort_values(["date_start", "event_id"], ignore_index=True)
    found = pd.DataFrame(
        {
            "event_id": rows["event_id"],
            "previous_id": rows["event_id"].shift(),
            "previous": rows["date_start"].shift(),
            "date_start": rows["date_start"],
            "days": rows["date_start"].diff().dt.days.astype("Int64"),
        }
    )
    return found.iloc[1:].reset_index(drop=True)


def _counts(told: Dataset) -> pd.Series:
    excluded = told.designation_terms.loc[~told.designation_terms["counts_as_meeting"], "code"]
    named = told.designations[told.designations["designation"].isin(excluded)]
    talks = told.events["event_type"].isin(["meeting", "call"])
    return talks & ~told.events["event_id"].isin(named["event_id"])


def _names(dataset: Dataset, events: pd.DataFrame, country: str) -> pd.Series:
    people = dataset.participants
    people = people[people["country"].eq(country) & people["role"].eq("actor")]
    names = people.drop_duplicates("event_id").set_index("event_id")["name"]
    return events["event_id"].map(names)


def _pairs(told: Dataset) -> pd.Series:
    names = [_names(told, told.events, side) for side in told.pair]
    pairs = told.leader_pairs.set_index(["first_leader", "second_leader"])["code"]
    found = [pairs.get(both) for both in zip(*names, strict=True)]
    order = told.codebook.order("leader_pairs")
    return pd.Series(found, index=told.events.index, dtype=pd.CategoricalDtype(order, ordered=True))
