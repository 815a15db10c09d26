"""How a sync is told: the plan as a table, each change as a line, the end in a sentence, everything as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from scripts.dify.session import DifySession
from scripts.kit.output import Output
from scripts.sync.apply import Outcome
from scripts.sync.plan import CHANGES, Step
from scripts.sync.round import Report
from scripts.sync.servers import Found

PAST = {"add": "added", "update": "updated", "remove": "removed"}
SIGNS = {"add": "+", "update": "~", "remove": "-", "right": "=", "leave": "·"}
WIDE = 240  # columns, so that a line is a model where the table goes into a pipe or a file
COLUMNS = ("", "Model", "Type", "Server as Dify will see it", "Why")


def show_plan(output: Output, report: Report) -> None:
    if not output.console.is_terminal:
        output.console.width = WIDE
    output.table("What a sync would do", COLUMNS, (_row(step) for step in report.steps))
    changes = sum(step.action in CHANGES for step in report.steps)
    output.say(f"{_count(changes, 'change')}; nothing was changed." if changes else "Nothing to change.")


def show_change(output: Output, outcome: Outcome, when: str = "") -> None:
    step = outcome.step
    what = f"{step.model} ({step.type})"
    if outcome.error:
        output.bad(when + refusal(outcome))
    else:
        output.good(f"{when}{PAST[step.action]} {what}{f': {step.why}' if step.why else ''}")


def refusal(outcome: Outcome) -> str:
    return f"Dify did not {outcome.step.action} {outcome.step.model} ({outcome.step.type}): {outcome.error}"


def troubles(report: Report) -> Iterator[tuple[str, str]]:
    """What is wrong with servers and models, and what helps; what Dify refused was told when it did."""
    for server in report.found:
        if server.error:
            yield f"{server.instance.name}: {server.error}", server.fix
    for model, why in report.unusable:
        yield f"{model or '“”'} is left out: {why}", ""
    if report.broken:
        yield f"{report.broken}; run it again to go on", report.broken.fix


def show_defaults(output: Output, report: Report, when: str = "") -> None:
    for model_type, model in report.defaults.items():
        output.good(f"{when}{model} is now the default for {model_type}")


def show_end(output: Output, report: Report) -> None:
    show_defaults(output, report)
    for step in report.steps:
        if step.action == "leave":
            output.say(f"  · {step.model} ({step.type}): {step.why}")
    output.say(_sentence(report))
    if report.fix:
        output.bad("127.0.0.1 is not the same machine for Dify", report.fix)


def facts(report: Report, dify: DifySession) -> dict[str, Any]:
    """Never a credential's values."""
    return {
        "ok": report.is_good,
        "changed": len(report.done),
        "dify": {"url": dify.url, "version": dify.version},
        "servers": [server_facts(each) for each in report.found],
        "plan": [_step(step) for step in report.steps],
        "done": [_step(step) for step in report.done],
        "refused": [{**_step(each.step), "error": each.error} for each in report.refused],
        "unusable": [{"model": model, "why": why} for model, why in report.unusable],
        "defaults": dict(report.defaults),
        "error": str(report.broken or ""),
        "fix": report.fix or (report.broken.fix if report.broken else ""),
    }


def _row(step: Step) -> Sequence[str]:
    server = step.wanted.base_url if step.wanted else ""
    return f"{SIGNS[step.action]} {step.action}", step.model, step.type, server, step.why


def _sentence(report: Report) -> str:
    servers = [each for each in report.found if not each.error]
    there = sum(step.action == "right" for step in report.steps) + sum(step.wanted is not None for step in report.done)
    head = f"{_count(there, 'model')} of {_count(len(servers), 'server')} in Dify"
    if not any(each.models for each in servers):
        head = f"{_count(len(servers), 'server')} without any model"
    parts = list(_parts(report))
    return f"{head}: {', '.join(parts)}." if parts else f"{head}; nothing to change."


def _parts(report: Report) -> Iterator[str]:
    done = Counter(step.action for step in report.done)
    for action in CHANGES:
        if done[action]:
            yield f"{done[action]} {PAST[action]}"
    if report.refused:
        yield f"{len(report.refused)} refused"


def server_facts(found: Found) -> dict[str, Any]:
    return {
        "name": found.instance.name,
        "url": found.url or found.instance.url,
        "label": found.label,
        "models": len(found.models),
        "error": found.error,
        "fix": found.fix,
    }


def _step(step: Step) -> dict[str, Any]:
    server = step.wanted.base_url if step.wanted else ""
    return {"action": step.action, "model": step.model, "type": step.type, "server": server, "why": step.why}


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
