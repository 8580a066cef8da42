"""What describes the files of a release to other programs: a Frictionless data package and a dictionary as CSV."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow.parquet as pq

from assets.product.marts import Marts
from dbt_like_sql.fields import Field
from dbt_like_sql.project import Model

PACKAGE = "datapackage.json"
DICTIONARY = "dictionary.csv"
_TYPES: Mapping[str, str] = {
    "varchar": "string", "bigint": "integer", "integer": "integer", "boolean": "boolean", "date": "date",
}  # fmt: skip
"""Types of SQL as the specification of data packages names them; whatever else there is, is a number."""
_NAMED_TOGETHER = ("dim_directive_item", "delivery_quality")
"""Marts with a key of several columns, to which a mart that has all of them refers."""


def data_package(marts: Marts, as_of: dt.date, release_id: str) -> str:
    """Describe the marts of a release: columns with units and words, keys, sizes and hashes."""
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "provincial-growth",
        "title": "Growth targets of the province",
        "title_vi": "Chỉ tiêu tăng trưởng của tỉnh",
        "version": release_id,
        "created": f"{as_of.isoformat()}T00:00:00Z",
        "resources": [_resource(marts, model) for model in marts.project.published],
    }
    return json.dumps(package, ensure_ascii=False, separators=(",", ":")) + "\n"


def dictionary_csv(marts: Marts) -> str:
    """Return every column of every mart, one a line, in both languages, with what a renamed one was called."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    words = ("label_vi", "label_en", "description_vi", "description_en")
    writer.writerow(["mart", "column", "type", "unit", *words, "is_key", "renamed_from", "renamed_from_until"])
    for model in marts.project.published:
        for field in _fields(marts, model):
            texts = (" ".join(str(getattr(field, word)).split()) for word in words)
            before = (field.renamed_from, field.renamed_from_until) if field.is_renamed_in(model.name) else (None, None)
            writer.writerow(
                [model.name, field.name, field.type, field.unit, *texts, field.name in model.grain, *before]
            )
    return text.getvalue()


def _resource(marts: Marts, model: Model) -> dict[str, Any]:
    path = marts.folder / f"{model.name}.parquet"
    content = path.read_bytes()
    schema: dict[str, Any] = {
        "fields": [_field(field, is_key=field.name in model.grain) for field in _fields(marts, model)],
        "primaryKey": list(model.grain),
    }
    if keys := list(_foreign_keys(marts, model)):
        schema["foreignKeys"] = keys
    return {
        "name": model.name.replace("_", "-"),
        "path": path.name,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "description": model.description_en,
        "description_vi": model.description_vi,
        "sortedBy": list(model.grain),
        "schema": schema,
    }


def _fields(marts: Marts, model: Model) -> list[Field]:
    return [marts.project.fields[name] for name in pq.read_schema(marts.folder / f"{model.name}.parquet").names]


def _field(field: Field, *, is_key: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": field.name,
        "type": _TYPES.get(field.type, "number"),
        "title": field.label_en,
        "title_vi": field.label_vi,
        "description": field.description_en.strip(),
        "description_vi": field.description_vi.strip(),
        "unit": field.unit,
        "access": field.access,
        "sqlType": field.type,
    }
    constraints: dict[str, Any] = {"required": True} if is_key else {}
    if isinstance(field.codes, tuple):
        constraints["enum"] = list(field.codes)
    if constraints:
        described["constraints"] = constraints
    return described


def _foreign_keys(marts: Marts, model: Model) -> Iterator[dict[str, Any]]:
    """What a column of a mart refers to by its field, and the items and deliveries that its rows name.

    A dimension that refers to itself names no resource, as the specification has it.
    """
    names = [field.name for field in _fields(marts, model)]
    for field in _fields(marts, model):
        if field.refers_to is not None:
            key = list(marts.project.models[field.refers_to].grain)
            if (field.refers_to, [field.name]) != (model.name, key):
                yield _foreign_key([field.name], "" if field.refers_to == model.name else field.refers_to, key)
    for mart in _NAMED_TOGETHER:
        key = list(marts.project.models[mart].grain)
        if mart != model.name and set(key) <= set(names):
            yield _foreign_key(key, mart, key)


def _foreign_key(columns: list[str], mart: str, key: list[str]) -> dict[str, Any]:
    resource = {"resource": mart.replace("_", "-")} if mart else {}
    return {"fields": columns, "reference": {**resource, "fields": key}}
