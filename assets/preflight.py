"""A delivery tried out before it is sent: the same reading, casts and rules as at night, in a copy of the home."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from assets.intake import WAIVERS, WITHDRAWALS, Decision, Intake
from assets.rules import rules_of_model
from assets.tables import build_model
from dbt_like_sql.project import Project
from expectations.findings import findings_of
from expectations.report import Finding, SuiteReport
from resources.files import TEMPORARY
from resources.home import HOME_NOTE
from resources.inbox import read_when_settled
from resources.landing import LandingStore, delivery_id_of, file_name_of
from resources.warehouse import TableMissingError, Warehouse


def rule_findings(intake: Intake, feed: str) -> list[Finding]:
    """Return the findings of the delivery rules of a feed, from the audits of their tables."""
    names = {receipt.delivery_id: receipt.file_name for receipt in intake.landing.receipts(feed)}
    findings: list[Finding] = []
    for rule in intake.project.delivery_rules(feed):
        state = intake.warehouse.state(rule.layer, rule.name)
        if state is None and intake.warehouse.was_built(rule.layer, rule.name):
            why = intake.warehouse.why_unbuilt(rule.layer, rule.name)
            raise TableMissingError(f"{rule.layer}/{rule.name} {why}. Run the nightly job, or that asset, first.")
        if state is not None and state.report is not None:
            findings += findings_of(SuiteReport.from_dict(state.report), feed, names)
    return findings


@dataclass(frozen=True)
class Trial:
    """What would become of a file: `earlier` counts the other deliveries of its feed that it was judged beside.

    `not_judged` names rules that say something false without earlier deliveries and were left out, `not_compared` those
    that had none to compare with.
    """

    decision: Decision
    earlier: int
    not_judged: tuple[str, ...]
    not_compared: tuple[str, ...]


def try_delivery(project: Project, file: Path, feed: str, as_of: dt.date, home: Path) -> Trial | None:
    """Return what would become of a file if it were delivered beside what has landed in a home, which stays as it is.

    None while the file is still being written. Raises OSError if it cannot be read.
    """
    content = read_when_settled(file.resolve())
    if content is None:
        return None
    with tempfile.TemporaryDirectory(prefix="preflight-") as folder:
        inbox, trial = Path(folder) / "inbox", Path(folder) / "home"
        (inbox / feed).mkdir(parents=True)
        (inbox / feed / file.name).write_bytes(content)
        copy_deliveries(home, trial, feed, ("landing", "raw", "candidates"))
        landing = LandingStore(trial / "landing")
        landing.land(inbox, feed, project.contracts[feed].forms)
        delivery_id = delivery_id_of(file_name_of(file), content)
        earlier = sum(r.refusal is None and r.delivery_id != delivery_id for r in landing.receipts(feed))
        unmet = [] if earlier else [rule for rule in project.delivery_rules(feed) if rule.earlier_deliveries]
        not_judged = tuple(rule.name for rule in unmet if rule.earlier_deliveries == "needed")
        warehouse = Warehouse(trial, project)
        try:
            decisions = take_in(Intake(project, landing, warehouse, as_of), feed, without=not_judged)
        finally:
            warehouse.close()
        (decision,) = [d for d in decisions if d.audit.receipt.delivery_id == delivery_id]
        return Trial(decision, earlier, not_judged, tuple(r.name for r in unmet if r.name not in not_judged))


def copy_deliveries(source: Path, target: Path, feed: str, layers: Collection[str] = ("raw", "candidates")) -> None:
    """Copy what is known of the deliveries of a feed and of its home, and what was withdrawn or waived, to where it may
    change."""
    for layer in layers:
        if (source / layer / feed).exists():
            shutil.copytree(
                source / layer / feed, target / layer / feed, ignore=shutil.ignore_patterns(f"{TEMPORARY}*")
            )
    if (source / HOME_NOTE).exists():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / HOME_NOTE, target / HOME_NOTE)
    (target / "validated").mkdir(parents=True)
    for declared in (WITHDRAWALS, WAIVERS):
        for path in (source / "validated").glob(f"{declared}.*"):
            shutil.copyfile(path, target / "validated" / path.name)


def intake_steps(
    project: Project, landing: LandingStore, warehouse: Warehouse, as_of: dt.date, feed: str
) -> list[Decision]:
    """Take in the deliveries of one feed as the night of a past day did, from what landed into a given warehouse."""
    return take_in(Intake(project, landing, warehouse, as_of, is_replay=True), feed)


def take_in(intake: Intake, feed: str, without: Collection[str] = ()) -> list[Decision]:
    """Take the deliveries of one feed through all steps of the intake, without Dagster and without some rules."""
    intake.read_deliveries_of(feed)
    intake.offer_candidates(feed)
    for rule in intake.project.delivery_rules(feed):
        if rule.name not in without:
            build_model(intake.project, intake.warehouse, rule, rules_of_model(intake.project, rule), intake.as_of)
    return intake.accept_deliveries(feed, rule_findings(intake, feed))
