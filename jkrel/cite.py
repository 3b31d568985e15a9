"""Citations of an event, a source, or the dataset, in plain text, BibTeX and RIS."""

import re

import pandas as pd

from jkrel.data import Dataset

DATASET = "jkrel"
"""Key of the dataset in a bibliography."""


def cite_event(dataset: Dataset, event_id: str) -> str:
    """Cite one event with the sources that tell it.

    Parameters
    ----------
    dataset : Dataset
    event_id : str
        Such as ``cc24-3-009a``.

    Returns
    -------
    str
        A plain citation, a blank line, and BibTeX entries of the event and of its sources.

    Raises
    ------
    KeyError
        If there is no such event.
    """
    ids = sources_of(dataset, event_id)
    entries = [bibtex_event(dataset, event_id), *(bibtex_source(dataset, i) for i in ids)]
    return "\n\n".join([plain_event(dataset, event_id), *entries])


def cite_id(dataset: Dataset, text: str) -> str:
    """Cite the event of an id, or list the events of an entry; capitals make no difference.

    Raises
    ------
    KeyError
        If there is neither such an event nor such an entry.
    """
    wanted, events = text.casefold(), dataset.events
    for event_id in events.loc[events["event_id"].str.casefold().eq(wanted), "event_id"]:
        return cite_event(dataset, event_id)
    told = dataset.event_sources
    ids = {*told.loc[told["locator"].str.casefold().eq(wanted), "event_id"]}
    ids |= {*events.loc[events["entry_id"].str.casefold().eq(wanted), "event_id"]}
    lines = [_event_title(dataset, event_id) for event_id in sorted(ids)]
    return "\n".join(lines) or cite_event(dataset, text)


def sources_of(dataset: Dataset, event_id: str) -> list[str]:
    """Return the ids of the sources that tell an event, in the order of ``event_sources``."""
    told = dataset.event_sources
    return list(told.loc[told["event_id"].eq(event_id), "source_id"].unique())


def plain_event(dataset: Dataset, event_id: str) -> str:
    """Cite one event with its sources as a line of plain text; a KeyError if there is none."""
    told = dataset.event_sources[dataset.event_sources["event_id"].eq(event_id)]
    who, year = creators(dataset), _year(dataset)
    title = _event_title(dataset, event_id)
    sources = dataset.sources.set_index("source_id").loc[told["source_id"].unique()]
    places = told.groupby("source_id")["locator"].agg(lambda column: ", ".join(column.dropna()))
    lines = [_plain(row, places[source_id]) for source_id, row in sources.iterrows()]
    where = f"In {_title(dataset)}, version {dataset.version}"
    return f"{who} ({year}). {title} {where}. Told by: {'; '.join(lines)}."


def bibtex_event(dataset: Dataset, event_id: str) -> str:
    """Return the BibTeX entry of one event, without those of its sources."""
    fields = {
        "author": f"{{{creators(dataset)}}}",
        "title": _event_title(dataset, event_id),
        "year": _year(dataset),
        "note": f"{_title(dataset)}, version {dataset.version}",
    }
    return _bibtex("misc", f"jkrel:{event_id}", fields)


def ris_event(dataset: Dataset, event_id: str) -> str:
    """Return the RIS entry of one event, without those of its sources."""
    fields = {
        "ID": f"jkrel:{event_id}",
        "AU": creators(dataset),
        "TI": _event_title(dataset, event_id),
        "PY": _year(dataset),
        "N1": f"{_title(dataset)}, version {dataset.version}",
    }
    return _ris("DATA", fields)


def ris_source(dataset: Dataset, source_id: str) -> str:
    """Return the RIS entry of one row of ``sources``."""
    row = dataset.sources.set_index("source_id").loc[source_id]
    date = row["date_published"]
    fields = {
        "ID": source_id,
        "AU": _author(row),
        "TI": shown_title(row),
        "PY": date[:4] if pd.notna(date) else None,
        "DA": date.replace("-", "/") if pd.notna(date) else None,
        "JO": row["journal"],
        "VL": row["volume"],
        "IS": row["number"],
        "SP": row["pages"],
        "PB": row["publisher"],
        "UR": row["url"],
        "Y2": f"{row['accessed']:%Y/%m/%d}" if pd.notna(row["accessed"]) else None,
        "AV": row["archive_url"],
    }
    return _ris(dataset.codebook.attribute("source_kinds", "ris_type")[row["kind"]], fields)


def cite_dataset(dataset: Dataset) -> str:
    """Cite the dataset as a whole, with the hash of the data: plain text and BibTeX."""
    who, year, title = creators(dataset), _year(dataset), _title(dataset)
    version = f"ersion {dataset.version}, data {dataset.fingerprint()}"
    kept = title.replace("jkrel", "{jkrel}")  # no style may give it a capital
    fields = {"author": f"{{{who}}}", "title": kept, "year": year, "note": f"Data set, v{version}"}
    return f"{who} ({year}). {title} [data set]. V{version}.\n\n{_bibtex('misc', DATASET, fields)}"


def bibliography(dataset: Dataset, source_ids) -> str:
    """Return BibTeX of the dataset, and of sources in the order given: a ``references.bib``."""
    own = cite_dataset(dataset).split("\n\n", 1)[1]
    return "\n\n".join([own, *(bibtex_source(dataset, source_id) for source_id in source_ids)])


def data_statement(dataset: Dataset, notebooks) -> str:
    """Say in Markdown what data a paper rests on, under what terms, and how it is made again.

    Parameters
    ----------
    dataset : Dataset
    notebooks : sequence of str
        Names of the notebooks behind the paper.
    """
    days = [f"{day:%-d %B %Y}" for day in dataset.events["date_start"].agg(["min", "max"])]
    licence = dataset.codebook.package["licenses"][0]["name"]
    read = dataset.coverage[dataset.coverage["series"].eq("chronology")]
    windows = [f"{row.start:%-d %B %Y} to {row.end:%-d %B %Y}" for row in read.itertuples()]
    return (
        f"The data are *{_title(dataset)}*, version {dataset.version}, with the hash "
        f"`{dataset.fingerprint()}` [@{DATASET}]: {len(dataset.events):,} events from {days[0]} to "
        f"{days[1]}, told by {dataset.event_sources['source_id'].nunique():,} sources. They cover "
        f"the chronologies of {' and '.join(windows)}, and each other series over windows of its "
        f"own (`coverage.csv`); outside them nothing counts as zero. Their licence is {licence}; "
        f"the text of the articles is not part of them. Every number here is computed by the "
        f"notebooks {', '.join(f'`{name}`' for name in notebooks)} of that version: `jkrel paper` "
        f"runs them and writes this manuscript, and `jkrel check` holds the data against their "
        f"codebook."
    )


def bibtex_source(dataset: Dataset, source_id: str) -> str:
    """Return the BibTeX entry of one row of ``sources``."""
    row = dataset.sources.set_index("source_id").loc[source_id]
    kind = dataset.codebook.attribute("source_kinds", "bibtex_type")[row["kind"]]
    kind = "misc" if kind == "article" and pd.isna(row["journal"]) else kind
    copy = row["archive_url"]
    fields = {
        "author": row["author"] if pd.notna(row["author"]) else f"{{{row['publisher']}}}",
        "title": shown_title(row),
        "year": row["date_published"][:4] if pd.notna(row["date_published"]) else None,
        "journal": row["journal"],
        "volume": row["volume"],
        "number": row["number"],
        "pages": row["pages"],
        "publisher": row["publisher"],
        "url": row["url"],
        "urldate": f"{row['accessed']:%Y-%m-%d}" if pd.notna(row["accessed"]) else None,
        "note": rf"Archived at \url{{{copy}}}" if pd.notna(copy) else None,
    }
    return _bibtex(kind, source_id, fields, ("url", "note"))


def full_title(row: pd.Series) -> str:
    """Join section, title and rest of the title of a source; empty where no title is known."""
    if pd.isna(row["title"]):
        return ""
    section = f"{row['journal_section']}: " if pd.notna(row["journal_section"]) else ""
    rest = f" {row['subtitle']}" if pd.notna(row["subtitle"]) else ""
    return f"{section}{row['title']}{rest}"


def shown_title(row: pd.Series) -> str:
    """Return the full title of a source, or say in brackets that none is known."""
    return full_title(row) or f"[{row['publisher']}, untitled in our records]"


def _author(row: pd.Series) -> str:
    return row["author"] if pd.notna(row["author"]) else row["publisher"]


def _plain(row: pd.Series, place: str) -> str:
    title, date = full_title(row), row["date_published"]
    parts = [_author(row)]
    parts += [f"({date})"] * pd.notna(date) + [f"“{title}”"] * bool(title)
    if pd.notna(row["journal"]):
        issue = [str(row["volume"])] * pd.notna(row["volume"])
        issue += [f"({row['number']})"] * pd.notna(row["number"])
        pages = f", {row['pages']}" if pd.notna(row["pages"]) else ""
        parts.append(" ".join([row["journal"], *issue]) + pages)
    parts += [f"[{place}]"] * bool(place) + [str(row["url"])] * pd.notna(row["url"])
    parts += [f"(accessed {row['accessed']:%Y-%m-%d})"] if pd.notna(row["accessed"]) else []
    parts += [f"archived at {row['archive_url']}"] * pd.notna(row["archive_url"])
    return " ".join(parts)


def _event_title(dataset: Dataset, event_id: str) -> str:
    found = dataset.events[dataset.events["event_id"].eq(event_id)]
    if found.empty:
        raise KeyError(f"no event {event_id!r} in events.csv; ids look like cc24-3-009a")
    event = found.iloc[0]
    return f"Event {event_id} ({event['date_start']:%Y-%m-%d}): {event['summary']}"


def _ris(kind: str, fields: dict) -> str:
    lines = [f"{name}  - {value}" for name, value in fields.items() if pd.notna(value)]
    return "\n".join([f"TY  - {kind}", *lines, "ER  - "])


def _bibtex(kind: str, key: str, fields: dict, verbatim=("url",)) -> str:
    known = {name: str(value) for name, value in fields.items() if pd.notna(value)}
    texts = {name: text if name in verbatim else _escape(text) for name, text in known.items()}
    lines = [f"  {name} = {{{text}}}" for name, text in texts.items()]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}"


def _escape(text: str) -> str:
    return re.sub(r"([&%#_])", r"\\\1", text)


def creators(dataset: Dataset) -> str:
    """Return the names of those who made the dataset."""
    return ", ".join(person["title"] for person in dataset.codebook.package["contributors"])


def _title(dataset: Dataset) -> str:
    return dataset.codebook.package["title"]


def _year(dataset: Dataset) -> str:
    return dataset.codebook.package["created"][:4]
