"""Writes the skeletons of a new feed, a new mart and a new indicator of the scorecard.

What is written loads, runs and passes the project's own tests as it stands, so that one starts from something that
runs; what it says of the matter is to be written on. Nothing that exists is ever overwritten or edited.
"""
