"""What the reading of entries knows: patterns and code lists, in the forms it asks for them."""

import re
from collections.abc import Iterable
from functools import cached_property

from jkrel.propose.grammar import Grammar
from jkrel.propose.patterns import Lexicon


class Rules:
    """Patterns and code lists, in the forms in which the reading asks for them.

    Parameters
    ----------
    lexicon : Lexicon
        Tables of ``data/patterns/``.
    codes : dict of str to list of dict
        Code lists of the codebook.
    """

    def __init__(self, lexicon: Lexicon, codes: dict[str, list[dict]]):
        self.lexicon, self.codes = lexicon, codes
        self.grammar = Grammar({r["name"]: r["words"] for r in lexicon.tables["words"]})
        self.types = {row["event_type"]: row for row in lexicon.tables["types"]}
        self.counts: dict[tuple[str, str], list[int]] = {}
        for row in lexicon.tables["confidence"]:
            both = self.counts.setdefault((row["variable"], row["ground"]), [0, 0])
            both[:] = both[0] + int(row["right"]), both[1] + int(row["tried"])
        self.parameters = {row["name"]: row["value"] for row in lexicon.tables["parameters"]}
        self.loose = set(self.parameters["levels_after_adjectives"].split(";"))
        states = lexicon.tables["states"]
        self.own_issues = {row["country"]: row["issue"] for row in states if row["issue"]}
        self.own = set(self.own_issues.values())
        self.otherwise = next(r for r in lexicon.tables["acts"] if r["role"] == "otherwise")
        self.ranked = [row["code"] for row in codes["levels"] if row["ranked"] == "true"]
        self.formats = codes["formats"]
        self.neutral = {r["code"] for r in codes["event_types"] if r["neutral_together"] == "true"}
        self.bodies = {r["code"] for r in codes["actors"] if r["kind"] != "state"}
        both = next(r["only_actors"] for r in self.formats if r["only_actors"].count(";") == 1)
        self.both = frozenset(both.split(";"))

    @cached_property
    def rank(self) -> dict[str, int]:
        """Levels from the most senior; those of nobody named give way to named bodies."""
        last = self.parameters["levels_that_give_way"].split(";")
        named = [row["code"] for row in self.codes["levels"] if row["code"] not in last]
        return {code: number for number, code in enumerate([*named, *last])}

    @cached_property
    def mechanisms(self) -> dict[str, list[dict]]:
        """Rows of the table ``mechanisms`` that can apply, by event type."""
        rows = self.lexicon.tables["mechanisms"]
        return {code: [r for r in rows if r["event_type"] in ("", code)] for code in self.types}

    @cached_property
    def three(self) -> tuple[str, list[str]]:
        """The three states that act together if nothing else is told, and other groups of three."""
        usual = next(row["only_actors"] for row in self.formats if row["min_actors"] == "3")
        groups = {row["country"] for row in self.lexicon.tables["states"] if row["kind"] == "both"}
        return usual, sorted(g for g in groups - {usual} if g.count(";") == usual.count(";"))

    def third(self, group: str) -> str:
        """Return the one of three states that is not of the pair."""
        return next(state for state in group.split(";") if state not in self.both)

    @cached_property
    def society(self) -> set[str]:
        """Levels that belong to no government and to no order of rank."""
        return {row["code"] for row in self.codes["levels"] if row["is_government"] == "false"}

    @cached_property
    def abbreviated(self) -> re.Pattern:
        """The dot of an abbreviation, unless a sentence plainly ends there."""
        rows = self.lexicon.tables["cues"]
        words = "|".join(row["value"] for row in rows if row["kind"] == "abbreviation")
        start = self.grammar.any_of("sentence_start")
        return re.compile(rf"\b({words}|[A-Z])\.(?! {start} )")

    @cached_property
    def attribution(self) -> re.Pattern:
        """Words after a comma, at the end of a sentence, that tell who says what stands before."""
        rows = self.lexicon.tables["cues"]
        words = "|".join(row["value"] for row in rows if row["kind"] == "attribution")
        before, after = map(self.grammar.any_of, ("attribution", "after_attribution"))
        who = rf"(?!{self.grammar.any_of('no_speaker')} )(.{{3,80}}?)"
        rest = rf"((?: {after} [^,]{{,60}}?)?)"
        usual = rf"[\"']? (?:{who} (?:{words}){rest}|{before} {who})"
        return re.compile(rf"(?:{usual}|[\"'] (?:{words}) {who})\.?\s*")

    def sure(self, grounds: dict[str, tuple[str, str]]) -> float:
        """Return how often what rests on such grounds was right: the product over variables.

        A pattern's share of hits is drawn to that of all patterns of its kind by as many trials as
        the parameter ``trials_of_prior`` says, and so is a kind's to that of the variable: a
        pattern that was never tried has the share of its kind.
        """
        weight, sure = int(self.parameters["trials_of_prior"]), 1.0
        for variable, keys in grounds.items():
            share = 0.5
            for key in dict.fromkeys(("", *keys)):
                right, tried = self.counts.get((variable, key), (0, 0))
                share = (right + weight * share) / (tried + weight)
            sure *= share
        return sure

    def format(self, actors: list[str]) -> str:
        """Return the format of a set of actors, by the limits of the code list."""
        for row in self.formats:
            most = int(row["max_actors"] or 999)
            fits = int(row["min_actors"] or 0) <= len(actors) <= most
            if fits and row["only_actors"] in ("", ";".join(actors)):
                return row["code"]
        return ""

    def other(self, actors: Iterable[str]) -> str:
        """Return the other state of the pair if exactly one of the two acts."""
        left = self.both.difference(actors)
        return next(iter(left)) if len(left) == 1 else ""
