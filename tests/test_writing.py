"""Files are written whole or not at all, in the place that a link leads to."""

import os

import pytest

from jkrel import writing


def test_a_text_that_cannot_be_written_leaves_all_as_it_was(tmp_path):
    """Neither the old file nor the folder shows that somebody tried."""
    path = tmp_path / "note.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        writing.text(path, "\udc80")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["note.txt"]


@pytest.mark.skipif(os.name != "posix", reason="links and permissions are those of POSIX")
def test_a_link_and_permissions_stay(tmp_path):
    """The file that a link leads to is written anew, for those who could read it before."""
    path, link = tmp_path / "note.txt", tmp_path / "link.txt"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    writing.text(link, "new")
    assert link.is_symlink() and path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
