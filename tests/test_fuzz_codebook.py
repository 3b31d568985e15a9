"""Whatever stands in a descriptor: it is read, or refused with its name and the reason."""

import json

import pytest
from conftest import DATA
from fuzzing import times
from hypothesis import given
from hypothesis import strategies as st
from strategies import JSON, changed, packages

from jkrel import DataError, codebook, load

PACKAGE = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("package")


def read(place, raw):
    """Read a descriptor; None if it is refused, by name and with a reason."""
    (place / "datapackage.json").write_bytes(raw)
    try:
        return codebook.read(place)
    except ValueError as error:
        start = f"{place / 'datapackage.json'}: not a data package that jkrel can read"
        assert str(error).startswith(start) and len(str(error)) > len(start) + 3
        return None


@times(4)
@given(raw=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_read_or_refused(place, raw):
    """Bytes, and JSON of any form, give a codebook or a refusal, never an error of a library."""
    assert read(place, raw) is None


@times(4)
@given(tables=changed(PACKAGE["resources"][:1]))
def test_a_changed_descriptor_is_read_or_refused(place, tables):
    """One value of the shipped descriptor replaced by any other, or taken out."""
    package = PACKAGE | {"resources": [*tables, *PACKAGE["resources"][1:]]}
    found = read(place, json.dumps(package).encode())
    assert found is None or list(found.tables) == [item["name"] for item in package["resources"]]


@given(data=st.data())
def test_a_descriptor_that_is_read_can_be_used(made, data):
    """Where a changed descriptor is read, loading gives tables or problems, nothing else."""
    package, rows = data.draw(packages())
    folder = made(package, rows)
    tables = data.draw(changed(package["resources"]))
    if read(folder, json.dumps(package | {"resources": tables}).encode()) is not None:
        try:
            load(folder)
        except DataError as error:
            assert len(error.problems)


@given(depth=st.integers(1, 200_000))
def test_a_descriptor_nested_without_end_is_refused(place, depth):
    """However deep lists nest, the answer is a refusal."""
    assert read(place, b"[" * depth) is None
    assert read(place, b"[" * depth + b"]" * depth) is None


@given(given=packages())
def test_a_sound_descriptor_is_read_as_it_stands(made, given):
    """Tables, columns and codes come back in the order in which they were written."""
    package, rows = given
    book = codebook.read(made(package, rows))
    assert {name: table.names for name, table in book.tables.items()} == {
        item["name"]: [field["name"] for field in item["schema"]["fields"]]
        for item in package["resources"]
    }
    assert book.order("colours") == [code for code, *_ in rows["colours"]]
