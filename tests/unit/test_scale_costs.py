"""What `python -m benchmarks scale` counts of a process that it watches."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.scale_costs import watch

BUSY = """
import subprocess, sys, time
print("[3/9] {table}", flush=True)
work = "import time; held = bytearray(80_000_000)\\nwhile time.process_time() < 1: pass\\nprint('[4/9] release: made')"
subprocess.Popen([sys.executable, "-u", "-c", work]){ends}
"""


@pytest.mark.parametrize(("table", "phase"), [("staging/stg_figures: 7 rows", "models"), ("raw/grdp: 2", "intake")])
def test_what_a_command_starts_counts_for_the_phase_of_which_it_speaks(table: str, phase: str) -> None:
    watched = watch([sys.executable, "-c", BUSY.format(table=table, ends=".wait()")], {})
    assert watched.phases[phase].cpu_seconds > 0.4
    assert watched.phases[phase].peak_mb > 80
    assert watched.whole.cpu_seconds < 3


def test_a_command_that_fails_is_no_measure() -> None:
    with pytest.raises(subprocess.CalledProcessError) as failure:
        watch([sys.executable, "-c", "raise SystemExit('no disk')"], {})
    assert "no disk" in failure.value.output
