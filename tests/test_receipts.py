"""Receipts: which cell, code and rows lie behind a number, worked by hand on made-up notebooks.

One run of each made-up notebook serves all its tests, one run of the shipped ones all of theirs.
"""

import ast
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import jkrel
from jkrel import cli
from jkrel.receipts import collection, numbers
from jkrel.receipts.dataflow import code_hashes
from jkrel.receipts.marking import Marker

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
ONE, TWO, THREE, FOUR = "leaders-001a", "leaders-002a", "cc24-3-009a", "cc24-3-001a"
CELLS = [
    "import pandas as pd\nfrom IPython.display import Markdown\nimport jkrel\n"
    "from jkrel import coverage\ndata = jkrel.load()",
    "LIMIT = 15  # minutes",
    f"""rows = pd.DataFrame({{
    "event_id": ["{ONE}", "{TWO}", "{THREE}", "{FOUR}"],
    "side": ["JPN", "JPN", "KOR", "KOR"],
    "matter": ["security", "other", "other", "other"],
    "minutes": [10, 20, 30, 40],
}})
rows.set_index("event_id")[["minutes"]]""",
    "long = rows[rows['minutes'] > LIMIT]\n"
    "Markdown(f'{len(long)} of {len(rows)} are longer than {LIMIT} (95 per cent).')",
    "rows.groupby('side')['minutes'].sum().to_frame()",
    f"polls = data.polls[['poll_id']][:2].assign(event_id=['{ONE}', '{THREE}'])\n"
    "merged = rows.merge(polls, on='event_id')\nMarkdown(f'{merged[\"minutes\"].sum()} minutes')",
    "total = rows['minutes'].sum()",
    "Markdown(f'{total} minutes')",
    "groups = {'short ones': rows[rows['minutes'] <= LIMIT], 'long ones': long}\n"
    "pd.Series({name: len(part) for name, part in groups.items()}).to_frame('acts')",
    "print(f'{len(data.polls)} polls')",
    "def told(part):\n    return f'{len(part)} acts'\n\n\n"
    "first, second = (part['minutes'].max() for part in groups.values())\n"
    "lines = [told(part) for part in groups.values()]\n"
    "Markdown('; '.join(lines) + f', at most {first} and {second}')",
    "spans = coverage.windows(data, 'chronology')\nMarkdown(f'{spans[\"days\"].sum()} days')",
    "pd.Series({'security': 1.5, 'history': 2.5}, name='share').rename_axis('theme').to_frame()"
    " * len(rows)",
    "rates = pd.DataFrame({name: [len(part)] for name, part in groups.items()}, ['count']).T\n"
    "main = rates.loc['long ones']\nMarkdown(f'{main[\"count\"]} acts')",
    "looks = {}\nfor name, part in groups.items():\n    looks[name] = part['minutes'].mean()\n"
    "Markdown(f'{max(looks.values()):.0f} minutes')",
    "len(data.codebook.labels('issues'))",
    "records = {'windows': (long, coverage.windows(data, 'chronology'))}\n"
    "pd.Series({name: days['days'].sum() for name, (_, days) in records.items()}).to_frame('days')",
]


def write(path, cells):
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Receipts of the made-up notebook."""
    path = write(tmp_path_factory.mktemp("made") / "made.ipynb", CELLS)
    return collection.collect([path])


def behind(made, cell, value):
    """How the rows of one number were found, and the rows."""
    found = made.numbers[made.numbers["cell"].eq(cell) & made.numbers["value"].eq(value)]
    (receipt,) = found.itertuples()
    rows = made.rows[made.rows["rows"].eq(receipt.rows)]
    return receipt.how, {f"{row.table}/{row.key}" for row in rows.itertuples()}


def events(*ids):
    return {f"events/{event}" for event in ids}


# Rows, by hand


def test_a_number_beside_a_key_has_that_row(made):
    """The table shows the event."""
    assert behind(made, 2, "30") == ("row", events(THREE))


def test_numbers_of_one_sentence_have_rows_of_their_own(made):
    """Three acts are longer than the limit; all four were looked at."""
    assert behind(made, 3, "3") == ("cell", events(TWO, THREE, FOUR))
    assert behind(made, 3, "4") == ("cell", events(ONE, TWO, THREE, FOUR))


def test_a_parameter_names_the_cell_that_sets_it(made):
    """A number typed into a sentence names the cell of the sentence."""
    assert behind(made, 3, "15") == ("parameter", {"cell/made-c01"})
    assert behind(made, 3, "95") == ("parameter", {"cell/made-c03"})


def test_a_number_of_a_group_has_the_rows_of_the_group(made):
    """The index of the table is a column of the rows."""
    assert behind(made, 4, "70") == ("group", events(THREE, FOUR))


def test_a_merge_has_the_rows_of_both_sides(made):
    """The first and the third event, and the two polls beside them."""
    polls = {f"polls/{poll}" for poll in jkrel.load().polls["poll_id"][:2]}
    assert behind(made, 5, "40") == ("cell", events(ONE, THREE) | polls)


def test_a_number_of_an_earlier_cell_keeps_its_rows(made):
    """The total was computed a cell before it is shown."""
    assert behind(made, 7, "100") == ("cell", events(ONE, TWO, THREE, FOUR))


def test_a_label_that_names_a_group_of_rows_narrows_to_it(made):
    """Frames in a dictionary go by their names; one of one row is a row."""
    assert behind(made, 8, "1") == ("row", events(ONE))
    assert behind(made, 8, "3") == ("group", events(TWO, THREE, FOUR))


def test_a_whole_table_is_not_listed_row_by_row(made):
    """All polls, in a line of print."""
    assert behind(made, 9, str(len(jkrel.load().polls))) == ("table", {"polls/*"})


def test_sentences_of_functions_and_loops_have_rows(made):
    """What a function is given, and what a generator ran over."""
    assert behind(made, 10, "1") == ("cell", events(ONE))
    assert behind(made, 10, "3") == ("cell", events(TWO, THREE, FOUR))
    assert behind(made, 10, "40") == ("cell", events(ONE, TWO, THREE, FOUR))
    assert behind(made, 14, "30") == ("cell", events(ONE, TWO, THREE, FOUR))


def test_what_carries_no_key_has_the_table_that_was_read(made):
    """Windows of coverage are counted by the package."""
    assert behind(made, 11, "243") == ("table", {"coverage/*"})


def test_what_stands_beside_rows_is_not_lost(made):
    """The days come from the windows, which go under one name with the acts."""
    assert behind(made, 16, "243") == ("cell", {"coverage/*", *events(TWO, THREE, FOUR)})


def test_a_label_of_another_axis_narrows_nothing(made):
    """A theme that is called like a matter is no matter."""
    assert behind(made, 12, "6.0") == ("cell", events(ONE, TWO, THREE, FOUR))


def test_a_row_taken_out_of_a_table_keeps_its_label(made):
    """The rows of the group by whose name it was taken."""
    assert behind(made, 13, "3") == ("cell", events(TWO, THREE, FOUR))


def test_a_list_of_codes_is_named(made):
    """Labels come from a code list."""
    assert behind(made, 15, str(len(jkrel.load().issues))) == ("table", {"issues/*"})


def test_a_receipt_names_words_expression_and_place(made):
    """What a reader needs to find the number again."""
    (receipt,) = made.numbers[made.numbers["id"].eq("made-c03-o0-n01")].itertuples()
    assert receipt.words.startswith("3 of 4 are longer")
    assert (receipt.expression, receipt.place) == ("len(long)", "prose")


def test_shares_count_every_way(made):
    """The shares of the ways in which rows were found add up to one."""
    shares = made.shares()
    assert shares["numbers"].sum() == len(made.numbers)
    assert shares["share"].sum() == pytest.approx(1)


# Code


def hashes(*sources):
    return code_hashes(new_notebook(cells=[new_code_cell(source) for source in sources]))


def changed(before, after):
    return [cell for cell, code in hashes(*before).items() if hashes(*after)[cell] != code]


@pytest.mark.parametrize(
    ("before", "after", "cells"),
    [
        (("a = 1", "b = a", "c = 2", "b"), ("a = 2", "b = a", "c = 2", "b"), [0, 1, 3]),
        (("a = 1", "b = 1", "a"), ("a = 1", "b = 2", "a"), [1]),
        (("a = []", "a.append(1)\nb = 1", "a"), ("a = []", "a.append(2)\nb = 1", "a"), [1, 2]),
        (("a = {}", "a['x'] = 1", "a"), ("a = {}", "a['x'] = 2", "a"), [1, 2]),
        (("a = 1", "a = 2", "a"), ("a = 3", "a = 2", "a"), [0]),
        (("a = 1", "[a for a in 'xy']", "a"), ("a = 2", "[a for a in 'xy']", "a"), [0, 2]),
        (("a = 1", "def f():\n    return a", "f()"), ("a = 2", "def f():\n    return a", "f()"),
         [0, 1, 2]),
        (("a = 1", "a += 1", "a"), ("a = 2", "a += 1", "a"), [0, 1, 2]),
    ],
)  # fmt: skip
def test_the_hash_of_a_cell_changes_with_the_code_that_it_needs(before, after, cells):
    """Its own, that of cells it needs, and no other."""
    assert changed(before, after) == cells


def test_the_hash_of_a_cell_changes_with_the_package(monkeypatch):
    """A function of jkrel that counts otherwise is other code."""
    before = hashes("a = 1")
    monkeypatch.setattr("jkrel.receipts.dataflow._package", lambda: "another version")
    assert hashes("a = 1") != before


# Verifying


def stored(path, value):
    """A notebook whose stored output shows a value, where a run counts events."""
    source = "import jkrel\ndata = jkrel.load()\nprint(f'{len(data.disputes)} acts')"
    cell = new_code_cell(source, outputs=[new_output("stream", text=f"{value} acts\n")])
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Acts"), cell]), path)
    return path


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """The folder of notebooks that the command looks into."""
    monkeypatch.setattr(cli, "NOTEBOOKS", tmp_path)
    monkeypatch.delenv("JKREL_DATA", raising=False)
    return tmp_path


def test_verify_finds_nothing_where_nothing_changed(notebooks, dataset, capsys):
    """Outputs and receipts on file are those of a new run."""
    stored(notebooks / "acts.ipynb", len(dataset.disputes))
    build = str(notebooks / "build")
    assert cli.main(["receipts", "--build", build]) == 0
    assert cli.main(["verify", "--receipts", "--build", build]) == 0
    out = capsys.readouterr().out
    assert "1 numbers, each with its cell and rows" in out
    assert "1 numbers recomputed, 0 differences" in out


def test_verify_names_a_changed_number(notebooks, dataset, capsys):
    """Notebook, cell, and both values; the exit code is 1."""
    stored(notebooks / "acts.ipynb", 7)
    assert cli.main(["verify", "--receipts", "--build", str(notebooks / "build")]) == 1
    out = capsys.readouterr().out
    assert f"acts cell 1: value '7' is now '{len(dataset.disputes)}'" in out


def test_verify_names_what_changed_data_change(notebooks, dataset, folder, monkeypatch, capsys):
    """A row less: the value in the outputs, and value, rows and hash of the receipt on file."""
    path, build = stored(notebooks / "acts.ipynb", len(dataset.disputes)), notebooks / "build"
    collection.save(collection.collect([path]), build)
    folder.change("disputes", dataset.disputes["event_id"].iloc[0], None)
    monkeypatch.setenv("JKREL_DATA", str(folder.path))
    found = collection.verify(collection.collect([path]), [path], build)
    assert set(found["cell"]) == {1}
    assert set(zip(found["against"], found["field"], strict=True)) == {
        ("outputs", "value"),
        ("receipts.csv", "value"),
        ("receipts.csv", "rows"),
        ("receipts.csv", "data_sha256"),
    }
    told = found[found["field"].eq("value")]
    count = len(dataset.disputes)
    assert set(zip(told["old"], told["new"], strict=True)) == {(str(count), str(count - 1))}


def test_a_number_that_came_or_went_is_a_difference():
    """It is empty on the other side, and told once."""
    columns = ["id", "notebook", "cell", "value", "words", "code_sha256"]
    before = pd.DataFrame([("n-c0-o0-n01", "n", 0, "1", "one", "aa")], columns=columns)
    (row,) = collection.differences(before, before[:0]).itertuples()
    assert (row.field, row.old, row.new, row.words) == ("value", "1", "", "one")


def test_a_failing_notebook_gives_no_receipts(notebooks, capsys):
    """The cell is named, and nothing is written."""
    write(notebooks / "bad.ipynb", ["1 / 0"])
    assert cli.main(["receipts", "--build", str(notebooks / "build")]) == 2
    assert "bad.ipynb: cell 0 (1 / 0): ZeroDivisionError" in capsys.readouterr().err
    assert not (notebooks / "build").exists()


def test_a_function_that_returns_nothing_is_marked_all_the_same():
    """A bare return stays one, and what the function calls is still reported."""
    source = "def told(rows):\n    if not rows:\n        return\n    print(rows)"
    marked = ast.unparse(Marker().visit(ast.parse(source)))
    assert re.search(r"^ +return$", marked, re.M)
    assert marked != ast.unparse(ast.parse(source))


def test_what_is_no_notebook_gives_no_receipts(notebooks, capsys):
    """A file that cannot be read is named, and nothing is written."""
    (notebooks / "bad.ipynb").write_text("{", encoding="utf-8")
    assert cli.main(["receipts", "--build", str(notebooks / "build")]) == 2
    assert "bad.ipynb: cannot be read" in capsys.readouterr().err
    assert not (notebooks / "build").exists()


@pytest.mark.parametrize("arguments", [[], ["article.txt", "--receipts"]])
def test_verify_takes_an_article_or_receipts(arguments, capsys):
    """One of the two, and not both."""
    assert cli.main(["verify", *arguments]) == 2
    assert "verify takes your copy of an article, or --receipts" in capsys.readouterr().err


# Links and pages


def test_an_output_has_its_receipts_in_order(made):
    """One for each of its numbers, by which they are linked."""
    own = collection.of_output(made, "made", 3, 0)
    text = "3 of 4 are longer than 15 (95 per cent)."
    linked = numbers.link(text, "markdown", list(zip(own["value"], "#" + own["id"], strict=True)))
    assert linked.startswith("[3](#made-c03-o0-n01) of [4](#made-c03-o0-n02) are longer than [15](")


# The shipped notebooks


def test_every_number_has_a_receipt_with_rows(shipped):
    """In all notebooks; no way of finding rows is left out, and no set is empty."""
    shown = pd.concat(map(collection.shown, sorted(NOTEBOOKS.glob("*.ipynb"))))
    assert list(shipped.numbers["id"]) == list(shown["id"])
    assert shipped.numbers["id"].is_unique
    assert set(shipped.numbers["how"]) <= set(collection.HOW)
    assert set(shipped.numbers["rows"]) == set(shipped.rows["rows"])


def test_no_number_differs_from_what_is_printed(shipped):
    """A run gives the outputs that are committed."""
    found = collection.verify(shipped, sorted(NOTEBOOKS.glob("*.ipynb")))
    assert found.to_dict("records") == []


def test_most_numbers_lead_to_rows(shipped):
    """Parameters and typed levels of confidence are a small part; whole tables are too."""
    shares = shipped.shares()["share"]
    assert shares["parameter"] < 0.02 and shares["table"] < 0.1


def test_rows_are_rows_of_the_data(shipped, dataset):
    """Keys of events exist in the table; only notebooks with made-up rows have others."""
    added = shipped.numbers.loc[shipped.numbers["notebook"].str.match("1[01]_"), "rows"]
    rows = shipped.rows[shipped.rows["table"].eq("events") & shipped.rows["key"].ne("*")]
    unknown = rows[~rows["key"].isin(dataset.events["event_id"])]
    assert set(unknown["rows"]) <= set(added)


def test_counts_of_events_have_as_many_rows(shipped):
    """A table that counts events by type has, behind each count, that many events."""
    template = shipped.numbers["id"].str.startswith("00_template-c08-")
    counts = shipped.numbers[template]
    sizes = shipped.rows.groupby("rows").size()
    assert len(counts) and list(sizes[counts["rows"]]) == list(counts["value"].astype(int))


def test_links_add_nothing_else_to_the_outputs_of_the_notebooks():
    """Tables and prose of all notebooks are what they were once the links are taken out again."""
    form = re.compile(r'<a class="receipt" href="@[^"]*">([^<]*)</a>|\[([^\]]*)\]\(@[^)]*\)')
    linked = 0
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for *_, output, found in collection.outputs(path.stem, nbformat.read(path, as_version=4)):
            text, kind = numbers.rendered(output)
            if kind in ("html", "markdown"):
                targets = [(number.value, f"@{name}") for name, number in found]
                page = numbers.link(text, kind, targets)
                assert form.sub(lambda match: match[1] or match[2], page) == text
                linked += len(form.findall(page))
    assert linked > 8000
