"""The other variables of an event, once its act and its sides are known."""

from datetime import date, timedelta

from jkrel.propose import evidence, recipients
from jkrel.propose.clauses import Span, sentences, within
from jkrel.propose.determine import Reading
from jkrel.propose.entry import YES
from jkrel.propose.event import Event
from jkrel.propose.patterns import LISTED, Found
from jkrel.propose.recipients import of_own, state_of

LEAST = 3
"""Weight that words need to be the issue of talks which name no agenda."""


def code(reading: Reading, event: Event, sentence: Span, before: Event | None) -> None:
    """Give an event its variables in the order in which they stand on one another.

    Parameters
    ----------
    reading : Reading
        The entry.
    event : Event
        Its act and sides; changed in place.
    sentence : tuple of int
        The sentence around the clause: issues and places are looked for there too.
    before : Event or None
        The event before in the entry, whose issue an answer without words of its own takes.
    """
    _turn(reading, event)
    row = reading.rules.types[event.code]
    named = [found for side in event.sides.values() for found in side.named]
    event.set("actors", LISTED.join(event.actors), *evidence.naming(event.actors, named))
    event.set("format", reading.rules.format(event.actors))
    _mode(reading, event, row)
    _level(reading, event, row)
    _issue(reading, event, row, sentence)
    plain = before and event.values["issue"] == reading.rules.types[before.code]["whole"]
    if plain and before.values["issue"] != row["never"]:
        event.set("issue", before.values["issue"])
        event.set("other_issues", before.values["other_issues"])
    recipients.direct(reading, event, row, sentence, before)
    _valence(reading, event, reading.rules.types[event.plan or event.code], sentence)
    _place(reading, event)
    _details(reading, event)
    _mechanism(reading, event)
    _status(reading, event, row)


def _turn(reading: Reading, event: Event) -> None:
    """Words of good will that reach no other state of the pair are a statement."""
    instead = reading.rules.types[event.code]["toward_none"]
    other = reading.rules.other(event.actors)
    span = (event.core[0], event.span[1])
    named = any(other in state_of(m).split(LISTED) for m in within(reading.found, "who", span))
    both, issues = reading.cue("toward_other", span), within(reading.found, "issue", span)
    about = bool(issues) and {i.row["issue"] for i in issues} <= reading.rules.own
    if instead and about and other and not named and not both:
        event.code = instead
        event.set("event_type", instead, event.act)


def _mode(reading: Reading, event: Event, row: dict) -> None:
    mode, span = row["mode"], (event.core[0], event.span[1])
    phone = reading.cue("phone", event.core) or reading.cue("by_phone", span)
    video = reading.cue("video", span)
    talks = row["joint"] == YES and mode != "na"
    if talks and (phone or mode == "phone"):
        event.code = reading.by_phone()
        event.set("event_type", event.code, phone or event.act)
        event.set("mode", "phone", phone)
    elif talks and video:
        event.set("mode", "video", video)
    elif talks and _unstated(reading, event):
        event.set("mode", "unstated", event.act)
    else:
        event.set("mode", mode)


def _unstated(reading: Reading, event: Event) -> bool:
    """Whether sides agree or confer, and nothing says where."""
    cue = reading.cue("unstated", event.core)
    agreed = event.values.pop("agreed", "") or (cue is not None and cue.start <= event.act.start)
    return bool(agreed) and not reading.places(event.span) and not _gathering(reading, event)


def _level(reading: Reading, event: Event, row: dict) -> None:
    """The lowest of the sides' most senior; a side outside the order names the level."""
    rules = reading.rules
    if row["level"]:
        event.set("level", row["level"])
        return
    levels = [side.level for side in event.sides.values()]
    bare = event.act.row["bare_level"] or row["bare_level"]
    known = [level for level in levels if level] or [bare]
    by_act = event.act.row["bare_level"] not in {"", *rules.society}
    if by_act and set(known) <= {rules.parameters["named_body"]}:
        known = [bare]
    outside = [level for level in known if level not in rules.ranked]
    lowest = max(known, key=rules.rank.get)
    level = outside[0] if outside and len(event.sides) > 1 else lowest
    if len(event.sides) == 1:
        level = known[0]
    named = [m for side in event.sides.values() if side.level == level for m in side.named]
    event.set("level", level, *evidence.ranking(level, [*named, event.act]))


def _issue(reading: Reading, event: Event, row: dict, sentence: Span) -> None:
    """The weightiest words; of equals the first. Mixed agendas: see :func:`_agenda`."""
    agenda, own = _agenda(reading, event, row), reading.rules.own
    talks = row["joint"] == YES and row["mode"] != "na"
    found = _of_talks(reading, event, row) if talks else _of_deed(reading, event, sentence)
    found = [] if row["home"] == YES else found
    first = [i for i in reading.found.get("issue", ()) if i.row["issue"] in own]
    if first and row["north_korea_first"] == YES and not agenda:
        main, ground = first[0], "words"
    elif agenda:
        main, ground = agenda[0], "agenda"
    elif found:
        main = max(found, key=lambda i: (int(i.row["weight"]), i.start >= event.core[0]))
        ground = "words"
    else:
        main, ground = None, "default"
    charge = _charge(reading, event) if talks and not agenda else ""
    if charge and (main is None or main.row["issue"] == row["whole"]):
        main, ground, row = None, "default", row | {"issue": charge}
    event.grounds["issue"] = ground, main.row["pattern_id"] if main else ""
    usual = _of_forces(reading, event) or row["issue"]
    named = main.row["issue"] if main else usual
    named = row["whole"] if named == row["never"] else named
    brought = _of_state(reading, event, named)
    told = brought or (main is not None and named != main.row["issue"])
    event.set("issue", brought or named, *([main] if main is not None and not told else []))
    others = {issue.row["issue"] for issue in agenda} | _beside(reading, main, sentence)
    others -= {event.values["issue"], row["whole"]}
    event.set("other_issues", LISTED.join(sorted(others)))


def _beside(reading: Reading, main: Found | None, sentence: Span) -> set[str]:
    """The issue that words name beside their own, such as the islets in a textbook."""
    beside = main.row["beside"] if main else ""
    named = within(reading.found, "issue", sentence) if beside else []
    return {i.row["issue"] for i in named if i.row["issue"] == beside}


def _of_forces(reading: Reading, event: Event) -> str:
    """The issue of what forces do at home, if nothing tells what it is about."""
    forces, usual, issue = reading.rules.parameters["forces"].split(LISTED)
    inside = reading.rules.types[event.code]["issue"] == usual and len(event.sides) == 1
    return issue if inside and event.values["level"] == forces else ""


def _of_deed(reading: Reading, event: Event, sentence: Span) -> list[Found]:
    """Words of issues in the clause, else in its sentence, else in the next.

    Weak words give way to the explicit ones of the matter wherever in the entry these stand.
    """
    near = [within(reading.found, "issue", span) for span in (event.span, sentence)]
    found = near[0] or near[1]
    if not found:
        return _told_later(reading, event)
    weak = all(_gives_way(reading, event, issue) for issue in found)
    return (weak and _explicit(reading, near[1])) or found


def _gives_way(reading: Reading, event: Event, issue: Found) -> bool:
    """Whether words are weak, and not about a matter of history or territory by themselves."""
    general = reading.rules.parameters["gives_way_to_states"].split(LISTED)
    whole = issue.row["issue"] == reading.rules.types[event.code]["whole"]
    return issue.row["issue"] in general and int(issue.row["weight"]) < LEAST + whole


def _explicit(reading: Reading, near: list[Found]) -> list[Found]:
    """Return words that tell the matter by themselves: in the sentence, else in the entry."""
    matters = reading.rules.parameters["explicit_issues"].split(LISTED)
    for words in (near, reading.found.get("issue", ())):
        told = [issue for issue in words if int(issue.row["weight"]) >= LEAST]
        if told := [issue for issue in told if issue.row["issue"] in matters]:
            return told
    return []


def _of_talks(reading: Reading, event: Event, row: dict) -> list[Found]:
    """Words of issues where talks are told; what is told later must not be the relationship."""
    found = within(reading.found, "issue", event.core)
    found = [issue for issue in found if int(issue.row["weight"]) >= LEAST]
    if any(issue.row["issue"] != row["whole"] for issue in found):
        return found
    rest = within(reading.found, "issue", event.span)
    told = [issue for issue in rest if int(issue.row["weight"]) >= LEAST]
    told = [issue for issue in told if issue.row["issue"] != row["whole"]][:1]
    found = [issue for issue in rest if issue.row["issue"] in reading.rules.own] or told or found
    later = _told_later(reading, event)
    return found or (later if later and later[0].row["issue"] != row["whole"] else [])


def _told_later(reading: Reading, event: Event) -> list[Found]:
    """What the sentence after talks that name no agenda tells of them."""
    rest = (event.span[1], len(reading.text))
    later = next((s for s in sentences(reading.text) if s[0] >= rest[0]), rest)
    found = within(reading.found, "issue", later)
    return [issue for issue in found if int(issue.row["weight"]) >= LEAST]


def _of_state(reading: Reading, event: Event, issue: str) -> str:
    """The issue that a state brings with it, where nothing but its relations is named."""
    own = reading.rules.own_issues
    brought = [own[state] for state in event.sides if state in own]
    gives_way = issue in reading.rules.parameters["gives_way_to_states"].split(LISTED)
    return brought[0] if brought and gives_way else ""


def _charge(reading: Reading, event: Event) -> str:
    """The issue of which all sides have charge ("defense ministers"), if there is one."""
    charges = {row["portfolio"]: row["issue"] for row in reading.rules.lexicon.tables["portfolios"]}
    found = {charges.get(side.portfolio, "") for side in event.sides.values() if side.portfolio}
    return found.pop() if len(found) == 1 else ""


def _agenda(reading: Reading, event: Event, row: dict) -> list[Found]:
    """Items of talks as printed; the relationship, if it is an item of its own, leads."""
    if row["joint"] != YES:
        return []
    rest = (event.verb.end, event.span[1])
    cues = [cue for kind in ("agenda", "complement") if (cue := reading.cue(kind, rest))]
    cues += [cue for cue in [reading.topic(rest)] if cue is not None and row["mode"] != "na"]
    if not cues:
        return []
    cue = min(cues, key=lambda found: found.start)
    end = reading.cue("occasion", (cue.end, event.span[1]))
    items = within(reading.found, "issue", (cue.end, end.start if end else event.span[1]))
    whole = [item for item in items if item.row["issue"] == row["whole"]]
    whole = [item for item in whole if int(item.row["weight"]) >= LEAST]
    return [*whole[:1], *(item for item in items if item.row["issue"] != row["whole"])] or items


def _valence(reading: Reading, event: Event, row: dict, sentence: Span) -> None:
    rules, toward = reading.rules, event.values["recipients"]
    pair = rules.both
    acting = pair & set(event.actors)
    if _of_third_states(event, pair):
        event.set("valence", rules.parameters["valence_of_others"])
        return
    if acting == pair:
        event.set("valence", _joint(reading, event, row))
        return
    inward = row["recipients"] == "other" and not toward and of_own(reading, event)
    alone = len(acting) == 1 and (len(event.sides) == 1 or toward) and not inward
    if not alone or (not toward and event.values["issue"] in reading.rules.own):
        event.set("valence", row["valence_else"])
        return
    zone = sentence if row["claims_in"] == "sentence" else (0, len(reading.text))
    words = within(reading.found, f"valence_{row['event_type']}", zone)
    value = words[0].row["valence"] if words else row["valence_toward"]
    if int(value) > 0 and not toward and _elsewhere(reading, event, sentence):
        value, words = row["valence_else"], []
    event.set("valence", value, *words[:1])


def _elsewhere(reading: Reading, event: Event, sentence: Span) -> bool:
    """Whether what is done or said is about third states and the other of the pair is not named."""
    named = {state_of(m) for m in within(reading.found, "who", sentence)} - {"", *event.actors}
    everywhere = {state_of(m) for m in reading.found["who"]}
    return bool(named) and reading.rules.other(event.actors) not in everywhere


def _of_third_states(event: Event, pair: set[str]) -> bool:
    """Whether third states act, or one with one of the pair, or if it is toward them alone."""
    toward = set(event.values["recipients"].split(LISTED)) - {""}
    outside = not pair & set(event.sides) or (len(event.sides) == 2 and set(event.sides) != pair)
    return outside or (bool(toward) and not toward & pair)


def _joint(reading: Reading, event: Event, row: dict) -> str:
    """What the pair does together is joint, but for what is neutral whoever does it."""
    rules, valence = reading.rules, row["valence_both"]
    neutral = event.values["issue"] == rules.parameters["neutral_issue"]
    neutral = neutral or event.code in rules.neutral
    plain = valence == rules.parameters["valence_of_others"] and not neutral
    return rules.parameters["valence_of_joint_acts"] if plain else valence


def _place(reading: Reading, event: Event) -> None:
    """A place that is named, or the seat of a court or gathering."""
    gathering = _gathering(reading, event)
    if gathering is not None and gathering.row["code"]:
        event.set("sidelines_of", gathering.row["code"], gathering)
    place = reading.place(event)
    seat = gathering.row if gathering is not None and gathering.row["city"] else None
    speaks = reading.rules.types[event.code]["talk"] == YES
    body = None if speaks else reading.cue("seat", event.core)
    if place is not None and event.values["mode"] not in {"phone", "video"}:
        event.set("city", place.row["city"], place)
        event.set("country", place.row["country"])
    elif body is not None or seat is not None:
        found = body or gathering
        event.set("city", found.row["city"], found)
        event.set("country", found.row["country"])


def _gathering(reading: Reading, event: Event) -> Found | None:
    named = within(reading.found, "gathering", event.span)
    talks = reading.rules.types[event.code]["mode"] == "in_person"
    return next((g for g in named if talks and g.row["code"]), None)


def _details(reading: Reading, event: Event) -> None:
    """Length in minutes, and a stated length in days that moves one end."""
    text = reading.text[slice(*event.span)]
    grammar = reading.rules.grammar
    minutes, words = grammar.minutes.search(text), reading.cue("minutes", event.span)
    row = reading.rules.types[event.code]
    if row["joint"] == YES and row["mode"] != "na" and (minutes or words):
        event.set("duration_min", minutes[1] if minutes else words.row["value"])
    held = reading.type_of(event.act)["joint"] == YES or event.values["mode"] != "na"
    days = grammar.days.search(text) if held else None
    counted = reading.cue("days", event.core) if held else None
    number = int(days[1]) if days else int(counted.row["value"]) if counted else 1
    event.values["days"] = str(number)
    ends = reading.cue("ends", event.core)
    event.values["ends"] = YES if ends is not None else ""


def dates(event: Event, start: date, end: date) -> tuple[date, date]:
    """Move one end of the days of an entry by a stated length, or take the day of the act."""
    if event.day:
        return event.day, event.day
    number = timedelta(days=int(event.values.pop("days", 1)) - 1)
    ends = event.values.pop("ends", "")
    if start != end or not number:
        return start, end
    return (start - number, end) if ends else (start, end + number)


def _mechanism(reading: Reading, event: Event) -> None:
    named = {
        found.row["pattern_id"]: found for found in within(reading.found, "mechanism", event.span)
    }
    if event.values["mode"] == "unstated":
        return
    portfolios = {side.portfolio for side in event.sides.values() if side.portfolio}
    for row in reading.rules.mechanisms[event.code]:
        fits = row["actors"] in ("", event.values["actors"])
        fits = fits and row["level"] in ("", event.values["level"])
        fits = fits and (not row["portfolio"] or portfolios == {row["portfolio"]})
        fits = fits and (not row["pattern"] or row["pattern_id"] in named)
        members = row["members"].split(LISTED) if row["members"] else event.actors
        fits = fits and set(event.actors) <= set(members)
        if fits:
            found = named.get(row["pattern_id"])
            event.set("mechanism", row["mechanism"], found)
            if len(event.actors) > 2:
                event.set("format", reading.rules.format(members))
            _ordinal(reading, event, found)
            return


def _ordinal(reading: Reading, event: Event, found: Found | None) -> None:
    """The number of a session, printed before its name."""
    if found is None:
        return
    lead = reading.text[event.core[0] : found.start]
    figure = reading.rules.grammar.ordinal.search(lead)
    word = reading.cue("ordinal", (event.core[0], found.start))
    if figure:
        event.set("ordinal", figure[1], found)
    elif word:
        event.set("ordinal", word.row["value"], word)


def _status(reading: Reading, event: Event, row: dict) -> None:
    """Announced: a planned deed told as news; reported: unconfirmed."""
    told = within(reading.found, "act", (event.core[0], event.act.end))
    said = any(act.row["role"] == "speech" for act in told)
    future = reading.cue("future", (event.core[0], max(event.act.end, event.verb.end)))
    said = said or (future is not None and 0 <= event.act.start - future.end <= 2)
    reported = reading.cue("reported", event.span)
    if reported or event.core[0] > event.span[0] and reading.press(event.span):
        event.set("status", "reported", reported or event.act)
    elif said and future and row["talk"] != YES and row["announced"] == YES:
        event.set("status", "announced", future)
    else:
        event.set("status", "occurred")
