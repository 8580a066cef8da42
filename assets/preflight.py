"""A delivery tried out before it is sent: the same reading, casts and rules as at night, in a home of its own."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path

from assets.intake import Decision, Intake
from assets.rules import rules_of_model
from assets.tables import build_model
from dbt_like_sql.project import Project
from expectations.findings import findings_of
from expectations.report import Finding, SuiteReport
from resources.landing import LandingStore
from resources.warehouse import Warehouse


def rule_findings(intake: Intake, feed: str) -> list[Finding]:
    """Return the findings of the delivery rules of a feed, from the audits of their tables."""
    names = {receipt.delivery_id: receipt.file_name for receipt in intake.landing.receipts(feed)}
    findings: list[Finding] = []
    for rule in intake.project.delivery_rules(feed):
        state = intake.warehouse.state(rule.layer, rule.name)
        if state is not None and state.report is not None:
            findings += findings_of(SuiteReport.from_dict(state.report), feed, names)
    return findings


def try_delivery(project: Project, file: Path, feed: str, as_of: dt.date) -> Decision | None:
    """Return what would become of a file if it were delivered alone; None while it is still being written."""
    with tempfile.TemporaryDirectory(prefix="preflight-") as folder:
        inbox = Path(folder) / "inbox"
        (inbox / feed).mkdir(parents=True)
        shutil.copyfile(file, inbox / feed / file.name)
        home = Path(folder) / "home"
        landing = LandingStore(home / "landing")
        landing.land(inbox, feed, project.contracts[feed].forms)
        warehouse = Warehouse(home, project)
        intake = Intake(project, landing, warehouse, as_of)
        try:
            decisions = take_in(intake, feed)
        finally:
            warehouse.close()
        return decisions[0] if decisions else None


def intake_steps(
    project: Project, landing: LandingStore, warehouse: Warehouse, as_of: dt.date, feed: str
) -> list[Decision]:
    """Take in the deliveries of one feed as the night of a day does, from what landed into a given warehouse."""
    return take_in(Intake(project, landing, warehouse, as_of), feed)


def take_in(intake: Intake, feed: str) -> list[Decision]:
    """Take the deliveries of one feed through all steps of the intake, without Dagster."""
    intake.read_deliveries_of(feed)
    intake.offer_candidates(feed)
    for rule in intake.project.delivery_rules(feed):
        build_model(intake.project, intake.warehouse, rule, rules_of_model(intake.project, rule), intake.as_of)
    return intake.accept_deliveries(feed, rule_findings(intake, feed))
