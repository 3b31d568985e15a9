"""Dates as chronologies print them: days, spans of days, months, and early, mid or late in one."""

import calendar
import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

LONGEST = 80  # characters of a head, its colon included
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
PARTS = {"early": 1, "beginning": 1, "mid": 11, "middle": 11, "late": 21, "end": 21}
BETWEEN = {"and", "to", "through", "until", "-", "‐", "‑", "‒", "–", "—", "―", "−", "~", "&", "/"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
IDLE = {"of", "the", ".", "(", ")"}

TOKEN = re.compile(r"\s*(?:([A-Za-z]+\.?)|([0-9]+)(?:st|nd|rd|th)?(?![A-Za-z])|(\S))")
SIDE = re.compile(r"PMY?|MY?|P|M?DY?|DMY?")
PERIOD = re.compile(r"MY?|Y")
MONTH_DAY = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.? ?[0-9]{1,2}\b"
LIKE_A_HEAD = re.compile(r"[A-Z][a-z]{2,8}\.? [0-9]{1,2}, [0-9]{4}:")
LIKE_A_DATE = re.compile(
    rf"(?=[^:]{{0,40}}(?:\b[12][0-9]{{3}}\b|\b{MONTH_DAY}))[\w ,./'–—-]{{3,40}}:"
    rf"|{MONTH_DAY},? [12][0-9]{{3}}\b|[0-9]{{1,4}}[-./][0-9]{{1,2}}[-./][0-9]{{1,4}}\b"
)


class Side(NamedTuple):
    """One end of a span as printed: what is not printed is None."""

    part: int | None = None  # first day of the third of the month
    month: int | None = None
    day: int | None = None
    year: int | None = None


class Head(NamedTuple):
    """The date that heads an entry: the words with their colon, and its one or more sides."""

    words: str
    sides: tuple[Side, ...]

    @property
    def has_year(self) -> bool:
        """Whether a year is printed, so that none has to be inherited."""
        return any(side.year is not None for side in self.sides)

    @property
    def has_day(self) -> bool:
        """Whether every side names its day."""
        return all(side.day is not None for side in self.sides)


class Span(NamedTuple):
    """The days that a head means, both inclusive, and how exactly: day, approximate, month."""

    start: date
    end: date
    precision: str


def find(text: str) -> Head | None:
    """Find the date and colon with which a text begins.

    Parameters
    ----------
    text : str
        A passage in normal form; what counts is its first colon, and 80 characters at most.

    Returns
    -------
    Head or None
        None where anything but a date stands before the colon, and for a clock time.
    """
    colon = text.find(":", 0, LONGEST)
    sides = None if colon < 0 else _sides(text[:colon], SIDE)
    if not sides or all(side.month is None for side in sides):
        return None
    head = Head(text[: colon + 1], sides)
    return None if text[colon + 1 : colon + 2].isdigit() and not head.has_year else head


def period(text: str) -> Side | None:
    """Read a line that is a month, a year or a span of them, and return where it begins.

    Chronologies print such lines under their heading, as ``MAY–AUGUST 2031``, or between entries.
    The year is None where none is printed.
    """
    sides = _sides(text, PERIOD) if len(text) <= LONGEST else None
    if not sides:
        return None
    months, year = _months(sides), sides[0].year
    if months[0] is not None and any(side.year is not None for side in sides):
        year = _years(sides, months, None)[0]
    plausible = year is None or 1900 <= year < 2100
    return Side(month=months[0], year=year) if plausible else None


def resolve(head: Head, before: Side | None = None) -> Span:
    """Work out the days that a head means.

    A month or year that only one side of a span prints holds for the other, across the turn of the
    year too. A head without a year takes the one that brings it nearest to the entry before.

    Parameters
    ----------
    head : Head
        As :func:`find` returns it.
    before : Side, optional
        Month and year of the entry before, or of the line under the heading.

    Returns
    -------
    Span
        ``early``, ``mid`` and ``late`` are the days to the 10th, to the 20th and after it, and
        approximate. Of several days listed, the first and the last.

    Raises
    ------
    ValueError
        If the year is unknown, a day does not exist, or the end is before the start.
    """
    months = _months(head.sides)
    years = _years(head.sides, months, before)
    limits = [
        _limits(side, year, month)
        for side, year, month in zip(head.sides, years, months, strict=True)
    ]
    start, end = limits[0][0], limits[-1][1]
    if end < start:
        raise ValueError("the end is before the start")
    if any(side.part for side in head.sides):
        return Span(start, end, "approximate")
    return Span(start, end, "day" if head.has_day else "month")


def looks_like_head(text: str) -> bool:
    """Whether a text begins in the form of a head, whatever its month is called."""
    return LIKE_A_HEAD.match(text) is not None


def looks_like_date(text: str) -> bool:
    """Whether a text begins much as a head does, and a reader should look at it."""
    return LIKE_A_DATE.match(text) is not None


def _sides(text: str, form: re.Pattern) -> tuple[Side, ...] | None:
    """Read a whole text as the sides of a span, or return None."""
    sides = [[]]
    for code, value in _codes(text):
        if code is None:
            return None
        if code == "-":
            sides.append([])
        else:
            sides[-1].append((code, value))
    if not all(form.fullmatch("".join(code for code, _ in side)) for side in sides):
        return None
    fields = {"P": "part", "M": "month", "D": "day", "Y": "year"}
    return tuple(Side(**{fields[code]: value for code, value in side}) for side in sides)


def _codes(text: str) -> list[tuple[str | None, int]]:
    """Reduce a text to P(art), M(onth), D(ay), Y(ear), dashes, and None for what is no date."""
    codes = [_code(*match.groups("")) for match in TOKEN.finditer(text)]
    kept = []
    for place, (code, value) in enumerate(codes):
        last = kept[-1][0] if kept else ""
        following = codes[place + 1][0] if place + 1 < len(codes) else ""
        if code == "," and last == following == "D":
            kept.append(("-", 0))
        elif code not in (",", "") and not (code == "-" and last == "P" and following == "M"):
            kept.append((code, value))
    return kept


@lru_cache(maxsize=2_000)
def _code(word: str, number: str, mark: str) -> tuple[str | None, int]:
    if number:
        return {1: "D", 2: "D", 4: "Y"}.get(len(number)), int(number[:4])
    plain = word.rstrip(".").lower()
    if plain in PARTS:
        return "P", PARTS[plain]
    if len(plain) > 2 and any(day.startswith(plain) for day in WEEKDAYS):
        return "", 0
    if len(plain) > 2 and word[0].isupper():
        begins = [month for month, name in enumerate(MONTHS, 1) if name.startswith(plain)]
        return ("M", begins[0]) if begins else (None, 0)
    token = plain or mark
    return ("-" if token in BETWEEN else "," if token == "," else "" if token in IDLE else None), 0


def _months(sides: tuple[Side, ...]) -> list[int | None]:
    """Give a side without a month that of the side before, or else of the side after."""
    months = [side.month for side in sides]
    for place in range(1, len(months)):
        months[place] = months[place] or months[place - 1]
    for place in range(len(months) - 2, -1, -1):
        months[place] = months[place] or months[place + 1]
    return months


def _years(sides: tuple[Side, ...], months: list[int], before: Side | None) -> list[int]:
    years = [side.year for side in sides]
    if not any(year is not None for year in years):
        if before is None or before.year is None:
            raise ValueError("no year, and no entry before to take it from")
        apart = months[0] - (before.month or months[0])
        years[0] = before.year + (apart < -6) - (apart > 6)
    for place in range(len(years) - 2, -1, -1):
        if years[place] is None and years[place + 1] is not None:
            years[place] = years[place + 1] - (months[place] > months[place + 1])
    for place in range(1, len(years)):
        if years[place] is None:
            years[place] = years[place - 1] + (months[place] < months[place - 1])
    return years


def _limits(side: Side, year: int, month: int) -> tuple[date, date]:
    """First and last day of one side."""
    try:
        last = calendar.monthrange(year, month)[1]
        if side.day is not None:
            return (date(year, month, side.day),) * 2
        if side.part is None:
            return date(year, month, 1), date(year, month, last)
        until = last if side.part > 20 else side.part + 9
        return date(year, month, side.part), date(year, month, until)
    except ValueError as error:
        raise ValueError("no such day") from error
