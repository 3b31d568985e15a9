"""Numbers and figures of notebooks that moved between two states of the repository."""

import base64
import io
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
from PIL import Image

from jkrel.receipts.provenance import outputs

COLUMNS = ["notebook", "cell", "what", "words", "old", "new", "change"]
CELL = ["notebook", "cell", "what"]
ALIKE = 0.5
"""Least share of the words around two numbers that both have, for them to be one number."""


def moved(old: Path, new: Path) -> pd.DataFrame:
    """List the numbers and figures that differ, as the stored outputs of notebooks show them.

    Cells are matched by the id that a notebook gives them, so that an inserted cell moves nothing.
    Within a cell, numbers are matched in their order, and only where the words around them are
    alike: what stands in another sentence is another number, which came, or went.

    Parameters
    ----------
    old, new : Path
        Folders of notebooks.

    Returns
    -------
    DataFrame
        A row per difference: notebook, cell (its id), what (number or figure), words (around the
        number), old and new (as shown; empty where it came or went, and for figures), change (the
        difference of two numbers; for figures the share of pixels that differ, 0 to 1).
    """
    before, after = (dict(list(shown(folder).groupby(CELL, sort=False))) for folder in (old, new))
    rows = []
    for cell in dict.fromkeys([*before, *after]):
        was, now = (
            list(state[cell][["value", "words"]].itertuples(index=False)) if cell in state else []
            for state in (before, after)
        )
        pairs = _paired(was, now)
        rows += [_difference(cell, *pair) for pair in pairs if not _same(*pair)]
    return pd.DataFrame(rows, columns=COLUMNS)


def shown(folder: Path) -> pd.DataFrame:
    """Collect what the notebooks of a folder show.

    Returns
    -------
    DataFrame
        A row per number or figure, in order: notebook, cell, what, value (a number as text, a
        figure as PNG in base64) and words.
    """
    rows = []
    for path in sorted(folder.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for index, _, output, names in outputs(path.stem, notebook):
            cell = notebook.cells[index].id
            values = [("number", number.value, number.words) for _, number in names]
            picture = output.get("data", {}).get("image/png")
            values += [("figure", picture, "")] if picture else []
            rows += [(path.stem, cell, *value) for value in values]
    return pd.DataFrame(rows, columns=[*CELL, "value", "words"])


def _paired(old: list, new: list) -> Iterator[tuple]:
    """Pair what a cell showed with what it shows; None where the other side has nothing alike."""
    before, after = ([_plain(row.words) for row in rows] for rows in (old, new))
    for step, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        for place, (was, now) in enumerate(zip_longest(old[i:j], new[k:m])):
            both = was is not None and now is not None
            if both and step != "equal" and not _alike(before[i + place], after[k + place]):
                yield was, None
                yield None, now
            else:
                yield was, now


def _plain(words: str) -> tuple[str, ...]:
    """Return the words around a number without what has digits: those may move as it does."""
    return tuple(word for word in words.split() if not re.search("[0-9]", word))


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    every = {*one, *other}
    return not every or len({*one} & {*other}) >= ALIKE * len(every)


def _same(was, now) -> bool:
    return was is not None and now is not None and was.value == now.value


def _difference(cell: tuple, was, now) -> tuple:
    """Describe what came, went or moved in a cell, given as notebook, id and what it is."""
    old, new = (None if row is None else row.value for row in (was, now))
    figure = cell[2] == "figure"
    change = None if None in (old, new) else (_pixels if figure else _amount)(old, new)
    shown_values = ("", "") if figure else (old or "", new or "")
    return *cell, (now or was).words, *shown_values, change


def _amount(old: str, new: str) -> float | None:
    """Return the difference of two numbers as shown, such as ``1,234`` or ``12%``."""
    try:
        was, now = (
            float(text.replace(",", "").replace("−", "-").rstrip("%")) for text in (old, new)
        )
    except ValueError:
        return None
    return round(now - was, 10)


def _pixels(old: str, new: str) -> float:
    """Return the share of pixels that differ; pictures of another size differ wholly."""
    pictures = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(p))).convert("RGB")) for p in (old, new)
    ]
    if pictures[0].shape != pictures[1].shape:
        return 1.0
    return float((pictures[0] != pictures[1]).any(axis=2).mean().round(4))
