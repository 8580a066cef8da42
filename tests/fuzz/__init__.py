"""Mutants of deliveries: files made by rule, spoilt by rule, read by the real reading process and by somebody else.

A mutant is named by its kind and its number, and follows from them alone. `python -m tests.fuzz` reads as many as are
asked for and logs each; `tests/integration/test_mutants.py` reads a few of each kind.
"""
