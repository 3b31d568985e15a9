"""The numbers that an output of a notebook shows: where each stands, and links put on them."""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
DAY = r"\b\d{1,2}(?:(?: ?[–-] ?| to | and )\d{1,2})?"
TYPED = {
    "code span": r"`[^`]*`",
    "link": r"\]\([^)]*\)",
    "date": rf"(?:{DAY} )?\b{MONTH} (?:19|20)\d\d\b",
    "year": r"(?<![\d.,])\b(?:19|20)\d\d(?:[–-]\d{2,4})?\b(?![.,]\d|\s?%)",
    "figure or section": r"\b(?:Figures?|section) \d+\b",
    "column": r"\*\w+_\d\*",
    "name": r"\b(?:G7|G20|PLOVER 2\.0|CC BY 4\.0|R 4)\b",
}
"""Digits that stand for themselves: the only ones that text typed into a notebook may hold."""
RENDERED = {
    "address": r"https?://[^\s<]+",
    "entity": r"&#?\w+;",
    "whole date": r"\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b",
    "day": rf"{DAY} {MONTH}|\b{MONTH} \d{{1,2}}(?:[–-]\d{{1,2}})?(?:, (?:19|20)\d\d)?\b",
    "time": r"\b\d{1,2}:\d\d(?::\d\d)?\b",
    "version": r"\b\d+\.\d+\.\d+\b",
    "type": r"dtype: \w+",
    "id": r"\b(?=[\w./-]*\d)[^\W\d]\w*(?:[-./]\w+)*",
    "joined": r"\b\d+(?:[.,]\d+)*(?![eE][-+]?\d)[^\W\d]\w*(?:[-./]\w+)*",
}
"""Further digits in outputs that are no numbers: addresses, ids, versions, times of day."""
NUMBER = re.compile(
    r"(?:(?<![\w)\]])[-−+])?(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
    r"(?:[eE][-+]?\d+)?(?: ?%)?(?!\w)"
)
NAMES = re.compile("|".join(f"(?:{form})" for form in (RENDERED | TYPED).values()))
YEARS = re.compile(r"year|date|^since$|^until$", re.IGNORECASE)
"""Headers under which a bare 2023 is a year; under others it is a count."""
HIDDEN = {"style", "script"}
AROUND = 40


@dataclass(frozen=True)
class Number:
    """A number as it is shown.

    Attributes
    ----------
    start, end : int
        Where it stands in the source of the output, from 0.
    value : str
        As shown: ``1,003``, ``-0.5``, ``75%``.
    place : str
        ``prose``, ``caption`` or ``table``.
    words : str
        The words around it, or the labels of its row and column.
    labels : tuple of (str, str, tuple of str)
        For each label of its row, then of its column: the name of the axis, which may be empty,
        its text, and all texts of the axis.
    cells : tuple of (str, str)
        Header and text of every cell of its row.
    linked : bool
        Whether it stands in a link already.
    """

    start: int
    end: int
    value: str
    place: str
    words: str
    labels: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    cells: tuple[tuple[str, str], ...] = ()
    linked: bool = False


def rendered(output) -> tuple[str, str]:
    """Return the richest text of an output and its kind: markdown, html, plain or none."""
    if output.output_type == "stream":
        return output.text, "plain"
    data = output.get("data", {})
    if any(name.startswith("image/") for name in data):
        return "", "none"
    for kind in ("markdown", "html", "plain"):
        if f"text/{kind}" in data:
            return data[f"text/{kind}"], kind
    return "", "none"


def scan(text: str, kind: str) -> list[Number]:
    """Find the numbers of an output.

    A number has a sign, separators of thousands, decimals or a per cent sign if they are shown.
    These digits are not numbers, here as in the tests of typed text: dates, and calendar years
    and months, which name a period (a year alone in a cell of a table is one only under a header
    such as *year*); times of day; versions; addresses; code; digits joined to letters, by a
    hyphen too, since they are part of a name or an id (``G7``, ``12th``, ``cc24-3-009a``);
    ``Figure 2``. Labels of rows and columns are labels, and not counted.

    Parameters
    ----------
    text : str
        Source of the output.
    kind : {"markdown", "html", "plain"}

    Returns
    -------
    list of Number
        In the order of the source.
    """
    if kind == "html":
        page = _Page(text)
        return page.numbers()
    found = []
    place = "caption" if re.match(r"\*\*(?:Figure|Table) ", text) else "prose"
    for start, line, header in _lines(text, kind):
        if header is None:
            inside = [match.span() for match in re.finditer(r"\[[^\]]*\]\([^)]*\)", line)]
            for first, last in _spans(line):
                linked = any(a <= first < b for a, b in inside)
                words = _around(line, first, last)
                span = start + first, start + last
                found.append(Number(*span, line[first:last], place, words, linked=linked))
        else:
            found += _markdown_row(start, line, header)
    return found


def link(text: str, kind: str, targets: list[tuple[str, str]]) -> str:
    """Make each number of an output a link; nothing else of it changes.

    Parameters
    ----------
    text, kind : str
        The output as :func:`scan` takes it; HTML has been cleaned before. Plain text becomes
        HTML.
    targets : list of tuple of str
        For each number in the order of :func:`scan` its value, as its receipt has it, and the
        address of that receipt.

    Returns
    -------
    str
        Numbers that stand in a link already are left alone.

    Raises
    ------
    ValueError
        If the values are not those of the output.
    """
    shown_as = html.escape if kind == "plain" else str
    numbers = scan(text, kind)
    values, told = [number.value for number in numbers], [value for value, _ in targets]
    if values != told:
        raise ValueError(f"the output shows {values}, its receipts {told}")
    form = "[{0}]({1})" if kind == "markdown" else '<a class="receipt" href="{1}">{0}</a>'
    parts, last = [], 0
    for number, (_, address) in zip(numbers, targets, strict=True):
        if not number.linked:
            target = address if kind == "markdown" else html.escape(address)
            shown = text[number.start : number.end]
            parts += [shown_as(text[last : number.start]), form.format(shown, target)]
            last = number.end
    return "".join([*parts, shown_as(text[last:])])


def _spans(text: str) -> list[tuple[int, int]]:
    masked = NAMES.sub(lambda match: "\0" * len(match[0]), text)
    return [match.span() for match in NUMBER.finditer(masked)]


def _cell_spans(text: str, headers: list[str]) -> list[tuple[int, int]]:
    """Find numbers in a cell of a table, where 2023 alone is a year only if a header says so."""
    alone = re.fullmatch(r"\s*((?:19|20)\d\d)\s*", text)
    if alone and not any(YEARS.search(header) for header in headers):
        return [alone.span(1)]
    return _spans(text)


def _around(text: str, start: int, end: int) -> str:
    words = text[max(start - AROUND, 0) : end + AROUND]
    return " ".join(html.unescape(words).split())


def _lines(text: str, kind: str):
    """Yield each line with its place, and its header if it is a row of a Markdown table."""
    start, header, before = 0, None, ""
    for line in text.splitlines(keepends=True):
        if kind == "markdown" and re.fullmatch(r"\|[\s:|-]+\|\s*", line):
            header = _fields(before)
        elif not line.startswith("|"):
            header = None
        if not (header is None and kind == "markdown" and line.startswith("|")):
            yield start, line, header
        start, before = start + len(line), line


def _fields(line: str) -> list[tuple[int, str]]:
    """Split a row of a Markdown table into places and texts."""
    parts = [(m.start(1), m[1]) for m in re.finditer(r"(?<=\|)((?:\\\||[^|\n])*)(?=\|)", line)]
    return [(place + len(part) - len(part.lstrip()), part.strip()) for place, part in parts]


def _markdown_row(start: int, line: str, header: list) -> list[Number]:
    fields = _fields(line)
    names = [name for _, name in header]
    cells = tuple(zip(names, [text for _, text in fields], strict=False))
    found = []
    for (place, text), name in zip(fields, names, strict=False):
        labels = (("", fields[0][1], ()), ("", name, ()))
        words = f"{fields[0][1]}, {name}"
        for first, last in _cell_spans(text, [name]):
            span = start + place + first, start + place + last
            found.append(Number(*span, text[first:last], "table", words, labels, cells))
    return found


@dataclass
class Cell:
    """A cell of a table: whether it is a header, what it spans, its text, and where that stands."""

    header: bool
    columns: int
    rows: int
    text: str = ""
    runs: list = field(default_factory=list)


class _Page(HTMLParser):
    """Reads HTML into runs of text with their places, and cells of tables."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=False)
        self.source, self.begin = text, 0
        self.lines = [0, *(m.end() for m in re.finditer("\n", text))]
        self.open: list[str] = []
        self.runs, self.tables, self.cell = [], [], None
        self.feed(text)
        self.close()
        self._run(len(text))

    def numbers(self) -> list[Number]:
        """Return the numbers, those of tables with their labels."""
        found = []
        for start, end, linked in self.runs:
            text = self.source[start:end]
            for first, last in _spans(text):
                words, span = _around(text, first, last), (start + first, start + last)
                found.append(Number(*span, text[first:last], "prose", words, linked=linked))
        for head, body in self.tables:
            found += _table_numbers(self.source, expanded(head), expanded(body))
        return sorted(found, key=lambda number: number.start)

    def _place(self) -> int:
        line, offset = self.getpos()
        return self.lines[line - 1] + offset

    def _run(self, end: int) -> None:
        """Close the run of text that ends here."""
        text = self.source[self.begin : end]
        if text.strip() and not HIDDEN & set(self.open):
            run = self.begin, end, "a" in self.open
            if self.cell is None:
                self.runs.append(run)
            else:
                self.cell.text += html.unescape(text)
                self.cell.runs.append(run)

    def handle_starttag(self, tag, attrs):
        """Open a table, a row or a cell."""
        place = self._place()
        self._run(place)
        self.begin = place + len(self.get_starttag_text())
        if tag not in {"br", "img", "hr", "input", "col", "meta", "link"}:
            self.open.append(tag)
        if tag == "table":
            self.tables.append(([], []))
        elif tag == "tr" and self.tables:
            self.tables[-1]["thead" not in self.open].append([])
        elif tag in ("td", "th") and self.tables:
            spans = {name: int(value) for name, value in attrs if name in ("colspan", "rowspan")}
            self.cell = Cell(tag == "th", spans.get("colspan", 1), spans.get("rowspan", 1))
            self.tables[-1]["thead" not in self.open][-1].append(self.cell)

    def handle_startendtag(self, tag, attrs):
        """An element without content ends a run."""
        self._run(self._place())
        self.begin = self._place() + len(self.get_starttag_text())

    def handle_endtag(self, tag):
        """Close what was open."""
        place = self._place()
        self._run(place)
        self.begin = self.source.index(">", place) + 1
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]
        if tag in ("td", "th"):
            self.cell = None

    def handle_comment(self, data):
        """A comment ends a run."""
        self._run(self._place())
        self.begin = self.source.index(">", self._place() + 4 + len(data)) + 1


def tables(text: str) -> list[tuple[list[list[Cell]], list[list[Cell]]]]:
    """Return the tables of a page: rows of the head, and of the body, as :func:`expanded`."""
    return [(expanded(head), expanded(body)) for head, body in _Page(text).tables]


def expanded(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Return a rectangle of cells, those that span several places repeated."""
    grid: list[list] = [[] for _ in rows]
    for index, row in enumerate(rows):
        for cell in row:
            for below in grid[index : index + cell.rows]:
                below.extend([cell] * cell.columns)
    return grid


def _table_numbers(source: str, head: list, grid: list) -> list[Number]:
    found = []
    width = min((sum(cell.header for cell in row) for row in grid), default=0)
    columns, names = _headers(head, width)
    axes = [tuple({row[level].text.strip(): 0 for row in grid}) for level in range(width)]
    heads = [" ".join(text for _, text, _ in column if text) for column in columns]
    for row in grid:
        shown = [cell.text.strip() for cell in row]
        labels = tuple(zip(names, shown[:width], axes, strict=False))
        cells = tuple(zip([*names, *heads], shown, strict=False))
        for place, cell in enumerate(row[width:]):
            column = columns[place] if place < len(columns) else ()
            found += _cell_numbers(source, cell, labels, tuple(column), cells)
    return found


def _headers(head: list[list[Cell]], width: int) -> tuple[list, list[str]]:
    """Return the labels of each column with their names, and the names of the row labels."""
    texts = [[cell.text.strip() for cell in row] for row in head]
    names = [""] * width
    if len(texts) > 1 and not any(texts[-1][width:]):
        names = texts.pop()[:width]
    named = [row[width - 1] if width else "" for row in texts]
    length = max((len(row) for row in texts), default=0)
    axes = [tuple(dict.fromkeys(row[width:])) for row in texts]
    columns = [
        [
            (name, row[place], axis)
            for name, row, axis in zip(named, texts, axes, strict=True)
            if place < len(row)
        ]
        for place in range(width, length)
    ]
    return columns, names


def _cell_numbers(source: str, cell: Cell, rows: tuple, columns: tuple, cells: tuple) -> list:
    words = ", ".join(text for _, text, _ in (*rows, *columns) if text)
    found = []
    for start, end, linked in cell.runs:
        text = source[start:end]
        for first, last in _cell_spans(text, [label for _, label, _ in columns]):
            span, shown = (start + first, start + last), text[first:last]
            found.append(Number(*span, shown, "table", words, (*rows, *columns), cells, linked))
    return found
