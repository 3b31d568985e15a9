"""A new notebook: from the template, under the next number, and never over another."""

import shutil
from inspect import signature

import nbformat
import pytest
import test_notebooks as form

from jkrel import cli
from jkrel.publish import template


@pytest.fixture
def folder(tmp_path):
    """A folder of notebooks with the template and one more."""
    shutil.copy(cli.NOTEBOOKS / template.NAME, tmp_path)
    shutil.copy(cli.NOTEBOOKS / template.NAME, tmp_path / "07_taken.ipynb")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Trade disputes", "08_trade_disputes.ipynb"),
        ("trade_disputes.ipynb", "08_trade_disputes.ipynb"),
        ("03_trade", "03_trade.ipynb"),
        ("12 trade & talks", "12_trade_talks.ipynb"),
    ],
)
def test_it_takes_the_next_number_or_the_one_given(folder, name, file):
    """The name is made of the words, in small letters."""
    path = template.begin(name, folder)
    assert path == folder / file
    assert path.is_file() and not list(folder.glob("*.part"))


@pytest.mark.parametrize("name", ["7_other", "12_taken", "taken", "12", "", "!"])
def test_it_refuses_what_is_taken_or_no_name(folder, name):
    """Nothing is written then."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ValueError, match="there already|names no notebook"):
        template.begin(name, folder)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_it_has_the_form_of_a_notebook(folder):
    """All that the form asks of committed notebooks holds for one just begun."""
    notebook = nbformat.read(template.begin("trade_disputes", folder), as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[0].source.startswith("# Trade disputes\n")
    rules = [rule for name, rule in vars(form).items() if name.startswith("test_")]
    rules = [rule for rule in rules if list(signature(rule).parameters) == ["notebook"]]
    assert len(rules) > 5
    for rule in rules:
        rule(notebook)


def test_the_command_says_what_comes_next(folder, capsys, monkeypatch):
    """Exit code 0, and the file named."""
    monkeypatch.setattr(cli, "NOTEBOOKS", folder)
    assert cli.main(["new", "trade_disputes"]) == 0
    assert str(folder / "08_trade_disputes.ipynb") in capsys.readouterr().out
    assert cli.main(["new", "trade_disputes"]) == 2
    assert "there already" in capsys.readouterr().err


def test_a_new_notebook_runs(folder, capsys, tmp_path):
    """As it is, from top to bottom."""
    path = template.begin("trade_disputes", folder)
    assert cli.main(["run", str(path), "--build", str(tmp_path / "build")]) == 0
    assert "08_trade_disputes.ipynb: " in capsys.readouterr().out
