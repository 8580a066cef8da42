"""Each rule that may be found broken in a delivery says in Vietnamese what is to be done, in words of its own."""

from __future__ import annotations

import re

import pytest
import yaml

from dbt_like_sql.project import load_project
from expectations.suites import FOLDER

LAYERS_OF_DELIVERIES = ("validated", "audits")
"""Suites whose findings go back to who sent the file; what a suite of marts finds is for the data team."""


def rules() -> dict[str, str]:
    """The rules of all suites about deliveries, with what they say in English."""
    found = {}
    for layer in LAYERS_OF_DELIVERIES:
        for path in sorted((FOLDER / layer).rglob("*.yml")):
            for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["expectations"]:
                found[rule["meta"]["check"]] = rule["meta"]["next_step"]
    return found


@pytest.fixture(scope="module")
def remedies() -> dict[str, str]:
    rows = list(load_project().seeds["finding_remedies"].rows())
    assert len(rows) == len({row["rule"] for row in rows})
    return {row["rule"]: row["remedy_vi"] for row in rows}


def test_each_rule_of_each_suite_has_a_vietnamese_remedy(remedies: dict[str, str]) -> None:
    assert sorted(rules().keys() - remedies.keys()) == []


def test_a_remedy_is_a_sentence_for_an_office_without_names_of_columns_and_rules(remedies: dict[str, str]) -> None:
    for rule, said in remedies.items():
        assert said.endswith("."), rule
        assert not re.search(r"\b[a-z]+_[a-z_]+\b", said), rule
        assert said[0] == said[0].upper(), rule


def test_a_remedy_is_no_sentence_that_fits_every_rule(remedies: dict[str, str]) -> None:
    said = list(remedies.values())
    assert [one for one in set(said) if said.count(one) > 1] == []
