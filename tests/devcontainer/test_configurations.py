"""devcontainer.json and the Feature keep to what the published specification allows, and to what was measured."""

import re

import pytest

from tests.devcontainer.files import CONFIGURATIONS, FEATURE, read

# containers.dev, "Dev Container metadata reference" and "Dev Container Features reference".
GENERAL = {
    "name", "features", "overrideFeatureInstallOrder", "forwardPorts", "portsAttributes", "otherPortsAttributes",
    "updateRemoteUserUID", "containerEnv", "remoteEnv", "containerUser", "remoteUser", "mounts", "init", "privileged",
    "capAdd", "securityOpt", "hostRequirements", "customizations", "secrets", "initializeCommand", "onCreateCommand",
    "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand", "waitFor", "userEnvProbe",
    "overrideCommand", "shutdownAction",
}  # fmt: skip
OF_AN_IMAGE = {"image", "runArgs", "appPort", "workspaceMount", "workspaceFolder"}
OF_A_FEATURE = {
    "id", "version", "name", "description", "documentationURL", "licenseURL", "keywords", "options", "containerEnv",
    "mounts", "init", "privileged", "capAdd", "securityOpt", "entrypoint", "customizations", "dependsOn",
    "installsAfter", "legacyIds", "deprecated", "onCreateCommand", "updateContentCommand", "postCreateCommand",
    "postStartCommand", "postAttachCommand",
}  # fmt: skip
ON_AUTO_FORWARD = {"notify", "openBrowser", "openBrowserOnce", "openPreview", "silent", "ignore"}
EVERY = pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.parent.name)


@EVERY
def test_only_keys_of_the_specification_are_used(path):
    assert read(path).keys() <= GENERAL | OF_AN_IMAGE


@EVERY
def test_the_container_knows_the_host_by_its_name_and_has_python_3_12(path):
    configuration = read(path)

    assert "--add-host=host.docker.internal:host-gateway" in configuration["runArgs"]
    assert "3.12" in configuration["image"]


@EVERY
def test_no_default_of_a_variable_holds_a_colon(path):
    """Dev container CLI 0.89 cuts ${localEnv:NAME:default} at the next colon."""
    variables = re.findall(r"\$\{localEnv:([^}]*)\}", path.read_text(encoding="utf-8"))

    assert {"LOCAL_MODELS_HOST", "LOCAL_MODELS_PORT"} <= set(variables)
    assert not [each for each in variables if each.count(":") > 1]


@EVERY
def test_ports_are_attributed_as_the_specification_says_and_ollama_s_stays_on_the_host(path):
    attributes = read(path)["portsAttributes"]

    assert attributes["11434"]["onAutoForward"] == "ignore"
    assert {each["onAutoForward"] for each in attributes.values()} <= ON_AUTO_FORWARD
    assert all(re.fullmatch(r"\d+", port) for port in attributes)


@EVERY
def test_a_cache_belongs_to_one_container(path):
    assert all("${devcontainerId}" in mount["source"] for mount in read(path)["mounts"])


def test_the_feature_has_only_what_a_feature_may_have():
    feature = read(FEATURE / "devcontainer-feature.json")

    assert feature.keys() <= OF_A_FEATURE
    assert feature["id"] == FEATURE.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", feature["version"])


def test_the_feature_s_options_have_a_type_a_default_and_words():
    for name, option in read(FEATURE / "devcontainer-feature.json")["options"].items():
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", name)
        assert option["description"]
        assert isinstance(option["default"], {"string": str, "boolean": bool}[option["type"]])
        assert option["default"] in option.get("enum", [option["default"]])


def test_the_feature_s_environment_asks_for_nothing_of_the_host():
    """${localEnv} in a Feature's containerEnv breaks the build."""
    assert "localEnv" not in (FEATURE / "devcontainer-feature.json").read_text(encoding="utf-8")
