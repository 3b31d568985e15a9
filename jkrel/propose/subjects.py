"""Who acts in a clause: all that take part in a joint act, else its subject."""

import re
from dataclasses import replace
from itertools import pairwise

from jkrel.propose.clauses import NEAR, VERB, Span, within
from jkrel.propose.entry import YES, Entry, members
from jkrel.propose.event import Event
from jkrel.propose.parties import ADJECTIVES, COUNTERPART, Side, sides
from jkrel.propose.patterns import Found

HOST = "host"
"""How a row of acts says that its subject suffers what a state does into which he came."""
TOGETHER = 6
"""Characters that may stand between mentions of one list (a comma, a conjunction, blanks)."""
LOWER = re.compile(r"(?<![\w-])[a-z]\w*")
"""Words that are no names."""


class Subjects(Entry):
    """Finds the sides of an event, once its act is known."""

    def find_parties(self, event: Event, before: Event | None) -> None:
        """Find the acting sides: all that take part in a joint act, else the subject."""
        told = self.press(event.span) or event.span[0]
        printed = [mention for mention in within(self.found, "who", event.span)]
        who = [mention for mention in printed if mention.start >= told]
        direct = [
            mention
            for mention in who
            if (mention.start == event.core[0] or not self.is_object(mention, who))
            and (mention.row.get("kind") != "body" or mention is who[0])
        ]
        if event.act.row["actor"] == HOST and self._kept_out(event, who):
            return
        ground = self._found(event, who, direct) or self._fallback(event, before, who)
        if not event.sides and told > event.span[0]:
            event.sides = sides(printed[:1], self.text, self.day, self.rules, event.span)
        if (only := event.act.row["only"]) in event.sides:
            event.sides = {only: event.sides[only]}
        event.grounds["actors"] = ground, ""
        self._add_host(event)
        self._add_trilateral(event)

    def _found(self, event: Event, who: list[Found], direct: list[Found]) -> str:
        """Find all sides of a joint act, else the subject; return which of both was found."""
        if self.type_of(event.act)["joint"] == YES and event.act.row["role"] != "hint":
            talking = self._at_table(event.act, direct, event.core[1])
            event.sides = sides(talking, self.text, self.day, self.rules, event.core)
            if event.sides:
                return "parties"
        ground, mentions, zone = self._subject(event, who, direct)
        event.sides = sides(mentions, self.text, self.day, self.rules, zone)
        if len(event.sides) > 1 and event.act.row["only"] not in event.sides:
            mentions = self._one_run(mentions, zone)
            event.sides = sides(mentions, self.text, self.day, self.rules, zone)
        return ground if event.sides else ""

    def _kept_out(self, event: Event, who: list[Found]) -> bool:
        """Find who keeps a subject out: the one after "by", or the state that he came to."""
        before = [m for m in who if m.end <= event.act.start and not self.is_object(m, who)]
        guests = sides(before, self.text, self.day, self.rules, event.core[:1] + event.act[:1])
        agent = self._agent(event, who)
        event.sides = sides(agent, self.text, self.day, self.rules, event.span)
        rest = (event.act.end, event.span[1])
        named = [m for m in within(self.found, "who", rest) if m.row.get("country")]
        hosts = [m for m in named if m.row["country"] not in guests]
        near = [m for m in hosts if m.start - event.act.end <= NEAR]
        places = [place for place in self.places(rest) if place.row["country"]]
        states = [(m.row["country"], m) for m in (*near, *places, *hosts)]
        if not event.sides and not states and len(guests) == 1:
            states = [(self.rules.other(guests), event.act)]
        if not event.sides and states and states[0][0]:
            event.sides = {states[0][0]: Side("", "", [states[0][1]])}
        event.passive = bool(event.sides)
        event.grounds["actors"] = "subject", ""
        return event.passive

    def _subject(self, event: Event, who: list[Found], direct: list[Found]) -> tuple:
        """Where the one who acts alone is looked for: before the verb, or after "by"."""
        cut = self.cue("complement", (event.core[0] + 1, event.verb.start))
        only = event.act.row["only"]
        whole = cut is None or (only and only in {m.row.get("country") for m in direct})
        end = event.verb.start if whole else cut.start
        if event.act.row["actor"] == "after":
            return "subject", who, (event.act.end, event.span[1])
        if event.act.row["role"] == "hint" and direct and direct[0].start < event.act.start:
            return "subject", direct, (event.core[0], first_run(direct))
        if agent := self._agent(event, who):
            event.passive = True
            return "subject", agent, (agent[0].start, agent[-1].end)
        return "subject", direct, (event.core[0], max(end, event.core[0]))

    def _at_table(self, act: Found, who: list[Found], end: int) -> list[Found]:
        """Leave out whom a verb names as its topic ("discuss the North's missiles with Kim")."""
        if not within(self.found, "agenda", act[:2]):
            return who
        before = [m for m in who if m.start < act.end]
        after = who[len(before) :]
        beside = self.rules.grammar.beside
        joining = (n for n, m in enumerate(after) if beside.search(self.text, act.end, m.start))
        if (first := next(joining, None)) is None:
            return before or who
        return [*before, *self._one_run(after[first:], (act.end, end))]

    def _one_run(self, who: list[Found], zone: Span) -> list[Found]:
        """Of those named before a verb the first who stand together ("A, whom B knows, says")."""
        inside = [m for m in who if zone[0] <= m.start and m.end <= zone[1]]
        first = 0
        for place, (one, next_one) in enumerate(pairwise(inside), start=1):
            gap = self.text[one.end : next_one.start]
            if ";" in gap:
                first = place
            elif not self._together(gap, next_one):
                return inside[first:place]
        return inside[first:]

    def _together(self, gap: str, following: Found) -> bool:
        """Whether nothing but names, little words or a few adjectives stands in a gap."""
        words, grammar = LOWER.findall(gap), self.rules.grammar
        people = following.row["table"] in {"offices", "agencies"} and len(gap) < ADJECTIVES
        adjectives = people and "," not in gap and grammar.no_adjectives.isdisjoint(words)
        return adjectives or grammar.between.issuperset(words)

    def _agent(self, event: Event, who: list[Found]) -> list[Found]:
        """Who does what is told in the passive, or as a noun, of the one named after "by"."""
        grammar, span = self.rules.grammar, (event.act.start, event.span[1])
        if all(self.text.find(by, *span) < 0 for by in grammar.by):
            return []
        if self.type_of(event.act)["joint"] == YES:
            return []
        passive = grammar.passive.search(self.text, event.core[0], event.act.start)
        passive = passive or grammar.suffered.search(event.act.words)
        passive = passive or event.act.row["actor"] == HOST
        subject = any(m.row.get("country") for m in who if m.start < event.act.start)
        later = [m for m in who if m.start > event.act.start]
        by = [m for m in later if grammar.ends_by.search(self.text, event.act.start, m.start)]
        if not by or (subject and not passive) or by[0].start - event.act.end > VERB:
            return []
        end = first_run(later[later.index(by[0]) :])
        return [m for m in later if by[0].start <= m.start < end]

    def _fallback(self, event: Event, before: Event | None, who: list[Found]) -> str:
        """Without a subject: the one of the clause before, or the first state that is named."""
        if before is not None and before.sides:
            event.sides = before.sides
            return "fallback"
        group = next((g for g in within(self.found, "gathering", event.span) if members(g)), None)
        lead = [m for m in who if m.start <= event.verb.start]
        if group:
            event.sides = {state: Side("", "", [group]) for state in members(group)}
            self._rank(event, lead, who)
            return "subject"
        if (usual := event.act.row["usual_actor"]) and not any(m.row.get("country") for m in lead):
            level = lead[0].row.get("level", "").replace(COUNTERPART, "") if lead else ""
            inside = sides(who, self.text, self.day, self.rules, event.act[:2])
            event.sides = {usual: inside.get(usual) or Side(level, "", lead[:1])}
            return "fallback"
        place = next(iter(self.places(event.span)), None)
        people = self.rules.parameters["level_of_people"]
        bare = who and who[0].start <= event.verb.start and not who[0].row.get("country")
        bare = bare or (not lead and self.type_of(event.act)["bare_level"] == people)
        named = _without_places_apart(who)
        found = sides(named, self.text, self.day, self.rules, event.span)
        event.sides = {state: self._of_place(side, who) for state, side in list(found.items())[:1]}
        if lead and (against := self._against(event, named)):
            event.sides = {against: Side()}
        if bare and place is not None and place.row["country"]:
            event.sides = {place.row["country"]: Side("", "", [place])}
        self._rank(event, lead, who)
        if not event.sides and not event.span[0]:
            self._usual(event)
        return "fallback" if event.sides else "none"

    def _rank(self, event: Event, lead: list[Found], who: list[Found]) -> None:
        """Give those who have none the rank with which a clause leads."""
        for side in event.sides.values():
            if not side.level and lead and "level" in who[0].row:
                side.level = who[0].row["level"].replace(COUNTERPART, "")
                side.named.append(who[0])

    def _usual(self, event: Event) -> None:
        """Without any state: the one whose people an issue is about."""
        issue = next(iter(within(self.found, "issue", event.span)), None)
        rows = self.rules.lexicon.tables.get("usual_states", ())
        row = next((r for r in rows if issue and r["issue"] == issue.row["issue"]), None)
        if row and self.rules.types[event.code]["joint"] != YES:
            event.sides = {row["country"]: Side(row["level"], "", [issue])}

    def _of_place(self, side: Side, who: list[Found]) -> Side:
        """Somebody unnamed in a city is no city that acts ("a sushi chain in Osaka")."""
        place = who[0]
        inside = side.named[:1] == [place] and side.level in self.rules.society
        if inside and self.is_object(place, [place]) and place.row["table"] == "agencies":
            return replace(side, level=self.rules.parameters["level_of_people"])
        return side

    def _against(self, event: Event, who: list[Found]) -> str:
        """The other state of the pair, where people rally against, sue or tell the named one."""
        states = [m for m in who if m.row.get("country") and m.start >= event.core[0]]
        row = self.type_of(event.act)
        by_people = row["level_of_its_own"] or row["bare_level"] in self.rules.society
        by_people = by_people and event.act.row["role"] != "hint"
        told = event.verb.row["role"] == "speech" and states and self._is_told(event, states[0])
        envoy = self.rules.parameters["level_of_envoys"]
        told = told or (row["by_society"] and any(m.row.get("level") == envoy for m in who))
        if not (by_people or told) or not states or states[0].start < event.verb.start:
            return ""
        return self.rules.other([states[0].row["country"]])

    def _is_told(self, event: Event, state: Found) -> bool:
        """Whether a verb of saying has a state as its object ("accuses Japan", "tells Seoul")."""
        start, end = event.verb[:2]
        return start <= state.start < end or self.text[end : state.start] == " "

    def find_meant(self, event: Event, last: Event) -> None:
        """Add whom a pronoun means ("With Wen they decide ..."), or who rallies against it."""
        row, act = self.type_of(event.act), event.act
        joint = row["joint"] == YES and act.row["role"] != "hint"
        if joint or row["together"]:
            end = event.core[1] if joint else event.verb.start
            told = self.rules.grammar.meant.search(self.text, event.core[0], end)
            several = len(last.sides) > 1
            if told and (several if told["one"] is None else joint and not several):
                event.sides = {s: replace(side) for s, side in last.sides.items()} | event.sides
        people = row["bare_level"] == self.rules.parameters["level_of_people"]
        if people and not event.sides and (other := self.rules.other(last.actors)):
            event.sides = {other: Side()}

    def _add_host(self, event: Event) -> None:
        """Talks of one state's officials abroad have the host as the other side."""
        if event.code not in self.joint_talks() or len(event.sides) != 1:
            return
        state = next(iter(event.sides))
        who = within(self.found, "who", event.span)
        several = who and who[0].row["table"] == "offices"
        several = several and who[0].words.endswith(self.rules.grammar.plural)
        if several and not who[0].row["country"] and who[0].start - event.core[0] < NEAR:
            for other in sorted(self.rules.both) if state in self.rules.both else ():
                event.sides.setdefault(other, replace(event.sides[state]))
            return
        place = self.place(event)
        alone = {m.start for m in who} <= {place.start for place in self.places(event.span)}
        if place and alone and state in self.rules.both:
            event.sides[self.rules.other([state])] = Side("", "", [place])
        elif place and place.row["country"] in self.rules.both and place.row["country"] != state:
            event.sides[place.row["country"]] = Side("", "", [place])

    def _add_trilateral(self, event: Event) -> None:
        """Trilateral talks of which fewer states are named are those of the three."""
        cue = self.cue("trilateral", event.core)
        three = self.three.split(";")
        if cue and self.type_of(event.act)["joint"] == YES and set(event.sides) <= set(three):
            for state in three:
                event.sides.setdefault(state, Side("", "", [cue]))

    def place(self, event: Event) -> Found | None:
        """Return the first place of a clause that a word of place precedes."""
        row = self.rules.types[event.code]
        if row["placed"] != YES:
            return None
        return next(iter(self.places(event.core if row["talk"] == YES else event.span)), None)

    def joint_talks(self) -> set[str]:
        """Return the types of event that are talks."""
        types = self.rules.types.items()
        return {code for code, row in types if row["joint"] == YES and row["mode"] != "na"}


def _without_places_apart(who: list[Found]) -> list[Found]:
    """Mentions without places of several states, of which none tells whose side it is."""
    places = [m for m in who if m.row.get("kind") == "place"]
    apart = len({m.row["country"] for m in places}) > 1
    return [m for m in who if not (apart and m in places)]


def first_run(who: list[Found]) -> int:
    """Where the mentions end that stand together first."""
    end = who[0].end
    for mention in who[1:]:
        if mention.start - end > TOGETHER:
            break
        end = mention.end
    return end
