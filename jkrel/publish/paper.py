"""Manuscripts from notebooks: an outline says what is taken, and everything computed is run."""

import re
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
import pandas as pd

import jkrel
from jkrel import cite, writing
from jkrel.publish import excerpts

FOLDER = Path(__file__).resolve().parents[2] / "paper"
"""Where the outlines, templates and references of manuscripts are."""
ROWS = "receipt_rows.csv"
RAGGED = "```{=typst}\n#set par(justify: false)\n```"


@dataclass
class Manuscript:
    """A manuscript as Markdown: what stands at its head, its text, and the figures in order."""

    meta: dict
    text: str
    figures: list[excerpts.Figure] = field(default_factory=list)

    def cited(self) -> list[str]:
        """Return the keys of all citations, in order."""
        whole = f"{self.meta['abstract']}\n{self.text}"
        return list(dict.fromkeys(re.findall(r"(?<![\w.])@([\w-]*\w)", whole)))


def build(
    notebooks: list[Path],
    output: Path,
    outline: Path | None = None,
    force: bool = False,
    receipts: Path | None = None,
) -> list[Path]:
    """Run notebooks and write a manuscript from them: Markdown, LaTeX, Word and PDF.

    Parameters
    ----------
    notebooks : list of Path
        In the order of the sections; those that the outline names if none.
    output : Path
        Folder for ``manuscript.md``, ``.tex``, ``.docx``, ``.pdf`` and ``.typ``,
        ``references.bib`` and ``figures/`` (SVG, PDF and PNG, at the widths of journals).
    outline : Path, optional
        YAML as in ``paper/manuscript.yml``; everything is taken without one.
    force : bool
        Replace a folder that is there.
    receipts : Path, optional
        ``receipts.csv``, of which the appendix is made.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ValueError
        If the folder is there, a notebook fails, or the outline asks for what is not there: all
        that is wrong with it at once.
    """
    from jkrel.publish import forms

    if output.exists() and not force:
        raise ValueError(f"{output} is there already; --force replaces it")
    plan = read_outline(outline or FOLDER / "plain.yml", notebooks)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as folder:
        scratch, part = Path(folder, "run"), Path(folder, "whole")
        shown = execute(plan, scratch)
        data = jkrel.load()
        manuscript = compose(plan, shown, data, receipts)
        part.mkdir()
        _copy_figures(manuscript.figures, scratch / "figures", part / "figures")
        references = bibliography(manuscript, data, plan)
        (part / "references.bib").write_text(references, encoding="utf-8")
        for file in (receipts, receipts.with_name(ROWS)) if receipts else ():
            shutil.copyfile(file, part / file.name)
        forms.write(manuscript, part)
        writing.replace(output, part, Path(folder, "old"))
    return sorted(path for path in output.rglob("*") if path.is_file())


def read_outline(path: Path, notebooks: list[Path]) -> dict:
    """Read an outline; one without sections takes all that the notebooks show."""
    import yaml

    plan = yaml.safe_load(path.read_text(encoding="utf-8")) | {"folder": path.parent}
    if not plan.get("sections"):
        plan["sections"] = [{"notebook": one.stem, "parts": [{"all": True}]} for one in notebooks]
    stems = dict.fromkeys(s["notebook"] for s in plan["sections"] if "notebook" in s)
    known = {one.stem: one for one in notebooks}
    folder = FOLDER.parent / "notebooks"
    plan["notebooks"] = {stem: known.get(stem, folder / f"{stem}.ipynb") for stem in stems}
    missing = [str(one) for one in plan["notebooks"].values() if not one.is_file()]
    if missing or not stems:
        raise ValueError(f"no such notebook: {', '.join(missing) or 'name one, or an outline'}")
    return plan


def execute(plan: dict, scratch: Path) -> dict[str, list[excerpts.Excerpt]]:
    """Run the notebooks of an outline; return what each shows, by the stem of its file."""
    from jkrel.publish import execution

    paths = [path.resolve() for path in plan["notebooks"].values()]
    before = {path.stem: excerpts.read(nbformat.read(path, 4), path.stem) for path in paths}
    narrow = {stem: sorted(_narrow(plan, stem, shown)) for stem, shown in before.items()}
    results = execution.run(paths, scratch, jobs=2, narrow=narrow)
    if failed := [f"{r.path.name}: {r.error}" for r in results if r.error]:
        raise ValueError("\n".join(failed))
    shown = {}
    for path in paths:
        notebook = nbformat.read(scratch / "notebooks" / path.name, 4)
        found = excerpts.read(notebook, path.stem)
        shown[path.stem] = [_made_narrow(one, narrow[path.stem]) for one in found]
    return shown


def _narrow(plan: dict, stem: str, shown: list[excerpts.Excerpt]) -> set[int]:
    """Return the numbers of the figures that a tag or the outline wants in one column."""
    tagged = {one.content.number for one in shown if one.kind == "figure" and one.content.narrow}
    parts = [part for s in plan["sections"] if s.get("notebook") == stem for part in s["parts"]]
    asked = [part for part in parts if isinstance(part, dict) and "figure" in part]
    return tagged | {part["figure"] for part in asked if part.get("narrow")}


def _made_narrow(one: excerpts.Excerpt, numbers: list[int]) -> excerpts.Excerpt:
    if one.kind != "figure":
        return one
    return replace(one, content=replace(one.content, narrow=one.content.number in numbers))


def compose(plan: dict, shown: dict, data, receipts: Path | None = None) -> Manuscript:
    """Put a manuscript together from an outline and what its notebooks show."""
    from jkrel.publish import outline

    writer = outline.Writer(plan, shown, data)
    abstract = " ".join(writer.blocks(plan["abstract"], None))
    blocks = [block for section in plan["sections"] for block in writer.section(section)]
    blocks += [block for section in plan.get("back", []) for block in writer.section(section)]
    blocks += ["# References {-}", "::: {#refs}\n:::", *appendix(receipts, writer.cells, plan)]
    text = writer.resolve("\n\n".join(blocks))
    meta = {
        "title": plan.get("title") or _title(writer.titles),
        "author": plan.get("authors") or [cite.creators(data)],
        "keywords": plan.get("keywords", []),
        "abstract": writer.resolve(abstract),
        "lang": "en-US",
    }
    manuscript = Manuscript(meta, text, writer.figures)
    writer.check_citations(manuscript.cited())
    if writer.problems:
        raise ValueError("\n".join(writer.problems))
    return manuscript


def _title(titles: list[str]) -> str:
    """Return the title of the only notebook, or the heads of the titles of several."""
    return "; ".join(titles if len(titles) == 1 else [title.split(":")[0] for title in titles])


def appendix(receipts: Path | None, cells: dict[tuple[str, str], str], plan: dict) -> list[str]:
    """Return the appendix as blocks of Markdown: the cell and the rows behind what is shown.

    Parameters
    ----------
    receipts : Path, optional
        ``receipts.csv`` of :mod:`jkrel.receipts.collection`, with ``receipt_rows.csv`` beside
        it. Without it there is no appendix.
    cells : dict of tuple to str
        Where the manuscript shows what a cell gave, by notebook and code of the cell.
    plan : dict
        As :func:`read_outline` returns it.

    Returns
    -------
    list of str
        A heading, a paragraph, and for each notebook a list with a line for each cell: where it
        is shown, how many numbers it gave, and the rows behind them.
    """
    if receipts is None:
        return []
    frame = pd.read_csv(receipts, dtype=str, keep_default_na=False)
    rows = pd.read_csv(receipts.with_name(ROWS), dtype=str, keep_default_na=False)
    blocks = []
    for stem, path in plan["notebooks"].items():
        lines = []
        for place, cell in enumerate(nbformat.read(path, 4).cells):
            own = frame[frame["notebook"].eq(stem) & frame["cell"].eq(str(place))]
            if (stem, cell.source) in cells and len(own):
                behind = _behind(rows[rows["rows"].isin(own["rows"])])
                shown = f"{cells[stem, cell.source]}, cell {place} ({_numbers(len(own))})"
                lines.append(f"- {shown}: {behind}.")
        blocks += [f"**Notebook `{stem}`**", "\n".join(lines)] if lines else []
    return [
        RAGGED,
        "# Appendix: where the numbers come from {-}",
        "Each line is a cell of a notebook whose output this manuscript shows, with the rows of "
        f"the data behind it (data {', '.join(frame['data_sha256'].unique())}). The file "
        "`receipts.csv` has every number by itself, with the code that gave it; "
        "`jkrel verify --receipts` makes all of them again.",
        *blocks,
    ]


def _numbers(count: int) -> str:
    return f"{count} number{'s' if count > 1 else ''}"


def _behind(rows: pd.DataFrame, most: int = 6) -> str:
    """Name the rows of each table, the first few by their keys."""
    parts = []
    for table, own in rows.drop_duplicates(["table", "key"]).groupby("table"):
        keys = ["all rows" if key == "*" else key for key in own["key"]]
        more = f" and {len(keys) - most} more" if len(keys) > most else ""
        parts.append(f"`{table}` {', '.join(keys[:most]).replace('_', chr(92) + '_')}{more}")
    return "; ".join(parts)


def bibliography(manuscript: Manuscript, data, plan: dict) -> str:
    """Return BibTeX of what a manuscript cites, with the dataset and the articles behind it."""
    methods = references(plan)
    articles = data.sources.loc[data.sources["kind"].eq("article"), "source_id"]
    keys = dict.fromkeys([*articles, *manuscript.cited()])
    sources = [key for key in keys if key in set(data.sources["source_id"])]
    used = [methods[key] for key in keys if key in methods]
    return "\n\n".join([cite.bibliography(data, sources), *used]) + "\n"


def references(plan: dict) -> dict[str, str]:
    """Return the BibTeX entries, by key, of the file of references that an outline names."""
    if "references" not in plan:
        return {}
    text = (plan["folder"] / plan["references"]).read_text(encoding="utf-8")
    entries = re.findall(r"^@\w+\{[^,]+,.*?^\}", text, re.M | re.S)
    return {re.match(r"@\w+\{([^,]+),", entry)[1]: entry for entry in entries}


def _copy_figures(figures: list[excerpts.Figure], source: Path, target: Path) -> None:
    """Copy figures under the numbers that they have in the manuscript."""
    target.mkdir()
    for number, figure in enumerate(figures, 1):
        for suffix in ("svg", "pdf", "png"):
            drawn = source / f"{figure.notebook}_figure_{figure.number}.{suffix}"
            shutil.copyfile(drawn, target / f"figure-{number}.{suffix}")
