"""What a ``datapackage.json`` needs so that its tables can be read: its form, and its names."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

TYPES = ["string", "integer", "number", "boolean", "date"]
CONSTRAINTS = {
    "required?": bool,
    "unique?": bool,
    "pattern?": str,
    "minimum?": (int, float),
    "maximum?": (int, float),
    "minLength?": int,
    "maxLength?": int,
}
FIELD = {
    "name": str,
    "type": str,
    "title": str,
    "description": str,
    "constraints?": CONSTRAINTS,
    "list?": {"codes": str, "delimiter": str},
    "appliesTo?": {"column": str, "values": [str]},
    "measurement?": str,
}
KEY = {"fields": [str], "reference": {"resource": str, "fields": [str]}}
SCHEMA = {"fields": [FIELD], "primaryKey": [str], "foreignKeys?": [KEY]}
RESOURCE = {"name": str, "path": str, "title": str, "description": str, "schema": SCHEMA}
PACKAGE = {"resources": [RESOURCE]}
"""The form: objects, lists of one or more, and types; what ends in ``?`` may be left out
or be an empty list."""


def problems(package) -> list[str]:
    """List what keeps a descriptor from being used, each with its place in the file.

    Parameters
    ----------
    package : object
        The descriptor as JSON has it.
    """
    found = list(_misshapen(package, PACKAGE, ""))
    return found or list(_misnamed(package["resources"]))


def _misshapen(value, form, place: str) -> Iterator[str]:
    """Compare a value with the form that it should have."""
    if isinstance(form, dict):
        yield from _members(value, form, place)
    elif isinstance(form, list):
        if not isinstance(value, list) or not value:
            yield f"{place or 'the file'} is no list of one or more"
            return
        for number, item in enumerate(value):
            yield from _misshapen(item, form[0], f"{place}[{number}]")
    elif not isinstance(value, form) or (isinstance(value, bool) and form is not bool):
        types = form if isinstance(form, tuple) else (form,)
        yield f"{place} is {value!r:.40}, not {' or '.join(kind.__name__ for kind in types)}"


def _members(value, form: dict, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place or 'the file'} is no object"
        return
    for name, inner in form.items():
        key = name.removesuffix("?")
        if key != name and value.get(key, []) == []:
            continue
        if key in value:
            yield from _misshapen(value[key], inner, f"{place}.{key}".lstrip("."))
        else:
            yield f"{place or 'the file'} has no {key}"


def _misnamed(resources: list[dict]) -> Iterator[str]:
    """Find names given twice, and names of what is not there."""
    columns = {item["name"]: _columns(item) for item in resources}
    yield from _repeated([item["name"] for item in resources], "resources")
    for item in resources:
        place, fields = item["name"], item["schema"]["fields"]
        path = PurePosixPath(item["path"])
        if not re.fullmatch("[A-Za-z0-9_-]+", place):
            yield f"{place!r}: the name of a table is made of letters, digits, - and _"
        if path.is_absolute() or ".." in path.parts or re.search(r"[\\:\0]", item["path"]):
            yield f"{place}: the path {item['path']!r} leaves the folder"
        yield from _repeated([field["name"] for field in fields], place)
        for name in item["schema"]["primaryKey"]:
            if name not in columns[place]:
                yield f"{place}: the key {name!r} is no field"
        for field in fields:
            yield from _unfit(field, f"{place}.{field['name']}", columns)
        yield from _dangling(item, columns)
        if item["path"].startswith("codes/"):
            yield from _no_code_list(place, columns[place])


def _columns(resource: dict) -> dict[str, dict]:
    return {field["name"]: field for field in resource["schema"]["fields"]}


def _repeated(names: list[str], place: str) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{place}: {name!r} stands twice"


def _unfit(field: dict, place: str, tables: dict) -> Iterator[str]:
    """Find a type, a constraint or a list that cannot be meant."""
    rules, items = field.get("constraints", {}), field.get("list")
    if field["type"] not in TYPES:
        yield f"{place}: the type {field['type']!r} is none of {', '.join(TYPES)}"
    if not rules.keys().isdisjoint({"minimum", "maximum"}) and field["type"] not in TYPES[1:3]:
        yield f"{place}: a minimum or maximum needs a number"
    try:
        re.compile(rules.get("pattern", ""))
    except (re.error, RecursionError, OverflowError) as error:
        yield f"{place}: the pattern {rules['pattern']!r} cannot be read ({error})"
    if items and not items["delimiter"]:
        yield f"{place}: the items of a list need a delimiter"
    if items and items["codes"] not in ("", *tables):
        yield f"{place}: lists {items['codes']!r}, which is no table"


def _dangling(resource: dict, tables: dict) -> Iterator[str]:
    """Find references from a field or to a field that is not there."""
    place, own = resource["name"], tables[resource["name"]]
    for key in resource["schema"].get("foreignKeys", []):
        (name, *_), target = key["fields"], key["reference"]["resource"]
        (field, *_) = key["reference"]["fields"]
        if name not in own or field not in tables.get(target, ()):
            yield f"{place}: {name!r} refers to {target}.{field}, and one of them is no field"
        elif len(key["fields"]) > 1:
            yield f"{place}: {name!r} refers together with other fields; give each a reference"
        elif own[name]["type"] == "integer" and tables[target][field]["type"] != "integer":
            yield f"{place}: {name!r} is an integer, and {target}.{field} is none"


def _no_code_list(place: str, columns: dict[str, dict]) -> Iterator[str]:
    """Find what a code list lacks: codes that are unique, and their order."""
    code, order = (columns.get(name, {}).get("constraints", {}) for name in ("code", "order"))
    if not (code.get("required") and code.get("unique")):
        yield f"{place}: a code list needs a field 'code' that is required and unique"
    if not order.get("required") or columns["order"]["type"] != "integer":
        yield f"{place}: a code list needs a field 'order', an integer that is required"
