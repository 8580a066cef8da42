"""Jobs: everything, every night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from assets.dagster.steps import key_of
from dbt_like_sql.project import load_project
from resources.home import Home
from resources.stores import NIGHTLY

NightlyJob = Any
"""What `define_asset_job` returns; Dagster 1.13.27 does not export the name of its class."""


def night_request(home: Home, inbox: Path, as_of: dt.date, checks: Sequence[dg.AssetCheckKey]) -> dg.RunRequest:
    """Ask for a night that makes what is not up to date on a day; it needs no configuration.

    `checks` are those of all assets. They are named, because the webserver launches a request that names none, from
    the preview of a tick, as a run without any.
    """
    from assets.staleness import asked_of_a_night

    asked = [key_of(table) for table in sorted(asked_of_a_night(load_project(), home, inbox, as_of))]
    wanted = set(asked)
    return dg.RunRequest(
        asset_selection=asked, asset_check_keys=[check for check in checks if check.asset_key in wanted]
    )


def nightly_job() -> NightlyJob:
    """Return the nightly job: all assets, in one process (starting a process for each step costs ten times more)."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Lands what arrived, judges it, computes all marts and publishes them as one release.",
    )
