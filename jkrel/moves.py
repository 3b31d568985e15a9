"""Numbers and figures of notebooks that moved between two states of the repository."""

import base64
import io
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
from PIL import Image

from jkrel.receipts.provenance import outputs

COLUMNS = ["notebook", "cell", "what", "words", "old", "new", "change"]
KEY = ["notebook", "cell", "what", "place"]


def moved(old: Path, new: Path) -> pd.DataFrame:
    """List the numbers and figures that differ, as the stored outputs of notebooks show them.

    Cells are matched by the id that a notebook gives them, numbers and figures by their place
    in the cell, so that an inserted cell moves nothing.

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
    before, after = shown(old), shown(new)
    both = before.merge(after, on=KEY, how="outer", suffixes=("_old", "_new"), sort=False)
    differ = both["value_old"].ne(both["value_new"])
    rows = [_difference(row) for row in both[differ].to_dict("records")]
    return pd.DataFrame(rows, columns=COLUMNS)


def shown(folder: Path) -> pd.DataFrame:
    """Collect what the notebooks of a folder show.

    Returns
    -------
    DataFrame
        A row per number or figure: notebook, cell, what, place (number within the cell), value
        (a number as text, a figure as PNG in base64) and words.
    """
    rows = []
    for path in sorted(folder.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        found: dict = {}
        for index, _, output, names in outputs(path.stem, notebook):
            cell = notebook.cells[index].id
            values = [("number", number.value, number.words) for _, number in names]
            picture = output.get("data", {}).get("image/png")
            values += [("figure", picture, "")] if picture else []
            for what, value, words in values:
                place = found[cell, what] = found.get((cell, what), 0) + 1
                rows.append((path.stem, cell, what, place, value, words))
    return pd.DataFrame(rows, columns=[*KEY, "value", "words"])


def _difference(row: dict) -> tuple:
    old, new = (None if pd.isna(value) else value for value in (row["value_old"], row["value_new"]))
    words = row["words_new"] if new is not None else row["words_old"]
    figure = row["what"] == "figure"
    change = None if None in (old, new) else (_pixels if figure else _amount)(old, new)
    shown_values = ("", "") if figure else (old or "", new or "")
    return row["notebook"], row["cell"], row["what"], words, *shown_values, change


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
