"""The code location: everything that Dagster serves."""

from pipeline.assembly import AssemblyError, build_defs

__all__ = ["AssemblyError", "build_defs", "defs"]

defs = build_defs()
