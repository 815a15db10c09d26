"""qwen-agent: its language model as a dictionary, for any of its agents."""

from collections.abc import Iterator

from scripts.config.texts import render_python
from scripts.config.world import OLLAMA_OVER_V1, Client, World, key_note

ROOM_FOR_ANSWER = 4  # the part of the context that is kept free: a quarter
LARGEST_ROOM = 8192


def input_tokens(context: int | None) -> int | None:
    """What qwen-agent may send: it cuts longer chats itself, at 58,000 tokens if it is not told."""
    return context - min(context // ROOM_FOR_ANSWER, LARGEST_ROOM) if context else None


def _render(world: World) -> str:
    _, model = world.one
    return render_python("qwen_agent", world, max_input_tokens=input_tokens(model.context_over_v1))


def _notes(world: World) -> Iterator[str]:
    server, _ = world.one
    yield "Save it as local_models.py; then: from local_models import llm_cfg; Assistant(llm=llm_cfg)"
    yield from (OLLAMA_OVER_V1,) if server.is_ollama else ()
    yield from key_note(world)


QWEN_AGENT = Client("qwen-agent", "local_models.py", "python", _render, _notes, True)
