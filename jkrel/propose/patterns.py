"""Patterns of words, kept as tables in ``data/patterns/``, and where they stand in a text."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

DIRECTORY = Path(__file__).resolve().parents[2] / "data" / "patterns"
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
ANY = ""
"""In the place of a word that comes next: any that no pattern names."""
LISTED = ";"
"""Between the codes of a cell that has several."""
PART = re.compile(r"\[[0-9]+\]|\([^)]*\)|[^ ]+")
WORD = re.compile(r"\w+")
CLASS = re.compile(r"(?<![(|])\{(\w+)\}(?![|)])|\{(\w+)\}")
"""The name of a class of words, alone or among alternatives."""
POSSESSIVE = "s"
"""What is left of an "'s" that may stand between two words."""
BETWEEN = r"(?:'s)?[,\"')]*[ -][\"'(]*"
"""What may stand between two words of a pattern besides the blank or hyphen."""

GAP = r"(?:%s[^ ;]{0,200}[^ ;.] ){0,%s}?[\"'(]*"
"""Up to some words, none of which ends a sentence or begins one that is told, or has no end."""
LEADING = "apart"
"""The class of the words that begin what is told or a circumstance, which no gap has."""


class Found(NamedTuple):
    """A pattern found in a text: from where to where, by which rows, in which words."""

    start: int
    end: int
    row: dict
    rows: tuple
    words: str


@dataclass(frozen=True)
class Pattern:
    """One pattern, with the rows that have it; compiled when it is first tried.

    Attributes
    ----------
    source : str
        Its regular expression.
    plain : frozenset of str
        Single words that fulfil it.
    needs : frozenset of str
        Words of which a text must have one, or the pattern is not tried.
    """

    layer: str
    rows: tuple
    source: str
    plain: frozenset[str]
    needs: frozenset[str]

    @cached_property
    def match(self) -> Callable:
        """What matches it at a place of a text: few of all patterns are ever tried."""
        return re.compile(self.source).match


class Tried(NamedTuple):
    """A pattern at one of its first words: whether that word is all of it, else what it needs."""

    pattern: Pattern
    plain: bool
    needs: frozenset[str]


@dataclass(frozen=True)
class Lexicon:
    """All tables of patterns.

    Attributes
    ----------
    tables : dict of str to list of dict
        Rows by table, in file order.
    index : dict of str to dict of str to list of Tried
        Patterns by their possible first words, in lower case, and of these by the word that
        comes next; under ``ANY`` those which any may follow.
    """

    tables: dict[str, list[dict]]
    index: dict[str, dict[str, list[Tried]]]

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
        following = [lower for _, lower in words[1:]] + [""]
        for (word, lower), after in zip(words, following, strict=False):
            tried = self.index.get(lower)
            for pattern, plain, needs in tried.get(after, tried[ANY]) if tried else ():
                if plain:
                    match = word
                elif needs.isdisjoint(there):
                    continue
                else:
                    match = pattern.match(text, word.start())
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
    """Read every table of a folder of patterns.

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
        If a pattern is not well formed; the message names its id.
    """
    tables = {path.stem: _rows(path) for path in sorted(Path(directory).glob("*.csv"))}
    if not tables:
        raise FileNotFoundError(f"{directory}: no tables of patterns")
    classes = {row["name"]: row["words"] for row in tables.get("words", ())}
    index: dict[str, list[tuple[Tried, frozenset[str]]]] = {}
    for name, rows in tables.items():
        for layer, text, same in _grouped(name, rows):
            text = spelt_out(text, classes, same[0]["pattern_id"])
            regular = expression(text, same[0]["pattern_id"], classes.get(LEADING, ""))
            parts = PART.findall(text)
            needs = frozenset(begun(parts[-1]))
            pattern = Pattern(layer, tuple(same), regular, plain_words(text), needs)
            for word, after in follow(parts).items():
                plain = word in pattern.plain
                after = frozenset() if plain else after
                index.setdefault(word, []).append((Tried(pattern, plain, needs), after))
    return Lexicon(tables, {word: _by_next(tried) for word, tried in index.items()})


def _by_next(tried: list[tuple[Tried, frozenset[str]]]) -> dict[str, list[Tried]]:
    """Sort patterns of one first word by the word that comes next, each in file order."""
    words = {ANY}.union(*(after for _, after in tried))
    return {w: [one for one, after in tried if not after or w in after] for w in words}


def expression(pattern: str, name: str = "", leading: str = "") -> str:
    """Turn a pattern as a person writes it into a regular expression.

    Words stand as printed: in lower case they match any case, a word with a capital only
    itself. ``(a|b c)`` are alternatives, and ``[3]`` stands for up to three words, none of them
    `leading` (words apart by ``|``). Classes of words are spelt out before; see :func:`spelt_out`.

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
    return _sequence(parts, leading) + r"(?!\w)"


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


def follow(parts: list[str]) -> dict[str, frozenset[str]]:
    """Return the words that can come after each first word of a pattern; empty where any may."""
    ends = len(parts) == 1 or parts[1].startswith("[")
    second = set() if ends else begun(parts[1])
    found: dict[str, set[str]] = {}
    open_ended = set()
    for option in parts[0].strip("()").split("|"):
        first, *rest = WORD.findall(option.lower())
        found.setdefault(first, {POSSESSIVE}).update(rest[:1] or second)
        open_ended |= {first} if ends and not rest else set()
    return {w: frozenset() if w in open_ended else frozenset(found[w]) for w in found}


def plain_words(pattern: str) -> frozenset[str]:
    """Return the words that by themselves are a match, so that nothing is left to compare."""
    options = pattern.strip("()").split("|") if len(PART.findall(pattern)) == 1 else []
    first = [WORD.search(option)[0].lower() for option in options]
    single = zip(options, first, strict=True)
    return frozenset(w for option, w in single if option == w and first.count(w) == 1)


def _sequence(parts: list[str], leading: str = "") -> str:
    text, ends = "", f"(?!{leading.replace('|', ' |')} )" if leading else ""
    for part in parts:
        if part.startswith("["):
            text += GAP % (ends, part[1:-1])
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
