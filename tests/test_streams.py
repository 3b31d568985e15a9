"""Measures of event streams: dyads, classes, de-duplication, coverage; DuckDB against pandas."""

import sys
import types

import ibis
import pandas as pd
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stream_rows import line, write

from jkrel import streams
from jkrel.streams import comparison, files
from jkrel.streams.layouts import rows

PAIR = ("JPN", "KOR")
JANUARY = pd.DataFrame({"start": [pd.Timestamp("2024-01-01")], "end": [pd.Timestamp("2024-01-31")]})


@pytest.fixture
def told(tmp_path):
    """Return a function that reads hand-written lines as events."""

    def read(code, lines):
        return streams.events(files.open_duckdb(write(tmp_path, code, lines), code), code)

    return read


def column(table, name, by="event_id"):
    return list(table.order_by(by).execute()[name])


# Types and classes


@pytest.mark.parametrize("code", ["gdelt1", "gdelt2", "icews", "polecat"])
def test_every_stream_gives_the_same_columns(code, told):
    """A meeting of Japan with South Korea reads alike in all four."""
    (row,) = told(code, [line(code)]).execute().to_dict("records")
    assert (row["actor"], row["target"], row["event_type"]) == ("JPN", "KOR", "meeting")
    assert (row["quad"], f"{row['day']:%Y-%m-%d}") == ("verbal_cooperation", "2024-01-05")
    assert row["score"] == {"polecat": 2.5}.get(code, 1.0)


@pytest.mark.parametrize(
    ("cameo", "event_type"),
    [
        ("040", "meeting"), ("041", "call"), ("043", "visit"), ("057", "agreement"),
        ("0251", "demand"), ("0623", "joint_exercise"), ("061", "cooperation"),
        ("114", "protest"), ("1121", "criticism"), ("163", "sanction"), ("160", "suspension"),
        ("190", "incident"), ("180", None), ("999", None),
    ],
)  # fmt: skip
def test_cameo_is_classed_by_base_code_and_else_by_root(cameo, event_type, told):
    """The narrower row of cameo.csv wins; what has no class of ours is missing, not dropped."""
    (found,) = column(told("gdelt2", [line("gdelt2", EventCode=cameo)]), "event_type")
    assert found == event_type if event_type else pd.isna(found)


@pytest.mark.parametrize(
    ("kind", "mode", "event_type"),
    [
        ("CONSULT", "", "meeting"), ("CONSULT", "phone", "call"), ("CONSULT", "other", "meeting"),
        ("COOPERATE", "military", "joint_exercise"), ("MOBILIZE", "weapons", "weapons_test"),
        ("COERCE", "", None),
    ],
)  # fmt: skip
def test_plover_is_classed_by_type_and_mode(kind, mode, event_type, told):
    """The row with the mode wins over the row of the type."""
    lines = [line("polecat", Event_Type=kind, Event_Mode=mode)]
    (found,) = column(told("polecat", lines), "event_type")
    assert found == event_type if event_type else pd.isna(found)


def test_the_crosswalk_agrees_with_the_codebook(dataset):
    """A class stands where the codebook has its CAMEO code, or shares that code with another."""
    codes = dataset.codebook.attribute("event_types", "cameo")
    table = {row["code"]: row["event_type"] for row in rows("cameo")}
    for cameo in filter(None, codes.values()):
        got = table.get(cameo[:3]) or table[cameo[:2]]
        assert codes[got][:2] == cameo[:2] and got in codes


@pytest.mark.parametrize("name", ["cameo", "plover"])
def test_classes_of_the_crosswalks_are_ours(name, dataset):
    """Each class is a code of event_types.csv, and no action is listed twice."""
    table = rows(name)
    assert {row["event_type"] for row in table} - {""} <= set(dataset.codebook.order("event_types"))
    keys = [(row["code"], row.get("mode", "")) for row in table]
    assert len(set(keys)) == len(keys)


def test_names_of_states_lead_to_our_codes(dataset):
    """ICEWS writes names; each leads to one of our actors."""
    assert {row["code"] for row in rows("states")} <= set(dataset.codebook.order("actors"))


@pytest.mark.parametrize(
    ("cameo", "quad"),
    [("050", "verbal_cooperation"), ("085", "material_cooperation"),
     ("130", "verbal_conflict"), ("141", "material_conflict")],
)  # fmt: skip
def test_icews_gets_its_quad_class_from_the_root(cameo, quad, told):
    """ICEWS has no column for it."""
    assert column(told("icews", [line("icews", CAMEO_Code=cameo)]), "quad") == [quad]


def test_gdelt_keeps_its_own_quad_class(told):
    """Where a stream has a class of its own, the code does not overrule it."""
    lines = [line("gdelt2", EventCode="040", QuadClass="4")]
    assert column(told("gdelt2", lines), "quad") == ["material_conflict"]


def test_roots_have_one_quad_class_each():
    """The twenty roots of CAMEO are shared out among four classes."""
    roots = [root for row in rows("quad_classes") for root in row["cameo_roots"].split(";")]
    assert sorted(roots) == [f"{n:02}" for n in range(1, 21)]


def test_unreadable_days_and_codes_are_counted_and_left_out(tmp_path):
    """A row without day or code is no event, and the reader is told how many there are."""
    lines = [line("gdelt2"), line("gdelt2", Day="20240230"), line("gdelt2", Day="2024"),
             line("gdelt2", EventCode="")]  # fmt: skip
    raw = files.open_duckdb(write(tmp_path, "gdelt2", lines), "gdelt2")
    (counts,) = streams.unusable(raw).execute().to_dict("records")
    assert counts == {"rows": 4, "without_day": 2, "without_code": 1}
    assert streams.events(raw, "gdelt2").count().execute() == 1


def test_a_score_that_is_no_number_is_missing(told):
    """A bad score costs the score and not the event; the mean leaves it out."""
    table = told("gdelt2", [line("gdelt2", GoldsteinScale="-"), line("gdelt2")])
    assert streams.distinct(table, "gdelt2", "none").score.mean().execute() == 1.0


# Dyads


def test_dyads_are_directed(told):
    """What Japan does toward South Korea is another thing than the reverse."""
    lines = [
        line("gdelt2", GlobalEventID="1"),
        line("gdelt2", GlobalEventID="2", Actor1CountryCode="KOR", Actor2CountryCode="JPN"),
        line("gdelt2", GlobalEventID="3", Actor2CountryCode="USA"),
        line("gdelt2", GlobalEventID="4", Actor2CountryCode=""),
        line("gdelt2", GlobalEventID="5", Actor2CountryCode="JPN"),
    ]
    table = told("gdelt2", lines)
    assert column(streams.dyads(table, PAIR, directed=True), "event_id") == ["1"]
    assert column(streams.dyads(table, PAIR[::-1], directed=True), "event_id") == ["2"]
    assert column(streams.dyads(table, PAIR), "event_id") == ["1", "2"]


def test_any_pair_can_be_asked_for(told):
    """Nothing is bound to Japan and South Korea; states without a code of ours keep their name."""
    lines = [line("icews", Source_Country="Ruritania", Target_Country="Freedonia")]
    assert len(streams.dyads(told("icews", lines), ("Ruritania", "Freedonia")).execute()) == 1


# De-duplication


def stories(code):
    """Five lines: an event, its copy, a retelling, another article, and another day."""
    if code == "icews":
        name = ("Event_ID", "Story_ID", "Event_Date", "2024-01-06")
    else:
        name = ("GlobalEventID", "SOURCEURL", "Day", "20240106")
    number, story, day, later = name
    return [
        line(code, **{number: "1", story: "a"}),
        line(code, **{number: "1", story: "a"}),
        line(code, **{number: "2", story: "a"}),
        line(code, **{number: "3", story: "b"}),
        line(code, **{number: "4", story: "b", day: later}),
    ]


@pytest.mark.parametrize("code", ["gdelt1", "gdelt2", "icews"])
@pytest.mark.parametrize(("rule", "left"), [("none", 5), ("record", 4), ("story", 3), ("day", 2)])
def test_rules_of_de_duplication_widen(code, rule, left, told):
    """Copies go first, then retellings of an article, then all of a day."""
    once = streams.distinct(told(code, stories(code)), code, rule)
    assert once.count().execute() == left
    assert once.records.sum().execute() == 5


def test_an_id_of_icews_is_unique_only_with_its_day(told):
    """The same id on another day is another event."""
    lines = [line("icews"), line("icews", Event_Date="2024-02-05")]
    assert streams.distinct(told("icews", lines), "icews", "record").count().execute() == 2


def test_an_id_of_polecat_is_an_event(told):
    """POLECAT names no article: the same id is the same event, by either rule."""
    lines = [line("polecat"), line("polecat"), line("polecat", Event_ID="other")]
    table = told("polecat", lines)
    for rule in ("record", "story"):
        assert streams.distinct(table, "polecat", rule).count().execute() == 2


def test_different_actors_of_a_state_are_different_events(told):
    """The government and the parliament in one article are two actors."""
    lines = [line("gdelt2"), line("gdelt2", GlobalEventID="2", Actor1Code="JPNLEG")]
    assert streams.distinct(told("gdelt2", lines), "gdelt2").count().execute() == 2


def test_rows_without_an_article_are_not_joined(told):
    """A missing address is no address that two rows share."""
    lines = [line("gdelt2", GlobalEventID=n, SOURCEURL="") for n in ("1", "2")]
    assert streams.distinct(told("gdelt2", lines), "gdelt2").count().execute() == 2


def test_what_is_counted_twice_is_told_by_rule(told):
    """Of five rows one is a copy, two repeat by article, three by day."""
    found = streams.repeated(told("gdelt2", stories("gdelt2")), "gdelt2").execute()
    shares = found.set_index("rule")["repeated"].round(2).to_dict()
    assert shares == {"record": 0.2, "story": 0.4, "day": 0.6}


def test_an_unknown_rule_is_named(told):
    """A rule that is not there is an error that names those that are."""
    with pytest.raises(ValueError, match="no rule 'url'; there are: none, record, story, day"):
        streams.distinct(told("gdelt2", [line("gdelt2")]), "gdelt2", "url")


# Series


def monthly(table, spans=JANUARY, by="month"):
    counted = streams.series(streams.within(table, spans), PAIR, by).execute()
    return comparison.over_coverage(counted, spans, PAIR, by)


def test_a_series_counts_acts_classes_and_scores(told):
    """Two acts of Japan, one of South Korea, one of others: counts, classes, mean, share."""
    back = {"Actor1CountryCode": "KOR", "Actor1Code": "KOR", "Actor2CountryCode": "JPN"}
    lines = [
        line("gdelt2", GlobalEventID="1", GoldsteinScale="1"),
        line("gdelt2", GlobalEventID="2", GoldsteinScale="-4", EventCode="160", QuadClass="4"),
        line("gdelt2", GlobalEventID="3", **back),
        line("gdelt2", GlobalEventID="4", Actor1CountryCode="USA", Actor1Code="USA"),
    ]
    found = monthly(streams.distinct(told("gdelt2", lines), "gdelt2")).droplevel("period")
    ahead = found.loc["JPN>KOR"]
    assert (ahead["events"], ahead["records"], ahead["total"], ahead["days"]) == (2, 2, 4, 31)
    assert (ahead["verbal_cooperation"], ahead["material_conflict"]) == (1, 1)
    assert (ahead["score"], ahead["share"]) == (-1.5, 0.5)
    assert (found.loc["KOR>JPN", "events"], found.loc["KOR>JPN", "share"]) == (1, 0.25)


def test_missing_outside_coverage_and_zero_inside(told):
    """A covered month without events is 0; a month without files is missing."""
    spans = pd.DataFrame(
        {"start": pd.to_datetime(["2024-01-01", "2024-03-30", "2024-04-01"]),
         "end": pd.to_datetime(["2024-01-31", "2024-03-31", "2024-04-30"])}
    )  # fmt: skip
    other = line("gdelt2", GlobalEventID="2", Day="20240401", Actor1CountryCode="USA")
    found = monthly(streams.distinct(told("gdelt2", [line("gdelt2"), other]), "gdelt2"), spans)
    ahead = found.xs("JPN>KOR", level="direction")
    assert ahead["days"].tolist() == [31, 0, 2, 30]
    assert [None if pd.isna(n) else int(n) for n in ahead["events"]] == [1, None, 0, 0]
    assert [None if pd.isna(n) else int(n) for n in ahead["total"]] == [1, None, 0, 1]
    assert [None if pd.isna(n) else float(n) for n in ahead["share"]] == [1.0, None, None, 0.0]


def test_events_of_days_without_files_do_not_count(told):
    """GDELT tells today of days long past: such rows are outside the coverage."""
    lines = [line("gdelt2"), line("gdelt2", GlobalEventID="2", Day="20231231")]
    assert streams.within(told("gdelt2", lines), JANUARY).count().execute() == 1


@pytest.mark.parametrize(
    ("by", "period"), [("day", "2024-01-07"), ("week", "2024-01-01"), ("month", "2024-01-01")]
)
def test_periods_begin_on_their_first_day(by, period, told):
    """Sunday, 7 January 2024 belongs to the week that began on Monday, the first."""
    table = streams.distinct(told("gdelt2", [line("gdelt2", Day="20240107")]), "gdelt2")
    found = monthly(table, by=by).dropna(subset="score")
    assert [f"{p.start_time:%Y-%m-%d}" for p in found.index.get_level_values("period")] == [period]


def test_an_unknown_period_is_named(told):
    """A period that is not there is an error that names those that are."""
    with pytest.raises(ValueError, match="no period 'year'; there are: day, week, month"):
        streams.series(told("gdelt2", [line("gdelt2")]), PAIR, "year")


def test_days_with_files_become_spans():
    """Days in a row are one span; a day that lacks files parts them, unless it may count."""
    days = pd.DataFrame(
        {"day": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-05"]),
         "whole": [True, False, True, True]}
    )  # fmt: skip
    assert streams.spans(days)["days"].tolist() == [1, 1, 1]
    assert streams.spans(days, whole=False)["days"].tolist() == [3, 1]


def test_acts_are_counted_by_our_classes(told):
    """Acts in either direction, by class; what has no class of ours stands apart."""
    lines = [line("gdelt2", GlobalEventID=n, EventCode=code)
             for n, code in (("1", "040"), ("2", "044"), ("3", "180"))]  # fmt: skip
    found = streams.types(told("gdelt2", lines), PAIR).execute()
    assert found.set_index("event_type")["events"].to_dict() == {"meeting": 2} | {
        key: 1 for key in found["event_type"] if pd.isna(key)
    }


# Against pandas, written apart

ROW = st.fixed_dictionaries(
    {
        "GlobalEventID": st.sampled_from(["1", "2", "3", "10"]),
        "Day": st.sampled_from(["20240101", "20240131", "20240201", "20240230", "", "20231231"]),
        "Actor1Code": st.sampled_from(["JPN", "JPNGOV", ""]),
        "Actor1CountryCode": st.sampled_from(["JPN", "KOR", "USA", ""]),
        "Actor2CountryCode": st.sampled_from(["JPN", "KOR", ""]),
        "EventCode": st.sampled_from(["010", "042", "190", ""]),
        "QuadClass": st.sampled_from(["1", "2", "3", "4", ""]),
        "GoldsteinScale": st.sampled_from(["-10.0", "0.1", "0.7", "3.4", "", "x"]),
        "SOURCEURL": st.sampled_from(["a", "b", ""]),
    }
)


QUADS = ["verbal_cooperation", "material_cooperation", "verbal_conflict", "material_conflict"]


def by_pandas(path, spans):
    """The monthly series, once more and with nothing of jkrel."""
    frame = pd.read_csv(path, sep="\t", header=None, dtype=str, quoting=3, na_values=[""])
    frame = frame[[0, 1, 5, 7, 15, 17, 26, 29, 30, 60]].set_axis(
        ["id", "day", "name", "actor", "other", "target", "code", "quad", "score", "url"], axis=1
    )
    frame["day"] = pd.to_datetime(frame["day"], format="%Y%m%d", errors="coerce")
    frame = frame.dropna(subset=["day", "code"])
    inside = [frame["day"].between(s.start, s.end) for s in spans.itertuples()]
    frame = frame[pd.concat(inside, axis=1).any(axis=1)]
    frame["url"] = frame["url"].fillna(frame["id"])
    frame["score"] = pd.to_numeric(frame["score"], errors="coerce")
    keys = ["url", "day", "actor", "name", "target", "other", "code"]
    columns = {"quad": "min", "score": "mean", "id": "size"}
    frame["quad"] = frame["quad"].map(dict(zip("1234", QUADS, strict=True)))
    once = frame.assign(quad=frame["quad"].fillna("~"))
    once = once.groupby(keys, dropna=False).agg(columns).reset_index()
    rows = []
    for actor, target in (PAIR, PAIR[::-1]):
        part = once[once["actor"].eq(actor) & once["target"].eq(target)]
        for month, group in part.groupby(part["day"].dt.to_period("M")):
            quads = [int(group["quad"].eq(n).sum()) for n in QUADS]
            rows.append((str(month), f"{actor}>{target}", len(group), int(group["id"].sum()),
                         *quads, group["score"].mean()))  # fmt: skip
    return sorted(rows), once.groupby(once["day"].dt.to_period("M")).size().to_dict()


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ROW, min_size=1, max_size=25))
def test_duckdb_gives_what_pandas_gives(tmp_path, cells):
    """The Ibis expression and a pandas program written apart agree on every made-up table."""
    path = write(tmp_path, "gdelt2", [line("gdelt2", **row) for row in cells])
    spans = pd.concat([JANUARY, JANUARY + pd.Timedelta(days=31)])
    table = streams.events(files.open_duckdb(path, "gdelt2"), "gdelt2")
    found = monthly(streams.distinct(table, "gdelt2"), spans).reset_index()
    wanted, totals = by_pandas(path, spans)
    some = found[found["events"].gt(0)].sort_values(["period", "direction"])
    columns = ["events", "records", *streams.quad_codes()]
    got = [(str(r["period"]), r["direction"], *(int(r[c]) for c in columns))
           for _, r in some.iterrows()]  # fmt: skip
    assert got == [row[:-1] for row in wanted]
    assert some["score"].tolist() == pytest.approx([row[-1] for row in wanted], nan_ok=True)
    sums = found.dropna(subset="total").groupby("period")["total"].first()
    assert {k: n for k, n in sums.items() if n} == totals


# BigQuery


@pytest.mark.parametrize(("code", "table"), [("gdelt1", "full"), ("gdelt2", "gdeltv2")])
def test_the_expression_compiles_for_bigquery(code, table):
    """The text is one statement that a parser of BigQuery's language reads, over GDELT's table."""
    told = streams.distinct(streams.events(files.bigquery(code), code), code)
    query = ibis.to_sql(streams.series(streams.within(told, JANUARY), PAIR), dialect="bigquery")
    (statement,) = sqlglot.parse(query, read="bigquery")
    (source,) = [found.sql("bigquery") for found in statement.find_all(sqlglot.exp.Table)]
    assert source.split(" AS")[0] == f"`gdelt-bq`.`{table}`.`events`"
    assert {column.name for column in statement.find_all(sqlglot.exp.Column)} >= {
        "SQLDATE", "EventCode", "Actor1CountryCode", "Actor2CountryCode", "SOURCEURL"
    }  # fmt: skip


def test_a_stream_without_a_table_on_bigquery_is_named():
    """ICEWS and POLECAT are files only."""
    with pytest.raises(ValueError, match="ICEWS has no public table on BigQuery"):
        files.bigquery("icews")


def test_bigquery_is_asked_for_the_bytes_before_a_query_runs(monkeypatch):
    """The query is sent as a dry run, past the cache, and the bytes come back."""

    class QueryJobConfig:
        def __init__(self, **settings):
            self.settings = settings

    class Client:
        def query(self, text, job_config):
            assert job_config.settings == {"dry_run": True, "use_query_cache": False}
            return types.SimpleNamespace(total_bytes_processed=len(text))

    module = types.SimpleNamespace(QueryJobConfig=QueryJobConfig, Client=Client)
    monkeypatch.setitem(sys.modules, "google.cloud", types.SimpleNamespace(bigquery=module))
    monkeypatch.setitem(sys.modules, "google.cloud.bigquery", module)
    assert streams.bigquery_bytes("SELECT 1") == streams.bigquery_bytes("SELECT 1", Client()) == 8


def test_without_the_client_the_error_says_what_to_install(monkeypatch):
    """The client of BigQuery is no part of the set-up."""
    monkeypatch.setitem(sys.modules, "google.cloud", None)
    with pytest.raises(ModuleNotFoundError, match="install it to ask BigQuery"):
        streams.bigquery_bytes("SELECT 1")
