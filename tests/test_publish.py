"""Runs of notebooks: what they give, where it goes, and what becomes of one that fails.

Two runs in kernels serve all tests: one that leaves the notebooks alone, one in place.
"""

import gc
import html
import re
import warnings
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from jkrel.publish import execution

THIRD = 1 / 3
GOOD = [
    new_markdown_cell("# Figures and tables <script>alert('markdown')</script>"),
    new_code_cell("import matplotlib.pyplot as plt\nimport pandas as pd"),
    new_code_cell("plt.plot([1, 2], [3, 4])\nplt.show()"),
    new_code_cell("pd.set_option('display.precision', 2)\npd.DataFrame({'third': [1 / 3]})"),
    new_code_cell("plt.bar(['a', 'b'], [1, 2])\nplt.show()\nplt.plot([2, 1])\nplt.show()"),
    new_code_cell("display(pd.DataFrame({'a': [1]}))\npd.Series([1])"),
    new_code_cell(
        "from IPython.display import HTML\n"
        "HTML('<b>bold</b><script>alert(1)</script><p onclick=\"alert(2)\">text</p>')"
    ),
    new_code_cell("print('<script>alert(3)</script>')"),
]
BAD = [
    new_markdown_cell("# One error"),
    new_code_cell("import pandas as pd\npd.DataFrame({'a': [1]})"),
    new_code_cell("# divide\n1 / 0"),
    new_code_cell("print('never reached')"),
]
FIGURES, TABLES = 3, 2


def write(folder, name, cells):
    """A notebook as a reader would have it, with outputs of an earlier run."""
    notebook = new_notebook(cells=[nbformat.NotebookNode(cell) for cell in cells])
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)
    return path


def stale(build):
    """Files of an earlier run: more figures of the same notebook, and another notebook's."""
    files = {
        "same": ["figures/good_figure_7.png", "tables/good_table_9.csv", "notebooks/bad.html"],
        "other": ["figures/good_old_figure_1.png", "tables/other_table_1.csv"],
    }
    for name in [*files["same"], *files["other"]]:
        (build / name).parent.mkdir(parents=True, exist_ok=True)
        (build / name).write_text("stale", encoding="utf-8")
    return files


class Run:
    """Two notebooks run into a folder of their own."""

    def __init__(self, folder, inplace):
        self.folder, self.build = folder, folder / "build"
        self.paths = [write(folder, "good", GOOD), write(folder, "bad", BAD)]
        self.before = {path.stem: path.read_bytes() for path in self.paths}
        self.stale = stale(self.build)
        with warnings.catch_warnings(record=True) as self.warnings:
            warnings.simplefilter("always")
            self.results = execution.run(self.paths, self.build, jobs=2, inplace=inplace)
            gc.collect()
        self.good, self.bad = self.results
        self.index = (self.build / "index.html").read_text(encoding="utf-8")
        self.page = (self.build / "notebooks" / "good.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(tmp_path_factory.mktemp("run"), inplace=False)


@pytest.fixture(scope="module")
def inplace(tmp_path_factory):
    return Run(tmp_path_factory.mktemp("inplace"), inplace=True)


class Scripts(HTMLParser):
    """What a browser would run: scripts, and attributes such as onclick."""

    def __init__(self):
        super().__init__()
        self.scripts, self.handlers, self.inside = [], [], False

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "script"
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.scripts += [data] * self.inside

    def handle_endtag(self, tag):
        self.inside = False


def outputs(path):
    """The data of every output of a notebook."""
    cells = nbformat.read(path, as_version=4).cells
    return [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]


# What a notebook gives


def test_each_figure_is_a_png_and_an_svg(run):
    """Numbered in the order in which they were shown, and each of its kind."""
    names = [f"good_figure_{n}.{kind}" for n in range(1, FIGURES + 1) for kind in ("png", "svg")]
    assert sorted(path.name for path in run.good.files if path.parent.name == "figures") == names
    for name in names:
        path = run.build / "figures" / name
        if path.suffix == ".png":
            assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        else:
            assert ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_each_table_is_a_csv(run):
    """Data frames only, shown as the last value or by display()."""
    tables = [path.name for path in run.good.files if path.parent.name == "tables"]
    assert tables == [f"good_table_{number}.csv" for number in range(1, TABLES + 1)]


def test_tables_are_not_rounded(run):
    """The notebook shows 0.33, the file has every digit."""
    table = pd.read_csv(run.build / "tables" / "good_table_1.csv", index_col=0)
    assert table.at[0, "third"] == THIRD
    assert "0.33<" in run.page and str(THIRD) not in run.page


def test_every_file_named_exists(run):
    """The result lists page, notebook, figures and tables, and all of them are there."""
    assert len(run.good.files) == 2 + 2 * FIGURES + TABLES
    assert all(path.is_file() for path in run.good.files)


def test_the_executed_notebook_holds_the_outputs(run):
    """With pictures as PNG, and no copy of what stands in files of its own."""
    data = outputs(run.build / "notebooks" / "good.ipynb")
    assert sum("image/png" in output for output in data) == FIGURES
    assert {kind for output in data for kind in output}.isdisjoint({"image/svg+xml", "text/csv"})


def test_no_half_written_file_is_left(run, inplace):
    """Files are written whole or not at all."""
    assert [*run.folder.rglob("*.part"), *inplace.folder.rglob("*.part")] == []


# The index


def test_the_index_links_every_file(run):
    """Pages, notebooks, figures and tables, all by links that lead somewhere."""
    links = {html.unescape(link) for link in re.findall(r'(?:href|src)="([^"]+)"', run.index)}
    files = {path.relative_to(run.build).as_posix() for path in run.good.files}
    assert links == files


def test_the_index_shows_every_figure(run):
    """Each PNG once, with words for those who do not see it."""
    pictures = re.findall(r'<img src="(.+?)" alt="(.+?)">', run.index)
    expected = [
        (f"figures/good_figure_{number}.png", f"good figure {number}")
        for number in range(1, FIGURES + 1)
    ]
    assert pictures == expected


def test_the_index_needs_nothing_from_elsewhere(run):
    """The page works from a folder, without a network."""
    assert re.findall(r"(?:https?:)?//", run.index) == []


# Failure


def test_a_failing_notebook_is_named_with_its_cell_and_error(run):
    """Cell 2 divides by zero; nothing is given out as its result."""
    assert run.bad.path.name == "bad.ipynb"
    assert run.bad.error == "cell 2 (# divide): ZeroDivisionError: division by zero"
    assert run.bad.files == ()


def test_a_failure_does_not_stop_the_others(run):
    """Results come in the order of the notebooks, and the good one is whole."""
    assert [result.path for result in run.results] == run.paths
    assert run.good.error is None


def test_the_index_tells_of_the_failure(run):
    """With the error in the place of the files."""
    assert "Failed: cell 2 (# divide): ZeroDivisionError: division by zero" in run.index


def test_a_file_that_is_no_notebook_is_a_failure_like_others(tmp_path):
    """It is named in its result, and does not stop the run."""
    path = tmp_path / "broken.ipynb"
    path.write_text("no notebook at all", encoding="utf-8")
    (result,) = execution.run([path], tmp_path / "build")
    assert result.path == path
    assert result.error


# What stays and what goes


def test_notebooks_stay_as_they_are(run):
    """Without `inplace` not a byte of them changes."""
    assert {path.stem: path.read_bytes() for path in run.paths} == run.before


def test_files_of_an_earlier_run_are_removed(run):
    """Figures and tables that the notebook no longer gives do not stay behind."""
    assert [name for name in run.stale["same"] if (run.build / name).exists()] == []


def test_files_of_other_notebooks_are_kept(run):
    """Running one notebook leaves the results of all others alone, however alike the names."""
    assert all((run.build / name).exists() for name in run.stale["other"])


def test_in_place_outputs_arrive_in_the_notebook(inplace):
    """The notebook itself now holds its figures and tables, and reads as valid."""
    path = inplace.paths[0]
    nbformat.validate(nbformat.read(path, as_version=4))
    assert sum("image/png" in output for output in outputs(path)) == FIGURES
    assert path.read_bytes() == (inplace.build / "notebooks" / "good.ipynb").read_bytes()


def test_in_place_leaves_no_trace_of_the_run(inplace):
    """No SVG, no CSV, no times of execution, no version of the language: two runs are alike."""
    path = inplace.paths[0]
    assert {kind for data in outputs(path) for kind in data}.isdisjoint(
        {"image/svg+xml", "text/csv"}
    )
    notebook = nbformat.read(path, as_version=4)
    assert [cell for cell in notebook.cells if "execution" in cell.metadata] == []
    assert notebook.metadata["language_info"] == {"name": "python"}


def test_in_place_leaves_a_failing_notebook_alone(inplace):
    """Half a run is not written over the outputs of a whole one."""
    assert inplace.paths[1].read_bytes() == inplace.before["bad"]


def test_a_second_run_gives_the_same_notebook(run, inplace):
    """The two runs of the same cells agree byte for byte, counting ids of cells apart."""

    def cells(path):
        return [
            {key: value for key, value in cell.items() if key != "id"}
            for cell in nbformat.read(path, as_version=4).cells
        ]

    assert cells(run.build / "notebooks" / "good.ipynb") == cells(inplace.paths[0])


def test_a_run_leaves_nothing_open(run, inplace):
    """Kernels end with their notebooks: no socket or event loop is left, and nothing warns."""
    assert {str(warning.message) for warning in [*run.warnings, *inplace.warnings]} == set()


# Pages


def test_scripts_in_outputs_do_not_reach_the_page(run):
    """Neither from HTML shown, nor printed, nor from Markdown, nor from an attribute."""
    parser = Scripts()
    parser.feed(run.page)
    assert [script for script in parser.scripts if "alert" in script] == []
    assert parser.handlers == []
    assert "&lt;script&gt;alert(3)" in run.page


def test_harmless_markup_reaches_the_page(run):
    """Bold stays bold."""
    assert "<b>bold</b>" in run.page


def test_the_page_needs_no_network(run):
    """No script, style or picture is fetched from elsewhere."""
    fetched = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(https?:)?//', run.page)
    assert fetched == []


def test_errors_are_text_in_the_index(tmp_path):
    """Markup in the message of an error is shown, not obeyed."""
    result = execution.Result(tmp_path / "<b>.ipynb", error="cell 1: <script>alert(1)</script>")
    page = execution._index([result], tmp_path)
    assert "<script>" not in page and "<b>" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("name", ["a b", "trade & talks", "no. #1", "100%"])
def test_links_lead_to_files_of_any_name(tmp_path, name):
    """Signs that mean something in an address are written so that the link still leads there."""
    page = tmp_path / "notebooks" / f"{name}.html"
    page.parent.mkdir()
    page.touch()
    index = execution._index(
        [execution.Result(tmp_path / f"{name}.ipynb", files=(page,))], tmp_path
    )
    (link,) = re.findall(r'href="([^"]+)"', index)
    assert (tmp_path / unquote(urlsplit(html.unescape(link)).path)).is_file()


def test_a_build_folder_is_made_where_there_is_none(tmp_path):
    """With no notebook to run the index is still written."""
    build = tmp_path / "deep" / "build"
    assert execution.run([], build) == []
    assert (build / "index.html").is_file()


def test_an_error_that_a_display_swallowed_is_a_failure(tmp_path):
    """A figure that cannot be drawn fails the run, although its cell went on."""
    source = (
        "import matplotlib.pyplot as plt\n"
        "plt.plot([1, 2])\nplt.title(r'$\\frac{1$')\nplt.show()\nprint('went on')"
    )
    path = write(tmp_path, "swallowed", [new_code_cell(source)])
    (result,) = execution.run([path], tmp_path / "build")
    assert result.error and "cell 0" in result.error
    assert not (tmp_path / "build" / "notebooks" / "swallowed.html").exists()
