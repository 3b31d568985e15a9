"""Citations: whole, parseable, and of each source once."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from jkrel import cite

TOLD_TWICE = "cc24-3-046b"
"""An event that the article tells in an entry and in its body, and other sources beside."""
ARCHIVED = "reuters_20191224_chengdu"
COPY = "https://web.archive.org/web/20191224120000/https://a.example/x_1?a=1&b=50%25#top"


def entries(text):
    """The BibTeX entries of a citation: kind, key, fields."""
    found = {}
    for kind, key, body in re.findall(r"^@(\w+)\{([^,\n]+),\n(.*?)\n\}$", text, re.M | re.S):
        assert key not in found, key
        found[key] = kind, dict(re.findall(r"^  (\w+) = \{(.*)\},?$", body, re.M))
    return found


def depth(text):
    """How deep braces are still open at the end; -1 as soon as one closes too many."""
    level = 0
    for sign in re.sub(r"\\.", "", text):
        level += (sign == "{") - (sign == "}")
        if level < 0:
            return -1
    return level


def with_source(dataset, source_id, **cells):
    """The dataset with cells of one source changed."""
    row = dataset.sources["source_id"].eq(source_id)
    columns = {name: dataset.sources[name].mask(row, value) for name, value in cells.items()}
    return replace(dataset, tables=dataset.tables | {"sources": dataset.sources.assign(**columns)})


@pytest.fixture(scope="module")
def citations(dataset):
    """Every event cited."""
    return {event_id: cite.cite_event(dataset, event_id) for event_id in dataset.events["event_id"]}


# Events


def test_an_event_is_cited_in_plain_text_first(dataset, citations):
    """Who, when published, which event of which day, what happened, in which version."""
    plain = citations["cc24-3-009a"].split("\n\n")[0]
    summary = dataset.events.set_index("event_id").at["cc24-3-009a", "summary"]
    start = f"jkrel contributors (2026). Event cc24-3-009a (2022-09-22): {summary}"
    assert plain.startswith(start)
    assert f"version {dataset.version}" in plain
    assert "Ji-Young Lee and Andy Lim (2023-01)" in plain
    assert "Comparative Connections 24 (3), 143-154 [cc24-3-009" in plain


def test_a_plain_citation_is_made_of_sentences(dataset, citations):
    """A full stop stands between what happened and the title of the dataset."""
    title = dataset.codebook.package["title"]
    plain = [text.split("\n\n")[0] for text in citations.values()]
    assert [text for text in plain if f". In {title}, version" not in text] == []


def test_every_citation_has_each_source_once(dataset, citations):
    """One BibTeX entry for the event and one for each source, however often it tells it."""
    told = dataset.event_sources.groupby("event_id")["source_id"].agg(set)
    for event_id, text in citations.items():
        assert set(entries(text)) == {f"jkrel:{event_id}", *told[event_id]}


def test_a_source_that_tells_an_event_twice_names_both_places(citations):
    """Entry and passage of the body stand together in one bracket."""
    assert "[cc24-3-046, cc24-3-p05]" in citations[TOLD_TWICE]


def test_braces_are_balanced_in_every_citation(citations):
    """BibTeX reads each of them to its end."""
    assert [event_id for event_id, text in citations.items() if depth(text) != 0] == []


def test_nothing_missing_is_printed(citations):
    """What is not known is left out, and never printed as a word of the computer."""
    pattern = re.compile(r"\bnan\b|<NA>|\bNone\b|\bNaT\b|\(\)|\[\]|\{\}|“”")
    assert [event_id for event_id, text in citations.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("missing", "place"),
    [
        (["number"], "Comparative Connections 24, 143-154 ["),
        (["pages"], "Comparative Connections 24 (3) ["),
        (["volume"], "Comparative Connections (3), 143-154 ["),
        (["volume", "number", "pages"], "Comparative Connections ["),
        (["author", "date_published", "title", "url", "accessed", "journal"], "Pacific Forum ["),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_what_an_article_lacks_leaves_no_trace(dataset, missing, place):
    """No issue number, no pages: neither their brackets nor a word of the computer."""
    lacking = with_source(dataset, "cc24-3", **dict.fromkeys(missing))
    plain, *others = cite.cite_event(lacking, "cc24-3-009a").split("\n\n")
    assert place in plain
    ris = cite.ris_source(lacking, "cc24-3")
    assert not re.search(r"\bnan\b|<NA>|\bNone\b|\bNaT\b|\(\)", "".join([plain, *others, ris]))


def test_an_article_is_an_article(citations):
    """The chronology has author, journal, volume, number and pages."""
    kind, fields = entries(citations["cc24-3-009a"])["cc24-3"]
    assert kind == "article"
    assert fields["author"] == "Ji-Young Lee and Andy Lim"
    assert (fields["journal"], fields["volume"]) == ("Comparative Connections", "24")
    assert (fields["number"], fields["pages"], fields["year"]) == ("3", "143-154", "2023")


def test_a_chronology_outside_a_journal_is_cited_without_one(dataset):
    """Neither journal nor volume is made up, and BibTeX needs no journal for what it is."""
    lacking = dict.fromkeys(["journal", "volume", "number", "pages"], None)
    cited = cite.cite_event(with_source(dataset, "cc24-3", **lacking), "cc24-3-009a")
    kind, fields = entries(cited)["cc24-3"]
    assert kind == "misc" and {"author", "title", "year", "publisher"} <= fields.keys()
    assert "None" not in cited and "journal" not in fields


def test_a_body_as_author_keeps_its_name_whole(citations):
    """Double braces, so that BibTeX takes no family name out of a ministry."""
    _, fields = entries(citations["leaders-001a"])["mofa_japan_20191224_bilateral"]
    assert fields["author"] == "{Ministry of Foreign Affairs of Japan}"


def test_a_source_without_a_title_says_so(citations):
    """The publisher stands in brackets where our records have no title."""
    _, fields = entries(citations["leaders-001a"])["kbs_world_20191224_chengdu"]
    assert fields["title"] == "[KBS World, untitled in our records]"
    assert "year" not in fields


@pytest.mark.parametrize("event_id", ["cc24-3-999a", "", "CC24-3-009a"])
def test_an_unknown_event_is_an_error_that_names_it(dataset, event_id):
    """The message says what ids look like."""
    with pytest.raises(KeyError, match=re.escape(repr(event_id)) + ".*cc24-3-009a"):
        cite.cite_event(dataset, event_id)


# The dataset


def test_the_dataset_is_cited_with_version_and_hash(dataset):
    """Plain text and BibTeX name the exact data."""
    plain, bibtex = cite.cite_dataset(dataset).split("\n\n")
    exact = f"ersion {dataset.version}, data {dataset.fingerprint()}"
    assert plain.endswith(f"[data set]. V{exact}.")
    kind, fields = entries(bibtex)["jkrel"]
    assert kind == "misc"
    assert fields["title"].replace("{jkrel}", "jkrel") == dataset.codebook.package["title"]
    assert f"v{exact}" in fields["note"]
    assert depth(bibtex) == 0


# Fields


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Trade & Talks", r"Trade \& Talks"),
        ("43% want talks", r"43\% want talks"),
        ("Talks #3", r"Talks \#3"),
        ("Trade & 43% & #3", r"Trade \& 43\% \& \#3"),
        ("日韓首脳会談", "日韓首脳会談"),
    ],
)
def test_signs_of_tex_are_escaped(dataset, title, written):
    """Ampersands, per cent and number signs are text to TeX, other scripts stay as they are."""
    changed = with_source(dataset, "cc24-3", title=title, journal_section=None, subtitle=None)
    assert f"  title = {{{written}}},\n" in cite.bibtex_source(changed, "cc24-3")


def test_addresses_are_left_as_they_are(dataset):
    """The field url is read verbatim, so that an escaped sign would break the link."""
    address = "https://example.org/a_b?x=1&y=50%25#top"
    changed = with_source(dataset, "cc24-3", url=address)
    assert f"  url = {{{address}}}\n" in cite.bibtex_source(changed, "cc24-3")


@pytest.mark.parametrize(
    ("section", "title", "rest", "full"),
    [
        ("Relations", "A Title", "and Its Rest", "Relations: A Title and Its Rest"),
        (None, "A Title", None, "A Title"),
        (None, "A Title", "and Its Rest", "A Title and Its Rest"),
        ("Relations", None, None, ""),
    ],
)
def test_a_full_title_joins_its_parts(section, title, rest, full):
    """Section, title and rest, as far as they are known."""
    row = pd.Series({"journal_section": section, "title": title, "subtitle": rest})
    assert cite.full_title(row) == full


def test_an_unknown_source_is_an_error(dataset):
    """There is no entry for a source that is not in sources.csv."""
    with pytest.raises(KeyError, match="nowhere"):
        cite.bibtex_source(dataset, "nowhere")


def test_a_bibliography_has_the_dataset_and_each_source_asked_for(dataset):
    """In the order asked for, the dataset first."""
    text = cite.bibliography(dataset, ["cc26-1", "cc24-3"])
    assert re.findall(r"^@\w+\{([^,]+),", text, re.M) == ["jkrel", "cc26-1", "cc24-3"]


def test_the_data_statement_names_version_hash_coverage_and_licence(dataset):
    """And how the paper is made again."""
    text = cite.data_statement(dataset, ["02_leader_meetings"])
    known = [dataset.version, dataset.fingerprint(), f"{len(dataset.events):,} events", "CC-BY-4.0"]
    known += ["1 September 2022 to 31 December 2022", "`02_leader_meetings`", "`jkrel paper`"]
    assert [word for word in known if word not in text] == []


# RIS


def ris(text):
    """The RIS entries of a text: each a list of tag and value."""
    found = re.findall(r"^TY  - .*?^ER  - $", text, re.M | re.S)
    return [re.findall(r"^([A-Z][A-Z0-9])  - (.*)$", entry, re.M) for entry in found]


def test_an_event_as_ris_has_its_id_and_title(dataset):
    """One entry of a data set: who, what, when published."""
    (entry,) = ris(cite.ris_event(dataset, "cc24-3-009a"))
    fields = dict(entry)
    assert fields["TY"] == "DATA"
    assert fields["ID"] == "jkrel:cc24-3-009a"
    assert fields["TI"].startswith("Event cc24-3-009a (2022-09-22): ")
    assert fields["PY"] == "2026"


def test_every_source_is_one_entry_of_ris(dataset):
    """Each has a type, an id and a title, and no line breaks into two."""
    kinds = set(dataset.source_kinds["ris_type"])
    for source_id in dataset.sources["source_id"]:
        text = cite.ris_source(dataset, source_id)
        (entry,) = ris(text)
        fields = dict(entry)
        assert fields["ID"] == source_id
        assert fields["TY"] in kinds and fields["TI"]
        assert len(entry) == len(text.split("\n"))


def test_an_article_as_ris_has_volume_and_pages(dataset):
    """The journal's own numbers stand in their fields."""
    fields = dict(ris(cite.ris_source(dataset, "cc24-3"))[0])
    assert fields["JO"] == "Comparative Connections"
    assert (fields["VL"], fields["IS"], fields["SP"]) == ("24", "3", "143-154")


def test_an_unknown_event_has_no_ris(dataset):
    """The error says what an id looks like."""
    with pytest.raises(KeyError, match="cc99-9-001a"):
        cite.ris_event(dataset, "cc99-9-001a")


# Copies in archives


@pytest.fixture(scope="module")
def archived(dataset):
    """The dataset with a copy and a day of access of one page."""
    day = pd.Timestamp("2026-11-20")
    return with_source(dataset, ARCHIVED, archive_url=COPY, accessed=day)


def test_a_source_is_cited_with_its_copy_and_the_day_it_answered(archived):
    """In plain text, BibTeX and RIS, with no sign of the address escaped."""
    _, fields = entries(cite.bibtex_source(archived, ARCHIVED))[ARCHIVED]
    assert fields["urldate"] == "2026-11-20"
    assert fields["note"] == rf"Archived at \url{{{COPY}}}"
    lines = cite.ris_source(archived, ARCHIVED).split("\n")
    assert {"Y2  - 2026/11/20", f"AV  - {COPY}"} <= set(lines)
    plain = cite.plain_event(archived, "leaders-001a")
    assert f"(accessed 2026-11-20) archived at {COPY}" in plain


def test_pandoc_reads_the_day_of_access(archived):
    """In the CSL that papers are set from, the day stands as the day of access."""
    import pypandoc

    text = cite.bibtex_source(archived, ARCHIVED)
    (item,) = json.loads(pypandoc.convert_text(text, "csljson", format="bibtex"))
    assert item["accessed"] == {"date-parts": [[2026, 11, 20]]}


def test_a_source_without_a_copy_has_no_word_of_one(dataset):
    """Neither field stands where nothing is known."""
    bare = with_source(dataset, ARCHIVED, archive_url=pd.NA, accessed=pd.NaT)
    _, fields = entries(cite.bibtex_source(bare, ARCHIVED))[ARCHIVED]
    assert not {"urldate", "note"} & set(fields)
    assert not re.search("^(Y2|AV)", cite.ris_source(bare, ARCHIVED), re.M)
