"""Each result of a long test has its row, and a command by which readers can have it again."""

import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
TARGETS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
with (RESULTS / "results.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def test_every_result_has_one_row():
    """What commands left is described, so that the site shows it; no file is told twice."""
    names = [row["file"] for row in ROWS]
    found = {path.name for path in RESULTS.glob("*.csv")} - {"results.csv"}
    assert found <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_row_says_what_is_shown_and_how_to_have_it_again(row):
    """The command is a target of the Makefile, or a script of the repository."""
    assert row["title"] and row["says"].endswith(".")
    for command in re.split(", | and ", row["command"]):
        program, name, *_ = command.split()
        assert name in TARGETS if program == "make" else (ROOT / name).is_file()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_table_is_rectangular(row):
    """Every row of a result has a cell for each column of its head."""
    path = RESULTS / row["file"]
    if not path.is_file():
        pytest.skip(f"{path.name} has not been made yet")
    with path.open(encoding="utf-8", newline="") as file:
        widths = {len(line) for line in csv.reader(file)}
    assert len(widths) == 1


def test_the_text_on_speed_names_every_target_that_is_not_held():
    """Steps that miss their targets are those of which the text says where time goes."""
    with (RESULTS / "speed.csv").open(encoding="utf-8", newline="") as file:
        missed = {row["part"] for row in csv.DictReader(file) if row["held"] == "no"}
    (said,) = (row["says"] for row in ROWS if row["file"] == "speed.csv")
    named = {"load": "loading the data", "check": "checking many", "run": "running the notebooks"}
    named["propose"] = "proposing from a thousand entries"
    assert missed == {part for part, words in named.items() if words in said}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_what_was_not_measured_is_blank(row):
    """No cell shows how a program writes that there is no number."""
    path = RESULTS / row["file"]
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert not re.search(r"\b(nan|NaN|None|inf)\b", text)


def test_each_property_stands_in_its_module_as_its_first_line():
    """The record of made-up inputs says in words what was tried, and where that is written."""
    with (RESULTS / "fuzzing.csv").open(encoding="utf-8", newline="") as file:
        *rows, total = csv.DictReader(file)
    assert total["module"] == "all"
    for row in rows:
        text = (ROOT / "tests" / f"{row['module']}.py").read_text(encoding="utf-8")
        assert f'    """{row["property"]}' in text
