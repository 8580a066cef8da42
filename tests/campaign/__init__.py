"""What no test has the time for: damage, kills, full disks and many nights, each through the door that users take.

`python -m tests.campaign` runs the parts and prints their figures; seeds and a line of JSON for each thing done are
kept below `data/campaign`. What a part does follows from its seed. `tests/integration/test_campaign.py` runs a few of
each.
"""
