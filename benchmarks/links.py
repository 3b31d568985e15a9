"""Ask every address of data/sources.csv whether it still leads anywhere.

Prints what does not simply work, with the ids and rows of its sources and where a copy may be
kept, and writes the whole table to ``build/links.csv``. The exit code is 1 if an address is gone.
Without a network nothing is asked, and this is said. A page that says "not found" but answers as
if it were there cannot be told from one that works.
"""

import argparse
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
from tqdm import tqdm

import jkrel

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "data" / "sources.csv"
RESULTS = ROOT / "build" / "links.csv"
ARCHIVE = "https://web.archive.org"
AGENT = f"jkrel/{jkrel.__version__} (link check of the dataset jkrel)"
AT_ONCE = 4
GONE, REFUSES_HEAD, PERMANENT = {404, 410}, {400, 403, 405, 501}, {301, 308}
COLUMNS = ["state", "code", "url", "now", "source_ids", "rows", "look_up"]


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
        }
    )
    joined = {"source_ids": ";".join, "rows": ";".join, "look_up": "first"}
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
    got = parser.parse_args(arguments)
    sources = pd.read_csv(got.sources, dtype=str, na_filter=False)
    found = addresses(sources)
    if not online(got.probe, got.timeout):
        print(f"{len(found)} addresses: skipped: no network ({got.probe} does not answer)")
        return 0
    table = check(found, got.pause, got.timeout)
    got.results.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(got.results, index=False, lineterminator="\n")
    print(report(table))
    return int(table["state"].eq("gone").any())


if __name__ == "__main__":
    sys.exit(main())
