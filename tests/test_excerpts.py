"""What a paper takes from a notebook: prose without code, captions, tables fit to be read."""

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from jkrel.publish import excerpts

FRAME = pd.DataFrame(
    {"count_1": [14.0, 3.0], "p_value": [0.433, 0.0], "seen": [True, False]},
    index=["Meetings", "Calls_of"],
)


def shown(data, **metadata):
    return new_output("display_data", data=data, metadata=metadata)


def code(source, *outputs, tags=()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def table(frame):
    return shown({"text/html": frame.to_html(), "text/plain": str(frame)})


@pytest.fixture
def read():
    def read(*cells):
        return excerpts.read(new_notebook(cells=list(cells)), "made_up")

    return read


def kinds(found):
    return [(one.kind, one.content) for one in found]


def test_code_is_left_out_and_prose_kept(read):
    """Headings with their level, paragraphs, and what cells render, in order."""
    found = read(
        new_markdown_cell("# Title\n\nFirst.\n\n## Part\nSecond."),
        code("secret = 1", shown({"text/markdown": "It is 1."})),
    )
    assert kinds(found) == [
        ("heading", (1, "Title")),
        ("text", "First."),
        ("heading", (2, "Part")),
        ("text", "Second."),
        ("text", "It is 1."),
    ]
    assert [one.section for one in found][-2:] == ["Part", "Part"]
    assert [one.computed for one in found] == [False] * 4 + [True]


def test_a_figure_has_its_caption_and_alternative_text(read):
    """The caption loses its number, which is that of the notebook."""
    (figure,) = read(
        code("plt.show()", shown({"image/png": ""}, **{"image/png": {"alt": "Dots."}})),
        code("caption", shown({"text/markdown": "**Figure 1.** Dots; N = 2. Source: us."})),
    )
    assert figure.content == excerpts.Figure("made_up", 1, "Dots; N = 2. Source: us.", "Dots.")


def test_cells_with_the_tag_are_left_out_but_their_figures_count(read):
    """The second figure stays the second, as its caption and the text call it."""
    picture = shown({"image/png": ""})
    found = read(
        code("a", picture, tags=[excerpts.LEFT_OUT]),
        code("b", picture, tags=[excerpts.ONE_COLUMN]),
    )
    assert [(one.content.number, one.content.narrow) for one in found] == [(2, True)]


def test_the_sentence_that_announces_a_table_is_its_caption(read):
    """What stands before that sentence stays in the text."""
    found = read(new_markdown_cell("Rates need days. All of them:"), code("t", table(FRAME)))
    assert found[0].content == "Rates need days."
    assert found[1].content.caption == "All of them."


def test_what_only_announces_is_left_out(read):
    """`As a picture:` says nothing once the picture stands there."""
    found = read(new_markdown_cell("As a picture:"), code("p", shown({"image/png": ""})))
    assert [one.kind for one in found] == ["figure"]


def test_a_table_is_made_fit_to_be_read():
    """Counts lose their decimals, small p-values say so, truth is yes or no, heads are words."""
    got = excerpts.read_table(FRAME.to_html())
    assert got.head == ["", "count 1", "p value", "seen"]
    assert got.rows == [["Meetings", "14", "0.433", "yes"], ["Calls_of", "3", "<0.001", "no"]]


def test_several_levels_of_names_become_one_line():
    """What spans columns stands above each of them, what spans rows in the first."""
    frame = pd.DataFrame(
        [[1, 2], [3, 4]],
        index=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")], names=["one", "two"]),
        columns=pd.MultiIndex.from_tuples([("p", "q"), ("p", "r")], names=["s", None]),
    )
    got = excerpts.read_table(frame.to_html())
    assert got.head == ["one", "two", "p q", "p r"]
    assert got.rows == [["a", "x", "1", "2"], ["", "y", "3", "4"]]
    assert got.names == 2


def test_numbers_of_rows_are_no_names():
    """An index that only counts is left out."""
    got = excerpts.read_table(pd.DataFrame({"a": ["x", "y"]}).to_html())
    assert (got.head, got.rows, got.names) == (["a"], [["x"], ["y"]], 0)


def test_what_is_missing_is_a_dash():
    """Missing is neither nought nor empty."""
    frame = pd.DataFrame({"a": [1.5, None], "b": [None, "x"]})
    assert excerpts.read_table(frame.to_html()).rows == [["1.5", "–"], ["–", "x"]]


def test_columns_are_chosen_renamed_and_rounded():
    """Names of rows stay; a number that would vanish is said to be less."""
    whole = excerpts.Table(["", "a b", "c"], [["x", "0.0004", "−1.25"]], 1)
    got = excerpts.chosen(whole, {"c": "C", "a b": None}, ["Choice"], decimals=1)
    assert got.head == ["Choice", "C", "a b"]
    assert got.rows == [["x", "−1.2", "<0.1"]]


def test_names_and_decimals_may_stay_as_they_are():
    """Of columns alone that are chosen, head and numbers are those of the cell."""
    whole = excerpts.Table(["", "a b", "c"], [["x", "0.0004", "−1.25"]], 1)
    got = excerpts.chosen(whole, {"c": None})
    assert (got.head, got.rows) == (["", "c"], [["x", "−1.25"]])


def test_an_unknown_column_is_named_with_those_there_are():
    """The message holds both."""
    with pytest.raises(KeyError, match=r"no column 'd'; there are a b, c"):
        excerpts.chosen(excerpts.Table(["", "a b", "c"], [], 1), {"d": "D"})


def test_signs_of_markdown_are_escaped_and_numbers_stand_right():
    """A cell is text, whatever is in it."""
    text = excerpts.markdown(excerpts.Table(["a", "n"], [["x_y|*", "1,003"], ["z", "–"]], 1))
    assert r"x\_y\|\*" in text
    assert [part.strip()[-1] for part in text.splitlines()[1].strip("|").split("|")] == ["-", ":"]


def test_a_table_that_is_too_wide_breaks_its_long_texts_only():
    """Days and names keep their place, and the whole fits the page."""
    long = "Some words of a note " * 12
    text = excerpts.markdown(excerpts.Table(["day", "note"], [["2022-09-01", long]], 0))
    rule = [len(part.strip()) for part in text.splitlines()[1].strip("|").split("|")]
    assert rule[0] >= len("2022-09-01") and sum(rule) <= excerpts.WIDEST


def test_a_table_that_cannot_fit_has_its_columns_as_narrow_as_words_let_them():
    """Each column is as wide as its longest word, and no cell is lost."""
    row = [letter * 30 for letter in "abcdef"]
    lines = excerpts.markdown(excerpts.Table(list("uvwxyz"), [row], 0)).splitlines()
    assert [len(part.strip()) for part in lines[1].strip("|").split("|")] == [30] * 6
    assert lines[2] == f"| {' | '.join(row)} |"


def test_sentences_end_where_the_next_begins():
    """Numbers with a point, and items of a list, do not deceive."""
    assert excerpts.sentences("- A p of 0.43 is no sign. Nor is 0.2.\n- Third.") == [
        "A p of 0.43 is no sign.",
        "Nor is 0.2.",
        "Third.",
    ]
