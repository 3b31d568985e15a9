"""Files of event streams as tables: DuckDB reads them in place, Spark too, BigQuery holds them."""

import atexit
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

from jkrel.streams.layouts import TEXT, Stream, files, parquet_columns, stream, survey, texts

ROLES = [
    *("event_id", "day", "actor", "actor_name", "target", "target_name"),
    *("code", "mode", "quad", "score", "story"),
]
"""What the measures need of a stream; a stream may lack some."""


def unpack(places, code: str, folder: Path) -> list[Path]:
    """Turn text files, ZIPs among them, into Parquet of the same columns, one at a time.

    DuckDB reads no ZIP. Each member is unpacked beside its Parquet file and removed again, so
    that the disk holds one unpacked file at most, and memory a few rows. A file that stands
    already is left.

    Parameters
    ----------
    places : str, Path, or list of these
        As for :func:`files`; a Parquet file among them is passed on.
    code : str
        A stream.
    folder : Path
        Takes the Parquet files.

    Returns
    -------
    list of Path
        Parquet files.
    """
    _refuse_others(places, code)
    made, folder = [], Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for path in files(places, code):
        if path.suffix == ".parquet":
            made.append(path)
        for name, lines in texts(path):
            target = folder / f"{Path(name).name}.parquet"
            if not target.exists():
                _to_parquet(lines, target, stream(code))
            made.append(target)
    return made


def _to_parquet(lines, target: Path, known: Stream) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        text, part = Path(name) / "text.csv", Path(name) / "part.parquet"
        with text.open("wb") as copy:
            shutil.copyfileobj(lines, copy, 2**20)
        _read_csv(connect(), [text], known).to_parquet(part, compression="zstd")
        part.replace(target)


def connect(**settings):
    """Connect to DuckDB in memory, with room on disk for what memory cannot hold.

    Parameters
    ----------
    **settings
        Of DuckDB, such as ``memory_limit="4GB"``, ``threads=2``.
    """
    import ibis

    room = {"temp_directory": str(Path(tempfile.gettempdir()) / "jkrel-duckdb")}
    return ibis.duckdb.connect(**(room | {"preserve_insertion_order": False} | settings))


def open_duckdb(places, code: str, connection=None, scratch: Path | None = None):
    """Open files of a stream as one table of DuckDB, read in place.

    Parameters
    ----------
    places : str, Path, or list of these
        As for :func:`files`.
    code : str
        A stream.
    connection : ibis backend, optional
        By default one of :func:`connect`.
    scratch : Path, optional
        Folder for the Parquet copies of ZIP files, which DuckDB cannot read: one file at a time
        is unpacked. By default a temporary folder, which is gone when Python ends; name one to
        keep the copies.

    Returns
    -------
    ibis Table
        Columns by their roles (``ROLES``), all strings; lines of another width are left out, and
        :func:`jkrel.streams.layouts.survey` counts them.

    Raises
    ------
    ValueError
        If a file has another layout, by its first lines; names file, line and difference.
    """
    import ibis

    _refuse_others(places, code)
    connection, known = connection or connect(), stream(code)
    paths = files(places, code)
    zipped = [path for path in paths if path.suffix.lower() == ".zip"]
    if zipped and scratch is None:
        scratch = Path(tempfile.mkdtemp(prefix="jkrel-stream-"))
        atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    parquet = [path for path in paths if path.suffix == ".parquet"]
    parquet += unpack(zipped, code, scratch) if zipped else []
    texts = [path for path in paths if path.suffix.lower() in TEXT]
    parts = [by_role(_read_csv(connection, texts, known), known)] if texts else []
    parts += [
        by_role(connection.read_parquet(str(path)), known, parquet_columns(path, known))
        for path in parquet
    ]
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


def _refuse_others(places, code: str) -> None:
    """Refuse files of another layout by their first lines; bad lines may be among them."""
    survey(places, code, tolerance=0.5, lines=100)


def _read_csv(connection, paths: list[Path], known: Stream):
    """Read text with every column a string and nothing guessed; quotes are plain signs."""
    return connection.read_csv(
        [str(path) for path in paths],
        delim="\t",
        header=False,
        skip=int(known.header),
        columns=dict.fromkeys(known.names, "VARCHAR"),
        quote="",
        escape="",
        auto_detect=False,
        ignore_errors=True,
    )


def open_spark(places, code: str, session):
    """Open text files of a stream as one table of Spark: as :func:`open_duckdb`, no ZIP.

    Parameters
    ----------
    places : str, Path, or list of these
        As for :func:`files`; on a cluster, paths that every worker sees.
    code : str
        A stream.
    session : pyspark.sql.SparkSession
    """
    import ibis

    _refuse_others(places, code)
    known, view = stream(code), f"jkrel_{code}"
    schema = ", ".join(f"`{name}` string" for name in known.names)
    options = {"sep": "\t", "quote": "", "escape": "", "mode": "DROPMALFORMED"}
    # Spark tells lines of another width only if it parses all columns.
    session.conf.set("spark.sql.csv.parser.columnPruning.enabled", "false")
    paths = [str(path) for path in files(places, code)]
    read = session.read.options(**options, header=known.header).schema(schema)
    read.csv(paths).createOrReplaceTempView(view)
    return by_role(ibis.pyspark.connect(session).table(view), known)


def bigquery(code: str):
    """Return the table of a GDELT stream on BigQuery, bound to no connection.

    The expression compiles with ``ibis.to_sql(expression, dialect="bigquery")`` and runs on
    ``ibis.bigquery.connect(...)``.

    Raises
    ------
    ValueError
        If the stream has no table there.
    """
    import ibis

    known = stream(code)
    if not known.row["table"]:
        raise ValueError(f"{known.label} has no public table on BigQuery that jkrel knows")
    catalog, database, name = known.row["table"].split(".")
    types = {"integer": "int64", "number": "float64", "string": "string"}
    schema = {
        column["other_name"] or column["name"]: types[column["type"]] for column in known.columns
    }
    table = ibis.table(schema, name=name, catalog=catalog, database=database)
    return by_role(
        table, known, {role: c["other_name"] or c["name"] for role, c in known.roles.items()}
    )


def by_role(table, known: Stream, names: dict[str, str] | None = None):
    """Select the columns that measures need, named by their roles, all strings."""
    import ibis

    names = names or {role: column["name"] for role, column in known.roles.items()}
    there = {role: table[names[role]].cast("string") for role in ROLES if role in names}
    lacking = {role: ibis.null("string") for role in ROLES if role not in names}
    return table.select(**there, **lacking)


def file_days(places, code: str) -> pd.DataFrame:
    """Tell from the names of files which days they are of.

    Returns
    -------
    DataFrame
        One row per day: day, files, and whole (whether all the files of a day are there; a file
        of a year counts for each of its days, up to the day on which it was written).

    Raises
    ------
    ValueError
        If a name does not tell its day; then name the covered days yourself.
    """
    known = stream(code)
    days = []
    for path in files(places, code):
        found = re.search(known.row["file_pattern"], path.name)
        if not found:
            message = "tells no day; name the covered days, with start and end, yourself"
            raise ValueError(f"{path}: its name, for {known.label}, {message}")
        parts = found.groupdict()
        period = pd.Period(parts["start"], freq="Y" if len(parts["start"]) == 4 else "D")
        last = min(period.end_time, pd.Timestamp(parts.get("written") or period.end_time))
        days += list(pd.date_range(period.start_time, last.normalize()))
    counted = pd.Series(days).value_counts().sort_index()
    frame = counted.rename_axis("day").reset_index(name="files")
    return frame.assign(whole=frame["files"].ge(int(known.row["files_a_day"])))


def bytes_to_read(places, code: str) -> int:
    """Return the bytes that a measure has to read from files.

    Text has to be read in full, ZIPs as unpacked; of Parquet only the columns that are needed.
    """
    import pyarrow.parquet

    total, known = 0, stream(code)
    for path in files(places, code):
        if path.suffix == ".parquet":
            wanted = set(parquet_columns(path, known).values())
            meta = pyarrow.parquet.read_metadata(path)
            groups = [meta.row_group(n) for n in range(meta.num_row_groups)]
            parts = [group.column(n) for group in groups for n in range(group.num_columns)]
            total += sum(p.total_compressed_size for p in parts if p.path_in_schema in wanted)
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                total += sum(member.file_size for member in archive.infolist())
        else:
            total += path.stat().st_size
    return total
