"""The SQL project: models, registers and the order in which they depend on each other.

A model is `models/<layer>/<model>.sql` with a YAML of the same stem in dbt's own shape. Its dependencies are
read from the SQL (`ref`, `source`), never declared a second time. Only `{{ ref('x') }}`,
`{{ source('layer', 'x') }}` and `{{ var('as_of') }}` are understood: no loops, no conditionals. SQL that several
models end with stands once in `macros/<macro>.sql` and is put in for `{{ macro() }}`, which takes no arguments. What
SQL cannot say is `models/<layer>/<model>.py`, with the same YAML (`python_models`).
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from dbt_like_sql.contracts import Contract, load_contracts
from dbt_like_sql.declarations import DeclarationError, read_yaml, refuse_unknown
from dbt_like_sql.fields import HERE, Field, load_fields
from dbt_like_sql.python_models import refs_in

LAYERS = ("staging", "intermediate", "audits", "marts")

FEED_SOURCES = ("validated", "candidates")
"""Sources with one table for each feed; `candidates` are rows offered but not yet accepted."""

OTHER_SOURCES: Mapping[str, tuple[str, ...]] = {
    "ledger": ("deliveries", "findings"),
    "contracts": ("options", "schedules"),
}

HISTORY = "history"
"""Source with one table for each model that is asked for: its rows at every month end before the day, as it was then
known and with what is known on the day (`on_date`, `knowledge`)."""
HISTORY_COLUMNS: Mapping[str, str] = {"on_date": "date", "knowledge": "varchar"}
"""What the table of a model's history has beside the model's own columns."""

_TAG = re.compile(r"\{\{\s*(\w+)\(([^)]*)\)\s*\}\}")
_ARGUMENT = re.compile(r"\s*'([^']*)'\s*")
_LATER_LEFT_OUT = re.compile(r"\breleased_on <= \{\{ var\('as_of'\) \}\}")
_CALL = re.compile(r"\{\{\s*(\w+)\(\)\s*\}\}")
_MACRO = re.compile(r"\{%-?\s*macro (\w+)\(\)\s*-?%\}\n?(.*?)\n?\{%-?\s*endmacro\s*-?%\}\s*", re.DOTALL)
_META_KEYS = ("description_vi", "grain", "owner", "publish", "earlier_deliveries")

EARLIER_DELIVERIES = ("compared", "needed")
"""What a delivery rule may say of earlier deliveries of its feed: it compares with them where there are any, or it
says something false without them."""

Relation = Callable[[str, str], str]
"""Names the relation of (layer, table) in the engine's SQL; models and seeds have the layer 'ref'."""


@dataclass(frozen=True)
class Model:
    """One model and what its YAML says of it. `refs` are models and seeds, `sources` (layer, table) pairs.

    `source_text` is its SQL, or its Python where `language` says so. `earlier_deliveries` is one of
    EARLIER_DELIVERIES, or empty where a delivery is judged by itself alone.
    """

    name: str
    layer: str
    language: str
    source_text: str
    refs: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    uses_as_of: bool
    grain: tuple[str, ...]
    owner: str
    publish: bool
    earlier_deliveries: str
    description_en: str
    description_vi: str
    digest: str

    @property
    def is_python(self) -> bool:
        """Whether the model is written in Python."""
        return self.language == "python"

    @property
    def file(self) -> str:
        """The model's file below the folder of models."""
        return f"{self.layer}/{self.name}.{'py' if self.is_python else 'sql'}"

    @property
    def judged_feed(self) -> str | None:
        """The feed whose candidates this audit judges, if it is a delivery rule."""
        feeds = sorted({table for layer, table in self.sources if layer == "candidates"})
        return feeds[0] if feeds else None

    @property
    def remembers(self) -> tuple[str, ...]:
        """The models whose history it reads."""
        return tuple(table for layer, table in self.sources if layer == HISTORY)

    @property
    def leaves_out_later_releases(self) -> bool:
        """Whether it asks for the day only to leave out of each source what was released after it."""
        if not self.uses_as_of:
            return False
        tags = [(match.group(1), _ARGUMENT.findall(match.group(2))) for match in _TAG.finditer(self.source_text)]
        dated = [arguments for name, arguments in tags if name == "source" and arguments[0] in ("validated", "ledger")]
        days = [name for name, _ in tags if name == "var"]
        return len(_LATER_LEFT_OUT.findall(self.source_text)) == len(days) == len(dated)

    @property
    def reads_deliveries(self) -> bool:
        """Whether it reads rows of deliveries itself; then it asks for the day to leave out what came later."""
        return any(layer in (*FEED_SOURCES, "ledger") for layer, _ in self.sources)


@dataclass(frozen=True)
class Seed:
    """A register kept as CSV; its columns are typed by the field dictionary.

    It is one file, `<register>.csv`, or several parts with one header, `<register>__<part>.csv`, in any folder below
    `seeds/`: what belongs to one directive stands in a folder of its own, and the next one is a folder more.
    """

    name: str
    paths: tuple[Path, ...]
    columns: tuple[str, ...]
    digest: str

    def rows(self) -> Iterator[dict[str, str]]:
        """Yield every row as text, file after file."""
        for path in self.paths:
            with path.open(encoding="utf-8", newline="") as file:
                yield from csv.DictReader(file)


@dataclass(frozen=True, eq=False)
class Project:
    """All declarations of the SQL side, read once; compared and hashed by identity."""

    fields: Mapping[str, Field]
    contracts: Mapping[str, Contract]
    contract_digests: Mapping[str, str]
    models: Mapping[str, Model]
    seeds: Mapping[str, Seed]

    def models_in_order(self) -> list[Model]:
        """Models such that each comes after what it refers to. Raises DeclarationError on a circle."""
        graph = {
            model.name: [name for name in (*model.refs, *model.remembers) if name in self.models]
            for model in self.models.values()
        }
        try:
            return [self.models[name] for name in TopologicalSorter(graph).static_order()]
        except CycleError as error:
            raise DeclarationError(f"models refer to each other in a circle: {error.args[1]}") from error

    @property
    def published(self) -> tuple[Model, ...]:
        """The models that a release holds."""
        return tuple(model for model in self.models.values() if model.publish)

    def delivery_rules(self, feed: str) -> list[Model]:
        """The audit models that judge the candidates of a feed before they are accepted."""
        return [model for model in self.models_in_order() if model.judged_feed == feed]

    @property
    def remembered(self) -> tuple[str, ...]:
        """The models whose history any model reads, by name."""
        return tuple(sorted({name for model in self.models.values() for name in model.remembers}))

    def behind(self, models: Iterable[str]) -> list[Model]:
        """Some models and all that they refer to, in order."""
        found: set[str] = set()
        queue = list(models)
        while queue:
            name = queue.pop()
            if name in self.models and name not in found:
                found.add(name)
                queue += self.models[name].refs
        return [model for model in self.models_in_order() if model.name in found]

    def feeds_behind(self, model: str) -> set[str]:
        """All feeds whose data can reach a model, through any number of models."""
        sources = (source for one in self.behind([model]) for source in one.sources)
        return {table for layer, table in sources if layer in FEED_SOURCES}


def load_project(root: Path | None = None) -> Project:
    """Read every declaration below `root` (default: this package).

    Raises DeclarationError, naming the file, on anything that is misspelt, missing or refers to nothing.
    """
    return _load_packaged() if root is None else _load(root)


@cache
def _load_packaged() -> Project:
    return _load(HERE)


def _load(root: Path) -> Project:
    fields = load_fields(root / "fields.yml")
    contracts = load_contracts(fields, root / "sources")
    seeds = _seeds(root / "seeds", fields)
    macros = _macros(root / "macros")
    models: dict[str, Model] = {}
    for layer in LAYERS:
        folder = root / "models" / layer
        for path in sorted([*folder.glob("*.sql"), *folder.glob("*.py")]):
            if path.stem in models or path.stem in seeds:
                raise DeclarationError(f"{layer}/{path.name}: another model or seed has this name")
            models[path.stem] = _model(path, layer, macros)
    _refuse_loose_ends(models, seeds, contracts)
    return Project(
        fields=fields,
        contracts=contracts,
        contract_digests={feed: _digest((root / "sources" / f"{feed}.yml").read_bytes()) for feed in contracts},
        models=models,
        seeds=seeds,
    )


def _seeds(folder: Path, fields: Mapping[str, Field]) -> dict[str, Seed]:
    parts: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*.csv"), key=lambda path: (path.stem, path.as_posix())):
        parts.setdefault(path.stem.partition("__")[0], []).append(path)
    return {name: _seed(name, tuple(paths), fields) for name, paths in sorted(parts.items())}


def _seed(name: str, paths: tuple[Path, ...], fields: Mapping[str, Field]) -> Seed:
    stems = [path.stem for path in paths]
    again = sorted({stem for stem in stems if stems.count(stem) > 1})
    if again or (name in stems and len(stems) > 1):
        raise DeclarationError(
            f"seeds: the register '{name}' is one file {name}.csv, or parts {name}__<part>.csv that each have a name "
            f"of their own; there are {', '.join(f'{stem}.csv' for stem in stems)}"
        )
    headers = [_header(path) for path in paths]
    for path, columns in zip(paths, headers, strict=True):
        unknown = [column for column in columns if column not in fields]
        if unknown:
            raise DeclarationError(f"seeds/{path.name}: not in fields.yml: {', '.join(unknown)}")
        if columns != headers[0]:
            raise DeclarationError(
                f"seeds/{path.name}: its header differs from that of {paths[0].name}: all parts of a register have "
                f"the columns {','.join(headers[0])}"
            )
    return Seed(name=name, paths=paths, columns=headers[0], digest=_digest(*(path.read_bytes() for path in paths)))


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8") as file:
        return tuple(file.readline().strip().split(","))


def _macros(folder: Path) -> dict[str, str]:
    """Return the SQL of each macro by name: one in each file, under the file's name, without arguments."""
    macros = {}
    for path in sorted(folder.glob("*.sql")):
        found = _MACRO.fullmatch(path.read_text(encoding="utf-8"))
        if found is None or found.group(1) != path.stem:
            raise DeclarationError(
                f"macros/{path.name}: exactly {{% macro {path.stem}() %}} … {{% endmacro %}} is expected, "
                "without arguments"
            )
        macros[path.stem] = found.group(2)
    return macros


def _model(path: Path, layer: str, macros: Mapping[str, str]) -> Model:
    where = f"{layer}/{path.name}"
    is_python = path.suffix == ".py"
    text = path.read_text(encoding="utf-8")
    if not is_python:
        text = _CALL.sub(lambda call: macros.get(call.group(1), call.group(0)), text)
    properties_path = path.with_suffix(".yml")
    if not properties_path.exists():
        raise DeclarationError(f"{where}: {properties_path.name} is missing beside it")
    properties = _properties(properties_path, path.stem)
    meta = properties["config"]["meta"]
    refs, sources, uses_as_of = (refs_in(text, where), (), False) if is_python else _dependencies(text, where)
    return Model(
        name=path.stem,
        layer=layer,
        language="python" if is_python else "sql",
        source_text=text,
        refs=refs,
        sources=sources,
        uses_as_of=uses_as_of,
        grain=tuple(meta["grain"]),
        owner=meta["owner"],
        publish=bool(meta.get("publish", False)),
        earlier_deliveries=meta.get("earlier_deliveries", ""),
        description_en=properties["description"].strip(),
        description_vi=meta["description_vi"].strip(),
        digest=_digest(text.encode(), properties_path.read_bytes()),
    )


def _properties(path: Path, name: str) -> dict[str, Any]:
    content = read_yaml(path)
    where = path.name
    refuse_unknown(content, ("version", "models"), where)
    entries = content.get("models") or []
    if len(entries) != 1 or entries[0].get("name") != name:
        raise DeclarationError(f"{where}: exactly one model called '{name}' is expected")
    entry: dict[str, Any] = entries[0]
    refuse_unknown(entry, ("name", "description", "config"), where)
    refuse_unknown(entry.get("config", {}), ("meta",), f"{where}: config")
    meta = entry.get("config", {}).get("meta", {})
    refuse_unknown(meta, _META_KEYS, f"{where}: config.meta")
    if meta.get("earlier_deliveries", "needed") not in EARLIER_DELIVERIES:
        raise DeclarationError(f"{where}: earlier_deliveries is one of {', '.join(EARLIER_DELIVERIES)}")
    missing = [key for key in ("description_vi", "grain", "owner") if not meta.get(key)]
    if missing or not entry.get("description"):
        raise DeclarationError(f"{where}: missing {', '.join(missing) or 'description'}")
    return entry


def _dependencies(sql: str, where: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], bool]:
    refs: dict[str, None] = {}
    sources: dict[tuple[str, str], None] = {}
    uses_as_of = False
    for function, arguments in _tags(sql, where):
        match (function, arguments):
            case ("ref", [name]):
                refs[name] = None
            case ("source", [layer, table]):
                sources[layer, table] = None
            case ("var", ["as_of"]):
                uses_as_of = True
            case _:
                raise DeclarationError(
                    f"{where}: {{{{ {function}({', '.join(arguments)}) }}}} is not understood; there are "
                    "ref('x'), source('layer', 'x'), var('as_of') and the macros of macros/, which take no arguments"
                )
    return tuple(refs), tuple(sources), uses_as_of


def _tags(sql: str, where: str) -> list[tuple[str, list[str]]]:
    if "{%" in sql or "{#" in sql:
        raise DeclarationError(f"{where}: loops, conditionals and template comments are not allowed")
    tags = [(match.group(1), _ARGUMENT.findall(match.group(2))) for match in _TAG.finditer(sql)]
    if len(tags) != sql.count("{{"):
        raise DeclarationError(f"{where}: a {{{{ … }}}} is written in a way that is not understood")
    return tags


def _refuse_loose_ends(
    models: Mapping[str, Model], seeds: Mapping[str, Seed], contracts: Mapping[str, Contract]
) -> None:
    for model in models.values():
        where = model.file
        for ref in model.refs:
            if ref not in models and ref not in seeds:
                raise DeclarationError(f"{where}: ref('{ref}') is no model and no seed")
        for layer, table in model.sources:
            known = contracts if layer in FEED_SOURCES else models if layer == HISTORY else OTHER_SOURCES.get(layer, ())
            if table not in known:
                raise DeclarationError(f"{where}: source('{layer}', '{table}') does not exist")
        if len({table for layer, table in model.sources if layer == "candidates"}) > 1:
            raise DeclarationError(f"{where}: a delivery rule judges one feed only")


def compile_sql(model: Model, relation: Relation, as_of: dt.date | str) -> str:
    """Return the model's SQL with every reference replaced by what `relation` names.

    `as_of` is the day of the run, or SQL that says it. Raises ValueError for a model that is not written in SQL.
    """
    if model.is_python:
        raise ValueError(f"{model.file} is no SQL: it is run, not compiled")

    def replace(match: re.Match[str]) -> str:
        arguments = _ARGUMENT.findall(match.group(2))
        match match.group(1):
            case "ref":
                return relation("ref", arguments[0])
            case "source":
                return relation(arguments[0], arguments[1])
            case _:
                return as_of if isinstance(as_of, str) else f"date '{as_of.isoformat()}'"

    return _TAG.sub(replace, model.source_text)


def _digest(*contents: bytes) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()
