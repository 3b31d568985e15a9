"""Claims: each query on rows small enough to count by hand, and each status from its answers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jkrel.analyses import claims


@pytest.fixture(scope="module")
def answered(dataset):
    return claims.answers(dataset)


def launches(*rows):
    """Launch days of March 2024: day, fewest missiles, kinds."""
    ids = [f"launch-2024-03-{day:02d}" for day, *_ in rows]
    days = pd.to_datetime([f"2024-03-{day:02d}" for day, *_ in rows])
    low, kinds = [row[1] for row in rows], [row[2] for row in rows]
    columns = {"launch_id": ids, "date": days, "missiles_low": low, "kinds": kinds}
    return pd.DataFrame(columns).astype({"missiles_low": "Int64"})


@pytest.fixture(scope="module")
def small(dataset):
    """Four launch days: 1, 4 (two kinds), 8 and 8 missiles, and one of unknown number."""
    rows = [
        (1, 1, ("srbm",)),
        (5, 4, ("srbm", "cruise")),
        (9, 8, ("mlrs",)),
        (20, pd.NA, ("icbm",)),
    ]
    return replace(dataset, tables=dataset.tables | {"launches": launches(*rows)})


def found(dataset, query, arguments, cited=None):
    """The value that a query finds."""
    return claims.QUERIES[query](dataset, claims.parse(arguments), cited)[0]


MARCH = "table=launches & date=date & from=2024-03-01 & to=2024-03-31"


@pytest.mark.parametrize(
    ("query", "arguments", "value"),
    [
        ("count", MARCH, 4),
        ("count", "table=launches & kinds=srbm", 2),
        ("count", "table=launches & kinds=srbm|icbm", 3),
        ("count", "table=launches & kinds!=mlrs", 3),
        ("count", "table=launches & ids=launch-2024-03-01|launch-2024-03-09", 2),
        ("count", "table=launches & date=date & from=2024-03-05 & to=2024-03-09", 2),
        ("count", "table=launches & distinct=missiles_low", 3),
        ("sum", "table=launches & column=missiles_low & kinds!=mlrs", 5),
        ("smallest", "table=launches & column=date", "2024-03-01"),
        ("date_of_smallest", "table=launches & column=missiles_low & date=date", "2024-03-01"),
        ("value", "table=launches & id=launch-2024-03-05 & column=missiles_low", 4),
        ("value", "table=launches & id=launch-2024-03-20 & column=missiles_low", None),
        ("share_between", "table=launches & column=missiles_low & low=4 & high=8", 100 / 3),
        ("rank", "table=launches & id=launch-2024-03-09 & date=date & kinds!=cruise", 2),
        ("rank_by_value", "table=launches & id=launch-2024-03-05 & column=missiles_low", 2),
        ("previous", "table=launches & id=launch-2024-03-09 & date=date", "2024-03-05"),
        ("previous", "table=launches & id=launch-2024-03-01 & date=date", None),
    ],
)
def test_queries_over_rows(small, query, arguments, value):
    """Filters take any of the values named, leave out what is excluded, and keep both ends."""
    result = found(small, query, arguments)
    assert result == (value if value is None or isinstance(value, str) else pytest.approx(value))


@pytest.mark.parametrize(
    ("query", "ends", "value"),
    [
        ("difference", "first={0}01/date & second={0}09/date", 8),
        ("difference", "first={0}01/date & second={0}09/date & unit=weeks", 8 / 7),
        ("difference", "first={0}09/missiles_low & second={0}05/missiles_low", -4),
        ("percent_change", "first={0}09/missiles_low & second={0}05/missiles_low", -50),
        ("share", "part={0}01/missiles_low & whole={0}05/missiles_low", 25),
    ],
)
def test_queries_over_two_cells(small, query, ends, value):
    """The second less the first, as a change of it, or one as a part of the other."""
    assert found(small, query, ends.format("launches/launch-2024-03-")) == pytest.approx(value)


def test_a_mean_gap_has_its_exact_interval(small):
    """Four in 31 days: Garwood's interval of 4 is 1.09 to 10.24."""
    low, mean, high = found(small, "mean_gap", MARCH)
    assert mean == 31 / 4
    assert (low, high) == pytest.approx((31 / 10.2416, 31 / 1.0899), abs=1e-2)


def test_time_since_a_cited_day(small):
    """From 1 March 2023 to 1 March 2024 lie 366 days, 1.002 years."""
    years = "until=launches/launch-2024-03-01/date & unit=years"
    assert found(small, "cited_span", years, "2023-03-01") == pytest.approx(366 / 365.2425)


@pytest.mark.parametrize(("cited", "value"), [("12.5", 12.5), ("2022-09", "2022-09")])
def test_a_cited_value_is_taken_as_it_stands(small, cited, value):
    """Numbers as numbers, all else as text."""
    assert found(small, "cited", None, cited) == value


@pytest.mark.parametrize(
    ("claimed", "comparison", "value", "expected"),
    [
        ("60", "almost", 59.0, True),
        ("60", "almost", 61.0, False),
        ("60", "almost", 53.9, False),
        ("90", "over", 94.0, True),
        ("90", "over", 90.0, False),
        ("90", "at_least", 90.0, True),
        ("10", "under", 10.0, False),
        ("100", "about", 109.0, True),
        ("100", "about", 111.0, False),
        ("27.8", "rounded", 27.76, True),
        ("27.7", "rounded", 27.76, False),
        ("27.7", "equal", 27.76, False),
        ("2022-09", "equal", "2022-09-22", True),
        ("2022-09-21", "equal", "2022-09-22", False),
        ("2022-09-21", "under", "2022-09-20", True),
        ("minister", "equal", "vice_minister", False),
        ("none", "first", None, True),
        ("none", "first", "2022-09-22", False),
        ("14", "within", (8.0, 12.1, 18.9), True),
        ("14", "within", (4.0, 5.9, 7.0), False),
        ("1", "equal", None, False),
    ],
)
def test_values_found_are_compared_as_the_claim_words_it(claimed, comparison, value, expected):
    """Almost is up to the number, over beyond it, rounded at its printed decimals."""
    assert claims.agrees(claimed, comparison, value) is expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "not_checkable"),
        ([(True, "plain", None)], "reproduced"),
        ([(True, "plain", None), (True, "source", None)], "reproduced"),
        ([(True, "plain", "CSIS's count")], "reproduced_with_rule"),
        ([(True, "plain", None), (False, "rule", "another count")], "reproduced_with_rule"),
        ([(True, "plain", None), (False, "source", None)], "unsettled"),
        ([(False, "plain", None), (False, "rule", "another count")], "contradicted"),
    ],
)
def test_the_status_follows_from_the_answers(rows, expected):
    """All agree, none does, or some do: then a source that differs leaves it unsettled."""
    table = pd.DataFrame(rows, columns=["agrees", "basis", "rule"])
    assert claims.status(table) == expected


def test_every_status_is_the_one_that_follows(dataset, answered):
    """A status that no longer follows from the data fails here until it is changed and recorded."""
    rows = claims.ledger(dataset, answered)
    wrong = rows[rows["status"].astype(str) != rows["follows"]]
    assert wrong[["claim_id", "status", "follows", "found"]].to_dict("records") == []


def test_every_answer_can_be_followed_to_an_address(dataset, answered):
    """Behind each answer stands a row or a page, and each has an address."""
    traced = claims.trace(dataset, answered)
    keys = ["claim_id", "answer"]
    assert set(map(tuple, answered[keys].to_numpy())) == set(map(tuple, traced[keys].to_numpy()))
    assert traced["url"].notna().all()


def test_queries_are_those_of_the_codebook(dataset):
    """Each query has its definition in the code list, and each code its function."""
    assert set(claims.QUERIES) == set(dataset.codebook.order("claim_queries"))


def test_a_query_for_nothing_names_its_place(dataset):
    """A row that does not exist is an error that tells claim, answer and row."""
    answer = dataset.claim_answers.query("query == 'value'").head(1)
    wrong = answer.assign(arguments="table=events & id=cc24-3-999a & column=date_start")
    changed = replace(dataset, tables=dataset.tables | {"claim_answers": wrong})
    with pytest.raises(LookupError, match=rf"{answer.iloc[0]['claim_id']}.*cc24-3-999a"):
        claims.answers(changed)


def test_arguments_must_be_pairs():
    """A word without an equals sign is no argument."""
    with pytest.raises(ValueError, match="no pair"):
        claims.parse("table=events & from")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (27.756, "27.76"),
        (None, "none"),
        (np.nan, "none"),
        ((1.0, 2.5, 4.0), "2.5 (1 to 4)"),
    ],
)
def test_values_are_shown_short(value, text):
    """Two decimals at most, none where none are needed, a triple with its ends."""
    assert claims.shown(value) == text
