"""The words that can have given a value, among those that were read for it."""

from collections.abc import Iterable

from jkrel.propose.patterns import LISTED, Found

STATES = ("country", "toward", "members")
"""Columns of patterns whose words name a state."""
USUAL = ("default_country", "usual_actor", "only")
"""Columns of patterns whose words mean a state unless another is named."""
LEVELS = ("level", "bare_level", "level_of_its_own")
"""Columns of patterns whose words tell a rank."""
CUES = "cues"
"""The table of words that mean states without naming one ("trilateral", "both countries")."""


def naming(states: Iterable[str], mentions: Iterable[Found]) -> list[Found]:
    """Choose the words that name states: the first for each, in the order of the text.

    Parameters
    ----------
    states : iterable of str
        Codes of states.
    mentions : iterable of Found
        What was read.

    Returns
    -------
    list of Found
        None of them for a state that no words name: it was inferred.
    """
    mentions = sorted(mentions, key=lambda mention: (mention.start, -mention.end))
    chosen = {}
    for state in states:
        named = [m for m in mentions if _among(m.row, state, STATES) or m.row["table"] == CUES]
        usual = [m for m in mentions if _among(m.row, state, USUAL)]
        chosen |= {found.start: found for found in (named or usual)[:1]}
    return [chosen[start] for start in sorted(chosen)]


def ranking(level: str, mentions: Iterable[Found]) -> list[Found]:
    """Choose the first words that tell a level; none where it is the usual one of a type."""
    return [mention for mention in mentions if ranks(mention.row, level)][:1]


def ranks(row: dict, level: str) -> bool:
    """Whether the words of a row tell a level."""
    return level in {row.get(column) for column in LEVELS}


def _among(row: dict, state: str, columns: tuple[str, ...]) -> bool:
    """Whether a state stands in one of some columns of a row."""
    return any(state in (row.get(column) or "").split(LISTED) for column in columns)
