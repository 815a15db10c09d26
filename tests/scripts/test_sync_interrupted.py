"""A sync that is killed after any of its calls: the next one finds what is done and does the rest."""

from contextlib import ExitStack

import pytest

from tests.scripts.kit_runs import run_here
from tests.servers.dify import PROVIDER, ScriptedDify
from tests.servers.dify_killing import BY_EMAIL, kill_everywhere
from tests.servers.dify_servers import CHAT, EMBEDS, TOOLS, ChangingOllama

pytest_plugins = ["tests.servers.dify_fixtures"]

CALLS = (
    13  # sign-in, state, plugin, two defaults, two added, two updated, one removed, twice what is offered, a default
)
BEFORE = {"gone": CHAT, "tiny": CHAT, "nomic": EMBEDS}
AFTER = {"tiny": TOOLS, "nomic": EMBEDS, "new": CHAT, "bge-m3": EMBEDS}
OPTIONS = ("--prune", "--set", "keep_alive=24h")


def synced(dify, *arguments):
    ran = run_here("sync", *arguments, "--dify", dify.url, **BY_EMAIL)
    assert ran.returncode == 0, ran.stderr


def all_of(dify):
    """Everything a sync has a hand in."""
    saved = {
        key: [(each.name, each.values) for each in entry.credentials.values()]
        for key, entry in dify.state.entries.items()
    }
    return saved, dify.state.defaults


@pytest.mark.slow
def test_killed_after_any_call_and_run_again_dify_is_as_if_nothing_had_happened(ours):
    with ExitStack() as stack:
        ollama = stack.enter_context(ChangingOllama(**BEFORE))

        def make():
            """As a sync of yesterday has left it, with a model of somebody else's."""
            dify = stack.enter_context(ScriptedDify()).with_plugin(ours)
            synced(dify, ollama.url)
            dify.state.hand_made(PROVIDER, "mine")
            dify.state.defaults = {"llm": (PROVIDER, "gone")}
            return dify

        difys = [make() for _ in range(CALLS + 1)]
        ollama.models, ollama.loaded = dict(AFTER), ["new"]
        killed = kill_everywhere(difys, lambda dify: ("sync", ollama.url, "--dify", dify.url, *OPTIONS))

        assert killed == [True] * CALLS + [False]
        for call, dify in enumerate(difys, 1):
            synced(dify, ollama.url, *OPTIONS)
            assert all_of(dify)[0] == all_of(difys[-1])[0], call
            assert all_of(dify)[1]["llm"] in [(PROVIDER, "new"), (PROVIDER, "tiny")], call
