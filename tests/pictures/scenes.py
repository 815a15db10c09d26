"""What each picture shows: a name, the line as a person types it, and the screen."""

from contextlib import ExitStack

from tests.pictures.terminal import screen_of
from tests.scripts.pull_streams import layer, ollama, whole
from tests.servers.dify import ScriptedDify, our_package
from tests.servers.dify_killing import BY_KEY
from tests.servers.dify_servers import CHAT, EMBEDS, TOOLS, ChangingOllama

GB = 1_000_000_000


def doctor(stack, _folder):
    server = stack.enter_context(ChangingOllama(qwen3__4b=TOOLS, nomic_embed_text=EMBEDS))
    typed = "python -m scripts doctor --url http://127.0.0.1:11434 --model qwen3:8b"
    return typed, server, screen_of("doctor", "--url", server.url, "--model", "qwen3:8b")


def pull(stack, _folder):
    """Stopped while the large model is on its way and the others have ended."""
    steps = [4 * GB // 20 * part for part in range(13)]
    slow = [line for line in layer("a", 4 * GB, *steps) for line in (line, 0.12)]
    small = whole(*layer("b", GB // 4, 0, GB // 8, GB // 4))
    server = stack.enter_context(ollama(**{"qwen3_4b": whole(*slow, 30.0), "nomic-embed-text": small}))
    arguments = ("pull", "qwen3:4b", "nomic-embed-text", "nosuch")
    screen = screen_of(*arguments, stop_when=("2.4/4.0", "nosuch: not found", "250.0 MB"), OLLAMA_BASE_URL=server.url)
    return f"python -m scripts {' '.join(arguments)}", server, screen


def sync(stack, folder):
    dify = stack.enter_context(ScriptedDify()).with_plugin(our_package(folder / "plugin.difypkg"))
    server = stack.enter_context(ChangingOllama(qwen3__8b=TOOLS, gemma3__4b=CHAT, nomic=EMBEDS))
    dify.state.hand_made("localmodels/local_models/local_models", "gemma3:4b")
    screen = screen_of("sync", server.url, "--dify", dify.url, "--dry-run", **BY_KEY)
    screen += screen_of("sync", server.url, "--dify", dify.url, **BY_KEY)
    return "python -m scripts sync --dry-run && python -m scripts sync", server, screen


SCENES = {"doctor": doctor, "pull": pull, "sync": sync}


def play(name, folder):
    """The lines of a picture; the ports that the servers happened to get become Ollama's."""
    with ExitStack() as stack:
        typed, server, lines = SCENES[name](stack, folder)
        shown = [line.replace(f":{server.port}", ":11434").replace(f" {server.port}", " 11434") for line in lines]
    while shown and not shown[-1]:
        shown.pop()
    return [f"\x1b[1m$ {typed}\x1b[0m", *shown]
