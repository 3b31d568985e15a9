"""The tables as files for other tools: Parquet, SQLite, Stata, Excel, PLOVER records and CSV.

Each export is a folder of its own, written whole or not at all, with ``export.json`` in it: the
format, the version and fingerprint of the data, the files, and names that had to be changed. Two
exports of the same data are the same bytes.
"""

import csv
import json
import shutil
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from itertools import chain
from pathlib import Path

from jkrel import writing
from jkrel.data import Dataset
from jkrel.formats import FORMULA, excel, parquet, plain_rows, sqlite, stata
from jkrel.reading import as_text

ABOUT = "export.json"


@dataclass(frozen=True)
class Exported:
    """What was written: the folder, its files, and names that had to be changed, old to new."""

    directory: Path
    files: tuple[str, ...]
    renamed: dict[str, str] = field(default_factory=dict)


def export(dataset: Dataset, to: str, directory: str | Path, force: bool = False) -> Exported:
    """Write all tables in the form of another tool.

    Parameters
    ----------
    dataset : Dataset
        What to write; a selection is written as it is.
    to : str
        One of the keys of ``WRITERS``: parquet, sqlite, stata, excel, plover, csv.
    directory : str or Path
        The folder to make. It appears when all is written.
    force : bool
        Replace an earlier export that is there.

    Returns
    -------
    Exported

    Raises
    ------
    FileExistsError
        If there is something of that name, and `force` is not given, or it is no export.
    ValueError
        If there is no such format, a package that it needs is missing, or it cannot hold the data.
    """
    if to not in WRITERS:
        raise ValueError(f"no format {to!r}; there are: {', '.join(WRITERS)}")
    _need(to)
    target = Path(directory).resolve()
    part, aside = (target.with_name(f".{target.name}.{end}") for end in ("part", "replaced"))
    if aside.exists() and not target.exists():
        aside.rename(target)  # what an export that was killed had put aside
    _may_write(target, force)
    for left in (part, aside):
        shutil.rmtree(left, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        renamed = WRITERS[to](dataset, part) or {}
        files = tuple(sorted(path.name for path in part.iterdir()))
        _write_json(part / ABOUT, _about(dataset, to, files, renamed))
        writing.replace(target, part, aside)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Exported(target, (*files, ABOUT), renamed)


def _need(to: str) -> None:
    """Refuse a format whose package is not installed, before anything is written."""
    for name in PACKAGES.get(to, ()):
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            message = f"export to {to} needs {error.name}; install jkrel with its extra `export`"
            raise ValueError(message) from error


def _may_write(target: Path, force: bool) -> None:
    if not target.exists():
        return
    if not force:
        raise FileExistsError(f"{target}: is there already; name another folder, or add --force")
    about = target / ABOUT
    own = (
        set(json.loads(about.read_text(encoding="utf-8"))["files"]) | {ABOUT}
        if about.is_file()
        else set()
    )
    found = {path.name for path in target.iterdir()} if target.is_dir() else {target.name}
    if other := sorted(found - own):
        raise FileExistsError(f"{target}: holds what no export wrote: {', '.join(other[:5])}")


def _about(dataset: Dataset, to: str, files: tuple[str, ...], renamed: dict[str, str]) -> dict:
    package = dataset.codebook.package
    about = {key: package[key] for key in ("name", "title", "version", "licenses")}
    about |= {"format": to, "fingerprint": dataset.fingerprint(), "files": list(files)}
    return about | {"renamed": renamed}


def _write_json(path: Path, value) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


# PLOVER


def _plover(dataset: Dataset, folder: Path) -> None:
    """Events as records; those of types that PLOVER does not have stand in a file of their own."""
    form = _form(dataset.codebook.directory)
    told = dataset.event_sources.groupby("event_id")["source_id"].unique()
    types = {row["code"]: row for row in dataset.codebook.codes["event_types"]}
    table = dataset.codebook.tables["events"]
    with (
        (folder / "plover.jsonl").open("w", encoding="utf-8", newline="\n") as records,
        (folder / "extensions.jsonl").open("w", encoding="utf-8", newline="\n") as extensions,
    ):
        for row in plain_rows(dataset, table):
            event = dict(zip(table.names, row, strict=True))
            sources = told.get(event["event_id"], ())
            record = _record(event, types[event["event_type"]], form, sources, dataset)
            line = json.dumps(record, ensure_ascii=False, default=date.isoformat)
            (records if record["event"] else extensions).write(line + "\n")
    _write_json(folder / "plover.schema.json", form["record"])


def _form(directory: Path) -> dict:
    path = directory / "plover.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not found; it tells how events become PLOVER records")
    return json.loads(path.read_text(encoding="utf-8"))


def _record(event: dict, kind: dict, form: dict, sources, dataset: Dataset) -> dict:
    """One event as a PLOVER record; what PLOVER has no field for stays in ``jkrel``."""
    left = dict(event)
    record = {"id": left.pop("event_id"), "date": left.pop("date_start")}
    record |= {"enddate": left.pop("date_end")}
    record["actor"] = [{"code": code} for code in left.pop("actors")]
    record["recipient"] = [{"code": code} for code in left.pop("recipients")]
    modes = form["record"]["properties"]["mode"]["items"]["enum"]
    detail = [kind["plover_mode"]] if kind["plover_mode"] else []
    record["event"] = [kind["plover"]] if kind["plover"] else []
    record["mode"] = [name for name in detail if name in modes]
    found = [form["contexts"][name].get(event[name], []) for name in form["contexts"]]
    contexts = [name for name in detail if name not in modes]
    record["context"] = list(dict.fromkeys(chain(contexts, *found)))
    place = {"name": left.pop("city"), "cc3": left.pop("country")}
    record["event_loc"] = {name: value for name, value in place.items() if value}
    if kind["plover_score"]:
        record["event_scale"] = float(kind["plover_score"])
    package = dataset.codebook.package
    cited = {"corpus": package["name"], "version": package["version"]}
    cited |= {"license": package["licenses"][0]["name"], "citation": "; ".join(sources)}
    record |= {"cite_info": cited, "comment": left.pop("summary")}
    return record | {"jkrel": {name: value for name, value in left.items() if value is not None}}


# CSV


def _csv(dataset: Dataset, folder: Path) -> None:
    """The canonical files, and beside each a copy that a spreadsheet opens without harm.

    In ``NAME.spreadsheet-safe.csv`` a text that starts with one of ``FORMULA`` has an apostrophe
    before it, and every cell stands in quotes, as OWASP advises; the file starts with a byte order
    mark, by which Excel knows UTF-8. A text that starts with an apostrophe gets one too, so that
    taking the first apostrophe of every cell away gives the canonical file again. Numbers stay.
    """
    for table in dataset.codebook.tables.values():
        path = folder / f"{table.name}.csv"
        if (dataset.whole or {}).get(table.name) is dataset.tables[table.name]:
            shutil.copyfile(dataset.codebook.directory / table.path, path)
        else:
            with path.open("w", encoding="utf-8", newline="") as file:
                written = csv.writer(file, lineterminator="\n")
                written.writerow(table.names)
                written.writerows(map(as_text, row) for row in plain_rows(dataset, table))
        _spreadsheet_safe(path, [column.type in ("integer", "number") for column in table.columns])
    shutil.copyfile(dataset.codebook.directory / "datapackage.json", folder / "datapackage.json")


def _spreadsheet_safe(path: Path, numbers: list[bool]) -> None:
    with (
        path.open(encoding="utf-8", newline="") as canonical,
        path.with_suffix(".spreadsheet-safe.csv").open(
            "w", encoding="utf-8-sig", newline=""
        ) as safe,
    ):
        written = csv.writer(safe, quoting=csv.QUOTE_ALL)
        written.writerows(map(_neutral, row, numbers) for row in csv.reader(canonical))


def _neutral(text: str, number: bool) -> str:
    return f"'{text}" if text.startswith(FORMULA) and not number else text


WRITERS = {
    "parquet": parquet,
    "sqlite": sqlite,
    "stata": stata,
    "excel": excel,
    "plover": _plover,
    "csv": _csv,
}
PACKAGES = {"parquet": ["pyarrow"], "excel": ["xlsxwriter"]}
