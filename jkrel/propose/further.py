"""Dates that an entry prints after the one at its head: the day of a later act, or a note."""

import re
from collections.abc import Iterator
from datetime import date

from jkrel.chronology import dates
from jkrel.propose.clauses import VERB, within
from jkrel.propose.determine import Reading
from jkrel.propose.event import Event

NOTE = "The entry prints a further date, {}: is something told here of that day?"
DATE = rf"({dates.MONTH_DAY}(?:, [12][0-9]{{3}}\b)?)"


def mark(reading: Reading, proposed: list[Event], end: date) -> None:
    """Give a later act the day that is told with it; note any other further date.

    Parameters
    ----------
    reading : Reading
        The entry, with its first day.
    proposed : list of Event
        Its events in the printed order; changed in place.
    end : date
        Its last day: dates up to it are none of another day.
    """
    for words, place, day in _printed(reading):
        if not proposed or reading.day <= day <= end:
            continue
        event = [e for e in proposed if e.span[0] <= place][-1:] or proposed[:1]
        if event[0] is not proposed[0] and _is_day_of(reading, event[0], place) and day > end:
            event[0].day = day
        else:
            event[0].further.append(words)


def note(event: Event) -> str:
    """Return what a row says of further dates; empty if there are none."""
    return NOTE.format(", ".join(dict.fromkeys(event.further))) if event.further else ""


def _printed(reading: Reading) -> Iterator[tuple[str, int, date]]:
    """Find days in the text, with the year that brings them nearest to the entry."""
    near = dates.Side(month=reading.day.month, year=reading.day.year)
    on = reading.rules.grammar.any_of("day_of_act")
    for found in re.finditer(rf"\b{on} {DATE}", reading.text):
        head = dates.find(f"{found[1]}:")
        try:
            span = dates.resolve(head, near) if head else None
        except ValueError:  # no day of the calendar
            continue
        if span and span.precision == "day":
            yield found[1], found.start(), span.start


def _is_day_of(reading: Reading, event: Event, place: int) -> bool:
    """Whether only who acts, and little words, stand between a deed and a date."""
    told = event.act is event.verb or event.passive
    if not told or not 0 <= place - event.act.end <= VERB:
        return False
    gap = reading.text[event.act.end : place]
    for mention in within(reading.found, "who", (event.act.end, place)):
        gap = gap.replace(mention.words, "")
    return set(gap.split()) <= set(reading.rules.grammar.words("before_day"))
