"""Addresses of sources are asked politely, and dead or moved ones are named with their sources."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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
        code = ANSWERS.get(self.path, 405 if self.command == "HEAD" else 200)
        self.send_response(code)
        if code in (301, 302):
            self.send_header("Location", "/works")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

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


def test_without_a_network_nothing_is_asked_and_this_is_said(tmp_path, site, capsys):
    """One probe decides; no table is written, and the exit code is that of no finding."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        probe = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        assert links.main([*sources(tmp_path, site), "--probe", probe]) == 0
    assert "3 addresses: skipped: no network" in capsys.readouterr().out
    assert site.asked == []
    assert not (tmp_path / "found.csv").exists()


def test_every_source_of_the_data_has_an_address_of_the_web():
    """The addresses of sources.csv are all asked, each with at least one source and row."""
    table = pd.read_csv(DATA / "sources.csv", dtype=str, na_filter=False)
    found = links.addresses(table)
    assert found["url"].str.match("https?://").all()
    asked = found["source_ids"].str.split(";").explode()
    assert sorted(asked) == sorted(table["source_id"])
