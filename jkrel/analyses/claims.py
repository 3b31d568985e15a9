"""Claims of the articles: what answers each, the values found, and the status that follows.

``claims`` holds what an article says, ``claim_answers`` one row for each way of answering it: a
query of ``codes/claim_queries.csv`` over the tables, or a value that a cited source states. No
value found is stored; it is computed when asked for.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jkrel.data import Dataset
from jkrel.reading import as_text
from jkrel.stats import poisson_interval

LENGTHS = {"days": 1, "weeks": 7, "months": 365.2425 / 12, "years": 365.2425}
"""Days in a unit of time, by the Gregorian calendar."""
OWN = {"table", "id", "ids", "column", "date", "from", "to", "distinct"}
OWN |= {"first", "second", "part", "whole", "until", "unit", "low", "high"}
"""Names in the arguments of a query that are no filter on a column."""


@dataclass(frozen=True)
class Query:
    """A query read from its arguments: those of its own, and filters on columns.

    A filter is a column, whether it excludes, and its values; in list columns one match counts.
    """

    own: dict[str, str]
    filters: tuple[tuple[str, bool, frozenset], ...]


def parse(arguments: str | None) -> Query:
    """Read ``key=value`` pairs joined by `` & ``; ``key!=value`` excludes, ``|`` means or.

    Raises
    ------
    ValueError
        If a pair has no equals sign.
    """
    own, filters = {}, []
    for part in [] if pd.isna(arguments) else arguments.split(" & "):
        found = re.fullmatch(r"(\w+)(!?)=(.*)", part)
        if not found:
            raise ValueError(f"{part!r} is no pair of key and value")
        name, negated, value = found.groups()
        if name in OWN:
            own[name] = value
        else:
            filters.append((name, bool(negated), frozenset(value.split("|"))))
    return Query(own, tuple(filters))


def answers(dataset: Dataset) -> pd.DataFrame:
    """Answer every claim in every way that is given for it.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    DataFrame
        Columns of ``claim_answers`` and, of the claim, source_id, claimed, comparison; found (a
        number, a text, a date as text, a triple, or missing), agrees, used (tuple of pairs of a
        table and the key of a row behind the value), and outside: whether a source other than
        the article stands behind it.

    Raises
    ------
    LookupError
        If a query names a row, column or table that does not exist.
    """
    of_claim = dataset.claims[["claim_id", "source_id", "claimed", "comparison"]]
    table = dataset.claim_answers.merge(of_claim, on="claim_id", validate="m:1")
    results = [_answered(dataset, row) for row in table.to_dict("records")]
    table["found"], table["used"] = zip(*results, strict=True)
    pairs = zip(table["claimed"], table["comparison"], table["found"], strict=True)
    table["agrees"] = [agrees(*pair) for pair in pairs]
    behind = _sources(dataset)
    table["outside"] = [bool(behind(row) - {row["source_id"]}) for row in table.to_dict("records")]
    return table


def _answered(dataset: Dataset, row: dict) -> tuple:
    query = parse(row["arguments"])
    try:
        return QUERIES[row["query"]](dataset, query, row["cited"])
    except (KeyError, LookupError) as error:
        place = f"claim_answers {row['claim_id']}, answer {row['answer']}"
        raise LookupError(f"{place}: {error.args[0]}") from error


def ledger(dataset: Dataset, answered: pd.DataFrame | None = None) -> pd.DataFrame:
    """Give each claim the status that follows from its answers.

    Parameters
    ----------
    dataset : Dataset
    answered : DataFrame, optional
        What :func:`answers` returns, if it is there already.

    Returns
    -------
    DataFrame
        Columns of ``claims``, and answers (their number), found (text of all values found),
        outside (whether a source other than the article stands behind any answer), and follows,
        the status by :func:`status`.
    """
    answered = answers(dataset) if answered is None else answered
    groups = {claim: rows for claim, rows in answered.groupby("claim_id", sort=False)}
    none = answered.iloc[:0]
    told = [groups.get(claim, none) for claim in dataset.claims["claim_id"]]
    return dataset.claims.assign(
        answers=[len(rows) for rows in told],
        found=["; ".join(map(shown, rows["found"])) for rows in told],
        outside=[bool(rows["outside"].any()) for rows in told],
        follows=[status(rows) for rows in told],
    )


def status(rows: pd.DataFrame) -> str:
    """Return the status that follows from the answers of one claim.

    Parameters
    ----------
    rows : DataFrame
        agrees, basis (``codes/answer_bases.csv``), rule.

    Returns
    -------
    str
        A code of ``codes/claim_statuses.csv``: without an answer it cannot be checked; if all
        agree it is reproduced, with a rule if one had to be stated; if none does, contradicted;
        if some do, unsettled where a source differs, and otherwise a matter of the rule.
    """
    if rows.empty:
        return "not_checkable"
    agreeing = rows["agrees"].astype(bool)
    if agreeing.all():
        return "reproduced_with_rule" if rows["rule"].notna().any() else "reproduced"
    if not agreeing.any():
        return "contradicted"
    return (
        "unsettled" if rows.loc[~agreeing, "basis"].eq("source").any() else "reproduced_with_rule"
    )


def agrees(claimed: str, comparison: str, found) -> bool:
    """Tell whether a value found is as claimed.

    Parameters
    ----------
    claimed : str
        Number, ISO day or month, or text.
    comparison : str
        A code of ``codes/comparisons.csv``.
    found : float, str, tuple or None
        A triple is low end, estimate, high end.
    """
    if comparison == "first":
        return _missing(found) or found == "none"
    if _missing(found):
        return False
    if comparison == "within":
        return found[0] <= float(claimed) <= found[2]
    if _is_number(claimed):
        return _agree(float(claimed), comparison, float(found), claimed)
    return {
        "equal": str(found).startswith(claimed) if _is_date(claimed) else str(found) == claimed,
        "over": str(found) > claimed,
        "at_least": str(found) >= claimed,
        "under": str(found) < claimed,
    }[comparison]


def _agree(claimed: float, comparison: str, found: float, text: str) -> bool:
    decimals = len(text.partition(".")[2])
    return {
        "equal": abs(found - claimed) < 1e-6,
        "almost": 0.9 * claimed <= found <= claimed,
        "over": found > claimed,
        "at_least": found >= claimed,
        "under": found < claimed,
        "about": abs(found - claimed) <= 0.1 * abs(claimed),
        "rounded": round(found, decimals) == round(claimed, decimals),
    }[comparison]


def shown(found) -> str:
    """Return a value found as text: dates as days, numbers to two decimals at most."""
    if isinstance(found, tuple):
        return f"{shown(found[1])} ({shown(found[0])} to {shown(found[2])})"
    if _missing(found):
        return "none"
    return f"{found:.2f}".rstrip("0").rstrip(".") if isinstance(found, float) else str(found)


def trace(dataset: Dataset, answered: pd.DataFrame) -> pd.DataFrame:
    """Follow answers to rows of the tables and to the addresses of their sources.

    Parameters
    ----------
    dataset : Dataset
    answered : DataFrame
        Rows of what :func:`answers` returns.

    Returns
    -------
    DataFrame
        One row per answer, row behind it and source: claim_id, answer, table, record_id (missing
        for what a cited source states), source_id, publisher, url.
    """
    behind, found = _sources(dataset), []
    for row in answered.to_dict("records"):
        keys = (row["claim_id"], row["answer"])
        for table, record in row["used"]:
            found += [
                (*keys, table, record, s) for s in sorted(behind({"used": [(table, record)]}))
            ]
        found += [(*keys, None, None, source) for source in row["source_ids"]]
    columns = ["claim_id", "answer", "table", "record_id", "source_id"]
    known = dataset.sources[["source_id", "publisher", "url"]]
    return pd.DataFrame(found, columns=columns).merge(known, on="source_id", validate="m:1")


def _sources(dataset: Dataset):
    """Return what gives the sources behind an answer: those it cites, and those of its rows."""
    told = dataset.event_sources.groupby("event_id")["source_id"].agg(set).to_dict()
    own = {}
    for name in ("polls", "launches", "indicators", "mechanisms", "coverage"):
        key = dataset.codebook.tables[name].key[0]
        own[name] = dataset.tables[name].set_index(key)["source_id"].to_dict()

    def of_row(table: str, record: str) -> set:
        if table in ("event_sources", "sources"):
            return {record.split("/")[-1 if table == "sources" else 1]}
        if table in own:
            return {own[table][record]}
        return told.get(record.split("/")[0], set())

    def behind(row: dict) -> set:
        sources = [of_row(*pair) for pair in row["used"]]
        return {s for s in set().union(row.get("source_ids", ()), *sources) if isinstance(s, str)}

    return behind


# Rows and cells


def _row(dataset: Dataset, table: str, key: str) -> pd.Series:
    rows, names = dataset.tables[table], dataset.codebook.tables[table].key
    for name, part in zip(names, key.split("/"), strict=False):
        texts = rows[name] if rows[name].dtype == "str" else rows[name].astype(object).map(as_text)
        rows = rows[texts.fillna("").eq(part)]
    if len(rows) != 1:
        raise LookupError(f"{table} has {len(rows)} rows {key}")
    return rows.iloc[0]


def _cell(dataset: Dataset, path: str):
    """Return the cell at ``table/key/column``, and the row in which it stands."""
    table, *key, column = path.split("/")
    return _row(dataset, table, "/".join(key))[column], (table, "/".join(key))


def _own(dataset: Dataset, query: Query, name: str):
    """Return the cell of the row that a query names, in the column of an argument, and the row."""
    return _cell(dataset, f"{query.own['table']}/{query.own['id']}/{query.own[name]}")


def _used(dataset: Dataset, query: Query, rows: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    table = query.own["table"]
    return tuple((table, record) for record in rows[dataset.codebook.tables[table].key[0]])


def _rows(dataset: Dataset, query: Query) -> tuple[pd.DataFrame, tuple]:
    table, own = dataset.tables[query.own["table"]], query.own
    keep = pd.Series(True, index=table.index)
    for name, negated, values in query.filters:
        hit = [not values.isdisjoint(_items(value)) for value in table[name].astype(object)]
        keep &= ~np.array(hit) if negated else np.array(hit)
    if "ids" in own:
        key = dataset.codebook.tables[own["table"]].key[0]
        keep &= table[key].isin(own["ids"].split("|"))
    if "from" in own:
        keep &= table[own["date"]].ge(pd.Timestamp(own["from"]))
    if "to" in own:
        keep &= table[own["date"]].le(pd.Timestamp(own["to"]))
    return table[keep], _used(dataset, query, table[keep])


def _items(value) -> set:
    return {as_text(v) for v in value} if isinstance(value, tuple) else {as_text(value)}


def _plain(value):
    """Return a cell as a number or text; dates as ISO days."""
    if _missing(value):
        return None
    if isinstance(value, bool | np.bool_ | pd.Timestamp):
        return as_text(value)
    return float(value) if isinstance(value, int | float | np.number) else str(value)


def _missing(value) -> bool:
    return value is None or (not isinstance(value, tuple) and pd.isna(value))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _is_date(text: str) -> bool:
    return re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", text) is not None


# Queries: each takes the dataset, the query and what a source is cited for


def _cited(dataset, query, cited):
    return (float(cited) if _is_number(cited) else cited), ()


def _value(dataset, query, cited):
    value, used = _own(dataset, query, "column")
    return _plain(value), (used,)


def _count(dataset, query, cited):
    rows, used = _rows(dataset, query)
    distinct = query.own.get("distinct")
    return float(rows[distinct].nunique() if distinct else len(rows)), used


def _sum(dataset, query, cited):
    rows, used = _rows(dataset, query)
    return float(rows[query.own["column"]].astype("Float64").sum()), used


def _smallest(dataset, query, cited):
    rows, used = _rows(dataset, query)
    return _plain(rows[query.own["column"]].min()), used


def _date_of_smallest(dataset, query, cited):
    rows, used = _rows(dataset, query)
    values = rows[query.own["column"]]
    return _plain(rows.loc[values.eq(values.min()), query.own["date"]].max()), used


def _difference(dataset, query, cited):
    (first, one), (second, other) = (_cell(dataset, query.own[n]) for n in ("first", "second"))
    gap = _length(second - first, query.own.get("unit", "days"))
    return gap, (one, other)


def _cited_span(dataset, query, cited):
    until, used = _cell(dataset, query.own["until"])
    return _length(until - pd.Timestamp(cited), query.own["unit"]), (used,)


def _length(gap, unit: str) -> float:
    return gap.days / LENGTHS[unit] if hasattr(gap, "days") else float(gap)


def _percent_change(dataset, query, cited):
    (first, one), (second, other) = (_cell(dataset, query.own[n]) for n in ("first", "second"))
    return 100 * (float(second) / float(first) - 1), (one, other)


def _share(dataset, query, cited):
    (part, one), (whole, other) = (_cell(dataset, query.own[n]) for n in ("part", "whole"))
    return 100 * float(part) / float(whole), (one, other)


def _share_between(dataset, query, cited):
    rows, used = _rows(dataset, query)
    values = rows[query.own["column"]].dropna().astype(float)
    low, high = float(query.own["low"]), float(query.own["high"])
    return 100 * float((values.ge(low) & values.lt(high)).mean()), used


def _rank(dataset, query, cited):
    rows, _ = _rows(dataset, query)
    here, _ = _own(dataset, query, "date")
    before = rows[rows[query.own["date"]].le(here)]
    return float(len(before)), _used(dataset, query, before)


def _rank_by_value(dataset, query, cited):
    rows, used = _rows(dataset, query)
    value, place = _own(dataset, query, "column")
    larger = rows[query.own["column"]].dropna().astype(float).gt(float(value)).sum()
    return float(larger + 1), (place, *used)


def _previous(dataset, query, cited):
    rows, _ = _rows(dataset, query)
    here, place = _own(dataset, query, "date")
    days = rows.loc[rows[query.own["date"]].lt(here), query.own["date"]]
    if days.empty:
        return None, (place,)
    return _plain(days.max()), (place, *_used(dataset, query, rows.loc[[days.idxmax()]]))


def _mean_gap(dataset, query, cited):
    rows, used = _rows(dataset, query)
    days = (pd.Timestamp(query.own["to"]) - pd.Timestamp(query.own["from"])).days + 1
    low, high = poisson_interval(len(rows))
    return (days / high, days / len(rows), days / low), used


QUERIES = {
    "cited": _cited,
    "cited_span": _cited_span,
    "value": _value,
    "count": _count,
    "sum": _sum,
    "smallest": _smallest,
    "date_of_smallest": _date_of_smallest,
    "difference": _difference,
    "percent_change": _percent_change,
    "share": _share,
    "share_between": _share_between,
    "rank": _rank,
    "rank_by_value": _rank_by_value,
    "previous": _previous,
    "mean_gap": _mean_gap,
}
"""What ``codes/claim_queries.csv`` defines."""
