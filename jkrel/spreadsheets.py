"""What spreadsheets make of a CSV file, brought back into the form that the data have."""

import csv
import io
import re
from codecs import BOM_UTF8
from pathlib import Path

import pandas as pd

from jkrel.codebook import Table
from jkrel.reading import BOOLEANS, as_strings, read_strings

DECIMAL_COMMA = re.compile(r"^(-?[0-9]+),([0-9]+)$")


def read(path: Path, table: Table) -> tuple[pd.DataFrame | None, list[tuple]]:
    """Read a person's file as strings, as :func:`jkrel.reading.read_strings` reads the data.

    A byte-order mark, line ends of Windows, semicolons between cells, ``TRUE``, and ``0,8`` for
    0.8 make no difference.

    Returns
    -------
    frame : DataFrame, or None
        None if the file cannot be read as this table.
    problems : list of tuple
        What is wrong with the form of the file.
    """
    columns, problems = read_strings(path, table, plain)
    if columns is None:
        return None, problems
    frame = as_strings(columns)
    for column in table.columns:
        if column.type == "boolean":
            low = frame[column.name].str.lower()
            frame[column.name] = frame[column.name].mask(low.isin(list(BOOLEANS)), low)
        if column.type == "number":
            points = frame[column.name].str.replace(DECIMAL_COMMA, _with_point, regex=True)
            frame[column.name] = points
    return frame, problems


def plain(raw: bytes) -> bytes:
    """Take the byte-order mark and line ends of Windows away, and put commas for semicolons."""
    raw = raw.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n")
    head = raw.partition(b"\n")[0]
    if b";" not in head or b"," in head:
        return raw
    written = io.StringIO()
    try:
        rows = csv.reader(io.StringIO(raw.decode("utf-8"), newline=""), delimiter=";", strict=True)
        csv.writer(written, lineterminator="\n").writerows(rows)
    except (UnicodeDecodeError, csv.Error):
        return raw  # Whoever reads it says what is wrong, and where.
    return written.getvalue().encode()


def _with_point(number: re.Match) -> str:
    return ".".join(number.groups())
