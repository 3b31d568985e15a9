"""Write made-up event files in the layout of GDELT 2.0, as many rows as wanted.

``python benchmarks/make_stream.py 10000000 FOLDER`` writes ten files of a million rows, each named
as if it were of one day. Nothing in them is real: every cell is drawn from a hash of its row number
and the seed, so that the same call writes the same bytes. A row in ten is told again by the same
article, and one in fifty is between Japan and South Korea.
"""

import argparse
from datetime import date, timedelta
from pathlib import Path

import duckdb

from jkrel.streams.layouts import stream

PART = 10**6
CELLS = {
    "GlobalEventID": "900000000 + i",
    "Day": "strftime({day} - (CASE WHEN {e} % 20 = 7 THEN {e} % 30 ELSE 0 END)::INT, '%Y%m%d')",
    "MonthYear": "strftime({day}, '%Y%m')",
    "Year": "strftime({day}, '%Y')",
    "FractionDate": "2024.0137",
    "Actor1Code": "{first} || {role}[1 + ({e} // 13 % 8)::INT]",
    "Actor1Name": "'MADE UP ' || {e} % 999",
    "Actor1CountryCode": "{first}",
    "Actor2Code": "{second} || {role}[1 + ({e} // 17 % 8)::INT]",
    "Actor2CountryCode": "{second}",
    "IsRootEvent": "{r} % 2",
    "EventCode": "['010', '020', '036', '040', '042', '051', '061', '111', '173', '190']"
    "[1 + ({e} // 11 % 10)::INT]",
    "EventBaseCode": "['010', '020', '036', '040', '042', '051', '061', '111', '173', '190']"
    "[1 + ({e} // 11 % 10)::INT]",
    "EventRootCode": "['01', '02', '03', '04', '04', '05', '06', '11', '17', '19']"
    "[1 + ({e} // 11 % 10)::INT]",
    "QuadClass": "[1, 1, 1, 1, 1, 1, 2, 3, 4, 4][1 + ({e} // 11 % 10)::INT]",
    "GoldsteinScale": "[0.0, 3.0, 4.0, 1.0, 1.9, 3.4, 6.4, -2.0, -5.0, -10.0]"
    "[1 + ({e} // 11 % 10)::INT]",
    "NumMentions": "1 + {r} % 20",
    "NumSources": "1 + {r} % 3",
    "NumArticles": "1 + {r} % 20",
    "AvgTone": "round(({r} % 20000) / 1000.0 - 10, 6)",
    "ActionGeo_Type": "4",
    "ActionGeo_Fullname": "'Made-up Town, Made-up Province, Nowhere ' || {r} % 5000",
    "ActionGeo_CountryCode": "'XX'",
    "ActionGeo_ADM1Code": "'XX00'",
    "ActionGeo_Lat": "round(({r} % 180000) / 1000.0 - 90, 4)",
    "ActionGeo_Long": "round(({r} % 360000) / 1000.0 - 180, 4)",
    "ActionGeo_FeatureID": "'-' || {r} % 3000000",
    "DATEADDED": "strftime({day}, '%Y%m%d') || '000000'",
    "SOURCEURL": "'https://example.org/made-up-story/' || {e} // 3 || '/nothing-happened.html'",
}
"""SQL of each cell: i is the number of the row, e of the event that it tells, r at random."""
SIDE = (
    "[{states}, 'USA', 'CHN', 'GBR', 'FRA', NULL, NULL]"
    "[1 + (CASE WHEN e % 50 = 0 THEN e // 50 % 2 ELSE 2 + e // {step} % 6 END)::INT]"
)
SIDES = {
    "first": SIDE.format(states="'JPN', 'KOR'", step=7),
    "second": SIDE.format(states="'KOR', 'JPN'", step=3),
    "role": "['GOV', 'MIL', 'BUS', 'LEG', 'OPP', 'EDU', 'MED', '']",
}


def write(rows: int, folder: Path, seed: int = 1, part: int = PART) -> list[Path]:
    """Write files of made-up rows and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    connection, made = duckdb.connect(config={"threads": 2}), []
    for number, start in enumerate(range(0, rows, part)):
        day = date(2024, 1, 1) + timedelta(days=number)
        made.append(folder / f"{day:%Y%m%d}000000.export.CSV")
        event = f"hash(CASE WHEN i % 10 = 9 THEN i - 1 ELSE i END + {seed} * 7919)"
        parts = SIDES | {"e": "e", "r": "r", "day": f"DATE '{day}'"}
        cells = [f"{CELLS.get(name, 'NULL').format(**parts)} AS \"{name}\""
                 for name in stream("gdelt2").names]  # fmt: skip
        numbers = f"range({start}, {min(start + part, rows)}) AS numbers(i)"
        hashes = f"SELECT i, {event} // 2 AS e, hash(i * 31 + {seed}) // 2 AS r FROM {numbers}"
        connection.execute(
            f"COPY (SELECT {', '.join(cells)} FROM ({hashes})) TO '{made[-1]}' "
            "(FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '', ESCAPE '')"
        )
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("\n".join(map(str, write(options.rows, options.folder, options.seed))))


if __name__ == "__main__":
    main()
