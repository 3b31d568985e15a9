"""Record that the tests pass with other versions of the packages.

``python benchmarks/versions.py NAME TESTS CELLS`` reads two reports of pytest in JUnit's XML, of
the tests and of the cells of the notebooks, and writes the row NAME of
``benchmarks/results/versions.csv``, with the versions of the Python that runs it and of the
packages beside it that jkrel itself asks for.
"""

import platform
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

import pandas as pd
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "versions.csv"


def counts(path: Path) -> dict[str, int]:
    """Count the tests of a report that passed, failed and were skipped."""
    suites = list(ElementTree.parse(path).getroot().iter("testsuite"))
    told = {
        name: sum(int(suite.get(name, 0)) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    }
    failed = told["failures"] + told["errors"]
    passed = told["tests"] - failed - told["skipped"]
    return {"passed": passed, "failed": failed, "skipped": told["skipped"]}


def installed(requirements: list[str]) -> dict[str, str]:
    """Return the installed version of each package asked for, in the order of the alphabet."""
    found = {}
    for name in sorted(Requirement(text).name for text in requirements):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def row(name: str, tests: Path, cells: Path) -> dict:
    """Make a row: what was installed, and how many tests and cells passed with it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    own = installed([*project["dependencies"], *(text for extra in extras for text in extra)])
    return {
        "versions": name,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "python": platform.python_version(),
        "system": platform.system(),
        "packages": len({found.name.lower() for found in distributions()}),
        **{f"tests_{kind}": count for kind, count in counts(tests).items()},
        **{f"cells_{kind}": count for kind, count in counts(cells).items()},
        "runs": "one",
        "of_which": ", ".join(f"{package} {number}" for package, number in own.items()),
    }


def main(name: str, tests: str, cells: str) -> None:
    """Run from the command line."""
    new = pd.DataFrame([row(name, Path(tests), Path(cells))]).astype(str)
    known = pd.read_csv(RESULTS, dtype=str) if RESULTS.is_file() else new[:0]
    table = pd.concat([known[known["versions"].ne(name)], new])
    table.sort_values("versions").to_csv(RESULTS, index=False, lineterminator="\n")
    print(new.T.to_string(header=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
