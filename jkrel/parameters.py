"""Other parameters for a notebook: read what it has, and give it others, by papermill."""

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path

import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

TAG = "parameters"
"""Tag of the cell that holds the parameters of a notebook."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook: its name, its value as written, and the comment beside it."""

    name: str
    value: str
    comment: str


class _Values(yaml.SafeLoader):
    """Values as YAML has them, but days stay texts, as they are in notebooks."""


_Values.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in found if not tag.endswith(":timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def value(text: str):
    """Return a value given on the command line: YAML or JSON, else the text itself.

    Days and periods stay texts: ``2024-01-05``, ``2024-01:2024-04``.
    """
    try:
        return yaml.load(text, _Values)
    except yaml.YAMLError:
        return text


def read(notebook: NotebookNode) -> list[Parameter]:
    """Return the parameters of a notebook, in order, each with the comment beside or above it."""
    sources = [c.source for c in notebook.cells if TAG in c.metadata.get("tags", [])]
    if not sources:
        return []
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(sources[0]).readline)
        if token.type == tokenize.COMMENT
    }
    found = []
    for line in ast.parse(sources[0]).body:
        places = (line.end_lineno, line.lineno, line.lineno - 1)
        comment = next((comments[place] for place in places if place in comments), "")
        found += [Parameter(name, text, comment) for name, text in _assigned(line)]
    return found


def _assigned(line: ast.stmt) -> list[tuple[str, str]]:
    """Return the names that a line sets, and their values as written."""
    if not isinstance(line, ast.Assign):
        return []
    (target,) = line.targets
    several = isinstance(target, ast.Tuple)
    pairs = zip(target.elts, line.value.elts, strict=True) if several else [(target, line.value)]
    return [(name.id, ast.unparse(value)) for name, value in pairs]


def named(notebook: NotebookNode, given: dict, name: str) -> dict:
    """Return values by the names that a notebook has, whatever the case in which they came.

    Raises
    ------
    ValueError
        If the notebook has no such parameters; those it has are listed with their comments.
    """
    known = {one.name.lower(): one.name for one in read(notebook)}
    unknown = [key for key in given if key.lower() not in known]
    if unknown:
        lines = [f"  {one.name} = {one.value}  # {one.comment}" for one in read(notebook)]
        heads = f"{name} has no parameter {', '.join(unknown)}; it has"
        raise ValueError("\n".join([heads if lines else heads[:-8] + "none at all", *lines]))
    return {known[key.lower()]: value for key, value in given.items()}


def inject(path: Path, values: dict, given: dict) -> tuple[Path, NotebookNode]:
    """Read a notebook, and give it other parameters, and a name that has those asked for.

    Parameters
    ----------
    path : Path
        Of the notebook; nothing is written to it.
    values : dict of str to object
        Values by name, of a data package (see :mod:`jkrel.packages`).
    given : dict of str to object
        Values by name, asked for in this run; they go before those of the package.

    Returns
    -------
    tuple of Path and NotebookNode
        The path is the name for results: ``04_history_disputes_period=2024-01_2024-04.ipynb``.
    """
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    notebook = load_notebook_node(str(path))
    asked = named(notebook, given, path.stem)
    values = named(notebook, values, path.stem) | asked
    changed = parameterize_notebook(notebook, values, kernel_name="python3", language="python")
    told = ", ".join(f"`{name} = {value!r}`" for name, value in values.items())
    note = f"**Run with other parameters:** {told}. Sentences that are not computed, the answer at "
    note += "the top above all, are those of the notebook's own parameters."
    changed.cells.insert(0, new_markdown_cell(note))
    if not asked:
        return path, changed
    words = [f"{name.lower()}={value}" for name, value in asked.items()]
    suffix = re.sub(r"[^\w.=-]+", "_", "_".join(words)).strip("_")[:80]
    return path.with_name(f"{path.stem}_{suffix}.ipynb"), changed
