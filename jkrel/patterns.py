"""Patterns of words, kept as tables in ``data/patterns/``, and where they stand in a text."""

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

DIRECTORY = Path(__file__).resolve().parents[1] / "data" / "patterns"
LAYERS = {
    "states": "who",
    "offices": "who",
    "agencies": "who",
    "names": "who",
    "acts": "act",
    "issues": "issue",
    "places": "place",
    "gatherings": "gathering",
    "mechanisms": "mechanism",
    "seats": "seat",
}
"""Tables that are searched together: within a layer, the longest match wins."""
PART = re.compile(r"\[[0-9]+\]|\([^)]*\)|[^ ]+")
WORD = re.compile(r"\w+")
CLASS = re.compile(r"(?<![(|])\{(\w+)\}(?![|)])|\{(\w+)\}")
"""The name of a class of words, alone or among alternatives."""
BETWEEN = r"(?!\w)(?:'s)?[,\"')]*[ -][\"'(]*"
"""What may stand between two words of a pattern besides the blank or hyphen."""

GAP = r"(?:(?!that )[^ ;]*[^ ;.] ){0,%s}?[\"'(]*"
"""Up to some words, none of which ends a sentence or begins one that is told."""


class Found(NamedTuple):
    """A pattern found in a text: from where to where, by which rows, in which words."""

    start: int
    end: int
    row: dict
    rows: tuple
    words: str


@dataclass(frozen=True)
class Pattern:
    """One pattern, compiled, with the rows that have it.

    Attributes
    ----------
    plain : frozenset of str
        Single words that fulfil it.
    needs : frozenset of str
        Words of which a text must have one, or the pattern is not tried.
    """

    layer: str
    rows: tuple
    expression: re.Pattern
    plain: frozenset[str]
    needs: frozenset[str]


class Tried(NamedTuple):
    """A pattern at one of its first words: whether that word is all of it, else what it needs."""

    pattern: Pattern
    plain: bool
    needs: frozenset[str]
    match: Callable


@dataclass(frozen=True)
class Lexicon:
    """All tables of patterns.

    Attributes
    ----------
    tables : dict of str to list of dict
        Rows by table, in file order.
    index : dict of str to list of Tried
        Patterns by their possible first words, in lower case.
    """

    tables: dict[str, list[dict]]
    index: dict[str, list[Tried]]

    def find(self, text: str) -> dict[str, list[Found]]:
        """Find every pattern in a text.

        A pattern is tried only at words it can begin with, so the time grows with the words
        of the text and hardly with the number of patterns.

        Returns
        -------
        dict of str to list of Found
            By layer, in the order of the text, without overlaps within a layer.
        """
        layers: dict[str, list[Found]] = {}
        words = [(word, word[0].lower()) for word in WORD.finditer(text)]
        there = {lower for _, lower in words}
        for word, lower in words:
            start = word.start()
            for pattern, plain, needs, match_from in self.index.get(lower, ()):
                if plain:
                    match = word
                elif needs.isdisjoint(there):
                    continue
                else:
                    match = match_from(text, start)
                if match:
                    found = Found(*match.span(), pattern.rows[0], pattern.rows, match[0])
                    layers.setdefault(pattern.layer, []).append(found)
        return {layer: _chosen(found) for layer, found in layers.items()}


def _chosen(found: list[Found]) -> list[Found]:
    """Of matches that overlap the weightier one, else the first, and of these the longest."""
    kept: list[Found] = []
    for match in sorted(found, key=lambda match: (match.start, -match.end)):
        if not kept or match.start >= kept[-1].end:
            kept.append(match)
        elif _weight(match) > _weight(kept[-1]):
            kept[-1] = match
    return kept


def _weight(match: Found) -> int:
    return int(match.row.get("weight") or 0)


@cache
def read(directory: Path = DIRECTORY) -> Lexicon:
    """Read and compile every table of a folder of patterns.

    Parameters
    ----------
    directory : Path
        Folder of CSV tables with the columns ``pattern_id`` and, where words are searched,
        ``pattern``.

    Raises
    ------
    FileNotFoundError
        If the folder holds no table.
    ValueError
        If a pattern cannot be compiled; the message names its id.
    """
    tables = {path.stem: _rows(path) for path in sorted(Path(directory).glob("*.csv"))}
    if not tables:
        raise FileNotFoundError(f"{directory}: no tables of patterns")
    classes = {row["name"]: row["words"] for row in tables.get("words", ())}
    index: dict[str, list[Tried]] = {}
    for name, rows in tables.items():
        for layer, text, same in _grouped(name, rows):
            text = spelt_out(text, classes, same[0]["pattern_id"])
            compiled = expression(text, same[0]["pattern_id"])
            needs = frozenset(begun(PART.findall(text)[-1]))
            pattern = Pattern(layer, tuple(same), compiled, plain_words(text), needs)
            for word in begun(PART.findall(text)[0]):
                tried = Tried(pattern, word in pattern.plain, needs, compiled.match)
                index.setdefault(word, []).append(tried)
    return Lexicon(tables, index)


def expression(pattern: str, name: str = "") -> re.Pattern:
    """Compile a pattern as a person writes it.

    Words stand as printed: in lower case they match any case, a word with a capital only
    itself. ``(a|b c)`` are alternatives, and ``[3]`` stands for up to three words. Classes of
    words are spelt out before; see :func:`spelt_out`.

    Raises
    ------
    ValueError
        If the pattern is empty, or begins or ends with a gap.
    """
    parts = PART.findall(pattern)
    if not parts or parts[0].startswith("[") or parts[-1].startswith("["):
        raise ValueError(f"{name}: a pattern needs a word at both ends, not {pattern!r}")
    if any(mark in part.strip("()") for part in parts for mark in "()"):
        raise ValueError(f"{name}: alternatives within alternatives: {pattern!r}")
    return re.compile(_sequence(parts) + r"(?!\w)")


def spelt_out(pattern: str, classes: dict[str, str], name: str = "") -> str:
    """Put the words of a class in the place of its name (``{lift} [9] {barrier}``).

    Raises
    ------
    ValueError
        If there is no class of that name.
    """
    if unknown := {found[1] or found[2] for found in CLASS.finditer(pattern)} - set(classes):
        raise ValueError(f"{name}: no class of words {', '.join(sorted(unknown))!r}")
    return CLASS.sub(lambda m: f"({classes[m[1]]})" if m[1] else classes[m[2]], pattern)


def begun(part: str) -> set[str]:
    """Return the words, in lower case, with which a match of a part of a pattern can begin."""
    return {WORD.search(option)[0].lower() for option in part.strip("()").split("|")}


def plain_words(pattern: str) -> frozenset[str]:
    """Return the words that by themselves are a match, so that nothing is left to compare."""
    options = pattern.strip("()").split("|") if len(PART.findall(pattern)) == 1 else []
    first = [WORD.search(option)[0].lower() for option in options]
    single = zip(options, first, strict=True)
    return frozenset(w for option, w in single if option == w and first.count(w) == 1)


def _sequence(parts: list[str]) -> str:
    text = ""
    for part in parts:
        if part.startswith("["):
            text += GAP % part[1:-1]
        else:
            text += _alternatives(part) + BETWEEN
    return text.removesuffix(BETWEEN)


def _alternatives(part: str) -> str:
    if not part.startswith("("):
        return _word(part)
    options = sorted(part.strip("()").split("|"), key=len, reverse=True)
    return f"(?:{'|'.join(_sequence(option.split(' ')) for option in options)})"


def _word(word: str) -> str:
    return re.escape(word) if word != word.lower() else f"(?i:{re.escape(word)})"


def _rows(path: Path) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row | {"table": path.stem} for row in csv.DictReader(file)]


def _grouped(name: str, rows: list[dict]) -> list[tuple[str, str, list[dict]]]:
    """Rows by layer and single wording: a name may have had several offices."""
    groups: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        layer = _layer(name, row)
        if layer is None or not row["pattern"]:
            continue
        for text in _wordings(row["pattern"]) if name == "names" else [row["pattern"]]:
            groups.setdefault((layer, text), []).append(row)
    return [(layer, text, same) for (layer, text), same in groups.items()]


def _layer(name: str, row: dict) -> str | None:
    """Cues are searched by kind, words of valence by type, acts of some actors by themselves."""
    if name == "cues":
        return row["kind"]
    if name == "acts" and row["only"]:
        return f"act_of_{row['only']}"
    return f"valence_{row['event_type']}" if name == "valences" else LAYERS.get(name)


def _wordings(pattern: str) -> list[str]:
    return pattern.strip("()").split("|")


class Rules:
    """Patterns and code lists, in the forms in which the reading asks for them.

    Parameters
    ----------
    lexicon : Lexicon
        Tables of ``data/patterns/``.
    codes : dict of str to list of dict
        Code lists of the codebook.
    """

    def __init__(self, lexicon: Lexicon, codes: dict[str, list[dict]]):
        self.lexicon, self.codes = lexicon, codes
        self.types = {row["event_type"]: row for row in lexicon.tables["types"]}
        self.counts: dict[tuple[str, str], list[int]] = {}
        for row in lexicon.tables["confidence"]:
            both = self.counts.setdefault((row["variable"], row["ground"]), [0, 0])
            both[:] = both[0] + int(row["right"]), both[1] + int(row["tried"])
        self.parameters = {row["name"]: row["value"] for row in lexicon.tables["parameters"]}
        self.loose = set(self.parameters["levels_after_adjectives"].split(";"))
        states = lexicon.tables["states"]
        self.own_issues = {row["country"]: row["issue"] for row in states if row["issue"]}
        self.own = set(self.own_issues.values())
        self.otherwise = next(r for r in lexicon.tables["acts"] if r["role"] == "otherwise")
        self.ranked = [row["code"] for row in codes["levels"] if row["ranked"] == "true"]
        self.formats = codes["formats"]
        self.pair = next(row["only_actors"] for row in self.formats if row["code"] == "bilateral")

    @cached_property
    def rank(self) -> dict[str, int]:
        """Levels from the most senior; working and government give way to named bodies."""
        named = [row["code"] for row in self.codes["levels"]]
        order = [code for code in named if code != "working"]
        order.insert(-1, "working")
        return {code: number for number, code in enumerate(order)}

    @cached_property
    def mechanisms(self) -> dict[str, list[dict]]:
        """Rows of the table ``mechanisms`` that can apply, by event type."""
        rows = self.lexicon.tables["mechanisms"]
        return {code: [r for r in rows if r["event_type"] in ("", code)] for code in self.types}

    @cached_property
    def society(self) -> set[str]:
        """Levels that belong to no government and to no order of rank."""
        return {row["code"] for row in self.codes["levels"] if row["is_government"] == "false"}

    @cached_property
    def abbreviated(self) -> re.Pattern:
        """The dot of an abbreviation, unless a sentence plainly ends there."""
        rows = self.lexicon.tables["cues"]
        words = "|".join(row["value"] for row in rows if row["kind"] == "abbreviation")
        return re.compile(rf"\b({words}|[A-Z])\.(?! (?:The|This|In) )")

    @cached_property
    def attribution(self) -> re.Pattern:
        """Words after a comma, at the end of a sentence, that tell who says what stands before."""
        rows = self.lexicon.tables["cues"]
        words = "|".join(row["value"] for row in rows if row["kind"] == "attribution")
        return re.compile(rf"(?:(.{{3,80}}) (?:{words})|according to (.{{3,80}}?))\.?\s*")

    def sure(self, grounds: dict[str, tuple[str, str]]) -> float:
        """Return how often what rests on such grounds was right: the product over variables.

        A pattern's share of hits is drawn to that of all patterns of its kind by as many trials as
        the parameter ``trials_of_prior`` says, and so is a kind's to that of the variable: a
        pattern that was never tried has the share of its kind.
        """
        weight, sure = int(self.parameters["trials_of_prior"]), 1.0
        for variable, keys in grounds.items():
            share = 0.5
            for key in dict.fromkeys(("", *keys)):
                right, tried = self.counts.get((variable, key), (0, 0))
                share = (right + weight * share) / (tried + weight)
            sure *= share
        return sure

    def format(self, actors: list[str]) -> str:
        """Return the format of a set of actors, by the limits of the code list."""
        for row in self.formats:
            most = int(row["max_actors"] or 999)
            fits = int(row["min_actors"] or 0) <= len(actors) <= most
            if fits and row["only_actors"] in ("", ";".join(actors)):
                return row["code"]
        return ""

    def other(self, actors: Iterable[str]) -> str:
        """Return the other state of the pair if exactly one of the two acts."""
        left = set(self.pair.split(";")) - set(actors)
        return left.pop() if len(left) == 1 else ""
