"""Disputes over history and territory: acts, answers and their delays, and containment."""

from dataclasses import asdict, dataclass, replace
from functools import reduce
from itertools import product

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from jkrel.data import Dataset
from jkrel.leaders import SIDES

RUNGS = ("none", "words", "demarche", "summons", "both")
"""Forms of an answer, from the mildest (``codes/reaction_forms.csv``)."""
NOT_GOVERNMENT = ("legislator", "judiciary", "subnational", "private")
"""Levels at which no government answers."""
UNKNOWN = "None recorded"
"""Name of acts for which no answer is recorded, which may have had one."""
SHOCKS = "Shocks, "
"""Start of the name of acts outside the yearly calendar."""
KINDS = (1, -1)
"""Days after a dispute, and those compared with."""


def answers(events: pd.DataFrame) -> pd.DataFrame:
    """Pair every answer with every act it answers.

    Parameters
    ----------
    events : DataFrame
        Events; links to acts that are not among them are left out.

    Returns
    -------
    DataFrame
        One row per link of ``responds_to``: event_id (the answer), act_id, days (Int64, from the
        first day of the act to that of the answer; missing unless both days are known exactly).
    """
    columns = ["event_id", "date_start", "date_precision"]
    links = events[[*columns, "responds_to"]].explode("responds_to").dropna(subset="responds_to")
    known = events[columns].add_suffix("_act")
    links = links.merge(known, left_on="responds_to", right_on="event_id_act", validate="m:1")
    exact = links["date_precision"].eq("day") & links["date_precision_act"].eq("day")
    days = (links["date_start"] - links["date_start_act"]).dt.days.astype("Int64")
    found = links[["event_id"]].assign(act_id=links["responds_to"], days=days.where(exact))
    return found.reset_index(drop=True)


def acts(dataset: Dataset) -> pd.DataFrame:
    """List the acts of the disputes with the strongest answer of the other state's government.

    Answers of courts, prefectures, members of parliament and private bodies, and those of the
    acting state itself, are left out. Words and a summons told apart make ``both``.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    DataFrame
        One row per act (no answers), in order of time: columns of ``events``, and beside them
        kind, calendar, case, stage; side (the acting state, missing unless it is Japan or South
        Korea alone); answer (ordered as RUNGS, missing where none is recorded), answer_ids
        (tuple or missing), days (to the first such answer, Int64).
    """
    rows = dataset.disputes.merge(dataset.events, on="event_id", validate="1:1")
    rows = rows.assign(side=rows["actors"].map(_side))
    told = rows[rows["kind"].ne("reaction")].drop(columns="reaction_form")
    given = answers(dataset.events).merge(rows, on="event_id", validate="m:1")
    given = given[~given["level"].isin(NOT_GOVERNMENT)].dropna(subset="side")
    given = given.merge(told[["event_id", "side"]], left_on="act_id", right_on="event_id")
    given = given.dropna(subset="side_y").query("side_x != side_y").groupby("act_id")
    found = given.agg(
        answer=("reaction_form", _strongest),
        answer_ids=("event_id_x", tuple),
        days=("days", "min"),
    )
    rung = pd.CategoricalDtype(RUNGS, ordered=True)
    found = told.join(found.astype({"answer": rung, "days": "Int64"}), on="event_id")
    return found.sort_values(["date_start", "event_id"], ignore_index=True)


def _side(actors: tuple) -> str | None:
    return actors[0] if len(actors) == 1 and actors[0] in SIDES else None


def _strongest(forms: pd.Series) -> str:
    if {"words", "summons"} <= set(forms):
        return "both"
    return max(forms, key=RUNGS.index)


def ladder(rows: pd.DataFrame, part: pd.Series, dataset: Dataset) -> pd.DataFrame:
    """Count acts by kind and strongest answer, in each part of them.

    Parameters
    ----------
    rows : DataFrame
        Rows of :func:`acts`.
    part : Series
        Name of the part to which each belongs, on the same index.
    dataset : Dataset
        Gives labels and orders.

    Returns
    -------
    DataFrame
        Index: labels of the kinds that occur. Columns: part, and in it every form of RUNGS that
        occurs and UNKNOWN, from the mildest.
    """
    kinds, forms = (dataset.codebook.labels(name) for name in ("dispute_kinds", "reaction_forms"))
    order = [forms[rung] for rung in RUNGS if rung in set(rows["answer"])] + [UNKNOWN]
    named = rows["answer"].astype(object).map(forms).fillna(UNKNOWN).rename("answer")
    counts = pd.crosstab(rows["kind"].astype(object).map(kinds), [part.rename("part"), named])
    present = [label for code, label in kinds.items() if code in set(rows["kind"])]
    columns = pd.MultiIndex.from_product([part.unique(), order], names=["part", "answer"])
    return counts.reindex(index=present, columns=columns, fill_value=0)


def same_day(cases: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Give the share of acts answered on the same day in several sets of acts.

    Parameters
    ----------
    cases : dict of str to DataFrame
        Label, and rows of :func:`acts`; a missing delay counts as later.

    Returns
    -------
    DataFrame
        Index: label. Columns: same_day, acts, share, and the ends of its exact 95 % interval, low
        and high (Clopper and Pearson 1934, Biometrika 26, 404-413).
    """
    counts = {name: (rows["days"].eq(0).sum(), len(rows)) for name, rows in cases.items()}
    table = pd.DataFrame(counts, index=["same_day", "acts"]).T.astype(int)
    low, high = proportion_confint(table["same_day"], table["acts"], method="beta")
    return table.assign(share=table["same_day"] / table["acts"], low=low, high=high)


def by_side(parts: dict[str, pd.DataFrame], forms) -> pd.DataFrame:
    """Compare how often acts of either side are answered in some form.

    Parameters
    ----------
    parts : dict of str to DataFrame
        Label, and rows of :func:`acts` with an answer.
    forms : sequence of str
        The forms sought, codes of RUNGS.

    Returns
    -------
    DataFrame
        Index: label. Columns: for each side the number of its acts (JPN) and of those so answered
        (JPN_so); difference of the shares, first side less second, with low and high (95 %,
        Newcombe 1998, Statistics in Medicine 17, 873-890); p_value (Fisher's exact test,
        two-sided) and p_holm (Holm's correction over the rows). Missing if a side has no act.
    """
    table = pd.DataFrame.from_dict(
        {label: _compared(rows, rows["answer"].isin(forms)) for label, rows in parts.items()},
        orient="index",
    )
    known = table["p_value"].dropna()
    corrected = multipletests(known, method="holm")[1] if len(known) else []
    return table.assign(p_holm=pd.Series(corrected, index=known.index, dtype=float))


def _compared(rows: pd.DataFrame, hit: pd.Series) -> dict:
    counts = [int(rows["side"].eq(side).sum()) for side in SIDES]
    hits = [int(hit[rows["side"].eq(side)].sum()) for side in SIDES]
    found = dict(zip(SIDES, counts, strict=True))
    found |= {f"{side}_so": number for side, number in zip(SIDES, hits, strict=True)}
    if not all(counts):
        return found | dict.fromkeys(("difference", "low", "high", "p_value"), np.nan)
    (one, two), (n_one, n_two) = hits, counts
    low, high = confint_proportions_2indep(one, n_one, two, n_two, method="newcomb")
    p_value = fisher_exact([[one, n_one - one], [two, n_two - two]]).pvalue
    ends = {"low": float(low), "high": float(high), "p_value": float(p_value)}
    return found | {"difference": one / n_one - two / n_two} | ends


def seen_by(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Count for each side how many of its acts a table of dyads, or an event scale, sees.

    Parameters
    ----------
    rows : DataFrame
        Events of one state each, with a column side.
    dataset : Dataset

    Returns
    -------
    DataFrame
        Index: side. Columns: events, in_dyads, and for PLOVER and Goldstein scores the number of
        events that have one (plover, goldstein) and their sum (plover_sum, goldstein_sum).
    """
    scores = dataset.with_codes("event_type", "plover_score", "goldstein").set_index("event_id")
    scores = scores[["event_type_plover_score", "event_type_goldstein"]].astype(float)
    scores.columns = ["plover", "goldstein"]
    scored = rows[["event_id", "side"]].join(scores, on="event_id")
    scored["dyad"] = scored["event_id"].isin(dataset.dyads()["event_id"])
    return scored.groupby("side").agg(
        events=("event_id", "size"),
        in_dyads=("dyad", "sum"),
        plover=("plover", "count"),
        goldstein=("goldstein", "count"),
        plover_sum=("plover", "sum"),
        goldstein_sum=("goldstein", "sum"),
    )


def year(rows: pd.DataFrame, dataset: Dataset) -> pd.DataFrame:
    """Lay acts of several years over one another, for :func:`jkrel.figures.lanes`.

    Parameters
    ----------
    rows : DataFrame
        Rows of :func:`acts` with a side.
    dataset : Dataset
        Gives labels.

    Returns
    -------
    DataFrame
        event_id, x (the day in the leap year 2000), until (last day of the month if only the
        month is known), lane (label of the kind; outside the calendar SHOCKS and the state),
        group (year and state), lift (later years lower).
    """
    kinds, states = (dataset.codebook.labels(name) for name in ("dispute_kinds", "actors"))
    x = rows["date_start"].map(lambda day: day.replace(year=2000))
    years, state = rows["date_start"].dt.year, rows["side"].map(states)
    return rows[["event_id"]].assign(
        x=x,
        until=(x + pd.offsets.MonthEnd(0)).where(rows["date_precision"].eq("month")),
        lane=rows["kind"].astype(object).map(kinds).where(rows["calendar"], SHOCKS + state),
        group=years.astype(str) + ", " + state,
        lift=(years.mean().round() - years) * 0.22,
    )


def around(consultations, disputes, spans: pd.DataFrame, reach: int) -> pd.DataFrame:
    """Count consultations by their distance from disputes, inside covered windows.

    Parameters
    ----------
    consultations, disputes : sequence of dates
        Those outside the windows are left out; a date that stands twice counts twice.
    spans : DataFrame
        Windows: start, end, days.
    reach : int
        Largest distance in days.

    Returns
    -------
    DataFrame
        Index: lag, from -reach to reach days after the dispute. Columns: consultations, days (on
        how many disputes that distance is covered), rate (per day). One near several disputes
        counts for each.
    """
    lags = pd.RangeIndex(-reach, reach + 1, name="lag")
    found = pd.DataFrame(0, index=lags, columns=["consultations", "days"])
    days, anchors = pd.DatetimeIndex(consultations), pd.DatetimeIndex(disputes)
    for span in spans.itertuples():
        covered = pd.date_range(span.start, span.end)
        held = anchors[anchors.isin(covered)]
        for name, others in (("consultations", days[days.isin(covered)]), ("days", covered)):
            lag = np.subtract.outer(others.to_numpy(), held.to_numpy()) // np.timedelta64(1, "D")
            found[name] += pd.Series(lag.ravel()).value_counts().reindex(lags, fill_value=0)
    return found.assign(rate=found["consultations"] / found["days"].replace(0, np.nan))


@dataclass(frozen=True)
class Containment:
    """Consultations in the days after disputes against those in other days.

    Attributes
    ----------
    disputes : int
        Days with a dispute in the windows.
    after, other : float
        Consultations (or the sum of their weights) in the days after and in those compared with.
    days_after, days_other : int
        Covered days of both kinds.
    ratio : float
        Rate after over the other rate; missing if the latter is 0 or a kind has no day.
    net : float
        After minus other.
    expected, low, high : float
        Mean of the net number over all shifts, and the ends of its central 95 %.
    p_value : float
        One-sided: share of all shifts with a net number as low or lower; the data as they are
        count as one shift.
    detectable : float
        Smallest fall of the rate after disputes, as a share of it, that the test would have found
        with the power asked for; missing if not even a complete stop would have been.
    """

    disputes: int
    after: float
    other: float
    days_after: int
    days_other: int
    ratio: float
    net: float
    expected: float
    low: float
    high: float
    p_value: float
    detectable: float


def containment(
    consultations,
    disputes,
    spans: pd.DataFrame,
    reach: int,
    seed: int,
    weights=None,
    against: str = "before",
    draws: int = 200,
    alpha: float = 0.05,
    power: float = 0.8,
) -> Containment:
    """Test whether consultation falls in the days after disputes, by shifting it in time.

    The statistic is the number of consultations in the `reach` days after disputes less the
    number in other days. In each window all consultations move together by some number of days,
    and what leaves at one end comes back at the other (toroidal shift; Lotwick and Silverman
    1982, Journal of the Royal Statistical Society B 44, 406-413). Every shift of every window is
    counted, so the p-value is exact if consultation knows no trend within a window.

    Parameters
    ----------
    consultations, disputes : sequence of dates
        Those outside the windows are left out. Several disputes of a day are one.
    spans : DataFrame
        Windows in which both are looked for: start, end, days.
    reach : int
        Days before and after.
    seed, draws : int
        Seed and number of simulated data sets behind the smallest detectable fall: consultations
        are shifted at random, and those after a dispute are taken out with some probability; with
        0 draws it is left out.
    weights : sequence of float, optional
        Weight of each consultation; by default 1.
    against : str
        ``before``: days after a dispute and before none, against days before one and after none;
        ``rest``: all days after a dispute against all other days but those of disputes.
    alpha, power : float
        Size and power for the smallest detectable fall.

    Raises
    ------
    ValueError
        If no consultation, or no dispute, lies in the windows, or `against` is neither.
    """
    if against not in ("before", "rest"):
        raise ValueError(f"against is before or rest, not {against!r}")
    days, anchors = pd.DatetimeIndex(consultations), pd.DatetimeIndex(disputes).unique()
    weights = np.ones(len(days)) if weights is None else np.asarray(weights, float)
    windows = [_window(w, days, weights, anchors, reach, against) for w in spans.itertuples()]
    number = sum(window.disputes for window in windows)
    if number == 0 or not any(len(window.offsets) for window in windows):
        raise ValueError("no dispute or no consultation lies in the windows")
    after, other = (
        sum(float((w.sign == s)[w.offsets] @ w.weights) for w in windows) for s in KINDS
    )
    lengths = [sum(int((w.sign == s).sum()) for w in windows) for s in KINDS]
    ratio = after / lengths[0] / (other / lengths[1]) if other and lengths[0] else np.nan
    nets, chance = _chance(windows)
    low, high = (float(nets[np.searchsorted(chance.cumsum(), q)]) for q in (0.025, 0.975))
    tail = (_lower_tail(windows), _detectable(windows, seed, draws, alpha, power))
    net = (after - other, float(nets @ chance), low, high)
    return Containment(number, after, other, *lengths, ratio, *net, *tail)


@dataclass(frozen=True)
class _Window:
    """A covered window: kind of each day, which lie after a dispute; and the consultations."""

    sign: np.ndarray
    after: np.ndarray
    disputes: int
    offsets: np.ndarray
    weights: np.ndarray


def _window(span, days, weights, anchors, reach: int, against: str) -> _Window:
    held = anchors[(anchors >= span.start) & (anchors <= span.end)]
    lags = np.arange(span.days)[:, None] - (held - span.start).days.to_numpy()
    after = ((lags >= 1) & (lags <= reach)).any(axis=1)
    before = ((lags <= -1) & (lags >= -reach)).any(axis=1)
    same = (lags == 0).any(axis=1)
    other = before if against == "before" else ~after & ~same
    inside = (days >= span.start) & (days <= span.end)
    offsets = (days[inside] - span.start).days.to_numpy()
    return _Window(after.astype(int) - other, after, len(held), offsets, weights[inside])


def _shifts(window: _Window) -> np.ndarray:
    """Return the net number for every shift, the data as they are first."""
    size = len(window.sign)
    places = (window.offsets + np.arange(size)[:, None]) % size
    return window.sign[places] @ window.weights


def _chance(windows: list[_Window]) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct net numbers over all shifts of all windows, and their chances."""

    def distinct(values, chance):
        values, place = np.unique(np.round(values, 6), return_inverse=True)
        return values, np.bincount(place, chance)

    def add(one, other):
        sums, chance = np.add.outer(one[0], other[0]), np.multiply.outer(one[1], other[1])
        return distinct(sums.ravel(), chance.ravel())

    nets = [_shifts(window) for window in windows]
    return reduce(add, (distinct(net, np.full(len(net), 1 / len(net))) for net in nets))


def _lower_tail(windows: list[_Window]) -> float:
    net = sum(w.sign[w.offsets] @ w.weights for w in windows)
    nets, chance = _chance(windows)
    return float(min(1.0, chance[nets <= net + 1e-6].sum()))


def _detectable(windows, seed: int, draws: int, alpha: float, power: float) -> float:
    """Find the smallest fall that is seen often enough, to one part in 32."""

    def seen(drop: float) -> float:
        random = np.random.default_rng(seed)
        thinned = ([_thinned(w, drop, random) for w in windows] for _ in range(draws))
        return np.mean([_lower_tail(sample) <= alpha for sample in thinned])

    if not draws or seen(1.0) < power:
        return np.nan
    low, high = 0.0, 1.0
    for _ in range(5):
        drop = (low + high) / 2
        low, high = (low, drop) if seen(drop) >= power else (drop, high)
    return high


def _thinned(window: _Window, drop: float, random) -> _Window:
    """Shift the consultations at random, and take out some of those after a dispute."""
    size = len(window.sign)
    offsets = (window.offsets + random.integers(size)) % size
    kept = ~window.after[offsets] | (random.random(len(offsets)) >= drop)
    return replace(window, offsets=offsets[kept], weights=window.weights[kept])


def containment_table(
    variants: dict[str, tuple], reaches, seed: int, draws: int = 200
) -> pd.DataFrame:
    """Run :func:`containment` on variants of one question, and correct for their number.

    Parameters
    ----------
    variants : dict of str to tuple
        Label, and consultations, disputes, windows, and weights if any.
    reaches : sequence of int
        Days before and after; each variant is run for each.
    seed, draws : int
        As in :func:`containment`.

    Returns
    -------
    DataFrame
        Index: against (before, rest), reach, variant. Columns: the attributes of
        :class:`Containment`, and p_holm, the p-value after Holm's correction over all rows (Holm
        1979, Scandinavian Journal of Statistics 6, 65-70).
    """
    looks = list(product(("before", "rest"), reaches, variants))
    rows = [
        containment(*variants[label][:3], reach, seed, *variants[label][3:], against=a, draws=draws)
        for a, reach, label in looks
    ]
    index = pd.MultiIndex.from_tuples(looks, names=["against", "reach", "variant"])
    table = pd.DataFrame([asdict(row) for row in rows], index=index)
    return table.assign(p_holm=multipletests(table["p_value"], method="holm")[1])
