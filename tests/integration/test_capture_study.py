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
