"""The rules that follow from a contract: all of them, each once, and each able to fail."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dbt_like_sql.contracts import Contract, FieldRule, FileForm, Schedule
from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.fields import Field
from dbt_like_sql.project import Seed, load_project
from expectations.contract import (
    FORMAT_PATTERNS,
    codes_of_seeds,
    expectations_from,
    expectations_from_grain,
)
from expectations.findings import findings_of
from expectations.report import SuiteReport
from expectations.runner import judge
from expectations.suites import Suite, load_suite, suite_files

DAY = dt.date(2024, 10, 3)
FILES = {"d1": "vouchers__2024-09__2024-10-03.csv"}


def field(name: str, kind: str, unit: str = "text", **more: Any) -> Field:
    return Field(name, kind, unit, "public", name, name, name, name, **more)


FIELDS = {
    f.name: f
    for f in (
        field("voucher_no", "varchar"),
        field("project_code", "varchar", "code"),
        field("source", "varchar", "code", codes=("central", "local")),
        field("agency_code", "varchar", "code", codes="agencies.agency_code"),
        field("month", "varchar", "month", format="month"),
        field("posted_on", "date", "date"),
        field("amount_vnd", "decimal(18,0)", "VND"),
    )
}
CODES = {"agencies.agency_code": ("SKHDT", "CTK")}


def contract(**changed: Any) -> Contract:
    rules = (
        FieldRule("voucher_no", required=True),
        FieldRule("project_code", required=True, pattern=r"^[78]\d{6}$"),
        FieldRule("source"),
        FieldRule("agency_code"),
        FieldRule("month"),
        FieldRule("posted_on", not_after="released_on"),
        FieldRule("amount_vnd", required=True, minimum=1, maximum="1000000000000000"),
    )
    values: dict[str, Any] = {
        "feed": "vouchers",
        "title_en": "",
        "title_vi": "",
        "description_en": "",
        "description_vi": "",
        "supplier": "",
        "supplier_en": "",
        "owner": "",
        "kind": "increment",
        "schedule": Schedule("monthly"),
        "key": ("voucher_no",),
        "fields": rules,
        "forms": {"csv": FileForm("csv")},
    }
    return Contract(**{**values, **changed})


def table(**changed: Any) -> pa.Table:
    """One good row as the contract declares it, with some values changed (a list: several rows)."""
    good: dict[str, Any] = {
        "delivery_id": "d1",
        "released_on": DAY,
        "revision": 0,
        "is_simulated": False,
        "source_file": FILES["d1"],
        "source_sheet": None,
        "source_row": 17,
        "voucher_no": "PC-1",
        "project_code": "7001234",
        "source": "central",
        "agency_code": "CTK",
        "month": "2024-09",
        "posted_on": DAY,
        "amount_vnd": Decimal(5),
        "missing_marks": None,
    }
    kinds = {
        "delivery_id": pa.string(),
        "released_on": pa.date32(),
        "revision": pa.int32(),
        "is_simulated": pa.bool_(),
        "source_row": pa.int64(),
        "posted_on": pa.date32(),
        "amount_vnd": pa.decimal128(18, 0),
    }
    rows = max((len(value) for value in changed.values() if isinstance(value, list)), default=1)
    columns = {**good, **changed}
    return pa.table(
        {
            name: pa.array(value if isinstance(value, list) else [value] * rows, kinds.get(name, pa.string()))
            for name, value in columns.items()
        }
    )


def report(rows: pa.Table) -> SuiteReport:
    rules = expectations_from(contract(), FIELDS, CODES)
    suite = load_suite("validated", "vouchers", rules)
    assert suite is not None
    return judge(suite, rows)


def test_a_good_row_passes_every_derived_rule() -> None:
    judged = report(table())
    assert judged.passed
    assert [result.check for result in judged.results] == [
        "columns_are_as_declared",
        "has_rows",
        "voucher_no_is_given",
        "project_code_is_given",
        "project_code_has_its_form",
        "source_is_a_known_code",
        "agency_code_is_a_known_code",
        "month_is_a_month",
        "posted_on_is_not_after_released_on",
        "amount_vnd_is_given",
        "amount_vnd_is_in_range",
        "key_is_unique",
    ]
    assert {result.severity for result in judged.results} == {"critical"}


@pytest.mark.parametrize(
    ("changed", "check", "said"),
    [
        (
            {"voucher_no": None},
            "voucher_no_is_given",
            "row 17: voucher_no is empty, but every row must say its voucher_no.",
        ),
        (
            {"project_code": "9001234"},
            "project_code_has_its_form",
            r"project_code is 9001234, but project_code must have",
        ),
        ({"project_code": "70012345"}, "project_code_has_its_form", r"project_code is 70012345"),
        ({"source": "oda"}, "source_is_a_known_code", "source is oda, but source must be one of central, local."),
        (
            {"agency_code": "XYZ"},
            "agency_code_is_a_known_code",
            "agency_code is XYZ, but agency_code must be in the seed agencies (agency_code).",
        ),
        ({"month": "2024-13"}, "month_is_a_month", "month is 2024-13, but month must be written such as 2024-08."),
        (
            {"posted_on": dt.date(2024, 10, 4)},
            "posted_on_is_not_after_released_on",
            "released_on is 2024-10-03 and posted_on is 2024-10-04, but posted_on must not lie after released_on.",
        ),
        (
            {"amount_vnd": Decimal(-5)},
            "amount_vnd_is_in_range",
            "amount_vnd is -5, but amount_vnd must be at least 1 VND and at most 1000000000000000 VND.",
        ),
        ({"amount_vnd": Decimal(10**15 + 1)}, "amount_vnd_is_in_range", "amount_vnd is 1000000000000001"),
        ({"voucher_no": ["PC-1", "PC-1"]}, "key_is_unique", "no two rows of a delivery may have the same voucher_no."),
    ],
)
def test_each_broken_promise_is_said_in_a_sentence(changed: dict[str, Any], check: str, said: str) -> None:
    judged = report(table(**changed))
    assert [result.check for result in judged.not_passed] == [check]
    finding = findings_of(judged, "vouchers", FILES)[0]
    assert (finding.delivery_id, finding.source_row, finding.severity) == ("d1", 17, "critical")
    assert finding.sentence.startswith("vouchers, delivery vouchers__2024-09__2024-10-03.csv, row 17: ")
    assert said in finding.sentence
    assert finding.next_step.endswith(".")


def test_the_same_key_in_two_deliveries_is_a_restatement_and_no_fault() -> None:
    assert report(table(delivery_id=["d1", "d2"])).passed


def test_optional_fields_may_be_empty() -> None:
    assert report(table(source=None, agency_code=None, month=None, posted_on=None)).passed


def test_a_delivery_without_rows_is_not_passed_over() -> None:
    judged = report(table().slice(0, 0))
    assert [result.check for result in judged.not_passed] == ["has_rows"]
    finding = findings_of(judged, "vouchers", FILES)[0]
    assert (finding.delivery_id, finding.source_row) == ("d1", None)
    assert finding.sentence == (
        "vouchers, delivery vouchers__2024-09__2024-10-03.csv: found 0 rows, but a delivery must have at least one row."
    )


def test_a_missing_column_is_said_and_its_rules_are_errored() -> None:
    judged = report(table().drop_columns(["project_code"]))
    outcomes = {result.check: result.outcome for result in judged.not_passed}
    assert outcomes == {
        "columns_are_as_declared": "failed",
        "project_code_is_given": "errored",
        "project_code_has_its_form": "errored",
    }


def test_a_register_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"vouchers.yml: agency_code: the seed agencies.agency_code"):
        expectations_from(contract(), FIELDS, {})


def test_a_field_that_could_never_pass_is_refused() -> None:
    impossible = contract(fields=(FieldRule("voucher_no"), FieldRule("amount_vnd", minimum=2, maximum=1)))
    with pytest.raises(DeclarationError, match="could never pass"):
        expectations_from(impossible, FIELDS, CODES)


def test_registers_are_read_from_the_seeds(tmp_path: Path) -> None:
    path = tmp_path / "agencies.csv"
    path.write_text("agency_code,name\nCTK,Cục Thống kê\nSKHDT,Sở KH&ĐT\nCTK,again\n", encoding="utf-8")
    seed = Seed("agencies", (path,), ("agency_code", "name"), "", "Agencies.", "Cơ quan.")
    assert codes_of_seeds(FIELDS, {"agencies": seed}) == {"agencies.agency_code": ("CTK", "SKHDT")}
    with pytest.raises(DeclarationError, match="'agencies' is not among the seeds"):
        codes_of_seeds(FIELDS, {})
    with pytest.raises(DeclarationError, match="has no column 'agency_code'"):
        codes_of_seeds(FIELDS, {"agencies": replace(seed, columns=("code", "name"))})


@pytest.mark.parametrize(
    "code", ["2024", "2024-Q3", "2024-9M", "2024-11M", "2024-08", "2024-10-31", "2024-07..2024-10"]
)
def test_every_kind_of_period_has_its_form(code: str) -> None:
    assert re.fullmatch(FORMAT_PATTERNS["period"], code)


@pytest.mark.parametrize("code", ["24", "2024-Q5", "2024-1M", "2024-12M", "2024-13", "Quý 3", "2024-9m", "2024-07.."])
def test_what_is_no_period_has_not(code: str) -> None:
    assert not re.fullmatch(FORMAT_PATTERNS["period"], code)


def test_a_grain_is_given_and_unique() -> None:
    def outcomes(grain: list[str], rows: dict[str, list[Any]]) -> list[str]:
        suite = Suite("marts", "m", tuple(expectations_from_grain("m", grain)), tuple(grain))
        return [result.check for result in judge(suite, pa.table(rows)).not_passed]

    assert outcomes(["a"], {"a": [1, 2]}) == []
    assert outcomes(["a"], {"a": [1, 1]}) == ["grain_is_unique"]
    assert outcomes(["a", "b"], {"a": [1, 1], "b": ["x", "y"]}) == []
    assert outcomes(["a", "b"], {"a": [1, 1], "b": ["x", "x"]}) == ["grain_is_unique"]
    assert outcomes(["a", "b"], {"a": [1, 1], "b": ["x", None]}) == ["b_is_given"]


def test_every_feed_is_judged_in_four_dimensions_by_rules_on_columns_that_it_has() -> None:
    project = load_project()
    seeds = codes_of_seeds(project.fields, project.seeds)
    files = suite_files(project.subjects)
    for feed, promised in project.contracts.items():
        derived = expectations_from(promised, project.fields, seeds)
        suite = load_suite("validated", feed, derived, files.get(("validated", feed)))
        assert suite is not None
        assert {"schema", "completeness", "validity", "uniqueness"} <= set(suite.dimensions), feed
        judged = {name for rule in suite.expectations for name in rule.columns}
        assert judged <= set(promised.columns), feed
        assert set(suite.row_id) <= set(promised.columns), feed


def test_every_suite_judges_a_feed_or_a_model() -> None:
    subjects = load_project().subjects
    assert set(suite_files(subjects)) <= set(subjects)
