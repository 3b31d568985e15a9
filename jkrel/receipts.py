"""Receipts of numbers: for each number that a notebook shows, its cell, code, data and rows."""

import ast
import hashlib
import pickle
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
import pandas as pd
from tqdm import tqdm

from jkrel import data, lineage, numbers, publish, tracing

PACKAGE = Path(__file__).parent
LETTERS = 12
"""Letters kept of a hash, as in the fingerprint of the data."""
COLUMNS = [
    *("id", "value", "notebook", "cell", "place", "words", "expression"),
    *("how", "rows", "code_sha256", "data_sha256"),
]
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
        One row per set, table and key; the key ``*`` stands for all rows of the table. The table
        ``cell`` has cells that set a value which stands on no data.
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
        runs = _run(paths, Path(folder), jobs)
        found = [
            receipt
            for path, notebook in zip(paths, runs, strict=True)
            for receipt in _of_notebook(path, notebook, Path(folder), known, sets)
        ]
    frame = pd.DataFrame(found, columns=COLUMNS[:-1])
    frame["data_sha256"] = loaded.fingerprint()
    rows = [(name, table, key) for name, behind in sets.items() for table, key in sorted(behind)]
    return Receipts(frame, pd.DataFrame(rows, columns=["rows", "table", "key"]))


def shown(path: Path, notebook=None) -> pd.DataFrame:
    """Return the numbers of a notebook as they stand in its outputs.

    Returns
    -------
    DataFrame
        One row per number: id, value, notebook, cell, place, words.
    """
    notebook = notebook or nbformat.read(path, as_version=4)
    rows = [
        (name, number.value, path.stem, cell, number.place, number.words)
        for cell, _, _, names in outputs(path.stem, notebook)
        for name, number in names
    ]
    return pd.DataFrame(rows, columns=COLUMNS[:6])


def outputs(stem: str, notebook) -> Iterable[tuple]:
    """Yield each output: cell, place in it, the output, and its numbers with their receipt ids."""
    for cell, content in enumerate(notebook.cells):
        for place, output in enumerate(content.get("outputs", [])):
            found = numbers.scan(*numbers.rendered(output))
            names = (f"{cell_id(stem, cell)}-o{place}-n{n:02d}" for n in range(1, len(found) + 1))
            yield cell, place, output, list(zip(names, found, strict=True))


def cell_id(stem: str, cell: int) -> str:
    """Return the id of a cell: ``02_leader_meetings-c07``."""
    return f"{stem}-c{cell:02d}"


def differences(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """List the numbers that differ between two sets of receipts, or of numbers shown.

    Returns
    -------
    DataFrame
        One row per receipt and field that differs: id, notebook, cell, words, field (value,
        code_sha256, data_sha256), old and new; a number that is on one side only is empty on the
        other.
    """
    fields = [f for f in ("value", "code_sha256", "data_sha256") if f in before and f in after]
    keys = ["id", "notebook", "cell"]
    both = before.merge(after, on=keys, how="outer", suffixes=("_old", "_new"))
    both["words"] = both["words_new"].fillna(both["words_old"])
    parts = []
    for field in fields:
        old, new = both[f"{field}_old"].fillna(""), both[f"{field}_new"].fillna("")
        part = both.assign(field=field, old=old, new=new)[old.ne(new)]
        # A number that came or went is told once.
        parts.append(part if field == "value" else part[part["old"].ne("") & part["new"].ne("")])
    found = pd.concat(parts)[["id", "notebook", "cell", "words", "field", "old", "new"]]
    return found.sort_values(["notebook", "cell", "id"], kind="stable").reset_index(drop=True)


def _run(paths: list[Path], folder: Path, jobs: int) -> list:
    """Execute notebooks side by side, the longest first."""
    problems, done = [], {}
    longest = sorted(paths, key=lambda path: -path.stat().st_size)
    with ThreadPoolExecutor(jobs) as pool:
        work = {path: pool.submit(publish.follow, path, _record(folder, path)) for path in longest}
        for path, job in tqdm(work.items(), unit=" notebooks"):
            try:
                done[path] = job.result()
            except ValueError as error:
                problems.append(str(error))
    if problems:
        raise ValueError("; ".join(sorted(problems)))
    return [done[path] for path in paths]


def _record(folder: Path, path: Path) -> Path:
    return folder / f"{path.stem}.pickle"


class _Cell:
    """What a cell reported, and the carriers behind what it showed."""

    def __init__(self, record: dict, carriers: dict, earlier: list):
        self.record, self.carriers = record, carriers
        self.sentences = list({said[0]: said for said in [*earlier, *record["said"]]}.values())
        self.displays = iter(record["displays"])

    def behind(self, output) -> list[lineage.Carrier]:
        """Return the carriers behind an output as a whole."""
        found = self.record["result"]
        if output.output_type == "stream":
            found = self.record["prints"] or found
        elif output.output_type == "display_data":
            found = next(self.displays, found)
        return self.named(found)

    def named(self, names: Iterable[int]) -> list[lineage.Carrier]:
        """Return carriers by their numbers, the nearest to the data alone."""
        found = [self.carriers[name] for name in sorted(names)]
        rank = min(carrier.rank for carrier in found)
        return [carrier for carrier in found if carrier.rank == rank]


def _cells(path: Path, notebook) -> dict[int, _Cell]:
    """Read what the cells of a run reported, by their place in the notebook."""
    ran = [n for n, c in enumerate(notebook.cells) if c.cell_type == "code" and c.source.strip()]
    carriers, earlier, found = {}, [], {}
    with path.open("rb") as file:
        for place in ran:
            record = pickle.load(file)
            for number, carrier in record["carriers"].items():
                carriers[number] = carrier
                if carrier.rank == lineage.CELL:
                    (cell,) = carrier.keys["cell"]
                    carrier.keys = {"cell": [cell_id(path.stem, ran[int(cell)])]}
            found[place] = _Cell(record, carriers, earlier)
            earlier = [*earlier, *record["said"]]
    return found


def _of_notebook(path: Path, notebook, folder: Path, known, sets: dict) -> list[tuple]:
    """Make the receipts of a notebook that has run; sets of rows join those there are."""
    hashes, found = code_hashes(notebook), []
    cells = _cells(_record(folder, path), notebook)
    for cell, _, output, names in outputs(path.stem, notebook):
        ran = cells[cell] if names else None
        behind = ran.behind(output) if names else []
        text = numbers.rendered(output)[0]
        sentences = [said for said in ran.sentences if said[0] in text] if names else []
        for name, number in names:
            source, carriers = "", behind
            if number.place != "table":
                source, behind_it = _piece(text, number, sentences)
                carriers = ran.named(behind_it) if behind_it else behind
            how, rows = _rows(number, carriers, known)
            shown_as = name, number.value, path.stem, cell, number.place, number.words
            found.append((*shown_as, source, how, _named(rows, sets), hashes[cell]))
    return found


def _rows(number: numbers.Number, carriers: list, known: lineage.Keys) -> tuple[str, set]:
    """Find the rows of one number in the finest honest way, and name the way."""
    key = _shown_key(number, carriers, known) if number.place == "table" else None
    if key:
        return "row", {key}
    labels = [
        lineage.Label(name, known.coded(text), tuple(map(known.coded, axis)))
        for name, text, axis in number.labels
    ]
    narrowed = lineage.narrow(carriers, labels)
    rows = set().union(*(carrier.rows() for carrier in narrowed))
    rows -= {(t, key) for t, key in rows if key != lineage.EVERY and (t, lineage.EVERY) in rows}
    if carriers[0].rank == lineage.CELL:
        return "parameter", rows
    if any(carrier not in carriers for carrier in narrowed):
        return "row" if len(rows) == 1 and lineage.EVERY not in dict(
            rows
        ).values() else "group", rows
    return "table" if all(key == lineage.EVERY for _, key in rows) else "cell", rows


def _shown_key(number: numbers.Number, carriers: list, known) -> tuple[str, str] | None:
    """Return the key that the row of a number shows, if the number was computed from it."""
    texts = [text for _, text in number.cells]
    texts += [word for _, label, _ in number.labels for word in label.replace(",", " ").split()]
    keys = [(known.tables[text], text) for text in texts if text in known.tables]
    for key in keys:
        if any(key in carrier.held for carrier in carriers):
            return key
    return None


def _piece(text: str, number: numbers.Number, sentences: list) -> tuple[str, frozenset]:
    """Return the expression that gave a number of a text, and the carriers behind it.

    Sentences lie in each other; the innermost that is more than a value tells.
    """
    found, within = ("", frozenset()), (0, len(text))
    for sentence, pieces in sorted(sentences, key=lambda said: -len(said[0])):
        start = text.find(sentence, within[0])
        while 0 <= start <= number.start and start + len(sentence) < number.end:
            start = text.find(sentence, start + 1)
        if not (within[0] <= start <= number.start) or start + len(sentence) > within[1]:
            continue
        worded = any(source is None and end - first > 2 for first, end, source, _ in pieces)
        if not worded and (start, len(sentence)) != (0, len(text)):
            continue
        first, end, source, behind = next(
            piece for piece in pieces if start + piece[1] > number.start
        )
        found = source or "", behind
        within = start + first, start + end
        if source is None:
            break
    return found


def _named(rows: set, sets: dict) -> str:
    """Return the name of a set of rows: the row itself, or their number and a hash."""
    ordered = sorted(rows)
    if len(ordered) == 1:
        name = "/".join(ordered[0])
    else:
        name = f"{len(ordered)}-{_hash('|'.join('/'.join(row) for row in ordered))[:8]}"
    sets[name] = rows
    return name


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:LETTERS]


@cache
def _package() -> str:
    """Return a hash of the code of the package."""
    files = sorted(PACKAGE.glob("*.py"))
    return _hash("".join(f"{file.name} {_hash(file.read_text('utf-8'))}" for file in files))


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
        writers |= {name: [cell] for name in binds}
        for name in changes - binds:
            writers[name] = [*writers.get(name, []), cell]
    texts = {
        cell: "\0".join([_package(), *(sources[n] for n in sorted(all_needed))])
        for cell, all_needed in needs.items()
    }
    return {cell: _hash(text) for cell, text in texts.items()}


def _names(source: str) -> tuple[set[str], set[str], set[str]]:
    """Return the names that a cell reads, binds, and changes in place."""
    reads, binds, changes = set(), set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.alias):
            binds.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            binds.add(node.name)
        elif isinstance(node, ast.Expr | ast.Assign | ast.AugAssign):
            changes |= tracing.changed(node)
    return reads, binds, changes
