"""Inside a kernel that makes receipts: follow what each value shown was computed from.

The rows behind a value are the keys it carries; if it carries none, those of what it was computed
from. So each expression of a cell reports its value, as it is computed, and each assignment what
its names stand for.
"""

import ast
import builtins
import pickle
from collections import defaultdict
from types import GeneratorType

import pandas as pd

from jkrel import codebook, data
from jkrel.receipts import lineage
from jkrel.receipts.marking import OVER, SAID, SEEN, SHOWN, Marker, Part


class Recorder:
    """Keeps what expressions reported, and writes it down after each cell.

    Parameters
    ----------
    path : str
        File that takes one pickled record for each cell: ``carriers`` (by number, each once),
        ``result``, ``displays``, ``prints`` (numbers of the carriers behind what was shown) and
        ``said`` (each sentence with its pieces: start, end, expression, carriers).
    """

    def __init__(self, path: str):
        self.path, self.marker, self.known = path, Marker(), lineage.Keys()
        self.carriers: list[lineage.Carrier] = []
        self.numbers: dict[int, int] = {}
        self.written: set[int] = set()
        self.cell = -1
        self.gathered: dict[int, frozenset] = defaultdict(frozenset)
        self.bound: dict[tuple[str, str], frozenset] = defaultdict(frozenset)
        self.touched: dict[str, tuple] = {}
        keys = {"datapackage": [lineage.EVERY]}
        self.book = lineage.Carrier(keys, rank=lineage.CODEBOOK, whole=True)
        self.tables: dict[tuple, int] = {}
        self.tables_kept: list = []
        self._begin()

    def _begin(self) -> None:
        self.values: dict[tuple, tuple] = {}
        self.record = {"result": frozenset(), "displays": [], "prints": frozenset(), "said": []}
        self.setting = None

    def visit(self, tree: ast.Module) -> ast.Module:
        """Mark the next cell, as IPython asks of what changes its code."""
        self.cell += 1
        return self.marker.visit(tree)

    def seen(self, number: int, value):
        """Note the lineage of an expression: what its value carries, else that of its parts."""
        part = self.marker.table[number]
        behind, touched = self._behind(part), self._taken()
        if part.reads:
            behind |= self.bound.get(part.reads, frozenset())
        found = self._of(value)
        if isinstance(value, dict | list | tuple):  # some of its members may carry no keys
            found |= behind | touched
        elif not found and not isinstance(value, data.Dataset):
            found = self._told_apart(value, behind | touched)
        self.gathered[number] |= found
        if part.shows == "display":
            self.record["displays"].append(found or self._here())
        elif part.shows == "print":
            self.record["prints"] |= found or self._here()
        return value

    def over(self, number: int, value):
        """Note what names stand for from here on."""
        part = self.marker.table[number]
        if isinstance(value, GeneratorType):
            value = iter(list(value))  # its parts report when it is run
        found = self._behind(part)
        if part.binds or part.adds:
            found = found or self._here()
        self.gathered[number] |= found
        for name in part.binds:
            self.bound[name] = found
        for name in part.adds:
            self.bound[name] |= found
        return value

    def said(self, number: int, values: list[str]) -> str:
        """Put a sentence together, and note which expression each piece comes from."""
        part, start, pieces = self.marker.table[number], 0, []
        for text, (parts, source) in zip(values, part.pieces, strict=True):
            found = frozenset().union(*(self.gathered.get(p, ()) for p in parts))
            pieces.append((start, start + len(text), source, found or self._here()))
            start += len(text)
        self.gathered[number] |= self._behind(part)
        sentence = "".join(values)
        self.record["said"].append((sentence, pieces))
        return sentence

    def shown(self, number: int, value):
        """Note the lineage of a statement whose value a cell may show."""
        part = self.marker.table[number]
        self.record["result"] = found = self._behind(part)
        for name in part.adds:
            if name in self.bound:
                self.bound[name] |= found
        return value

    def touch(self, name: str, frame, key: tuple[str, ...]) -> None:
        """Note that a table of a dataset was read."""
        self.touched[name] = frame, key

    def looked_up(self, name: str) -> None:
        """Note that a list of codes was read from the codebook."""
        if self.known.learned:
            self.touched[name] = self.known.learned[name], ("code",)

    def write(self, _=None) -> None:
        """Write the record of a cell that has run."""
        if self.cell < 0:  # the line that starts the recorder ends like a cell
            return
        self.record["result"] |= self._taken()
        self.record["result"] = self.record["result"] or self._here()
        behind = [*self.record["displays"], self.record["result"], self.record["prints"]]
        behind += [found for _, pieces in self.record["said"] for *_, found in pieces]
        new = frozenset().union(*behind) - self.written
        self.record["carriers"] = {number: self.carriers[number] for number in new}
        self.written |= new
        with open(self.path, "ab") as file:
            pickle.dump(self.record, file)
        self.gathered.clear()
        self._begin()

    def _behind(self, part: Part) -> frozenset:
        return frozenset().union(*(self.gathered.pop(p, ()) for p in part.parts))

    def _of(self, value) -> frozenset:
        if isinstance(value, lineage.PLAIN) or callable(value):
            return frozenset()
        if isinstance(value, codebook.Codebook | codebook.Table | codebook.Column):
            return frozenset([self._add(self.book)])
        name = id(value), _size(value)
        if name not in self.values:
            found = lineage.of_value(value, self.known)
            self.values[name] = value, frozenset(map(self._add, found))
        return self.values[name][1]

    def _add(self, carrier: lineage.Carrier) -> int:
        """Return the number of a carrier, which is new or known."""
        if id(carrier) not in self.numbers:
            self.numbers[id(carrier)] = len(self.carriers)
            self.carriers.append(carrier)
        return self.numbers[id(carrier)]

    def _taken(self) -> frozenset:
        """Return the tables read since the last expression was noted."""
        found = set()
        for name, (frame, key) in self.touched.items():
            if (name, id(frame)) not in self.tables:
                self.tables_kept.append(frame)
                carrier = lineage.of_table(name, frame, self.known, key)
                self.tables[name, id(frame)] = self._add(carrier)
            found.add(self.tables[name, id(frame)])
        self.touched.clear()
        return frozenset(found)

    def _told_apart(self, value, behind: frozenset) -> frozenset:
        """Narrow to the label of a row that was taken out of a table."""
        if not isinstance(value, pd.Series) or value.name is None:
            return behind
        parts = value.name if isinstance(value.name, tuple) else [value.name]
        labels = [lineage.Label("", (part,)) for part in parts if isinstance(part, str)]
        behind = [self.carriers[number] for number in sorted(behind)]
        return frozenset(map(self._add, lineage.narrow(behind, labels)))

    def _here(self) -> frozenset:
        """Return the cell itself, which sets a value that stands on nothing else."""
        if self.setting is None:
            keys = {"cell": [str(self.cell)]}
            self.setting = frozenset([self._add(lineage.Carrier(keys, rank=lineage.CELL))])
        return self.setting


def start(path: str) -> None:
    """Follow all cells that this kernel runs from now on, into a file."""
    from IPython import get_ipython

    recorder, shell = Recorder(path), get_ipython()
    for name, report in (
        (SEEN, recorder.seen),
        (OVER, recorder.over),
        (SAID, recorder.said),
        (SHOWN, recorder.shown),
    ):
        setattr(builtins, name, report)
    shell.ast_transformers.append(recorder)
    shell.events.register("post_run_cell", recorder.write)
    _watch(recorder)


def _watch(recorder: Recorder) -> None:
    """Let datasets tell which of their tables are read, and codebooks which of their lists."""

    class Tables(dict):
        def __getitem__(self, name):
            frame = super().__getitem__(name)
            recorder.touch(name, frame, self.keys_of[name])
            return frame

    made = data.Dataset.__init__

    def __init__(self, codebook, tables, whole=None):
        watched = Tables(tables)
        watched.keys_of = {name: table.key for name, table in codebook.tables.items()}
        made(self, codebook, watched, whole)
        recorder.known.learn(self)

    def watched(method):
        def looked_up(self, name, *given, **options):
            recorder.looked_up(name)
            return method(self, name, *given, **options)

        return looked_up

    data.Dataset.__init__ = __init__
    for name in ("attribute", "order"):
        setattr(codebook.Codebook, name, watched(getattr(codebook.Codebook, name)))


def _size(value) -> int:
    """Return the length of a value, 0 for one that has none or, as a lazy table, refuses it."""
    try:
        return len(value)
    except Exception:  # whatever a class of another package raises
        return 0
