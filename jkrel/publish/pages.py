"""Pages of the site that are made from the data: events, browser, names, codebook, downloads.

Values reach HTML through templates that escape them, and Markdown through :func:`markdown`.
Every function returns texts by their path in the source folder of the site.
"""

import csv
import itertools
import json
import re
from functools import cache
from pathlib import Path

import pandas as pd

from jkrel import cite
from jkrel.codebook import Column
from jkrel.data import Dataset
from jkrel.publish import chapters
from jkrel.reading import as_text

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "site" / "templates"
FILTERS = ["issue", "event_type", "level", "format", "actors"]
"""Columns by which the browser filters, beside words and period."""
NO_INTERFACE = {"", "__main__", "analyses", "cli", "publish", "publish.capture", "receipts"}
"""Modules without a page of functions: none that a reader calls, or none at all."""


@cache
def _templates():
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fill(template: str, **values) -> str:
    """Fill a template of ``site/templates``; every value is escaped for HTML."""
    return _templates().get_template(f"{template}.html.jinja").render(**values)


def markdown(text: str) -> str:
    """Escape a text so that Markdown shows it as it is, on one line."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(str(text).split()))


def raw(markup: str) -> str:
    """Put HTML into Markdown; only what :func:`fill` made belongs here."""
    return chapters.fenced(f"{{raw}} html\n{markup}\n") + "\n"


def page(title: str, body: str, orphan: bool = True) -> str:
    """Write a page with a title; an orphan is reached by links and search, not by the menu."""
    head = "---\norphan: true\n---\n\n" if orphan else ""
    return f"{head}# {markdown(title)}\n\n{body}"


def events(dataset: Dataset, cited: dict) -> dict[str, str]:
    """Write one page per event, and one per id that is no longer used."""
    spellings, told, linked = names_by_event(dataset), _told(dataset), _linked(dataset)
    mechanisms = dataset.mechanisms.set_index("mechanism_id", drop=False)
    order = dataset.events.sort_values(["date_start", "event_id"], kind="stable")
    ids, version = list(order["event_id"]), f"{dataset.version}, data {dataset.fingerprint()}"
    answered = dataset.events.explode("responds_to").groupby("responds_to")["event_id"].agg(list)
    made = {}
    for place, (_, event) in enumerate(order.iterrows()):
        event_id, mechanism = event["event_id"], event["mechanism"]
        held = [mechanisms.loc[mechanism]] if pd.notna(mechanism) else []
        body = fill(
            "event",
            event_id=event_id,
            fields=described(dataset, "events", event, skip=("event_id", "summary")),
            spellings=spellings[event_id],
            sources=told[event_id],
            answers=answered.get(event_id, []),
            answered=event["responds_to"],
            mechanism=[described(dataset, "mechanisms", row) for row in held],
            **_citation(dataset, cited, event_id),
            earlier=ids[place - 1] if place else None,
            later=ids[place + 1] if place + 1 < len(ids) else None,
            version=version,
            **{name: rows.get(event_id, []) for name, rows in linked.items()},
        )
        title = f"{event['date_start']:%Y-%m-%d}: {event['summary']}"
        made[f"events/{event_id}.md"] = page(title, raw(body))
    return made | retired(dataset)


def _citation(dataset: Dataset, cited: dict, event_id: str) -> dict[str, str]:
    """Cite an event and its sources, in the three forms that its page offers."""
    keys = [event_id, *cited["sources"][event_id]]
    return {
        "plain": cite.plain_event(dataset, event_id),
        "bibtex": "\n\n".join(cited["bibtex"][key] for key in keys),
        "ris": "\n".join(cited["ris"][key] for key in keys),
    }


def retired(dataset: Dataset) -> dict[str, str]:
    """Write the page of each event that was merged or withdrawn: successor and reason."""
    rows = dataset.released_events.dropna(subset=["retired"])
    made = {}
    for row in rows.astype(object).where(rows.notna(), None).itertuples():
        title = f"{row.event_id} is no longer in the data"
        made[f"events/{row.event_id}.md"] = page(title, raw(fill("retired", row=row)))
    return made


def event_list(dataset: Dataset) -> dict[str, str]:
    """Write the list of all events by year, for readers without scripts."""
    order = dataset.events.sort_values(["date_start", "event_id"], kind="stable")
    parts = []
    for year, rows in order.groupby(order["date_start"].dt.year):
        found = [(e.event_id, f"{e.date_start:%Y-%m-%d}", e.summary) for e in rows.itertuples()]
        parts.append(f"## {year}\n\n{raw(fill('list', events=found))}")
    return {"events/list.md": page("All events by date", "\n".join(parts))}


def browser(dataset: Dataset, cited: dict) -> dict[str, str]:
    """Write the event browser: its page, what it filters, and what it cites."""
    columns, options = {c.name: c for c in dataset.codebook.tables["events"].columns}, {}
    for name in FILTERS:
        column = columns[name]
        values = dataset.events[name].explode() if column.list_of else dataset.events[name]
        counts = values.astype(str).value_counts()
        labels = dataset.codebook.labels(column.codes or column.list_of)
        choices = [(code, label, counts[code]) for code, label in labels.items() if code in counts]
        options[name] = (column.title, choices)
    body = fill("browser", options=options, total=len(dataset.events))
    return {
        "events/index.md": page("Event browser", raw(body), orphan=False),
        "_static/events-data.js": f"window.jkrel = {json.dumps(_browsed(dataset, options))};\n",
        "_static/citations.js": f"window.jkrelCitations = {json.dumps(cited)};\n",
    }


def _browsed(dataset: Dataset, options: dict) -> dict:
    """Gather what the browser needs: cells as in the file, labels, spellings, windows."""
    columns, *rows = strings(dataset.codebook.directory / dataset.codebook.tables["events"].path)
    spellings = names_by_event(dataset)
    people = dataset.participants.groupby("event_id")["name"].agg(" ".join)
    told = dataset.event_sources["series"].astype(str).unique()
    windows = dataset.coverage[dataset.coverage["series"].isin(told)]
    series = dataset.codebook.labels("series")
    themes = dataset.codebook.attribute("issues", "theme")
    return {
        "columns": columns,
        "rows": rows,
        "words": {
            event_id: " ".join([people.get(event_id, ""), *(name[1] for name in found)])
            for event_id, found in spellings.items()
        },
        "labels": {name: {code: label for code, label, _ in c} for name, (_, c) in options.items()},
        "themes": [(code, label) for code, label in dataset.codebook.labels("themes").items()],
        "theme": themes,
        "valences": [
            (row["code"], row["label"], row["color"]) for row in dataset.codebook.codes["valences"]
        ],
        "windows": [
            (series[str(w.series)], f"{w.start:%Y-%m-%d}", f"{w.end:%Y-%m-%d}", str(w.completeness))
            for w in windows.sort_values(["series", "start"]).itertuples()
        ],
    }


def citations(dataset: Dataset) -> dict:
    """Cite all events and the sources behind them, as BibTeX and RIS, by their ids."""
    ids = dataset.events["event_id"]
    told = {event_id: cite.sources_of(dataset, event_id) for event_id in ids}
    used = sorted(set().union(*told.values()))
    bibtex = {i: cite.bibtex_event(dataset, i) for i in ids}
    ris = {i: cite.ris_event(dataset, i) for i in ids}
    return {
        "sources": told,
        "bibtex": bibtex | {i: cite.bibtex_source(dataset, i) for i in used},
        "ris": ris | {i: cite.ris_source(dataset, i) for i in used},
    }


def names_by_event(dataset: Dataset) -> dict[str, list[tuple[str, str]]]:
    """List, for each event, the other spellings of people, places and bodies that it names.

    Returns
    -------
    dict of str to list of tuple
        Event id to pairs of preferred spelling and other spelling, in the order of ``names``.
    """
    known = {}
    for preferred, rows in dataset.names.groupby("preferred", sort=False):
        others = list(rows["variant"])
        latin = [name for name in [preferred, *preferred.split("/"), *others] if name.isascii()]
        words = "|".join(re.escape(name) for name in sorted(set(latin), key=len, reverse=True))
        known[preferred] = others, re.compile(rf"(?<!\w)(?:{words})(?!\w)")
    people = dataset.participants.groupby("event_id")["name"].agg(" | ".join)
    text = dataset.events[["summary", "city", "sidelines_of"]].fillna("").agg(" | ".join, axis=1)
    said = dict(zip(dataset.events["event_id"], text, strict=True))
    return {
        event_id: [
            (preferred, other)
            for preferred, (others, pattern) in known.items()
            if pattern.search(f"{text} | {people.get(event_id, '')}")
            for other in others
        ]
        for event_id, text in said.items()
    }


def described(
    dataset: Dataset, table: str, row: pd.Series, skip=(), empty: bool = False
) -> list[tuple[str, str, str]]:
    """List title, name and value of the columns of a row, with labels for codes.

    Empty cells of ``events`` say why they are empty; those of other tables are left out unless
    `empty` keeps them.
    """
    found = []
    for column in dataset.codebook.tables[table].columns:
        if column.name in skip:
            continue
        value = row[column.name]
        if as_text(value) or empty:
            found.append((column.title, column.name, _shown(dataset, column, value)))
        elif table == "events" and column.applies_to:
            rule = column.applies_to
            applies = str(row[rule["column"]]) in rule["values"]
            reason = "unknown" if applies else "not applicable"
            found.append((column.title, column.name, reason))
    return found


def _shown(dataset: Dataset, column: Column, value) -> str:
    name = column.codes or column.list_of
    labels = dataset.codebook.labels(name) if name in dataset.codebook.codes else {}
    texts = value if isinstance(value, tuple) else (as_text(value),)
    return ", ".join(labels.get(str(text), str(text)) for text in texts)


TOLD = [
    *("source_id", "publisher", "author", "date_published", "language", "url"),
    *("archive_url", "accessed"),
    *("locator", "entry_sha256", "date_stated", "duration_min", "note"),
]
"""Cells of ``event_sources`` and ``sources`` that the page of an event shows."""


def _told(dataset: Dataset) -> dict[str, list[dict]]:
    """List, for each event, what tells it: the place in the source, its title and address."""
    sources = dataset.sources.drop(columns="note")
    rows = dataset.event_sources.merge(sources, on="source_id", validate="m:1")
    found = {event_id: [] for event_id in dataset.events["event_id"]}
    for _, row in rows.iterrows():
        cells = {name: as_text(row[name]) for name in TOLD}
        found[row["event_id"]].append(cells | {"title": cite.shown_title(row)})
    return found


def _linked(dataset: Dataset) -> dict[str, dict[str, list]]:
    """List the rows of other tables by the event they belong to."""
    found: dict[str, dict[str, list]] = {}
    for name in ("participants", "designations", "disputes"):
        found[name] = {}
        for _, row in dataset.tables[name].iterrows():
            texts = described(dataset, name, row, ("event_id",), name == "participants")
            found[name].setdefault(row["event_id"], []).append(texts)
    changes = dataset.changes.astype(object).where(dataset.changes.notna(), "")
    groups = changes.groupby("record_id", sort=False)
    return found | {"changes": {key: rows.to_dict("records") for key, rows in groups}}


def names(dataset: Dataset) -> dict[str, str]:
    """Write the index of names: every spelling, with the page that writes it so."""
    urls = dataset.sources.set_index("source_id")["url"].to_dict()
    forms = dataset.codebook.labels("name_forms")
    parts = []
    for kind, label in dataset.codebook.labels("name_kinds").items():
        rows = dataset.names[dataset.names["kind"].eq(kind)].sort_values("preferred", kind="stable")
        groups = [
            (preferred, [(r.variant, forms[str(r.form)], urls.get(r.source_id)) for r in g])
            for preferred, g in (
                (p, list(part.itertuples())) for p, part in rows.groupby("preferred", sort=False)
            )
        ]
        parts.append(f"## {label}\n\n{raw(fill('names', groups=groups, kind=label))}")
    intro = (
        "How people, places and bodies of the data are written: in Western order, in other "
        "romanisations, in hangul, kanji or hanja where a page was found that writes them so. "
        "The search of this site and the event browser find events by each spelling.\n\n"
    )
    return {"names.md": page("Names and spellings", intro + "\n".join(parts), orphan=False)}


def codebook(dataset: Dataset) -> dict[str, str]:
    """Write the codebook: rules of coding, tables with their columns, lists of codes."""
    book = dataset.codebook
    rules = (book.directory / "codebook.md").read_text(encoding="utf-8")
    tables, lists = [], []
    for table in book.tables.values():
        head = f"(table-{table.name.replace('_', '-')})=\n## {markdown(table.title)}\n\n"
        if table.is_code_list:
            rows = book.codes[table.name]
            others = [name for name in table.names if name not in ("code", "label", "definition")]
            body = fill("codes", table=table, rows=rows, others=others)
            lists.append(head + raw(body))
        else:
            number = len(dataset.tables[table.name])
            tables.append(head + raw(fill("table", table=table, number=number, lists=book.codes)))
    contents = "\n## Tables and codes\n\n```{toctree}\ntables\ncodes\n```\n"
    return {
        "codebook/index.md": rules + contents,
        "codebook/tables.md": page("Tables and columns", "\n".join(tables), orphan=False),
        "codebook/codes.md": page("Lists of codes", "\n".join(lists), orphan=False),
    }


def downloads(dataset: Dataset) -> dict[str, str]:
    """Write the page of downloads: every table as CSV, and all in one archive."""
    tables = [
        (table, len(dataset.tables[table.name]))
        for table in dataset.codebook.tables.values()
        if not table.is_code_list
    ]
    cited = cite.cite_dataset(dataset).split("\n\n", 1)
    body = fill("downloads", tables=tables, plain=cited[0], bibtex=cited[1], package=dataset)
    return {"downloads.md": page("Downloads", raw(body), orphan=False)}


def strings(path: Path) -> list[list[str]]:
    """Read the head and the rows of a CSV file as they stand there."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def bibliography(dataset: Dataset) -> dict[str, str]:
    """Write ``references.bib`` from the table of sources, and the page that lists it."""
    entries = [cite.bibtex_source(dataset, i) for i in dataset.sources["source_id"]]
    body = (
        "Every source of the data, by the id that it has in `sources`; the file is "
        "[references.bib](references.bib).\n\n```{bibliography}\n:all:\n```\n"
    )
    return {
        "references.bib": "\n\n".join(entries) + "\n",
        "bibliography.md": page("Bibliography", body, orphan=False),
    }


def places(dataset: Dataset) -> dict[str, str]:
    """Give the address within the site of each event and each source, by id."""
    sources = dataset.sources["source_id"]
    anchors = {i: re.sub("[^a-z0-9]+", "-", i.lower()).strip("-") for i in sources}
    found = {i: f"bibliography.html#{anchor}" for i, anchor in anchors.items()}
    return found | {i: f"events/{i}.html" for i in dataset.events["event_id"]}


def interface(package: Path) -> dict[str, str]:
    """Write one page per module of the package, from its docstrings."""
    names = sorted(_module(path.relative_to(package)) for path in package.rglob("*.py"))
    names = [name for name in names if name not in NO_INTERFACE]
    made = {
        f"api/{name}.md": f"# jkrel.{name}\n\n"
        f"```{{eval-rst}}\n.. automodule:: jkrel.{name}\n   :members:\n```\n"
        for name in names
    }
    lead = "```python\nimport jkrel\n\ndata = jkrel.load()\n```\n\n"
    rest = "{func}`jkrel.load <jkrel.data.load>` gives a {class}`~jkrel.data.Dataset`. "
    rest += "The other functions take it, or a table of it, and return a table.\n\n"
    toc = "```{toctree}\n:maxdepth: 1\n\n" + "\n".join(names) + "\n```\n"
    return made | {"api/index.md": f"# Functions\n\n{lead}{rest}{toc}"}


def _module(path: Path) -> str:
    """Return the name of a module below the package: ``streams.files``, ``streams``."""
    return ".".join(path.with_suffix("").parts).removesuffix("__init__").removesuffix(".")


def start(dataset: Dataset, found: list[dict]) -> dict[str, str]:
    """Write the start page: the question, three figures, the chapters and what they ask.

    Parameters
    ----------
    dataset : Dataset
    found : list of dict
        Chapters: name, path, title, question, and captions by the number of the figure.
    """
    numbers = itertools.count(1)

    def drawn(prefix: str, number: int) -> str:
        chapter = next(c for c in found if c["name"].startswith(prefix))
        name = chapter["name"]
        caption = f"{chapter['captions'][number]} From [{chapter['title']}]({chapter['path']})."
        label = chapters.label(f"start-{name}", number)
        path = f"chapters/figures/{name}-{number}.png"
        return chapters.figure(path, label, caption, next(numbers))

    values = {"events": len(dataset.events), "version": markdown(dataset.version)}
    template = _templates().get_template("index.md.jinja")
    return {"index.md": template.render(chapters=found, figure=drawn, **values) + "\n"}


def receipts(found, told: list[dict], known: dict[str, str]) -> dict[str, str]:
    """Write a page for each chapter: its numbers, how each came about, and the rows behind it."""
    titles, made = {chapter["name"]: chapter["title"] for chapter in told}, {}
    for name, numbers in found.numbers.groupby("notebook", sort=False):
        rows = found.rows[found.rows["rows"].isin(numbers["rows"])]
        sets = {
            key: [(table, list(part.itertuples())) for table, part in own.groupby("table")]
            for key, own in rows.groupby("rows", sort=False)
        }
        body = fill(
            "receipts",
            name=name,
            numbers=list(numbers.itertuples()),
            sets=sets,
            known=known,
            anchor=chapters.anchor,
        )
        made[f"receipts/{name}.md"] = page(f"Receipts: {titles.get(name, name)}", raw(body))
    return made
