"""What a paper takes from an executed notebook: its sentences, figures and tables."""

import re
from dataclasses import dataclass, field, replace

from jkrel.receipts import numbers

CAPTION = re.compile(r"\*\*Figure (\d+)\.\*\*\s*")
LEFT_OUT = "not-in-paper"
"""Tag of cells that papers leave out."""
ONE_COLUMN = "one-column"
"""Tag of cells whose figures fit one column of a journal."""
ANNOUNCING = 6
"""Words of a paragraph that, ending in a colon, says no more than that something follows."""
WIDEST = 138
"""Characters of a table's line beyond which its longer texts are broken."""
LONGEST = 46
"""Characters of a text that is broken only in a table that is too wide."""


@dataclass(frozen=True)
class Figure:
    """A figure: its notebook, its number there, caption and alternative text."""

    notebook: str
    number: int
    caption: str
    alternative: str
    narrow: bool = False


@dataclass(frozen=True)
class Table:
    """A table as it was shown: words above the columns, rows, and how many columns are names."""

    head: list[str]
    rows: list[list[str]]
    names: int
    caption: str = ""


@dataclass(frozen=True)
class Excerpt:
    """One thing that a notebook shows: a heading, a paragraph, a figure or a table."""

    kind: str
    content: object
    source: str = ""
    section: str = ""
    computed: bool = False


@dataclass
class _Reader:
    """What is known while a notebook is read from top to bottom."""

    name: str
    found: list[Excerpt] = field(default_factory=list)
    section: str = ""
    figures: int = 0

    def add(self, kind: str, content, source: str = "", computed: bool = False) -> None:
        self.found.append(Excerpt(kind, content, source, self.section, computed))


def read(notebook, name: str) -> list[Excerpt]:
    """Take an executed notebook apart, in order, without its code.

    Parameters
    ----------
    notebook : NotebookNode
        Executed by :func:`jkrel.publish.execution.run`.
    name : str
        Stem of its file.

    Returns
    -------
    list of Excerpt
        Captions are with their figures. A sentence that ends in a colon, and so announces an
        output, becomes the caption of the table after it; where it only announces something
        else ("In numbers:"), it is left out, and so are cells tagged ``not-in-paper``.
    """
    reader = _Reader(name)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if LEFT_OUT in tags:
            reader.figures += sum(map(_is_figure, cell.get("outputs", [])))
        elif cell.cell_type == "markdown":
            _read_prose(reader, cell.source)
        else:
            for output in cell.get("outputs", []):
                _read_output(reader, output, cell.source, ONE_COLUMN in tags)
    return [one for one in reader.found if not _announces(one)]


def _read_prose(reader: _Reader, text: str, source: str = "", computed: bool = False) -> None:
    for part in re.split(r"\n\s*\n", text.strip()):
        if heading := re.match(r"(#+) (.*)", part):
            reader.section = heading[2]
            reader.add("heading", (len(heading[1]), heading[2]))
            part = part[heading.end() :].strip()
        if part:
            reader.add("text", part, source, computed)


def _is_figure(output) -> bool:
    return "image/png" in output.get("data", {})


def _read_output(reader: _Reader, output, source: str, narrow: bool) -> None:
    data = output.get("data", {})
    if _is_figure(output):
        reader.figures += 1
        alternative = output.metadata.get("image/png", {}).get("alt", "")
        figure = Figure(reader.name, reader.figures, "", alternative, narrow)
        reader.add("figure", figure, source, True)
    elif caption := CAPTION.match(data.get("text/markdown", "")):
        last = max(n for n, one in enumerate(reader.found) if one.kind == "figure")
        drawn = reader.found[last]
        figure = replace(drawn.content, caption=caption.string[caption.end() :])
        reader.found[last] = replace(drawn, content=figure, source=source)
    elif "text/markdown" in data:
        _read_prose(reader, data["text/markdown"], source, True)
    elif "text/html" in data and "<table" in data["text/html"]:
        table = replace(read_table(data["text/html"]), caption=_announced(reader))
        reader.add("table", table, source, True)


def _announced(reader: _Reader) -> str:
    """Take the sentence that announces a table out of the paragraph before it, as its caption."""
    before = reader.found[-1] if reader.found else None
    if before is None or before.kind != "text" or not before.content.endswith(":"):
        return ""
    *rest, last = sentences(before.content)
    reader.found[-1:] = [replace(before, content=" ".join(rest))] if rest else []
    return last.rstrip(":") + "."


def _announces(one: Excerpt) -> bool:
    """Return whether a paragraph only says that something follows."""
    typed = one.kind == "text" and not one.computed
    return typed and one.content.endswith(":") and len(one.content.split()) <= ANNOUNCING


def sentences(text: str) -> list[str]:
    """Split a paragraph, or the items of a list, into sentences."""
    items = re.split(r"\n(?:- )?|^- ", text)
    return [one for item in items if item for one in re.split(r"(?<=[.!?]) +(?=[A-Z*“])", item)]


def read_table(page: str) -> Table:
    """Read a table that pandas wrote as HTML: one line of heads, numbers fit to be read."""
    ((head, body),) = numbers.tables(page)
    heads, rows = _texts(head), _texts(body)
    names = max((sum(cell.header for cell in row) for row in body), default=0)
    for line in heads[:-1]:  # the last line names the index; what stands above names the columns
        line[:names] = [""] * names
    head = [" ".join(dict.fromkeys(filter(None, column))) for column in zip(*heads, strict=True)]
    if names == 1 and not head[0] and [row[0] for row in rows] == list(map(str, range(len(rows)))):
        head, rows, names = head[1:], [row[1:] for row in rows], 0
    head = [text.replace("_", " ") for text in head]
    columns = map(_readable, head, map(list, zip(*rows, strict=True)))
    return Table(head, [list(row) for row in zip(*columns, strict=True)], names)


def _texts(rows: list[list[numbers.Cell]]) -> list[list[str]]:
    """Give each column its text; what spans rows stands in the first, what spans columns in all."""
    above = [[None] * len(row) for row in rows[:1]] + rows
    return [
        ["" if cell is before else cell.text.strip() for cell, before in zip(*pair, strict=True)]
        for pair in zip(rows, above, strict=False)
    ]


def _readable(name: str, column: list[str]) -> list[str]:
    """Drop the decimals of counts; write what is missing as a dash, and truth as yes or no."""
    words = {**dict.fromkeys(["NaN", "NaT", "None", "<NA>", "nan"], "–"), "True": "yes"}
    words["False"] = "no"
    numbers = [text for text in column if re.fullmatch(r"[-+]?\d+\.\d+", text)]
    whole = all(float(text).is_integer() for text in numbers)
    if whole and any(abs(float(text)) > 1 for text in numbers):
        column = [text.split(".")[0] if text in numbers else text for text in column]
    elif re.match(r"p\b", name):
        column = [re.sub(r"^0\.(0*)0$", r"<0.\g<1>1", text) for text in column]
    return [re.sub(r"^-(?=\d)", "−", words.get(text, text)) for text in column]


def chosen(
    table: Table,
    columns: dict | None = None,
    names: list | None = None,
    decimals: int | None = None,
) -> Table:
    """Choose and rename columns of a table, by the words above them.

    Parameters
    ----------
    table : Table
    columns : dict of str to str, optional
        Words above the columns, and the words instead; all columns as they are, if none.
    names : list of str, optional
        Words above the first columns, which name the rows.
    decimals : int, optional
        To which longer numbers are rounded.

    Raises
    ------
    KeyError
        If there are no such columns; those there are, are named.
    """
    head, rows = list(table.head), table.rows
    if columns:
        unknown = [name for name in columns if name not in head[table.names :]]
        if unknown:
            known = ", ".join(head[table.names :])
            raise KeyError(f"no column {', '.join(map(repr, unknown))}; there are {known}")
        keep = [*range(table.names), *(head.index(name, table.names) for name in columns)]
        head = [head[n] for n in keep[: table.names]] + [new or old for old, new in columns.items()]
        rows = [[row[n] for n in keep] for row in rows]
    if names:
        head[: len(names)] = names
    if decimals is not None:
        rows = [[_rounded(text, decimals) for text in row] for row in rows]
    return Table(head, rows, table.names, table.caption)


def _rounded(text: str, decimals: int) -> str:
    """Give a number that has decimals so many; what would vanish is said to be less."""
    if not re.fullmatch(r"−?\d+\.\d+", text):
        return text
    value = float(text.replace("−", "-"))
    least = 10.0**-decimals
    if 0 < value < least / 2:
        return f"<{least:.{decimals}f}"
    return f"{value:z.{decimals}f}".replace("-", "−")


def markdown(table: Table) -> str:
    """Write a table in the Markdown of pandoc, numbers to the right, without its caption."""
    rows = [[_safe(text) for text in row] for row in [table.head, *table.rows]]
    widths = _widths(list(zip(*rows, strict=True)))
    numeric = [_numeric(column) for column in zip(*table.rows, strict=True)]
    rule = [
        "-" * max(width - 1, 2) + ":" if right else ":" + "-" * max(width - 1, 2)
        for width, right in zip(widths, numeric, strict=True)
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], rule, *rows[1:]])


def _widths(columns: list[tuple[str, ...]]) -> list[int]:
    """Return the characters of each column; where they are too many, long texts are broken."""
    whole = [max(map(len, column)) for column in columns]
    words = [max(len(word) for text in column for word in text.split(" ")) for column in columns]
    room = WIDEST - 3 * len(columns)
    for most in (max(whole), *range(LONGEST, 6, -2)):
        widths = [max(word, min(width, most)) for word, width in zip(words, whole, strict=True)]
        if sum(widths) <= room:
            break
    return widths


def _safe(text: str) -> str:
    return re.sub(r"([\\|*_`<>$~^@\[\]])", r"\\\1", text)


def _numeric(column: tuple[str, ...]) -> bool:
    known = [text for text in column if text not in ("", "–")]
    return bool(known) and all(re.match(r"[<−+-]?[\d.,]+%?( \(|$)", text) for text in known)
