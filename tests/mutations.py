"""Spoil one cell of the real tables at a time, in many ways, and see whether the check notices.

``python tests/mutations.py --number 2500`` prints the share caught per kind and writes it to
``benchmarks/results/mutations.csv``, with totals of both groups and of all. `PLAUSIBLE` says
which kinds give values that can be right, so that a rule notices only some of them, and why.
"""

import argparse
import csv
import random
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pandas as pd
from scipy.stats import binomtest

from jkrel import check, codebook, reading

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "mutations.csv"
KEPT: dict = {}
"""Sound files as they were read, which spares most of the time of a check."""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LOOKALIKES = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")  # noqa: RUF001


@dataclass(frozen=True)
class Cell:
    """One cell as it stands in a file, with its row and the rest of its table."""

    table: codebook.Table
    column: codebook.Column
    rows: list[dict]
    place: int
    tables: dict

    @property
    def row(self) -> dict:
        return self.rows[self.place]

    @property
    def text(self) -> str:
        return self.row[self.column.name]

    def others(self) -> list[str]:
        """The other values that stand in this column."""
        return sorted({row[self.column.name] for row in self.rows} - {self.text, ""})


@dataclass(frozen=True)
class Kind:
    """A way to spoil a cell: which cells, and what becomes of the cell or the row."""

    fits: Callable[[Cell], bool]
    spoil: Callable[[Cell, random.Random], str | dict | None]


def only(*names: str) -> Callable[[Cell], bool]:
    """Cells of these columns, ``table.column``."""
    return lambda cell: f"{cell.table.name}.{cell.column.name}" in names


def typed(*types: str) -> Callable[[Cell], bool]:
    """Cells of these types that are no codes."""
    return lambda cell: cell.column.type in types and not cell.column.codes


def coded(cell: Cell) -> bool:
    """Cells that hold one code or several."""
    return bool(cell.column.codes or cell.column.list_of)


def free(cell: Cell) -> bool:
    """Cells that hold words: no code, no id, no form prescribed."""
    column = cell.column
    plain = not coded(cell) and column.type == "string" and "pattern" not in column.constraints
    return plain and " " in cell.text


def any_cell(cell: Cell) -> bool:
    """Every cell that is not empty."""
    return bool(cell.text)


def referring(cell: Cell) -> bool:
    """Cells that name a row of another table, and keys themselves."""
    return any(column == cell.column.name for column, _, _ in cell.table.references)


def named(cell: Cell) -> bool:
    """Whether each actor of the event has a participant."""
    rows = [row for row in cell.tables["participants"] if row["event_id"] == cell.row["event_id"]]
    sides = {row["country"] for row in rows if row["role"] == "actor"}
    return sides >= set(cell.row["actors"].split(";"))


def letters(text: str) -> list[int]:
    return [place for place, sign in enumerate(text) if sign.isalpha()]


def at(text: str, place: int, sign: str, width: int = 1) -> str:
    return text[:place] + sign + text[place + width :]


def slip(cell, rng):
    """A letter doubled, dropped or replaced."""
    place = rng.choice(letters(cell.text) or [0])
    sign = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return at(cell.text, place, rng.choice(["", sign, cell.text[place] * 2]))


def day_and_month(cell, rng):
    year, month, day = cell.text.split("-")
    return f"{year}-{day}-{month}"


def year_off(cell, rng):
    return f"{int(cell.text[:4]) + rng.choice([-10, 10, 100, -1000])}{cell.text[4:]}"


def swapped(first: str, last: str):
    """Two cells of a row exchanged, where they differ."""

    def spoil(cell, rng):
        pair = cell.row[first], cell.row[last]
        return {first: pair[1], last: pair[0]} if "" not in pair and pair[0] != pair[1] else None

    return spoil


def neighbour(cell, rng):
    """A cell exchanged with the next one."""
    names = cell.table.names
    following = names[(names.index(cell.column.name) + 1) % len(names)]
    return {cell.column.name: cell.row[following], following: cell.text}


def another(cell, rng):
    """The value of another row."""
    return rng.choice(cell.others()) if cell.others() else None


def another_code(cell, rng):
    """Another code of the list."""
    codes = [row["code"] for row in cell.tables[cell.column.codes]]
    return rng.choice([code for code in codes if code != cell.text])


def shorter_list(cell, rng):
    items = cell.text.split(";")
    items.pop(rng.randrange(len(items)))
    return ";".join(items)


def wrap(before: str = "", after: str = ""):
    return lambda cell, rng: before + cell.text + after


def within(sign: str):
    """A sign put between two others."""

    def spoil(cell, rng):
        if len(cell.text) < 2:
            return None
        place = rng.randrange(1, len(cell.text))
        return at(cell.text, place, sign, 0)

    return spoil


def instead(text: str):
    return lambda cell, rng: text


def lookalike(cell, rng):
    places = [p for p, sign in enumerate(cell.text) if sign.translate(LOOKALIKES) != sign]
    if not places:
        return None
    place = rng.choice(places)
    return at(cell.text, place, cell.text[place].translate(LOOKALIKES))


def mojibake(cell, rng):
    return cell.text.encode("utf-8").decode("cp1252", errors="replace")


def half(cell, rng):
    return cell.text[: len(cell.text) // 2].rstrip() or None


def digits(cell, rng):
    """Two different digits that stand side by side, exchanged."""
    pairs = [m.start() for m in re.finditer(r"(?=(\d)(?!\1)\d)", cell.text)]
    if not pairs:
        return None
    place = rng.choice(pairs)
    return at(cell.text, place, cell.text[place + 1] + cell.text[place], 2)


def scaled(factor: int):
    return lambda cell, rng: f"{float(cell.text) * factor:g}"


def hex_digit(cell, rng):
    place = rng.randrange(len(cell.text))
    return at(
        cell.text, place, rng.choice([s for s in "0123456789abcdef" if s != cell.text[place]])
    )


def split_dates(cell):
    return (
        cell.column.type == "date" and int(cell.text[8:]) <= 12 and cell.text[5:7] != cell.text[8:]
    )


PLAUSIBLE = {
    "typo in a name": (
        "a name that no table lists may be right; caught where the row then repeats another"
    ),
    "day and month exchanged": (
        "another day that no other table tells; caught where it leaves its window or its neighbours"
    ),
    "negative number": "a rate of change may be negative; counts and shares are bounded",
    "two digits exchanged": "a number as likely as the first; only the source tells",
    "recipient dropped": (
        "an act may be addressed to nobody; caught only where a participant or the issue needs one"
    ),
    "participant of another event": (
        "a person of the same state can have been there; caught where the side, the level "
        "or the key no longer fits"
    ),
    "source of another event": (
        "a page may tell any event; caught where it was the only source or the date, the "
        "entry or the key no longer fits"
    ),
    "level changed, a side without a name": "participants give the level; one side has none",
    "mode changed": "possible for the event too; only the source tells which is right",
    "event type changed": "possible for the event too; only the source tells which is right",
    "issue changed": "possible for the event too; only the source tells which is right",
    "valence changed": "possible for the event too; only the source tells which is right",
    "status changed": "possible for the event too; only the source tells which is right",
    "wrong hash": "only the article's own text tells; `jkrel verify` compares it",
    "word changed in a text": "words are our own; no rule knows what they should say",
}
"""Kinds whose values can be right, and what rules notice of them; sorted by hand."""

FORM, CHOICE, TOTAL = "change of form or contradiction", "plausible value", "total"
HEAD = ["group", "kind", "caught", "mutations", "share", "low", "high", "why_not_all"]

KINDS = {
    # Slips of the hand
    "typo in a code": Kind(coded, slip),
    "typo in an id": Kind(
        lambda c: c.table.key == (c.column.name,) and c.column.type == "string", slip
    ),
    "typo in a name": Kind(only("participants.name"), slip),
    "typo in a reference": Kind(referring, slip),
    "id of another row": Kind(lambda c: c.table.key == (c.column.name,), another),
    "case changed": Kind(coded, lambda c, rng: c.text.swapcase()),
    "cell emptied": Kind(lambda c: c.column.required, instead("")),
    "cell exchanged with the next": Kind(
        lambda c: coded(c) or c.column.type != "string", neighbour
    ),
    "blank at the end": Kind(any_cell, wrap(after=" ")),
    "blank at the start": Kind(any_cell, wrap(before=" ")),
    "line break inside": Kind(any_cell, within("\n")),
    "placeholder for missing": Kind(
        lambda c: coded(c) or c.column.type != "string",
        lambda c, rng: rng.choice(["NA", "nan", "NULL", "-", "n/a", "?"]),
    ),
    "placeholder in words": Kind(
        lambda c: c.column.type == "string" and not coded(c),
        lambda c, rng: rng.choice(["NA", "nan", "NULL", "n/a", "#N/A", "#REF!", "TODO", "?"]),
    ),
    # Dates
    "start and end exchanged": Kind(only("events.date_start"), swapped("date_start", "date_end")),
    "day and month exchanged": Kind(split_dates, day_and_month),
    "month over 12": Kind(
        lambda c: c.column.type == "date" and int(c.text[8:]) > 12, day_and_month
    ),
    "no day of the calendar": Kind(
        typed("date"),
        lambda c, rng: c.text[:4] + rng.choice(["-02-30", "-04-31", "-13-01", "-00-10"]),
    ),
    "year far off": Kind(
        lambda c: (
            f"{c.table.name}.{c.column.name}"
            in {
                "events.date_start",
                "launches.date",
                "coverage.start",
                "coverage.end",
                "polls.field_start",
                "polls.field_end",
                "indicators.period_start",
                "indicators.period_end",
                "forecasts.horizon_end",
            }
        ),
        year_off,
    ),
    "date as a spreadsheet shows it": Kind(
        typed("date"),
        lambda c, rng: rng.choice(
            [
                f"{int(c.text[5:7])}/{int(c.text[8:])}/{c.text[:4]}",
                str((pd.Timestamp(c.text) - pd.Timestamp("1899-12-30")).days),
                c.text + " 00:00:00",
                f"{pd.Timestamp(c.text):%d-%b-%y}",
            ]
        ),
    ),
    "poll ends before it starts": Kind(
        only("polls.field_start"),
        lambda c, rng: (
            {"field_start": c.row["field_end"], "field_end": c.row["field_start"]}
            if c.row["field_end"] not in ("", c.row["field_start"])
            else None
        ),
    ),
    "coverage window reversed": Kind(only("coverage.start"), swapped("start", "end")),
    "period reversed": Kind(only("indicators.period_start"), swapped("period_start", "period_end")),
    "horizon reversed": Kind(
        only("forecasts.horizon_start"), swapped("horizon_start", "horizon_end")
    ),
    # Numbers
    "thousands separator": Kind(
        lambda c: typed("integer", "number")(c) and len(c.text.split(".")[0]) > 3,
        lambda c, rng: f"{float(c.text):,.0f}",
    ),
    "decimal comma": Kind(
        lambda c: typed("number")(c) and "." in c.text, lambda c, rng: c.text.replace(".", ",")
    ),
    "percent sign": Kind(typed("integer", "number"), wrap(after="%")),
    "number in words": Kind(typed("integer", "number"), instead("ten")),
    "minus sign of typography": Kind(typed("integer", "number"), wrap(before="\u2212")),
    "exponent": Kind(typed("integer", "number"), lambda c, rng: f"{float(c.text):.1e}"),
    "full-width digit": Kind(
        lambda c: c.text and c.text[0].isdigit(),
        lambda c, rng: chr(ord(c.text[0]) + 0xFEE0) + c.text[1:],
    ),
    "negative number": Kind(
        typed("integer", "number"), lambda c, rng: "-" + c.text if float(c.text) > 0 else None
    ),
    "poll over 100": Kind(
        only("polls.approve_pct", "polls.disapprove_pct"), lambda c, rng: f"{float(c.text) + 100:g}"
    ),
    "launch counts reversed": Kind(
        only("launches.missiles_low"), swapped("missiles_low", "missiles_high")
    ),
    "duration in seconds": Kind(only("events.duration_min"), scaled(60)),
    "two digits exchanged": Kind(lambda c: typed("integer", "number")(c), digits),
    # Relations between cells and tables
    "actor dropped": Kind(only("events.actors"), shorter_list),
    "actor replaced": Kind(only("events.actors"), another),
    "recipient dropped": Kind(only("events.recipients"), shorter_list),
    "participant orphaned": Kind(only("participants.event_id"), lambda c, rng: c.text[:-1] + "z"),
    "participant of another event": Kind(only("participants.event_id"), another),
    "participant of another state": Kind(only("participants.country"), another_code),
    "source of another event": Kind(only("event_sources.event_id"), another),
    "format changed": Kind(only("events.format"), another_code),
    "level changed, sides named": Kind(
        lambda c: only("events.level")(c) and named(c), another_code
    ),
    "level changed, a side without a name": Kind(
        lambda c: only("events.level")(c) and not named(c), another_code
    ),
    "mode changed": Kind(only("events.mode"), another_code),
    "event type changed": Kind(only("events.event_type"), another_code),
    "issue changed": Kind(only("events.issue"), another_code),
    "valence changed": Kind(only("events.valence"), another_code),
    "status changed": Kind(only("events.status"), another_code),
    "order of a list of codes changed": Kind(
        lambda c: c.column.list_of in {"actors", "issues", "launch_kinds"} and ";" in c.text,
        lambda c, rng: ";".join(reversed(c.text.split(";"))),
    ),
    "list item repeated": Kind(
        lambda c: bool(c.column.list_of), lambda c, rng: c.text + ";" + c.text.split(";")[-1]
    ),
    "wrong delimiter of a list": Kind(
        lambda c: bool(c.column.list_of) and ";" in c.text,
        lambda c, rng: c.text.replace(";", rng.choice([",", "; ", "|", " "])),
    ),
    "wrong hash": Kind(only("event_sources.entry_sha256"), hex_digit),
    "hash cut short": Kind(only("event_sources.entry_sha256"), half),
    # Signs
    "mojibake": Kind(lambda c: not c.text.isascii(), mojibake),
    "lookalike letter": Kind(any_cell, lookalike),
    "no-break space": Kind(
        lambda c: " " in c.text, lambda c, rng: c.text.replace(" ", "\u00a0", 1)
    ),
    "invisible sign": Kind(
        any_cell, lambda c, rng: within(rng.choice("\u200b\u00ad\u200e\ufeff\u2060\x07\t"))(c, rng)
    ),
    "letters taken apart": Kind(
        lambda c: unicodedata.normalize("NFD", c.text) != c.text,
        lambda c, rng: unicodedata.normalize("NFD", c.text),
    ),
    "markup": Kind(lambda c: coded(c) or c.column.type != "string", wrap("<b>", "</b>")),
    "boolean as a spreadsheet writes it": Kind(
        typed("boolean"), lambda c, rng: rng.choice([c.text.upper(), "1", "yes", c.text.title()])
    ),
    "address spoilt": Kind(
        only("sources.url"),
        lambda c, rng: rng.choice(
            [
                c.text.replace("://", ":/"),
                c.text.replace("http", "htp"),
                at(c.text, 12, " ", 0),
                c.text.split("://")[-1],
            ]
        ),
    ),
    "text cut in half": Kind(
        lambda c: only("events.summary", "claims.claim", "forecasts.forecast", "forecasts.rule")(c),
        half,
    ),
    "word changed in a text": Kind(
        free, lambda c, rng: c.text.replace(rng.choice(c.text.split()), "not", 1)
    ),
}


def cells(tables: dict[str, tuple], kind: Kind) -> list[Cell]:
    """All cells that a kind can spoil."""
    raw = {name: rows for name, (_, rows) in tables.items()}
    return [
        cell
        for table, rows in tables.values()
        for column in table.columns
        for place in range(len(rows))
        if (cell := Cell(table, column, rows, place, raw)).text and kind.fits(cell)
    ]


def read(folder: Path) -> dict[str, tuple]:
    """Each table that is no code list, then the code lists, as rows of strings."""
    book = codebook.read(folder)
    found = {}
    for name, table in book.tables.items():
        with (folder / table.path).open(newline="", encoding="utf-8") as file:
            found[name] = table, list(csv.DictReader(file))
    return found


def write(folder: Path, table, rows: list[dict]) -> None:
    with (folder / table.path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, table.names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def spoilt(cell: Cell, kind: Kind, rng: random.Random) -> dict | None:
    """The row after the change, or None if nothing changed."""
    new = kind.spoil(cell, rng)
    if new is None:
        return None
    new = new if isinstance(new, dict) else {cell.column.name: new}
    return None if new.items() <= cell.row.items() else cell.row | new


def run(folder: Path, number: int, seed: int = 20251, progress=iter) -> pd.DataFrame:
    """Spoil `number` cells of a copy of `folder`, one after another, kinds in turn.

    Returns
    -------
    DataFrame
        A row per mutation: kind, file, row, column, old, new, caught (a boolean), by (the rule).
    """
    if len(check.problems(folder)):
        raise SystemExit(f"{folder} has problems of its own; run jkrel check and mend them first")
    tables, rng, found = read(folder), random.Random(seed), []
    fitting = {name: cells(tables, kind) for name, kind in KINDS.items()}
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(shutil.copytree(folder, Path(temporary) / "data"))
        for turn in progress(range(number)):
            name = list(KINDS)[turn % len(KINDS)]
            found.append(attempt(name, fitting[name], copy, rng))
    return pd.DataFrame(found)


@contextmanager
def remembered(but: str):
    """Read each sound file once and for all; the spoilt one, and all after a code list, anew."""
    if but.startswith("codes/"):
        yield
        return

    def strings(path, table):
        key = path, table.path
        if table.path == but:
            return reading.read_strings(path, table)
        if key not in KEPT:
            KEPT[key] = reading.read_strings(path, table)
        return KEPT[key]

    def typed(cells, table, book):
        key = id(cells)
        if table.path == but:
            return reading.typed(cells, table, book)
        if key not in KEPT:
            KEPT[key] = reading.typed(cells, table, book)
        return KEPT[key]

    with patch("jkrel.data.read_strings", strings), patch("jkrel.data.typed", typed):
        yield


def attempt(name: str, fitting: list[Cell], copy: Path, rng: random.Random) -> dict:
    """Spoil one cell, check, and put the file back."""
    kind, row = KINDS[name], None
    while row is None:
        cell = rng.choice(fitting)
        row = spoilt(cell, kind, rng)
    file = copy / cell.table.path
    sound = file.read_bytes()
    write(copy, cell.table, [*cell.rows[: cell.place], row, *cell.rows[cell.place + 1 :]])
    with remembered(cell.table.path):
        problems = check.problems(copy)
    file.write_bytes(sound)
    return {
        "kind": name, "file": cell.table.path, "row": cell.place + 2,
        "column": cell.column.name, "old": cell.text, "new": row[cell.column.name],
        "caught": len(problems) > 0, "by": problems["rule"].iloc[0] if len(problems) else "",
    }  # fmt: skip


def counts(found: pd.DataFrame) -> pd.DataFrame:
    """How many mutations of each kind were tried, and caught."""
    counted = found.groupby("kind", sort=False)["caught"].agg(["sum", "count"]).reset_index()
    return counted.set_axis(["kind", "caught", "mutations"], axis=1)


def table(counted: pd.DataFrame) -> pd.DataFrame:
    """Share caught per kind with its exact 95 % interval, after totals.

    Totals have no interval: kinds were thought of, not drawn, and each has as many mutations as
    the next, however often such a slip happens.
    """
    why = counted["kind"].map(PLAUSIBLE).fillna("")
    rows = counted.assign(group=why.ne("").map({False: FORM, True: CHOICE}), why_not_all=why)
    rows = rows.sort_values("group", key=lambda group: group.eq(CHOICE), kind="stable")
    tests = [binomtest(*map(int, pair)) for pair in rows[["caught", "mutations"]].to_numpy()]
    intervals = [test.proportion_ci() for test in tests]
    rows["low"] = [f"{interval.low:.3f}" for interval in intervals]
    rows["high"] = [f"{interval.high:.3f}" for interval in intervals]
    sums = rows.groupby("group", sort=False)[["caught", "mutations"]].sum()
    sums.loc["all kinds"] = sums.sum()
    totals = sums.rename_axis("group").reset_index().assign(kind=TOTAL)
    done = pd.concat([totals, rows], ignore_index=True).fillna("")
    done["share"] = (done["caught"] / done["mutations"]).map("{:.3f}".format)
    return done[HEAD]


def main() -> None:
    """Run from the command line."""
    from tqdm import tqdm

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--number", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=20251)
    parser.add_argument("--show", action="store_true", help="also list what was not caught")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    chosen = parser.parse_args()
    found = run(ROOT / "data", chosen.number, chosen.seed, tqdm)
    if chosen.show:
        missed = found[~found["caught"] & ~found["kind"].isin(PLAUSIBLE)]
        print(missed[["kind", "file", "row", "column", "old", "new"]].to_string())
    summary = table(counts(found))
    print(summary.to_string(index=False))
    if chosen.write:
        RESULTS.parent.mkdir(exist_ok=True)
        summary.to_csv(RESULTS, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
