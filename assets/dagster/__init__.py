"""What Dagster sees: each table as an asset, each run of tables as a step, each verdict as a check.

One table is one asset, with its own materialization, checks and metadata. Steps are coarse, because events and not SQL
are what a night pays for: one for each feed (`feeds`), one for all models and their history (`models`) and one for the
release. What a step does is `assets.run`; nothing is computed or decided here. This package and `resources`, below
`pipeline`, are all that know Dagster.

Whatever reads or writes tables is imported by the step that needs it: the UI, the daemon and each of their processes
load the definitions, and most of them never run a step.
"""
