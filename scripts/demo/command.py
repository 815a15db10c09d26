"""The command: which server, which model, and what happens when a step fails."""

import json
import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

from typer import Exit, Option

from scripts.demo.screen import Screen
from scripts.demo.steps import (
    PROVIDER_MODEL,
    SENTIMENT,
    WEATHER,
    Answer,
    Server,
    StepFailed,
    answer,
    checked_call,
    checked_object,
    look,
)
from scripts.embedded.server import NotStarted as ServerNotStarted
from scripts.embedded.server import embedded_server
from scripts.plugin_host import HostError, PluginError, PluginHost

ROOT = Path(__file__).parents[2]
PROBLEM, COULD_NOT_RUN, INTERRUPTED = 1, 3, 130


def demo(
    server: Annotated[str, Option(help="Address of your own model server. Without it llama.cpp is started.")] = "",
    model: Annotated[str, Option(help="Model to ask; auto is the one that is loaded.")] = PROVIDER_MODEL,
    as_json: Annotated[bool, Option("--json", help="One JSON object at the end, and nothing else.")] = False,
    quiet: Annotated[bool, Option("--quiet", help="Only errors.")] = False,
) -> None:
    """Show the plugin at work: find the server, save it, stream an answer, call a tool, answer with JSON.

    A key for your server is read from the environment variable LOCAL_MODELS_API_KEY.

    Example: python -m scripts demo --server http://127.0.0.1:11434 --model qwen3:4b
    """
    screen = Screen(quiet=quiet or as_json)
    run = _Run(screen)
    try:
        with ExitStack() as stack:
            _show(run, stack, server, model)
    except KeyboardInterrupt:
        screen.failed(run.step, "interrupted")
        raise Exit(INTERRUPTED) from None
    except (StepFailed, PluginError) as error:
        _give_up(run, getattr(error, "message", str(error)), PROBLEM, as_json=as_json)
    except (ServerNotStarted, HostError, OSError) as error:
        _give_up(run, str(error), COULD_NOT_RUN, as_json=as_json)
    if as_json:
        print(json.dumps({"schema_version": 1, "ok": True, **run.facts}, ensure_ascii=False))
    screen.end()


class _Run:
    """Where the demo is, and what it has found so far."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.step = "start"
        self.facts: dict[str, Any] = {}

    @contextmanager
    def doing(self, step: str) -> Generator[None]:
        self.step = step
        with self.screen.step(step):
            yield


def _show(run: _Run, stack: ExitStack, address: str, model: str) -> None:
    url = address or _start_server(run, stack)
    plugin = _start_plugin(run, stack)
    found = _look(run, plugin, url, model)
    temperature = {"temperature": 0.0}
    _ask(run, plugin, found, "Answer", "who are you", temperature)
    _ask(run, plugin, found, "In Chinese", "你好", temperature)
    if found.model.tools is not False:
        question = "What is the weather in Paris?"
        called = _ask(run, plugin, found, "Tool call", question, temperature, tools=[WEATHER])
        _conclude(run, "tool_call", checked_call(called))
    if found.model.structured_output:
        form = {**temperature, "json_schema": json.dumps(SENTIMENT)}
        structured = _ask(run, plugin, found, "JSON by a schema", "sentiment: I love this product", form)
        _conclude(run, "json", checked_object(structured))


def _start_server(run: _Run, stack: ExitStack) -> str:
    with run.doing("Start a real llama.cpp server with the 3.6 MB demo model"):
        server = stack.enter_context(embedded_server())
    run.screen.note(server.url)
    return server.url


def _start_plugin(run: _Run, stack: ExitStack) -> PluginHost:
    with run.doing("Start the plugin as Dify's daemon does"):
        plugin = stack.enter_context(PluginHost(ROOT, strict=True))
    run.screen.note(f"first heartbeat after {plugin.start_seconds:.1f} s")
    run.facts["plugin_start_ms"] = round(plugin.start_seconds * 1000)
    return plugin


def _look(run: _Run, plugin: PluginHost, url: str, model: str) -> Server:
    credentials = {"base_url": url, "server": "auto", "api_key": os.environ.get("LOCAL_MODELS_API_KEY", "")}
    with run.doing("Save the server's address: the plugin looks what is there"):
        found = look(plugin, credentials, model)
    run.screen.server(found)
    run.facts["server"] = {
        "url": found.url,
        "kind": found.kind,
        "version": found.version,
        "context_size": found.context_size,
        "features": found.features,
        "validation_ms": round(found.seconds * 1000, 1),
        "model": found.model.as_dict(),
    }
    return found


def _ask(  # noqa: PLR0913, PLR0917 - a question and how to ask it
    run: _Run,
    plugin: PluginHost,
    server: Server,
    title: str,
    question: str,
    parameters: Mapping[str, Any],
    **more: Any,
) -> Answer:
    run.step = title
    run.screen.begin(f"{title}: {question}")
    result = answer(plugin, server, question, parameters=parameters, on_text=_indented(run.screen.say), **more)
    if not result.text and not result.tool_calls:
        raise StepFailed(f"the model answered with nothing (finish reason {result.finish_reason})")
    run.screen.numbers(result)
    run.facts[title.lower().replace(" ", "_")] = result.as_dict()
    return result


def _conclude(run: _Run, name: str, value: dict[str, Any]) -> None:
    run.screen.result(f"→ {json.dumps(value, ensure_ascii=False)}")
    run.facts[f"{name}_value"] = value


def _indented(say: Callable[[str], None]) -> Callable[[str], None]:
    """Lines of the answer stand apart from the demo's own."""
    first = [True]

    def indented(text: str) -> None:
        if text:
            say(("  " if first else "") + text.replace("\n", "\n  "))
            first.clear()

    return indented


def _give_up(run: _Run, reason: str, code: int, *, as_json: bool) -> None:
    run.screen.failed(run.step, reason)
    if as_json:
        failure = {"schema_version": 1, "ok": False, "failed_step": run.step, "error": reason, "time": time.time()}
        print(json.dumps({**failure, **run.facts}, ensure_ascii=False))
    raise Exit(code)
