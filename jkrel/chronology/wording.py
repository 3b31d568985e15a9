"""The wording of a passage: its normal form, and the hash of that."""

import hashlib
import re
import unicodedata

QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'"})
TOKEN = re.compile(r"[\[\]()]|\s+|[^\[\]()\s]+")
FOREIGN = re.compile(r"[^\x00-\x7f]{31}")
MARKS = 30  # Unicode's stream-safe form has no longer run of combining marks
JOINER = "\u034f"


def normalise(text: str) -> str:
    """Bring a passage to the normal form that is hashed.

    Link markup ``[word](address)`` becomes its word, Unicode takes the form NFKC, emphasis
    asterisks and backslashes of Markdown go, until nothing changes; then curly quotes become
    straight, and every run of white space becomes one blank, with none at the ends.

    Parameters
    ----------
    text : str
        A passage as printed, saved or converted.

    Returns
    -------
    str
        The same words on one line; normalising again changes nothing.

    Notes
    -----
    The time is linear in the length, whatever the text: links are unwrapped in one pass however
    deeply they nest, and over 30 combining marks in a row are parted by a joiner, the stream-safe
    form of Unicode Standard Annex 15, because sorting them takes the square of their number.
    """
    before = None
    while text != before:
        before = text
        text = re.sub(r"[*\\]", "", _compatible(unlink(text)))
    return " ".join(text.translate(QUOTES).split())


def sha256(text: str) -> str:
    """Return the SHA-256 of the normal form of a passage, in hexadecimal."""
    return digest(normalise(text))


def digest(normal: str) -> str:
    """Return the SHA-256 of a passage that is in normal form, in hexadecimal."""
    return hashlib.sha256(normal.encode("utf-8", "surrogatepass")).hexdigest()


def unlink(text: str) -> str:
    """Replace link markup ``[word](address)`` by its word, from the innermost link outwards.

    The word has no bracket, the address neither parenthesis nor white space. One pass with two
    stacks: the brackets still open to a link, and what ends an address.
    """
    if "](" not in text:
        return text
    out, brackets, stops = [], [], []
    for token in TOKEN.findall(text):
        if token == ")" and stops and stops[-1][1] is not None:
            _unwrap(out, brackets, stops)
            continue
        if token in "[]":
            brackets.append(len(out))
        elif token in "()" or token.isspace():
            stops.append((len(out), _word_before(out, brackets) if token == "(" else None))
        out.append(token)
    return "".join(out)


def _word_before(out: list[str], brackets: list[int]) -> int | None:
    """Where the bracket opens whose closing stands last, if these two enclose a word."""
    closed = len(brackets) > 1 and brackets[-1] == len(out) - 1 and out[-1] == "]"
    return brackets[-2] if closed and out[brackets[-2]] == "[" else None


def _unwrap(out: list[str], brackets: list[int], stops: list[tuple]) -> None:
    """Take the address off the end of ``out``, and the brackets off the word before it."""
    parenthesis, opening = stops[-1]
    del out[parenthesis - 1 :]
    out[opening] = ""
    while brackets and brackets[-1] >= opening:
        brackets.pop()
    while stops and stops[-1][0] >= len(out):
        stops.pop()
    while out and out[-1] == "":
        out.pop()


def _compatible(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _stream_safe(text) if FOREIGN.search(text) else text)


def _stream_safe(text: str) -> str:
    out, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MARKS:
            out.append(JOINER)
            marks = 1
        out.append(character)
    return "".join(out)
