"""Lines of a copy as it was printed: what belongs to the page and not to the text, and hyphens."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jkrel.chronology import dates
from jkrel.chronology.wording import normalise

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


class Whole(NamedTuple):
    """What a piece of a file cannot tell by itself: how often heads come, where the file ends."""

    heads: Counter | None
    paged: bool
    first: bool
    last: bool


class Note(NamedTuple):
    """What was done, or could not be done, with a line, and why."""

    line: int
    text: str
    reason: str
    level: str = "warning"


def lines(text: str, first: int = 1) -> tuple[list[Line], list[Note]]:
    """Split a text into its lines, with a note for each page without any.

    Lines end as an editor counts them, at a line feed; a form feed starts a page. The first line
    of a piece of a file has another number than 1. Half of a surrogate pair, which no table can
    hold, becomes the sign for what was not understood.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(INVISIBLE)
    text = HALF.sub("\ufffd", text)
    found, empty, gap, page_starts = [], [], "blank", 0
    for number, whole in enumerate(text.split("\n"), start=first):
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


def without_furniture(
    found: list[Line], whole: Whole | None = None
) -> tuple[list[Line], list[Note]]:
    """Take page numbers, running heads and captions of figures away, with a note for each line.

    Page numbers and running heads stand alone between blank lines or at the edge of a page; a
    running head comes back with nothing but its number changed, or is in capitals with a page
    number. A caption starts with its number, as in ``Figure 2``, and ends with its paragraph or
    its credit. Of a piece of a file, `whole` tells what it cannot know by itself.
    """
    reasons = _captions(found)
    reasons |= _page_furniture(found, reasons, whole)
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
    known = known_words(found)
    return Words(known, breaks_words(broken_words(found), known))


def known_words(found: list[Line]) -> set[str]:
    """Collect the words of the lines, in small letters."""
    return {word.lower() for line in found for word in WORD.findall(line.text)}


def broken_words(found: list[Line]) -> Iterator[tuple[str, str]]:
    """Collect the parts of words that are hyphenated at the ends of lines."""
    return (
        _parts(line.text, after.text)
        for line, after in zip(found, found[1:], strict=False)
        if _is_hyphenated(line.text, after.text)
    )


def breaks_words(broken: Iterable[tuple[str, str]], known: set[str]) -> bool:
    """Whether a hyphen at the end of a line parts a word that is written without one elsewhere."""
    return any(_is_known(parts, known) is False for parts in broken)


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


def heads_of_pages(found: list[Line], whole: Whole | None = None) -> list[str]:
    """What may be running heads among the lines, without their numbers."""
    return list(_head_keys(found, _page_lines(found, _captions(found), whole)).values())


def _page_furniture(
    found: list[Line], captions: dict[int, str], whole: Whole | None
) -> dict[int, str]:
    """Page numbers and running heads, by place."""
    places = _page_lines(found, captions, whole)
    numbers = [place for place in places if PAGE_NUMBER.fullmatch(found[place].text)]
    reasons = dict.fromkeys(numbers, "page number")
    keys = _head_keys(found, places)
    times = whole.heads if whole else Counter(keys.values())
    for place, key in keys.items():
        if times[key] > 1 or NUMBERED_HEAD.fullmatch(found[place].text):
            reasons[place] = "running head"
    return reasons


def _page_lines(found: list[Line], captions: dict[int, str], whole: Whole | None) -> list[int]:
    """Places of short lines that stand alone or at the edge of a page."""
    edges = _edges(found, whole)
    return [
        place
        for place, line in enumerate(found)
        if place not in captions
        and len(line.text) <= LONGEST_HEAD
        and (place in edges or alone(found, place))
    ]


def _head_keys(found: list[Line], places: list[int]) -> dict[int, str]:
    """What may be a running head, by place, in the form in which it comes back."""
    heads = [
        place
        for place in places
        if not PAGE_NUMBER.fullmatch(found[place].text)
        and not ENDS_SENTENCE.search(found[place].text[-12:])
        and not is_structure(found[place].text)
    ]
    keys = {place: re.sub(r"[0-9]+", "0", found[place].text.casefold()) for place in heads}
    return {place: " ".join(key.split()) for place, key in keys.items()}


def _edges(found: list[Line], whole: Whole | None) -> set[int]:
    """Places of the lines next to a page break, or, where there is one, to the ends of the file."""
    tops = [place for place, line in enumerate(found) if line.gap == "page"]
    whole = whole or Whole(None, bool(tops), True, True)
    tops += [0] * (whole.paged and whole.first) + [len(found)] * (whole.paged and whole.last)
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
