"""The samples with one delivery in another unit: its rule refuses that delivery and no other, feed by feed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assets.lineage import read_lineage
from assets.rules import rules_of_model
from dbt_like_sql.project import Model
from expectations.runner import judge
from tests.house import AS_OF, House
from tests.unit.sql_on_rows import PROJECT, Tables

pytestmark = pytest.mark.slow

RULES = {
    model.judged_feed: model
    for model in PROJECT.models_in_order()
    if model.judged_feed and model.name.endswith("_magnitude")
}
JUDGED_FROM_THE_FIRST = ("treasury_disbursement", "investment_plan")
"""Feeds whose first delivery is set beside a registered figure."""


def amounts(rule: Model) -> list[str]:
    """The numbers of the contract that the rule compares, from the traced SQL."""
    traced = read_lineage()[rule.name]
    sources = [source for ratio in ("magnitude_ratio", "magnitude_factor") for source in traced.get(ratio, ())]
    contract = PROJECT.contracts[str(rule.judged_feed)]
    numbers = [field.name for field in contract.fields if PROJECT.fields[field.name].is_number]
    return [name for name in numbers if ("candidates", contract.feed, name) in map(tuple, sources)]


def refused(house: House, rule: Model, delivery_id: str | None = None, factor: str = "1") -> set[str]:
    """The deliveries that the rule refuses when one of them is multiplied."""
    feed = str(rule.judged_feed)
    tables = Tables()
    scaled = ", ".join(
        f"cast(case when delivery_id = '{delivery_id}' then cast({name} as decimal(30, 6)) * {factor} else {name} end "
        f"as decimal(38, 6)) as {name}"
        for name in amounts(rule)
    )
    path = house.home.root / "candidates" / f"{feed}.parquet"
    candidates = f'"candidates__{feed}"'
    tables.engine.execute(f"create table {candidates} as select * replace ({scaled}) from read_parquet('{path}')")
    tables.built.add(candidates)
    tables.build([rule.name], AS_OF.isoformat())
    suite = rules_of_model(PROJECT, rule)
    assert suite is not None
    report = judge(suite, tables.engine.sql(f'select * from "{rule.name}"').to_arrow_table())
    assert not [r for r in report.results if r.outcome == "errored"], report
    critical = {e.check for e in suite.expectations if e.severity == "critical"}
    return {d for r in report.results if r.check in critical for d in r.failing_by_delivery if d is not None}


def deliveries(house: House, feed: str) -> Iterator[str]:
    """The deliveries of a feed that hold candidates, in the order of their release."""
    rows = house.table("candidates", feed)
    yield from dict.fromkeys(
        r["delivery_id"] for r in sorted(rows, key=lambda r: (r["released_on"], r["revision"], r["delivery_id"]))
    )


@pytest.mark.parametrize("feed", sorted(set(RULES) - {"published_figures"}))
def test_a_delivery_in_another_unit_is_refused_and_no_other(samples_house: House, feed: str) -> None:
    rule = RULES[feed]
    assert amounts(rule)
    assert refused(samples_house, rule) == set()
    every = list(deliveries(samples_house, feed))
    for delivery_id in every if feed in JUDGED_FROM_THE_FIRST else every[-1:]:
        for factor in ("1000", "0.001"):
            assert refused(samples_house, rule, delivery_id, factor) == {delivery_id}, (delivery_id, factor)
