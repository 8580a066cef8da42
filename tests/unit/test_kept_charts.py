"""Charts are drawn once for the same rows, code and form; what is kept of them is a cache and no more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from assets.product.charts import Specification, kept_in

ONE, OTHER, THIRD = ({"mark": "bar", "datasets": {"rows": [{"value": value}]}} for value in (1, 2, 3))


class Pen:
    """Draws, and notes how many charts it was asked for each time."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def draw(self, charts: Sequence[Specification]) -> list[str]:
        self.asked.append(len(charts))
        return [f"<svg>{chart['datasets']['rows'][0]['value']}</svg>" for chart in charts]


@pytest.fixture
def pen() -> Pen:
    return Pen()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "charts" / "svg.json"


def test_only_a_chart_that_was_not_drawn_the_last_time_is_drawn(pen: Pen, note: Path) -> None:
    draw = kept_in(note, "code", pen.draw)
    assert draw([ONE, OTHER]) == ["<svg>1</svg>", "<svg>2</svg>"]
    assert draw([THIRD, ONE]) == ["<svg>3</svg>", "<svg>1</svg>"]
    assert draw([THIRD, ONE]) == ["<svg>3</svg>", "<svg>1</svg>"]
    assert draw([OTHER]) == ["<svg>2</svg>"]
    assert pen.asked == [2, 1, 0, 1]


def test_a_chart_that_stands_twice_is_drawn_once(pen: Pen, note: Path) -> None:
    assert kept_in(note, "code", pen.draw)([ONE, ONE]) == ["<svg>1</svg>", "<svg>1</svg>"]
    assert pen.asked == [1]


def test_other_code_draws_all_anew(pen: Pen, note: Path) -> None:
    kept_in(note, "code", pen.draw)([ONE])
    kept_in(note, "other code", pen.draw)([ONE])
    assert pen.asked == [1, 1]


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"content": {}, "sha256": "0"}'])
def test_what_is_kept_may_be_gone_or_damaged(pen: Pen, note: Path, content: bytes | None) -> None:
    kept_in(note, "code", pen.draw)([ONE])
    note.unlink() if content is None else note.write_bytes(content)
    assert kept_in(note, "code", pen.draw)([ONE]) == ["<svg>1</svg>"]
    assert pen.asked == [1, 1]
