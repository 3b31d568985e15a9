"""What is true of the data of this repository, version by version."""

from pathlib import Path

import pandas as pd
import pytest
from frictionless import Package

DATA = Path(__file__).parents[1] / "data"
ENTRIES = {"cc24-3": 64, "cc26-1": 54}
TOLD_TWICE = ["cc24-3-009a", "cc24-3-022a", "cc24-3-046a", "cc24-3-046b", "cc26-1-053a"]

# As printed: the table of scores in the PLOVER 2.0 manual, and the Goldstein scores of CAMEO
# codes in the R package icews.
PLOVER = {
    "CONSULT": 2.5,
    "CONSULT:phone": 1.5,
    "CONSULT:visit": 4,
    "SUPPORT": 5,
    "COOPERATE": 9.5,
    "AID": 10,
    "RETREAT": 6.5,
    "REQUEST": 0,
    "ACCUSE:disapprove": -2,
    "THREATEN": -3.5,
    "PROTEST": -5,
    "SANCTION:discontinue": -6,
    "MOBILIZE": -5.5,
    "MOBILIZE:weapons": -6.5,
}
GOLDSTEIN = {
    "010": 0,
    "040": 1,
    "041": 1,
    "042": 1.9,
    "050": 3.5,
    "057": 8,
    "060": 6,
    "062": 7.4,
    "073": 7.4,
    "085": 7,
    "100": -5,
    "111": -2,
    "114": -2,
    "116": -2,
    "130": -4.4,
    "141": -6.5,
    "150": -7.2,
    "160": -4,
    "163": -8,
}


@pytest.fixture(scope="module")
def entries(dataset):
    """Ids of the entries of both chronologies, in order."""
    events = dataset.events[dataset.events["section"].eq("chronology")]
    return sorted(set(events["entry_id"]))


def test_the_package_is_valid():
    """Frictionless, which knows nothing of jkrel, finds the package valid."""
    report = Package(str(DATA / "datapackage.json")).validate()
    assert report.flatten(["type", "rowNumber", "fieldName", "message"]) == []
    assert report.valid


# Events and their sources


@pytest.mark.parametrize(("source", "count"), ENTRIES.items())
def test_every_entry_of_a_chronology_has_an_event(entries, source, count):
    """The entries run from 001 to the last one printed, and each is coded."""
    expected = [f"{source}-{number:03d}" for number in range(1, count + 1)]
    assert [entry for entry in entries if entry.startswith(f"{source}-")] == expected


def test_every_event_of_an_article_resolves_to_its_article(dataset):
    """The id of an event names the source that tells it."""
    printed = dataset.events[dataset.events["section"].ne("record")]
    told = set(
        zip(dataset.event_sources["event_id"], dataset.event_sources["source_id"], strict=True)
    )
    assert {(e, e.rsplit("-", 1)[0]) for e in printed["event_id"]} <= told


def test_sources_of_each_event_resolve(dataset):
    """Each event has a source, and each source is an article or has an address."""
    traced = dataset.trace(dataset.events)
    assert set(traced["event_id"]) == set(dataset.events["event_id"])
    articles = traced["source_id"].isin(ENTRIES)
    assert traced.loc[~articles, "url"].str.match(r"https?://\S+$").all()


def test_every_row_of_an_article_can_be_checked(dataset):
    """Passages of articles have a hash of 64 digits and a length; pages have none."""
    told = dataset.event_sources
    articles = told["source_id"].isin(ENTRIES)
    assert told.loc[articles, "entry_sha256"].str.fullmatch("[0-9a-f]{64}").all()
    assert told.loc[articles, "entry_words"].gt(0).all()
    assert told.loc[~articles, "entry_sha256"].isna().all()


def test_summaries_are_short_lines_of_their_own(dataset):
    """A summary has at most 160 characters, and no two events share one."""
    assert dataset.events["summary"].str.len().max() <= 160
    assert dataset.events["summary"].is_unique


@pytest.mark.parametrize("event_id", TOLD_TWICE)
def test_a_contact_told_by_both_series_has_rows_of_both(dataset, event_id):
    """Contacts of leaders that an article and public records tell are one event."""
    told = dataset.event_sources[dataset.event_sources["event_id"].eq(event_id)]
    assert set(told["series"]) >= {"chronology", "leader_contacts"}


def test_no_other_event_is_told_by_both_series(dataset):
    """Chronologies and leader contacts meet in these contacts alone."""
    series = dataset.event_sources.groupby("event_id")["series"].agg(set)
    both = series.map({"chronology", "leader_contacts"}.issubset)
    assert sorted(series.index[both]) == TOLD_TWICE


def test_the_gap_between_summits_is_1003_days(dataset):
    """From the talks in Chengdu to those in New York, by the days that their sources state."""
    stated = dataset.event_sources.set_index("event_id")["date_stated"]
    (chengdu,) = stated["leaders-001a"].dropna().unique()
    locators = dataset.event_sources.set_index("locator")["date_stated"]
    printed = locators["cc24-3-009"]
    assert (chengdu, printed) == (pd.Timestamp("2019-12-24"), pd.Timestamp("2022-09-22"))
    assert (printed - chengdu).days == 1003


def test_the_days_of_new_york_are_both_stated(dataset):
    """It was still 21 September in New York: the gap by local days is 1002."""
    told = dataset.event_sources
    stated = told.loc[told["event_id"].eq("cc24-3-009a"), "date_stated"].dropna()
    assert set(stated.dt.strftime("%Y-%m-%d")) == {"2022-09-21", "2022-09-22"}


def test_coverage_has_a_gap_between_the_chronologies(dataset):
    """The chronologies cover four months each, and nothing between."""
    windows = dataset.coverage[dataset.coverage["series"].eq("chronology")]
    spans = zip(
        windows["start"].dt.strftime("%Y-%m"), windows["end"].dt.strftime("%Y-%m"), strict=True
    )
    assert list(spans) == [("2022-09", "2022-12"), ("2024-01", "2024-04")]


# The second coding


def test_the_second_coding_is_a_random_part(dataset, entries):
    """The entries coded again are those that a seeded draw of 36 out of 118 gives."""
    drawn = pd.Series(entries).sample(36, random_state=20240417)
    assert len(entries) == 118
    assert set(dataset.codings["entry_id"]) == set(drawn)


def test_both_codings_cover_the_draw(dataset):
    """Each entry drawn was coded in both passes."""
    passes = dataset.codings.groupby("entry_id")["coding_pass"].nunique()
    assert set(passes) == {2}


# Scores of event types


@pytest.mark.parametrize(
    ("score", "source", "printed"),
    [("plover_score", "plover_score_source", PLOVER), ("goldstein", "goldstein_source", GOLDSTEIN)],
)
def test_scores_are_those_printed(dataset, score, source, printed):
    """Each score is that of the key which its source text names."""
    types = dataset.event_types.dropna(subset=[source])
    keys = types[source].str.split(": ").str[0]
    assert list(types[score]) == [printed[key] for key in keys]
    assert set(keys) == set(printed)


def test_a_score_belongs_to_the_type_beside_it(dataset):
    """The key of a score is the PLOVER type, with its mode where the manual scores modes apart."""
    for row in dataset.event_types.dropna(subset=["plover"]).itertuples():
        with_mode = f"{row.plover}:{row.plover_mode}"
        key = with_mode if with_mode in PLOVER else row.plover
        assert row.plover_score_source.startswith(f"{key}: ")


def test_a_goldstein_score_belongs_to_the_cameo_code_beside_it(dataset):
    """The key of a Goldstein score is the CAMEO code."""
    types = dataset.event_types.dropna(subset=["cameo"])
    assert list(types["goldstein_source"].str.split(": ").str[0]) == list(types["cameo"])


@pytest.mark.parametrize(
    ("system", "score", "source"),
    [("plover", "plover_score", "plover_score_source"), ("cameo", "goldstein", "goldstein_source")],
)
def test_a_type_outside_a_system_has_no_score(dataset, system, score, source):
    """Our own extensions are missing from the scale, and not neutral on it."""
    types = dataset.event_types
    outside = types[system].isna()
    assert outside.any()
    assert types.loc[outside, score].isna().all()
    assert types.loc[~outside, [score, source]].notna().all(axis=None)


def test_a_contested_act_has_no_score_at_all(dataset):
    """Neither system knows contested acts."""
    act = dataset.event_types.set_index("code").loc["contested_act"]
    assert act[["plover", "plover_score", "cameo", "goldstein"]].isna().all()


def test_cameo_codes_keep_their_leading_zero(dataset):
    """A CAMEO code is a string of three digits."""
    codes = dataset.event_types.set_index("code")["cameo"]
    assert codes["meeting"] == "040"
    assert codes.dropna().str.fullmatch("[0-9]{3}").all()


def test_during_cuts_events_and_windows_alike(dataset):
    """Days on which nobody could find an event of the period do not count as days without."""
    spring = dataset.during("2024-01:2024-03")
    assert spring.events["date_start"].between("2024-01-01", "2024-03-31").all()
    told = spring.coverage.query("series == 'chronology'")
    assert told[["start", "end"]].astype(str).to_numpy().tolist() == [["2024-01-01", "2024-03-31"]]
    assert dataset.during(None) is dataset
