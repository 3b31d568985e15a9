"""With which versions of the packages the tests pass is recorded from what pytest reports."""

import platform
from importlib.metadata import version

import pandas as pd
import pytest
import versions

TESTS = """<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10">
</testsuite></testsuites>"""
CELLS = '<testsuites><testsuite errors="0" failures="0" skipped="0" tests="4"/></testsuites>'


@pytest.fixture
def reports(tmp_path, monkeypatch):
    """Two reports, and a record that is not there yet."""
    monkeypatch.setattr(versions, "RESULTS", tmp_path / "versions.csv")
    (tmp_path / "tests.xml").write_text(TESTS, encoding="utf-8")
    (tmp_path / "cells.xml").write_text(CELLS, encoding="utf-8")
    return str(tmp_path / "tests.xml"), str(tmp_path / "cells.xml")


def test_what_failed_and_what_was_skipped_did_not_pass(reports):
    """Of ten tests three were skipped, two failed, and one could not begin."""
    versions.main("oldest", *reports)
    (row,) = pd.read_csv(versions.RESULTS).itertuples()
    assert (row.tests_passed, row.tests_failed, row.tests_skipped) == (4, 3, 3)
    assert (row.cells_passed, row.cells_failed, row.cells_skipped) == (4, 0, 0)
    assert row.runs == "one"


def test_the_versions_are_those_at_hand(reports):
    """Python, and the packages that jkrel asks for by name, as they are installed."""
    versions.main("newest", *reports)
    (row,) = pd.read_csv(versions.RESULTS).itertuples()
    assert row.python == platform.python_version()
    told = row.of_which.split(", ")
    assert f"pandas {version('pandas')}" in told and f"nbformat {version('nbformat')}" in told
    assert told == sorted(told)


def test_a_new_run_takes_the_place_of_the_one_before(reports):
    """Each name has one row, whatever the order of the runs."""
    for name in ("oldest", "newest", "oldest"):
        versions.main(name, *reports)
    assert pd.read_csv(versions.RESULTS)["versions"].tolist() == ["newest", "oldest"]


def test_a_package_that_is_not_installed_has_no_version():
    """Extras may be left out."""
    assert versions.installed(["pandas >=3", "no-such-package"]) == {"pandas": version("pandas")}


def test_the_record_tells_of_passes_alone():
    """The oldest and the newest packages, one run each: no test and no cell failed."""
    found = pd.read_csv(versions.RESULTS)
    assert found["versions"].tolist() == ["newest", "oldest"] and found["runs"].eq("one").all()
    assert found[["tests_failed", "cells_failed"]].eq(0).all(axis=None)
    assert (found["tests_passed"].gt(3000) & found["cells_passed"].gt(500)).all()
