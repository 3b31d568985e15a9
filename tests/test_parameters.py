"""Other parameters: what a notebook has, what is given, and every notebook run with one changed."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from jkrel import cli, parameters
from jkrel.publish import execution

CELL = """TOP = 8  # kinds shown
# levels of officials
RANKS = [
    "minister",
    "working",
]
SPAN = ("2022-01", "2022-04")  # first and last month
DAY, LABEL = "2023-03-16", "Visit"  # what happened when"""
ONE_OTHER = {
    "00_template": "TOP=3",
    "01_data_tour": "SHOWN=[2022-09-01, 2024-04-30]",
    "02_leader_meetings": "DRAWS=99",
    "03_trilateral_institutionalization": "AFTER_LAUNCH=2",
    "04_history_disputes": "period=2024-01:2024-04",
    "05_domestic_politics": "LOW=32",
    "06_north_korea": "REACH=2",
    "07_people_and_economy": "DERIVED=false",
    "08_strategy_documents": "SEED=7",
    "09_claims_and_forecasts": "PARTIAL=0.4",
    "10_add_an_issue": "ENTRY=2",
    "11_other_event_streams": "SEED=2",
}


@pytest.fixture
def notebook():
    return new_notebook(cells=[new_code_cell(CELL, metadata={"tags": ["parameters"]})])


def test_parameters_come_with_their_comments(notebook):
    """Beside the line or above it."""
    assert [(one.name, one.comment) for one in parameters.read(notebook)] == [
        ("TOP", "kinds shown"),
        ("RANKS", "levels of officials"),
        ("SPAN", "first and last month"),
        ("DAY", "what happened when"),
        ("LABEL", "what happened when"),
    ]


def test_only_assignments_are_parameters():
    """Another line of the cell sets none, and a notebook without such a cell has none."""
    cell = new_code_cell("import os\nTOP = 8", metadata={"tags": ["parameters"]})
    assert [one.name for one in parameters.read(new_notebook(cells=[cell]))] == ["TOP"]
    assert parameters.read(new_notebook(cells=[new_code_cell("TOP = 8")])) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("0.5", 0.5),
        ("true", True),
        ("null", None),
        ("[7, 30]", [7, 30]),
        ('{"JPN": "nhk"}', {"JPN": "nhk"}),
        ("last_entry", "last_entry"),
        ("2023-03-16", "2023-03-16"),
        ("2024-01:2024-04", "2024-01:2024-04"),
        ("[broken", "[broken"),
    ],
)
def test_values_are_read_as_yaml_and_days_stay_text(text, value):
    """What is no YAML is text, and so is a day, as notebooks write it."""
    assert parameters.value(text) == value


def test_names_are_known_in_any_case(notebook):
    """`--set top=3` sets TOP."""
    assert parameters.named(notebook, {"top": 3}, "x") == {"TOP": 3}


def test_an_unknown_name_lists_what_there_is(notebook):
    """Each with its value and comment."""
    with pytest.raises(ValueError, match="x has no parameter tops, y; it has") as caught:
        parameters.named(notebook, {"tops": 3, "y": 1}, "x")
    assert "  TOP = 8  # kinds shown" in str(caught.value)


def test_results_have_the_parameter_in_their_name(notebook, tmp_path):
    """The notebook itself is left alone, and a cell after its parameters sets the others."""
    path = tmp_path / "01_made_up.ipynb"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    name, changed = parameters.inject(path, {}, {"span": "2024-01:2024-04"})
    assert name.name == "01_made_up_span=2024-01_2024-04.ipynb"
    note, _, other, *_ = changed.cells
    assert note.source.startswith("**Run with other parameters:** `SPAN = '2024-01:2024-04'`.")
    assert other.metadata.tags == ["injected-parameters"]
    assert 'SPAN = "2024-01:2024-04"' in other.source
    assert path.read_bytes() == before


def test_other_parameters_are_not_written_into_notebooks(tmp_path):
    """A run in place is one with the parameters as committed."""
    with pytest.raises(ValueError, match="not written into the notebooks"):
        execution.run([tmp_path / "x.ipynb"], tmp_path, inplace=True, parameters={"A": 1})


def test_the_list_below_has_every_notebook():
    """A new notebook gets a line, so that its parameters are tried."""
    assert sorted(ONE_OTHER) == sorted(path.stem for path in cli.NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("name", sorted(ONE_OTHER))
def test_a_notebook_runs_with_one_parameter_changed(name, tmp_path, capsys):
    """Results are under a name of their own, and the notebook is as it was."""
    path = cli.NOTEBOOKS / f"{name}.ipynb"
    before = path.read_bytes()
    code = cli.main(["run", name, "--set", ONE_OTHER[name], "--build", str(tmp_path)])
    out = capsys.readouterr().out
    assert (code, "files" in out) == (0, True), out
    (page,) = (tmp_path / "notebooks").glob("*.html")
    assert page.stem.startswith(f"{name}_{ONE_OTHER[name].split('=')[0].lower()}=")
    assert path.read_bytes() == before
