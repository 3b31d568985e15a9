"""A cell that goes wrong is noticed: the check against cells spoilt one at a time."""

import mutations
import pandas as pd
import pytest
from conftest import DATA


@pytest.fixture(scope="module")
def found():
    """One spoilt cell of each kind, and a second of most."""
    return mutations.run(DATA, 2 * len(mutations.KINDS), seed=7)


@pytest.fixture(scope="module")
def recorded():
    """The last long run, as it stands in benchmarks/results."""
    return pd.read_csv(mutations.RESULTS, keep_default_na=False)


def test_what_a_rule_can_see_is_caught(found):
    """Of the mutations that a rule can see in principle, at least 95 in 100 are caught here."""
    seen = found[found["blind"].eq("")]
    missed = seen.loc[~seen["caught"], ["kind", "file", "column", "old", "new"]]
    assert seen["caught"].mean() >= 0.95, missed.to_string()


def test_each_mutation_changes_the_row(found):
    """No attempt leaves the row as it was: there is always something to see."""
    table, rng = mutations.read(DATA), mutations.random.Random(1)
    for name, kind in mutations.KINDS.items():
        fitting = mutations.cells(table, kind)
        shuffled = rng.sample(fitting, len(fitting))
        rows = (mutations.spoilt(cell, kind, rng) for cell in shuffled)
        assert any(row is not None for row in rows), name
    assert set(found["kind"]) == set(mutations.KINDS)


def test_the_long_run_covers_the_kinds_and_meets_its_target(recorded):
    """At least 2,000 mutations of at least 25 kinds, and 97 in 100 caught of those to be seen."""
    total = recorded.iloc[-1]
    kinds = recorded.iloc[:-1]
    assert set(kinds["kind"]) == set(mutations.KINDS)
    assert kinds["mutations"].sum() >= 2000
    assert kinds["why_not"].eq("").sum() >= 25
    assert total["caught"] / total["mutations"] >= 0.97


def test_what_no_rule_can_see_says_why(recorded):
    """A kind left out of the total gives its reason."""
    rows = recorded.iloc[:-1].set_index("kind")["why_not"]
    assert rows[rows.ne("")].to_dict() == mutations.BLIND
