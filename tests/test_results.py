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
