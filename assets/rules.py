"""All rules of a table in one suite: those that follow from declarations and those written down for it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from dbt_like_sql.declarations import DeclarationError, meant
from dbt_like_sql.project import Model, Project
from expectations.contract import codes_of_seeds, expectations_from, expectations_from_grain
from expectations.suites import Suite, load_suite, suite_files

JUDGED_LAYERS = ("audits", "marts")
"""Layers whose every model has a suite of its own: what its grain says is not enough."""


@cache
def rules_of_feed(project: Project, feed: str) -> Suite:
    """Return the rules of a feed's candidates: its contract's and its suite's."""
    derived = expectations_from(project.contracts[feed], project.fields, _registers(project))
    suite = load_suite("validated", feed, derived, _files(project).get(("validated", feed)))
    assert suite is not None
    refuse_strange_rules(suite, project.contracts[feed].columns)
    return suite


@cache
def rules_of_model(project: Project, model: Model) -> Suite | None:
    """Return the rules of a model: its suite's and, for a mart, that its grain is its grain. None: it has none.

    Raises DeclarationError where an audit or a mart has no suite: it would judge nothing, and nobody would see it.
    """
    _refuse_missing_suite(project, model)
    derived = expectations_from_grain(model.name, model.grain) if model.layer == "marts" else []
    return load_suite(model.layer, model.name, derived, _files(project).get((model.layer, model.name)))


def refuse_strange_columns(project: Project, model: Model, columns: Collection[str]) -> None:
    """Raise DeclarationError where a model lacks a column of its grain, or has one that nobody described.

    Whoever opens a table, published or not, has to find what it means. Also where an internal one would be published.
    """
    for column in model.grain:
        if column not in columns:
            there = meant(column, columns)
            raise DeclarationError(f"{model.properties_file}: grain: the model has no column '{column}': {there}")
    declared = project.evidence.get(model.name)
    wanted = declared.columns if declared else ()
    for column in wanted:
        if column not in columns:
            there = meant(column, columns)
            raise DeclarationError(
                f"{model.file}: what its YAML says of evidence asks for the column '{column}', which it has not; every "
                f"such model has the columns {', '.join(wanted)}: {there}"
            )
    for column in columns:
        if column not in project.fields:
            there = meant(column, project.fields)
            raise DeclarationError(
                f"{model.file}: column '{column}' is not in fields/, where a new column is described first: {there}"
            )
    _refuse_open_internals(project, model, columns)


def _refuse_open_internals(project: Project, model: Model, columns: Collection[str]) -> None:
    """Raise DeclarationError where a model publishes an internal column, or an audience is no column of it."""
    if model.audience and model.audience not in columns:
        there = meant(model.audience, columns)
        raise DeclarationError(
            f"{model.properties_file}: audience: the model has no column '{model.audience}': {there}"
        )
    internal = [column for column in columns if not project.fields[column].is_public] if model.publish else []
    if internal:
        raise DeclarationError(
            f"{model.file}: {', '.join(internal)} is internal and would be published: leave it out. An agency gets its "
            "rows whole of a model that is not published and names the agency's column (`audience`)"
        )


def refuse_strange_rules(suite: Suite | None, columns: Collection[str]) -> None:
    """Raise DeclarationError where a rule judges, or names a failing row by, a column that its table has not."""
    if suite is None:
        return
    judged = [(rule.check, column) for rule in suite.expectations for column in rule.columns]
    for what, column in [*judged, *(("meta.row_id", column) for column in suite.row_id)]:
        if column not in columns:
            raise DeclarationError(
                f"{suite.file}: {what}: the table has no column '{column}': {meant(column, columns)}"
            )


def refuse_loose_suites(project: Project) -> None:
    """Raise DeclarationError for a suite that no table is judged by, and for an audit or a mart without a suite."""
    for (layer, table), path in _files(project).items():
        models = [model.name for model in project.models.values() if model.layer == layer]
        known = list(project.contracts) if layer == "validated" else models
        if table not in known:
            raise DeclarationError(
                f"suites/{'/'.join(path.parts[-3:])}: no table of {layer} is called '{table}'; rename the suite, or "
                f"take it out: {meant(table, known)}"
            )
    for model in project.models.values():
        _refuse_missing_suite(project, model)


def _refuse_missing_suite(project: Project, model: Model) -> None:
    if model.layer in JUDGED_LAYERS and (model.layer, model.name) not in _files(project):
        raise DeclarationError(
            f"suites/{model.layer}/{model.subject}/{model.name}.yml: the suite of {model.file} is missing; write it, "
            "or take it back from git: without it nothing would judge the table"
        )


def digest_of_rules(suite: Suite | None) -> str:
    """Return a digest of all rules of a suite."""
    return hashlib.sha256(repr(suite).encode()).hexdigest()


@cache
def _files(project: Project) -> Mapping[tuple[str, str], Path]:
    return suite_files(project.subjects)


@cache
def _registers(project: Project) -> dict[str, tuple[str, ...]]:
    return codes_of_seeds(project.fields, project.seeds)
