"""Hidden provinces through the product in short: the whole study is `python -m benchmarks study`."""

from __future__ import annotations

from benchmarks.capture_study import study
from simulator.hidden_provinces import SCENARIOS

DRAWS = 11


def test_three_lists_find_what_two_cannot_where_survey_and_permits_depend_on_each_other() -> None:
    held, _ = study(SCENARIOS["dependent, declarations independent"], DRAWS)
    assert held.draws == DRAWS
    assert min(held.works, held.coverage, held.value) >= 9 / DRAWS
    assert max(abs(held.coverage_bias), abs(held.value_bias)) < 0.02
    assert held.two_list_bias is not None
    assert held.two_list_bias > 0.08


def test_links_of_declarations_that_are_missed_are_corrected() -> None:
    held, _ = study(SCENARIOS["dependent, links of declarations missed"], DRAWS)
    assert min(held.works, held.coverage, held.value) >= 9 / DRAWS
    assert max(abs(held.coverage_bias), abs(held.value_bias)) < 0.02


def test_the_limits_at_the_known_odds_ratio_hold_where_declarations_depend_on_the_others() -> None:
    held, _ = study(SCENARIOS["dependent, declarations at odds ratio 2"], DRAWS)
    assert held.works_at_odds_2 >= 9 / DRAWS
    assert abs(held.coverage_bias_at_odds_2) < 0.015
    assert held.coverage_bias > 0.02


def test_what_hands_mistype_leaves_links_right_and_the_estimate_unmoved() -> None:
    held, linked = study(SCENARIOS["typing errors"], DRAWS)
    assert min(held.works, held.coverage, held.value) >= 9 / DRAWS
    assert abs(held.coverage_bias) < 0.01
    assert linked.precision >= 0.995
    assert linked.false_rows <= 0.03
