"""Every package that is installed with this one has a licence that is known and compatible."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import licences
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
READ, ALLOWED = licences.inputs()
LOCK = licences.locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def recorded():
    """The table as it stands in benchmarks/results."""
    return pd.read_csv(licences.RESULTS, dtype=str, keep_default_na=False).set_index("package")


def names(licence):
    """The single licences that an expression names."""
    return {part.strip() for part in licences.PART.split(licence)} - {""}


def has_version(name, wanted):
    """Whether this very version is installed; other systems and bounds have others."""
    try:
        return version(name) == wanted
    except PackageNotFoundError:
        return False


def test_every_package_of_the_lock_has_its_row(recorded):
    """The table lists the packages of the lock at their versions, and no other."""
    assert recorded["version"].to_dict() == {name: found for name, (found, _) in LOCK.items()}


def test_every_licence_is_compatible(recorded):
    """Each licence that a row names is one that may be, for a reason that stands in a table."""
    problems = {n: licences.problem(row["licence"], ALLOWED) for n, row in recorded.iterrows()}
    assert {name: text for name, text in problems.items() if text} == {}
    assert ALLOWED["why"].ne("").all()


def test_the_table_says_what_packages_state(recorded):
    """What an installed package states, or was read in its licence, is what the row says."""
    read = READ.set_index("package")["licence"]
    installed = [name for name, (found, _) in LOCK.items() if has_version(name, found)]
    assert installed
    said = {name: read.get(name) or licences.stated(name) for name in installed}
    assert said == recorded.loc[installed, "licence"].to_dict()


def test_nothing_is_listed_in_vain(recorded):
    """What was read is of packages of the lock, and what is allowed is used."""
    assert set(READ["package"]) <= set(LOCK)
    assert set(ALLOWED["licence"]) == set().union(*map(names, recorded["licence"]))


def test_copyleft_is_explained(recorded):
    """Each package with a part under the GPL is named in CONTRIBUTING.md."""
    under = [name for name, row in recorded.iterrows() if "GPL" in row["licence"]]
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("_", "-")
    assert under
    assert [name for name in under if f"`{name}`" not in text] == []


@pytest.mark.parametrize(
    ("licence", "message"),
    [("", "not stated"), ("AGPL-3.0-only", "AGPL-3.0-only"), ("MIT AND SSPL-1.0", "SSPL-1.0")],
)
def test_a_licence_that_is_not_allowed_is_named(licence, message):
    """No licence, one that is not listed, and one of two are each a problem."""
    assert message in licences.problem(licence, ALLOWED)


def test_a_package_belongs_to_the_first_group_that_needs_it(recorded):
    """What runs the analyses comes first, whatever else needs it too."""
    expected = {"numpy": "run", "krippendorff": "run", "pyarrow": "export", "sphinx": "site"}
    expected |= {"duckdb": "streams", "typst": "paper", "pytest": "test", "flit-core": "build"}
    assert recorded.loc[list(expected), "group"].to_dict() == expected


def test_a_lock_is_read_with_those_that_ask():
    """One or several askers, with markers and hashes between."""
    text = (
        "a==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n    # via b\n"
        "b==2.0 \\\n    --hash=sha256:00\n    # via\n    #   c\n"
        "    #   jkrel (pyproject.toml:test)\n"
    )
    assert licences.locked(text) == {"a": ("1.0", {"b"}), "b": ("2.0", {"c", "jkrel"})}
