"""Names of lines and marks, written beside them, so that a figure needs no legend."""

import numpy as np


def name_tops(ax) -> None:
    """Name each group of marks at its topmost: above it, or below where others stand higher.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Whose lines are drawn with labels; marks in lines of height one.
    """
    tops = []
    for line, x, y in _named(ax):
        top = np.nanargmax(np.where(np.isfinite(x), y, -np.inf))
        tops.append((x[top], y[top], line.get_label()))
    highest = max(y for _, y, _ in tops)
    for x, y, label in tops:
        place, side = (5, "bottom") if y == highest else (-5, "top")
        form = {"xytext": (0, place), "va": side, "textcoords": "offset points"}
        ax.annotate(label, (x, y), ha="center", fontsize=7, **form)
    ax.set_ylim(top=highest + 0.9)


def name_ends(ax) -> None:
    """Name each line at its last point, in its colour, the names apart from one another.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Whose lines are drawn with labels, and whose limits are set.
    """
    ends = []
    for line, x, y in _named(ax):
        last = np.flatnonzero(np.isfinite(y))[-1:]
        ends += [(y[n], x[n], line.get_label(), line.get_color()) for n in last]
    height, apart = np.inf, 0.07 * np.ptp(ax.get_ylim())
    form = {"xytext": (5, 0), "textcoords": "offset points", "va": "center", "fontsize": 7}
    for y, x, label, color in sorted(ends, reverse=True):
        height = min(y, height - apart)
        ax.annotate(label, (x, height), color=color, **form)


def _named(ax):
    """Yield the lines that have a name, with their points."""
    for line in ax.lines:
        if not line.get_label().startswith("_"):
            x, y = (np.asarray(data, float) for data in line.get_data(orig=False))
            yield line, x, y
