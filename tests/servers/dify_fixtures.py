"""A Dify that has the plugin, and the command that brings models into it."""

import json

import pytest

from tests.scripts.kit_runs import run_here
from tests.servers.dify import ScriptedDify, our_package
from tests.servers.dify_killing import BY_KEY


@pytest.fixture(scope="session")
def ours(tmp_path_factory):
    return our_package(tmp_path_factory.mktemp("package") / "local_models.difypkg")


@pytest.fixture
def dify(ours):
    with ScriptedDify() as server:
        yield server.with_plugin(ours)


@pytest.fixture
def sync(dify):
    """The command in this process, signed in with the admin key. Servers are given as objects with a `url`."""

    def sync(*arguments, **environment):
        typed = [each if isinstance(each, str) else each.url for each in arguments]
        return run_here("sync", *typed, "--dify", dify.url, **{**BY_KEY, **environment})

    return sync


@pytest.fixture
def facts(sync):
    """What the command says as JSON."""

    def facts(*arguments, **environment):
        ran = sync(*arguments, "--json", **environment)
        told = json.loads(ran.stdout)
        assert told["exit_code"] == ran.returncode, ran.stderr
        return told

    return facts
