"""Strategy documents topic by topic: who tells what, how near, and what chance would give."""

from itertools import permutations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from jkrel import figures
from jkrel.analyses import strategies


def rows(*cells):
    """Codes: document, topic, stance, emphasis, voice."""
    table = pd.DataFrame(cells, columns=["document", "topic", "stance", "emphasis", "voice"])
    return table.assign(kind="actor")


def paired(first, second, kind="actor"):
    """Distances of two documents from their stances."""
    first, second = np.array(first), np.array(second)
    columns = {"kind": kind, "first": first, "second": second}
    table = pd.DataFrame(columns | {"distance": abs(first - second), "weight": 1.0})
    return table.rename_axis("topic")


@pytest.fixture
def several():
    """China told three times of one document and once of another, Russia once of each."""
    return rows(
        ("a", "china", 0, 2, "article"),
        ("a", "china", 1, 1, "other"),
        ("a", "china", -1, 1, "document"),
        ("b", "china", 1, 3, "article"),
        ("a", "russia", 2, 1, "other"),
        ("b", "russia", 2, 2, "document"),
    )


# Who tells what


def test_only_what_a_source_tells_is_told(dataset):
    """Rows without a stance are left out, and no other is."""
    told, positions = strategies.told(dataset), dataset.positions
    assert set(told["position_id"]) == set(
        positions.loc[positions["stance"].notna(), "position_id"]
    )
    assert told["emphasis"].gt(0).all()


def test_the_voice_is_the_document_the_article_or_another(dataset):
    """The strategy's own text, the article, and Washington's statement on it."""
    voices = strategies.told(dataset).set_index("position_id")["voice"]
    assert voices[["p002", "p001", "p064", "p067", "p011"]].tolist() == [
        "document",
        "article",
        "other",
        "document",
        "other",
    ]


def test_a_topic_is_an_actor_or_a_policy(dataset):
    """As the code list has it."""
    kinds = strategies.told(dataset).groupby("topic", observed=True)["kind"].first()
    assert kinds[["china", "climate"]].tolist() == ["actor", "policy"]


# One code per document and topic


def test_the_voice_nearest_to_the_document_is_preferred(several):
    """The document's own stance, although others come first and stress more."""
    found = strategies.held(several).set_index(["document", "topic"])["stance"]
    assert found.to_dict() == {
        ("a", "china"): -1,
        ("b", "china"): 1,
        ("a", "russia"): 2,
        ("b", "russia"): 2,
    }


def test_voices_not_named_are_not_heard(several):
    """The article speaks of China only."""
    found = strategies.held(several, ["article"])
    assert found[["topic", "stance"]].to_numpy().tolist() == [["china", 0], ["china", 1]]


def test_the_lowest_and_the_highest_stance_are_chosen_whoever_tells_them(several):
    """From -1 to 1 on China."""
    for by, stance in (("lowest", -1), ("highest", 1)):
        found = strategies.held(several, by=by)
        assert found.loc[found["document"].eq("a"), "stance"].tolist() == [stance, 2]


def test_among_equals_the_larger_emphasis_is_chosen():
    """Two rows of one voice and stance."""
    table = rows(("a", "china", 1, 1, "other"), ("a", "china", 1, 3, "other"))
    assert strategies.held(table)["emphasis"].tolist() == [3]


def test_each_document_has_one_stance_on_a_topic(dataset):
    """And none is lost."""
    told = strategies.told(dataset)
    held, keys = strategies.held(told), ["document", "topic"]
    assert not held.duplicated(keys).any()
    assert len(held) == len(told.drop_duplicates(keys))


# How near


def test_the_distance_is_in_steps_of_the_scale(several):
    """-1 against 1, and 2 against 2; the weight is the mean emphasis."""
    found = strategies.distances(strategies.held(several), "a", "b")
    assert found["distance"].to_dict() == {"china": 2, "russia": 0}
    assert found["weight"].to_dict() == {"china": 2.0, "russia": 1.5}


def test_of_several_stances_the_nearest_or_the_farthest_pair_counts(several):
    """1 against 1, or -1 against 1."""
    for by, distance in (("nearest", 0), ("farthest", 2)):
        found = strategies.distances(several, "a", "b", by=by)
        assert found["distance"].to_dict() == {"china": distance, "russia": 0}


def test_a_topic_of_one_document_only_has_no_distance():
    """Not reported is not a difference."""
    table = rows(("a", "china", 1, 1, "other"), ("b", "russia", 1, 1, "other"))
    assert strategies.distances(table, "a", "b").empty


def test_china_is_where_the_two_strategies_are_farthest_apart(dataset):
    """Two steps by the main codes; no other topic has more than one."""
    held = strategies.held(strategies.told(dataset))
    found = strategies.distances(held, "nss_2022", "ips_2022")["distance"]
    assert found["china"] == 2 and found.drop("china").max() == 1


def test_the_summary_counts_identical_stances_and_averages_distances():
    """Three of four the same, one two steps apart; Clopper-Pearson from beta quantiles."""
    found = strategies.summary(paired([0, 1, 2, 2], [0, 1, 2, 0]), seed=1, draws=99)
    assert (found["topics"], found["identical"]) == (4, 3)
    assert (found["share"], found["mean"]) == (0.75, 0.5)
    assert found["low"] == pytest.approx(scipy_stats.beta.ppf(0.025, 3, 2))
    assert found["high"] == pytest.approx(scipy_stats.beta.ppf(0.975, 4, 1))
    assert found["mean_low"] == 0 and 0.5 <= found["mean_high"] <= 2


def test_the_rank_correlation_takes_ties_into_account():
    """Tau-b by hand: of 6 pairs 3 agree, 3 are tied in the first, 1 of these in the second too."""
    found = strategies.summary(paired([0, 1, 1, 1], [0, 1, 2, 2]), seed=1, draws=9)
    assert found["tau"] == pytest.approx(3 / np.sqrt(3 * 5))


def test_emphasis_weighs_topics():
    """Weight 3 on the same, 1 on two steps apart: share 3/4, mean 2/4, no exact interval."""
    table = paired([0, 2], [0, 0]).assign(weight=[3.0, 1.0])
    found = strategies.summary(table, seed=1, draws=9, weighted=True)
    assert (found["share"], found["mean"]) == (0.75, 0.5)
    assert np.isnan(found["low"])


def test_without_a_shared_topic_nothing_is_known():
    """Missing, not zero."""
    found = strategies.summary(paired([], []), seed=1)
    assert found["topics"] == 0 and np.isnan(found["share"])


def test_no_topic_at_all_has_no_summary():
    """Of an empty table the counts are zero, and all that follows from them is missing."""
    found = strategies.summary(paired([0], [0]).head(0), seed=1)
    assert (found.pop("topics"), found.pop("identical")) == (0, 0)
    assert np.isnan(list(found.values())).all()


# By chance


def test_chance_counts_every_order_of_the_stances():
    """As going through all orders gives it."""
    table = paired([-2, -2, 2, 1], [-2, 0, 2, 1])
    orders = np.array(list(permutations(table["second"])))
    counts = (orders == table["first"].to_numpy()).sum(axis=1)
    found = strategies.chance(table)
    assert (found["topics"], found["observed"]) == (4, 3)
    assert found["expected"] == pytest.approx(np.mean(counts))
    assert found["p_value"] == pytest.approx(np.mean(counts >= 3))
    assert found["least"] == pytest.approx(2 / 24)


def test_stances_are_dealt_out_within_kinds():
    """Two actors and two policies that can only be as they are, or not: once in four, not in 24."""
    table = pd.concat([paired([-2, 2], [-2, 2]), paired([1, 2], [1, 2], "policy")])
    assert strategies.chance(table)["p_value"] == pytest.approx(1 / 4)
    table = paired([-2, 2, 0, 1], [-2, 2, 0, 1])
    assert strategies.chance(table)["p_value"] == pytest.approx(1 / 24)


def test_where_one_side_has_one_stance_only_chance_gives_what_is_seen():
    """Nothing could be shown, and least says so."""
    found = strategies.chance(paired([2, 2, 2], [2, 1, 2]))
    assert (found["observed"], found["low"], found["high"]) == (2, 2, 2)
    assert found["p_value"] == found["least"] == pytest.approx(1)


# Against the yardstick


def test_the_yardstick_is_compared_on_topics_of_both():
    """Nearer on five, farther on none, equal on one: exact sign test 2/32; the seventh is alone."""
    table = paired([0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 1])
    yardstick = paired([0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 2, 1])
    found = strategies.against_yardstick(table, yardstick)
    assert [found[n] for n in ("topics", "nearer", "farther", "equal")] == [6, 5, 0, 1]
    assert found["difference"] == pytest.approx(-1)
    assert found["p_value"] == found["least"] == pytest.approx(2 / 32)


def test_without_a_difference_the_yardstick_tells_nothing():
    """No topic moved: p is 1, and could be nothing else."""
    found = strategies.against_yardstick(paired([0, 1], [0, 1]), paired([2, 2], [2, 2]))
    assert (found["p_value"], found["least"]) == (1.0, 1.0)


# The picture


@pytest.fixture
def picture(dataset):
    """The axes with stances drawn, and what was drawn."""
    told = strategies.told(dataset)
    held = strategies.held(told)
    fig, ax = plt.subplots()
    figures.stances(ax, held, told, dataset)
    yield ax, held
    plt.close(fig)


def test_every_topic_has_a_line_and_every_stance_a_column(picture, dataset):
    """All topics from the top, all stances, and a column for what is not reported."""
    ax, _ = picture
    assert [t.get_text() for t in ax.get_yticklabels()] == dataset.topics["label"].tolist()
    assert len(ax.get_xticks()) == len(dataset.stances) + 1
    assert np.all(np.diff(ax.get_yticks()) < 0)


def test_what_is_not_reported_is_drawn_hollow_and_apart(picture, dataset):
    """As many hollow markers as topics without a stance, in the last column."""
    ax, held = picture
    points = [(c.get_offsets().data, c.get_facecolor()) for c in ax.collections[2:]]
    last = max(ax.get_xticks())
    hollow = [spots for spots, color in points if len(color) and color[0].tolist() == [1, 1, 1, 1]]
    assert sum(map(len, hollow)) == 3 * len(dataset.topics) - len(held)
    assert all(abs(spots[:, 0] - last).max() < 0.5 for spots in hollow if len(spots))


def test_the_documents_are_named_beside_their_first_markers(picture):
    """No legend is needed to tell them apart."""
    ax, _ = picture
    assert [text.get_text() for text in ax.texts] == ["NSS", "NDS", "IPS"]
