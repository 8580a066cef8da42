"""The side-by-side measurements: what the pipeline costs and how right it is, seen from outside.

Here lives what measures nights beside what they cannot do without and a peer (`night_costs`), the linkage against known
links (`links`) and its cost (`capture_cost`), on provinces that `simulator` makes. Nothing of the pipeline and nothing
of the simulator imports this package.
"""
