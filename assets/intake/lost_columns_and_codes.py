"""What every earlier delivery of a feed had and a later one lacks: a column, or a code that is evidence of a target.

A column that is renamed, or a row that is deleted, leaves nothing behind that a rule about rows could fail on: only the
deliveries before show that something is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assets.delivery_stages import JudgedDelivery
from assets.intake.context import Intake
from assets.intake.deciding import decide_alone
from assets.intake.finding_messages import found_in
from assets.intake.withdrawals_and_waivers import WithdrawalsAndWaivers
from dbt_like_sql.contracts import Contract, FieldRule
from dbt_like_sql.project import Project
from expectations.report import Finding
from resources.landing import Receipt

_AND_SEND_AGAIN = "and send the file again with the note r2 (or a higher number) at the end of its name."


def target_codes(project: Project, contract: Contract) -> dict[str, frozenset[str]]:
    """Return, by field of a feed, the codes by which the directives' targets name what it is evidence of."""
    indicators = {one.name for one in project.indicators.values() if contract.feed in one.feeds}
    items = [r for r in project.seeds["directive_items"].rows() if r["threshold"] and r["indicator"] in indicators]
    codes = {
        rule.name: frozenset(row[rule.name] for row in items if row.get(rule.name))
        for rule in contract.fields
        if rule.name in contract.key
    }
    return {name: known for name, known in codes.items() if known}


def with_what_is_lacking(
    intake: Intake, contract: Contract, deliveries: Sequence[JudgedDelivery], in_force: WithdrawalsAndWaivers
) -> list[JudgedDelivery]:
    """Return deliveries, each with findings of what all earlier accepted deliveries of its kind and area had."""
    earlier: dict[tuple[object, ...], list[JudgedDelivery]] = {}
    with_lacks: dict[str, JudgedDelivery] = {}
    for judged in sorted(deliveries, key=lambda judged: _release(judged.receipt)):
        if "target_codes" not in judged.facts:  # it could not be read, or offers no rows
            continue
        kind = (judged.receipt.is_simulated, *judged.facts.get("areas", ()))
        before = [one for one in earlier.get(kind, []) if _release(one.receipt)[:2] < _release(judged.receipt)[:2]]
        if before:
            judged = judged.with_findings(_findings(intake.project, contract, judged, before))
        with_lacks[judged.receipt.delivery_id] = judged
        if decide_alone(intake, contract, judged, in_force).is_accepted:
            earlier.setdefault(kind, []).append(judged)
    return [with_lacks.get(judged.receipt.delivery_id, judged) for judged in deliveries]


def _findings(
    project: Project, contract: Contract, judged: JudgedDelivery, before: Sequence[JudgedDelivery]
) -> Iterator[Finding]:
    columns = set.intersection(*(set(one.facts["fields_held"]) for one in before)) - set(judged.facts["fields_held"])
    if any(finding.check == "required_columns_are_present" for finding in judged.findings):
        return  # said already, and what rows say without them is of no use
    for rule in contract.fields:
        if rule.name in columns:
            yield _lost_column(project, contract, judged.receipt, rule, len(before))
    for name, codes in judged.facts["target_codes"].items():
        lost = set.intersection(*(set(one.facts["target_codes"].get(name, ())) for one in before)) - set(codes)
        if lost:
            yield found_in(
                judged.receipt,
                "codes_of_targets_are_there",
                "critical",
                name,
                f"no row has the {name} {', '.join(sorted(lost))}, which every earlier delivery had "
                f"({len(before)}), and which is evidence of a target",
                f"Add the rows, with … where the figure is not known yet, {_AND_SEND_AGAIN}",
                ", ".join(sorted(lost)),
            )


def _lost_column(project: Project, contract: Contract, receipt: Receipt, rule: FieldRule, before: int) -> Finding:
    is_figure = project.fields[rule.name].is_number or project.fields[rule.name].type == "date"
    headers = " or ".join(repr(header) for header in (*rule.headers[:2], rule.name))
    holding = [header for other in contract.fields for header in other.headers if f"{{{rule.name}}}" in header]
    in_another = f", or say it in the header {holding[0]!r}" if holding else ""
    return found_in(
        receipt,
        "columns_of_earlier_deliveries_are_there",
        "critical" if is_figure else "warning",
        rule.name,
        f"no column is {rule.name}, which every earlier delivery had ({before})",
        f"Head the column as agreed ({headers}){in_another} {_AND_SEND_AGAIN}",
    )


def _release(receipt: Receipt) -> tuple[str, int, str]:
    return str(receipt.released_on or ""), receipt.revision, receipt.delivery_id
