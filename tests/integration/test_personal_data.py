"""What leads to a householder, a taxpayer, a plot or an officer reaches the offices that need it, and nobody else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from assets.rules import refuse_strange_columns
from dbt_like_sql.access import public_columns, rows_for
from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.fields import load_fields
from dbt_like_sql.project import load_project
from tests.house import House, csv_text, table

PROJECT = load_project()
WORK_LIST = PROJECT.models["nonstate_construction_omissions"]
OFFICER, APPLICATION = "Nguyễn Văn Ẩn", "HS94-2024-000001"
PERMITS = "building_permits__2024-Q3__2024-10-01.csv"


def test_what_an_office_needs_of_its_work_list_goes_to_it_alone_and_nothing_internal_to_anyone_else(
    province: House,
) -> None:
    private = _delivered_in_confidence(province.home.root / "validated")
    assert len(private) > 300
    for mart in PROJECT.published:
        for row in rows_for(PROJECT, mart, province.mart(mart.name)):
            told = {word for cell in row.values() if isinstance(cell, str) for word in (cell, *cell.split())}
            assert told.isdisjoint(private), (mart.name, row)
    rows = province.mart(WORK_LIST.name)
    agencies = {row["agency_code"] for row in rows}
    assert len(agencies) > 1
    for agency in agencies:
        own = rows_for(PROJECT, WORK_LIST, rows, agency)
        assert own == [row for row in rows if row["agency_code"] == agency]
    assert rows_for(PROJECT, WORK_LIST, rows, "no such agency") == []


def _delivered_in_confidence(validated: Path) -> set[str]:
    """Return all that was delivered in internal columns, where it is long enough to be told from other numbers."""
    found: set[str] = set()
    for feed, contract in PROJECT.contracts.items():
        internal = set(contract.columns) - set(public_columns(PROJECT.fields, contract.columns))
        for row in table(validated / f"{feed}.parquet"):
            found |= {str(row[column]) for column in internal if row[column] is not None}
    return {value for value in found if len(value) >= 6}


def test_no_officer_and_no_number_of_an_application_stands_in_the_reasons_that_all_may_read(house: House) -> None:
    house.deliver(
        PERMITS,
        csv_text(
            ("application_no", "owner_type", "funding_source", "district_code", "received_on"),
            *((APPLICATION, "household", "household", district, "2024-07-01") for district in ("941", "942")),
        ),
    )
    withdrawn = house.deliver_published_figures().name
    house.deliver(
        "delivery_withdrawals__2025__2025-02-01.csv",
        csv_text(
            ("delivery_file", "withdrawn_on", "officer", "reason"), (withdrawn, "2025-02-01", OFFICER, "a wrong year")
        ),
    )
    outcome = house.intake_night()
    refused, taken_back = house.ledger(PERMITS), house.ledger(withdrawn)
    assert refused["status"] == "rejected"
    assert "application_no breaks a rule" in refused["reason"]
    assert taken_back["reason"] == "withdrawn on 2025-02-01: a wrong year"
    for words in (refused["reason"], taken_back["reason"], str(outcome)):
        assert OFFICER not in words
        assert APPLICATION not in words
    (own_file,) = (house.home.root / "rejects" / "building_permits").glob("*.csv")
    assert APPLICATION in own_file.read_text(encoding="utf-8-sig"), "its supplier is told"


def test_a_mart_that_would_publish_an_internal_column_to_everyone_is_refused() -> None:
    columns = (*WORK_LIST.grain, "owner_tax_code", "agency_code")
    refuse_strange_columns(PROJECT, WORK_LIST, columns)
    open_to_all = dataclasses.replace(WORK_LIST, audience="")
    with pytest.raises(DeclarationError, match=r"owner_tax_code is internal and would be published: leave it out"):
        refuse_strange_columns(PROJECT, open_to_all, columns)
    with pytest.raises(DeclarationError, match=r"audience: the model has no column 'agency'"):
        refuse_strange_columns(PROJECT, dataclasses.replace(WORK_LIST, audience="agency"), columns)


@pytest.mark.parametrize(
    ("access", "said"), [("", "missing access"), ("  access: some\n", "access is public or internal, not 'some'")]
)
def test_a_column_that_does_not_say_who_may_read_it_is_refused(tmp_path: Path, access: str, said: str) -> None:
    rest = "  label_en: A\n  label_vi: A\n  description_en: A.\n  description_vi: A.\n"
    (tmp_path / "one.yml").write_text(f"tax_code:\n  type: varchar\n  unit: code\n{access}{rest}", encoding="utf-8")
    with pytest.raises(DeclarationError, match=said):
        load_fields(tmp_path)


def test_who_may_read_a_column_stands_in_the_file(province: House) -> None:
    schema = pq.read_schema(province.home.marts / "current" / f"{WORK_LIST.name}.parquet")
    said = {name: schema.field(name).metadata[b"access"].decode() for name in schema.names}
    assert (said["owner_tax_code"], said["district_code"]) == ("internal", "public")
    assert load_fields()["name"].is_public, "heads stand in their public post"
