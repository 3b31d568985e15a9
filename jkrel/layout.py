"""Lines of a copy as it was printed: what belongs to the page and not to the text, and hyphens."""

import re
from collections import Counter
from typing import NamedTuple

from jkrel import dates
from jkrel.wording import normalise

EDGE = 3  # lines at the top and at the foot of a page that may be its furniture
LONGEST_HEAD = 120  # characters of a running head
LONGEST_CAPTION = 6  # lines
INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u2060"))
HALF = re.compile("[\ud800-\udfff]")
SOFT_HYPHEN = "\u00ad"

ENDS_SENTENCE = re.compile(r"[.!?:;][\W_]{0,8}$")
PAGE_NUMBER = re.compile(
    r"(?:page |p\. ?)?[\W_]{0,4}(?!19[0-9]{2}|20[0-9]{2})[0-9]{1,4}[\W_]{0,4}(?: ?of [0-9]{1,4})?",
    re.I,
)
NUMBERED_HEAD = re.compile(r"(?:[0-9]{1,3} +[^a-z]+|[^a-z]*[^a-z0-9] +[0-9]{1,3})")
CAPTION = re.compile(r"(?:Figure|Fig\.|Photo|Image|Table|Map|Chart) ?[0-9]{1,3}[.:]? +\W?[A-Z]")
CREDIT = re.compile(r"\b(?:Photo|Source|Credit|Courtesy)\b")
HEADING = re.compile(r"\W{0,8}(?:[\w, -]{0,60} )?chronology\b", re.I)
WORD = re.compile(r"[\w'’-]+")


class Line(NamedTuple):
    """A line that is not blank: its number in the file, and what parts it from the line before.

    The gap is ``line`` if nothing does, ``blank`` for blank lines, ``page`` for a page break or
    for furniture that was taken away.
    """

    number: int
    text: str
    gap: str


class Words(NamedTuple):
    """The words of a file, and whether its lines break words that are written without a hyphen."""

    known: set[str]
    breaks: bool


class Note(NamedTuple):
    """What was done, or could not be done, with a line, and why."""

    line: int
    text: str
    reason: str
    level: str = "warning"


def lines(text: str) -> tuple[list[Line], list[Note]]:
    """Split a text into its lines, with a note for each page without any.

    Lines end as an editor counts them, at a line feed; a form feed starts a page. Half of a
    surrogate pair, which no table can hold, becomes the sign for what was not understood.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(INVISIBLE)
    text = HALF.sub("\ufffd", text)
    found, empty, gap, page_starts = [], [], "blank", 0
    for number, whole in enumerate(text.split("\n"), start=1):
        for place, part in enumerate(whole.split("\f")):
            if place:
                if len(found) == page_starts:
                    empty.append(Note(number, "", "a page without text, such as a picture"))
                gap, page_starts = "page", len(found)
            if part := part.strip():
                found.append(Line(number, part, gap))
                gap = "line"
            elif gap == "line":
                gap = "blank"
    return found, empty


def without_furniture(found: list[Line]) -> tuple[list[Line], list[Note]]:
    """Take page numbers, running heads and captions of figures away, with a note for each line.

    Page numbers and running heads stand alone between blank lines or at the edge of a page; a
    running head comes back with nothing but its number changed, or is in capitals with a page
    number. A caption starts with its number, as in ``Figure 2``, and ends with its paragraph or
    its credit.
    """
    reasons = _captions(found)
    reasons |= _page_furniture(found, reasons)
    kept, removed, gone = [], [], False
    for place, line in enumerate(found):
        if place in reasons:
            removed.append(Note(line.number, line.text, reasons[place]))
        else:
            kept.append(line._replace(gap="page") if gone else line)
        gone = place in reasons
    return kept, removed


def vocabulary(found: list[Line]) -> Words:
    """Collect the words of the lines, in small letters, hyphenated ones whole."""
    known = {word.lower() for line in found for word in WORD.findall(line.text)}
    broken = (
        _parts(line.text, after.text)
        for line, after in zip(found, found[1:], strict=False)
        if _is_hyphenated(line.text, after.text)
    )
    return Words(known, any(_is_known(parts, known) is False for parts in broken))


def join(found: list[Line], words: Words) -> tuple[str, list[Note]]:
    """Join lines, with their hyphenation undone, and a note where that was a guess.

    A hyphen at the end of a line stays where the hyphenated word, and goes where the closed word,
    is among the words of the file. Otherwise it goes if it stands between small letters, as names
    keep theirs, and the file is known to break words elsewhere.
    """
    pieces, doubts = [found[0].text], []
    for before, line in zip(found, found[1:], strict=False):
        last, glue = pieces[-1], " "
        if last.endswith(SOFT_HYPHEN):
            pieces[-1], glue = last[:-1], ""
        elif last.endswith("—") and not last[-2:-1].isspace() or line.text[0] == "—":
            glue = ""
        elif _is_hyphenated(last, line.text):
            keeps, doubt = _keeps_hyphen(_parts(last, line.text), words)
            pieces[-1], glue = last if keeps else last[:-1], ""
            if doubt:
                doubts.append(
                    Note(before.number, doubt, "a hyphen at the end of the line, a guess")
                )
        pieces.append(glue)
        pieces.append(line.text)
    return "".join(pieces).replace(SOFT_HYPHEN, ""), doubts


def alone(found: list[Line], place: int) -> bool:
    """Whether a line stands between blank lines or page breaks."""
    after = place + 1 == len(found) or found[place + 1].gap != "line"
    return after and found[place].gap != "line"


def begins_sentence(found: list[Line], place: int) -> bool:
    """Whether the line before a line ends a sentence."""
    return ENDS_SENTENCE.search(found[place - 1].text[-12:]) is not None


def begins_paragraph(found: list[Line], place: int) -> bool:
    """Whether a line follows a blank one, a page break or the end of a sentence."""
    return not place or found[place].gap != "line" or begins_sentence(found, place)


def is_structure(text: str) -> bool:
    """Whether a line is part of a chronology's form: its heading, a period, or dated."""
    start = normalise(text[: 2 * LONGEST_HEAD])
    return bool(HEADING.match(start) or dates.period(start) or dates.find(start))


def _captions(found: list[Line]) -> dict[int, str]:
    """The lines of captions, by place."""
    places, after = [], 0
    for first in range(len(found)):
        if first >= after and _starts_caption(found, first):
            after = _end_of_caption(found, first)
            places += range(first, after)
    return dict.fromkeys(places, "caption of a figure")


def _page_furniture(found: list[Line], captions: dict[int, str]) -> dict[int, str]:
    """Page numbers and running heads, by place."""
    edges = _edges(found)
    places = [
        place
        for place, line in enumerate(found)
        if place not in captions
        and len(line.text) <= LONGEST_HEAD
        and (place in edges or alone(found, place))
    ]
    numbers = [place for place in places if PAGE_NUMBER.fullmatch(found[place].text)]
    reasons = dict.fromkeys(numbers, "page number")
    heads = [
        place
        for place in places
        if place not in reasons
        and not ENDS_SENTENCE.search(found[place].text[-12:])
        and not is_structure(found[place].text)
    ]
    keys = {place: re.sub(r"[0-9]+", "0", found[place].text.casefold()) for place in heads}
    times = Counter(" ".join(key.split()) for key in keys.values())
    for place, key in keys.items():
        numbered = NUMBERED_HEAD.fullmatch(found[place].text)
        if times[" ".join(key.split())] > 1 or numbered:
            reasons[place] = "running head"
    return reasons


def _edges(found: list[Line]) -> set[int]:
    """Places of the lines next to a page break, or, where there is one, to the ends of the file."""
    tops = [place for place, line in enumerate(found) if line.gap == "page"]
    if tops:
        tops += [0, len(found)]
    return {edge for top in tops for edge in range(top - EDGE, top + EDGE)}


def _starts_caption(found: list[Line], place: int) -> bool:
    """Whether a caption starts here; in mid-sentence it needs a credit in the lines after."""
    if not CAPTION.match(found[place].text[:40].lstrip("*_ ")):
        return False
    near = found[place : place + LONGEST_CAPTION]
    return begins_paragraph(found, place) or any(CREDIT.search(line.text[:500]) for line in near)


def _end_of_caption(found: list[Line], first: int) -> int:
    """The place after a caption: the end of its paragraph, or of its credit or first sentence."""
    after = first + 1
    while (
        after < len(found)
        and after < first + LONGEST_CAPTION
        and found[after].gap == "line"
        and not is_structure(found[after].text)
    ):
        after += 1
    if found[first].gap == "line" or (after < len(found) and found[after].gap == "line"):
        for ending in (CREDIT, ENDS_SENTENCE):
            for place in range(first, after):
                if ending.search(found[place].text[-LONGEST_HEAD:]):
                    return place + 1
        return first + 1
    return after


def _is_hyphenated(last: str, following: str) -> bool:
    return last.endswith("-") and last[-2:-1].isalnum() and following[0].isalnum()


def _parts(last: str, following: str) -> tuple[str, str]:
    """The two parts of a word around the end of a line, without the hyphen between them."""
    return WORD.findall(last[-60:])[-1].rstrip("-"), WORD.match(following[:60])[0]


def _is_known(parts: tuple[str, str], known: set[str]) -> bool | None:
    """True if the hyphenated word is known, False if the closed one is, None if neither is."""
    first, second = (part.lower() for part in parts)
    if f"{first}-{second}" in known:
        return True
    return False if first + second in known else None


def _keeps_hyphen(parts: tuple[str, str], words: Words) -> tuple[bool, str]:
    """Whether a hyphen stays, and the word as it was read if that was a guess."""
    keeps, (first, second) = _is_known(parts, words.known), parts
    if keeps is not None:
        return keeps, ""
    if not second[0].islower():
        return True, ""
    keeps = not (words.breaks and first.islower())
    return keeps, f"{first}-{second}" if keeps else first + second
