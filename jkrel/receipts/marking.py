"""Mark the code of a cell, so that each expression reports its value as it is computed.

The cells compute what they compute without it: a report hands its value on.
"""

import ast
from dataclasses import dataclass, field
from itertools import count

from jkrel.receipts.dataflow import called_on, roots

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
        adds = [self._scoped(name) for name in called_on(node.value)]
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
        adds = [self._scoped(name) for t in node.targets for name in roots(t)]
        node.value = self._bound(node.value, Part(binds=binds, adds=adds))
        node.targets = [self.visit(target) for target in node.targets]
        return node

    def visit_AugAssign(self, node):
        """What is added joins what the name stood for."""
        names = [node.target.id] if isinstance(node.target, ast.Name) else roots(node.target)
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
        scopes = reversed(self.scopes)  # the outermost, of the notebook, takes any name
        return next((scope, name) for scope, own in scopes if own is None or name in own)


def _is_stored(node) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
