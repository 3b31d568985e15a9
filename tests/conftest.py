"""Fixtures: the data as shipped, and copies of the data folder to spoil."""

import csv
import shutil
from pathlib import Path

import pytest
import strategies
from browser import chromium  # noqa: F401  (a fixture for all tests)

import jkrel

pytest_plugins = ["fuzzing"]
DATA = Path(__file__).parents[1] / "data"


class Folder:
    """A copy of the data folder; tables go by their path, as in ``events``, ``codes/levels``.

    A row is named by what it matches: the value of its first column, or several columns.
    """

    def __init__(self, path):
        self.path = path

    def file(self, table):
        return self.path / f"{table}.csv"

    def rows(self, table):
        with self.file(table).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def write(self, table, rows):
        with self.file(table).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def lines(self, table, where):
        """Numbers of the matching rows as a spreadsheet shows them, the header being 1."""
        rows = self.rows(table)
        where = {next(iter(rows[0])): where} if isinstance(where, str) else where
        found = [n for n, row in enumerate(rows, 2) if where.items() <= row.items()]
        assert found, f"no row of {table} has {where}"
        return found

    def change(self, table, where, cells):
        """Change cells of the matching rows; None takes the rows out."""
        found, rows = self.lines(table, where), self.rows(table)
        changed = [row | (cells or {}) if n in found else row for n, row in enumerate(rows, 2)]
        kept = [row for n, row in enumerate(changed, 2) if cells is not None or n not in found]
        self.write(table, kept)

    def add(self, table, cells):
        """Add a row, empty but for these cells."""
        rows = self.rows(table)
        self.write(table, [*rows, dict.fromkeys(rows[0], "") | cells])


@pytest.fixture(scope="session", autouse=True)
def kernels_that_tell(pytestconfig):
    """Let kernels end by themselves where branches are counted: a killed one tells of none."""
    if not pytestconfig.pluginmanager.hasplugin("_cov"):
        yield
        return
    from jkrel.publish import execution

    client = execution.NotebookClient

    def patient(*given, **options):
        return client(*given, **options | {"shutdown_kernel": "graceful"})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(execution, "NotebookClient", patient)
        yield


@pytest.fixture(scope="session")
def dataset():
    """The shipped data; tests read it and never change it."""
    return jkrel.load(DATA)


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped data folder to spoil."""
    shutil.copytree(DATA, tmp_path / "data")
    return Folder(tmp_path / "data")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Write a made-up package to a folder, in the place of the one before, and return its path."""
    path = tmp_path_factory.mktemp("made") / "data"

    def write(package, rows):
        shutil.rmtree(path, ignore_errors=True)
        strategies.write_package(path, package, rows)
        return path

    return write


@pytest.fixture(scope="session")
def shipped():
    """Receipts of all notebooks, from one run of each."""
    from jkrel.receipts import collection

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("JKREL_DATA", raising=False)
        notebooks = sorted((DATA.parent / "notebooks").glob("*.ipynb"))
        yield collection.collect(notebooks, jobs=2)
