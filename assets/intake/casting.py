"""Text into the types of a contract's fields, by the engine: what is not what its field promises is a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from assets.intake.context import Intake
from assets.intake.finding_messages import SEND_AGAIN
from dbt_like_sql.casts import cast_findings_sql, rounded_cells_sql, typed_rows_sql
from dbt_like_sql.contracts import Contract, FileForm
from expectations.report import Finding


def cast_rows(intake: Intake, contract: Contract, form: FileForm, parsed: pa.Table) -> tuple[pa.Table, list[Finding]]:
    """Return typed rows, and a finding for each cell that is not what its field promises."""
    fields = dict(intake.project.fields)
    typed = intake.warehouse.query(typed_rows_sql(contract, form, fields, "parsed"), parsed=parsed)
    if all(typed.column(rule.name).null_count == parsed.column(rule.name).null_count for rule in contract.fields):
        return typed, []
    broken = intake.warehouse.query(cast_findings_sql(contract, form, fields, "parsed"), parsed=parsed)
    return typed, [_cast_finding(contract.feed, form, row) for row in broken.to_pylist()]


def rounded_cells(intake: Intake, contract: Contract, form: FileForm, parsed: pa.Table) -> dict[str, int]:
    """Return how many cells of each delivery were binary noise that the casts rounded away."""
    if form.source_precision != "binary_float":
        return {}
    sql = rounded_cells_sql(contract, form, dict(intake.project.fields), "parsed")
    counted = intake.warehouse.query(sql, parsed=parsed).to_pylist()
    return {row["delivery_id"]: row["cells_rounded"] for row in counted}


def _cast_finding(feed: str, form: FileForm, row: Mapping[str, Any]) -> Finding:
    numbers = "1.234.567,89" if form.numbers == "vi" else "1234567.89"
    dates = " or ".join({"iso": "2024-10-01", "dmy": "01/10/2024"}[style] for style in form.dates)
    wrong = {
        "is_a_number": f"is no number; numbers are written like {numbers}",
        "has_no_surplus_decimals": "has more decimals than this field keeps, and nothing is rounded in silence",
        "fits_its_type": "is too large for this field",
        "is_a_date": f"is no date; dates are written like {dates}",
        "is_true_or_false": "is neither true nor false",
    }[row["check_name"]]
    where = (
        f"sheet '{row['source_sheet']}', row {row['source_row']}" if row["source_sheet"] else f"row {row['source_row']}"
    )
    return Finding(
        feed=feed,
        delivery_id=row["delivery_id"],
        source_file=row["source_file"],
        source_sheet=row["source_sheet"],
        source_row=row["source_row"],
        check=row["check_name"],
        severity="critical",
        column=row["column_name"],
        value=row["value_text"],
        sentence=(
            f"{feed}, delivery {row['source_file']}, {where}: {row['column_name']} '{row['value_text']}' {wrong}."
        ),
        next_step=SEND_AGAIN,
    )
