"""What a review found, and its report: what to settle, what was edited, how to merge."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from jkrel.reading import counted, gathered

TO_SAY = "TODO"
"""Stands where a person is to write; the check of the data refuses it, should it stay."""
SHELL = re.compile(r'["$`\\!\n]')
"""Signs that mean something to a shell between double quotes."""
FILL_IN = (
    f"with your words for each {TO_SAY} (reason: one sentence, with its full stop), and journal=, "
    "volume=, number=, pages= and url= after --article if there are any"
)


@dataclass(frozen=True)
class Review:
    """What stands in an edited proposal; ``str()`` of it is the report to print.

    Attributes
    ----------
    name : str
        Name of the file.
    problems, conflicts : DataFrame
        As :func:`jkrel.check.problems`. Problems are cells and rules of the new rows; conflicts
        are what the data hold already: the source, its entries, events that may be the same, and
        codes that differ from those of the event named in ``same_as``.
    changed : DataFrame
        One row per changed cell: event_id, column, proposed, now.
    added, removed : DataFrame
        Rows that only the edited file has, and rows that only the proposal had.
    kept : DataFrame
        One row per variable, over the events of both files: proposed (values proposed), kept,
        share (kept of proposed), filled (values given where none was proposed).
    additions : dict of str to DataFrame
        Rows for the tables of the data, as strings, by table; the index is the row of the file
        they come from. Empty while there are problems or the source exists.
    rows : int
        Rows read; 0 if the file cannot be read, and nothing is compared then.
    compared : bool
        Whether the untouched copy was given, or found beside the file.
    left_out : list of str
        Entries that were proposed and that the file has no more.
    merging : dict of str to dict
        Cells that a merge takes, by option: those given, those presumed, and ``TODO`` for others
        that it needs. Empty if no row can be told.
    joins : bool
        Whether rows tell events of the data, so that the merge joins them.
    files : list of str
        The proposal and the files given with it, as words of a command.
    """

    name: str
    problems: pd.DataFrame
    conflicts: pd.DataFrame
    changed: pd.DataFrame
    added: pd.DataFrame
    removed: pd.DataFrame
    kept: pd.DataFrame
    additions: dict[str, pd.DataFrame]
    rows: int
    compared: bool
    left_out: list[str]
    merging: dict[str, dict]
    joins: bool
    files: list[str]

    def __str__(self) -> str:
        lines = [*gathered(self.problems), f"{self.name}: {counted(self.problems)}", ""]
        lines += gathered(self.conflicts)
        lines += [f"{self.name}: {len(self.conflicts)} in conflict with the data", ""]
        return "\n".join([*lines, *self._edited(), *self._next()])

    @property
    def command(self) -> str:
        """The command that merges, complete but for what the person is to say; "" if none can."""
        words = ["jkrel", "merge", *map(shlex.quote, self.files)]
        unclassed = self.problems["rule"].eq("disputes") & self.problems["column"].eq("event_id")
        if unclassed.any() and "--disputes" not in self.files:
            words += ["--disputes", TO_SAY]
        for option, cells in self.merging.items():
            words += [option, *(_cell(field, value) for field, value in cells.items())]
        return " ".join([*words, *["--join"] * self.joins]) if self.merging else ""

    def _next(self) -> list[str]:
        """Say how to merge."""
        if not self.command:
            return []
        settled = not len(self.problems) + len(self.conflicts)
        start = "Merge" if settled else "Once nothing is left to settle, merge"
        open_ = any(TO_SAY in cells.values() for cells in self.merging.values())
        return ["", f"{start} {FILL_IN}:" if open_ else f"{start}:", self.command]

    def _edited(self) -> list[str]:
        """Say what was edited, and how much of what was proposed was kept."""
        if not self.rows:
            return ["Not compared: the file cannot be read as it is"]
        if not self.compared:
            how = "name the untouched copy that propose wrote with --first FILE"
            return [f"Not compared: no {first_name(self.name)} beside it; {how}"]
        if not len(self.changed) + len(self.added) + len(self.removed):
            return ["Nothing was edited yet"]
        coded = self.changed[self.changed["column"].ne("summary")]
        lines = [f"{r.event_id} {r.column}: {r.proposed!r} → {r.now!r}" for r in coded.itertuples()]
        lines += [f"{event_id}: added" for event_id in self.added["event_id"]]
        lines += [f"{event_id}: removed" for event_id in self.removed["event_id"]]
        lines += [f"{entry_id}: entry left out" for entry_id in self.left_out]
        counts = len(self.changed) - len(coded), len(coded), len(self.added), len(self.removed)
        lines += ["{} summaries written, {} other cells changed, {} rows added, {} removed"]
        lines[-1] = lines[-1].format(*counts)
        lines[-1] += f", {len(self.left_out)} entries left out" if self.left_out else ""
        shares = self.kept.assign(share=self.kept["share"].map("{:.0%}".format, na_action="ignore"))
        return [*lines, "", shares.to_string(index=False, na_rep="")]


def first_name(name: str) -> str:
    """Return the name of the untouched copy of a proposal: ``proposed.first.csv``."""
    return str(Path(name).with_suffix(".first.csv"))


def file_words(path, **files) -> list[str]:
    """Put a proposal and the files given with it into the words of a command."""
    given = {option: file for option, file in files.items() if file}
    return [str(path), *(w for option, f in given.items() for w in (f"--{option}", str(f)))]


def _cell(field: str, value: str) -> str:
    """Write a cell of an option, between double quotes where a shell has nothing to read there."""
    return shlex.quote(f"{field}={value}") if SHELL.search(value) else f'{field}="{value}"'
