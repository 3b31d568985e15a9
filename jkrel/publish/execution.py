"""Run notebooks side by side; gather their figures and tables; write a page that links all."""

import asyncio
import base64
import html
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from urllib.parse import quote

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from tqdm import tqdm
from traitlets.config import Config

from jkrel import packages, writing
from jkrel.publish import alternative

CAPTURE = "jkrel.publish.capture"
TABLE = "text/csv"
IMAGES = {"image/png": "png", "image/svg+xml": "svg", "application/pdf": "pdf"}
STYLE = re.compile(r"<style scoped>.*?</style>", re.S)
"""What pandas puts before each table; the page has a style of its own."""
TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i"),
    *("img", "li", "ol", "p", "pre", "span", "strong", "sub", "sup", "ul"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
LINKS = {"a": {"href"}, "img": {"src", "alt"}, "th": {"colspan", "rowspan"}, "td": {"colspan"}}
CSS = """
body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
img { max-width: 100%; }
pre { white-space: pre-wrap; margin: 0.4rem 0; }
.input_area { background: #f6f6f6; border-left: 3px solid #ccc; padding: 0.2rem 0.8rem; }
.prompt { display: none; }
.output_html { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.85rem; margin: 0.5rem 0; }
th, td { padding: 0.15rem 0.6rem; text-align: right; border-bottom: 1px solid #ddd; }
.failed { color: #a00000; }
.anchor-link { display: none; }
"""
RENDERING = Lock()
PROBLEMS = (CellExecutionError, DeadKernelError, TimeoutError, ValueError, OSError)


@dataclass(frozen=True)
class Result:
    """What became of one notebook: its path, what it gave, why it failed or was left out."""

    path: Path
    files: tuple[Path, ...] = ()
    error: str | None = None
    left_out: str | None = None


def run(
    paths: list[Path],
    build: Path,
    jobs: int = 1,
    inplace: bool = False,
    data: Path | None = None,
    parameters: dict | None = None,
    narrow: dict[str, list[int]] | None = None,
) -> list[Result]:
    """Execute notebooks, each in a kernel of its own, and write what they give to a folder.

    Parameters
    ----------
    paths : list of Path
        Notebooks.
    build : Path
        Folder that takes ``notebooks/`` (executed, as notebook and as page), ``figures/`` (PNG
        and SVG), ``tables/`` (CSV) and ``index.html``.
    jobs : int
        Notebooks at a time.
    inplace : bool
        Also write the outputs into the notebooks themselves.
    data : Path, optional
        Data package whose ``parameters.json`` changes the notebooks, and whose empty tables leave
        some of them out; see :mod:`jkrel.packages`.
    parameters : dict of str to object, optional
        Values other than those in the notebooks; results then have them in their names.
    narrow : dict of str to list of int, optional
        For a paper, by the stem of a notebook: its figures that are to fit one column. Figures
        are then written as PDF too.

    Returns
    -------
    list of Result
        In the order of `paths`, although the longest start first. A notebook that fails does not
        stop the others.
    """
    for name in ("notebooks", "figures", "tables"):
        (build / name).mkdir(parents=True, exist_ok=True)
    package = packages.read(data) if data else {}
    if inplace and (package or parameters):
        raise ValueError("results of other parameters are not written into the notebooks")
    given = [(path, package.get(path.stem, {}), parameters or {}) for path in paths]
    loaded = dict(_load(path, data, values, other) for path, values, other in given)
    read = {path: nb for path, nb in loaded.items() if not isinstance(nb, Result)}
    cells = sum(cell.cell_type == "code" for nb in read.values() for cell in nb.cells)
    with tqdm(total=cells, unit=" cells") as bar, ThreadPoolExecutor(jobs) as pool:
        longest = sorted(read, key=lambda path: len(read[path].cells), reverse=True)
        work = {p: pool.submit(_one, p, read[p], build, inplace, bar, narrow) for p in longest}
        results = [work[p].result() if p in work else nb for p, nb in loaded.items()]
    (build / "index.html").write_text(_index(results, build), encoding="utf-8")
    return results


def follow(path: Path, record: Path):
    """Execute a notebook, and record what each value that it shows was computed from.

    Parameters
    ----------
    path : Path
        Notebook, which stays as it is.
    record : Path
        File that takes the record of each cell (see :mod:`jkrel.receipts.tracing`).

    Returns
    -------
    notebook
        As executed.

    Raises
    ------
    ValueError
        If the notebook cannot be read, or a cell fails; the message names it.
    """
    _, notebook = _load(path)
    if isinstance(notebook, Result):
        raise ValueError(f"{path.name}: {notebook.error}")
    lines = (f"import jkrel.receipts.tracing as _t; _t.start({str(record)!r}); del _t",)
    try:
        _execute(path, notebook, lambda **_: None, lines=lines)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return notebook


def _load(path: Path, data: Path | None = None, values: dict | None = None, other=None) -> tuple:
    """Read a notebook with its parameters, or say why it cannot be read or does not apply.

    Parameters of a data package (`values`) leave its name alone; `other` ones stand in it.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
    except PROBLEMS as error:
        return path, Result(path, error=f"cannot be read: {error}")
    reason = packages.missing(notebook, data) if data else None
    if reason:
        return path, Result(path, left_out=reason)
    if not (values or other):
        return path, notebook
    from jkrel.parameters import inject

    try:
        return inject(path, values or {}, other or {})
    except ValueError as error:
        return path, Result(path, error=str(error))


def _one(path: Path, notebook, build: Path, inplace: bool, bar: tqdm, narrow=None) -> Result:
    _clear(build, path.stem)
    try:
        _execute(path, notebook, lambda **_: bar.update(), narrow)
        return Result(path, _gather(path, notebook, build, inplace))
    except PROBLEMS as error:
        return Result(path, error=str(error))


def _execute(path: Path, notebook, done, narrow=None, lines: tuple[str, ...] = ()) -> None:
    """Run all cells after some lines of code that are no part of them; an error names its cell."""
    state = {"cell": -1}

    def begin(cell, cell_index):
        state["cell"] = cell_index

    formats = ["png", "svg"] if narrow is None else ["png", "svg", "pdf"]
    columns = [] if narrow is None else list(narrow.get(path.stem, []))
    first = f"import {CAPTURE} as _c; _c.start({columns}); del _c"
    client = NotebookClient(
        notebook,
        timeout=600,
        shutdown_kernel="immediate",
        coalesce_streams=True,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=begin,
        on_cell_complete=done,
        extra_arguments=[
            *(f"--InlineBackend.figure_formats={name}" for name in formats),
            "--HistoryManager.enabled=False",
            *(f"--IPKernelApp.exec_lines={line}" for line in (first, *lines)),
        ],
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
    )
    try:
        asyncio.run(client.async_execute())
        _refuse_errors(notebook)
    except PROBLEMS as error:
        raise ValueError(_explain(notebook, state["cell"], error)) from error


def _refuse_errors(notebook) -> None:
    """Refuse errors that a display swallowed, such as a figure that cannot be drawn."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise ValueError(f"cell {index} shows {output.ename}: {output.evalue}")


def _gather(path: Path, notebook, build: Path, inplace: bool) -> tuple[Path, ...]:
    """Take figures and tables out of the outputs, and write notebook and page."""
    files, counts = [], {"figure": 0, "table": 0}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if alternative.MIME in data:
                output.metadata["image/png"] = {"alt": data.pop(alternative.MIME)}
            files += _figures(data, path, build, counts) + _tables(data, path, build, counts)
    notebook.metadata["language_info"] = {"name": "python"}
    executed, text = build / "notebooks" / path.name, nbformat.writes(notebook) + "\n"
    for target in [executed, path] if inplace else [executed]:
        writing.text(target, text)
    page = executed.with_suffix(".html")
    writing.text(page, _page(notebook, path.stem))
    return (page, executed, *files)


def _figures(data: dict, path: Path, build: Path, counts: dict) -> list[Path]:
    if "image/png" not in data:
        return []
    counts["figure"] += 1
    name = f"{path.stem}_figure_{counts['figure']}"
    files = []
    for mime, suffix in IMAGES.items():
        if mime in data:
            target = build / "figures" / f"{name}.{suffix}"
            raw = data[mime].encode("utf-8") if suffix == "svg" else base64.b64decode(data[mime])
            target.write_bytes(raw)
            files.append(target)
    for mime in list(IMAGES)[1:]:
        data.pop(mime, None)
    return files


def _tables(data: dict, path: Path, build: Path, counts: dict) -> list[Path]:
    text = data.pop(TABLE, None)
    if text is None:
        return []
    counts["table"] += 1
    target = build / "tables" / f"{path.stem}_table_{counts['table']}.csv"
    writing.text(target, text)
    return [target]


def _page(notebook, title: str) -> str:
    """Render a notebook, which is changed, as a page that runs and fetches nothing."""
    _describe(notebook)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        data = output.get("data", {})
        if "text/html" in data:
            data["text/html"] = STYLE.sub("", data["text/html"])
    with RENDERING:
        body, resources = _exporter().from_notebook_node(notebook)
    return _document(title, body, "\n".join(resources["inlining"]["css"]))


def _describe(notebook) -> None:
    """Give each figure what is drawn and the caption below it, for readers who do not see it."""
    caption = "Figure without a caption"
    for cell in reversed(notebook.cells):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.get("text/markdown", "").startswith("**Figure"):
                caption = re.sub(r"[*`]", "", data["text/markdown"])
            if "image/png" in data:
                drawn = output.metadata.get("image/png", {}).get("alt", "")
                cell.metadata["alt"] = f"{caption} {drawn}".strip()
                caption = "Figure without a caption"


@cache
def _exporter():
    """Return what renders all pages; loaded late, while the first notebooks run."""
    import nh3
    from nbconvert import TemplateExporter
    from nbconvert.exporters.html import HTMLExporter

    class Pages(HTMLExporter):
        def from_notebook_node(self, nb, resources=None, **kw):
            # Its parent's form parses the whole page once more, to fill in alternative texts.
            resources = self._init_resources(resources)
            return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    exporter = Pages(template_name="basic", sanitize_html=True)
    cleaner = nh3.Cleaner(tags=TAGS, attributes={"*": {"class", "id"}, **LINKS}, link_rel=None)
    exporter.register_filter("clean_html", lambda text: cleaner.clean(str(text)))
    exporter.register_filter("highlight_code", lambda code, **_: f"<pre>{html.escape(code)}</pre>")
    return exporter


def _document(title: str, body: str, css: str = "") -> str:
    """Wrap a body in the one page that this module knows."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<style>
{css}
{CSS}
</style>
</head>
<body>
{body}
</body>
</html>
"""


def _clear(build: Path, stem: str) -> None:
    """Remove what an earlier run of this notebook left, so that nothing stale stays linked."""
    stale = re.compile(rf"{re.escape(stem)}(_(figure|table)_\d+)?\.\w+")
    for folder in ("notebooks", "figures", "tables"):
        for file in (build / folder).iterdir():
            if stale.fullmatch(file.name):
                file.unlink()


def _explain(notebook, index: int, error: Exception) -> str:
    if isinstance(error, CellExecutionError):
        source = notebook.cells[index].source.strip().splitlines()[0]
        return f"cell {index} ({source}): {error.ename}: {error.evalue}"
    return f"cell {index}: {type(error).__name__}: {error}"


def _index(results: list[Result], build: Path) -> str:
    title = "jkrel: what the notebooks give"
    lead = "Each notebook as a page, its figures as PNG and SVG, its tables as CSV."
    items = [_item(result, build) for result in results]
    return _document(title, "\n".join([f"<h1>{title}</h1>\n<p>{lead}</p>", *items]))


def _item(result: Result, build: Path) -> str:
    name = html.escape(result.path.stem)
    if result.error:
        return f'<h2>{name}</h2>\n<p class="failed">Failed: {html.escape(result.error)}</p>'
    if result.left_out:
        reason = f"Does not apply to these data, as {html.escape(result.left_out)}."
        return f"<h2>{name}</h2>\n<p>{reason}</p>"
    places = {quote(file.relative_to(build).as_posix()): file for file in result.files}
    links = [f'<a href="{place}">{html.escape(file.name)}</a>' for place, file in places.items()]
    pictures = [
        f'<p><img src="{place}" alt="{html.escape(file.stem.replace("_", " "))}"></p>'
        for place, file in places.items()
        if file.suffix == ".png"
    ]
    return f"<h2>{name}</h2>\n<p>{' · '.join(links)}</p>\n" + "\n".join(pictures)
