"""Files far larger than any of ours: the place is named, and memory stays in proportion."""

import os
import subprocess
import sys

import pytest

LOAD = """
import resource, sys
from jkrel import DataError, load

limit, start = int(sys.argv[2]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load(sys.argv[1])
except DataError as error:
    row = error.problems.iloc[0]
    print(len(error.problems), row["file"], row["row"], row["column"], row["rule"], sep="|")
unit = 1 if sys.platform == "darwin" else 1024
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) * unit
print("within" if grown <= limit else f"{grown:,} bytes, more than {limit:,}")
"""
"""Loads a folder in a process of its own, and tells how much larger it grew than at first."""


def loaded(folder, limit):
    """Load a folder elsewhere; return the problem found, and whether memory kept to a limit."""
    command = [sys.executable, "-c", LOAD, str(folder.path), str(int(limit))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


pytestmark = pytest.mark.skipif(os.name != "posix", reason="peak memory is asked as on Unix")


def test_a_field_of_100_megabytes_is_one_problem(folder):
    """It is refused by its row, in memory a few times the size of the file."""
    file = folder.file("participants")
    lines = file.read_bytes().split(b"\n")
    lines[2] += b"x" * 10**8
    file.write_bytes(b"\n".join(lines))
    problem, memory = loaded(folder, 6 * 10**8)
    assert problem == "1|participants.csv|3||quotes"
    assert memory == "within"


def test_a_bad_cell_after_a_million_rows_is_named(folder):
    """The row is named and no other; memory stays in proportion to the file."""
    file = folder.file("participants")
    header, *rows = file.read_text(encoding="utf-8").splitlines()
    times = -(-(10**6) // len(rows))
    many = (rows * times)[: 10**6]
    level = header.split(",").index("level")
    cells = rows[0].split(",")
    cells[level] = "no_level"
    file.write_text("\n".join([header, *many, ",".join(cells), ""]), encoding="utf-8")
    problem, memory = loaded(folder, 10 * file.stat().st_size + 3 * 10**8)
    assert problem == "1|participants.csv|1000002|level|code"
    assert memory == "within"
