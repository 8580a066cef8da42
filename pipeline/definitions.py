"""The code location: everything that Dagster serves."""

from pipeline.own_packages import AssemblyError, refuse_foreign_packages

refuse_foreign_packages()  # before anything of them is imported that a foreign one does not have

from pipeline.gc_tuning import collected_seldom  # noqa: E402

with collected_seldom():
    from pipeline.assembly import build_defs

    defs = build_defs()

__all__ = ["AssemblyError", "build_defs", "defs"]
