"""Layouts of machine-coded event streams, and a survey of the lines that are not of them.

A stream is GDELT 1.0 or 2.0, ICEWS or POLECAT. Its columns, and the document that each stands
in, are kept in ``data/streams``. Every cell stays a string until :mod:`jkrel.streams` gives it a
type, so that the code ``010`` never becomes ten.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import pandas as pd

DIRECTORY = Path(__file__).resolve().parents[2] / "data" / "streams"
TEXT = {".csv", ".tab", ".tsv", ".txt"}


@dataclass(frozen=True)
class Stream:
    """One stream: a row of ``data/streams/streams.csv`` and the columns of its files.

    Attributes
    ----------
    code, label, ontology : str
        Such as ``gdelt2``, ``GDELT 2.0``, ``cameo``.
    header : bool
        Whether the first line of a file names the columns.
    row : dict of str to str
        The whole row: keys of de-duplication, form of file names, table on BigQuery.
    columns : tuple of dict
        Columns in the order of the file: name, other_name, type, role, description, source.
    """

    code: str
    label: str
    ontology: str
    header: bool
    row: dict
    columns: tuple[dict, ...]

    @property
    def names(self) -> list[str]:
        """Names of the columns in the order of the file."""
        return [column["name"] for column in self.columns]

    @property
    def roles(self) -> dict[str, dict]:
        """The columns that the measures need, by their role."""
        return {column["role"]: column for column in self.columns if column["role"]}


def rows(name: str) -> list[dict]:
    """Read a table of ``data/streams`` as dictionaries of strings."""
    with (DIRECTORY / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def stream(code: str) -> Stream:
    """Return a stream by its code.

    Raises
    ------
    KeyError
        If there is no such stream; the message names those there are.
    """
    known = {row["code"]: row for row in rows("streams")}
    if code not in known:
        raise KeyError(f"no stream {code!r}; there are: {', '.join(known)}")
    row, header = known[code], known[code]["header"] == "true"
    return Stream(code, row["label"], row["ontology"], header, row, tuple(rows(code)))


def files(places, code: str) -> list[Path]:
    """List the files of a stream: text, ZIP and Parquet, in the order of their names.

    Parameters
    ----------
    places : str, Path, or list of these
        Files, and folders that are searched (not the folders in them).
    code : str
        A stream, for the message.

    Raises
    ------
    FileNotFoundError
        If a place does not exist, or nothing that can be read is there.
    """
    found = []
    for place in [places] if isinstance(places, str | Path) else places:
        place = Path(place)
        if not place.exists():
            raise FileNotFoundError(f"{place}: no such file or folder")
        inside = place.iterdir() if place.is_dir() else [place]
        found += [p for p in inside if p.suffix.lower() in TEXT | {".zip", ".parquet"}]
    if not found:
        raise FileNotFoundError(f"{places}: no file of {code} (text, ZIP or Parquet) is there")
    return sorted(found, key=lambda path: path.name)


def survey(places, code: str, tolerance: float = 0.01, lines: int | None = None) -> pd.DataFrame:
    """Read every file through once, line by line, and count what the readers skip.

    A line is skipped if it has another number of cells than the layout. Files are read as a
    stream, also out of a ZIP, in memory of a few lines. Parquet files are not read through:
    their columns are compared.

    Parameters
    ----------
    places : str, Path, or list of these
        As for :func:`files`.
    code : str
        A stream, such as ``gdelt2``.
    tolerance : float
        The share of bad lines above which a file counts as one of another layout.
    lines : int, optional
        Read only so many lines of each file, as the readers do before they open it.

    Returns
    -------
    DataFrame
        One row per file: file, lines (bad ones too, the header not), skipped, first_skipped
        (line number, missing if none) and difference.

    Raises
    ------
    ValueError
        If a file has another layout, is not UTF-8, or mixes line ends; names every such file with
        the line and the difference.
    """
    found, refused = [], []
    for path in files(places, code):
        try:
            found += [
                (name, *_read_through(islice(text, lines), name, stream(code), tolerance))
                for name, text in texts(path)
            ]
            if path.suffix == ".parquet":
                parquet_columns(path, stream(code))
        except ValueError as error:
            refused.append(str(error))
    if refused:
        raise ValueError("\n".join(refused))
    frame = pd.DataFrame(found, columns=["file", "lines", "skipped", "first_skipped", "difference"])
    return frame.astype({"first_skipped": "Int64"})


def texts(path: Path) -> Iterator[tuple[str, io.BufferedIOBase]]:
    """Open the text files of a path: itself, or the members of a ZIP."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as lines:
                    yield f"{path}/{name}", lines
    elif path.suffix != ".parquet":
        with path.open("rb", buffering=2**20) as lines:
            yield str(path), lines


def _read_through(lines, name: str, known: Stream, tolerance: float) -> tuple:
    """Count lines and bad lines of one file; refuse a file of another layout."""
    wanted, total, skipped, first, difference, windows = len(known.columns), 0, 0, None, "", None
    for number, line in enumerate(lines, start=1):
        windows = line.endswith(b"\r\n") if windows is None else windows
        if line.endswith(b"\r\n") != windows and line.endswith(b"\n"):
            raise ValueError(f"{name} line {number}: the line ends differ from the first line's")
        if not line.isascii():
            _decode(line, name, number)
        if number == 1 and known.header:
            _header(line, name, known)
            continue
        total += 1
        if line.count(b"\t") + 1 != wanted:
            skipped += 1
            if first is None:
                first, difference = number, _difference(line.count(b"\t") + 1, known)
    if not total:
        raise ValueError(f"{name}: has no rows")
    if skipped > tolerance * total:
        count = f"{skipped:,} of {total:,} lines"
        raise ValueError(f"{name} line {first}: {difference}; so in {count}")
    return total, skipped, first, difference


def _decode(line: bytes, name: str, number: int) -> None:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        message = "is not UTF-8; convert the file, for example with iconv -f latin1 -t utf8"
        raise ValueError(f"{name} line {number}: {message}") from None


def _difference(count: int, known: Stream) -> str:
    others = {len(rows(other["code"])): other["label"] for other in rows("streams")}
    hint = f"; {count} is {others[count]}" if count in others else ""
    return f"{count} columns, where {known.label} has {len(known.columns)}{hint}"


def _header(line: bytes, name: str, known: Stream) -> None:
    """Compare the names of the columns with the layout, in order."""
    got = line.decode("utf-8").removeprefix("\ufeff").rstrip("\r\n").split("\t")
    allowed = [{column["name"], column["other_name"]} for column in known.columns]
    if len(got) != len(allowed):
        known_names = set().union(*allowed)
        extra = [cell for cell in got if cell not in known_names]
        missing = [
            column["name"]
            for column in known.columns
            if not {column["name"], column["other_name"]} & set(got)
        ]
        parts = [f"missing: {', '.join(missing)}"] * bool(missing)
        parts += [f"not in the layout: {', '.join(extra)}"] * bool(extra)
        raise ValueError("; ".join([f"{name} line 1: {_difference(len(got), known)}", *parts]))
    for place, (cell, names) in enumerate(zip(got, allowed, strict=True), start=1):
        if cell not in names:
            wanted = known.columns[place - 1]["name"]
            raise ValueError(f"{name} line 1: column {place} is {cell!r}, not {wanted!r}")


def parquet_columns(path: Path, known: Stream) -> dict[str, str]:
    """Map the roles to the columns of a Parquet file, or say what is missing."""
    import pyarrow.parquet

    there = set(pyarrow.parquet.read_schema(path).names)
    found = {
        role: next((n for n in (c["name"], c["other_name"]) if n in there), None)
        for role, c in known.roles.items()
    }
    missing = [known.roles[role]["name"] for role, name in found.items() if name is None]
    if missing:
        raise ValueError(f"{path}: is no {known.label}; missing columns: {', '.join(missing)}")
    return found
