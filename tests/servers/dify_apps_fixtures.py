"""A Dify that has the plugin and the model auto, and the command that brings the load tests' apps into it."""

import json
from contextlib import ExitStack

import pytest

from tests.scripts.kit_runs import run_here
from tests.servers.dify import PROVIDER
from tests.servers.dify_apps import DifyWithApps
from tests.servers.dify_killing import BY_KEY


def a_dify(stack, ours):
    app_dify = stack.enter_context(DifyWithApps()).with_plugin(ours)
    app_dify.state.hand_made(PROVIDER, "auto")
    return app_dify


@pytest.fixture
def app_dify(ours):
    with ExitStack() as stack:
        yield a_dify(stack, ours)


@pytest.fixture
def keys_file(tmp_path):
    return tmp_path / "keys.json"


@pytest.fixture
def apps(app_dify, keys_file):
    """The command in this process, signed in with the admin key; what it says as JSON, with its exit code."""

    def apps(action, *arguments, **environment):
        keys = ("--keys", str(keys_file)) if action != "list" else ()
        ran = run_here("apps", action, "--dify", app_dify.url, *keys, *arguments, "--json", **{**BY_KEY, **environment})
        return json.loads(ran.stdout) | {"code": ran.returncode}

    return apps
