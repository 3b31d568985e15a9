"""Nothing runs, asks the network or writes unless told to, and no path leads out of its folder."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from conftest import DATA
from nbformat.v4 import new_markdown_cell, new_notebook

from jkrel import cli, codebook, merge
from jkrel.publish import execution

ROOT = Path(__file__).parents[1]
WATCH = """
import sys

STARTS = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system",
          "os.startfile", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser.", "pty.")
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
           "os.chmod", "os.chown", "shutil.", "tempfile.")
SEEN = []

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes or event.startswith(STARTS + CHANGES):
        SEEN.append(f"{event} {arguments[:1]!r}")

sys.addaudithook(watch)
"""
"""Python itself reports what it does to such a hook, whichever library asks for it."""


def seen(code):
    """What a fresh Python starts, asks of the network, or changes while it runs this code."""
    program = f"{WATCH}\n{code}\nsys.stderr.write('\\n'.join(SEEN))"
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    ("code", "event"),
    [
        ("import socket\nsocket.socket().close()", "socket."),
        ("import subprocess\nsubprocess.run([sys.executable, '-V'])", "subprocess.Popen"),
        ("import os\nopen(os.devnull, 'w').close()", "open"),
        ("import os\nos.system('')", "os.system"),
    ],
)
def test_what_must_not_happen_would_be_seen(code, event):
    """A socket, a process, a file written and a shell are each noticed."""
    assert any(line.startswith(event) for line in seen(code))


@pytest.mark.parametrize(
    "code",
    [
        "import jkrel",
        "import jkrel\njkrel.load()",
        "from jkrel import cli\nassert cli.main(['check']) == 0",
        "from jkrel import cli\nassert cli.main(['cite', '--dataset']) == 0",
    ],
)
def test_import_load_and_check_only_read(code):
    """No process is started, no socket opened and no file changed."""
    assert seen(code) == []


def modules():
    """The names of all modules of the package, but for the one that is run."""
    names = {path.stem for path in (ROOT / "jkrel").glob("*.py")}
    return sorted(names - {"__init__", "__main__"})


def test_importing_any_module_changes_nothing_of_ours():
    """Every module is imported at once: nothing is fetched, and no file of the repository opened
    to be written."""
    lines = seen(f"for name in {modules()}:\n    __import__(f'jkrel.{{name}}')")
    assert [line for line in lines if line.startswith(("socket.connect", "socket.getaddr"))] == []
    assert [line for line in lines if str(ROOT) in line] == []


@pytest.fixture
def package(folder):
    """Change the descriptor of a copy of the data."""
    path = folder.path / "datapackage.json"

    def change(**cells):
        descriptor = json.loads(path.read_text(encoding="utf-8"))
        descriptor["resources"][0] |= cells
        path.write_text(json.dumps(descriptor), encoding="utf-8")
        return folder.path

    return change


@pytest.mark.parametrize(
    "path",
    ["../events.csv", "codes/../../events.csv", "/etc/passwd", r"..\events.csv", "C:/events.csv"],
)
def test_a_table_lies_in_its_folder(package, path):
    """A path of datapackage.json that leads out of the folder is refused, there or not."""
    with pytest.raises(ValueError, match="leaves the folder"):
        codebook.read(package(path=path))


@pytest.mark.parametrize("name", ["../events", "/tmp/events", "events; DROP TABLE x", ""])
def test_the_name_of_a_table_is_a_plain_name(package, name):
    """Files and tables are named after it elsewhere, so that it may hold no path."""
    with pytest.raises(ValueError, match="letters, digits"):
        codebook.read(package(name=name))


@pytest.mark.parametrize("place", ["../outside.csv", "codes/../../outside.csv", "/outside.csv"])
def test_a_recovery_writes_in_its_folder(folder, place):
    """A staging folder that came with the data cannot have a file elsewhere replaced."""
    outside = folder.path.parent / "outside.csv"
    outside.write_text("mine", encoding="utf-8")
    name = str(outside) if place.startswith("/") else place
    stage = folder.path / f"{merge.STAGE}theirs"
    stage.mkdir()
    (stage / "outside.csv").write_text("theirs", encoding="utf-8")
    hashes = [hashlib.sha256(text).hexdigest() for text in (b"mine", b"theirs")]
    (stage / merge.JOURNAL).write_text(json.dumps({name: hashes}), encoding="utf-8")
    with pytest.raises(ValueError, match="is not in"):
        merge.recover(folder.path)
    assert outside.read_text(encoding="utf-8") == "mine"


def test_a_run_writes_in_its_build_folder(tmp_path):
    """Wherever a notebook lies and whatever it is called, what it gives lands in the build."""
    path = tmp_path / "deep" / ".. %2e%2e" / "..ipynb.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Text")]), path)
    build = tmp_path / "build"
    (result,) = execution.run([path.parent / ".." / path.parent.name / path.name], build)
    assert result.error is None
    assert all(file.resolve().is_relative_to(build.resolve()) for file in result.files)
    assert {file.name for file in tmp_path.iterdir()} == {"deep", "build"}


@pytest.mark.parametrize("source", ["../cc99-9", "cc99/9", "/cc99-9", "cc99-9\n"])
def test_a_source_is_no_path(source, tmp_path, capsys):
    """The id that a proposal is made under is letters and numbers, and nothing else."""
    article = DATA / "examples" / "made_up_chronology.txt"
    output = tmp_path / "proposed.csv"
    assert cli.main(["propose", str(article), "--source", source, "-o", str(output)]) == 2
    assert "is no id of a source" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_proposal_is_two_files_where_it_was_asked_for(tmp_path, monkeypatch):
    """The file named and its untouched copy; no file of either name is ever written over."""
    monkeypatch.chdir(tmp_path)
    article = DATA / "examples" / "made_up_chronology.txt"
    arguments = ["propose", str(article), "--source", "cc99-9", "-o", "out/../mine.csv"]
    Path("out").mkdir()
    assert cli.main(arguments) == 0
    assert sorted(p.name for p in tmp_path.rglob("*.csv")) == ["mine.csv", "mine.first.csv"]
    shutil.move("mine.csv", "edited.csv")
    first = Path("mine.first.csv").read_bytes()
    Path("mine.first.csv").write_bytes(first + b"\n")
    assert cli.main(arguments) == 2
    assert Path("mine.first.csv").read_bytes() == first + b"\n"
    assert not Path("mine.csv").exists()


def test_what_runs_notebooks_is_loaded_on_request_alone():
    """Loading, checking and citing do not even import what could start a kernel."""
    code = "import jkrel\njkrel.load()\nfrom jkrel import cli\ncli.main(['check'])\n"
    code += "cli.main(['cite', '--dataset'])\nassert not {'nbclient', 'zmq'} & {*sys.modules}"
    assert seen(code) == []
