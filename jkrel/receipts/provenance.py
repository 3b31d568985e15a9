"""Which rows lie behind each number of a notebook that has run, in the finest honest way."""

import pickle
from collections.abc import Iterable
from pathlib import Path

from jkrel.receipts import lineage, numbers
from jkrel.receipts.dataflow import code_hashes, short_hash


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


def _cells(record: Path, stem: str, notebook) -> dict[int, _Cell]:
    """Read what the cells of a run reported, by their place in the notebook."""
    ran = [n for n, c in enumerate(notebook.cells) if c.cell_type == "code" and c.source.strip()]
    carriers, earlier, found = {}, [], {}
    with record.open("rb") as file:
        for place in ran:
            record = pickle.load(file)
            for number, carrier in record["carriers"].items():
                carriers[number] = carrier
                if carrier.rank == lineage.CELL:
                    (cell,) = carrier.keys["cell"]
                    carrier.keys = {"cell": [cell_id(stem, ran[int(cell)])]}
            found[place] = _Cell(record, carriers, earlier)
            earlier = [*earlier, *record["said"]]
    return found


def receipts_of(path: Path, notebook, record: Path, known: lineage.Keys, sets: dict) -> list[tuple]:
    """Make the receipts of a notebook that has run; sets of rows join those there are."""
    hashes, found = code_hashes(notebook), []
    cells = _cells(record, path.stem, notebook)
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
        name = f"{len(ordered)}-{short_hash('|'.join('/'.join(row) for row in ordered))[:8]}"
    sets[name] = rows
    return name
