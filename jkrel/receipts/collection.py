"""Receipts of numbers: for each number that a notebook shows, its cell, code, data and rows."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pandas as pd
from tqdm import tqdm

from jkrel import data, writing
from jkrel.publish import execution
from jkrel.receipts import lineage
from jkrel.receipts.provenance import cell_id, outputs, receipts_of

COLUMNS = [
    *("id", "value", "notebook", "cell", "place", "words", "expression"),
    *("how", "rows", "code_sha256", "data_sha256"),
]
ROW_COLUMNS = ["rows", "table", "key", "event_id"]
HOW = ["row", "group", "cell", "table", "parameter"]
"""Ways in which rows were found, from the finest."""


@dataclass(frozen=True)
class Receipts:
    """Receipts, and the rows behind them.

    Attributes
    ----------
    numbers : DataFrame
        One row per number: id, value as shown, notebook, cell (from 0, text counted too), place
        (prose, table or caption), the words around it or the labels of its row and column, the
        expression that gave it where a sentence has one, how its rows were found, the name of its
        set of rows, and the hashes of code and data.
    rows : DataFrame
        One row per set, table and key, with the event that the row belongs to, if it does. A key
        of several columns has a stroke between them; the key ``*`` stands for all rows of the
        table. The table ``cell`` has cells that set a value which stands on no data.
    """

    numbers: pd.DataFrame
    rows: pd.DataFrame

    def shares(self) -> pd.DataFrame:
        """Return how many numbers got their rows in each way, and which share of all that is."""
        counts = self.numbers["how"].value_counts().reindex(HOW, fill_value=0)
        return pd.DataFrame({"numbers": counts, "share": counts / max(counts.sum(), 1)})


def collect(paths: list[Path], jobs: int = 1) -> Receipts:
    """Run notebooks, and make a receipt for every number that they show.

    Rows are found in one of these ways, the first that applies (column ``how``):

    ``row``
        the row of the table shows a key of the data, and the number is on that row;
    ``group``
        the label of its row or column is a value of a column, or the name of a group, of the rows
        that the number was computed from, and of one only;
    ``cell``
        the rows that the cell, or a cell before it, took from the data for this number;
    ``table``
        all rows of the tables that were read;
    ``parameter``
        no row lies behind it: the cell that sets the value.

    Rows are those that a number was computed from; they can be more than it needed, never fewer
    than what a table or a selection held.

    Parameters
    ----------
    paths : list of Path
        Notebooks, which stay as they are.
    jobs : int
        Notebooks at a time.

    Raises
    ------
    ValueError
        If a notebook fails; the message names all that do.
    """
    loaded, known = data.load(), lineage.Keys()
    known.learn(loaded)
    sets: dict[str, set] = {}
    with TemporaryDirectory() as folder:
        runs = _run(paths, folder, jobs)
        found = [
            receipt
            for path, notebook in zip(paths, runs, strict=True)
            for receipt in receipts_of(path, notebook, _record(folder, path), known, sets)
        ]
    frame = pd.DataFrame(found, columns=COLUMNS[:-1])
    frame["data_sha256"] = loaded.fingerprint()
    rows = [
        (name, table, key, _event(table, key, loaded))
        for name, behind in sets.items()
        for table, key in sorted(behind)
    ]
    return Receipts(frame, pd.DataFrame(rows, columns=ROW_COLUMNS))


def _event(table: str, key: str, loaded: data.Dataset) -> str:
    """Return the event that a row belongs to, or nothing."""
    names = loaded.codebook.tables[table].key if table in loaded.tables else ()
    if "event_id" not in names or key == lineage.EVERY:
        return ""
    return key.split("/")[names.index("event_id")]


def shown(path: Path) -> pd.DataFrame:
    """Return the numbers of a notebook as they stand in its outputs.

    Returns
    -------
    DataFrame
        One row per number: id, value, notebook, cell, place, words.
    """
    notebook = nbformat.read(path, as_version=4)
    rows = [
        (name, number.value, path.stem, cell, number.place, number.words)
        for cell, _, _, names in outputs(path.stem, notebook)
        for name, number in names
    ]
    return pd.DataFrame(rows, columns=COLUMNS[:6])


def save(receipts: Receipts, build: Path) -> tuple[Path, Path]:
    """Write ``receipts.csv`` and ``receipt_rows.csv`` to a folder, and return their paths."""
    build.mkdir(parents=True, exist_ok=True)
    paths = build / "receipts.csv", build / "receipt_rows.csv"
    for path, frame in zip(paths, (receipts.numbers, receipts.rows), strict=True):
        writing.text(path, frame.to_csv(index=False))
    return paths


def verify(receipts: Receipts, paths: list[Path], build: Path | None = None) -> pd.DataFrame:
    """Compare receipts just made with the outputs of the notebooks, and with receipts on file.

    Parameters
    ----------
    receipts : Receipts
        Of a fresh run of the notebooks.
    paths : list of Path
        The notebooks, whose stored outputs are compared.
    build : Path, optional
        Folder with the ``receipts.csv`` of an earlier run, which is compared if it is there.

    Returns
    -------
    DataFrame
        One row per difference: id, notebook, cell, words, field, old and new, and ``against``,
        which is ``outputs`` or ``receipts.csv``. A number that came or went is empty on one side.
        Differences of hashes are told once for a cell (code) or a notebook (data).
    """
    found = {"outputs": differences(pd.concat(map(shown, paths)), receipts.numbers)}
    file = build / "receipts.csv" if build else None
    if file and file.is_file():
        kept = pd.read_csv(file, dtype=str, keep_default_na=False).astype({"cell": int})
        names = {path.stem for path in paths} & set(kept["notebook"])
        sides = (frame[frame["notebook"].isin(names)] for frame in (kept, receipts.numbers))
        found["receipts.csv"] = differences(*sides)
    return pd.concat(found, names=["against", None]).reset_index("against").reset_index(drop=True)


def differences(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """List what differs between two tables of numbers (see :func:`verify`)."""
    keys = ["id", "notebook", "cell"]
    both = before.merge(after, on=keys, how="outer", suffixes=("_old", "_new"))
    both["words"] = both["words_new"].fillna(both["words_old"])
    once = {"value": "id", "rows": "id", "code_sha256": "cell", "data_sha256": "notebook"}
    parts = []
    for field, place in once.items():
        if field in before and field in after:
            old, new = both[f"{field}_old"].fillna(""), both[f"{field}_new"].fillna("")
            part = both.assign(field=field, old=old, new=new)[old.ne(new)]
            if field != "value":  # a number that came or went is told once
                part = part[part["old"].ne("") & part["new"].ne("")]
            parts.append(part.drop_duplicates(list({"notebook", place})))
    found = pd.concat(parts)[[*keys, "words", "field", "old", "new"]]
    return found.sort_values(["notebook", "cell", "id"], kind="stable").reset_index(drop=True)


def of_output(receipts: Receipts, stem: str, cell: int, place: int) -> pd.DataFrame:
    """Return the receipts of one output of a cell, in the order of its numbers."""
    name = f"{cell_id(stem, cell)}-o{place}-"
    return receipts.numbers[receipts.numbers["id"].str.startswith(name)]


def _run(paths: list[Path], folder: str, jobs: int) -> list:
    """Execute notebooks side by side, the longest first."""
    problems, done = [], {}
    longest = sorted(paths, key=lambda path: -path.stat().st_size)
    with ThreadPoolExecutor(jobs) as pool:
        work = {
            path: pool.submit(execution.follow, path, _record(folder, path)) for path in longest
        }
        for path, job in tqdm(work.items(), unit=" notebooks"):
            try:
                done[path] = job.result()
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise ValueError("; ".join(sorted(problems)))
    return [done[path] for path in paths]


def _record(folder: str, path: Path) -> Path:
    return Path(folder) / f"{path.stem}.pickle"
