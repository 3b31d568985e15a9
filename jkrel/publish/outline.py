"""The outline of a manuscript: each part names, by words in it, what a notebook shows."""

import re
from collections.abc import Iterable

import pandas as pd

from jkrel import cite
from jkrel.publish import excerpts

NARROW, WIDE = 89, 183
"""Widths of figures in journals: one column, and two, in millimetres."""


class Writer:
    """Turns parts of an outline into blocks of Markdown, and takes down what is wrong with them.

    Parameters
    ----------
    plan : dict
        As :func:`jkrel.publish.paper.read_outline` returns it.
    shown : dict of str to list of Excerpt
        What each notebook shows.
    data : Dataset
        Gives the statement on the data, its coverage and the keys of sources.
    """

    def __init__(self, plan: dict, shown: dict[str, list[excerpts.Excerpt]], data):
        self.plan, self.shown, self.data = plan, shown, data
        self.figures: list[excerpts.Figure] = []
        self.tables: list[str] = []
        self.labels: dict[str, str] = {}
        self.titles: list[str] = []
        self.problems: list[str] = []
        self.cells: dict[tuple[str, str], str] = {}
        """Where a manuscript shows what a cell gave, by notebook and code of the cell."""

    def section(self, section: dict) -> list[str]:
        """Return the blocks of one section, its title first."""
        level, title = section.get("level", 1), section.get("title")
        head = (
            [f"{'#' * level} {title}" + " {-}" * bool(section.get("unnumbered"))] if title else []
        )
        return head + self.blocks(section["parts"], section.get("notebook"))

    def blocks(self, parts: Iterable, notebook: str | None) -> list[str]:
        """Return the blocks of parts, in order; what is not there becomes a problem."""
        found = []
        for part in parts:
            try:
                found += self._blocks(part, notebook)
            except (KeyError, ValueError, OSError) as error:
                reason = error.args[0] if isinstance(error, KeyError) else error
                self.problems.append(f"{notebook or 'outline'}: {part}: {reason}")
        return found

    def _blocks(self, part, notebook: str | None) -> list[str]:
        if isinstance(part, str):
            return [part.strip()]
        if isinstance(part, list):
            return [" ".join(block for one in part for block in self._blocks(one, notebook))]
        makers = {
            "file": lambda: [(self.plan["folder"] / part["file"]).read_text("utf-8").strip()],
            "says": lambda: [self._said(part["says"], name)],
            "sentence": lambda: [self._sentence(part["sentence"], name)],
            "section": lambda: self._whole(part["section"], name, part.get("joined", False)),
            "figure": lambda: [self._figure(part["figure"], name, part.get("id"))],
            "table": lambda: [self._table(part, name)],
            "data": lambda: [self._data(part["data"], part)],
            "all": lambda: self._all(name),
        }
        name = part.get("notebook", notebook)
        for kind, make in makers.items():
            if kind in part:
                return make()
        raise KeyError(f"a part is a text, or has one of {', '.join(makers)}")

    def _shown(self, notebook: str | None, kind: str) -> list[excerpts.Excerpt]:
        if notebook not in self.shown:
            raise KeyError(f"no notebook {notebook!r}; there are {', '.join(self.shown)}")
        return [one for one in self.shown[notebook] if one.kind == kind]

    def _shows(self, one: excerpts.Excerpt, notebook: str | None, where: str = "Text"):
        """Take down where the manuscript shows what a cell gave, and return what it gave."""
        if one.source:
            self.cells.setdefault((str(notebook), one.source), where)
        return one.content

    def _said(self, words: str, notebook: str | None) -> str:
        """Return the one paragraph that has these words, as a manuscript has it."""
        found = [one for one in self._shown(notebook, "text") if words in one.content]
        one = _only(found, "paragraphs have these words")
        return self._adapted(self._shows(one, notebook), notebook)

    def _sentence(self, words: str, notebook: str | None) -> str:
        """Return the one sentence that has these words."""
        texts = self._shown(notebook, "text")
        found = [(one, s) for one in texts for s in excerpts.sentences(one.content) if words in s]
        one, sentence = _only(found, "sentences have these words")
        self._shows(one, notebook)
        return self._adapted(re.sub(r"^\*\*[^*]+\.\*\* ", "", sentence), notebook)

    def _whole(self, heading: str, notebook: str | None, joined: bool) -> list[str]:
        """Return all paragraphs under a heading; the items of a list in one paragraph if joined."""
        told = [one for one in self._shown(notebook, "text") if one.section == heading]
        if not told:
            raise KeyError("no section has this heading")
        found = [self._shows(one, notebook) for one in told]
        if joined:
            found = [" ".join(excerpts.sentences(text)) for text in found]
        return [self._adapted(text, notebook) for text in found]

    def _figure(self, number: int, notebook: str | None, name: str | None) -> str:
        figures = {one.content.number: one for one in self._shown(notebook, "figure")}
        if number not in figures:
            raise KeyError(f"no such figure; there are {len(figures)}")
        place = len(self.figures) + 1
        figure = self._shows(figures[number], notebook, f"Figure {place}")
        self.figures.append(figure)
        for key in {name, f"{notebook}-figure-{number}"} - {None}:
            self._label(key, f"Figure {place}", f"fig-{place}")
        caption = self._adapted(figure.caption, notebook)
        alternative = re.sub(r'["\\*`\[\]]', "", figure.alternative or figure.caption)
        width = NARROW if figure.narrow else WIDE
        form = f'{{#fig-{place} width={width}mm alt="{alternative}"}}'
        return f"![{caption}](figures/figure-{place}){form}"

    def _table(self, part: dict, notebook: str | None) -> str:
        words = part["table"]
        tables = self._shown(notebook, "table")
        found = [t for t in tables if words in t.source or words in t.content.caption]
        one = _only(found, "tables have these words in their code or caption")
        table = self._shows(one, notebook, f"Table {len(self.tables) + 1}")
        options = {name: part.get(name) for name in ("columns", "names", "decimals")}
        table = excerpts.chosen(table, **options)
        caption = part.get("caption") or self._adapted(table.caption, notebook)
        return self._numbered(table, caption, part.get("id"))

    def _numbered(self, table: excerpts.Table, caption: str, name: str | None = None) -> str:
        self.tables.append(caption)
        place = len(self.tables)
        if name:
            self._label(name, f"Table {place}", f"tbl-{place}")
        return f"{excerpts.markdown(table)}\n\n: {caption} {{#tbl-{place}}}"

    def _data(self, what: str, part: dict) -> str:
        if what == "statement":
            return cite.data_statement(self.data, list(self.shown))
        if what != "coverage":
            raise KeyError("a part on data is its statement or its coverage")
        return self._numbered(_coverage(self.data, part["series"]), part["caption"], part.get("id"))

    def _all(self, notebook: str) -> list[str]:
        """Return all that a notebook shows, but for the sections that an outline leaves out."""
        found = []
        for one in self.shown[notebook]:
            if one.section in self.plan.get("leave_out", []) or self._in_abstract(one):
                continue
            if one.kind == "heading":
                level, title = one.content
                self.titles += [title] if level == 1 else []
                level -= len(self.shown) == 1  # its title is that of the manuscript
                found += [f"{'#' * level} {title}"] if level else []
            elif one.kind == "text":
                found.append(self._adapted(self._shows(one, notebook), notebook))
            elif one.kind == "figure":
                found.append(self._figure(one.content.number, notebook, None))
            else:
                caption = self._adapted(one.content.caption or f"{one.section}.", notebook)
                table = self._shows(one, notebook, f"Table {len(self.tables) + 1}")
                found.append(self._numbered(table, caption))
        return found

    def _in_abstract(self, one: excerpts.Excerpt) -> bool:
        opening = self.plan.get("opening_of_abstract")
        return bool(opening) and one.kind == "text" and one.content.startswith(opening)

    def _adapted(self, text: str, notebook: str | None) -> str:
        """Give a notebook's text the numbers of figures, and the citations, of the manuscript."""
        for words, instead in self.plan.get("terms", {}).items():
            text = text.replace(words, instead)
        return re.sub(r"\bFigure (\d+)\b", rf"[](#{notebook}-figure-\1)", text)

    def _label(self, key: str, label: str, target: str) -> None:
        if key in self.labels:
            self.problems.append(f"{key}: two figures or tables have this id, or one comes twice")
        self.labels[key] = f'[{label}](#{target}){{reference-type="ref" reference="{target}"}}'

    def resolve(self, text: str) -> str:
        """Put the numbers of figures and tables in the place of references to them."""

        def numbered(found: re.Match) -> str:
            if found[1] not in self.labels:
                problem = "is referred to, but not in the manuscript"
                self.problems.append(f"{found[1]}: {problem}; ids are {', '.join(self.labels)}")
            return self.labels.get(found[1], "")

        return re.sub(r"\[\]\(#([^)]+)\)", numbered, text)

    def check_citations(self, keys: list[str]) -> None:
        """Take down the citations of what is neither a source of the data nor a reference."""
        from jkrel.publish import paper

        known = {*self.data.sources["source_id"], *paper.references(self.plan), cite.DATASET}
        self.problems += [f"@{key}: no such source" for key in keys if key not in known]


def _only(found: list, what: str):
    if len(found) != 1:
        raise KeyError(f"{len(found)} {what}, and one is needed")
    return found[0]


def _coverage(data, series: list[str]) -> excerpts.Table:
    """Return a table of what was looked at: series, from, to, and how."""
    rows = data.coverage[data.coverage["series"].isin(series)].sort_values(["series", "start"])
    days = [rows[column].dt.strftime("%-d %B %Y") for column in ("start", "end")]
    names = [rows["series"].map(data.codebook.labels("series")), *days]
    names.append(rows["completeness"].map(data.codebook.labels("completeness")))
    table = pd.concat(names, axis=1).astype(object)
    table.iloc[:, 0] = table.iloc[:, 0].where(~table.iloc[:, 0].duplicated(), "")
    return excerpts.Table(["Series", "From", "To", "Looked at"], table.to_numpy().tolist(), 1)
