"""Every contract becomes one step of four assets and its rules: landing → raw → candidates → rules → validated.

One asset for each layer, so that the UI shows where a delivery got stuck; one step, because what is paid for is steps.
A step never fails for a delivery, and always tells Dagster of all its assets: other feeds go on, and so does the
night. Who may not go on, because a feed could not be taken in at all, is decided in `assets.run`.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.dagster.checks import REFUSES, check_results, check_specs, ordered
from assets.dagster.metadata import PREVIEW_ROWS, description_of, shortened, table_metadata
from assets.dagster.models import describe_model, model_checks, model_spec
from assets.dagster.pictures import wide_table
from assets.dagster.steps import RESOURCES, Described, Emitted, emit, key_of, not_judged, results_of, source_keys
from assets.graph import STRAYS, Table, tables_of_feed
from assets.rules import rules_of_feed, rules_of_model
from dbt_like_sql.contracts import Contract
from dbt_like_sql.project import Project
from expectations.report import CheckResult, Finding, Severity
from expectations.suites import Suite

if TYPE_CHECKING:
    from assets.delivery_stages import Decision, JudgedDelivery, RawDelivery
    from assets.run import Landed, Result
    from resources.landing import Receipt
    from resources.warehouse import Warehouse

CAST_RULES: Mapping[str, str] = {
    "is_a_number": "Cells of number columns hold numbers.",
    "has_no_surplus_decimals": "No value has more decimals than its field keeps.",
    "fits_its_type": "Every number fits its field.",
    "is_a_date": "Cells of date columns hold dates.",
    "is_true_or_false": "Cells of yes-or-no columns hold true or false.",
}
ROWS_NAMED = 50
CELLS_SHOWN = 12
CELL_LENGTH = 24
STRAYS_ARE_OF = "declarations"
"""The subject of files under no known feed."""

_LAYERS: Mapping[str, tuple[str, set[str]]] = {
    "landing": ("Deliveries as they arrived, byte for byte.", {"file"}),
    "raw": ("Every cell as text, with the file, sheet and row it stood in.", {"parquet"}),
    "candidates": (
        "Rows of deliveries that broke no critical rule of their own: typed, judged, not yet accepted.",
        {"parquet", "greatexpectations"},
    ),
    "validated": ("Rows of accepted deliveries. What was refused is in the rejects, with reasons.", {"parquet"}),
}


def feed_assets(project: Project) -> list[dg.AssetsDefinition]:
    """Return the step of each feed, and the one for files under no known feed."""
    return [_strays(project), *(_feed(project, contract) for contract in project.contracts.values())]


def _feed(project: Project, contract: Contract) -> dg.AssetsDefinition:
    tables = tables_of_feed(project, contract.feed)
    rules = {rule.name: rule for rule in project.delivery_rules(contract.feed)}
    specs: list[dg.AssetSpec] = []
    checks: list[dg.AssetCheckSpec] = []
    for table in tables:
        if table.layer in _LAYERS:
            specs.append(_spec(project, contract, table))
            checks += _checks(project, contract, table)
        else:
            rule = rules[table.name]
            specs.append(model_spec(project, rule))
            checks += model_checks(rule, rules_of_model(project, rule))

    @dg.multi_asset(
        name=contract.feed, specs=specs, check_specs=checks, can_subset=True, required_resource_keys=RESOURCES
    )
    def take_in(context: dg.AssetExecutionContext) -> Iterator[Emitted]:
        warehouse: Warehouse = context.resources.warehouse.store
        for result in results_of(context, project, tables, checks):
            if result.made is None or not result.is_good:
                yield from _in_trouble(context, result)
            elif result.table.name in rules:
                yield from emit(context, result, describe_model(project, warehouse, rules[result.table.name], result))
            else:
                yield from emit(context, result, _described(project, contract, warehouse, result))

    return take_in


def _in_trouble(context: dg.AssetExecutionContext, result: "Result") -> Iterator[Emitted]:
    """A feed that could not be taken in stands as it was, with failed checks: the steps after it have their turn."""
    if key_of(result.table) in context.selected_asset_keys:
        yield dg.MaterializeResult(
            asset_key=key_of(result.table), metadata={"outcome": result.outcome, "why": result.sentence or ""}
        )
    yield from not_judged(context, result)


def _spec(project: Project, contract: Contract, table: Table) -> dg.AssetSpec:
    what, kinds = _LAYERS[table.layer]
    return dg.AssetSpec(
        key=key_of(table),
        deps=source_keys(project, table),
        description=description_of(
            f"{contract.title_en}: {what[0].lower()}{what[1:]}",
            contract.description_en,
            f"{contract.title_vi}. {contract.description_vi}",
        ),
        group_name=project.feed_subjects[contract.feed],
        kinds={table.layer, *kinds},
        owners=[contract.owner],
        tags={"feed": contract.feed, "layer": table.layer, "delivered": contract.schedule.frequency},
        metadata={"supplier": contract.supplier, "key": ", ".join(contract.key), "kind": contract.kind},
    )


def _checks(project: Project, contract: Contract, table: Table) -> list[dg.AssetCheckSpec]:
    key = key_of(table)
    if table.layer == "candidates":
        suite = rules_of_feed(project, contract.feed)
        return check_specs(key, _dimensions(suite), suite, REFUSES)
    descriptions = {
        "landing": {"names_are_understood": "Every file says in its name what it speaks of and when it was released."},
        "raw": {
            "deliveries_are_readable": "Every delivery could be read whole: rows counted independently agree with rows "
            "read."
        },
        "validated": {
            "deliveries_are_accepted": "Every delivery that is not withdrawn was accepted.",
            "rows_are_accounted_for": "Rows in = rows accepted + rows rejected, for every delivery and against the "
            "table itself.",
        },
    }[table.layer]
    return [dg.AssetCheckSpec(name, asset=key, description=description) for name, description in descriptions.items()]


def _dimensions(suite: Suite) -> tuple[Any, ...]:
    return ordered({"schema", "validity", *suite.dimensions})


def _described(project: Project, contract: Contract, warehouse: "Warehouse", result: "Result") -> Described:
    describe = {
        "landing": _landing,
        "raw": _raw,
        "candidates": _candidates,
        "validated": _validated,
    }[result.table.layer]
    return describe(project, contract, warehouse, result)


# ── landing ───────────────────────────────────────────────────────────────────────────────────────────────


def _landing(project: Project, contract: Contract, warehouse: "Warehouse", result: "Result") -> Described:
    landed: Landed = result.made
    receipts = landed.receipts
    metadata = {
        "files": _files_table(receipts),
        "path": dg.MetadataValue.path(str(warehouse.root / "landing" / contract.feed)),
        "deliveries": len(receipts),
        "new": len(landed.new),
        "still_being_written": ", ".join(landed.still_being_written) or "none",
    }
    return metadata, [_named(key_of(result.table), landed.refused)], _digest_of(receipts)


def _files_table(receipts: "Sequence[Receipt]") -> dg.MetadataValue:
    """What landed, the newest first."""
    rows = [
        {
            "delivery": receipt.file_name,
            "period": receipt.period,
            "released on": receipt.released_on,
            "bytes": receipt.size,
            "simulated": "simulated" if receipt.is_simulated else "",
            "refused because": receipt.refusal,
        }
        for receipt in reversed(receipts)
    ]
    return wide_table(rows[:ROWS_NAMED]) if rows else dg.MetadataValue.text("Nothing was delivered yet.")


def _digest_of(receipts: "Sequence[Receipt]") -> str:
    return hashlib.sha256(" ".join(r.delivery_id for r in receipts).encode()).hexdigest()


def _named(key: dg.AssetKey, refused: "Sequence[Receipt]") -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name="names_are_understood",
        asset_key=key,
        passed=not refused,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(f"{r.file_name}: {r.refusal}" for r in refused) or "Every name is understood.",
    )


def _strays(project: Project) -> dg.AssetsDefinition:
    key = key_of(STRAYS)
    spec = dg.AssetSpec(
        key=key,
        deps=source_keys(project, STRAYS),
        description=description_of(
            "Files that lie under no known feed: kept, refused, and shown in delivery_quality.",
            "Các tệp không nằm trong thư mục của nguồn số liệu nào: được giữ lại, không nhận, và hiện trong bảng "
            "delivery_quality.",
        ),
        group_name=STRAYS_ARE_OF,
        kinds={"landing", "file"},
        owners=["team:data-engineering"],
        tags={"layer": "landing"},
    )
    check = dg.AssetCheckSpec(
        "every_folder_is_a_feed", asset=key, description="Every file lies in the folder of a feed."
    )

    @dg.multi_asset(
        name=STRAYS.name, specs=[spec], check_specs=[check], can_subset=True, required_resource_keys=RESOURCES
    )
    def take_in_strays(context: dg.AssetExecutionContext) -> Iterator[Emitted]:
        from assets.run import Landed

        for result in results_of(context, project, [STRAYS], [check]):
            if isinstance(result.made, Landed):
                yield from emit(context, result, _described_strays(result.made))
            else:
                yield from _in_trouble(context, result)

    return take_in_strays


def _described_strays(landed: "Landed") -> Described:
    check = dg.AssetCheckResult(
        check_name="every_folder_is_a_feed",
        asset_key=key_of(STRAYS),
        passed=not landed.refused,
        severity=dg.AssetCheckSeverity.WARN,
        description="\n".join(f"{r.file_name}: {r.refusal}" for r in landed.refused) or "Nothing lies astray.",
    )
    metadata = {"files": _files_table(landed.receipts), "deliveries": len(landed.receipts), "new": len(landed.new)}
    return metadata, [check], _digest_of(landed.receipts)


# ── raw ───────────────────────────────────────────────────────────────────────────────────────────────────


def _raw(project: Project, contract: Contract, warehouse: "Warehouse", result: "Result") -> Described:
    readings: list[RawDelivery] = result.made
    unreadable = [r for r in readings if r.refusal and not r.receipt.refusal]
    rows = sum(int(r.facts.get("physical_rows") or 0) for r in readings)
    check = dg.AssetCheckResult(
        check_name="deliveries_are_readable",
        asset_key=key_of(result.table),
        passed=not unreadable,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(f"{r.receipt.file_name}: {r.refusal}" for r in unreadable)
        or f"All {len(readings)} deliveries were read whole.",
    )
    metadata = {
        **_first_cells(readings),
        "path": dg.MetadataValue.path(str(warehouse.root / "raw" / contract.feed)),
        "deliveries": len(readings),
        "dagster/row_count": rows,
        "unreadable": len(unreadable),
    }
    return metadata, [check], _digest_of([r.receipt for r in readings])


def _first_cells(readings: "Sequence[RawDelivery]") -> dict[str, Any]:
    """The upper left corner of the newest delivery that could be read; empty if there is none."""
    newest = next((r for r in reversed(readings) if r.cells is not None), None)
    if newest is None or newest.cells is None:
        return {}
    import pyarrow.parquet as pq

    columns = ["source_sheet", "source_row", "cells"]
    with pq.ParquetFile(newest.cells) as file:  # a workbook may have a million rows; of them the first are shown
        first = next(file.iter_batches(PREVIEW_ROWS, columns=columns), None)
    corner = [
        {
            "source_sheet": row["source_sheet"],
            "source_row": row["source_row"],
            **{
                f"cell {number}": cell and shortened(cell, CELL_LENGTH)
                for number, cell in enumerate(row["cells"][:CELLS_SHOWN], start=1)
            },
        }
        for row in (first.to_pylist() if first is not None else ())
    ]
    return {"preview": wide_table(corner), "preview_of": newest.receipt.file_name}


# ── candidates ────────────────────────────────────────────────────────────────────────────────────────────


def _candidates(project: Project, contract: Contract, warehouse: "Warehouse", result: "Result") -> Described:
    deliveries: list[JudgedDelivery] = result.made
    feed = contract.feed
    suite = rules_of_feed(project, feed)
    metadata = {
        **table_metadata(warehouse.path("candidates", feed), project.fields),
        "rows_parsed": _rows_in(deliveries),
        "cells_rounded": sum(int(a.facts.get("cells_rounded") or 0) for a in deliveries),
    }
    checks = check_results(
        key_of(result.table),
        _dimensions(suite),
        summed_results(suite, deliveries),
        warehouse.path("rejects", feed),
    )
    return metadata, checks, warehouse.content_of("candidates", feed)


def _rows_in(deliveries: "Sequence[JudgedDelivery]") -> int:
    return sum(judged.rows_in or 0 for judged in deliveries)


def summed_results(suite: Suite, deliveries: "Sequence[JudgedDelivery]") -> list[CheckResult]:
    """Return what became of each rule over all deliveries of a feed, whenever each was judged."""
    found: dict[str, list[Finding]] = {}
    for judged in deliveries:
        for finding in judged.findings:
            found.setdefault(finding.check, []).append(finding)
    errored = {check: error for judged in deliveries for check, error in judged.errored.items()}
    observed = f"{_counted(len(deliveries), 'delivery', 'deliveries')}, {_counted(_rows_in(deliveries), 'row', 'rows')}"
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
                observed=f"{_counted(len(findings), 'finding', 'findings')} in {observed}" if findings else observed,
                failing_rows=tuple(_failing_row(finding) for finding in findings[:ROWS_NAMED]),
                failing_count=len(findings),
                next_step=next_step,
                error=errored.get(check),
            )
        )
    return results


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _failing_row(finding: Finding) -> dict[str, Any]:
    return {
        "delivery": finding.source_file,
        "sheet": finding.source_sheet,
        "row": finding.source_row,
        "column": finding.column,
        "value": finding.value,
    }


# ── validated ─────────────────────────────────────────────────────────────────────────────────────────────


def _validated(project: Project, contract: Contract, warehouse: "Warehouse", result: "Result") -> Described:
    decisions: list[Decision] = result.made
    feed, key = contract.feed, key_of(result.table)
    state = warehouse.state("validated", feed)
    metadata = {
        "deliveries": _decisions_table(decisions),
        **table_metadata(warehouse.path("validated", feed), project.fields),
    }
    checks = [
        _accepted(key, warehouse, feed, decisions),
        _accounted(key, decisions, state.rows if state else 0),
    ]
    return metadata, checks, warehouse.content_of("validated", feed)


def _decisions_table(decisions: "Sequence[Decision]") -> dg.MetadataValue:
    rows = [
        {
            "status": decision.status,
            "delivery": decision.judged.receipt.file_name,
            "rows in": decision.judged.rows_in,
            "accepted": decision.rows_accepted,
            "reason": decision.reason,
        }
        for decision in reversed(decisions)
    ]
    return wide_table(rows[:ROWS_NAMED]) if rows else dg.MetadataValue.text("Nothing was delivered yet.")


def _accepted(
    key: dg.AssetKey, warehouse: "Warehouse", feed: str, decisions: "Sequence[Decision]"
) -> dg.AssetCheckResult:
    from assets.intake import supplier_csv

    refused = [d for d in decisions if d.status == "rejected"]
    partly = [d for d in decisions if d.status == "accepted_in_part"]
    severity: Severity = "critical" if refused else "warning"
    lines = [f"{d.judged.receipt.file_name} ({d.status}): {d.reason}" for d in (*refused, *partly)]
    metadata = {
        d.judged.receipt.file_name: dg.MetadataValue.path(str(supplier_csv(warehouse.root, feed, d.judged.receipt)))
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


def _accounted(key: dg.AssetKey, decisions: "Sequence[Decision]", rows_in_table: int) -> dg.AssetCheckResult:
    rows_in = sum(d.judged.rows_in or 0 for d in decisions)
    accepted = sum(d.rows_accepted or 0 for d in decisions)
    rejected = sum((d.judged.rows_in or 0) - (d.rows_accepted or 0) for d in decisions)
    holds = accepted == rows_in_table and rows_in == accepted + rejected
    return dg.AssetCheckResult(
        check_name="rows_are_accounted_for",
        asset_key=key,
        passed=holds,
        severity=dg.AssetCheckSeverity.ERROR,
        description=(
            f"{rows_in} rows in = {accepted} accepted + {rejected} rejected; the table holds {rows_in_table}."
        ),
        metadata={
            "rows_in": rows_in,
            "rows_accepted": accepted,
            "rows_rejected": rejected,
            "rows_in_table": rows_in_table,
        },
    )
