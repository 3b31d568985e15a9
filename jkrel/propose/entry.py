"""One entry with the matches of every pattern in it, and how its clauses are built."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

from jkrel.propose.clauses import WORDS, Span, beginning, opening, sentences, within
from jkrel.propose.grammar import OWNER
from jkrel.propose.knowledge import Rules
from jkrel.propose.patterns import Found

COMMA = re.compile(r"(?:(.*),(?=[\"']? ))?(.*)", re.DOTALL)
"""What stands before the last comma of a sentence, and after it."""
PERCENT = re.compile(r"(?<=[0-9]) ?%")
"""The sign that some chronologies print for the word."""
CLOSE = 9
"""Characters from an owner to a body, from which on the body is not the owner's."""
FEW = 4
"""Mentions that may belong together as one title ("envoy of President Moon")."""
PLACED = 16
"""Characters that a word of place has at most, with which a sentence opens."""
MEDIA = "media"
"""The portfolio of newspapers and agencies, which only print what others say."""
NEGATION = 200
"""Characters that words of denial have at most."""
PRINTED = 24
"""Characters that may stand before the newspaper that reports something."""
YES = "yes"


class Entry:
    """One entry with its matches.

    Parameters
    ----------
    rules : Rules
        Patterns and code lists.
    text : str
        The entry without its date.
    day : date
        Its day, for offices held for some years.
    """

    def __init__(self, rules: Rules, text: str, day: date):
        self.rules, self.day = rules, day
        self._printed: dict[Span, int | None] = {}
        sign = f" {rules.grammar.words('percent')[0]}"
        plain = PERCENT.sub(sign, rules.abbreviated.sub(r"\1", text))
        self.text = self._speakers_first(plain)
        self.found = rules.lexicon.find(self.text)
        who, gatherings = self.found.get("who", []), self.found.get("gathering", [])
        self.found["who"] = [
            m for m in who if m is who[0] or not _inside(m, gatherings) or self._acts(m)
        ]
        self.three = self._group_of_three()
        self.found["act"] = [m for m in self.found.get("act", []) if m.row["role"] != "none"]
        marks = {m.row.get(key) for m in who for key in ("country", "level")}
        special = [f"act_of_{mark}" for mark in marks if f"act_of_{mark}" in self.found]
        own = [m for layer in special for m in self.found[layer] if m.row["role"] != "none"]
        acts = [*self.found.get("act", []), *own]
        self.found["act"] = sorted(acts, key=_conditions_first)
        bodies = [m for m in who if m.row["table"] in {"offices", "agencies"}]
        for layer, names in (("act", who), ("issue", bodies)):
            kept = [m for m in self.found.get(layer, []) if not _within_name(m, names)]
            self.found[layer] = kept

    def _group_of_three(self) -> str:
        """Return which three states "the three" are: others than usual if the third is named."""
        named = {m.row.get("country") for m in self.found["who"]}
        named |= {state for group in self.found.get("gathering", ()) for state in members(group)}
        usual, others = self.rules.three
        chosen = next((o for o in others if self.rules.third(o) in named), usual)
        chosen = usual if self.rules.third(usual) in named else chosen
        if chosen != usual:
            for n, m in enumerate(self.found["who"]):
                if m.row.get("country") == usual:
                    self.found["who"][n] = m._replace(row=m.row | {"country": chosen})
        return chosen

    def _speakers_first(self, text: str) -> str:
        """Put who says something before it, where it is printed after it."""
        told, says = [], self.rules.grammar.words("said")[0]
        for start, end in sentences(text):
            said, rest = COMMA.fullmatch(text[start:end]).groups()
            tail = self.rules.attribution.fullmatch(rest) if said else None
            who = tail and (tail[1] or tail[3] or tail[4])
            again = tail and f"{who[0].upper()}{who[1:]} {says} {said}{tail[2] or ''}. "
            told.append(again or text[start:end])
        return "".join(told)

    def _acts(self, mention: Found) -> bool:
        """Whether a body begins a sentence, as its subject, or does what is told in the passive."""
        return self._by(mention) or self.text.endswith(self.rules.grammar.begins, 0, mention.start)

    def _by(self, mention: Found) -> bool:
        """Whether a body does what is told in the passive ("adopted by the UN ...")."""
        return self.text.endswith(self.rules.grammar.by_body, 0, mention.start)

    def cue(self, kind: str, span: Span) -> Found | None:
        """Return the first cue of a kind in a span."""
        return next(iter(within(self.found, kind, span)), None)

    def core_start(self, span: Span) -> int:
        """Return where the main clause begins: after "Following ..., " or "X reports that"."""
        if told := self.press(span):
            return told
        setting, occasion = self.cue("setting", span), self.cue("occasion", span)
        at_start = setting is not None and setting.start == span[0]
        beside = at_start and occasion is not None and occasion.start == span[0]
        beside = beside and " " in occasion.words
        if at_start and not beside and not self._public(span) and not self._alone(span):
            return span[0]
        return opening(self.text, span, self.found, self.rules)

    def _public(self, span: Span) -> bool:
        """Whether an opening names a gathering of many, at which somebody speaks or acts."""
        end = opening(self.text, span, self.found, self.rules)
        named = within(self.found, "gathering", (span[0], end))
        return any(not members(gathering) for gathering in named)

    def _alone(self, span: Span) -> bool:
        """Whether people of one state only are named with a gathering at which they speak."""
        end = opening(self.text, span, self.found, self.rules)
        told = self.cue("complement", (end, span[1]))
        named = within(self.found, "who", (span[0], told.start if told else span[1]))
        who = [m for m in named if m.row.get("kind") != "capital"]
        groups = [g for g in within(self.found, "gathering", span) if members(g)]
        several = any(m.row.get("level") == "counterpart" for m in who)
        states = {m.row.get("country") for m in who} - {None, ""}
        led = [m for m in who if m.start < end]
        return end > span[0] and len(states) == 1 and not (led or groups or several)

    def press(self, span: Span) -> int | None:
        """Return where begins what a newspaper or agency reports of others."""
        if span not in self._printed:
            self._printed[span] = self._press(span)
        return self._printed[span]

    def _press(self, span: Span) -> int | None:
        who = within(self.found, "who", span)
        media = next((m for m in who[:3] if m.row.get("portfolio") == MEDIA), None)
        if media is None or media.start - span[0] > PRINTED or self._by(media):
            return None
        verb = next(iter(within(self.found, "act", (media.end, span[1]))), None)
        if verb is not None and self.cue("own_view", (span[0], verb.end)):
            return None
        lead = self.text[span[0] : media.start].lower()
        if (
            lead.startswith(self.rules.grammar.words("attribution"))
            and "," in self.text[media.end : media.end + 2]
        ):
            return media.end + 2
        told = verb is not None and verb.row["role"] == "speech"
        told = told and self.type_of(verb)["reports"] == YES
        rest = [m for m in who if told and m.start >= verb.end and m.row.get("country")]
        acts = within(self.found, "act", (verb.end, span[1])) if rest else []
        deed = any(act.row["role"] != "hint" for act in acts)
        near = bool(rest) and rest[0].start - verb.end < 25
        return verb.end + 1 if near or deed else None

    def core_end(self, act: Found, span: Span) -> int:
        """Where the topic, the occasion or a dependent clause begins."""
        kinds = ("agenda", "occasion", "complement")
        cues = [cue for kind in kinds for cue in within(self.found, kind, (act.end, span[1]))]
        if self.type_of(act)["joint"] == YES:
            cues += [cue for cue in [self.topic((act.end, span[1]))] if cue]
            further = within(self.found, "act", (act.end, span[1]))
            cues += [a for a in further if self._says(a, span)]
            cues += [a for a in further if a.row["role"] not in WORDS and self.follows(a)]
        half = self.text.find("; ", act.end, span[1])
        return min([cue.start for cue in cues] + [half] * (half > 0), default=span[1])

    def _says(self, verb: Found, span: Span) -> bool:
        """Whether a verb tells what is said once all who talk have been named."""
        row = self.type_of(verb)
        states = {m.row.get("country") for m in within(self.found, "who", (span[0], verb.start))}
        named = len(states - {None, ""}) > 1
        return named and verb.row["role"] == "speech" and row["reports"] == YES

    def follows(self, act: Found) -> bool:
        """Whether a verb is a second one of the same subject."""
        return self.text.endswith(self.rules.grammar.second, 0, act.start)

    def topic(self, span: Span) -> Found | None:
        """Return the preposition that leads to the topic of talks ("meet on fisheries")."""
        barred = {cue.start for cue in within(self.found, "no_agenda", span)}
        cues = within(self.found, "agenda_of_talks", span)
        return next((cue for cue in cues if cue.start not in barred), None)

    def holds(self, act: Found, span: Span) -> bool:
        """Whether an act is not denied and, where a state is asked for, that state's."""
        near = beginning(self.found, "negation", (act.start - NEGATION, act.start))
        denied = [cue for cue in near if 0 <= act.start - cue.end <= 2]
        if self.type_of(act)["announced"] == YES and act.row["role"] != "speech":
            denied += within(self.found, "denial", (span[0], act.start))
        if self.type_of(act)["promised"] == YES:
            denied += within(self.found, "condition", (span[0], act.start))
        owned = self.text.endswith(self.rules.grammar.determiners, 0, act.start)
        noun = act.row["role"] == "speech" and owned
        owner = self.text.endswith(OWNER, 0, act.start) or act.words.endswith(
            self.rules.grammar.participle
        )
        if noun and (self.type_of(act)["reports"] != YES or owner):
            return False
        only = act.row["only"]
        by = within(self.found, "who", (span[0], act.end))
        if self.text.startswith(self.rules.grammar.by, act.end):
            by += within(self.found, "who", (act.end, act.end + PRINTED))
        marks = {who.row.get(key) for who in by for key in ("country", "level")}
        return not denied and (not only or only in marks)

    def type_of(self, act: Found) -> dict:
        """Return the row of ``types`` that an act belongs to; some acts take two by themselves."""
        row = self.rules.types[act.row["event_type"]]
        return row | {"joint": act.row["joint"]} if act.row["joint"] else row

    def is_object(self, mention: Found, who: list[Found]) -> bool:
        """Whether a preposition stands before a mention or before the run that it ends."""
        grammar = self.rules.grammar
        if mention.row["table"] in {"offices", "names"} and self._belongs(mention, who):
            return True
        bare = mention.row["table"] in {"offices", "agencies"} and not mention.row["country"]
        if bare and mention.row["portfolio"] != MEDIA:
            return False
        if mention.row.get("kind") == "place" and mention is not who[0]:
            before = _before(mention, who)[-1]
            gap = self.text[before.end : mention.start]
            joined = gap in grammar.listed and not self.is_object(before, who)
            return not joined and gap not in {"'s ", " "}
        start = mention.start
        if self._takes_part(mention):
            return False
        if mention.row.get("kind") == "capital" and self._seated(mention, who):
            return False
        if mention.row["table"] == "states" and self._is_in_town(start):
            return True
        start = self._start_of_list(start, who)
        words = self.text[max(0, start - 24) : start].rstrip("\"'( ")
        words = grammar.article.sub("", words)
        bodies = "object_of_bodies" if mention.row["table"] == "agencies" else ""
        stop = max(0, start - 24) + len(words)
        cues = (_around(stop - 1, self.found.get(layer, ())) for layer in ("object", bodies))
        return any(cue.end == stop for cue in cues if cue)

    def _start_of_list(self, start: int, who: list[Found]) -> int:
        """Where the states begin that stand in one list, not counting the place of an opening."""
        grammar = self.rules.grammar
        for other in reversed(who[: bisect_left(who, (start,))]):
            gap, before = self.text[other.end : start], max(0, other.start - PLACED)
            opened = "," in gap and grammar.place_of_opening.search(self.text, before, other.start)
            if opened or gap not in grammar.states_listed or other.row["table"] != "states":
                break
            start = other.start
        return start

    def _is_in_town(self, start: int) -> bool:
        """Whether a state only tells where a town lies ("in Gyeongju, South Korea")."""
        return bool(self.rules.grammar.town.search(self.text, max(0, start - 40), start))

    def _takes_part(self, mention: Found) -> bool:
        """Whether a state is that of visitors, or the host ("the US-led exercise")."""
        visits = self.text.endswith(self.rules.grammar.visitor, 0, mention.start)
        visits = visits and mention.row.get("kind") == "demonym"
        return visits or self.text.startswith(self.rules.grammar.host, mention.end)

    def _seated(self, mention: Found, who: list[Found]) -> bool:
        """Whether a capital tells whose body stands before it ("the ministry in Seoul")."""
        before = [m for m in _before(mention, who) if m.end < mention.start][-2:]
        if (
            not before
            or self.text[before[-1].end : mention.start] not in self.rules.grammar.in_seat
        ):
            return False
        row, owner = before[-1].row, before[0] if len(before) > 1 else None
        owned = owner is not None and before[-1].start - owner.end < CLOSE
        return row["table"] in {"offices", "agencies"} and not row["country"] and not owned

    def _belongs(self, mention: Found, who: list[Found]) -> bool:
        """Whether a mention only completes the office before it ("envoy of President Moon")."""
        who = _before(mention, who)
        before = [m for m in who if m.end < mention.start and m.row["table"] == "offices"]
        if not before:
            return False
        gap = self.text[before[-1].end : mention.start]
        owner = gap in self.rules.grammar.owners or mention.row["portfolio"] == "head"
        if owner and self.rules.grammar.belongs.fullmatch(gap):
            return True
        return gap == " " and self._belongs(before[-1], who)

    def places(self, zone: Span) -> list[Found]:
        """Return the places in a span that a word of place precedes."""
        words = {cue.end for cue in within(self.found, "place_word", zone)}
        return [p for p in within(self.found, "place", zone) if p.start - 1 in words]


def _conditions_first(act: Found) -> tuple[int, bool, int]:
    return act.start, not act.row["only"], -act.end


def _before(mention: Found, who: list[Found]) -> list[Found]:
    """Return the few mentions before one, in the order of the text."""
    place = bisect_left(who, (mention.start,))
    return who[max(0, place - FEW) : place]


def _around(place: int, others: Sequence[Found]) -> Found | None:
    """Return the only match of a layer that may reach a place: the last to begin by then."""
    before = bisect_left(others, (place + 1,))
    return others[before - 1] if before else None


def _inside(match: Found, others: list[Found]) -> bool:
    other = _around(match.start, others)
    return other is not None and match.end <= other.end and not members(other)


def _within_name(match: Found, who: list[Found]) -> bool:
    """Whether words are only part of the name of an office, agency or state, or begin in one."""
    name = _around(match.start, who)
    if name is not None and match.start < name.end and name.row["table"] == "names":
        return True
    longer = name is not None and name.end - name.start > match.end - match.start
    return longer and match.end <= name.end


def members(gathering: Found) -> list[str]:
    """Return the states that a gathering or group is made of."""
    return [state for state in gathering.row["members"].split(";") if state]
