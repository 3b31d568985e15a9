"""A long chronology is read in pieces, and comes out as if it had been read as a whole."""

import gc
import io
import itertools
import random
import re
import tracemalloc
from datetime import date, timedelta

import pandas as pd
import pytest

from jkrel import chronology, cli
from jkrel.chronology import copies, pieces

MONTHS = "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split()
WORDS = (
    "Japan and South Korea meet in Seoul to discuss re-export rules, fisheries and history".split()
)


def long_text(entries, seed=20261122):
    """A made-up chronology with all that a printed one has: pages, heads, captions, periods."""
    draw = random.Random(seed)
    day, parts = date(2031, 1, 1), ["A MADE-UP ARTICLE\n\nCHRONOLOGY OF MADE-UP RELATIONS\n\n"]
    for number in range(entries):
        day += timedelta(days=draw.choice([0, 1, 2]))
        head = f"{MONTHS[day.month - 1]} {day.day}"
        if draw.random() < 0.1:
            head = day.strftime("%B") if draw.random() < 0.5 else f"{head}-{head}"
        year = f", {day.year}" if draw.random() < 0.9 or "-" in head else ""
        words = draw.choices(WORDS, k=draw.randint(4, 60))
        text = f"{head}{year}: {' '.join(words)}."
        width = draw.choice([50, 80, 10_000])
        lines, line = [], ""
        for word in text.split():
            if len(line) + len(word) > width:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
            if draw.random() < 0.01 and width < 100 and len(word) > 5:
                lines.append(f"{line[:-3]}-")
                line = word[-3:]
        parts.append("\n".join([*lines, line]) + draw.choice(["\n", "\n\n", "\n\n", "\n \n\n"]))
        parts.append(draw.choice([*[""] * 40, *FURNITURE]).format(number=number))
    return "".join(parts)


FURNITURE = [
    "\n{number}\n\f",
    "\nMADE-UP ARTICLE | AUGUST 2031   {number}\n\f",
    "\nA head that comes back {number}\n\n",
    "\nFigure {number}. A ship at sea (Photo: nobody)\n\n",
    "\n2031\n\n",
    "\nA NOTE IN CAPITALS\n\n",
    "\nA paragraph without a date stands here.\n\n",
    "\nBlurtember 3, 2031: No such month.\n\n",
]


def in_pieces(text, title=None):
    """All that the pieces give, as one chronology."""
    found = list(chronology.stream(lambda: io.StringIO(text), "made9-9", title))
    frames = {
        name: pd.concat([getattr(piece, name) for piece in found], ignore_index=True)
        for name in ("entries", "problems", "removed")
    }
    return len(found), chronology.Chronology(found[0].title, **frames)


def same(found, whole):
    assert found.title == whole.title
    for name in ("entries", "problems", "removed"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(whole, name))


@pytest.mark.parametrize("size", [15, 40, 200])
@pytest.mark.parametrize("seed", range(8))
def test_pieces_give_what_the_whole_gives(monkeypatch, size, seed):
    """Entries, numbers, days, hashes, problems with their lines, and what was taken away."""
    monkeypatch.setattr(pieces, "LINES", size)
    text = long_text(400, seed)
    count, found = in_pieces(text)
    assert count > 3
    same(found, chronology.read(text, "made9-9"))


@pytest.mark.parametrize("size", [15, 40, 200, 10**6])
def test_a_cut_loses_nothing(size):
    """The pieces, one after another, are the text; each but the first starts with an entry."""
    text = long_text(300)
    found = list(pieces.cut(io.StringIO(text), size))
    assert "".join(piece.text for piece in found) == text
    assert [piece.first for piece in found] == [True] + [False] * (len(found) - 1)
    assert [piece.last for piece in found] == [False] * (len(found) - 1) + [True]
    lines = text.split("\n")
    for piece in found[1:]:
        assert piece.text.split("\n")[0] == lines[piece.number - 1]
        assert piece.text[:3] in {month[:3] for month in MONTHS}


def test_a_short_text_is_one_piece():
    """Then nothing is different from reading it at once."""
    text = long_text(50)
    count, found = in_pieces(text)
    assert count == 1
    same(found, chronology.read(text, "made9-9"))


def test_a_text_without_blank_lines_is_one_piece(monkeypatch):
    """Where no cut is safe, none is made."""
    monkeypatch.setattr(pieces, "LINES", 20)
    text = "".join(line for line in long_text(100).splitlines(True) if line.strip())
    count, found = in_pieces(text)
    assert count == 1
    same(found, chronology.read(text, "made9-9"))


def test_a_heading_further_on_is_seen(monkeypatch):
    """With several chronologies the text is read as a whole, and the title chooses as ever."""
    monkeypatch.setattr(pieces, "LINES", 20)
    text = long_text(100, 1) + "\n\n" + long_text(100, 2).replace("MADE-UP REL", "OTHER REL")
    with pytest.raises(ValueError, match="2 chronologies, choose one by its title"):
        in_pieces(text)
    count, found = in_pieces(text, "other")
    assert count == 1
    same(found, chronology.read(text, "made9-9", "other"))


def test_a_title_chooses_in_the_first_piece(monkeypatch):
    """A title that no heading has is refused, as for a short text."""
    monkeypatch.setattr(pieces, "LINES", 20)
    text = long_text(100)
    same(in_pieces(text, "made-up")[1], chronology.read(text, "made9-9", "made-up"))
    with pytest.raises(ValueError, match="0 chronologies have 'nothing'"):
        in_pieces(text, "nothing")


def test_memory_does_not_grow_with_the_text(monkeypatch):
    """Five times the entries, given line by line, need about the same memory at once."""
    monkeypatch.setattr(pieces, "LINES", 50)
    entry = [f"May {day}, 2031: Japan and South Korea meet.\n" for day in range(1, 29)]

    def peak(entries):
        def lines():
            heads = itertools.islice(itertools.cycle(entry), entries)
            return itertools.chain.from_iterable((head, "\n") for head in heads)

        gc.collect()
        tracemalloc.start()
        count = sum(len(piece.entries) for piece in chronology.stream(lines, "made9-9"))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == entries
        return found

    peak(200)
    assert peak(2000) < 2 * peak(400)


# Files


def test_a_long_file_is_read_line_by_line(tmp_path, monkeypatch):
    """Its lines are those of the text, whatever ends them, twice over."""
    path = tmp_path / "article.txt"
    text = "May 4, 2031: Café.\r\nMay 5, 2031: Gespräch.\rx\n\f\ny"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    whole = list(copies.line_reader(path)())
    monkeypatch.setattr(copies, "LONG", 10)
    read = copies.line_reader(path)
    assert list(read()) == list(read()) == whole
    assert "".join(whole) == copies.read_file(path).replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("spoiled", [b"\xff", b"\0", "â€œ".encode()])
def test_a_long_file_is_refused_as_a_short_one_is(tmp_path, monkeypatch, spoiled):
    """The message names the byte and its line."""
    path = tmp_path / "article.txt"
    path.write_bytes(b"May 4, 2031: Japan.\n\n" + spoiled + b"\n")
    with pytest.raises(ValueError, match="line 3") as short:
        copies.read_file(path)
    monkeypatch.setattr(copies, "LONG", 10)
    with pytest.raises(ValueError, match="line 3") as long:
        list(copies.line_reader(path)())
    assert str(long.value) == str(short.value)


def test_the_command_writes_the_same_from_pieces(tmp_path, monkeypatch, capsys):
    """`jkrel propose` on a long file gives the rows and the problems of the whole."""
    article = tmp_path / "article.txt"
    article.write_text(long_text(200), encoding="utf-8")
    printed = []
    for name, long, size in (("whole", 10**9, 10**6), ("pieces", 10, 30)):
        monkeypatch.setattr(copies, "LONG", long)
        monkeypatch.setattr(pieces, "LINES", size)
        output = str(tmp_path / f"{name}.csv")
        code = cli.main(["propose", str(article), "--source", "made9-9", "-o", output])
        told = re.findall(rf"{re.escape(str(article))} line [^\r\n]*", capsys.readouterr().err)
        printed.append((code, told))
    assert printed[0][1]
    assert printed[0] == printed[1]
    assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "pieces.csv").read_bytes()


def test_a_proposal_that_fails_leaves_no_file(tmp_path, monkeypatch):
    """What is met in a late piece leaves nothing half-done."""
    monkeypatch.setattr(copies, "LONG", 10)
    monkeypatch.setattr(pieces, "LINES", 20)
    article = tmp_path / "article.txt"
    article.write_bytes(long_text(100).encode() + b"\xff")
    output = tmp_path / "proposed.csv"
    assert cli.main(["propose", str(article), "--source", "made9-9", "-o", str(output)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["article.txt"]
