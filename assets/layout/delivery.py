"""The delivery that is laid out, and the findings about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dbt_like_sql.contracts import Contract, FieldRule, FileForm
from dbt_like_sql.fields import Field
from dbt_like_sql.periods import Period
from expectations.report import Finding, Severity

MOST_FINDINGS_OF_ONE_RULE = 10_000
"""Beyond so many bad rows a delivery is wrong as a whole; listing more helps nobody."""

_SEND_AGAIN = "Correct it and send the file again."


@dataclass
class Delivery:
    """A delivery under its contract; collects what is wrong with it."""

    contract: Contract
    form: FileForm
    fields: Mapping[str, Field]
    delivery_id: str
    source_file: str
    period: Period | None = None
    findings: list[Finding] = field(default_factory=list)

    def rule(self, name: str) -> FieldRule:
        """The contract's rule of a field."""
        return next(rule for rule in self.contract.fields if rule.name == name)

    def found(
        self,
        check: str,
        severity: Severity,
        fault: str,
        next_step: str = _SEND_AGAIN,
        *,
        sheet: str | None = None,
        row: int | None = None,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
        at: tuple[int, ...] | None = None,
    ) -> None:
        """Add a finding; its sentence names the feed, the file, the sheet and the row, and then states the `fault`.

        `row` is a row of data, which may be quarantined; `line` is a row that holds no data, so that the finding is
        about the whole delivery. `at` is the row and column, from 1, of a cell that shows what is wrong where that is
        not `column` in `row`; of several cells of a row their columns follow.
        """
        where = [self.contract.feed, f"delivery {self.source_file}"]
        if sheet is not None:
            where.append(f"sheet '{sheet}'")
        if row is not None or line is not None:
            where.append(f"row {line if row is None else row}")
        self.findings.append(
            Finding(
                feed=self.contract.feed,
                delivery_id=self.delivery_id,
                source_file=self.source_file,
                source_sheet=sheet,
                source_row=row,
                check=check,
                severity=severity,
                column=column,
                value=None if value is None else value[:200],
                sentence=f"{', '.join(where)}: {fault}.",
                next_step=next_step,
                line=line if at is None else at[0],
                column_numbers=() if at is None else at[1:],
            )
        )

    def too_many(self, check: str, count: int, fault: str, sheet: str | None) -> bool:
        """Whether so many rows break a rule that one finding stands for all of them; then it is added."""
        if count <= MOST_FINDINGS_OF_ONE_RULE:
            return False
        self.found(check, "critical", f"{count:,} rows {fault}", sheet=sheet)
        return True
