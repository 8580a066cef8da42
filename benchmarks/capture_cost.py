"""What linkage and capture cost beside the same joins as one bare DuckDB script."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.measuring import OURS, measure
from simulator.works import Options

RATIO_LIMIT = 3
MEMORY_LIMIT_MB = 2048
RUN_SCRIPT = """
import duckdb, sys
from pathlib import Path
from dbt_like_sql.phrases import load_phrases
from resources.phrase_functions import give_phrases

engine, folder = duckdb.connect(), Path("dbt_like_sql/phrases")
give_phrases(engine, load_phrases(folder, [file.stem for file in folder.glob("*.yml")]))
engine.execute(Path(sys.argv[1]).read_text())
"""
"""The bare script; of ours it has the phrases alone, because SQL says its sentences by them."""


def compare_capture(scale: int, seed: int, out: Callable[[str], None] = print) -> bool:
    """Measure both on one simulated country, print what they cost, and return whether the bounds hold."""
    from benchmarks.capture_models import prepare, script_of

    root = Path(tempfile.mkdtemp(prefix="benchmark-capture-"))
    try:
        home = prepare(root, scale, seed, Options())
        script = root / "capture.sql"
        script.write_text(script_of(home), encoding="utf-8")
        bare = measure([sys.executable, "-c", RUN_SCRIPT, str(script)], OURS)
        ours = measure([sys.executable, "-m", "benchmarks.capture_models", str(home)], {})
        for name in ("building_permits", "design_appraisals", "construction_survey", "construction_tax"):
            out(f"{name:24} {pq.read_metadata(home / 'validated' / f'{name}.parquet').num_rows:9,d} rows")
        links = pq.read_metadata(home / "intermediate" / "int_permit_survey_links.parquet").num_rows
        out(f"{'links':24} {links:9,d} rows")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    out(f"{'one bare script':24} {bare.cpu_seconds:9.2f} CPU-s   peak {bare.peak_mb:5.0f} MB")
    out(f"{'models, judged, kept':24} {ours.cpu_seconds:9.2f} CPU-s   peak {ours.peak_mb:5.0f} MB")
    verdicts = {
        f"{ours.cpu_seconds:.2f} <= {RATIO_LIMIT} x {bare.cpu_seconds:.2f} CPU-s "
        f"({ours.cpu_seconds / bare.cpu_seconds:.2f} times)": ours.cpu_seconds <= RATIO_LIMIT * bare.cpu_seconds,
        f"peak memory {ours.peak_mb:.0f} <= {MEMORY_LIMIT_MB} MB": ours.peak_mb <= MEMORY_LIMIT_MB,
    }
    for text, holds in verdicts.items():
        out(f"{'holds' if holds else 'BROKEN'}: {text}")
    return all(verdicts.values())
