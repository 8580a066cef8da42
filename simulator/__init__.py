"""The simulator of a province at any scale, with its ground truth.

Here lives what makes deliveries as offices write them (`simulate`, `samples`). What the pipeline itself needs at night
does not live here: nothing of the pipeline imports this package, and this package imports nothing of the project.

It borrows none of the product's declarations: it keeps its own codes, headers and calendar, so that a wrong contract
meets files it did not help to write. Its figures come from integer arithmetic and seeded draws without transcendental
functions, so that a seed gives the same bytes on every machine. Whatever it writes carries the note `simulated` in its
name.
"""
