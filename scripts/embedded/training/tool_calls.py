"""Questions that a tool answers: the tool as a request declares it, and the call that is right."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from scripts.embedded.training.chances import chance, drawn
from scripts.embedded.training.corpus import CHINESE_CITIES, CITIES, PHRASES, TOOLS
from scripts.embedded.training.wording import capitalized, made_up_text, made_up_word

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A tool, a question that needs it, and the arguments to call it with."""

    tool: Json
    question: str
    arguments: Json

    @property
    def text(self) -> str:
        name = self.tool["name"]
        return f'<tool_call>\n{{"name": "{name}", "arguments": {dumps(self.arguments)}}}\n</tool_call>'


def any_call(kind: str, random: Random) -> Call:
    if kind in SUBJECTS:
        return _call_about(kind, SUBJECTS[kind], random)
    return _addition(random) if kind == "add" else _custom(random)


def any_result(random: Random) -> str:
    return drawn(RESULTS, random)(random)


def dumps(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _call_about(kind: str, subject_of: Callable[[Random], tuple[str, bool]], random: Random) -> Call:
    """A tool with one argument, which stands in the question word for word."""
    phrases = TOOLS[kind]
    argument = random.choice(phrases["arguments"])
    subject, chinese = subject_of(random)
    name, description = random.choice(phrases["names"]), random.choice(phrases["descriptions"])
    schema = {argument: _string(random.choice(phrases["argument_descriptions"]))}
    questions = phrases["chinese_questions" if chinese else "questions"]
    return Call(_tool(name, description, schema), random.choice(questions).format(subject), {argument: subject})


def _addition(random: Random) -> Call:
    left, right = random.randrange(999), random.randrange(999)
    phrases = TOOLS["add"]
    schema = {"a": {"type": "integer"}, "b": {"type": "integer"}}
    tool = _tool(random.choice(phrases["names"]), random.choice(phrases["descriptions"]), schema)
    return Call(tool, random.choice(phrases["questions"]).format(left, right), {"a": left, "b": right})


def _custom(random: Random) -> Call:
    """A tool that nobody has heard of."""
    names = [
        "get_" + made_up_word(random),
        made_up_word(random) + "_" + made_up_word(random),
        made_up_word(random, 4, 7),
        "do_" + made_up_word(random),
    ]
    phrases = TOOLS["custom"]
    tool = _tool(random.choice(names), random.choice(phrases["descriptions"]), {"text": _string()})
    text = made_up_text(random)
    return Call(tool, random.choice(phrases["questions"]).format(tool["name"], text), {"text": text})


def _tool(name: str, description: str, properties: Json) -> Json:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"name": name, "description": description, "parameters": parameters}


def _string(description: str | None = None) -> Json:
    return {"type": "string"} | ({"description": description} if description else {})


def _place(random: Random) -> tuple[str, bool]:
    chinese = chance(0.3, random)
    city = random.choice(CHINESE_CITIES if chinese else CITIES)
    if chance(0.25, random) and not chinese:
        city = capitalized(made_up_word(random, 4, 8))
    return city, chinese


def _city(random: Random) -> tuple[str, bool]:
    chinese = chance(0.25, random)
    return random.choice(CHINESE_CITIES if chinese else CITIES), chinese


def _expression(random: Random) -> tuple[str, bool]:
    left, sign, right = random.randrange(2, 999), random.choice("*+-/"), random.randrange(2, 999)
    return f"{left} {sign} {right}", False


def _search_words(random: Random) -> tuple[str, bool]:
    return made_up_text(random) if chance(0.7, random) else random.choice(PHRASES["chinese_nouns"]), False


def _order_number(random: Random) -> tuple[str, bool]:
    return random.choice([str(random.randrange(100, 99999)), f"A{random.randrange(100, 9999)}"]), False


# What is asked for, and whether in Chinese.
SUBJECTS: dict[str, Callable[[Random], tuple[str, bool]]] = {
    "weather": _place,
    "time": _city,
    "calculator": _expression,
    "search": _search_words,
    "order": _order_number,
}
KINDS = ["weather", "time", "calculator", "search", "order", "add", "custom"]


def _weather_report(random: Random) -> str:
    return f"{random.randrange(-5, 38)} C, {random.choice(['sunny', 'cloudy', 'rain', 'snow', 'windy'])}"


def _number(random: Random) -> str:
    return str(random.randrange(100000))


def _object(random: Random) -> str:
    return dumps({random.choice(["result", "status", "temperature", "time", "value"]): _any_value(random)})


def _any_value(random: Random) -> str | int:
    word, number = made_up_word(random), random.randrange(1000)
    time = f"{random.randrange(24)}:{random.randrange(10, 60)}"
    return random.choice([word, number, "ok", time])


def _chinese_weather_report(random: Random) -> str:
    return random.choice(["晴，", "多云，", "小雨，"]) + f"{random.randrange(-5, 38)}度"


# What a tool may say.
RESULTS: list[tuple[float, Callable[[Random], str]]] = [
    (0.30, _weather_report),
    (0.50, _number),
    (0.70, _object),
    (0.85, made_up_text),
    (1.00, _chinese_weather_report),
]
