"""Manuscripts: the example one in its four forms, and what an outline may ask for."""

import re
import zipfile

import docx
import nbformat
import pandas as pd
import pypdf
import pypdfium2
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import jkrel
from jkrel import cli
from jkrel.publish import excerpts, outline, paper
from jkrel.receipts.numbers import TYPED

OUTLINE = paper.FOLDER / "manuscript.yml"
MM = 72 / 25.4
EDGE = 13
"""Millimetres of each page that stay white: a figure of two columns leaves no more."""
SMALLEST = 6.5
"""Size in points below which text in a figure is not read."""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The example manuscript, built once by the command."""
    folder = tmp_path_factory.mktemp("paper") / "whole"
    assert cli.main(["paper", "--outline", str(OUTLINE), "--output", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def pdf(written):
    return pypdf.PdfReader(written / "manuscript.pdf")


@pytest.fixture(scope="module")
def pages(written):
    document = pypdfium2.PdfDocument(written / "manuscript.pdf")
    yield list(document)
    document.close()


@pytest.fixture(scope="module")
def word(written):
    return docx.Document(str(written / "manuscript.docx"))


@pytest.fixture(scope="module")
def tex(written):
    return (written / "manuscript.tex").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def markdown(written):
    return (written / "manuscript.md").read_text(encoding="utf-8")


# the PDF


def test_no_page_is_blank(pages):
    """Every page, rendered as a picture, has ink on it."""
    for page in pages:
        grey = page.render(scale=1).to_pil().convert("L").histogram()
        assert sum(grey[:160]) > 0.005 * sum(grey)


def test_nothing_is_written_into_the_edges(pages):
    """Each letter, those in figures too, stays within the page's edges."""
    for number, page in enumerate(pages, 1):
        text = page.get_textpage()
        width, height = page.get_size()
        boxes = [text.get_charbox(n) for n in range(text.count_chars())]
        inked = [box for box in boxes if box[2] > box[0]]
        assert min(box[0] for box in inked) >= EDGE * MM, number
        assert max(box[2] for box in inked) <= width - EDGE * MM, number
        assert min(box[1] for box in inked) >= EDGE * MM, number
        assert max(box[3] for box in inked) <= height - EDGE * MM, number


def test_fonts_are_embedded(pdf):
    """A reader needs none of them installed."""
    fonts = [font for page in pdf.pages for font in _fonts(page["/Resources"])]
    assert len(fonts) > len(pdf.pages)
    for font in fonts:
        inner = font["/DescendantFonts"][0] if "/DescendantFonts" in font else font
        descriptor = inner["/FontDescriptor"]
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), font["/BaseFont"]


def _fonts(resources):
    """The fonts of a page, and of the forms (figures) drawn on it."""
    found = [font.get_object() for font in resources.get("/Font", {}).values()]
    for form in resources.get("/XObject", {}).values():
        found += _fonts(form.get_object().get("/Resources", {}))
    return found


def test_figures_are_vectors(pdf):
    """No page holds pixels."""
    assert [image.name for page in pdf.pages for image in page.images] == []


def test_it_can_be_read_aloud(pdf):
    """It is tagged, has title and language, and says that it keeps to PDF/UA-1."""
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"].startswith("en")
    assert pdf.metadata.title.startswith("Regular Meetings")
    assert re.search(r"pdfuaid:part(=\"|>)1", root["/Metadata"].get_data().decode())


def test_each_figure_says_what_is_drawn(pdf, written):
    """Alternative texts are in the PDF, and made of the data: no two are the same."""
    texts = [text for text in _alternatives(pdf.trailer["/Root"]["/StructTreeRoot"])]
    assert len(texts) == len(list((written / "figures").glob("*.svg"))) > 8
    assert len(set(texts)) == len(texts)
    assert all(re.match(r"(Chart|Panel) .*\d", text) for text in texts)


def _alternatives(node):
    node = node.get_object()
    if isinstance(node, list):
        return [text for one in node for text in _alternatives(one)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/Alt"])] if node.get("/S") == "/Figure" and "/Alt" in node else []
    return own + (_alternatives(node["/K"]) if "/K" in node else [])


def test_it_has_the_parts_of_a_paper(pages):
    """Title, abstract, keywords, sections, data statement and references."""
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    words = ("Abstract.", "Keywords:", "Introduction", "Limits", "Conclusion", "Data statement")
    assert [word for word in (*words, "References") if word not in text] == []
    assert jkrel.load().fingerprint() in text
    assert "Adapt this notebook" not in text and "import " not in text


# figures


def test_figures_have_the_widths_of_journals(written):
    """One column or two, at their true size, and both occur."""
    widths = {
        round(float(re.search(r'width="([\d.]+)pt"', path.read_text())[1]) / MM)
        for path in (written / "figures").glob("*.svg")
    }
    assert widths == {outline.NARROW, outline.WIDE}


def test_text_in_figures_is_legible_text(written):
    """It is text, not curves, and none is smaller than what can be read."""
    for path in (written / "figures").glob("*.svg"):
        drawn = path.read_text(encoding="utf-8")
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: ([\d.]+)px", drawn)]
        assert "<text" in drawn and min(sizes) >= SMALLEST, path.name


def test_each_figure_is_there_as_svg_pdf_and_png(written):
    """The PDF of a figure embeds its fonts whole enough to be edited, and holds no pixels."""
    names = sorted(path.stem for path in (written / "figures").glob("*.svg"))
    for suffix in ("pdf", "png"):
        assert sorted(path.stem for path in (written / "figures").glob(f"*.{suffix}")) == names
    for path in (written / "figures").glob("*.pdf"):
        page = pypdf.PdfReader(path).pages[0]
        assert not list(page.images)
        assert all(font["/Subtype"] != "/Type3" for font in _fonts(page["/Resources"]))


# Word, LaTeX, Markdown


def test_word_has_real_tables_with_heads_that_repeat(word, markdown):
    """As many as the Markdown has, each with more than its head."""
    assert len(word.tables) == len(re.findall(r"^: \*\*Table \d+\.", markdown, re.M)) > 5
    assert all(len(table.rows) > 1 for table in word.tables)
    assert all("w:tblHeader" in table.rows[0]._tr.xml for table in word.tables)


def test_word_has_captions_references_and_figures_at_true_size(word):
    """Captions are numbered by fields, figures are vectors beside their pixels."""
    styles = [paragraph.style.name for paragraph in word.paragraphs]
    assert styles.count("Table Caption") == len(word.tables)
    assert styles.count("Bibliography") >= 8
    assert {round(shape.width.mm) for shape in word.inline_shapes} == {89, 183}
    assert word.element.xml.count("svgBlip ") == len(word.inline_shapes)
    captions = [p for p in word.paragraphs if p.style.name == "Image Caption"]
    assert all("SEQ Figure" in p._p.xml for p in captions if p.text.strip())


def test_word_opens_as_a_sound_package(written):
    """Each part of the file is whole, and vectors are in it."""
    with zipfile.ZipFile(written / "manuscript.docx") as package:
        assert package.testzip() is None
        assert [name for name in package.namelist() if name.endswith(".svg")]


def test_latex_has_booktabs_and_is_balanced(tex):
    """Every environment that begins ends, in order; braces match."""
    assert tex.count("\\toprule") >= 10 and "\\hline" not in tex
    body = tex[tex.index("\\begin{document}") :]
    open_ones = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", body):
        open_ones.append(name) if kind == "begin" else None
        assert kind == "begin" or open_ones.pop() == name
    assert open_ones == []
    bare = re.sub(r"\\[{}\\]", "", body)
    assert bare.count("{") == bare.count("}")


def test_latex_finds_its_figures_and_labels(tex, written):
    """Figures are the PDF files beside it, at their widths; references lead to labels."""
    drawn = re.findall(r"\\includegraphics\[width=(\d+)mm.*\{(figures/.*?)\}$", tex, re.M)
    assert {width for width, _ in drawn} == {"89", "183"}
    assert all((written / place).suffix == ".pdf" for _, place in drawn)
    assert all((written / place).is_file() for _, place in drawn)
    asked, there = (set(re.findall(rf"\\{x}\{{(.*?)\}}", tex)) for x in ("ref", "label"))
    assert asked and asked <= there


def test_markdown_shows_its_figures(markdown, written):
    """Its links lead to files, and its captions count without a gap."""
    places = re.findall(r"\]\((figures/[^)]*)\)", markdown)
    assert places and all((written / place).is_file() for place in places)
    for kind in ("Figure", "Table"):
        numbers = re.findall(rf"\*\*{kind} (\d+)\.\*\*", markdown)
        assert numbers == [str(n) for n in range(1, len(numbers) + 1)]


def test_no_form_names_a_place_of_the_machine(written):
    """Where it was written is nobody's business."""
    for suffix in ("md", "tex", "typ"):
        text = (written / f"manuscript.{suffix}").read_text(encoding="utf-8")
        assert str(written.parent) not in text and "american-political" not in text


def test_every_figure_and_table_is_spoken_of(markdown):
    """The text refers to each figure by its number."""
    captions = set(re.findall(r"\{#(fig-\d+)", markdown))
    assert captions <= set(re.findall(r"\]\(#(fig-\d+)\)", markdown))


def test_references_are_generated(written, dataset):
    """The dataset, the articles and what is cited, from the sources and no other file."""
    keys = re.findall(r"^@\w+\{([^,]+),", (written / "references.bib").read_text(), re.M)
    assert keys[0] == "jkrel" and {"cc24-3", "cc26-1"} <= set(keys)
    assert len(keys) == len(set(keys))


# the outline


def test_the_outline_types_no_number():
    """Numbers of the text come from cells; those of names are words."""
    plan = yaml.safe_load(OUTLINE.read_text(encoding="utf-8"))
    own = [plan["title"], *plan["keywords"], *_own(plan["abstract"])]
    own += [text for section in plan["sections"] for text in _own(section["parts"])]
    own += [section["title"] for section in plan["sections"]]
    own += [path.read_text(encoding="utf-8") for path in paper.FOLDER.glob("*.md")]
    text = re.sub(r"\[@[^\]]*\]|\(#[^)]*\)", "", "\n".join(own))
    for pattern in TYPED.values():
        text = re.sub(pattern, "", text)
    assert len(own) > 40
    assert re.findall(r"[^\n]*\d[^\n]*", text) == []


def _own(parts):
    """Texts that an outline itself has: strings, captions, and words above columns."""
    found = []
    for part in parts:
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, list):
            found += _own(part)
        elif "caption" in part:
            captions = part["caption"].replace("(95 per cent)", "").replace("(90 per cent)", "")
            found += [captions, *map(str, (part.get("columns") or {}).values())]
    return found


CELLS = [
    new_markdown_cell("# Made-up contacts\n\n**Answer.** There are few.\n\n## How many?\nCount."),
    new_code_cell(
        "import matplotlib.pyplot as plt\nimport pandas as pd\n"
        "from IPython.display import Markdown\n"
        "plt.plot([1, 2], [1, 3], 'o')\nplt.show()\n"
        "Markdown('**Figure 1.** Dots as in Figure 1; N = 2. Source: *Comparative Connections*.')"
    ),
    new_markdown_cell("By kind:"),
    new_code_cell("pd.DataFrame({'calls_all': [2.0, 3.0]}, index=['a', 'b'])"),
    new_code_cell("Markdown('There are 5 calls. They are few.')"),
    new_markdown_cell("## Adapt this notebook\nTry others."),
]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    """A small notebook, not yet run."""
    path = tmp_path_factory.mktemp("notebooks") / "01_made_up.ipynb"
    nbformat.write(new_notebook(cells=[nbformat.NotebookNode(cell) for cell in CELLS]), path)
    return path


@pytest.fixture(scope="module")
def plain(notebook, tmp_path_factory):
    """Its manuscript, with no outline."""
    folder = tmp_path_factory.mktemp("plain") / "paper"
    paper.build([notebook], folder)
    return folder


def test_without_an_outline_everything_is_taken_but_code(plain):
    """Prose, caption and numbers stay; code and how to adapt it go."""
    text = (plain / "manuscript.md").read_text(encoding="utf-8")
    assert "There are 5 calls." in text and "**Figure 1.** Dots as in [Figure 1]" in text
    assert "calls all" in text and "**Table 1.** By kind." in text
    assert "plt." not in text and "Try others" not in text
    assert (plain / "manuscript.pdf").read_bytes().startswith(b"%PDF")


def test_a_folder_that_is_there_is_not_replaced(plain, notebook, capsys):
    """Not without --force, and nothing is run for it."""
    before = {path: path.read_bytes() for path in plain.rglob("*") if path.is_file()}
    assert cli.main(["paper", str(notebook), "-o", str(plain)]) == 2
    assert "--force" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in plain.rglob("*") if path.is_file()} == before


def test_force_replaces_the_whole_folder(plain, notebook):
    """What was there before is gone, and no scratch stays beside it."""
    (plain / "old.txt").write_text("old", encoding="utf-8")
    paper.build([notebook], plain, force=True)
    assert not (plain / "old.txt").exists()
    assert (plain / "manuscript.docx").is_file()
    assert list(plain.parent.iterdir()) == [plain]


SHOWN = {
    "01_made_up": [
        excerpts.Excerpt("text", "There are 5 calls. They are few.", "", "Count", True),
        excerpts.Excerpt("figure", excerpts.Figure("01_made_up", 2, "As Figure 1.", "Dots.")),
    ]
}


def composed(parts, dataset, **more):
    sections = [{"title": "One", "notebook": "01_made_up", "parts": parts}]
    plan = {"abstract": [], "sections": sections, "folder": paper.FOLDER} | more
    return paper.compose(plan, SHOWN, dataset)


def test_an_outline_takes_sentences_and_joins_them(dataset):
    """Parts in brackets are one paragraph."""
    parts = [["In all,", {"sentence": "calls."}], {"says": "are few"}]
    text = composed(parts, dataset).text
    assert "In all, There are 5 calls.\n\nThere are 5 calls. They are few." in text


def test_terms_and_whole_sections_are_as_the_manuscript_has_them(dataset):
    """Words of notebooks give way to its own; items of a list become one paragraph."""
    parts = [{"section": "Count", "joined": True}]
    text = composed(parts, dataset, terms={"calls": "conversations"}).text
    assert "There are 5 conversations. They are few." in text
    whole = composed([{"section": "Count"}], dataset).text
    assert "There are 5 calls. They are few." in whole


@pytest.fixture
def receipts(notebook, tmp_path):
    """Receipts of the one number of the fifth cell, with eight rows behind it, and of another."""
    told = {"id": ["n1", "n2"], "notebook": ["01_made_up", "99_other"], "cell": ["4", "4"]}
    told |= {"value": ["5", "6"], "rows": ["r1", "r2"], "data_sha256": ["abc123", "abc123"]}
    pd.DataFrame(told).to_csv(tmp_path / "receipts.csv", index=False)
    keys = [*(f"leaders-00{n}a" for n in range(1, 9)), "*"]
    rows = {"rows": ["r1"] * 9, "table": ["events"] * 8 + ["coverage"], "key": keys}
    pd.DataFrame(rows).to_csv(tmp_path / paper.ROWS, index=False)
    return tmp_path / "receipts.csv"


def test_the_appendix_names_the_rows_behind_what_is_shown(notebook, receipts):
    """A line for each cell shown; the first rows by their keys, and how many more there are."""
    plan = {"notebooks": {"01_made_up": notebook, "02_not_shown": notebook}}
    shown = {("01_made_up", CELLS[4].source): "Count"}
    *_, head, lines = paper.appendix(receipts, shown, plan)
    assert head == "**Notebook `01_made_up`**"
    keys = ", ".join(f"leaders-00{n}a" for n in range(1, 7))
    assert lines == f"- Count, cell 4 (1 number): `coverage` all rows; `events` {keys} and 2 more."


def test_receipts_are_copied_beside_the_manuscript(notebook, receipts, tmp_path):
    """The files that the appendix speaks of are those that a reader gets."""
    paper.build([notebook], tmp_path / "paper", receipts=receipts)
    for name in ("receipts.csv", paper.ROWS):
        assert (tmp_path / "paper" / name).read_bytes() == (tmp_path / name).read_bytes()
    text = (tmp_path / "paper" / "manuscript.md").read_text(encoding="utf-8")
    assert "where the numbers come from" in text and "(data abc123)" in text


def test_a_notebook_that_is_not_there_is_named(tmp_path):
    """Before anything is run."""
    with pytest.raises(ValueError, match="no such notebook: .*99_lost.ipynb"):
        paper.build([tmp_path / "99_lost.ipynb"], tmp_path / "paper")
    with pytest.raises(ValueError, match="no such notebook: name one, or an outline"):
        paper.build([], tmp_path / "paper")


def test_a_notebook_that_fails_makes_no_manuscript(tmp_path):
    """The cell is named, and nothing is left behind."""
    path = tmp_path / "01_fails.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 / 0")]), path)
    with pytest.raises(ValueError, match="01_fails.ipynb: cell 0"):
        paper.build([path], tmp_path / "paper")
    assert list(tmp_path.iterdir()) == [path]


def test_everything_wrong_with_an_outline_is_said_at_once(dataset):
    """Words that are nowhere, figures that are not there, references and sources unknown."""
    parts = [{"says": "nowhere"}, {"figure": 9}, {"figure": 2}, "[](#lost) [@nobody]", {"odd": 1}]
    parts += [{"says": "calls", "notebook": "02_lost"}, {"section": "Lost"}, {"data": "weather"}]
    parts += [{"figure": 2, "id": "dots"}, {"figure": 2, "id": "dots"}]
    with pytest.raises(ValueError) as caught:
        composed(parts, dataset)
    said = str(caught.value)
    for reason in (
        "0 paragraphs have these words",
        "no such figure",
        "01_made_up-figure-1: is referred to",
        "lost: is referred to",
        "@nobody: no such source",
        "a part is a text, or has one of",
        "no notebook '02_lost'; there are 01_made_up",
        "no section has this heading",
        "a part on data is its statement or its coverage",
        "dots: two figures or tables have this id",
    ):
        assert reason in said


def test_a_failing_outline_leaves_nothing_behind(notebook, tmp_path):
    """Neither the folder nor a scratch beside it."""
    asked = tmp_path / "outline.yml"
    parts = [{"notebook": "01_made_up", "parts": [{"says": "nowhere"}]}]
    asked.write_text(yaml.safe_dump({"abstract": [], "sections": parts}), encoding="utf-8")
    with pytest.raises(ValueError, match="nowhere"):
        paper.build([notebook], tmp_path / "paper", asked)
    assert list(tmp_path.iterdir()) == [asked]
