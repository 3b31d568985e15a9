"""Build the site: gather its pages into a folder, let Sphinx make them one, put it in place."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from jkrel import writing
from jkrel.data import Dataset
from jkrel.publish import chapters, pages, records

MADE = [
    pages.event_list,
    pages.names,
    pages.codebook,
    pages.downloads,
    pages.bibliography,
    records.tested,
]
"""What else makes pages from the data; each takes the dataset and returns texts by path."""


FORMS = ["excel", "parquet", "sqlite", "stata", "plover"]
"""Forms of export that the site offers."""


def build(dataset: Dataset, notebooks: list[Path], output: Path, found=None) -> int:
    """Build the site, whole or not at all.

    Parameters
    ----------
    dataset : Dataset
    notebooks : list of Path
        Executed notebooks, which become the chapters; nothing is run.
    output : Path
        Folder of the site, replaced when all pages are made; its neighbour
        ``NAME-source`` takes the pages as Sphinx reads them.
    found : Receipts, optional
        Receipts of the notebooks' numbers: each number then leads to its page of receipts.

    Returns
    -------
    int
        Exit code of Sphinx: 0 if there was no error and no warning.
    """
    source, part = (output.with_name(f"{output.name}-{name}") for name in ("source", "part"))
    for folder in (source, part):
        shutil.rmtree(folder, ignore_errors=True)
    gather(dataset, notebooks, source, found)
    options = ["-b", "html", "-n", "-W", "--keep-going", "-q", "-j", str(os.cpu_count() or 1)]
    command = [sys.executable, "-m", "sphinx", *options, "-d", str(part / "doctrees")]
    # A dumb terminal: colours of warnings would only clutter a log.
    done = subprocess.run(
        [*command, str(source), str(part / "html")], env=os.environ | {"TERM": "dumb"}
    )
    if done.returncode == 0:
        writing.replace(output, part / "html", part / "old")
        shutil.rmtree(part)
    return done.returncode


def gather(dataset: Dataset, notebooks: list[Path], source: Path, found=None) -> None:
    """Write everything that Sphinx reads into a new folder: settings, chapters, pages, data."""
    kept = shutil.ignore_patterns("templates", "__pycache__")
    shutil.copytree(pages.TEMPLATES.parent, source, ignore=kept)
    cited = pages.citations(dataset)
    made = pages.interface(Path(__file__).parents[1])
    made |= pages.events(dataset, cited) | pages.browser(dataset, cited)
    for make in MADE:
        made |= make(dataset)
    places = pages.places(dataset)
    told = list(_chapters(notebooks, source / "chapters", places, found))
    made |= pages.start(dataset, told)
    made |= pages.receipts(found, told, places) if found else {}
    for path, text in made.items():
        _made(source / path).write_text(text, encoding="utf-8", newline="\n")
    _data(dataset, source / "extra")
    _exports(dataset, source / "extra" / "exports")
    shutil.copy(source / "references.bib", source / "extra")


def _chapters(notebooks: list[Path], folder: Path, places: dict, found) -> Iterator[dict]:
    """Write the chapters, and tell of each its title, question and figures."""
    import nbformat

    folder.mkdir(parents=True)
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        chapter = chapters.chapter(notebook, path.stem, folder, places, found)
        nbformat.write(chapter, folder / path.name)
        first = chapter.cells[0].source
        question = re.search(r"\*\*Question\.\*\*\s*(.+)", first)
        yield {
            "name": path.stem,
            "path": f"chapters/{path.name}",
            "title": re.match(r"# *(.*)", first)[1],
            "question": question[1] if question else "",
            "captions": dict(chapters.captions(notebook)),
        }


def _data(dataset: Dataset, extra: Path) -> None:
    """Copy the data as they are, and put all into one archive that is the same each time."""
    directory = dataset.codebook.directory
    paths = [table.path for table in dataset.codebook.tables.values()]
    with zipfile.ZipFile(_made(extra / "data" / "jkrel-data.zip"), "w") as archive:
        for path in ["datapackage.json", "codebook.md", *paths]:
            shutil.copyfile(directory / path, _made(extra / "data" / path))
            entry = zipfile.ZipInfo(path)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (directory / path).read_bytes())


def _exports(dataset: Dataset, folder: Path) -> None:
    """Put the tables there in the forms of other tools, each an archive."""
    from jkrel import export

    folder.mkdir(parents=True)
    for form in FORMS:
        made = folder / form
        export.export(dataset, form, made)
        shutil.make_archive(str(folder / f"jkrel-{form}"), "zip", made)
        shutil.rmtree(made)


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
