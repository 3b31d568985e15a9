"""Little words of English that join, own or place what patterns find, by their classes."""

import re
from functools import cached_property

OWNER = ("'s ", "s' ")
"""What makes of a verb a noun, by its owner ("the ambassador's remarks")."""


class Grammar:
    """Classes of little words, in the forms in which the reading asks for them.

    Parameters
    ----------
    classes : dict of str to str
        Rows of ``data/patterns/words.csv``: words apart by ``|``, by the name of their class.
    """

    def __init__(self, classes: dict[str, str]):
        self.classes = {name: tuple(words.split("|")) for name, words in classes.items()}

    def words(self, name: str) -> tuple[str, ...]:
        """Return the words of a class, in the order of the table.

        Raises
        ------
        ValueError
            If there is no such class.
        """
        if name not in self.classes:
            raise ValueError(f"words.csv: no class {name!r}, without which nothing is read")
        return self.classes[name]

    def any_of(self, name: str) -> str:
        """Return an expression for any word of a class."""
        return f"(?:{'|'.join(map(re.escape, self.words(name)))})"

    def _spaced(self, name: str) -> tuple[str, ...]:
        return tuple(f" {word} " for word in self.words(name))

    @cached_property
    def article(self) -> re.Pattern:
        """The article with which a stretch of text ends."""
        return re.compile(rf" {self.any_of('article')}$")

    @cached_property
    def after_comma(self) -> re.Pattern:
        """What stands before the subject of a main clause, once an opening has ended."""
        return re.compile(rf",[\"']? (?:{self.any_of('article')} )?$")

    @cached_property
    def town(self) -> re.Pattern:
        """A town, before the state in which it lies ("in Cebu, Philippines")."""
        before = self.any_of("before_town")
        return re.compile(rf"\b{before} [A-Z][\w'-]+(?: [A-Z][\w-]+){{0,2}}, $")

    @cached_property
    def determiners(self) -> tuple[str, ...]:
        """What stands before a word that is a noun there and no verb ("Tokyo's request")."""
        return (*OWNER, *self._spaced("determiner"))

    @cached_property
    def relatives(self) -> tuple[str, ...]:
        """What stands before a verb that only describes somebody ("a group that backs ...")."""
        return self._spaced("relative")

    @cached_property
    def owners(self) -> tuple[str, ...]:
        """What stands by itself between an office and the one whose it is."""
        return self._spaced("before_owner")

    @cached_property
    def belongs(self) -> re.Pattern:
        """What stands between an office and the one whose it is ("envoy of President Moon")."""
        words = self.any_of("before_owner"), self.any_of("of_owner"), self.any_of("second_of_state")
        return re.compile(r" {}(?: {})?(?: [A-Z]\w+(?: {})?(?:'s)?)? ".format(*words))

    @cached_property
    def by(self) -> tuple[str, ...]:
        """What stands between a passive and the one who does it."""
        return self._spaced("agent")

    @cached_property
    def by_body(self) -> tuple[str, ...]:
        """What stands between a passive and the body that does it ("adopted by the UN ...")."""
        the = self.words("definite")
        return (*self.by, *(f"{by}{word} " for by in self.by for word in the))

    @cached_property
    def ends_by(self) -> re.Pattern:
        """What stands before the one who does what is told in the passive."""
        return re.compile(rf"\b{self.any_of('agent')} (?:{self.any_of('of_agent')} )?$")

    @cached_property
    def passive(self) -> re.Pattern:
        """What stands before a verb in the passive ("is", "was reportedly")."""
        adverb = rf"(?: \w+{self.any_of('adverb_ending')})?"
        return re.compile(rf"\b{self.any_of('being')}{adverb} $")

    @cached_property
    def suffered(self) -> re.Pattern:
        """Words of action that are a passive themselves ("is attacked")."""
        return re.compile(rf"\b{self.any_of('been')} [\w-]+$")

    @cached_property
    def second(self) -> tuple[str, ...]:
        """What stands before a second verb of one subject, or a further member of a list."""
        return (*self._spaced("conjunction"), ", ")

    @cached_property
    def goes_on(self) -> tuple[str, ...]:
        """What stands after a state that another follows ("Japanese and ...")."""
        return (",", "-", *self._spaced("conjunction"))

    @cached_property
    def joins(self) -> tuple[str, ...]:
        """A conjunction and its blank, at the head of what is joined."""
        return tuple(f"{word} " for word in self.words("conjunction"))

    @cached_property
    def listed(self) -> frozenset[str]:
        """What stands between members of a list."""
        return frozenset({*self.second, *(f",{word}" for word in self._spaced("conjunction"))})

    @cached_property
    def states_listed(self) -> frozenset[str]:
        """What stands between states of a list."""
        return self.listed | {"-", "/"}

    @cached_property
    def coordinated(self) -> frozenset[str]:
        """What stands between states that take part together."""
        words = self.words("of_member")
        own = {f"{mark}{word} " for mark in self.listed for word in words}
        return self.states_listed | own | {" & ", "–"}

    @cached_property
    def tight(self) -> frozenset[str]:
        """What stands between a state and its office, or an office and a name."""
        owned = {f"'s {word} " for word in self.words("after_owner")}
        plain = {"", " ", "'s ", "' ", "-", " - "}
        return frozenset(plain | owned | {*self._spaced("before_office")})

    @cached_property
    def joined(self) -> frozenset[str]:
        """What stands between an office and the state whose it is."""
        words = self.words("before_state")
        the = self.words("definite")
        return frozenset({"", *words, *(f"{word} {article}" for word in words for article in the)})

    @cached_property
    def no_adjectives(self) -> frozenset[str]:
        """Words that do not stand among the adjectives between a state and its people."""
        return frozenset(self.words("no_adjective"))

    @cached_property
    def possessives(self) -> frozenset[str]:
        """Words for the owner of what follows."""
        return frozenset(self.words("possessive"))

    def tells(self, text: str) -> bool:
        """Whether a stretch of text leads to what is said ("says that Japan")."""
        return any(word in text for word in self._leading)

    @cached_property
    def _leading(self) -> tuple[str, ...]:
        return self._spaced("clause")

    @cached_property
    def after_subject(self) -> tuple[str, ...]:
        """What does not stand between a subject and its verb."""
        return (",", *self._spaced("no_verb"))

    @cached_property
    def before_listed(self) -> tuple[str, ...]:
        """What stands before one who is in a list, and no subject by himself."""
        the = (f", {word} " for word in self.words("definite"))
        return (", ", *the, *(f"{word} " for word in self.words("before_list")))

    @cached_property
    def in_seat(self) -> frozenset[str]:
        """What stands between a body and the capital in which it sits."""
        return frozenset(self._spaced("before_seat"))

    @cached_property
    def toward(self) -> tuple[str, ...]:
        """What stands before a state that something goes to, be it a place or not."""
        return self._spaced("destination")

    @cached_property
    def place_of_opening(self) -> re.Pattern:
        """What stands before the place with which a sentence opens ("In Beijing, ...")."""
        return re.compile(rf"(?:^|[.;] ){self.any_of('opening_place')} $")

    @cached_property
    def opens(self) -> re.Pattern:
        """What opens a sentence whose subject comes later: a participle, or a length of time."""
        times, then = self.any_of("length_of_time"), self.any_of("beside_time")
        return re.compile(rf"[A-Z]\w+ing |(?:[\w'-]+ ){{0,5}}{times} {then} ")

    @cached_property
    def before(self) -> tuple[str, ...]:
        """What stands before a verb that tells what was done before that day ("had asked")."""
        return self._spaced("pluperfect")

    @cached_property
    def meant(self) -> re.Pattern:
        """A pronoun for one, or for all, who did what was told before."""
        one, all_ = map(self.any_of, ("pronoun_of_one", "pronoun_of_all"))
        return re.compile(rf"\b(?:(?P<one>{one})|{all_})\b", re.IGNORECASE)

    @cached_property
    def beside(self) -> re.Pattern:
        """What stands before one who takes part in talks, wherever they are told of."""
        return re.compile(rf"\b{self.any_of('beside')} (?:[\w'-]+ ){{0,3}}$")

    @cached_property
    def between(self) -> frozenset[str]:
        """Words that may stand between those who do something together."""
        return frozenset(self.words("between_subjects"))

    @cached_property
    def fillers(self) -> tuple[str, ...]:
        """Words that may stand between states besides commas."""
        return (*self.words("conjunction"), *self.words("definite"))

    @cached_property
    def minutes(self) -> re.Pattern:
        """A length in minutes, in figures."""
        return re.compile(rf"\b([0-9]{{1,3}})[- ]{self.any_of('minute')}\b")

    @cached_property
    def days(self) -> re.Pattern:
        """A length in days, in figures."""
        hyphened, apart = self.any_of("day_of_length"), self.any_of("days_of_length")
        return re.compile(rf"\b([0-9]{{1,2}})(?:-{hyphened}| {apart})\b")

    @cached_property
    def ordinal(self) -> re.Pattern:
        """The number of a session, in figures."""
        return re.compile(rf"\b([0-9]{{1,3}}){self.any_of('ordinal_ending')}\b")

    @cached_property
    def plural(self) -> tuple[str, ...]:
        """Endings of words for several."""
        return self.words("plural_ending")

    @cached_property
    def begins(self) -> tuple[str, ...]:
        """What stands before the first words of a sentence or of its second half."""
        the = self.words("definite")
        return (". ", "; ", *(f". {w.capitalize()} " for w in the), *(f"; {w} " for w in the))

    @cached_property
    def host(self) -> tuple[str, ...]:
        """What follows a state that takes part, as the host ("the US-led exercise")."""
        return tuple(f"-{word} " for word in self.words("host_ending"))

    @cached_property
    def visitor(self) -> tuple[str, ...]:
        """What stands before people who are abroad, or the state in which they are."""
        return self._spaced("visitor")

    @cached_property
    def participle(self) -> tuple[str, ...]:
        """How a participle ends that is no verb after an article ("Japan's claimed waters")."""
        return self.words("participle_ending")

    @cached_property
    def spoken_of(self) -> tuple[str, ...]:
        """What stands before an act that is a topic ("says that the prime minister's visits")."""
        return ("'s ", *self._spaced("definite"))

    @cached_property
    def setting(self) -> re.Pattern:
        """What stands before a gathering at which something is only said ("at a forum")."""
        words = self.any_of("before_setting"), self.any_of("of_setting")
        return re.compile(r" {} {} (?:[\w-]+ ){{0,3}}$".format(*words))

    @cached_property
    def before_party(self) -> tuple[str, ...]:
        """What stands between a gathering and those who take part in it."""
        return self._spaced("before_party")
