"""The functions with which SQL puts sentences together (`dbt_like_sql.phrases`), for the engine that runs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import pyarrow as pa

from dbt_like_sql.phrases import LANGUAGES, Phrases

if TYPE_CHECKING:
    import duckdb

SENTENCES_KEPT = 20_000
"""Past days say mostly what tonight says: a sentence that was put together is not put together again."""


def give_phrases(engine: duckdb.DuckDBPyConnection, phrases: Phrases) -> None:
    """Give an engine `message_vi(codes, values)` and `message_en(codes, values)`; one that lacks a value fails."""
    from duckdb.func import ARROW, SPECIAL  # here, because a night with nothing new computes nothing

    for language in LANGUAGES:
        messages = messages_in(phrases, language)
        engine.create_function(
            f"message_{language}", messages, ["VARCHAR", "VARCHAR"], "VARCHAR", type=ARROW, null_handling=SPECIAL
        )


def messages_in(phrases: Phrases, language: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    """Return the function that an engine calls with codes and values, a sentence for each pair of them."""
    message = lru_cache(SENTENCES_KEPT)(partial(phrases.message, language))

    def messages(codes: pa.Array, values: pa.Array) -> pa.Array:
        return pa.array(map(message, codes.to_pylist(), values.to_pylist()), pa.string())

    return messages
