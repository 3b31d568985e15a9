"""An article becomes numbered, dated entries, the same whatever form a copy of it has."""

import calendar
import hashlib
import random
import textwrap
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from fuzzing import NIGHTLY, calls, seconds
from strategies import head_of

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


def spans(entries):
    """First day, last day and precision of each entry, the days as printed by ISO 8601."""
    days = entries[["date_start", "date_end"]].apply(lambda column: column.dt.strftime("%Y-%m-%d"))
    return list(zip(days["date_start"], days["date_end"], entries["date_precision"], strict=True))


def reasons(frame):
    """The line and the reason of each problem, or of each line that was removed."""
    return list(zip(frame["line"], frame["reason"], strict=True))


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
    assert spans(chronology.entries(ARTICLE, "kites")) == [
        ("2030-09-01", "2030-09-01", "day"),
        ("2031-03-02", "2031-03-02", "day"),
        ("2031-05-03", "2031-05-03", "day"),
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
    (found,) = chronology.entries(f"{head} 7, 2030: A kite.", "kites")["date_start"]
    assert found.date() == date(2030, month, 7)


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


def test_an_impossible_date_is_a_problem_with_its_line():
    """The entry keeps its place and its words, has no days, and its line is told."""
    found = chronology.read(ARTICLE.replace("March 2, 2031", "Feb. 30, 2031"), "kites")
    assert list(found.entries["entry_id"]) == ["kites-001", "kites-002", "kites-003"]
    assert found.entries["date_start"].isna().tolist() == [False, True, False]
    assert found.problems.to_dict("records") == [
        {"line": 11, "level": "error", "text": "Feb. 30, 2031:", "reason": "no such day"}
    ]


def test_every_impossible_date_is_named_at_once():
    """The error of the simple form lists all of them with their lines."""
    text = ARTICLE.replace("March 2,", "March 32,").replace("May 3,", "Mai 3,")
    with pytest.raises(ValueError, match="line 11: no such day: 'March 32.*; line 14: .*'Mai 3"):
        chronology.entries(text, "kites")


# The forms of dates


STYLES = {
    "long": calendar.month_name[1:],
    "short": calendar.month_abbr[1:],
    "dotted": [f"{name}." if name != "May" else name for name in calendar.month_abbr[1:]],
    "journal": "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split(),
    "capitals": [name.upper() for name in calendar.month_name[1:]],
}
DASHES = ["-", "–", "—", " - ", "\u00a0–\u00a0"]


def drawn(number, seed):
    """Draw spans in order: days, spans of days, and months."""
    draw, day, found = random.Random(seed), date(2028, 1, 1), []
    for _ in range(number):
        day += timedelta(draw.randint(0, 40))
        form = draw.choice(["day", "day", "span", "month"])
        end = day + timedelta(draw.randint(1, 40) if form == "span" else 0)
        start = day
        if form == "month":
            start = day = (day + timedelta(31)).replace(day=1)
            end = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        found.append((start, end, "month" if form == "month" else "day"))
    return found


@pytest.mark.parametrize("dash", DASHES, ids=["hyphen", "en", "em", "spaced", "no-break"])
@pytest.mark.parametrize("style", STYLES)
def test_every_printed_form_is_read_back(style, dash):
    """Days, spans and months in every style come back as they went in, without a doubt."""
    drawn_spans = drawn(80, style + dash)
    heads = [head_of(*drawn_span, STYLES[style], dash) for drawn_span in drawn_spans]
    text = "".join(f"{head} Kite {number} flies.\n\n" for number, head in enumerate(heads))
    found = chronology.read(text, "kites")
    assert spans(found.entries) == [(str(a), str(b), form) for a, b, form in drawn_spans]
    assert list(found.entries["text"].str.endswith(" flies.")) == [True] * 80
    assert found.problems.empty and found.removed.empty


@pytest.mark.parametrize(
    "head",
    [
        "**May 3, 2031:**", "**May 3, 2031**:", "*May 3*, 2031:", "[May 3, 2031](#):",
        "[May 3, 2031:](https://example.org/a)", "### May 3, 2031:", "- May 3, 2031:",
        "• May 3, 2031:", "May\u00a03,\u00a02031:", "May 3,\n2031:", "May\n3, 2031:",
        "Ｍay 3, 2031：", "\ufeffMay 3, 2031:",
    ],
)  # fmt: skip
def test_markup_of_a_head_makes_no_difference(head):
    """Emphasis, links, bullets, wide letters and broken lines leave an entry the same."""
    text = f"May 1, 2031: A kite.\n\n{head} Both clubs mend it.\n"
    plain = chronology.entries("May 1, 2031: A kite.\n\nMay 3, 2031: Both clubs mend it.", "k")
    pd.testing.assert_frame_equal(chronology.entries(text, "k"), plain)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("NOVEMBER 2030 – JANUARY 2031\n\nNov. 1: A.\n\nDec. 1: B.\n\nJan. 1: C.", [30, 30, 31]),
        ("Nov. 1, 2030: A.\n\nDec. 1: B.\n\nJan. 1: C.", [30, 30, 31]),
        ("2030\n\nNov. 1: A.\n\n2031\n\nNov. 2: B.", [30, 31]),
        ("MAY 2030\n\nMay 1: A.\n\nMAY 2031\n\nMay 2: B.", [30, 31]),
    ],
)
def test_a_year_that_is_not_printed_is_inherited(text, years):
    """From the entry before, or from the line that names the period."""
    found = chronology.entries(f"CHRONOLOGY OF KITES\n\n{text}", "kites")
    assert list(found["date_start"].dt.year) == [2000 + year for year in years]
    assert not found["text"].str.contains("MAY 20|203[01] ").any()


def test_an_entry_without_any_year_is_a_problem():
    """Where no year stands before, none is made up."""
    found = chronology.read("May 3: A kite.\n\nMay 4, 2031: It is mended.", "kites")
    assert found.entries["date_start"].isna().tolist() == [True, False]
    assert reasons(found.problems) == [(1, "no year, and no entry before to take it from")]


def test_an_earlier_date_is_told():
    """Entries out of order are kept as printed, with a warning."""
    found = chronology.read(ARTICLE.replace("May 3, 2031", "May 3, 2013"), "kites")
    assert found.entries["date_start"].dt.year.tolist() == [2030, 2031, 2013]
    ((line, reason),) = reasons(found.problems)
    assert (line, reason.split("; ")[0]) == (14, "earlier than the entry before")
    assert "kept as printed" in reason
    assert found.problems["level"].tolist() == ["warning"]


@pytest.mark.parametrize(
    ("head", "earlier"),
    [
        ("Late August 2031", False),
        ("August 2031", False),
        ("Aug. 21-25, 2031", True),
        ("Mid-August 2031", True),
        ("July 2031", True),
    ],
)
def test_a_month_is_earlier_only_if_all_its_days_are(head, earlier):
    """Late in August may be after the 23rd; a span of days begins with its first."""
    text = f"CHRONOLOGY OF KITES\n\nAug. 23, 2031: A kite flies.\n\n{head}: Another one.\n"
    assert bool(reasons(chronology.read(text, "kites").problems)) == earlier


# What is not understood


LIKE = "looks like a date, but starts no entry"
UNDATED = "a paragraph without a date, read as part of the entry before"
UNCLOSED = "an entry with link markup that is not closed"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Around May 1, 2031: A kite.", LIKE),
        ("5/1/2031: A kite.", LIKE),
        ("Spring 2031: A kite.", LIKE),
        ("May 1, 2031 A kite flies.", LIKE),
        ("A kite without a day flies.", UNDATED),
        ("KITES AND THEIR FLYERS", "capitals, read as part of the entry"),
        ("May 1, 2031:", "an entry without words"),
        ("May 1, 2031: A [kite](https://example.org/a b).", UNCLOSED),
    ],
)
def test_what_is_not_understood_is_told_with_its_line(line, reason):
    """The words stay in an entry, and the problem says where and why."""
    found = chronology.read(ARTICLE.replace("\nMay 3", f"\n{line}\n\nMay 3"), "kites")
    assert (14, reason) in reasons(found.problems)
    assert line.split(":")[0] in " ".join(found.entries["text"])


def test_what_stands_before_the_first_entry_is_told():
    """A line between heading and entries is in no entry, and a problem."""
    found = chronology.read(ARTICLE.replace("KITES\n", "KITES\n\nCompiled by a club.\n"), "kites")
    assert reasons(found.problems) == [(9, "stands before the first entry")]


def test_a_date_in_mid_sentence_is_told():
    """A full date at the start of a line heads an entry; a month alone does not; both are told."""
    text = "May 1, 2031: The kite of\nMay 2, 2031: found. The plan of\nJune 2031: more kites.\n"
    found = chronology.read(text, "kites")
    assert reasons(found.problems) == [
        (2, "starts an entry in mid-sentence"),
        (3, "a date in mid-sentence, no entry"),
    ]
    assert list(found.entries["text"]) == [
        "May 1, 2031: The kite of",
        "May 2, 2031: found. The plan of June 2031: more kites.",
    ]


def test_no_word_of_a_chronology_is_lost():
    """Every word of a messy text is in an entry, a problem or what was removed."""
    text = (
        "CHRONOLOGY OF KITES\n\nMAY 2031\n\nby a club\n\nMay 1: alpha\n\n12\n\nbeta.\n\n"
        "Feb. 30, 2031: gamma\n\nFigure 3 Delta. Photo: Epsilon\n\nzeta.\n\nEta 2031: theta.\n\n"
        "ABOUT THE CLUBS\n\niota\n"
    )
    found = chronology.read(text, "kites")
    told_of = [*found.entries["text"], *found.problems["text"], *found.removed["text"]]
    assert found.title == "CHRONOLOGY OF KITES, MAY 2031"
    rest = text.partition("2031")[2]
    assert set(rest.split()) - set(" ".join(told_of).split()) == {"iota"}
    last = "not of the chronology, like all 2 lines from here"
    assert reasons(found.problems)[-1] == (21, last)


# Pages


WORDS = "kite club river string wind tower kite-flying sky-blue festival agreement colour".split()


def composed(number, seed):
    """Entries in the paragraphs of a clean copy."""
    draw, paragraphs = random.Random(seed), []
    for start, end, form in drawn(number, seed):
        words = " ".join(draw.choices(WORDS, k=draw.randint(5, 60)))
        head = head_of(start, end, form, STYLES["journal"], "-")
        paragraphs.append(f"{head} The {words}.")
    return paragraphs


def broken(line, following):
    """Move the first half of a long word up, with a hyphen."""
    word = following.split(" ")[0]
    if len(word) > 8 and word.isalpha():
        return f"{line} {word[:4]}-", word[4:] + following[len(word) :]
    return line, following


def as_pages(paragraphs, width, height, gap, seed):
    """Print paragraphs on pages, with heads, numbers, hyphens and a caption on every other."""
    draw, lines = random.Random(seed), []
    for paragraph in paragraphs:
        wrapped = textwrap.wrap(paragraph, width)
        for place in range(1, len(wrapped) - 1):
            wrapped[place : place + 2] = broken(*wrapped[place : place + 2])
        lines += [*wrapped, *gap]
    pages = []
    for number, first in enumerate(range(0, len(lines), height), start=101):
        page = lines[first : first + height]
        caption = ["", f"Figure {number} Two clubs meet by the", "river. Photo: A Club", ""]
        place = draw.randrange(height // 2) if number % 2 else 0
        page[place:place] = caption if number % 2 and draw.random() < 0.5 else []
        head = f"{number} KITES AND CLUBS" if number % 2 else f"A Journal of Kites   {number}"
        pages.append("\n".join([head, *page, "", f"- {number} -"]))
    return "\n\f".join(pages)


@pytest.mark.parametrize("gap", [[""], []], ids=["paragraphs", "lines"])
@pytest.mark.parametrize(("width", "height"), [(45, 12), (60, 40), (90, 25), (120, 7)])
@pytest.mark.parametrize("seed", range(3))
def test_pages_give_the_entries_of_a_clean_copy(width, height, gap, seed):
    """Page breaks, running heads, numbers, captions and hyphens make no difference to a hash."""
    paragraphs = composed(60, seed)
    clean = chronology.entries("\n\n".join(paragraphs), "kites")
    found = chronology.read(as_pages(paragraphs, width, height, gap, seed), "kites")
    pd.testing.assert_frame_equal(found.entries, clean)
    assert set(found.problems["reason"]) <= {"a hyphen at the end of the line, a guess"}


@pytest.mark.parametrize(
    ("furniture", "reason"),
    [
        ("12", "page number"),
        ("- 12 -", "page number"),
        ("Page 12 of 30", "page number"),
        ("KITES AND CLUBS | MAY 2031   12", "running head"),
        ("12   KITES AND CLUBS", "running head"),
        ("CHRONOLOGY OF KITES", "running head"),
        ("Figure 2 The clubs. Photo: A Club", "caption of a figure"),
    ],
)
def test_what_belongs_to_the_page_is_removed_and_listed(furniture, reason):
    """Between blank lines, inside an entry, it is taken away with a note of its line."""
    found = chronology.read(ARTICLE.replace("breaks;\n", f"breaks;\n\n{furniture}\n\n"), "kites")
    pd.testing.assert_frame_equal(found.entries, chronology.entries(ARTICLE, "kites"))
    assert reasons(found.removed) == [(13, reason)]
    assert found.problems.empty


@pytest.mark.parametrize("line", ["12 kites", "12", "2031", "2031."])
def test_a_number_inside_a_paragraph_is_no_page_number(line):
    """Where text stands right before and after it, a number is part of the text."""
    text = f"May 1, 2031: The clubs mend\n{line}\nand fly."
    (found,) = chronology.entries(text, "kites")["text"]
    assert found == f"May 1, 2031: The clubs mend {line} and fly."


@pytest.mark.parametrize(
    ("printed_words", "words"),
    [
        ("the agree-\nment holds", "the agreement holds"),
        ("the kite-\nflying holds", "the kite-flying holds"),
        ("Tae-\nyul mends", "Tae-yul mends"),
        ("Blue-\nRed clubs", "Blue-Red clubs"),
        ("2030-\n31 it flew", "2030-31 it flew"),
        ("the soft\u00ad\nness", "the softness"),
        ("the kite—\nblue", "the kite—blue"),
        ("the kite\n—blue", "the kite—blue"),
        ("the kite –\nblue", "the kite – blue"),
        ("the novel-\nties fly", "the novelties fly"),
    ],
)
def test_a_hyphen_at_the_end_of_a_line(printed_words, words):
    """It goes or stays as the file writes the word elsewhere; names and numbers keep theirs."""
    known = "May 1, 2031: An agreement on kite-flying.\n\nMay 2, 2031: An agree-\nment again.\n\n"
    found = chronology.entries(f"{known}May 3, 2031: See {printed_words}.", "kites")
    assert found["text"].iloc[2] == f"May 3, 2031: See {words}."


def test_a_guess_about_a_hyphen_is_told():
    """Where the file does not write the word elsewhere, the reading is a problem with its line."""
    found = chronology.read("May 1, 2031: The sky-\nblue kite.", "kites")
    assert list(found.entries["text"]) == ["May 1, 2031: The sky-blue kite."]
    assert found.problems["text"].tolist() == ["sky-blue"]
    assert reasons(found.problems) == [(1, "a hyphen at the end of the line, a guess")]


# Several chronologies


TWO = """CHRONOLOGY OF KITE-BALLOON RELATIONS

MAY 2031

May 1, 2031: A kite meets a balloon.

May 2, 2031: They part.

THE YEAR OF THE KITES

A second article follows here.

Chronology of Kite-Tower Relations
May 2031

May 3, 2031: A kite meets a tower.
"""


def test_several_chronologies_are_listed():
    """A clear error names each with its entries; a list is there for the asking."""
    assert chronology.titles(TWO) == [
        "CHRONOLOGY OF KITE-BALLOON RELATIONS, MAY 2031",
        "Chronology of Kite-Tower Relations, May 2031",
    ]
    with pytest.raises(ValueError, match="2 chronologies, choose one .*BALLOON.*2 entries.*Tower"):
        chronology.entries(TWO, "kites")


@pytest.mark.parametrize(
    ("title", "count"),
    [
        ("kite-tower", 1),
        ("Kite-Balloon", 2),
        ("CHRONOLOGY OF KITE-BALLOON RELATIONS, MAY 2031", 2),
    ],
)
def test_a_chronology_is_chosen_by_words_of_its_title(title, count):
    """Each is a chronology of its own, numbered from 001, with its own body before it."""
    found = chronology.read(TWO, "kites", title)
    assert list(found.entries["entry_id"]) == [f"kites-{n:03d}" for n in range(1, count + 1)]
    assert found.title in chronology.titles(TWO)
    assert ("second article" in chronology.body(TWO, title)) == (count == 1)
    assert not found.entries["text"].str.contains("article").any()


@pytest.mark.parametrize(("title", "number"), [("relations", 2), ("kite-river", 0)])
def test_a_title_that_does_not_choose_one_is_refused(title, number):
    """None or several with these words is an error that lists them all."""
    with pytest.raises(ValueError, match=f"{number} chronologies have '{title}' in their title"):
        chronology.read(TWO, "kites", title)


def test_what_follows_the_last_entry_is_told():
    """The next article is no part of the last entry, and is a problem with its line."""
    found = chronology.read(TWO, "kites", "balloon")
    assert found.entries["text"].iloc[-1] == "May 2, 2031: They part."
    assert reasons(found.problems) == [(9, "not of the chronology, like all 2 lines from here")]


def test_one_of_several_is_verified():
    """A copy of a whole issue is compared in the chronology that the title names."""
    passage = told("May 3, 2031: A kite meets a tower.", "kites-001")
    found = chronology.verify(TWO, pd.DataFrame([passage]), "tower")
    assert list(found["status"]) == ["same"]


def test_a_heading_without_entries_is_told():
    """It makes no chronology, and is a problem with its line."""
    found = chronology.read(f"CHRONOLOGY OF BALLOONS\n\nNone flew.\n\n{TWO}", "kites", "tower")
    assert reasons(found.problems) == [(1, "a heading without entries")]


def test_a_table_of_contents_has_no_heading():
    """Dots and a page number after the words tell it from the heading itself."""
    text = f"CHRONOLOGY OF KITES .... 12\n\n{ARTICLE}"
    assert chronology.titles(text) == ["CHRONOLOGY OF KITES"]
    assert len(chronology.entries(text, "kites")) == 3


@pytest.mark.parametrize(
    "heading",
    [
        "Chronology of Kites",
        "Chronology",
        "KITE CHRONOLOGY",
        "Chronology from May 2030 to May 2031",
    ],
)
def test_other_headings(heading):
    """A heading in small letters, or without the pair, counts right before an entry."""
    text = ARTICLE.replace("CHRONOLOGY OF KITES", heading)
    assert chronology.titles(text) == [heading]
    assert len(chronology.entries(text, "kites")) == 3


def test_a_sentence_about_a_chronology_is_no_heading():
    """What is followed by prose starts nothing."""
    text = "Chronology of the kites\nis what the club calls its book.\n\nIt is long.\n\n"
    assert chronology.titles(text + ARTICLE) == ["CHRONOLOGY OF KITES"]


# Hostile text


HEAD = "CHRONOLOGY OF KITES\n\nSept. 1, 2030: A kite.\n"
HOSTILE = {
    "months": "Sept. ",
    "digits": "1",
    "brackets": "[",
    "links": "[a](",
    "dashes": "-",
    "em dashes": "—",
    "blanks": " ",
    "blank lines": "\n",
    "colons": ":",
    "asterisks": "*",
    "combining marks": "\u0315\u0300",
    "one word": "a",
    "words": "a-b ",
}
LINEWISE = {
    "month lines": "Sept.\n",
    "half dates": "Sept. 1,\n",
    "numbers": "1\n",
    "hyphens": "a-\n",
    "pages": "a\f",
    "entries": "\n\nSept. 2, 2030: A kite.",
    "headings": "\n\nCHRONOLOGY OF KITES\n\nSept. 2, 2030: A kite.",
    "captions": "\nFigure 1 A kite\n",
    "capitals": "\n\nKITES AND CLUBS",
    "years": "\n\n2030",
}


def read(text):
    return chronology.read(text, "kites")


@pytest.mark.parametrize("pattern", [*HOSTILE.values(), *LINEWISE.values()], ids=HOSTILE | LINEWISE)
def test_hostile_text_takes_steps_in_proportion(pattern):
    """Twice the length takes twice the calls, and not four times."""
    half, whole = (HEAD + pattern * (size // len(pattern)) for size in (10_000, 20_000))
    assert calls(read, whole) < 2.3 * calls(read, half)


@pytest.mark.skipif(not NIGHTLY, reason="measures time, which a busy machine disturbs")
@pytest.mark.parametrize(
    ("pattern", "length"),
    [(text, 1_000_000) for text in HOSTILE.values()]
    + [(text, 100_000) for text in LINEWISE.values()],
    ids=[*HOSTILE, *LINEWISE],
)
def test_hostile_text_takes_time_in_proportion(pattern, length):
    """Twice the length takes twice the time, and not four times."""
    half, whole = (HEAD + pattern * (size // len(pattern)) for size in (length // 2, length))
    assert seconds(read, whole) < 3.5 * seconds(read, half) + 0.02


def test_nested_links_take_steps_in_proportion():
    """However deep links nest, one pass unwraps them."""
    half, whole = (HEAD + "[" * size + "kite" + "](x)" * size for size in (5_000, 10_000))
    assert read(whole).entries["text"].iloc[0].endswith("A kite. kite")
    assert calls(read, whole) < 2.3 * calls(read, half)


@pytest.mark.parametrize("seed", range(20))
def test_no_text_breaks_the_reader(seed):
    """Random pieces of chronologies give entries or a clear error, and normal forms are final."""
    pieces = [
        "May 1, 2031:", "May", "31", "2031", ",", "-", "–", ":", "\n", "\n\n", "\f", "[", "](x)",
        "CHRONOLOGY OF KITES", "Figure 2 A", "*", "kite", "a-\n", "\u0301", "12\n", "mid-", " ",
    ]  # fmt: skip
    draw = random.Random(seed)
    for _ in range(200):
        text = HEAD + "".join(draw.choices(pieces, k=draw.randint(1, 60)))
        try:
            found = chronology.read(text, "kites")
        except ValueError as error:
            assert "chronologies" in str(error) or "no chronology" in str(error)
            continue
        assert list(map(chronology.normalise, found.entries["text"])) == list(found.entries["text"])
        numbers = [*found.problems["line"], *found.removed["line"]]
        assert all(1 <= number <= text.count("\n") + 1 for number in numbers)
        assert all(first <= second for first, second in pairwise(found.problems["line"]))


def test_half_a_surrogate_pair_is_replaced():
    """No table can hold one; the sign for what was not understood stands in its place."""
    (text,) = chronology.entries("May 1, 2031: A k\ud800ite \U0001fa81.", "kites")["text"]
    assert text == "May 1, 2031: A k\ufffdite \U0001fa81."


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


def test_the_second_line_of_a_heading_is_its_period_or_more_of_its_title():
    """Both in capitals; a period is set off by a comma."""
    entry = "Jan. 1, 2031: A kite rises."
    for heading, title in (
        ("CHRONOLOGY OF KITES\nJANUARY 2031", "CHRONOLOGY OF KITES, JANUARY 2031"),
        ("CHRONOLOGY OF KITES\nAND BALLOONS", "CHRONOLOGY OF KITES AND BALLOONS"),
    ):
        text = f"{heading}\n\n{entry}\n"
        assert chronology.titles(text) == [title]
        assert chronology.entries(text, "kites")["text"].tolist() == [entry]


def test_a_text_without_a_chronology_is_body_throughout():
    """Where no heading opens a chronology, nothing is left out."""
    assert chronology.body("Kites rose.\n\nKites fell.") == "Kites rose. Kites fell."


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
