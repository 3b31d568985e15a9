"""Machine-coded event streams beside our events: one definition of every measure, in Ibis.

The same expression runs on DuckDB and on Spark, and compiles for BigQuery; the connection of the
table decides. Tables come from :mod:`jkrel.streams.files`, crosswalks from ``data/streams``.

How the files become a monthly series::

    raw = files.open_duckdb("downloads/gdelt", "gdelt2")
    told = streams.distinct(streams.events(raw, "gdelt2"), "gdelt2")
    spans = streams.spans(files.file_days("downloads/gdelt", "gdelt2"))
    counted = streams.series(streams.within(told, spans), ("JPN", "KOR")).execute()
    monthly = comparison.over_coverage(counted, spans, ("JPN", "KOR"))
"""

from functools import reduce
from operator import or_

import pandas as pd

from jkrel.streams.layouts import rows, stream

UNITS = {"day": "D", "week": "W", "month": "M"}
"""Periods and their unit in Ibis; a week begins on Monday."""
RULES = ("none", "record", "story", "day")


def events(raw, code: str):
    """Give the rows of a stream types and our classes.

    Parameters
    ----------
    raw : ibis Table
        What :mod:`jkrel.streams.files` opens: columns by role, all strings.
    code : str
        A stream, such as ``gdelt2``.

    Returns
    -------
    ibis Table
        event_id, day (date), actor and target (our codes of states where ``states.csv`` has them,
        else as the stream writes them), actor_name, target_name, code (string, as written), mode,
        event_type (our class; missing where we have none), quad (``quad_classes.csv``), score
        (Goldstein in GDELT, intensity in ICEWS and POLECAT) and story. Rows without a day that
        can be read, or without code, are left out; :func:`unusable` counts them.
    """
    known = stream(code)
    named = {row["value"]: row["code"] for row in rows("states") if row["stream"] == code}
    typed = raw.mutate(
        day=_day(raw),
        actor=raw.actor.substitute(named) if named else raw.actor,
        target=raw.target.substitute(named) if named else raw.target,
        event_type=_event_type(raw, known.ontology),
        quad=_quad(raw, code),
        score=raw.score.try_cast("float64"),
    )
    return typed.filter(typed.day.notnull(), typed.code.notnull())


def unusable(raw):
    """Count the rows that :func:`events` leaves out: rows, without_day, without_code."""
    return raw.aggregate(
        rows=raw.count(),
        without_day=_day(raw).isnull().sum(),
        without_code=raw.code.isnull().sum(),
    )


def _day(raw):
    """Read ``20240131`` and ``2024-01-31`` alike; what is no day is missing."""
    import ibis

    text = raw.day.replace("-", "")
    day = (text[0:4] + "-" + text[4:6] + "-" + text[6:8]).try_cast("date")
    # Engines differ in what else they take for a date.
    return ibis.cases((text.re_search("^[0-9]{8}$"), day), else_=ibis.null("date"))


def _event_type(raw, ontology: str):
    """Class an action: in CAMEO by base code, else root; in PLOVER by type and mode, else type."""
    import ibis

    table, nothing = rows(ontology), ibis.null("string")
    classed = [row for row in table if row["event_type"]]
    if ontology == "plover":
        narrow = [(f"{r['code']}:{r['mode']}", r["event_type"]) for r in classed if r["mode"]]
        wide = [(r["code"], r["event_type"]) for r in classed if not r["mode"]]
        key, root = raw.code + ":" + raw.mode.fill_null(""), raw.code
    else:
        narrow = [(r["code"], r["event_type"]) for r in classed if len(r["code"]) == 3]
        wide = [(r["code"], r["event_type"]) for r in classed if len(r["code"]) == 2]
        key, root = raw.code[0:3], raw.code[0:2]
    return key.cases(*narrow, else_=root.cases(*wide, else_=nothing))


def _quad(raw, code: str):
    """Class by the stream's own column where it has one, else by the root of the CAMEO code."""
    import ibis

    system, classes = code.rstrip("12"), rows("quad_classes")
    if system in classes[0]:
        pairs, key = [(row[system], row["code"]) for row in classes], raw.quad
    else:
        pairs = [(root, row["code"]) for row in classes for root in row["cameo_roots"].split(";")]
        key = raw.code[0:2]
    return key.cases(*pairs, else_=ibis.null("string"))


def distinct(told, code: str, rule: str = "story"):
    """Count once what a stream tells several times.

    Parameters
    ----------
    told : ibis Table
        From :func:`events`.
    code : str
        A stream; its keys, and where they come from, stand in ``data/streams/streams.csv``.
    rule : str
        ``record``: rows with the same id (GDELT GlobalEventID; ICEWS Event ID and day, since an
        id comes back on other days; POLECAT Event ID), as overlapping files have. ``story``, the
        default: also rows of one article (GDELT SOURCEURL, ICEWS Story ID) with the same actors,
        code and day; POLECAT names no article, so this is ``record``. ``day``: rows with the same
        actors, code and day, whoever tells them (the one-a-day filter of event data, as in
        ``one_a_day`` of the R package events). ``none``: every row.

    Returns
    -------
    ibis Table
        Columns of :func:`events` but mode, one row per event, and records, the rows it stands
        for. The id is the lowest; the score is the mean of the rows; what else differs between
        them is the first in the order of the alphabet.
    """
    if rule not in RULES:
        raise ValueError(f"no rule {rule!r}; there are: {', '.join(RULES)}")
    keys = {
        "none": [],
        "record": stream(code).row["alike_key"].split(";"),
        "story": stream(code).row["story_key"].split(";"),
        "day": ["day", "actor", "actor_name", "target", "target_name", "code"],
    }[rule]
    if not keys:
        return told.drop("mode").mutate(records=1)
    told = told.mutate(story=told.story.fill_null(told.event_id))
    others = {"event_id", "day", "actor", "target", "actor_name", "target_name"}
    others |= {"code", "event_type", "quad", "story"}
    lowest = {name: told[name].min() for name in sorted(others.difference(keys))}
    return told.group_by(keys).aggregate(**lowest, score=told.score.mean(), records=told.count())


def repeated(told, code: str, by: str | None = None):
    """Tell what part of the rows only repeats others, under each rule.

    Parameters
    ----------
    told : ibis Table
        From :func:`events`, selected as wanted.
    code : str
        A stream.
    by : str, optional
        A column that every rule keeps, such as ``quad``.

    Returns
    -------
    ibis Table
        One row per rule (and value of `by`): rule, records, events, repeated (share of records).
    """
    import ibis

    parts = []
    for rule in RULES[1:]:
        once = distinct(told, code, rule)
        grouped = once.group_by(by) if by else once
        counts = grouped.aggregate(records=once.records.sum(), events=once.count())
        share = 1 - counts.events / counts.records.cast("float64")
        parts.append(counts.mutate(rule=ibis.literal(rule), repeated=share))
    return ibis.union(*parts)


def dyads(told, pair: tuple[str, str], directed: bool = False):
    """Select what one state did toward the other.

    Parameters
    ----------
    told : ibis Table
        With the columns actor and target.
    pair : pair of str
        Codes of two states; any states that the stream has.
    directed : bool
        Whether only acts of the first toward the second count; else of either toward the other.
    """
    ahead, back = _sides(told, pair)
    return told.filter(ahead if directed else ahead | back)


def _sides(told, pair: tuple[str, str]) -> tuple:
    """Tell which rows are acts of the first state toward the second, and which the reverse."""
    first, second = pair
    return (
        (told.actor == first) & (told.target == second),
        (told.actor == second) & (told.target == first),
    )


def spans(days: pd.DataFrame, whole: bool = True) -> pd.DataFrame:
    """Join days that files exist for to spans.

    Parameters
    ----------
    days : DataFrame
        From :func:`jkrel.streams.files.file_days`.
    whole : bool
        Whether days that lack some of their files are left out.

    Returns
    -------
    DataFrame
        One row per span without a gap: start, end (both belong to it), days.
    """
    kept = pd.Series(days.loc[days["whole"] | (not whole), "day"].sort_values().to_numpy())
    run = kept.diff().ne(pd.Timedelta(days=1)).cumsum()
    found = kept.groupby(run).agg(["min", "max", "size"])
    return found.set_axis(["start", "end", "days"], axis=1).reset_index(drop=True)


def within(told, spans: pd.DataFrame):
    """Keep the rows whose day a span holds: elsewhere the stream was not looked at."""
    import ibis

    parts = [
        told.day.between(ibis.date(f"{span.start:%Y-%m-%d}"), ibis.date(f"{span.end:%Y-%m-%d}"))
        for span in spans.itertuples()
    ]
    return told.filter(reduce(or_, parts))


def series(told, pair: tuple[str, str], by: str = "month"):
    """Count the acts of each of two states toward the other, and all acts, in one reading.

    Parameters
    ----------
    told : ibis Table
        From :func:`distinct`, within the coverage (:func:`within`).
    pair : pair of str
        Codes of two states.
    by : str
        ``day``, ``week`` (from Monday) or ``month``.

    Returns
    -------
    ibis Table
        One row per period (its first day) and direction: period, actor, target, events, one
        count per quad class, records, score (mean over events; missing ones left out). Both
        actor and target are missing in the row of all other dyads, which
        :func:`jkrel.streams.comparison.over_coverage` needs for the total.
    """
    import ibis

    if by not in UNITS:
        raise ValueError(f"no period {by!r}; there are: {', '.join(UNITS)}")
    first, second = pair
    ahead, back = _sides(told, pair)
    sides = ibis.cases((ahead, 1), (back, 2), else_=3)
    marked = told.mutate(period=told.day.truncate(UNITS[by]), side=sides)
    quads = {c: (marked.quad == c).cast("int64").sum().fill_null(0) for c in quad_codes()}
    counted = marked.group_by(["period", "side"]).aggregate(
        events=marked.count(), records=marked.records.sum(), score=marked.score.mean(), **quads
    )
    nothing = ibis.null("string")
    return counted.select(
        "period",
        actor=counted.side.cases((1, first), (2, second), else_=nothing),
        target=counted.side.cases((1, second), (2, first), else_=nothing),
        **{name: counted[name] for name in ("events", "records", "score", *quads)},
    )


def types(told, pair: tuple[str, str]):
    """Count the acts between two states by our class: event_type (may be missing), events."""
    between = dyads(told, pair)
    return between.group_by("event_type").aggregate(events=between.count())


def quad_codes() -> list[str]:
    """Return the codes of quad classes in order."""
    return [row["code"] for row in rows("quad_classes")]


def bigquery_bytes(query: str, client=None) -> int:
    """Ask BigQuery what a query would read, without running it.

    Parameters
    ----------
    query : str
        From ``ibis.to_sql(expression, dialect="bigquery")``.
    client : google.cloud.bigquery.Client, optional
        By default one with the credentials of this machine.

    Returns
    -------
    int
        Bytes that would be scanned, which is what on-demand queries are charged by.

    Raises
    ------
    ModuleNotFoundError
        If the package google-cloud-bigquery is not installed.
    """
    try:
        from google.cloud import bigquery
    except ImportError:
        message = "no google-cloud-bigquery here; install it to ask BigQuery for the cost"
        raise ModuleNotFoundError(message) from None
    settings = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
    client = client or bigquery.Client()
    return client.query(query, job_config=settings).total_bytes_processed
