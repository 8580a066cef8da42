"""The demonstration inbox: the simulated province beside the figures that were really published.

`python -m simulator.samples` writes the simulated half of `samples/` anew.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from simulator.capture_truth import NOT_IN_SAMPLES
from simulator.delivery_folder import SIMULATED_MARK
from simulator.simulate import DEFAULT_SEED, simulate

SAMPLES = Path(__file__).parent.parent / "samples"


def write_samples(samples: Path = SAMPLES) -> None:
    """Write anew what the simulator makes of `samples`; other feeds, such as what was really published, stay."""
    inbox = samples / "inbox"
    with tempfile.TemporaryDirectory() as made:
        simulate(Path(made), scale=1, seed=DEFAULT_SEED, say=lambda _: None)
        for simulated in (Path(made) / "inbox").iterdir():
            shutil.rmtree(inbox / simulated.name, ignore_errors=True)
        shutil.rmtree(samples / "ground_truth", ignore_errors=True)
        shutil.copytree(Path(made) / "inbox", inbox, ignore=shutil.ignore_patterns(SIMULATED_MARK), dirs_exist_ok=True)
        left_out = shutil.ignore_patterns(*(f"{name}.csv" for name in NOT_IN_SAMPLES))
        shutil.copytree(Path(made) / "ground_truth", samples / "ground_truth", ignore=left_out)
    (inbox / ".samples").touch()


if __name__ == "__main__":
    write_samples()
    print(f"written: {SAMPLES}")
