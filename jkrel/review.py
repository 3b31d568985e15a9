"""Proposed events that a person has edited: checked, compared with what was proposed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from jkrel import joining, rules, spreadsheets
from jkrel.codebook import Codebook, Column, Table
from jkrel.data import Dataset
from jkrel.reading import (
    DAY,
    as_cells,
    as_frame,
    as_text,
    describe,
    typed,
)
from jkrel.report import TO_SAY, Review, file_words, first_name

PASSAGE = ["entry_sha256", "entry_words"]
NOT_JUDGED = ["event_id", "entry_id", "section", "summary", "note"]
"""Columns of events that tell nothing of how well a proposal was coded."""
TOLD_APART = [*NOT_JUDGED, "date_note", "duration_min", "sidelines_of", "responds_to"]
"""Columns of events in which one source may tell more than another without a conflict."""
WINDOW = ["start", "end", "completeness"]
"""Columns of coverage that are presumed where they are not given."""
IDENTITY = ["event_id", "entry_id", "same_as"]
"""Columns without which no row can be told from the others, or be joined with the data."""


def review(
    path: str | Path,
    dataset: Dataset,
    source: dict | None = None,
    coverage: dict | None = None,
    participants: str | Path | None = None,
    disputes: str | Path | None = None,
    duplicates: str = "join",
    first: str | Path | None = None,
) -> Review:
    """Check an edited proposal against the codebook and the data, and compare it.

    Parameters
    ----------
    path : str or Path
        The edited file of ``jkrel propose``. Its last column ``same_as``, which may be left out,
        names the event of the data that a row tells, or says ``none`` if there is no such event.
    dataset : Dataset
        The data it is to join; not changed.
    source, coverage : dict, optional
        Cells of the rows for ``sources`` and ``coverage``; left out, they are not checked.
    participants, disputes : str or Path, optional
        CSV files with the columns of these tables, for the new events.
    duplicates : {"join", "refuse"}
        Whether rows with an event in ``same_as`` are further tellings of it, or conflicts.
    first : str or Path, optional
        The untouched copy; by default ``NAME.first.csv`` beside the file, if it is there.

    Returns
    -------
    Review

    Raises
    ------
    ValueError
        If `source` or `coverage` names a field that its table lacks, or another source, or if the
        untouched copy is no proposal.
    """
    path, codebook = Path(path), dataset.codebook
    if duplicates not in ("join", "refuse"):
        raise ValueError(f"duplicates is 'join' or 'refuse', not {duplicates!r}")
    first = _first(path, codebook, first)
    now, proposed, problems = _sound(path, codebook, first)
    conflicts, additions, merging = [], {}, {}
    extra = {"participants": participants, "disputes": disputes}
    told = now.index.difference(_unnamed(problems))
    if len(told):
        base, conflicts, told = _against(now.loc[told], dataset, path.name)
    if len(told):
        conflicts += _same(proposed.loc[told], base, path.name, duplicates)
        given = {"sources": source, "coverage": coverage}
        joined = now.loc[told], first, base, given, extra, len(told) == len(now)
        additions, merging, wrong = _joined(path.name, problems, *joined)
        problems += wrong
        additions = {} if problems or base is not dataset else additions
    wrong, files = (as_frame(problems), as_frame(conflicts)), _named(path, extra)
    state = _compared(now, first, codebook)
    return Review(path.name, *wrong, **state, additions=additions, merging=merging, files=files)


def _named(path: Path, extra: dict) -> list[str]:
    """Name the files of a review as words of a command run in their folder."""
    return file_words(path.name, **{option: Path(f).name for option, f in extra.items() if f})


def _compared(now: pd.DataFrame, first: pd.DataFrame | None, codebook: Codebook) -> dict:
    """Compare with the untouched copy; a file that cannot be read lacks nothing."""
    before = now if first is None else first
    edited = now if len(now) else before
    names = ["changed", "added", "removed", "kept"]
    return dict(zip(names, compare(before, edited, codebook), strict=True)) | {
        "rows": len(now),
        "compared": first is not None,
        "left_out": sorted({*before["entry_id"]} - {*edited["entry_id"]}),
        "joins": not now["same_as"].isin(["", "none"]).all() if len(now) else False,
    }


def _against(
    now: pd.DataFrame, dataset: Dataset, name: str
) -> tuple[Dataset, list[tuple], pd.Index]:
    """Find what the data know already; rows known without the article itself are set aside."""
    base = _without(dataset, source_of(now))
    known = {conflict[1] for conflict in _known(now, base, name)}
    return base, _known(now, dataset, name), now.index.difference(known)


def _joined(
    name: str, problems: list[tuple], now, first, dataset: Dataset, given, extra, whole: bool
) -> tuple[dict, dict, list[tuple]]:
    """Make the rows for the tables, and tell what a merge takes and what would be wrong."""
    additions, strange = _additions(now, first, dataset, *given.values(), extra)
    names = {table: Path(file).name for table, file in extra.items() if file}
    names |= {"events": name, "event_sources": name}
    described = [table for table, row in given.items() if row is not None]
    wrong = [fault for fault in strange if whole or fault[4] != "references"]
    known = [*problems, *wrong]
    wrong += joining.faults(dataset, additions, names, described, known, whole)
    return additions, _merging(dataset, additions, given), wrong


def _without(dataset: Dataset, source_id: str) -> Dataset:
    """Leave out an article that the data have already, so that its rows can be judged anew."""
    if source_id not in set(dataset.sources["source_id"]):
        return dataset
    own = dataset.events["entry_id"].str.rsplit("-", n=1).str[0].eq(source_id)
    ids, tables = set(dataset.events.loc[own, "event_id"]), {}
    for name, table in dataset.tables.items():
        out = joining.rows_of(table, ids, source_id)
        tables[name] = table[~out].reset_index(drop=True) if out.any() else table
    return Dataset(dataset.codebook, tables)


def _sound(path: Path, codebook: Codebook, first) -> tuple:
    """Read an edited file, and tell what its form and its cells lack."""
    now, proposed, problems = _read(path, codebook)
    named = now.index.difference(_unnamed(problems))
    if len(named):
        cells = {problem[:3] for problem in problems}
        unsound = _unsound(now, proposed, named, first, path.name, codebook)
        problems += [problem for problem in unsound if problem[:3] not in cells]
    return now, proposed, problems


def _unnamed(problems: list[tuple]) -> list[int]:
    """Return the rows that cannot be told from the others, or be joined with the data."""
    return [problem[1] for problem in problems if problem[2] in IDENTITY]


def _merging(dataset: Dataset, additions: dict, given: dict) -> dict[str, dict]:
    """Describe the article and its window as a merge takes them: given, presumed, or to be said."""
    cells = {}
    for name, option in joining.DESCRIBED.items():
        row = additions[name].iloc[0]
        usual = WINDOW if name == "coverage" else []
        fields = [c for _, _, c, *_ in joining.missing(dataset, additions, [name])]
        own = {field: as_text(value) for field, value in (given[name] or {}).items()}
        cells[option] = {field: row[field] for field in usual} | own | dict.fromkeys(fields, TO_SAY)
    return cells


def compare(first: pd.DataFrame, now: pd.DataFrame, codebook: Codebook) -> tuple:
    """Compare two states of a proposal, both as strings with a column event_id.

    Returns
    -------
    changed, added, removed, kept : DataFrame
        As the attributes of :class:`Review`.
    """
    before, after = (
        frame.drop_duplicates("event_id").set_index("event_id") for frame in (first, now)
    )
    common = [event_id for event_id in after.index if event_id in before.index]
    columns = [name for name in after.columns if name in before.columns]
    old, new = before.loc[common, columns], after.loc[common, columns]
    cells = pd.DataFrame({"proposed": old.stack(), "now": new.stack()}).rename_axis(
        ["event_id", "column"]
    )
    changed = cells[cells["proposed"].ne(cells["now"])].reset_index()
    judged = [n for n in codebook.tables["events"].names if n in columns and n not in NOT_JUDGED]
    given, same = old[judged].ne(""), old[judged].eq(new[judged])
    kept = pd.DataFrame({"proposed": given.sum(), "kept": (given & same).sum()})
    kept["share"] = kept["kept"] / kept["proposed"].where(kept["proposed"].gt(0))
    kept["filled"] = (~given & ~same).sum()
    kept = kept[kept["proposed"].add(kept["filled"]).gt(0)].rename_axis("variable").reset_index()
    added = now[~now["event_id"].isin(before.index)].reset_index(drop=True)
    removed = first[~first["event_id"].isin(after.index)].reset_index(drop=True)
    return changed, added, removed, kept


def _table(codebook: Codebook, name: str, mapped: bool) -> Table:
    """Describe a proposal as a table: the columns of events, and what propose adds to them."""
    events, told = codebook.tables["events"], codebook.tables["event_sources"]
    passage = [
        replace(column, constraints=column.constraints | {"required": True})
        for column in told.columns
        if column.name in PASSAGE
    ]
    form = events.columns[0].constraints["pattern"]
    further = [("confidence", "number", {"minimum": 0, "maximum": 1}), ("evidence", "string", {})]
    further += [("same_as", "string", {"pattern": f"none|{form}"})] * mapped
    own = [
        Column(title, kind, title, "", limits, None, None, None, None, None)
        for title, kind, limits in further
    ]
    return replace(events, path=name, columns=(*events.columns, *passage, *own))


def _strings(path: Path, codebook: Codebook) -> tuple[pd.DataFrame | None, Table, list[tuple]]:
    """Read a proposal as strings; the index counts rows as a spreadsheet does."""
    header = spreadsheets.plain(path.read_bytes()).partition(b"\n")[0].decode("utf-8", "replace")
    table = _table(codebook, path.name, header.split(",")[-1].strip('"') == "same_as")
    frame, problems = spreadsheets.read(path, table)
    if frame is None:
        return None, table, problems
    return frame.set_axis(range(2, len(frame) + 2)), table, problems


def _read(path: Path, codebook: Codebook) -> tuple[pd.DataFrame, pd.DataFrame, list[tuple]]:
    """Read the edited proposal as strings and as typed values, and list what is wrong."""
    now, table, problems = _strings(path, codebook)
    if now is None:
        nothing = pd.DataFrame(columns=table.names, dtype=object)
        return nothing, nothing, problems
    proposed, problems = typed(as_cells(now), table, codebook)
    own = "is empty; write one sentence in your own words"
    problems = [
        (*p[:5], own) if p[2] == "summary" and p[4] == "required" else p
        for p in sorted(problems)
        if p[2] != "evidence"
    ]
    if "same_as" not in now:
        now, proposed = now.assign(same_as=""), proposed.assign(same_as=None)
    return now, proposed.set_axis(now.index), problems


def _first(path: Path, codebook: Codebook, given: str | Path | None) -> pd.DataFrame | None:
    """Read the untouched copy given, or that beside a proposal; None if there is neither."""
    first = Path(given) if given else path.with_name(first_name(path.name))
    if not given and not first.is_file():
        return None
    frame, _, problems = _strings(first, codebook)
    if problems:
        raise ValueError(
            f"{first}: not as propose wrote it; {describe(as_frame(problems).iloc[0])}"
        )
    return frame


def _unsound(now, proposed, named, first, name: str, codebook: Codebook) -> list[tuple]:
    """List ids that do not fit their entries, and passages that are not those of the article.

    Letters of an entry are not judged where the id of a row is unread that may be one of it.
    """
    unread = now.drop(named)
    spoilt = unread["entry_id"].isin(now.loc[named, "entry_id"])
    now, proposed = now.loc[named], proposed.loc[named]
    open_ = now["entry_id"].isin(unread["entry_id"]) | (not spoilt.all())
    ids = rules.event_ids(Dataset(codebook, {"events": proposed[~open_]}))
    faults = [(row, c, m) for _, row, c, m in ids]
    again = now.index[now["event_id"].duplicated()]
    faults += [(row, "event_id", "repeats an earlier row; give each its own") for row in again]
    sources = now["entry_id"].str.rsplit("-", n=1).str[0]
    stray = now.index[sources.ne(sources.iloc[0])]
    faults += [(row, "entry_id", f"is of another source than {sources.iloc[0]}") for row in stray]
    if first is not None:
        passages = first.drop_duplicates("entry_id").set_index("entry_id")[PASSAGE]
        message = "is not what propose read in the article; put it back"
        for column in PASSAGE:
            read = now["entry_id"].map(passages[column])
            wrong = read.notna() & read.ne(now[column])
            faults += [(row, column, message) for row in now.index[wrong]]
    return [(name, row, c, now.at[row, c], "proposal", m) for row, c, m in sorted(faults)]


def _known(now: pd.DataFrame, dataset: Dataset, name: str) -> list[tuple]:
    """List the source and the entries that the data hold already, and twins that they do not."""
    source_id, faults = source_of(now), []
    if source_id in set(dataset.sources["source_id"]):
        message = "is in sources.csv already; take it out first, or propose under another id"
        faults.append((name, "", "entry_id", source_id, "source exists", message))
    known = {*dataset.events["entry_id"], *dataset.event_sources["locator"].dropna()}
    for row, entry_id in now.loc[now["entry_id"].isin(known), "entry_id"].items():
        faults.append((name, row, "entry_id", entry_id, "entry exists", "is in the data already"))
    strange = ~now["same_as"].isin(["", "none", *dataset.events["event_id"]])
    for row, event_id in now.loc[strange, "same_as"].items():
        faults.append((name, row, "same_as", event_id, "same as", "is not in events.csv"))
    return faults


def source_of(now: pd.DataFrame) -> str:
    """Return the id of the source whose entries these are."""
    return now["entry_id"].iloc[0].rsplit("-", 1)[0]


def _same(proposed: pd.DataFrame, dataset: Dataset, name: str, duplicates: str) -> Iterator[tuple]:
    """List rows that may tell an event of the data, and codes that differ from those of one."""
    events = dataset.events.set_index("event_id")
    for row, event in proposed.iterrows():
        named = "" if pd.isna(event["same_as"]) else event["same_as"]
        if named == "":
            message = (
                "may be the same event; write its id into the last column same_as (add that "
                "column if need be) and merge with --join, or write none there"
            )
            for event_id in _alike(event, events):
                yield name, row, "same_as", event_id, "possible duplicate", message
        elif named != "none":
            if duplicates == "refuse":
                message = "is told already; merge with --join to add a further telling of it"
                yield name, row, "same_as", named, "duplicate", message
            for column, value, other in _differing(event, events.loc[named]):
                message = f"differs from {other!r} of {named}; settle which is right"
                yield name, row, column, value, "conflict", message


def _alike(event: pd.Series, events: pd.DataFrame) -> list[str]:
    """Return the events at most a day apart with the same actors, type and format."""
    near = (events["date_start"] - event["date_start"]).abs().le(pd.Timedelta(days=1))
    near &= events["actors"].map(lambda actors: set(actors) == set(event["actors"]))
    for column in ("event_type", "format"):
        near &= events[column].astype(object).eq(event[column])
    return list(events.index[near])


def _differing(event: pd.Series, other: pd.Series) -> Iterator[tuple[str, str, str]]:
    """Find the codes given for a row that differ from those of the event it tells.

    Days may be one apart: sources date by the clock of their place.
    """
    for column in other.index.difference(TOLD_APART, sort=False):
        value, known = as_text(event[column]), as_text(other[column])
        if column.startswith("date_") and isinstance(event[column], pd.Timestamp):
            apart = abs(event[column] - other[column]) > pd.Timedelta(days=1)
        else:
            apart = value != known
        if value and apart:
            yield column, value, known


def final_ids(now: pd.DataFrame) -> dict[str, str]:
    """Map the ids of a proposal to those in the data.

    A row that tells an event of the data takes its id; the other events of the entry are lettered
    anew, for the letters of an entry run without a gap.
    """
    own = now[now["same_as"].isin(["", "none"])].sort_values("event_id")
    letters = own.groupby("entry_id").cumcount().map(lambda place: chr(ord("a") + place))
    ids = now["same_as"].mask(now.index.isin(own.index), now["entry_id"] + letters)
    return dict(zip(now["event_id"], ids, strict=True))


def _additions(
    now: pd.DataFrame, first: pd.DataFrame | None, dataset: Dataset, source, coverage, extra: dict
) -> tuple[dict[str, pd.DataFrame], list[tuple]]:
    """Make the rows for each table of the data, as strings, in the order of their ids."""
    ids, tables = final_ids(now), dataset.codebook.tables
    own = now["same_as"].isin(["", "none"])
    source_row = _source_row(source or {}, now if first is None else first, tables["sources"])
    window = _window(coverage or {}, now, dataset)
    events = now.loc[own, tables["events"].names].assign(
        event_id=now["event_id"].map(ids),
        responds_to=now["responds_to"].map(
            lambda text: ";".join(ids.get(event_id, event_id) for event_id in text.split(";"))
        ),
    )
    told = now.assign(
        event_id=now["event_id"].map(ids),
        source_id=source_of(now),
        locator=now["entry_id"],
        series=window["series"].iloc[0],
        date_stated=now["date_start"],
        note=now["note"].mask(own, ""),
    )[tables["event_sources"].names]
    rows, problems = {"events": events.sort_values("event_id")}, []
    rows["event_sources"] = told.sort_values(["locator", "event_id"])
    new = {event_id: ids[event_id] for event_id in now.loc[own, "event_id"]}
    for name, path in extra.items():
        if path is not None:
            rows[name], faults = _further(Path(path), tables[name], new)
            problems += faults
    rows |= {"sources": source_row, "coverage": window}
    return {name: frame for name, frame in rows.items() if len(frame)}, problems


def _source_row(given: dict, printed: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Make the row of ``sources``; entries are as many as the highest number printed."""
    numbers = printed["entry_id"].str.rsplit("-", n=1).str[1]
    entries = max((int(text) for text in numbers.dropna() if text.isdigit()), default="")
    usual = {"source_id": source_of(printed), "kind": "article", "entries": str(entries)}
    row = _row(given, usual, table)
    if row["source_id"].iloc[0] != source_of(printed):
        raise ValueError(
            f"the source is {row['source_id'].iloc[0]}, but the entries are of {source_of(printed)}"
        )
    return row


def _window(given: dict, now: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Make the row of ``coverage``: a window of the chronologies, from the first day to the last.

    Its scope is that of the windows before it, and the last entry is named if it lies before the
    end.
    """
    series, source_id = as_text(given.get("series", "chronology")), source_of(now)
    dated = now[now["date_start"].str.fullmatch(DAY)]
    days = dated.loc[dated["section"].eq("chronology"), "date_start"]
    start, end = dated["date_start"].agg(["min", "max"]) if len(dated) else ("", "")
    last, end = days.max() if len(days) else "", as_text(given.get("end", end))
    earlier = dataset.coverage.loc[dataset.coverage["series"].eq(series), "scope"]
    usual = {
        "coverage_id": f"{series}-{source_id}",
        "series": series,
        "start": start,
        "end": end,
        "last_entry": last if last < end else "",
        "completeness": "partial",
        "source_id": source_id,
        "scope": earlier.iloc[-1] if len(earlier) else "",
    }
    return _row(given, usual, dataset.codebook.tables["coverage"])


def _row(given: dict, usual: dict, table: Table) -> pd.DataFrame:
    """Make one row of a table from the cells given and the usual ones; the others are empty."""
    unknown = [name for name in given if name not in table.names]
    if unknown:
        names = ", ".join(table.names)
        raise ValueError(f"{table.name} has no field {', '.join(unknown)}; there are: {names}")
    cells = dict.fromkeys(table.names, "") | usual | {n: as_text(v) for n, v in given.items()}
    return pd.DataFrame([cells], index=[""], dtype=object)


def _further(path: Path, table: Table, ids: dict) -> tuple[pd.DataFrame, list[tuple]]:
    """Read rows of a table about new events, and give these their final ids."""
    frame, problems = spreadsheets.read(path, replace(table, path=path.name))
    frame = pd.DataFrame(columns=table.names, dtype=object) if frame is None else frame
    frame = frame.set_axis(range(2, len(frame) + 2))
    message = "is no new event of the proposal; see its event_id and same_as"
    strange = frame.loc[~frame["event_id"].isin(ids), "event_id"]
    problems += [(path.name, n, "event_id", e, "references", message) for n, e in strange.items()]
    frame = frame[frame["event_id"].isin(ids)]
    frame = frame.assign(event_id=frame["event_id"].map(ids))
    return frame.sort_values("event_id", kind="stable"), problems
