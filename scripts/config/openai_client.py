"""OpenAI's own library, as a module to import."""

from collections.abc import Iterator

from scripts.config.texts import render_python
from scripts.config.world import OLLAMA_OVER_V1, Client, World, key_note


def _notes(world: World) -> Iterator[str]:
    server, _ = world.one
    yield "Save it as local_models.py; then: from local_models import client, MODEL"
    yield from (OLLAMA_OVER_V1,) if server.is_ollama else ()
    yield from key_note(world)


OPENAI = Client("openai", "local_models.py", "python", lambda world: render_python("openai", world), _notes, True)
