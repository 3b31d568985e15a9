"""A reader opens a notebook in JupyterLab: it runs, shows its figures, and asks for its token."""

import re
import urllib.error
import urllib.request

import browser
import lab
import pandas as pd
import pytest

SHOWN = "00_template"


@pytest.fixture(scope="module")
def server():
    """JupyterLab over a copy of the notebooks."""
    with lab.served() as running:
        yield running


@pytest.fixture(scope="module")
def recorded():
    """The last run of all notebooks, as it stands in benchmarks/results."""
    return pd.read_csv(lab.RESULTS, keep_default_na=False).to_dict("records")


def status(address):
    """The status with which an address answers."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_notebook_runs_and_shows_its_figures(server, chromium):
    """Every cell runs in order, every committed figure is seen, and no error, no dialog."""
    row = lab.run(chromium, server, SHOWN)
    assert row["figures"] > 0
    assert lab.is_whole(row), row


@pytest.mark.parametrize("path", ["api/contents", "api/kernels", "api/sessions", "api/terminals"])
def test_without_the_token_nothing_is_served(server, path):
    """Files, kernels and terminals are refused without the token, and with a wrong one."""
    assert status(f"{server.url}{path}") == 403
    assert status(f"{server.url}{path}?token=0") == 403


@pytest.mark.parametrize("path", ["lab", f"files/{SHOWN}.ipynb"])
def test_without_the_token_a_page_asks_for_it(server, path):
    """Pages and files lead to the form that asks for the token."""
    with urllib.request.urlopen(f"{server.url}{path}", timeout=60) as answer:
        assert answer.url.startswith(f"{server.url}login?")


def test_with_the_token_files_are_served(server):
    """The same address answers whoever has the token."""
    assert status(f"{server.url}api/contents?token={server.token}") == 200


def test_the_token_cannot_be_guessed(server):
    """It is made anew at each start, and has at least 128 bits."""
    assert re.fullmatch(r"[0-9a-f]{32,}", server.token)


def test_no_setting_takes_the_token_away():
    """`make lab` starts JupyterLab as it comes, and the repository has no settings for it."""
    makefile = (lab.ROOT / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^lab: .*\n((?:\t.*\n)+)", makefile, re.M)
    assert re.fullmatch(r"\tcd notebooks && \S+/jupyter lab\n", recipe)
    settings = [p for p in lab.ROOT.rglob("jupyter*config*") if ".venv" not in p.parts]
    assert [p for p in settings if "build" not in p.parts] == []


def test_the_notebooks_stay_as_they_are(server):
    """JupyterLab works on a copy, and saves there."""
    assert not server.folder.is_relative_to(lab.ROOT)


def test_each_notebook_was_whole_in_the_long_run(recorded):
    """The table has every notebook, with its code cells and figures of today."""
    assert [r["notebook"] for r in recorded] == sorted(
        p.stem for p in lab.NOTEBOOKS.glob("*.ipynb")
    )
    assert [row for row in recorded if not lab.is_whole(row)] == []
    assert [row["committed"] for row in recorded] == [
        lab.committed(r["notebook"]) for r in recorded
    ]


def test_without_a_browser_a_reader_goes_on_and_ci_fails(monkeypatch):
    """What needs a browser is skipped with the way out, but never where all must be proved."""
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        browser.without(OSError("Chrome is not found\nmore"))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(OSError):
        browser.without(OSError("Chrome is not found"))
