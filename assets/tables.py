"""Models computed, judged and promoted: a table in its place has passed its audit.

A model is computed again only when something it is made from has changed: its SQL or Python, its suite, the content of
a table it reads, or, where it asks for it, the day. Knows no Dagster.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from assets.code_version import code_version
from assets.history import bring_up_to_date
from assets.python_rows import python_rows
from assets.rules import digest_of
from dbt_like_sql.project import Model, Project, compile_sql
from expectations.report import SuiteReport
from expectations.suites import Suite
from resources.files import TEMPORARY
from resources.warehouse import TableState, Warehouse


@dataclass(frozen=True)
class Built:
    """What became of a model: its state, its audit, and whether the table standing there was kept as it is."""

    state: TableState
    report: SuiteReport | None
    reused: bool


def build_model(project: Project, warehouse: Warehouse, model: Model, suite: Suite | None, as_of: dt.date) -> Built:
    """Compute a model and promote it if its suite allows.

    When a critical rule fails the last good table stays, and the state says that the attempt was blocked.
    Raises TableMissingError if a table that the model reads has never been built.
    """
    if model.remembers:
        bring_up_to_date(project, warehouse, as_of)
    fingerprint = _fingerprint(project, warehouse, model, suite, as_of)
    before = warehouse.state(model.layer, model.name)
    if before is not None and before.fingerprint == fingerprint:
        state = dataclasses.replace(before, as_of=as_of.isoformat())
        if state != before:
            warehouse.record(model.layer, model.name, state)
        return Built(state, _report_of(state), reused=True)

    path = warehouse.path(model.layer, model.name)
    attempt = path.with_name(f"{TEMPORARY}{path.name}")
    report: SuiteReport | None = None
    try:
        rows = _write(project, warehouse, model, attempt, as_of)
        if suite is not None:
            # Imported here because it imports Great Expectations, which costs seconds: only when there is news.
            from expectations.runner import judge

            with pq.ParquetFile(attempt) as file:
                report = judge(suite, file.read())
        # An audit's rows are evidence and always kept; a delivery rule blocks deliveries, not tables.
        blocked = report is not None and report.blocks and model.judged_feed is None
        promoted = not blocked or model.layer == "audits"
        if promoted:
            warehouse.forget(model.layer, model.name)
            attempt.replace(path)
    finally:
        attempt.unlink(missing_ok=True)
    state = TableState(
        fingerprint=fingerprint,
        content=warehouse.digest_of(path) if promoted else before.content if before else None,
        rows=rows if promoted else before.rows if before else 0,
        as_of=as_of.isoformat(),
        blocked=blocked,
        report=report.to_dict() if report is not None else None,
    )
    warehouse.record(model.layer, model.name, state)
    return Built(state, report, reused=False)


def _write(project: Project, warehouse: Warehouse, model: Model, path: Path, as_of: dt.date) -> int:
    if model.is_python:
        rows = python_rows(
            project, warehouse, model, lambda name: warehouse.query(f"select * from {warehouse.relation('ref', name)}")
        )
        return warehouse.write_table(path, rows, model.description_en)
    order = ", ".join(model.grain)
    sql = f"select * from (\n{compile_sql(model, warehouse.relation, as_of)}\n) order by {order}"
    return warehouse.write_query(path, sql, model.description_en)


def _report_of(state: TableState) -> SuiteReport | None:
    return SuiteReport.from_dict(state.report) if state.report is not None else None


def _fingerprint(project: Project, warehouse: Warehouse, model: Model, suite: Suite | None, as_of: dt.date) -> str:
    parts = [model.digest, code_version(), digest_of(suite), as_of.isoformat() if model.uses_as_of else ""]
    parts += [_input_digest(project, warehouse, "ref", name) for name in model.refs]
    parts += [_input_digest(project, warehouse, layer, table) for layer, table in model.sources]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _input_digest(project: Project, warehouse: Warehouse, layer: str, table: str) -> str:
    if layer == "ref" and table in project.seeds:
        return project.seeds[table].digest
    if layer == "ref":
        return warehouse.content_of(project.models[table].layer, table)
    if layer == "contracts":
        return hashlib.sha256(warehouse.relation(layer, table).encode()).hexdigest()
    if layer == "ledger":
        folder = "ledger" if table == "deliveries" else "rejects"
        names = sorted(path.stem for path in (warehouse.root / folder).glob("*.parquet"))
        return "/".join(warehouse.content_of(folder, name) for name in names)
    return warehouse.content_of(layer, table)
