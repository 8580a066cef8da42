"""A number of the scorecard is followed to the contract of its feed by the names of models, in at most eight steps."""

from __future__ import annotations

from itertools import pairwise

import pytest

from assets.lineage import read_lineage
from dbt_like_sql.project import load_project

PROJECT = load_project()
MOST_STEPS = 8

Step = tuple[str, str]
"""A model and the column in which the value stands."""

WAYS: dict[str, tuple[tuple[Step, ...], Step]] = {
    "growth of construction": (
        (
            ("directive_scorecard", "actual"),
            ("int_item_status", "actual"),
            ("int_growth_item_evidence", "actual"),
            ("int_growth_evidence", "growth_yoy_pct"),
            ("int_sector_growth", "growth_yoy_pct"),
            ("int_base_levels", "value_constant_bn"),
            ("stg_grdp", "value_constant_bn"),
        ),
        ("grdp", "value_constant_bn"),
    ),
    "construction that is counted": (
        (
            ("directive_scorecard", "actual"),
            ("int_item_status", "actual"),
            ("int_coverage_item_evidence", "actual"),
            ("int_capture_totals", "value_estimated_mn"),
            ("int_capture_domains", "value_recorded_mn"),
            ("int_survey_works", "value_mn"),
            ("int_survey_returns", "value_mn"),
            ("stg_construction_survey", "value_mn"),
        ),
        ("construction_survey", "value_mn"),
    ),
    "what a board has disbursed": (
        (
            ("directive_scorecard", "actual"),
            ("int_item_status", "actual"),
            ("int_disbursement_item_evidence", "actual"),
            ("int_disbursement_item_days", "disbursed_pct"),
            ("int_board_disbursement", "disbursed_pct"),
            ("int_budget_lines", "disbursed_vnd"),
            ("int_disbursement_movements", "disbursed_change_vnd"),
            ("stg_treasury_disbursement", "amount_vnd"),
        ),
        ("treasury_disbursement", "amount_vnd"),
    ),
}


@pytest.mark.parametrize("value", WAYS)
def test_each_step_is_made_of_the_next_one(value: str) -> None:
    """A model put in between fails here: name it, and what else became shorter."""
    models, (feed, field) = WAYS[value]
    read = read_lineage()
    for (model, column), following in pairwise(models):
        assert ["ref", *following] in map(list, read[model][column]), f"{model}.{column} is not made of {following}"
    model, column = models[-1]
    assert ["validated", feed, field] in map(list, read[model][column])
    assert field in {rule.name for rule in PROJECT.contracts[feed].fields}


@pytest.mark.parametrize("value", WAYS)
def test_no_value_is_more_than_eight_steps_from_the_contract_of_its_feed(value: str) -> None:
    models, _ = WAYS[value]
    assert len(models) <= MOST_STEPS


@pytest.mark.parametrize("value", WAYS)
def test_no_mart_stands_in_the_middle_of_a_way(value: str) -> None:
    (_, *between), _ = WAYS[value]
    assert [model for model, _ in between if PROJECT.models[model].layer == "marts"] == []
