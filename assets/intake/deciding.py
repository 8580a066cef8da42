"""What becomes of each delivery: by itself, beside its neighbours, and by what was released after it.

Decided anew each time, from judged deliveries, withdrawals and waivers; nothing is written here but the area of a home
that has none.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assets.delivery_stages import Decision, JudgedDelivery
from assets.intake.area_of_home import refusal_of
from assets.intake.context import Intake
from assets.intake.finding_messages import SEND_AGAIN, in_words, warned
from assets.intake.withdrawals_and_waivers import WithdrawalsAndWaivers
from dbt_like_sql.contracts import Contract
from dbt_like_sql.periods import parse_period
from resources.home import Home


def decide_alone(
    intake: Intake, contract: Contract, judged: JudgedDelivery, in_force: WithdrawalsAndWaivers
) -> Decision:
    """Decide on a delivery by what is known of it alone."""
    receipt = judged.receipt
    findings, fields = judged.findings, intake.project.fields
    waived = frozenset(f.check for f in findings if (receipt.file_name, f.check) in in_force.waived)
    critical = [f for f in findings if f.severity == "critical" and f.check not in waived]
    warnings = warned([f for f in findings if f.severity == "warning" and f.check not in waived], fields)

    def decision(status: str, reason: str | None, bad_rows: frozenset[int] = frozenset()) -> Decision:
        return Decision(judged, status, reason, findings, waived, bad_rows)

    if receipt.file_name in in_force.withdrawn:
        return decision("withdrawn", in_force.withdrawn[receipt.file_name])
    if judged.refusal is not None:
        return decision("rejected", judged.refusal)
    if (of_another_area := _refusal_of_area(intake, judged)) is not None:
        return decision("rejected", of_another_area)
    if judged.errored:
        check, error = next(iter(sorted(judged.errored.items())))
        return decision("rejected", f"the rule {check} could not be judged: {error}")
    bad_rows = frozenset(f.source_row for f in critical if f.source_row is not None)
    of_the_whole = [f for f in critical if f.source_row is None]
    share = len(bad_rows) / judged.rows_in if judged.rows_in else 1.0
    may_split = contract.on_bad_rows == "quarantine" and not of_the_whole and share <= contract.max_bad_row_share
    if judged.rows is None or (critical and not may_split):
        return decision("rejected", in_words(critical, fields) or "it holds no rows. " + SEND_AGAIN)
    if bad_rows:
        reason = f"{len(bad_rows)} of {judged.rows_in} rows quarantined: {in_words(critical, fields)}"
        return decision("accepted_in_part", " ".join([reason, *warnings]), bad_rows)
    notes = [in_force.waived[receipt.file_name, check] for check in sorted(waived)]
    return decision("accepted", "; ".join([*notes, *warnings]) or None)


def settle_area(
    intake: Intake, contract: Contract, deliveries: Sequence[JudgedDelivery], in_force: WithdrawalsAndWaivers
) -> None:
    """Give a home that has no area that of most of the good deliveries of the first feed that says one."""
    home = Home(intake.warehouse.root)
    if home.area is not None or home.holds_several_areas:
        return
    counts = Counter(
        judged.facts["areas"][0]
        for judged in deliveries
        if judged.facts.get("areas") and decide_alone(intake, contract, judged, in_force).is_accepted
    )
    if counts:
        home.remember(area=counts.most_common(1)[0][0])


def _refusal_of_area(intake: Intake, judged: JudgedDelivery) -> str | None:
    home = Home(intake.warehouse.root)
    return None if home.holds_several_areas else refusal_of(intake.project, judged.facts, home.area)


def refuse_contradicting(intake: Intake, contract: Contract, decisions: list[Decision]) -> list[Decision]:
    """Refuse deliveries that contradict each other on the same day under the same number."""
    groups: dict[tuple[object, ...], list[Decision]] = {}
    for decision in decisions:
        receipt = decision.judged.receipt
        if decision.is_accepted:
            groups.setdefault((receipt.period, receipt.released_on, receipt.revision), []).append(decision)
    refused: dict[str, str] = {}
    for group in groups.values():
        if len({decision.judged.receipt.sha256 for decision in group}) > 1:
            refused |= _contradictions(intake, contract, group)
    return [
        dataclasses.replace(decision, status="rejected", reason=reason, bad_rows=frozenset())
        if (reason := refused.get(decision.judged.receipt.delivery_id))
        else decision
        for decision in decisions
    ]


def _contradictions(intake: Intake, contract: Contract, group: Sequence[Decision]) -> dict[str, str]:
    receipts = [decision.judged.receipt for decision in group]
    same_name = [name for name, n in Counter(r.file_name for r in receipts).items() if n > 1]
    sharing = {r.delivery_id for r in receipts if r.file_name in same_name}
    paths = ", ".join(f"'{decision.judged.rows}'" for decision in group)
    key = ", ".join(contract.key)
    shared = intake.warehouse.query(
        f"""
        with parsed_rows as (
            select
                delivery_id,
                min(delivery_id) over (partition by {key}) <> max(delivery_id) over (partition by {key}) as is_shared
            from read_parquet([{paths}])
        )
        select distinct delivery_id from parsed_rows where is_shared
        """
    )
    sharing |= set(shared.column("delivery_id").to_pylist())
    names = ", ".join(sorted(f"{r.file_name} ({r.delivery_id})" for r in receipts if r.delivery_id in sharing))
    reason = (
        f"two differing deliveries speak of the same period and were released on the same day: {names}. "
        "Both are refused, because nobody can say which one holds. " + SEND_AGAIN
    )
    return dict.fromkeys(sharing, reason)


def mark_superseded(intake: Intake, contract: Contract, decisions: list[Decision]) -> list[Decision]:
    """Mark deliveries of which nothing is left: every row restated, or replaced by a later snapshot of their period."""
    known = [d for d in decisions if d.is_accepted and intake.is_known(d.judged.receipt)]
    if contract.row_released_on or len(known) < 2:
        return decisions
    left = _in_force(intake, contract)

    def is_superseded(decision: Decision) -> bool:
        if decision not in known:
            return False
        replaced = contract.kind == "snapshot" and any(_replaces(other, decision) for other in known)
        return replaced or (bool(decision.rows_accepted) and decision.judged.receipt.delivery_id not in left)

    return [dataclasses.replace(d, superseded=is_superseded(d)) for d in decisions]


def _in_force(intake: Intake, contract: Contract) -> set[str]:
    """Deliveries that have the last word on anything: validated rows stand in the order of their release."""
    columns = list(dict.fromkeys(["delivery_id", "released_on", *contract.key]))
    with pq.ParquetFile(intake.warehouse.path("validated", contract.feed)) as file:
        rows = file.read(columns)
    rows = rows.filter(pc.less_equal(rows.column("released_on"), intake.as_of))
    rows = rows.append_column("place", pa.array(range(rows.num_rows), pa.int64()))
    last = rows.group_by(contract.key).aggregate([("place", "max")]).column("place_max")
    return set(pc.unique(rows.column("delivery_id").take(last)).to_pylist())


def _replaces(later: Decision, earlier: Decision) -> bool:
    """Whether a snapshot was released after another one and covers all of its period."""
    new, old = later.judged.receipt, earlier.judged.receipt
    if new.released_on is None or old.released_on is None or new.period is None or old.period is None:
        return False
    later_one, earlier_one = parse_period(new.period), parse_period(old.period)
    covers = later_one.first_day <= earlier_one.first_day and later_one.last_day >= earlier_one.last_day
    return covers and (new.released_on, new.revision) > (old.released_on, old.revision)
