"""Dated numbers: months, shares and levels with the span that rounding leaves open."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from jkrel.data import Dataset
from jkrel.stats import compare_shares, with_holm

SPAN = ["period_start", "period_end"]


def rows(dataset: Dataset, indicator: str, derived: bool = True) -> pd.DataFrame:
    """Return the readings of an indicator in order of time.

    Parameters
    ----------
    dataset : Dataset
    indicator : str
        A code of ``codes/indicator_kinds.csv``; one not in the list has no readings.
    derived : bool
        Whether values computed from other stated values belong to it.

    Returns
    -------
    DataFrame
        Columns of ``indicators``.
    """
    found = dataset.indicators[dataset.indicators["indicator"].astype(str).eq(indicator)]
    found = found if derived else found[~found["derived"]]
    return found.sort_values(SPAN, ignore_index=True)


def monthly(dataset: Dataset, indicator: str, derived: bool = True) -> pd.Series:
    """Return the readings of single calendar months; months without one are missing, never zero.

    Parameters
    ----------
    dataset, indicator, derived
        As in :func:`rows`.

    Returns
    -------
    Series of Float64
        Index: every month from the first to the last reading; empty if there is none.
    """
    found = rows(dataset, indicator, derived)
    month = found["period_start"].dt.to_period("M")
    whole = found["period_start"].dt.is_month_start & found["period_end"].dt.is_month_end
    kept = whole & month.eq(found["period_end"].dt.to_period("M"))
    values = found[kept].set_axis(pd.PeriodIndex(month[kept], freq="M", name="month"))["value"]
    if values.empty:
        return values.rename(indicator)
    full = pd.period_range(values.index.min(), values.index.max(), freq="M", name="month")
    return values.reindex(full).rename(indicator)


def same_month(months: pd.Series, year: int) -> pd.Series:
    """Return monthly values over those of the same month of a year, in per cent; rest missing."""
    then = months[months.index.year == year]
    then = then.set_axis(then.index.month).reindex(months.index.month)
    return months / then.array * 100


def levels_around(per_day: dict, bases: pd.DataFrame, month: pd.Period) -> pd.DataFrame:
    """Set the months beside a month, and the last twelve known, against base periods.

    Parameters
    ----------
    per_day : dict of str to Series
        Indicator, and its values per day by month.
    bases : DataFrame
        Index: indicators. Columns: base periods. Values per day; bases missing are left out.
    month : Period
        The month itself, which is only partly before or after, is left out.

    Returns
    -------
    DataFrame
        indicator, base, before, after, late: in per cent of the base.
    """
    found = []
    for name, months in per_day.items():
        level = months.astype(float)
        late = level.dropna().tail(12).mean()
        parts = [level.get(month - 1, np.nan), level.get(month + 1, np.nan), late]
        for base, rate in bases.loc[name].dropna().items():
            found.append([name, base, *(part / rate * 100 for part in parts)])
    names = ["indicator", "base", "before", "after", "late"]
    return pd.DataFrame(found, columns=names).astype(dict.fromkeys(names[2:], float))


def half_unit(values) -> np.ndarray:
    """Return the most by which rounding can have moved a number: half its last non-zero place.

    A number that ends in zeros by chance gets too wide a span, never too narrow a one. Numbers of
    whole persons that do not end in zero were not rounded, and their half unit is negligible.

    Parameters
    ----------
    values : sequence of float
        Numbers as printed; missing ones stay missing.

    Returns
    -------
    ndarray of float
        6958500 gives 50, 174.2 gives 0.05.
    """
    numbers = pd.Series(values).astype("Float64").to_numpy(float, na_value=np.nan)
    return np.array([_half_unit(number) for number in numbers])


def ratio(part, whole) -> pd.DataFrame:
    """Divide rounded numbers, with the least and the most that their rounding allows.

    Parameters
    ----------
    part, whole : sequence of float
        Numbers as printed, equally long, above 0.

    Returns
    -------
    DataFrame
        Columns value, low, high; interval arithmetic, no confidence interval.
    """
    part, whole = (pd.Series(v).astype("Float64").astype(float) for v in (part, whole))
    part, whole = part.reset_index(drop=True), whole.reset_index(drop=True)
    loose, fixed = half_unit(part), half_unit(whole)
    low, high = (part - loose) / (whole + fixed), (part + loose) / (whole - fixed)
    return pd.DataFrame({"value": part / whole, "low": low, "high": high})


def shares(dataset: Dataset, part: str, whole: str, derived: bool = True) -> pd.DataFrame:
    """Divide two indicators wherever both have a reading for exactly the same days.

    Parameters
    ----------
    dataset : Dataset
    part, whole : str
        Indicators, such as visitors from one country and from all.
    derived : bool
        As in :func:`rows`.

    Returns
    -------
    DataFrame
        period_start, period_end, month (missing where the period is no single month), part_id,
        whole_id, part, whole, and value, low, high of :func:`ratio`.
    """
    names = [*SPAN, "indicator_id", "value"]
    both = rows(dataset, part, derived)[names].merge(
        rows(dataset, whole, derived)[names], on=SPAN, suffixes=("_part", "_whole")
    )
    columns = ["part_id", "part", "whole_id", "whole"]
    both = both.set_axis([*SPAN, *columns], axis=1)
    month = both["period_start"].dt.to_period("M")
    month = month.where(month.eq(both["period_end"].dt.to_period("M")))
    return both.assign(month=month).join(ratio(both["part"], both["whole"]))


def relative_growth(table: pd.DataFrame, pairs) -> pd.DataFrame:
    """Compare the growth of a part with that of all the rest, between pairs of periods.

    The rest is the comparison group of a difference-in-differences on the log scale: `relative`
    is the growth of the part over that of the rest, 1 if both grew alike.

    Parameters
    ----------
    table : DataFrame
        As :func:`shares` returns it, with period_start as index, each once.
    pairs : iterable of pair
        Earlier and later period_start; pairs of which either is missing are left out.

    Returns
    -------
    DataFrame
        earlier, later, own, others, relative, and low, high of relative by rounding alone.
    """
    known = [pair for pair in pairs if set(pair) <= set(table.index)]
    before, after = (table.loc[[pair[place] for pair in known]] for place in (0, 1))
    rest = [(side["whole"] - side["part"]).to_numpy(float) for side in (before, after)]
    loose = [half_unit(side["part"]) + half_unit(side["whole"]) for side in (before, after)]
    own = ratio(after["part"], before["part"])
    least = (rest[1] - loose[1]) / (rest[0] + loose[0])
    most = (rest[1] + loose[1]) / (rest[0] - loose[0])
    found = pd.DataFrame({"earlier": before.index, "later": after.index})
    found = found.assign(own=own["value"], others=rest[1] / rest[0])
    found["relative"] = found["own"] / found["others"]
    return found.assign(low=own["low"] / most, high=own["high"] / least)


def around(dataset: Dataset, names, first, second, derived: bool = True) -> pd.DataFrame:
    """Count readings before, between and after two days: what the timing of a series can tell.

    Parameters
    ----------
    dataset : Dataset
    names : sequence of str
        Indicators.
    first, second : date-like
        The two days; a reading whose period holds one of them belongs to neither side.
    derived : bool
        As in :func:`rows`.

    Returns
    -------
    DataFrame
        Index: indicator. Columns: readings, before, between, after, across, derived, conflicts;
        `separates` tells whether there is a reading in each of the three parts.
    """
    first, second, found = pd.Timestamp(first), pd.Timestamp(second), {}
    for name in names:
        known = rows(dataset, name, derived)
        start, end = known["period_start"], known["period_end"].fillna(known["period_start"])
        before, after = end < first, start >= second
        parts = {"before": before, "between": (start >= first) & (end < second), "after": after}
        counts = {label: int(part.sum()) for label, part in parts.items()}
        found[name] = {
            "readings": len(known),
            **counts,
            "across": len(known) - sum(counts.values()),
            "derived": int(known["derived"].sum()),
            "conflicts": int(known["conflict"].notna().sum()),
            "separates": min(counts.values()) > 0,
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("indicator")


def daily_rate(dataset: Dataset, indicator: str, start, end) -> pd.Series:
    """Return the reading of exactly this period per day: value, low, high by its rounding.

    Missing if no reading covers exactly these days.
    """
    found = rows(dataset, indicator)
    found = found[found["period_start"].eq(start) & found["period_end"].eq(end)]
    if found.empty:
        return pd.Series(np.nan, index=["value", "low", "high"])
    value, days = float(found["value"].iloc[0]), (pd.Timestamp(end) - pd.Timestamp(start)).days + 1
    loose = half_unit([value])[0]
    return pd.Series({"value": value, "low": value - loose, "high": value + loose}) / days


def totals(dataset: Dataset, names, derived: bool = True) -> pd.DataFrame:
    """Set the sum of twelve months beside the year as stated: rounding and revision together.

    Parameters
    ----------
    dataset : Dataset
    names : sequence of str
        Indicators that add up over time, such as visitors.
    derived : bool
        As in :func:`rows`.

    Returns
    -------
    DataFrame
        indicator, year, months (their sum), stated, percent (sum less stated, of stated); years
        without all twelve months or without a stated total are left out.
    """
    found = []
    for name in names:
        months = monthly(dataset, name, derived).dropna()
        for year, part in months.groupby(months.index.year):
            days = 366 if pd.Timestamp(year=year, month=1, day=1).is_leap_year else 365
            stated = daily_rate(dataset, name, f"{year}-01-01", f"{year}-12-31")["value"] * days
            if len(part) == 12 and np.isfinite(stated):
                percent = (float(part.sum()) / stated - 1) * 100
                found.append((name, year, float(part.sum()), stated, percent))
    return pd.DataFrame(found, columns=["indicator", "year", "months", "stated", "percent"])


def claimed_share(part: float, whole: float) -> dict:
    """Return what two printed inputs allow their share to be, if rounded and if cut off.

    Parameters
    ----------
    part, whole : float
        Numbers as printed; cut off, the true ones lie from there to one unit of the last
        printed place above.

    Returns
    -------
    dict
        value, rounded_low, rounded_high, cut_low, cut_high.
    """
    rounded = ratio([part], [whole]).iloc[0]
    unit_part, unit_whole = 2 * half_unit([part, whole])
    return {
        "value": float(rounded["value"]),
        "rounded_low": float(rounded["low"]),
        "rounded_high": float(rounded["high"]),
        "cut_low": part / (whole + unit_whole),
        "cut_high": (part + unit_part) / whole,
    }


def survey(dataset: Dataset, questions, answers: int, derived: bool = True) -> pd.DataFrame:
    """Return the readings of survey questions with the exact interval of each.

    Parameters
    ----------
    dataset : Dataset
    questions : sequence of str
        Indicators in per cent of those asked.
    answers : int
        Answers behind each reading, taken as a simple random sample.
    derived : bool
        As in :func:`rows`.

    Returns
    -------
    DataFrame
        Columns of ``indicators``, and count, low, high (in per cent), by question, country asked
        and time.
    """
    found = pd.concat([rows(dataset, name, derived) for name in questions])
    found = found.sort_values(["indicator", "country_from", *SPAN], ignore_index=True)
    count = (found["value"].astype(float) / 100 * answers).round().astype(int)
    low, high = proportion_confint(count, answers, method="beta")
    return found.assign(count=count, low=low * 100, high=high * 100)


def changes(readings: pd.DataFrame, answers: int, days: dict) -> pd.DataFrame:
    """Compare neighbouring readings of each question and country, corrected for their number.

    Parameters
    ----------
    readings : DataFrame
        As :func:`survey` returns it.
    answers : int
        Answers behind each reading.
    days : dict of str to date-like
        Names of columns, and the day of which each tells whether it lies between the readings.

    Returns
    -------
    DataFrame
        question, country, from, to (years), difference, low, high (in points), p_value, p_holm,
        and the columns that `days` names.
    """
    found = []
    for (name, country), part in readings.groupby(["indicator", "country_from"], observed=True):
        for old, new in zip(part.iloc[:-1].itertuples(), part.iloc[1:].itertuples(), strict=True):
            row = compare_shares(new.count, answers, old.count, answers)
            row = {key: row[key] * 100 for key in ("difference", "low", "high")} | {
                "p_value": row["p_value"]
            }
            years = {"from": old.period_start.year, "to": new.period_start.year}
            held = {
                label: old.period_end < pd.Timestamp(day) <= new.period_start
                for label, day in days.items()
            }
            found.append({"question": name, "country": country} | years | row | held)
    return with_holm(pd.DataFrame(found))


def _half_unit(number: float) -> float:
    if not np.isfinite(number) or number == 0:
        return np.nan if np.isnan(number) else 0.0
    places = np.format_float_positional(abs(number), trim="-")
    whole, _, decimals = places.partition(".")
    if decimals:
        return 0.5 * 10.0 ** -len(decimals)
    return 0.5 * 10.0 ** (len(whole) - len(whole.rstrip("0")))
