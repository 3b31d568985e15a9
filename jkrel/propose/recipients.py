"""To whom an act is directed: the states that stand after it, or the other one of the pair."""

from collections.abc import Iterable

from jkrel.propose.clauses import NEAR, Span, within
from jkrel.propose.determine import Reading
from jkrel.propose.entry import YES
from jkrel.propose.event import Event
from jkrel.propose.evidence import naming
from jkrel.propose.patterns import LISTED, Found


def direct(reading: Reading, event: Event, row: dict, sentence: Span, before: Event | None) -> None:
    """Give an event its recipients, by the rule of its type.

    Parameters
    ----------
    reading : Reading
        The entry.
    event : Event
        Its act, sides, level and issue; changed in place.
    row : dict of str
        The row of its type in ``data/patterns/types.csv``.
    sentence : tuple of int
        The sentence around the clause.
    before : Event or None
        The event before in the entry, to which an answer may be given.
    """
    _by_rule(reading, event, row, sentence)
    _of_answer(reading, event, row, before)
    _of_guest(reading, event, row, sentence)
    _not_to_themselves(event)


def _by_rule(reading: Reading, event: Event, row: dict, sentence: Span) -> None:
    rule, other = row["recipients"], reading.rules.other(event.actors)
    if _addresses_none(reading, event, rule):
        event.set("recipients", "")
        return
    told = (reading.press(event.span) or sentence[0], sentence[1])
    who = within(reading.found, "who", told)
    states = [m for m in who if state_of(m) and state_of(m) not in event.actors]
    after = [m for m in states if _reached(reading, event, m) and LISTED not in state_of(m)]
    named = [m for m in who if m.row.get("toward") == other] if other else []
    toward = next((m for m in [*after, *named] if other and state_of(m) == other), None)
    both = reading.cue("toward_other", sentence) if len(event.sides) == 1 else None
    direct = _at_hand(reading, event, row, after)
    direct = [] if both and {state_of(m) for m in direct} <= reading.rules.bodies else direct
    if rule == "claimant":
        event.set("recipients", other, toward)
    elif addressed := _addressed(reading, event, direct):
        _name(event, addressed, direct)
    elif toward is not None and len(event.sides) == 1:
        run = [m for m in direct if _joined(reading, toward, m, direct)]
        _name(event, {other, *map(state_of, run)}, [toward, *direct])
    elif other and not direct and both:
        event.set("recipients", other, both)
    elif rule == "other" and other and not direct:
        addressed = "" if of_own(reading, event) else _whose(reading, event) or other
        together = row["joint"] == YES and addressed in event.actors
        event.set("recipients", "" if together else addressed)
    else:
        _name(event, _others_named(reading, event, rule, direct, sentence), who)


def _name(event: Event, states: Iterable[str], mentions: list[Found]) -> None:
    """Give an event the states that are named as recipients, with the words that name them."""
    listed = sorted(states)
    event.set("recipients", LISTED.join(listed), *naming(listed, mentions))


def _reached(reading: Reading, event: Event, mention: Found) -> bool:
    """Whether a state that is named can be the one to which something is done or said."""
    said = event.verb.row["role"] == "speech" and not event.passive
    visited = reading.text.endswith(reading.rules.grammar.visitor, 0, mention.start)
    return mention.start >= (event.verb.start if said and not visited else event.core[0])


def _addressed(reading: Reading, event: Event, direct: list[Found]) -> list[str]:
    """Third states to which something is said by name, whoever else it is about."""
    if event.verb.row["role"] != "speech" or not direct:
        return []
    pair, end = reading.rules.both, event.verb.end
    run = [m for m in direct if m is direct[0] or _joined(reading, direct[0], m, direct)]
    states = {state_of(m) for m in run}
    return [] if states & pair or reading.text[end : run[0].start].strip() else sorted(states)


def _of_answer(reading: Reading, event: Event, row: dict, before: Event | None) -> None:
    """An answer that names no state is given to the third one whose act is told before it."""
    other = reading.rules.other(event.actors)
    if before is None:
        return
    one_sided = len(event.sides) == len(before.sides) == 1 and row["toward_none"]
    if one_sided and not event.values["recipients"] and before.actors != event.actors:
        event.set("recipients", before.values["actors"])
    if row["answers"] != YES or event.values["recipients"] != other:
        return
    third = len(before.sides) == 1 and not set(before.actors) & {other, *event.actors}
    named = other and any(state_of(m) == other for m in reading.found["who"])
    if third and not named:
        event.set("recipients", before.values["actors"])


def _of_guest(reading: Reading, event: Event, row: dict, sentence: Span) -> None:
    """Good words at a banquet are for the guest from the other state, whom the opening names."""
    other = reading.rules.other(event.actors)
    opening = within(reading.found, "who", (sentence[0], event.core[0]))
    guest = next((m for m in opening if other and state_of(m) == other), None)
    if guest and row["toward_none"] and not event.values["recipients"]:
        event.set("recipients", other, guest)


def _not_to_themselves(event: Event) -> None:
    """Whoever acts is no recipient, whatever else names him."""
    named = event.values["recipients"]
    if named:
        left = [state for state in named.split(LISTED) if state not in event.sides]
        if LISTED.join(left) != named:
            event.set("recipients", LISTED.join(left))


def _others_named(
    reading: Reading, event: Event, rule: str, direct: list[Found], sentence: Span
) -> set[str]:
    """States at hand, of which a third one speaks, or that are named anywhere after the verb."""
    deed = event.act.row["role"] == "head" and reading.rules.types[event.code]["talk"] != YES
    end = max(event.core[1], reading.core_end(event.act, event.span) if deed else 0)
    near = [m for m in direct if m.end <= end]
    states = {state_of(m) for m in near or (direct[:1] if rule == "other" else [])}
    pair = reading.rules.both
    if not set(event.actors) & pair:
        run = [m for m in direct[:4] if m is direct[0] or _joined(reading, direct[0], m, direct)]
        first = {state_of(m) for m in run}
        if first and not first & pair:
            return states
        return _spoken_of(reading, event, sentence) | first
    if states or rule != "named" or len(event.sides) != 1:
        return states
    everywhere = {state_of(m) for m in reading.found["who"] if m.start > event.verb.end}
    return {reading.rules.other(event.actors)} & everywhere


def _whose(reading: Reading, event: Event) -> str:
    """The state whose issue is spoken of, if the issue is one state's."""
    own = reading.rules.own_issues.items()
    return next((state for state, issue in own if issue == event.values["issue"]), "")


def of_own(reading: Reading, event: Event) -> bool:
    """Whether what is said is said of the speaker's own ("criticizes the prime minister")."""
    after = within(reading.found, "who", (event.verb.end, event.core[1]))
    near = after and after[0].start - event.verb.end < NEAR
    own = near and (after[0].row.get("country") or after[0].row.get("default_country"))
    told = reading.rules.types[event.code]["talk"] == YES
    return told and ((bool(own) and event.actors == [own]) or _at_home(reading, event))


def _at_home(reading: Reading, event: Event) -> bool:
    """Whether parties or papers speak of affairs at home, and name nobody abroad."""
    other = reading.rules.other(event.actors)
    inside = reading.rules.parameters["affairs_at_home"].split(LISTED)
    named = any(state_of(m) == other for m in reading.found["who"])
    society = event.values["level"] in reading.rules.society
    return society and event.values["issue"] in inside and not named


def _at_hand(reading: Reading, event: Event, row: dict, states: list[Found]) -> list[Found]:
    """States after the act that are no place of it; of a passive also those before."""
    places = {place.start for place in reading.places(event.span)}
    if row["mode"] == "na":
        to = reading.rules.grammar.toward
        places = {place for place in places if not reading.text.endswith(to, 0, place)}
    start = event.core[0] if event.passive else min(event.act.start, event.verb.end)
    places |= {
        m.start
        for m in states
        if reading.rules.grammar.town.search(reading.text, max(0, m.start - 40), m.start)
    }
    return [m for m in states if m.start >= start and m.start not in places]


def _addresses_none(reading: Reading, event: Event, rule: str) -> bool:
    """Whether an act of its kind, or one without an actor, is directed at nobody."""
    elsewhere = event.values["issue"] != reading.rules.parameters["claimant_issue"]
    below = rule in reading.rules.rank and event.values["level"] != rule
    below = below or (rule in reading.rules.rank and set(event.sides) <= reading.rules.bodies)
    pair = reading.rules.both <= set(event.sides) and event.act.row["joint"] != "no"
    if pair and reading.type_of(event.act)["joint"] == YES:
        return True
    return rule == "none" or not event.sides or below or (rule == "claimant" and elsewhere)


def _spoken_of(reading: Reading, event: Event, sentence: Span) -> set[str]:
    """Of the pair, the states of which a third one speaks, by themselves or as a group."""
    groups = [g.row["members"] for g in within(reading.found, "gathering", sentence)]
    named = [state_of(m) for m in within(reading.found, "who", sentence)]
    found, grouped = ({s for w in words for s in w.split(LISTED)} for words in (named, groups))
    found -= event.beside
    return reading.rules.both & found or reading.rules.both & grouped


def _joined(reading: Reading, toward: Found, other: Found, run: list[Found]) -> bool:
    """Whether only states and commas stand between two mentions of states."""
    start, end = min(toward.end, other.end), max(toward.start, other.start)
    between = [m.words for m in run if start <= m.start and m.end <= end]
    text = reading.text[start:end]
    for words in [*between, *reading.rules.grammar.fillers]:
        text = text.replace(words, "")
    return not text.strip(" ,")


def state_of(mention: Found) -> str:
    """The state that a mention names, be it by the office of an envoy to it."""
    return mention.row.get("toward") or mention.row.get("country", "")
