"""What catalogues and auditors ask about a release: DCAT as JSON-LD, and what each column is made from."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from assets.lineage import read_lineage
from assets.product.marts import Marts
from dbt_like_sql.access import public_columns

CATALOG = "dcat.jsonld"
LINEAGE_FILE = "lineage.json"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".duckdb": "application/vnd.duckdb",
    ".html": "text/html",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def catalog(marts: Marts, as_of: dt.date, release_id: str) -> str:
    """Describe a release as a DCAT catalogue: a data set for each mart, and one for what shows several."""
    of_marts = [
        {
            "@id": f"urn:growth:{release_id}:{model.name}",
            "@type": "dcat:Dataset",
            "dct:identifier": model.name,
            "dct:title": _in_both(model.name.replace("_", " "), None),
            "dct:description": _in_both(model.description_en, model.description_vi),
            "dct:isPartOf": {"@id": f"urn:growth:{release_id}"},
            "dcat:distribution": [_distribution(marts.folder / f"{model.name}.parquet")],
        }
        for model in marts.project.published
    ]
    beside = [path for path in sorted(marts.folder.iterdir()) if path.suffix != ".parquet"]
    whole = {
        "@id": f"urn:growth:{release_id}:release",
        "@type": "dcat:Dataset",
        "dct:identifier": "release",
        "dct:title": _in_both("The release as a whole", "Toàn bộ bản phát hành"),
        "dcat:distribution": [_distribution(path) for path in beside],
    }
    document = {
        "@context": _CONTEXT,
        "@id": f"urn:growth:{release_id}",
        "@type": "dcat:Catalog",
        "dct:title": _in_both("Growth targets of the province", "Chỉ tiêu tăng trưởng của tỉnh"),
        "dct:identifier": release_id,
        "dct:language": ["vi", "en"],
        "dct:issued": {"@type": "xsd:date", "@value": as_of.isoformat()},
        "dcat:dataset": [whole, *of_marts],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def lineage(marts: Marts) -> str:
    """Say of each mart which feeds and models are behind it, and of each column which columns it is made from."""
    traced = read_lineage()
    project = marts.project
    by_mart: dict[str, Any] = {}
    for model in project.published:
        columns = public_columns(project.fields, pq.read_schema(marts.folder / f"{model.name}.parquet").names)
        by_mart[model.name] = {
            "feeds": sorted(project.feeds_behind(model.name)),
            "models": [one.name for one in project.behind([model.name]) if one.name != model.name],
            "columns": {column: traced.get(model.name, {}).get(column, []) for column in columns},
        }
    lines = [f" {json.dumps(name)}: {json.dumps(by_mart[name], sort_keys=True)}" for name in sorted(by_mart)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _distribution(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {
        "@type": "dcat:Distribution",
        "dct:title": path.name,
        "dcat:downloadURL": {"@id": path.name},
        "dcat:mediaType": _MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
        "dcat:byteSize": len(content),
        "spdx:checksum": {"spdx:algorithm": "sha256", "spdx:checksumValue": hashlib.sha256(content).hexdigest()},
    }


def _in_both(en: str, vi: str | None) -> list[dict[str, str]]:
    """Words as JSON-LD has them, Vietnamese first."""
    texts = [("vi", vi), ("en", en)]
    return [{"@language": lang, "@value": " ".join(text.split())} for lang, text in texts if text]
