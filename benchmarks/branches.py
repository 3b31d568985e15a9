"""Count the branches of jkrel/ that the tests take, and name those that none takes.

``python benchmarks/branches.py FILE`` reads the report of ``pytest --cov`` in JSON and writes
``benchmarks/results/branches.csv``. ``branches_not_taken.csv`` says, by module and function, why
no test takes a branch. The command fails where no reason stands, where a reason is not needed any
longer, and where fewer than 95 per cent of all branches are taken.
"""

import json
import sys
from pathlib import Path, PurePath

import pandas as pd

RESULTS = Path(__file__).parent / "results" / "branches.csv"
LEAST = 0.95
COLUMNS = ["module", "branches", "taken", "share", "not_taken", "why"]
ALL = "all modules"


def table(report: dict, reasons: pd.DataFrame) -> pd.DataFrame:
    """Make the table: a row per module with branches, after one for all of them together.

    Parameters
    ----------
    report : dict
        Coverage's report: for each file its summary, and its functions with missing branches.
    reasons : DataFrame
        Why branches are not taken: module, function, why.

    Returns
    -------
    DataFrame
        Module, branches, taken, share (of 1), not_taken (function, and from which line to which),
        why.
    """
    whys = reasons.set_index(["module", "function"])["why"].to_dict()
    rows = [_row(_module(path), found, whys) for path, found in sorted(report["files"].items())]
    counts = [sum(row[n] for row in rows) for n in (1, 2)]
    total = [ALL, *counts, counts[1] / counts[0], "", ""]
    return pd.DataFrame([total, *(row for row in rows if row[1])], columns=COLUMNS)


def _module(path: str) -> str:
    parts = PurePath(path.replace("\\", "/")).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _row(module: str, found: dict, whys: dict) -> list:
    count, taken = (found["summary"][f"{kind}_branches"] for kind in ("num", "covered"))
    missing = {name: function["missing_branches"] for name, function in found["functions"].items()}
    missing = {name or "(module)": ways for name, ways in missing.items() if ways}
    told = [f"{name} {', '.join(map(_way, ways))}" for name, ways in missing.items()]
    why = dict.fromkeys(whys.get((module, name), "") for name in missing)
    share = taken / count if count else 1.0
    return [module, count, taken, share, "; ".join(told), "; ".join(filter(None, why))]


def _way(ends: list[int]) -> str:
    return f"{ends[0]} to {'end' if ends[1] < 0 else ends[1]}"


def problems(report: dict, reasons: pd.DataFrame) -> list[str]:
    """List functions with a branch not taken and no reason, and reasons for what is taken."""
    missing = {
        (_module(path), name or "(module)")
        for path, found in report["files"].items()
        for name, function in found["functions"].items()
        if function["missing_branches"]
    }
    known = set(zip(reasons["module"], reasons["function"], strict=True))
    told = [f"{m}: {f} has a branch not taken, and no reason" for m, f in sorted(missing - known)]
    return told + [f"{m}: {f} needs its reason no longer" for m, f in sorted(known - missing)]


def inputs() -> pd.DataFrame:
    """Read the reasons for branches that no test takes."""
    file = Path(__file__).with_name("branches_not_taken.csv")
    return pd.read_csv(file, dtype=str, na_filter=False)


def main(path: str) -> int:
    """Run from the command line."""
    report, reasons = json.loads(Path(path).read_text(encoding="utf-8")), inputs()
    found, wrong = table(report, reasons), problems(report, reasons)
    found.to_csv(RESULTS, index=False, lineterminator="\n", float_format="%.4f")
    print(*wrong, found.drop(columns="why").to_string(index=False), sep="\n")
    return int(bool(wrong) or found["share"].iloc[0] < LEAST)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
