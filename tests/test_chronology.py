"""An article becomes numbered, dated entries, the same whatever form a copy of it has."""

import hashlib
from datetime import date

import pandas as pd
import pytest

from jkrel import chronology

# Made up for these tests.
ARTICLE = """A Year of Kites

On 3 March the clubs of both towns met by the river and flew one kite.

April 1, 2030: A dated line in the body is no entry.

CHRONOLOGY OF KITES

Sept. 1, 2030: The blue kite rises over the bay.

March 2, 2031: The red kite's string breaks;
the clubs look for it.

May 3, 2031: Both clubs mend the red kite.
"""


def told(text, locator):
    """A row of event_sources for a passage, hashed as the documentation says."""
    words = len(text.split(" "))
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return {"locator": locator, "entry_sha256": digest, "entry_words": words}


def status(text, *passages):
    """What verify() says of passages, by locator."""
    found = chronology.verify(text, pd.DataFrame(passages))
    return dict(zip(found["locator"], found["status"], strict=True))


RISES = told("Sept. 1, 2030: The blue kite rises over the bay.", "kites-001")
BREAKS = told("March 2, 2031: The red kite's string breaks; the clubs look for it.", "kites-002")
MENDED = told("May 3, 2031: Both clubs mend the red kite.", "kites-003")
MEETING = told("the clubs of both towns met by the river", "kites-b01")


# Normal form


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("a [red](https://example.org/red) kite", "a red kite"),
        ("[red](x)[blue](y)", "redblue"),
        ("a **red** *kite*", "a red kite"),
        (r"a red\-blue kite\.", "a red-blue kite."),
        ("“red” „blue“ ‘kite’ the club’s", '"red" "blue" \'kite\' the club\'s'),
        ("ｋｉｔｅ ﬁve ２", "kite five 2"),
        ("  a\tred\n\nkite\f\u00a0flies\u3000 ", "a red kite flies"),
        ("", ""),
    ],
    ids=["link", "links", "asterisks", "backslashes", "quotes", "NFKC", "white space", "empty"],
)
def test_normal_form(text, normal):
    """Links, emphasis, escapes, quotes, widths and white space make no difference."""
    assert chronology.normalise(text) == normal


@pytest.mark.parametrize(
    "text",
    [
        ARTICLE,
        "a [red](x) “kite” \\*",
        "e*\u0301",
        "[[red](x)](y)",
        "[![red](kite.png)](y)",
        r"[red]\(x)",
        "［red］（x）",
    ],
)
def test_the_normal_form_is_final(text):
    """Normalising again changes nothing, nested links and marks included."""
    once = chronology.normalise(text)
    assert chronology.normalise(once) == once


def test_what_is_no_markup_stays():
    """Brackets, accents and Korean or Japanese script are part of the words."""
    text = "the [red] kite (sic), 연 and 凧, é"
    assert chronology.normalise(text) == text


def test_the_hash_is_that_of_the_normal_form():
    """SHA-256 of the normal form in UTF-8: anybody can work it out by hand."""
    by_hand = hashlib.sha256('the "red" kite\'s 연'.encode()).hexdigest()
    assert chronology.sha256("the “*red*”\n [kite’s](https://example.org)  연") == by_hand


# Entries


def test_entries_are_numbered_in_the_printed_order():
    """Numbers run from 001, with the id of the source before them."""
    assert list(chronology.entries(ARTICLE, "kites")["entry_id"]) == [
        "kites-001",
        "kites-002",
        "kites-003",
    ]


def test_entries_have_the_printed_days():
    """Months are read short with a dot, and in full."""
    assert list(chronology.entries(ARTICLE, "kites")["date"]) == [
        date(2030, 9, 1),
        date(2031, 3, 2),
        date(2031, 5, 3),
    ]


@pytest.mark.parametrize(
    ("head", "month"),
    [
        ("Jan.", 1), ("Feb.", 2), ("March", 3), ("April", 4), ("May", 5), ("June", 6),
        ("July", 7), ("Aug.", 8), ("Sept.", 9), ("Oct.", 10), ("Nov.", 11), ("Dec.", 12),
        ("September", 9), ("Sep.", 9),
    ],
)  # fmt: skip
def test_every_month_is_read(head, month):
    """Twelve months, in the forms that chronologies print."""
    (found,) = chronology.entries(f"{head} 7, 2030: A kite.", "kites")["date"]
    assert found == date(2030, month, 7)


def test_an_entry_is_in_normal_form_with_its_date():
    """The text of an entry is what is hashed, its date included, on one line."""
    entry = chronology.entries(ARTICLE, "kites").iloc[1]
    assert entry["text"] == "March 2, 2031: The red kite's string breaks; the clubs look for it."
    assert entry["sha256"] == hashlib.sha256(entry["text"].encode()).hexdigest()


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\f\n", " \n \u00a0\n"])
def test_a_broken_entry_stays_one(gap):
    """A page break, or blank lines, inside an entry make no difference."""
    whole = chronology.entries("Sept. 1, 2030: The blue kite rises.\n", "kites")
    broken = chronology.entries(f"Sept. 1, 2030: The blue{gap}kite rises.\n", "kites")
    pd.testing.assert_frame_equal(broken, whole)


@pytest.mark.parametrize("heading", ["CHRONOLOGY OF KITES", "## **CHRONOLOGY OF KITES**"])
def test_a_dated_line_before_the_heading_is_no_entry(heading):
    """The chronology starts at its heading, with or without markup."""
    text = ARTICLE.replace("CHRONOLOGY OF KITES", heading)
    assert len(chronology.entries(text, "kites")) == 3
    assert "no entry" in chronology.body(text)


def test_without_a_heading_the_first_dated_line_starts_the_chronology():
    """A copy may hold the chronology alone."""
    text = ARTICLE.partition("CHRONOLOGY OF KITES")[2]
    assert len(chronology.entries(text, "kites")) == 3
    assert chronology.body(text) == ""


def test_a_date_inside_a_line_starts_no_entry():
    """Only a date at the start of a line, with a colon, heads an entry."""
    text = "May 3, 2031: The kite of\nMay 2, 2031 is mended. See May 1, 2031: found.\n"
    assert len(chronology.entries(text, "kites")) == 1


@pytest.mark.parametrize(
    "head",
    ["**March 2, 2031:**", "*March 2, 2031*:", "  March 2, 2031:", "March\u00a02, 2031:"],
    ids=["bold", "emphasis", "indented", "no-break space"],
)
def test_markup_hides_no_entry(head):
    """What the normal form takes away does not swallow an entry into the one before."""
    text = ARTICLE.replace("March 2, 2031:", head)
    pd.testing.assert_frame_equal(
        chronology.entries(text, "kites"), chronology.entries(ARTICLE, "kites")
    )


@pytest.mark.parametrize("text", ["", "A kite.", "Sept. 1, 2030: A kite.\nCHRONOLOGY OF KITES\n"])
def test_a_text_without_entries_is_refused(text):
    """An error says that no chronology was found, and what was looked for."""
    with pytest.raises(ValueError, match="no chronology found: no line starts with a date such"):
        chronology.entries(text, "kites")


@pytest.mark.parametrize(
    "head", ["Feb. 30, 2030:", "Feb. 29, 2031:", "Sept. 0, 2030:", "Kite 1, 2030:"]
)
def test_a_day_that_does_not_exist_is_named(head):
    """An impossible date is an error that quotes it, and never a wrong day."""
    with pytest.raises(ValueError, match=f"no such day: '{head}'"):
        chronology.entries(f"{head} A kite.", "kites")


# Verifying a copy


def test_a_faithful_copy_is_the_same():
    """Every coded passage, of the chronology and of the body, stands in the article."""
    expected = dict.fromkeys(["kites-001", "kites-002", "kites-003", "kites-b01"], "same")
    assert status(ARTICLE, RISES, BREAKS, MENDED, MEETING) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kite's", "kite’s"),
        ("blue kite", "[blue kite](https://example.org)"),
        ("blue kite", "*blue*\nkite"),
        ("both towns", "both\n\ntowns"),
    ],
)
def test_form_makes_no_difference(old, new):
    """Quotes, links, emphasis and line breaks of a copy do not matter."""
    assert old in ARTICLE
    found = status(ARTICLE.replace(old, new), RISES, BREAKS, MENDED, MEETING)
    assert set(found.values()) == {"same"}


def test_other_words_differ():
    """An entry of the same number with another word differs; the rest are the same."""
    text = ARTICLE.replace("blue kite", "green kite")
    assert status(text, RISES, BREAKS) == {"kites-001": "differs", "kites-002": "same"}


def test_an_entry_that_is_not_there_is_missing():
    """A number that the copy does not reach is missing."""
    text = ARTICLE.partition("May 3, 2031:")[0]
    assert status(text, BREAKS, MENDED) == {"kites-002": "same", "kites-003": "missing"}


def test_an_entry_is_found_under_another_number():
    """Where a copy lacks an earlier entry, later ones are still the same."""
    text = ARTICLE.replace("Sept. 1, 2030: The blue kite rises over the bay.", "")
    assert status(text, RISES, BREAKS, MENDED) == {
        "kites-001": "differs",
        "kites-002": "same",
        "kites-003": "same",
    }


def test_a_passage_of_the_body_is_the_same_or_missing():
    """Body passages have no number: with other words they are missing."""
    text = ARTICLE.replace("both towns", "all towns")
    assert status(text, MEETING) == {"kites-b01": "missing"}


def test_a_passage_of_the_body_is_not_sought_in_the_chronology():
    """What only the chronology says is missing from the body."""
    assert status(ARTICLE, told("Both clubs mend the red kite.", "kites-b02")) == {
        "kites-b02": "missing"
    }


def test_a_passage_told_for_two_events_is_verified_once():
    """Several events of one entry give one line."""
    assert len(chronology.verify(ARTICLE, pd.DataFrame([RISES, RISES, BREAKS]))) == 2


def test_a_copy_without_a_chronology_cannot_be_verified():
    """The error is that of a text without entries."""
    with pytest.raises(ValueError, match="no chronology found"):
        status("Nothing of kites.", RISES)
