"""Ids of one table found in another by whole columns, where pandas would look up one by one."""

import numpy as np
import pandas as pd


def places(ids: pd.Series, among: pd.Series) -> np.ndarray:
    """Return the row in which each id first stands among others, counted from 0; -1 if in none."""
    size = len(among)
    codes, _ = pd.factorize(pd.concat([among, ids], ignore_index=True))
    first = np.full(codes.max(initial=0) + 2, -1)
    first[codes[:size][::-1]] = np.arange(size)[::-1]
    first[-1] = -1  # where missing ids have their code
    return first[codes[size:]]


def known(ids: pd.Series, among: pd.Series) -> pd.Series:
    """Tell which ids stand among others; a missing one does not."""
    return pd.Series(places(ids, among) >= 0, index=ids.index)


def looked_up(ids: pd.Series, among: pd.Series, values: pd.Series) -> pd.Series:
    """Return for each id the value beside it among others; missing where it does not stand."""
    found = values.array.take(places(ids, among), allow_fill=True)
    return pd.Series(found, index=ids.index)
