"""The overrides, merged by docker-compose's own parser with a file that is shaped like Dify's."""

import os
import subprocess

import pytest
import yaml

from tests.devcontainer.files import DEVCONTAINER, program

COMPOSE = DEVCONTAINER / "compose"
DIFY = {
    "version": "3.9",
    "services": {
        "plugin_daemon": {
            "image": "langgenius/dify-plugin-daemon:0.5.3-local",
            "environment": {"SERVER_PORT": "5002"},
            "depends_on": ["db_postgres"],
        },
        "db_postgres": {"image": "postgres:15-alpine"},
        "ssrf_proxy": {"image": "ubuntu/squid:latest", "networks": ["ssrf_proxy_network", "default"]},
    },
    "networks": {"ssrf_proxy_network": {"driver": "bridge", "internal": True}},
}
GATEWAY = {"host.docker.internal": "host-gateway"}


def merged(folder, *names, **environment):
    (folder / "docker-compose.yaml").write_text(yaml.safe_dump(DIFY))
    files = [folder / "docker-compose.yaml", *(COMPOSE / f"{name}.yaml" for name in names)]
    options = [word for file in files for word in ("-f", str(file))]
    environment = {"PATH": os.environ["PATH"], **environment}
    command = [program("docker-compose"), *options, "config"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return ran, yaml.safe_load(ran.stdout) if ran.returncode == 0 else {}


def test_every_override_is_yaml_and_says_what_it_is_for():
    for path in COMPOSE.iterdir():
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert yaml.safe_load(text)["services"]


@pytest.mark.parametrize("name", ["host", "middleware"])
def test_the_container_that_calls_models_knows_the_host_and_keeps_what_dify_set(tmp_path, name):
    ran, config = merged(tmp_path, name)

    daemon = config["services"]["plugin_daemon"]
    assert daemon["extra_hosts"] == GATEWAY, ran.stderr
    assert daemon["environment"]["SERVER_PORT"] == "5002"
    assert "host.docker.internal" in daemon["environment"]["NO_PROXY"].split(",")
    assert daemon["environment"]["NO_PROXY"] == daemon["environment"]["no_proxy"]


def test_the_model_servers_are_on_dify_s_network_with_health_checks_and_their_models_are_kept(tmp_path):
    _, config = merged(tmp_path, "host", "ollama", "llamacpp", MODELS="/models", MODEL="my tiny.gguf")

    for name in ("ollama", "llamacpp"):
        service = config["services"][name]
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["volumes"]
        assert "networks" not in service  # so it is on the default one, as plugin_daemon is
        assert "ports" not in service  # nobody else reaches it
    assert config["services"]["llamacpp"]["command"][:2] == ["--model", "/models/my tiny.gguf"]


def test_the_gpu_variant_asks_for_devices(tmp_path):
    _, config = merged(tmp_path, "ollama", "gpu")

    (device,) = config["services"]["ollama"]["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}


def test_the_ssrf_proxy_looks_the_host_up_itself(tmp_path):
    _, config = merged(tmp_path, "ssrf")

    assert config["services"]["ssrf_proxy"]["extra_hosts"] == GATEWAY


def test_llamacpp_without_a_model_is_refused_with_what_to_name(tmp_path):
    ran, _ = merged(tmp_path, "llamacpp", MODELS="/models")

    assert ran.returncode != 0
    assert "the name of a GGUF file" in ran.stderr
