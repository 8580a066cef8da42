"""All rules of a table in one suite: those that follow from declarations and those written down for it."""

from __future__ import annotations

import hashlib
from functools import cache

from dbt_like_sql.project import Model, Project
from expectations.contract import code_registers, expectations_from, expectations_from_grain
from expectations.suites import Suite, load_suite


@cache
def rules_of_feed(project: Project, feed: str) -> Suite:
    """Return the rules of a feed's candidates: its contract's and its suite's."""
    derived = expectations_from(project.contracts[feed], project.fields, _registers(project))
    suite = load_suite("validated", feed, derived)
    assert suite is not None
    return suite


@cache
def rules_of_model(project: Project, model: Model) -> Suite | None:
    """Return the rules of a model: its suite's and, for a mart, that its grain is its grain. None: it has none."""
    derived = expectations_from_grain(model.name, model.grain) if model.layer == "marts" else []
    return load_suite(model.layer, model.name, derived)


def digest_of(suite: Suite | None) -> str:
    """Return a digest of all rules of a suite."""
    return hashlib.sha256(repr(suite).encode()).hexdigest()


@cache
def _registers(project: Project) -> dict[str, tuple[str, ...]]:
    return code_registers(project.fields, project.seeds)
