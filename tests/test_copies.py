"""A reader's copy is read as text, whatever kind of file it is; a broken one is refused."""

import contextlib
import time

import pytest

from jkrel import chronology
from jkrel.chronology import copies

# Made up for these tests.
LINES = [
    "CHRONOLOGY OF KITES",
    "Sept. 1, 2030: The blue kite – it is the club’s – rises over the bay.",
    "Sept. 30-Oct. 2, 2030: The red kite",
    "follows (slowly).",
]
TEXT = "\n".join(LINES)


def pdf(*pages):
    """A PDF of these pages, each a list of lines, as bytes."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        escaped = (line.replace("(", r"\(").replace(")", r"\)") for line in lines)
        shown = " ".join(f"({line}) Tj T*" for line in escaped)
        content = f"BT /F1 10 Tf 12 TL 72 720 Td {shown} ET"
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    return _file(objects)


def _file(objects):
    """Number the objects, and add the table of where they are."""
    made, places = b"%PDF-1.4\n", []
    for number, written in enumerate(objects, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{written}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF\n"
    return made + head.encode() + tail.encode()


@pytest.fixture
def copy(tmp_path):
    """Write a file of this name and these bytes, and read it."""

    def read(name, raw):
        path = tmp_path / name
        path.write_bytes(raw)
        return copies.read_file(path)

    return read


# Text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["copy.txt", "copy.md", "copy"])
def test_text_is_read_without_its_mark(copy, encoding, name):
    """UTF-8 with or without a byte order mark, and UTF-16 with one, are the same text."""
    assert copy(name, TEXT.encode(encoding)) == TEXT


def test_windows_1252_is_refused_with_the_byte(copy):
    """The error names the place of the first byte that is not UTF-8, its line and its value."""
    raw = TEXT.encode("cp1252")
    start = raw.index(b"\x96")
    with pytest.raises(ValueError, match=rf"copy.txt: byte {start} \(line 2\) is 0x96, .* UTF-8"):
        copy("copy.txt", raw)


def test_garbled_text_is_refused_with_the_byte(copy):
    """UTF-8 that was once read as Windows-1252 and saved is no faithful copy."""
    raw = TEXT.encode().decode("cp1252").encode()
    start = raw.index("â€".encode())
    with pytest.raises(ValueError, match=rf"byte {start} \(line 2\) begins .* Windows-1252"):
        copy("copy.txt", raw)


def test_a_file_that_is_no_text_is_refused(copy):
    """A zero byte stands in no text."""
    with pytest.raises(ValueError, match=r"byte 5 \(line 1\) is 0x00: this is no text"):
        copy("copy.txt", b"kites\0")


def test_a_cut_character_is_refused(copy):
    """A copy that ends in the middle of a character is not whole."""
    with pytest.raises(ValueError, match="byte 1 "):
        copy("copy.txt", "a—".encode()[:-1])


# HTML


@pytest.mark.parametrize("name", ["copy.html", "copy.HTM"])
def test_a_page_is_read_as_its_text(copy, name):
    """Blocks become paragraphs; links, emphasis, entities and no-break spaces their words."""
    page = """<html><head><title>Sept. 3, 2030: no</title><style>Sept. 4, 2030: no</style></head>
    <body><h2>CHRONOLOGY OF KITES</h2><p><strong>Sept.&nbsp;1, 2030:</strong> The blue kite &ndash;
    it is the <a href="https://example.org/club">club&rsquo;s</a> &#8211; rises<br>over the bay.</p>
    <script>"Sept. 2, 2030: no"</script><p>Sept. 30-Oct. 2, 2030: The red kite follows
    (slowly).</body></html>"""
    found = chronology.entries(copy(name, page.encode()), "kites")
    assert list(found["text"]) == list(chronology.entries(TEXT, "kites")["text"])


def test_what_does_not_show_is_no_text(copy):
    """Comments, scripts and broken numbers of characters do not get into the words."""
    page = (
        "<!-- <p>no</p> --><p>a <b>kite</b>&#99999999999; <!DOCTYPE html>5 < 6</p><style>x</style>"
    )
    assert copy("copy.html", page.encode()).split() == ["a", "kite\ufffd", "5", "<", "6"]


@pytest.mark.parametrize("tag", ["<script>", "<style>", "<!--"])
def test_a_page_cut_in_what_does_not_show_is_refused(copy, tag):
    """Nothing after it would be read, which an error says with the line."""
    with pytest.raises(ValueError, match="copy.html: what begins at line 2 is not closed"):
        copy("copy.html", f"<p>a</p>\n{tag} <p>kite</p>".encode())


@pytest.mark.parametrize(
    "pattern", ["<", "&", "<p ", "<!--", "-->", "<b>", "<p>", "&#1", "&#x", "<script></script>"]
)
def test_hostile_pages_take_time_in_proportion(copy, pattern):
    """Twice the length takes twice the time, and not four times."""

    def seconds(length):
        taken = []
        for _ in range(2):
            start = time.process_time()
            with contextlib.suppress(ValueError):
                copy("copy.html", (pattern * (length // len(pattern))).encode())
            taken.append(time.process_time() - start)
        return min(taken)

    assert seconds(1_000_000) < 3.5 * seconds(500_000) + 0.02


# PDF


@pytest.mark.parametrize("pages", [(LINES,), (LINES[:3], LINES[3:])], ids=["one", "two"])
def test_a_pdf_gives_the_entries_of_the_text(copy, pages):
    """Lines and pages of a PDF make no difference to dates, words and hashes."""
    found = chronology.entries(copy("copy.pdf", pdf(*pages)), "kites")
    assert found.equals(chronology.entries(TEXT, "kites"))


def test_the_furniture_of_a_pdf_is_removed(copy):
    """Running heads, page numbers and a caption are no part of an entry, and are listed."""
    first = ["KITES AND CLUBS | MAY 2031", *LINES[:3], "7"]
    caption = ["Figure 2 Both clubs at the river, where", "the kite was found. Photo: A Club"]
    second = ["KITES AND CLUBS | MAY 2031", *caption, LINES[3], "8"]
    found = chronology.read(copy("copy.PDF", pdf(first, second)), "kites")
    assert found.entries.equals(chronology.entries(TEXT, "kites"))
    assert list(found.removed["reason"]) == [
        "page number",
        "running head",
        "caption of a figure",
        "caption of a figure",
        "page number",
    ]
    assert found.problems.empty


def test_a_page_without_text_is_a_problem(copy):
    """A page that may be a picture, with entries on it, does not go unnoticed."""
    found = chronology.read(copy("copy.pdf", pdf(LINES[:3], [], LINES[3:])), "kites")
    assert list(found.problems["reason"]) == ["a page without text, such as a picture"]


def test_a_scan_is_refused(copy):
    """A PDF without any text says so."""
    with pytest.raises(ValueError, match="no page holds text; a scan"):
        copy("copy.pdf", pdf([], []))


@pytest.mark.parametrize("raw", [b"", b"kites", pdf(LINES)[:60]], ids=["empty", "text", "cut"])
def test_a_broken_pdf_is_refused(copy, raw):
    """The error names the file, whatever is the matter with it."""
    with pytest.raises(ValueError, match="copy.pdf: this PDF cannot be read"):
        copy("copy.pdf", raw)


def test_a_locked_pdf_is_refused(copy, tmp_path):
    """The error says that a password is needed."""
    import pypdf

    copy("open.pdf", pdf(LINES))
    writer = pypdf.PdfWriter(clone_from=tmp_path / "open.pdf")
    writer.encrypt("kite", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(ValueError, match="locked.pdf: .* locked with a password"):
        copies.read_file(tmp_path / "locked.pdf")


def test_a_missing_file_is_an_error_of_the_system(tmp_path):
    """The error is the one that opening a file gives."""
    with pytest.raises(FileNotFoundError):
        copies.read_file(tmp_path / "nowhere.pdf")
