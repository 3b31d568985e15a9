"""The plots that recur look as they did: drawn from tables made up here, compared as pictures.

After a change that is meant, ``pytest tests/test_pictures.py --mpl-generate-path=tests/baseline``
draws the baseline anew; look at it before it is committed.
"""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from jkrel import figures

pytestmark = pytest.mark.skipif(
    matplotlib.__version_info__ < (3, 11),
    reason="matplotlib before 3.11 places text, and so all else, half a pixel away",
)
PICTURE = pytest.mark.mpl_image_compare(
    baseline_dir="baseline",
    style="default",
    tolerance=10,
    savefig_kwargs={"dpi": 60, "metadata": {"Software": None}},
)
"""Tolerance: the root mean square of differences in grey, of 255, as fonts differ a little."""


@pytest.fixture(autouse=True)
def closed():
    """Each test leaves no figure open, and no style behind."""
    with plt.rc_context():
        yield
        plt.close("all")


def figure(height):
    """An empty figure in the house style, whatever style the comparison starts from."""
    figures.style()
    return figures.figure(height)


@PICTURE
def test_timeline_over_coverage(dataset):
    """Formats on lines, modes by marker, longer talks larger, and what nobody looked at hatched."""
    days = pd.date_range("2022-06-01", "2024-05-01", periods=24)
    events = pd.DataFrame({"date_start": days, "minutes": [None, 20, 45, 90] * 6})
    events["format"] = ["bilateral", "trilateral", "multilateral"] * 8
    events["mode"] = ["in_person", "phone"] * 12
    fig, ax = figure(2)
    figures.coverage_bands(ax, dataset, "chronology", "2022-06-01", "2024-06-01")
    figures.timeline(ax, events, dataset, "minutes")
    figures.time_axis(ax)
    figures.mode_legend(fig, events, dataset, sizes=(30, 90))
    return fig


@PICTURE
def test_ratios_with_intervals():
    """Estimates on a log axis; an interval without an upper end runs to the edge."""
    rows = {"ratio": [0.5, 2.0, 4.0], "low": [0.2, 0.9, 1.1], "high": [1.2, 4.5, float("inf")]}
    fig, ax = figure(1.6)
    figures.intervals(ax, pd.DataFrame(rows, index=["Visits", "Statements", "Protests"]))
    return fig


@PICTURE
def test_ladder_of_answers():
    """Stacked bars, darker the stronger, what is not recorded hatched, each with its number."""
    counts = pd.DataFrame(
        {"Words": [3, 1], "Summons": [2, 0], "Measures": [0, 4], "None recorded": [1, 2]},
        index=["Textbooks", "Shrine visits"],
    )
    fig, ax = figure(1.6)
    figures.ladder(ax, counts)
    fig.legend(loc="outside lower center", ncols=4)
    return fig


@PICTURE
def test_months_with_gaps():
    """Monthly values, broken where one is missing, and the months without any marked."""
    months = pd.period_range("2023-01", "2024-06", freq="M")
    values = pd.Series(range(len(months)), index=months, dtype="Float64")
    values[4:7] = pd.NA
    fig, ax = figure(1.6)
    figures.months(ax, values)
    figures.missing_months(ax, values, "2023-01-01", "2024-06-30")
    return fig


@PICTURE
def test_shares_of_two_groups():
    """Two shares on each line, hollow circles and filled squares, with their intervals."""
    rows = pd.DataFrame(
        {
            **{"share_1": [0.4, 0.7], "low_1": [0.2, 0.5], "high_1": [0.6, 0.85]},
            **{"share_2": [0.5, 0.3], "low_2": [0.35, 0.1], "high_2": [0.65, 0.55]},
        },
        index=["Economy", "Security"],
    )
    fig, ax = figure(1.6)
    figures.share_pairs(ax, rows, ("2022", "2024"))
    return fig
