"""Executed notebooks as chapters of the site: figures carry their captions, nothing in them runs.

A notebook may come from anywhere, and nbconvert and MyST pass on what it holds. What leaves
:func:`chapter` is text, tables and PNG pictures: no script, no raw HTML, no directive of its own.
"""

import base64
import copy
import html
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import nh3
from nbformat.v4 import new_markdown_cell, new_output

from jkrel.publish.execution import LINKS, STYLE, TAGS

CAPTION = re.compile(r"\*\*Figure (\d+)\.\*\*\s*")
ID = re.compile(r"(?<![\w/#:.-])[a-z][a-z0-9_:-]*[a-z0-9](?![\w-])")
"""What looks like the id of an event or of a source."""
CODE = re.compile(
    r"(^ *(?:`{3,}|~{3,}).*?^ *(?:`{3,}|~{3,}) *$|`[^`\n]*`|\]\([^)\n]*\))", re.M | re.S
)
"""Parts of Markdown that are not prose: fenced code, code in a line, targets of links."""
FENCE = re.compile(r"^(?P<before>[ \t>*+\d.)-]*(?:`{3,}|~{3,}))[ \t]*(?![\w+#.-]*[ \t]*$).+$", re.M)
"""The opening of a fence whose first words are no plain name of a language, as of a directive."""
ROLE = re.compile(r"\{(?=[\w:.+-]+\}`)")
SCHEME, WITHIN = "receipt:{0}#{1}", "../receipts/{0}.html#{1}"
"""Addresses of a receipt, in Markdown (a scheme that the settings of the site resolve), in HTML."""
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
SAFE = {"http", "https", "mailto", ""}
CLEANER = nh3.Cleaner(
    tags=TAGS - {"img"},
    attributes={"*": {"class"}} | {tag: names for tag, names in LINKS.items() if tag != "img"},
    url_schemes=SAFE - {""},
    link_rel="noopener",
)


def chapter(notebook, name: str, folder: Path, places: dict[str, str], found=None):
    """Turn an executed notebook into a chapter; every chapter of the site goes through here.

    Parameters
    ----------
    notebook : NotebookNode
        As read from the file; it is not changed.
    name : str
        Stem of the notebook's file, from which its figures get their names.
    folder : Path
        Folder of the chapters; pictures go to its subfolder ``figures``.
    places : dict of str to str
        Addresses within the site by id, of events and sources: their ids become links.
    found : Receipts, optional
        Receipts of the numbers, to which each number then leads.

    Returns
    -------
    NotebookNode
        Cells of Markdown, and of code with plain text and tables without scripts.
    """
    numbers = {str(number) for number, _ in captions(notebook)}
    receipted = with_receipts(notebook, name, found) if found else notebook
    cells = []
    for place, cell in enumerate(receipted.cells):
        if found and cell.cell_type == "code":
            cells.append(new_markdown_cell(f"({anchor(name, place)})="))
        cells += _parts(cell)
    cells = _captioned(cells, name, folder)
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = _linked(cell.source, name, numbers, places)
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                text = output.data["text/html"]
                output.data["text/html"] = _outside_tags(text, lambda t: _placed(t, places))
    made = copy.deepcopy(notebook)
    made.cells = cells
    made.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    made.metadata["language_info"] = {"name": "python"}
    return made


def anchor(name: str, cell: int) -> str:
    """Name the place of a cell on the page of its chapter, for the page of its receipts."""
    return f"cell-{re.sub('[^a-z0-9]+', '-', name.lower())}-{cell}"


def with_receipts(notebook, name: str, found):
    """Return a copy of a notebook in which each number leads to its receipt.

    Addresses have a scheme of their own, ``receipt``, which the settings of the site resolve.
    """
    from jkrel.receipts import collection, numbers, provenance

    made = copy.deepcopy(notebook)
    if name not in set(found.numbers["notebook"]):
        return made
    for cell, place, output, _ in provenance.outputs(name, made):
        text, kind = numbers.rendered(output)
        pattern = SCHEME if kind == "markdown" else WITHIN
        own = collection.of_output(found, name, cell, place)
        if len(own):
            targets = [(row.value, pattern.format(name, row.id)) for row in own.itertuples()]
            text = numbers.link(text, kind, targets)
            shown = {"text/markdown" if kind == "markdown" else "text/html": text}
            if kind == "plain":
                shown = {"text/html": f"<pre>{text}</pre>"}
            made.cells[cell].outputs[place] = new_output("display_data", shown)
    return made


def plain_markdown(text: str) -> str:
    """Return Markdown that holds no directive and no role; raw HTML in it is shown as text.

    That HTML is not read as such is a setting of the site (``myst_disable_syntax``).
    """
    return ROLE.sub(r"\\{", FENCE.sub(r"\g<before>text", text))


def plain_html(text: str) -> str:
    """Return HTML with the tags of text and tables only; scripts, styles and pictures go."""
    return CLEANER.clean(STYLE.sub("", text))


def inert(app, doctree) -> None:
    """Take from a page what would fetch or run something: links and pictures of other kinds."""
    from docutils import nodes

    for link in list(doctree.findall(nodes.reference)):
        scheme = _scheme(link.get("refuri", ""))
        if scheme not in SAFE:
            link.replace_self(link.children)
    for picture in list(doctree.findall(nodes.image)):
        if _scheme(picture["uri"]) or picture["uri"].startswith("//"):
            picture.replace_self(nodes.Text(picture.get("alt", "")))


def safe_title(app, pagename, templatename, context, doctree) -> None:
    """Escape the title that sphinx-book-theme (1.4) puts into its page for print as it is."""
    if "pagetitle" in context:
        context["pagetitle"] = html.escape(context["pagetitle"])


def captions(notebook) -> list[tuple[int, str]]:
    """List number and caption of each figure of a notebook, in order."""
    found = []
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        text = output.get("data", {}).get("text/markdown", "")
        caption = CAPTION.match(text)
        if caption:
            found.append((int(caption[1]), plain_markdown(text[caption.end() :])))
    return found


def figure(path: str, name: str, caption: str, number: int) -> str:
    """Write the Markdown of a figure; its caption is also what a reader hears of it."""
    spoken = " ".join(re.sub(r"[*`\\]", "", LINK.sub(r"\1", caption)).split())
    spoken = spoken.replace('"', "'")
    body = f'{{figure}} {path}\n:name: {name}\n:alt: "{spoken}"\n\n**Figure {number}.** {caption}\n'
    return fenced(body)


def fenced(body: str) -> str:
    """Put a body of Markdown, which begins with its directive, between fences that it lacks."""
    fence = "`" * (3 + max(map(len, re.findall("`+", body)), default=0))
    return f"{fence}{body}{fence}"


def label(name: str, number: int | str) -> str:
    """Name a figure so that other pages can refer to it."""
    return f"figure-{re.sub('[^a-z]+', '-', name).strip('-')}-{number}"


def _parts(cell) -> list:
    """Return the cells that a cell becomes: prose that code gave stands as prose."""
    if cell.cell_type == "raw":
        return []
    if cell.cell_type == "markdown":
        return [new_markdown_cell(plain_markdown(cell.source))]
    made, prose = copy.deepcopy(cell), []
    tags = [tag for tag in cell.metadata.get("tags", []) if tag == "remove-cell"]
    made.metadata = {"tags": [*tags, "hide-input"]}
    made.outputs = []
    for output in cell.get("outputs", []):
        data = output.get("data")
        if data is not None and "text/markdown" in data:
            prose.append(new_markdown_cell(plain_markdown(data["text/markdown"])))
        elif data is not None and "image/png" in data:
            prose.append(new_markdown_cell("", metadata={"picture": data["image/png"]}))
        else:
            made.outputs.append(_plain_output(output))
    return [made, *prose]


def _plain_output(output):
    output = copy.deepcopy(output)
    if "data" in output:
        kept = {
            kind: output.data[kind] for kind in ("text/plain", "text/html") if kind in output.data
        }
        if "text/html" in kept:
            clean = plain_html(kept["text/html"])
            kept["text/html"] = f'<div class="wide" tabindex="0">{clean}</div>'
        output.data, output.metadata = kept, {}
    return output


def _captioned(cells: list, name: str, folder: Path) -> list:
    """Write each picture to a file, and join it with the caption below it."""
    made, waiting, pictures = [], None, 0
    for cell in cells:
        caption = CAPTION.match(cell.source) if cell.cell_type == "markdown" else None
        if "picture" in cell.metadata:
            pictures += 1
            path = f"figures/{name}-{pictures}.png"
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(base64.b64decode(cell.metadata["picture"]))
            waiting = new_markdown_cell(f"![Figure without a caption]({path})")
            made.append(waiting)
        elif caption and waiting:
            text = cell.source[caption.end() :]
            waiting.source = figure(path, label(name, caption[1]), text, int(caption[1]))
            waiting = None
        else:
            made.append(cell)
    return made


def _linked(text: str, name: str, numbers: set[str], places: dict[str, str]) -> str:
    """Link the figures and events that prose names, and cite the sources."""
    head, mark, rest = text.partition("\n\n") if "{figure}" in text else ("", "", text)

    def link(match: re.Match) -> str:
        known = match[1] in numbers and not match[0].startswith("*")
        return f"[{match[0]}](#{label(name, match[1])})" if known else match[0]

    def cited(name: str, shown: str) -> str:
        place = places.get(name, "")
        if place.startswith("events/"):
            return f"[{shown}](/{place.removesuffix('html')}md)"
        return f"{{cite}}`{name}`" if place else shown

    def prose(text: str) -> str:
        text = re.sub(r"(?<![*\w\[])Figure (\d+)\b", link, text)
        return ID.sub(lambda match: cited(match[0], match[0]), text)

    parts = CODE.split(rest)
    code = [cited(part.strip("`"), part) for part in parts[1::2]]
    words = [prose(part) for part in parts[::2]]
    return head + mark + "".join(itertools.chain(*itertools.zip_longest(words, code, fillvalue="")))


def _placed(text: str, places: dict[str, str]) -> str:
    """Link the ids of events and sources in the text of a table."""

    def link(match: re.Match) -> str:
        place = places.get(match[0])
        return f'<a href="../{place}">{match[0]}</a>' if place else match[0]

    return ID.sub(link, text)


def _outside_tags(text: str, change: Callable[[str], str]) -> str:
    parts = re.split(r"(<[^>]*>)", text)
    return "".join(part if place % 2 else change(part) for place, part in enumerate(parts))


def _scheme(address: str) -> str:
    """Return the scheme of an address as a browser would read it, empty if there is none."""
    address = re.sub(r"[\x00-\x20]", "", html.unescape(address))
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", address)
    return found[1].lower() if found else ""
