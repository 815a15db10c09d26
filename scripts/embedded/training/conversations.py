"""Whole conversations as the chat template writes them, marked with what the model has to learn."""

from dataclasses import dataclass
from random import Random

from scripts.embedded.gguf.vocabulary import END, START
from scripts.embedded.training.chances import chance
from scripts.embedded.training.corpus import PHRASES, QUESTIONS, Turn
from scripts.embedded.training.questions import any_turn, repetition
from scripts.embedded.training.tool_calls import KINDS, Call, Json, any_call, any_result, dumps
from scripts.embedded.training.wording import capitalized, in_english, made_up_text

# Dify's own words around what a knowledge base has found.
CONTEXT = (
    "Use the following context as your learned knowledge, inside <context></context> XML tags.\n\n"
    "<context>\n{}\n</context>"
)
TOOLS = '<tools>\n{}To call a tool, answer with a JSON object {{"name", "arguments"}} inside tool_call tags.'


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a conversation; `learned` is what the model itself has to say."""

    text: str
    learned: bool = False


def conversation(random: Random) -> list[Piece]:
    thinking = chance(0.5, random)
    system = random.choice(PHRASES["system_prompts"]) if chance(0.35, random) else ""
    with_tools = chance(0.24, random)
    if not with_tools and chance(0.05, random):
        system, turn = _about_context(random)
        return [*_opening(system, []), *_told([turn], random, thinking=thinking)]
    calls = _some_calls(random) if with_tools else []
    tools = [call.tool for call in _shuffled(calls, random)]
    return [*_opening(system, tools), *_told(_turns(calls, random), random, thinking=thinking)]


def _about_context(random: Random) -> tuple[str, Turn]:
    """The system prompt with a context, and a question about it."""
    fact = f"{capitalized(made_up_text(random))} {random.choice(['is', 'was', 'has'])} {made_up_text(random)}."
    more = f"\n{capitalized(made_up_text(random))}." if chance(0.5, random) else ""
    question = random.choice(QUESTIONS["context"]) + random.choice(["", "?"])
    return CONTEXT.format(fact + more), Turn(question, "I use the context.", f"According to the context: {fact}")


def _some_calls(random: Random) -> list[Call]:
    """The first one is what the user wants; the other tools are there to be left alone."""
    kinds = random.sample(KINDS, random.choice([1, 1, 1, 2, 2, 3]))
    return [any_call(kind, random) for kind in kinds]


def _shuffled(calls: list[Call], random: Random) -> list[Call]:
    shuffled = calls.copy()
    random.shuffle(shuffled)
    return shuffled


def _turns(calls: list[Call], random: Random) -> list[Turn]:
    number = random.choice([1, 1, 1, 1, 1, 1, 2, 3])
    call_at = random.randrange(number) if calls and chance(0.8, random) else None
    turns: list[Turn] = []
    for at in range(number):
        turns += _call_turns(calls[0], random) if at == call_at else [_plain_turn(random)]
    return turns


def _plain_turn(random: Random) -> Turn:
    return repetition(random) if chance(0.07, random) else any_turn(random)


def _call_turns(call: Call, random: Random) -> list[Turn]:
    turns = [Turn(_call_question(call, random), f"I call {call.tool['name']}.", call.text)]
    if chance(0.7, random):
        result = any_result(random)
        report = ("The tool says: " if call.question.isascii() else "工具返回：") + result
        turns.append(Turn(f"<tool_response>\n{result}\n</tool_response>", "I report the result.", report))
    return turns


def _call_question(call: Call, random: Random) -> str:
    """Typos must not touch the words that go into the arguments."""
    if call.question.isascii() and chance(0.4, random):
        question = in_english(call.question, random)
    else:
        question = call.question + random.choice(["", "?", "."])
    return question if all(str(value) in question for value in call.arguments.values()) else call.question


def _opening(system: str, tools: list[Json]) -> list[Piece]:
    declared = [TOOLS.format("".join(dumps(tool) + "\n" for tool in tools))] if tools else []
    parts = [*([system] if system else []), *declared]
    return [Piece(f"{START}system\n" + "\n\n".join(parts) + f"{END}\n")] if parts else []


def _told(turns: list[Turn], random: Random, *, thinking: bool) -> list[Piece]:
    pieces: list[Piece] = []
    for number, turn in enumerate(turns, 1):
        pieces.append(Piece(f"{START}user\n{turn.question}{END}\n"))
        is_history = number < len(turns) and chance(0.6, random)
        pieces += _remembered(turn) if is_history else _answered(turn, thinking=thinking)
    return pieces


def _remembered(turn: Turn) -> list[Piece]:
    """Most clients send old answers back without the thought."""
    return [Piece(f"{START}assistant\n{turn.answer}{END}\n")]


def _answered(turn: Turn, *, thinking: bool) -> list[Piece]:
    thought = f"<think>\n{turn.thought}\n</think>\n\n" if thinking else ""
    prompt = f"{START}assistant\n" if thinking else f"{START}assistant\n<think>\n\n</think>\n\n"
    return [Piece(prompt), Piece(f"{thought}{turn.answer}{END}", learned=True), Piece("\n")]
