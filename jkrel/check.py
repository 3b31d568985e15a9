"""Every rule of the data in one pass, each problem with its cell and a way out."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pandas as pd

from jkrel import rules
from jkrel.codebook import Table
from jkrel.data import Dataset, read
from jkrel.reading import as_frame, as_text

Fault = tuple[str, object, str, str]
"""A fault as rules report it: table, index of the row, column, message."""


def problems(directory: str | Path | None = None) -> pd.DataFrame:
    """Check a data folder.

    In three steps, each only if the one before found nothing, so that one slip is reported
    once: form and values of cells; keys and references; the rules of the codebook.

    Parameters
    ----------
    directory : str or Path, optional
        As for :func:`jkrel.load`.

    Returns
    -------
    DataFrame
        One row per problem: file, row (as in a spreadsheet, the header being 1), column, value,
        rule, message. Empty if all rules hold.
    """
    dataset, found = read(directory)
    for step in (KEYS, rules.RULES):
        if not found:
            chosen = [rule for rule in all_rules() if rule in step]
            found = [_cell(dataset, rule.__name__, *f) for rule in chosen for f in rule(dataset)]
    return as_frame(found)


def all_rules() -> list[Callable[[Dataset], Iterator[Fault]]]:
    """Return the rules between cells: keys and references, then the coding rules."""
    return [*KEYS, *rules.RULES]


def count(dataset: Dataset) -> tuple[int, int]:
    """Count the rows, and the rules that hold for them: constraints of columns, and rules."""
    columns = [c for table in dataset.codebook.tables.values() for c in table.columns]
    constraints = sum(1 + len(c.constraints) for c in columns)
    return sum(len(table) for table in dataset.tables.values()), constraints + len(all_rules())


def unique_keys(dataset: Dataset) -> Iterator[Fault]:
    """No two rows of a table have the same key."""
    for name, table in dataset.codebook.tables.items():
        rows = dataset.tables[name]
        single = [[c.name] for c in table.columns if c.constraints.get("unique")]
        for key in [list(table.key), *[key for key in single if key != list(table.key)]]:
            for index in rows.index[rows.duplicated(key)]:
                yield name, index, key[0], f"repeats the key ({', '.join(key)}) of an earlier row"


def references(dataset: Dataset) -> Iterator[Fault]:
    """What a row refers to in another table exists there."""

    @cache
    def there(table: str, column: str) -> set:
        return set(dataset.tables[table][column].tolist())

    for name, table in dataset.codebook.tables.items():
        for column in table.columns:
            target = dataset.codebook.tables.get(column.list_of)
            if target is not None and not target.is_code_list:
                lists = dataset.tables[name][column.name]
                yield from _listed(lists, there(target.name, target.key[0]), name, target)
        for column, target, field in table.references:
            if dataset.codebook.tables[target].is_code_list:
                continue  # No other code can be read.
            given = dataset.tables[name][column].dropna()
            if there(target, field).issuperset(given.tolist()):
                continue
            for index in given.index[~given.isin(there(target, field))]:
                yield name, index, column, f"is not in {target}.csv; add it there or correct it"


def _listed(lists: pd.Series, there: set, name: str, target: Table) -> Iterator[Fault]:
    """Find items of a list column that are not in the table it lists from."""
    for index, items in lists[~lists.map(there.issuperset).astype(bool)].items():
        for item in sorted(set(items) - there):
            yield name, index, lists.name, f"{item} is not in {target.path}; add it there"


def _cell(dataset: Dataset, rule: str, table: str, index, column: str, message: str) -> tuple:
    value = as_text(dataset.tables[table].at[index, column])
    name = rule.replace("_", " ")
    return dataset.codebook.tables[table].path, index + 2, column, value, name, message


KEYS = [unique_keys, references]
