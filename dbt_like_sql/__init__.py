"""The SQL of the pipeline and the metadata that describes it.

Here live the contracts of the feeds (`sources/`), the field dictionary (`fields/`), the seeds
(`seeds/`), the models (`models/`) and the small readers that turn these declarations into plain objects:
`declarations` (strict YAML), `contracts`, `fields`, `project`, `casts`, `periods`.

Nothing here runs SQL, knows Dagster or Great Expectations, or touches a store: this package imports none of
the others.
"""
