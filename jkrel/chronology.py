"""Text of an article: dated entries, their normal form and hash, and a check of one's own copy."""

import calendar
import hashlib
import re
import unicodedata
from datetime import date

import pandas as pd

HEAD = re.compile(
    r"^[ \t*]*(?P<month>[A-Z][a-z]{2,8})\.? (?P<day>[0-9]{1,2}), (?P<year>[0-9]{4})\*{0,3}:", re.M
)
HEADING = re.compile(r"^\W*CHRONOLOGY OF\b", re.M)
LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'"})


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
    """
    before = None
    while text != before:
        before = text
        text = re.sub(r"[*\\]", "", unicodedata.normalize("NFKC", LINK.sub(r"\1", text)))
    return " ".join(text.translate(QUOTES).split())


def sha256(text: str) -> str:
    """Return the SHA-256 of the normal form of a passage, in hexadecimal."""
    return hashlib.sha256(normalise(text).encode("utf-8")).hexdigest()


def entries(text: str, source_id: str) -> pd.DataFrame:
    """Split an article into the numbered, dated entries of its chronology.

    Parameters
    ----------
    text : str
        The article. The chronology starts at its heading, or, without one, at the first dated
        entry, and runs to the end.
    source_id : str
        Prefix of the entry ids, such as ``cc24-3``.

    Returns
    -------
    DataFrame
        One row per entry in the printed order: entry_id, date, text (normal form), sha256.

    Raises
    ------
    ValueError
        If the text holds no dated entry, or a head names a day that does not exist.
    """
    text = text.replace("\xa0", " ")
    chronology = text[_start(text) :]
    heads = list(HEAD.finditer(chronology))
    if not heads:
        raise ValueError("no chronology found: no line starts with a date such as 'Sept. 1, 2022:'")
    ends = [head.start() for head in heads[1:]] + [len(chronology)]
    rows = [
        (f"{source_id}-{number:03d}", _date(head), normalise(chronology[head.start() : end]))
        for number, (head, end) in enumerate(zip(heads, ends, strict=True), start=1)
    ]
    frame = pd.DataFrame(rows, columns=["entry_id", "date", "text"])
    return frame.assign(sha256=frame["text"].map(sha256))


def body(text: str) -> str:
    """Return the normal form of what stands before the chronology."""
    return normalise(text[: _start(text)])


def verify(text: str, told: pd.DataFrame) -> pd.DataFrame:
    """Compare coded passages with a reader's own copy of the article.

    Parameters
    ----------
    text : str
        The reader's copy.
    told : DataFrame
        Rows of ``event_sources`` of one article: locator, entry_sha256, entry_words.

    Returns
    -------
    DataFrame
        One row per passage: locator and status. ``same``: the passage stands in the copy, word
        for word; ``differs``: the entry of that number has other words; ``missing``: neither.
        Body passages are looked for at every word, so they are ``same`` or ``missing``.
    """
    passages = told.drop_duplicates("locator").sort_values("locator")
    found = entries(text, "copy")
    hashes = set(found["sha256"])
    numbers = set(found["entry_id"].str.removeprefix("copy-"))
    words = body(text).split(" ")
    status = [
        _status(row.locator, row.entry_sha256, int(row.entry_words), hashes, numbers, words)
        for row in passages.itertuples()
    ]
    return pd.DataFrame({"locator": passages["locator"].to_numpy(), "status": status})


def _status(locator, digest, length, hashes, numbers, words) -> str:
    number = locator.rsplit("-", 1)[1]
    if not number.isdigit():
        return "same" if _stands_in(words, digest, length) else "missing"
    if digest in hashes:
        return "same"
    return "differs" if number in numbers else "missing"


def _stands_in(words: list[str], digest: str, length: int) -> bool:
    runs = (" ".join(words[i : i + length]) for i in range(len(words) - length + 1))
    return any(hashlib.sha256(run.encode("utf-8")).hexdigest() == digest for run in runs)


def _start(text: str) -> int:
    start = HEADING.search(text) or HEAD.search(text)
    return start.start() if start else len(text)


def _date(head: re.Match) -> date:
    names = [name.startswith(head["month"]) for name in calendar.month_name[1:]]
    try:
        return date(int(head["year"]), names.index(True) + 1, int(head["day"]))
    except ValueError as error:
        raise ValueError(f"no such day: {head.group(0)!r}") from error
