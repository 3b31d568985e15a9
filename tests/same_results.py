"""Run the notebooks in several settings, and see that what they give does not depend on them.

``python tests/same_results.py`` compares all notebooks in all settings and writes
``benchmarks/results/same_results.csv``. Compared are text, HTML and Markdown of each cell, the
tables, and each figure as data (its SVG, every coordinate in it) and as a picture (its PNG).
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import matplotlib.image
import nbformat
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
RESULTS = ROOT / "benchmarks" / "results" / "same_results.csv"
VARYING = "nbval-ignore-output"
"""The tag of cells that print what may vary, such as versions of packages."""
TOLERANCE = 2.0
"""Root mean square of the differences of two pictures, of 255."""
DRAWN_AT = re.compile(r"<dc:date>.*?</dc:date>")


@dataclass(frozen=True)
class Setting:
    """What surrounds a run: jobs, seed of hashes, time zone, locale, current folder."""

    jobs: int
    hashes: str
    zone: str
    locale: str
    folder: Path

    def __str__(self) -> str:
        place = self.folder.name if self.folder.is_relative_to(ROOT) else "elsewhere"
        place = "repository" if self.folder == ROOT else place
        return f"jobs {self.jobs}; hashes {self.hashes}; {self.zone}; {self.locale}; in {place}"

    def environment(self, places: Path) -> dict[str, str]:
        """The environment of the run; `places` holds locales made for it."""
        own = {"PYTHONHASHSEED": self.hashes, "TZ": self.zone, "LC_ALL": self.locale}
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).strip(os.pathsep)
        found = {"LOCPATH": str(places)} if (places / self.locale).is_dir() else {}
        return os.environ | own | {"PYTHONPATH": path} | found


def settings(elsewhere: Path) -> list[Setting]:
    """Settings that differ in jobs, seed, zone, locale and folder; the first one twice."""
    first = Setting(1, "0", "UTC", "C.UTF-8", ROOT)
    others = [
        Setting(2, "1", "Asia/Seoul", "ja_JP.UTF-8", NOTEBOOKS),
        Setting(2, "random", "America/New_York", "de_DE.UTF-8", elsewhere),
    ]
    return [first, first, *others]


def make_locale(name: str, places: Path) -> bool:
    """Make a locale, if the system has its definition; return whether it can be used."""
    language = name.partition(".")[0]
    if name.startswith("C.") or shutil.which("localedef") is None:
        return name.startswith("C.")
    made = ["localedef", "-i", language, "-f", "UTF-8", places / name]
    return subprocess.run(made, capture_output=True).returncode in (0, 1)


def run(notebooks: list[str], setting: Setting, build: Path, places: Path) -> None:
    """Run notebooks in a setting; results go to `build`."""
    verb = [sys.executable, "-m", "jkrel", "run", *notebooks]
    command = [*verb, "--jobs", str(setting.jobs), "--build", str(build)]
    environment = setting.environment(places)
    done = subprocess.run(
        command, cwd=setting.folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def outputs(path: Path) -> list[dict[str, str]]:
    """What each code cell of an executed notebook gives, but for pictures: one dict per cell."""
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    return [_output(c) for c in cells if VARYING not in c.metadata.get("tags", [])]


def _output(cell) -> dict[str, str]:
    found = {"source": cell.source}
    for number, output in enumerate(cell.outputs):
        found[f"{number} text"] = output.get("text", "")
        data = {kind: text for kind, text in output.get("data", {}).items() if "image" not in kind}
        found |= {f"{number} {kind}": str(text) for kind, text in data.items()}
    return found


def drawing(path: Path) -> str:
    """A figure as data: its SVG without the time at which it was drawn."""
    return DRAWN_AT.sub("", path.read_text(encoding="utf-8"))


def apart(first: Path, second: Path) -> float:
    """How far two pictures are apart: root mean square of their differences, of 255."""
    one, other = (matplotlib.image.imread(path).astype(float) * 255 for path in (first, second))
    return np.inf if one.shape != other.shape else float(np.sqrt(((one - other) ** 2).mean()))


def compare(first: Path, second: Path) -> tuple[dict[str, int], list[str]]:
    """Compare two folders of results: how much there is of each kind, and what differs."""
    names = {
        kind: sorted(path.relative_to(first) for path in first.glob(f"{folder}/*{ending}"))
        for kind, (folder, ending) in {
            "notebooks": ("notebooks", ".ipynb"), "tables": ("tables", ".csv"),
            "figures": ("figures", ".svg"), "pictures": ("figures", ".png"),
        }.items()
    }  # fmt: skip
    counts, differing = {kind: len(found) for kind, found in names.items()}, []
    for name in names["notebooks"]:
        one, other = outputs(first / name), outputs(second / name)
        counts["cells"] = counts.get("cells", 0) + len(one)
        pairs = enumerate(zip(one, other, strict=True))
        differing += [f"{name.stem} cell {n}" for n, (a, b) in pairs if a != b]
    for name in names["tables"]:
        same = (first / name).read_bytes() == (second / name).read_bytes()
        differing += [] if same else [str(name)]
    differing += [
        str(name) for name in names["figures"] if drawing(first / name) != drawing(second / name)
    ]
    differing += [
        str(n) for n in names["pictures"] if not apart(first / n, second / n) <= TOLERANCE
    ]
    return counts, differing


def trial(notebooks: list[str], chosen: list[Setting], place: Path) -> pd.DataFrame:
    """Run notebooks in settings, and compare each with the first.

    Returns
    -------
    DataFrame
        A row per further setting: setting, notebooks, cells, tables, figures, pictures,
        differing (how many of these), which.
    """
    rows = []
    (place / "locales").mkdir()
    for number, setting in enumerate(chosen):
        build = place / f"build-{number}"
        if not make_locale(setting.locale, place / "locales"):
            raise ValueError(f"no locale {setting.locale} here, and none can be made")
        run(notebooks, setting, build, place / "locales")
        if number:
            counts, differing = compare(place / "build-0", build)
            again = "the same again: " if setting == chosen[0] else ""
            which = {"differing": len(differing), "which": "; ".join(differing)}
            rows.append({"setting": f"{again}{setting}"} | counts | which)
    order = ["setting", "notebooks", "cells", "tables", "figures", "pictures", "differing", "which"]
    return pd.DataFrame(rows)[order]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="*", help="names; all if none")
    chosen = parser.parse_args()
    names = chosen.notebooks or [path.stem for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    with tempfile.TemporaryDirectory() as place:
        found = trial(names, settings(Path(place)), Path(place))
    print(found.to_string(index=False))
    if not chosen.notebooks:
        RESULTS.parent.mkdir(exist_ok=True)
        found.to_csv(RESULTS, index=False, lineterminator="\n")
    sys.exit(int(found["differing"].sum() > 0))


if __name__ == "__main__":
    main()
