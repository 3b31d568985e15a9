"""Notebooks on another data package: its parameters for them, and which do not apply to it.

``parameters.json`` beside ``datapackage.json`` gives, by notebook, other values for names of the
cell tagged ``parameters``. A notebook lists in its metadata (``jkrel``, ``needs``) the tables
without which it has nothing to say; where the package leaves one empty, it says why.
"""

import ast
import json
from pathlib import Path

import nbformat

from jkrel import codebook

FILE = "parameters.json"


def read(folder: Path) -> dict[str, dict]:
    """Read the parameters of a data package, by the name of the notebook; none if no file.

    Raises
    ------
    ValueError
        If the file is not an object of objects in JSON.
    """
    path = Path(folder) / FILE
    if not path.is_file():
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path}: is not JSON ({error})") from error
    if not isinstance(values, dict) or not all(isinstance(v, dict) for v in values.values()):
        raise ValueError(f"{path}: give each notebook an object of parameters")
    return values


def given(path: Path, values: dict):
    """Read a notebook with other values for some of its parameters.

    Parameters
    ----------
    path : Path
    values : dict
        By the name of the parameter; plain values, lists and objects of JSON.

    Returns
    -------
    NotebookNode
        With a cell that assigns the values after the one tagged ``parameters``.

    Raises
    ------
    ValueError
        If the notebook has no such parameter; names all of these and those there are.
    """
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    known = _names(nbformat.read(path, as_version=4))
    unknown = sorted(set(values) - set(known))
    if unknown:
        there = f"its parameters: {', '.join(known) or 'none'}"
        raise ValueError(f"{FILE}: {path.stem} has no {', '.join(unknown)}; {there}")
    return parameterize_notebook(load_notebook_node(str(path)), values)


def _names(notebook) -> list[str]:
    """Names that the cell tagged ``parameters`` assigns."""
    cells = [c.source for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    nodes = [node for source in cells for node in ast.walk(ast.parse(source))]
    stored = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [node.id for node in stored]


def missing(notebook, folder: Path) -> str | None:
    """Say in a sentence why a notebook does not apply to a data package; None if it does."""
    tables = codebook.read(folder).tables
    for name in notebook.metadata.get("jkrel", {}).get("needs", []):
        if name not in tables:
            return f"the data package has no table {name}"
        if tables[name].empty:
            return f"its table {name} has no rows: {tables[name].empty}"
    return None
