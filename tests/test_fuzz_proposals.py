"""Whatever an entry says: rows that the codebook knows, with the words that led to them."""

import re
from functools import cache

import pandas as pd
import pytest
from conftest import DATA
from fuzzing import calls, steps, times
from hypothesis import given
from hypothesis import strategies as st
from strategies import told

from jkrel import codebook, propose, review, rules
from jkrel.chronology import wording
from jkrel.data import Dataset, load
from jkrel.propose import patterns
from jkrel.reading import as_cells, as_text, typed

HEAD = "May 1, 2031: "
EVIDENCE = re.compile(r"(?:^|; )(\w+)=([^<]*?) <- (.*?)(?=; \w+=[^<]*? <- |$)", re.DOTALL)
CITED = re.compile(r'(?:^|, )([a-z]+-[0-9]+[a-z]?) "(.*?)"(?=, [a-z]+-[0-9]+[a-z]? "|$)', re.DOTALL)
ENTRIES = st.lists(told(DATA / "patterns"), min_size=1, max_size=4)
CODING = [
    rules.days_in_order,
    rules.actors_and_recipients,
    rules.contested_acts,
    rules.formats,
    rules.modes,
    rules.valences,
    rules.issues,
    rules.applicable,
    rules.mechanisms,
]
"""Rules of the codebook that a row holds or breaks by itself."""
WITH_STATES = {"actors", "recipients", "country"}
NAMED = {"actors", "recipients", "level", "issue", "city"}
"""Columns whose values stand as they are in the patterns whose words give them."""


def entries(texts):
    """Entries in normal form, as the reader of chronologies gives them."""
    ids = [f"kites-{number:03d}" for number in range(1, len(texts) + 1)]
    return pd.DataFrame({"entry_id": ids, "text": [wording.normalise(HEAD + t) for t in texts]})


@pytest.fixture(scope="module")
def states():
    """The states that patterns know; the codebook may have no code for one yet."""
    rows = patterns.read().tables["states"]
    return {code for row in rows for code in row["country"].split(";")}


@cache
def book():
    """The codebook; as an argument of a test its text would be too long to print."""
    return codebook.read(DATA)


@cache
def shipped():
    """The data, kept out of the arguments for the same reason."""
    return load(DATA)


@given(texts=ENTRIES)
def test_no_entry_is_lost(texts):
    """Each entry has a row or several, in the printed order, with ids of their own."""
    given = entries(texts)
    found = propose.events(given)
    assert found["entry_id"].drop_duplicates().tolist() == given["entry_id"].tolist()
    assert found["event_id"].is_unique and found["event_id"].is_monotonic_increasing
    assert list(found.columns) == propose.COLUMNS


@given(texts=ENTRIES)
def test_values_are_those_of_the_codebook(states, texts):
    """Codes, dates and numbers have the form of the codebook; a state may lack its code."""
    found = propose.events(entries(texts)).map(as_text)
    table = review._table(book(), "proposed.csv", False)
    for _, row, column, value, rule, _ in typed(as_cells(found), table, book())[1]:
        empty = rule == "required" or found.at[row - 2, "note"] == propose.NOTHING
        unlisted = column in WITH_STATES and rule == "code" and set(value.split(";")) <= states
        assert empty or unlisted or column == "evidence", (column, value, rule)


@given(texts=ENTRIES)
def test_codes_hold_the_rules_of_the_codebook(texts):
    """A person has to decide where a note asks for it, and nowhere else."""
    found = propose.events(entries(texts)).map(as_text)
    asked = found["event_type"].eq("") | found["actors"].eq("")
    assert found.loc[asked, "note"].ne("").all()
    assert faults(found[~asked], shipped()) == []


def faults(found, dataset):
    """What the rules say of proposed events, but for numbers of sessions on made-up days."""
    found = found.reset_index(drop=True)
    table = review._table(book(), "proposed.csv", False)
    events, _ = typed(as_cells(found), table, book())
    proposed = Dataset(book(), dict(dataset.tables) | {"events": events})
    told = [(rule.__name__, *fault) for rule in CODING for fault in rule(proposed)]
    return [fault for fault in told if (fault[0], fault[3]) != ("mechanisms", "ordinal")]


@given(texts=ENTRIES)
def test_what_is_proposed_has_its_evidence(texts):
    """Each type of event names the pattern and the words, and the words stand in the entry."""
    given = entries(texts)
    words = dict(zip(given["entry_id"], given["text"], strict=True))
    for row in propose.events(given).itertuples():
        cited = [(column, *one) for column, _, by in grounds(row) for one in CITED.findall(by)]
        assert {pattern for _, pattern, _ in cited} <= set(known())
        assert {column for column, _, _ in cited} <= set(propose.COLUMNS)
        assert (row.event_type == "") or "event_type" in {column for column, _, _ in cited}
        assert 0 <= row.confidence <= 1
        for _, _, part in cited:
            assert part.replace(".", "") in words[row.entry_id].replace(".", "")


@given(texts=ENTRIES)
def test_evidence_can_have_given_the_value(texts):
    """Words cited for a state, a level or an issue are of a pattern that names it."""
    for row in propose.events(entries(texts)).itertuples():
        for column, value, by in grounds(row):
            assert value == getattr(row, column)
            for pattern, _ in CITED.findall(by) if column in NAMED else ():
                assert can_give(known()[pattern], column, value), (column, value, pattern)


def grounds(row):
    """The column, the value and the patterns with their words, for all that has any."""
    found = EVIDENCE.findall(row.evidence)
    assert all(CITED.findall(by) for _, _, by in found)
    return found


@cache
def known():
    """Rows of patterns by their id."""
    return {row["pattern_id"]: row for rows in patterns.read().tables.values() for row in rows}


def can_give(row, column, value):
    """Whether a cell of a row has the value, or one of its states; cues mean those named."""
    cells = {part for cell in row.values() for part in cell.split(";")}
    meant = row["table"] == "cues" and column in WITH_STATES
    return meant or not cells.isdisjoint(value.split(";"))


@given(texts=ENTRIES)
def test_entries_are_read_each_by_itself(texts):
    """An entry gives the same rows alone and among others."""
    given = entries(texts)
    alone = [propose.events(given.iloc[[place]]) for place in range(len(given))]
    pd.testing.assert_frame_equal(propose.events(given), pd.concat(alone, ignore_index=True))


@given(text=told(DATA / "patterns"))
def test_twice_the_entries_take_twice_the_steps(text):
    """What is called to propose events grows as the entries do."""
    made = [calls(propose.events, entries([text] * number)) for number in (10, 20)]
    assert made[1] < 2.3 * made[0]


@times(0.4)
@given(text=told(DATA / "patterns"))
def test_an_entry_twice_as_long_takes_twice_the_steps(text):
    """Whatever is said again and again in one paragraph, work grows as its words do."""
    length = 2_500 // max(len(text), 1) + 1
    assert _growth(" ".join([text] * length)) < 2.3


@pytest.mark.parametrize(
    "words",
    [
        "Japan and South Korea hold talks on fisheries in Tokyo. ",
        "Japan protests and South Korea visits Tokyo and ",
        "Also, it rains in the hills. ",
        "Japan, ",
        "Seoul and ",
        "PM ",
        "envoy of North Korea to Park says that ",
        "does not protest and ",
        "Japan-lifts-GSOMIA-talks-",
        "Japan protests, Kyodo reports, ",
        "is visited by Abe and ",
    ],
)
def test_a_hostile_entry_twice_as_long_takes_twice_the_steps(words):
    """A list without end, a sentence without a stop, a chain of titles: all are read in turn."""
    assert _growth(words * (3_000 // len(words))) < 2.3


def _growth(text):
    """How much more is done for a text that is said twice, once the patterns are read."""
    propose.rules()
    made = [steps(propose.events, entries([text * number])) for number in (1, 2)]
    return made[1] / made[0]
