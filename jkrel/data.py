"""The tables as a :class:`Dataset`: load, select, join, and go back to the sources."""

import difflib
import hashlib
import itertools
import os
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from jkrel import codebook as codebooks
from jkrel.codebook import DESCRIPTOR, Codebook
from jkrel.reading import DataError, as_frame, as_text, code_list_problems, read_strings, typed

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
    whole : dict of str to DataFrame, optional
        The tables before any selection, from which a value is known to exist.
    """

    codebook: Codebook
    tables: dict[str, pd.DataFrame]
    whole: dict[str, pd.DataFrame] | None = None

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables = self.__dict__.get("tables", {})
        if name not in tables:
            raise AttributeError(f"no table {name!r}; there are: {', '.join(tables)}")
        return tables[name]

    def __dir__(self):
        return [*super().__dir__(), *self.tables]

    def __repr__(self) -> str:
        shown = [t for t in self.codebook.tables.values() if not t.is_code_list]
        rows = [f"{len(self.tables[table.name])} {table.name}" for table in shown]
        days = self.events["date_start"]
        period = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}" if len(days) else "none"
        lines = [f"jkrel data {self.version}", f"  rows: {', '.join(rows)}", f"  events: {period}"]
        of_events = self.coverage[self.coverage["series"].isin(self.event_sources["series"])]
        for series, windows in of_events.groupby("series", observed=True):
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

    @property
    def pair(self) -> tuple[str, ...]:
        """The two states that the data are about, in codebook order (``codes/actors.csv``)."""
        actors = self.tables["actors"]
        return tuple(actors.loc[actors["leading"].astype(bool), "code"])

    def fingerprint(self) -> str:
        """Return a short hash of all data files: the same data give the same letters."""
        digest = hashlib.sha256()
        paths = [table.path for table in self.codebook.tables.values()]
        for path in [DESCRIPTOR, *paths]:
            digest.update((self.codebook.directory / path).read_bytes())
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
        ValueError
            If the period is malformed, or `series` did not look anywhere in it.

        Examples
        --------
        >>> load().sel(period="2024-01:2024-04", issue=["territory", "war_memory"], actors="KOR")
        """
        keep = pd.Series(True, index=self.events.index)
        if period is not None:
            keep &= self.events["date_start"].between(*ends(period))
            self._looked_at(series, *ends(period))
        for name, wanted in (("source_id", source), ("series", series)):
            if wanted is not None:
                told = self.event_sources[_matches(self, "event_sources", name, wanted)]
                keep &= self.events["event_id"].isin(told["event_id"])
        for name, wanted in values.items():
            keep &= _matches(self, "events", name, wanted)
        return self.only(self.events.loc[keep, "event_id"])

    def during(self, period=None) -> "Dataset":
        """Keep the events of a period, and of each window of coverage what lies in it.

        Rates need both: where :meth:`sel` leaves events out, the days on which they were looked
        for stay, and would count as days without any.

        Parameters
        ----------
        period : str or pair, optional
            As in :meth:`sel`; everything is kept without one.
        """
        if period is None:
            return self
        chosen, (first, last) = self.sel(period=period), ends(period)
        rows = self.coverage[self.coverage["start"].le(last) & self.coverage["end"].ge(first)]
        days = {"start": rows["start"].clip(lower=first), "end": rows["end"].clip(upper=last)}
        days["last_entry"] = rows["last_entry"].clip(upper=last)
        return replace(chosen, tables=chosen.tables | {"coverage": rows.assign(**days)})

    def only(self, event_ids) -> "Dataset":
        """Keep the events with these ids and the rows of other tables that belong to them."""
        ids = _ids(event_ids)
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
        for name in attributes:
            if name not in codes:
                raise KeyError(f"no {name!r} in the codes of {column}{_nearest(name, codes)}")
        found = codes[list(attributes)].reindex(self.events[column].astype(object))
        return self.events.assign(**{f"{column}_{name}": found[name].array for name in attributes})

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
        """Return the sources behind events, each with its address.

        Parameters
        ----------
        event_ids : str, iterable of str, or DataFrame with a column event_id
            The events behind a number.

        Returns
        -------
        DataFrame
            One row per event, source and place in the source.
        """
        told = self.event_sources[self.event_sources["event_id"].isin(_ids(event_ids))]
        sources = self.sources[["source_id", "publisher", "title", "url"]]
        summary = self.events[["event_id", "date_start", "summary"]]
        told = told.merge(summary, on="event_id", validate="m:1")
        told = told.merge(sources, on="source_id", validate="m:1")
        columns = [
            "event_id",
            "date_start",
            "summary",
            "source_id",
            "locator",
            "publisher",
            "title",
            "url",
        ]
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
        described = self._column("events", column)
        rule, values = described.applies_to, self.events[column]
        empty = values.isna() if described.list_of is None else ~values.astype(bool)
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

    def _looked_at(self, series, start: pd.Timestamp, end: pd.Timestamp) -> None:
        """Refuse a period in which a series has no window: nothing found there means nothing."""
        for name in [series] if isinstance(series, str) else series or []:
            windows = self.coverage[self.coverage["series"].eq(name)]
            if len(windows) and not (windows["start"].le(end) & windows["end"].ge(start)).any():
                raise ValueError(
                    f"{name} was not looked at from {start:%Y-%m-%d} to {end:%Y-%m-%d}"
                )

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


def folder(directory: str | Path | None = None) -> Path:
    """Return the data folder meant: the one given, else that of ``JKREL_DATA``, else our own."""
    return Path(directory or os.environ.get("JKREL_DATA") or DEFAULT)


def read(directory: str | Path | None = None) -> tuple[Dataset, list[tuple]]:
    """Read what can be read, and list every problem of form and value."""
    codebook = codebooks.read(folder(directory))
    if any(codebook.directory.glob(".merge-*")):
        place = f"{codebook.directory}: a merge was interrupted here"
        raise ValueError(f"{place}; `jkrel merge --recover` finishes it or takes it back")
    strings, others, problems = {}, {}, []
    for name, table in codebook.tables.items():
        strings[name], faults = read_strings(codebook.directory / table.path, table)
        if table.is_code_list:
            problems += faults or code_list_problems(strings[name], table)
        else:
            others[name] = faults
    if problems:
        return Dataset(codebook, {}), problems
    problems = [fault for faults in others.values() for fault in faults]
    tables = {}
    for name, cells in strings.items():
        if cells is not None:
            tables[name], faults = typed(cells, codebook.tables[name], codebook)
            problems += faults
    return Dataset(codebook, tables, whole=tables), problems


def _ids(event_ids) -> set[str]:
    if isinstance(event_ids, pd.DataFrame):
        event_ids = event_ids["event_id"]
    return {event_ids} if isinstance(event_ids, str) else set(event_ids)


def ends(period) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and last day of a period: ``2022-09:2022-12``, ``2024``, or a pair."""
    parts = period.split(":") if isinstance(period, str) else list(period)
    if len(parts) > 2 or not all(str(part).strip() for part in parts):
        raise ValueError(f"period {period!r} is not of the form 2022-09:2022-12, 2024, or a pair")
    start, end = pd.Timestamp(parts[0]), parts[-1]
    end = pd.Period(end).end_time.floor("D") if isinstance(end, str) else pd.Timestamp(end)
    if end < start:
        raise ValueError(f"period {period!r} ends before it starts")
    return start, end


def _matches(dataset: Dataset, table: str, name: str, wanted) -> pd.Series:
    """Tell which rows hold a wanted value; values are compared as they stand in the file."""
    column = dataset._column(table, name)
    wanted = wanted if isinstance(wanted, list | tuple | set) else [wanted]
    wanted = {as_text(value) for value in wanted}
    codes = dataset.codebook.codes.get(column.codes or column.list_of)
    whole = (dataset.whole or dataset.tables)[table][name]
    known = {row["code"] for row in codes} if codes else set().union(*whole.map(_items))
    for value in sorted(wanted - known):
        raise KeyError(f"no {value!r} in {table}.{name}{_nearest(value, known)}")
    items = dataset.tables[table][name].map(_items, na_action=None)
    return items.map(lambda found: not wanted.isdisjoint(found)).astype(bool)


def _items(value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (as_text(value),)


def _nearest(name: str, names) -> str:
    near = difflib.get_close_matches(name, list(names), n=3, cutoff=0.4)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _pairs(actors: tuple, recipients: tuple):
    if recipients:
        return itertools.product(actors, recipients)
    return itertools.permutations(actors, 2)
