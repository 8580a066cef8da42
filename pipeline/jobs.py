"""Jobs: everything, every night."""

from __future__ import annotations

from typing import Any

import dagster as dg

from resources.stores import NIGHTLY

NightlyJob = Any
"""What `define_asset_job` gives; Dagster does not export its name."""


def nightly_job() -> NightlyJob:
    """Return the nightly job: all assets, in one process (starting a process for each step costs ten times more)."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Lands what arrived, judges it, computes all marts and publishes them as one release.",
    )
