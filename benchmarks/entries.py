"""Made-up entries of a chronology, and what it costs to parse and propose them.

``entries.py FILE`` parses and proposes a file in an interpreter of its own and prints the seconds
of processor time that it took, and its peak of memory, as JSON; ``entries.py FILE --tokenise``
gives the text to spaCy's blank English tokeniser instead. Both run on one core.
"""

import argparse
import csv
import json
import os
import random
import re
import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = "made9-9"
MONTHS = "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split()
FIRST, LAST = date(1998, 1, 1), date(2029, 12, 31)


def rows(path: Path) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sentences() -> list[str]:
    """Our own sentences, without their dates."""
    from jkrel import chronology

    example = ROOT / "data" / "examples" / "made_up_chronology.txt"
    texts = list(chronology.entries(example.read_text(encoding="utf-8"), SOURCE)["text"])
    texts += [row["text"] for row in rows(ROOT / "tests" / "proposal_entries.csv")]
    return [text.partition(": ")[2] for text in texts if text]


def words(table: str) -> dict[str, list[str]]:
    """Words that may stand for each other: the first of each pattern, by country."""
    found: dict[str, list[str]] = {}
    for row in rows(ROOT / "data" / "patterns" / f"{table}.csv"):
        word = re.sub(r"[()]", "", row["pattern"]).partition("|")[0]
        if re.fullmatch(r"[A-Z][a-z]+", word):
            found.setdefault(row["country"], []).append(word)
    return found


def write(path: Path, number: int) -> None:
    """Write so many entries, each with its date, and with persons and places put for others."""
    draw, texts = random.Random(number), sentences()
    groups = [group for table in ("names", "places") for group in words(table).values()]
    others = {word: group for group in groups for word in group}
    known = re.compile(rf"\b(?:{'|'.join(sorted(others, key=len, reverse=True))})\b")
    days = (LAST - FIRST).days
    with path.open("w", encoding="utf-8") as file:
        for place in range(number):
            day = FIRST + timedelta(days=place * days // number)
            text = known.sub(lambda found: draw.choice(others[found[0]]), draw.choice(texts))
            file.write(f"{MONTHS[day.month - 1]} {day.day}, {day.year}: {text}\n\n")


def write_one(path: Path, number: int) -> None:
    """Write one entry of so many words or a few more, in one paragraph."""
    draw, texts, told = random.Random(number), sentences(), []
    while number > 0:
        told.append(draw.choice(texts))
        number -= len(told[-1].split())
    path.write_text(f"May 3, 2024: {' '.join(told)}\n", encoding="utf-8")


def propose(path: Path) -> Callable[[], int]:
    """Return what parses and proposes a file as `jkrel propose` does; it returns their number."""
    from jkrel import chronology
    from jkrel import propose as proposals
    from jkrel.chronology import copies

    proposals.rules()

    def run() -> int:
        found = chronology.stream(copies.line_reader(path), SOURCE)
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            return proposals.write((piece.entries for piece in found), nowhere)[1]

    return run


def tokenise(path: Path) -> Callable[[], int]:
    """Return what gives the entries to spaCy's tokeniser; it returns their number."""
    import spacy

    tokenizer = spacy.blank("en").tokenizer

    def run() -> int:
        with path.open(encoding="utf-8") as file:
            return sum(1 for _ in tokenizer.pipe(line for line in file if line.strip()))

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--tokenise", action="store_true")
    options = parser.parse_args()
    run = (tokenise if options.tokenise else propose)(options.file)
    start = time.process_time()
    number = run()
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"entries": number, "seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main()
