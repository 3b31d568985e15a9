"""Which cells of a notebook a cell needs, and a hash of all that code."""

import ast
import hashlib
import symtable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
LETTERS = 12
"""Letters kept of a hash, as in the fingerprint of the data."""


def short_hash(text: str) -> str:
    """Return the first letters of the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:LETTERS]


@cache
def _package() -> str:
    """Return a hash of the code of the package."""
    files = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    return short_hash("".join(f"{name} {files[name].read_text('utf-8')}" for name in sorted(files)))


def code_hashes(notebook) -> dict[int, str]:
    """Return for each code cell a hash of its source, the cells it needs, and the package.

    A cell needs the last cell before it that gave one of its names a value, those that changed
    the value since, and what these need.
    """
    sources = {n: c.source for n, c in enumerate(notebook.cells) if c.cell_type == "code"}
    needs: dict[int, set[int]] = {}
    writers: dict[str, list[int]] = {}
    for cell, source in sources.items():
        reads, binds, changes = _names(source)
        nearest = {place for name in reads for place in writers.get(name, [])}
        needs[cell] = {cell}.union(*(needs[place] for place in nearest))
        writers |= {name: [cell] for name in binds - reads}
        for name in changes | (binds & reads):
            writers[name] = [*writers.get(name, []), cell]
    texts = {
        cell: "\0".join([_package(), *(sources[n] for n in sorted(all_needed))])
        for cell, all_needed in needs.items()
    }
    return {cell: short_hash(text) for cell, text in texts.items()}


def _names(source: str) -> tuple[set[str], set[str], set[str]]:
    """Return the names that a cell reads, binds, and changes in place."""
    whole = symtable.symtable(source, "cell", "exec")
    reads = {name for table in _tables(whole) for name in _global_reads(table)}
    binds = {s.get_name() for s in whole.get_symbols() if s.is_assigned() or s.is_imported()}
    tree = ast.parse(source)
    added = [n.target for n in ast.walk(tree) if isinstance(n, ast.AugAssign)]
    reads |= {target.id for target in added if isinstance(target, ast.Name)}
    # The last expression of a cell is there to be shown, and changes nothing.
    shown = [node for node in tree.body[-1:] if isinstance(node, ast.Expr)]
    parts = [node for node in ast.walk(tree) if node not in shown]
    return reads, binds, {name for part in parts for name in _changed(part)}


def _tables(table: symtable.SymbolTable) -> list[symtable.SymbolTable]:
    return [table, *(below for child in table.get_children() for below in _tables(child))]


def _global_reads(table: symtable.SymbolTable) -> list[str]:
    top = table.get_type() == "module"
    symbols = [s for s in table.get_symbols() if s.is_referenced() and (top or s.is_global())]
    return [symbol.get_name() for symbol in symbols]


def roots(target) -> list[str]:
    """Return the names of which a part is assigned: ``rates`` in ``rates.loc[name] = ...``."""
    found = []
    for part in ast.walk(target):
        if isinstance(part, ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store):
            while isinstance(part, ast.Subscript | ast.Attribute):
                part = part.value
            found += [part.id] if isinstance(part, ast.Name) else []
    return found


def called_on(value) -> list[str]:
    """Return the name that a statement calls a method of: ``lines`` in ``lines.append(...)``."""
    method = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute)
    while isinstance(value, ast.Call | ast.Attribute | ast.Subscript):
        value = value.func if isinstance(value, ast.Call) else value.value
    return [value.id] if method and isinstance(value, ast.Name) else []


def _changed(statement) -> set[str]:
    """Return the names whose values a statement changes in place; none for other parts of code."""
    if isinstance(statement, ast.Expr):
        return set(called_on(statement.value))
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return set()
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {name for target in targets for name in roots(target)}
