"""Another pair of states by its data and parameters alone: nothing is bound to Japan and Korea."""

import json
from pathlib import Path

import nbformat
import pytest
import second_pair

import jkrel
from jkrel import cli, packages, parameters
from jkrel.analyses import leaders

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
APPLY = ["01_data_tour", "02_leader_meetings", "03_trilateral_institutionalization"]
APPLY += ["04_history_disputes", "11_other_event_streams"]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The data package of two invented states."""
    return second_pair.build(tmp_path_factory.mktemp("second") / "data")


@pytest.fixture(scope="module")
def ran(package, tmp_path_factory):
    """All notebooks run on it by the command line, and what that printed."""
    build = tmp_path_factory.mktemp("build")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JKREL_DATA", str(package))
        patch.chdir(package.parent)
        code = cli.main(["run", "--build", str(build)])
    return build, code


def test_the_data_are_found_by_the_environment(package, monkeypatch):
    """JKREL_DATA names the folder for load, and the pair is that of its code list."""
    monkeypatch.setenv("JKREL_DATA", str(package))
    data = jkrel.load()
    assert data.pair == ("XRU", "XFR")
    assert data.codebook.directory == package


def test_every_rule_holds(package, monkeypatch, capsys):
    """`jkrel check` finds no fault in data on other states."""
    monkeypatch.setenv("JKREL_DATA", str(package))
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out.endswith("all hold\n")


def test_nothing_of_japan_and_korea_is_in_the_events(package):
    """The second package is no copy: states, days, people and words are others."""
    text = "".join((package / f"{name}.csv").read_text("utf-8")
                   for name in ("events", "participants", "event_sources", "coverage"))  # fmt: skip
    assert not [
        word for word in ("JPN", "KOR", "Japan", "Korea", "Kishida", "cc24") if word in text
    ]
    days = jkrel.load(package).events["date_start"]
    assert days.min().year == 2039


def test_leaders_are_paired_by_the_code_list(package):
    """Contacts of leaders find their pair without a name of a state in the program."""
    known = leaders.contacts(jkrel.load(package))
    assert known["pair"].notna().mean() > 0.9
    assert len(leaders.running_counts(jkrel.load(package))) > 0


@pytest.mark.parametrize("name", APPLY)
def test_a_notebook_runs_by_parameters_alone(ran, name):
    """The notebook runs to its end, and no output names a state of the shipped data by its code."""
    build, code = ran
    assert code == 0
    notebook = nbformat.read(build / "notebooks" / f"{name}.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    shown = json.dumps([
        {kind: text for kind, text in output.get("data", output).items() if "image" not in kind}
        for cell in cells for output in cell.outputs
    ])  # fmt: skip
    assert "JPN" not in shown and "KOR" not in shown
    assert ("injected-parameters" in str(notebook)) == (name in second_pair.PARAMETERS)


def test_the_others_say_in_one_sentence_why_not(ran):
    """Where a table is empty by declaration, the page of results gives its reason."""
    page = (ran[0] / "index.html").read_text(encoding="utf-8")
    for table in ("polls", "indicators", "positions", "claims", "proposal_scores"):
        reason = second_pair.EMPTY[table]
        assert f"Does not apply to these data, as its table {table} has no rows: {reason}." in page
    assert page.count("Does not apply") == 6


def test_each_notebook_names_the_tables_it_needs():
    """All but the template say so in their metadata, and the tables exist."""
    tables = jkrel.load().codebook.tables
    for path in sorted(NOTEBOOKS.glob("[01]*.ipynb"))[1:]:
        needs = nbformat.read(path, as_version=4).metadata["jkrel"]["needs"]
        assert needs and set(needs) <= set(tables), path.name


def test_a_table_that_is_not_there_is_a_reason_not_to_apply(package):
    """What a notebook needs and a package lacks is said, with the name of the table."""
    needed = nbformat.v4.new_notebook(metadata={"jkrel": {"needs": ["events", "moons"]}})
    assert packages.missing(needed, package) == "the data package has no table moons"


# Parameters


def notebook(folder, source='FIRST = 1  # one\nSECOND = "two"  # two'):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    path = folder / "made_up.ipynb"
    metadata = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=metadata), path)
    return path


def test_other_values_come_after_the_parameters(tmp_path):
    """The cell of the parameters stays, and a cell after it assigns the others."""
    path = notebook(tmp_path)
    place, changed = parameters.inject(path, {"SECOND": [1, "b"]}, {})
    assert place == path
    assert "FIRST = 1" in changed.cells[1].source
    assert 'SECOND = [1, "b"]' in changed.cells[2].source


def test_an_unknown_parameter_is_named(tmp_path):
    """A name that the notebook does not have is an error, with those it has."""
    with pytest.raises(ValueError, match="made_up has no parameter THIRD; it has\n  FIRST"):
        parameters.inject(notebook(tmp_path), {"THIRD": 3}, {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "give each notebook an object"),
        ('{"a": 1}', "give each notebook an object of"),
    ],
)
def test_a_broken_file_of_parameters_is_named(tmp_path, text, message):
    """What is no object of objects is an error that names the file."""
    (tmp_path / "parameters.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"parameters.json: {message}"):
        packages.read(tmp_path)


def test_without_a_file_nothing_changes(tmp_path):
    """The shipped data have no parameters of their own."""
    assert packages.read(tmp_path) == packages.read(second_pair.SHIPPED) == {}


def test_notebooks_are_not_changed_in_place_by_other_data(package, monkeypatch, capsys):
    """Outputs of another pair never get into the shipped notebooks."""
    monkeypatch.setenv("JKREL_DATA", str(package))
    before = (NOTEBOOKS / "00_template.ipynb").read_bytes()
    assert cli.main(["run", "00_template", "--inplace"]) == 2
    assert "are not written into the notebooks" in capsys.readouterr().err
    assert (NOTEBOOKS / "00_template.ipynb").read_bytes() == before


# Tables that are empty for a reason


def test_an_empty_table_needs_its_reason(folder):
    """Without a reason an empty table is a fault, as a broken file would be."""
    rows = folder.rows("polls")
    folder.file("polls").write_text(",".join(rows[0]) + "\n", encoding="utf-8")
    with pytest.raises(jkrel.DataError, match="has no rows; add at least one, or say why"):
        jkrel.load(folder.path)


def test_a_reason_needs_an_empty_table(folder):
    """A table that has rows may not be declared empty."""
    path = folder.path / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    next(r for r in package["resources"] if r["name"] == "polls")["empty"] = "none were read"
    path.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(jkrel.DataError, match="polls.csv: .empty. has rows; take the property"):
        jkrel.load(folder.path)
