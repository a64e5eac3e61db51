"""`edgework config`: every key with its default and what it is for, as the TOML file that says nothing new."""

import json
import textwrap
from collections.abc import Iterator
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from flows.config import MAY_CHANGE
from flows.settings import Config

HEAD = """\
Every key with its default; a config file says only what is different.
Keys marked with * may change in the life of a home; the others ask for another --home.
"""
WIDTH = 100


def config_text() -> str:
    """It parses to the default config."""
    sections = {name: field for name, field in Config.model_fields.items() if _is_section(field)}
    lines = [*_commented(HEAD), ""]
    for name, field in Config.model_fields.items():
        if name not in sections:
            lines += _key(name, field, name)
    for name, field in sections.items():
        section = field.annotation
        assert isinstance(section, type)
        lines += ["", *_commented(section.__doc__ or ""), f"[{name}]"]
        for key, inner in section.model_fields.items():
            lines += _key(key, inner, f"{name}.{key}")
    return "\n".join(lines) + "\n"


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _key(name: str, field: FieldInfo, path: str) -> Iterator[str]:
    """A comment, and the key with its default; of a key without one, a comment alone."""
    values = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    one_of = [" or ".join(map(repr, values))] if values else []
    what = ": ".join([*one_of, field.description or ""])
    yield from _commented(f"{'* ' if path in MAY_CHANGE else ''}{what}")
    default = field.get_default(call_default_factory=True)
    if isinstance(default, dict):
        yield from (f"{name}.{inner} = {json.dumps(value)}" for inner, value in default.items())
    else:  # JSON's words for numbers, strings and lists are TOML's
        yield f"# {name} =" if default is None else f"{name} = {json.dumps(default)}"


def _commented(text: str) -> list[str]:
    return [f"# {line}" for part in text.splitlines() for line in textwrap.wrap(part, WIDTH)]
