"""The part of the card on where the rows come from, and the commands that make them again."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any

import duckdb
import tomli_w

from warehouse.export.markdown import bullets, escaped, fenced, folded, table
from warehouse.licences import SOURCES

_CONFIG = "config.toml"
_MOST_BYTES = 100_000  # of a config; beyond them it is not one
_BASE = "select policy, digest from policies where round = 0 order by policy limit 1"


def provenance(con: duckdb.DuckDBPyConnection, home: Path) -> list[str]:
    """The paragraphs, the home's config folded among them."""
    config = _config(home)
    sources = con.execute(SOURCES).fetchall()
    parts = ["## Where it comes from", bullets(_facts(con, config))]
    if sources:
        names = ["import", "licence", "file", "sha256", "problems", "samples"]
        rows = [(name, license or "not stated", *rest) for name, license, *rest in sources]
        parts += [
            "### Imported problems",
            table(names, rows),
            "Each licence is what the importing person stated.",
        ]
    parts += ["### Make it again", fenced("\n".join(_commands(config, [row[0:4] for row in sources])), "sh")]
    if config is not None:
        parts.append(folded("config.toml", fenced(tomli_w.dumps(config), "toml")))
    return parts


def _facts(con: duckdb.DuckDBPyConnection, config: dict[str, Any] | None) -> list[str]:
    facts = [f"exported by edgework {_version()}"]
    if config is not None and "seed" in config:
        facts.append(f"seed of the run: {escaped(str(config['seed']))}")
    if base := con.execute(_BASE).fetchone():
        facts.append(f"base policy: {escaped(base[0])}, sha256 of its files (shortened): {escaped(base[1])}")
    return facts


def _commands(config: dict[str, Any] | None, sources: list[tuple[str, ...]]) -> list[str]:
    lines = []
    for name, license, _, digest in sources:
        option = f" --license {license}" if license else ""
        lines.append(
            f"edgework import FILE --name {name}{option} --home HOME  # the file with sha256 {digest}"
        )
    if config is not None:
        lines.append(f"edgework run --config {_CONFIG} --home HOME")
    return [*lines, "edgework export FOLDER --home HOME"]


def _config(home: Path) -> dict[str, Any] | None:
    """What the run was told; of files on the machine it ran on, the names alone. None where there is no config."""
    file = home / _CONFIG
    if not file.is_file() or file.stat().st_size > _MOST_BYTES:
        return None
    try:
        config = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None
    for section, key in (("policy", "base"), ("overlap", "evaluation_files")):
        if isinstance(told := config.get(section), dict) and key in told:
            told[key] = _without_folders(told[key])
    return config


def _without_folders(value: Any) -> Any:
    """The names of files, alone."""
    if isinstance(value, list):
        return [_without_folders(each) for each in value]
    return PurePath(value).name if isinstance(value, str) else value


def _version() -> str:
    try:
        return version("edgework")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "(not installed)"
