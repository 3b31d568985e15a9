"""Notebooks on another data package: its parameters for them, and which do not apply to it.

``parameters.json`` beside ``datapackage.json`` gives, by notebook, other values for names of the
cell tagged ``parameters``. A notebook lists in its metadata (``jkrel``, ``needs``) the tables
without which it has nothing to say; where the package leaves one empty, it says why.
"""

import json
from pathlib import Path

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


def missing(notebook, folder: Path) -> str | None:
    """Say in a sentence why a notebook does not apply to a data package; None if it does."""
    tables = codebook.read(folder).tables
    for name in notebook.metadata.get("jkrel", {}).get("needs", []):
        if name not in tables:
            return f"the data package has no table {name}"
        if tables[name].empty:
            return f"its table {name} has no rows: {tables[name].empty}"
    return None
