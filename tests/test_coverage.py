"""Coverage: windows, exposure, and months that are missing, never zero, where nobody looked."""

from dataclasses import replace

import pandas as pd
import pytest

from jkrel import coverage

ENDS = ("title", "last_entry")
REQUIRED_CODES = ("status", "format", "level", "event_type", "mode", "issue", "valence")


def spans(*pairs):
    frame = pd.DataFrame(pairs, columns=["start", "end"]).astype("datetime64[s]")
    return coverage.with_days(frame)


def days_of(frame):
    """The spans as pairs of days in ISO form."""
    return [(f"{row.start:%Y-%m-%d}", f"{row.end:%Y-%m-%d}") for row in frame.itertuples()]


def tiny(dataset, days, *windows):
    """A dataset whose chronology tells events of these days, looked at in these windows."""
    told = dataset.sel(series="chronology")
    part = told.only(told.events["event_id"].iloc[: len(days)])
    events = part.events.assign(date_start=pd.Series(days, dtype="datetime64[s]"))
    rows = dataset.coverage[dataset.coverage["series"].eq("chronology")].iloc[: len(windows)]
    changed = pd.DataFrame(windows, columns=["start", "end", "last_entry"], index=rows.index)
    rows = rows.assign(**changed.astype("datetime64[s]"))
    return replace(part, tables=part.tables | {"events": events, "coverage": rows})


# Windows


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ("title", [("2022-09-01", "2022-12-31"), ("2024-01-01", "2024-04-30")]),
        ("last_entry", [("2022-09-01", "2022-12-30"), ("2024-01-01", "2024-04-17")]),
    ],
)
def test_windows_end_with_the_title_or_the_last_entry(dataset, ends, expected):
    """The two chronologies cover the periods of their titles, or up to their last entries."""
    assert days_of(coverage.windows(dataset, "chronology", ends=ends)) == expected


@pytest.mark.parametrize(
    ("completeness", "expected"),
    [
        ("complete", [("2022-06-28", "2024-11-30")]),
        ("partial", [("2019-12-24", "2019-12-24"), ("2024-12-01", "2026-01-31")]),
    ],
)
def test_complete_and_partial_windows_stay_apart(dataset, completeness, expected):
    """Windows of leader contacts that were searched in part are no complete windows."""
    assert days_of(coverage.windows(dataset, "leader_contacts", completeness)) == expected


def test_a_window_without_a_last_entry_ends_with_its_period(dataset):
    """Where a source has no dated entries, its title decides under either choice."""
    by_choice = [coverage.windows(dataset, "leader_contacts", ends=ends) for ends in ENDS]
    pd.testing.assert_frame_equal(*by_choice)


def test_windows_come_in_order_of_time(dataset):
    """The order of the rows of coverage.csv does not matter."""
    turned = dataset.coverage.iloc[::-1].reset_index(drop=True)
    shuffled = replace(dataset, tables=dataset.tables | {"coverage": turned})
    expected = coverage.windows(dataset, "chronology")
    pd.testing.assert_frame_equal(coverage.windows(shuffled, "chronology"), expected)


@pytest.mark.parametrize(
    ("choice", "known"),
    [
        ({"series": "chronologies"}, ["chronology", "leader_contacts"]),
        ({"completeness": "whole"}, ["complete", "partial"]),
        ({"ends": "never"}, ["title", "last_entry"]),
    ],
)
def test_an_unknown_code_is_an_error_that_lists_the_codes(dataset, choice, known):
    """A mistyped code names what there is to choose from."""
    with pytest.raises(KeyError) as caught:
        coverage.windows(dataset, **{"series": "chronology"} | choice)
    assert all(code in str(caught.value) for code in [*choice.values(), *known])


def test_a_series_without_such_a_window_is_an_error(dataset):
    """No window is said aloud, and never an empty table that counts as no exposure."""
    with pytest.raises(KeyError, match="chronology has no partial window"):
        coverage.windows(dataset, "chronology", completeness="partial")


# Exposure


@pytest.mark.parametrize(
    ("ends", "days", "exposure"), [("title", [122, 121], 243), ("last_entry", [121, 108], 229)]
)
def test_exposure_of_the_chronologies(dataset, ends, days, exposure):
    """122 and 121 days by their titles; 121 and 108 up to their last entries."""
    found = coverage.windows(dataset, "chronology", ends=ends)
    assert (list(found["days"]), coverage.exposure(found)) == (days, exposure)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2024-01-01", "2024-01-01", 1),
        ("2024-02-01", "2024-03-01", 30),
        ("2023-02-01", "2023-03-01", 29),
        ("2022-06-28", "2024-11-30", 887),
    ],
)
def test_both_ends_belong_to_a_span(start, end, days):
    """A span of one day has one day, and 2024 has a 29 February."""
    assert coverage.exposure(spans((start, end))) == days


# Clipping and membership


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ((None, None), [("2022-09-01", "2022-12-31"), ("2024-01-01", "2024-04-30")]),
        (("2022-10-15", None), [("2022-10-15", "2022-12-31"), ("2024-01-01", "2024-04-30")]),
        ((None, "2024-01-01"), [("2022-09-01", "2022-12-31"), ("2024-01-01", "2024-01-01")]),
        (("2022-12-31", "2023-12-31"), [("2022-12-31", "2022-12-31")]),
        (("2023-01-01", "2023-12-31"), []),
        ((pd.NaT, pd.Timestamp("2022-09-01")), [("2022-09-01", "2022-09-01")]),
    ],
)
def test_clipping_keeps_what_lies_in_the_period(period, expected):
    """Both ends of the period belong to it; no end given means no limit."""
    both = spans(("2022-09-01", "2022-12-31"), ("2024-01-01", "2024-04-30"))
    cut = coverage.clip(both, *period)
    assert days_of(cut) == expected
    pd.testing.assert_series_equal(cut["days"], coverage.with_days(cut)["days"])


def test_clipping_changes_nothing_in_place(dataset):
    """The spans given stay as they were."""
    before = coverage.windows(dataset, "chronology")
    after = before.copy()
    coverage.clip(after, "2022-10-01", "2024-02-01")
    pd.testing.assert_frame_equal(after, before)


def test_a_date_is_within_spans_with_their_ends():
    """First and last days are inside, the day before, the day after and no day at all are not."""
    both = spans(("2022-09-01", "2022-12-31"), ("2024-01-01", "2024-04-30"))
    inside = ["2022-09-01", "2022-12-31", "2024-02-29"]
    outside = ["2022-08-31", "2023-01-01", "2024-05-01", None]
    dates = pd.Series([*inside, *outside], index=list("gfedcba"), dtype="datetime64[s]")
    expected = pd.Series([True] * 3 + [False] * 4, index=list("gfedcba"))
    pd.testing.assert_series_equal(coverage.within(dates, both), expected)


# Months


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("series", ["chronology", "leader_contacts"])
@pytest.mark.parametrize("by", [None, *REQUIRED_CODES])
def test_a_month_is_missing_exactly_where_nobody_looked(dataset, series, by, ends):
    """Months without a covered day have no count, never a zero; covered months have one."""
    months = coverage.months(dataset, series, by, ends)
    counts = months.drop(columns="days")
    uncovered = months["days"].eq(0)
    assert counts[uncovered].isna().all(axis=None)
    assert counts[~uncovered].notna().all(axis=None)


def test_the_year_between_the_chronologies_is_missing(dataset):
    """All twelve months of 2023 are missing, and the eight printed months are not."""
    months = coverage.months(dataset, "chronology")
    missing = months.index[months["events"].isna()]
    assert list(missing.astype(str)) == [f"2023-{month:02}" for month in range(1, 13)]
    assert len(months) == 20


@pytest.mark.parametrize("by", [None, *REQUIRED_CODES])
def test_counts_are_whole_numbers_that_can_be_missing(dataset, by):
    """Counts are Int64 in every column; days are plain integers."""
    types = coverage.months(dataset, "chronology", by).dtypes.astype(str)
    assert set(types.drop("days")) == {"Int64"}
    assert types["days"] == "int64"


@pytest.mark.parametrize(("ends", "events"), [("title", 138), ("last_entry", 138)])
def test_no_event_in_a_window_is_lost(dataset, ends, events):
    """The months hold every event that the chronologies tell."""
    assert coverage.months(dataset, "chronology", ends=ends)["events"].sum() == events


@pytest.mark.parametrize("by", REQUIRED_CODES)
@pytest.mark.parametrize("series", ["chronology", "leader_contacts"])
def test_codes_add_up_to_the_events(dataset, series, by):
    """Month for month, the counts of all codes of a column make the number of events."""
    parts = coverage.months(dataset, series, by).drop(columns="days")
    whole = coverage.months(dataset, series)["events"]
    pd.testing.assert_series_equal(parts.sum(axis=1, min_count=1), whole, check_names=False)


def test_columns_are_codes_in_codebook_order(dataset):
    """One column per code, met or not, in the order of the code list."""
    columns = coverage.months(dataset, "chronology", "format").columns
    assert list(columns) == [*dataset.codebook.order("formats"), "days"]


def test_columns_bear_no_made_up_name(dataset):
    """The table shown is headed by its columns alone."""
    assert coverage.months(dataset, "chronology").columns.name is None


@pytest.mark.parametrize("by", ["city", "actors"])
def test_counting_by_a_column_without_codes_is_an_error_that_names_it(dataset, by):
    """Free text and lists have no codes to count by, and the message says which column it was."""
    with pytest.raises(KeyError, match=by):
        coverage.months(dataset, "chronology", by)


def test_partial_months_count_covered_days_only(dataset):
    """Up to the last entries, December 2022 has 30 days and April 2024 has 17."""
    days = coverage.months(dataset, "chronology", ends="last_entry")["days"]
    assert (days["2022-12"], days["2024-04"]) == (30, 17)


def test_a_window_that_starts_in_mid_month(dataset):
    """By hand: 16 days of September with two events, none in October, ten days of November."""
    days = ["2022-09-14", "2022-09-15", "2022-09-30", "2022-11-10", "2022-11-11"]
    made = tiny(dataset, days, ("2022-09-15", "2022-11-10", "2022-11-05"))
    months = coverage.months(made, "chronology")
    assert months["events"].to_list() == [2, 0, 1]
    assert months["days"].to_list() == [16, 31, 10]
    assert coverage.months(made, "chronology", ends="last_entry")["events"].to_list() == [2, 0, 0]


def test_two_windows_in_one_month_are_added(dataset):
    """A month in which one window ends and another begins has the days and events of both."""
    days = ["2022-09-02", "2022-09-10", "2022-09-20"]
    windows = ("2022-09-01", "2022-09-05", None), ("2022-09-16", "2022-09-30", None)
    months = coverage.months(tiny(dataset, days, *windows), "chronology")
    assert months.to_numpy().tolist() == [[2, 20]]


def test_covered_months_without_events_are_zero(dataset):
    """Where somebody looked and saw nothing, the count is a true zero."""
    months = coverage.months(dataset.only([]), "chronology")
    assert months["events"].dropna().to_list() == [0] * 8


def test_only_events_of_the_series_are_counted(dataset):
    """What other sources tell of the same months is left out."""
    told = dataset.sel(series="leader_contacts", period="2022-09:2022-12").events
    found = coverage.months(dataset, "leader_contacts")["events"]["2022-09":"2022-12"]
    assert found.sum() == len(told) == 6


# Spans


def test_windows_are_cut_at_the_turn_of_the_year():
    """No day is lost, and none of the parts crosses a year."""
    ends = {"start": ["2023-12-30", "2024-02-09"], "end": ["2024-01-02", "2024-02-10"]}
    spans = pd.DataFrame(ends).apply(pd.to_datetime)
    parts = coverage.by_year(coverage.with_days(spans))
    assert parts["days"].tolist() == [2, 2, 2]
    assert parts["start"].dt.year.tolist() == [2023, 2024, 2024]


@pytest.mark.parametrize(
    ("series", "start", "end", "seen"),
    [
        ("trilateral_meetings_ministers", "2022-05-10", "2024-09-30", "complete"),
        ("trilateral_meetings_ministers", "2024-09-01", "2024-10-31", "partial"),
        ("trilateral_meetings_ministers", "2022-05-09", "2022-06-01", "not looked at"),
        ("trilateral_meetings", "2023-01-01", "2023-12-31", "partial"),
        ("chronology", "2024-01-01", "2024-04-30", "complete"),
        ("chronology", "2022-12-01", "2024-01-31", "not looked at"),
    ],
)
def test_a_period_is_looked_at_only_as_a_whole(dataset, series, start, end, seen):
    """One day outside every window is enough to know nothing of the period."""
    assert coverage.looked_at(dataset, series, start, end) == seen
