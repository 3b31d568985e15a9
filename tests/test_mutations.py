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


def test_changes_of_form_and_contradictions_are_caught(found):
    """Of the mutations that leave no plausible value, at least 95 in 100 are caught here."""
    seen = found[~found["kind"].isin(mutations.PLAUSIBLE)]
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
    """At least 2,000 mutations of at least 25 kinds, and 97 in 100 caught of those of form."""
    kinds = recorded[recorded["kind"].ne(mutations.TOTAL)]
    form = kinds[kinds["group"].eq(mutations.FORM)]
    assert set(kinds["kind"]) == set(mutations.KINDS)
    assert kinds["mutations"].sum() >= 2000
    assert len(form) >= 25
    assert form["caught"].sum() / form["mutations"].sum() >= 0.97


def test_each_group_and_all_kinds_have_their_totals(recorded):
    """No mutation is left out of the total of all kinds, and no total has an interval."""
    totals = recorded[recorded["kind"].eq(mutations.TOTAL)].set_index("group")
    kinds = recorded[recorded["kind"].ne(mutations.TOTAL)]
    assert list(totals.index) == [mutations.FORM, mutations.CHOICE, "all kinds"]
    assert totals.loc["all kinds", "mutations"] == kinds["mutations"].sum()
    assert totals.loc["all kinds", "caught"] == kinds["caught"].sum()
    assert totals["low"].eq("").all() and totals["high"].eq("").all()


def test_the_record_is_what_the_command_makes_of_its_counts(recorded):
    """Shares, intervals, reasons and totals follow from the counts of each kind."""
    kinds = recorded.loc[recorded["kind"].ne(mutations.TOTAL), ["kind", "caught", "mutations"]]
    made = mutations.table(kinds).to_csv(index=False, lineterminator="\n")
    assert mutations.RESULTS.read_text(encoding="utf-8") == made


def test_what_may_be_right_says_what_rules_notice(recorded):
    """A kind among the plausible values gives its reason."""
    rows = recorded.set_index("kind")["why_not_all"]
    assert rows[rows.ne("")].to_dict() == mutations.PLAUSIBLE
