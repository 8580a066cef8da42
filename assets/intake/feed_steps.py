"""The steps that make the tables of a feed, one layer after another; each is made of the intake's other modules."""

from __future__ import annotations

from collections.abc import Iterable

from assets.delivery_stages import Decision, JudgedDelivery
from assets.intake.auditing import audit_deliveries, deliveries_judged, refuse_if_unjudged
from assets.intake.context import Intake
from assets.intake.deciding import (
    decide_alone,
    mark_superseded,
    refuse_contradicting,
    settle_area,
)
from assets.intake.feed_is_up_to_date import note_up_to_date
from assets.intake.finding_cells import with_cells
from assets.intake.lost_columns_and_codes import with_what_is_lacking
from assets.intake.withdrawals_and_waivers import withdrawals_and_waivers
from assets.intake.writing_tables import write_ledger, write_rejects, write_rows
from expectations.report import Finding
from resources.landing import UNRECOGNISED


def make_candidates(intake: Intake, feed: str) -> list[JudgedDelivery]:
    """Lay out, cast and judge what is new; write the table of candidates; return all as judged.

    Candidates are the rows of deliveries that broke no critical rule of their own and are not withdrawn.
    """
    if intake.stands_still(feed, "candidates"):
        return deliveries_judged(intake, feed)
    contract = intake.project.contracts[feed]
    deliveries = audit_deliveries(intake, contract)
    in_force = withdrawals_and_waivers(intake, feed)
    settle_area(intake, contract, deliveries, in_force)
    deliveries = with_what_is_lacking(intake, contract, deliveries, in_force)
    decisions = [decide_alone(intake, contract, judged, in_force) for judged in deliveries]
    write_rows(intake, "candidates", contract, decisions)
    return deliveries


def accept_deliveries(intake: Intake, feed: str, rule_findings: Iterable[Finding]) -> list[Decision]:
    """Decide on every delivery of a feed; write the validated rows, the rejects and the ledger.

    `rule_findings` are the findings of the delivery rules (audit models over the candidates). While a landed file
    of the feed is damaged nothing is written. Raises TableMissingError if a delivery has not been read and judged.
    """
    contract = intake.project.contracts[feed]
    stands_still = intake.stands_still(feed, "validated", "ledger", "rejects")
    if not stands_still:
        refuse_if_unjudged(intake, feed)
    in_force = withdrawals_and_waivers(intake, feed)
    found = list(rule_findings)
    deliveries = [judged.with_findings(found) for judged in deliveries_judged(intake, feed)]
    deliveries = [with_cells(judged, contract, intake.path_of("raw", judged.receipt)) for judged in deliveries]
    deliveries = with_what_is_lacking(intake, contract, deliveries, in_force)
    decisions = [decide_alone(intake, contract, judged, in_force) for judged in deliveries]
    decisions = refuse_contradicting(intake, contract, decisions)
    if stands_still:
        return decisions
    write_rows(intake, "validated", contract, decisions)
    decisions = mark_superseded(intake, contract, decisions)
    write_rejects(intake, feed, decisions)
    write_ledger(intake, feed, decisions)
    note_up_to_date(intake, feed, says_areas=any(judged.facts.get("areas") for judged in deliveries))
    return decisions


def record_unrecognised(intake: Intake) -> list[Decision]:
    """Write the ledger of what lies under no known feed, once withdrawals are known; return what became of it."""
    withdrawn = withdrawals_and_waivers(intake, UNRECOGNISED).withdrawn
    decisions = [
        Decision(JudgedDelivery(receipt, None, None), "withdrawn", withdrawn[receipt.file_name], (), frozenset())
        if receipt.file_name in withdrawn
        else Decision(JudgedDelivery(receipt, None, None), "rejected", receipt.refusal, (), frozenset())
        for receipt in intake.landing.receipts(UNRECOGNISED)
    ]
    write_ledger(intake, UNRECOGNISED, decisions)
    return decisions
