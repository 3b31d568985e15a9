"""What the README shows works: its links, commands and example."""

import re
import shlex
from pathlib import Path

import pytest
from test_merge import Proposal, row

from jkrel import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINKS = sorted(set(re.findall(r"\]\(([^)#]+)\)", README)))
COMMANDS = sorted(set(re.findall(r"`(jkrel [^`]+)`", README)))


@pytest.mark.parametrize("link", [link for link in LINKS if "://" not in link])
def test_a_link_leads_to_a_file(link):
    """Links of the README are files and folders of the repository."""
    assert (ROOT / link).exists()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z-]+)", README))))
def test_a_make_command_is_a_target(target):
    """Each make command named is a target of the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:.*## ", makefile, re.M)


@pytest.mark.parametrize("command", [c for c in COMMANDS if not re.search("[A-Z]{3}", c)])
def test_a_jkrel_command_runs(command, capsys):
    """Each command that needs no file of the reader's runs and prints something."""
    assert cli.main(shlex.split(command)[1:]) == 0
    assert capsys.readouterr().out.strip()


def test_the_example_of_a_merge_merges(folder, tmp_path, monkeypatch, capsys):
    """Its words, on a made-up proposal with a dispute, add all of it to a copy of the data."""
    (example,) = re.findall(r"```\n(jkrel merge .*?)\n```", README, re.S)
    proposal = Proposal(folder)
    act = {"event_type": "contested_act", "issue": "territory", "recipients": "KOR"}
    proposal.write([row("made9-9-001a", "2023-02-02", **act, valence="-1")])
    header = ",".join(folder.rows("disputes")[0])
    line = "made9-9-001a,other,false,,,"
    (tmp_path / "disputes.csv").write_text(f"{header}\n{line}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JKREL_DATA", str(folder.path))
    assert cli.main(shlex.split(example.replace("\\\n", " "))[1:]) == 0
    assert capsys.readouterr().out.startswith("Added 1 event of made9-9.")


def test_the_example_runs():
    """The Python example gives events with their sources."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.S)
    *statements, last = example.strip().splitlines()
    names: dict = {}
    exec("\n".join(statements), names)
    traced = eval(last, names)
    assert len(traced) >= len(names["history"].events) > 0
    assert traced["url"].notna().all()


def test_every_notebook_is_in_the_table():
    """The table of the README lists the notebooks there are, in order."""
    listed = re.findall(r"\]\(notebooks/(\w+)\.ipynb\)", README)
    assert listed == sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
