"""The tables as a dataset: types, selection, joins, and the way back to the sources."""

import copy
import datetime
import subprocess
import sys

import pandas as pd
import pytest

from jkrel import load

BILATERAL, TRILATERAL = "cc24-3-009a", "cc24-3-001a"
ONE_SIDED, DOMESTIC, TOGETHER_AT_A_THIRD = "cc24-3-006a", "cc24-3-007a", "cc26-1-b02a"


def ids(dataset):
    return list(dataset.events["event_id"])


# Loading


def test_the_environment_names_the_folder(folder, monkeypatch):
    """JKREL_DATA is where load() looks when no folder is given."""
    folder.change("events", BILATERAL, {"city": "Newark"})
    monkeypatch.setenv("JKREL_DATA", str(folder.path))
    events = load().events.set_index("event_id")
    assert events.at[BILATERAL, "city"] == "Newark"


def test_a_folder_given_goes_before_the_environment(folder, monkeypatch, tmp_path):
    """The argument of load() wins over JKREL_DATA."""
    monkeypatch.setenv("JKREL_DATA", str(tmp_path / "nowhere"))
    assert len(load(folder.path).events) == len(folder.rows("events"))


def test_without_a_folder_the_shipped_data_are_loaded(dataset, monkeypatch):
    """load() alone reads the data beside the package."""
    monkeypatch.delenv("JKREL_DATA", raising=False)
    assert load().fingerprint() == dataset.fingerprint()


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    """A wrong folder is an error that names it."""
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load(tmp_path / "nowhere")


def test_an_import_costs_no_plotting_and_no_statistics():
    """`import jkrel` brings in nothing that only figures, tests or publishing need."""
    heavy = {"matplotlib", "seaborn", "scipy", "statsmodels", "nbclient", "frictionless"}
    script = "import sys, jkrel; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert heavy & set(done.stdout.split()) == set()


# Types


def test_dates_are_dates(dataset):
    """Days can be subtracted."""
    event = dataset.events.set_index("event_id").loc["cc26-1-007a"]
    assert event["date_end"] - event["date_start"] == pd.Timedelta(days=2)


def test_codes_are_ordered_categories_in_codebook_order(dataset):
    """Every code column, of every table, has the order of its code list."""
    for name, table in dataset.codebook.tables.items():
        for column in table.columns:
            if column.codes:
                dtype = dataset.tables[name][column.name].dtype
                order = dataset.codebook.order(column.codes)
                assert dtype.ordered
                assert list(map(str, dtype.categories)) == order


def test_levels_can_be_compared(dataset):
    """Order is that of the list: a leader comes before a minister."""
    above = dataset.events["level"] < "minister"
    assert set(dataset.events.loc[above, "level"]) == {"leader", "deputy_leader"}


@pytest.mark.parametrize(
    ("table", "column", "dtype"),
    [
        ("events", "event_id", "str"),
        ("events", "date_start", "datetime64[s]"),
        ("events", "ordinal", "Int64"),
        ("events", "duration_min", "Float64"),
        ("mechanisms", "camp_david", "boolean"),
        ("event_types", "cameo", "str"),
    ],
)
def test_columns_have_the_type_of_the_codebook(dataset, table, column, dtype):
    """Strings, dates, whole numbers, numbers and truth values keep their kind, empty or not."""
    assert dataset.tables[table][column].dtype == dtype


def test_valences_are_numbers(dataset):
    """The codes of valence are -1, 0 and 1 as numbers."""
    assert list(dataset.events["valence"].cat.categories) == [1, 0, -1]


@pytest.mark.parametrize("column", ["actors", "recipients", "other_issues", "responds_to"])
def test_lists_are_tuples(dataset, column):
    """A list column holds tuples, empty ones where the cell is empty."""
    assert set(dataset.events[column].map(type)) == {tuple}


def test_a_list_keeps_its_items(dataset):
    """Actors come as written, alphabetical."""
    assert dataset.events.set_index("event_id").at[TRILATERAL, "actors"] == ("JPN", "KOR", "USA")


def test_an_empty_cell_is_missing(dataset):
    """Empty is neither zero nor an empty string."""
    event = dataset.events.set_index("event_id").loc[DOMESTIC]
    assert event[["duration_min", "ordinal", "mechanism", "sidelines_of"]].isna().all()


def test_an_unknown_table_is_named_with_those_there_are(dataset):
    """A wrong attribute lists the tables."""
    with pytest.raises(AttributeError, match="no table 'evens'; there are: events, "):
        dataset.evens  # noqa: B018


def test_tables_can_be_completed_by_tab(dataset):
    """The tables are among the names that an interactive session offers."""
    assert set(dataset.tables) <= set(dir(dataset))


def test_a_dataset_can_be_copied(dataset):
    """A copy, as other processes get, has the same events."""
    assert ids(copy.deepcopy(dataset)) == ids(dataset)


# Selecting


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2022-09:2022-12", "2022-09-01", "2022-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02-22", "2024-02-22", "2024-02-22"),
        ("2024-02-22:2024-03", "2024-02-22", "2024-03-31"),
        (("2022-09", "2022-12"), "2022-09-01", "2022-12-31"),
        ((pd.Timestamp("2024-02-20"), pd.Timestamp("2024-02-22")), "2024-02-20", "2024-02-22"),
        ((datetime.date(2024, 2, 20), datetime.date(2024, 2, 22)), "2024-02-20", "2024-02-22"),
    ],
)
def test_both_ends_belong_to_a_period(dataset, period, first, last):
    """A period runs from the first day of its first part to the last day of its last."""
    days = dataset.events["date_start"]
    expected = dataset.events.loc[(days >= first) & (days <= last), "event_id"]
    assert len(expected) > 0
    assert ids(dataset.sel(period=period)) == list(expected)


@pytest.mark.parametrize("period", ["", "soon", "2022-13", ":2022-12", "2024:", "2023:2022"])
def test_a_period_that_makes_no_sense_is_refused(dataset, period):
    """No end, no calendar month, or the end before the start: an error, not an empty table."""
    with pytest.raises(ValueError, match="period|month|datetime"):
        dataset.sel(period=period)


def test_an_event_belongs_to_the_period_in_which_it_starts(dataset):
    """The exercise of 11 and 12 April belongs to the 11th alone."""
    assert "cc26-1-051a" in ids(dataset.sel(period="2024-04-11"))
    assert "cc26-1-051a" not in ids(dataset.sel(period="2024-04-12"))


def test_one_match_in_a_list_is_enough(dataset):
    """Actors KOR or USA: events in which either acts, alone or with others."""
    found = dataset.sel(actors=["KOR", "USA"]).events["actors"]
    rest = [a for a in dataset.events["actors"] if {"KOR", "USA"} & set(a)]
    assert list(found) == rest


def test_conditions_add_up(dataset):
    """All conditions hold for each event selected."""
    found = dataset.sel(period="2024-01:2024-04", issue=["territory", "war_memory"], actors="KOR")
    events = dataset.events
    mask = events["date_start"].between("2024-01-01", "2024-04-30")
    mask &= events["issue"].isin(["territory", "war_memory"])
    mask &= events["actors"].map(lambda actors: "KOR" in actors)
    assert ids(found) == list(events.loc[mask, "event_id"])
    assert len(found.events) == 12


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("source", "source_id", "cc26-1"),
        ("series", "series", "leader_contacts"),
        ("series", "series", ["chronology", "leader_contacts"]),
    ],
)
def test_events_are_selected_by_who_tells_them(dataset, name, column, value):
    """A source, or a series, selects the events that it tells."""
    told = dataset.event_sources
    wanted = value if isinstance(value, list) else [value]
    expected = set(told.loc[told[column].isin(wanted), "event_id"])
    assert set(ids(dataset.sel(**{name: value}))) == expected


@pytest.mark.parametrize(
    ("column", "value", "count"),
    [("valence", -1, 106), ("valence", "-1", 106), ("ordinal", 30, 1), ("duration_min", 85, 2)],
)
def test_numbers_are_selected_as_written(dataset, column, value, count):
    """A number selects what a reader of the table sees; it never silently finds nothing."""
    assert len(dataset.sel(**{column: value}).events) == count


def test_answers_are_selected_by_the_event_answered(dataset):
    """In responds_to, too, one match is enough."""
    assert ids(dataset.sel(responds_to="cc24-3-006a")) == ["cc24-3-006b"]


def test_two_steps_select_what_one_does(dataset):
    """Selecting twice is selecting by both, also when nothing is left."""
    at_once = dataset.sel(period="2022", source="cc26-1")
    assert ids(dataset.sel(period="2022").sel(source="cc26-1")) == ids(at_once) == []


def test_children_follow_their_events(dataset):
    """Rows that belong to other events go; all rows of the events stay."""
    part = dataset.sel(period="2022-09:2022-12", event_type="meeting")
    kept = set(ids(part))
    for name in ("event_sources", "participants", "designations", "codings"):
        whole, table = dataset.tables[name], part.tables[name]
        expected = whole[whole["event_id"].isin(kept)].reset_index(drop=True)
        pd.testing.assert_frame_equal(table, expected)
        assert 0 < len(table) < len(whole)


def test_other_tables_stay_whole(dataset):
    """Coverage, mechanisms and code lists do not shrink with the events."""
    part = dataset.sel(period="2024")
    for name in ("coverage", "mechanisms", "event_types", "sources"):
        pd.testing.assert_frame_equal(part.tables[name], dataset.tables[name])


def test_an_empty_selection_still_works(dataset):
    """No event left is an answer: tables keep their columns, and methods their form."""
    none = dataset.only([])
    assert list(none.events.columns) == list(dataset.events.columns)
    assert list(none.dyads().columns) == list(dataset.dyads().columns)
    assert [len(none.dyads()), len(none.trace([])), len(none.missing("city"))] == [0, 0, 0]
    assert "0 events" in repr(none)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"event_typ": "meeting"}, "no column 'event_typ' in events; did you mean event_type"),
        ({"event_type": "metting"}, "no 'metting' in events.event_type; did you mean meeting"),
        ({"actors": ["KOR", "JAP"]}, "no 'JAP' in events.actors; did you mean JPN"),
        ({"source": "cc24"}, "no 'cc24' in event_sources.source_id; did you mean cc24-3"),
        ({"series": "chronologies"}, "did you mean chronology"),
        ({"valence": 2}, "in events.valence"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(dataset, wanted, message):
    """A slip in a column or code is an error that suggests what was meant."""
    with pytest.raises(KeyError) as caught:
        dataset.sel(**wanted)
    assert message in str(caught.value)


def test_nothing_is_changed_in_place(dataset):
    """Methods leave the dataset as it was."""
    before = {name: table.copy() for name, table in dataset.tables.items()}
    results = [
        dataset.sel(series=["chronology", "leader_contacts"]).events,
        dataset.with_codes("event_type", "label"),
        dataset.codes_of("event_type"),
        dataset.dyads(),
        dataset.trace(dataset.events),
        dataset.missing("city").to_frame(),
    ]
    for result in results:
        result.iloc[:, -1] = pd.NA
    for name, table in before.items():
        pd.testing.assert_frame_equal(dataset.tables[name], table)


# Joining


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ("event_type", "goldstein"),
        ("event_type", "takes_mode"),
        ("issue", "theme"),
        ("level", "label"),
        ("valence", "label"),
        ("country", "label"),
        ("section", "definition"),
    ],
)
def test_attributes_of_codes_keep_rows_and_order(dataset, column, attribute):
    """No row is added, lost or moved, and each event gets the attribute of its own code."""
    joined = dataset.with_codes(column, attribute)
    added = joined.pop(f"{column}_{attribute}")
    pd.testing.assert_frame_equal(joined, dataset.events)
    look_up = dataset.codes_of(column)[attribute]
    for code, value in zip(dataset.events[column], added, strict=True):
        expected = look_up.get(code)
        assert (pd.isna(value) and pd.isna(expected)) or value == expected


def test_a_code_list_comes_in_codebook_order(dataset):
    """The codes of a column are the index of its list."""
    types = dataset.codes_of("event_type")
    assert list(types.index) == list(dataset.events["event_type"].cat.categories)
    assert types.at["call", "plover_mode"] == "phone"


def test_several_attributes_arrive_under_their_names(dataset):
    """Each attribute is a column named after both."""
    joined = dataset.with_codes("event_type", "label", "plover")
    assert list(joined.columns[-2:]) == ["event_type_label", "event_type_plover"]


def test_scores_stay_numbers(dataset):
    """A number of a code list is a number beside the events, missing scores or not."""
    joined = dataset.with_codes("event_type", "goldstein")
    assert pd.api.types.is_numeric_dtype(joined["event_type_goldstein"])


def test_a_series_that_did_not_look_there_is_refused(dataset):
    """Of a period outside the windows of a series no events are none known, not none."""
    with pytest.raises(ValueError, match="launches was not looked at from 1999-01-01 to 1999-12"):
        dataset.sel(period="1999", series="launches")


@pytest.mark.parametrize("column", ["actors", "summary", "mechanism"])
def test_only_code_columns_have_attributes(dataset, column):
    """Asking for codes of a list or of free text is an error that says so."""
    with pytest.raises(KeyError, match=f"{column} is no code column"):
        dataset.with_codes(column, "label")


@pytest.mark.parametrize(
    ("column", "attribute", "nearest"), [("levl", "label", "level"), ("level", "labell", "label")]
)
def test_an_unknown_column_or_attribute_is_refused_with_the_nearest(
    dataset, column, attribute, nearest
):
    """A slip in a column or an attribute is an error that suggests what was meant."""
    with pytest.raises(KeyError, match=f"did you mean {nearest}"):
        dataset.with_codes(column, attribute)


# Dyads


@pytest.mark.parametrize(
    ("event_id", "expected"),
    [
        (BILATERAL, {("JPN", "KOR"), ("KOR", "JPN")}),
        (
            TRILATERAL,
            {
                ("JPN", "KOR"),
                ("JPN", "USA"),
                ("KOR", "JPN"),
                ("KOR", "USA"),
                ("USA", "JPN"),
                ("USA", "KOR"),
            },
        ),
        (ONE_SIDED, {("KOR", "JPN")}),
        (TOGETHER_AT_A_THIRD, {("KOR", "PRK"), ("USA", "PRK")}),
        (DOMESTIC, set()),
    ],
)
def test_dyads_worked_by_hand(dataset, event_id, expected):
    """Joint acts go both ways between all, one-sided acts one way, acts at home none."""
    dyads = dataset.only([event_id]).dyads()
    assert len(dyads) == len(expected)
    assert set(zip(dyads["actor"], dyads["target"], strict=True)) == expected


def test_dyads_count_what_the_formula_does(dataset):
    """Actors times recipients, or without recipients the ordered pairs of actors."""
    numbers = zip(
        dataset.events["actors"].map(len), dataset.events["recipients"].map(len), strict=True
    )
    assert len(dataset.dyads()) == sum(n * m if m else n * (n - 1) for n, m in numbers)


def test_dyads_keep_the_columns_of_events(dataset):
    """A dyad has actor and target, and all else that its event has, with the same types."""
    dyads = dataset.dyads()
    rest = dataset.events.drop(columns=["actors", "recipients"])
    assert list(dyads.columns) == ["actor", "target", *rest.columns]
    pd.testing.assert_series_equal(dyads.dtypes[rest.columns], rest.dtypes)


# Going back to the sources


def test_trace_gives_every_source_of_an_event(dataset):
    """Each row of event_sources comes once, with publisher and address."""
    told, traced = dataset.event_sources, dataset.trace([BILATERAL])
    keys = ["event_id", "source_id", "locator"]
    expected = told.loc[told["event_id"].eq(BILATERAL), keys].reset_index(drop=True)
    pd.testing.assert_frame_equal(traced[keys], expected)
    pages = traced[traced["source_id"].ne("cc24-3")]
    assert pages["url"].str.startswith("https://").all()
    assert traced["publisher"].notna().all()


def test_trace_takes_a_table_of_events(dataset):
    """What a selection returns can be traced as it is."""
    by_ids = dataset.trace(dataset.events["event_id"])
    pd.testing.assert_frame_equal(dataset.trace(dataset.events), by_ids)
    assert len(by_ids) == len(dataset.event_sources)


def test_trace_takes_a_single_id(dataset):
    """One id alone is one event, not a row of letters."""
    assert len(dataset.trace(BILATERAL)) == len(dataset.trace([BILATERAL])) > 0


# Missing, and why


def test_unknown_is_not_the_same_as_not_applicable(dataset):
    """Talks without a stated length are unknown; a ruling has none; a stated one is no gap."""
    reason = dataset.missing("duration_min").set_axis(dataset.events["event_id"])
    assert reason[TRILATERAL] == "unknown"
    assert reason[DOMESTIC] == "not applicable"
    assert pd.isna(reason[BILATERAL])


def test_every_empty_cell_has_one_reason(dataset):
    """Reasons stand exactly where the column is empty, whatever its type."""
    for column in ("duration_min", "city", "country", "mechanism", "ordinal"):
        empty = dataset.events[column].isna()
        pd.testing.assert_series_equal(dataset.missing(column).notna(), empty)


def test_an_empty_list_has_a_reason_too(dataset):
    """No recipients means that none apply."""
    empty = dataset.events["recipients"].map(len).eq(0)
    assert set(dataset.missing("recipients")[empty]) == {"not applicable"}
    assert dataset.missing("recipients")[~empty].isna().all()


def test_missing_refuses_an_unknown_column(dataset):
    """A slip in a column is an error that suggests what was meant."""
    with pytest.raises(KeyError, match="no column 'citty' in events; did you mean city"):
        dataset.missing("citty")


# What a dataset says of itself


def test_repr_tells_rows_and_period(dataset):
    """Printed, a dataset says how much it holds, from when to when."""
    assert f"{len(dataset.events)} events, {len(dataset.event_sources)} event_sources" in repr(
        dataset
    )
    assert "events: 2019-12-24 to 2026-01-13" in repr(dataset)


def test_repr_of_a_selection_tells_its_own_period(dataset):
    """A selection speaks of its own events."""
    assert "events: 2022-09-01 to 2022-12-30" in repr(dataset.sel(source="cc24-3"))


def test_repr_shows_every_window_of_coverage(dataset):
    """A gap in coverage of events is not papered over: each window is shown with both ends."""
    told = dataset.coverage[dataset.coverage["series"].isin(dataset.event_sources["series"])]
    for start, end in zip(told["start"], told["end"], strict=True):
        assert f"{start:%Y-%m-%d} to {end:%Y-%m-%d}" in repr(dataset)


def test_the_fingerprint_is_short_and_stable(folder):
    """The same data give the same twelve letters."""
    first, second = load(folder.path).fingerprint(), load(folder.path).fingerprint()
    assert first == second
    assert len(first) == 12 and int(first, 16) > 0


@pytest.mark.parametrize(
    ("table", "where", "cells"),
    [
        ("events", BILATERAL, {"city": "Newark"}),
        ("codes/levels", "leader", {"label": "Head"}),
    ],
)
def test_the_fingerprint_changes_with_a_cell(dataset, folder, table, where, cells):
    """One changed cell, of a table or of a code list, gives other letters."""
    folder.change(table, where, cells)
    assert load(folder.path).fingerprint() != dataset.fingerprint()
