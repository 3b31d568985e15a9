"""Who acts: states, offices, agencies and names in a stretch of text → sides with their rank."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from jkrel.propose.knowledge import Rules
from jkrel.propose.patterns import Found

APPOSITION = re.compile(r"(?: [A-Z][\w-]+){0,2}, (?:\w+ )?")
"""What stands between a name and the office told after it ("Lee Yong-soo, a survivor")."""
GIVEN = re.compile(r"(?: [A-Z][\w-]+){1,2} ")
"""A given name between an office and the name that is known ("President Barack Obama")."""
KOREAN = re.compile(r" [A-Z][a-z]+-[a-z]+")
"""A given name that makes of a known surname somebody else ("Lee Sang-ho")."""
ADJECTIVES = 26
"""Characters of adjectives that may stand between a state and its people or bodies."""
COUNTERPART, LEVELWORD, FORMER = "counterpart", "levelword", "former"


@dataclass
class Side:
    """One state as it takes part: its rank, portfolio, and the words that tell them."""

    level: str = ""
    portfolio: str = ""
    named: list[Found] = field(default_factory=list)


def sides(
    found: Iterable[Found], text: str, day: date, rules: Rules, zone: tuple[int, int]
) -> dict[str, Side]:
    """Read the sides that take part from the mentions in one stretch of text.

    Parameters
    ----------
    found : iterable of Found
        Mentions of the layer ``who`` that take part, in the order of the text.
    text : str
        The text in which they stand.
    day : date
        Day of the entry, for offices that a person held for some years only.
    rules : Rules
        The rank of levels; of several in one state the most senior counts.
    zone : tuple of int
        Start and end of the stretch; words beyond are not looked at.

    Returns
    -------
    dict of str to Side
        By state (code list ``actors``), in the order of first mention.
    """
    reader = _Reader(text, day, rules)
    inside = [m for m in found if zone[0] <= m.start and m.end <= zone[1]]
    for mention, following in zip(inside, [*inside[1:], None], strict=False):
        if not (reader.sides and _owns(mention, following, text, rules)):
            reader.read(mention, following)
    return reader.finish()


def _owns(mention: Found, following: Found | None, text: str, rules: Rules) -> bool:
    """Whether a state only owns what is spoken of ("condemn North Korea's launch")."""
    row, end = mention.row, mention.end
    adjective = row.get("kind") == "demonym" and not text.startswith(rules.grammar.goes_on, end)
    if row["table"] != "states" or not (adjective or text.startswith("'s ", end)):
        return False
    return following is None or following.start - end > ADJECTIVES


class _Reader:
    """Goes through mentions from left to right and keeps what still waits for its state."""

    def __init__(self, text: str, day: date, rules: Rules):
        self.text, self.day, self.rules, self.grammar = text, day, rules, rules.grammar
        self.sides: dict[str, Side] = {}
        self.run: list[str] = []
        self.waiting: Found | None = None
        self.last: Found | None = None
        self.last_name: str | None = None
        self.shared: list[Found] = []
        self.titles = False

    def read(self, mention: Found, following: Found | None) -> None:
        gap = self.text[self.last.end : mention.start] if self.last else None
        named = following is not None and following.row["table"] == "names"
        self.titles = named and self.text[mention.end : following.start] == " "
        getattr(self, f"_{mention.row['table']}")(mention, gap)
        self.last = mention

    def finish(self) -> dict[str, Side]:
        if self.waiting is not None:
            self._unclaimed()
        for mention in self.shared:
            for side in self.sides.values():
                if not side.level:
                    self._raise(side, mention)
        return self.sides

    def _states(self, mention: Found, gap: str | None) -> None:
        if not mention.row["country"]:
            self.run, self.waiting = [], None
            return
        countries = mention.row["country"].split(";")
        if mention.row["kind"] == "both" and len(self.sides) >= len(countries):
            return
        follows = self.last is not None and self.last.row["table"] == "states"
        self.run = (
            [*self.run, *countries] if follows and gap in self.grammar.coordinated else countries
        )
        for country in countries:
            self.sides.setdefault(country, Side()).named.append(mention)
            if mention.row.get("level"):
                self._raise(self.sides[country], mention)
        if self.waiting and gap is not None and gap.strip() in self.grammar.joined:
            self._give(countries, self.waiting)
        elif self.waiting and not (follows and gap in self.grammar.coordinated):
            self._unclaimed()
        self.last_name = None

    def _offices(self, mention: Found, gap: str | None) -> None:
        row = mention.row
        if row["portfolio"] == LEVELWORD:
            self.shared.append(mention)
        elif row["portfolio"] == FORMER and self.last_name:
            return
        elif row["level"] == COUNTERPART:
            self._counterpart(mention, gap)
        elif row["country"] and not (gap in self.grammar.tight and self.run):
            self._give([row["country"]], mention)
            self.run = [row["country"]]
        elif self.last_name and not self.titles and gap and APPOSITION.fullmatch(gap):
            self._override(self.last_name, mention)
        elif gap in self.grammar.tight and self.run:
            plural = mention.words.lower().endswith(self.grammar.plural) and len(self.run) > 1
            self._give(self.run if plural else self.run[-1:], mention)
        elif self.run and row["level"] in self.rules.loose and self._near(gap):
            self._give(self.run[-1:], mention)
        else:
            if self.waiting is not None:
                self._unclaimed()
            self.waiting = mention

    def _near(self, gap: str | None) -> bool:
        """Whether only adjectives can stand in a gap ("South Korean wartime labor victims")."""
        plain = gap is not None and self.grammar.no_adjectives.isdisjoint(gap.split())
        return plain and len(gap) < ADJECTIVES and "," not in gap and self.last_name is None

    def _agencies(self, mention: Found, gap: str | None) -> None:
        titled = self.waiting is not None and self.waiting.row["table"] == "offices" and gap == " "
        if titled and mention.row["country"]:
            self._give([mention.row["country"]], self.waiting)
            self.last_name, self.run = mention.row["country"], [mention.row["country"]]
        elif mention.row["country"]:
            self._give([mention.row["country"]], mention)
            self.run = [mention.row["country"]]
        elif self.last_name and gap == " ":
            self._override(self.last_name, mention)
        elif gap in self.grammar.tight and self.run:
            self._give(self.run, mention)
        elif self.run and self._near(gap):
            self._give(self.run[-1:], mention)
        else:
            self.waiting = self.waiting or mention

    def _names(self, mention: Found, gap: str | None) -> None:
        row = held(mention.rows, self.day)
        if " " not in mention.words and KOREAN.match(self.text, mention.end):
            row = row | {"level": "", "portfolio": ""}
        tight = gap in {" ", ", "} or bool(gap and GIVEN.fullmatch(gap))
        country = row["country"]
        if not country:
            return
        titled = self.last is not None and self.last.row["table"] in {"offices", "agencies"}
        namesake = not any(other["level"] for other in mention.rows)
        if namesake and titled and tight and not self.waiting and country not in self.run:
            self.last_name = self.run[-1] if self.run else None
            return
        if self.waiting is not None and titled and tight:
            level = self.waiting
            self.waiting = None
            self._give([country], level)
            self.sides[country].named.append(mention)
        elif titled and tight and self.sides.get(country, Side()).level:
            self.sides[country].named.append(mention)
        else:
            side = self.sides.setdefault(country, Side())
            self._raise(side, Found(mention.start, mention.end, row, mention.rows, mention.words))
        self.last_name = country
        self.run = [country]

    def _counterpart(self, mention: Found, gap: str | None) -> None:
        levels = [side for side in self.sides.values() if side.level]
        for country in self.run if gap in self.grammar.tight else []:
            if levels and not self.sides[country].level:
                self.sides[country].level = levels[0].level
                self.sides[country].portfolio = levels[0].portfolio
                self.sides[country].named.append(mention)

    def _give(self, countries: list[str], mention: Found) -> None:
        for country in countries:
            self._raise(self.sides.setdefault(country, Side()), mention)
        self.waiting = None

    def _override(self, country: str, mention: Found) -> None:
        side = self.sides.setdefault(country, Side())
        side.level, side.portfolio = mention.row["level"], mention.row["portfolio"]
        side.named.append(mention)

    def _raise(self, side: Side, mention: Found) -> None:
        level = mention.row["level"]
        side.named.append(mention)
        rank = self.rules.rank
        if level and (not side.level or rank[level] < rank[side.level]):
            side.level, side.portfolio = level, mention.row.get("portfolio", "")

    def _unclaimed(self) -> None:
        country = self.waiting.row.get("default_country")
        if country and country not in self.sides:
            self._give([country], self.waiting)
        self.waiting = None


def held(rows: tuple[dict, ...], day: date) -> dict:
    """Choose among the rows of one name the office that was held on a day."""
    month = f"{day:%Y-%m}"
    for row in sorted(rows, key=lambda row: not row["valid_from"]):
        if row["valid_from"] <= month and month <= (row["valid_to"] or "9999"):
            return row
    return {**rows[0], "level": "", "portfolio": ""}
