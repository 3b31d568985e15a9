"""Time the slower steps, each against a yardstick measured in the same run.

Prints one table: measure, value, yardstick, ratio, target, and whether it was held. Nothing is
asserted, and no test times anything. ``--only load import`` runs some parts, ``--largest 10000``
keeps growth, propose and export short, ``--rows 10000`` the check.
"""

import argparse
import ast
import json
import math
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import bench_streams
import entries
import numpy as np
import pandas as pd

import jkrel
from jkrel import check, export
from jkrel.reading import describe

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
NOTEBOOKS = ROOT / "notebooks"
RESULTS = ROOT / "benchmarks" / "results" / "speed.csv"
SIZES = [10**3, 10**4, 10**5, 10**6]
IDS = ["event_id", "entry_id", "locator", "source_id", "mechanism", "mechanism_id", "responds_to"]
"""Columns of ids, which each copy has of its own."""
MADE_UP = "made_up"
"""The series that tells the copies, since windows of one series may not overlap."""


@dataclass(frozen=True)
class Row:
    """One line of the table; `value` and `yardstick` are seconds unless a unit is given."""

    measure: str
    value: float
    yardstick: str
    base: float
    target: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float:
        return self.value / self.base

    def cells(self) -> list[str]:
        """The line as it is printed; blank where no yardstick could be measured."""
        target = "" if self.target is None else f"{self.target:g}"
        held = "" if self.target is None else ("yes" if self.ratio <= self.target else "no")
        value, base = (f"{number:.3g} {self.unit}".strip() for number in (self.value, self.base))
        told = [f"{self.yardstick}: {base}", f"{self.ratio:.2f}"]
        return [
            self.measure,
            value,
            *(told if not math.isnan(self.base) else ["", ""]),
            target,
            held,
        ]


# Time


def seconds(action, clock=time.perf_counter) -> float:
    """Time of one call: wall time, or what another clock counts."""
    start = clock()
    action()
    return clock() - start


def start(command: list[str]) -> None:
    """Run a command to its end; what it printed is shown if it fails, and nothing is timed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def in_turn(repeats: int, *actions, clock=time.perf_counter) -> list[float]:
    """Median times of actions that take turns, so that a busy moment hits them alike."""
    times = [[seconds(action, clock) for action in actions] for _ in range(repeats)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


# Made-up data


def strings(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, na_filter=False)


def repeated(frame: pd.DataFrame, rows: int, ids: list[str]) -> pd.DataFrame:
    """Copy a table until it has so many rows; every copy but the first has ids of its own."""
    copies = -(-rows // len(frame))
    grown = pd.concat([frame] * copies, ignore_index=True).head(rows)
    numbers = np.arange(rows) // len(frame)
    changed = {
        name: [own(name, cell, copy) for cell, copy in zip(grown[name], numbers, strict=True)]
        for name in grown.columns.intersection([*ids, "url", "entry_sha256", "series"])
    }
    return grown.assign(**changed)


def own(column: str, cell: str, copy: int) -> str:
    """Make an id, a list of ids, an address or a hash that of one copy."""
    if not cell or copy == 0:
        return cell
    if column == "series":
        return MADE_UP
    if column == "url":
        return f"{cell}#{copy}"
    if column == "entry_sha256":
        return f"{copy:08x}{cell[8:]}"
    return f"c{copy}{cell}".replace(";", f";c{copy}")


@contextmanager
def made_up(events: int, tables: list[str]):
    """A data folder with so many events; with other tables, rounded up to whole copies."""
    whole = -(-events // len(strings(DATA / "events.csv")))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        shutil.copytree(DATA, folder)
        used = set()
        for table in tables:
            frame = strings(DATA / f"{table}.csv")
            if tables == ["events"]:
                grown = repeated(frame, events, [name for name in IDS if name != "mechanism"])
            else:
                grown = repeated(frame, whole * len(frame), IDS)
            if table == "sources":
                grown = grown[grown["source_id"].isin(used | set(frame["source_id"]))]
            used |= set(grown.get("source_id", []))
            grown.to_csv(folder / f"{table}.csv", index=False)
        add(folder / "codes" / "series.csv", {"code": MADE_UP, "label": MADE_UP, "order": "999"})
        days = {"start": "1900-01-01", "end": "2099-12-31", "last_entry": "", "source_id": ""}
        add(folder / "coverage.csv", {"coverage_id": MADE_UP, "series": MADE_UP} | days)
        yield folder


def add(path: Path, cells: dict[str, str]) -> None:
    """Add a row like the last one, but for some cells."""
    frame = strings(path)
    pd.concat([frame, frame.tail(1).assign(**cells)]).to_csv(path, index=False)


def resources(folder: Path) -> list[dict]:
    """The tables of a data folder as its package describes them."""
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]


def tied() -> list[str]:
    """Events and what is tied to them; sources last, so that those unused are left out."""
    keys = {r["name"]: r["schema"].get("foreignKeys", []) for r in resources(DATA)}
    telling = [n for n, k in keys.items() if "events" in {x["reference"]["resource"] for x in k}]
    return ["events", *telling, "mechanisms", "sources"]


def bare_read(folder: Path) -> None:
    """Read every file of a data folder with pandas alone."""
    for resource in resources(folder):
        pd.read_csv(folder / resource["path"])


# Parts


def time_load(options) -> list[Row]:
    """The data as shipped."""
    value, base = in_turn(options.repeats, lambda: jkrel.load(DATA), lambda: bare_read(DATA))
    return [Row("load the data", value, "pandas.read_csv of the same files", base, 3)]


def time_growth(options) -> list[Row]:
    """Events by the thousand, other tables as they are."""
    sizes = [size for size in SIZES if size <= options.largest]
    rows = []
    for size in sizes:
        with made_up(size, ["events"]) as folder:
            repeats = max(1, min(options.repeats, 2 * 10**5 // size))
            actions = (lambda f=folder: jkrel.load(f)), (lambda f=folder: bare_read(f))
            value, base = in_turn(repeats, *actions)
        rows.append(Row(f"load {size:,} events", value, "pandas.read_csv", base))
    return rows + growth("load", sizes, rows, 1.1)


def growth(name: str, sizes: list[int], rows: list[Row], target: float) -> list[Row]:
    """The exponent with which time grows: over all sizes, and at its steepest."""
    if len(sizes) < 2:
        return []
    scale, times = np.log10(sizes), np.log10([row.value for row in rows])
    slope = np.polyfit(scale, times, 1)[0]
    steepest = (np.diff(times) / np.diff(scale)).max()
    return [
        Row(f"{label}, exponent", exponent, "linear", 1, target, "")
        for label, exponent in ((f"growth of {name}", slope), ("its steepest step", steepest))
    ]


def time_check(options) -> list[Row]:
    """All tables that tell events repeated, so that every rule still holds."""
    with made_up(options.rows, tied()) as folder:
        base = statistics.median(seconds(lambda: bare_read(folder)) for _ in range(3))
        found = check.problems(folder)
        if len(found):
            lines = "\n".join(map(describe, found.head().to_dict("records")))
            raise RuntimeError(f"the made-up data are not sound:\n{lines}")
        value = statistics.median(seconds(lambda: check.problems(folder)) for _ in range(3))
        data = jkrel.load(folder)
    times = {rule.__name__: seconds(lambda r=rule: list(r(data))) for rule in check.all_rules()}
    slowest = sorted(times, key=times.get, reverse=True)[:5]
    measure = f"check {len(data.events):,} events and what belongs to them"
    rows = [Row(measure, value, "pandas.read_csv", base, 15)]
    return rows + [
        Row(f"  rule: {name.replace('_', ' ')}", times[name], "pandas.read_csv", base)
        for name in slowest
    ]


def time_propose(options) -> list[Row]:
    """Made-up entries from a file, parsed and proposed on one core, in seconds of that core."""
    rows, peaks = [], []
    for size in (sizes := [size for size in SIZES if size <= options.largest]):
        with tempfile.TemporaryDirectory() as folder:
            entries.write(path := Path(folder) / "entries.txt", size)
            found, base = (measured(path, *extra) for extra in ([], ["--tokenise"]))
        if found["entries"] != size:
            raise RuntimeError(f"{found['entries']:,} of {size:,} entries were read")
        label = f"parse and propose {size:,} entries"
        rows.append(Row(label, found["seconds"], "spaCy's tokeniser", base["seconds"]))
        speed = size / found["seconds"], size / base["seconds"]
        rows.append(Row("  entries a second", speed[0], "spaCy's tokeniser", speed[1], unit=""))
        each = 10**6 / speed[0]
        rows.append(Row("  time of an entry", each, "2,000 a second", 500, 1, "µs"))
        peaks.append(found["peak"])
    for size, peak in list(zip(sizes, peaks, strict=True))[1:]:
        yardstick = f"{sizes[0]:,} entries"
        rows.append(Row(f"peak memory, {size:,} entries", peak, yardstick, peaks[0], 1.25, "MB"))
    return rows + growth("parse and propose", sizes, rows[: 3 * len(sizes) : 3], 1.05)


def time_paragraph(options) -> list[Row]:
    """One entry of ever more words in one paragraph, in seconds of one core."""
    rows = []
    for size in (sizes := SIZES[:3]):
        with tempfile.TemporaryDirectory() as folder:
            entries.write_one(path := Path(folder) / "entry.txt", size)
            runs = [[measured(path, *extra) for extra in ([], ["--tokenise"])] for _ in range(3)]
        times = [
            statistics.median(run["seconds"] for run in both) for both in zip(*runs, strict=True)
        ]
        rows.append(
            Row(f"propose one entry of {size:,} words", times[0], "spaCy's tokeniser", times[1])
        )
    return rows + growth("one entry", sizes, rows, 1.1)[:1]


def measured(path: Path, *extra: str) -> dict:
    """What a fresh interpreter measures of a file of entries."""
    script = str(Path(entries.__file__).resolve())
    done = subprocess.run([sys.executable, script, str(path), *extra], stdout=-1, check=True)
    return json.loads(done.stdout)


def time_export(options) -> list[Row]:
    """All tables, with events by the thousand, in each format, in processor time.

    Some sixty small tables take most of the time of a small export, so the steepest step, which is
    the last, tells more of growth than the whole.
    """
    one = len(strings(DATA / "events.csv"))
    sizes = [-(-size // one) * one for size in SIZES if size <= min(options.largest, 10**5)]
    rows = {to: [] for to in export.WRITERS}
    for size in sizes:
        with made_up(size, ["events"]) as folder:
            data = jkrel.load(folder)
            for to in rows:
                out = folder.parent / to
                actions = (
                    lambda d=data, t=to, o=out: export.export(d, t, o, force=True),
                    lambda d=data, o=folder.parent: bare_write(d, o),
                )
                repeats = max(1, min(options.repeats, 10**4 // size))
                value, base = in_turn(repeats, *actions, clock=time.process_time)
                rows[to].append(Row(f"{to}, {size:,} events", value, "pandas.to_csv", base))
    grown = [line for to in rows for line in growth(to, sizes, rows[to], 1.1)]
    return [row for found in rows.values() for row in found] + grown


def bare_write(data, folder: Path) -> None:
    """Write every table with pandas alone."""
    for name, table in data.tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)


def time_import(options) -> list[Row]:
    """Fresh interpreters."""

    def fresh(module):
        return lambda: start([sys.executable, "-c", f"import {module}"])

    value, base = in_turn(max(7, options.repeats), fresh("jkrel.data"), fresh("pandas"))
    return [Row("import jkrel and its loader", value, "import pandas", base, 1.2)]


def time_run(options) -> list[Row]:
    """All notebooks, two at a time, against kernels that import what they import."""
    count = len(list(NOTEBOOKS.glob("*.ipynb")))
    if not count:
        return []
    with tempfile.TemporaryDirectory() as build:
        run = [sys.executable, "-m", "jkrel", "run", "--jobs", "2", "--build", build]
        floor = [sys.executable, __file__, "--floor"]
        actions = (lambda command=command: start(command) for command in (run, floor))
        value, base = in_turn(3, *actions)
    return [Row(f"run {count} notebooks", value, f"{count} kernels with their imports", base, 1.6)]


def time_validate(options) -> list[Row]:
    """Strict nbval against nbmake, which compares no output, and against bare kernels."""
    pytest = [sys.executable, "-m", "pytest", "-q", str(NOTEBOOKS)]
    strict = [*pytest, "--nbval", "--nbval-current-env"]
    floor = [sys.executable, __file__, "--floor"]
    commands = (strict, [*pytest, "--nbmake"], floor)
    value, made, kernels = in_turn(1, *[lambda command=c: start(command) for c in commands])
    measure, count = "validate all notebooks strictly", len(list(NOTEBOOKS.glob("*.ipynb")))
    return [
        Row(measure, value, "nbmake, one after another too", made),
        Row(measure, value, f"{count} kernels with their imports, two at a time", kernels),
    ]


def imported(path: Path) -> str:
    """The import statements of a notebook."""
    import nbformat
    from IPython.core.inputtransformer2 import TransformerManager

    python = TransformerManager().transform_cell
    cells = nbformat.read(path, as_version=4).cells
    sources = [python(cell.source) for cell in cells if cell.cell_type == "code"]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    return "\n".join(ast.unparse(n) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom))


def kernels() -> None:
    """Run the imports of each notebook in a kernel of its own, two at a time."""
    import asyncio

    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook
    from traitlets.config import Config

    config = Config({"KernelManager": {"transport_encryption": "auto"}})
    place = {"resources": {"metadata": {"path": str(NOTEBOOKS)}}}

    def one(source):
        notebook = new_notebook(cells=[new_code_cell(source)])
        client = NotebookClient(notebook, kernel_name="python3", config=config, **place)
        asyncio.run(client.async_execute())

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, map(imported, sorted(NOTEBOOKS.glob("*.ipynb")))))


PARTS = {
    "load": time_load,
    "growth": time_growth,
    "check": time_check,
    "propose": time_propose,
    "paragraph": time_paragraph,
    "export": time_export,
    "import": time_import,
    "run": time_run,
    "validate": time_validate,
    "streams": lambda options: bench_streams.rows(options, Row),
}


HEAD = ["measure", "value", "yardstick", "ratio", "target", "held"]


def show(rows: list[Row]) -> None:
    """Print the table."""
    lines = [HEAD, *[row.cells() for row in rows]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in [lines[0], ["-" * width for width in widths], *lines[1:]]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))


def write(timed: dict[str, list[Row]]) -> None:
    """Put the parts that were timed in the place of their rows in the results."""
    found = {part: [row.cells() for row in rows] for part, rows in timed.items()}
    if RESULTS.exists():
        before = pd.read_csv(RESULTS, dtype=str, keep_default_na=False)
        for part, rows in before.set_index("part").groupby(level=0):
            found.setdefault(part, rows.to_numpy().tolist())
    rows = [[part, *cells] for part in PARTS for cells in found.get(part, [])]
    pd.DataFrame(rows, columns=["part", *HEAD]).to_csv(RESULTS, index=False, lineterminator="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="most events, or entries")
    parser.add_argument("--rows", type=int, default=10**5, help="events to check")
    parser.add_argument("--stream-rows", type=int, default=3 * 10**7, help="most stream rows")
    parser.add_argument("--repeats", type=int, default=9, help="of which the median is taken")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/speed.csv")
    parser.add_argument("--floor", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        return kernels()
    timed = {}
    for part in options.only:
        print(f"timing {part} ...", file=sys.stderr)
        timed[part] = PARTS[part](options)
    show([row for rows in timed.values() for row in rows])
    if options.write:
        write(timed)


if __name__ == "__main__":
    main()
