"""The commands of `python -m pipeline`: one module a command, gathered in `commands`.

A command parses its arguments, calls one function of the project and prints; what it does lives elsewhere. Each imports
what it needs when it is called, so that a night with nothing new, or a look at the scorecard, does not wait for Dagster
and Great Expectations.
"""
