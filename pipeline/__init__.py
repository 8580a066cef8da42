"""Assembly and entry: definitions, jobs, schedules, sensors, and the command line.

This is the top of the project: it may import everything, and nothing imports it.
"""
