"""The SQL project: models, seeds and the order in which they depend on each other.

A model is `models/<layer>/<subject>/<model>.sql` with a YAML of the same stem in dbt's own shape. Only its folder says
its subject. Its dependencies are read from the SQL (`ref`, `source`), never declared a second time. `{{ ref('x') }}`,
`{{ source('layer', 'x') }}` and `{{ var('as_of') }}` alone are understood: no loops, no conditionals. SQL that several
models end with stands once in `macros/<macro>.sql` and is put in for `{{ macro('x') }}` (`macros`). What
SQL cannot say is `models/<layer>/<subject>/<model>.py`, with the same YAML (`python_models`). Sentences stand in
`phrases/<subject>.yml`; SQL gives their codes and values (`phrases`).
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from dbt_like_sql.contracts import Contract, contract_files, load_contracts
from dbt_like_sql.corrections import corrections_beside
from dbt_like_sql.declaration_cache import kept
from dbt_like_sql.declarations import (
    DeclarationError,
    below,
    build,
    meant,
    read_text,
    read_yaml,
    refuse_owner,
    refuse_unknown,
    refuse_unread,
    subject_of_file,
)
from dbt_like_sql.fields import HERE, Field, load_fields
from dbt_like_sql.indicators import EvidenceDeclaration, Indicator, evidence_in, evidence_macros, refuse_loose_evidence
from dbt_like_sql.macros import CALL, Macro, load_macros, put_in, refuse_statements
from dbt_like_sql.phrases import Phrases, load_phrases
from dbt_like_sql.python_models import refs_in
from dbt_like_sql.seed_rows import read_rows, refuse_wrong_cells

LAYERS = ("staging", "intermediate", "audits", "marts")

READS_ROWS: Mapping[str, tuple[str, ...]] = {"staging": ("validated",), "audits": ("validated", "candidates")}
"""The layers whose models read rows of feeds, and which rows; all others read what these make of them."""

FEED_SOURCES = ("validated", "candidates")
"""Sources with one table for each feed; `candidates` are rows parsed and not yet accepted."""

OTHER_SOURCES: Mapping[str, tuple[str, ...]] = {
    "ledger": ("deliveries", "findings"),
    "contracts": ("options", "schedules"),
}

HISTORY = "history"
"""Source with one table for each model that is asked for: its rows at every month end before the day, as it was then
known and with what is known on the day; a day and a week before it, as it was then known (`on_date`, `knowledge`)."""
HISTORY_COLUMNS: Mapping[str, str] = {"on_date": "date", "knowledge": "varchar"}
"""What the table of a model's history has beside the model's own columns."""

_TAG = re.compile(r"\{\{\s*(\w+)\(([^)]*)\)\s*\}\}")
_OPENED = re.compile(r"\{\{[^\n]*?(?:\}\}|$)", re.MULTILINE)
_UNDERSTOOD = (
    "{{ ref('x') }}, {{ source('layer', 'x') }}, {{ var('as_of') }} and the macros of macros/, with arguments in quotes"
)
_ARGUMENT = re.compile(r"\s*'([^']*)'\s*")
_LATER_LEFT_OUT = re.compile(r"\breleased_on <= \{\{ var\('as_of'\) \}\}")

EARLIER_DELIVERIES = ("compared", "needed")
"""What a delivery rule may say of earlier deliveries of its feed: it compares with them where there are any, or it
says something false without them."""

Relation = Callable[[str, str], str]
"""Names the relation of (layer, table) in the engine's SQL; models and seeds have the layer 'ref'."""


@dataclass(frozen=True)
class Model:
    """One model and what its YAML says of it. `refs` are models and seeds, `sources` (layer, table) pairs.

    `audience` is its column that names the agency to which a row goes whole, or empty where anyone may read all of it.
    `source_text` is its SQL with its macros put in, or its Python where `language` says so; `written` is its file.
    `earlier_deliveries` is one of EARLIER_DELIVERIES, or empty where a delivery is judged by itself alone.
    """

    name: str
    layer: str
    subject: str
    language: str
    source_text: str
    written: str
    refs: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    uses_as_of: bool
    grain: tuple[str, ...]
    owner: str
    publish: bool
    audience: str
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
        return f"{self.layer}/{self.subject}/{self.name}.{'py' if self.is_python else 'sql'}"

    def line_in_file(self, line: int | None) -> int | None:
        """Return where a line of `source_text` stands in the file; None where a macro made it, or two are alike."""
        if self.written == self.source_text or line is None:
            return line
        made, lines = self.source_text.splitlines(), self.written.splitlines()
        text = made[line - 1] if line <= len(made) else ""
        return lines.index(text) + 1 if lines.count(text) == made.count(text) == 1 else None

    @property
    def properties_file(self) -> str:
        """Its YAML below the folder of models."""
        return f"{self.layer}/{self.subject}/{self.name}.yml"

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
    """A seed kept as CSV; its columns are typed by the field dictionary.

    It is one file, `<seed>.csv`, or several parts with one header, `<seed>__<part>.csv`, in any folder below
    `seeds/`: what belongs to one directive stands in a folder of its own, and the next one is a folder more. What it is
    for stands in `seeds.yml`, or in another YAML file below `seeds/`.
    """

    name: str
    paths: tuple[Path, ...]
    columns: tuple[str, ...]
    digest: str
    description_en: str
    description_vi: str

    def rows(self) -> Iterator[dict[str, str]]:
        """Yield every row as text, file after file."""
        for path in self.paths:
            with path.open(encoding="utf-8", newline="") as file:
                yield from csv.DictReader(file)

    def placed_rows(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield every row with the words for where it stands: its file and line."""
        for path in self.paths:
            for line, cells in read_rows(path)[1:]:
                yield f"{below(path, 'seeds')}: line {line}", dict(zip(self.columns, cells, strict=True))


@dataclass(frozen=True, eq=False)
class Project:
    """All declarations of the SQL side, read once; compared and hashed by identity."""

    fields: Mapping[str, Field]
    contracts: Mapping[str, Contract]
    contract_digests: Mapping[str, str]
    feed_subjects: Mapping[str, str]
    """The subject of each feed: the folder of its contract."""
    models: Mapping[str, Model]
    seeds: Mapping[str, Seed]
    evidence: Mapping[str, EvidenceDeclaration]
    """What models say of evidence, by model."""
    gathered: Mapping[str, str]
    """The macros that are made of that, by name."""
    phrases: Phrases
    """The wording of what marts say."""

    @property
    def indicators(self) -> dict[str, Indicator]:
        """The indicators of the scorecard, by name."""
        return {indicator.name: indicator for declaring in self.evidence.values() for indicator in declaring.indicators}

    @property
    def subjects(self) -> dict[tuple[str, str], str]:
        """The subject of each validated table and each model, by layer and table."""
        feeds = {("validated", feed): subject for feed, subject in self.feed_subjects.items()}
        return feeds | {(model.layer, model.name): model.subject for model in self.models.values()}

    def models_in_order(self) -> list[Model]:
        """Models such that each comes after what it refers to."""
        return list(self._in_order)

    @cached_property
    def _in_order(self) -> tuple[Model, ...]:
        """Sorted once: a night asks for the order some two hundred times."""
        return tuple(self.models[name] for name in _graph(self.models).static_order())

    @property
    def published(self) -> tuple[Model, ...]:
        """The models that a release holds."""
        return tuple(model for model in self.models.values() if model.publish)

    def delivery_rules(self, feed: str) -> list[Model]:
        """The audit models that judge the candidates of a feed before they are accepted."""
        return list(self._delivery_rules.get(feed, ()))

    @cached_property
    def _delivery_rules(self) -> Mapping[str, list[Model]]:
        """Looked for once: the definitions ask for each feed's three times."""
        rules: dict[str, list[Model]] = {}
        for model in self.models_in_order():
            if (feed := model.judged_feed) is not None:
                rules.setdefault(feed, []).append(model)
        return rules

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
    return kept("project", HERE, READ, Project, lambda: _load(HERE))


READ = ("fields", "models", "seeds", "macros", "phrases", "sources")
"""The folders that hold declarations."""


def _load(root: Path) -> Project:
    for folder in ("fields", "models", "seeds", "macros", "phrases"):
        refuse_unread(root / folder, folder)
    fields = load_fields(root / "fields")
    contracts = load_contracts(fields, root / "sources")
    seeds = _seeds(root / "seeds", fields)
    _refuse_wrong_registers(seeds, fields)
    written = _written(root / "models", seeds)
    evidence = {
        path.stem: evidence_in(described.meta.evidence_of, described.meta.source_rows_of, _yaml_of(path))
        for path, described in written.items()
        if described.meta.evidence_of or described.meta.source_rows_of
    }
    refuse_loose_evidence(evidence, contracts, {path.stem: _yaml_of(path) for path in written})
    gathered = evidence_macros(evidence, fields)
    macros = load_macros(root / "macros", gathered)
    subjects = {path.parent.name for path in written}
    phrases = load_phrases(root / "phrases", subjects)
    models = {path.stem: _model(path, described, macros, phrases) for path, described in written.items()}
    phrases.refuse_unknown_values({model.file: model.source_text for model in models.values() if not model.is_python})
    _refuse_loose_ends(models, seeds, contracts)
    _refuse_circles(models)
    _refuse_unknown_indicators(seeds, evidence)
    _refuse_loose_items(seeds)
    _refuse_loose_references(fields, models)
    return Project(
        fields=fields,
        contracts=contracts,
        contract_digests={path.stem: _digest(_contract_bytes(path)) for path in contract_files(root / "sources")},
        feed_subjects={path.stem: path.parent.name for path in contract_files(root / "sources")},
        models=models,
        seeds=seeds,
        evidence=evidence,
        gathered=gathered,
        phrases=phrases,
    )


def _written(folder: Path, seeds: Mapping[str, Seed]) -> dict[Path, _Properties]:
    """Return the file of each model with what its YAML says."""
    _refuse_strays(folder)
    written: dict[Path, _Properties] = {}
    names = set(seeds)
    for layer in LAYERS:
        paths = [path for suffix in ("sql", "py") for path in (folder / layer).rglob(f"*.{suffix}")]
        for path in sorted(paths, key=lambda path: path.name):
            where = f"{layer}/{subject_of_file(path, folder, 'model', layer)}/{path.name}"
            if path.stem in names:
                raise DeclarationError(f"{where}: another model or seed has this name: rename one of the two")
            names.add(path.stem)
            properties = path.with_suffix(".yml")
            if not properties.exists():
                raise DeclarationError(
                    f"{where}: {properties.name} is missing beside it; write it as other models have it"
                )
            written[path] = _properties(properties)
    return written


def _yaml_of(path: Path) -> str:
    """How the YAML of a model is called in sentences."""
    return "/".join(path.with_suffix(".yml").parts[-3:])


def _refuse_strays(folder: Path) -> None:
    """Raise DeclarationError for a file among the models that nothing would read."""
    for path in sorted(folder.rglob("*.*")):
        where = path.relative_to(folder)
        if path.suffix in (".sql", ".py", ".yml") and where.parts[0] not in LAYERS:
            raise DeclarationError(
                f"{where.as_posix()}: models lie in <layer>/<subject>/, and no layer is called '{where.parts[0]}': "
                f"{meant(where.parts[0], LAYERS)}"
            )
        if path.suffix == ".yml" and not any(path.with_suffix(suffix).exists() for suffix in (".sql", ".py")):
            raise DeclarationError(
                f"{where.as_posix()}: there is no {path.stem}.sql beside it (nor {path.stem}.py); write the model, or "
                "take this file out"
            )


def _seeds(folder: Path, fields: Mapping[str, Field]) -> dict[str, Seed]:
    parts: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*.csv"), key=lambda path: (path.stem, path.as_posix())):
        parts.setdefault(path.stem.partition("__")[0], []).append(path)
    descriptions = _descriptions_of_seeds(folder)
    for name in descriptions:
        if name not in parts:
            raise DeclarationError(f"seeds: '{name}' is described and has no file: {meant(name, parts)}")
    return {name: _seed(name, tuple(paths), fields, descriptions.get(name)) for name, paths in sorted(parts.items())}


def _descriptions_of_seeds(folder: Path) -> dict[str, tuple[str, str]]:
    """Return the English and the Vietnamese description of each seed, from every YAML file of the folder."""
    descriptions: dict[str, tuple[str, str]] = {}
    for path in sorted(folder.rglob("*.yml")):
        where = below(path, "seeds")
        content = read_yaml(path, where)
        refuse_unknown(content, ("version", "seeds"), where)
        for entry in content.get("seeds") or ():
            refuse_unknown(entry, ("name", "description", "config"), where)
            name = entry.get("name")
            english = entry.get("description")
            vietnamese = ((entry.get("config") or {}).get("meta") or {}).get("description_vi")
            if name in descriptions or not (english and vietnamese):
                raise DeclarationError(
                    f"{where}: {name}: a seed is described once, in English (description) and in Vietnamese "
                    "(config.meta.description_vi)"
                )
            descriptions[name] = (str(english), str(vietnamese))
    return descriptions


def _seed(name: str, paths: tuple[Path, ...], fields: Mapping[str, Field], texts: tuple[str, str] | None) -> Seed:
    stems = [path.stem for path in paths]
    again = sorted({stem for stem in stems if stems.count(stem) > 1})
    if again or (name in stems and len(stems) > 1):
        raise DeclarationError(
            f"seeds: the seed '{name}' is one file {name}.csv, or parts {name}__<part>.csv that each have a name "
            f"of their own; there are {', '.join(f'{stem}.csv' for stem in stems)}"
        )
    headers = [tuple(read_rows(path)[0][1]) for path in paths]
    for path, columns in zip(paths, headers, strict=True):
        unknown = [column for column in columns if column not in fields]
        if unknown:
            raise DeclarationError(
                f"{below(path, 'seeds')}: not in fields/: {', '.join(unknown)}; a new column is described there first, "
                f"and commas separate columns: {meant(unknown[0], fields)}"
            )
        if columns != headers[0]:
            raise DeclarationError(
                f"{below(path, 'seeds')}: its header differs from that of {paths[0].name}: all parts of a seed have "
                f"the columns {','.join(headers[0])}"
            )
    if texts is None:
        raise DeclarationError(f"seeds/{name}.csv: say in seeds.yml, in both languages, what the seed holds")
    digest = _digest(*(path.read_bytes() for path in paths))
    return Seed(name, paths, headers[0], digest, description_en=texts[0], description_vi=texts[1])


def _refuse_wrong_registers(seeds: Mapping[str, Seed], fields: Mapping[str, Field]) -> None:
    """Raise DeclarationError where a seed holds a cell that its column cannot hold, or an unknown code."""

    @cache
    def known(codes: str) -> frozenset[str] | None:
        seed, _, column = codes.partition(".")
        return frozenset(row.get(column, "") for row in seeds[seed].rows()) if seed in seeds else None

    for seed in seeds.values():
        for path in seed.paths:
            refuse_wrong_cells(path, seed.columns, fields, known)


def _refuse_loose_references(fields: Mapping[str, Field], models: Mapping[str, Model]) -> None:
    """Raise DeclarationError where a field refers to what is no published mart with a key of one column.

    A project that has none of the marts referred to, as a new one with these fields, has nothing to refer to yet.
    """
    dimensions = [name for name, model in models.items() if model.publish and len(model.grain) == 1]
    if not any(column.refers_to in dimensions for column in fields.values()):
        return
    for column in fields.values():
        if column.refers_to is not None and column.refers_to not in dimensions:
            raise DeclarationError(
                f"fields: {column.name}: refers_to names a published mart with a key of one column, not "
                f"'{column.refers_to}': {meant(column.refers_to, dimensions)}"
            )


def _model(path: Path, described: _Properties, macros: Mapping[str, Macro], phrases: Phrases) -> Model:
    layer, subject = path.parts[-3:-1]
    where = f"{layer}/{subject}/{path.name}"
    is_python = path.suffix == ".py"
    text = written = read_text(path, where)
    if not re.sub(r"(--|#).*", "", text).strip():
        raise DeclarationError(f"{where}: the model is empty; write it, or take it out with its YAML")
    if not is_python:
        refuse_statements(text, where)
        phrases.refuse_unknown_codes(text, where)
        _refuse_unknown_tags(text, macros, where)
        text = put_in(text, macros, where)
    refs, sources, uses_as_of = (refs_in(text, where), (), False) if is_python else _dependencies(text, where)
    return Model(
        name=path.stem,
        layer=layer,
        subject=subject,
        language="python" if is_python else "sql",
        source_text=text,
        written=written,
        refs=refs,
        sources=sources,
        uses_as_of=uses_as_of,
        grain=described.meta.grain,
        owner=described.meta.owner,
        publish=described.meta.publish,
        audience=described.meta.audience,
        earlier_deliveries=described.meta.earlier_deliveries,
        description_en=described.description,
        description_vi=described.meta.description_vi.strip(),
        digest=_digest(text.encode(), path.with_suffix(".yml").read_bytes(), phrases.digest_of(text).encode()),
    )


@dataclass(frozen=True)
class _Meta:
    """What stands under `config.meta` in a model's YAML."""

    description_vi: str
    grain: tuple[str, ...]
    owner: str
    publish: bool = False
    audience: str = ""
    earlier_deliveries: str = ""
    evidence_of: Mapping[str, Any] = field(default_factory=dict)
    source_rows_of: str = ""


@dataclass(frozen=True)
class _Properties:
    """A model's YAML."""

    description: str
    meta: _Meta


def _properties(path: Path) -> _Properties:
    where, name = _yaml_of(path), path.stem
    content = read_yaml(path, where)
    refuse_unknown(content, ("version", "models"), where)
    entries = content.get("models")
    if not isinstance(entries, list) or len(entries) != 1 or not isinstance(entries[0], dict):
        raise DeclarationError(f"{where}: models: exactly one model, called '{name}', is expected")
    entry: dict[str, Any] = entries[0]
    refuse_unknown(entry, ("name", "description", "config"), where)
    if entry.get("name") != name:
        raise DeclarationError(
            f"{where}: the model is called '{entry.get('name')}' and the file '{path.name}': make it '{name}'"
        )
    config = entry.get("config")
    if not isinstance(config, dict) or not isinstance(config.get("meta"), dict):
        raise DeclarationError(f"{where}: config.meta (description_vi, grain, owner) is missing; add it")
    refuse_unknown(config, ("meta",), f"{where}: config")
    meta = build(_Meta, config["meta"], f"{where}: config.meta")
    if meta.earlier_deliveries not in ("", *EARLIER_DELIVERIES):
        raise DeclarationError(f"{where}: earlier_deliveries is one of {', '.join(EARLIER_DELIVERIES)}")
    given = {"description": entry.get("description"), "description_vi": meta.description_vi, "owner": meta.owner}
    empty = [key for key, text in given.items() if not isinstance(text, str) or not text.strip()]
    if empty or not meta.grain:
        raise DeclarationError(f"{where}: missing {', '.join(empty) or 'grain'}; add it")
    refuse_owner(meta.owner, where)
    return _Properties(entry["description"].strip(), meta)


def _dependencies(sql: str, where: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], bool]:
    refs: dict[str, None] = {}
    sources: dict[tuple[str, str], None] = {}
    uses_as_of = False
    for written, function, arguments in _tags(sql, where):
        match (function, arguments):
            case ("ref", [name]):
                refs[name] = None
            case ("source", [layer, table]):
                sources[layer, table] = None
            case ("var", ["as_of"]):
                uses_as_of = True
            case _:
                raise DeclarationError(f"{where}: {written} is not understood; there are {_UNDERSTOOD}")
    return tuple(refs), tuple(sources), uses_as_of


def _refuse_unknown_tags(sql: str, macros: Mapping[str, Macro], where: str) -> None:
    """Raise DeclarationError, naming the line, at what stands in braces in a model's file and calls nothing known."""
    known = {"ref", "source", "var", *macros}
    for opened in re.finditer(r"\{\{", sql):
        tag = CALL.match(sql, opened.start()) or _TAG.match(sql, opened.start())
        written = _OPENED.match(sql, opened.start())
        line = f"{where}: line {sql.count(chr(10), 0, opened.start()) + 1}"
        if tag is not None and tag[1] not in known:
            raise DeclarationError(f"{line}: no macro is called '{tag[1]}': {meant(tag[1], known)}")
        if tag is None and written is not None:
            strange = written[0].strip()
            why = "is not understood" if strange.endswith("}}") else "is not closed by }} in its line"
            raise DeclarationError(f"{line}: {strange} {why}; there are {_UNDERSTOOD}")


def _tags(sql: str, where: str) -> list[tuple[str, str, list[str]]]:
    """Return each tag as it is written, with its function and arguments."""
    if "{%" in sql or "{#" in sql:
        raise DeclarationError(f"{where}: loops, conditionals and template comments are not allowed")
    tags = [(match.group(0), match.group(1), _ARGUMENT.findall(match.group(2))) for match in _TAG.finditer(sql)]
    if len(tags) != sql.count("{{"):
        strange = next(part for part in _OPENED.findall(sql) if not _TAG.match(part))
        raise DeclarationError(f"{where}: {strange.strip()} is not understood; there are {_UNDERSTOOD}")
    return tags


def _contract_bytes(path: Path) -> bytes:
    """A contract with the corrections beside it: what is read of a delivery follows from both."""
    corrections = corrections_beside(path)
    return path.read_bytes() + (corrections.read_bytes() if corrections.exists() else b"")


def _refuse_loose_ends(
    models: Mapping[str, Model], seeds: Mapping[str, Seed], contracts: Mapping[str, Contract]
) -> None:
    for model in models.values():
        where = model.file
        for ref in model.refs:
            if ref not in models and ref not in seeds:
                raise DeclarationError(
                    f"{where}: ref('{ref}') is no model and no seed: {meant(ref, {*models, *seeds})}"
                )
        for layer, table in model.sources:
            known = contracts if layer in FEED_SOURCES else models if layer == HISTORY else OTHER_SOURCES.get(layer, ())
            if table not in known:
                layers = (*FEED_SOURCES, *OTHER_SOURCES, HISTORY)
                there = meant(layer, layers) if layer not in layers else meant(table, known)
                raise DeclarationError(f"{where}: source('{layer}', '{table}') does not exist: {there}")
            if layer in FEED_SOURCES and layer not in READS_ROWS.get(model.layer, ()):
                readers = " and ".join(one for one, rows in READS_ROWS.items() if layer in rows)
                staging = [one.name for one in models.values() if ("validated", table) in one.sources]
                instead = f"{{{{ ref('{staging[0]}') }}}}" if staging else "a model of staging made of it"
                raise DeclarationError(
                    f"{where}: source('{layer}', '{table}'): {model.layer} reads no rows of feeds (only {readers} "
                    f"does): read {instead}"
                )
        if model.layer == "marts" and (audited := [ref for ref in model.refs if _layer_of(ref, models) == "audits"]):
            raise DeclarationError(
                f"{where}: ref('{audited[0]}') is an audit: marts read staging, intermediate, seeds and other marts"
            )
        if len({table for layer, table in model.sources if layer == "candidates"}) > 1:
            raise DeclarationError(f"{where}: a delivery rule judges one feed only")


def _layer_of(name: str, models: Mapping[str, Model]) -> str:
    return models[name].layer if name in models else "seeds"


def _refuse_unknown_indicators(seeds: Mapping[str, Seed], evidence: Mapping[str, EvidenceDeclaration]) -> None:
    """Raise DeclarationError where an item follows an indicator that no model declares, and does not say why."""
    declared = {indicator.name for declaring in evidence.values() for indicator in declaring.indicators}
    if not declared or not {"directive_items", "items_without_indicator"} <= set(seeds):
        return
    explained = {(row["directive"], row["item"]) for row in seeds["items_without_indicator"].rows()}
    for row_at, row in seeds["directive_items"].placed_rows():
        if row["indicator"] not in declared and (row["directive"], row["item"]) not in explained:
            there = meant(row["indicator"], declared)
            raise DeclarationError(
                f"{row_at}: {row['directive']} {row['item']}: no model declares the indicator "
                f"'{row['indicator']}' (evidence_of), and items_without_indicator does not say why: {there}"
            )


def _refuse_loose_items(seeds: Mapping[str, Seed]) -> None:
    """Raise DeclarationError where an item of a directive comes twice, is half a target, or nobody answers for it."""
    needed = ("directives", "directive_items", "directive_item_agencies", "agencies")
    if not set(needed) <= set(seeds):
        return
    directives = {row["directive"] for row in seeds["directives"].rows()}
    items: dict[str, str] = {}
    for row_at, row in seeds["directive_items"].placed_rows():
        item, directive = f"{row['directive']} {row['item']}", row["directive"]
        if directive not in directives:
            raise DeclarationError(
                f"{row_at}: no directive is called '{directive}': {meant(directive, directives)} (A new directive has "
                "a line in a file directives__<part>.csv.)"
            )
        if item in items:
            raise DeclarationError(f"{row_at}: {item}: given twice, also in {items[item]}; one needs another code")
        items[item] = row_at
        _refuse_half_a_target(row, f"{row_at}: {item}")
    agencies = {row["agency_code"] for row in seeds["agencies"].rows()}
    answered = set()
    for row_at, row in seeds["directive_item_agencies"].placed_rows():
        item, agency = f"{row['directive']} {row['item']}", row["agency_code"]
        if item not in items:
            there = meant(item, items)
            raise DeclarationError(f"{row_at}: {item}: the directive has no such item in directive_items: {there}")
        if agency not in agencies:
            there = meant(agency, agencies)
            raise DeclarationError(f"{row_at}: {item}: no agency of agencies.csv is '{agency}': {there}")
        answered.add(item)
    for item, row_at in items.items():
        if item not in answered:
            raise DeclarationError(
                f"{row_at}: {item}: nobody answers for it; give it a line in directive_item_agencies, beside this file"
            )


def _refuse_half_a_target(row: Mapping[str, str], where: str) -> None:
    """Raise DeclarationError where an item has not what its kind says: a target has a threshold, a task has none."""
    is_target = row["item_kind"] == "target"
    for column in ("comparator", "threshold"):
        if is_target and not row[column]:
            raise DeclarationError(f"{where}: a target has comparator and threshold, and {column} is empty here")
        if row[column] and not is_target:
            raise DeclarationError(
                f"{where}: {column} is '{row[column]}', and a {row['item_kind']} has none: empty it, or make "
                "it a target"
            )


def _graph(models: Mapping[str, Model]) -> TopologicalSorter[str]:
    return TopologicalSorter(
        {model.name: [name for name in (*model.refs, *model.remembers) if name in models] for model in models.values()}
    )


def _refuse_circles(models: Mapping[str, Model]) -> None:
    try:
        _graph(models).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        path = ", ".join(f"{models[reader].file} reads {read}" for read, reader in itertools.pairwise(circle))
        raise DeclarationError(f"models read each other in a circle: {path}; take one of these refs out") from None


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
