"""What notebooks give does not depend on jobs, hashes, time zone, locale or current folder."""

import os
from pathlib import Path

import matplotlib.image
import nbformat
import numpy as np
import pandas as pd
import pytest
import same_results
from nbformat import v4

TWO = ["00_template", "08_strategy_documents"]


@pytest.fixture(scope="module")
def recorded():
    """The last run of all notebooks, as it stands in benchmarks/results."""
    return pd.read_csv(same_results.RESULTS, keep_default_na=False)


def test_two_notebooks_give_the_same_in_two_settings(tmp_path):
    """Other jobs, seed of hashes, time zone, locale and folder: every cell, table and figure."""
    first, *_, last = same_results.settings(tmp_path)
    if not same_results.make_locale(last.locale, tmp_path) and "CI" not in os.environ:
        pytest.skip(f"no locale {last.locale} here, and none can be made")
    (tmp_path / "runs").mkdir()
    found = same_results.trial(TWO, [first, last], tmp_path / "runs").iloc[0]
    assert found["which"] == ""
    assert found["notebooks"] == 2 and found["cells"] > 10 and found["figures"] >= 2


def test_every_notebook_was_the_same_in_every_setting(recorded):
    """The record covers all notebooks, two job counts, three time zones, and the same run again."""
    assert recorded["differing"].eq(0).all()
    assert recorded["notebooks"].eq(len(list(same_results.NOTEBOOKS.glob("*.ipynb")))).all()
    kept = [str(setting) for setting in same_results.settings(Path("/elsewhere"))[1:]]
    assert recorded["setting"].str.removeprefix("the same again: ").tolist() == kept


def test_a_difference_is_seen(tmp_path):
    """Another table, another text, another line or another picture: each is named."""
    for name, text in (("one", "1"), ("other", "2")):
        for folder in ("notebooks", "tables", "figures"):
            (tmp_path / name / folder).mkdir(parents=True)
        output = v4.new_output("stream", text=text)
        cells = [v4.new_code_cell("print()", id="a", outputs=[output])]
        nbformat.write(v4.new_notebook(cells=cells), tmp_path / name / "notebooks" / "a.ipynb")
        (tmp_path / name / "tables" / "a.csv").write_text(text, encoding="utf-8")
        drawn = f"<dc:date>{text * 3}</dc:date>"
        (tmp_path / name / "figures" / "same.svg").write_text(drawn, encoding="utf-8")
        (tmp_path / name / "figures" / "a.svg").write_text(text, encoding="utf-8")
        picture = np.zeros((4, 4, 3)) + float(text) / 4
        matplotlib.image.imsave(tmp_path / name / "figures" / "a.png", picture)
    counts, differing = same_results.compare(tmp_path / "one", tmp_path / "other")
    assert counts == {"notebooks": 1, "tables": 1, "figures": 2, "pictures": 1, "cells": 1}
    assert [Path(name).name for name in differing] == ["a cell 0", "a.csv", "a.svg", "a.png"]
