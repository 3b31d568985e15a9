"""Alternative text of a figure, made from what is drawn, for readers who do not see it."""

import re

MIME = "text/x-alternative"
"""Under what name the text travels from the kernel that drew the figure."""
LONGEST = 1500
"""Characters of an alternative text; what goes beyond is left out, and said to be."""


def describe(figure) -> str:
    """Describe a figure by its axes and by the values drawn on them.

    Parameters
    ----------
    figure : matplotlib.figure.Figure

    Returns
    -------
    str
        For each panel its title and axes; then, where the vertical axis has words, the values of
        each, with the ends of intervals, and otherwise the range of each line or group of marks.
    """
    panels = [_panel(ax) for ax in figure.axes if ax.get_visible()]
    text = re.sub(r"\s+", " ", " ".join(panel for panel in panels if panel)).strip()
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(";", 1)[0] + "; and more."


def _panel(ax) -> str:
    names, groups = _categories(ax), _groups(ax)
    said = _by_category(ax, names, groups) if names else _by_group(ax, groups)
    lead = f"Panel “{ax.get_title()}”" if ax.get_title() else "Chart"
    across = f"across: {_axis(ax.xaxis, ax.get_xlim())}"
    up = "" if names else f"; up: {_axis(ax.yaxis, ax.get_ylim())}"
    return f"{lead} ({across}{up}). {'; '.join(said)}." if said else ""


def _axis(axis, limits) -> str:
    name = axis.label.get_text() or ("time" if _form(axis) else "values")
    return f"{name}, {_span(axis, limits)}"


def _categories(ax) -> dict[float, str]:
    """Return the words on the vertical axis by their height, from the top, if it has words."""
    places = ax.get_yticks()
    labels = ax.yaxis.get_major_formatter().format_ticks(places)
    words = {p: text for p, text in zip(places, labels, strict=True) if re.search("[A-Za-z]", text)}
    return dict(sorted(words.items(), reverse=True))


def _groups(ax) -> list[tuple[str, list[tuple[float, float]]]]:
    """Return what is drawn in the units of the data: the name of each group, and its points."""
    found = []
    for line in ax.lines:
        if line.get_transform() == ax.transData:
            xs, ys = line.get_xdata(orig=False), line.get_ydata(orig=False)
            found.append((line.get_label(), list(zip(map(float, xs), map(float, ys), strict=True))))
    for marks in ax.collections:
        if not hasattr(marks, "get_segments") and len(marks.get_offsets()):
            if marks.get_offset_transform() == ax.transData:
                points = [tuple(point) for point in marks.get_offsets().filled(float("nan"))]
                found.append((marks.get_label(), points))
    return found + [(bars.get_label(), _ends(bars)) for bars in ax.containers]


def _ends(bars) -> list[tuple[float, float]]:
    """Return the length of each bar at its place on the other axis, empty bars left out."""
    if bars.orientation == "horizontal":
        ends = [(bar.get_width(), bar.get_y() + bar.get_height() / 2) for bar in bars]
        return [(x, y) for x, y in ends if x]
    return [(bar.get_x() + bar.get_width() / 2, bar.get_height()) for bar in bars]


def _intervals(ax, place: float) -> list[str]:
    """Return the ends of the level lines at a height, in data units."""
    drawn = [marks for marks in ax.collections if hasattr(marks, "get_segments")]
    lines = [line for marks in drawn for line in marks.get_segments() if len(line) == 2]
    level = [(a[0], b[0]) for a, b in lines if abs(a[1] - place) < 0.3 and a[1] == b[1]]
    return [_span(ax.xaxis, ends) for ends in level if ends[0] != ends[1]]


def _by_category(ax, names: dict, groups: list) -> list[str]:
    said = []
    for place, name in names.items():
        values = []
        for label, points in groups:
            found = [x for x, y in points if abs(y - place) < 0.5 and x == x]
            values += [_named(label, _values(ax.xaxis, found))] if found else []
        lines = [f"({ends})" for ends in _intervals(ax, place)]
        text = ", ".join(dict.fromkeys(values)) + " " + " ".join(lines)
        said.append(f"{name}: {text.strip() or 'none'}")
    return said


def _by_group(ax, groups: list) -> list[str]:
    said = []
    for label, points in groups:
        heights = [y for _, y in points if y == y]
        said += [_named(label, _values(ax.yaxis, heights))] if heights else []
    return list(dict.fromkeys(said))


def _named(label: str, text: str) -> str:
    return text if str(label).startswith("_") else f"{label} {text}"


def _values(axis, found: list[float]) -> str:
    """Return one or two values as they are, and more by their number and range."""
    if len(found) <= 2:
        return " and ".join(dict.fromkeys(_shown(axis, value) for value in found))
    return f"{len(found)} marks, {_span(axis, found)}"


def _span(axis, values) -> str:
    ends = dict.fromkeys(_shown(axis, value) for value in (min(values), max(values)))
    return " to ".join(ends)


def _form(axis) -> str | None:
    """Return how the axis writes its days, if it has days."""
    return getattr(axis.get_major_formatter(), "fmt", None)


def _shown(axis, value: float) -> str:
    """Return a value as the axis has it: a day, or a number of three digits."""
    if form := _form(axis):
        from matplotlib import dates

        return dates.num2date(value).strftime(form)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{round(float(value), 9) + 0:.3g}"
