"""Messages about a delivery: what is wrong, which rule says so, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dbt_like_sql.fields import Field
from expectations.report import Finding, Severity
from resources.landing import Receipt

SEND_AGAIN = "Correct it and send the file again with the note r2 (or a higher number) at the end of its name."


def found_in(
    receipt: Receipt,
    check: str,
    severity: Severity,
    column: str | None,
    fault: str,
    next_step: str,
    value: str | None = None,
) -> Finding:
    """Return a finding about a delivery as a whole, which no row shows; `fault` is what is wrong, without its end."""
    return Finding(
        feed=receipt.feed,
        delivery_id=receipt.delivery_id,
        source_file=receipt.file_name,
        source_sheet=None,
        source_row=None,
        check=check,
        severity=severity,
        column=column,
        value=value,
        sentence=f"{receipt.feed}, delivery {receipt.file_name}: {fault}.",
        next_step=next_step,
    )


def in_words(findings: Sequence[Finding], fields: Mapping[str, Field]) -> str:
    """The first finding as anyone may read it, and how many more there are."""
    if not findings:
        return ""
    more = f" And {len(findings) - 1} more." if len(findings) > 1 else ""
    return f"{_message_to_anyone(findings[0], fields)}{more} {findings[0].next_step}".strip()


def _message_to_anyone(finding: Finding, fields: Mapping[str, Field]) -> str:
    """What is wrong, without the values of internal columns: these stand in its supplier's file of findings."""
    columns = finding.column.split(", ") if finding.column else []
    if all(column not in fields or fields[column].is_public for column in columns):
        return finding.message
    where = [finding.feed, f"delivery {finding.source_file}"]
    if finding.source_sheet:
        where.append(f"sheet '{finding.source_sheet}'")
    if finding.source_row is not None:
        where.append(f"row {finding.source_row}")
    return f"{', '.join(where)}: {finding.column} breaks a rule; its supplier is told the value. [rule {finding.check}]"


def warned(findings: Sequence[Finding], fields: Mapping[str, Field]) -> list[str]:
    """The remark on a delivery that is accepted all the same: a sentence, or none."""
    number = "1 warning" if len(findings) == 1 else f"{len(findings)} warnings"
    return [f"{number}: {in_words(findings, fields)}"] if findings else []
