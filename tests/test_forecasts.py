"""Scores of forecasts: Brier score and its parts, baselines, calibration, clusters."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jkrel.analyses import forecasts


def said(probabilities, outcomes, groups=None):
    """Forecasts with these numbers, each its own cluster unless told otherwise."""
    scores = {0.0: "miss", 0.5: "partial", 1.0: "hit"}
    return pd.DataFrame(
        {
            "probability": probabilities,
            "outcome_value": [float(value) for value in outcomes],
            "score": [scores[value] for value in map(float, outcomes)],
            "cluster": range(len(outcomes)) if groups is None else groups,
        }
    )


def linked(days, events):
    """Outcomes on these days and of these events."""
    return pd.DataFrame({"outcome_date": pd.to_datetime(days), "event_ids": events})


# What is scored


def test_open_forecasts_are_left_out(dataset):
    """An outcome that is not there yet is neither hit nor miss."""
    rows = forecasts.scored(dataset)
    closed = dataset.forecasts["score"].ne("open")
    assert list(rows["forecast_id"]) == list(dataset.forecasts.loc[closed, "forecast_id"])


@pytest.mark.parametrize(("partial", "value"), [(0.5, 0.5), (0, 0), (1, 1)])
def test_a_partial_outcome_counts_what_it_is_said_to_count(dataset, partial, value):
    """Half by default, or a miss, or a hit; hits and misses do not move."""
    rows = forecasts.scored(dataset, partial)
    worth = rows.groupby("score", observed=True)["outcome_value"].agg(["min", "max"])
    assert worth.loc["partial"].tolist() == [value, value]
    assert worth.loc["hit"].tolist() == [1, 1] and worth.loc["miss"].tolist() == [0, 0]


def test_partial_outcomes_can_be_left_out(dataset):
    """Without a value for them they are no outcome."""
    rows = forecasts.scored(dataset, None)
    assert set(rows["score"]) == {"hit", "miss"}


@pytest.mark.parametrize("partial", [-0.1, 1.1])
def test_a_partial_outcome_lies_between_a_miss_and_a_hit(dataset, partial):
    """Another value is refused."""
    with pytest.raises(ValueError, match="not from 0 to 1"):
        forecasts.scored(dataset, partial)


def test_words_have_the_numbers_of_the_code_list(dataset):
    """Likely is 0.75 by Kent, and whoever reads it otherwise may say so."""
    of_list, own = forecasts.scored(dataset), forecasts.scored(dataset, numbers=_numbers(0.6))
    likely = of_list["confidence"].eq("likely")
    assert set(of_list.loc[likely, "probability"]) == {0.75}
    assert set(own.loc[likely, "probability"]) == {0.6}


def test_a_word_without_a_number_is_refused(dataset):
    """No default stands in for a code that was forgotten."""
    with pytest.raises(KeyError, match="certain"):
        forecasts.scored(dataset, numbers={"likely": 0.6})


def _numbers(likely):
    return {"certain": 0.9, "likely": likely, "possible": 0.4, "uncertain": 0.5}


# Clusters


def test_outcomes_of_one_event_or_day_hang_together():
    """The second shares an event with the first and a day with the third; the last is alone."""
    days = ["2023-03-06", "2023-03-16", "2023-03-16", "2024-01-01"]
    rows = linked(days, [("a",), ("a", "b"), (), ("c",)])
    found = forecasts.clusters(rows)
    assert found[0] == found[1] == found[2] != found[3]


def test_days_alone_make_narrower_clusters():
    """An event told on two days then links nothing."""
    rows = linked(["2023-03-06", "2023-03-16", "2023-03-16"], [("a",), ("a",), ()])
    found = forecasts.clusters(rows, "day")
    assert found[0] != found[1] == found[2]


def test_each_can_be_a_cluster_of_its_own():
    """As if forecasts were independent."""
    rows = linked(["2023-03-06", "2023-03-06"], [("a",), ("a",)])
    assert list(forecasts.clusters(rows, "none")) == [0, 1]


def test_what_has_neither_day_nor_event_is_alone():
    """Two unknown days are not the same day."""
    found = forecasts.clusters(linked([None, None], [(), ()]))
    assert found[0] != found[1]


def test_clusters_do_not_depend_on_row_labels(dataset):
    """A selection keeps its clusters, whatever its index."""
    rows = forecasts.scored(dataset)
    part = rows[rows["voice"].eq("authors")]
    first, second = forecasts.clusters(part), forecasts.clusters(part.reset_index(drop=True))
    assert list(first) == list(second)


def test_an_unknown_kind_of_cluster_is_refused():
    """The message lists those there are."""
    with pytest.raises(ValueError, match="event, day, none"):
        forecasts.clusters(linked([None], [()]), "week")


# Brier score


def test_brier_score_by_hand():
    """0.9 and a hit, 0.9 and a miss, 0.2 and a miss: (0.01 + 0.81 + 0.04) / 3."""
    assert forecasts.brier(said([0.9, 0.9, 0.2], [1, 0, 0])) == pytest.approx(0.86 / 3)


def test_even_odds_score_a_quarter_whatever_comes():
    """As Brier's rule has it; a half outcome is met by even odds."""
    assert forecasts.brier(said([0.5] * 4, [1, 0, 0, 1])) == pytest.approx(0.25)
    assert forecasts.brier(said([0.5], [0.5])) == 0


def test_murphys_parts_by_hand():
    """Two groups of two: 0.8 with a hit and a miss, 0.2 with two misses.

    Means are 0.5 and 0 around 0.25: reliability (0.3² + 0.2²) / 2, resolution 0.25²,
    uncertainty 0.25 x 0.75.
    """
    parts = forecasts.decomposition(said([0.8, 0.8, 0.2, 0.2], [1, 0, 0, 0]))
    assert parts["reliability"] == pytest.approx(0.065)
    assert parts["resolution"] == pytest.approx(0.0625)
    assert parts["uncertainty"] == pytest.approx(0.1875)


@pytest.mark.parametrize("partial", [0.5, 0, 1, None])
def test_the_parts_add_up_to_the_score(dataset, partial):
    """Reliability less resolution plus uncertainty, also where outcomes are halves."""
    rows = forecasts.scored(dataset, partial)
    parts = forecasts.decomposition(rows)
    total = parts["reliability"] - parts["resolution"] + parts["uncertainty"]
    assert total == pytest.approx(parts["brier"]) == pytest.approx(forecasts.brier(rows))


# Baselines


def test_the_base_rate_scores_the_variance_of_outcomes():
    """Three hits of four: 0.75 x 0.25; the forecasts' 0.01 gain the rest of it."""
    rows = said([0.9, 0.9, 0.9, 0.1], [1, 1, 1, 0])
    found = forecasts.against(rows, {"base rate": None}, seed=1, draws=99).loc["base rate"]
    assert found["brier"] == pytest.approx(0.1875)
    assert found["gain"] == pytest.approx(0.1775)
    assert found["skill"] == pytest.approx(0.1775 / 0.1875)


def test_a_rule_that_says_the_same_gains_nothing():
    """Neither in the sample nor in any draw; a rule may be a number for each forecast."""
    rows = said([0.75] * 3, [1, 1, 0])
    found = forecasts.against(rows, {"number": 0.75, "each": [0.75] * 3}, seed=1, draws=99)
    assert np.allclose(found[["gain", "low", "high", "skill"]], 0)


def test_a_rule_without_fault_leaves_no_skill_to_tell():
    """Where the rule's score is 0, a part of it is missing."""
    found = forecasts.against(said([0.9], [1]), {"sure": 1.0}, seed=1, draws=9)
    assert np.isnan(found.loc["sure", "skill"])


def test_clusters_are_drawn_whole():
    """Twenty forecasts of one event tell no more than one: the interval is wider for them."""
    probabilities, outcomes = [0.9] * 40, [1] * 20 + [0] * 20
    apart = said(probabilities, outcomes, range(40))
    joined = said(probabilities, outcomes, [0] * 20 + [1] * 20)
    widths = [
        np.ptp(forecasts.against(rows, {"even": 0.5}, seed=1).loc["even", ["low", "high"]])
        for rows in (apart, joined)
    ]
    assert widths[0] < widths[1] == pytest.approx(0.8)


def test_the_bootstrap_is_seeded(dataset):
    """The same seed gives the same interval."""
    rows = forecasts.scored(dataset)
    first, second = (forecasts.against(rows, {"base rate": None}, 7, 99) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


# Calibration


def test_calibration_by_hand():
    """Two of three hits at 0.9 and none of one at 0.4; Clopper-Pearson for 2 of 3."""
    rows = said([0.9, 0.9, 0.9, 0.4], [1, 1, 0, 0]).assign(word=["sure"] * 3 + ["maybe"])
    found = forecasts.calibration(rows, "word", seed=1, draws=999)
    assert found.loc["sure", ["hit", "partial", "miss"]].tolist() == [2, 0, 1]
    assert found.loc["sure", "came"] == pytest.approx(2 / 3)
    ends = found.loc["sure", ["exact_low", "exact_high"]].astype(float)
    assert ends.tolist() == pytest.approx([0.0943, 0.9916], abs=1e-4)
    assert found.loc["maybe", ["low", "high"]].tolist() == [0, 0]


def test_partial_outcomes_widen_the_exact_interval():
    """Its lower end takes them as misses, its upper as hits: 1 of 2 below, 2 of 2 above."""
    rows = said([0.5, 0.5], [1, 0.5]).assign(word="even")
    found = forecasts.calibration(rows, "word", seed=1, draws=99).loc["even"]
    assert found["came"] == 0.75
    assert found["exact_low"] == pytest.approx(1 - 0.975**0.5)
    assert found["exact_high"] == 1


def test_calibration_keeps_every_forecast(dataset):
    """The groups add up, and so do their outcomes."""
    rows = forecasts.scored(dataset)
    found = forecasts.calibration(rows, "confidence", seed=1, draws=99)
    assert found["forecasts"].sum() == len(rows)
    assert (found[["hit", "partial", "miss"]].sum(axis=1) == found["forecasts"]).all()


def test_calibration_of_a_selection_is_that_of_its_rows(dataset):
    """Row labels that are left over from the whole table do not matter."""
    part = forecasts.scored(dataset).query("voice == 'authors'")
    first = forecasts.calibration(part, "confidence", seed=1, draws=99)
    second = forecasts.calibration(part.reset_index(drop=True), "confidence", seed=1, draws=99)
    pd.testing.assert_frame_equal(first, second)


# Concordance


def test_concordance_by_hand():
    """Hits at 0.9 and 0.5, misses at 0.5 and 0.2: three pairs agree, one is a tie."""
    found = forecasts.concordance(said([0.9, 0.5, 0.5, 0.2], [1, 1, 0, 0]), seed=1, draws=99)
    assert (found["concordance"], found["pairs"]) == (0.875, 4)


def test_concordance_needs_the_order_of_words_only(dataset):
    """Other numbers in the same order change nothing."""
    even = _numbers(0.6) | {"possible": 0.5}
    first = forecasts.concordance(forecasts.scored(dataset), seed=1, draws=99)
    second = forecasts.concordance(forecasts.scored(dataset, numbers=even), seed=1, draws=99)
    assert first == second


def test_words_turned_round_turn_the_concordance_round():
    """What the sure words agree with, the unsure ones disagree with."""
    rows = said([0.9, 0.9, 0.5, 0.2], [1, 0, 0, 1])
    turned = rows.assign(probability=1 - rows["probability"])
    first, second = (forecasts.concordance(part, 1, 99)["concordance"] for part in (rows, turned))
    assert first + second == pytest.approx(1)


# The shipped forecasts


def test_no_forecast_changes_the_data(dataset):
    """Scoring returns new rows; the table keeps its columns."""
    columns = list(dataset.forecasts.columns)
    forecasts.scored(dataset)
    assert list(dataset.forecasts.columns) == columns


def test_forecasts_all_open_give_no_rows(dataset):
    """A table without outcomes scores nothing, and does not fail."""
    waiting = dataset.forecasts[dataset.forecasts["score"].eq("open")]
    tables = dataset.tables | {"forecasts": waiting}
    assert forecasts.scored(replace(dataset, tables=tables)).empty
