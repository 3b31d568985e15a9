"""Sentences and clauses of an entry: where one event may end and another begin."""

import re
from bisect import bisect_left
from itertools import pairwise

from jkrel.propose.knowledge import Rules
from jkrel.propose.patterns import Found

STOP = re.compile(r"[.!?][\"')]* (?=[\"'(]?[A-Z])")
NEAR = 14
"""Characters that may stand between a joining word and the new subject."""
OPENING = 60
"""Characters that words of time or place may have between a joining word and the subject."""
VERB = 40
"""Characters that may stand between the new subject and its verb."""
LONGEST = 2_000
"""Characters after which a sentence without a stop is cut, so that time stays linear."""
WORDS = {"marker", "hint"}
"""Roles of words that tell an act without being its verb."""
Span = tuple[int, int]


def sentences(text: str) -> list[Span]:
    """Split a text, without the dots of abbreviations, into sentences."""
    starts = [0]
    for stop in (*(found.end() for found in STOP.finditer(text)), len(text)):
        while stop - starts[-1] > LONGEST:
            blank = text.rfind(" ", starts[-1], starts[-1] + LONGEST)
            starts.append(blank + 1 or starts[-1] + LONGEST)
        starts.append(stop)
    return list(pairwise(starts))


def clauses(text: str, span: Span, found: dict[str, list[Found]], rules: Rules) -> list[Span]:
    """Split a sentence where a new subject with its own verb begins.

    Parameters
    ----------
    text : str
        The entry.
    span : tuple of int
        The sentence.
    found : dict of str to list of Found
        Matches of every layer in the entry.
    rules : Rules
        Patterns and code lists.

    Returns
    -------
    list of tuple of int
        The clauses, in order; one if nothing is to be split.
    """
    acts = [act for act in within(found, "act", span) if act.row["role"] not in WORDS]
    cuts, main = {span[0]}, opening(text, span, found, rules)
    types = rules.types
    for left, right in _joints(text, span, found, acts):
        before = [act for act in acts if max(main, *cuts) <= act.start and act.end <= left]
        after = next((act for act in acts if act.start >= right), None)
        if not before or after is None:
            continue
        answer = types[after.row["event_type"]]["answers"] == "yes" and after.row["role"] == "head"
        answer = answer or _person_acts(text, left, right, after, found)
        if _is_reported(text, left, before[0], rules) and not answer:
            continue
        subject = _has_subject(text, right, after, found, rules)
        subject = subject and not _joined(text, left, found, rules)
        if subject or _same_subject(text, right, before[0], after, types):
            cuts.add(right)
    cuts |= _provoked(text, span, found, acts, rules)
    cuts |= {act.start for act in acts[1:] if act.row["actor"] == "after"}
    starts = sorted(cuts)
    return list(zip(starts, [*starts[1:], span[1]], strict=True))


def within(found: dict[str, list[Found]], layer: str, span: Span) -> list[Found]:
    """Return the matches of a layer, which stand in the order of the text, within a span."""
    return [match for match in beginning(found, layer, span) if match.end <= span[1]]


def beginning(found: dict[str, list[Found]], layer: str, span: Span) -> list[Found]:
    """Return the matches of a layer that begin within a span, wherever they end."""
    matches = found.get(layer)
    if not matches:
        return []
    start, end = span
    return matches[bisect_left(matches, (start,)) : bisect_left(matches, (end,))]


def opening(text: str, span: Span, found: dict[str, list[Found]], rules: Rules) -> int:
    """Return where the main clause begins after an opening ("At a meeting in Seoul, Abe ...")."""
    led = any(_begins(found, layer, span) for layer in ("lead", "occasion", "setting"))
    if not led and not rules.grammar.opens.match(text, *span):
        return span[0]
    for who in within(found, "who", span):
        if rules.grammar.after_comma.search(text, max(span[0], who.start - 12), who.start):
            return who.start
    return span[0]


def _begins(found: dict[str, list[Found]], layer: str, span: Span) -> bool:
    first = next(iter(within(found, layer, span)), None)
    return first is not None and first.start - span[0] <= (2 if layer == "occasion" else 0)


def _joints(text, span, found, acts) -> list[Span]:
    """Where a clause may end and the next begin: at semicolons and joining words."""
    marks = [
        (m.start() + span[0], m.end() + span[0]) for m in re.finditer("; ", text[slice(*span)])
    ]
    words = [(cue.start, cue.end + 1) for cue in within(found, "boundary", span)]
    inside = [(act.start, act.end) for act in acts]
    free = [j for j in words if not any(start < j[0] < end for start, end in inside)]
    return sorted(marks + free)


def _is_reported(text: str, left: int, before: Found, rules: Rules) -> bool:
    """Whether an "and" joins parts of what is said, and not two acts."""
    reports = rules.types[before.row["event_type"]]["reports"] == "yes"
    said = before.row["role"] == "speech" and reports
    return said and text.startswith(rules.grammar.joins, left)


def _person_acts(text: str, left: int, right: int, after: Found, found) -> bool:
    """Whether somebody is named behind a comma who himself says or does what follows."""
    named = [
        who for who in beginning(found, "who", (right, after.start)) if who.row["table"] == "names"
    ]
    return bool(named) and text.endswith(", ", 0, left) and text[named[-1].end : after.start] == " "


def _has_subject(text: str, right: int, after: Found, found, rules: Rules) -> bool:
    who = beginning(found, "who", (right, after.start))
    if not who or who[0].row.get("kind") == "mask":
        return False
    if who[0].start - right > NEAR and not _opened(right, who[-1], found):
        return False
    lead, grammar = text[right : who[0].start], rules.grammar
    if lead.strip() in grammar.possessives or grammar.tells(lead):
        return False
    gap = text[who[-1].end : after.start]
    joined = any(mark in f"{gap} " for mark in grammar.after_subject)
    return len(gap) <= VERB and not joined


def _opened(right: int, subject: Found, found) -> bool:
    """Whether a clause opens with words of time or place before its subject."""
    led = any(cue.start == right for cue in beginning(found, "lead", (right, right + 1)))
    object_ = any(
        cue.end == subject.start - 1 for cue in within(found, "object", (right, subject.start))
    )
    return led and subject.start - right <= OPENING and not object_


def _joined(text: str, left: int, found, rules: Rules) -> bool:
    """Whether the word before a joint is a subject too ("In Seoul, Abe and Park meet")."""
    run, listed = left, 0
    who = [m for m in beginning(found, "who", (left - LONGEST, left)) if m.end < left]
    for mention in reversed(who):
        if text[mention.end : run].strip(" ,"):
            break
        run, listed = mention.start, listed + 1
    several = listed > 1 or (listed and not text[who[-1].end : left].strip())
    return bool(several) and text.endswith(rules.grammar.before_listed, 0, run)


def _same_subject(text: str, right: int, before: Found, after: Found, types: dict) -> bool:
    first, second = (types[act.row["event_type"]] for act in (before, after))
    marked = first["splits"] == second["splits"] == "yes"
    return marked and first is not second and after.start - right <= 2


def _provoked(text, span, found, acts, rules) -> set[int]:
    """Where an act begins that another is told to answer ("protests after X visits")."""
    cuts, types = set(), rules.types
    for cue in within(found, "provoked", span):
        before = [act for act in acts if act.end <= cue.start]
        after = next((act for act in acts if act.start >= cue.end), None)
        if not before or after is None or types[before[0].row["event_type"]]["answers"] != "yes":
            continue
        provokes = types[after.row["event_type"]]["provokes"] == "yes"
        if provokes and _has_subject(text, cue.end + 1, after, found, rules):
            cuts.add(cue.end + 1)
    return cuts
