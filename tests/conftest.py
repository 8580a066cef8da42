"""Fixtures that many tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of one test's own."""
    return House(tmp_path)
