"""The packaging files name one and the same environment."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {
    "matplotlib-base": "matplotlib",
    "python-duckdb": "duckdb",
}  # where conda-forge has a name of its own


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def parse(lines):
    """Requirements by their canonical name."""
    requirements = map(Requirement, lines)
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


PYPROJECT = tomllib.loads(read("pyproject.toml"))
GROUPS = PYPROJECT["dependency-groups"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
DIRECT = parse(
    [
        *PYPROJECT["project"]["dependencies"],
        *chain(*EXTRAS.values(), GROUPS["test"], GROUPS["build"]),
    ]
)

LISTS = ["requirements.lock", "requirements-oldest.txt"]


def pin_lines(name):
    """One line a requirement: ``name==version ; marker --hash=sha256:... --hash=sha256:...``."""
    return re.findall(r"^\w.*", read(name).replace("\\\n", " "), re.M)


def pins(name):
    """The requirements of a list of exact versions by their canonical name."""
    return parse(line.split("--hash")[0] for line in pin_lines(name))


LOCK, OLDEST = map(pins, LISTS)
each_direct_dependency = pytest.mark.parametrize("name", sorted(DIRECT))
each_list = pytest.mark.parametrize("listed", LISTS)


def locked_version(name, lock=LOCK):
    """Return the one version that a list gives, from a specifier such as ``==3.1.1``."""
    (specifier,) = lock[name].specifier
    return specifier.version


def conda_environment():
    """The requirements of environment.yml, conda's and pip's, and pip's other lines."""
    listed = yaml.safe_load(read("environment.yml"))["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    options = [line for line in pip if line.startswith("-")]
    conda = [entry for entry in listed if isinstance(entry, str)]
    named = parse([*conda, *(line for line in pip if line not in options)])
    return {CONDA_NAMES.get(name, name): named[name] for name in named}, options


@each_direct_dependency
def test_lock_satisfies_each_direct_dependency(name):
    """The lock has every direct dependency, at a version within its bound."""
    assert name in LOCK
    assert locked_version(name) in DIRECT[name].specifier


def test_build_group_equals_build_requirement():
    """The build group repeats build-system.requires, so that the lock can build the package."""
    assert GROUPS["build"] == PYPROJECT["build-system"]["requires"]


@each_direct_dependency
def test_the_oldest_versions_are_the_bounds_themselves(name):
    """requirements-oldest.txt has every direct dependency at the lowest version of its bound."""
    version = Version(locked_version(name, OLDEST))
    assert version in DIRECT[name].specifier
    bounds = {s.operator: Version(s.version) for s in DIRECT[name].specifier}
    assert version.release[: len(bounds[">="].release)] == bounds[">="].release


@each_list
def test_lock_pins_each_package_once(listed):
    """Every line of a list pins one exact version, and no package has two lines."""
    assert len(pins(listed)) == len(pin_lines(listed))
    for name, requirement in pins(listed).items():
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], name


@each_list
def test_lock_has_a_hash_for_each_requirement(listed):
    """Every requirement of a list carries at least one SHA-256 hash."""
    lines = pin_lines(listed)
    unhashed = [line for line in lines if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", line)]
    assert unhashed == []


@each_list
def test_lock_names_no_place(listed):
    """Each line of a list is a pin, a hash or a comment: no index, address, folder or option."""
    text = read(listed)
    pin = r"[a-z0-9][a-z0-9.-]*==[\w.!+]+( ; [^@/]+)? \\"
    known = re.compile(rf"{pin}| +--hash=sha256:[0-9a-f]{{64}}( \\)?| *#[^/]*")
    assert [line for line in text.splitlines() if not known.fullmatch(line)] == []


@each_direct_dependency
def test_conda_pins_the_locked_version(name):
    """environment.yml pins each direct dependency to exactly the version of the lock."""
    conda, _ = conda_environment()
    assert str(conda[name].specifier) == f"=={locked_version(name)}"


def test_conda_lists_nothing_else():
    """environment.yml lists Python, pip and the direct dependencies, and no more."""
    conda, _ = conda_environment()
    assert set(conda) - set(DIRECT) == {"python", "pip"}


def test_conda_python_equals_requires_python():
    """The bound on Python is the same for pip and for conda."""
    conda, _ = conda_environment()
    assert str(conda["python"].specifier) == PYPROJECT["project"]["requires-python"]


def test_conda_installs_the_package_in_place():
    """environment.yml installs the package itself, editable, with no other option to pip."""
    _, options = conda_environment()
    assert options == ["-e ."]


def test_each_make_target_is_described():
    """The targets that `make help` lists are the phony ones; each has a rule and a description."""
    makefile = read("Makefile")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.M)[1].split()
    described = re.findall(r"^([a-z-]+):.*## \S", makefile, re.M)
    rules = re.findall(r"^([a-z-]+):", makefile, re.M)
    assert sorted(described) == sorted(phony) == sorted(rules)


def test_plain_make_shows_help():
    """`help` is the first rule of the Makefile, which plain `make` follows."""
    assert re.search(r"^[^\s#.][^:=]*:(?!=)", read("Makefile"), re.M)[0] == "help:"


@each_direct_dependency
def test_contributing_gives_a_reason_for_each_direct_dependency(name):
    """CONTRIBUTING.md has a table row for each direct dependency: name, reason, licence."""
    rows = re.findall(r"^\| `([^`]+)` \| .+ \| .+ \|$", read("CONTRIBUTING.md"), re.M)
    assert name in map(canonicalize_name, rows)
