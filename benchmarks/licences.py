"""List every package of requirements.lock with its version, licence and the group that needs it.

Prints the table's totals and what is not compatible, and writes the table to
``benchmarks/results/licences.csv``. The licence is what the installed package states as an SPDX
expression. Where it states none, or is for another system only, ``licences_read.csv`` has what was
read in the text of its licence. ``licences_allowed.csv`` says which are compatible, and why.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pandas as pd
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "licences.csv"
PIN = re.compile(r"^([a-z0-9][\w.-]*)==(\S+)(.*?)(?=^[a-z0-9]|\Z)", re.M | re.S)
PARENT = re.compile(r"^ +# (?:via|  ) ?([\w.-]+)(?: \(pyproject\.toml(?::\w+)?\))?$", re.M)
PART = re.compile(r"[()]| AND | OR | WITH ")


def locked(text: str) -> dict[str, tuple[str, set[str]]]:
    """Read a lock: the version of each package, and the packages that ask for it."""
    return {name: (version, set(PARENT.findall(rest))) for name, version, rest in PIN.findall(text)}


def groups(project: dict, lock: dict[str, tuple[str, set[str]]]) -> dict[str, str]:
    """Tell for each package the first group that needs it: run, an extra, test or build."""
    wanted = {"run": project["project"]["dependencies"]}
    wanted |= project["project"]["optional-dependencies"] | project["dependency-groups"]
    found: dict[str, str] = {}
    for group, requirements in wanted.items():
        new = {canonicalize_name(Requirement(r).name) for r in requirements if isinstance(r, str)}
        while new := new - found.keys():
            found |= dict.fromkeys(new, group)
            new = {name for name, (_, parents) in lock.items() if parents & found.keys()}
    return found


def stated(name: str) -> str | None:
    """Return the licence that an installed package states, if it is an SPDX expression."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return None
    for text in (told["License-Expression"], told["License"]):
        try:
            return canonicalize_license_expression(text or "")
        except InvalidLicenseExpression:
            continue
    return None


def table(read: pd.DataFrame, allowed: pd.DataFrame) -> pd.DataFrame:
    """Make the table: package, version, licence, group, and what is wrong with the licence."""
    lock = locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    group = groups(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")), lock)
    known = read.set_index("package")["licence"]
    rows = []
    for name, (version, _) in lock.items():
        licence = known.get(name) or stated(name) or ""
        rows.append([name, version, licence, group[name], problem(licence, allowed)])
    return pd.DataFrame(rows, columns=["package", "version", "licence", "group", "problem"])


def problem(licence: str, allowed: pd.DataFrame) -> str:
    """Say what keeps a licence from being compatible: each one that it names must be allowed."""
    if not licence:
        return "not stated; read the text of the licence into licences_read.csv"
    names = {part.strip() for part in PART.split(licence)} - {""}
    strange = sorted(names - set(allowed["licence"]))
    return f"not in licences_allowed.csv: {', '.join(strange)}" if strange else ""


def inputs() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read what was read in licences, and which are allowed."""
    files = [Path(__file__).with_name(f"licences_{name}.csv") for name in ("read", "allowed")]
    read, allowed = (pd.read_csv(file, dtype=str, na_filter=False) for file in files)
    return read, allowed


def main() -> int:
    """Run from the command line."""
    found = table(*inputs())
    wrong = found[found["problem"].ne("")]
    for row in wrong.itertuples():
        print(f"{row.package} {row.version}: {row.licence} {row.problem}")
    print(found["licence"].value_counts().to_string(header=False))
    print(f"{len(found)} packages, {len(wrong)} with a problem")
    if wrong.empty:
        RESULTS.parent.mkdir(exist_ok=True)
        found.drop(columns="problem").to_csv(RESULTS, index=False, lineterminator="\n")
    return int(not wrong.empty)


if __name__ == "__main__":
    sys.exit(main())
