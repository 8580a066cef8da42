"""Great Expectations: the rules a table must keep, and what became of them.

Here live the suites (`suites/<layer>/<subject>/<table>.yml`, in Great Expectations' own shape), the rules that follow
from a contract (`contract.py`), the reading of suites (`suites.py`), the plain results (`report.py`), the
sentences made of them (`findings.py`), what is handed to Great Expectations of a table (`batches.py`), the one module
that runs it (`runner.py`) and what is made of its verdicts (`results.py`).

Here does not live: anything that computes a table (that is SQL under `dbt_like_sql/models/audits`), anything
that decides what happens to a delivery (that is `assets`), and nothing that knows Dagster.

May import: `dbt_like_sql`, the standard library, PyYAML, pyarrow. Only `runner.py` may import `great_expectations` and
only `batches.py` `pandas`, both on the first judgement, because that costs three seconds of processor time and
260 MB.
"""
