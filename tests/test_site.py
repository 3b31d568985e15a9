"""The site as a reader has it, in a real browser: offline, without scripts of others.

It is built once, from the committed notebooks, a copy of the data that holds hostile text and a
retired event, and a hostile notebook. Every page is opened from disk unless a test says otherwise.
"""

import csv
import functools
import html.parser
import http.server
import io
import re
import shutil
import threading
import urllib.parse
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from docutils import nodes, utils
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

import jkrel
from jkrel import cli
from jkrel.publish import chapters, pages, site
from jkrel.receipts import collection, provenance

ROOT = Path(__file__).parents[1]
QUERIES = pd.read_csv(Path(__file__).with_name("site_queries.csv"), dtype=str).fillna("")
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script> & </script> `{raw}` ]]>.'
HOSTILE_ID, RETIRED, SUCCESSOR = "leaders-037a", "cc24-3-001z", "cc24-3-001a"
SAMPLES = ["index", "chapters/02_leader_meetings", "events/index", "events/cc24-3-009a"]
SAMPLES += ["codebook/tables", "names", "downloads"]
PNG = nbformat.read(ROOT / "notebooks" / "00_template.ipynb", as_version=4)


def shown(data, kind="display_data"):
    return new_output(kind, data)


BAD_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(11)"><script>alert(12)</script></svg>'
)
BAD = [
    new_markdown_cell(
        "# Hostile <script>alert(3)</script>\n\n**Question.** <img src=x onerror=alert(4)> and "
        "[link](javascript:alert(5)) and [ref][r] and ![pic](https://evil.example/p.png)\n\n"
        "[r]: java&#115;cript:alert(6)\n\n<svg onload=alert(7)></svg>\n"
    ),
    new_markdown_cell("```{raw} html\n<script>alert(8)</script>\n```\n"),
    new_markdown_cell("- ~~~{raw} html\n  <b id=b9>\n"),
    new_markdown_cell("```{include} /etc/hostname\n```\n\n{download}`/etc/hostname`"),
    new_raw_cell("<script>alert(10)</script>", metadata={"raw_mimetype": "text/html"}),
    new_code_cell("show()", execution_count=1, outputs=[
        shown({"text/html": '<b onclick="alert(13)">bold</b><script>alert(14)</script>'
               '<iframe src="https://evil.example"></iframe><a href="javascript:alert(15)">a</a>'
               '<style>@import "https://evil.example/x.css"</style><svg onload="alert(16)"></svg>'
               '<img src="https://evil.example/q.png">'}),
        shown({"image/svg+xml": BAD_SVG}),
        shown({"application/javascript": "alert(17)"}),
        shown({"text/markdown": "Said <script>alert(18)</script> [x](vbscript:alert(19))"}),
        shown({"text/latex": "$\\href{javascript:alert(20)}{x}$"}),
        new_output("stream", name="stdout", text="<script>alert(21)</script>"),
    ]),
]  # fmt: skip


def hostile_notebook():
    notebook = new_notebook(cells=[nbformat.from_dict(cell) for cell in BAD])
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    return notebook


# The site and the browser


class Built:
    """The folder of the site, and the data it was built from."""

    def __init__(self, folder, data):
        self.folder, self.data = folder, data

    def url(self, page):
        return f"{self.folder.as_uri()}/{page}"

    def text(self, page):
        return (self.folder / page).read_text(encoding="utf-8")


def spoil(folder):
    """Put HTML into a summary, and retire an event that an earlier version had."""
    path = folder / "events.csv"
    with path.open(newline="", encoding="utf-8") as file:
        columns, *rows = csv.reader(file)
    for row in rows:
        if row[0] == HOSTILE_ID:
            row[columns.index("summary")] = HOSTILE
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])
    with (folder / "released_events.csv").open("a", encoding="utf-8") as file:
        file.write(f"{RETIRED},0.1.0,0.4.0,{SUCCESSOR},The same talks as <b>another</b> entry.\n")


@pytest.fixture(scope="session")
def built(tmp_path_factory, shipped):
    """The site, built once for all tests."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "data", folder / "data")
    spoil(folder / "data")
    nbformat.write(hostile_notebook(), folder / "99_hostile.ipynb")
    notebooks = [*sorted((ROOT / "notebooks").glob("*.ipynb")), folder / "99_hostile.ipynb"]
    data = jkrel.load(folder / "data")
    assert site.build(data, notebooks, folder / "site", shipped) == 0
    return Built(folder / "site", data)


class Visit:
    """A page of the browser that notes what it asks for and complains of."""

    def __init__(self, context):
        self.page = context.new_page()
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dialog)

    def _note(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _dialog(self, dialog):
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, url):
        self.page.goto(url)
        self.page.wait_for_load_state("load")
        return self.page


@pytest.fixture
def visit(chromium):
    context = chromium.new_context(accept_downloads=True, viewport={"width": 1280, "height": 900})
    yield Visit(context)
    context.close()


@pytest.fixture(scope="session")
def served(built):
    """The site on a host of its own, as any static host would give it."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=built.folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def number(page):
    """The number of events that the browser says it found."""
    return int(re.match(r"(\d+) of \d+ events", page.locator("#status").inner_text())[1])


def ids(page):
    """The ids of all events in the table, in its order."""
    if page.locator("#more").is_visible():
        page.locator("#more").click()
    links = page.locator("#events tbody a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    return [link.removesuffix(".html") for link in links]


# Pages


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("where", ["disk", "host"])
def test_a_page_loads_and_asks_nobody_else(built, served, visit, sample, where):
    """No page complains on the console, or asks another host, from disk or from a host."""
    base = served if where == "host" else built.folder.as_uri()
    visit.open(f"{base}/{sample}.html")
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith((base, "data:", "blob:"))] == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_page_names_an_icon_that_is_there(built, sample):
    """Where a page names none, browsers ask its host for one, and complain that there is none."""
    page = built.folder / f"{sample}.html"
    (link,) = re.findall('<link rel="icon" href="([^"]+)"', page.read_text(encoding="utf-8"))
    assert (page.parent / link.partition("?")[0]).is_file()


def test_no_page_names_an_asset_of_another_host(built):
    """No script, style, picture or font of any page comes from elsewhere."""
    asset = re.compile(
        r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//|"
        r"<link\b(?![^>]*rel=\"(?:license|canonical)\")[^>]*\bhref=[\"']?(?:https?:)?//"
    )
    assert [
        p.name for p in built.folder.rglob("*.html") if asset.search(p.read_text("utf-8"))
    ] == []


class Page(html.parser.HTMLParser):
    """The addresses that a page points to, and the places in it that can be pointed to."""

    def __init__(self, text):
        super().__init__()
        self.links, self.places = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        self.links += [given[name] for name in ("href", "src") if given.get(name)]


def test_every_internal_link_leads_somewhere(built):
    """Each link within the site leads to a file, and to a place in it where it names one."""
    pages_of = [p for p in built.folder.rglob("*.html") if "_static" not in p.parts]
    found = {p: Page(p.read_text("utf-8")) for p in pages_of}
    dead = set()
    for path, page in found.items():
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)) if parts.path else path
            target = target.resolve()
            whole = target in found and parts.fragment not in {"", *found[target].places}
            if not target.exists() or whole:
                dead.add((path.relative_to(built.folder).as_posix(), link))
    assert sorted(dead)[:20] == []


def test_the_start_page_asks_the_question_and_shows_three_figures(built, visit):
    """The question of the README stands first; three figures of the notebooks have captions."""
    page = visit.open(built.url("index.html"))
    assert "years without a meeting of leaders" in page.locator("main").inner_text()
    figures = page.locator("main figure")
    assert figures.count() == 3
    assert all("N = " in text for text in figures.locator("figcaption").all_inner_texts())
    assert all(figures.locator("img").evaluate_all("all => all.map(i => i.naturalWidth > 0)"))
    assert all(figures.locator("img").evaluate_all("all => all.map(i => i.alt.length > 40)"))


def test_every_notebook_is_a_chapter_with_its_figures(built):
    """Each picture of a notebook stands over its caption, which prose refers to by a link."""
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        text = built.text(f"chapters/{path.stem}.html")
        for figure, _ in chapters.captions(notebook):
            assert f'id="{chapters.label(path.stem, figure)}"' in text, (path.stem, figure)
        assert text.count("<figure") == len(chapters.captions(notebook))
    text = built.text("chapters/02_leader_meetings.html")
    assert re.search(r'<a class="[^"]*" href="#figure-leader-meetings-1">', text)
    assert 'href="../events/leaders-001a.html"' in text
    assert 'href="../bibliography.html#mofa-japan-20191224-bilateral"' in text


def test_the_bibliography_lists_every_source(built):
    """Each row of sources is an entry, found by its id."""
    places = Page(built.text("bibliography.html")).places
    for source_id in built.data.sources["source_id"]:
        assert re.sub("[^a-z0-9]+", "-", source_id).strip("-") in places, source_id


def test_the_codebook_shows_every_column_and_code(built):
    """Tables, columns and codes of the data all stand in the codebook."""
    tables, codes = built.text("codebook/tables.html"), built.text("codebook/codes.html")
    for table in built.data.codebook.tables.values():
        assert f'id="table-{table.name.replace("_", "-")}"' in tables + codes
        columns = [] if table.is_code_list else table.columns
        assert [c.name for c in columns if f"<code>{c.name}</code>" not in tables] == []
    for rows in built.data.codebook.codes.values():
        assert [row["code"] for row in rows if f"<code>{row['code']}</code>" not in codes] == []


def test_downloads_are_the_files_of_the_data(built):
    """Every file can be had as it is; the archive holds them all."""
    import zipfile

    directory = built.data.codebook.directory
    with zipfile.ZipFile(built.folder / "data" / "jkrel-data.zip") as archive:
        for path in ["datapackage.json", *(t.path for t in built.data.codebook.tables.values())]:
            assert (built.folder / "data" / path).read_bytes() == (directory / path).read_bytes()
            assert archive.read(path) == (directory / path).read_bytes()


# Events


def test_every_event_has_a_page_with_its_citation_and_sources(built):
    """The page has the citation of `jkrel cite`, and a link to each source."""
    import html as escaping

    from jkrel import cite

    urls = built.data.sources.set_index("source_id")["url"]
    for event_id in built.data.events["event_id"]:
        text = built.text(f"events/{event_id}.html")
        shown, links = escaping.unescape(text), Page(text).links
        assert cite.plain_event(built.data, event_id) in shown, event_id
        assert cite.bibtex_event(built.data, event_id) in shown, event_id
        for source_id in cite.sources_of(built.data, event_id):
            assert urls[source_id] in links, (event_id, source_id)


def test_the_page_of_an_event_has_people_changes_and_hash(built):
    """Who took part, what was recoded and why, and the hash that a reader can compare."""
    text = built.text("events/cc24-3-011a.html")
    assert "The second reading kept the island as printed" in text
    told = built.data.event_sources.query("event_id == 'cc24-3-011a'")
    assert told["entry_sha256"].dropna().iloc[0] in text
    text = built.text("events/leaders-001a.html")
    assert "Abe Shinzo" in text and "安倍晋三" in text and "Shinzo Abe" in text


def test_a_retired_event_keeps_its_page(built, visit):
    """The page of an id that is no longer used names the successor and the reason."""
    page = visit.open(built.url(f"events/{RETIRED}.html"))
    text = page.locator("main").inner_text()
    assert "0.4.0" in text and "The same talks as <b>another</b> entry." in text
    page.get_by_role("link", name=SUCCESSOR, exact=True).click()
    assert page.url.endswith(f"/{SUCCESSOR}.html")


def test_an_event_that_holds_html_is_shown_as_text(built, visit):
    """On its own page and in the browser the summary reads as it is, and nothing runs."""
    page = visit.open(built.url(f"events/{HOSTILE_ID}.html"))
    titles = page.locator("h1").evaluate_all("all => all.map(title => title.textContent)")
    assert all(HOSTILE in " ".join(title.split()) for title in titles)
    page = visit.open(built.url(f"events/index.html#q={HOSTILE_ID}"))
    assert page.locator("#events tbody a").inner_text() == HOSTILE
    page.wait_for_timeout(200)
    visit.open(built.url("search.html?q=onerror")).wait_for_selector("#search-results li a")
    assert visit.complaints == []


# The browser of events


SELECTIONS = {
    "": lambda d: d["event_id"].notna(),
    "from=2022-09-01&to=2022-12-31": lambda d: (
        d["date_start"].str[:7].between("2022-09", "2022-12")
    ),
    "issue=territory,war_memory": lambda d: d["issue"].isin(["territory", "war_memory"]),
    "event_type=protest": lambda d: d["event_type"].eq("protest"),
    "level=leader&format=bilateral": lambda d: (
        d["level"].eq("leader") & d["format"].eq("bilateral")
    ),
    "actors=USA": lambda d: d["actors"].str.contains("USA"),
    "issue=north_korea&actors=JPN,PRK&from=2023-01-01": lambda d: (
        d["actors"].str.contains("JPN|PRK")
        & d["issue"].eq("north_korea")
        & d["date_start"].ge("2023-01-01")
    ),
}
"""Filters as the address has them, and what pandas selects."""


@pytest.fixture(scope="session")
def table(built):
    """The file of events, as pandas reads it."""
    path = built.data.codebook.directory / "events.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.mark.parametrize(("address", "rule"), SELECTIONS.items())
def test_filters_select_what_pandas_selects(built, visit, table, address, rule):
    """The count and the rows agree, and the address opens the same view again."""
    page = visit.open(built.url(f"events/index.html#{address}"))
    wanted = table[rule(table)].sort_values(["date_start", "event_id"])
    assert number(page) == len(wanted) > 0
    assert ids(page) == list(wanted["event_id"])


def test_what_is_clicked_stands_in_the_address(built, visit):
    """Filters set by hand change rows and address; that address gives the same rows again."""
    page = visit.open(built.url("events/index.html"))
    page.locator("details[data-filter=issue] summary").click()
    page.locator("input[name=issue][value=territory]").check()
    page.locator("#from").fill("2024-01-01")
    page.locator("#q").fill("protest")
    page.get_by_role("button", name="Date").click()
    address, rows = page.url, ids(page)
    assert address.split("#")[1] == "q=protest&from=2024-01-01&issue=territory&sort=-date_start"
    assert len(rows) == number(page) > 0
    visit.open("about:blank")
    assert ids(visit.open(address)) == rows


def test_an_address_restores_the_form(built, visit):
    """Words, period, boxes and order are set from the address, also when it changes."""
    page = visit.open(built.url("events/index.html#q=fleet&from=2022-01-01&sort=-level"))
    assert page.locator("#q").input_value() == "fleet"
    assert page.locator("#from").input_value() == "2022-01-01"
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Level")
    page.evaluate("location.hash = 'level=judiciary'")
    page.wait_for_function("document.getElementById('q').value === ''")
    assert page.locator("input[value=judiciary]").is_checked()
    assert number(page) > 0


def test_a_link_with_nonsense_shows_all(built, visit, table):
    """Codes and columns that do not exist are left aside."""
    page = visit.open(built.url("events/index.html#issue=tea,<b>&sort=constructor&x=1"))
    assert number(page) == len(table)
    assert visit.complaints == []


def test_the_permanent_link_opens_the_event(built, visit):
    """A row of the table leads to the page of its event."""
    page = visit.open(built.url("events/index.html#q=cc24-3-009a"))
    page.locator("#events tbody a").first.click()
    assert page.url.endswith("events/cc24-3-009a.html")
    assert "cc24-3-009a" in page.locator("main").inner_text()


def test_the_timeline_follows_the_filter(built, visit, table):
    """There is a mark per event that the time shown holds, and windows under them."""
    page = visit.open(built.url("events/index.html#issue=territory&from=2022-01-01"))
    assert page.locator("#drawing .mark").count() == number(page) > 0
    assert page.locator("#drawing rect.window.complete").count() > 0
    assert page.locator("#drawing rect.window.partial").count() > 0
    assert f"Timeline of {number(page)} events" in page.locator("#drawing svg").get_attribute(
        "aria-label"
    )


def saved(page, button):
    """The text of a file that a button gives."""
    if not page.locator(button).is_visible():
        page.locator("#take > summary").click()
    with page.expect_download() as download:
        page.locator(button).click()
    return Path(download.value.path()).read_bytes().decode("utf-8")


@pytest.mark.parametrize("address", [*SELECTIONS, "q=yasukuni offering"])
def test_the_csv_and_the_pandas_line_give_it(built, visit, table, monkeypatch, address):
    """The CSV has the very lines of the file, unescaped; the line selects the same rows."""
    page = visit.open(built.url(f"events/index.html#{address}"))
    wanted = table[table["event_id"].isin(ids(page))]
    text = saved(page, "#csv")
    lines = (built.data.codebook.directory / "events.csv").read_text("utf-8").split("\n")
    assert set(text.split("\n")) <= set(lines) and text.startswith(lines[0])
    given = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(given, wanted.reset_index(drop=True))
    monkeypatch.chdir(built.folder / "data")
    again = eval(page.locator("#pandas").input_value(), {"pd": pd})
    pd.testing.assert_frame_equal(again, wanted)


def test_the_r_line_names_the_same_conditions(built, visit):
    """R reads the same file and filters by the same codes."""
    page = visit.open(built.url("events/index.html#issue=territory&actors=KOR&to=2024-12-31"))
    assert page.locator("#r").input_value() == (
        'subset(read.csv("events.csv", colClasses = "character", encoding = "UTF-8"), '
        'date_start <= "2024-12-31" & issue %in% c("territory") & '
        'grepl("\\\\b(KOR)\\\\b", actors, perl = TRUE))'
    )


def test_citations_are_those_of_the_selection_and_its_sources(built, visit):
    """BibTeX and RIS hold each event and each of its sources once."""
    from jkrel import cite

    page = visit.open(built.url("events/index.html#q=cc24-3-046"))
    found = ids(page)
    wanted = {*found, *(s for i in found for s in cite.sources_of(built.data, i))}
    text = saved(page, "#bibtex")
    keys = re.findall(r"^@\w+\{(?:jkrel:)?([^,\n]+),$", text, re.M)
    assert sorted(keys) == sorted(wanted)
    ris = saved(page, "#ris")
    assert sorted(re.findall(r"^ID  - (?:jkrel:)?(.+)$", ris, re.M)) == sorted(wanted)
    assert ris.count("TY  - ") == ris.count("ER  - ") == len(wanted)


# Search


@pytest.mark.parametrize("query", QUERIES["query"])
def test_the_browser_finds_every_spelling(built, visit, query):
    """The search box finds the events that a tested query must find."""
    row = QUERIES.set_index("query").loc[query]
    page = visit.open(built.url(f"events/index.html#q={urllib.parse.quote(query)}"))
    assert set(filter(None, row["event_ids"].split(";"))) <= set(ids(page))


def test_the_search_of_the_site_finds_every_spelling(built, visit):
    """Sphinx's own search lists the pages that a tested query must find."""
    missed = []
    for query, event_ids, name in QUERIES.itertuples(index=False):
        page = visit.open(built.url(f"search.html?q={urllib.parse.quote(query)}"))
        page.wait_for_selector("#search-results p.search-summary:has-text('finished')")
        page.wait_for_timeout(50)
        found = page.locator("#search-results li a").evaluate_all("all => all.map(a => a.pathname)")
        wanted = [f"/events/{i}.html" for i in filter(None, event_ids.split(";"))]
        wanted += [f"/{name}.html"] * bool(name)
        missed += [(query, w) for w in wanted if not any(path.endswith(w) for path in found)]
    assert missed == []
    assert visit.complaints == []


# Accessibility


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("sample", SAMPLES)
def test_axe_finds_nothing_serious(built, chromium, sample, theme, width):
    """axe-core finds no serious or critical violation, in light and dark, wide and on a phone."""
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(color_scheme=theme, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(built.url(f"{sample}.html"))
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    page.evaluate("document.querySelectorAll('#take').forEach(d => d.open = true)")
    page.wait_for_timeout(400)
    found = Axe().run(page).response["violations"]
    context.close()
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200], len(v["nodes"])) for v in serious] == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_page_is_wider_than_a_phone(built, chromium, sample):
    """On a phone only tables in a box of their own are scrolled sideways, never the page."""
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(built.url(f"{sample}.html"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_the_browser_can_be_used_by_keyboard(built, visit):
    """Filters open with Enter and close with Escape, Space checks, and Enter turns the order."""
    page = visit.open(built.url("events/index.html"))
    page.locator("details[data-filter=format] summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert "format=bilateral" in page.url
    page.keyboard.press("Escape")
    assert page.locator("details[data-filter=format]").get_attribute("open") is None
    page.locator("#events th button").first.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("sort=-date_start")
    assert page.evaluate("document.activeElement.textContent").startswith("Date")


# Chapters from hostile notebooks


def test_nothing_of_a_hostile_notebook_runs(built, visit):
    """Scripts, raw HTML, pictures of other hosts and dangerous links never reach the chapter."""
    page = visit.open(built.url("chapters/99_hostile.html"))
    page.wait_for_timeout(200)
    assert visit.complaints == []
    assert not [url for url in visit.requests if "evil.example" in url]
    main = page.locator("main")
    assert (
        main.locator("script, iframe, style, svg[onload], [onclick], [onerror], #b9").count() == 0
    )
    links = main.locator("a").evaluate_all("all => all.map(a => a.href.split(':')[0])")
    assert set(links) <= {"", "file", "http", "https", "mailto"}
    assert "alert(3)" in main.inner_text(), "raw HTML of Markdown is shown as text"
    assert not list(built.folder.rglob("*hostname*"))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("```python\nx\n```", "```python\nx\n```"),
        ("```{raw} html\nx\n```", "```text\nx\n```"),
        ("> - ~~~{include} /etc/passwd\n~~~", "> - ~~~text\n~~~"),
        ("``` {raw} html\nx\n```", "```text\nx\n```"),
        ("see {download}`x` and {1}", "see \\{download}`x` and {1}"),
    ],
)
def test_markdown_keeps_no_directive(text, made):
    """Fences that are directives become plain text, and roles lose their meaning."""
    assert chapters.plain_markdown(text) == made


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<form action=x>",
        "<svg><script>1</script></svg>", '<a href="javascript:alert(1)">', "<object data=x>",
        "<style>*{}</style>",
        '<p style="background:url(//evil.example)">', '<a href="data:text/html,x">',
    ],
)  # fmt: skip
def test_html_keeps_text_and_tables_only(text):
    """What could run or fetch is gone from the HTML of an output."""
    left = chapters.plain_html(f"<table><tr><td>1{text}</td></tr></table>")
    assert re.fullmatch(
        r"<table><tbody><tr><td>1(<p></p>|<a[^>]*></a>)?.*</td></tr></tbody></table>", left
    )
    assert not re.search("script|onerror|style|evil|data:|object|form|svg", left)


def test_a_chapter_leaves_its_notebook_alone(tmp_path):
    """The notebook that is given is not changed."""
    notebook = nbformat.read(ROOT / "notebooks" / "02_leader_meetings.ipynb", as_version=4)
    before = nbformat.writes(notebook)
    made = chapters.chapter(notebook, "02_leader_meetings", tmp_path, {"leaders-001a": "x.html"})
    assert nbformat.writes(notebook) == before
    assert nbformat.validate(made) is None
    assert len(list((tmp_path / "figures").iterdir())) == len(chapters.captions(notebook))


# Pages from the data


def test_an_event_is_found_by_the_names_in_it(dataset):
    """Spellings follow from participants, places and summary; both names of the islets count."""
    found = pages.names_by_event(dataset)
    others = {other for _, other in found["cc26-1-036a"]}
    assert {"Dokdo", "Takeshima", "독도", "竹島"} <= others
    assert ("Abe Shinzo", "Shinzo Abe") in found["leaders-001a"]
    assert list(found) == list(dataset.events["event_id"])


def test_a_source_shows_its_copy_and_the_day_it_answered(dataset):
    """Beside its address, and only where they are known."""
    row = dataset.sources["source_id"].eq("reuters_20191224_chengdu")
    copy = "https://web.archive.org/web/20191224120000/https://a.example/x?a=1&b=2"
    known = dataset.sources.assign(
        archive_url=dataset.sources["archive_url"].mask(row, copy),
        accessed=dataset.sources["accessed"].mask(row, pd.Timestamp("2026-11-20")),
    )
    shown = []
    own = {
        name: dataset.tables[name].loc[lambda rows: rows["event_id"].eq("leaders-001a")]
        for name in ("events", "event_sources")
    }
    for sources in (dataset.sources, known):
        data = replace(dataset, tables=dataset.tables | own | {"sources": sources})
        shown.append(pages.events(data, pages.citations(data))["events/leaders-001a.md"])
    link = f'<a href="{copy.replace("&", "&amp;")}" rel="noopener">Copy in an archive</a>.'
    assert link in shown[1] and "Accessed 2026-11-20." in shown[1]
    assert "Copy in an archive" not in shown[0] and "Accessed" not in shown[0]


def test_a_withdrawn_event_says_why(dataset):
    """Without a successor the page of a retired id says that it was withdrawn, and why."""
    row = {"event_id": RETIRED, "version": "0.1.0", "retired": "0.4.0", "reason": "A plan <only>."}
    rows = pd.DataFrame([row], columns=dataset.released_events.columns)
    made = pages.retired(replace(dataset, tables=dataset.tables | {"released_events": rows}))
    (text,) = made.values()
    assert list(made) == [f"events/{RETIRED}.md"]
    assert "withdrawn" in text and "A plan &lt;only&gt;." in text and "merged" not in text


def test_what_a_link_or_picture_would_run_or_fetch_is_taken_out():
    """Words of a link stay as text, and so does what a picture shows."""
    page = utils.new_document("page")
    for address in ("javascript:alert(1)", "https://example.org/a", "other.html"):
        page += nodes.paragraph("", "", nodes.reference("", address, refuri=address))
    for address in ("https://example.org/a.png", "//example.org/b.png", "figures/c.png"):
        page += nodes.image(uri=address, alt=f"Drawn: {address}")
    chapters.inert(None, page)
    links = [link["refuri"] for link in page.findall(nodes.reference)]
    assert links == ["https://example.org/a", "other.html"]
    assert [picture["uri"] for picture in page.findall(nodes.image)] == ["figures/c.png"]
    for words in ("javascript:alert(1)", "Drawn: //example.org/b.png"):
        assert words in page.astext()


def test_markdown_shows_a_text_as_it_is():
    """Every sign that means something to Markdown is escaped, and lines are joined."""
    assert pages.markdown("*a* <b>\n[x](y)") == r"\*a\* \<b\> \[x\]\(y\)"


def test_a_site_that_fails_leaves_the_old_one(tmp_path, monkeypatch, capfd, dataset):
    """A warning is an error, and then the site that was there stays."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("old", encoding="utf-8")

    def gather(_dataset, _notebooks, source, _found):
        source.mkdir()
        (source / "conf.py").write_text("", encoding="utf-8")
        (source / "index.rst").write_text("T\n=\n\n:doc:`nowhere`\n", encoding="utf-8")

    monkeypatch.setattr(site, "gather", gather)
    assert site.build(dataset, [], tmp_path / "site") != 0
    assert (tmp_path / "site" / "index.html").read_text("utf-8") == "old"
    assert "nowhere" in capfd.readouterr().err


def test_the_command_says_where_the_site_is(tmp_path, monkeypatch, capsys, shipped):
    """`jkrel site` builds from all notebooks, and reports failure by its exit code."""
    asked = []
    monkeypatch.setattr(collection, "collect", lambda paths, jobs: shipped)
    monkeypatch.setattr(site, "build", lambda data, *given: asked.append(given) or 0)
    assert cli.main(["site", "--build", str(tmp_path)]) == 0
    assert str(tmp_path / "site" / "index.html") in capsys.readouterr().out
    assert asked == [(sorted((ROOT / "notebooks").glob("*.ipynb")), tmp_path / "site", shipped)]
    monkeypatch.setattr(site, "build", lambda *_: 2)
    assert cli.main(["site", "--build", str(tmp_path)]) == 1


# Receipts


class Links(html.parser.HTMLParser):
    """The addresses that a page leads to, and the places on it that others can lead to."""

    def __init__(self, path):
        super().__init__()
        self.links, self.places = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.links += [found["href"]] if tag == "a" and found.get("href") else []
        self.places |= {found["id"]} if found.get("id") else set()


@pytest.mark.parametrize(
    "name", [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
)
def test_every_number_of_a_chapter_leads_to_its_receipt(built, shipped, name):
    """Each number of prose, tables and captions is a link, and what it leads to is there."""
    chapter = Links(built.folder / "chapters" / f"{name}.html")
    page = Links(built.folder / "receipts" / f"{name}.html")
    start = f"../receipts/{name}.html#"
    led = {link.removeprefix(start) for link in chapter.links if link.startswith(start)}
    wanted = set(shipped.numbers.loc[shipped.numbers["notebook"].eq(name), "id"])
    assert len(wanted - led) <= len(linked_already(name)), sorted(wanted - led)[:5]
    assert led <= page.places
    cells = {link.partition("#")[2] for link in page.links if link.startswith("../chapters/")}
    assert cells - {""} <= chapter.places and len(cells) > 1


def linked_already(name):
    """Numbers that a notebook itself makes part of a link, such as in the title of a source."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    found = [n for *_, names in provenance.outputs(name, notebook) for _, n in names]
    return [number for number in found if number.linked]


def test_a_receipt_leads_to_the_events_behind_a_number(built, shipped):
    """The rows of a receipt are links to the pages of events."""
    rows = shipped.rows[shipped.rows["table"].eq("events") & shipped.rows["key"].ne("*")]
    numbers = shipped.numbers[shipped.numbers["rows"].isin(rows["rows"])]
    number = numbers[numbers["notebook"].eq("02_leader_meetings")].iloc[0]
    page = Links(built.folder / "receipts" / "02_leader_meetings.html")
    event = rows.loc[rows["rows"].eq(number["rows"]), "key"].iloc[0]
    assert f"rows-{number['rows']}" in page.places
    assert f"../events/{event}.html" in page.links
