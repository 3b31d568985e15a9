"""A process that is ended while it writes leaves the old state or the new, and never a mixture."""

import os

import pandas as pd
import pytest

if os.name != "posix":
    pytest.skip("signals and limits as on Unix", allow_module_level=True)

import interruptions


@pytest.fixture(scope="module")
def recorded():
    """The last long run, as it stands in benchmarks/results."""
    return pd.read_csv(interruptions.RESULTS)


@pytest.mark.parametrize("verb", interruptions.VERBS)
def test_a_killed_process_leaves_the_old_state_or_the_new(verb):
    """SIGKILL before a random operation on files and at a random moment; the next start settles."""
    ways = dict.fromkeys(interruptions.KILLS, 2 if verb == "run --inplace" else 3)
    found = interruptions.run([verb], ways, seed=7)
    assert found["mixture"].eq(0).all(), found.to_string()
    assert found[["old", "new"]].sum(axis=1).tolist() == list(ways.values())


@pytest.mark.parametrize("verb", interruptions.VERBS)
def test_what_cannot_be_written_leaves_the_old_state(verb):
    """A disk that is full, or a folder that is read-only, is an error without a traceback."""
    ways = [way for way in interruptions.possible() if way not in interruptions.KILLS]
    found = interruptions.run([verb], dict.fromkeys(ways, 1), seed=7)
    assert found["mixture"].eq(0).all(), found.to_string()


def test_200_kills_left_no_mixture(recorded):
    """The record counts 200 kills or more, of every verb that writes, and both states of each."""
    killed = recorded[recorded["way"].isin(interruptions.KILLS)]
    assert killed["tries"].sum() >= 200 and recorded["mixture"].eq(0).all()
    assert set(interruptions.VERBS) <= set(killed["verb"])
    assert (killed.groupby("verb")[["old", "new"]].sum() > 0).all(axis=None)
