"""Two states of the data: rows added, removed and recoded, and the reason that stands for each."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from jkrel import codebook as codebooks
from jkrel.codebook import DESCRIPTOR, Codebook, Table
from jkrel.data import DEFAULT
from jkrel.reading import as_strings, read_strings

COLUMNS = ["table", "key", "kind", "column", "old", "new", "reason"]
NOTEBOOKS = "notebooks"
EXEMPT = {
    "changes": "it is the record of reasons itself",
    "proposal_scores": "they follow from what is scored",
}
"""Tables whose changed values and removed rows need no reason, and why."""


@contextmanager
def folder(place: str | Path) -> Iterator[Path]:
    """Give the data folder that a path or a git revision names; notebooks may stand beside it.

    Parameters
    ----------
    place : str or Path
        A folder with ``datapackage.json``, or a revision of this repository such as ``v0.3.0``.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if (Path(place) / DESCRIPTOR).is_file():
        yield Path(place)
        return
    folders = [DEFAULT.name, NOTEBOOKS]
    command = ["git", "-C", str(DEFAULT.parent), "archive", str(place), *folders]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise ValueError(f"{place}: neither a data folder nor a revision ({said})")
    with tempfile.TemporaryDirectory() as temporary:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(temporary, filter="data")
        yield Path(temporary) / DEFAULT.name


def rows(old: str | Path, new: str | Path) -> pd.DataFrame:
    """List what differs between two data folders, row by row and cell by cell.

    Rows are matched by the key of their table. A column that only one folder knows is told once,
    not for each row.

    Parameters
    ----------
    old, new : str or Path
        Folders with ``datapackage.json``.

    Returns
    -------
    DataFrame
        A row per difference: table, key, kind (table added or removed, column added or removed,
        row added or removed, recoded), column, old, new, reason. The reason is that of the row of
        ``changes`` which gives the cell its new value, and of ``released_events`` for an event that
        is gone; empty if none stands.
    """
    before, after = codebooks.read(old), codebooks.read(new)
    found = []
    for name in dict.fromkeys([*before.tables, *after.tables]):
        if name in before.tables and name in after.tables:
            found += _table(name, before, after)
        else:
            kind = "table added" if name in after.tables else "table removed"
            found.append((name, "", kind, "", "", ""))
    frame = pd.DataFrame(found, columns=COLUMNS[:-1])
    return frame.assign(reason=_reasons(frame, after))


def unexplained(found: pd.DataFrame) -> pd.DataFrame:
    """Return the differences that need a reason and have none.

    A value that was changed and a row that is gone need one. Additions do not; columns and tables
    are told of in the changelog. The tables in ``EXEMPT`` need none.
    """
    return found[_open(found) & ~found["table"].isin(EXEMPT)]


def exempt(found: pd.DataFrame) -> pd.DataFrame:
    """Return the differences without a reason that would need one in another table."""
    return found[_open(found) & found["table"].isin(EXEMPT)]


def counted(found: pd.DataFrame) -> str:
    """Say how many differences there are, how many lack a reason, and how many need none."""
    said = f"{len(found):,} differences, {len(unexplained(found)):,} of them without a reason"
    spared = exempt(found)["table"].value_counts()
    if spared.empty:
        return said
    why = "; ".join(f"{table}: {EXEMPT[table]}" for table in spared.index)
    return f"{said}, {spared.sum():,} exempt ({why})"


def _open(found: pd.DataFrame) -> pd.Series:
    return found["kind"].isin(["recoded", "row removed"]) & found["reason"].eq("")


def lines(found: pd.DataFrame, most: int | None = None) -> Iterator[str]:
    """Describe each difference in a line: table, key, column, old and new value, reason.

    Of a table with more differences than `most`, only those without a reason have a line; the
    others are counted.
    """
    sizes = found["table"].map(found["table"].value_counts())
    many = sizes.gt(len(found) if most is None else most)
    many &= ~found.index.isin(unexplained(found).index)
    for (table, kind), rows in found[many].groupby(["table", "kind"], sort=False):
        yield f"{table}: {len(rows):,} of the kind {kind!r}; --all lists them"
    yield from _each(found[~many])


def _each(found: pd.DataFrame) -> Iterator[str]:
    for table, key, kind, column, old, new, reason in found.itertuples(index=False):
        place = " ".join(part for part in (table, key, column) if part)
        values = f" {old!r} -> {new!r}" if kind == "recoded" else ""
        because = f" ({reason})" if reason else ""
        yield f"{place}: {kind}{values}{because}"


def _read(book: Codebook, table: Table) -> pd.DataFrame:
    """Read a table as strings, its key joined into the index."""
    columns, problems = read_strings(book.directory / table.path, table)
    if problems:
        raise ValueError("; ".join(str(part) for part in problems[0] if part))
    frame = as_strings(columns)
    return frame.set_axis(frame[list(table.key)].agg(" ".join, axis=1))


def _table(name: str, before: Codebook, after: Codebook) -> Iterator[tuple]:
    old, new = (_read(book, book.tables[name]) for book in (before, after))
    for column in new.columns.difference(old.columns, sort=False):
        yield name, "", "column added", column, "", ""
    for column in old.columns.difference(new.columns, sort=False):
        yield name, "", "column removed", column, "", ""
    for key in new.index.difference(old.index, sort=False):
        yield name, key, "row added", "", "", ""
    for key in old.index.difference(new.index, sort=False):
        yield name, key, "row removed", "", "", ""
    both = old.index.intersection(new.index, sort=False)
    for column in old.columns.intersection(new.columns, sort=False):
        was, now = old.loc[both, column], new.loc[both, column]
        for key in both[was.ne(now)]:
            yield name, key, "recoded", column, was[key], now[key]


def _reasons(found: pd.DataFrame, after: Codebook) -> list[str]:
    """Look up the reason of each difference."""
    changes = _read(after, after.tables["changes"])
    cells = zip(
        changes["table"], changes["record_id"], changes["field"], changes["new"], strict=True
    )
    recorded = dict(zip(cells, changes["reason"], strict=True))
    retired = {}
    if "released_events" in after.tables:
        retired = _read(after, after.tables["released_events"])["reason"].to_dict()
    return [
        retired.get(key.split(" ")[0], "")
        if kind == "row removed"
        else recorded.get((table, key.split(" ")[0], column, new), "")
        for table, key, kind, column, _, new in found.itertuples(index=False)
    ]
