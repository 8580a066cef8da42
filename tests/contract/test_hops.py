"""A number of the scorecard is followed to the contract of its feed by the names of models, in at most eight steps.

The ways are those that the lineage of columns knows. An amount, whatever is measured in money, percent, tonnes and the
like, is followed through every column that it is made of, down to the contract. A count begins where rows are counted,
and is followed to that model; weights, days and keys are no amounts, and decide what is counted. The share of rows that
are of a kind is followed by the flags and days that say so, down to the model in which rows are judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import pytest

from assets.lineage import read_lineage
from dbt_like_sql.project import load_project

PROJECT = load_project()
MOST_STEPS = 8
FIGURE = ("directive_scorecard", "actual")
COUNTS = {"count", "sites", "sites squared"}
NEITHER = {
    "units for each unit drawn", "ratio squared", "days", "day", "month", "month of the year", "months", "year",
    "years", "rank", "score", "row number", "number", "lines",
}  # fmt: skip
SHARES_OF_LINKS = {"link_recall", "link_false_share"}
"""How many links of those tried again are right: counts, one over another; what is compared decides what is counted."""
LONGER = {
    "required_growth_percentile": "it places a growth among those of all earlier years, whose levels may be linked",
    "projected_growth_pct": "a projection is made of many models, and of no single figure of a feed",
    "probability_of_target": "it is the chance that such a projection comes true",
    "mean_absolute_revision_pp": "it looks back over all vintages of a figure",
    "progress_ratio": "it is what the mart of boards says of the day: one step more than the share disbursed",
}

Step = tuple[str, str]
"""A model and the column in which the value stands."""
Way = tuple[Step, ...]

LINES = sorted(model for model, declared in PROJECT.evidence.items() if declared.indicators)
NAMED: dict[str, tuple[Way, Step]] = {
    "growth of construction": (
        (
            FIGURE,
            ("int_item_status", "actual"),
            ("int_growth_item_evidence", "actual"),
            ("int_growth_evidence", "growth_yoy_pct"),
            ("int_sector_growth", "growth_yoy_pct"),
            ("int_base_levels", "value_constant_bn"),
            ("stg_grdp", "value_constant_bn"),
        ),
        ("grdp", "value_constant_bn"),
    ),
    "growth over a level of an older price base": (
        (
            FIGURE,
            ("int_item_status", "actual"),
            ("int_growth_item_evidence", "actual"),
            ("int_growth_evidence", "growth_yoy_pct"),
            ("int_sector_growth", "growth_yoy_pct"),
            ("int_linked_levels", "linked_value_bn"),
            ("int_base_levels", "exact_linking_factor"),
            ("stg_grdp", "value_constant_bn"),
        ),
        ("grdp", "value_constant_bn"),
    ),
    "construction that is counted": (
        (
            FIGURE,
            ("int_item_status", "actual"),
            ("int_coverage_item_evidence", "actual"),
            ("int_capture_totals", "value_estimated_mn"),
            ("int_capture_domains", "value_recorded_mn"),
            ("stg_construction_survey", "value_mn"),
        ),
        ("construction_survey", "value_mn"),
    ),
    "construction on the lists that was not found": (
        (
            FIGURE,
            ("int_item_status", "actual"),
            ("int_coverage_item_evidence", "actual"),
            ("int_capture_totals", "value_not_found_mn"),
            ("int_capture_missing_value", "value_not_found_mn"),
            ("int_capture_works", "works_size"),
            ("int_listed_works", "works_value_mn"),
            ("stg_building_permits", "declared_value_mn"),
        ),
        ("building_permits", "declared_value_mn"),
    ),
    "construction that only tax declarations report": (
        (
            FIGURE,
            ("int_item_status", "actual"),
            ("int_coverage_item_evidence", "actual"),
            ("int_capture_totals", "value_not_found_mn"),
            ("int_capture_missing_value", "value_not_found_mn"),
            ("int_capture_works", "seen_value_mn"),
            ("int_building_contracts", "contract_turnover_mn"),
            ("stg_construction_tax", "turnover_ex_vat_mn"),
        ),
        ("construction_tax", "turnover_ex_vat_mn"),
    ),
    "construction whose value is imputed": (
        (
            FIGURE,
            ("int_item_status", "actual"),
            ("int_coverage_item_evidence", "actual"),
            ("int_capture_totals", "value_unseen_mn"),
            ("int_capture_missing_value", "value_unseen_mn"),
            ("int_capture_domains", "value_set_aside_imputed_mn"),
            ("int_imputed_returns", "imputed_value_mn"),
            ("stg_construction_survey", "value_mn"),
        ),
        ("construction_survey", "value_mn"),
    ),
    "what a board has disbursed": (
        (
            FIGURE,
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
"""Ways that a reader asks for most, with the contract's field at the end."""


def is_number(column: str) -> bool:
    field = PROJECT.fields.get(column)
    return field is not None and field.type.split("(")[0] in ("integer", "bigint", "decimal", "double")


def is_amount(column: str) -> bool:
    return is_number(column) and PROJECT.fields[column].unit not in COUNTS | NEITHER and not is_count(column)


def is_count(column: str) -> bool:
    return is_number(column) and (PROJECT.fields[column].unit in COUNTS or column in SHARES_OF_LINKS)


def says_what_is_done(column: str) -> bool:
    """A flag, or the day on which something was done or is due."""
    field = PROJECT.fields.get(column)
    is_asked = column not in {"is_simulated", "released_on"}
    return field is not None and field.type in ("boolean", "date") and is_asked


@cache
def made_of(step: Step) -> tuple[Step, ...]:
    """The columns of other models of which a column is made."""
    model, column = step
    lineage = read_lineage()
    return tuple((table, name) for layer, table, name in lineage[model][column] if layer == "ref" and table in lineage)


@cache
def fields_of(step: Step) -> tuple[Step, ...]:
    """The fields of contracts that a column of a staging model is read from."""
    model, column = step
    return tuple((table, name) for layer, table, name in read_lineage()[model][column] if layer == "validated")


@cache
def longest_ways(step: Step) -> dict[Step, Way]:
    """The longest way on which an amount comes from each field of a contract."""
    ways = {field: (step,) for field in fields_of(step) if is_amount(field[1])}
    for before in made_of(step):
        if is_amount(before[1]):
            for field, way in longest_ways(before).items():
                if len(way) >= len(ways.get(field, ())):
                    ways[field] = (step, *way)
    return ways


@cache
def ways_of_counts(step: Step) -> frozenset[Way]:
    """The ways from an amount or a count to the models in which rows are counted."""
    before = [s for s in made_of(step) if is_count(s[1]) or (is_amount(step[1]) and is_amount(s[1]))]
    ways = {(step, *way) for s in before for way in ways_of_counts(s)}
    return frozenset(ways or ({(step,)} if is_count(step[1]) else ()))


@cache
def ways_of_flags(step: Step) -> frozenset[Way]:
    """The ways from a share, over the flags and days that it is made of, to the models in which rows are judged."""
    ways = {(step, *way) for s in made_of(step) if says_what_is_done(s[1]) for way in ways_of_flags(s)}
    return frozenset(ways or ({(step,)} if says_what_is_done(step[1]) else ()))


def lines_of(evidence: str) -> Iterator[Step]:
    yield from (step for step in made_of(("int_item_status", "actual")) if step[0] == evidence)


def text(way: Way) -> str:
    return " ← ".join(f"{model}.{column}" for model, column in way)


@pytest.mark.parametrize("evidence", LINES)
def test_no_amount_of_a_line_is_more_than_eight_steps_from_the_contract_of_its_feed(evidence: str) -> None:
    to_line = (FIGURE, ("int_item_status", "actual"))
    (line,) = lines_of(evidence)
    too_long = [text((*to_line, *way)) for way in longest_ways(line).values() if len(to_line) + len(way) > MOST_STEPS]
    assert too_long == []


@pytest.mark.parametrize("evidence", LINES)
def test_no_count_of_a_line_is_more_than_eight_steps_from_where_its_rows_are_counted(evidence: str) -> None:
    to_line = (FIGURE, ("int_item_status", "actual"))
    (line,) = lines_of(evidence)
    too_long = [text((*to_line, *way)) for way in ways_of_counts(line) if len(to_line) + len(way) > MOST_STEPS]
    assert too_long == []


@pytest.mark.parametrize("evidence", LINES)
def test_each_line_is_followed_and_a_share_of_flags_for_no_more_than_eight_steps(evidence: str) -> None:
    to_line = (FIGURE, ("int_item_status", "actual"))
    (line,) = lines_of(evidence)
    if not longest_ways(line) and not ways_of_counts(line):
        assert ways_of_flags(line) != frozenset(), f"{evidence} is made of nothing that is followed"
        too_long = [text((*to_line, *w)) for w in ways_of_flags(line) if len(to_line) + len(w) > MOST_STEPS]
        assert too_long == []


def test_other_numbers_of_the_scorecard_are_as_near_but_for_those_that_say_why_not() -> None:
    longer = {
        column
        for column in read_lineage()["directive_scorecard"]
        if is_amount(column)
        and any(len(way) > MOST_STEPS for way in longest_ways(("directive_scorecard", column)).values())
    }
    assert longer == set(LONGER)


def test_full_capture_is_followed_to_all_lists_that_it_is_measured_by() -> None:
    (line,) = lines_of("int_coverage_item_evidence")
    assert {feed for feed, _ in longest_ways(line)} == {
        "building_permits", "design_appraisals", "construction_survey", "construction_tax",
    }  # fmt: skip
    ends = {way[-1][0] for way in ways_of_counts(line)}
    assert "int_capture_domains" in ends  # which counts what was listed, found and answered


@pytest.mark.parametrize("value", NAMED)
def test_each_step_is_made_of_the_next_one(value: str) -> None:
    """A model put in between fails here: name it, and what else became shorter."""
    steps, (feed, field) = NAMED[value]
    for step, following in pairwise(steps):
        assert following in made_of(step), f"{step} is not made of {following}"
    assert (feed, field) in fields_of(steps[-1])
    assert field in {rule.name for rule in PROJECT.contracts[feed].fields}


@pytest.mark.parametrize("value", NAMED)
def test_no_mart_stands_in_the_middle_of_a_way(value: str) -> None:
    (_, *between), _ = NAMED[value]
    assert [model for model, _ in between if PROJECT.models[model].layer == "marts"] == []
