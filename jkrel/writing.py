"""Files and folders that are written whole or not at all."""

import os
import shutil
import sys
from pathlib import Path


def text(path: Path, content: str) -> None:
    """Write a file in UTF-8, whole or not at all; its permissions stay, and a link to it does."""
    path = path.resolve()
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(content, encoding="utf-8", newline="\n")
        if path.exists():
            shutil.copymode(path, part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def replace(target: Path, part: Path, aside: Path) -> None:
    """Put a finished folder in the place of an old one, which comes back if that fails.

    Where the system can swap two names (Linux and macOS, on their own disks), one or the other
    folder stands at every moment. Elsewhere (Windows, some network disks) a process that is killed
    between two renamings leaves none, until what was put aside is renamed.

    Parameters
    ----------
    target : Path
        Where the finished folder belongs, on the disk on which it is; there may be nothing.
    part : Path
        The finished folder; holds the old one afterwards if the two changed names.
    aside : Path
        Where the old folder waits meanwhile.
    """
    if target.exists() and _swapped(part, target):
        return
    if target.exists():
        target.rename(aside)
    try:
        part.rename(target)
    except OSError:
        if aside.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _swapped(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; False if system or disk cannot.

    Python has no call for it: Linux has renameat2 with RENAME_EXCHANGE (2), macOS renameatx_np with
    RENAME_SWAP (2).
    """
    import ctypes

    name, here = {"linux": ("renameat2", -100), "darwin": ("renameatx_np", -2)}.get(
        sys.platform, ("", 0)
    )
    rename = getattr(ctypes.CDLL(None), name, None) if name else None
    if rename is None:
        return False
    sys.audit("os.rename", str(one), str(other), -1, -1)
    return rename(here, os.fsencode(one), here, os.fsencode(other), ctypes.c_uint(2)) == 0
