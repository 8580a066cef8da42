"""What people take home of a release: the page to look at. Made from the marts of the release and from nothing else.

Knows no Dagster and no store: each module gets a folder of marts and gives bytes, the same bytes for the same marts.
Words that a reader meets stand in `words.yml`, Vietnamese first; sentences about figures come worded from the marts.
Charts are Vega-Lite specifications under `charts/`.
"""
