"""What one clause of an entry tells: its act, and the type of event that it is."""

import copy
from bisect import bisect_left
from dataclasses import replace
from functools import cached_property

from jkrel.propose.clauses import LONGEST, NEAR, WORDS, Span, beginning, within
from jkrel.propose.entry import YES
from jkrel.propose.event import Event
from jkrel.propose.parties import sides
from jkrel.propose.patterns import Found
from jkrel.propose.subjects import Subjects, first_run

LEAD = 40
"""Characters before a noun in which it is told that it is where something is said."""


class Reading(Subjects):
    """Reads an entry clause by clause: what is done, and by whom."""

    def event(
        self, span: Span, before: Event | None = None, last: Event | None = None
    ) -> Event | None:
        """Read the event that a clause tells, or None if no act is told.

        A clause without a subject has that of the one `before` it in the sentence; a pronoun
        means who acts in the `last` event of the entry.
        """
        start = self.core_start(span)
        self._unswallow(start, span[1])
        verb, act, ground = self._act((start, span[1]))
        if act is None:
            return None
        core = (start, self.core_end(verb, span))
        event = Event(span, core, act, verb, act.row["event_type"])
        event.grounds["event_type"] = ground, act.row["pattern_id"]
        self.find_parties(event, before)
        if last is not None:
            self.find_meant(event, last)
        self._settle_type(event)
        if not event.code:
            return None
        event.set("event_type", event.code, event.act)
        return event

    def _unswallow(self, start: int, end: int) -> None:
        """Look again where words of action run on from the opening into the main clause."""
        before = beginning(self.found, "act", (start - LONGEST, start))
        if not any(act.end > start for act in before):
            return
        again = self.rules.lexicon.find(self.text[start:end]).get("act", [])
        acts, told = self.found["act"], [act for act in again if act.row["role"] != "none"]
        moved = [act._replace(start=act.start + start, end=act.end + start) for act in told]
        acts[bisect_left(acts, (start,)) : bisect_left(acts, (end,))] = moved

    def unread(self, span: Span) -> Event | None:
        """Read who acts in a sentence whose words tell no known act; None if nobody does."""
        who = [m for m in within(self.found, "who", span) if m.row.get("kind") != "mask"]
        if not who or (span[0] and who[0].start - span[0] > NEAR):
            return None
        end = first_run(who)
        act = Found(end, end, self.rules.otherwise, (), "")
        event = Event(span, span, act, act, act.row["event_type"], unread=True)
        event.grounds["event_type"] = "none", ""
        self.find_parties(event, None)
        return event if event.sides else None

    def each(self, event: Event) -> list[Event]:
        """Split what several states do, each for itself ("A and B protest")."""
        together = self.rules.types[event.act.row["event_type"]]["each"] != YES
        pair = self.rules.both <= set(event.sides)
        joint = self.cue("jointly", event.core) or (pair and not self.cue("each", event.core))
        alone = len(event.sides) < 2 or event.act is not event.verb
        if together or joint or alone or event.code in self.joint_talks():
            return [event]
        code = event.act.row["event_type"]
        new = {"code": code, "values": {}, "evidence": {}, "grounds": dict(event.grounds)}
        new["beside"] = frozenset(event.sides)
        own = [copy.deepcopy(new) | {"sides": {state: side}} for state, side in event.sides.items()]
        found = [replace(event, **values) for values in own]
        for one in found:
            one.set("event_type", code, event.act)
        return found

    def is_past(self, span: Span) -> bool:
        """Whether the first deed of a sentence had been done before the day of the entry."""
        acts = within(self.found, "act", span)
        first = next((act for act in acts if act.row["role"] not in WORDS), None)
        return first is not None and self.text.endswith(self.rules.grammar.before, 0, first.start)

    def goes_on(self, span: Span) -> bool:
        """Whether a sentence tells a further deed of the one it calls by a pronoun."""
        cue = self.cue("further", span)
        act = next(iter(within(self.found, "act", span)), None)
        near = cue is not None and cue.start == span[0] and act is not None
        return near and act.row["role"] == "head" and act.start - cue.end <= 2

    def _act(self, span: Span) -> tuple[Found | None, Found | None, str]:
        """Find the verb and the act of a clause.

        The first words of action are both; after a verb of saying, the act is in the most
        telling words that follow.
        """
        held = [act for act in within(self.found, "act", span) if self.holds(act, span)]
        acts = [act for act in held if act.row["role"] != "hint"] or held
        told = [act for act in acts if act.row["role"] not in WORDS]
        told = self._past_asides(self._past_settings(told), span)
        if not told:
            best = max(acts, key=_weight, default=None)
            return best, best, best.row["role"] if best else ""
        relatives = self.rules.grammar.relatives
        plain = (act for act in told if not self.text.endswith(relatives, 0, act.start))
        first = next(plain, told[0])
        if first.row["role"] == "head":
            return first, first, "head"
        said = [act for act in acts if act.row["role"] != "head" or self._announced(first, act)]
        said = [act for act in said if not self._of_own(first, act)] or said
        said = [act for act in said if not self._is_background(first, act)]
        best = max(said, key=_weight)
        if best is first and (facts := self._facts(first, acts)):
            return (facts[0] if facts[0].row["only"] else first), facts[0], "speech"
        marked = self.type_of(best)["outdone_by"]
        further = [a for a in told if a.row["event_type"] == marked and self.follows(a)]
        return first, (further or [best])[0], "speech"

    def _past_settings(self, told: list[Found]) -> list[Found]:
        """Leave out a gathering at which one state's people only say something ("at a forum")."""
        said = next((act for act in told if act.row["role"] == "speech"), None)
        if said is None:
            return told
        return [act for act in told if act.start >= said.start or not self._is_setting(act)]

    def _past_asides(self, told: list[Found], span: Span) -> list[Found]:
        """Leave out what is only told of a subject between commas ("Abe, who ..., resigns")."""
        who = within(self.found, "who", (span[0], told[0].start)) if told else []
        comma = self.text.find(", ", who[0].end, told[0].start) if who else -1
        if comma < 0:
            return told
        main = (n for n, a in enumerate(told) if n and self.text.endswith(", ", 0, a.start))
        asides = told[: next(main, 0)]
        talks = any(act.row["event_type"] in self.joint_talks() for act in asides)
        return told if talks else told[len(asides) :]

    def _is_setting(self, act: Found) -> bool:
        talks = act.row["event_type"] in self.joint_talks()
        among = self.text.startswith(self.rules.grammar.before_party, act.end)
        alone = talks and not among and len(self._named(act) - {None, ""}) == 1
        return alone and bool(
            self.rules.grammar.setting.search(self.text, max(0, act.start - LEAD), act.start)
        )

    def _of_own(self, verb: Found, act: Found) -> bool:
        """Whether words tell the speaker's own state what to do ("Japan should", in Tokyo)."""
        at = (act.start, act.start + 1)
        told = beginning(self.found, "who", at) if act is not verb else []
        return bool(told) and {told[0].row.get("country")} == self._named(verb) - {None, ""}

    def _facts(self, verb: Found, acts: list[Found]) -> list[Found]:
        """What a report tells as done by others and judges in no word."""
        if self.type_of(verb)["reports"] != YES:
            return []
        later = [act for act in acts if act.start > verb.start and act.row["role"] == "head"]
        deeds = [act for act in later if not self._is_background(verb, act)]
        return [act for act in deeds if self.type_of(act)["of_others"] == YES]

    def _is_background(self, verb: Found, act: Found) -> bool:
        """Whether words tell only the occasion of what is said ("says after a visit")."""
        occasion = next(iter(within(self.found, "background", (verb.end, act.start))), None)
        return occasion is not None and not self.rules.grammar.tells(
            self.text[occasion.end : act.start]
        )

    def _announced(self, verb: Found, act: Found) -> bool:
        """Whether a deed is announced by the one who does it, and not judged or asked for."""
        if self.type_of(act)["announced"] != YES or self.type_of(verb)["reports"] != YES:
            return False
        known = self.text.endswith(self.rules.grammar.spoken_of, 0, act.start)
        if known and self.type_of(act)["provokes"] == YES:
            return False
        states = self._named(verb)
        between = beginning(self.found, "who", (verb.end, act.start))
        return not states or all((w.row.get("country") or "") in {"", *states} for w in between)

    def _named(self, verb: Found) -> set[str | None]:
        """The states of all who are named before a verb, from the start of the entry."""
        return {state for state, end in self._first_named.items() if end <= verb.start}

    @cached_property
    def _first_named(self) -> dict[str | None, int]:
        """Where each state is first named to the end, and so is one who has none."""
        last = reversed(self.found["who"])
        return {who.row.get("country"): who.end for who in last}

    def _settle_type(self, event: Event) -> None:
        """Correct the type by who acts: courts rule, several states speak jointly."""
        row, levels = self.rules.types[event.code], {side.level for side in event.sides.values()}
        types = self.rules.types.values()
        own = next((t for t in types if t["level_of_its_own"] in levels - {""}), None)
        if own and len(levels) == 1 and (row["joint"] != YES or len(event.sides) == 1):
            event.code = own["event_type"]
        elif len(event.sides) > 1 and (agreed := self._agreed(event)):
            event.code, event.values["agreed"] = agreed.row["value"], YES
        elif len(event.sides) > 1 and row["together"]:
            phone = self.cue("phone", event.span) if row["joint"] != YES else None
            there = self.places(event.span) or self.beside_gathering(event.span)
            ranked = levels <= set(self.rules.ranked) and there
            event.code = self.by_phone() if phone else row["in_talks" if ranked else "together"]
            event.values["agreed"] = YES if ranked and not phone else ""
        elif len(event.sides) == 1 and row["joint"] == YES:
            self._one_sided(event)
        elif own is None and row["mode"] != "na" and row["joint"] != YES:
            self._with_talks(event)
        elif len(event.sides) == 1 and self.cue("by_phone", event.span):
            self._with_listener(event)
        self._not_done(event)
        formal = set(self.rules.parameters["formal_outside_government"].split(";"))
        by_people = levels and levels <= self.rules.society - formal
        if by_people and self.rules.types[event.code]["by_society"]:
            event.code = self.rules.types[event.code]["by_society"]

    def _not_done(self, event: Event) -> None:
        """What is planned, weighed or alleged and not done is what is said of it."""
        row, told = self.rules.types[event.code], event.code == event.act.row["event_type"]
        if told and (instead := self._planned(event)):
            event.plan, event.code = event.code, instead
            return
        said = event.verb.row["role"] == "speech"
        if said and event.act is event.verb and row["reports"] == YES:
            told = within(self.found, "act", (event.verb.end, event.span[1]))
            told = [
                act for act in told if act.row["role"] == "head" and self.holds(act, event.span)
            ]
            alleged = [self.type_of(act)["alleged"] for act in told]
            event.code = next(filter(None, alleged), event.code)

    def _planned(self, event: Event) -> str:
        """Return the type that an act counts as which words of planning or weighing lead to."""
        zone = (event.core[0], event.act.end)
        for kind in ("planned", "weighed"):
            led = [cue for cue in within(self.found, kind, zone) if cue.words.islower()]
            led = [cue for cue in led if cue.end <= event.act.start]
            if led and not self.text[led[-1].end : event.act.start].strip():
                return self.rules.types[event.code][kind]
        return ""

    def _with_talks(self, event: Event) -> None:
        """A visit in which talks are told is a meeting with those who are named."""
        rest = (event.act.end, event.span[1])
        talks = self.joint_talks()
        acts = [act for act in within(self.found, "act", rest) if act.row["event_type"] in talks]
        found = next((act for act in acts if self.holds(act, event.span)), None)
        if found is None or self._planned(event):
            return
        named = within(self.found, "who", rest)
        who = [m for m in named if not self.is_object(m, named)]
        zone = (rest[0], self.core_end(found, rest))
        who = self._at_table(found, who, zone[1])
        others = sides(who, self.text, self.day, self.rules, zone)
        if set(others) - set(event.sides):
            event.act, event.code = found, found.row["event_type"]
            event.sides = others | event.sides

    def _with_listener(self, event: Event) -> None:
        """What is said by telephone is a call with the one to whom it is said."""
        phone = self.cue("by_phone", event.span)
        start = max(phone.start, event.verb.end)
        for zone in ((event.verb.end, start), (start, event.span[1])):
            who = within(self.found, "who", zone)[:4]
            told = sides(who, self.text, self.day, self.rules, event.span)
            ranked = len(told) == 1 and any(side.level for side in told.values())
            if ranked and not event.sides.keys() & told:
                event.sides |= told
                event.code = self.by_phone()
                return

    def beside_gathering(self, span: Span) -> bool:
        """Whether talks take place beside a larger gathering."""
        return any(gathering.row["code"] for gathering in within(self.found, "gathering", span))

    def by_phone(self) -> str:
        """Return the type of talks by telephone."""
        return next(code for code, row in self.rules.types.items() if row["mode"] == "phone")

    def _agreed(self, event: Event) -> Found | None:
        """The verb of agreeing with which several states do no deed but talk."""
        cue = self.cue("talks_by_agreeing", event.verb[:2])
        deeds = event.act is event.verb and event.act.row["role"] == "head"
        return None if deeds or cue is None or cue.start != event.verb.start else cue

    def _one_sided(self, event: Event) -> None:
        """A meeting of one state's people is none between states: take what else is told."""
        span = (event.core[0], event.span[1])
        acts = [act for act in within(self.found, "act", span) if self.holds(act, span)]
        told = [act for act in acts if act.row["role"] not in WORDS]
        alone = [act for act in told if self.type_of(act)["joint"] != YES]
        best = max(alone, key=_weight, default=None)
        instead = self.rules.types[event.code]["alone"]
        if best is not None and best.row["event_type"] != instead:
            event.act, event.code = best, best.row["event_type"]
        elif instead:
            event.code = instead
        event.grounds["event_type"] = "one_sided", event.act.row["pattern_id"]


def _weight(act: Found) -> int:
    return int(act.row["weight"])
