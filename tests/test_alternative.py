"""Alternative texts: what is drawn, in words, made from the marks themselves."""

import matplotlib
import pandas as pd
import pytest

matplotlib.use("agg")
import matplotlib.pyplot as plt

from jkrel import figures
from jkrel.publish import alternative


@pytest.fixture
def axes():
    """Axes in the house style, closed afterwards."""
    figures.style()
    figure, ax = figures.figure(2)
    yield figure, ax
    plt.close(figure)


def test_estimates_come_by_line_with_their_intervals(axes):
    """First the one on top."""
    figure, ax = axes
    rows = pd.DataFrame({"ratio": [2.0, 0.5], "low": [1.0, 0.25], "high": [4.0, 1.0]})
    figures.intervals(ax, rows.set_axis(["All", "Some"]))
    ax.set_xlabel("ratio")
    assert alternative.describe(figure) == (
        "Chart (across: ratio, 0.167 to 6). All: 2 (1 to 4); Some: 0.5 (0.25 to 1)."
    )


def test_bars_come_with_their_names_and_empty_ones_do_not(axes):
    """A bar without length is not named."""
    figure, ax = axes
    counts = pd.DataFrame({"2022": [3, 0], "2024": [1, 2]}, index=["a", "b"])
    figures.paired_bars(ax, counts, {"a": "Calls", "b": "Meetings"}, ("#000000", "#BBBBBB"))
    assert alternative.describe(figure).endswith("Calls: 2022 3, 2024 1; Meetings: 2024 2.")


def test_a_time_axis_has_days_and_not_numbers(axes):
    """As the axis writes them."""
    figure, ax = axes
    months = pd.period_range("2022-01", "2022-06", freq="M")
    figures.months(ax, pd.Series(range(6), index=months))
    figures.time_axis(ax)
    text = alternative.describe(figure)
    assert text.startswith("Chart (across: time, Jan 2022 to Jun 2022; up: values, ")
    assert text.endswith("6 marks, 0 to 5.")


def test_panels_that_share_an_axis_each_have_its_names():
    """Although the names are written once."""
    figure, panels = figures.figure(2, 1, 2, sharey=True)
    rows = pd.DataFrame({"ratio": [2.0], "low": [1.0], "high": [4.0]}, index=["All"])
    for ax, title in zip(panels, ("Left", "Right"), strict=True):
        figures.intervals(ax, rows)
        ax.set_title(title)
    text = alternative.describe(figure)
    plt.close(figure)
    assert text.count("All: 2 (1 to 4)") == 2
    assert "Panel “Left”" in text and "Panel “Right”" in text


def test_a_long_text_says_that_it_is_cut(axes):
    """It ends between two lines, and says that there are more."""
    figure, ax = axes
    rows = pd.DataFrame({"ratio": [2.0] * 90, "low": [1.0] * 90, "high": [4.0] * 90})
    figures.intervals(ax, rows.set_axis([f"Choice {n}" for n in range(90)]))
    text = alternative.describe(figure)
    assert text.endswith("(1 to 4); and more.")
    assert len(text) <= alternative.LONGEST + 12
