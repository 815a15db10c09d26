"""Python modules from templates: every value as a literal, whatever a model is called."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scripts.config.world import KEY, NO_KEY, World, heading

TEMPLATES = Path(__file__).parent / "templates"


def render_python(name: str, world: World, **values: Any) -> str:
    """The text of `templates/NAME.py.j2`, with the chosen server and model."""
    server, model = world.one
    facts = {"server": server, "model": model, "has_key": world.has_key, "key": KEY, "no_key": NO_KEY}
    body = _templates().get_template(f"{name}.py.j2").render(**facts, **values)
    return heading(name.replace("_", "-"), world, is_one=True) + body


def literal(value: str | int) -> str:
    """JSON's strings and numbers are Python's too."""
    return json.dumps(value, ensure_ascii=False)


@cache
def _templates() -> Environment:
    environment = Environment(  # noqa: S701 - Python is no HTML
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["literal"] = literal
    return environment
