"""What the pipeline makes, and in which order.

`graph` knows every table and what it is made from, `staleness` which are not up to date, `run` makes them one after
another. The work is done by `readers` and `layout` (files into rows), `intake` (deliveries judged, accepted or
refused), `build` (a model computed, judged and promoted), `history` (past days), `publishing` (the release). None of
them knows Dagster: `assets.dagster` shows tables as assets and runs of tables as steps, and decides nothing.

May import `resources`, `expectations` and `dbt_like_sql`; never `pipeline`.
"""
