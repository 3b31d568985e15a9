"""Addresses of sources are asked politely, and dead or moved ones are named with their sources."""

import json
import re
import socket
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import links
import pandas as pd
import pytest
from conftest import DATA

ANSWERS = {
    "/works": 200, "/gone": 404, "/withdrawn": 410, "/moved": 301, "/elsewhere": 302,
    "/forbidden": 403, "/broken": 500,
}  # fmt: skip


class Site(BaseHTTPRequestHandler):
    """Answers by the path; notes who asks for what, and never answers /silent."""

    def do_HEAD(self):
        self.server.asked.append((self.command, self.path, self.headers["User-Agent"]))
        if self.path == "/silent":
            self.server.over.wait()
            return
        if self.path == "/nonsense":
            self.wfile.write(b"nonsense\r\n\r\n")
            return
        if self.path.startswith("/available?"):
            return self.archive()
        code = ANSWERS.get(self.path, 405 if self.command == "HEAD" else 200)
        self.send_response(code)
        if code in (301, 302):
            self.send_header("Location", "/works")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def archive(self):
        """Tell of copies as archive.org does, but of /moved in no form of its own."""
        asked = parse_qs(urlsplit(self.path).query)
        (url,), (stamp,) = asked["url"], asked["timestamp"]
        copy = f"http://web.archive.org/web/{stamp:0<14}/{url}"
        closest = {"available": True, "url": copy, "timestamp": f"{stamp:0<14}", "status": "200"}
        kept = {} if url.endswith("/works") else {"closest": closest}
        text = json.dumps({"url": url, "archived_snapshots": kept})
        body = b"<html>" if url.endswith("/moved") else text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Print nothing."""


@pytest.fixture
def site():
    """A site on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.asked, server.over = [], threading.Event()
        server.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


def ask(url, timeout=30):
    return links.ask(url, links.Turns(0), timeout)


@pytest.mark.parametrize(
    ("path", "state", "code"),
    [
        ("/works", "works", 200),
        ("/gone", "gone", 404),
        ("/withdrawn", "gone", 410),
        ("/moved", "moved", 200),
        ("/elsewhere", "works", 200),
        ("/forbidden", "refused", 403),
        ("/broken", "refused", 500),
        ("/no_head", "works", 200),
    ],
)
def test_an_answer_gives_a_state(site, path, state, code):
    """Gone is what the host says is gone; to be refused or redirected for a while is not."""
    found = ask(site.address + path)
    assert (found["state"], found["code"]) == (state, code)
    assert found["now"] == (f"{site.address}/works" if state == "moved" else "")


def test_a_host_that_does_not_answer_is_not_called_gone(site):
    """Silence, nonsense and a port where nobody listens are no answer; all end by themselves."""
    assert ask(f"{site.address}/silent", timeout=0.2)["state"] == "no answer"
    assert ask(f"{site.address}/nonsense")["state"] == "no answer"
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert ask(f"http://127.0.0.1:{unused.getsockname()[1]}/")["state"] == "no answer"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "no address"])
def test_only_the_web_is_asked(url):
    """An address in the data cannot have a file of this machine opened."""
    assert ask(url)["state"] == "no answer"


def test_the_page_is_asked_for_only_if_its_head_is_refused(site):
    """HEAD first, by a name that says who asks."""
    ask(f"{site.address}/works")
    ask(f"{site.address}/no_head")
    asked = [(method, path) for method, path, _ in site.asked]
    assert asked == [("HEAD", "/works"), ("HEAD", "/no_head"), ("GET", "/no_head")]
    assert {agent for *_, agent in site.asked} == {links.AGENT}
    assert links.AGENT.startswith("jkrel/")


def test_a_host_is_asked_once_in_a_while():
    """Turns at one host are a pause apart, and another host need not wait."""
    waited = []
    turns = links.Turns(2, clock=lambda: 10.0, sleep=waited.append)
    for host in ("a", "a", "b", "a"):
        turns.wait(host)
    assert waited == [2, 4]


def sources(tmp_path, site, **columns):
    """A table of sources whose second and fourth share an address."""
    paths = ["/works", "/gone", "/moved", "/gone"]
    frame = pd.DataFrame(
        {
            "source_id": ["s1", "s2", "s3", "s4"],
            "date_published": ["2024-05", "2024-05-01", "", "2023"],
            "url": [site.address + path for path in paths],
        }
    )
    frame.assign(**columns).to_csv(tmp_path / "sources.csv", index=False)
    return ["--sources", str(tmp_path / "sources.csv"), "--results", str(tmp_path / "found.csv")]


def test_the_report_names_sources_rows_and_where_to_look(tmp_path, site, capsys):
    """Each address is asked once; what is gone gives the exit code."""
    options = [*sources(tmp_path, site), "--pause", "0", "--probe", f"{site.address}/works"]
    assert links.main(options) == 1
    printed = capsys.readouterr().out
    assert f"gone (404): {site.address}/gone\n  sources.csv row 3;5: s2;s4\n" in printed
    assert f"look up https://web.archive.org/web/20240501/{site.address}/gone" in printed
    assert f"moved (200): {site.address}/moved\n  sources.csv row 4: s3\n  now" in printed
    assert "3 addresses: 1 works, 1 gone, 1 moved" in printed
    assert len(pd.read_csv(tmp_path / "found.csv")) == 3
    assert [path for _, path, _ in site.asked].count("/gone") == 1


def test_a_known_copy_and_the_day_of_access_are_used():
    """An archive address stands for itself; otherwise the day of access says which copy."""
    frame = pd.DataFrame(
        {
            "source_id": ["s1", "s2"],
            "date_published": ["2024", "2024"],
            "url": ["https://a.example/1", "https://a.example/2"],
            "archive_url": ["https://archive.example/1", ""],
            "accessed": ["2026-11-21", "2026-11-20"],
        }
    )
    assert links.addresses(frame)["look_up"].tolist() == [
        "https://archive.example/1",
        "https://web.archive.org/web/20261120/https://a.example/2",
    ]


def written(tmp_path, site, *more, **columns):
    """What --write leaves in a table of sources, and what it prints."""
    blank = {"archive_url": "", "accessed": ""} | columns
    own = ["--available", f"{site.address}/available", "--probe", f"{site.address}/works"]
    links.main([*sources(tmp_path, site, **blank), *own, "--pause", "0", "--write", *more])
    return pd.read_csv(tmp_path / "sources.csv", dtype=str, na_filter=False)


def test_what_answered_is_dated_and_copies_are_kept(tmp_path, site, capsys):
    """The day for what answered; the archive is asked for all, near the day of publication."""
    found = written(tmp_path, site)
    today = date.today().isoformat()
    assert found["accessed"].tolist() == [today, "", today, ""]
    copy = f"https://web.archive.org/web/20240501000000/{site.address}/gone"
    assert found["archive_url"].tolist() == ["", copy, "", copy]
    assert f"2 rows accessed {today}, 2 new copies; the archive gave no answer for 1" in (
        capsys.readouterr().out
    )
    assert not list(tmp_path.glob(".*"))


def test_a_known_copy_and_an_earlier_day_stay(tmp_path, site):
    """A copy is never replaced nor asked for, and an address that is gone keeps its last day."""
    known = "https://perma.cc/ABCD-1234"
    found = written(tmp_path, site, archive_url=known, accessed="2025-01-01")
    assert set(found["archive_url"]) == {known}
    assert found["accessed"].tolist()[1] == "2025-01-01"
    assert not [path for _, path, _ in site.asked if path.startswith("/available")]


def test_without_write_the_sources_stay_as_they_are(tmp_path, site):
    """To look is not to change."""
    options = sources(tmp_path, site, archive_url="", accessed="")
    before = (tmp_path / "sources.csv").read_bytes()
    links.main([*options, "--pause", "0", "--probe", f"{site.address}/works"])
    assert (tmp_path / "sources.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("columns", "before", "message"),
    [
        ("source_id,url\n", "source_id,url\n", "no column accessed, archive_url; nothing was"),
        ("url,accessed,archive_url\n", "url,accessed\n", "no column archive_url"),
        ("url,accessed,archive_url\na,,\n", "url,accessed,archive_url\n", "edited meanwhile"),
    ],
)
def test_what_cannot_be_kept_is_not_written(tmp_path, columns, before, message):
    """A file of another form, or one that changed while addresses were asked, stays whole."""
    path = tmp_path / "sources.csv"
    path.write_text(columns)
    with pytest.raises(ValueError, match=message):
        links.write(path, before.encode(), set(), {}, date(2026, 11, 20))
    assert path.read_text() == columns
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_without_the_columns_is_an_error_without_a_traceback(tmp_path, site, capsys):
    """The message names them, and the exit code is that of wrong use."""
    own = ["--available", f"{site.address}/available", "--probe", f"{site.address}/works"]
    assert links.main([*sources(tmp_path, site), *own, "--pause", "0", "--write"]) == 2
    assert "has no column accessed, archive_url; nothing was written" in capsys.readouterr().err


def test_only_the_cells_that_were_found_change(tmp_path):
    """Quotes, order and other cells keep every byte."""
    path, cells = tmp_path / "sources.csv", DATA.joinpath("sources.csv").read_bytes()
    path.write_bytes(cells)
    links.write(path, cells, set(), {}, date(2026, 11, 20))
    assert path.read_bytes() == cells


SNAPSHOT = {"available": True, "status": "200", "timestamp": "20240501000000"}


@pytest.mark.parametrize(
    "closest",
    [
        SNAPSHOT | {"url": "http://web.archive.org/web/20240501000000/https://b.example/1"},
        SNAPSHOT | {"url": "https://elsewhere.example/20240501000000/https://a.example/1"},
        SNAPSHOT | {"url": "http://web.archive.org/web/2024/https://a.example/1"},
        SNAPSHOT | {"url": None},
        {"available": True},
        "here",
    ],
)
def test_an_answer_that_names_no_copy_of_the_page_is_not_believed(closest):
    """Another page, host or form is an error, and nothing is kept of it."""
    with pytest.raises(ValueError, match="the archive"):
        links.copy_of("https://a.example/1", {"archived_snapshots": {"closest": closest}})


@pytest.mark.parametrize(
    "snapshots",
    [{}, {"closest": SNAPSHOT | {"available": False}}, {"closest": SNAPSHOT | {"status": "404"}}],
)
def test_no_copy_is_no_copy(snapshots):
    """An archive that has nothing, or only an error page, gives nothing."""
    assert links.copy_of("https://a.example/1", {"archived_snapshots": snapshots}) == ""


def test_a_copy_found_fits_the_codebook():
    """The archive's address with http is kept with https, which the column allows."""
    page = "web.archive.org/web/20240501000000/https://www.a.example/1"
    closest = SNAPSHOT | {"url": f"http://{page}"}
    found = links.copy_of("https://a.example/1", {"archived_snapshots": {"closest": closest}})
    assert found == f"https://{page}" and re.fullmatch(links._pattern(), found)


def test_without_a_network_nothing_is_asked_and_this_is_said(tmp_path, site, capsys):
    """One probe decides; no file is written, and the exit code is that of no finding."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        probe = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        options = [*sources(tmp_path, site, accessed="", archive_url=""), "--write"]
        before = (tmp_path / "sources.csv").read_bytes()
        assert links.main([*options, "--probe", probe]) == 0
    told = capsys.readouterr().out
    assert "3 addresses: skipped: no network" in told and "nothing was asked or written" in told
    assert (tmp_path / "sources.csv").read_bytes() == before
    assert site.asked == []
    assert not (tmp_path / "found.csv").exists()


def test_every_source_of_the_data_has_an_address_of_the_web():
    """The addresses of sources.csv are all asked, each with at least one source and row."""
    table = pd.read_csv(DATA / "sources.csv", dtype=str, na_filter=False)
    found = links.addresses(table)
    assert found["url"].str.match("https?://").all()
    asked = found["source_ids"].str.split(";").explode()
    assert sorted(asked) == sorted(table["source_id"])
