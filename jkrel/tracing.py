"""Inside a kernel that makes receipts: follow what each value shown was computed from.

The rows behind a value are the keys it carries; if it carries none, those of what it was computed
from. So each expression of a cell reports its value, as it is computed, and each assignment what
its names stand for. The cells compute what they compute without it.
"""

import ast
import builtins
import pickle
from dataclasses import dataclass, field
from itertools import count
from types import GeneratorType

import pandas as pd

from jkrel import codebook, data, lineage

FOLLOWED = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Dict, ast.List, ast.Tuple)
LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp)
SEEN, OVER, SAID, SHOWN = (f"__jkrel_{name}__" for name in ("seen", "over", "said", "shown"))
SHOWING = {"display", "print"}


@dataclass
class Part:
    """An expression of a cell: what it is computed from, and the names that it reads or binds."""

    parts: list[int] = field(default_factory=list)
    reads: tuple[str, str] | None = None
    binds: list[tuple[str, str]] = field(default_factory=list)
    adds: list[tuple[str, str]] = field(default_factory=list)
    shows: str | None = None
    pieces: list = field(default_factory=list)


class Marker(ast.NodeTransformer):
    """Let each expression of a cell report its value to the recorder."""

    def __init__(self):
        self.table: dict[int, Part] = {}
        self.number = count()
        self.scopes: list[tuple[str, set[str] | None]] = [("", None)]
        self.found: list[int] = []
        self.functions: dict[str, list[str]] = {}

    def visit_Module(self, node):
        """Mark a cell."""
        return ast.fix_missing_locations(self.generic_visit(node))

    def visit(self, node):
        """Mark an expression that may carry rows; pass through all others."""
        if isinstance(node, ast.GeneratorExp):  # it is computed only by what takes it
            return self._loop(node)
        if isinstance(node, LOOPS):
            return self._wrapped(node, self._loop)
        if isinstance(node, FOLLOWED) and isinstance(getattr(node, "ctx", None), ast.Load | None):
            inside = self._call if isinstance(node, ast.Call) else self.generic_visit
            return self._wrapped(node, inside)
        return super().visit(node)

    def visit_Lambda(self, node):
        """What a lambda does is part of the call that it is given to."""
        return node

    def visit_Match(self, node):
        """Patterns are no expressions."""
        return node

    def visit_Expr(self, node):
        """Note what a cell may show; a call such as ``lines.append(...)`` adds to a name."""
        adds = [self._scoped(name) for name in _called_on(node.value)]
        self.found = []
        marked = self.visit(node.value)
        node.value = self._report(SHOWN, Part(parts=list(self.found), adds=adds), marked)
        return node

    def visit_FunctionDef(self, node):
        """A function has names of its own, and gives its name the lineage of what it returns."""
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        self.functions[node.name] = [argument.arg for argument in arguments]
        stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _is_stored(n)}
        self.scopes.append((node.name, stored | {argument.arg for argument in arguments}))
        node.body = [self.visit(statement) for statement in node.body]
        self.scopes.pop()
        return node

    def visit_Return(self, node):
        """What is returned is what the name of the function stands for."""
        if node.value is not None:
            node.value = self._bound(node.value, Part(binds=[("", self.scopes[-1][0])]))
        return node

    def visit_Assign(self, node):
        """Names stand for the value; a part assigned adds to what the whole stands for."""
        binds = [self._scoped(n.id) for t in node.targets for n in ast.walk(t) if _is_stored(n)]
        adds = [self._scoped(name) for t in node.targets for name in _roots(t)]
        node.value = self._bound(node.value, Part(binds=binds, adds=adds))
        node.targets = [self.visit(target) for target in node.targets]
        return node

    def visit_AugAssign(self, node):
        """What is added joins what the name stood for."""
        names = [node.target.id] if isinstance(node.target, ast.Name) else _roots(node.target)
        node.value = self._bound(node.value, Part(adds=[self._scoped(name) for name in names]))
        return node

    def visit_For(self, node):
        """The names of a loop stand for what it runs over."""
        names = [self._scoped(n.id) for n in ast.walk(node.target) if _is_stored(n)]
        node.iter = self._bound(node.iter, Part(binds=names))
        node.body = [self.visit(statement) for statement in node.body]
        node.orelse = [self.visit(statement) for statement in node.orelse]
        return node

    def visit_JoinedStr(self, node):
        """A sentence reports its pieces, so that a number in it is known by its expression."""
        part, values, before = Part(), [], self.found
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.found, source = [], ast.unparse(value.value)
                value.value = self.visit(value.value)
                part.pieces.append((self.found, source))
                part.parts += self.found
                value = ast.JoinedStr([value])
            else:
                part.pieces.append(([], None))
            values.append(value)
        self.found = before
        return self._report(SAID, part, ast.List(values, ast.Load()))

    def _loop(self, node):
        """Mark a comprehension: its names stand for what it runs over."""
        own = {n.id for g in node.generators for n in ast.walk(g.target) if _is_stored(n)}
        scope = f"{self.scopes[-1][0]}.{next(self.number)}"
        self.scopes.append((scope, own))
        for generator in node.generators:
            names = [(scope, n.id) for n in ast.walk(generator.target) if _is_stored(n)]
            generator.iter = self._bound(generator.iter, Part(binds=names))
            generator.ifs = [self.visit(test) for test in generator.ifs]
        for name in ("elt", "key", "value"):
            if hasattr(node, name):
                setattr(node, name, self.visit(getattr(node, name)))
        self.scopes.pop()
        return node

    def _wrapped(self, node, visit):
        part, before = Part(), self.found
        self.found = []
        if isinstance(node, ast.Name):
            part.reads = self._scoped(node.id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            part.shows = node.func.id if node.func.id in SHOWING else None
            part.reads = "", node.func.id
        marked = visit(node)
        part.parts, self.found = self.found, before
        return self._report(SEEN, part, marked)

    def _call(self, node):
        """Mark a call: the arguments of a function of the notebook stand for what it is given."""
        if not isinstance(node.func, ast.Name):
            return self.generic_visit(node)
        name = node.func.id
        given = self.functions.get(name, [])
        for place, argument in enumerate(node.args):
            binds = [(name, given[place])] if place < len(given) else []
            starred = isinstance(argument, ast.Starred)
            argument = self.visit(argument) if starred else self._bound(argument, Part(binds=binds))
            node.args[place] = argument
        for keyword in node.keywords:
            binds = [(name, keyword.arg)] if keyword.arg in given else []
            keyword.value = self._bound(keyword.value, Part(binds=binds))
        return node

    def _bound(self, value, part: Part):
        before, self.found = self.found, []
        marked = self.visit(value)
        part.parts, self.found = self.found, before
        return self._report(OVER, part, marked)

    def _report(self, name: str, part: Part, value):
        number = next(self.number)
        self.table[number] = part
        self.found.append(number)
        return ast.Call(ast.Name(name, ast.Load()), [ast.Constant(number), value], [])

    def _scoped(self, name: str) -> tuple[str, str]:
        for scope, own in reversed(self.scopes):
            if own is None or name in own:
                return scope, name
        return "", name


def _is_stored(node) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _roots(target) -> list[str]:
    """Return the names of which a part is assigned: ``rates`` in ``rates.loc[name] = ...``."""
    found = []
    for part in ast.walk(target):
        if isinstance(part, ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store):
            while isinstance(part, ast.Subscript | ast.Attribute):
                part = part.value
            found += [part.id] if isinstance(part, ast.Name) else []
    return found


def _called_on(value) -> list[str]:
    """Return the name that a statement calls a method of: ``lines`` in ``lines.append(...)``."""
    while isinstance(value, ast.Call | ast.Attribute | ast.Subscript):
        value = value.func if isinstance(value, ast.Call) else value.value
    return [value.id] if isinstance(value, ast.Name) else []


def changed(statement) -> set[str]:
    """Return the names whose values a statement changes in place."""
    if isinstance(statement, ast.Expr):
        return set(_called_on(statement.value))
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {name for target in targets for name in _roots(target)}


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
        self.gathered: dict[int, frozenset] = {}
        self.bound: dict[tuple[str, str], frozenset] = {}
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
        if not found and not isinstance(value, data.Dataset):
            found = self._told_apart(value, behind | touched)
        self.gathered[number] = self.gathered.get(number, frozenset()) | found
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
        self.gathered[number] = self.gathered.get(number, frozenset()) | found
        for name in part.binds:
            self.bound[name] = found
        for name in part.adds:
            self.bound[name] = self.bound.get(name, frozenset()) | found
        return value

    def said(self, number: int, values: list[str]) -> str:
        """Put a sentence together, and note which expression each piece comes from."""
        part, start, pieces = self.marker.table[number], 0, []
        for text, (parts, source) in zip(values, part.pieces, strict=True):
            found = frozenset().union(*(self.gathered.get(p, ()) for p in parts))
            pieces.append((start, start + len(text), source, found or self._here()))
            start += len(text)
        self.gathered[number] = self.gathered.get(number, frozenset()) | self._behind(part)
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
        name = id(value), len(value) if hasattr(value, "__len__") else 0
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

    made, attribute, order = (
        *(data.Dataset.__init__, codebook.Codebook.attribute),
        codebook.Codebook.order,
    )

    def __init__(self, codebook, tables, whole=None):
        watched = Tables(tables)
        watched.keys_of = {name: table.key for name, table in codebook.tables.items()}
        made(self, codebook, watched, whole)
        recorder.known.learn(self)

    def watched_attribute(self, name, column):
        recorder.looked_up(name)
        return attribute(self, name, column)

    def watched_order(self, name):
        recorder.looked_up(name)
        return order(self, name)

    data.Dataset.__init__ = __init__
    codebook.Codebook.attribute = watched_attribute
    codebook.Codebook.order = watched_order
