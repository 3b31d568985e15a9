"""What the properties in ``test_fuzz_*.py`` are tried on: made-up packages, articles, proposals."""

import calendar
import copy
import csv
import functools
import itertools
import json
import operator
import re
import string
import textwrap
from datetime import date, timedelta

from hypothesis import strategies as st

from jkrel.reading import MISREAD

PLACEHOLDERS = {"NA", "N/A", "NULL", "TODO", "TBD", "#N/A", "null", "nan"}
NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=8).filter(
    lambda name: name not in PLACEHOLDERS
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=9,
)
ANY_TEXT = st.text(st.characters(), max_size=300)
"""Any text at all, lone surrogates and unassigned signs included."""


@st.composite
def changed(draw, value):
    """A JSON value with one place in it replaced by any other value, or taken out."""
    value = copy.deepcopy(value)
    *way, last = draw(st.sampled_from(list(_places(value))))
    inner = functools.reduce(operator.getitem, way, value)
    if draw(st.booleans()):
        inner[last] = draw(JSON)
    else:
        del inner[last]
    return value


def _places(value, way=()):
    """Every place within a JSON value, as the keys that lead there."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield (*way, key)
        if isinstance(value[key], dict | list):
            yield from _places(value[key], (*way, key))


# Data packages

TYPES = ["string", "integer", "number", "boolean", "date", "code", "list"]
CLEAN = (
    st.text("abz AZ09éü한日本,;'\"-–.=+@€", max_size=12)
    .map(str.strip)
    .filter(lambda text: not MISREAD.search(text))
)


@st.composite
def packages(draw):
    """A sound data package: its descriptor, and each table as rows of strings.

    One code list, and one or two tables with columns of every type; any cell but the ids and the
    codes may be empty.
    """
    codes = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    resources = [_resource("colours", "codes/colours.csv", *_fields_of_codes())]
    rows = {"colours": [[code, code.title(), str(n)] for n, code in enumerate(codes)]}
    for name in ["kites", "clubs"][: draw(st.integers(1, 2))]:
        kinds = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=6))
        resources.append(_resource(name, f"{name}.csv", *_fields(kinds)))
        row = st.tuples(*[_cells(kind, codes) for kind in kinds])
        made = draw(st.lists(row, min_size=1, max_size=6))
        rows[name] = [[f"k{number}", *cells] for number, cells in enumerate(made)]
    about = {"name": "made-up", "title": "Made up", "version": "0.1.0", "licenses": []}
    return about | {"created": "2031-05-01T00:00:00Z", "resources": resources}, rows


def _fields_of_codes():
    needed = {"constraints": {"required": True}}
    unique = {"constraints": {"required": True, "unique": True}}
    fields = [_field("code", "string") | unique, _field("label", "string") | needed]
    return [*fields, _field("order", "integer") | needed], []


def _fields(kinds):
    """Fields of these kinds after an id, and the references of those that hold a code."""
    fields = [_field("id", "string") | {"constraints": {"required": True, "unique": True}}]
    references = []
    for number, kind in enumerate(kinds):
        field = _field(f"{kind}_{number}", "string" if kind in ("code", "list") else kind)
        if kind == "list":
            field["list"] = {"codes": "colours", "delimiter": ";"}
        if kind == "code":
            target = {"resource": "colours", "fields": ["code"]}
            references.append({"fields": [field["name"]], "reference": target})
        fields.append(field)
    return fields, references


def _field(name, kind):
    return {"name": name, "type": kind, "title": name, "description": f"A {kind}."}


def _resource(name, path, fields, references):
    about = {"name": name, "path": path, "title": name, "description": "Made up."}
    schema = {"fields": fields, "primaryKey": [fields[0]["name"]], "foreignKeys": references}
    return about | {"schema": schema}


def _cells(kind, codes):
    """Cells of a kind as they stand in a file, empty ones among them."""
    digits = st.integers(-(10**15) + 1, 10**15 - 1)
    kinds = {
        "string": CLEAN.filter(lambda text: text not in PLACEHOLDERS),
        "integer": digits.map(str),
        "number": digits.map(str) | st.decimals(-(10**9), 10**9, places=4).map("{:f}".format),
        "boolean": st.sampled_from(["true", "false"]),
        "date": st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(date.isoformat),
        "code": st.sampled_from(codes),
        "list": st.lists(st.sampled_from(codes), min_size=1, unique=True).map(sorted).map(";".join),
    }
    return st.just("") | kinds[kind]


def write_package(folder, package, rows):
    """Write a data package to an empty folder."""
    (folder / "codes").mkdir(parents=True)
    text = json.dumps(package, ensure_ascii=False)
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    for item in package["resources"]:
        with (folder / item["path"]).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([field["name"] for field in item["schema"]["fields"]])
            writer.writerows(rows[item["name"]])


# Articles

MONTHS = {
    "long": calendar.month_name[1:],
    "journal": "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split(),
    "capitals": [name.upper() for name in calendar.month_name[1:]],
}
PIECES = [
    "May 1, 2031:", "May", "Sept.", "31", "2031", ",", "-", "–", "—", ":", ".", "\n", "\n\n", "\f",
    "[", "]", "](x)", "(", ")", "*", "\\", "CHRONOLOGY OF KITES", "\n\nCHRONOLOGY OF KITES\n\n",
    "Figure 2 A", "Photo: A", "kite", "a-\n", "\u0301", "\u00ad", "12\n", "mid-", " ", "1", "“",
    "\u0315\u0300", "#", "•", "KITES AND CLUBS", "\t", "\r", "\u200b", "ﬁ", "é",
]  # fmt: skip
"""What articles are made of, and what a reader of articles might stumble over."""
MESSY = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=60).map("".join)


@st.composite
def printed_entries(draw):
    """Entries as printed, one paragraph each, with first and last day, and precision.

    The first entry has every word whole, so that no hyphenation later on has to be guessed, and no
    line of words comes twice, as only those of running heads do.
    """
    apart = map("".join, itertools.product("x", string.ascii_lowercase, string.ascii_lowercase))
    words = draw(st.lists(NAMES.filter(_is_no_month), min_size=3, max_size=12, unique=True))
    names = MONTHS[draw(st.sampled_from(sorted(MONTHS)))]
    dash, day, found = draw(st.sampled_from(["-", "–", " – "])), date(2028, 1, 1), []
    for number in range(draw(st.integers(1, 8))):
        day += timedelta(draw(st.integers(0, 40)))
        start, end, precision = draw(_spans(day))
        day = start
        told = (
            words if not number else draw(st.lists(st.sampled_from(words), min_size=4, max_size=40))
        )
        head = head_of(start, end, precision, names, dash)
        words_apart = " ".join(f"{word} {next(apart)}" for word in told)
        found.append((f"{head} The {words_apart} rises.", str(start), str(end), precision))
    return found


def _is_no_month(word):
    return not any(name.lower().startswith(word) for name in calendar.month_name[1:])


def _spans(day):
    """A day, a span of days, or a month, none of which begins before this day."""
    month = (day + timedelta(31)).replace(day=1)
    last = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    spans = st.integers(1, 40).map(lambda length: (day, day + timedelta(length), "day"))
    return st.just((day, day, "day")) | spans | st.just((month, last, "month"))


def head_of(start, end, precision, names, dash):
    """Print a span as a chronology does: what its ends share stands once."""
    first, last = names[start.month - 1], names[end.month - 1]
    if precision == "month":
        return f"{first} {start.year}:"
    if start == end:
        return f"{first} {start.day}, {start.year}:"
    if start.year != end.year:
        return f"{first} {start.day}, {start.year}{dash}{last} {end.day}, {end.year}:"
    until = f"{end.day}" if start.month == end.month else f"{last} {end.day}"
    return f"{first} {start.day}{dash}{until}, {end.year}:"


@st.composite
def on_pages(draw, paragraphs):
    """Print paragraphs on pages: lines and words broken, with running heads and numbers.

    Words of the first paragraph stay whole; a head in small letters comes on two pages at least.
    """
    width, height = draw(st.integers(40, 110)), draw(st.integers(8, 40))
    gap = draw(st.sampled_from([[""], []]))
    lines = []
    for number, paragraph in enumerate(paragraphs):
        wrapped = textwrap.wrap(paragraph, width)
        for place in range(1, len(wrapped) - 1) if number else ():
            if draw(st.booleans()):
                wrapped[place : place + 2] = _hyphenated(*wrapped[place : place + 2])
        lines += [*wrapped, *gap]
    pages, few = [], len(lines) <= 3 * height
    for number, first in enumerate(range(0, len(lines), height), start=draw(st.integers(1, 300))):
        odd = few or number % 2
        head = f"{number} KITES AND CLUBS" if odd else f"A Journal of Kites   {number}"
        pages.append("\n".join([head, *lines[first : first + height], "", f"- {number} -"]))
    return "\n\f".join(pages)


def _hyphenated(line, following):
    """Move the first half of a word up, with a hyphen."""
    word = following.split(" ")[0]
    if len(word) > 4 and word.isalpha():
        return f"{line} {word[:3]}-", word[3:] + following[len(word) :]
    return line, following


# Entries to propose events from


@functools.cache
def words_of_patterns(folder):
    """A wording of each pattern: without its gaps, with the first of its alternatives."""
    found = set()
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            found |= {row.get("pattern") or "" for row in csv.DictReader(file)}
    plain = (re.sub(r"\[[0-9]+\] ?", "", text) for text in found - {""})
    return sorted({re.sub(r"\(([^)|]*)[^)]*\)", r"\1", text) for text in plain})


def told(folder):
    """Texts of entries: words that patterns know, joined as clauses are, or any text."""
    words = st.sampled_from(words_of_patterns(folder)) | st.sampled_from(
        ["its", "that", "5", "not"]
    )
    joints = st.sampled_from([" ", " ", " ", ". ", ", ", "; ", " and ", " in ", " of ", " after "])
    phrases = st.lists(st.tuples(words, joints).map("".join), min_size=1, max_size=25)
    return phrases.map("".join) | st.text(max_size=200)


# Proposals to merge

SLIPS = {
    "summary": ["", "Told, in own words", "A made-up event; it is told here."],
    "level": ["chief", "leader", ""],
    "event_type": ["", "visit", "criticism"],
    "valence": ["1", "-1", "2"],
    "date_end": ["2023-4-28", "2031-01-01", ""],
    "format": ["bilateral", "trilateral"],
    "recipients": ["KOR", "PRK;KOR", "XXX"],
    "responds_to": ["made9-9-001a", "cc24-3-009a", "made9-9-999a"],
    "same_as": ["none", "cc24-3-009a", "leaders-999a"],
    "note": ["Told, with a \"quote\" and a ';'.", "no end", "=1+1."],
    "confidence": ["2", "x"],
    "issue": ["territory", "history"],
}
"""Values that a person may put into a proposal, right ones and wrong ones."""


@st.composite
def proposals(draw, row):
    """Rows of a proposal, most in order, made by `row` (event id, day, cells)."""
    found, day = [], date(2023, 1, 1)
    for number in range(1, draw(st.integers(1, 4)) + 1):
        day += timedelta(draw(st.integers(0, 29)))
        for letter in "abc"[: draw(st.integers(1, 3))]:
            cells = {"issue": draw(st.sampled_from(["economy", "domestic_politics"]))}
            found.append(row(f"made9-9-{number:03d}{letter}", str(day), **cells))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        column = draw(st.sampled_from(sorted(SLIPS)))
        draw(st.sampled_from(found))[column] = draw(st.sampled_from(SLIPS[column]))
    return found
