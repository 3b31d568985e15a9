"""End real processes at random points, and see what they leave: the old state or the new.

``python tests/interruptions.py --kills 200`` does so for `merge`, `run --inplace` and `export`, and
writes ``benchmarks/results/interruptions.csv``. Processes are ended by SIGKILL before a random
operation on files or at a random moment, find the disk full, or the folder read-only.
"""

import argparse
import atexit
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
from conftest import DATA, Folder
from nbformat import v4, write
from test_merge import SOURCE, WINDOW, Proposal

from jkrel import load, merge

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "interruptions.csv"
PROCESS = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("interrupted.py"))]


@dataclass
class Act:
    """A verb that writes to a folder: how it is called, and what it may leave.

    `state` gives the bytes that are to be the old ones or the new ones; `settle` is the next start;
    `stands` tells whether either is there before it.
    """

    folder: Path
    arguments: list
    state: Callable[[], dict]
    settle: Callable[[], object]
    stands: Callable[[], bool] = lambda: True

    def run(self, step=0, moment=0.0, size=0, wrap=None):
        """Run in a process of its own; return its exit code and what it printed.

        The process ends itself before operation `step` on files, or `moment` seconds after the
        first; no file of it grows over `size` bytes; `wrap` is a command put before it.
        """
        given = [str(part) for part in (self.folder, step, moment, size, *self.arguments)]
        if wrap is None:
            nursery = _nursery()
            nursery.stdin.write(json.dumps(given) + "\n")
            nursery.stdin.flush()
            return json.loads(nursery.stdout.readline())
        done = subprocess.run([*wrap, *PROCESS, *given], capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr


@cache
def _nursery() -> subprocess.Popen:
    """The process that starts the others."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    started = subprocess.Popen(PROCESS, text=True, **pipes)
    atexit.register(started.communicate)
    return started


def files(*places: Path) -> dict[Path, bytes]:
    """The bytes of files, and of all files in folders."""
    found = [path for place in places for path in (place, *place.rglob("*")) if path.is_file()]
    return {path: path.read_bytes() for path in found}


def merging(folder: Path) -> Act:
    """`merge`: a made-up article joins a copy of the data, beside a changelog."""
    data = Path(shutil.copytree(DATA, folder / "data"))
    proposal = Proposal(Folder(data))
    cells = [[f"{name}={value}" for name, value in given.items()] for given in (SOURCE, WINDOW)]
    given = ["--data", data, "--article", *cells[0], "--window", *cells[1]]
    state = partial(files, data, proposal.changelog)
    return Act(folder, ["merge", proposal.path, *given], state, partial(merge.recover, data))


def running(folder: Path) -> Act:
    """`run --inplace`: a notebook without outputs gets them."""
    path = folder / "notebook.ipynb"
    cells = [v4.new_markdown_cell("# Sums", id="a"), v4.new_code_cell("1 + 1", id="b")]
    write(v4.new_notebook(cells=cells), path)
    given = ["run", path, "--inplace", "--jobs", 1, "--build", folder / "build"]
    return Act(folder, given, partial(files, path), lambda: None)


def exporting(folder: Path) -> Act:
    """`export --force`: an export of the data is replaced by one of a later version."""
    from jkrel.export import export

    target, data = folder / "tables", Path(shutil.copytree(DATA, folder / "data"))
    export(load(data), "csv", target)
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    text = json.dumps(package | {"version": "99.0.0"}, ensure_ascii=False, indent=2)
    (data / "datapackage.json").write_text(text, encoding="utf-8")

    def settle():
        with suppress(FileExistsError):
            export(load(data), "csv", target)

    given = ["export", "--to", "csv", target, "--data", data, "--force"]
    stands = target.is_dir if sys.platform in ("linux", "darwin") else lambda: True
    return Act(folder, given, partial(files, target), settle, stands)


VERBS = {"merge": merging, "run --inplace": running}
if find_spec("jkrel.export"):
    VERBS["export"] = exporting


SHARES = {"merge": 0.35, "run --inplace": 0.15, "export": 0.5}
"""Of the kills: a kernel takes longest to start."""


class Trial:
    """A verb on a folder that is put back after each attempt."""

    def __init__(self, verb: str, place: Path, seed: int):
        self.folder, self.rng = place / "folder", random.Random(f"{verb} {seed}")
        self.folder.mkdir()
        self.act = VERBS[verb](self.folder)
        self.old = self.act.state()
        self.spare = Path(shutil.copytree(self.folder, place / "spare"))
        code, out, error = self.act.run()
        assert code == 0, error
        self.new = self.act.state()
        assert self.new != self.old
        self.steps, self.span = json.loads(out.splitlines()[-1])
        self.restore()

    def restore(self) -> None:
        for path in self.folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.spare, self.folder, dirs_exist_ok=True)

    def left(self) -> str:
        """What the next start finds: the old state, the new, or a mixture."""
        stood = self.act.stands()
        self.act.settle()
        state = self.act.state() if stood else {}
        self.restore()
        return "old" if state == self.old else "new" if state == self.new else "mixture"

    def at_a_step(self) -> str | None:
        """SIGKILL before a random operation on files; None if it was over by then."""
        code, *_ = self.act.run(step=self.rng.randint(1, self.steps))
        found = self.left()
        return found if code == -9 else None

    def at_a_moment(self) -> str | None:
        """SIGKILL at a random moment after the first operation; None if it was over by then."""
        code, *_ = self.act.run(moment=self.rng.uniform(0.0001, self.span))
        found = self.left()
        return found if code == -9 else None

    def with_small_files(self) -> str:
        """No file may grow over a random size, as when a disk is full."""
        largest = max(len(content) for content in self.new.values())
        return self._told(*self.act.run(size=self.rng.randint(1, largest)))

    def on_a_full_disk(self) -> str:
        """The folder is a disk of its own, with a random rest of room."""
        used = sum(path.stat().st_blocks for path in self.spare.rglob("*")) * 512
        room = self.rng.randint(1, 2 * sum(map(len, self.new.values())))
        with disk(self.folder, used + room):
            shutil.copytree(self.spare, self.folder, dirs_exist_ok=True)
            return self._told(*self.act.run())

    def in_a_read_only_folder(self) -> str:
        """Nothing can be written to the folder."""
        with read_only(self.folder) as wrap:
            done = self.act.run(wrap=wrap)
        return self._told(*done)

    def _told(self, code: int, out: str, error: str) -> str:
        own, *_ = error.partition("Exception ignored in atexit")  # a kernel that could not start
        assert code in (0, 1, 2) and "Traceback" not in own, error
        found = self.left()
        assert (code == 0) == (found == "new"), (code, found, error)
        return found


@contextmanager
def disk(place: Path, size: int):
    """A disk in memory of a size in bytes."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def read_only(place: Path):
    """A command to put before another, which then cannot write to a folder.

    Permissions do not bind root, who sees the folder bound read-only within a process instead.
    """
    if os.geteuid() == 0:
        bound = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
        yield ["unshare", "--mount", "sh", "-c", bound, str(place)]
        return
    folders = [place, *(path for path in place.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        yield []
    finally:
        for path in folders:
            path.chmod(0o755)


def mounts() -> bool:
    """Whether this process may mount."""
    with tempfile.TemporaryDirectory() as place:
        tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", place]
        return (
            shutil.which("unshare") is not None
            and not subprocess.run(tried, capture_output=True).returncode
        )


WAYS = {
    "SIGKILL before a file operation": Trial.at_a_step,
    "SIGKILL at a moment": Trial.at_a_moment,
    "file size limited": Trial.with_small_files,
    "disk full": Trial.on_a_full_disk,
    "folder read-only": Trial.in_a_read_only_folder,
}
KILLS = list(WAYS)[:2]


def possible() -> list[str]:
    """The ways that this system allows: mounting needs root."""
    ways = list(WAYS) if mounts() else [way for way in WAYS if way != "disk full"]
    return ways if mounts() or os.geteuid() else [way for way in ways if way != "folder read-only"]


def run(verbs: list[str], ways: dict[str, int], seed: int = 20251, progress=iter) -> pd.DataFrame:
    """Interrupt verbs in several ways, each so many times.

    Returns
    -------
    DataFrame
        A row per verb and way: verb, way, tries, old, new, mixture.
    """
    rows = []
    for verb in verbs:
        with tempfile.TemporaryDirectory() as place:
            trial = Trial(verb, Path(place), seed)
            for way, number in ways.items():
                found = []
                for _ in progress(range(number)):
                    while (state := WAYS[way](trial)) is None:
                        pass
                    found.append(state)
                counts = {state: found.count(state) for state in ("old", "new", "mixture")}
                rows.append({"verb": verb, "way": way, "tries": number} | counts)
    return pd.DataFrame(rows)


def main() -> None:
    """Run from the command line."""
    from tqdm import tqdm

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200, help="of all verbs together")
    parser.add_argument("--seed", type=int, default=20251)
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    chosen = parser.parse_args()
    weights = {verb: SHARES[verb] / sum(SHARES[name] for name in VERBS) for verb in VERBS}
    parts = []
    for verb, weight in weights.items():
        each = math.ceil(chosen.kills * weight / len(KILLS))
        ways = {way: each if way in KILLS else 5 for way in possible()}
        parts.append(run([verb], ways, chosen.seed, partial(tqdm, leave=False)))
    found = pd.concat(parts)
    print(found.to_string(index=False))
    if chosen.write:
        RESULTS.parent.mkdir(exist_ok=True)
        found.to_csv(RESULTS, index=False, lineterminator="\n")
    sys.exit(int(found["mixture"].sum() > 0))


if __name__ == "__main__":
    main()
