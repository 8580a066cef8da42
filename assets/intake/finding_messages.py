"""What is said of a delivery in words: what is wrong, which rule says so, what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.report import Finding, Severity
from resources.landing import Receipt

SEND_AGAIN = "Correct it and send the file again with the note r2 (or a higher number) at the end of its name."


def found_in(
    receipt: Receipt, check: str, severity: Severity, column: str | None, said: str, next_step: str
) -> Finding:
    """Return a finding about a delivery as a whole, which no row shows; `said` is what is wrong, without its end."""
    return Finding(
        feed=receipt.feed,
        delivery_id=receipt.delivery_id,
        source_file=receipt.file_name,
        source_sheet=None,
        source_row=None,
        check=check,
        severity=severity,
        column=column,
        value=None,
        sentence=f"{receipt.feed}, delivery {receipt.file_name}: {said}.",
        next_step=next_step,
    )


def message_of(finding: Finding) -> str:
    """What is wrong, and the rule that says so: a waiver names it."""
    return f"{finding.sentence} [rule {finding.check}]"


def in_words(findings: Sequence[Finding]) -> str:
    """The first finding in full, and how many more there are."""
    if not findings:
        return ""
    more = f" And {len(findings) - 1} more." if len(findings) > 1 else ""
    return f"{message_of(findings[0])}{more} {findings[0].next_step}".strip()


def warned(findings: Sequence[Finding]) -> list[str]:
    """What is said of a delivery that is accepted all the same: a sentence, or none."""
    number = "1 warning" if len(findings) == 1 else f"{len(findings)} warnings"
    return [f"{number}: {in_words(findings)}"] if findings else []
