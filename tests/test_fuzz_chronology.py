"""Whatever an article looks like: its entries come back, or an error says what is missing."""

import re

import pytest
from fuzzing import NIGHTLY, calls, seconds, times
from hypothesis import example, given, note
from hypothesis import strategies as st
from strategies import ANY_TEXT, MESSY, PIECES, on_pages, printed_entries

from jkrel import chronology
from jkrel.chronology import copies, wording

WORD = re.compile(r"\w+")
HEAD = "CHRONOLOGY OF KITES\n\nSept. 1, 2030: A kite.\n"
GUESS = "a hyphen at the end of the line, a guess"
UNITS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)


def read(text):
    """Read a text; None if it is refused because it has no chronology, or several."""
    try:
        return chronology.read(text, "kites")
    except ValueError as error:
        assert "chronolog" in str(error)
        return None


def days(entries):
    """First day, last day and precision of each entry."""
    spans = entries[["date_start", "date_end", "date_precision"]].to_numpy().tolist()
    return [(f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}", how) for start, end, how in spans]


@times(4)
@given(text=ANY_TEXT | MESSY)
def test_the_normal_form_is_final(text):
    """Normalising twice is normalising once, and the hash is the same."""
    once = wording.normalise(text)
    assert wording.normalise(once) == once
    assert wording.sha256(once) == wording.sha256(text)


@given(text=ANY_TEXT | MESSY | st.tuples(st.just(HEAD), ANY_TEXT | MESSY).map("".join))
def test_any_text_is_read_or_refused(text):
    """Entries in normal form, each hashed and numbered, and problems with their lines."""
    found = read(text)
    titles, body = chronology.titles(text), chronology.body
    if found is None:
        assert len(titles) != 1
        return
    assert body(text) == wording.normalise(body(text))
    entries, lines = found.entries, text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert entries["text"].map(wording.normalise).tolist() == entries["text"].tolist()
    assert entries["sha256"].tolist() == entries["text"].map(wording.sha256).tolist()
    assert entries["entry_id"].is_unique and len(entries) >= 1
    for notes in (found.problems, found.removed):
        assert notes["line"].between(1, lines).all() and notes["line"].is_monotonic_increasing
    dated = entries["date_start"].notna()
    assert (~dated).sum() == found.problems["level"].eq("error").sum()
    assert (entries["date_start"] <= entries["date_end"])[dated].all()


@example(text=HEAD + "—\rkite")
@given(text=MESSY.filter(lambda text: "CHRONOLOGY" not in text).map(lambda text: HEAD + text))
def test_no_word_of_an_article_is_lost(text):
    """What is printed stands in an entry, a problem, or a line that was removed."""
    found = read(text)
    if found is None:
        return
    told = [found.title, chronology.body(text), *found.entries["text"]]
    told += [*found.problems["text"], *found.removed["text"]]
    rest = found.problems["reason"].str.startswith("not of the chronology").any()
    words = {"kite", "KITES", "CLUBS", "Photo"} & set(WORD.findall(wording.normalise(text)))
    assert rest or words <= set(WORD.findall(wording.normalise(" ".join(told))))


@given(entries=printed_entries())
def test_printed_entries_are_read_back(entries):
    """Words and days of every entry come back as they were printed, without a doubt."""
    found = chronology.read("\n\n".join(text for text, *_ in entries), "kites")
    assert found.entries["text"].tolist() == [text for text, *_ in entries]
    assert days(found.entries) == [tuple(span) for _, *span in entries]
    assert found.problems.empty and found.removed.empty


@given(entries=printed_entries(), data=st.data())
def test_pages_make_no_difference(entries, data):
    """Running heads, page numbers, page breaks and hyphens leave the entries as they were."""
    paragraphs = [text for text, *_ in entries]
    pages = data.draw(on_pages(paragraphs))
    note(pages)
    found = chronology.read(pages, "kites")
    assert found.entries["text"].tolist() == paragraphs
    assert set(found.problems["reason"]) <= {GUESS}


@given(entries=printed_entries(), data=st.data())
def test_a_copy_that_was_printed_on_pages_is_the_same(entries, data):
    """A reader's copy from pages agrees with the passages that were coded from a clean one."""
    paragraphs = [text for text, *_ in entries]
    clean = chronology.read("\n\n".join(paragraphs), "kites").entries
    words = clean["text"].str.split().str.len()
    told = clean.rename(columns={"entry_id": "locator", "sha256": "entry_sha256"})
    found = chronology.verify(data.draw(on_pages(paragraphs)), told.assign(entry_words=words))
    assert found["status"].tolist() == ["same"] * len(entries)


@times(0.5)
@given(unit=UNITS)
def test_twice_the_text_takes_twice_the_steps(unit):
    """The calls that reading makes grow as the text does, and not as its square."""
    half, whole = (HEAD + unit * number for number in (100, 200))
    steps = [calls(read, text) for text in (half, whole)]
    assert steps[1] < 2.3 * steps[0]


@pytest.mark.skipif(not NIGHTLY, reason="measures time, which a busy machine disturbs")
@times(0.2)
@given(unit=UNITS)
def test_twice_the_text_takes_twice_the_time(unit):
    """The steps within patterns, which nothing counts, are seen in the time they take."""
    half, whole = (HEAD + unit * number for number in (5_000, 10_000))
    for _ in range(3):
        if seconds(read, whole) < 3 * seconds(read, half) + 0.02:
            return
    raise AssertionError(f"time grows faster than the text with {unit!r}")


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return tmp_path_factory.mktemp("copy")


@times(4)
@pytest.mark.parametrize("form", ["txt", "html", "pdf"])
@given(
    raw=st.binary(max_size=300)
    | st.tuples(
        st.sampled_from(
            [b"<script>", b"<!--", b"&#99999999999;", b"%PDF-1.7\n", b"\xff\xfe", b"\xef\xbb\xbf"]
        ),
        st.binary(max_size=300),
    ).map(b"".join)
)
def test_a_copy_of_any_bytes_is_text_or_refused(copy, form, raw):
    """A file of text, HTML or PDF is read, or refused with its name."""
    path = copy / f"article.{form}"
    path.write_bytes(raw)
    try:
        assert isinstance(copies.read_file(path), str)
    except ValueError as error:
        assert str(error).startswith(f"{path}: ")
