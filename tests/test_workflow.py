"""The workflow tests the lock everywhere on each push, and the ends of the bounds each week."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
# YAML 1.1 reads the key `on` as true.
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
WHEN, JOBS = WORKFLOW[True], WORKFLOW["jobs"]
EACH_PUSH, EACH_WEEK = ["pip", "conda"], ["oldest", "latest", "watch"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CODE = re.search(r"^CODE := \$\(wildcard (.+)\)$", MAKEFILE, re.M)[1]
TARGETS = re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.M)


def commands(job):
    """Every line that the steps of a job run."""
    return [line for step in JOBS[job]["steps"] for line in step.get("run", "").splitlines()]


def test_every_job_runs_either_on_each_push_or_each_week():
    """Pushes and pull requests test the lock; the schedule is weekly, and runs by hand too."""
    assert {"push", "pull_request", "schedule", "workflow_dispatch"} == set(WHEN)
    (schedule,) = WHEN["schedule"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", schedule["cron"])
    assert set(JOBS) == {*EACH_PUSH, *EACH_WEEK}
    assert {JOBS[job]["if"] for job in EACH_PUSH} == {"github.event_name != 'schedule'"}
    weekly = "github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'"
    assert {JOBS[job]["if"] for job in EACH_WEEK} == {weekly}


def test_the_lock_is_tested_on_three_systems_and_with_conda():
    """Linux, macOS and Windows with pip, the oldest Python among them, and conda-forge."""
    matrix = JOBS["pip"]["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    assert "3.11" in matrix["python"]
    assert JOBS["pip"]["strategy"]["fail-fast"] is False
    (conda,) = [s for s in JOBS["conda"]["steps"] if "micromamba" in s.get("uses", "")]
    assert conda["with"]["environment-file"] == "environment.yml"


@pytest.mark.parametrize("job", EACH_PUSH)
def test_without_make_the_same_is_run(job):
    """Where there is no make, every command of `make run` and `make test` stands by itself."""
    recipe = "".join(re.findall(r"^(?:run|test): .*\n((?:\t.*\n)+)", MAKEFILE, re.M))
    asked = {re.sub(r"^python -m ", "", line) for line in commands(job)}
    for line in re.findall(r"\$\(BIN\)/(.+)", recipe):
        assert line.replace("$(CODE)", CODE) in asked, line


def test_the_oldest_are_tested_with_the_oldest_python():
    """The bound on Python is a bound like the others."""
    steps = [step["with"] for step in JOBS["oldest"]["steps"] if "with" in step]
    assert {"python-version": "3.11"} in steps
    assert "make PYTHON=python test-oldest" in commands("oldest")


def test_the_newest_are_tested_and_what_moved_is_said():
    """After the tests, failed or not, the notebooks are run and compared with those committed."""
    assert commands("latest")[0] == "make PYTHON=python test-latest"
    (step,) = [step for step in JOBS["latest"]["steps"] if "moved" in step.get("name", "")]
    assert step["if"] == "always()"
    ran, compared = step["run"].splitlines()
    assert ran == "build/latest/bin/jkrel run --inplace"
    assert compared == "build/latest/bin/jkrel diff HEAD"


@pytest.mark.parametrize("job", EACH_WEEK)
def test_a_weekly_job_runs_only_what_it_has(job):
    """Without .venv on the path, commands are those of make, or stand in a folder of their own."""
    assert [line for line in commands(job) if not line.startswith(("make ", "build/"))] == []


def test_what_is_installed_on_windows_is_found_by_later_steps():
    """The path that steps share is written as Windows writes it, not as the shell does."""
    (line,) = [line for line in commands("pip") if line.endswith('>> "$GITHUB_PATH"')]
    assert line == 'echo "$GITHUB_WORKSPACE/.venv/Scripts" >> "$GITHUB_PATH"'


def test_what_the_workflow_makes_is_a_target():
    """Each `make` command of the workflow names a target of the Makefile."""
    lines = [line for job in JOBS for line in commands(job) if line.startswith("make ")]
    asked = {word for line in lines for word in line.split()[1:] if "=" not in word}
    assert {"test", "test-oldest", "test-latest", "audit", "links"} <= asked <= set(TARGETS)


def test_the_workflow_may_only_read():
    """No job can write to the repository."""
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [job for job in JOBS if "permissions" in JOBS[job]] == []
    uses = [step for job in JOBS.values() for step in job["steps"] if "uses" in step]
    checkouts = [step["with"] for step in uses if step["uses"].startswith("actions/checkout@")]
    assert checkouts == [{"persist-credentials": False}] * len(JOBS)
