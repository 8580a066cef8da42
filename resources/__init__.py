"""The outside world: where deliveries come from, where tables lie, where releases go.

One module for each store: `inbox`, `landing`, `warehouse`, `releases`, all below one `home`. Each offers plain
functions and objects; `stores` wraps them as Dagster resources. What is computed is none of their business.
They may import `dbt_like_sql` for declarations, nothing else of this project; only `warehouse` knows DuckDB.
"""
