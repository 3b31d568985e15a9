"""A reader's copy of an article, as a file of text, Markdown, HTML or PDF: read as text."""

import codecs
import html
import io
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

TAG = re.compile(r"<!--|-->|<![^<>]*>|<(/?[A-Za-z][A-Za-z0-9]{0,20})\b[^<>]*>")
HIDDEN = {"script", "style", "title"}
PARAGRAPHS = {
    "article", "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "footer", "hr", "li", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
}  # fmt: skip
NO_CHARACTER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")
LONG = 10_000_000
"""Bytes of a text from which on it is read line by line."""
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
GARBLED = "â€"  # a dash or a quote in UTF-8, once read as Windows-1252 and saved


def read_file(path: str | Path) -> str:
    """Read a copy of an article as text.

    Parameters
    ----------
    path : str or Path
        A file whose name ends in ``.pdf``, in ``.html`` or ``.htm``, or otherwise: text in UTF-8,
        with or without a byte order mark, or in UTF-16 with one.

    Returns
    -------
    str
        The text; the pages of a PDF are parted by form feeds, the blocks of HTML by blank lines.

    Raises
    ------
    ValueError
        If the bytes are not of that encoding, with the place of the first wrong one; if the text
        was garbled before; if a script or a comment of HTML has no end; if a PDF cannot be read,
        is locked, or holds pictures and no text.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    raw = path.read_bytes()
    if path.suffix.lower() == ".pdf":
        return _from_pdf(path)
    text = _decoded(path, raw)
    return _from_html(path, text) if path.suffix.lower() in (".html", ".htm") else text


def line_reader(path: str | Path) -> Callable[[], Iterable[str]]:
    """Return what reads the lines of a copy from the start, each time that it is called.

    A text of over ``LONG`` bytes is read line by line, so that it is never held as a whole.

    Raises
    ------
    ValueError, OSError
        As :func:`read_file`; for a long text not before its lines are read.
    """
    path = Path(path)
    if path.suffix.lower() in (".pdf", ".html", ".htm") or path.stat().st_size <= LONG:
        text = read_file(path)
        return lambda: io.StringIO(text, newline=None)
    return lambda: _lines(path)


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        encoding = "utf-16" if file.read(2) in UTF16 else "utf-8-sig"
    try:
        with path.open(encoding=encoding) as file:
            for line in file:
                if "\0" in line or (GARBLED in line and encoding == "utf-8-sig"):
                    read_file(path)
                yield line
    except UnicodeDecodeError:
        read_file(path)  # which tells the place
        raise


def _decoded(path: Path, raw: bytes) -> str:
    encoding = "utf-16" if raw.startswith(UTF16) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        place, found = _place(raw, error.start), raw[error.start]
        raise ValueError(
            f"{path}: {place} is 0x{found:02X}, which is not {error.encoding.upper()}; "
            "save the file as UTF-8 (it may be Windows-1252)"
        ) from error
    if "\0" in text:
        raise ValueError(f"{path}: {_place(raw, raw.index(0))} is 0x00: this is no text")
    if encoding == "utf-8-sig" and GARBLED in text:
        start = raw.index(GARBLED.encode())
        raise ValueError(
            f"{path}: {_place(raw, start)} begins {GARBLED!r}: UTF-8 that was once read as "
            "Windows-1252; take a copy that was saved as UTF-8 throughout"
        )
    return text


def _place(raw: bytes, start: int) -> str:
    """Name a byte as an editor of bytes does, from 0, and its line."""
    line = raw.count(b"\n", 0, start) + 1
    return f"byte {start} (line {line})"


def _from_html(path: Path, text: str) -> str:
    """Take the tags away, with what is between those that hide it; blocks become paragraphs."""
    out, position, until = [], 0, None
    for tag in TAG.finditer(text):
        name = (tag[1] or tag[0]).lower()
        if until is None:
            out.append(text[position : tag.start()])
        elif name != until:
            continue
        position = tag.end()
        if name == until:
            until = None
        elif name == "<!--" or name in HIDDEN:
            until = "-->" if name == "<!--" else f"/{name}"
        elif name.lstrip("/") in PARAGRAPHS:
            out.append("\n\n")
    if until:
        line = text.count("\n", 0, position) + 1
        raise ValueError(f"{path}: what begins at line {line} is not closed by {until!r}")
    return html.unescape(NO_CHARACTER.sub("\ufffd", "".join([*out, text[position:]])))


def _from_pdf(path: Path) -> str:
    import pypdf

    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("it is locked with a password")
        pages = [page.extract_text() for page in reader.pages]
    except Exception as error:  # broken files raise whatever they happen to break
        raise ValueError(f"{path}: this PDF cannot be read: {error}") from error
    if not any(page.strip() for page in pages):
        raise ValueError(f"{path}: no page holds text; a scan has to be recognised first")
    return "\n\f".join(pages)
