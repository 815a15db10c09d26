"""MetaGPT: the part `llm` of its config2.yaml. It asks with OpenAI's library."""

from collections.abc import Iterator

from scripts.config.world import KEY, NO_KEY, OLLAMA_OVER_V1, Client, World, as_yaml, heading

LONGEST_ANSWER = 4096  # tokens; MetaGPT's own default
PATIENCE = 600  # seconds: a model may have to load first


def _render(world: World) -> str:
    server, model = world.one
    context = model.context_over_v1
    llm = {
        "api_type": "openai",
        "base_url": server.v1,
        "api_key": f"${{{KEY}}}" if world.has_key else NO_KEY,
        "model": model.name,
        "max_token": min(context // 2, LONGEST_ANSWER) if context else LONGEST_ANSWER,
        "stream": True,
        "timeout": PATIENCE,
        "calc_usage": False,  # it has no price list for local models
    }
    return heading("metagpt", world, is_one=True) + as_yaml({"llm": llm})


def _notes(world: World) -> Iterator[str]:
    server, _ = world.one
    yield "MetaGPT reads ~/.metagpt/config2.yaml."
    if world.has_key:
        yield f"It knows no variables; fill in the key on the way: … | envsubst '${KEY}' > ~/.metagpt/config2.yaml"
    yield from (OLLAMA_OVER_V1,) if server.is_ollama else ()


METAGPT = Client("metagpt", "config2.yaml", "yaml", _render, _notes, True)
