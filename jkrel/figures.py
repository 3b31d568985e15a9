"""The house style of figures, and the plots that recur: printable, labelled, with coverage."""

import textwrap

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from jkrel.data import Dataset
from jkrel.labels import name_ends, name_tops  # noqa: F401, for notebooks

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
    months, room = np.diff(ax.get_xlim())[0] / 30, 8 * ax.figure.get_figwidth() / WIDTH
    step = next((step for step in (1, 2, 3, 4, 6, 12) if months / step <= room), 24)
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
    labels = dataset.codebook.labels("formats")
    for place, code in zip(_lines(ax, [labels[c] for c in present]), present, strict=True):
        rows = events[events["format"].eq(code)]
        ax.axhline(place, color="#DDDDDD", linewidth=0.8, zorder=1)
        for mode, group in rows.groupby("mode", observed=True):
            known = group[size].notna() if size else pd.Series(True, index=group.index)
            # large markers would hide neighbours of another mode, so all modes are spread together
            steps = _spread(len(rows))[rows["mode"].eq(mode)] if size else _spread(len(group))
            for chosen, fill in ((known, colors[code]), (~known, "white")):
                part = group[chosen]
                area = _area(part[size].astype(float)) if size and fill != "white" else 24
                style_ = {"marker": markers[mode], "facecolor": fill, "edgecolor": colors[code]}
                ax.scatter(part["date_start"], place + steps[chosen], s=area, zorder=3, **style_)


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
    grey = {"marker": "o", "color": "#AAAAAA", "linestyle": ""}
    handles += [Line2D([], [], ms=_area(n) ** 0.5, label=f"{n} min", **grey) for n in sizes]
    fig.legend(handles=handles, loc="outside lower center", ncols=len(handles))


def paired_bars(
    ax: Axes, counts: pd.DataFrame, labels: dict, colors: tuple[str, str], named: bool = False
) -> None:
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
    named : bool
        Write the periods beside the first bars that leave room for them.
    """
    short = counts.max(axis=1).le(counts.max().max() / 2)
    first = int(short.argmax()) if named and short.any() else 0
    places = _lines(ax, [labels[code] for code in counts.index])
    for (period, column), color, shift in zip(counts.items(), colors, (0.2, -0.2), strict=True):
        bars = ax.barh(places + shift, column, height=0.38, color=color, label=period)
        names = [f"{period}: {n}" if named and k == first else n for k, n in enumerate(column)]
        ax.bar_label(bars, names, padding=2, fontsize=7)
    ax.tick_params(axis="y", length=0)


def _lines(ax: Axes, labels) -> np.ndarray:
    """Give each label a line, the first on top, and return their heights."""
    heights = np.arange(len(labels))[::-1]
    ax.set_yticks(heights, list(labels))
    ax.set_ylim(-0.6, len(labels) - 0.4)
    return heights


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
    places = _lines(ax, rows.index)
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


def lengths(ax: Axes, contacts: pd.DataFrame, dataset: Dataset) -> None:
    """Draw the length of contacts by setting, with lines for the span of what sources state.

    Parameters
    ----------
    ax : Axes
    contacts : DataFrame
        Rows of :func:`jkrel.analyses.leaders.contacts` with a known length, in the order
        to be drawn.
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
        if len(rows):
            ax.text(1, places[rows].mean(), label, transform=ax.get_yaxis_transform(), va="center")
    where = contacts["city"].where(contacts["city"].notna(), "call")
    ax.set_yticks(places, list(contacts["date_start"].dt.strftime("%d %b %Y") + ", " + where))
    ax.set_xlim(0, None)
    ax.set_xlabel("minutes")


def gaps(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw the days since the contact before, as a line at each contact (log from 30 days on).

    Parameters
    ----------
    ax : Axes
        With a time axis.
    rows : DataFrame
        As :func:`jkrel.analyses.leaders.gaps` returns: date_start, days.
    """
    days = rows["days"].astype(int)
    ax.vlines(rows["date_start"], 0, days, color="#0072B2", linewidth=2)
    ax.plot(rows["date_start"], days, "o", color="#0072B2", markersize=4)
    ax.set_yscale("symlog", linthresh=30)
    ax.set_yticks([0, 10, 30, 100, 300, 1000], ["0", "10", "30", "100", "300", "1,000"])
    ax.minorticks_off()
    ax.set_ylim(0, 2000)
    ax.set_ylabel("days since the one before")


def mark(ax: Axes, day, label: str) -> None:
    """Mark a day on a time axis with a dashed line, its name above the axes, below any title."""
    ax.axvline(pd.Timestamp(day), color="#000000", linewidth=0.8, linestyle="--")
    form = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "fontsize": 8}
    ax.annotate(label, (pd.Timestamp(day), 1), xytext=(0, 2), ha="center", va="bottom", **form)
    for side in ("left", "center", "right"):
        if title := ax.get_title(side):
            ax.set_title(title, loc=side, pad=16)


def approval(ax: Axes, known: pd.DataFrame, label: str) -> None:
    """Draw approval as it was known: a level holds until the next reading is published.

    Parameters
    ----------
    ax : Axes
        With a time axis.
    known : DataFrame
        As :func:`jkrel.analyses.polling.readings` returns it; hollow markers are derived values,
        triangles readings of which only the month is known.
    label : str
        Leader and pollster, written into the lower left corner.
    """
    ax.step(known["known_on"], known["approve_pct"], where="post", color="#666666", linewidth=1)
    for basis, marker in (("published", "o"), ("field", "o"), ("month", "^")):
        for derived, fill in ((False, "#000000"), (True, "white")):
            rows = known[known["day_from"].eq(basis) & known["derived"].eq(derived)]
            style_ = {"marker": marker, "facecolor": fill, "edgecolor": "#000000"}
            ax.scatter(rows["known_on"], rows["approve_pct"], s=16, zorder=3, **style_)
    ax.annotate(label, (0.01, 0.06), xycoords="axes fraction", fontsize=8)
    ax.set_ylabel("per cent")
    ax.set_ylim(0, 70)


def correlations(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw correlations (dots) with intervals (lines) on what chance gives (grey bars).

    Parameters
    ----------
    ax : Axes
    rows : DataFrame
        Index: labels, the first on top. Columns: rho, low, high, null_low, null_high.
    """
    places = _lines(ax, rows.index)
    ax.hlines(places, rows["null_low"], rows["null_high"], color="#CCCCCC", linewidth=7)
    ax.hlines(places, rows["low"], rows["high"], color="#000000", linewidth=1)
    ax.plot(rows["rho"], places, "o", color="#000000", markersize=4)
    ax.axvline(0, color="#999999", linewidth=0.8, linestyle="--", zorder=0)
    ax.set_xlim(-1, 1)


def answered(ax: Axes, curves: dict[str, pd.DataFrame], last: int) -> None:
    """Draw the share answered by each day as steps, each curve named at its end.

    Parameters
    ----------
    ax : Axes
    curves : dict of str to DataFrame
        Label, and what :func:`jkrel.analyses.launches.answered_share` returns; low and high are
        drawn as a band where they are there. A curve that ends below one has no launch left to
        follow.
    last : int
        Last day drawn.
    """
    lines, ends, height = ("-", "--", ":", "-."), {}, 2.0
    colors = ("#000000", "#0072B2", "#D55E00", "#777777")
    for place, (label, table) in enumerate(curves.items()):
        part = table.loc[:last]
        form = {"color": colors[place % 4], "linestyle": lines[place % 4]}
        if "low" in part:
            low, high = part["low"].astype(float), part["high"].astype(float)
            band = {"color": form["color"], "alpha": 0.15, "linewidth": 0}
            ax.fill_between(part.index, low, high, step="post", **band)
        if part["share"].ge(1).any():
            part = part.reindex(range(-1, last + 1)).ffill()
        ax.step(part.index, part["share"], where="post", **form)
        ends[label] = (part.index[-1], part["share"].iloc[-1], form["color"])
    for label, (day, share, color) in sorted(ends.items(), key=lambda item: -item[1][1]):
        height = min(share, height - 0.09)
        ax.text(day + last * 0.03, height, label, color=color, fontsize=7, va="center")
    ax.set_xlim(-1, last)
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("days after the launch")


MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p", "h", "d")
"""Shapes that tell groups apart without colour."""


def looks(labels) -> dict[str, dict]:
    """Give each group a shape of its own, every second one hollow, for :func:`lanes`.

    A group keeps its look whatever else occurs, if `labels` is the whole list of groups.
    """
    fills = ("#333333", "#FFFFFF")
    return {
        label: {
            "marker": MARKERS[n % len(MARKERS)],
            "facecolor": fills[n % 2],
            "edgecolor": fills[0],
        }
        for n, label in enumerate(labels)
    }


def lanes(ax: Axes, rows: pd.DataFrame, order, looks: dict[str, dict]) -> None:
    """Draw events in lanes, the first on top, with one marker for each group.

    Parameters
    ----------
    ax : Axes
    rows : DataFrame
        Columns x (dates), lane, group; a column until, if any, draws a line from x to it, for
        days known by month only; a column note, if any, is written beside the marker; a column
        lift, if any, moves the marker up, in lanes.
    order : sequence of str
        Lanes.
    looks : dict of str to dict
        For each group, in the order of the legend, options of :meth:`Axes.scatter`.
    """
    place = dict(zip(order, _lines(ax, order), strict=True))
    for height in place.values():
        ax.axhline(height, color="#DDDDDD", linewidth=0.8, zorder=1)
    for group, look in looks.items():
        part = rows[rows["group"].eq(group)]
        heights = part["lane"].astype(object).map(place) + part.get("lift", 0)
        ax.scatter(part["x"], heights, s=26, zorder=3, label=group, **look)
    for row in rows.to_dict("records"):
        height = place[row["lane"]] + row.get("lift", 0)
        if "until" in row and pd.notna(row["until"]):
            ax.hlines(height, row["x"], row["until"], color="#777777", linewidth=2, zorder=2)
        if "note" in row and pd.notna(row["note"]):
            options = {"textcoords": "offset points", "va": "center", "fontsize": 7}
            ax.annotate(row["note"], (row["x"], height), xytext=(6, 0), **options)


def against_chance(ax: Axes, rows: pd.DataFrame, of: str | None = None) -> None:
    """Draw what was observed (dots) against what chance gives (bars, mean as a tick), by line.

    Parameters
    ----------
    ax : Axes
    rows : DataFrame
        Index: labels, the first on top. Columns: observed, expected, low, high.
    of : str, optional
        Column of the numbers of which these are parts; shares are drawn then.
    """
    places = _lines(ax, rows.index)
    values = rows[["observed", "expected", "low", "high"]].astype(float)
    if of is not None:
        values = values.div(rows[of].astype(float), axis=0)
        ax.set_xlim(0, 1)
    ax.hlines(places, values["low"], values["high"], color="#BBBBBB", linewidth=6)
    ax.plot(values["expected"], places, "|", color="#777777", markersize=8)
    ax.plot(values["observed"], places, "o", color="#000000", markersize=4)


def ladder(ax: Axes, counts: pd.DataFrame) -> None:
    """Draw counts of answers as stacked bars, darker the stronger, each part with its number.

    Parameters
    ----------
    ax : Axes
    counts : DataFrame
        Index: labels, the first on top. Columns: labels of the forms, from the mildest; the last
        is what no answer is recorded for, hatched.
    """
    places, left = _lines(ax, counts.index), np.zeros(len(counts))
    greys = np.linspace(0.92, 0.15, len(counts.columns) - 1)
    looks = [{"color": str(grey), "edgecolor": "#000000", "linewidth": 0.4} for grey in greys]
    looks += [{**UNSEEN, "edgecolor": "#777777", "linewidth": 0.4}]
    for (form, number), look in zip(counts.items(), looks, strict=True):
        bars = ax.barh(places, number, left=left, height=0.7, label=form, **look)
        dark = float(look.get("color", 1)) < 0.5
        names = [str(n) if n else "" for n in number]
        color = "#FFFFFF" if dark else "#000000"
        ax.bar_label(bars, names, label_type="center", fontsize=7, color=color)
        left = left + number.to_numpy()


def looked_at(ax: Axes, dataset: Dataset, series, years) -> None:
    """Show for each year, month under month, where series looked: white if all complete.

    Parameters
    ----------
    ax : Axes
        Its x axis becomes the leap year 2000, to which all days are moved.
    dataset : Dataset
    series : sequence of str
        Codes of ``codes/series.csv``; the best of them counts. Hatched: none looked; grey: in part.
    years : sequence of int
        One strip each, the first on top.
    """
    rows = dataset.coverage[dataset.coverage["series"].isin(series)]
    rows = rows.sort_values("completeness", ascending=False)
    day, white = pd.Timedelta(days=1), {"facecolor": "white", "edgecolor": "#000000"}
    looks = {"partial": {**PARTIAL, "facecolor": "#CCCCCC"}, "complete": white | {"linewidth": 0.6}}
    for place, year in zip(_lines(ax, list(map(str, years))), years, strict=True):
        edges = (pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31))
        whole = mdates.date2num([pd.Timestamp(2000, 1, 1), pd.Timestamp(2001, 1, 1)])
        ax.broken_barh([(whole[0], whole[1] - whole[0])], (place - 0.35, 0.7), **UNSEEN)
        for row in rows[rows["start"].le(edges[1]) & rows["end"].ge(edges[0])].itertuples():
            ends = (max(row.start, edges[0]), min(row.end, edges[1]))
            left, right = mdates.date2num([end.replace(year=2000) for end in ends])
            bar = (left, right - left + day.days)
            ax.broken_barh([bar], (place - 0.35, 0.7), **looks[row.completeness])
    ax.set_xlim(*whole)
    ax.xaxis.set_major_locator(mdates.MonthLocator())
    ax.xaxis.set_major_formatter(mdates.DateFormatter("%b"))


def missing_months(ax: Axes, values: pd.Series, start, end) -> None:
    """Hatch the months without a value on a time axis from `start` to `end`.

    Parameters
    ----------
    ax : Axes
    values : Series
        Index: months, as periods; months outside it have no value either.
    start, end : date-like
        The period shown.
    """
    start, end = pd.Timestamp(start), pd.Timestamp(end)
    known = set(values.dropna().index)
    for month in pd.period_range(start, end, freq="M"):
        if month not in known:
            last = min((month + 1).start_time, end)
            ax.axvspan(max(month.start_time, start), last, zorder=0, **UNSEEN)
    ax.set_xlim(start, end)
    time_axis(ax)


def months(ax: Axes, values: pd.Series, **form) -> None:
    """Draw monthly values at the middle of each month, broken where one is missing.

    Parameters
    ----------
    ax : Axes
    values : Series
        Index: months, as periods.
    **form
        Passed on to :meth:`matplotlib.axes.Axes.plot`.
    """
    places = values.index.to_timestamp() + pd.Timedelta(days=14)
    heights = values.astype("Float64").to_numpy(float, na_value=np.nan)
    form = {"marker": "o", "color": "#0072B2", "markersize": 4, "linewidth": 1} | form
    ax.plot(places, heights, **form)


def share_pairs(ax: Axes, rows: pd.DataFrame, labels: tuple[str, str]) -> None:
    """Draw two shares with their intervals on each line: hollow circles, then filled squares.

    Parameters
    ----------
    ax : Axes
    rows : DataFrame
        Index: labels of the lines, the first on top. Columns share, low and high, with 1 and 2.
    labels : pair of str
        Names of the two groups.
    """
    places = _lines(ax, rows.index)
    forms = (("1", 0.13, "o", "white"), ("2", -0.13, "s", "#000000"))
    for (group, shift, marker, fill), label in zip(forms, labels, strict=True):
        low, high = rows[f"low_{group}"].astype(float), rows[f"high_{group}"].astype(float)
        ax.hlines(places + shift, low, high, color="#000000", linewidth=1)
        form = {"marker": marker, "linestyle": "", "color": "#000000", "markerfacecolor": fill}
        ax.plot(rows[f"share_{group}"], places + shift, label=label, markersize=5, **form)
        x, sign, side = (
            (high.iloc[0], " ", "left") if high.iloc[0] < 0.7 else (low.iloc[0], "", "right")
        )
        beside = {"ha": side, "va": "bottom" if shift > 0 else "top", "fontsize": 7}
        ax.text(x, places[0] + shift, f"{sign}{label} ", **beside)
    ax.set_xlim(-0.02, 1)


def answered_panels(panels: dict[str, dict], last: int) -> None:
    """Draw :func:`answered` side by side.

    Parameters
    ----------
    panels : dict of str to dict
        Title, and curves by label.
    last : int
        Last day drawn.
    """
    _, axes = figure(2.6, 1, len(panels), sharey=True, squeeze=False)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        answered(ax, curves, last)
        ax.set_title(title)
    axes[0][0].set_ylabel("share answered")


def stacked_months(ax: Axes, counts: pd.DataFrame) -> None:
    """Draw counts by month as stacked bars that can be told apart in grey, with a legend.

    Parameters
    ----------
    ax : Axes
        With a time axis.
    counts : DataFrame
        Index: months (periods). Up to four columns, the first at the bottom.
    """
    looks = (("#000000", ""), ("#0072B2", ""), ("#FFFFFF", "////"), ("#DDDDDD", "...."))
    middle = counts.index.to_timestamp() + pd.Timedelta(days=14)
    bottom = counts.cumsum(axis=1) - counts
    for (name, column), (color, hatch) in zip(counts.items(), looks, strict=False):
        form = {"color": color, "hatch": hatch, "edgecolor": "#555555", "linewidth": 0.5}
        ax.bar(middle, column, 24, bottom[name], label=name, **form)
    ax.legend(ncols=2, loc="upper right")


def calendar_months(ax: Axes, values: pd.Series, looks: dict) -> None:
    """Draw monthly values over the twelve months, one line a year, broken where one is missing.

    Parameters
    ----------
    ax : Axes
    values : Series
        Index: months, as periods.
    looks : dict of int to tuple
        Marker and colour of each year; years without an entry are left out.
    """
    for year, (marker, color) in looks.items():
        part = values[values.index.year == year]
        part = part.set_axis(part.index.month).reindex(range(1, 13)).astype(float)
        form = {"marker": marker, "color": color, "linewidth": 1, "markersize": 4}
        ax.plot(part.index, part, label=str(year), **form)
    ax.set_xticks(range(1, 13), list("JFMAMJJASOND"))
    ax.set_ylim(0, None)
    name_ends(ax)


def surveys(ax: Axes, readings: pd.DataFrame, looks: dict) -> None:
    """Draw survey readings with their intervals, a line for each country, some days apart.

    Parameters
    ----------
    ax : Axes
    readings : DataFrame
        Rows of one question: country_from, period_start, value, low, high.
    looks : dict of str to tuple
        Country, and marker, fill and label.
    """
    for place, (country, (marker, fill, label)) in enumerate(looks.items()):
        part = readings[readings["country_from"].eq(country)]
        days = part["period_start"] + pd.Timedelta(days=(2 * place - 1) * 20)
        ax.vlines(days, part["low"], part["high"], color="#000000", linewidth=1)
        form = {"color": "#000000", "markerfacecolor": fill, "linewidth": 0.6, "markersize": 5}
        ax.plot(days, part["value"].astype(float), marker=marker, label=label, **form)
    years = sorted(set(readings["period_start"].dt.year))
    ax.set_xticks(pd.to_datetime([f"{year}-08-15" for year in years]), years)
    ax.margins(x=0.2)
    name_ends(ax)


def stances(ax: Axes, held: pd.DataFrame, told: pd.DataFrame, dataset: Dataset) -> None:
    """Draw what documents say on each topic: a column per stance, a line where stances differ.

    Each column has a place for every document. Size is emphasis; a cross is a stance that another
    source gives; a hollow marker in the last column means that no source read tells it.

    Parameters
    ----------
    ax : Axes
    held, told : DataFrame
        As :func:`jkrel.analyses.strategies.held` and
        :func:`jkrel.analyses.strategies.told` return them.
    dataset : Dataset
        Gives topics, stances and emphases with their labels, and the looks of documents.
    """
    columns = ["marker", "color", "short"]
    looks = dataset.strategy_documents.set_index("code")[columns].T.to_dict("list")
    topics, unknown = dataset.topics, dataset.stances["code"].astype(int).max() + 1
    _stance_columns(ax, dataset.stances)
    apart = topics["kind"].ne(topics["kind"].shift()).cumsum()
    heights = pd.Series(1 - apart.to_numpy() - range(len(topics)), topics["code"])
    shifts = {name: 0.28 * (n - (len(looks) - 1) / 2) for n, name in enumerate(looks)}
    x = held["stance"] + held["document"].astype(object).map(shifts)
    several = held.groupby("topic", observed=True)["stance"].transform("nunique").gt(1)
    ends = x[several].groupby(held["topic"].astype(str)).agg(["min", "max"])
    ax.hlines(heights, *ax.get_xlim(), color="#EEEEEE", linewidth=0.6, zorder=0)
    ax.hlines(heights[ends.index], *ends.to_numpy().T, color="#BBBBBB", linewidth=2, zorder=1)
    for name, (marker, color, short) in looks.items():
        shift, (rows, others) = shifts[name], (_of(table, name, heights) for table in (held, told))
        form = {"marker": marker, "color": color, "zorder": 3}
        ax.scatter(rows["stance"] + shift, rows.index, _emphasis_area(rows["emphasis"]), **form)
        others = others[others["stance"].ne(rows["stance"].reindex(others.index))]
        cross = {"marker": "x", "color": color, "zorder": 4, "linewidth": 1}
        ax.scatter(others["stance"] + shift, others.index, 18, **cross)
        silent = heights[~heights.isin(rows.index)]
        hollow = {"facecolor": "white", "edgecolor": "#777777", "linewidth": 0.7, "marker": marker}
        ax.scatter([unknown + shift] * len(silent), silent, 16, **hollow)
        spot = (rows["stance"].iloc[0] + shift, rows.index[0] + 0.42)
        ax.annotate(short, spot, ha="center", fontsize=6.5, color=color, weight="bold")
    ax.set_yticks(heights, list(topics["label"]))
    ax.set_ylim(heights.min() - 0.6, 1.2)
    _emphasis_legend(ax, dataset.emphases)


def _of(rows: pd.DataFrame, document: str, heights: pd.Series) -> pd.DataFrame:
    rows = rows[rows["document"].eq(document)]
    return rows.set_index(heights[rows["topic"].astype(str)].to_numpy())


def _emphasis_area(emphasis):
    return 14 + 10 * (emphasis - 1) ** 2 + 8 * (emphasis - 1)


def _stance_columns(ax: Axes, stances: pd.DataFrame) -> None:
    levels = [*stances["code"].astype(int), stances["code"].astype(int).max() + 1]
    names = [textwrap.fill(label, 13) for label in stances["label"]]
    ax.set_xticks(levels, [*names, "Not\nreported"])
    ax.set_xlim(levels[0] - 0.5, levels[-1] + 0.5)
    for level in levels[1:]:
        ax.axvline(level - 0.5, color="#DDDDDD", linewidth=0.6, zorder=0)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _emphasis_legend(ax: Axes, emphases: pd.DataFrame) -> None:
    grey = {"color": "#777777", "linestyle": ""}
    known = emphases[emphases["code"].astype(int) > 0]
    handles = [
        Line2D([], [], marker="o", ms=_emphasis_area(int(code)) ** 0.5, label=label, **grey)
        for code, label in zip(known["code"], known["label"], strict=True)
    ]
    handles += [Line2D([], [], marker="x", ms=4, label="Another source", **grey)]
    box = {"frameon": True, "edgecolor": "none", "framealpha": 1}
    ax.legend(handles=handles, loc="lower left", title="Emphasis", **box)
