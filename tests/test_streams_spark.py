"""The measures of event streams on Spark: the same answers as DuckDB. Run by ``make scale``."""

import random
import warnings

import pandas as pd
import pytest
from stream_rows import line, write

from jkrel import streams
from jkrel.streams import comparison, files

pyspark = pytest.importorskip(
    "pyspark", reason="PySpark is not in the default set-up; `make scale` adds it and runs this"
)
pytestmark = [
    pytest.mark.spark,
    # PySpark 4.3 warns of pandas 3, which it does not claim to support, and leaves sockets open.
    pytest.mark.filterwarnings("ignore"),
]

PAIR = ("JPN", "KOR")
SPANS = pd.DataFrame(
    {"start": pd.to_datetime(["2024-01-01", "2024-03-10"]),
     "end": pd.to_datetime(["2024-01-31", "2024-04-20"])}
)  # fmt: skip
CHOICES = {
    "gdelt2": {
        "Day": ["20240101", "20240131", "20240311", "20240415", "20240230", "2024 1 5", ""],
        "Actor1CountryCode": ["JPN", "KOR", "USA", ""],
        "Actor2CountryCode": ["JPN", "KOR", ""],
        "Actor1Code": ["JPN", "JPNGOV", ""],
        "EventCode": ["010", "042", "0251", "190", "999", ""],
        "QuadClass": ["1", "2", "3", "4", ""],
        "GoldsteinScale": ["-10.0", "0.1", "0.7", "3.4", "", "x"],
        "SOURCEURL": ["a", "b", "c", ""],
        "Actor1Name": ['"open', "plain"],
    },
    "icews": {
        "Event Date": ["2024-01-01", "2024-01-31", "2024-03-11", "2024-13-01"],
        "Source Country": ["Japan", "South Korea", "United States", ""],
        "Target Country": ["Japan", "South Korea"],
        "CAMEO Code": ["010", "042", "190"],
        "Intensity": ["-10", "0.1", "0.7", "3.4"],
        "Story ID": ["1", "2", "3"],
    },
    "polecat": {
        "Event Date": ["2024-01-01", "2024-01-31", "2024-03-11"],
        "Actor Country": ["JPN", "KOR"],
        "Recipient Country": ["JPN", "KOR"],
        "Event Type": ["CONSULT", "SANCTION", "COERCE"],
        "Event Mode": ["phone", "visit", ""],
        "Intensity": ["-6", "0.1", "2.5"],
        "Quad Code": ["VERBAL COOPERATION", "MATERIAL CONFLICT"],
    },
}
CHOICES["gdelt1"] = CHOICES["gdelt2"]


@pytest.fixture(scope="module")
def session():
    """A Spark of two threads."""
    from pyspark.sql import SparkSession

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4",
                    "spark.sql.session.timeZone": "UTC"}  # fmt: skip
        spark = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    yield spark
    spark.stop()


@pytest.fixture(params=list(CHOICES))
def tables(request, tmp_path, session):
    """The same made-up file, opened by both engines."""
    code, chance = request.param, random.Random(7)
    number = "Event ID" if code in ("icews", "polecat") else "GlobalEventID"
    lines = [
        line(code, **{number: str(chance.randrange(200))}
             | {name: chance.choice(options) for name, options in CHOICES[code].items()})
        for _ in range(400)
    ]  # fmt: skip
    lines[5], lines[9] = "cut\toff", lines[9] + "\ttoo much"
    path = write(tmp_path, code, lines)
    opened = (files.open_duckdb(path, code), files.open_spark(path, code, session))
    return code, [streams.events(raw, code) for raw in opened]


def executed(expression, order):
    """A table in a fixed order, with the types of its values left to pandas."""
    frame = expression.execute().sort_values(order, ignore_index=True)
    return frame.reindex(columns=sorted(frame.columns)).astype(object)


def same(found, order):
    first, second = (executed(expression, order) for expression in found)
    pd.testing.assert_frame_equal(first, second, rtol=1e-12, check_dtype=False)
    assert len(first) > 0


def test_events_are_the_same(tables):
    """Types, classes and missing values agree, row by row."""
    code, (first, second) = tables
    same((first, second), sorted(first.columns))


@pytest.mark.parametrize("rule", streams.RULES)
def test_de_duplication_is_the_same(tables, rule):
    """Every rule keeps the same events, with the same mean scores."""
    code, opened = tables
    once = [streams.distinct(table, code, rule) for table in opened]
    same(once, sorted(once[0].columns))


@pytest.mark.parametrize("by", list(streams.UNITS))
def test_series_are_the_same(tables, by):
    """Counts, classes, means and totals by day, week and month agree to the last digit."""
    code, opened = tables
    found = []
    for table in opened:
        once = streams.within(streams.distinct(table, code), SPANS)
        counted = streams.series(once, PAIR, by).execute()
        found.append(comparison.over_coverage(counted, SPANS, PAIR, by))
    pd.testing.assert_frame_equal(*found, rtol=1e-12)
    assert found[0]["events"].sum() > 10


def test_what_is_told_twice_is_the_same(tables):
    """Shares of repeated rows agree, by quad class."""
    code, opened = tables
    same([streams.repeated(table, code, "quad") for table in opened], ["rule", "quad"])
