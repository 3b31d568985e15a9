"""The page on how jkrel is tested: records as they stand, and what was never run said so."""

import re
import shutil
import subprocess

import pytest

from jkrel.publish import records

GIT = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]


@pytest.fixture
def folder(tmp_path):
    """Records of two commands, of which one was run."""
    made = tmp_path / "results"
    made.mkdir()
    head = "file,title,command,says\n"
    text = 'run.csv,A title,make run,It was run.\nnot.csv,Another,make other,"Not yet, that is."\n'
    (made / "results.csv").write_text(head + text, encoding="utf-8")
    (made / "run.csv").write_text("way_of,tries\n<b>one</b>,2\n", encoding="utf-8")
    return made


def git(folder, *arguments):
    """Run git in a folder."""
    if shutil.which("git") is None:
        pytest.skip("no git here")
    done = subprocess.run([*GIT, "-C", folder, *arguments], capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture
def committed(folder):
    """The same records in a repository of their own, as of a day."""
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "Record a run", "--date", "2031-01-02T12:00:00Z")
    return folder


def page(folder, monkeypatch):
    """The page, made from records of a folder."""
    monkeypatch.setattr(records, "RESULTS", folder)
    return records.tested(None)["tested.md"]


def test_a_record_is_shown_with_its_command(folder, monkeypatch):
    """Heads are words, cells are escaped, and the text on it stands."""
    text = page(folder, monkeypatch)
    assert '<th scope="col">way of</th>' in text
    assert "<td>&lt;b&gt;one&lt;/b&gt;</td><td>2</td>" in text
    assert "<p>Command: <code>make run</code>.</p>" in text
    assert "It was run." in text


def test_what_was_not_run_says_so(folder, monkeypatch):
    """A record that is not there keeps its section, with the command that makes it."""
    text = page(folder, monkeypatch)
    assert '<h2 id="not">Another</h2>\n<p>Not run yet: <code>make other</code>.</p>' in text
    assert "Not yet, that is." in text


def test_a_record_has_the_day_and_the_revision_of_its_last_change(committed, monkeypatch):
    """Both are those of the commit, and the page shows them."""
    date, revision = git(committed, "log", "-1", "--format=%cs %h").split()
    assert records.changed(committed / "run.csv") == {"date": date, "revision": revision}
    told = f"Record last changed on {date} (revision <code>{revision}</code>)."
    assert told in page(committed, monkeypatch)


def test_a_record_that_was_changed_since_has_no_day(committed):
    """What git has not seen is not dated by what it saw before."""
    (committed / "run.csv").write_text("way,tries\none,3\n", encoding="utf-8")
    assert records.changed(committed / "run.csv") == {}
    (committed / "new.csv").write_text("way,tries\n", encoding="utf-8")
    assert records.changed(committed / "new.csv") == {}


def test_a_shallow_clone_gives_no_day(committed, tmp_path):
    """There, the oldest revision at hand would seem to have made every record."""
    (committed / "other.csv").write_text("a\n", encoding="utf-8")
    git(committed, "add", ".")
    git(committed, "commit", "--quiet", "-m", "Record another run")
    git(tmp_path, "clone", "--quiet", "--depth", "1", committed.as_uri(), "clone")
    assert records.changed(committed / "run.csv") != {}
    assert records.changed(tmp_path / "clone" / "run.csv") == {}


def test_outside_a_repository_or_without_git_there_is_no_day(folder, monkeypatch):
    """The page is made all the same."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
    assert records.changed(folder / "run.csv") == {}
    monkeypatch.setenv("PATH", str(folder))
    assert records.changed(folder / "run.csv") == {}
    assert "last changed on" not in page(folder, monkeypatch)


def test_no_record_shows_the_names_of_test_functions():
    """Properties are told in words."""
    cells = [
        cell
        for record in records.records(records.RESULTS)
        for row in record["rows"]
        for cell in row
    ]
    assert cells
    assert not [cell for cell in cells if re.search(r"::test_", cell)]
