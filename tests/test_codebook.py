"""The codebook is data: types, orders, labels and definitions come from the data folder."""

import csv
import json

import pytest
from conftest import DATA

from jkrel import codebook


@pytest.fixture(scope="module")
def book(dataset):
    return dataset.codebook


def every_column(book):
    return [(table, column) for table in book.tables.values() for column in table.columns]


def test_tables_keep_the_order_of_the_descriptor(book):
    """Tables come in the order in which the data package lists them."""
    assert list(book.tables) == [item["name"] for item in book.package["resources"]]


def test_columns_keep_the_order_of_the_file(book):
    """The names of a table are the header of its file."""
    header = (book.directory / "coverage.csv").read_text(encoding="utf-8").split("\n")[0]
    assert book.tables["coverage"].names == header.split(",")


def test_code_lists_are_the_tables_in_the_folder_codes(book):
    """A code list is told from a table by its folder."""
    lists = {name for name, table in book.tables.items() if table.is_code_list}
    assert lists == {path.stem for path in (book.directory / "codes").glob("*.csv")}
    assert not book.tables["events"].is_code_list


def test_every_table_and_column_is_described(book):
    """Nothing stands in the data without a title and a description."""
    undescribed = [
        (table.name, column.name)
        for table, column in every_column(book)
        if not (column.title and column.description)
    ]
    assert undescribed == []
    assert all(table.title and table.description for table in book.tables.values())


def test_every_code_is_defined(book):
    """Each code has a label and a definition."""
    rows = [row for rows in book.codes.values() for row in rows]
    assert [row["code"] for row in rows if not (row["label"] and row["definition"])] == []


def test_every_list_column_names_a_code_list_or_a_table(book):
    """What stands in a list column can be looked up, but for the ids of a second coding."""
    targets = {column.list_of for _, column in every_column(book) if column.list_of}
    assert targets <= set(book.tables)


def test_keys_and_references_are_read(book):
    """A table knows its key and what its columns refer to."""
    assert book.tables["event_sources"].key == ("event_id", "source_id", "locator")
    assert ("source_id", "sources", "source_id") in book.tables["event_sources"].references


@pytest.mark.parametrize(
    ("name", "code_list", "list_of", "required"),
    [
        ("event_type", "event_types", None, True),
        ("country", "actors", None, False),
        ("actors", None, "actors", True),
        ("mechanism", None, None, False),
    ],
)
def test_a_column_knows_its_codes(book, name, code_list, list_of, required):
    """A column has codes, holds a list of codes, or neither; and it is required or not."""
    (column,) = [c for c in book.tables["events"].columns if c.name == name]
    assert (column.codes, column.list_of, column.required) == (code_list, list_of, required)


def test_codes_come_in_codebook_order(book):
    """Levels run from leaders down, as the codebook has them."""
    assert book.order("levels")[:4] == ["leader", "deputy_leader", "minister", "vice_minister"]


def test_the_order_column_rules_and_not_the_order_of_rows(folder):
    """Rows of a code list may stand anywhere in the file."""
    folder.write("codes/levels", folder.rows("codes/levels")[::-1])
    assert codebook.read(folder.path).order("levels")[0] == "leader"


def test_labels_and_attributes_belong_to_their_codes(book):
    """A label, or any other attribute, is looked up by code."""
    assert book.labels("modes")["phone"] == "Telephone"
    assert book.attribute("issues", "theme")["territory"] == "history"


def test_a_folder_without_a_data_package_is_named(tmp_path):
    """Without datapackage.json the error names the file and says what to do."""
    with pytest.raises(FileNotFoundError, match=r"datapackage\.json: not found; name a folder"):
        codebook.read(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", '{"resources": ', "[]", '{"name": "jkrel"}', '{"resources": null}', '{"resources": []}'],
)
def test_a_broken_data_package_is_named(tmp_path, text):
    """What is not JSON, or describes no table, is an error that names the file."""
    (tmp_path / "datapackage.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"datapackage\.json: not a data package"):
        codebook.read(tmp_path)


def test_a_data_package_in_another_encoding_is_named(tmp_path):
    """A descriptor that is not UTF-8 is an error that names the file."""
    (tmp_path / "datapackage.json").write_text('{"resources": []}', encoding="utf-16")
    with pytest.raises(ValueError, match=r"datapackage\.json: not a data package"):
        codebook.read(tmp_path)


@pytest.mark.parametrize("part", ["name", "path", "schema"])
def test_an_incomplete_table_is_named(folder, part):
    """A table without name, path or schema is an error that names file and part."""
    path = folder.path / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    del package["resources"][0][part]
    path.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"datapackage\.json: .*{part}"):
        codebook.read(folder.path)


def lists(table):
    """The first list of a table in the descriptor."""
    return next(field["list"] for field in table["schema"]["fields"] if "list" in field)


def refer(table, names, target):
    """Have fields of a table refer to a field of the list of issues."""
    reference = {"resource": "issues", "fields": [target] * len(names)}
    table["schema"]["foreignKeys"].append({"fields": names, "reference": reference})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda t: t["schema"]["fields"][0].update(type="words"), "type 'words' is none of"),
        (lambda t: t["schema"]["fields"][0].update(name="summary"), "'summary' stands twice"),
        (lambda t: t["schema"].update(primaryKey=["id"]), "the key 'id' is no field"),
        (lambda t: t.update(path="../events.csv"), "leaves the folder"),
        (lambda t: t["schema"]["fields"][0]["constraints"].update(pattern="("), "cannot be read"),
        (lambda t: t["schema"]["foreignKeys"][0].update(fields=[]), "no list of one or more"),
        (lambda t: t["schema"]["foreignKeys"][0].update(fields=["x"]), "'x' refers to"),
        (lambda t: t.update(name="the events"), "'the events': the name of a table is made of"),
        (lambda t: t["schema"]["fields"][0]["constraints"].update(minimum=1), "needs a number"),
        (lambda t: lists(t).update(delimiter=""), "the items of a list need a delimiter"),
        (lambda t: lists(t).update(codes="moods"), "lists 'moods', which is no table"),
        (lambda t: refer(t, ["issue", "place"], "code"), "give each a reference"),
        (lambda t: refer(t, ["valence"], "code"), "'valence' is an integer, and issues"),
    ],
)
def test_what_a_descriptor_cannot_mean_is_named(folder, change, reason):
    """A type, name, key, path, pattern or reference that cannot be meant is refused."""
    path = folder.path / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    change(package["resources"][0])
    path.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(ValueError, match="not a data package that jkrel can read") as error:
        codebook.read(folder.path)
    assert reason in str(error.value)


def test_a_code_list_needs_codes_labels_and_an_order(folder):
    """Every reason is listed at once."""
    path = folder.path / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    (levels,) = [item for item in package["resources"] if item["name"] == "levels"]
    for field in levels["schema"]["fields"]:
        field["name"] += "_"
    levels["schema"]["primaryKey"] = ["code_"]
    path.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(ValueError, match="'code'.*'label'.*'order'"):
        codebook.read(folder.path)


@pytest.mark.parametrize(
    "states",
    [
        "CHN JPN KOR PRK RUS USA",
        "CAN DEU FRA GBR ITA JPN USA EUR",
        "ARG AUS BRA CAN CHN DEU FRA GBR IDN IND ITA JPN KOR MEX RUS SAU TUR USA ZAF EUR",
        "BRN IDN KHM LAO MMR MYS PHL SGP THA TLS VNM",
        "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL "
        "PRT ROU SVK SVN SWE",
    ],
    ids=["six-party talks", "G7", "G20", "ASEAN", "European Union"],
)
def test_members_of_the_groupings_that_meet_have_codes(book, states):
    """Whoever sits at these tables can be an actor."""
    assert set(states.split()) <= set(book.order("actors"))


def test_states_that_patterns_know_have_codes(book):
    """What is proposed for a state that acts can be merged."""
    with (DATA / "patterns" / "states.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    known = {code for row in rows for code in row["country"].split(";")} - {""}
    assert known <= set(book.order("actors"))
