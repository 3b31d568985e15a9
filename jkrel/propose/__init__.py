"""Proposed events: the entries of a chronology, read by rules that stand in ``data/patterns/``.

Every value that words gave comes with their patterns and the words (``evidence``), what is usual
for a type of event with none, and every row with how sure it is (``confidence``). Where nothing
fits, the row says so and guesses nothing.
"""

import csv
import shutil
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import TextIO

import pandas as pd
from tqdm import tqdm

from jkrel import codebook
from jkrel.chronology import dates as heads
from jkrel.propose import clauses, coding, further, patterns
from jkrel.propose.clauses import Span, sentences, within
from jkrel.propose.determine import Reading
from jkrel.propose.entry import YES
from jkrel.propose.event import Event
from jkrel.propose.knowledge import Rules

COLUMNS = """event_id entry_id section date_start date_end date_precision date_note status actors
recipients format level event_type mode issue other_issues valence mechanism ordinal duration_min
city country sidelines_of responds_to summary note entry_sha256 entry_words confidence
evidence""".split()
DECIDED = "same_as"
"""Column of a file that stays empty here: the event of the data that a row tells, or none."""
NOTHING = "no pattern fits"
DELAY = 2
"""Seconds after which progress is shown, where somebody looks on."""
UNREAD = {"event_type": "", "mode": "", "valence": "", "note": "No pattern tells what is done."}
NOBODY = {"note": "No pattern tells who acts."}
Entries = pd.DataFrame | Iterable[pd.DataFrame]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MORE = "The entry tells more events than there are letters; code the others by hand."


def events(entries: pd.DataFrame, directory: Path = patterns.DIRECTORY) -> pd.DataFrame:
    """Propose the events of entries.

    Parameters
    ----------
    entries : DataFrame
        As :func:`jkrel.chronology.entries` gives them: entry_id, text, and, where known,
        date_start, date_end and date_precision.
    directory : Path
        Folder of the tables of patterns.

    Returns
    -------
    DataFrame
        One row per proposed event, with the columns of the table ``events``, and
        ``confidence`` (0 to 1) and ``evidence``; all but confidence are strings.
    """
    return pd.DataFrame(rows(entries, directory), columns=COLUMNS)


def save(entries: Entries, path: str | Path, directory: Path = patterns.DIRECTORY) -> str:
    """Write the proposed events of entries to a file, and an untouched copy beside it.

    Parameters
    ----------
    entries : DataFrame or iterable of DataFrame
        As for :func:`events`, at once or in turn.
    path : str or Path
        The file to be edited; ``NAME.first.csv`` beside it stays as it is, for ``jkrel review``.
    directory : Path
        Folder of the tables of patterns.

    Returns
    -------
    str
        What was written, to print.

    Raises
    ------
    FileExistsError
        If there is a file of either name already, which may hold a person's work.
    """
    path = Path(path)
    first = path.with_suffix(".first.csv")
    for there in filter(Path.exists, (path, first)):
        raise FileExistsError(f"{there}: is there already; name another file, or move it")
    part, told = path.with_name(path.name + ".part"), 0
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            number, told = write(entries, file, directory)
        shutil.copyfile(part, first)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    done = f"{path}: {number} rows for {told} entries; edit it, then run jkrel review"
    return f"{done}\n{first}: the same untouched, for review to compare with; leave it as it is"


def write(entries: Entries, file: TextIO, directory: Path = patterns.DIRECTORY) -> tuple[int, int]:
    """Write the proposed events of entries as CSV, row by row; return how many rows and entries."""
    writer = csv.DictWriter(file, [*COLUMNS, DECIDED], restval="", lineterminator="\n")
    writer.writeheader()
    found, number, told = rules(directory), 0, 0
    frames = [entries] if isinstance(entries, pd.DataFrame) else entries
    each = (entry for frame in frames for entry in frame.itertuples(index=False))
    shown = tqdm(each, unit=" entries", delay=DELAY, leave=False, disable=None)
    for told, entry in enumerate(shown, start=1):  # noqa: B007
        proposed = list(of_entry(found, entry))
        writer.writerows(proposed)
        number += len(proposed)
    return number, told


def rows(entries: pd.DataFrame, directory: Path = patterns.DIRECTORY) -> Iterator[dict]:
    """Propose the events of entries one by one, so that memory stays flat."""
    found = rules(directory)
    for entry in entries.itertuples(index=False):
        yield from of_entry(found, entry)


@cache
def rules(directory: Path = patterns.DIRECTORY) -> Rules:
    """Read patterns and code lists once."""
    return Rules(patterns.read(directory), codebook.read(Path(directory).parent).codes)


def of_entry(found: Rules, entry) -> Iterator[dict]:
    """Propose the events of one entry (a row of the entries)."""
    text, start, end, precision = dated(entry)
    reading = Reading(found, text, start)
    proposed = read(reading)
    if precision:
        further.mark(reading, proposed, end)
    if len(proposed) > len(LETTERS):
        proposed[len(LETTERS) - 1].values["note"] = MORE
    for letter, event in zip(LETTERS, proposed or [None], strict=False):
        row = dict.fromkeys(COLUMNS, "")
        row |= {"event_id": f"{entry.entry_id}{letter}", "entry_id": entry.entry_id}
        row |= {"section": "chronology", "date_precision": precision}
        row |= {
            "entry_sha256": getattr(entry, "sha256", ""),
            "entry_words": len(entry.text.split()),
        }
        if precision:
            days = coding.dates(event, start, end) if event else (start, end)
            row |= {"date_start": days[0].isoformat(), "date_end": days[1].isoformat()}
            row |= {"date_precision": "day"} if event and event.day else {}
        yield row | _told(found, event, entry.entry_id)


def _told(found: Rules, event: Event | None, entry_id: str) -> dict:
    if event is None:
        return {"note": NOTHING, "confidence": 0.0}
    hidden = UNREAD if event.unread else {} if event.sides else NOBODY
    values = {name: v for name, v in event.values.items() if name in COLUMNS} | hidden
    values["note"] = " ".join(filter(None, (values.get("note"), further.note(event))))
    if answered := event.values.get("answers"):
        values["responds_to"] = f"{entry_id}{answered}"
    sure = round(found.sure(event.grounds), 2)
    return values | {"confidence": sure, "evidence": "; ".join(event.evidence.values())}


def dated(entry) -> tuple[str, date, date, str]:
    """The text of an entry without its head, and the days and precision that the head means.

    Where the head names no day, the days are NaT and the precision is empty.
    """
    head = heads.find(entry.text)
    text = entry.text[len(head.words) :].lstrip() if head else entry.text
    if hasattr(entry, "date_start"):
        precision = "" if pd.isna(entry.date_start) else entry.date_precision
        return text, entry.date_start.date(), entry.date_end.date(), precision
    span = heads.resolve(head)
    return text, span.start, span.end, span.precision


def read(reading: Reading) -> list[Event]:
    """Read the events of an entry, in the printed order."""
    rules, text = reading.rules, reading.text
    proposed: list[Event] = []
    for number, sentence in enumerate(sentences(text)):
        if len(proposed) > len(LETTERS):
            break
        if number and _continues(reading, sentence, proposed):
            continue
        first = True
        for clause in clauses.clauses(text, sentence, reading.found, rules):
            latest = proposed[-1] if proposed else None
            event = reading.event(clause, None if first else latest, latest)
            told = event and latest and _is_talk_of(reading, event, latest)
            before = proposed[:-1] if told else proposed
            if event and (not before or _is_new(reading, event, before, number)):
                last, proposed = (before[-1] if before else None), list(before)
                for own in reading.each(event):
                    coding.code(reading, own, clause if last else sentence, last)
                    _answer(reading, own, before)
                    proposed.append(own)
                first = False
        if first and (event := reading.unread(sentence)) and _is_another(event, proposed):
            coding.code(reading, event, sentence, proposed[-1] if proposed else None)
            proposed.append(event)
    return proposed


def _is_talk_of(reading: Reading, event: Event, visit: Event) -> bool:
    """Whether talks are those for which a visit was made, which then is none of its own."""
    row, talks = reading.rules.types[visit.code], reading.joint_talks()
    travels = row["mode"] != "na" and visit.code not in talks
    abroad = within(reading.found, "place", (visit.act.start, visit.act.end + clauses.NEAR))
    return (
        travels and bool(abroad) and event.code in talks and set(visit.actors) < set(event.actors)
    )


def _is_another(event: Event, proposed: list[Event]) -> bool:
    """Whether one state acts that has not acted before, as far as the entry goes."""
    states = {state for other in proposed for state in other.actors}
    return not proposed or (len(event.sides) == 1 and not states & set(event.actors))


def _continues(reading: Reading, sentence: Span, proposed: list[Event]) -> bool:
    """Whether a later sentence goes on about the event told, or recalls another day."""
    talks = bool(proposed) and reading.rules.types[proposed[-1].code]["joint"] == YES
    if talks and _starts(reading, "within", sentence):
        return True
    if _starts(reading, "reply", sentence) or reading.goes_on(sentence):
        return False
    past = within(reading.found, "past", sentence)
    told = [cue for cue in past if not reading.text.startswith("'s ", cue.end)]
    if told or reading.is_past(sentence):
        return True
    return _starts(reading, "continuation", sentence) and not _of_others(
        reading, sentence, proposed
    )


def _of_others(reading: Reading, sentence: Span, proposed: list[Event]) -> bool:
    """Whether a pronoun only leads to somebody of another state ("His Japanese counterpart")."""
    who = within(reading.found, "who", (sentence[0], sentence[0] + clauses.VERB))
    state = who[0].row.get("country") if who else ""
    first = who and reading.text[sentence[0] : who[0].start].strip().count(" ") == 0
    return bool(first and state and proposed) and state not in proposed[-1].sides


def _starts(reading: Reading, kind: str, span: Span) -> bool:
    cue = reading.cue(kind, span)
    return cue is not None and cue.start == span[0]


def _is_new(reading: Reading, event: Event, proposed: list[Event], number: int) -> bool:
    """Whether a further clause tells an event of its own, by the codebook's rules."""
    types, last = reading.rules.types, proposed[-1]
    joint = types[last.code]["joint"] == YES
    same = set(event.actors) <= {state for other in proposed for state in other.actors}
    if joint and same:
        others = event.actors != last.actors or (number > 0 and _other_deed(event, last))
        return types[event.code]["joint"] == YES and others
    if event.actors == last.actors:
        marked = types[event.code]["splits"] == YES or types[last.code]["talk"] != YES or number > 0
        other = not last.unread and _other_person(event, last)
        talk = types[event.code]["talk"] == YES and not other
        return event.code != last.code and not talk and marked
    return bool(event.actors)


def _other_deed(event: Event, last: Event) -> bool:
    """Whether others of the same states do something else together."""
    return event.code != last.code and _other_person(event, last)


def _other_person(event: Event, last: Event) -> bool:
    """Whether somebody acts who holds another office of the same state."""
    both = [{(side.level, side.portfolio) for side in one.sides.values()} for one in (event, last)]
    named = any(m.row["table"] == "names" for side in event.sides.values() for m in side.named)
    return named and both[0] != both[1]


def _answer(reading: Reading, event: Event, proposed: list[Event]) -> None:
    """An answer in words or by protest responds to the act told before it."""
    if not proposed or len(proposed) > len(LETTERS):
        return
    last = proposed[-1]
    row = reading.rules.types[event.code]
    one_sided = len(event.sides) == len(last.sides) == 1
    if row["answers"] == YES and one_sided and event.actors != last.actors:
        event.values["answers"] = LETTERS[len(proposed) - 1]
