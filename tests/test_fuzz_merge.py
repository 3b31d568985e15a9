"""Whatever stands in a proposal: it joins the data and can leave them again, or nothing changes."""

import shutil

import pytest
from conftest import DATA, Folder
from fuzzing import times
from hypothesis import event, given
from hypothesis import strategies as st
from strategies import proposals
from test_merge import Proposal, row

from jkrel import check, load
from jkrel.merge import Refused, remove


@pytest.fixture(scope="module")
def proposal(tmp_path_factory):
    """One copy of the data for all cases: each leaves it as it was."""
    folder = tmp_path_factory.mktemp("merge") / "data"
    shutil.copytree(DATA, folder)
    return Proposal(Folder(folder))


@times(0.15)
@given(rows=proposals(row), join=st.sampled_from(["refuse", "join"]))
def test_a_proposal_joins_and_leaves_or_changes_nothing(proposal, rows, join):
    """Merged: every row, no rule broken, taken out byte for byte. Refused: with a reason."""
    proposal.write(rows)
    before, events = proposal.state(), len(load(proposal.folder.path).events)
    try:
        proposal.merge(duplicates=join)
    except Refused as refused:
        event("refused")
        assert len(refused.problems) and refused.problems["message"].ne("").all()
    else:
        event("merged")
        joined = sum(cells.get("same_as") not in (None, "", "none") for cells in rows)
        assert len(load(proposal.folder.path).events) == events + len(rows) - joined
        assert check.problems(proposal.folder.path).empty
        remove("made9-9", proposal.folder.path)
    after = proposal.state()
    proposal.restore(before)
    assert after == before


@times(0.15)
@given(raw=st.binary(max_size=40), data=st.data())
def test_a_file_of_any_bytes_is_reviewed_and_refused(proposal, raw, data):
    """A proposal that was spoilt gives a review that says so, and a merge that changes nothing."""
    proposal.write([row("made9-9-001a", "2023-02-02")])
    whole, before = proposal.path.read_bytes(), proposal.state()
    start = data.draw(st.integers(0, len(whole)))
    proposal.path.write_bytes(whole[:start] + raw + whole[start + len(raw) :])
    found = proposal.review()
    assert str(found).startswith(("proposed.csv", f"{len(found.problems)}"))
    if len(found.problems) + len(found.conflicts):
        with pytest.raises(Refused):
            proposal.merge()
    assert proposal.state() == before
