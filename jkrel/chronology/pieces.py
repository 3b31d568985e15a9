"""A long text in pieces, each from the head of an entry to the next, so that memory stays flat.

Most of what reads a chronology looks at a line and its neighbours. What it has to know of the
whole file, :func:`survey` finds in a first pass.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from jkrel.chronology import blocks, layout
from jkrel.chronology.layout import Line, Whole, Words

LINES = 5_000
"""Lines of a piece."""
MARGIN = 12
"""Lines around a cut that hold no page break, so that no edge of a page is cut from its page."""


class Piece(NamedTuple):
    """A piece of a text: the number of its first line, and whether it is the first or the last."""

    number: int
    text: str
    first: bool
    last: bool


class Survey(NamedTuple):
    """What the pieces of a file have to know of the others: running heads, pages, and words."""

    heads: Counter
    paged: bool
    words: Words

    def whole(self, piece: Piece) -> Whole:
        """What a piece has to know to tell the furniture of its pages."""
        return Whole(self.heads, self.paged, piece.first, piece.last)


def cut(lines: Iterable[str], size: int | None = None) -> Iterator[Piece]:
    """Cut a text before full dates that follow a blank line, about every `size` lines.

    Parameters
    ----------
    lines : iterable of str
        The lines of a file, with their ends.
    size : int, optional
        ``LINES`` if left out. Where no cut can be made, a piece is longer.

    Yields
    ------
    Piece
        Their texts, one after another, are the text.
    """
    size = size or LINES
    held, number, first = [], 1, True
    for line in lines:
        held.append(line)
        place = len(held) - MARGIN
        if place >= size and _may_cut(held, place):
            yield Piece(number, "".join(held[:place]), first, False)
            number, first, held = number + place, False, held[place:]
    yield Piece(number, "".join(held), first, True)


def survey(read: Callable[[], Iterable[str]]) -> Survey | None:
    """Read a text once, for what its pieces have to know of each other.

    Parameters
    ----------
    read : callable
        Returns the lines of the file, from the start each time.

    Returns
    -------
    Survey or None
        None if the text is one piece, or has a further heading of a chronology after the first
        piece, and so has to be read as a whole.
    """
    heads, known, broken, paged = Counter(), set(), set(), False
    for piece in cut(read()):
        if piece.first and piece.last:
            return None
        found, _ = layout.lines(piece.text, piece.number)
        if not piece.first and any(_may_head(line) for line in found):
            return None
        paged = paged or "\f" in piece.text
        heads.update(layout.heads_of_pages(found, Whole(None, paged, piece.first, piece.last)))
        known |= layout.known_words(found)
        broken |= set(layout.broken_words(found))
    return Survey(heads, paged, Words(known, layout.breaks_words(broken, known)))


def _may_cut(held: list[str], place: int) -> bool:
    """Whether a line after a blank one heads an entry by a full date, far from page breaks."""
    text = held[place].strip()
    if not text or held[place - 1].strip() or "\f" in "".join(held[place - MARGIN :]):
        return False
    dated = blocks.dated_line([Line(0, text, "blank")], 0)
    return bool(dated and dated.head and dated.head.has_year and dated.head.has_day)


def _may_head(line: Line) -> bool:
    return "HRONOLOG" in line.text[: layout.LONGEST_HEAD].upper()
