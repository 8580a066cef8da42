"""Assembly and entry: what Dagster loads (`definitions`) and what people type (`python -m pipeline`).

Jobs, the schedule, the sensors, the settings and the commands live here. How a delivery is read, judged or
published does not: that is in `assets`, `expectations` and `resources`. May import all of them; nothing
imports this package.
"""
