"""Results under the days used, the earliest and the latest that sources state."""

from dataclasses import replace

import pandas as pd
import pytest

from jkrel import dating
from jkrel.data import Dataset


def days(*texts):
    return pd.to_datetime(list(texts))


@pytest.fixture
def small():
    """Three events: one told by two sources a day apart, one by sources that agree, one long."""
    events = pd.DataFrame(
        {
            "event_id": ["call", "visit", "exercise"],
            "date_start": days("2024-01-10", "2024-02-01", "2024-03-05"),
            "date_end": days("2024-01-10", "2024-02-01", "2024-03-08"),
            "issue": ["economy", "relations", "security"],
        }
    )
    told = [
        ("call", "2024-01-09"),
        ("call", "2024-01-10"),
        ("call", None),
        ("visit", "2024-02-01"),
        ("visit", "2024-02-01"),
        ("exercise", "2024-03-05"),
        ("exercise", "2024-03-07"),
    ]
    sources = pd.DataFrame(told, columns=["event_id", "date_stated"])
    sources["date_stated"] = pd.to_datetime(sources["date_stated"])
    sources["series"] = "record"
    windows = pd.DataFrame({"coverage_id": ["one", "two"], "series": "record"})
    windows["start"] = days("2024-01-01", "2024-02-01")
    windows["end"] = days("2024-01-31", "2024-03-31")
    return Dataset(None, {"events": events, "event_sources": sources, "coverage": windows})


def test_only_events_whose_sources_differ_have_two_days(small):
    """A missing day and one stated twice make no difference."""
    expected = pd.DataFrame(
        {"earliest": days("2024-01-09", "2024-03-05"), "latest": days("2024-01-10", "2024-03-07")},
        index=pd.Index(["call", "exercise"], name="event_id"),
    )
    pd.testing.assert_frame_equal(dating.stated(small), expected, check_dtype=False)


@pytest.mark.parametrize(
    ("which", "starts", "ends"),
    [
        ("used", ("01-10", "02-01", "03-05"), ("01-10", "02-01", "03-08")),
        ("earliest", ("01-09", "02-01", "03-05"), ("01-09", "02-01", "03-08")),
        ("latest", ("01-10", "02-01", "03-07"), ("01-10", "02-01", "03-10")),
    ],
)
def test_events_move_to_the_day_and_keep_their_length(small, which, starts, ends):
    """The end moves along with the start; events on whose day sources agree stay."""
    events = dating.redated(small, which).events
    assert list(events["date_start"].dt.strftime("%m-%d")) == list(starts)
    assert list(events["date_end"].dt.strftime("%m-%d")) == list(ends)


def test_nothing_but_the_two_days_changes(dataset):
    """In the shipped data, all other columns and tables are the same, and the loaded ones too."""
    before = dataset.events.copy()
    found = dating.redated(dataset, "earliest")
    rest = [name for name in before if name not in ("date_start", "date_end")]
    pd.testing.assert_frame_equal(found.events[rest], before[rest])
    assert all(found.tables[n] is t for n, t in dataset.tables.items() if n != "events")
    pd.testing.assert_frame_equal(dataset.events, before)


def test_the_day_used_lies_between_the_two(dataset):
    """In the shipped data, no event is used on a day before the earliest or after the latest."""
    known = dating.stated(dataset)
    used = dataset.events.set_index("event_id")["date_start"].reindex(known.index)
    assert len(known) and used.between(known["earliest"], known["latest"]).all()


def test_another_dating_is_refused(small):
    """The message names the three there are."""
    with pytest.raises(ValueError, match="'first' is none of used, earliest, latest"):
        dating.redated(small, "first")


def test_events_that_cross_the_edge_of_a_window_are_named(small):
    """A day later than the end of its window, an event is outside it."""
    assert dating.leaving(small) == []
    windows = small.coverage.assign(end=days("2024-01-09", "2024-03-31"))
    assert dating.leaving(replace(small, tables=small.tables | {"coverage": windows})) == ["call"]


def test_a_number_is_its_own_conclusion():
    """As shown: what rounding hides makes no difference."""
    assert dating.number(51.6) == ("52", "52", "the number itself")
    assert dating.number(1.64, ".1f").conclusion == dating.number(1.55001, ".1f").conclusion


@pytest.mark.parametrize(
    ("low", "high", "side"), [(1.1, 2, "above"), (0.5, 2, "includes"), (0.5, 0.9, "below")]
)
def test_an_interval_lies_on_a_side_of_no_change(low, high, side):
    """The estimate may move as long as its interval stays on its side."""
    assert dating.interval({"ratio": 1.2, "low": low, "high": high}).conclusion == side


def test_a_p_value_lies_on_a_side_of_the_level():
    """The level itself does not lie below it."""
    assert [dating.p_value(p).conclusion for p in (0.049, 0.05)] == [True, False]


@pytest.fixture
def table(small):
    """Two results: how many events lie before 10 January, and how many there are."""

    def headline(at):
        early = at(small.events)["date_start"].lt("2024-01-10").sum()
        return {"early": dating.number(early), "all": dating.number(len(at(small).events))}

    return dating.verdicts(small, headline)


def test_a_result_that_moves_depends_on_dating(table):
    """All three are shown, the criterion, and the verdict."""
    early, whole = table.to_dict("index").values()
    assert early == {
        "used": "0",
        "earliest": "1",
        "latest": "0",
        "criterion": "the number itself",
        "verdict": "depends on dating",
    }
    assert whole["verdict"] == "holds"
    assert table.attrs["moved"] == ["call", "exercise"]


def test_the_sentence_counts_what_holds_and_names_what_does_not(small, table):
    """With the criterion, the three values, and whether an event crosses the edge of a window."""
    assert dating.in_words(small, table) == (
        "2 events have sources that state different days; moved across the edge of a window of "
        "coverage: none. *Holds*: 1 of 2 results (the number itself). *Depends on dating*: "
        "early (0; earliest 1, latest 0)."
    )
