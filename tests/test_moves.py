"""Which numbers and figures of notebooks moved, and by how much."""

import base64
import io
import shutil
from pathlib import Path

import nbformat
import pytest
from conftest import DATA
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from jkrel import cli, moves


def words(text):
    return new_output("display_data", {"text/markdown": text})


def picture(*pixels):
    """A figure of one row of black (0) and white (1) pixels."""
    image = Image.new("RGB", (len(pixels), 1))
    image.putdata([(255 * pixel,) * 3 for pixel in pixels])
    file = io.BytesIO()
    image.save(file, "PNG")
    return new_output("display_data", {"image/png": base64.b64encode(file.getvalue()).decode()})


@pytest.fixture
def moved(tmp_path):
    """Compare two notebooks, each given by its cells: id and outputs."""

    def compare(old, new):
        for name, cells in (("old", old), ("new", new)):
            (tmp_path / name).mkdir()
            notebook = new_notebook(
                cells=[new_code_cell("x", id=id_, outputs=outputs) for id_, *outputs in cells]
            )
            nbformat.write(notebook, tmp_path / name / "02_made_up.ipynb")
        found = moves.moved(tmp_path / "old", tmp_path / "new")
        return [tuple(row) for row in found[["cell", "what", "old", "new", "change"]].values]

    return compare


@pytest.fixture
def states(tmp_path):
    """Two folders with data and one notebook each, which counts 12 and 15 meetings."""
    for name, count in (("before", 12), ("after", 15)):
        shutil.copytree(DATA, tmp_path / name / "data")
        (tmp_path / name / "notebooks").mkdir()
        cell = new_code_cell("x", id="a", outputs=[words(f"There are {count} meetings.")])
        nbformat.write(
            new_notebook(cells=[cell]), tmp_path / name / "notebooks" / "02_made_up.ipynb"
        )
    return [str(tmp_path / name / "data") for name in ("before", "after")]


def test_the_command_tells_what_moved_beside_the_data(states, capsys):
    """``jkrel diff`` compares the notebooks that stand beside the data, if both sides have some."""
    assert cli.main(["diff", *states]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "0 differences, 0 of them without a reason"
    assert "02_made_up" in out[2] and "12" in out[2] and "15" in out[2]
    assert out[-1] == "1 numbers and 0 figures of notebooks moved"


def test_nothing_is_told_of_notebooks_that_are_not_there(states, capsys):
    """Data alone are compared as data alone."""
    shutil.rmtree(Path(states[1]).parent / "notebooks")
    assert cli.main(["diff", *states]) == 0
    assert capsys.readouterr().out == "0 differences, 0 of them without a reason\n"


def test_the_same_outputs_have_not_moved(moved):
    """Equal numbers and figures are no difference."""
    cells = [("a", words("There are 12 meetings.")), ("b", picture(0, 1))]
    assert moved(cells, cells) == []


def test_a_number_moves_by_the_difference(moved):
    """A number that changed is told with both values and what it moved by."""
    old, new = words("Of 1,200 acts 40% are answered."), words("Of 1,250 acts 40% are answered.")
    assert moved([("a", old)], [("a", new)]) == [("a", "number", "1,200", "1,250", 50.0)]


def test_a_cell_put_in_between_moves_nothing_but_itself(moved):
    """Cells are matched by their id: what comes later keeps its numbers."""
    first, last = ("a", words("12 meetings.")), ("c", words("7 calls."))
    found = moved([first, last], [first, ("b", words("5 visits.")), last])
    assert [row[:4] for row in found] == [("b", "number", "", "5")]
    assert found[0][4] is None


def test_numbers_of_different_sentences_are_no_pair(moved):
    """What a cell says elsewise came and went; what it says still is matched across it."""
    same = " Of the acts of both states 40% are answered within the week."
    old = words("In those years the leaders of the two met 12 times, more than ever." + same)
    new = words("Nobody protested on any of 15 anniversaries." + same.replace("40", "41"))
    found = moved([("a", old)], [("a", new)])
    assert sorted(row[2:4] for row in found) == [("", "15"), ("12", ""), ("40%", "41%")]


def test_a_sentence_put_before_moves_no_number(moved):
    """Numbers are matched by their words, not by their place in the cell."""
    last = "After a long winter the ministers of both sides held 12 meetings in the two capitals."
    old, new = words(last), words(f"Seven states and 3 bodies took part.\n\n{last}")
    assert moved([("a", old)], [("a", new)]) == [("a", "number", "", "3", None)]


def test_a_figure_moves_by_the_share_of_its_pixels(moved):
    """Of four pixels one differs: a quarter; another size differs wholly."""
    found = moved([("a", picture(0, 0, 1, 1))], [("a", picture(0, 1, 1, 1))])
    assert found == [("a", "figure", "", "", 0.25)]


def test_a_figure_of_another_size_differs_wholly(moved):
    """Pictures that cannot be laid over one another differ in every pixel."""
    assert moved([("a", picture(0))], [("a", picture(0, 0))])[0][4] == 1.0
