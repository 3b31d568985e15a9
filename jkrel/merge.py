"""Reviewed events join the tables, or a merged source leaves them: all or nothing."""

import calendar
import csv
import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from jkrel import check, joining
from jkrel.codebook import DESCRIPTOR
from jkrel.data import Dataset, load
from jkrel.reading import gathered
from jkrel.review import review

STAGE, JOURNAL = ".merge-", "commit.json"
CHANGELOG = "../CHANGELOG.md"
HEADING = "## Unreleased\n\n"
WRITTEN = ["sources", "coverage", "events", "event_sources", "participants", "disputes"]
"""The tables that a merge writes, and that taking a source out may empty of its rows."""


class Refused(ValueError):
    """Nothing was changed; `problems` lists every reason.

    Parameters
    ----------
    problems : DataFrame
        Columns file, row, column, value, rule, message.
    """

    def __init__(self, problems: pd.DataFrame):
        self.problems = problems
        settle = f"Nothing was changed: {len(problems)} to settle first"
        super().__init__("\n".join([*gathered(problems), settle]))


def merge(
    path: str | Path,
    directory: str | Path,
    source: dict,
    coverage: dict,
    participants: str | Path | None = None,
    disputes: str | Path | None = None,
    duplicates: str = "refuse",
    first: str | Path | None = None,
) -> str:
    """Add the events of a reviewed proposal to a data folder, all or nothing.

    Rows go to the end of ``events``, ``event_sources``, ``sources``, ``coverage``, and of
    ``participants`` and ``disputes`` if given; the article is named in ``datapackage.json`` and,
    if there is one beside the folder, in ``CHANGELOG.md``. No other byte changes.

    Parameters
    ----------
    path : str or Path
        The edited file of ``jkrel propose``.
    directory : str or Path
        The data folder.
    source : dict
        Cells of the row of ``sources``: author, title, date_published and publisher at least;
        journal, volume, number, pages, language, url ... where there are any. The kind is
        ``article``, the id that of the entries, and ``entries`` the highest number printed,
        unless given.
    coverage : dict
        Cells of the row of ``coverage``: start, end, completeness, reason at least.
    participants, disputes : str or Path, optional
        CSV files with the columns of these tables, for the new events.
    duplicates : {"refuse", "join"}
        With ``join``, a row that names an event of the data in its column ``same_as`` is added to
        ``event_sources`` alone, as a further telling of that event.
    first : str or Path, optional
        The untouched copy, as for :func:`jkrel.review.review`.

    Returns
    -------
    str
        What was added, to print.

    Raises
    ------
    Refused
        If a rule would not hold, or something is in the data already; lists everything.
    ValueError
        If `source` or `coverage` names a field that does not exist.
    """
    directory = Path(directory)
    recover(directory)
    dataset = load(directory)
    found = review(path, dataset, source, coverage, participants, disputes, duplicates, first)
    _refuse(pd.concat([found.problems, found.conflicts]))
    files = {
        dataset.codebook.tables[name].path: _appended(dataset, name, rows)
        for name, rows in found.additions.items()
    }
    row = found.additions["sources"].iloc[0]
    number = len(found.additions.get("events", ()))
    joined = len(found.additions["event_sources"]) - number
    done = f"Added {number} event{'s' if number != 1 else ''} of {row['source_id']}"
    done += f", which also tells {joined} known before." if joined else "."
    files[DESCRIPTOR] = _package(dataset, _reference(row), True)
    files |= _changelog(directory, lambda text: _noted(text, f"- {done}\n"))
    _write(files, dataset)
    counts = [f"{len(rows)} {name}" for name, rows in found.additions.items()]
    left = f"\nEntries left out: {', '.join(found.left_out)}" if found.left_out else ""
    return f"{done}{left}\nRows: {', '.join(counts)}"


def remove(source_id: str, directory: str | Path) -> str:
    """Take a merged article out again, all or nothing: the reverse of :func:`merge`.

    Parameters
    ----------
    source_id : str
        An article of ``sources``.
    directory : str or Path
        The data folder.

    Returns
    -------
    str
        What was taken out, to print.

    Raises
    ------
    Refused
        If other rows build on what would go: a change, an answer, a telling by another source.
    ValueError
        If there is no such article.
    """
    directory = Path(directory)
    recover(directory)
    dataset = load(directory)
    articles = dataset.sources[dataset.sources["kind"].eq("article")].set_index("source_id")
    if source_id not in articles.index:
        raise ValueError(f"no article {source_id!r}; there are: {', '.join(articles.index)}")
    own = dataset.events["entry_id"].str.rsplit("-", n=1).str[0].eq(source_id)
    ids = set(dataset.events.loc[own, "event_id"])
    _refuse(_told_elsewhere(dataset, ids, source_id))
    files = {}
    for name in WRITTEN:
        out = joining.rows_of(dataset.tables[name], ids, source_id)
        if out.any():
            files[dataset.codebook.tables[name].path] = _without(dataset, name, out)
    files[DESCRIPTOR] = _package(dataset, _reference(articles.loc[source_id]), False)
    files |= _changelog(directory, lambda text: _unnoted(text, source_id))
    _write(files, dataset)
    return f"Took out {source_id} with {len(ids)} event{'s' if len(ids) != 1 else ''}"


def recover(directory: str | Path) -> list[str]:
    """Bring a data folder to rest after an interruption: as before it, or as meant.

    A merge that had been decided is finished, one that had not leaves no trace. Where nothing was
    interrupted, nothing happens.

    Parameters
    ----------
    directory : str or Path
        The data folder.

    Returns
    -------
    list of str
        One line per interruption: what was done.

    Raises
    ------
    ValueError
        If a file was edited after the interruption; nothing is overwritten then.
    """
    done = []
    for stage in sorted(Path(directory).glob(f"{STAGE}*")):
        if (stage / JOURNAL).is_file():
            _finish(stage)
            done.append(f"{stage.name}: finished what was interrupted")
        else:
            shutil.rmtree(stage)
            done.append(f"{stage.name}: undid what was interrupted")
    return done


def _refuse(problems: pd.DataFrame) -> None:
    if len(problems):
        raise Refused(problems.reset_index(drop=True))


def _told_elsewhere(dataset: Dataset, ids: set, source_id: str) -> pd.DataFrame:
    """List the events of an article that other sources tell too, with the rows that do."""
    told = dataset.event_sources
    rows = told[told["event_id"].isin(ids) & told["source_id"].ne(source_id)]
    message = f"is told by another source than {source_id} too; give it that entry first"
    found = rows.assign(
        file="event_sources.csv",
        row=rows.index + 2,
        column="event_id",
        value=rows["event_id"],
        rule="told elsewhere",
        message=message,
    )
    return found[["file", "row", "column", "value", "rule", "message"]]


def _appended(dataset: Dataset, name: str, rows: pd.DataFrame) -> bytes:
    """Return the file of a table with rows at its end; what stood there keeps every byte."""
    table, text = dataset.codebook.tables[name], io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows[table.names].to_numpy())
    before = (dataset.codebook.directory / table.path).read_bytes()
    return before + b"\n" * (not before.endswith(b"\n")) + text.getvalue().encode()


def _without(dataset: Dataset, name: str, out: pd.Series) -> bytes:
    """Return the file of a table without some rows; each row is one line, as reading demands."""
    path = dataset.codebook.directory / dataset.codebook.tables[name].path
    head, *lines = path.read_bytes().splitlines(keepends=True)
    return head + b"".join(line for line, goes in zip(lines, out, strict=True) if not goes)


def _reference(row: pd.Series) -> str:
    """Name an article as ``datapackage.json`` names its sources."""
    cells = {name: "" if pd.isna(value) else str(value) for name, value in row.items()}
    year, month, *_ = [*cells["date_published"].split("-"), ""]
    when = f"{calendar.month_name[int(month)]} {year}" if month else year
    issue = [f"Vol. {cells['volume']}"] * bool(cells["volume"])
    issue += [f"No. {cells['number']}"] * bool(cells["number"])
    place = [cells["journal"] or cells["title"], " ".join(issue)]
    pages = f", pp. {cells['pages']}" if cells["pages"] else ""
    named = f"{', '.join(filter(None, place))} ({when}){pages}"
    return f"{named}, by {cells['author']}; {cells['publisher']}"


def _package(dataset: Dataset, reference: str, add: bool) -> bytes:
    """Return the descriptor with an article among its sources, after the others, or without."""
    package, entry = dict(dataset.codebook.package), {"title": reference}
    sources = list(package.get("sources", []))
    if add:
        place = next((n for n, item in enumerate(sources) if "path" in item), len(sources))
        sources.insert(place, entry)
    elif entry in sources:
        sources.remove(entry)
    package["sources"] = sources
    return (json.dumps(package, indent=2, ensure_ascii=False) + "\n").encode()


def _changelog(directory: Path, edit) -> dict[str, bytes]:
    """Return the edited changelog beside the data folder, if there is one."""
    path = directory / CHANGELOG
    if not path.is_file():
        return {}
    return {CHANGELOG: edit(path.read_bytes().decode("utf-8")).encode()}


def _noted(text: str, line: str) -> str:
    """Put a line first under the heading of what is unreleased, which is made if need be."""
    open_ = re.search(rf"^{HEADING}", text, re.M)
    if open_:
        before, after = text[: open_.end()], text[open_.end() :]
        return before + line + "\n" * after.startswith("#") + after
    first = re.search(r"^## ", text, re.M)
    place = first.start() if first else len(text)
    return f"{text[:place]}{HEADING}{line}\n{text[place:]}"


def _unnoted(text: str, source_id: str) -> str:
    """Take the line about a source out, and the heading of what is unreleased if none is left."""
    line = rf"^- Added [0-9]+ events? of {re.escape(source_id)}[.,][^\n]*\n"
    text = re.sub(line, "", text, count=1, flags=re.M)
    return re.sub(rf"^{HEADING}\n(?=## |\Z)", "", text, flags=re.M)


def _write(files: dict[str, bytes], dataset: Dataset) -> None:
    """Replace files of a data folder together, if every rule holds with them.

    The whole folder is built anew in a staging folder and checked there. A journal, itself put in
    place by one renaming, decides: before it stands, the old files count; after it, the new.
    """
    stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=dataset.codebook.directory))
    try:
        journal = _stage(files, stage, dataset)
        _refuse(check.problems(stage))
        _decide(journal, stage)
    except Exception:
        if not (stage / JOURNAL).exists():
            shutil.rmtree(stage)
        raise
    _finish(stage)


def _stage(files: dict[str, bytes], stage: Path, dataset: Dataset) -> dict[str, list[str]]:
    """Build the folder as it is to be, and return the hashes of each file, old and new."""
    directory, tables = dataset.codebook.directory, dataset.codebook.tables.values()
    for name in [DESCRIPTOR, *[table.path for table in tables], *files]:
        copy = _staged(stage, name)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy2(directory / name, copy)
    journal = {}
    for name, content in files.items():
        copy = _staged(stage, name)
        journal[name] = [_sha256(copy), hashlib.sha256(content).hexdigest()]
        with copy.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if (directory / name).parent.stat().st_dev != stage.stat().st_dev:
            raise ValueError(f"{directory / name}: is on another disk than {directory}")
    return journal


def _decide(journal: dict[str, list[str]], stage: Path) -> None:
    """Put the journal in place: from here on, the new files count."""
    _untouched(journal, stage)
    draft = stage / f"{JOURNAL}.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(journal, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    _settle(stage)
    os.replace(draft, stage / JOURNAL)
    _settle(stage, stage.parent)


def _finish(stage: Path) -> None:
    """Put the staged files in place, as often as need be, and clear the staging folder."""
    journal = json.loads((stage / JOURNAL).read_text(encoding="utf-8"))
    _inside(journal, stage)
    _untouched(journal, stage)
    directory = stage.parent
    for name, (_, new) in journal.items():
        if _sha256(directory / name) != new:
            os.replace(_staged(stage, name), directory / name)
    _settle(directory, directory / "..")
    (stage / JOURNAL).unlink()
    shutil.rmtree(stage)


def _inside(journal: dict[str, list[str]], stage: Path) -> None:
    """Refuse a journal that no merge wrote: it may name files of the data folder alone."""
    folder = stage.parent.resolve()
    for name in journal:
        if name != CHANGELOG and not (folder / name).resolve().is_relative_to(folder):
            raise ValueError(f"{stage / JOURNAL}: {name!r} is not in {folder}; delete {stage}")


def _untouched(journal: dict[str, list[str]], stage: Path) -> None:
    """Refuse to go on if a file is neither what it was nor what it is to be."""
    for name, known in journal.items():
        path = stage.parent / name
        if not path.is_file() or _sha256(path) not in known:
            raise ValueError(
                f"{path}: was edited meanwhile; put it back, or delete {stage} to keep it as it is"
            )


def _staged(stage: Path, name: str) -> Path:
    return stage / name.removeprefix("../")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _settle(*folders: Path) -> None:
    """Have the names in folders written to disk, where the system lets folders be opened."""
    if os.name != "posix":
        return
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
