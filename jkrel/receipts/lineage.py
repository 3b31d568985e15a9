"""Which rows of the data a value carries: its keys, found by name or by what they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

ROWS, CODES, CODEBOOK, CELL = range(4)
"""How near a carrier is to the data: rows, code lists, the codebook, a cell that sets a value."""
EVERY = "*"
"""Stands for all rows of a table."""
GROUP = "(group)"
"""The label that names a frame among several."""
NUMERIC = re.compile(r"[-−+]?[\d.,]+")
PLAIN = (bool, int, float, complex, bytes, type(None), np.generic, pd.Timestamp, pd.Timedelta)


@dataclass
class Keys:
    """The keys of all tables that were loaded.

    Attributes
    ----------
    single : dict of str to str
        Key column and its table, for keys of one column (``event_id``: ``events``).
    several : dict of str to tuple of str
        Table and its key columns, for keys of several.
    tables : dict of str to str
        Each known key value and its table.
    sizes : dict of str to int
        Rows of each whole table.
    codes : set of str
        Tables that are lists of codes.
    labels : dict of str to set of str
        Each label and the codes that bear it.
    """

    single: dict[str, str] = field(default_factory=dict)
    several: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    labels: dict[str, set[str]] = field(default_factory=dict)
    learned: dict | None = None

    def learn(self, dataset) -> None:
        """Take in the tables of a dataset as they stand before any selection."""
        whole = dataset.whole or dataset.tables
        if whole is self.learned or not dataset.codebook.tables.keys() <= whole.keys():
            return
        self.learned = whole
        for name, table in dataset.codebook.tables.items():
            frame = whole[name]
            self.sizes[name] = len(frame)
            if table.is_code_list:
                self.codes.add(name)
                for row in dataset.codebook.codes[name]:
                    self.labels.setdefault(row["label"], set()).add(row["code"])
            elif len(table.key) > 1:
                self.several[name] = table.key
            elif not {key for key, _, _ in table.references} & set(table.key):
                if self.single.setdefault(table.key[0], name) != name:
                    continue  # the first table that has a key is its home
                ids = [key for key in frame[table.key[0]] if isinstance(key, str)]
                self.tables |= dict.fromkeys(ids, name)

    def coded(self, text: str) -> tuple[str, ...]:
        """Return a text, and the codes that it is the label of."""
        return text, *sorted(self.labels.get(text, ()))


class Carrier:
    """Rows of the data behind a value, with the labels by which they can be told apart.

    Parameters
    ----------
    keys : dict of str to list
        For each table the key of each row of the value; None or a tuple of keys where a row has
        none or several.
    labels : callable
        Gives the text of each column and index level, for each row of the value.
    rank : int
        ROWS, CODES, CODEBOOK or CELL.
    whole : bool
        Whether it is a table as a whole.
    """

    def __init__(self, keys: dict[str, list], labels=dict, rank: int = ROWS, whole: bool = False):
        self.keys, self.rank, self.whole, self._labels = keys, rank, whole, labels

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """Text of each column and index level."""
        return self._labels()

    def __reduce__(self):
        return _carrier, (self.keys, self.labels, self.rank, self.whole)

    def rows(self) -> set[tuple[str, str]]:
        """Return table and key of every row; all rows of a table are one."""
        return {(table, EVERY) for table in self.keys} if self.whole else self.held

    @cached_property
    def held(self) -> set[tuple[str, str]]:
        """Table and key of every row, one by one."""
        return {
            (name, key) for name, keys in self.keys.items() for cell in keys for key in each(cell)
        }

    @cached_property
    def places(self) -> dict[str, dict[str, set[int]]]:
        """Places at which each column or level has each text."""
        found: dict[str, dict[str, set[int]]] = {column: {} for column in self.labels}
        for column, cells in self.labels.items():
            for place, text in enumerate(cells):
                found[column].setdefault(text, set()).add(place)
        return found

    @cached_property
    def groups(self) -> set[frozenset]:
        """The rows of each group by itself."""
        return {frozenset(self._at(sorted(n)).held) for n in self.places.get(GROUP, {}).values()}

    def _at(self, places: list[int]) -> "Carrier":
        keys = {table: [cells[n] for n in places] for table, cells in self.keys.items()}
        texts = {name: [cells[n] for n in places] for name, cells in self.labels.items()}
        return _carrier(keys, texts, self.rank, False)

    def narrow(self, labels: Iterable["Label"]) -> "Carrier":
        """Keep the rows that bear labels, where it is plain which column a label is of.

        A label narrows if it names a group of frames; if its axis has the name of a column or
        level that holds it; or if exactly one column holds all labels of its axis. Labels of an
        axis without a name are names of groups only: they may be anything; so are numbers, which
        may be limits as well as values. The carrier itself comes back if no label narrows it.
        """
        kept, used = None, set()
        for label in labels:
            column = self._column(label)
            if column is not None and column not in used:
                found = set().union(*(self.places[column].get(t, ()) for t in label.texts))
                kept = found if kept is None else kept & found
                used.add(column)
        if not kept or len(kept) == len(next(iter(self.labels.values()))):
            return self
        narrowed = self._at(sorted(kept))
        return narrowed if narrowed.held else self

    def _column(self, label: "Label") -> str | None:
        if self._holds(GROUP, label.texts):
            return GROUP
        if NUMERIC.fullmatch(label.texts[0]):
            return None
        if not label.name or label.name in self.places:
            return label.name if self._holds(label.name, label.texts) else None
        holding = [
            column
            for column in self.places
            if all(self._holds(column, texts) for texts in label.axis)
        ]
        return holding[0] if len(holding) == 1 else None

    def _holds(self, column: str, texts: tuple[str, ...]) -> bool:
        return any(text in self.places.get(column, ()) for text in texts)


@dataclass(frozen=True)
class Label:
    """A label of a row or column: the name of its axis, its text, and all labels of the axis.

    Each text stands with the codes that it is the label of.
    """

    name: str
    texts: tuple[str, ...]
    axis: tuple[tuple[str, ...], ...] = ()


def narrow(carriers: list[Carrier], labels: list[Label]) -> list[Carrier]:
    """Narrow carriers to the rows that bear labels (see :meth:`Carrier.narrow`).

    Where a label is the name of a group, the frames of all groups, which have no such name
    themselves, are left out: the label tells which of them is meant.
    """
    grouped = [carrier for carrier in carriers if GROUP in carrier.labels]
    named = {text for label in labels for text in label.texts}
    told = [carrier for carrier in grouped if not named.isdisjoint(carrier.places[GROUP])]
    members = set().union(*(carrier.groups for carrier in told))
    kept = [c for c in carriers if c in told or not members or frozenset(c.held) not in members]
    return [carrier.narrow(labels) for carrier in kept]


def _carrier(keys: dict, labels: dict, rank: int, whole: bool) -> Carrier:
    return Carrier(keys, lambda: labels, rank, whole)


def of_table(name: str, frame: pd.DataFrame, known: Keys, columns: tuple[str, ...]) -> Carrier:
    """Return the carrier of a table of the data, or of the rows that a selection left of it."""
    keys = {name: _joined([frame[column] for column in columns])}
    rank = CODES if name in known.codes else ROWS
    return Carrier(keys, lambda: _labels(frame), rank, len(frame) == known.sizes.get(name))


def of_value(value, known: Keys) -> list[Carrier]:
    """Return what carries rows in a value; nothing if it is a number, a mask, a dataset ..."""
    if isinstance(value, PLAIN):
        return []
    if isinstance(value, str):
        return _of_ids([value], known)
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
        return _of_frame(value, known)
    if isinstance(value, dict):
        return _of_dict(value, known)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return of_value(pd.Series(value._asdict(), dtype=object), known)
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.ravel().tolist()
    if isinstance(value, list | tuple | set | frozenset):
        # Members may be frames; a text in a list is no key by itself.
        parts = [part for part in value if not isinstance(part, str)]
        return _of_ids(value, known) or [c for part in parts for c in of_value(part, known)]
    return []


def _of_ids(values, known: Keys) -> list[Carrier]:
    values = list(values)
    if not values or not all(isinstance(v, str) and v in known.tables for v in values):
        return []
    names = sorted({known.tables[value] for value in values})
    keys = {name: [v if known.tables[v] == name else None for v in values] for name in names}
    return [Carrier(keys, lambda: {"": [str(value) for value in values]})]


def _of_dict(values: dict, known: Keys) -> list[Carrier]:
    """Treat frames under names as one frame, in which the name is a label."""
    parts = [(name, carrier) for name, part in values.items() for carrier in of_value(part, known)]
    if not parts:
        return []
    tables = sorted({table for _, carrier in parts for table in carrier.keys})
    sizes = [len(next(iter(carrier.keys.values()))) for _, carrier in parts]
    keys = {
        table: [
            cell
            for (_, carrier), size in zip(parts, sizes, strict=True)
            for cell in carrier.keys.get(table, [None] * size)
        ]
        for table in tables
    }

    def labels():
        names = [
            _text(name) for (name, _), size in zip(parts, sizes, strict=True) for _ in range(size)
        ]
        columns = dict.fromkeys(c for _, carrier in parts for c in carrier.labels)
        found = {
            column: [
                text
                for (_, carrier), size in zip(parts, sizes, strict=True)
                for text in carrier.labels.get(column, [""] * size)
            ]
            for column in columns
        }
        return found | {GROUP: names}

    return [Carrier(keys, labels)]


def _of_frame(value, known: Keys) -> list[Carrier]:
    if isinstance(value, pd.Series) and value.index.nlevels == 1:
        if any(name in value.index for name in known.single):  # a row of a table
            value = value.to_frame().T
    columns = _columns(value)
    keys = _named(columns, known) or _recognised(columns, known)
    if not keys:
        return []
    whole = len(keys) == 1 and all(
        len(cells) == known.sizes.get(name) == len(set(cells)) for name, cells in keys.items()
    )
    return [Carrier(keys, lambda: _labels(value), whole=whole)]


def _columns(value) -> dict[str, pd.Series | pd.Index]:
    """Return levels and columns by name; unnamed levels get one."""
    index = value if isinstance(value, pd.Index) else value.index
    found = {
        name if isinstance(name, str) else f"(level {place})": index.get_level_values(place)
        for place, name in enumerate(index.names)
    }
    if isinstance(value, pd.Series):
        found[_text(value.name)] = value
    elif isinstance(value, pd.DataFrame):
        found |= {_text(name): value.iloc[:, n] for n, name in enumerate(value.columns)}
    return found


def _named(columns: dict, known: Keys) -> dict[str, list]:
    """Find keys by the names of columns: the finest table whose whole key is there."""
    found = {}
    for table, names in known.several.items():
        if all(name in columns for name in names):
            found[table] = _joined([columns[name] for name in names])
    parts = {name for table in found for name in known.several[table]}
    for name, table in known.single.items():
        if name in columns and name not in parts:
            found[table] = [_key(value) for value in columns[name]]
    if len(found) > 1:  # the source of a row is told by the row
        found.pop("sources", None)
    return {table: cells for table, cells in found.items() if any(map(each, cells))}


def _key(value) -> str | None:
    if isinstance(value, str):
        return value
    number = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return str(value) if number else None


def _joined(columns: list) -> list[str]:
    """Return keys of several columns, as one text each."""
    texts = [["" if pd.isna(value) else str(value) for value in column] for column in columns]
    return ["/".join(parts) for parts in zip(*texts, strict=True)]


def _recognised(columns: dict, known: Keys) -> dict[str, list]:
    """Find keys by what they are: all values of a column are keys of one table."""
    for values in columns.values():
        first = next((key for value in values[:9] for key in each(value)), None)
        if first in known.tables:
            cells = [each(value) for value in values]
            ids = {key for cell in cells for key in cell}
            names = {known.tables.get(key) for key in ids}
            if len(names) == 1 and None not in names:
                return {names.pop(): cells}
    return {}


def each(cell) -> tuple:
    """Return the keys in a cell, which may hold none, one or several."""
    if isinstance(cell, str):
        return (cell,)
    if isinstance(cell, tuple | list | set | frozenset):
        return tuple(key for key in cell if isinstance(key, str))
    return ()


def _labels(value) -> dict[str, list[str]]:
    """Return texts of all columns and levels but those that hold lists."""
    found = {}
    for name, values in _columns(value).items():
        listed = values.dtype == object and any(isinstance(v, tuple | list) for v in values[:3])
        if not listed:
            found[name] = [_text(cell) for cell in values]
    return found


def _text(value) -> str:
    """Return a label as tables show it."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, tuple):
        return " ".join(_text(part) for part in value)
    return "" if value is None else str(value)
