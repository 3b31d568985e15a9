"""Expectations of the articles, scored: Brier scores, calibration, and what they gain."""

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from statsmodels.stats.proportion import proportion_confint

from jkrel.data import Dataset

CLUSTERS = ("event", "day", "none")
"""What makes two forecasts hang together, from the widest to the narrowest."""


def scored(
    dataset: Dataset, partial: float | None = 0.5, numbers=None, cluster: str = "event"
) -> pd.DataFrame:
    """List the forecasts that have an outcome, with numbers for what was said and what came.

    Parameters
    ----------
    dataset : Dataset
    partial : float or None
        What a partial outcome counts, from 0 (a miss) to 1 (a hit); None leaves it out.
    numbers : mapping of str to float, optional
        Probability of each code of ``codes/forecast_confidences.csv`` in use; by default that
        of the list.
    cluster : str
        As ``by`` in :func:`clusters`.

    Returns
    -------
    DataFrame
        Columns of ``forecasts``, and probability, outcome_value (0 to 1), cluster. Open ones are
        left out.

    Raises
    ------
    ValueError
        If `cluster` or `partial` is none of the above.
    KeyError
        If `numbers` lacks a code.
    """
    if partial is not None and not 0 <= partial <= 1:
        raise ValueError(f"partial is {partial}, not from 0 to 1 or None")
    values = {"hit": 1.0, "miss": 0.0} | ({} if partial is None else {"partial": float(partial)})
    rows = dataset.forecasts
    rows = rows[rows["score"].isin(list(values))].reset_index(drop=True)
    if numbers is None:
        numbers = dataset.codebook.attribute("forecast_confidences", "probability")
    return rows.assign(
        probability=[float(numbers[code]) for code in rows["confidence"]],
        outcome_value=rows["score"].astype(object).map(values).astype(float),
        cluster=clusters(rows, cluster),
    )


def clusters(rows: pd.DataFrame, by: str = "event") -> np.ndarray:
    """Number the groups of forecasts whose outcomes hang together.

    Parameters
    ----------
    rows : DataFrame
        event_ids (tuples), outcome_date.
    by : str
        ``event``: forecasts that share an event or the day of the outcome, and those that share
        one with them, and so on; ``day``: those of one day; ``none``: each alone.

    Returns
    -------
    array of int
        One number for each row.
    """
    if by not in CLUSTERS:
        raise ValueError(f"no {by!r}; there are: {', '.join(CLUSTERS)}")
    if by == "none":
        return np.arange(len(rows))
    days = [() if pd.isna(day) else (day,) for day in rows["outcome_date"]]
    events = [()] * len(rows) if by == "day" else rows["event_ids"]
    links = pd.Series([(*one, *other) for one, other in zip(days, events, strict=True)])
    pairs = links.explode().dropna()
    keys, _ = pd.factorize(pairs)
    size = len(rows) + (keys.max() + 1 if len(keys) else 0)
    places = pairs.index.to_numpy(), keys + len(rows)
    graph = coo_matrix((np.ones(len(keys)), places), shape=(size, size))
    return connected_components(graph, directed=False)[1][: len(rows)]


def brier(rows: pd.DataFrame) -> float:
    """Return the mean squared distance of what was said from what came.

    Brier (1950, Monthly Weather Review 78, 1-3), in its form for one class: 0 is best, even odds
    give 0.25.

    Parameters
    ----------
    rows : DataFrame
        probability, outcome_value.
    """
    return float(_loss(rows["probability"], rows["outcome_value"]).mean())


def decomposition(rows: pd.DataFrame) -> dict[str, float]:
    """Split the Brier score into reliability, resolution and uncertainty.

    Murphy (1973, Journal of Applied Meteorology 12, 595-600), with one group for each
    probability; score = reliability - resolution + uncertainty. In small groups chance adds to
    reliability and to resolution alike.

    Parameters
    ----------
    rows : DataFrame
        probability, outcome_value.

    Returns
    -------
    dict
        brier; reliability (mean squared distance of groups from what they said, 0 is best);
        resolution (of groups from the whole, more is better); uncertainty (variance of outcomes).
    """
    came = rows["outcome_value"]
    of_group = came.groupby(rows["probability"]).transform("mean")
    return {
        "brier": brier(rows),
        "reliability": float(_loss(rows["probability"], of_group).mean()),
        "resolution": float(_loss(of_group, came.mean()).mean()),
        "uncertainty": float(came.var(ddof=0)),
    }


def against(
    rows: pd.DataFrame, baselines: dict, seed: int, draws: int = 9999, level: float = 0.95
) -> pd.DataFrame:
    """Compare the forecasts with simple rules, by a bootstrap over clusters.

    Parameters
    ----------
    rows : DataFrame
        As :func:`scored` returns.
    baselines : dict of str to float, sequence or None
        Label, and the probability that the rule gives to each forecast; None is the mean of the
        outcomes themselves, known only afterwards and reckoned anew in each sample.
    seed, draws : int
        Seed and samples; clusters are drawn with replacement, percentiles are taken.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Index: label. Columns: brier (of the rule), gain (that less the score of the forecasts;
        above 0 the forecasts do better), low, high (of the gain), skill (gain as a part of the
        rule's score).
    """
    weights = _drawn(rows["cluster"], seed, draws)
    came = rows["outcome_value"].to_numpy()
    own = _mean(weights, _loss(rows["probability"], came))
    found = {}
    for label, said in baselines.items():
        if said is None:
            rule = _mean(weights, came**2) - _mean(weights, came) ** 2
        else:
            rule = _mean(weights, _loss(np.broadcast_to(said, len(rows)), came))
        gain = rule - own
        skill = gain[0] / rule[0] if rule[0] else np.nan
        found[label] = (rule[0], gain[0], *_ends(gain[1:], level), skill)
    columns = ["brier", "gain", "low", "high", "skill"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


def calibration(
    rows: pd.DataFrame, by: str, seed: int, draws: int = 9999, level: float = 0.95
) -> pd.DataFrame:
    """Set what was said beside what came, by group.

    Parameters
    ----------
    rows : DataFrame
        As :func:`scored` returns.
    by : str
        Column of the groups, such as ``confidence``.
    seed, draws, level
        As in :func:`against`.

    Returns
    -------
    DataFrame
        Index: groups that occur. Columns: forecasts, clusters, hit, partial, miss (numbers), said
        (mean probability), came (mean outcome), low, high (bootstrap over clusters; no width
        where all outcomes are alike), exact_low, exact_high (Clopper-Pearson, as if independent:
        the lower end with partial outcomes as misses, the upper with them as hits).
    """
    rows = rows.reset_index(drop=True)
    weights = _drawn(rows["cluster"], seed, draws)
    found = {}
    for name, part in rows.groupby(by, observed=True):
        here = weights[:, part.index]
        means = _mean(here[here.sum(axis=1) > 0], part["outcome_value"].to_numpy())
        counts = [int(part["score"].eq(score).sum()) for score in ("hit", "partial", "miss")]
        worst, _ = proportion_confint(counts[0], len(part), 1 - level, "beta")
        _, best = proportion_confint(counts[0] + counts[1], len(part), 1 - level, "beta")
        said, ends = part["probability"].mean(), _ends(means[1:], level)
        sizes = (len(part), part["cluster"].nunique(), *counts)
        found[name] = (*sizes, said, means[0], *ends, float(worst), float(best))
    columns = ["forecasts", "clusters", "hit", "partial", "miss", "said", "came", "low", "high"]
    columns += ["exact_low", "exact_high"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns).rename_axis(by)


def concordance(
    rows: pd.DataFrame, seed: int, draws: int = 1999, level: float = 0.95
) -> dict[str, float]:
    """Tell how often the better of two outcomes had the surer words; numbers do not matter.

    Over all pairs of forecasts with different outcomes, ties in words counting half: the area
    under the ROC curve where outcomes are hit or miss (Hanley and McNeil 1982, Radiology 143,
    29-36). Half is chance.

    Parameters
    ----------
    rows : DataFrame
        As :func:`scored` returns, with two different outcomes at least.
    seed, draws, level
        As in :func:`against`; samples without two different outcomes are left out.

    Returns
    -------
    dict
        concordance, low, high, pairs.
    """
    said, came = (rows[name].to_numpy() for name in ("probability", "outcome_value"))
    better = came[:, None] > came[None, :]
    surer = np.sign(said[:, None] - said[None, :]) / 2 + 0.5
    weights = _drawn(rows["cluster"], seed, draws)
    pairs = ((weights @ better) * weights).sum(axis=1)
    agreeing = ((weights @ (better * surer)) * weights).sum(axis=1)
    share = agreeing[pairs > 0] / pairs[pairs > 0]
    low, high = _ends(share[1:], level)
    return {"concordance": float(share[0]), "low": low, "high": high, "pairs": int(better.sum())}


def _loss(said, came):
    return (said - came) ** 2


def _drawn(groups, seed: int, draws: int) -> np.ndarray:
    """Return how often each row is drawn with its group: first once each, then the samples."""
    codes, names = pd.factorize(groups)
    random = np.random.default_rng(seed)
    times = random.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    return np.vstack([np.ones(len(codes)), times[:, codes]])


def _mean(weights: np.ndarray, values) -> np.ndarray:
    return weights @ np.asarray(values, float) / weights.sum(axis=1)


def _ends(samples: np.ndarray, level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    return tuple(float(end) for end in np.quantile(samples, [tail, 1 - tail]))
