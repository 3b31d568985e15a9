"""The entries of one chronology: which lines they have, their words, and the days they name."""

from typing import NamedTuple

from jkrel.chronology import blocks, dates, layout
from jkrel.chronology.blocks import Block, Dated
from jkrel.chronology.layout import Line, Note
from jkrel.chronology.wording import normalise

EARLIER = "earlier than the entry before; kept as printed, so look whether day and year are right"


class Passage(NamedTuple):
    """An entry: the span of its date, if it names one, and its text in normal form."""

    span: dates.Span | None
    text: str


class Carried(NamedTuple):
    """What an entry takes from those before it: month and year, the latest days, their number."""

    before: dates.Side | None = None
    latest: dates.Span | None = None
    number: int = 0


def passages(
    found: list[Line],
    block: Block,
    dated: list[Dated],
    words: layout.Words,
    carried: Carried | None = None,
    goes_on: bool = False,
) -> tuple[list[Passage], list[Note], list[Note], Carried]:
    """Put the entries of a chronology together.

    Parameters
    ----------
    found : list of Line
        The lines of the file, without the furniture of its pages.
    block : Block
        The chronology.
    dated : list of Dated
        The lines that head its entries.
    words : Words
        Those of the file, by which hyphenation is undone.
    carried : Carried, optional
        What the entries of the piece before hand on.
    goes_on : bool
        Whether the chronology goes on in a further piece.

    Returns
    -------
    passages, problems, removed : lists
        The entries; what was not understood; months and years printed between entries.
    carried : Carried
        What the next piece takes from this one.
    """
    entries, problems, removed = [], _preface(found, block, dated[0].place), []
    before, latest, count = carried or Carried(block.period)
    for number, head in enumerate(dated):
        last = number + 1 == len(dated)
        end = block.end if last else dated[number + 1].place
        places, notes, periods = _places(found, head, end, last and not goes_on)
        span, wrong = _span(found, head, before, latest)
        text, doubts = layout.join([found[place] for place in places], words)
        text = normalise(text).lstrip(blocks.BULLETS)
        entries.append(Passage(span, text))
        problems += [*wrong, *doubts, *notes, *_wording(found, head, text)]
        removed += [Note(found[place].number, found[place].text, "a period") for place in periods]
        before, latest = _carried(found, span, periods, before), span or latest
    return entries, problems, removed, Carried(before, latest, count + len(entries))


def _preface(found: list[Line], block: Block, first: int) -> list[Note]:
    """What stands between the heading and the first entry."""
    lines = [found[place] for place in range(block.start, first)]
    return [Note(line.number, line.text, "stands before the first entry") for line in lines]


def _places(
    found: list[Line], head: Dated, end: int, last: bool
) -> tuple[list[int], list[Note], list[int]]:
    """The places of an entry's own lines, with doubts about them, and of periods among them."""
    first = head.place + head.height
    until = blocks.end_of_last_entry(found, first, end) if last else end
    notes = [] if until == end else [_other_section(found, until, end)]
    periods, own = [], [*range(head.place, first)]
    for place in range(first, until):
        if blocks.period_between(found, place):
            periods.append(place)
            continue
        own.append(place)
        if reason := _doubt(found, place):
            notes.append(Note(found[place].number, found[place].text, reason))
    return own, notes, periods


def _doubt(found: list[Line], place: int) -> str | None:
    """Why a line may be no part of the entry before it."""
    if blocks.is_capitals(found, place):
        return "capitals, read as part of the entry"
    if found[place].gap == "blank" and layout.begins_sentence(found, place):
        return "a paragraph without a date, read as part of the entry before"
    return None


def _other_section(found: list[Line], first: int, end: int) -> Note:
    """What follows the last entry, told by its first line."""
    count = f", like all {end - first:,} lines from here" if end - first > 1 else ""
    return Note(found[first].number, found[first].text, f"not of the chronology{count}")


def _span(
    found: list[Line], head: Dated, before: dates.Side | None, latest: dates.Span | None
) -> tuple[dates.Span | None, list[Note]]:
    """The days of an entry, or the reason why it names none."""
    number = found[head.place].number
    try:
        if head.head is None:
            raise ValueError("no such day")
        span = dates.resolve(head.head, before)
    except ValueError as error:
        return None, [Note(number, head.words, str(error), "error")]
    # Of a month, or a part of one, any day may be meant: it is earlier only if all its days are.
    last = span.start if span.precision == "day" else span.end
    if latest and last < latest.start:
        return span, [Note(number, head.words, EARLIER)]
    return span, []


def _wording(found: list[Line], head: Dated, text: str) -> list[Note]:
    """Doubts about the words of an entry."""
    number = found[head.place].number
    notes = []
    if len(text) <= len(head.words):
        notes.append(Note(number, head.words, "an entry without words"))
    if "](" in text:
        notes.append(Note(number, head.words, "an entry with link markup that is not closed"))
    return notes


def _carried(
    found: list[Line], span: dates.Span | None, periods: list[int], before: dates.Side | None
) -> dates.Side | None:
    """Month and year for an entry that follows and prints no year."""
    if span:
        before = dates.Side(month=span.start.month, year=span.start.year)
    for place in periods:
        period = blocks.period_between(found, place)
        if period.year is not None:
            before = period
    return before
