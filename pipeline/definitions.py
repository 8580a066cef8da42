"""The code location: everything that Dagster serves."""

from pipeline.own_packages import AssemblyError, refuse_foreign_packages

refuse_foreign_packages()  # before anything of them is imported that a foreign one does not have

from pipeline.assembly import build_defs  # noqa: E402

__all__ = ["AssemblyError", "build_defs", "defs"]

defs = build_defs()
