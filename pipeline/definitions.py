"""The code location: everything that Dagster serves."""

from pipeline.assembly import build_defs

__all__ = ["build_defs", "defs"]

defs = build_defs()
