"""What would be wrong with the data once new rows have joined them."""

from collections.abc import Iterator

import pandas as pd

from jkrel import check, rules
from jkrel.codebook import Column, Table
from jkrel.data import Dataset
from jkrel.reading import as_cells, as_text, typed

DISPUTE = (
    "is a dispute over history or territory: give it a row (event_id, kind, calendar, case, stage, "
    "reaction_form) in a CSV passed with --disputes, like data/examples/made_up_disputes.csv"
)
OVERLAP = (
    "lies in days that another window of its series has: give --window other days (start=, end=) "
    "and take the events of the others out, or series=NAME of another series (codes/series.csv)"
)
REMEDIES = {
    ("disputes", "events", "event_id"): DISPUTE,
    ("windows apart", "coverage", "start"): OVERLAP,
}
"""What to do about a fault of new rows: rule, table, column."""
DESCRIBED = {"sources": "--article", "coverage": "--window"}
"""Tables of which a merge adds one row, by the option that describes it."""
AS_PROPOSED = {"locator": "entry_id", "date_stated": "date_start"}
"""Columns of event_sources by the columns of the proposal that fill them."""
PROPOSED = ["events", "event_sources"]
"""Tables that take a row from each row of a proposal."""
WHOLE = {
    "event ids": {"event_id", "entry_id"},
    "entry numbers": {"event_id", "entry_id", "section"},
    "answers": {"event_id", "responds_to", "date_start"},
}
"""Rules that need all events, by the columns of them that they read."""
RESTS_ON = {
    "events": {"sources", "references of responds_to"},
    "coverage": {"days in period"},
    "sources": {"passages", "sources"},
    "disputes": {"disputes"},
    "participants": {"levels"},
}
"""Rules that cannot be judged while rows of a table cannot be read, since they miss them."""


def faults(
    dataset: Dataset,
    additions: dict,
    names: dict,
    given: list[str],
    known: list[tuple],
    complete: bool = True,
) -> list[tuple]:
    """List what would be wrong with the data after the additions and is not wrong before.

    As in :func:`jkrel.check.problems`, cells come first, then keys, then rules; but a row at fault
    is left out of the steps that follow, and the others are judged all the same.

    Parameters
    ----------
    dataset : Dataset
    additions : dict of str to DataFrame
        Rows for the tables, as strings; the index is the row of the file they come from.
    names : dict of str to str
        The file from which the rows of a table come.
    given : list of str
        Of ``sources`` and ``coverage``, those that were described; the others are not judged.
    known : list of tuple
        Problems that are known already, and not told again.
    complete : bool
        Whether the additions have all rows of the file; rules that need them all are not judged
        otherwise.
    """
    told = [*known, *missing(dataset, additions, given)]
    joined, found = _joined(dataset, additions)
    columns = {f[3] for f in found if f[1] in PROPOSED}
    spoilt = {f[1:3] for f in found if not _is_text(dataset.codebook.tables[f[1]], f[3])}
    told += _placed(found, joined, dataset, additions, names, given, told)
    unread = {name for name in ("disputes", "participants") if _names(known, names.get(name))}
    for step in (check.KEYS, rules.RULES):
        part, before = _without(joined, dataset, additions, spoilt), set(_faults(dataset, step))
        held = [rule for rule in step if _name(rule) not in WHOLE]
        found = _faults(part, held) + _faults(joined, _whole(step, columns, complete))
        found = [f for f in found if f not in before]
        tables = {"events" if table in PROPOSED else table for table, _ in spoilt} | unread
        tables |= set() if complete else {"events"}
        hidden = set().union(*(RESTS_ON.get(table, set()) for table in tables))
        shown = [f for f in found if not {f[0], f"{f[0]} of {f[3]}"} & hidden]
        told += _placed(shown, joined, dataset, additions, names, given, told)
        spoilt |= {f[1:3] for f in found}
        columns |= {f[3] for f in found if f[1] in PROPOSED}
    return told[len(known) :]


def _whole(step: list, columns: set, complete: bool) -> list:
    """Choose the rules that need all events and read none of the columns in which one is wrong."""
    named = [rule for rule in step if _name(rule) in WHOLE]
    return [rule for rule in named if complete and not WHOLE[_name(rule)] & columns]


def missing(dataset: Dataset, additions: dict, given: list[str]) -> Iterator[tuple]:
    """List every cell that an article and its window need and that was not given."""
    for name, option in DESCRIBED.items():
        row = additions[name].iloc[0] if name in given else {}
        for column in dataset.codebook.tables[name].columns if name in given else ():
            cited = name == "sources" and row["kind"] == "article" and column.name in rules.ARTICLE
            if (column.required or cited) and not row[column.name]:
                message = f"is empty; add {option} {column.name}=VALUE: {column.description}"
                yield f"{name}.csv", "", column.name, "", "required", message.rstrip(".")


def rows_of(table: pd.DataFrame, ids: set, source_id: str) -> pd.Series:
    """Tell which rows of a table belong to these events or to this source."""
    out = pd.Series(False, index=table.index)
    if "event_id" in table:
        out |= table["event_id"].isin(ids)
    if "source_id" in table:
        out |= table["source_id"].eq(source_id).fillna(False).astype(bool)
    return out


def _names(problems: list[tuple], file: str | None) -> bool:
    return any(problem[0] == file for problem in problems)


def _is_text(table: Table, name: str) -> bool:
    """Whether a column holds words that no rule reads, such as a summary."""
    (column,) = (column for column in table.columns if column.name == name)
    return _is_plain(column) and name not in (*table.key, *(key[0] for key in table.references))


def _is_plain(column: Column) -> bool:
    return column.type == "string" and column.codes is None and column.list_of is None


def _joined(dataset: Dataset, additions: dict) -> tuple[Dataset, list[tuple]]:
    """Put new rows after those of the data, typed; list the cells that cannot be typed."""
    tables, found = dict(dataset.tables), []
    for name, rows in additions.items():
        table = dataset.codebook.tables[name]
        frame, problems = typed(as_cells(rows), table, dataset.codebook)
        size = len(tables[name])
        found += [(rule, name, row - 2 + size, c, m) for _, row, c, _, rule, m in problems]
        tables[name] = pd.concat([tables[name], frame], ignore_index=True)
    return Dataset(dataset.codebook, tables), found


def _without(joined: Dataset, dataset: Dataset, additions: dict, spoilt: set) -> Dataset:
    """Leave out new rows at fault, and what other tables tell of their events."""
    tables, gone, sizes = dict(joined.tables), set(), {n: len(dataset.tables[n]) for n in additions}
    at_fault = {
        (t, additions[t].index[i - sizes[t]]) for t, i in spoilt if i >= sizes.get(t, i + 1)
    }
    lines = {line for table, line in at_fault if table in PROPOSED}
    for name in [n for n in additions if n not in DESCRIBED]:
        new = joined.tables[name].iloc[sizes[name] :]
        own = lines if name in PROPOSED else {line for table, line in at_fault if table == name}
        out = new[additions[name].index.isin(own) | new["event_id"].isin(gone)]
        gone |= {*out["event_id"]} if name == "events" else set()
        tables[name] = joined.tables[name].drop(index=out.index)
    return Dataset(dataset.codebook, tables)


def _placed(
    found: list[tuple], joined: Dataset, dataset: Dataset, additions: dict, names, given, told
) -> list[tuple]:
    """Name file, row and column of faults as the person has them, but for cells told already."""
    ignored, cells = {*DESCRIBED} - {*given}, {problem[:3] for problem in told}
    # A window that is not described yet takes the days of the events: where these are taken, no
    # description but another series would mend it.
    placed = []
    for rule, table, index, column, message in found:
        file, row = dataset.codebook.tables[table].path, index + 2
        value, size = as_text(joined.tables[table].at[index, column]), len(dataset.tables[table])
        if index >= size:
            file, row = names.get(table, file), additions[table].index[index - size]
        column = AS_PROPOSED.get(column, column) if table == "event_sources" else column
        message = REMEDIES.get((rule, table, column), message)
        unseen = table in ignored and (rule, table, column) not in REMEDIES
        if not unseen and (file, row, column) not in cells:
            placed.append((file, row, column, value, rule, message))
    return placed


def _faults(dataset: Dataset, step: list) -> list[tuple]:
    """Return the faults that rules find: rule, table, index, column, message."""
    return [(_name(rule), *fault) for rule in step for fault in rule(dataset)]


def _name(rule) -> str:
    return rule.__name__.replace("_", " ")
