"""Dated numbers: months are missing and never zero, and rounding leaves a stated span."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jkrel.analyses import indicators


def reading(name, start, end, value, derived=False, conflict=None):
    """One row of the table, with the columns that the functions read."""
    return {
        "indicator_id": f"{name}-{start}",
        "indicator": name,
        "period_start": pd.Timestamp(start),
        "period_end": pd.Timestamp(end),
        "value": value,
        "derived": derived,
        "conflict": conflict,
    }


@pytest.fixture(scope="module")
def small(dataset):
    """Guests from one country and from all: three months, one of them derived, and a year."""
    table = pd.DataFrame(
        [
            reading("guests", "2023-01-01", "2023-01-31", 300),
            reading("guests", "2023-03-01", "2023-03-31", 200, derived=True, conflict="Or 210."),
            reading("guests", "2022-01-01", "2022-01-31", 100),
            reading("guests", "2022-01-01", "2022-12-31", 3650),
            reading("all_guests", "2022-01-01", "2022-01-31", 500),
            reading("all_guests", "2023-01-01", "2023-01-31", 2300),
        ]
    ).astype({"value": "Float64", "derived": "boolean"})
    return replace(dataset, tables=dataset.tables | {"indicators": table})


# Readings


def test_readings_come_in_order_of_time(small):
    """By the first day, then by the last."""
    found = indicators.rows(small, "guests")
    assert list(found["value"]) == [100, 3650, 300, 200]


def test_derived_readings_can_be_left_out(small):
    """The switch drops what was computed from other stated values."""
    assert list(indicators.rows(small, "guests", derived=False)["value"]) == [100, 3650, 300]


def test_an_indicator_without_readings_gives_none(small):
    """An indicator that the data do not hold is no error."""
    assert indicators.rows(small, "no_such_thing").empty
    assert indicators.monthly(small, "no_such_thing").empty


def test_months_without_a_reading_are_missing(small):
    """From January 2022 to March 2023 are fifteen months, of which three were told."""
    found = indicators.monthly(small, "guests")
    assert len(found) == 15
    assert found.notna().sum() == 3
    assert found[pd.Period("2023-02")] is pd.NA


def test_longer_periods_are_no_months(small):
    """The year does not come into January."""
    assert indicators.monthly(small, "guests")[pd.Period("2022-01")] == 100


def test_months_of_the_shipped_data_follow_coverage(dataset):
    """Inside its complete windows the series of visitors has a value for every month."""
    for series in ("visitors_jnto", "visitors_kto"):
        known = indicators.monthly(dataset, series)
        windows = dataset.coverage[dataset.coverage["series"].eq(series)]
        for window in windows[windows["completeness"].eq("complete")].itertuples():
            assert known[pd.period_range(window.start, window.end, freq="M")].notna().all()


# Rounding


@pytest.mark.parametrize(
    ("value", "half"),
    [(6958500, 50), (11030000, 5000), (174.2, 0.05), (2948527, 0.5), (0, 0), (-24.08, 0.005)],
)
def test_half_unit_is_half_the_last_place_that_is_not_zero(value, half):
    """6,958,500 was rounded to hundreds, or ends in zeros by chance."""
    assert indicators.half_unit([value])[0] == pytest.approx(half)


def test_half_unit_of_a_missing_number_is_missing():
    """Nothing is known of the rounding of nothing."""
    assert np.isnan(indicators.half_unit(pd.Series([pd.NA], dtype="Float64"))[0])


def test_ratio_spans_what_rounding_allows():
    """30 of 100, each to its last place: at least 25 of 150, at most 35 of 50."""
    (row,) = indicators.ratio([30], [100]).to_dict("records")
    assert row == pytest.approx({"value": 0.3, "low": 25 / 150, "high": 35 / 50})


# Levels


def test_same_month_takes_out_the_season():
    """March over March: 60 against 120 are 50 per cent; April has nothing to stand against."""
    index = pd.PeriodIndex(["2019-03", "2023-03", "2023-04"], freq="M")
    found = indicators.same_month(pd.Series([120, 60, 30], index=index, dtype="Float64"), 2019)
    assert found.iloc[:2].tolist() == [100, 50]
    assert found.iloc[2] is pd.NA


def test_levels_around_leave_out_the_month_itself():
    """Of 10 a day: 5 in the month before, 8 in the month after, 6 on average."""
    index = pd.period_range("2023-02", "2023-04", freq="M")
    level = {"guests": pd.Series([5, 5, 8], index=index)}
    bases = pd.DataFrame({"then": [10.0], "no such year": [np.nan]}, index=["guests"])
    (row,) = indicators.levels_around(level, bases, pd.Period("2023-03")).to_dict("records")
    assert (row["base"], row["before"], row["after"], row["late"]) == ("then", 50, 80, 60)


# Shares and growth


def test_shares_need_the_same_days(small):
    """Only the two Januaries have a reading of both."""
    found = indicators.shares(small, "guests", "all_guests")
    assert list(found["value"]) == pytest.approx([100 / 500, 300 / 2300])
    assert list(found["month"].astype(str)) == ["2022-01", "2023-01"]


def test_relative_growth_compares_with_all_the_rest(small):
    """Guests tripled; the rest went from 400 to 2,000, five times: relative growth is 0.6."""
    table = indicators.shares(small, "guests", "all_guests").set_index("period_start")
    pairs = [(pd.Timestamp("2022-01-01"), pd.Timestamp("2023-01-01"))]
    (row,) = indicators.relative_growth(table, pairs).to_dict("records")
    assert (row["own"], row["others"]) == pytest.approx((3, 5))
    assert row["relative"] == pytest.approx(0.6)
    assert row["low"] == pytest.approx((250 / 150) / (2100 / 300))
    assert row["high"] == pytest.approx((350 / 50) / (1900 / 500))


def test_relative_growth_leaves_out_pairs_without_a_reading(small):
    """A pair of which one period is missing gives no row."""
    table = indicators.shares(small, "guests", "all_guests").set_index("period_start")
    pairs = [(pd.Timestamp("2022-01-01"), pd.Timestamp("2024-01-01"))]
    assert indicators.relative_growth(table, pairs).empty


def test_daily_rate_takes_the_period_that_fits_exactly(small):
    """3,650 in 365 days are 10 a day, give or take 5 in the year."""
    rate = indicators.daily_rate(small, "guests", "2022-01-01", "2022-12-31")
    assert rate["value"] == pytest.approx(10)
    assert rate["low"] == pytest.approx(3645 / 365)


def test_daily_rate_without_such_a_period_is_missing(small):
    """No other period stands in for it."""
    assert indicators.daily_rate(small, "guests", "2021-01-01", "2021-12-31").isna().all()


def test_around_counts_readings_on_each_side(small):
    """One reading before February 2022, none between, two after; the year lies across."""
    found = indicators.around(small, ["guests"], "2022-02-01", "2022-12-01").loc["guests"]
    assert found[["readings", "before", "between", "after", "across"]].tolist() == [4, 1, 0, 2, 1]
    assert found[["derived", "conflicts"]].tolist() == [1, 1]
    assert not found["separates"]


def test_totals_set_months_beside_the_year(dataset):
    """2023 as a whole was stated, and its twelve months add up to it within rounding."""
    found = indicators.totals(dataset, ["visitors_jnto"]).set_index("year").loc[2023]
    assert found["stated"] == pytest.approx(6958500)
    assert abs(found["months"] - found["stated"]) <= 12 * 50 + 50


def test_totals_need_all_twelve_months(small):
    """Three months are no year."""
    assert indicators.totals(small, ["guests"]).empty


def test_claimed_share_spans_rounding_and_cutting_off():
    """2 of 10, to their last places: rounded 1.5 to 2.5 of 5 to 15; cut off 2 to 3 of 10 to 20."""
    assert indicators.claimed_share(2, 10) == pytest.approx(
        {
            "value": 0.2,
            "rounded_low": 1.5 / 15,
            "rounded_high": 2.5 / 5,
            "cut_low": 2 / 20,
            "cut_high": 3 / 10,
        }
    )


def test_survey_readings_have_exact_intervals(dataset):
    """25.4 per cent of 1,000: the Clopper-Pearson interval is 22.7 to 28.2 per cent."""
    found = indicators.survey(dataset, ["favourable_genron"], 1000).set_index("indicator_id")
    row = found.loc["favourable_genron-jpn-2021-08"]
    assert (row["count"], round(row["low"], 1), round(row["high"], 1)) == (254, 22.7, 28.2)


def test_changes_compare_neighbouring_years_within_a_country(dataset):
    """Three readings of two countries give four changes; the second of each holds the day."""
    readings = indicators.survey(dataset, ["favourable_genron"], 1000)
    found = indicators.changes(readings, 1000, {"holds": "2023-03-16"})
    assert found["difference"].round(1).tolist() == [5.0, 7.0, 10.1, -1.7]
    assert found["holds"].tolist() == [False, True, False, True]
    assert (found["p_holm"] >= found["p_value"]).all()
