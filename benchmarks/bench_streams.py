"""The part ``streams`` of ``bench.py``: DuckDB against pandas on made-up files of GDELT 2.0.

Every measurement is a process of its own, so that its peak of memory is its own. Each reads the
same files, counts stories once, and gives the monthly series of Japan and South Korea with the
total. Alone: ``python benchmarks/bench_streams.py ENGINE FOLDER`` prints seconds, seconds
of CPU and MiB.
"""

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = [10**6, 10**7, 3 * 10**7]
PAIR = ("JPN", "KOR")
THREADS = 2
CAPPED = "4GB"
"""Memory that DuckDB may take before it writes to disk."""
ROOM = 0.6
"""Part of the free memory that pandas may be expected to take; beyond it is not started."""
COLUMNS = [0, 1, 5, 7, 15, 17, 26, 29, 30, 60]
NAMES = ["id", "day", "name", "actor", "other", "target", "code", "quad", "score", "story"]


def by_ibis(raw):
    """Run the measure on an open table."""
    import pandas as pd

    from jkrel import streams

    days = {"start": [pd.Timestamp("2024-01-01")], "end": [pd.Timestamp("2024-12-31")]}
    told = streams.within(streams.events(raw, "gdelt2"), pd.DataFrame(days))
    return streams.series(streams.distinct(told, "gdelt2"), PAIR).execute()


def duckdb(folder: Path):
    """DuckDB on the files in place."""
    from jkrel.streams import files

    connection = files.connect(threads=THREADS, memory_limit=CAPPED)
    return by_ibis(files.open_duckdb(folder, "gdelt2", connection))


def spark(folder: Path):
    """Spark of two threads; the start of its machine is part of the time."""
    from pyspark.sql import SparkSession

    from jkrel.streams import files

    settings = {"spark.ui.enabled": "false", "spark.driver.memory": "6g"}
    master = SparkSession.builder.master(f"local[{THREADS}]")
    return by_ibis(files.open_spark(folder, "gdelt2", master.config(map=settings).getOrCreate()))


def pandas(folder: Path):
    """The same with pandas: needed columns only, every cell a string until it is typed."""
    import pandas as pd

    options = {"sep": "\t", "header": None, "usecols": COLUMNS, "dtype": str, "quoting": 3}
    parts = [pd.read_csv(path, **options) for path in sorted(folder.iterdir())]
    frame = pd.concat(parts, ignore_index=True).set_axis(NAMES, axis=1)
    frame["day"] = pd.to_datetime(frame["day"], format="%Y%m%d", errors="coerce")
    frame["score"] = pd.to_numeric(frame["score"], errors="coerce")
    frame = frame[frame["day"].between("2024-01-01", "2024-12-31") & frame["code"].notna()]
    keys = ["story", "day", "actor", "name", "target", "other", "code"]
    grouped = frame.groupby(keys, dropna=False, sort=False)
    once = grouped.agg(quad=("quad", "min"), score=("score", "mean"), records=("id", "size"))
    once = once.reset_index()
    month, first, second = once["day"].dt.to_period("M"), once["actor"], once["target"]
    ahead, back = first.eq(PAIR[0]) & second.eq(PAIR[1]), first.eq(PAIR[1]) & second.eq(PAIR[0])
    side = ahead.map({True: 1, False: 3}).mask(back, 2)
    quads = {f"quad_{n}": once["quad"].eq(n) for n in "1234"}
    once = once.assign(month=month, side=side, events=1, **quads)
    sums = {name: "sum" for name in ("events", "records", *quads)}
    return once.groupby(["month", "side"]).agg(sums | {"score": "mean"})


ENGINES = {"duckdb": duckdb, "pandas": pandas, "spark": spark}


def measured(engine: str, folder: Path) -> dict:
    """Run one engine in a process of its own: seconds, MiB at the peak, events between the two."""
    command = [sys.executable, "-W", "ignore", __file__, engine, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{engine} failed:\n{done.stdout}{done.stderr}")
    print(f"  {engine}: {done.stdout.splitlines()[-1]}", file=sys.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def free_memory() -> float:
    """MiB that the machine could give now; where it does not tell, all it has."""
    try:
        words = Path("/proc/meminfo").read_text(encoding="utf-8").split()
        return int(words[words.index("MemAvailable:") + 1]) / 1024
    except (OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**20


def rows(options, line) -> list:
    """Measure all sizes; `line` makes a row of the table of ``bench.py``."""
    from make_stream import write

    found, times, peak = [], {}, 0.0
    for size in [size for size in SIZES if size <= options.stream_rows]:
        with tempfile.TemporaryDirectory() as name:
            write(size, Path(name))
            there = measured("duckdb", Path(name))
            times[size] = there["seconds"]
            fits = peak * size < ROOM * free_memory()
            other = measured("pandas", Path(name)) if fits else None
            if size == SIZES[0] and importlib.util.find_spec("pyspark"):
                spark_took = measured("spark", Path(name))
                name_of = f"Spark, {size:,} rows, with its start"
                found.append(line(name_of, spark_took["seconds"], "DuckDB", there["seconds"]))
        if other and other["events"] != there["events"]:
            raise RuntimeError(f"DuckDB counts {there['events']} events, pandas {other['events']}")
        peak = other["mib"] / size if other else peak
        found += _lines(line, size, there, other)
    return found + _growth(line, times)


def _lines(line, size: int, there: dict, other: dict | None) -> list:
    target = 1 if other else None
    other = other or dict.fromkeys(("seconds", "cpu", "mib"), float("nan"))
    name = "pandas, same files"
    speeds = (size / there["seconds"], size / other["seconds"])
    return [
        line(f"stream of {size:,} rows, DuckDB", there["seconds"], name, other["seconds"], target),
        line("  rows a second", speeds[0], name, speeds[1], None, ""),
        line("  seconds of CPU, both cores", there["cpu"], name, other["cpu"]),
        line("  peak memory", there["mib"], name, other["mib"], target, "MiB"),
    ]


def _growth(line, times: dict[int, float]) -> list:
    if len(times) < 2:
        return []
    import numpy as np

    slope = np.polyfit(np.log10(list(times)), np.log10(list(times.values())), 1)[0]
    return [line("growth of DuckDB with the rows, exponent", slope, "linear", 1, 1.1, "")]


def main() -> None:
    engine, folder = sys.argv[1], Path(sys.argv[2])
    start = time.perf_counter()
    frame = ENGINES[engine](folder).reset_index()
    took = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak, cpu = used.ru_maxrss / 1024, used.ru_utime + used.ru_stime
    other = frame["side"].eq(3) if "side" in frame else frame["actor"].isna()
    between = int(frame.loc[~other, "events"].sum())
    print(json.dumps({"seconds": took, "cpu": cpu, "mib": peak, "events": between}))


if __name__ == "__main__":
    main()
