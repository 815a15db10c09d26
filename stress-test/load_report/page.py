"""One HTML page that holds everything, needs no network, and runs no script."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from load_report import judged, measured
from load_report.charts import charts
from load_report.definitions import LATENCIES, OTHERS
from load_report.headline import headline
from load_report.words import load

TEMPLATES = Path(__file__).parent / "templates"


def render(document: Mapping[str, Any]) -> str:
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            style=Markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),  # a file of ours
            top=headline(document),
            conditions=document.get("conditions") or {},
            begun=judged.when(document.get("conditions") or {}),
            load=load((document.get("conditions") or {}).get("load")),
            charts=[(each, Markup(each.svg)) for each in charts(document)],  # made by charts, which escapes its labels
            before=[judged.thresholds(document), measured.errors(document)],
            after=[
                measured.steps(document),
                judged.cost(document),
                judged.baseline(document),
                measured.latencies(document),
                measured.scenarios(document),
            ],
            facts=[judged.conditions(document), judged.client(document)],
            definitions=[
                *((each.label, f"{each.name[0].upper()}{each.name[1:]}. {each.text}") for each in LATENCIES),
                *OTHERS,
            ],
        )
    )


def _environment() -> Environment:
    # autoescape: names, addresses and a server's words are text, whatever they look like.
    loader = FileSystemLoader(TEMPLATES)
    return Environment(autoescape=True, loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
