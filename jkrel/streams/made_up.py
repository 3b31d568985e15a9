"""Made-up files of an event stream, to show and test a method with nothing real in them."""

from pathlib import Path

import numpy as np
import pandas as pd

from jkrel.data import Dataset
from jkrel.streams.layouts import rows, stream

LAYOUT = "gdelt1"
OTHERS = ["XXA", "XXB", "XXC", "XXD"]
"""States that do not exist (user-assigned codes of ISO 3166), for the other dyads."""


def dyad_events(dataset: Dataset, series: str) -> pd.DataFrame:
    """List what a series tells of the two states toward one another, with CAMEO codes.

    Parameters
    ----------
    dataset : Dataset
    series : str
        A code of ``codes/series.csv``.

    Returns
    -------
    DataFrame
        One row per event and direction: event_id, day, actor, target, code, score. Events whose
        type has no CAMEO code are left out.
    """
    told = dataset.sel(series=series)
    told = told.only(told.events.loc[told.events["status"].eq("occurred"), "event_id"])
    codes = told.with_codes("event_type", "cameo", "goldstein").set_index("event_id")
    pairs = told.dyads()
    pairs = pairs[pairs["actor"].isin(dataset.pair) & pairs["target"].isin(dataset.pair)]
    found = pairs[["event_id", "date_start", "actor", "target"]].assign(
        code=pairs["event_id"].map(codes["event_type_cameo"]),
        score=pairs["event_id"].map(codes["event_type_goldstein"]).astype(float),
    )
    return found.rename(columns={"date_start": "day"}).dropna(subset="code")


def write_stream(
    told: pd.DataFrame,
    pair: tuple[str, str],
    days: pd.DatetimeIndex,
    folder: Path,
    seed: int,
    seen: float = 0.7,
    retold: float = 2.0,
    noise: float = 0.1,
    others: float = 5.0,
    growth: float = 1.0,
) -> pd.DataFrame:
    """Write a file of GDELT 1.0 for each day, as if a machine had read of these events.

    Parameters
    ----------
    told : DataFrame
        From :func:`dyad_events`.
    pair : pair of str
        Two states.
    days : DatetimeIndex
        Days that get a file.
    folder : Path
        Takes the files.
    seed : int
    seen : float
        Chance that an act is found at all.
    retold : float
        Mean number of records of it beyond the first: half of them of the same article, a third
        of other articles, a sixth copies of a record.
    noise, others : float
        Mean number a day of acts between the two that never were, and of acts of other states
        beyond a first one.
    growth : float
        What `retold`, `noise` and `others` are on the last day, in multiples of what they are on
        the first; they change by the same amount each day, as if the press it reads grew.

    Returns
    -------
    DataFrame
        What was written, one row per record: event_id, day, actor, target, code, score, story,
        kind (first, same article, other article, copy, noise, other).
    """
    random = np.random.default_rng(seed)
    sides = [pair, pair[::-1]]
    strangers = [(a, b) for a in OTHERS for b in OTHERS if a != b]
    grown = pd.Series(np.linspace(1, growth, len(days)), days)
    parts = [
        _found(told[told["day"].isin(days)], seen, retold * grown, random),
        _drawn(noise * grown, sides, "noise", random),
        _drawn(others * grown, strangers, "other", random),
    ]
    table = _identified(pd.concat(parts, ignore_index=True))
    Path(folder).mkdir(parents=True, exist_ok=True)
    by_day = dict(list(table.groupby("day")))
    for day in days:
        lines = map(_line, by_day.get(day, table.iloc[:0]).to_dict("records"))
        path = Path(folder) / f"{day:%Y%m%d}.export.CSV"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    return table.drop(columns="act")


def _found(acts: pd.DataFrame, seen: float, retold: pd.Series, random) -> pd.DataFrame:
    """Draw which acts are found, and how often and by what each is told again."""
    acts = acts.assign(kind="first")
    acts = acts[random.random(len(acts)) < seen]
    again = acts.loc[acts.index.repeat(random.poisson(retold[acts["day"]]))]
    kinds = ["same article", "other article", "copy"]
    again = again.assign(kind=random.choice(kinds, len(again), p=[1 / 2, 1 / 3, 1 / 6]))
    return pd.concat([acts, again]).rename_axis("act").reset_index()


def _drawn(means: pd.Series, sides: list, kind: str, random) -> pd.DataFrame:
    """Draw acts at random, from the mean number of each day: dyad, and any root of CAMEO."""
    number = random.poisson(means)
    chosen = means.index.repeat(number if kind == "noise" else number + 1)
    places = random.integers(len(sides), size=len(chosen))
    roots = [row["code"] for row in rows("cameo") if len(row["code"]) == 2]
    return pd.DataFrame(
        {
            "day": chosen,
            "actor": [sides[n][0] for n in places],
            "target": [sides[n][1] for n in places],
            "code": [f"{root}0" for root in random.choice(roots, len(chosen))],
            "score": random.integers(-10, 11, len(chosen)).astype(float),
            "kind": kind,
        }
    )


def _identified(table: pd.DataFrame) -> pd.DataFrame:
    """Give records ids and articles: a copy has those of the first, a retelling its article."""
    number = pd.Series(np.arange(1, len(table) + 1), index=table.index)
    first = number[table["kind"].eq("first")].set_axis(table.loc[table["kind"].eq("first"), "act"])
    original = table["act"].map(first).fillna(number).astype(int)
    record = number.where(table["kind"].ne("copy"), original)
    article = original.where(table["kind"].isin(["copy", "same article"]), number)
    story = "https://example.org/made-up/" + article.astype(str)
    return table.assign(event_id=record.astype(str), story=story)


def _line(record: dict) -> str:
    known = stream(LAYOUT)
    quads = {r: row["gdelt"] for row in rows("quad_classes") for r in row["cameo_roots"].split(";")}
    cells = {
        **{role: str(record[role]) for role in ("event_id", "actor", "target", "code", "story")},
        **{f"{side}_name": f"{record[side]}GOV" for side in ("actor", "target")},
        **{"day": f"{record['day']:%Y%m%d}", "quad": quads[record["code"][:2]]},
        "score": str(record["score"]),
    }
    return "\t".join(cells.get(column["role"], "") for column in known.columns)
