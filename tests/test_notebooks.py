"""Committed notebooks keep to the form of the template."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest

from jkrel import figures
from jkrel.receipts.numbers import TYPED

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = {
    path.stem: nbformat.read(path, as_version=4) for path in sorted(FOLDER.glob("*.ipynb"))
}


@pytest.fixture(params=NOTEBOOKS)
def notebook(request):
    return NOTEBOOKS[request.param]


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def outputs(notebook):
    return [output for cell in code(notebook) for output in cell.outputs]


def test_it_was_run_from_top_to_bottom(notebook):
    """Cells are numbered from 1 without a gap, and none failed or complained."""
    assert [cell.execution_count for cell in code(notebook)] == list(
        range(1, len(code(notebook)) + 1)
    )
    assert not [
        o for o in outputs(notebook) if o.output_type == "error" or o.get("name") == "stderr"
    ]


def test_it_opens_with_question_data_and_answer(notebook):
    """The first cell says what is asked, of which data, and what was found."""
    first = prose(notebook)[0]
    assert first.startswith("# ")
    assert all(f"**{word}.**" in first for word in ("Question", "Data", "Answer"))


def test_it_closes_with_limits_and_how_to_adapt_it(notebook):
    """The last words are the limits, and what a reader may change."""
    text = "\n".join(prose(notebook))
    assert all(f"## {part}" in text for part in ("Takeaways", "Limits", "Adapt this notebook"))


def test_parameters_are_tagged_and_explained(notebook):
    """One cell holds the parameters: a comment for each."""
    (cell,) = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    names = re.findall(r"^[A-Z_, ]+ = ", cell.source, re.M)
    assert len(re.findall(r"  # |^# ", cell.source, re.M)) >= len(names) > 0


def test_cells_are_short(notebook):
    """A code cell has at most 25 lines and no closing semicolon; pieces of text are as many."""
    sources = [cell.source.rstrip() for cell in code(notebook)]
    assert max(len(source.splitlines()) for source in sources) <= 25
    assert not [source for source in sources if source.endswith(";")]
    assert len(prose(notebook)) + len(rendered(notebook)) >= len(sources)


def test_numbers_of_the_prose_come_from_cells(notebook):
    """Typed text holds no digits but those of names: dates, years, figures, code."""
    text = "\n".join(prose(notebook))
    for pattern in TYPED.values():
        text = re.sub(pattern, "", text)
    assert re.findall(r"[^\n]*\d[^\n]*", text) == []


def rendered(notebook):
    shown = [o.get("data", {}) for o in outputs(notebook)]
    return [data["text/markdown"] for data in shown if "text/markdown" in data]


def captions(notebook):
    return [text for text in rendered(notebook) if text.startswith("**Figure ")]


def test_each_figure_has_its_caption(notebook):
    """Figures are numbered in order, and captions count what is drawn and name the source."""
    pictures = [o for o in outputs(notebook) if "image/png" in o.get("data", {})]
    found = captions(notebook)
    numbers = [int(re.match(r"\*\*Figure (\d+)\.\*\*", text)[1]) for text in found]
    assert numbers == list(range(1, len(pictures) + 1))
    assert all(re.search(r"\bN = |\b\d+ (?:acts|in the)\b", text) for text in found)
    assert all(re.search(r"\b[Ss]ources?\b", text) for text in found)


def test_the_data_it_ran_on_are_named(notebook):
    """The last cells print version and hash of the data, and versions of packages."""
    (*_, data, packages) = code(notebook)
    assert "fingerprint" in data.source
    assert "nbval-ignore-output" in packages.metadata["tags"]


def test_the_picture_of_coverage_counts_what_it_draws(dataset):
    """N of Figure 1 of the data tour is that of the events of its two series, each told once."""
    notebook = NOTEBOOKS["01_data_tour"]
    (cell,) = [cell for cell in code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    given = {}
    exec(cell.source, given)
    told = pd.concat(dataset.sel(series=series).events for series in given["SERIES"])
    _, ax = plt.subplots()
    figures.timeline(ax, told[told["date_start"].between(*given["SHOWN"])], dataset)
    marks = sum(len(group.get_offsets()) for group in ax.collections)
    plt.close()
    (caption,) = [text for text in rendered(notebook) if text.startswith("**Figure 1.**")]
    counts = re.search(r"N = (\d+) events.* the (\d+) that both .* (\d+) marks", caption)
    number, twice, said = map(int, counts.groups())
    assert said == marks == number + twice
