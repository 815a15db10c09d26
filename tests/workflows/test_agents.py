"""The app with an agent: no engine outside of Dify runs it, so its file is held against what Dify 1.12 reads of it."""

import pytest
import yaml

from scripts.apps.files import FOLDER
from tests.workflows.test_files import PROVIDER

FILES = sorted((FOLDER / "agents").glob("*.yml"))
OF_DIFY = {
    "time": {"current_time", "weekday", "timezone_conversion", "localtime_to_timestamp", "timestamp_to_localtime"}
}
"""Tools that Dify's API brings along, api/core/tools/builtin_tool/providers of 1.12."""


@pytest.mark.parametrize("app", [yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES], ids=[path.stem for path in FILES])  # fmt: skip
def test_an_agent_asks_our_provider_and_has_only_tools_that_every_dify_has(app):
    config = app["model_config"]

    assert (app["version"], app["kind"], app["app"]["mode"]) == ("0.5.0", "app", "agent-chat")
    assert (config["model"]["provider"], config["model"]["name"]) == (PROVIDER, "auto")
    assert 0 < config["agent_mode"]["max_iteration"] <= 5
    assert config["agent_mode"]["enabled"]
    for tool in config["agent_mode"]["tools"]:
        assert tool["enabled"]
        assert (tool["provider_type"], tool["provider_name"]) == ("builtin", tool["provider_id"])
        assert tool["tool_name"] in OF_DIFY[tool["provider_id"]]


def test_there_is_an_agent():
    assert [path.stem for path in FILES] == ["tool_agent"]
