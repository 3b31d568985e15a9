"""The house style of figures, and the plots that recur: printable, labelled, with coverage."""

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from jkrel.data import Dataset

WIDTH = 183 / 25.4
"""Width of a figure over both columns of a journal, in inches."""
UNSEEN = {"facecolor": "#F2F2F2", "edgecolor": "#CCCCCC", "hatch": "////", "linewidth": 0}
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
"""Labels of a log axis."""
PARTIAL = {"facecolor": "#EEEEEE", "edgecolor": "none", "linewidth": 0}


def style() -> None:
    """Set the house style: white ground, thin grid, 9-point sans serif, no frame."""
    sns.set_theme(
        style="ticks",
        font="DejaVu Sans",
        rc={
            "figure.dpi": 110,
            "figure.constrained_layout.use": True,
            "font.size": 9,
            "axes.titlesize": 9,
            "axes.labelsize": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid.axis": "x",
            "xtick.labelsize": 8,
            "ytick.labelsize": 8,
            "legend.fontsize": 8,
            "legend.frameon": False,
            "legend.title_fontsize": 8,
            "hatch.linewidth": 0.4,
            "svg.hashsalt": "jkrel",
        },
    )


def figure(height: float, rows: int = 1, columns: int = 1, **options) -> tuple[Figure, Axes]:
    """Return a figure of journal width (183 mm) and the given height in inches, with its axes."""
    return plt.subplots(rows, columns, figsize=(WIDTH, height), **options)


def coverage_bands(ax: Axes, dataset: Dataset, series: str, start, end) -> None:
    """Show on a time axis where a series did not look (hatched) or looked in part (grey).

    Parameters
    ----------
    ax : Axes
        Its x axis becomes the period from `start` to `end`.
    dataset : Dataset
    series : str
        A code of ``codes/series.csv``.
    start, end : date-like
        The period shown.
    """
    start, end = pd.Timestamp(start), pd.Timestamp(end)
    rows = dataset.coverage[dataset.coverage["series"].eq(series)].sort_values("start")
    day, edge = pd.Timedelta(days=1), start
    for window in rows.itertuples():
        first, last = max(window.start, start), min(window.end + day, end)
        if first >= last:
            continue
        if first > edge:
            ax.axvspan(edge, first, zorder=0, **UNSEEN)
        if window.completeness == "partial":
            ax.axvspan(first, last, zorder=0, **PARTIAL)
        edge = max(edge, last)
    if edge < end:
        ax.axvspan(edge, end, zorder=0, **UNSEEN)
    ax.set_xlim(start, end)
    time_axis(ax)


def time_axis(ax: Axes) -> None:
    """Label a time axis with months and years, so that no label needs its neighbour."""
    months = np.diff(ax.get_xlim())[0] / 30
    step = next((step for step in (1, 2, 3, 4, 6, 12) if months / step <= 8), 24)
    ax.xaxis.set_major_locator(mdates.MonthLocator(interval=step))
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%b %Y"))
    ax.set_xlabel("")


def timeline(ax: Axes, events: pd.DataFrame, dataset: Dataset, size: str | None = None) -> None:
    """Draw events on one line per format: colour is the format, the marker the mode.

    Parameters
    ----------
    ax : Axes
    events : DataFrame
        Columns date_start, format, mode.
    dataset : Dataset
        Gives order, labels, colours and markers.
    size : str, optional
        Column of minutes; larger markers for longer talks, small hollow ones where unknown.
    """
    present = [code for code in dataset.codebook.order("formats") if code in set(events["format"])]
    colors = dataset.codebook.attribute("formats", "color")
    markers = dataset.codebook.attribute("modes", "marker")
    for place, code in enumerate(reversed(present)):
        rows = events[events["format"].eq(code)]
        ax.axhline(place, color="#DDDDDD", linewidth=0.8, zorder=1)
        for mode, group in rows.groupby("mode", observed=True):
            known = group[size].notna() if size else pd.Series(True, index=group.index)
            for part, fill in ((group[known], colors[code]), (group[~known], "white")):
                heights = place + _spread(len(part))
                area = _area(part[size].astype(float)) if size and fill != "white" else 24
                style_ = {"marker": markers[mode], "facecolor": fill, "edgecolor": colors[code]}
                ax.scatter(part["date_start"], heights, s=area, zorder=3, **style_)
    labels = dataset.codebook.labels("formats")
    ax.set_yticks(range(len(present)), [labels[code] for code in reversed(present)])
    ax.set_ylim(-0.6, len(present) - 0.4)


def _area(minutes):
    return minutes * 2 + 12


def _spread(count: int) -> np.ndarray:
    """Return small offsets in turn, so that neighbours in time do not hide one another."""
    steps = 7 if count > 30 else 3 if count > 3 else 1
    return (np.arange(count) * 2 % steps - steps // 2) * (0.48 / steps)


def mode_legend(fig: Figure, events: pd.DataFrame, dataset: Dataset, sizes=()) -> None:
    """Explain the markers of the timelines of a figure, below it, and sizes in minutes if any."""
    markers = dataset.codebook.attribute("modes", "marker")
    labels = dataset.codebook.labels("modes")
    present = [code for code in dataset.codebook.order("modes") if code in set(events["mode"])]
    handles = [
        Line2D([], [], marker=markers[code], color="#555555", linestyle="", label=labels[code])
        for code in present
    ]
    handles += [
        Line2D(
            [], [], marker="o", color="#AAAAAA", linestyle="", ms=_area(n) ** 0.5, label=f"{n} min"
        )
        for n in sizes
    ]
    fig.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def paired_bars(ax: Axes, counts: pd.DataFrame, labels: dict, colors: tuple[str, str]) -> None:
    """Draw counts of two periods as pairs of horizontal bars, each with its number.

    Parameters
    ----------
    ax : Axes
    counts : DataFrame
        Index: codes in order, first on top. Two columns: the periods.
    labels : dict
        Labels of the codes.
    colors : pair of str
        Colours of the periods.
    """
    places = range(len(counts))
    for (period, column), color, shift in zip(counts.items(), colors, (0.2, -0.2), strict=True):
        heights = [len(counts) - 1 - place + shift for place in places]
        bars = ax.barh(heights, column, height=0.38, color=color, label=period)
        ax.bar_label(bars, padding=2, fontsize=7)
    ax.set_yticks([len(counts) - 1 - place for place in places], [labels[c] for c in counts.index])
    ax.set_ylim(-0.6, len(counts) - 0.4)
    ax.tick_params(axis="y", length=0)


def intervals(ax: Axes, rows: pd.DataFrame, reference: float | None = 1) -> None:
    """Draw estimates with intervals on a log axis, one line each, the first on top.

    Parameters
    ----------
    ax : Axes
    rows : DataFrame
        Index: labels. Columns: ratio, low, high.
    reference : float, optional
        Value of no difference.
    """
    places = list(range(len(rows) - 1, -1, -1))
    ends = rows[["ratio", "low", "high"]].astype(float)
    shown = ends.to_numpy()[np.isfinite(ends) & (ends > 0)]
    limits = (shown.min() / 1.5, shown.max() * 1.5)
    spans = ends.clip(*limits)
    ax.hlines(places, spans["low"], spans["high"], color="#000000", linewidth=1)
    ax.plot(ends["ratio"], places, "o", color="#000000", markersize=5)
    if reference is not None:
        ax.axvline(reference, color="#999999", linewidth=0.8, linestyle="--", zorder=0)
    ax.set_xscale("log")
    ax.set_xlim(limits)
    ticks = [tick for tick in TICKS if limits[0] <= tick <= limits[1]]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set_yticks(places, list(rows.index))
    ax.set_ylim(-0.6, len(rows) - 0.4)


def chance(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw observed shares (dots) against what chance gives (bars), one line each.

    Parameters
    ----------
    ax : Axes
    rows : DataFrame
        Index: labels. Columns: events, observed, low, high, as counts.
    """
    places = np.arange(len(rows))[::-1]
    shares = rows[["observed", "low", "high"]].div(rows["events"], axis=0)
    ax.hlines(places, shares["low"], shares["high"], color="#BBBBBB", linewidth=6)
    ax.plot(shares["observed"], places, "o", color="#000000")
    ax.set_yticks(places, list(rows.index))
    ax.set_xlim(0, 1)


def lengths(ax: Axes, contacts: pd.DataFrame, dataset: Dataset) -> None:
    """Draw the length of contacts by setting, with lines for the span of what sources state.

    Parameters
    ----------
    ax : Axes
    contacts : DataFrame
        Rows of :func:`jkrel.leaders.contacts` with a known length, in the order to be drawn.
    dataset : Dataset
        Gives labels and colours of the settings.
    """
    colors = dataset.codebook.attribute("settings", "color")
    markers = dataset.codebook.attribute("settings", "marker")
    values = contacts[["duration_min", "shortest_min", "longest_min"]].astype(float)
    places = pd.Series(range(len(contacts)), index=contacts.index)
    for code, label in dataset.codebook.labels("settings").items():
        rows = contacts.index[contacts["setting"].eq(code)]
        low, high = values.loc[rows, "shortest_min"], values.loc[rows, "longest_min"]
        ax.hlines(places[rows], low, high, color=colors[code])
        form = {"marker": markers[code], "color": colors[code], "linestyle": ""}
        ax.plot(values.loc[rows, "duration_min"], places[rows], label=label, **form)
    where = contacts["city"].where(contacts["city"].notna(), "call")
    ax.set_yticks(places, list(contacts["date_start"].dt.strftime("%d %b %Y") + ", " + where))
    ax.set_xlim(0, None)
    ax.set_xlabel("minutes")
    ax.legend(loc="lower right", title="Setting")


def gaps(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw the days since the contact before, as a line at each contact (log from 30 days on).

    Parameters
    ----------
    ax : Axes
        With a time axis.
    rows : DataFrame
        As :func:`jkrel.leaders.gaps` returns: date_start, days.
    """
    days = rows["days"].astype(int)
    ax.vlines(rows["date_start"], 0, days, color="#0072B2", linewidth=2)
    ax.plot(rows["date_start"], days, "o", color="#0072B2", markersize=4)
    ax.set_yscale("symlog", linthresh=30)
    ax.set_yticks([0, 30, 100, 300, 1000], ["0", "30", "100", "300", "1,000"])
    ax.set_ylim(0, 2000)
    ax.set_ylabel("days since the one before")


def mark(ax: Axes, day, label: str) -> None:
    """Mark a day on a time axis with a dashed line and its name."""
    ax.axvline(pd.Timestamp(day), color="#000000", linewidth=0.8, linestyle="--")
    place = (pd.Timestamp(day), 1)
    options = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    ax.annotate(label, place, xytext=(4, -2), va="top", fontsize=8, **options)
