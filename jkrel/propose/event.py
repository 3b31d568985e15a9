"""One proposed event while it is read: its act, its sides, its codes, and what gave them."""

from dataclasses import dataclass, field
from datetime import date

from jkrel.propose.clauses import Span
from jkrel.propose.parties import Side
from jkrel.propose.patterns import Found


@dataclass
class Event:
    """One proposed event while it is read: its codes, and what gave them."""

    span: Span
    core: Span
    act: Found | None = None
    verb: Found | None = None
    code: str = ""
    sides: dict[str, Side] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    grounds: dict[str, tuple[str, str]] = field(default_factory=dict)
    unread: bool = False
    passive: bool = False
    plan: str = ""
    beside: frozenset[str] = frozenset()
    """States that do the same, each for itself."""
    day: date | None = None
    """Its own day, where the entry prints one that is not its own."""
    further: list[str] = field(default_factory=list)
    """Other dates that the entry prints."""

    @property
    def actors(self) -> list[str]:
        """Acting states, alphabetical."""
        return sorted(self.sides)

    def set(self, variable: str, value, *found: Found | None) -> None:
        """Give a variable its value, with the words that gave it; a default has none."""
        self.values[variable] = str(value)
        words = [f'{m.row["pattern_id"]} "{m.words}"' for m in found if m is not None]
        self.evidence.pop(variable, None)
        if words and value != "":
            self.evidence[variable] = f"{variable}={value} <- {', '.join(words)}"
