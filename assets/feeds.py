"""Every contract becomes four assets: landing → raw → candidates → validated.

One asset for each feed and layer, so that the UI shows where a delivery got stuck. Between candidates and
validated stand the delivery rules of the feed (audit models, see `models`).
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from assets.checks import check_results, check_specs, markdown_table, ordered
from assets.intake import WAIVERS, WITHDRAWALS, Audit, Decision, Intake
from assets.metadata import table_metadata
from assets.preflight import rule_findings
from assets.rules import rules_of_feed
from dbt_like_sql.contracts import Contract
from dbt_like_sql.project import Project
from expectations.report import CheckResult, Finding, Severity
from expectations.suites import Suite
from resources.home import Home
from resources.landing import UNRECOGNISED, Receipt

log = logging.getLogger("provincial_growth")

RESOURCES = {"home", "inbox", "landing", "warehouse", "day"}
CAST_RULES: Mapping[str, str] = {
    "is_a_number": "Cells of number columns hold numbers.",
    "has_no_surplus_decimals": "No value has more decimals than its field keeps.",
    "fits_its_type": "Every number fits its field.",
    "is_a_date": "Cells of date columns hold dates.",
    "is_true_or_false": "Cells of yes-or-no columns hold true or false.",
}
ROWS_NAMED = 50
DECLARATIONS = "declarations"
"""The group of withdrawals and waivers, which must be known before any other delivery is decided on: groups are the
layers of the one path, so that the collapsed graph reads from left to right."""


def feed_assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return the assets of all feeds, and the one for files under no known feed."""
    assets = [_unrecognised(project)]
    for contract in project.contracts.values():
        assets += [
            _landing(contract),
            _raw(contract),
            _candidates(project, contract),
            _validated(project, contract),
        ]
    return assets


def _spec(contract: Contract, layer: str, what: str, deps: Sequence[dg.AssetKey], kinds: set[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=dg.AssetKey([layer, contract.feed]),
        deps=deps,
        description=f"{what}\n\n**{contract.title_en}** · {contract.title_vi}\n\n{contract.description_en}",
        group_name=DECLARATIONS if contract.feed in (WITHDRAWALS, WAIVERS) else layer,
        kinds=kinds,
        owners=[contract.owner],
        tags={"feed": contract.feed, "layer": layer, "delivered": contract.schedule.frequency},
        metadata={"supplier": contract.supplier, "key": ", ".join(contract.key), "kind": contract.kind},
    )


def intake_of(context: dg.AssetExecutionContext) -> Intake:
    """Return the intake over the stores of a run."""
    resources = context.resources
    warehouse = resources.warehouse.store
    return Intake(warehouse.project, resources.landing.store, warehouse, resources.day.day)


def _inbox_of(context: dg.AssetExecutionContext) -> Path:
    """Return the inbox of a run. The home is bound to it and remembers the run's day, whoever started it."""
    home: Home = context.resources.home.home
    inbox: Path = context.resources.inbox.folder
    home.accept_inbox(inbox)
    home.remember(as_of=context.resources.day.day.isoformat())
    return inbox


# ── landing ───────────────────────────────────────────────────────────────────────────────────────────────


def _landing(contract: Contract) -> dg.AssetsDefinition:
    spec = _spec(contract, "landing", "Deliveries as they arrived, byte for byte.", [], {"file"})
    named = dg.AssetCheckSpec(
        "names_are_understood",
        asset=spec.key,
        description="Every file says in its name what it speaks of and when it was released.",
    )

    @dg.multi_asset(
        name=f"landing__{contract.feed}", specs=[spec], check_specs=[named], required_resource_keys=RESOURCES
    )
    def land(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        store = context.resources.landing.store
        landed = store.land(_inbox_of(context), contract.feed, contract.forms)
        receipts = store.receipts(contract.feed)
        _say_landed(contract.feed, landed.new, landed.unsettled, len(receipts))
        refused = [receipt for receipt in receipts if receipt.refusal]
        return dg.MaterializeResult(
            metadata={
                "deliveries": len(receipts),
                "new": len(landed.new),
                "still_being_written": ", ".join(landed.unsettled) or "none",
                "latest": receipts[-1].file_name if receipts else "none",
            },
            check_results=[_named(spec.key, refused)],
            data_version=dg.DataVersion(_digest_of(receipts)),
        )

    return land


def _digest_of(receipts: Sequence[Receipt]) -> str:
    return hashlib.sha256(" ".join(r.delivery_id for r in receipts).encode()).hexdigest()


def _named(key: dg.AssetKey, refused: Sequence[Receipt]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name="names_are_understood",
        asset_key=key,
        passed=not refused,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(f"{r.file_name}: {r.refusal}" for r in refused) or "Every name is understood.",
    )


def _unrecognised(project: Project) -> dg.AssetsDefinition:
    key = dg.AssetKey(["landing", UNRECOGNISED])
    spec = dg.AssetSpec(
        key=key,
        deps=[dg.AssetKey(["validated", WITHDRAWALS])] if WITHDRAWALS in project.contracts else [],
        description="Files that lie under no known feed: kept, refused, and shown in `delivery_quality`.",
        group_name="landing",
        kinds={"file"},
        owners=["team:data-engineering"],
        tags={"layer": "landing"},
    )
    check = dg.AssetCheckSpec(
        "every_folder_is_a_feed", asset=key, description="Every file lies in the folder of a feed."
    )

    @dg.multi_asset(name="landing__unrecognised", specs=[spec], check_specs=[check], required_resource_keys=RESOURCES)
    def land_unrecognised(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        landed = context.resources.landing.store.land_unrecognised(_inbox_of(context), project.contracts.keys())
        decisions = intake_of(context).record_unrecognised()
        receipts = [decision.audit.receipt for decision in decisions]
        refused = [decision.audit.receipt for decision in decisions if decision.status == "rejected"]
        _say_landed(UNRECOGNISED, landed.new, landed.unsettled, len(receipts))
        return dg.MaterializeResult(
            metadata={"deliveries": len(receipts), "new": len(landed.new)},
            check_results=[
                dg.AssetCheckResult(
                    check_name="every_folder_is_a_feed",
                    asset_key=key,
                    passed=not refused,
                    severity=dg.AssetCheckSeverity.WARN,
                    description="\n".join(f"{r.file_name}: {r.refusal}" for r in refused) or "Nothing lies astray.",
                )
            ],
        )

    return land_unrecognised


def _say_landed(feed: str, new: Sequence[Receipt], unsettled: Sequence[str], total: int) -> None:
    log.info("landing/%s: %d new of %d deliveries", feed, len(new), total)
    for name in unsettled:
        log.warning("%s: %s is still being written; it is taken next time", feed, name)


# ── raw ───────────────────────────────────────────────────────────────────────────────────────────────────


def _raw(contract: Contract) -> dg.AssetsDefinition:
    deps = [dg.AssetKey(["landing", contract.feed])]
    spec = _spec(contract, "raw", "Every cell as text, with the file, sheet and row it stood in.", deps, {"parquet"})
    readable = dg.AssetCheckSpec(
        "deliveries_are_readable",
        asset=spec.key,
        description="Every delivery could be read whole: rows counted independently agree with rows read.",
    )

    @dg.multi_asset(
        name=f"raw__{contract.feed}",
        specs=[spec],
        check_specs=[readable],
        required_resource_keys=RESOURCES | {"readers"},
    )
    def read(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        readings = intake_of(context).read_deliveries_of(contract.feed, context.resources.readers.process.read)
        unreadable = [r for r in readings if r.refusal and not r.receipt.refusal]
        rows = sum(int(r.facts.get("physical_rows") or 0) for r in readings)
        log.info("raw/%s: %d rows read, %d unreadable", contract.feed, rows, len(unreadable))
        return dg.MaterializeResult(
            metadata={"deliveries": len(readings), "dagster/row_count": rows, "unreadable": len(unreadable)},
            check_results=[
                dg.AssetCheckResult(
                    check_name="deliveries_are_readable",
                    asset_key=spec.key,
                    passed=not unreadable,
                    severity=dg.AssetCheckSeverity.ERROR,
                    description="\n".join(f"{r.receipt.file_name}: {r.refusal}" for r in unreadable)
                    or f"All {len(readings)} deliveries were read whole.",
                )
            ],
        )

    return read


# ── candidates ────────────────────────────────────────────────────────────────────────────────────────────


def _candidates(project: Project, contract: Contract) -> dg.AssetsDefinition:
    deps = [dg.AssetKey(["raw", contract.feed])]
    if contract.feed not in (WITHDRAWALS, WAIVERS):
        deps += [dg.AssetKey(["validated", feed]) for feed in (WITHDRAWALS, WAIVERS) if feed in project.contracts]
    suite = rules_of_feed(project, contract.feed)
    dimensions = ordered({"schema", "validity", *suite.dimensions})
    spec = _spec(
        contract,
        "candidates",
        "Rows offered by deliveries that broke no critical rule of their own: typed, judged, not yet accepted.",
        deps,
        {"parquet", "greatexpectations"},
    )

    @dg.multi_asset(
        name=f"candidates__{contract.feed}",
        specs=[spec],
        check_specs=check_specs(spec.key, dimensions, suite, blocks=False),
        required_resource_keys=RESOURCES,
    )
    def offer(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        intake = intake_of(context)
        audits = intake.offer_candidates(contract.feed)
        results = summed_results(suite, audits)
        broken = sum(r.failing_count for r in results if r.severity == "critical")
        log.info("candidates/%s: %d rows offered, %d critical findings", contract.feed, _rows_in(audits), broken)
        return dg.MaterializeResult(
            metadata={
                **table_metadata(intake.warehouse.path("candidates", contract.feed), project.fields),
                "rows_offered": _rows_in(audits),
                "cells_rounded": sum(int(a.facts.get("cells_rounded") or 0) for a in audits),
            },
            check_results=check_results(spec.key, dimensions, results, intake.warehouse.path("rejects", contract.feed)),
            data_version=dg.DataVersion(intake.warehouse.content_of("candidates", contract.feed)),
        )

    return offer


def _rows_in(audits: Sequence[Audit]) -> int:
    return sum(audit.rows_in or 0 for audit in audits)


def summed_results(suite: Suite, audits: Sequence[Audit]) -> list[CheckResult]:
    """Return what became of each rule over all deliveries of a feed, whenever each was judged."""
    found: dict[str, list[Finding]] = {}
    for audit in audits:
        for finding in audit.findings:
            found.setdefault(finding.check, []).append(finding)
    errored = {check: error for audit in audits for check, error in audit.errored.items()}
    observed = f"{len(audits)} deliveries, {_rows_in(audits)} rows"
    rules = {e.check: (e.dimension, e.severity, e.description, e.next_step) for e in suite.expectations}
    for check, sentence in CAST_RULES.items():
        rules[check] = ("validity", "critical", sentence, "")
    for check, findings in found.items():
        if check not in rules:
            rules[check] = ("schema", findings[0].severity, findings[0].sentence, findings[0].next_step)
    results = []
    for check, (dimension, severity, description, next_step) in rules.items():
        findings = found.get(check, [])
        results.append(
            CheckResult(
                check=check,
                dimension=dimension,
                severity=severity,
                outcome="errored" if check in errored else "failed" if findings else "passed",
                description=description,
                observed=f"{len(findings)} findings in {observed}" if findings else observed,
                failing_rows=tuple(_failing_row(finding) for finding in findings[:ROWS_NAMED]),
                failing_count=len(findings),
                next_step=next_step,
                error=errored.get(check),
            )
        )
    return results


def _failing_row(finding: Finding) -> dict[str, Any]:
    return {
        "delivery": finding.source_file,
        "sheet": finding.source_sheet,
        "row": finding.source_row,
        "column": finding.column,
        "value": finding.value,
    }


# ── validated ─────────────────────────────────────────────────────────────────────────────────────────────


def _validated(project: Project, contract: Contract) -> dg.AssetsDefinition:
    rules = project.delivery_rules(contract.feed)
    deps = [dg.AssetKey(["candidates", contract.feed]), *(dg.AssetKey([rule.layer, rule.name]) for rule in rules)]
    spec = _spec(
        contract,
        "validated",
        "Rows of accepted deliveries. What was refused is in the rejects, with reasons.",
        deps,
        {"parquet"},
    )
    checks = [
        dg.AssetCheckSpec(
            "deliveries_are_accepted", asset=spec.key, description="Every delivery that is not withdrawn was accepted."
        ),
        dg.AssetCheckSpec(
            "rows_are_accounted_for",
            asset=spec.key,
            description="Rows in = rows accepted + rows rejected, for every delivery and against the table itself.",
        ),
    ]

    @dg.multi_asset(
        name=f"validated__{contract.feed}", specs=[spec], check_specs=checks, required_resource_keys=RESOURCES
    )
    def accept(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        intake = intake_of(context)
        decisions = intake.accept_deliveries(contract.feed, rule_findings(intake, contract.feed))
        state = intake.warehouse.state("validated", contract.feed)
        accepted = sum(decision.rows_accepted or 0 for decision in decisions)
        refused = [d for d in decisions if d.status == "rejected"]
        log.info(
            "validated/%s: %d rows of %d deliveries accepted, %d deliveries refused",
            contract.feed, accepted, len(decisions) - len(refused), len(refused),
        )  # fmt: skip
        yield dg.MaterializeResult(
            metadata={
                **table_metadata(intake.warehouse.path("validated", contract.feed), project.fields),
                "deliveries": dg.MetadataValue.md(_decisions_table(decisions)),
            },
            check_results=[
                _accepted(spec.key, intake, contract.feed, decisions),
                _accounted(spec.key, decisions, state.rows if state else 0),
            ],
            data_version=dg.DataVersion(intake.warehouse.content_of("validated", contract.feed)),
        )

    return accept


def _decisions_table(decisions: Sequence[Decision]) -> str:
    rows = [
        {
            "delivery": decision.audit.receipt.file_name,
            "status": decision.status,
            "rows in": decision.audit.rows_in,
            "accepted": decision.rows_accepted,
            "reason": decision.reason,
        }
        for decision in reversed(decisions)
    ]
    return markdown_table(rows[:ROWS_NAMED]) if rows else "Nothing was delivered yet."


def _accepted(key: dg.AssetKey, intake: Intake, feed: str, decisions: Sequence[Decision]) -> dg.AssetCheckResult:
    refused = [d for d in decisions if d.status == "rejected"]
    partly = [d for d in decisions if d.status == "accepted_in_part"]
    severity: Severity = "critical" if refused else "warning"
    lines = [f"{d.audit.receipt.file_name} ({d.status}): {d.reason}" for d in (*refused, *partly)]
    metadata = {
        d.audit.receipt.file_name: dg.MetadataValue.path(str(intake.supplier_csv(feed, d.audit.receipt)))
        for d in decisions
        if d.findings or d.status == "rejected"
    }
    return dg.AssetCheckResult(
        check_name="deliveries_are_accepted",
        asset_key=key,
        passed=not lines,
        severity=dg.AssetCheckSeverity.ERROR if severity == "critical" else dg.AssetCheckSeverity.WARN,
        description="\n".join(lines) or f"All {len(decisions)} deliveries are accepted or withdrawn.",
        metadata=metadata,
    )


def _accounted(key: dg.AssetKey, decisions: Sequence[Decision], rows_in_table: int) -> dg.AssetCheckResult:
    offered = sum(d.audit.rows_in or 0 for d in decisions)
    accepted = sum(d.rows_accepted or 0 for d in decisions)
    rejected = sum((d.audit.rows_in or 0) - (d.rows_accepted or 0) for d in decisions)
    holds = accepted == rows_in_table and offered == accepted + rejected
    return dg.AssetCheckResult(
        check_name="rows_are_accounted_for",
        asset_key=key,
        passed=holds,
        severity=dg.AssetCheckSeverity.ERROR,
        description=(
            f"{offered} rows in = {accepted} accepted + {rejected} rejected; the table holds {rows_in_table}."
        ),
        metadata={
            "rows_in": offered,
            "rows_accepted": accepted,
            "rows_rejected": rejected,
            "rows_in_table": rows_in_table,
        },
    )
