"""A unit wrong by 1,000 is caught in every number that a feed brings, or its contract says why nothing is compared."""

from __future__ import annotations

import re

import pytest

from assets.lineage import read_lineage
from assets.rules import rules_of_model
from dbt_like_sql.project import load_project

PROJECT = load_project()
NUMBERS = [
    (feed, rule.name)
    for feed, contract in PROJECT.contracts.items()
    for rule in contract.fields
    if PROJECT.fields[rule.name].has_magnitude
]
RULES = [model for model in PROJECT.models.values() if model.judged_feed and model.name.endswith("_magnitude")]


def is_compared(feed: str, field: str) -> bool:
    """Whether the ratio that a rule on the magnitudes of the feed judges is made of the field."""
    return any(
        ("candidates", feed, field) in map(tuple, read_lineage()[rule.name].get(ratio, ()))
        for rule in RULES
        for ratio in ("magnitude_ratio", "magnitude_factor")
    )


@pytest.mark.parametrize(("feed", "field"), NUMBERS)
def test_a_number_is_compared_with_earlier_deliveries_or_its_contract_says_why_not(feed: str, field: str) -> None:
    (rule,) = [rule for rule in PROJECT.contracts[feed].fields if rule.name == field]
    assert is_compared(feed, field) != bool(rule.no_magnitude), (
        f"{feed}: give '{field}' a rule models/audits/{feed}_magnitude.sql, or say in its contract why it needs none "
        "(no_magnitude); not both"
    )


def test_every_feed_that_brings_money_is_among_them() -> None:
    money = {feed for feed, field in NUMBERS if re.search("VND|USD", PROJECT.fields[field].unit)}
    assert money <= {rule.judged_feed for rule in RULES}
    assert len(money) >= 14


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_wrong_magnitude_keeps_the_delivery_out_and_the_next_step_speaks_of_the_unit(rule) -> None:
    suite = rules_of_model(PROJECT, rule)
    assert suite is not None
    critical = [e for e in suite.expectations if e.severity == "critical"]
    assert [e.dimension for e in critical] == ["reconciliation"]
    assert re.search("unit|dong|index", critical[0].next_step)
