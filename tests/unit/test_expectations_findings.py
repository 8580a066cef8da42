"""Findings say feed, delivery, row, what is wrong and what should be, in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from expectations.findings import finding_sentence, findings_of
from expectations.report import CheckResult, Finding, SuiteReport

FILES = {"d1": "treasury_disbursement__2024-09__2024-10-03.csv", "d2": "treasury_disbursement__2024-10__2024-11-04.csv"}


def failed(**changed: Any) -> CheckResult:
    values: dict[str, Any] = {
        "check": "amount_is_positive",
        "dimension": "validity",
        "severity": "critical",
        "outcome": "failed",
        "description": "Amounts are positive whole dong.",
        "observed": "1 of 20 rows",
        "failing_rows": ({"delivery_id": "d1", "source_file": FILES["d1"], "source_row": 17, "amount_vnd": "-5"},),
        "failing_count": 1,
        "failing_by_delivery": {"d1": 1},
        "next_step": "Correct the row and send the file again with note r2.",
        "columns": ("amount_vnd",),
    }
    return CheckResult(**{**values, **changed})


def findings(*results: CheckResult) -> list[Finding]:
    return findings_of(SuiteReport("validated__treasury_disbursement", 20, results), "treasury_disbursement", FILES)


def test_a_failing_row_becomes_a_sentence_with_its_next_step() -> None:
    assert findings(failed()) == [
        Finding(
            feed="treasury_disbursement",
            delivery_id="d1",
            source_file=FILES["d1"],
            source_sheet=None,
            source_row=17,
            check="amount_is_positive",
            severity="critical",
            column="amount_vnd",
            value="-5",
            sentence=(
                f"treasury_disbursement, delivery {FILES['d1']}, row 17: amount_vnd is -5, "
                "but amounts are positive whole dong."
            ),
            next_step="Correct the row and send the file again with note r2.",
        )
    ]


def test_a_row_of_a_workbook_says_its_sheet_and_every_judged_value() -> None:
    row = {"delivery_id": "d1", "source_sheet": "GRDP", "source_row": 9, "posted_on": None, "released_on": "2024-10-03"}
    result = failed(columns=("posted_on", "released_on"), failing_rows=(row,), description="GRDP comes first.")
    finding = findings(result)[0]
    assert (finding.source_sheet, finding.column, finding.value) == (
        "GRDP",
        "posted_on, released_on",
        "posted_on=empty, released_on=2024-10-03",
    )
    assert finding.sentence.endswith(
        "sheet 'GRDP', row 9: posted_on is empty and released_on is 2024-10-03, but GRDP comes first."
    )


@pytest.mark.parametrize(("value", "shown"), [(True, "true"), (0, "0"), ("", "empty"), (None, "empty")])
def test_values_are_shown_as_people_write_them(value: Any, shown: str) -> None:
    sentence = finding_sentence(failed(), {"amount_vnd": value}, "grdp", None)
    assert sentence == f"grdp: amount_vnd is {shown}, but amounts are positive whole dong."


def test_rows_past_the_limit_are_one_finding_of_their_delivery() -> None:
    found = findings(failed(failing_count=1203, failing_by_delivery={"d1": 3, "d2": 1200}))
    assert [(f.delivery_id, f.source_row) for f in found] == [("d1", 17), ("d1", None), ("d2", None)]
    assert found[2].sentence == (
        f"treasury_disbursement, delivery {FILES['d2']}: 1,200 more of its rows break the rule that amounts are "
        "positive whole dong (1,200 in all)."
    )


def test_a_rule_that_could_not_be_judged_is_a_finding_of_every_delivery() -> None:
    found = findings(
        failed(outcome="errored", failing_rows=(), failing_by_delivery={}, error="the table has no column x")
    )
    assert [finding.delivery_id for finding in found] == ["d1", "d2"]
    assert found[0].sentence == (
        f"treasury_disbursement, delivery {FILES['d1']}: the rule amount_is_positive could not be judged, because the "
        "table has no column x."
    )


def test_what_passed_is_no_finding() -> None:
    assert findings(failed(outcome="passed", failing_rows=())) == []


def test_a_finding_survives_being_kept() -> None:
    finding = findings(failed())[0]
    assert Finding.from_dict(finding.to_dict()) == finding
