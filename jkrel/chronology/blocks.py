"""Where the chronologies of a file begin and end, and which lines head their entries."""

import re
from typing import NamedTuple

from jkrel.chronology import dates, layout
from jkrel.chronology.layout import Line, Note
from jkrel.chronology.wording import normalise

HEADING = re.compile(r"\W*CHRONOLOGY OF\b")
MIXED_CASE = re.compile(
    r"\W{0,8}(?:[\w, –-]{1,60} )?chronology(?: (?:of|from) [\w,. –—-]{1,80})?\W{0,8}", re.I
)
CONTENTS = re.compile(r"[.…][. …]*[0-9]{1,4}$")  # the dots and the page in a table of contents
BULLETS = " #>•·▪-–"
MAY_HEAD = re.compile(r"\W{0,12}(?:[A-Z][A-Za-z]{2}|[0-9]|early|mid|late|[^\x00-\x7f])")
SECTION = re.compile(r"#{1,6} ")
CAPITALS = re.compile(r"(?=(?:[^A-Z]*[A-Z]){4})[^a-z]+")


class Block(NamedTuple):
    """A chronology: its title, and the places of its lines, from its heading on."""

    title: str
    period: dates.Side | None  # month and year under the heading
    heading: int  # place of the first line that is not body
    start: int  # place of the first line after heading and period
    end: int


class Dated(NamedTuple):
    """A line that heads an entry: its place, the date or None, and how many lines it spans."""

    place: int
    words: str
    head: dates.Head | None
    height: int


def blocks(found: list[Line]) -> list[Block]:
    """Find the chronologies of a file, each from its heading to the next one's.

    A heading is a line such as ``CHRONOLOGY OF JAPAN-KOREA RELATIONS``. In small letters, or
    without the pair, it has to stand right before a period, such as ``MAY–AUGUST 2031``, or an
    entry. Without any heading the first dated entry starts the only chronology.
    """
    places = [place for place in range(len(found)) if is_heading(found, place)]
    if not places:
        dated = (place for place in range(len(found)) if dated_line(found, place))
        first = next(dated, None)
        return [] if first is None else [Block("", None, first, first, len(found))]
    ends = [*places[1:], len(found)]
    return [_block(found, place, end) for place, end in zip(places, ends, strict=True)]


def without_repeats(found: list[Line]) -> tuple[list[Line], list[Note]]:
    """Take away the headings that only repeat the one before, as running heads do."""
    repeats, last = set(), None
    for block in blocks(found):
        key = re.sub(r"[\W0-9]+", " ", found[block.heading].text).casefold().strip()
        if last and key == last[0] and block.period in (None, last[1]) and block.title:
            repeats.add(block.heading)
        elif any(dated_line(found, place) for place in range(block.start, block.end)):
            last = key, block.period
        else:
            last = None
    kept = [
        line._replace(gap="page") if place - 1 in repeats else line
        for place, line in enumerate(found)
        if place not in repeats
    ]
    notes = [Note(found[p].number, found[p].text, "running head") for p in sorted(repeats)]
    return kept, notes


def is_heading(found: list[Line], place: int) -> bool:
    """Whether a line is the heading of a chronology."""
    text = found[place].text[: layout.LONGEST_HEAD]
    if "HRONOLOG" not in text.upper():
        return False
    plain = normalise(text)
    if HEADING.match(plain):
        return not CONTENTS.search(plain)
    following = range(place + 1, min(place + 3, len(found)))
    return (
        MIXED_CASE.fullmatch(plain) is not None
        and len(found[place].text) <= layout.LONGEST_HEAD
        and any(_period(found, after) or dated_line(found, after) for after in following)
    )


def dated_line(found: list[Line], place: int) -> Dated | None:
    """Read a line as the head of an entry; its date may go on in the next line.

    The date is None where the form is that of a date and the month is none.
    """
    if not MAY_HEAD.match(found[place].text):
        return None
    text = normalise(found[place].text[:1000]).lstrip(BULLETS)
    head, height = dates.find(text), 1
    if head is None and len(text) < dates.LONGEST and text[:1].isalpha() and ":" not in text:
        if place + 1 < len(found) and found[place + 1].gap != "blank":
            head = dates.find(f"{text} {normalise(found[place + 1].text[:1000])}")
            height = 2
    if head:
        return Dated(place, head.words, head, height)
    if dates.looks_like_head(text):
        return Dated(place, text[: text.index(":") + 1], None, 1)
    return None


def heads(found: list[Line], block: Block) -> tuple[list[Dated], list[Note]]:
    """Find the lines that head the entries of a chronology, with notes on the doubtful ones.

    A full date with its year heads an entry wherever a line starts with it, as such lines hardly
    occur inside a sentence; a month, or a date without a year, only where a sentence has ended.
    """
    kept, notes, place = [], [], block.start
    while place < block.end:
        dated = dated_line(found, place)
        begins = place == block.start or layout.begins_paragraph(found, place)
        full = dated and (dated.head is None or (dated.head.has_year and dated.head.has_day))
        line = found[place]
        if dated and not begins:
            reason = (
                "starts an entry in mid-sentence" if full else "a date in mid-sentence, no entry"
            )
            notes.append(Note(line.number, dated.words, reason))
        elif not dated and begins and dates.looks_like_date(normalise(line.text[:200])):
            notes.append(Note(line.number, line.text, "looks like a date, but starts no entry"))
        if dated and (begins or full):
            kept.append(dated)
            place += dated.height
        else:
            place += 1
    return kept, notes


def period_between(found: list[Line], place: int) -> dates.Side | None:
    """Read a line between entries that is only a month or a year, alone or in capitals."""
    line = found[place]
    if not layout.begins_sentence(found, place) or line.text.endswith("."):
        return None
    if not layout.alone(found, place) and not line.text.isupper():
        return None
    return _period(found, place)


def end_of_last_entry(found: list[Line], first: int, end: int) -> int:
    """The place where another section begins after the first line of the last entry, or the end."""
    for place in range(first, end):
        if SECTION.match(found[place].text) or is_capitals(found, place):
            return place
    return end


def is_capitals(found: list[Line], place: int) -> bool:
    """Whether a line stands alone, or opens a group of lines, in capitals as a section's title."""
    line = found[place]
    return line.gap != "line" and CAPITALS.fullmatch(line.text[: layout.LONGEST_HEAD]) is not None


def _period(found: list[Line], place: int) -> dates.Side | None:
    text = found[place].text
    return dates.period(normalise(text).strip(BULLETS)) if len(text) <= dates.LONGEST else None


def _block(found: list[Line], place: int, end: int) -> Block:
    title, start = normalise(found[place].text).strip(BULLETS), place + 1
    if start < end and found[start].gap == "line" and found[start].text.isupper():
        if not _period(found, start) and not dated_line(found, start):
            title, start = f"{title} {normalise(found[start].text)}", start + 1
    period = _period(found, start) if start < end else None
    if period:
        title, start = f"{title}, {normalise(found[start].text).strip(BULLETS)}", start + 1
    return Block(title, period, place, start, end)
