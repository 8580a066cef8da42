"""One model computed, judged and promoted: a table in its place has passed its audit.

A model is computed again only when something it is made from has changed: its SQL or Python, its suite, the content of
a table that it reads or the rows of deliveries that are visible on the day, the day itself where it asks for more of it
than that, or the code that computes and judges. Knows no Dagster.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from assets.code_version import sql_code
from assets.inputs import content_digest, sees_by_release, visible_rows
from assets.python_rows import python_rows
from assets.rules import digest_of_rules, refuse_strange_columns, refuse_strange_rules
from dbt_like_sql.project import Model, Project, Relation
from expectations.report import SuiteReport
from expectations.suites import Suite
from resources.engine_lost import EngineLostError
from resources.files import TEMPORARY, DiskFullError, sha256_of
from resources.warehouse import TableState, Warehouse

log = logging.getLogger("provincial_growth")


@dataclass(frozen=True)
class Built:
    """What became of a model: its state, its audit, and whether the table standing there was kept as it is."""

    state: TableState
    report: SuiteReport | None
    reused: bool


def model_fingerprint(project: Project, warehouse: Warehouse, model: Model, suite: Suite | None, day: dt.date) -> str:
    """Return a digest of everything that a model's table and its audit follow from; nothing is computed for it.

    Raises TableMissingError if a table that the model reads has never been built.
    """
    return _fingerprint(made_from(project, warehouse, model, day), suite)


def made_from(project: Project, warehouse: Warehouse, model: Model, day: dt.date) -> str:
    """Return a digest of everything that the rows of a model follow from on a day."""
    by_release = sees_by_release(project, model)

    def read(layer: str, table: str) -> str:
        if by_release and layer in ("validated", "ledger"):
            return visible_rows(project, warehouse, layer, table).digest(day, day)
        return content_digest(project, warehouse, layer, table)

    return computed_from(model, read, None if by_release else day)


def computed_from(model: Model, read: Callable[[str, str], str], day: dt.date | None) -> str:
    """Return the digest of a model computed on inputs, whose digests `read` gives; `day` is None if not asked for."""
    inputs = [("ref", name) for name in model.refs] + list(model.sources)
    asked = day.isoformat() if day is not None and model.uses_as_of else ""
    return _digest(model.digest, sql_code(), asked, *(read(*source) for source in inputs))


def build_model(project: Project, warehouse: Warehouse, model: Model, suite: Suite | None, day: dt.date) -> Built:
    """Compute a model and promote it if its suite allows.

    When a critical rule fails the last good table stays, and the state says that the attempt was blocked.
    Raises TableMissingError if a table that the model reads has never been built, DeclarationError if its columns are
    not those that are said of it.
    """
    rows_from = made_from(project, warehouse, model, day)
    rules = _digest(digest_of_rules(suite), sql_code())
    fingerprint = _fingerprint(rows_from, suite)
    before = warehouse.state(model.layer, model.name)
    if before is not None and before.fingerprint == fingerprint:
        return Built(before, _report_of(before), reused=True)

    path, attempt = warehouse.path(model.layer, model.name), _attempt_at(warehouse, model)
    report: SuiteReport | None = None
    try:
        rows = write_model(project, warehouse, model, warehouse.relation, day, attempt)
        columns = pq.read_schema(attempt).names
        refuse_strange_columns(project, model, columns)
        refuse_strange_rules(suite, columns)
        content = sha256_of(attempt)
        if before is not None and _was_judged(before, content, rules):
            report = _report_of(before)
        elif suite is not None:
            # Imported here because it imports Great Expectations, which costs seconds: only when something is new.
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
        content=content if promoted else before.content if before else None,
        rows=rows if promoted else before.rows if before else 0,
        as_of=day.isoformat(),
        blocked=blocked,
        facts={"made_from": rows_from, "rules": rules},
        report=report.to_dict() if report is not None else None,
    )
    warehouse.record(model.layer, model.name, state)
    return Built(state, report, reused=False)


def holds_on(project: Project, warehouse: Warehouse, model: Model, suite: Suite | None, day: dt.date) -> bool:
    """Whether a table for which nothing but the day is new has the same rows on that day; then its state says so.

    The rows are computed, and thrown away: few models ask for the day, and what is made from those that say the same
    need not be looked at again. A model that cannot be computed is left to the run, which says why.
    """
    before = warehouse.state(model.layer, model.name)
    if before is None or before.blocked or before.halt is not None or not model.uses_as_of:
        return False
    attempt = _attempt_at(warehouse, model)
    try:
        if before.fingerprint != model_fingerprint(
            project, warehouse, model, suite, dt.date.fromisoformat(before.as_of)
        ):
            return False
        write_model(project, warehouse, model, warehouse.relation, day, attempt, durable=False)
        if sha256_of(attempt) != before.content:
            return False
        rows_from = made_from(project, warehouse, model, day)
    except (DiskFullError, EngineLostError):
        raise
    except Exception as error:
        log.debug("%s/%s cannot be computed", model.layer, model.name, exc_info=error)
        return False
    finally:
        attempt.unlink(missing_ok=True)
    state = dataclasses.replace(
        before,
        fingerprint=_fingerprint(rows_from, suite),
        as_of=day.isoformat(),
        facts={**before.facts, "made_from": rows_from},
    )
    warehouse.record(model.layer, model.name, state)
    return True


def _fingerprint(rows_from: str, suite: Suite | None) -> str:
    """Return a digest of a table and its audit; `rows_from` is that of everything that its rows follow from."""
    return _digest(rows_from, digest_of_rules(suite))


def _attempt_at(warehouse: Warehouse, model: Model) -> Path:
    """Where the rows of a model lie until they are known to be good."""
    path = warehouse.path(model.layer, model.name)
    return path.with_name(f"{TEMPORARY}{path.name}")


def _was_judged(before: TableState, content: str, rules: str) -> bool:
    """Whether these rows stand, found good by these rules; those of a blocked attempt do not stand."""
    return before.content == content and before.facts.get("rules") == rules and not before.blocked


def write_model(
    project: Project,
    warehouse: Warehouse,
    model: Model,
    relation: Relation,
    day: dt.date,
    path: Path,
    durable: bool = True,
) -> int:
    """Compute a model on the tables that `relation` names and write its rows; return their number."""
    if model.is_python:
        rows = python_rows(
            project, warehouse, model, lambda name: warehouse.query(f"select * from {relation('ref', name)}")
        )
        return warehouse.write_rows(path, model, rows, durable)
    return warehouse.write_model(model, relation, day, path, durable)


def _report_of(state: TableState) -> SuiteReport | None:
    return SuiteReport.from_dict(state.report) if state.report is not None else None


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
