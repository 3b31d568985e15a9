"""Disputes: answers and delays, the ladder, both sides, and containment worked by hand."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from spans import days, span

from jkrel import figures
from jkrel.analyses import disputes

ORDER = ["none", "words", "demarche", "summons", "both"]


def events(*rows):
    """Events as answers() needs them: id, day, precision, and what they answer."""
    columns = ["event_id", "date_start", "date_precision", "responds_to"]
    return pd.DataFrame(rows, columns=columns).assign(
        date_start=lambda table: pd.to_datetime(table["date_start"])
    )


@pytest.fixture(scope="module")
def acts(dataset):
    return disputes.acts(dataset)


def act(acts, event_id):
    """The one row of an act."""
    (row,) = acts[acts["event_id"].eq(event_id)].to_dict("records")
    return row


# Answers


def test_an_answer_is_paired_with_every_act_it_answers():
    """Two acts answered at once give two pairs, each with its own delay."""
    table = events(
        ("a", "2024-01-01", "day", ()),
        ("b", "2024-01-03", "day", ()),
        ("c", "2024-01-04", "day", ("b", "a")),
    )
    found = disputes.answers(table).set_index("act_id")["days"]
    assert found.to_dict() == {"b": 1, "a": 3}


@pytest.mark.parametrize("place", [0, 1], ids=["act", "answer"])
def test_a_delay_needs_two_exact_days(place):
    """If only the month of one is known, the delay is missing, not a guess."""
    rows = [["a", "2024-01-01", "day", ()], ["b", "2024-01-05", "day", ("a",)]]
    rows[place][2] = "month"
    assert disputes.answers(events(*rows))["days"].isna().all()


def test_links_to_acts_elsewhere_are_left_out():
    """An answer to an event that is not in the table has no delay to give."""
    assert disputes.answers(events(("b", "2024-01-05", "day", ("a",)))).empty


def test_answers_serve_all_events(dataset):
    """Every link of the shipped data is a pair."""
    found = disputes.answers(dataset.events)
    assert len(found) == dataset.events["responds_to"].map(len).sum()
    assert found["days"].dropna().ge(0).all()


# Acts and their strongest answer


def test_acts_are_the_disputes_that_answer_nothing(dataset, acts):
    """One row for each, whatever the number of its answers."""
    rows = dataset.disputes[dataset.disputes["kind"].ne("reaction")]
    assert sorted(acts["event_id"]) == sorted(rows["event_id"])


@pytest.mark.parametrize(
    ("event_id", "answer", "delay"),
    [
        ("history-012a", "both", 0),
        ("history-001a", "demarche", 0),
        ("history-004a", "demarche", 8),
        ("history-039a", "both", 0),
        ("cc26-1-032a", "both", 0),
    ],
    ids=["Takeshima Day", "survey", "late", "two answers", "words and a summons apart"],
)
def test_the_strongest_answer_and_the_first_delay(acts, event_id, answer, delay):
    """Of several answers the strongest gives the form and the first the delay."""
    found = act(acts, event_id)
    assert (found["answer"], found["days"]) == (answer, delay)


@pytest.mark.parametrize(
    "event_id",
    ["history-027a", "history-042a", "history-044a", "history-013a", "history-005a"],
    ids=["own ministry", "own government", "firms", "victims and firms", "UNESCO"],
)
def test_only_the_other_government_answers(acts, event_id):
    """What the acting state itself, firms or victims say is no answer between the two."""
    assert pd.isna(act(acts, event_id)["answer"])


@pytest.mark.parametrize(
    ("forms", "strongest"),
    [
        (["words", "demarche"], "demarche"),
        (["both", "words"], "both"),
        (["words", "summons"], "both"),
        (["demarche", "summons"], "summons"),
    ],
)
def test_the_order_of_rungs(forms, strongest):
    """Words and a summons told apart are words and a summons."""
    assert disputes._strongest(pd.Series(forms), ORDER) == strongest


def test_rungs_rise_from_none_to_both(dataset):
    """The ranked forms of the codebook, from the mildest; a demonstration is none of them."""
    assert disputes.rungs(dataset) == ORDER


def test_the_ladder_counts_every_act_once(dataset, acts):
    """Acts without a recorded answer have a column of their own."""
    part = acts["calendar"].map({True: "yearly", False: "shock"})
    table = disputes.ladder(acts, part, dataset)
    assert table.to_numpy().sum() == len(acts)
    unknown = table.xs(disputes.UNKNOWN, axis=1, level="answer")
    assert unknown.to_numpy().sum() == acts["answer"].isna().sum()
    assert table.loc["Takeshima Day", ("yearly", "Words and summons")] == 2


# Both sides


def answered(japan, korea):
    """Acts of each side by the form of their answer."""
    rows = [("JPN", form) for form in japan] + [("KOR", form) for form in korea]
    return pd.DataFrame(rows, columns=["side", "answer"])


def test_sides_are_compared_exactly():
    """3 of 3 against 0 of 3: Fisher's two-sided p is 2 / 20."""
    rows = answered(["both", "summons", "both"], ["words"] * 3)
    found = disputes.by_side({"all": rows}, ["summons", "both"], ("JPN", "KOR")).loc["all"]
    assert found[["JPN", "JPN_so", "KOR", "KOR_so"]].to_list() == [3, 3, 3, 0]
    assert found["difference"] == 1
    assert found["p_value"] == pytest.approx(0.1)


def test_the_interval_of_a_difference_is_newcombe_s():
    """56 of 70 against 48 of 80 is 0.2, from 0.0524 to 0.3339 (Newcombe 1998, example a)."""
    rows = answered(["both"] * 56 + ["words"] * 14, ["both"] * 48 + ["words"] * 32)
    found = disputes.by_side({"all": rows}, ["both"], ("JPN", "KOR")).loc["all"]
    assert found[["difference", "low", "high"]].round(4).to_list() == [0.2, 0.0524, 0.3339]


def test_a_side_without_acts_is_not_compared():
    """The numbers stay, the difference is missing, and Holm counts the others only."""
    parts = {"one": answered(["both"], []), "both": answered(["both"] * 3, ["words"] * 3)}
    found = disputes.by_side(parts, ["both"], ("JPN", "KOR"))
    assert np.isnan(found.loc["one", "p_value"]) and np.isnan(found.loc["one", "p_holm"])
    assert found.loc["both", "p_holm"] == found.loc["both", "p_value"]


def test_contested_acts_are_unseen_by_scales_and_mostly_by_dyads(dataset, acts):
    """No contested act has a score, and only those over territory are directed at a state."""
    contested = acts[acts["event_type"].eq("contested_act")].dropna(subset="side")
    found = disputes.seen_by(contested, dataset)
    assert found[["plover", "goldstein"]].to_numpy().sum() == 0
    assert found["in_dyads"].sum() == contested["issue"].eq("territory").sum()


# The year


def test_years_are_laid_over_one_another(dataset, acts):
    """Takeshima Day is the same day in both years; a month known as such runs to its end."""
    moved = disputes.year(acts.dropna(subset="side"), dataset).set_index("event_id")
    assert moved.loc["history-012a", "x"] == moved.loc["cc26-1-036a", "x"]
    assert moved.loc["history-026a", "until"] == pd.Timestamp("2000-06-30")
    assert moved.loc["history-001a", "lane"] == "Shocks, South Korea"
    assert pd.isna(moved.loc["history-001a", "until"])


# Around disputes


def test_rates_around_disputes_count_covered_days_only():
    """The window ends a day after the second dispute, so two days after are covered once."""
    found = disputes.around(days(4, 6), days(5, 9), span(1, 10), 2)
    assert found["consultations"].to_list() == [0, 1, 0, 1, 0]
    assert found["days"].to_list() == [2, 2, 2, 2, 1]
    assert found.loc[-1, "rate"] == 0.5


# Figures


@pytest.fixture
def ax():
    with plt.rc_context():
        yield figures.figure(2)[1]
        plt.close("all")


def test_the_ladder_is_drawn_to_scale_with_its_numbers(ax):
    """Parts stand side by side, each with its number, and what is not recorded is hatched."""
    counts = pd.DataFrame({"Words": [2, 0], "Both": [1, 3], "None": [1, 0]}, index=["a", "b"])
    figures.ladder(ax, counts)
    assert [bar.get_width() for bar in ax.patches] == [2, 0, 1, 3, 1, 0]
    assert [bar.get_x() for bar in ax.patches] == [0, 0, 2, 0, 3, 3]
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False] * 4 + [True] * 2
    assert [text.get_text() for text in ax.texts] == ["2", "", "1", "3", "1", ""]


def test_lanes_are_drawn_from_the_top_and_lifted(ax):
    """The first lane is on top; a lift moves a marker within its lane; a note stands beside."""
    rows = {
        "x": days(1, 2),
        "lane": ["a", "b"],
        "group": "g",
        "lift": [0.2, 0],
        "note": ["n", None],
    }
    rows = pd.DataFrame(rows | {"note": ["n", None]})
    figures.lanes(ax, rows, ["a", "b"], {"g": {"marker": "o"}})
    (points,) = ax.collections
    assert points.get_offsets()[:, 1].tolist() == [1.2, 0]
    assert [text.get_text() for text in ax.texts] == ["n"]


def test_strips_tell_complete_from_partial(ax, dataset):
    """In 2024 the chronology covers January to April whole, and the rest of it is hatched."""
    figures.looked_at(ax, dataset, ["chronology"], [2024])
    unseen, complete = (group.get_paths()[0].get_extents() for group in ax.collections)
    ends = [f"{mdates.num2date(end):%m-%d}" for end in (complete.x0, complete.x1)]
    assert ends == ["01-01", "05-01"]
    assert unseen.width == 366
