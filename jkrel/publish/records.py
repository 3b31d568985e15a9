"""The page of the site on how jkrel is tested, from the records that its commands leave."""

import re
import subprocess
from pathlib import Path

from jkrel.data import Dataset
from jkrel.publish.pages import ROOT, fill, page, raw, strings

RESULTS = ROOT / "benchmarks" / "results"
LAST = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2}) (?P<revision>[0-9a-f]+)")


def tested(dataset: Dataset) -> dict[str, str]:
    """Write the page, with a section for each record, whether its command was run or not.

    Parameters
    ----------
    dataset : Dataset
        Not used: what makes pages is called with it.

    Returns
    -------
    dict of str
        The text by its path in the source folder of the site.
    """
    body = raw(fill("tested", found=records(RESULTS)))
    return {"tested.md": page("How it is tested", body, orphan=False)}


def records(folder: Path) -> list[dict]:
    """Read what ``results.csv`` tells of, in its order.

    Parameters
    ----------
    folder : Path
        With ``results.csv`` (file, title, command, says) and the files that it names.

    Returns
    -------
    list of dict
        File, title, command, says; head and rows of the file, both empty where no run left one;
        changed, as :func:`changed` tells it.
    """
    known, *told = strings(folder / "results.csv")
    found = []
    for row in (dict(zip(known, line, strict=True)) for line in told):
        path = folder / row["file"]
        head, *rows = strings(path) if path.is_file() else [[]]
        names = [name.replace("_", " ") for name in head]
        found.append(row | {"head": names, "rows": rows, "changed": changed(path)})
    return found


def changed(path: Path) -> dict[str, str]:
    """Tell when git saw a file change last.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str
        Date and revision. Empty where that is not known: without git, outside a repository, in one
        that lacks its older revisions, and for a file that differs from its last revision.
    """
    # The oldest revision of a shallow clone seems to have changed every file.
    whole = _git(path.parent, "rev-parse", "--is-shallow-repository") == "false"
    if not whole or _git(path.parent, "status", "--porcelain", "--", path.name) != "":
        return {}
    last = LAST.fullmatch(_git(path.parent, "log", "-1", "--format=%cs %h", "--", path.name) or "")
    return last.groupdict() if last else {}


def _git(folder: Path, *arguments: str) -> str | None:
    """What git prints, or nothing where there is no git, or no repository."""
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode(errors="replace").strip()
