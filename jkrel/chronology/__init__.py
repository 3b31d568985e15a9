"""Text of an article: dated entries, their normal form and hash, and a check of one's own copy."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from jkrel.chronology import blocks, layout, passages, pieces
from jkrel.chronology.blocks import Block, Dated
from jkrel.chronology.layout import Line, Note
from jkrel.chronology.passages import Carried, Passage
from jkrel.chronology.wording import digest, normalise, sha256

__all__ = [
    "Chronology",
    "body",
    "entries",
    "normalise",
    "read",
    "sha256",
    "stream",
    "titles",
    "verify",
]

NONE_FOUND = "no chronology found: no line starts with a date such as 'Sept. 1, 2022:'"


@dataclass(frozen=True)
class Chronology:
    """A chronology, and an account of every line that is not in it as printed.

    Attributes
    ----------
    title : str
        The heading, with the period under it; empty for a chronology without a heading.
    entries : DataFrame
        One row per entry in the printed order: entry_id, date_start, date_end, date_precision
        (day, approximate, month), text (normal form), sha256. The three of the date are missing
        where the printed one names no day.
    problems : DataFrame
        One row per line that was not understood, or only guessed: line (from 1), level, text,
        reason. The level is ``error`` for an entry without a date, and otherwise ``warning``.
    removed : DataFrame
        One row per line that belongs to the page and not to the text: line, text, reason.
    """

    title: str
    entries: pd.DataFrame
    problems: pd.DataFrame
    removed: pd.DataFrame


def read(text: str, source_id: str, title: str | None = None) -> Chronology:
    """Read the chronology of an article, with an account of what was not understood.

    Page numbers, running heads and captions are taken away, and hyphenation at the ends of lines
    is undone, before an entry is brought to its normal form: a clean copy and one made from pages
    give the same entries. The time is linear in the length of the text.

    Parameters
    ----------
    text : str
        The article. A chronology starts at its heading, or, without one, at the first dated
        entry, and runs to the next heading, to another section after its last entry, or the end.
    source_id : str
        Prefix of the entry ids, such as ``cc24-3``.
    title : str, optional
        Words of the title, in any case; needed if there are several chronologies.

    Returns
    -------
    Chronology
        Its entries, problems and removed lines.

    Raises
    ------
    ValueError
        If the text holds no dated entry, or several chronologies, of which the title chooses none
        or more than one.
    """
    pages = _pages(text)
    chosen = _chosen(pages, title)
    return _told(pages, chosen, source_id, layout.vocabulary(pages.lines))[0]


def stream(
    read_lines: Callable[[], Iterable[str]], source_id: str, title: str | None = None
) -> Iterator[Chronology]:
    """Read a chronology piece by piece, so that memory does not grow with its length.

    Parameters
    ----------
    read_lines : callable
        Returns the lines of the article, from the start each time; they are read twice.
    source_id, title : str
        As for :func:`read`.

    Yields
    ------
    Chronology
        The next entries, with what was not understood among them. A text of up to
        ``pieces.LINES`` lines, and one with several chronologies in different parts, is read as a
        whole. Otherwise all is as in :func:`read`, but that the words of running heads count
        among those by which hyphens are judged.

    Raises
    ------
    ValueError
        As :func:`read`.
    """
    known = pieces.survey(read_lines)
    if known is None:
        yield read("".join(read_lines()), source_id, title)
        return
    carried = None
    for piece in pieces.cut(read_lines()):
        pages = _pages(piece.text, piece.number, known.whole(piece))
        chosen = _chosen(pages, title if piece.first else None)
        goes_on = not piece.last and chosen[0].end == len(pages.lines)
        found, carried = _told(pages, chosen, source_id, known.words, carried, goes_on)
        yield found
        if not goes_on:
            return


def _told(
    pages: "_Pages", chosen, source_id: str, words: layout.Words, carried=None, goes_on=False
) -> tuple[Chronology, Carried]:
    """The chosen chronology, or a piece of it, and what the next piece takes from it."""
    block, dated, doubts = chosen
    first = carried.number + 1 if carried else 1
    found, problems, removed, carried = passages.passages(
        pages.lines, block, dated, words, carried, goes_on
    )
    numbers = _numbers(pages.lines, block)
    problems += [*doubts, *(note for note in pages.empty if note.line in numbers)]
    problems += [_without_entries(pages, other) for other, dates, _ in pages.blocks if not dates]
    removed += [note for note in pages.removed if note.line in numbers]
    accounts = _noted(problems), _noted(removed).drop(columns="level")
    return Chronology(block.title, _frame(found, source_id, first), *accounts), carried


def entries(text: str, source_id: str, title: str | None = None) -> pd.DataFrame:
    """Split an article into the numbered, dated entries of its chronology.

    Parameters
    ----------
    text, source_id, title : str
        As for :func:`read`.

    Returns
    -------
    DataFrame
        The entries of :func:`read`, each with its days.

    Raises
    ------
    ValueError
        As :func:`read`, and for dates that name no day, each with its line.
    """
    found = read(text, source_id, title)
    wrong = found.problems[found.problems["level"].eq("error")].itertuples()
    if messages := [f"line {row.line}: {row.reason}: {row.text!r}" for row in wrong]:
        raise ValueError("; ".join(messages))
    return found.entries


def titles(text: str) -> list[str]:
    """List the titles of the chronologies in a text."""
    return [block.title for block, dated, _ in _pages(text).blocks if dated]


def body(text: str, title: str | None = None) -> str:
    """Return the normal form of what stands before the chronology."""
    pages = _pages(text)
    return normalise("\n".join(line.text for line in _before(pages, pages.printed, title)))


def verify(text: str, told: pd.DataFrame, title: str | None = None) -> pd.DataFrame:
    """Compare coded passages with a reader's own copy of the article.

    Parameters
    ----------
    text : str
        The reader's copy.
    told : DataFrame
        Rows of ``event_sources`` of one article: locator, entry_sha256, entry_words.
    title : str, optional
        As for :func:`read`.

    Returns
    -------
    DataFrame
        One row per passage: locator and status. ``same``: the passage stands in the copy, word
        for word; ``differs``: the entry of that number has other words; ``missing``: neither.
        Body passages are looked for at every word, with the furniture of pages and without, so
        they are ``same`` or ``missing``.
    """
    coded = told.drop_duplicates("locator").sort_values("locator")
    found = read(text, "copy", title).entries
    hashes = set(found["sha256"])
    numbers = set(found["entry_id"].str.removeprefix("copy-"))
    words = [form.split(" ") for form in {body(text, title), _repaired_body(text, title)}]
    status = [
        _status(row.locator, row.entry_sha256, int(row.entry_words), hashes, numbers, words)
        for row in coded.itertuples()
    ]
    return pd.DataFrame({"locator": coded["locator"].to_numpy(), "status": status})


@dataclass(frozen=True)
class _Pages:
    """A file: its lines as printed and without furniture, and its chronologies' dated lines."""

    printed: list[Line]
    lines: list[Line]
    empty: list[Note]
    removed: list[Note]
    blocks: list[tuple[Block, list[Dated], list[Note]]]


def _pages(text: str, first: int = 1, whole: layout.Whole | None = None) -> _Pages:
    printed, empty = layout.lines(text, first)
    kept, furniture = layout.without_furniture(printed, whole)
    kept, repeats = blocks.without_repeats(kept)
    found = [(block, *blocks.heads(kept, block)) for block in blocks.blocks(kept)]
    return _Pages(printed, kept, empty, [*furniture, *repeats], found)


def _chosen(pages: _Pages, title: str | None) -> tuple[Block, list[Dated], list[Note]]:
    """The only chronology with entries, or the one that the title chooses."""
    found = [block for block in pages.blocks if block[1]]
    if not found:
        raise ValueError(NONE_FOUND)
    wanted = normalise(title or "").casefold()
    exact = [each for each in found if each[0].title.casefold() == wanted]
    chosen = exact or [each for each in found if wanted in each[0].title.casefold()]
    if len(chosen) == 1:
        return chosen[0]
    listed = "; ".join(f"{block.title!r} ({len(dated)} entries)" for block, dated, _ in found[:10])
    if title is None:
        raise ValueError(f"{len(found)} chronologies, choose one by its title: {listed}")
    raise ValueError(f"{len(chosen)} chronologies have {title!r} in their title: {listed}")


def _numbers(lines: list[Line], block: Block) -> range:
    """The numbers of the lines in the file between which a chronology stands."""
    last = lines[block.end].number if block.end < len(lines) else 1 + 10**12
    return range(lines[block.heading].number, last)


def _without_entries(pages: _Pages, block: Block) -> Note:
    line = pages.lines[block.heading]
    return Note(line.number, line.text, "a heading without entries")


def _before(pages: _Pages, lines: list[Line], title: str | None) -> list[Line]:
    """The lines between the chronology before and the heading of the chosen one."""
    found = [each for each in pages.blocks if each[1]] or pages.blocks
    if not found:
        return lines
    heading = (_chosen(pages, title) if found[0][1] else found[0])[0].heading
    starts = [_end(pages, each) for each in found if each[0].end <= heading]
    start, end = max(starts, default=0), pages.lines[heading].number
    return [line for line in lines if start <= line.number < end]


def _end(pages: _Pages, found: tuple[Block, list[Dated], list[Note]]) -> int:
    """The number of the line that follows a chronology's last entry."""
    block, dated, _ = found
    last = dated[-1].place + dated[-1].height if dated else block.start
    place = blocks.end_of_last_entry(pages.lines, last, block.end)
    return pages.lines[place].number


def _repaired_body(text: str, title: str | None) -> str:
    pages = _pages(text)
    lines = _before(pages, pages.lines, title)
    return normalise(layout.join(lines, layout.vocabulary(pages.lines))[0]) if lines else ""


def _frame(found: list[Passage], source_id: str, first: int) -> pd.DataFrame:
    spans = [passage.span or (None, None, None) for passage in found]
    frame = pd.DataFrame(spans, columns=["date_start", "date_end", "date_precision"])
    frame = frame.astype(dict.fromkeys(["date_start", "date_end"], "datetime64[s]"))
    texts = [passage.text for passage in found]
    ids = [f"{source_id}-{number:03d}" for number in range(first, first + len(found))]
    frame.insert(0, "entry_id", ids)
    return frame.assign(text=texts, sha256=[digest(text) for text in texts])


def _noted(notes: list[Note]) -> pd.DataFrame:
    """Notes in the order of their lines."""
    columns = ["line", "level", "text", "reason"]
    rows = [(note.line, note.level, note.text, note.reason) for note in sorted(notes)]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"line": "int64"} | dict.fromkeys(columns[1:], "str"))


def _status(locator, digest, length, hashes, numbers, bodies) -> str:
    number = locator.rsplit("-", 1)[1]
    if not number.isdigit():
        return "same" if any(_stands_in(body, digest, length) for body in bodies) else "missing"
    if digest in hashes:
        return "same"
    return "differs" if number in numbers else "missing"


def _stands_in(words: list[str], wanted: str, length: int) -> bool:
    runs = (" ".join(words[i : i + length]) for i in range(len(words) - length + 1))
    return any(digest(run) == wanted for run in runs)
