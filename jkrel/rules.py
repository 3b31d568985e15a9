"""The rules of the codebook that tie columns and tables to one another.

Each rule takes a :class:`~jkrel.data.Dataset` and yields faults: table, row, column, message.
Its name and first line say what holds when it yields nothing.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta, timezone
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd

from jkrel.data import Dataset
from jkrel.matching import known, looked_up, places
from jkrel.reading import as_text

Fault = tuple[str, object, str, str]
ANSWER = ["event_id", "responds_to"]
MEMBERS = ["mechanism_id", "members"]
UNCODED = "code that entry, or let the window be partial if it was left out on purpose"
ARTICLE = ["author", "title", "date_published"]
"""Columns of ``sources`` without which an article cannot be cited; not all are in journals."""


def _flag(table: str, mask: pd.Series, column: str, message: str) -> Iterator[Fault]:
    for index in mask.index[mask.fillna(False).astype(bool)]:
        yield table, index, column, message


def _empty(lists: pd.Series) -> pd.Series:
    return lists.map(len).eq(0)


def _rows(frame: pd.DataFrame, *columns: str) -> Iterator[tuple]:
    """Go through the rows of some columns: index, and the values."""
    return zip(frame.index, *[frame[name].to_numpy(object) for name in columns], strict=True)


def _source(entry_ids: pd.Series) -> pd.Series:
    return entry_ids.str.replace("-[^-]*$", "", regex=True)


def _number(entry_ids: pd.Series) -> pd.Series:
    return entry_ids.str.replace("^.*-", "", regex=True).where(entry_ids.str.contains("-"))


def event_ids(data: Dataset) -> Iterator[Fault]:
    """An event id is its entry id and a letter, and letters run from a without a gap."""
    events = data.events
    wrong = events["event_id"].str[:-1] != events["entry_id"]
    yield from _flag("events", wrong, "event_id", "is not its entry_id and one letter")
    place = events.sort_values("event_id").groupby("entry_id").cumcount().reindex(events.index)
    letter = events["event_id"].str[-1].map(lambda sign: ord(sign) - ord("a"))
    message = "skips a letter; events of an entry are a, b, c ... in the printed order"
    yield from _flag("events", ~wrong & letter.ne(place), "event_id", message)


def entry_numbers(data: Dataset) -> Iterator[Fault]:
    """The numbers of the entries of a chronology run from 001 without a gap.

    An entry may tell an event of another source: it then stands in ``event_sources`` alone. Where
    the window of the article is partial, a person may have left entries out.
    """
    entries = data.events.loc[data.events["section"].eq("chronology"), "entry_id"]
    digits = _number(entries)
    lettered = ~digits.str.isdigit()
    yield from _flag("events", lettered, "entry_id", "is no entry of a chronology; see section")
    own = _numbered(entries[~lettered])
    coded = pd.concat([own, _numbered(_told_elsewhere(data.event_sources))])
    windows = data.coverage[data.coverage["completeness"].eq("partial")]
    partial = set(windows["source_id"].dropna())
    before = pd.MultiIndex.from_arrays([own["source"], own["number"] - 1])
    gap = own["number"].ne(1) & ~before.isin(pd.MultiIndex.from_frame(coded))
    gap &= ~own["source"].isin(partial)
    for index in own[gap].sort_values("source", kind="stable").index:
        yield "events", index, "entry_id", f"follows a number that no event has; {UNCODED}"
    most = coded.groupby("source")["number"].max()
    stated = data.sources.dropna(subset=["entries"])
    short = stated["entries"].gt(stated["source_id"].map(most).fillna(0))
    short &= ~stated["source_id"].isin(partial)
    yield from _flag("sources", short, "entries", f"is more than were coded; {UNCODED}")


def _numbered(entry_ids: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"source": _source(entry_ids), "number": _number(entry_ids).astype(int)})


def _told_elsewhere(sources: pd.DataFrame) -> pd.Series:
    """Return the entries, with a number, that tell events of other sources."""
    rows = sources.dropna(subset=["locator"])
    rows = rows[_source(rows["locator"]).ne(_source(rows["event_id"]))]
    return rows.loc[rows["locator"].str.fullmatch(r".+-[0-9]+"), "locator"]


def days_in_order(data: Dataset) -> Iterator[Fault]:
    """Nothing ends before it starts."""
    for table, first, last in (
        ("events", "date_start", "date_end"),
        ("coverage", "start", "end"),
        ("leader_pairs", "start", "end"),
    ):
        frame = data.tables[table]
        yield from _flag(table, frame[last] < frame[first], last, f"is earlier than {first}")
    late = ~data.coverage["last_entry"].between(data.coverage["start"], data.coverage["end"])
    late &= data.coverage["last_entry"].notna()
    yield from _flag("coverage", late, "last_entry", "lies outside its window")


def days_in_period(data: Dataset) -> Iterator[Fault]:
    """An event lies in a window of each series that tells it, and of its article."""
    days = looked_up(
        data.event_sources["event_id"], data.events["event_id"], data.events["date_start"]
    )
    told = data.event_sources.assign(day=days)
    printed = known(told["source_id"], data.coverage["source_id"])
    inside = pd.Series(False, index=told.index)
    for window in data.coverage[data.coverage["series"].isin(told["series"])].itertuples():
        own = told["source_id"].eq(window.source_id) | (~printed & pd.isna(window.source_id))
        held = told["day"].between(window.start, window.end)
        inside |= own & held & told["series"].eq(window.series)
    message = "tells an event that lies outside its coverage; see coverage.csv"
    yield from _flag("event_sources", ~inside, "source_id", message)


def windows_apart(data: Dataset) -> Iterator[Fault]:
    """Windows of one series do not overlap."""
    for _, windows in data.coverage.sort_values("start").groupby("series", observed=True):
        overlap = windows["start"].le(windows["end"].shift())
        yield from _flag("coverage", overlap, "start", "lies in an earlier window of the series")


def windows_published(data: Dataset) -> Iterator[Fault]:
    """The window of an article ends before the article is out: later days were not looked at."""
    published = data.sources.set_index("source_id")["date_published"]
    articles = data.sources.loc[data.sources["kind"].eq("article"), "source_id"]
    month = data.coverage["source_id"].where(data.coverage["source_id"].isin(articles))
    out = pd.PeriodIndex(month.map(published).str[:7], freq="M").to_timestamp(how="end")
    late = data.coverage["end"].gt(pd.Series(out, index=data.coverage.index))
    message = "is after the article came out; what came later was not looked at: end it earlier"
    yield from _flag("coverage", late, "end", message)


def actors_and_recipients(data: Dataset) -> Iterator[Fault]:
    """Recipients differ from actors, talks have none, and rulings address no state.

    A court action that a government itself takes, a complaint above all, may name its opponent.
    """
    events = data.events
    both = pd.Series(
        [
            bool(set(a) & set(r))
            for a, r in zip(events["actors"], events["recipients"], strict=True)
        ],
        index=events.index,
    )
    yield from _flag("events", both, "recipients", "names an actor of the event")
    none = events["event_type"].isin(["meeting", "call"])
    none |= events["event_type"].eq("court_action") & ~_by_government(data)
    none &= ~_empty(events["recipients"])
    message = "must be empty for talks, and for court actions that no government takes itself"
    yield from _flag("events", none, "recipients", message)


def _by_government(data: Dataset) -> pd.Series:
    """Tell which events are acts of a government, and of no court, body or private party."""
    bodies = set(data.tables["actors"].query("kind != 'state'")["code"])
    government = data.with_codes("level", "is_government")["level_is_government"].astype(bool)
    return government & ~data.events["actors"].map(lambda states: set(states) <= bodies)


def contested_acts(data: Dataset) -> Iterator[Fault]:
    """A contested act of a claimant over territory addresses the other one; no other does."""
    acts, pair = data.events[data.events["event_type"].eq("contested_act")], set(data.pair)
    columns = ["issue", "actors", "recipients"]
    for index, issue, actors, recipients in acts[columns].itertuples():
        claimed = issue == "territory" and not pair.isdisjoint(actors)
        other = tuple(sorted(pair.difference(actors))) if claimed else ()
        if recipients != other:
            wanted = ";".join(other) or "nobody"
            yield "events", index, "recipients", f"should name {wanted} for this contested act"


def formats(data: Dataset) -> Iterator[Fault]:
    """The format is the one that the actors have."""
    members = _members(data)
    columns = ["actors", "mechanism", "format"]
    wanted_for = {actors: _format(actors, data) for actors in set(data.events["actors"])}
    for index, actors, mechanism, given in _rows(data.events, *columns):
        wider = len(actors) > 2 and not members.get(mechanism, set()) <= set(actors)
        wanted = "multilateral" if wider else wanted_for[actors]
        if given != wanted:
            yield "events", index, "format", f"should be {wanted} for {';'.join(actors)}"


def _members(data: Dataset) -> dict[str, set[str]]:
    return {name: set(states) for _, name, states in _rows(data.mechanisms, *MEMBERS)}


def _format(actors: tuple, data: Dataset) -> str:
    """Return the first format, fixed sets before others, that these actors fit."""
    for row in data.formats.itertuples():
        if row.only_actors and row.only_actors == actors:
            return row.code
    for row in data.formats.itertuples():
        most = len(actors) if pd.isna(row.max_actors) else row.max_actors
        if not row.only_actors and row.min_actors <= len(actors) <= most:
            return row.code
    raise ValueError(f"codes/formats.csv has no format for {len(actors)} actors")


def modes(data: Dataset) -> Iterator[Fault]:
    """Meetings, calls and visits have a mode, nothing else has; only calls are by telephone."""
    events = data.events
    takes = data.with_codes("event_type", "takes_mode")["event_type_takes_mode"].astype(bool)
    na = events["mode"].eq("na")
    yield from _flag("events", takes & na, "mode", "is na; say how it was held, or unstated")
    yield from _flag("events", ~takes & ~na, "mode", "must be na for this event type")
    call, phone = events["event_type"].eq("call"), events["mode"].eq("phone")
    yield from _flag("events", call & ~phone, "mode", "must be phone for a call")
    yield from _flag("events", ~call & phone, "mode", "is phone, so the event type is call")


def valences(data: Dataset) -> Iterator[Fault]:
    """Joint acts are 1 (or -1), acts of or toward third states 0, other protests and the like -1.

    What is 0 whoever does it (statistics, domestic politics, acts toward third states alone) is so
    for the two states together, too.
    """
    events, pair = data.events, set(data.pair)
    third = events["recipients"].map(lambda states: bool(states) and pair.isdisjoint(states))
    types = data.event_types.loc[data.event_types["neutral_together"], "code"]
    neutral = events["event_type"].isin(types) | events["issue"].eq("domestic_politics") | third
    joint = events["format"].isin(["bilateral", "trilateral"]) & events["valence"].eq(0) & ~neutral
    message = (
        "is 0 for an act of the two states together; give 1 or -1, and 0 only for the types "
        f"{', '.join(types)}, the issue domestic_politics, and acts toward third states alone"
    )
    yield from _flag("events", joint, "valence", message)
    outside = events["actors"].map(pair.isdisjoint) | events["format"].eq("other_dyad")
    wrong = outside & events["valence"].ne(0)
    yield from _flag("events", wrong, "valence", "must be 0 for acts of third states")
    against = events["event_type"].isin(["protest", "contested_act"]) & events["valence"].ne(-1)
    against &= ~outside & ~third
    yield from _flag("events", against, "valence", "must be -1 for this event type")
    third &= events["valence"].ne(0)
    yield from _flag("events", third, "valence", "must be 0 for acts toward third states alone")


def issues(data: Dataset) -> Iterator[Fault]:
    """Other issues do not repeat the issue."""
    events = data.events
    pairs = zip(events["issue"], events["other_issues"], strict=True)
    repeated = pd.Series([issue in others for issue, others in pairs], index=events.index)
    yield from _flag("events", repeated, "other_issues", "repeats the issue; remove it there")


def applicable(data: Dataset) -> Iterator[Fault]:
    """Columns that apply to some events only are empty for the others."""
    for column in data.codebook.tables["events"].columns:
        if column.applies_to and column.name == "duration_min":
            applies = data.events[column.applies_to["column"]].isin(column.applies_to["values"])
            wrong = ~applies & data.events[column.name].notna()
            yield from _flag("events", wrong, column.name, "does not apply to this event type")
    lone = data.events["ordinal"].notna() & data.events["mechanism"].isna()
    yield from _flag("events", lone, "ordinal", "is given without a mechanism")


def mechanisms(data: Dataset) -> Iterator[Fault]:
    """Actors of a session are members of its mechanism; numbers of sessions grow with time."""
    members = _members(data)
    columns = ["mechanism", "actors", "ordinal", "date_start"]
    sessions = data.events.loc[data.events["mechanism"].notna(), columns].sort_values("date_start")
    for index, mechanism, actors in _rows(sessions, "mechanism", "actors"):
        strangers = set(actors) - members[mechanism]
        if strangers:
            message = f"has no member {';'.join(sorted(strangers))}; see mechanisms.csv"
            yield "events", index, "mechanism", message
    numbered = sessions[sessions["ordinal"].notna()]
    shrinks = numbered["ordinal"].le(numbered.groupby("mechanism")["ordinal"].shift())
    yield from _flag("events", shrinks, "ordinal", "is not higher than that of an earlier session")


def levels(data: Dataset) -> Iterator[Fault]:
    """The level is the lowest of the sides' highest ranks, or the code of an unranked side."""
    ranked = tuple(data.levels.loc[data.levels["ranked"].astype(bool), "code"])
    acting = data.participants[data.participants["role"].eq("actor")]
    countries, ranks = acting["country"].cat, acting["level"].cat
    size = len(ranks.categories)

    @cache
    def allowed(kinds: tuple[int, ...], actors: tuple[str, ...]) -> set[str]:
        people = [(countries.categories[k // size], ranks.categories[k % size]) for k in kinds]
        return _allowed(people, actors, ranked)

    kinds = countries.codes.to_numpy(int) * size + ranks.codes.to_numpy()
    sides = _distinct(kinds, places(acting["event_id"], data.events["event_id"]), len(data.events))
    for (index, actors, level), own in zip(
        _rows(data.events, "actors", "level"), sides, strict=True
    ):
        codes = allowed(own, actors)
        if codes and level not in codes:
            message = f"should be {' or '.join(sorted(codes))} by its participants"
            yield "events", index, "level", message


def _distinct(numbers: np.ndarray, rows: np.ndarray, size: int) -> Iterator[tuple[int, ...]]:
    """Return for each row, of so many, the distinct numbers that are said of it."""
    span = numbers.max(initial=0) + 1
    found = np.unique(rows * span + numbers)
    ends = np.searchsorted(found, np.arange(size + 1) * span).tolist()
    numbers = (found % span).tolist()
    return (tuple(numbers[start:end]) for start, end in pairwise(ends))


def _allowed(
    people: list[tuple[str, str]], actors: tuple[str, ...], ranked: tuple[str, ...]
) -> set[str]:
    """Return the codes that unranked sides name, or the lowest of the sides' highest ranks.

    No code, if one of the actors has no people.
    """
    sides = defaultdict(set)
    for country, level in people:
        sides[country].add(level)
    if not sides.keys() >= set(actors):
        return set()
    highest = [next(([c] for c in ranked if c in side), side) for side in sides.values()]
    codes = set().union(*highest)
    return codes.difference(ranked) or {max(codes, key=ranked.index)}


def participants(data: Dataset) -> Iterator[Fault]:
    """Participants belong to the states of the side they are on."""
    events = data.with_codes("event_type", "affects_third_parties")
    columns = ["actors", "recipients", "event_type_affects_third_parties"]
    own = places(data.participants["event_id"], events["event_id"])
    sides = [events[name].to_numpy(object)[own] for name in columns]
    people = _rows(data.participants, "country", "role")
    for (index, country, role), actors, recipients, affected in zip(people, *sides, strict=True):
        if role == "actor" and country not in actors:
            yield "participants", index, "country", "is no actor of the event"
        if role == "recipient" and country not in recipients and not affected:
            yield "participants", index, "country", "is no recipient of the event"


def answers(data: Dataset) -> Iterator[Fault]:
    """An event answers events that exist and are not later, latest first, and never in a circle."""
    dated = data.events["date_start"].to_numpy().tolist()
    days = dict(zip(data.events["event_id"].tolist(), dated, strict=True))
    replies = data.events[data.events["responds_to"].map(len).gt(0)]
    links = {event_id: answered for _, event_id, answered in _rows(replies, *ANSWER)}
    for index, event_id, answered in _rows(replies, *ANSWER):
        unknown = [e for e in answered if e not in days]
        if unknown:
            yield "events", index, "responds_to", f"{unknown[0]} is not in events.csv"
            continue
        dates = [days[e] for e in answered]
        if max(dates) > days[event_id]:
            yield "events", index, "responds_to", "is later than the answer"
        if dates != sorted(dates, reverse=True):
            yield "events", index, "responds_to", "is not in order, latest first"
        if _leads_to(event_id, links):
            yield "events", index, "responds_to", "leads back to the event itself"


def _leads_to(start: str, links: dict) -> bool:
    """Tell whether answers lead from an event back to itself."""
    pending, seen = list(links.get(start, ())), set()
    while pending:
        event_id = pending.pop()
        if event_id == start:
            return True
        if event_id not in seen:
            seen.add(event_id)
            pending += links.get(event_id, ())
    return False


def told(data: Dataset) -> Iterator[Fault]:
    """Each event has a source; one from an article has the row of its own entry."""
    sources = data.event_sources
    untold = ~known(data.events["event_id"], sources["event_id"])
    yield from _flag("events", untold, "event_id", "has no row in event_sources.csv")
    entries = looked_up(sources["event_id"], data.events["event_id"], data.events["entry_id"])
    own = sources.loc[sources["locator"].eq(entries), "event_id"]
    missing = ~known(data.events["event_id"], own)
    printed = ~data.events["section"].eq("record")
    message = "has no row in event_sources.csv with this entry as locator"
    yield from _flag("events", printed & missing, "entry_id", message)


def passages(data: Dataset) -> Iterator[Fault]:
    """Passages of articles have locator, hash and length, alike wherever they recur."""
    articles = set(data.sources.loc[data.sources["kind"].eq("article"), "source_id"])
    rows = data.event_sources
    article = rows["source_id"].isin(articles)
    for column in ("locator", "entry_sha256", "entry_words"):
        lacking = article & rows[column].isna()
        yield from _flag("event_sources", lacking, column, "is empty for an article")
    stray = ~article & rows["entry_sha256"].notna()
    yield from _flag("event_sources", stray, "entry_sha256", "is given for a page without entries")
    foreign = article & _source(rows["locator"]).ne(rows["source_id"]) & rows["locator"].notna()
    yield from _flag("event_sources", foreign, "locator", "belongs to another source")
    hashes = rows[article].groupby("locator")["entry_sha256"].nunique()
    differs = rows["locator"].isin(hashes.index[hashes.gt(1)])
    yield from _flag(
        "event_sources", differs, "entry_sha256", "differs from another row of the entry"
    )
    places = rows[article].groupby("entry_sha256")["locator"].nunique()
    shared = rows["entry_sha256"].isin(places.index[places.gt(1)])
    yield from _flag("event_sources", shared, "locator", "differs for the same passage")


def stated_dates(data: Dataset) -> Iterator[Fault]:
    """The first day is one that a source states; where sources differ, a note says why."""
    events, stated = data.events, data.event_sources.dropna(subset=["date_stated"])
    own, day = places(stated["event_id"], events["event_id"]), stated["date_stated"].to_numpy()
    days = pd.Series(day).groupby(own).nunique()
    number = days.reindex(range(len(events)), fill_value=0).set_axis(events.index)
    said = own[day == events["date_start"].to_numpy()[own]]
    first = pd.Series(np.isin(range(len(events)), said), index=events.index)
    unsaid = number.gt(0) & ~first & events["date_end"].le(events["date_start"])
    yield from _flag("events", unsaid, "date_start", "is stated by none of its sources")
    unexplained = number.gt(1) & events["date_note"].isna()
    message = "is empty although sources differ on the day"
    yield from _flag("events", unexplained, "date_note", message)


def stated_durations(data: Dataset) -> Iterator[Fault]:
    """The minutes used lie between the lowest and the highest figure that sources state."""
    stated = data.event_sources.groupby("event_id")["duration_min"].agg(["min", "max"])
    used = data.events[["event_id", "duration_min"]].join(stated, on="event_id")
    outside = used["duration_min"].lt(used["min"]) | used["duration_min"].gt(used["max"])
    yield from _flag("events", outside, "duration_min", "lies outside what its sources state")
    alone = used["duration_min"].notna() & used["min"].isna()
    yield from _flag("events", alone, "duration_min", "is stated by none of its sources")
    unused = used["duration_min"].isna() & used["min"].notna()
    yield from _flag("events", unused, "duration_min", "is empty although a source states it")


def designations(data: Dataset) -> Iterator[Fault]:
    """Sides name contacts of leaders they took part in; a count has a scope."""
    rows = data.designations.merge(
        data.events[["event_id", "level", "actors"]], on="event_id", validate="m:1"
    ).set_index(data.designations.index)
    low = ~rows["level"].isin(["leader", "deputy_leader"])
    yield from _flag("designations", low, "event_id", "is no contact of leaders")
    sides = zip(rows["designated_by"], rows["actors"], strict=True)
    stranger = pd.Series([side not in actors for side, actors in sides], index=rows.index)
    yield from _flag("designations", stranger, "designated_by", "did not take part")
    half = rows["stated_ordinal"].isna() != rows["ordinal_scope"].isna()
    yield from _flag("designations", half, "stated_ordinal", "needs ordinal_scope, and the reverse")


def sources(data: Dataset) -> Iterator[Fault]:
    """Articles can be cited, pages have an address that answered, and every source is used."""
    rows = data.sources
    article = rows["kind"].eq("article")
    for column in ARTICLE:
        yield from _flag(
            "sources", article & rows[column].isna(), column, "is empty for an article"
        )
    yield from _flag("sources", ~article & rows["url"].isna(), "url", "is empty")
    again = ~article & rows["url"].notna() & rows["url"].duplicated()
    yield from _flag("sources", again, "url", "is repeated")
    yield from _accessed(rows)
    cited = _cited(data)
    unused = pd.Series([id_ not in cited for id_ in rows["source_id"].tolist()], index=rows.index)
    yield from _flag("sources", unused, "source_id", "is used nowhere")


def _cited(data: Dataset) -> set[str]:
    """Return the sources that any table refers to, or lists."""
    found: set = set()
    for name, table in data.codebook.tables.items():
        for column, target, _ in table.references:
            if target == "sources":
                found.update(data.tables[name][column].dropna().tolist())
        for column in table.columns:
            if column.list_of == "sources":
                found.update(*data.tables[name][column.name])
    return found


def _accessed(rows: pd.DataFrame) -> Iterator[Fault]:
    """An address answered when it was there: after publication, and by today somewhere."""
    today = pd.Timestamp.now(timezone(timedelta(hours=14))).tz_localize(None)
    days, given = rows["accessed"], rows["date_published"].fillna("")
    out = pd.to_datetime(given.str[:10], format="ISO8601", errors="coerce")
    yield from _flag("sources", days > today, "accessed", "is after today")
    yield from _flag("sources", days < out, "accessed", "is before it was published")
    for column in ("accessed", "archive_url"):
        bare = rows[column].notna() & rows["url"].isna()
        yield from _flag("sources", bare, column, "has no url; give the address too")


def changes(data: Dataset) -> Iterator[Fault]:
    """A change names a cell that exists, and the latest change of a cell gives its value now."""
    latest = ~data.changes.duplicated(["table", "record_id", "field"], keep="last")
    for index, change in data.changes.iterrows():
        table = data.tables.get(change["table"])
        if table is None or change["field"] not in table:
            yield "changes", index, "field", "is no column of that table"
            continue
        key = data.codebook.tables[change["table"]].key[0]
        rows = table.loc[table[key].eq(change["record_id"]), change["field"]]
        if rows.empty:
            yield "changes", index, "record_id", "is no row of that table"
        elif latest[index] and as_text(rows.iloc[0]) != as_text(change["new"]):
            yield "changes", index, "new", f"differs from the value now, {as_text(rows.iloc[0])!r}"


def codings(data: Dataset) -> Iterator[Fault]:
    """Both codings cover the same entries."""
    first = set(data.codings.loc[data.codings["coding_pass"].eq("first"), "entry_id"])
    second = set(data.codings.loc[data.codings["coding_pass"].eq("second"), "entry_id"])
    lone = data.codings["entry_id"].isin(first ^ second)
    yield from _flag("codings", lone, "entry_id", "was coded in one pass only")


def disputes(data: Dataset) -> Iterator[Fault]:
    """Events over history and territory from public records are classed; answers say how."""
    rows = data.disputes
    reaction = rows["kind"].eq("reaction")
    answers = known(data.events["event_id"], rows.loc[reaction, "event_id"])
    loose = answers & _empty(data.events["responds_to"]) & data.events["note"].isna()
    message = "is empty for a reaction; name what it answers, or say in note why nothing is named"
    yield from _flag("events", loose, "responds_to", message)
    yield from _flag(
        "disputes", reaction & rows["reaction_form"].isna(), "reaction_form", "is empty"
    )
    yield from _flag(
        "disputes", ~reaction & rows["reaction_form"].notna(), "kind", "is no reaction"
    )
    themes = data.issues.set_index("code")["theme"]
    history = data.events["issue"].map(themes).eq("history") & data.events["valence"].ne(0)
    unclassed = history & ~known(data.events["event_id"], rows["event_id"])
    message = "has no row in disputes.csv; class it there"
    yield from _flag("events", unclassed, "event_id", message)


def speaking_ids(data: Dataset) -> Iterator[Fault]:
    """An id of a poll, an indicator, a claim or a forecast begins with what its row is of."""
    for table, key, owner in (
        ("polls", "poll_id", "pollster"),
        ("indicators", "indicator_id", "indicator"),
        ("claims", "claim_id", "source_id"),
        ("forecasts", "forecast_id", "source_id"),
    ):
        rows = data.tables[table]
        pairs = zip(rows[key], rows[owner].astype(str), strict=True)
        wrong = pd.Series([not id_.startswith(f"{of}-") for id_, of in pairs], index=rows.index)
        yield from _flag(table, wrong, key, f"does not begin with its {owner} and a hyphen")


def polls(data: Dataset) -> Iterator[Fault]:
    """Field days come in order, within 31 days, before publication; shares come to 100 at most."""
    rows = data.polls
    share = rows["approve_pct"].fillna(0) + rows["disapprove_pct"].fillna(0)
    yield from _flag("polls", share.gt(100), "disapprove_pct", "makes over 100 with approve_pct")
    late = rows["field_end"] < rows["field_start"]
    yield from _flag("polls", late, "field_end", "is earlier than field_start")
    long = rows["field_end"] > rows["field_start"] + pd.Timedelta(days=31)
    yield from _flag("polls", long, "field_end", "is over 31 days after field_start")
    day = pd.to_datetime(rows["published"].where(rows["published"].str.len().eq(10)))
    yield from _flag("polls", day < rows["field_end"], "published", "is earlier than field_end")
    neither = rows["field_start"].isna() & rows["published"].isna()
    yield from _flag("polls", neither, "published", "is empty, as are the field days")
    homes = rows["pollster"].map(data.pollsters.set_index("code")["country"])
    yield from _flag("polls", homes.ne(rows["country"]), "country", "is not that of the pollster")


def launches(data: Dataset) -> Iterator[Fault]:
    """The low count of a launch day is not above the high one, and the day is covered."""
    rows = data.launches
    reversed_ = rows["missiles_low"] > rows["missiles_high"]
    yield from _flag("launches", reversed_, "missiles_high", "is lower than missiles_low")
    windows = data.coverage[data.coverage["series"].eq("launches")]
    inside = pd.Series(False, index=rows.index)
    for window in windows.itertuples():
        inside |= rows["date"].between(window.start, window.end)
    yield from _flag("launches", ~inside, "date", "lies outside the coverage of launches")


def indicators(data: Dataset) -> Iterator[Fault]:
    """Periods end after they start and last a year at most; a value has its indicator's unit."""
    rows = data.indicators
    late = rows["period_end"] < rows["period_start"]
    yield from _flag("indicators", late, "period_end", "is earlier than period_start")
    long = rows["period_end"] > rows["period_start"] + pd.DateOffset(years=1)
    yield from _flag("indicators", long, "period_end", "is over a year after period_start")
    units = (
        rows["indicator"]
        .astype(str)
        .map(data.indicator_kinds.set_index("code")["unit"].astype(str))
    )
    wrong = units.ne(rows["unit"].astype(str))
    yield from _flag("indicators", wrong, "unit", "is not the unit of this indicator")


def claims(data: Dataset) -> Iterator[Fault]:
    """A claim has answers unless it cannot be checked, and says what was found unless it holds."""
    rows = data.claims
    answered = rows["claim_id"].isin(data.claim_answers["claim_id"])
    open_ = rows["status"].eq("not_checkable")
    yield from _flag("claims", answered == open_, "status", "does not go with its answers")
    silent = rows["status"].ne("reproduced") & rows["explanation"].isna()
    yield from _flag("claims", silent, "explanation", "is empty; say what was found")
    recorded = data.changes.query("table == 'claims' and field == 'status'")["record_id"]
    moved = rows["status"].ne(rows["first_status"]) & ~rows["claim_id"].isin(recorded)
    message = "differs from the first status; record the change and its reason in changes.csv"
    yield from _flag("claims", moved, "status", message)
    empty = answered & rows["claimed"].isna()
    yield from _flag("claims", empty & rows["comparison"].ne("first"), "claimed", "is empty")


def claim_answers(data: Dataset) -> Iterator[Fault]:
    """A cited value has a source; other answers have arguments."""
    rows = data.claim_answers
    cited, unsourced = rows["query"].eq("cited"), _empty(rows["source_ids"])
    yield from _flag("claim_answers", cited & unsourced, "source_ids", "is empty for a cited value")
    citing = cited | rows["query"].eq("cited_span")
    message = "is given for queries that cite, and for no other"
    yield from _flag("claim_answers", citing != rows["cited"].notna(), "cited", message)
    yield from _flag("claim_answers", ~cited & rows["arguments"].isna(), "arguments", "is empty")


def forecasts(data: Dataset) -> Iterator[Fault]:
    """A horizon ends after it starts; an outcome has a source, and a hit comes within it."""
    rows = data.forecasts
    late = rows["horizon_end"] < rows["horizon_start"]
    yield from _flag("forecasts", late, "horizon_end", "is earlier than horizon_start")
    told = ~_empty(rows["event_ids"]) | ~_empty(rows["source_ids"])
    unsourced = rows["score"].ne("open") & ~told
    yield from _flag("forecasts", unsourced, "source_ids", "is empty, and so is event_ids")
    outside = rows["score"].eq("hit") & rows["outcome_date"].gt(rows["horizon_end"])
    yield from _flag("forecasts", outside, "outcome_date", "of a hit lies after the horizon")


def positions(data: Dataset) -> Iterator[Fault]:
    """What no source tells has no stance; only actors are a threat; phrases are short."""
    rows = data.positions
    untold = rows["emphasis"].eq(0)
    for column in ("stance", "reported_by"):
        wrong = rows[column].isna() != untold
        yield from _flag("positions", wrong, column, "is empty if, and only if, emphasis is 0")
    kind = rows["topic"].astype(str).map(data.topics.set_index("code")["kind"].astype(str))
    hostile = kind.ne("actor") & rows["stance"].astype("Int64").lt(0).fillna(False)
    yield from _flag("positions", hostile, "stance", "is below 0, which only actors can be")
    long = rows["phrase"].fillna("").str.split().map(len).ge(10)
    yield from _flag("positions", long, "phrase", "has ten words or more")


def names(data: Dataset) -> Iterator[Fault]:
    """Spellings of one name agree on what it is; a script other than ours has a source."""
    rows = data.names
    for column in ("kind", "country", "preferred"):
        several = rows[column].astype(str).groupby(rows["name_id"]).transform("nunique").gt(1)
        yield from _flag("names", several, column, "differs from another row of the name")
    yield from _flag("names", rows["variant"].eq(rows["preferred"]), "variant", "is the preferred")
    scripts = data.name_forms.set_index("code")["script"]
    stated = rows["form"].astype(str).map(scripts)
    found = rows["variant"].map(_script)
    yield from _flag("names", stated.ne(found), "form", "does not go with the script of variant")
    unsourced = stated.ne("latin") & rows["source_id"].isna()
    yield from _flag("names", unsourced, "source_id", "is empty; name a page that writes it so")
    people = rows["kind"].eq("person") & ~known(rows["preferred"], data.participants["name"])
    message = "is nobody in participants.csv; spell it as there"
    yield from _flag("names", people, "preferred", message)


def _script(text: str) -> str:
    """Tell the script of a spelling by its letters: latin, hangul, han, or mixed."""
    kinds = {unicodedata.name(sign, "?").split()[0] for sign in text if sign.isalpha()}
    return {"LATIN": "latin", "HANGUL": "hangul", "CJK": "han"}.get("".join(kinds), "mixed")


def released_events(data: Dataset) -> Iterator[Fault]:
    """No released id vanishes: what is not in events any more is retired, with a reason."""
    rows = data.released_events
    stands, retired = known(rows["event_id"], data.events["event_id"]), rows["retired"].notna()
    message = "is gone from events.csv; give the version, the reason and the event that tells it"
    yield from _flag("released_events", ~stands & ~retired, "event_id", message)
    message = "is given, but the event stands in events.csv; an id is never used again"
    yield from _flag("released_events", stands & retired, "retired", message)
    silent = retired != rows["reason"].notna()
    yield from _flag("released_events", silent, "reason", "is given if, and only if, retired is")
    early = rows["successor"].notna() & ~retired
    yield from _flag("released_events", early, "successor", "is given for an event that stands")


RULES = [
    event_ids,
    entry_numbers,
    days_in_order,
    days_in_period,
    windows_apart,
    windows_published,
    actors_and_recipients,
    contested_acts,
    formats,
    modes,
    valences,
    issues,
    applicable,
    mechanisms,
    levels,
    participants,
    answers,
    told,
    passages,
    stated_dates,
    stated_durations,
    designations,
    sources,
    changes,
    codings,
    disputes,
    speaking_ids,
    polls,
    launches,
    indicators,
    claims,
    claim_answers,
    forecasts,
    positions,
    names,
    released_events,
]
