"""Strategy documents compared topic by topic: who tells what, how near, and what chance gives."""

from collections import Counter

import numpy as np
import pandas as pd
from scipy.stats import binomtest, kendalltau
from statsmodels.stats.proportion import proportion_confint

from jkrel.data import Dataset

VOICES = ("document", "article", "other")
"""Who tells a position, from the nearest to the document on."""


def told(dataset: Dataset) -> pd.DataFrame:
    """Return the positions that a source tells, and in which voice.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    DataFrame
        Rows of ``positions`` with a stance, in order of topic and document, and kind (of the
        topic) and voice: ``document`` where ``codes/strategy_documents.csv`` names the source for
        it, ``article`` where it is a journal article, ``other`` for press and other governments.
    """
    rows = dataset.positions.dropna(subset="stance").sort_values(["topic", "document"])
    own = dataset.codebook.attribute("strategy_documents", "source_id")
    itself = rows["document"].astype(object).map(own).eq(rows["reported_by"])
    article = rows["reported_by"].map(dataset.sources.set_index("source_id")["kind"]).eq("article")
    kinds = dataset.codebook.attribute("topics", "kind")
    return rows.assign(
        kind=rows["topic"].astype(object).map(kinds),
        voice=np.select([itself, article], VOICES[:2], VOICES[2]),
        stance=rows["stance"].astype(int),
        emphasis=rows["emphasis"].astype(int),
    ).reset_index(drop=True)


def held(rows: pd.DataFrame, voices=VOICES, by: str = "voice") -> pd.DataFrame:
    """Choose one position for each document and topic.

    Parameters
    ----------
    rows : DataFrame
        As :func:`told` returns them.
    voices : sequence of str
        Voices heard, the first preferred.
    by : str
        ``voice``, or ``lowest`` or ``highest`` stance; among equals the larger emphasis.

    Returns
    -------
    DataFrame
        At most one row per document and topic, with the columns of `rows`.
    """
    rules = {"voice": 0, "lowest": rows["stance"], "highest": -rows["stance"]}
    place = rows["voice"].map({voice: n for n, voice in enumerate(voices)})
    order = pd.DataFrame({"rule": rules[by], "place": place, "less": -rows["emphasis"]})
    order = order.dropna().sort_values(list(order), kind="stable")
    chosen = rows.loc[order.index].drop_duplicates(["document", "topic"])
    return chosen.sort_values(["topic", "document"]).reset_index(drop=True)


def distances(rows: pd.DataFrame, first: str, second: str, by: str = "nearest") -> pd.DataFrame:
    """Return how far two documents are apart on each topic that both speak of.

    Parameters
    ----------
    rows : DataFrame
        As :func:`told` or :func:`held` returns them.
    first, second : str
        Codes of documents.
    by : str
        ``nearest`` or ``farthest`` pair of stances, where a document has several on a topic.

    Returns
    -------
    DataFrame
        Index: topic. Columns: kind, first and second (stances), distance (in steps of the scale),
        weight (mean emphasis of the two).
    """
    sides = (rows[rows["document"].eq(name)] for name in (first, second))
    pairs = pd.merge(*sides, on=["topic", "kind"], suffixes=("_1", "_2"))
    pairs = pairs.rename(columns={"stance_1": "first", "stance_2": "second"})
    pairs["distance"] = (pairs["first"] - pairs["second"]).abs()
    pairs["weight"] = (pairs["emphasis_1"] + pairs["emphasis_2"]) / 2
    pairs = pairs.sort_values("distance", ascending=by == "nearest", kind="stable")
    pairs = pairs.drop_duplicates("topic").sort_values("topic").set_index("topic")
    return pairs[["kind", "first", "second", "distance", "weight"]]


def summary(table: pd.DataFrame, seed: int, draws: int = 9999, weighted: bool = False) -> dict:
    """Sum up the distances of two documents, with intervals as if topics were a sample.

    Parameters
    ----------
    table : DataFrame
        As :func:`distances` returns it.
    seed, draws : int
        Seed and samples (of topics) of the percentile bootstrap.
    weighted : bool
        Weigh topics by emphasis; the share then has no exact interval.

    Returns
    -------
    dict
        topics, identical (number of topics with the same stance); share of these with low, high
        (Clopper and Pearson 1934, Biometrika 26, 404-413); mean distance with mean_low, mean_high;
        tau, Kendall's tau-b, which knows ranks only. Missing where not defined.
    """
    gaps, count = table["distance"].to_numpy(float), len(table)
    found = {"topics": count, "identical": int((gaps == 0).sum())}
    names = ("share", "low", "high", "mean", "mean_low", "mean_high", "tau")
    if not count:
        return found | dict.fromkeys(names, np.nan)
    weights = table["weight"].to_numpy(float) if weighted else np.ones(count)
    drawn = np.random.default_rng(seed).integers(0, count, (draws, count))
    means = (gaps * weights)[drawn].sum(axis=1) / weights[drawn].sum(axis=1)
    ends = proportion_confint(found["identical"], count, method="beta")
    values = (
        np.average(gaps == 0, weights=weights),
        *((np.nan, np.nan) if weighted else ends),
        np.average(gaps, weights=weights),
        *np.quantile(means, [0.025, 0.975]),
        kendalltau(table["first"], table["second"]).statistic,
    )
    return found | dict(zip(names, map(float, values), strict=True))


def chance(table: pd.DataFrame) -> dict:
    """Tell how many stances would be the same if those of one document were dealt out at random.

    Within a kind of topics the second document keeps its stances, but has them on other topics;
    all ways are counted.

    Parameters
    ----------
    table : DataFrame
        As :func:`distances` returns it, not empty; with a constant for kind, all topics are one.

    Returns
    -------
    dict
        topics; observed, expected, low, high: identical stances, their mean and central 95 per
        cent by chance; p_value of as many or more; least: the smallest p_value there could be.
    """
    ways = _equal_pairs(table)
    numbers = np.array(sorted(ways))
    shares = np.array([ways[number] for number in numbers])
    observed = int(table["distance"].eq(0).sum())
    low, high = (numbers[np.searchsorted(shares.cumsum(), tail)] for tail in (0.025, 0.975))
    found = {"topics": len(table), "observed": observed, "expected": float(numbers @ shares)}
    found |= {"low": int(low), "high": int(high)}
    p_value = min(1.0, float(shares[numbers >= observed].sum()))
    return found | {"p_value": p_value, "least": float(shares[-1])}


def _equal_pairs(table: pd.DataFrame) -> dict[int, float]:
    """Return the chance of each number of equal pairs, over all orders of the second stances."""
    numbers = {0: 1.0}
    for _, group in table.groupby("kind"):
        levels, left = np.unique(group["second"], return_counts=True)
        states = {(tuple(map(int, left)), same): share for same, share in numbers.items()}
        for stance in group["first"]:
            states, before = Counter(), states
            for (rest, same), share in before.items():
                for n in np.flatnonzero(rest):
                    key = (*rest[:n], rest[n] - 1, *rest[n + 1 :]), same + int(levels[n] == stance)
                    states[key] += share * rest[n] / sum(rest)
        numbers = {same: share for (_, same), share in states.items()}
    return numbers


def against_yardstick(table: pd.DataFrame, yardstick: pd.DataFrame) -> dict:
    """Compare the distances of two pairs of documents, topic by topic, by an exact sign test.

    Parameters
    ----------
    table, yardstick : DataFrame
        As :func:`distances` returns them.

    Returns
    -------
    dict
        topics (in both), nearer, farther, equal (topics on which the first pair is so), difference
        (of mean distances), p_value (two-sided, of nearer and farther alone), and least: the
        smallest it could be.
    """
    gaps = (table["distance"] - yardstick["distance"]).dropna()
    nearer, farther = int(gaps.lt(0).sum()), int(gaps.gt(0).sum())
    moved = nearer + farther
    counts = {"nearer": nearer, "farther": farther, "equal": len(gaps) - moved}
    p_value = float(binomtest(nearer, moved).pvalue) if moved else 1.0
    tested = {"p_value": p_value, "least": min(1.0, 2.0 ** (1 - moved))}
    return {"topics": len(gaps), **counts, "difference": float(gaps.mean()), **tested}
