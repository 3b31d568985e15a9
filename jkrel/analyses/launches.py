"""North Korean launches and what follows them: first answers, days after, change between years."""

from dataclasses import asdict
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats as distributions
from scipy.stats import norm
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from jkrel import coverage
from jkrel.data import Dataset
from jkrel.stats import compare_shares, conditional_odds, rate_ratio


def described(dataset: Dataset) -> pd.DataFrame:
    """List the launch days with what the code lists say of them; no row is added or lost.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    DataFrame
        Columns of ``launches``, and beside them csis, cns, third (whether that list counts the
        day, from ``codes/counting_rules.csv``), and ballistic, missile (whether one of the kinds
        launched is such, from ``codes/launch_kinds.csv``).
    """
    rules = dataset.counting_rules.set_index("code")[["csis", "cns", "third"]]
    kinds = dataset.launch_kinds.set_index("code")
    listed = rules.reindex(dataset.launches["counting_rule"].astype(object)).astype(bool)
    rows = dataset.launches.assign(**{name: listed[name].array for name in listed})
    for name in ("ballistic", "missile"):
        rows[name] = [bool(kinds.loc[list(codes), name].any()) for codes in rows["kinds"]]
    return rows


def days_from(launch_days, first: int, last: int) -> pd.DatetimeIndex:
    """Return every day that lies from `first` to `last` days after a launch.

    Parameters
    ----------
    launch_days : sequence of dates
    first, last : int
        Days after a launch, both included: 0 and 3 for the day of the launch and three more,
        1 and 3 without that day, -3 and -1 for the three days before a launch.

    Returns
    -------
    DatetimeIndex
        Each day once, in order; with a reach of 0, the anchors of
        :func:`jkrel.shifts.clustering` that look in one direction only.

    Raises
    ------
    ValueError
        If `last` lies before `first`.
    """
    if last < first:
        raise ValueError(f"the last day after a launch, {last}, lies before the first, {first}")
    steps = pd.to_timedelta(np.arange(first, last + 1), unit="D")
    days = pd.DatetimeIndex(launch_days)
    return pd.DatetimeIndex(np.unique([days + step for step in steps]))


def first_answers(
    launch_days, answer_days, spans: pd.DataFrame, next_launch: bool = False, first: int = 0
) -> pd.DataFrame:
    """Find the days from each launch to the first answer, or to where the look ends.

    Parameters
    ----------
    launch_days : sequence of dates
        Launches; those outside the windows are left out, a day counts once.
    answer_days : sequence of dates
        Answers, which count only inside the window that holds the launch.
    spans : DataFrame
        Windows in which answers were looked for: start, end, days.
    next_launch : bool
        Whether the look at a launch also ends on the day before the next launch, so that an
        answer belongs to the last launch before it alone.
    first : int
        First day after a launch on which an answer counts: 0 is the day itself.

    Returns
    -------
    DataFrame
        One row per launch in order of time: launch, days (from the launch to the answer, or to
        the last day looked at), answered (False: the time is censored there). Launches with no
        day looked at from `first` on are left out.
    """
    launched, told = (
        np.unique(pd.DatetimeIndex(days).to_numpy("datetime64[D]"))
        for days in (launch_days, answer_days)
    )
    parts = [_first_in(span, launched, told, next_launch, first) for span in spans.itertuples()]
    table = pd.concat(parts, ignore_index=True)
    return table[table["days"].ge(first)].sort_values("launch", ignore_index=True)


def _first_in(span, launched, told, next_launch: bool, first: int) -> pd.DataFrame:
    start, end = (np.datetime64(day, "D") for day in (span.start, span.end))
    day = np.timedelta64(1, "D")
    held = launched[(launched >= start) & (launched <= end)]
    last = np.full(len(held), end)
    if next_launch:
        later = np.append(launched, end + day)[np.searchsorted(launched, held, side="right")]
        last = np.minimum(last, later - day)
    answer = np.append(told, end + day)[np.searchsorted(told, held + first * day)]
    answered = answer <= last
    days = (np.where(answered, answer, last) - held).astype(int)
    columns = {"launch": held.astype("datetime64[ns]"), "days": days, "answered": answered}
    return pd.DataFrame(columns)


def answered_share(times: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Estimate the share of launches answered by each day, with censored times.

    Kaplan and Meier's estimate (1958, Journal of the American Statistical Association 53,
    457-481), by statsmodels, with pointwise log-log intervals from Greenwood's variance
    (Kalbfleisch and Prentice 2002, The Statistical Analysis of Failure Time Data, 2nd edition,
    chapter 1), which take launches as independent.

    Parameters
    ----------
    times : DataFrame
        As :func:`first_answers` returns: days, answered.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Index: days, from -1 (nothing answered yet) to the longest time. Columns: share, low,
        high; the ends are missing before the first answer, and stay as they were once all are
        answered.
    """
    found = SurvfuncRight(times["days"], times["answered"].astype(int))
    left = pd.Series(found.surv_prob, index=found.surv_times.astype(int))
    error = pd.Series(found.surv_prob_se, index=left.index)
    some = left[left.between(0, 1, inclusive="neither")]
    width = norm.isf((1 - level) / 2) * error[some.index] / (some * np.log(some))
    ends = {"low": 1 - some ** np.exp(width), "high": 1 - some ** np.exp(-width)}
    table = pd.DataFrame({"share": 1 - left, **ends}, columns=["share", "low", "high"])
    table = table.reindex(range(-1, int(times["days"].max()) + 1)).ffill()
    return table.fillna({"share": 0.0}).rename_axis("days")


def log_rank(times: pd.DataFrame, groups, alpha: float = 0.05, power: float = 0.8) -> dict:
    """Compare times to the first answer between groups of launches, by statsmodels.

    Parameters
    ----------
    times : DataFrame
        As :func:`first_answers` returns: days, answered.
    groups : sequence
        Group of each launch; at least two groups.
    alpha, power : float
        Size and power for the smallest detectable effect.

    Returns
    -------
    dict
        launches, answered, p_value (two-sided; takes launches as independent), and detectable:
        the smallest constant ratio of hazards (chance of an answer on a day, if none came before)
        above 1 that would have been found with this power (Schoenfeld 1981, Biometrika 68,
        316-319); missing for more than two groups or without an answer.
    """
    groups = pd.Series(np.asarray(groups))
    answered = int(times["answered"].sum())
    _, p_value = survdiff(times["days"], times["answered"].astype(int), groups)
    found = {"launches": len(times), "answered": answered, "p_value": float(p_value)}
    shares = groups.value_counts(normalize=True)
    if len(shares) != 2 or not answered:
        return found | {"detectable": np.nan}
    reach = norm.isf(alpha / 2) + norm.ppf(power)
    return found | {"detectable": float(np.exp(reach / np.sqrt(answered * shares.prod())))}


def reached(curve: pd.DataFrame) -> pd.Series:
    """Return the first day by which half of the launches are answered, with its interval.

    Parameters
    ----------
    curve : DataFrame
        As :func:`answered_share` returns.

    Returns
    -------
    Series
        day, earliest, latest (Int64), the last two where the ends of the curve's interval reach
        one half; missing where it is not reached.
    """
    found = {}
    for name, end in (("day", "share"), ("earliest", "high"), ("latest", "low")):
        days = curve.index[curve[end].ge(0.5)]
        found[name] = days[0] if len(days) else pd.NA
    return pd.Series(found, dtype="Int64")


def following(contact_days, days_after, spans: pd.DataFrame) -> dict:
    """Count contacts on days that follow a launch, and set their rate against that of other days.

    Parameters
    ----------
    contact_days : sequence of dates
        Contacts; those outside the windows are left out.
    days_after : sequence of dates
        Days that follow a launch, each once, as :func:`days_from` gives them.
    spans : DataFrame
        Windows that do not overlap: start, end, days.

    Returns
    -------
    dict
        contacts, following, days, days_after (all in the windows), share (of contacts), chance
        (share of days), and ratio, low, high, p_value of the rate on such days over that on other
        days (:func:`jkrel.stats.rate_ratio`); missing where there is no contact, or all days or
        none follow a launch.
    """
    contacts, after = pd.Series(pd.DatetimeIndex(contact_days)), pd.Series(days_after)
    contacts = contacts[coverage.within(contacts, spans)]
    after = after[coverage.within(after, spans)]
    count, hits = len(contacts), int(contacts.isin(after).sum())
    days, marked = coverage.exposure(spans), len(after)
    found = {"contacts": count, "following": hits, "days": days, "days_after": marked}
    found |= {"share": hits / count if count else np.nan, "chance": marked / days}
    if not count or marked in (0, days):
        return found | dict.fromkeys(("ratio", "low", "high", "p_value"), np.nan)
    return found | asdict(rate_ratio(hits, marked, count - hits, days - marked))


def following_by_year(contact_days, days_after, spans: pd.DataFrame) -> pd.DataFrame:
    """Apply :func:`following` to each calendar year of the windows.

    Returns
    -------
    DataFrame
        Index: year. Columns: what :func:`following` returns.
    """
    parts = coverage.by_year(spans)
    years = parts["start"].dt.year
    found = {year: following(contact_days, days_after, part) for year, part in parts.groupby(years)}
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("year")


def changes(table: pd.DataFrame) -> pd.DataFrame:
    """Compare every two years in which contacts can be set against launches.

    Parameters
    ----------
    table : DataFrame
        As :func:`following_by_year` returns.

    Returns
    -------
    DataFrame
        Index: earlier and later year. Columns: difference (of plain shares), from, to, fisher (its
        interval and p-value, :func:`jkrel.stats.compare_shares`), what :func:`change` returns,
        and detectable (:func:`detectable_fall`). Years that are not :func:`comparable` are left
        out.
    """
    rows = comparable(table).to_dict("index")
    found = {}
    for first, last in combinations(rows, 2):
        pair = [rows[year][name] for year in (last, first) for name in ("following", "contacts")]
        plain = compare_shares(*pair)
        found[first, last] = {
            "difference": plain["difference"],
            "from": plain["low"],
            "to": plain["high"],
            "fisher": plain["p_value"],
            **change(rows[first], rows[last]),
            "detectable": detectable_fall(rows[first], rows[last]),
        }
    return pd.DataFrame(found).T.rename_axis(["earlier", "later"]) if found else pd.DataFrame()


def comparable(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the years with a contact, and with both days that follow a launch and others."""
    kept = table[table["contacts"].gt(0) & table["chance"].between(0, 1, inclusive="neither")]
    return kept.astype({"contacts": int, "following": int})


def change(earlier: dict, later: dict, level: float = 0.95) -> dict:
    """Compare how strongly contacts follow launches in two periods, given how often each launched.

    The odds that a contact follows a launch, divided by the odds that a day does, are the rate
    ratio of :func:`following`. Given both numbers of contacts and all that follow, the later
    number is of Fisher's noncentral hypergeometric law, so the interval of the ratio of the two
    rate ratios is exact (Fisher 1935, Journal of the Royal Statistical Society 98, 39-82), if
    contacts are independent. The p-value is the smaller tail doubled.

    Parameters
    ----------
    earlier, later : dict
        As :func:`following` returns.
    level : float
        Confidence level.

    Returns
    -------
    dict
        ratio (later over earlier, conditional maximum likelihood), low, high, p_value.
    """
    counts = [int(n) for row in (later, earlier) for n in (row["following"], row["contacts"])]
    odds = _day_odds(later) / _day_odds(earlier)
    values = np.array(conditional_odds(*counts, level)) / odds
    p_values = _p_values(counts[1], counts[3], counts[0] + counts[2], odds)
    names = ("ratio", "low", "high", "p_value")
    return dict(zip(names, [*map(float, values), float(p_values[counts[0]])], strict=True))


def detectable_fall(earlier: dict, later: dict, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the smallest fall that :func:`change` would have found.

    The earlier share is held at what was seen; the power of the two-sided test is summed over
    all pairs of binomial counts.

    Parameters
    ----------
    earlier, later : dict
        As :func:`following` returns.
    alpha, power : float
        Size of the test, and the power asked for.

    Returns
    -------
    float
        The largest ratio of the two rate ratios below 1, in steps of 0.01, that is found with
        this power; missing if not even a fall to none is.
    """
    counts = int(later["contacts"]), int(earlier["contacts"])
    odds = _day_odds(later) / _day_odds(earlier)
    rejected = np.zeros((counts[0] + 1, counts[1] + 1))
    for total in range(sum(counts) + 1):
        first = np.arange(max(0, total - counts[1]), min(counts[0], total) + 1)
        rejected[first, total - first] = _p_values(*counts, total, odds)[first] <= alpha
    seen = distributions.binom.pmf(np.arange(counts[1] + 1), counts[1], earlier["share"])
    base = earlier["ratio"] * _day_odds(later)
    for ratio in np.arange(99, -1, -1) / 100:
        raised = ratio * base if ratio else 0.0
        share = 1.0 if np.isinf(raised) else raised / (1 + raised)
        fallen = distributions.binom.pmf(np.arange(counts[0] + 1), counts[0], share)
        if fallen @ rejected @ seen >= power:
            return float(ratio)
    return np.nan


def _day_odds(row: dict) -> float:
    return row["days_after"] / (row["days"] - row["days_after"])


def _p_values(first: int, second: int, total: int, odds: float) -> np.ndarray:
    """Return the doubled smaller tail for each number of the first group, by Fisher's law."""
    numbers = np.arange(first + 1)
    weights = distributions.hypergeom.pmf(numbers, first + second, total, first) * odds**numbers
    chances = weights / weights.sum()
    lower, upper = chances.cumsum(), chances[::-1].cumsum()[::-1]
    return np.minimum(1, 2 * np.minimum(lower, upper))
