"""How many made-up cases a property is tried on, and a count of those that were tried.

``make test`` tries a few, always the same; ``HYPOTHESIS_PROFILE=nightly`` tries many, ever new.
``pytest --fuzzing FILE`` writes one row per property: where it stands, what it says, the cases
tried, and how often it failed.
"""

import csv
import functools
import gc
import os
import sys
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import StopTest, UnsatisfiedAssumption

PROFILES = {"quick": 20, "nightly": 250}
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "quick")
NIGHTLY = PROFILE == "nightly"
USUAL = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}
USUAL |= {"phases": [Phase.explicit, Phase.generate, Phase.shrink]}


def register() -> None:
    """Make the profiles known, and choose one."""
    for name, cases in PROFILES.items():
        derandomize = name == "quick"
        settings.register_profile(name, max_examples=cases, derandomize=derandomize, **USUAL)
    settings.load_profile(PROFILE)


def times(factor: float) -> settings:
    """Settings for a property tried more or less often than others, by what a case costs."""
    return settings(max_examples=max(2, round(settings.default.max_examples * factor)))


def calls(function, *arguments) -> int:
    """Count the calls of Python and C functions that a call makes: work, whatever the machine."""
    count = 0

    def step(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(step)
    try:
        function(*arguments)
    finally:
        sys.setprofile(before)
    return count


def steps(function, *arguments) -> int:
    """Count the instructions of Python that a call runs, those of its loops among them."""
    count = 0

    def step(frame, event, argument):
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


def seconds(function, *arguments) -> float:
    """Time of the processor for a call, without the collection of garbage: the best of three."""
    taken = []
    for _ in range(3):
        gc.collect()
        gc.disable()
        start = time.process_time()
        function(*arguments)
        taken.append(time.process_time() - start)
        gc.enable()
    return min(taken)


class Count:
    """Counts the cases of each property, by a wrapper around what Hypothesis calls for each."""

    def __init__(self, path: Path):
        self.path, self.cases, self.failures, self.about = path, Counter(), Counter(), {}

    def pytest_itemcollected(self, item):
        inner = getattr(getattr(item, "obj", None), "hypothesis", None)
        if inner is None or hasattr(inner.inner_test, "counted"):
            return
        name, test = f"{item.path.stem}::{item.originalname}", inner.inner_test

        @functools.wraps(test)
        def counting(*arguments, **options):
            try:
                done = test(*arguments, **options)
            except (UnsatisfiedAssumption, StopTest):
                raise
            except BaseException:
                self.cases[name] += 1
                raise
            self.cases[name] += 1
            return done

        counting.counted = True
        inner.inner_test = counting
        self.about[name] = item.obj.__doc__.split("\n")[0]

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.partition("[")[0].replace(".py", "").rpartition("/")[2]
        if report.when == "call" and report.failed and name in self.about:
            self.failures[name] += 1

    def pytest_sessionfinish(self):
        rows = [
            (name.partition("::")[0], about, self.cases[name], self.failures[name])
            for name, about in self.about.items()
            if self.cases[name]
        ]
        totals = sum(self.cases.values()), sum(self.failures.values())
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["module", "property", "cases", "failures"])
            writer.writerows([*rows, ("all", "", *totals)])


def pytest_addoption(parser):
    parser.addoption("--fuzzing", type=Path, metavar="FILE", help="write the cases per property")


def pytest_configure(config):
    if config.getoption("--fuzzing"):
        config.pluginmanager.register(Count(config.getoption("--fuzzing")))


register()
