"""The head of an entry: every form in which chronologies print a date, and its days."""

from datetime import date

import pytest

from jkrel.chronology import dates

DECEMBER = dates.Side(month=12, year=2030)


def span(text, before=None):
    """First day, last day and precision of a head, the days as printed by ISO 8601."""
    found = dates.resolve(dates.find(text), before)
    return str(found.start), str(found.end), found.precision


@pytest.mark.parametrize(
    ("head", "start", "end", "precision"),
    [
        ("Sept. 1, 2022:", "2022-09-01", "2022-09-01", "day"),
        ("Sept.1, 2022 :", "2022-09-01", "2022-09-01", "day"),
        ("SEPT. 1 2022:", "2022-09-01", "2022-09-01", "day"),
        ("September 1st, 2022:", "2022-09-01", "2022-09-01", "day"),
        ("1 September 2022:", "2022-09-01", "2022-09-01", "day"),
        ("Thursday, Sept. 1, 2022:", "2022-09-01", "2022-09-01", "day"),
        ("Sept. 1, 2022 (Thu.):", "2022-09-01", "2022-09-01", "day"),
        ("Aug. 21-31, 2023:", "2023-08-21", "2023-08-31", "day"),
        ("Jan. 5 - 7, 2010:", "2010-01-05", "2010-01-07", "day"),
        ("Jan. 5 to 7, 2010:", "2010-01-05", "2010-01-07", "day"),
        ("Jan. 5 and 7, 2010:", "2010-01-05", "2010-01-07", "day"),
        ("Jan. 5, 7 and 9, 2010:", "2010-01-05", "2010-01-09", "day"),
        ("Jan. 5, 7, and 9, 2010:", "2010-01-05", "2010-01-09", "day"),
        ("Sept. 30-Oct. 2, 2019:", "2019-09-30", "2019-10-02", "day"),
        ("30 Sept.–2 Oct. 2019:", "2019-09-30", "2019-10-02", "day"),
        ("Dec. 29, 2018-Jan. 2, 2019:", "2018-12-29", "2019-01-02", "day"),
        ("Dec. 29-Jan. 2, 2019:", "2018-12-29", "2019-01-02", "day"),
        ("Dec. 29, 2018-Jan. 2:", "2018-12-29", "2019-01-02", "day"),
        ("July 2019:", "2019-07-01", "2019-07-31", "month"),
        ("Feb. 2024:", "2024-02-01", "2024-02-29", "month"),
        ("July-August 2019:", "2019-07-01", "2019-08-31", "month"),
        ("Dec.-Jan. 2019:", "2018-12-01", "2019-01-31", "month"),
        ("early July 2019:", "2019-07-01", "2019-07-10", "approximate"),
        ("Mid-September 2019:", "2019-09-11", "2019-09-20", "approximate"),
        ("Late February 2010:", "2010-02-21", "2010-02-28", "approximate"),
        ("End of July 2019:", "2019-07-21", "2019-07-31", "approximate"),
        ("Early to mid-July 2019:", "2019-07-01", "2019-07-20", "approximate"),
        ("Late August-early September 2010:", "2010-08-21", "2010-09-10", "approximate"),
    ],
)
def test_the_days_of_a_head(head, start, end, precision):
    """A head names its first and last day; what one side leaves out holds from the other."""
    assert span(head) == (start, end, precision)


@pytest.mark.parametrize("dash", ["-", "‐", "‑", "–", "—", " - ", " – ", " — ", " to ", "-\n"])
def test_every_dash_makes_a_span(dash):
    """Hyphens and dashes of every length, with blanks or without, mean the same."""
    assert span(f"Sept. 30{dash}Oct. 2, 2019:") == ("2019-09-30", "2019-10-02", "day")


@pytest.mark.parametrize(
    ("head", "start"),
    [("Dec. 30:", "2030-12-30"), ("Jan. 5:", "2031-01-05"), ("Nov. 30:", "2030-11-30")],
)
def test_a_head_without_a_year_takes_the_nearest(head, start):
    """After an entry of December, January is that of the next year."""
    assert span(head, DECEMBER)[0] == start


def test_december_after_january_is_of_the_year_before():
    """The nearest year may be the one before: the order is not the head's concern."""
    assert span("Dec. 30:", dates.Side(month=1, year=2031))[0] == "2030-12-30"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("Feb. 30, 2030:", "no such day"),
        ("Feb. 29, 2031:", "no such day"),
        ("Sept. 0, 2030:", "no such day"),
        ("Sept. 31-Oct. 2, 2030:", "no such day"),
        ("Sept. 1, 0000:", "no such day"),
        ("Aug. 31-21, 2030:", "the end is before the start"),
        ("Oct. 2, 2030-Sept. 30, 2030:", "the end is before the start"),
        ("Sept. 1:", "no year"),
    ],
)
def test_an_impossible_date_has_a_reason(head, reason):
    """Never a wrong day: an error says what is the matter."""
    with pytest.raises(ValueError, match=reason):
        span(head)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "Sept. 1, 2030",
        "On Sept. 1, 2030:",
        "Sept. 1, 2030 is a day: so it is",
        "Kite 1, 2030:",
        "may 5, 2030:",
        "Ma 5, 2030:",
        "May 5:30 p.m.",
        "3-2:",
        "2030:",
        "May 2030-2031:",
        "May 1, 2030, 2031:",
        "May June 2030:",
        "Early 2030:",
        "Sept. 1, 20300:",
        "Sept. 100, 2030:",
        "Sept. 1, 2030" + " " * 80 + ":",
    ],
)
def test_what_is_no_head(text):
    """Only a date up to the first colon is a head: no clock time, no score, no sentence."""
    assert dates.find(text) is None


@pytest.mark.parametrize("text", ["Around May 5, 2030:", "5/3/2030: A kite", "Summer 2030:"])
def test_what_looks_like_a_date_is_told(text):
    """Forms that are not read are recognised as something to look at."""
    assert dates.find(text) is None
    assert dates.looks_like_date(text)


@pytest.mark.parametrize("text", ["The kites of 2030 flew.", "Kites: two", "See: May 5, 2030"])
def test_a_sentence_does_not_look_like_a_date(text):
    """A year or a day inside a sentence is nothing to look at."""
    assert not dates.looks_like_date(text)


@pytest.mark.parametrize(
    ("line", "month", "year"),
    [
        ("MAY–AUGUST 2031", 5, 2031),
        ("SEPTEMBER—DECEMBER 2022", 9, 2022),
        ("Oct 2004 to Dec 2004", 10, 2004),
        ("November-January 2023", 11, 2022),
        ("November 2022 – January 2023", 11, 2022),
        ("September 2022", 9, 2022),
        ("SEPTEMBER", 9, None),
        ("2022", None, 2022),
    ],
)
def test_a_period_begins_with_a_month_or_a_year(line, month, year):
    """The line under a heading says in which year the first entry is."""
    assert dates.period(line) == dates.Side(month=month, year=year)


@pytest.mark.parametrize("line", ["", "143", "1200", "May 3, 2031", "KITES 2031", "Late May 2031"])
def test_what_is_no_period(line):
    """A page number, a day or any other word makes no period."""
    assert dates.period(line) is None


def test_a_span_is_made_of_dates():
    """Days are dates of the calendar, fit for tables."""
    assert dates.resolve(dates.find("May 3, 2031:")).start == date(2031, 5, 3)
