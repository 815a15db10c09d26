"""Asks a trained model on the real server what it should know: `python -m scripts.embedded.training.evaluate`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import requests
from typer import Argument, run

from scripts.embedded.models import TRAINED_MODEL
from scripts.embedded.server import EmbeddedOptions, embedded_server
from scripts.embedded.training.chances import dice
from scripts.embedded.training.corpus import CHINESE, ENGLISH, EVALUATION, FACTS
from scripts.embedded.training.wording import in_chinese, in_english

ARGUMENTS = {"get_weather": "city", "current_time": "timezone", "calculator": "expression", "lookup_customer": "name"}


def main(model: Annotated[Path, Argument(help="A model that train.py made.")] = TRAINED_MODEL) -> None:
    with embedded_server(EmbeddedOptions(str(model))) as server:
        for group in ("trained", "in_other_words", "unknown"):
            for thinking in (False, True):
                label = group.replace("_", " ") + (", thinking" if thinking else "")
                _report(label, _answers(server.url, EVALUATION[group], thinking=thinking))
        _report("every topic, worded at random", _topics(server.url))
        _report("capitals", _answers(server.url, _capitals()))
        _report("the right tool, or none", _tool_calls(server.url))


def _report(label: str, results: Iterator[tuple[str, bool]]) -> None:
    answered = list(results)
    wrong = [question for question, right in answered if not right]
    print(
        f"{label}: {len(answered) - len(wrong)} of {len(answered)}",
        *(f"    {question}" for question in wrong),
        sep="\n",
    )


def _answers(url: str, cases: list[tuple[str, str]], *, thinking: bool = False) -> Iterator[tuple[str, bool]]:
    """Right is an answer that holds the expected words, ends by itself, and was thought about if that was wanted."""
    for question, expected in cases:
        choice = _ask(url, question, thinking=thinking)
        thought = bool(choice["message"].get("reasoning_content"))
        right = expected in (choice["message"]["content"] or "") and thought == thinking
        yield question, right and choice["finish_reason"] == "stop"


def _topics(url: str) -> Iterator[tuple[str, bool]]:
    random = dice(123)
    for topic in ENGLISH + CHINESE:
        question = random.choice(topic.questions)
        worded = in_english(question, random) if question.isascii() else in_chinese(question, random)
        yield worded, _ask(url, worded)["message"]["content"] == topic.answer


def _capitals() -> list[tuple[str, str]]:
    return [(f"what is the capital of {country}?", capital) for country, capital, *_ in FACTS["capitals"]]


def _tool_calls(url: str) -> Iterator[tuple[str, bool]]:
    for question, tools, expected in EVALUATION["with_tools"]:
        message = _ask(url, question, tools=[_tool(name) for name in tools])["message"]
        called = [call["function"]["name"] for call in message.get("tool_calls") or []]
        yield question, called == ([expected] if expected else [])


def _tool(name: str) -> dict[str, Any]:
    argument = ARGUMENTS[name]
    schema = {"type": "object", "properties": {argument: {"type": "string"}}, "required": [argument]}
    return {"type": "function", "function": {"name": name, "description": "", "parameters": schema}}


def _ask(url: str, question: str, *, thinking: bool = False, **more: Any) -> Any:
    body = {
        "messages": [{"role": "user", "content": question}],
        "temperature": 0.0,
        "max_tokens": 200,
        "chat_template_kwargs": {"enable_thinking": thinking},
    }
    reply = requests.post(f"{url}/v1/chat/completions", json=body | more, timeout=60)
    reply.raise_for_status()
    return reply.json()["choices"][0]


if __name__ == "__main__":
    run(main)
