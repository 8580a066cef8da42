"""A delivery on its way: as it was read, as it was audited, as it was decided on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from expectations.report import Finding
from resources.landing import Receipt


@dataclass(frozen=True)
class RawDelivery:
    """What reading a landed file brought: its raw cells, or the sentence why it cannot be read."""

    receipt: Receipt
    cells: Path | None
    refusal: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class JudgedDelivery:
    """The rows of a delivery and what is wrong with them, before anybody decided on it.

    `errored` names rules that could not be judged, with the reason; such a delivery is not accepted.
    """

    receipt: Receipt
    rows_in: int | None
    rows: Path | None
    findings: tuple[Finding, ...] = ()
    errored: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    refusal: str | None = None
    """Why it could not be read, or its name not be understood."""

    def with_findings(self, findings: Iterable[Finding]) -> JudgedDelivery:
        """Return this delivery with those of some further findings that are about it."""
        own = (finding for finding in findings if finding.delivery_id == self.receipt.delivery_id)
        return dataclasses.replace(self, findings=(*self.findings, *own))


@dataclass(frozen=True)
class Decision:
    """What became of a delivery."""

    judged: JudgedDelivery
    status: str
    reason: str | None
    findings: tuple[Finding, ...]
    waived: frozenset[str]
    bad_rows: frozenset[int] = frozenset()
    superseded: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether its rows, or the good ones among them, are in the validated table."""
        return self.status.startswith("accepted")

    @property
    def is_refused_for_no_finding(self) -> bool:
        """Whether it is refused for something that no finding says: its name, its bytes, its neighbours."""
        grave = (f for f in self.findings if f.severity == "critical" and f.check not in self.waived)
        return self.status == "rejected" and next(grave, None) is None

    @property
    def rows_accepted(self) -> int | None:
        """Rows of the delivery that are in the validated table; None where it could not be read."""
        if self.judged.rows_in is None:
            return None
        return self.judged.rows_in - len(self.bad_rows) if self.is_accepted else 0
