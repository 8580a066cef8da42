"""What is said of a delivery in words: what is wrong, which rule says so, what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.report import Finding

SEND_AGAIN = "Correct it and send the file again with the note r2 (or a higher number) at the end of its name."


def told(finding: Finding) -> str:
    """What is wrong, and the rule that says so: a waiver names it."""
    return f"{finding.sentence} [rule {finding.check}]"


def in_words(findings: Sequence[Finding]) -> str:
    """The first finding in full, and how many more there are."""
    if not findings:
        return ""
    more = f" And {len(findings) - 1} more." if len(findings) > 1 else ""
    return f"{told(findings[0])}{more} {findings[0].next_step}".strip()


def warned(findings: Sequence[Finding]) -> list[str]:
    """What is said of a delivery that is accepted all the same: a sentence, or none."""
    number = "1 warning" if len(findings) == 1 else f"{len(findings)} warnings"
    return [f"{number}: {in_words(findings)}"] if findings else []
