"""Which digits of an output are numbers, where they stand, and how they become links."""

import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from nbformat.v4 import new_output

from jkrel.receipts import numbers


def values(text, kind="markdown"):
    return [number.value for number in numbers.scan(text, kind)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("there are 1,003 days", ["1,003"]),
        ("ratio 1.9 (0.5 to 10.6), p = 0.43.", ["1.9", "0.5", "10.6", "0.43"]),
        ("changed by -0.45, −3 and +10.8%", ["-0.45", "−3", "+10.8%"]),
        ("3/15 (1.0), 2–5, 0.5-1.2", ["3", "15", "1.0", "2", "5", "0.5", "1.2"]),
        ("24 % of **12** in *3*", ["24 %", "12", "3"]),
        ("1.5e-05 and 12-year", ["1.5e-05", "12"]),
    ],
)
def test_a_number_has_sign_separators_decimals_and_per_cent(text, expected):
    """Each is taken as it is shown."""
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "in 2023, 2022–2024, since January 2023, on 14 October 2022",
        "19-20 November, 12 to 14 May 2031, Sept. 30, July 21",
        "2022-09-22, 2022-09, at 14:30",
        "jkrel 0.3.0, pandas 3.1.1, fingerprint a3f7147cf875",
        "cc24-3-009a, launch-2022-10-04, poll-gallup-2024-spring, G7, 12th, act-142",
        "as in Figure 1, **Figure 2.** section 3, `REACH = 14`",
        "http://example.org/2022/11/08?id=173756 and [a page](https://example.org/5)",
        "int64, p_1, *count_1*",
    ],
)
def test_names_dates_and_addresses_are_no_numbers(text):
    """Years and months name a period; digits joined to letters are part of a name."""
    assert values(text) == []


def test_places_are_those_of_the_source():
    """A number can be cut out of the source by its place."""
    text = "**N** = 12 of\n1,003 days"
    found = numbers.scan(text, "markdown")
    assert [text[n.start : n.end] for n in found] == ["12", "1,003"] == [n.value for n in found]


def test_html_that_is_not_well_formed_is_read_all_the_same():
    """An end without a beginning, and rows and cells outside a table, hide no number."""
    text = "<p>3</i> of<br></p></b><tr><td>4</td></tr> 5"
    found = numbers.scan(text, "html")
    assert [text[n.start : n.end] for n in found] == ["3", "4", "5"]


def test_captions_are_told_from_prose():
    """A caption begins with the name of its figure or table."""
    assert [n.place for n in numbers.scan("**Figure 1.** N = 40.", "markdown")] == ["caption"]
    assert [n.place for n in numbers.scan("Of 40, all.", "markdown")] == ["prose"]


FRAME = pd.DataFrame(
    {("a", "x"): [1, 2], ("a", "y"): [3, 4]},
    index=pd.MultiIndex.from_tuples([("JPN", 7), ("JPN", 14)], names=["side", "reach"]),
).rename_axis(columns=["what", None])


def test_a_number_of_a_table_knows_its_labels():
    """The labels of row and column, with the names of their axes; the labels are not counted."""
    found = numbers.scan(FRAME.to_html(), "html")
    assert [n.value for n in found] == ["1", "3", "2", "4"]
    assert [label[:2] for label in found[3].labels] == [
        ("side", "JPN"),
        ("reach", "14"),
        ("what", "a"),
        ("", "y"),
    ]
    assert found[3].labels[1][2] == ("7", "14")
    assert found[3].words == "JPN, 14, a, y" and found[3].place == "table"


def test_a_year_alone_in_a_table_is_one_under_a_header_that_says_so():
    """Elsewhere it may be a count, and has a receipt."""
    frame = pd.DataFrame({"year": [2019], "days": [2019]})
    assert [n.labels[-1][1] for n in numbers.scan(frame.to_html(), "html")] == ["days"]


def test_a_table_in_markdown_has_labels_too():
    """The first cell of the row, and the header of the column."""
    text = "Two:\n\n| claim | found |\n| --- | --- |\n| cc24-3-k021 | 12 |\n"
    (number,) = numbers.scan(text, "markdown")
    assert number.words == "cc24-3-k021, found" and number.place == "table"
    assert number.cells == (("claim", "cc24-3-k021"), ("found", "12"))
    assert text[number.start : number.end] == "12"


def test_entities_styles_and_attributes_are_no_numbers():
    """Only what a reader sees counts."""
    text = "<style>td {width: 5px}</style><p class='c3' data-n=\"4\">p &#60; 0.05 &amp; 6</p>"
    assert values(text, "html") == ["0.05", "6"]


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        (new_output("display_data", {"image/png": "aGk=", "text/plain": "<Figure 7>"}), "none"),
        (new_output("execute_result", {"text/html": "<b>1</b>", "text/plain": "1"}), "html"),
        (new_output("execute_result", {"text/markdown": "1", "text/plain": "<M>"}), "markdown"),
        (new_output("stream", text="1"), "plain"),
        (new_output("error"), "none"),
    ],
)
def test_the_richest_text_of_an_output_is_read(output, kind):
    """Pictures have their numbers in the caption."""
    assert numbers.rendered(output)[1] == kind


class Text(HTMLParser):
    """The text of a page and its links."""

    def __init__(self, page):
        super().__init__()
        self.text, self.links, self.tags = "", [], []
        self.feed(page)

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]


def test_links_change_nothing_else_of_a_page():
    """Without them the page is what it was, sign for sign."""
    page = FRAME.to_html() + '<p>p &lt; 0.05, <a href="https://example.org/7">8</a>, 9<br/></p>'
    found = numbers.scan(page, "html")
    targets = [(number.value, f"receipts.html#n{n}") for n, number in enumerate(found)]
    linked = numbers.link(page, "html", targets)
    assert re.sub(r'<a class="receipt" href="[^"]*">([^<]*)</a>', r"\1", linked) == page
    own = [address for value, address in targets if value != "8"]  # which is a link already
    assert len(own) == len(found) - 1
    assert [link for link in Text(linked).links if "receipts" in link] == own


def test_an_address_cannot_break_out_of_its_attribute():
    """What an address holds is escaped."""
    linked = numbers.link("<p>5</p>", "html", [("5", '"><script>')])
    assert Text(linked).tags == ["p", "a"]


def test_links_in_markdown():
    """A number in a link or in code stays as it is."""
    text = "Of **5** `6` [7 pages](https://example.org) 8%."
    assert numbers.link(text, "markdown", [("5", "#a"), ("7", "#b"), ("8%", "#c")]) == (
        "Of **[5](#a)** `6` [7 pages](https://example.org) [8%](#c)."
    )


@pytest.mark.parametrize("values", [["5"], ["5", "7"], ["5", "6", "6"]])
def test_receipts_of_another_output_are_refused(values):
    """Numbers are compared with those of the receipts before anything is linked."""
    with pytest.raises(ValueError, match=r"shows \['5', '6'\], its receipts \['5'"):
        numbers.link("5 and 6", "markdown", [(value, "a") for value in values])
