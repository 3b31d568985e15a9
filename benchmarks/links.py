"""Ask every address of data/sources.csv whether it still leads anywhere.

Prints what does not simply work, with the ids and rows of its sources and where a copy may be
kept, and writes the whole table to ``build/links.csv``. The exit code is 1 if an address is gone.
Without a network nothing is asked or written, and this is said. A page that says "not found" but
answers as if it were there cannot be told from one that works.

``--write`` keeps what was found in the file of sources: in ``accessed`` the day, for addresses that
answered, and in ``archive_url`` the copy that the Wayback Machine has nearest to the day of access
or publication (https://archive.org/help/wayback_api.php), where none is known yet.
"""

import argparse
import csv
import io
import json
import os
import re
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pandas as pd
from tqdm import tqdm

import jkrel
from jkrel import codebook

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "data" / "sources.csv"
RESULTS = ROOT / "build" / "links.csv"
ARCHIVE = "https://web.archive.org"
AVAILABLE = "https://archive.org/wayback/available"
ANSWER = 2**16
"""Bytes of an answer of the archive that are read at most."""
AGENT = f"jkrel/{jkrel.__version__} (link check of the dataset jkrel)"
AT_ONCE = 4
GONE, REFUSES_HEAD, PERMANENT = {404, 410}, {400, 403, 405, 501}, {301, 308}
ANSWERED = {"works", "moved"}
COLUMNS = ["state", "code", "url", "now", "source_ids", "rows", "look_up", "known", "stamp"]


@dataclass
class Turns:
    """Lets each host be asked once in so many seconds, however many ask."""

    pause: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    free: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, host: str) -> None:
        """Take the next turn at a host, and wait for it."""
        with self.lock:
            now = self.clock()
            turn = max(now, self.free[host])
            self.free[host] = turn + self.pause
        if turn > now:
            self.sleep(turn - now)


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, and remembers whether the first of them is for good."""

    def redirect_request(self, request, file, code, message, headers, address):
        """Follow by the same method, which urllib would make a GET."""
        following = super().redirect_request(request, file, code, message, headers, address)
        if following is not None:
            following.method = request.get_method()
            following.first_code = getattr(request, "first_code", code)
            request.first_code = following.first_code
        return following


def opener() -> urllib.request.OpenerDirector:
    """Open addresses of the web alone: no file of this machine, whatever an address says."""
    chosen = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
        Redirects,
    ):
        chosen.add_handler(handler())
    chosen.addheaders = [("User-Agent", AGENT)]
    return chosen


def addresses(sources: pd.DataFrame) -> pd.DataFrame:
    """List each address once, with the ids and rows of its sources and where a copy may be.

    The copy is that of ``archive_url`` if there is such a column and a value in it, else the
    place where an archive would have it, at the day of access or publication if one is known.
    """
    blank = pd.Series("", index=sources.index)
    day = sources.get("accessed", blank).where(lambda s: s.ne(""), sources["date_published"])
    stamp = day.str.replace("-", "").where(lambda s: s.ne(""), "*")
    guess = ARCHIVE + "/web/" + stamp + "/" + sources["url"]
    known = sources.get("archive_url", blank)
    rows = pd.DataFrame(
        {
            "url": sources["url"],
            "source_ids": sources["source_id"],
            "rows": (sources.index + 2).astype(str),
            "look_up": known.where(known.ne(""), guess),
            "known": known,
            "stamp": stamp.str.strip("*"),
        }
    )
    joined = {"source_ids": ";".join, "rows": ";".join}
    joined |= dict.fromkeys(["look_up", "known", "stamp"], "first")
    return rows[rows["url"].ne("")].groupby("url", sort=False).agg(joined).reset_index()


def ask(url: str, turns: Turns, timeout: float) -> dict:
    """Ask one address: by HEAD, and by GET if that is refused; nothing is kept of the page."""
    found = {}
    for method in ("HEAD", "GET"):
        turns.wait(urlsplit(url).netloc)
        found = _once(url, method, timeout)
        if found["code"] not in REFUSES_HEAD:
            break
    return found


def _once(url: str, method: str, timeout: float) -> dict:
    try:
        request = urllib.request.Request(url, method=method)
        with opener().open(request, timeout=timeout) as answer:
            code, now = answer.status, answer.url
    except urllib.error.HTTPError as error:
        with error:
            state = "gone" if error.code in GONE else "refused"
            return {"state": state, "code": error.code, "now": ""}
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        return {"state": "no answer", "code": type(reason).__name__, "now": ""}
    moved = getattr(request, "first_code", None) in PERMANENT and now != url
    return {"state": "moved" if moved else "works", "code": code, "now": now if moved else ""}


def check(found: pd.DataFrame, pause: float, timeout: float) -> pd.DataFrame:
    """Ask all addresses, four at a time; the table of `addresses` with state, code and now."""
    turns = Turns(pause)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = pool.map(lambda url: ask(url, turns, timeout), found["url"])
        states = list(tqdm(asked, total=len(found), unit=" addresses"))
    return pd.concat([found, pd.DataFrame(states)], axis=1)[COLUMNS]


def copies(table: pd.DataFrame, available: str, pause: float, timeout: float) -> dict[str, str]:
    """Ask the Wayback Machine for copies of addresses of which none is known.

    Returns
    -------
    dict of str to str
        By address that of its copy, empty if there is none; an address is left out if the archive
        gave no answer, or one that cannot be read.
    """
    turns, found = Turns(pause), {}
    for row in tqdm(table[table["known"].eq("")].itertuples(), unit=" copies"):
        asked = {"url": row.url, "timestamp": row.stamp or date.today().strftime("%Y%m%d")}
        turns.wait(urlsplit(available).netloc)
        try:
            with opener().open(f"{available}?{urlencode(asked)}", timeout=timeout) as answer:
                found[row.url] = copy_of(row.url, json.loads(answer.read(ANSWER)))
        except (OSError, ValueError, HTTPException):
            continue
    return found


def copy_of(url: str, answer) -> str:
    """Return the copy of an address that an answer of the archive names; empty if there is none.

    Raises
    ------
    ValueError
        If the answer has another form than the archive says, or names another page.
    """
    try:
        closest = answer["archived_snapshots"].get("closest")
        if closest is None or not closest["available"] or str(closest["status"]) != "200":
            return ""
        copy = re.sub("^http:", "https:", closest["url"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the archive answers in a form of its own: {answer!r:.200}") from error
    _, _, page = copy.removeprefix(f"{ARCHIVE}/web/").partition("/")
    if not re.fullmatch(_pattern(), copy) or _host(page) != _host(url):
        raise ValueError(f"the archive names no copy of {url}: {copy!r:.200}")
    return copy


def _pattern() -> str:
    columns = codebook.read(SOURCES.parent).tables["sources"].columns
    return next(c.constraints["pattern"] for c in columns if c.name == "archive_url")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def write(path: Path, before: bytes, answered: set[str], found: dict[str, str], day: date) -> str:
    """Keep in the file of sources which addresses answered, and their copies; all or nothing.

    Parameters
    ----------
    path : Path
        The file.
    before : bytes
        What stood in it when the addresses were read.
    answered : set of str
        Addresses that answered on this day.
    found : dict of str to str
        Copies by address; a copy that is known stays.
    day : date

    Returns
    -------
    str
        What was written, to print.

    Raises
    ------
    ValueError
        If the file has no such columns, or was edited meanwhile.
    """
    head, *rows = csv.reader(io.StringIO(before.decode("utf-8"), newline=""))
    if missing := {"url", "accessed", "archive_url"} - set(head):
        raise ValueError(f"{path}: has no column {', '.join(sorted(missing))}; nothing was written")
    url, accessed, archive = (head.index(name) for name in ("url", "accessed", "archive_url"))
    new = 0
    for row in rows:
        if row[url] in answered:
            row[accessed] = day.isoformat()
        if not row[archive] and (copy := found.get(row[url])):
            row[archive], new = copy, new + 1
    text, part = io.StringIO(newline=""), path.with_name(f".{path.name}.part")
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    if path.read_bytes() != before:
        raise ValueError(f"{path}: was edited meanwhile; nothing was written: start again")
    try:
        part.write_bytes(text.getvalue().encode("utf-8"))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    dated = sum(row[url] in answered for row in rows)
    return f"{path}: {dated} rows accessed {day}, {new} new copies"


def keep(got: argparse.Namespace, before: bytes, table: pd.DataFrame) -> str:
    """Ask for copies, and write what was found; returns what to print."""
    found = copies(table, got.available, got.pause, got.timeout)
    answered = set(table.loc[table["state"].isin(ANSWERED), "url"])
    silent = table["known"].eq("").sum() - len(found)
    done = write(got.sources, before, answered, found, date.today())
    return f"{done}; the archive gave no answer for {silent} addresses"


def online(probe: str, timeout: float) -> bool:
    """Whether the network is there: one address is asked, and any answer will do."""
    return _once(probe, "HEAD", timeout)["state"] != "no answer"


def report(table: pd.DataFrame) -> str:
    """Tell of each address that does not simply work, then how many there are of each state."""
    lines = []
    for row in table[table["state"].ne("works")].itertuples():
        lines.append(f"{row.state} ({row.code}): {row.url}")
        lines.append(f"  sources.csv row {row.rows}: {row.source_ids}")
        lines.append(f"  now {row.now}" if row.now else f"  look up {row.look_up}")
    counts = ", ".join(f"{n} {state}" for state, n in table["state"].value_counts().items())
    return "\n".join([*lines, f"{len(table)} addresses: {counts}"])


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sources", type=Path, default=SOURCES, metavar="FILE")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between asking a host")
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds to wait for an answer")
    parser.add_argument("--probe", default=ARCHIVE, help="address that tells if there is a network")
    parser.add_argument("--write", action="store_true", help="fill accessed and archive_url")
    parser.add_argument("--available", default=AVAILABLE, help="address that tells of copies")
    got = parser.parse_args(arguments)
    before = got.sources.read_bytes()
    found = addresses(pd.read_csv(io.BytesIO(before), dtype=str, na_filter=False))
    if not online(got.probe, got.timeout):
        reason = f"no network ({got.probe} does not answer)"
        print(f"{len(found)} addresses: skipped: {reason}; nothing was asked or written")
        return 0
    table = check(found, got.pause, got.timeout)
    got.results.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(got.results, index=False, lineterminator="\n")
    print(report(table))
    if got.write:
        try:
            print(keep(got, before, table))
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            return 2
    return int(table["state"].eq("gone").any())


if __name__ == "__main__":
    sys.exit(main())
