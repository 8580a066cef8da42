"""Every model is SQL that Spark understands; a part of `.ci/run`, because it takes no rows and little time."""

from __future__ import annotations

import subprocess

import pytest

from pipeline.settings import PROJECT_ROOT
from tests.spark.conftest import PYTHON

pytestmark = pytest.mark.spark


def test_spark_understands_every_model_and_names_one_that_it_does_not() -> None:
    analysis = subprocess.run(
        [PYTHON, "-m", "tests.spark.analyse"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert analysis.returncode == 0, analysis.stdout + analysis.stderr
    assert " 0 not understood by Spark" in analysis.stdout
