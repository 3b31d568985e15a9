"""A new notebook, begun from the template that shows the form."""

import re
from pathlib import Path

import nbformat

from jkrel import writing

NAME = "00_template.ipynb"


def begin(name: str, folder: Path) -> Path:
    """Write a new notebook that has the form of the template, and runs as it is.

    Parameters
    ----------
    name : str
        Words, such as ``trade disputes``, or with a number, such as ``12_trade_disputes``.
    folder : Path
        Of the notebooks, with the template; the number is the next free one if none is given.

    Returns
    -------
    Path
        The notebook, whose title is the name.

    Raises
    ------
    ValueError
        If the name has no letter, or its number or name is taken; nothing is written then.
    """
    number, words = re.fullmatch(r"(?:(\d+)[ _-]+)?(.*?)(?:\.ipynb)?", name.strip()).groups()
    slug = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    if not re.search("[a-z]", slug):
        raise ValueError(f"{name!r} names no notebook; take letters: trade_disputes")
    taken = {int(path.stem[:2]): path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}
    number = int(number) if number else max(taken) + 1
    same = [path for path in folder.glob("*.ipynb") if path.stem[3:] == slug]
    if number in taken or same:
        held = taken.get(number) or same[0]
        raise ValueError(f"{held} is there already; take another number or name")
    notebook = nbformat.read(folder / NAME, as_version=4)
    title = f"# {words.replace('_', ' ').strip().capitalize()}"
    notebook.cells[0].source = re.sub(r"^# .*", title, notebook.cells[0].source)
    path = folder / f"{number:02}_{slug}.ipynb"
    writing.text(path, nbformat.writes(notebook) + "\n")
    return path
