"""Figures: what is drawn is what is in the table, and what nobody looked at is drawn as such."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import same_color, to_rgba

from jkrel import figures
from jkrel.analyses import leaders


@pytest.fixture(autouse=True)
def clean():
    """Each test starts from matplotlib's own style and leaves no figure open."""
    with plt.rc_context():
        yield
        plt.close("all")


@pytest.fixture
def ax():
    return figures.figure(2)[1]


@pytest.fixture(scope="module")
def contacts(dataset):
    return leaders.contacts(dataset)


def spans(ax, hatched):
    """Bands of an axis as pairs of days in ISO form, in order of time."""
    chosen = [patch for patch in ax.patches if bool(patch.get_hatch()) is hatched]
    ends = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in chosen]
    return [tuple(f"{mdates.num2date(end):%Y-%m-%d}" for end in pair) for pair in sorted(ends)]


def dots(ax):
    """Scattered points: place, face colour, area and number of marker vertices of each."""
    found = []
    for group in (c for c in ax.collections if isinstance(c, PathCollection)):
        faces, sizes = group.get_facecolors(), group.get_sizes()
        for number, (x, y) in enumerate(group.get_offsets()):
            face, size = faces[number % len(faces)], sizes[number % len(sizes)]
            found.append({"x": x, "y": y, "face": face, "size": size})
    return pd.DataFrame(found, columns=["x", "y", "face", "size"])


def lines(ax):
    """Horizontal lines: height, left and right end, top first."""
    groups = [c for c in ax.collections if isinstance(c, LineCollection)]
    segments = [segment for group in groups for segment in group.get_segments() if len(segment)]
    return sorted(((s[0][1], s[0][0], s[1][0]) for s in segments), reverse=True)


# Style


def test_style_sets_the_house_style():
    """Printable, small, without frame, and the same SVG on every run."""
    figures.style()
    expected = {
        "font.family": ["DejaVu Sans"],
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
        "figure.constrained_layout.use": True,
        "figure.facecolor": "white",
        "svg.hashsalt": "jkrel",
    }
    assert {name: plt.rcParams[name] for name in expected} == expected


def test_style_can_be_set_again():
    """Running the cell twice changes nothing."""
    figures.style()
    once = dict(plt.rcParams)
    figures.style()
    assert dict(plt.rcParams) == once


def test_a_figure_has_the_width_of_a_journal():
    """183 mm, whatever the height and the number of panels."""
    for fig, _ in (figures.figure(2), figures.figure(4, rows=2, columns=2)):
        assert fig.get_figwidth() * 25.4 == pytest.approx(183)
    assert fig.get_figheight() == 4


# Coverage bands


@pytest.mark.parametrize(
    ("series", "period", "unseen", "partial"),
    [
        (
            "chronology",
            ("2022-07-01", "2024-06-30"),
            [
                ("2022-07-01", "2022-09-01"),
                ("2023-01-01", "2024-01-01"),
                ("2024-05-01", "2024-06-30"),
            ],
            [],
        ),
        ("chronology", ("2022-10-01", "2024-02-01"), [("2023-01-01", "2024-01-01")], []),
        ("chronology", ("2023-03-01", "2023-09-01"), [("2023-03-01", "2023-09-01")], []),
        ("chronology", ("2022-09-01", "2022-12-31"), [], []),
        ("chronology", ("2024-01-01", "2024-04-30"), [], []),
        (
            "leader_contacts",
            ("2019-12-01", "2026-02-28"),
            [
                ("2019-12-01", "2019-12-24"),
                ("2019-12-25", "2022-06-28"),
                ("2026-02-01", "2026-02-28"),
            ],
            [("2019-12-24", "2019-12-25"), ("2024-12-01", "2026-02-01")],
        ),
        ("leader_contacts", ("2024-10-01", "2025-03-01"), [], [("2024-12-01", "2025-03-01")]),
        ("leader_contacts", ("2022-06-28", "2024-11-30"), [], []),
    ],
)
def test_bands_show_exactly_what_was_not_looked_at(ax, dataset, series, period, unseen, partial):
    """Hatched where a series did not look, grey where it looked in part, nothing outside."""
    figures.coverage_bands(ax, dataset, series, *period)
    assert spans(ax, hatched=True) == unseen
    assert spans(ax, hatched=False) == partial


def test_bands_set_the_period_of_the_axis(ax, dataset):
    """The axis shows the period asked for, to the day."""
    figures.coverage_bands(ax, dataset, "chronology", "2022-07-01", "2024-06-30")
    shown = [f"{mdates.num2date(end):%Y-%m-%d}" for end in ax.get_xlim()]
    assert shown == ["2022-07-01", "2024-06-30"]


def test_bands_lie_behind_the_data(ax, dataset, contacts):
    """No band covers an event."""
    figures.timeline(ax, contacts, dataset)
    figures.coverage_bands(ax, dataset, "leader_contacts", "2019-12-01", "2026-02-28")
    highest = max(patch.get_zorder() for patch in ax.patches)
    assert highest < min(collection.get_zorder() for collection in ax.collections)


@pytest.mark.parametrize(
    ("start", "end"), [("2022-09-01", "2022-12-31"), ("2022-07-01", "2024-06-30")]
)
def test_a_time_axis_names_months_and_years(ax, start, end):
    """Each label can be read without its neighbour, and there are few enough to fit."""
    ax.set_xlim(pd.Timestamp(start), pd.Timestamp(end))
    figures.time_axis(ax)
    ax.figure.canvas.draw()
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert 2 <= len(labels) <= 9
    assert all(pd.to_datetime(label, format="%b %Y") for label in labels)


# Timelines


@pytest.mark.parametrize("size", [None, "duration_min"])
def test_a_timeline_draws_every_event_once(ax, dataset, contacts, size):
    """As many points as events, each on its day."""
    figures.timeline(ax, contacts, dataset, size)
    drawn = sorted(dots(ax)["x"])
    assert drawn == sorted(mdates.date2num(contacts["date_start"]))


def test_a_timeline_draws_all_events_of_the_chronologies(ax, dataset):
    """Events without a mode are drawn too."""
    events = dataset.sel(series="chronology").events
    figures.timeline(ax, events, dataset)
    assert len(dots(ax)) == len(events)


def test_a_timeline_has_one_line_per_format(ax, dataset, contacts):
    """Formats that occur, in codebook order from the top, under their labels."""
    figures.timeline(ax, contacts, dataset)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    present = [f for f in dataset.codebook.order("formats") if f in set(contacts["format"])]
    assert labels == [dataset.codebook.labels("formats")[code] for code in present]
    places = dots(ax)["y"].round().astype(int).map(dict(zip(ax.get_yticks(), labels, strict=True)))
    expected = contacts["format"].astype(str).map(dataset.codebook.labels("formats"))
    assert places.value_counts().to_dict() == expected.value_counts().to_dict()


def test_colours_are_those_of_the_codebook(ax, dataset, contacts):
    """A format keeps its colour wherever it is drawn."""
    two = contacts[contacts["format"].eq("bilateral")]
    figures.timeline(ax, two, dataset)
    color = dataset.codebook.attribute("formats", "color")["bilateral"]
    assert all(same_color(face, color) for face in dots(ax)["face"])


def test_larger_markers_are_longer_talks(ax, dataset, contacts):
    """Area grows with the minutes, and talks of unknown length are small and hollow."""
    figures.timeline(ax, contacts, dataset, size="duration_min")
    drawn = dots(ax)
    hollow = np.array([tuple(face) == to_rgba("white") for face in drawn["face"]])
    assert hollow.sum() == contacts["duration_min"].isna().sum() == 3
    minutes = contacts["duration_min"].dropna().astype(float)
    areas = drawn.loc[~hollow, "size"].to_numpy()
    assert np.corrcoef(sorted(areas), sorted(minutes))[0, 1] == pytest.approx(1)
    assert (drawn.loc[hollow, "size"] <= np.median(areas)).all()


def test_a_timeline_of_nothing_is_empty(ax, dataset, contacts):
    """No event, no line, no error."""
    figures.timeline(ax, contacts.head(0), dataset)
    assert dots(ax).empty


def test_the_legend_explains_the_markers_that_occur(dataset, contacts):
    """Modes in codebook order, and only those met."""
    fig, _ = figures.figure(2)
    figures.mode_legend(fig, contacts, dataset)
    (legend,) = fig.legends
    present = [code for code in dataset.codebook.order("modes") if code in set(contacts["mode"])]
    expected = [dataset.codebook.labels("modes")[code] for code in present]
    assert [text.get_text() for text in legend.get_texts()] == expected


def test_the_legend_explains_sizes_as_they_are_drawn(ax, dataset, contacts):
    """A marker of the legend has the area that talks of that length have."""
    figures.timeline(ax, contacts, dataset, size="duration_min")
    figures.mode_legend(ax.figure, contacts, dataset, sizes=(15, 90))
    handles = ax.figure.legends[0].legend_handles[-2:]
    assert [handle.get_label() for handle in handles] == ["15 min", "90 min"]
    drawn = dots(ax).groupby("x")["size"].max()
    day = mdates.date2num(contacts.set_index("event_id").at["leaders-005a", "date_start"])
    assert handles[1].get_markersize() ** 2 == pytest.approx(drawn[day])


# Paired bars


COUNTS = pd.DataFrame({"2022": [5, 3, 0], "2024": [2, 4, 1]}, index=["a", "b", "c"])
LABELS = {"a": "Apples", "b": "Pears", "c": "Plums"}


def test_paired_bars_are_as_long_as_their_numbers(ax):
    """One bar per count, each with its number beside it."""
    figures.paired_bars(ax, COUNTS, LABELS, ("black", "grey"))
    assert [bar.get_width() for bar in ax.patches] == [5, 3, 0, 2, 4, 1]
    assert [text.get_text() for text in ax.texts] == ["5", "3", "0", "2", "4", "1"]


def test_paired_bars_stand_in_order_from_the_top(ax):
    """The first code is on top, and the first period above the second."""
    figures.paired_bars(ax, COUNTS, LABELS, ("black", "grey"))
    ticks = zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    placed = sorted(((place, label.get_text()) for place, label in ticks), reverse=True)
    assert [label for _, label in placed] == ["Apples", "Pears", "Plums"]
    middles = [bar.get_y() + bar.get_height() / 2 for bar in ax.patches]
    for place, first, second in zip((2, 1, 0), middles[:3], middles[3:], strict=True):
        assert second < place < first


def test_paired_bars_have_the_colours_and_names_of_their_periods(ax):
    """What the legend will say."""
    figures.paired_bars(ax, COUNTS, LABELS, ("black", "grey"))
    assert [bars.get_label() for bars in ax.containers] == ["2022", "2024"]
    assert same_color(ax.patches[0].get_facecolor(), "black")
    assert same_color(ax.patches[3].get_facecolor(), "grey")


# Intervals


RATIOS = pd.DataFrame(
    {"ratio": [1.86, 0.5], "low": [1.01, 0.2], "high": [3.61, 1.3]}, index=["first", "second"]
)


def test_intervals_stand_on_a_log_axis(ax):
    """Half and double are as far from 1."""
    figures.intervals(ax, RATIOS)
    assert ax.get_xscale() == "log"


def test_intervals_are_drawn_from_end_to_end(ax):
    """Each estimate with its ends, the first on top."""
    figures.intervals(ax, RATIOS)
    assert lines(ax) == [(1, 1.01, 3.61), (0, 0.2, 1.3)]
    points = ax.get_lines()[0].get_xydata().tolist()
    assert points == [[1.86, 1], [0.5, 0]]
    ticks = zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)
    assert {place: label.get_text() for place, label in ticks} == {1: "first", 0: "second"}


@pytest.mark.parametrize(("reference", "drawn"), [(1, [1, 1]), (0.8, [0.8, 0.8]), (None, None)])
def test_the_reference_line_is_where_it_is_asked_for(ax, reference, drawn):
    """No difference is a dashed line, or none."""
    figures.intervals(ax, RATIOS, reference=reference)
    dashed = [list(line.get_xdata()) for line in ax.get_lines() if line.get_linestyle() == "--"]
    assert dashed == ([drawn] if drawn else [])


def test_labels_of_the_log_axis_are_plain_numbers(ax):
    """0.5, 1, 2 and not powers of ten, whatever the range shown."""
    figures.intervals(ax, RATIOS)
    ax.figure.canvas.draw()
    texts = [t.get_text() for minor in (False, True) for t in ax.get_xticklabels(minor=minor)]
    assert [text for text in texts if "$" in text] == []


def test_open_ends_reach_the_edge(ax):
    """A ratio of 0 or infinity has a line to the edge of the axis, and never none at all."""
    rows = pd.DataFrame(
        {"ratio": [np.inf, 0, 1.2], "low": [0.9, 0, 0.5], "high": [np.inf, 1.1, 3]},
        index=["infinite", "zero", "plain"],
    )
    figures.intervals(ax, rows)
    ax.figure.canvas.draw()
    left, right = ax.get_xlim()
    drawn = lines(ax)
    assert [height for height, *_ in drawn] == [2, 1, 0]
    assert drawn[0][1] == 0.9 and drawn[0][2] >= right
    assert drawn[1][1] <= left and drawn[1][2] == 1.1


# Chance, lengths, gaps, marks


def test_what_was_observed_stands_against_chance(ax):
    """Dots at the numbers seen, ticks at the means, the first line on top."""
    rows = {"observed": [-3, 1], "expected": [0, 0.5], "low": [-2, -1], "high": [2, 1]}
    figures.against_chance(ax, pd.DataFrame(rows, index=["a", "b"]))
    mean, seen = (line.get_xydata().tolist() for line in ax.lines)
    assert seen == [[-3, 1], [1, 0]]
    assert mean == [[0, 1], [0.5, 0]]


def test_parts_are_drawn_as_shares(ax):
    """3 of 10 against 1 to 4, and 20 of 40 against 4 to 10, as shares; the first on top."""
    rows = {"observed": [3, 20], "expected": [2, 8], "low": [1, 4], "high": [4, 10]}
    rows = pd.DataFrame(rows | {"events": [10, 40]}, index=list("ab"))
    figures.against_chance(ax, rows, of="events")
    assert lines(ax) == [(1, 0.1, 0.4), (0, 0.1, 0.25)]
    assert ax.get_lines()[1].get_xydata().tolist() == [[0.3, 1], [0.5, 0]]
    assert ax.get_xlim() == (0, 1)


def test_lengths_draw_every_contact_of_known_length(ax, dataset, contacts):
    """A point at the minutes used, and a line over what sources state."""
    known = contacts.dropna(subset=["duration_min"])
    figures.lengths(ax, known, dataset)
    points = np.concatenate([line.get_xydata() for line in ax.get_lines()])
    order = points[points[:, 1].argsort(), 0]
    assert order.tolist() == known["duration_min"].tolist()
    stated = known[["shortest_min", "longest_min"]].astype(float).to_numpy().tolist()
    assert [list(ends) for _, *ends in reversed(lines(ax))] == stated
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0] == "24 Dec 2019, Chengdu"
    assert labels[known["event_id"].tolist().index("cc24-3-022a")] == "06 Oct 2022, call"


def test_only_settings_that_occur_are_named(ax, dataset, contacts):
    """A setting without a contact has no name at the edge."""
    visits = contacts[contacts["setting"].eq("visit") & contacts["duration_min"].notna()]
    figures.lengths(ax, visits, dataset)
    assert [text.get_text() for text in ax.texts] == [dataset.codebook.labels("settings")["visit"]]


def test_gaps_are_lines_as_high_as_their_days(ax, contacts):
    """One line and one point for each gap."""
    rows = leaders.gaps(contacts)
    figures.gaps(ax, rows)
    (points,) = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert points.get_ydata().tolist() == rows["days"].tolist()
    (group,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert [segment[1][1] for segment in group.get_segments()] == rows["days"].tolist()
    assert ax.get_ylim()[1] > rows["days"].max()


def test_a_mark_stands_on_its_day(ax):
    """A dashed line and its name."""
    ax.set_xlim(pd.Timestamp("2023-01-01"), pd.Timestamp("2023-12-31"))
    figures.mark(ax, "2023-08-18", "Camp David")
    (line,) = ax.get_lines()
    days = {f"{mdates.num2date(mdates.date2num(day)):%Y-%m-%d}" for day in line.get_xdata()}
    assert days == {"2023-08-18"}
    assert [text.get_text() for text in ax.texts] == ["Camp David"]


def test_a_mark_hides_neither_title_nor_what_is_drawn():
    """From below: what is drawn, the name of the mark, the title."""
    fig, ax = figures.figure(2)
    ax.set_title("Meetings")
    ax.set_xlim(pd.Timestamp("2023-01-01"), pd.Timestamp("2023-12-31"))
    figures.mark(ax, "2023-07-02", "Camp David")
    fig.canvas.draw()
    drawn, name, title = (part.get_window_extent() for part in (ax.patch, *ax.texts, ax.title))
    assert drawn.y1 <= name.y0 < name.y1 <= title.y0


# Names in the place of legends


def test_groups_are_named_at_their_topmost_marks(ax):
    """The higher one above its mark, the lower one below."""
    ax.plot([1, 2], [0.1, 1.1], "o", label="first")
    ax.plot([3, 4], [-0.1, 0.9], "s", label="second")
    figures.name_tops(ax)
    assert [(text.get_text(), text.xy, text.get_va()) for text in ax.texts] == [
        ("first", (2, 1.1), "bottom"),
        ("second", (4, 0.9), "top"),
    ]


def test_lines_are_named_at_their_ends_and_apart(ax):
    """The last known point counts, and names keep a distance."""
    ax.plot([1, 2, 3], [5, 6, float("nan")], label="2022")
    ax.plot([1, 2], [4, 6], label="2023")
    ax.set_ylim(0, 10)
    figures.name_ends(ax)
    heights = {text.get_text(): text.xy[1] for text in ax.texts}
    assert heights["2023"] == 6 and heights["2022"] == pytest.approx(6 - 0.7)
    assert {text.xy[0] for text in ax.texts} == {2}


def test_shares_are_named_beside_their_first_line(ax):
    """No legend, and both names on the first line, where there is room."""
    columns = {"share_1": [0.9], "low_1": [0.8], "high_1": [0.95]}
    columns |= {"share_2": [0.1], "low_2": [0.0], "high_2": [0.3]}
    figures.share_pairs(ax, pd.DataFrame(columns, index=["All"]), ("before", "after"))
    sides = {text.get_text().strip(): text.get_ha() for text in ax.texts}
    assert sides == {"before": "right", "after": "left"}
    assert ax.get_legend() is None


def test_periods_are_written_beside_bars_that_leave_room(ax):
    """The first bars of half the length or less."""
    figures.paired_bars(ax, COUNTS, LABELS, ("black", "grey"), named=True)
    assert ax.get_legend() is None
    written = [text.get_text() for text in ax.texts if not text.get_text().isdigit()]
    assert [text.split(": ")[0] for text in written] == list(COUNTS.columns)
