"""What the pipeline makes: Dagster assets, built from declarations.

`feeds` turns every contract into the assets of its layers, `models` every SQL model, `release` the published
folder; `checks` and `metadata` say what they look like in the UI. The work itself is done by modules that know
no Dagster: `readers` and `layout` (files into rows), `intake` (deliveries judged, accepted or rejected),
`build` (a model computed, judged and promoted), `history` (past days).

May import `resources`, `expectations` and `dbt_like_sql`; never `pipeline`.
"""
