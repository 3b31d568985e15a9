"""Which coded article a text is a copy of, and what the copy has beyond it."""

import pandas as pd

ENOUGH = 0.5
"""Share of the text's days that an article must have too, for the text to be taken as its copy."""


def candidates(entries: pd.DataFrame, told: pd.DataFrame) -> pd.Series:
    """Count the days that a text shares with each coded article.

    Parameters
    ----------
    entries : DataFrame
        Entries of the text, as :func:`jkrel.chronology.read` returns them.
    told : DataFrame
        ``event_sources``: source_id, entry_sha256, date_stated.

    Returns
    -------
    Series
        Days shared by source_id, the most first; articles without such a day are left out.
    """
    printed = told.dropna(subset=["entry_sha256", "date_stated"])
    days = printed[printed["date_stated"].isin(entries["date_start"].dropna())]
    shared = days.groupby("source_id")["date_stated"].nunique()
    return shared.sort_index().sort_values(ascending=False, kind="stable")


def recognise(entries: pd.DataFrame, told: pd.DataFrame) -> tuple[str, int, int]:
    """Find the article whose entries bear the days of a text.

    Parameters
    ----------
    entries, told : DataFrame
        As for :func:`candidates`.

    Returns
    -------
    tuple
        source_id of the article, days shared, days of the text.

    Raises
    ------
    ValueError
        If no article has at least half of the days, or several have the most; candidates are
        listed.
    """
    days = int(entries["date_start"].dropna().nunique())
    shared = candidates(entries, told)
    if shared.empty:
        raise ValueError("no coded article has entries of these days; name one with --source")
    most = int(shared.iloc[0])
    if most < ENOUGH * days or shared.eq(most).sum() > 1:
        named = ", ".join(f"{source} {number}" for source, number in shared.items())
        why = "fewer than half" if most < ENOUGH * days else "several articles have the most"
        raise ValueError(
            f"no article is recognised by its days: of {days} in the text, coded articles have "
            f"{named} ({why}); name one with --source"
        )
    return str(shared.index[0]), most, days


def surplus(entries: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """List entries of a text that its article, as coded, does not have.

    Parameters
    ----------
    entries : DataFrame
        As for :func:`candidates`.
    told : DataFrame
        Rows of ``event_sources`` of one article: locator, entry_sha256.

    Returns
    -------
    DataFrame
        Those of `entries` whose words are no coded passage, and which do not stand, with other
        words, in the place of a coded entry that the text lacks.
    """
    hashes = set(entries["sha256"])
    lacking = told.loc[~told["entry_sha256"].isin(hashes), "locator"]
    numbers = entries["entry_id"].str.rpartition("-")[2]
    in_place = numbers.isin(set(lacking.str.rpartition("-")[2]))
    return entries[~entries["sha256"].isin(set(told["entry_sha256"])) & ~in_place]
