"""Made-up streams, and a stream's series beside ours: what was put in comes out."""

import numpy as np
import pandas as pd
import pytest

from jkrel import streams
from jkrel.streams import comparison, files, layouts, made_up

PAIR = ("JPN", "KOR")
DAYS = pd.date_range("2024-01-01", "2024-03-31")
TOLD = pd.DataFrame(
    {"event_id": ["a", "b", "c"], "day": pd.to_datetime(["2024-01-05", "2024-02-07", "2025-01-01"]),
     "actor": ["JPN", "KOR", "JPN"], "target": ["KOR", "JPN", "KOR"],
     "code": ["040", "111", "040"], "score": [1.0, -2.0, 1.0]}
)  # fmt: skip


def test_acts_of_a_series_come_with_cameo_codes(dataset):
    """Each act is one of the two states toward the other, on a day, with a code as a string."""
    told = made_up.dyad_events(dataset, "leader_contacts")
    assert set(told["actor"]) == set(told["target"]) == set(dataset.pair)
    assert (told["actor"] != told["target"]).all()
    assert told["code"].str.fullmatch("[0-9]{3,4}").all()
    contacts = dataset.sel(series="leader_contacts", status="occurred").events["event_id"]
    assert set(told["event_id"]) <= set(contacts)


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    """Nothing is drawn without the seed; another seed writes something else."""
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        made_up.write_stream(TOLD, PAIR, DAYS, tmp_path / name, seed)
    texts = {n: [p.read_bytes() for p in sorted((tmp_path / n).iterdir())] for n in "abc"}
    assert texts["a"] == texts["b"] != texts["c"]


def test_the_files_are_of_the_layout_and_of_each_day(tmp_path):
    """Every day has a file that the survey takes, and none of them an act of another day."""
    written = made_up.write_stream(TOLD, PAIR, DAYS, tmp_path, 1, seen=1)
    survey = layouts.survey(tmp_path, made_up.LAYOUT)
    assert (len(survey), survey["lines"].sum(), survey["skipped"].sum()) == (91, len(written), 0)
    assert set(written["day"]) == set(DAYS)
    assert list(files.file_days(tmp_path, made_up.LAYOUT)["day"]) == list(DAYS)


def test_what_was_told_again_is_what_the_rules_take_out(tmp_path):
    """Copies go by record, copies and retellings of an article by story."""
    written = made_up.write_stream(TOLD, PAIR, DAYS, tmp_path, 1, seen=1, retold=20, noise=0)
    kinds = written[written["actor"].isin(PAIR)]["kind"].value_counts()
    raw = files.open_duckdb(tmp_path, made_up.LAYOUT)
    toward = streams.dyads(streams.events(raw, made_up.LAYOUT), PAIR)
    left = {r: streams.distinct(toward, made_up.LAYOUT, r).count().execute() for r in streams.RULES}
    assert left["none"] == kinds.sum() and left["record"] == kinds.sum() - kinds["copy"]
    assert left["story"] == 2 + kinds["other article"]
    assert left["day"] == kinds["first"] == 2


def test_a_stream_that_grows_tells_more_of_everything(tmp_path):
    """Five times as much on the last day as on the first: three times in the mean, not of acts."""
    both = pd.concat([TOLD[:2]] * 200, ignore_index=True)
    number = {}
    for growth in (1, 5):
        folder = tmp_path / str(growth)
        written = made_up.write_stream(both, PAIR, DAYS, folder, 1, 1, 2, 5, 20, growth)
        number[growth] = written["kind"].value_counts()
        number[growth, "late"] = written.loc[written["kind"].eq("noise"), "day"].ge("2024-02-16")
    assert number[1]["first"] == number[5]["first"] == 400
    assert number[5]["noise"] / number[1]["noise"] == pytest.approx(3, rel=0.15)
    assert number[5]["other"] / number[1]["other"] == pytest.approx(3, rel=0.15)
    assert number[5]["copy"] > 1.5 * number[1]["copy"]
    assert number[5, "late"].mean() == pytest.approx(2 / 3, abs=0.05)
    assert number[1, "late"].mean() == pytest.approx(1 / 2, abs=0.05)


def ours(counts, days):
    months = pd.period_range("2024-01", periods=len(counts), freq="M", name="month")
    return pd.DataFrame({"events": pd.array(counts, dtype="Int64"), "days": days}, index=months)


def theirs(counts, days, records=2):
    months = pd.period_range("2024-01", periods=len(counts), freq="M")
    index = pd.MultiIndex.from_product([months, ["JPN>KOR", "KOR>JPN"]],
                                       names=["period", "direction"])  # fmt: skip
    both = np.repeat(pd.array(counts, dtype="Int64"), 2)
    frame = pd.DataFrame({"events": both, "records": both * records, "total": both * 0 + 100},
                         index=index)  # fmt: skip
    return frame.assign(days=np.repeat(days, 2))


def test_our_acts_count_in_each_direction_inside_coverage_only():
    """A meeting is two acts; a covered month without any is 0, one that is not covered missing."""
    acts = pd.concat([TOLD, TOLD.assign(actor=TOLD["target"], target=TOLD["actor"])])
    spans = pd.DataFrame({"start": pd.to_datetime(["2024-01-01", "2024-03-30", "2024-05-01"]),
                          "end": pd.to_datetime(["2024-02-06", "2024-03-31", "2024-05-02"])}
                         )  # fmt: skip
    found = comparison.months(acts, spans)
    assert found["days"].tolist() == [31, 6, 2, 0, 2]
    assert [None if pd.isna(n) else int(n) for n in found["events"]] == [2, 0, 0, None, 0]


def test_both_directions_are_added_and_rates_are_per_covered_day():
    """Two acts in each direction in ten days are twelve in thirty."""
    table = comparison.beside(ours([1], [31]), theirs([2], [10]))
    (row,) = table.to_dict("records")
    assert (row["ours"], row["events"], row["records"], row["total"]) == (1, 4, 8, 100)
    assert row["our_rate"] == pytest.approx(30 / 31) and row["rate"] == 12
    assert row["share"] == 0.04


def test_a_month_that_one_side_did_not_cover_is_missing():
    """Missing stays missing beside the other, and is not zero."""
    table = comparison.beside(ours([1, None], [31, 0]), theirs([None, 3], [0, 29]))
    assert table["our_rate"].isna().tolist() == [False, True]
    assert table["rate"].isna().tolist() == [True, False]


def test_agreement_takes_months_that_both_cover_whole():
    """Fourteen months, of which one is covered in part and one not at all: twelve are left."""
    lengths = pd.period_range("2024-01", periods=14, freq="M").days_in_month.to_numpy()
    days = np.where(np.arange(14) == 3, 10, lengths)
    days[5] = 0
    counts = [int(n) for n in np.random.default_rng(1).integers(1, 20, 14)]
    seen = [None if n == 5 else count for n, count in enumerate(counts)]
    table = comparison.beside(ours(counts, lengths), theirs(seen, days))
    found = comparison.agreement({"acts": (table, "rate"), "all": (table, "share")}, 1, draws=200)
    assert found["months"].eq(12).all()
    assert found.loc["acts", "rho"] == pytest.approx(1)
    assert found["p_holm"].ge(found["p_value"]).all()


def test_no_p_value_can_be_below_the_least_that_is_told():
    """One over the months before correction, and as often as many looks after it."""
    counts = list(range(1, 13))
    lengths = pd.period_range("2024-01", periods=12, freq="M").days_in_month.to_numpy()
    table = comparison.beside(ours(counts, lengths), theirs(counts, lengths))
    flat = table.assign(rate=1.0)
    looks = {name: (table, "rate") for name in ("one", "two", "three")} | {"flat": (flat, "rate")}
    found = comparison.agreement(looks, 1, draws=100)
    told = found.drop("flat")
    assert told["least_p"].eq(1 / 12).all()
    assert told["least_holm"].tolist() == pytest.approx([3 / 12] * 3)
    assert told["p_value"].tolist() == pytest.approx([1 / 12] * 3)
    assert told["p_holm"].tolist() == pytest.approx([3 / 12] * 3)
    assert found.loc["flat", ["p_value", "least_p", "least_holm"]].isna().all()
