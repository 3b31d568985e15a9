"""The tables as a :class:`Dataset`: load, select, join, and go back to the sources."""

import difflib
import hashlib
import itertools
import os
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from jkrel import codebook as codebooks
from jkrel.codebook import Codebook
from jkrel.reading import DataError, as_frame, read_strings, typed

DEFAULT = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True, repr=False)
class Dataset:
    """Typed tables of one data folder, each an attribute (``dataset.events``).

    Dates are dates, codes are ordered categoricals in codebook order, list columns hold tuples,
    and empty cells are missing. Methods return new objects; nothing is changed in place.

    Attributes
    ----------
    codebook : Codebook
        Titles, definitions, labels and orders of everything in the tables.
    tables : dict of str to DataFrame
        All tables and code lists by name.
    """

    codebook: Codebook
    tables: dict[str, pd.DataFrame]

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in self.tables:
            raise AttributeError(f"no table {name!r}; there are: {', '.join(self.tables)}")
        return self.tables[name]

    def __dir__(self):
        return [*super().__dir__(), *self.tables]

    def __repr__(self) -> str:
        shown = [t for t in self.codebook.tables.values() if not t.is_code_list]
        rows = [f"{len(self.tables[table.name])} {table.name}" for table in shown]
        days = self.events["date_start"]
        period = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}" if len(days) else "none"
        lines = [f"jkrel data {self.version}", f"  rows: {', '.join(rows)}", f"  events: {period}"]
        for series, windows in self.coverage.groupby("series", observed=True):
            spans = [
                f"{w.start:%Y-%m-%d} to {w.end:%Y-%m-%d} ({w.completeness})"
                for w in windows.sort_values("start").itertuples()
            ]
            lines.append(f"  {series}: {', '.join(spans)}")
        return "\n".join(lines)

    @property
    def version(self) -> str:
        """Version of the data, from ``datapackage.json``."""
        return self.codebook.package["version"]

    def fingerprint(self) -> str:
        """Return a short hash of all data files: the same data give the same letters."""
        digest = hashlib.sha256()
        for table in self.codebook.tables.values():
            digest.update((self.codebook.directory / table.path).read_bytes())
        return digest.hexdigest()[:12]

    def sel(self, period=None, source=None, series=None, **values) -> "Dataset":
        """Select events, and the rows of other tables that belong to them.

        Parameters
        ----------
        period : str or pair, optional
            ``"2022-09:2022-12"``, ``"2024"``, or a pair of dates; both ends belong to it. An
            event belongs to the period in which it starts.
        source, series : str or list of str, optional
            Events that one of these sources (series) tells.
        **values
            A column of ``events`` and the value, or list of values, wanted. In list columns
            (actors, other_issues ...) one match is enough.

        Returns
        -------
        Dataset
            Same tables, fewer rows.

        Raises
        ------
        KeyError
            If a column or code does not exist; the message names the nearest.

        Examples
        --------
        >>> load().sel(period="2024-01:2024-04", issue=["territory", "war_memory"], actors="KOR")
        """
        keep = pd.Series(True, index=self.events.index)
        if period is not None:
            keep &= self.events["date_start"].between(*_period(period))
        for name, wanted in (("source_id", source), ("series", series)):
            if wanted is not None:
                told = self.event_sources[_matches(self, "event_sources", name, wanted)]
                keep &= self.events["event_id"].isin(told["event_id"])
        for name, wanted in values.items():
            keep &= _matches(self, "events", name, wanted)
        return self.only(self.events.loc[keep, "event_id"])

    def only(self, event_ids) -> "Dataset":
        """Keep the events with these ids and the rows of other tables that belong to them."""
        ids = set(event_ids)
        names = [name for name, table in self.tables.items() if "event_id" in table]
        kept = {n: self.tables[n][self.tables[n]["event_id"].isin(ids)] for n in names}
        return replace(
            self, tables=self.tables | {n: t.reset_index(drop=True) for n, t in kept.items()}
        )

    def with_codes(self, column: str, *attributes: str) -> pd.DataFrame:
        """Return the events with attributes of a code beside them; no row is added or lost.

        Parameters
        ----------
        column : str
            A code column of ``events``, such as ``event_type``.
        *attributes : str
            Columns of its code list, such as ``label``, ``goldstein``; each arrives under the
            name ``column_attribute``.

        Returns
        -------
        DataFrame
            As many rows as ``events``, in the same order.
        """
        codes = self.codes_of(column)
        added = {f"{column}_{a}": self.events[column].map(codes[a]).to_numpy() for a in attributes}
        return self.events.assign(**added)

    def dyads(self) -> pd.DataFrame:
        """Return directed dyads, the second unit of analysis: actor toward target.

        A one-sided act gives one row for each actor and recipient; a joint act one row for each
        ordered pair of its actors, as in CAMEO and PLOVER data. Acts at home, with neither
        recipient nor second actor, give no row.

        Returns
        -------
        DataFrame
            Columns of ``events`` but actors and recipients, with ``actor`` and ``target`` added.
        """
        rows = [
            (index, actor, target)
            for index, actors, recipients in zip(
                self.events.index, self.events["actors"], self.events["recipients"], strict=True
            )
            for actor, target in _pairs(actors, recipients)
        ]
        pairs = pd.DataFrame(rows, columns=["index", "actor", "target"]).set_index("index")
        return pairs.join(self.events.drop(columns=["actors", "recipients"])).reset_index(drop=True)

    def trace(self, event_ids) -> pd.DataFrame:
        """Return the sources behind events: one row per event and source, with its address.

        Parameters
        ----------
        event_ids : iterable of str, or DataFrame with a column event_id
            The events behind a number.
        """
        if isinstance(event_ids, pd.DataFrame):
            event_ids = event_ids["event_id"]
        told = self.event_sources[self.event_sources["event_id"].isin(set(event_ids))]
        sources = self.sources[["source_id", "publisher", "title", "url"]]
        summary = self.events[["event_id", "date_start", "summary"]]
        told = told.merge(summary, on="event_id", validate="m:1")
        told = told.merge(sources, on="source_id", validate="m:1")
        columns = ["event_id", "date_start", "summary", "source_id", "locator", "publisher", "url"]
        return told[columns].reset_index(drop=True)

    def missing(self, column: str) -> pd.Series:
        """Tell why cells of an events column are empty.

        Returns
        -------
        Series of str
            ``unknown`` where the column applies to the event but no source gives a value,
            ``not applicable`` where it does not apply, and missing where there is a value. Rows
            not yet coded cannot occur: ``jkrel check`` refuses them.
        """
        rule = self._column("events", column).applies_to
        values = self.events[column]
        empty = values.map(len).eq(0) if values.map(type).eq(tuple).all() else values.isna()
        applies = self.events[rule["column"]].isin(rule["values"]) if rule else ~empty
        reason = applies.map({True: "unknown", False: "not applicable"})
        return reason.where(empty).rename(column)

    def codes_of(self, column: str) -> pd.DataFrame:
        """Return the code list of an events column, in codebook order, indexed by code.

        Raises
        ------
        KeyError
            If there is no such column, or it holds no codes.
        """
        name = self._column("events", column).codes
        if name is None:
            raise KeyError(f"{column} is no code column of events")
        return self.tables[name].set_index("code")

    def _column(self, table: str, name: str):
        columns = {column.name: column for column in self.codebook.tables[table].columns}
        if name not in columns:
            raise KeyError(f"no column {name!r} in {table}{_nearest(name, columns)}")
        return columns[name]


def load(directory: str | Path | None = None) -> Dataset:
    """Load the data, all or nothing.

    Parameters
    ----------
    directory : str or Path, optional
        Folder with ``datapackage.json``; by default the folder that the environment variable
        ``JKREL_DATA`` names, else the ``data`` folder of this repository.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        If a file or a cell is not as the codebook has it; lists every problem at once. Rules
        between tables are checked by ``jkrel check``.
    """
    dataset, problems = read(directory)
    if problems:
        raise DataError(as_frame(problems))
    return dataset


def read(directory: str | Path | None = None) -> tuple[Dataset, list[tuple]]:
    """Read what can be read, and list every problem of form and value."""
    codebook = codebooks.read(directory or os.environ.get("JKREL_DATA") or DEFAULT)
    tables, problems = {}, []
    for table in codebook.tables.values():
        strings, faults = read_strings(codebook.directory / table.path, table)
        problems += faults
        if strings is not None:
            tables[table.name], faults = typed(strings, table, codebook)
            problems += faults
    return Dataset(codebook, tables), problems


def _period(period) -> tuple[pd.Timestamp, pd.Timestamp]:
    start, _, end = period.partition(":") if isinstance(period, str) else (period[0], "", period[1])
    end = end or start
    last = pd.Period(end).end_time if isinstance(end, str) else pd.Timestamp(end)
    return pd.Timestamp(start), last


def _matches(dataset: Dataset, table: str, name: str, wanted) -> pd.Series:
    wanted = set(wanted) if isinstance(wanted, list | tuple | set) else {wanted}
    column = dataset._column(table, name)
    known = dataset.codebook.codes.get(column.codes or column.list_of)
    values = dataset.tables[table][name]
    codes = [row["code"] for row in known] if known else list(values.dropna().unique())
    for value in wanted:
        if str(value) not in map(str, codes):
            raise KeyError(f"no {value!r} in {table}.{name}{_nearest(str(value), map(str, codes))}")
    if column.list_of is not None:
        return values.map(lambda items: not wanted.isdisjoint(items)).astype(bool)
    return values.isin(wanted)


def _nearest(name: str, names) -> str:
    near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.4)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _pairs(actors: tuple, recipients: tuple):
    if recipients:
        return itertools.product(actors, recipients)
    return itertools.permutations(actors, 2)
