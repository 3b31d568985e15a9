"""The branches that tests take are counted, and each one that none takes has its reason."""

import json

import branches
import pandas as pd
import pytest

KITE = {
    "summary": {"num_branches": 4, "covered_branches": 3},
    "functions": {"": {"missing_branches": []}, "fly": {"missing_branches": [[3, 5], [7, -1]]}},
}
PLAIN = {"summary": {"num_branches": 0, "covered_branches": 0}, "functions": {}}
BARN = {
    "summary": {"num_branches": 16, "covered_branches": 15},
    "functions": {"": {"missing_branches": [[9, 11]]}, "Door.open": {"missing_branches": []}},
}
REPORT = {
    "files": {"kites/kite.py": KITE, "kites/plain.py": PLAIN, "kites\\barn/__init__.py": BARN}
}
REASONS = pd.DataFrame(
    [["kites.kite", "fly", "no wind"], ["kites.barn", "(module)", "Windows only"]],
    columns=["module", "function", "why"],
)


def test_all_modules_are_counted_together_and_each_by_itself():
    """The first row adds up the others; a module without branches has none."""
    found = branches.table(REPORT, REASONS).set_index("module")
    assert found.index.tolist() == [branches.ALL, "kites.kite", "kites.barn"]
    assert found.loc[branches.ALL, ["branches", "taken", "share"]].tolist() == [20, 18, 0.9]
    assert found["share"].tolist()[1:] == [0.75, 0.9375]


def test_what_is_not_taken_is_named_with_its_reason():
    """Function, the line where it branches, and the line or end to which no test goes."""
    found = branches.table(REPORT, REASONS).set_index("module")
    assert found.loc["kites.kite", "not_taken"] == "fly 3 to 5, 7 to end"
    assert found.loc["kites.barn", "not_taken"] == "(module) 9 to 11"
    assert found["why"].tolist() == ["", "no wind", "Windows only"]


def test_a_missing_reason_and_one_too_many_are_problems():
    """Reasons stand for exactly the functions that have a branch not taken."""
    assert branches.problems(REPORT, REASONS) == []
    other = REASONS.replace("fly", "land")
    assert branches.problems(REPORT, other) == [
        "kites.kite: fly has a branch not taken, and no reason",
        "kites.kite: land needs its reason no longer",
    ]


@pytest.mark.parametrize(("taken", "code"), [(16, 1), (17, 0)])
def test_the_command_fails_below_95_per_cent(tmp_path, monkeypatch, taken, code):
    """Of 20 branches 19 are enough; the table is written either way."""
    barn = BARN | {"summary": {"num_branches": 17, "covered_branches": taken}}
    kite = KITE | {"summary": {"num_branches": 3, "covered_branches": 2}}
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"files": {"kites/kite.py": kite, "kites/barn.py": barn}}))
    monkeypatch.setattr(branches, "RESULTS", tmp_path / "branches.csv")
    monkeypatch.setattr(branches, "inputs", lambda: REASONS)
    assert branches.main(str(path)) == code
    assert pd.read_csv(branches.RESULTS)["taken"].iloc[0] == taken + 2


def test_the_record_holds_what_was_promised():
    """At least 95 per cent of all branches, the sum of the rows; reasons for all the others."""
    found = pd.read_csv(branches.RESULTS, keep_default_na=False)
    total, rows = found.iloc[0], found.iloc[1:]
    assert total[["branches", "taken"]].tolist() == rows[["branches", "taken"]].sum().tolist()
    assert total["taken"] >= branches.LEAST * total["branches"]
    open_ones = rows[rows["taken"] < rows["branches"]]
    assert open_ones["not_taken"].ne("").all() and open_ones["why"].ne("").all()
