"""A second data package: two invented states, whose made-up events have the shape of ours.

Ruritania, Freedonia and Graustark come from novels and films. Their events never happened: they
are those of the shipped data with states, people, places, days, ids and words replaced, and fewer
tables. So every rule of the codebook can hold, and nothing that is bound to Japan and South Korea
can hide.
"""

import csv
import hashlib
import json
import re
import shutil
from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "data"
STATES = {"JPN": "XRU", "KOR": "XFR", "USA": "XGR"}
LABELS = {"XRU": "Ruritania", "XFR": "Freedonia", "XGR": "Graustark"}
SOURCES = {"cc24-3": "mu1-1", "cc26-1": "mu2-1"}
RECORDS = {"leaders": "contacts", "trilateral": "threeway", "history": "quarrels"}
YEARS = 20  # so that leap years stay leap years
EMPTY = {
    "polls": "no polls of these invented states were coded",
    "indicators": "no statistics of these invented states were coded",
    "claims": "no article on them makes claims",
    "claim_answers": "no article on them makes claims",
    "forecasts": "no article on them makes forecasts",
    "positions": "they published no strategy documents",
    "proposal_scores": "no program proposed these events",
    "changes": "nothing was recoded",
    "names": "nobody spells these invented names otherwise",
    "released_events": "no version of it was released",
}
STATES_OF = {"actors", "recipients", "members", "only_actors"}
PEOPLE = {"first_leader", "second_leader", "name"}
WORDS = {"summary", "note", "date_note", "words", "title", "subtitle", "reason", "scope", "name"}
WORDS |= {"sidelines_of", "commitment", "publisher", "author", "office"}
PARAMETERS = json.loads((Path(__file__).parent / "second_pair.json").read_text(encoding="utf-8"))


def build(folder):
    """Write the second data package into a folder and return it."""
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("patterns", "streams"))
    package = json.loads((SHIPPED / "datapackage.json").read_text(encoding="utf-8"))
    package["title"] = "Made-up events of two invented states, for tests"
    used = _used_sources(package)
    for resource in package["resources"]:
        name, path = resource["name"], folder / resource["path"]
        rows = _rows(path)
        if name in EMPTY:
            resource["empty"] = EMPTY[name]
            _write(path, list(rows[0]), [])
            continue
        kept = [row for row in rows if _kept(name, row, used)]
        types = {field["name"]: field for field in resource["schema"]["fields"]}
        codes = resource["path"].startswith("codes/")
        _write(path, list(rows[0]), [_changed(row, types, name, codes) for row in kept])
    (folder / "datapackage.json").write_text(json.dumps(package, ensure_ascii=False), "utf-8")
    (folder / "parameters.json").write_text(json.dumps(PARAMETERS), "utf-8")
    return folder


def _rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path, names, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _used_sources(package):
    """Sources that the kept rows cite: no other may be there, and none of these may lack."""
    used = set()
    for resource in package["resources"]:
        for key in resource["schema"].get("foreignKeys", []):
            if key["reference"]["resource"] == "sources" and resource["name"] not in EMPTY:
                kept = [r for r in _rows(SHIPPED / resource["path"]) if _kept(resource["name"], r)]
                used |= {row[key["fields"][0]] for row in kept}
    return used


def _kept(name, row, used=()):
    if name == "coverage":
        return row["series"] in (
            "chronology",
            "leader_contacts",
            "history_disputes",
            "launches",
        ) or row["series"].startswith("trilateral")
    if name == "sources":
        return row["source_id"] in used
    return True


def _changed(row, types, name, codes):
    """A row with every word, place, person, day, state and id replaced."""
    return {column: _cell(cell, column, row, types, name, codes) for column, cell in row.items()}


def _cell(cell, column, row, types, name, codes):
    if not cell:
        return cell
    if types[column]["type"] == "date" or column == "date_published":
        return str(int(cell[:4]) + YEARS) + cell[4:]
    if column in STATES_OF:
        return ";".join(sorted(STATES.get(part, part) for part in cell.split(";")))
    if name == "actors" and column in ("label", "definition"):
        known = LABELS.get(STATES.get(row["code"]))
        return f"{known} (invented)" if known else f"Other actor {row['order']}"
    if codes and column in ("label", "definition"):
        return cell.replace("South Korea", "Freedonia").replace("Japan", "Ruritania")
    return _text(cell, column, row, name)


def _text(cell, column, row, name):
    if column in PEOPLE and name != "mechanisms":
        return f"Person {_number(cell)}"
    if column == "source_id":
        return SOURCES.get(cell, f"page_{_number(cell)}")
    if column == "city":
        return f"Made-up Town {_number(cell)}"
    if column == "entry_sha256":
        return hashlib.sha256(f"made up {cell}".encode()).hexdigest()
    if column == "url":
        return f"https://example.org/made-up/{_number(row['source_id'])}"
    if column in WORDS:
        return f"Made-up text {_number(cell)}."
    return _ids(cell)


def _ids(text):
    text = STATES.get(text, text)
    for old, new in SOURCES.items():
        text = re.sub(rf"\b{old}\b", new, text)
    for old, new in RECORDS.items():
        text = re.sub(rf"\b{old}-(?=\d)", f"{new}-", text)
    return text


def _number(text):
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
