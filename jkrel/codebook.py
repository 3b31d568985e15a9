"""The codebook as data: what ``datapackage.json`` and ``codes/`` say of tables and codes."""

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jkrel import descriptor

DESCRIPTOR = "datapackage.json"


@dataclass(frozen=True)
class Column:
    """One column of a table, as the data package describes it."""

    name: str
    type: str
    title: str
    description: str
    constraints: dict
    codes: str | None
    list_of: str | None
    delimiter: str | None
    applies_to: dict | None
    measurement: str | None

    @property
    def required(self) -> bool:
        """Whether the column may never be empty."""
        return bool(self.constraints.get("required"))


@dataclass(frozen=True)
class Table:
    """One table: its file, columns, key, references, and why it has no rows, if it has none."""

    name: str
    path: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...]
    empty: str | None = None

    @property
    def names(self) -> list[str]:
        """Names of the columns in file order."""
        return [column.name for column in self.columns]

    @property
    def is_code_list(self) -> bool:
        """Whether the table is a list of codes."""
        return self.path.startswith("codes/")


@dataclass(frozen=True)
class Codebook:
    """Tables and code lists of one data folder.

    Attributes
    ----------
    directory : Path
        The folder that holds ``datapackage.json``.
    package : dict
        The descriptor as read.
    tables : dict of str to Table
        Tables by name, in the order of the descriptor.
    """

    directory: Path
    package: dict
    tables: dict[str, Table]

    @cached_property
    def codes(self) -> dict[str, list[dict]]:
        """Rows of each code list, in codebook order, as dictionaries of strings."""
        lists = [table for table in self.tables.values() if table.is_code_list]
        return {table.name: _read_codes(self.directory / table.path) for table in lists}

    def order(self, name: str) -> list[str]:
        """Return the codes of the list `name` in codebook order."""
        return [row["code"] for row in self.codes[name]]

    def attribute(self, name: str, column: str) -> dict[str, str]:
        """Map each code of the list `name` to one of its attributes (label, color ...)."""
        return {row["code"]: row[column] for row in self.codes[name]}

    def labels(self, name: str) -> dict[str, str]:
        """Map each code of the list `name` to its label."""
        return self.attribute(name, "label")


def read(directory: str | Path) -> Codebook:
    """Read the codebook of a data folder.

    Parameters
    ----------
    directory : str or Path
        Folder with a Frictionless ``datapackage.json``.

    Raises
    ------
    FileNotFoundError
        If there is no descriptor in the folder.
    ValueError
        If the descriptor is not JSON, or does not describe tables; lists every reason.
    """
    directory = Path(directory)
    path = directory / DESCRIPTOR
    if not path.is_file():
        raise FileNotFoundError(f"{path}: not found; name a folder that holds a data package")
    try:
        package = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not a data package that jkrel can read ({error!r})") from error
    if found := descriptor.problems(package):
        reasons = "; ".join(found)
        raise ValueError(f"{path}: not a data package that jkrel can read: {reasons}")
    tables = {item["name"]: _table(item, package["resources"]) for item in package["resources"]}
    return Codebook(directory, package, tables)


def _table(resource: dict, resources: list[dict]) -> Table:
    code_lists = {item["name"] for item in resources if item["path"].startswith("codes/")}
    schema = resource["schema"]
    references = tuple(
        (key["fields"][0], key["reference"]["resource"], key["reference"]["fields"][0])
        for key in schema.get("foreignKeys", [])
    )
    codes = {field: target for field, target, _ in references if target in code_lists}
    return Table(
        resource["name"],
        resource["path"],
        resource["title"],
        resource["description"],
        tuple(_column(field, codes) for field in schema["fields"]),
        tuple(schema["primaryKey"]),
        references,
        resource.get("empty"),
    )


def _column(field: dict, codes: dict[str, str]) -> Column:
    items = field.get("list", {})
    return Column(
        field["name"],
        field["type"],
        field["title"],
        field["description"],
        field.get("constraints", {}),
        codes.get(field["name"]),
        items.get("codes"),
        items.get("delimiter"),
        field.get("appliesTo"),
        field.get("measurement"),
    )


def _read_codes(path: Path) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return sorted(rows, key=lambda row: int(row["order"]))
