"""Where the client looks for Ollama: argument, OLLAMA_BASE_URL, OLLAMA_HOST in all its forms, default."""

import pytest

from provider.core.errors import BadSetting
from scripts.ollama_service import Config, OllamaService
from scripts.ollama_service.config import configured, is_local
from tests.scripts.ollama_asking import ask
from tests.servers import Response, ScriptedServer


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("gpu", "http://gpu:11434"),
        ("gpu:8080", "http://gpu:8080"),
        (":11500", "http://127.0.0.1:11500"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0", "http://127.0.0.1:11434"),
        ("0:11500", "http://127.0.0.1:11500"),
        ("http://0:11500/x", "http://127.0.0.1:11500/x"),
        (":", "http://127.0.0.1:11434"),
        ("0.0.0.0:11500", "http://127.0.0.1:11500"),
        ("http://0.0.0.0", "http://127.0.0.1"),
        ("[::]:11434", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
        ("[fd00::1]", "http://[fd00::1]:11434"),
        ("[fd00::1]:1234", "http://[fd00::1]:1234"),
        ("http://gpu", "http://gpu"),
        ("https://gpu", "https://gpu"),
        ("http://gpu:11434/", "http://gpu:11434"),
        ("https://gate.example.com/ollama/", "https://gate.example.com/ollama"),
        ("http://gpu:11434/v1", "http://gpu:11434"),
        ("http://gpu:11434/api/chat", "http://gpu:11434"),
        ("  'gpu:11434' ", "http://gpu:11434"),
        ('"gpu"', "http://gpu:11434"),
        ("ollama.com", "https://ollama.com"),
    ],
)
@pytest.mark.parametrize("name", ["OLLAMA_BASE_URL", "OLLAMA_HOST", "argument"])
def test_an_address_in_any_form_is_understood(name, typed, url):
    if name == "argument":
        assert configured(typed, environment={}).url == url
    else:
        assert configured(environment={name: typed}).url == url


def test_the_argument_wins_over_the_base_url_and_that_over_the_host():
    environment = {"OLLAMA_BASE_URL": "b", "OLLAMA_HOST": "c"}

    assert configured("a", environment=environment).url == "http://a:11434"
    assert configured(environment=environment).url == "http://b:11434"


def test_everything_else_has_a_variable_too():
    environment = {
        "OLLAMA_DEFAULT_MODEL": "qwen3:4b",
        "OLLAMA_TIMEOUT": "60",
        "OLLAMA_MAX_CONNECTIONS": "4",
        "LOCAL_MODELS_API_KEY": "sk",
    }

    assert configured(environment={}) == Config("http://127.0.0.1:11434", "", 300.0, 10, "", 10.0, 30.0)
    assert configured(environment=environment) == Config("http://127.0.0.1:11434", "qwen3:4b", 60.0, 4, "sk")
    assert configured(model="m", timeout=1, max_connections=2, environment=environment) == Config(
        "http://127.0.0.1:11434", "m", 1, 2, "sk"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OLLAMA_HOST", "http://gpu:99999"),
        ("OLLAMA_BASE_URL", "a:1, b:2"),
        ("OLLAMA_HOST", "http://user:password@gpu"),
        ("OLLAMA_TIMEOUT", "soon"),
        ("OLLAMA_TIMEOUT", "nan"),
        ("OLLAMA_TIMEOUT", "inf"),
        ("OLLAMA_MAX_CONNECTIONS", "0"),
    ],
)
def test_a_setting_that_cannot_be_meant_names_its_variable_and_no_password(name, value):
    with pytest.raises(BadSetting, match=name) as raised:
        configured(environment={name: value})

    assert "password@" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://localhost:11434", True),
        ("http://[::1]:11434", True),
        ("http://172.17.0.1:11434", True),
        ("http://192.168.1.7:11434", True),
        ("http://100.100.1.2:11434", True),
        ("http://[fe80::1%25eth0]:11434", True),
        ("http://host.docker.internal:11434", True),
        ("http://gpu.local:11434", True),
        ("http://ollama:11434", True),
        ("https://ollama.com", False),
        ("http://8.8.8.8:11434", False),
        ("https://gate.example.com/ollama", False),
    ],
)
def test_proxies_of_the_environment_are_for_hosts_of_the_internet(url, local):
    assert is_local(url) is local
    assert Config(url).trusts_environment is not local


def test_a_local_server_is_asked_directly_whatever_proxy_the_environment_names(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "gopher://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    with ScriptedServer(Response.of_json({"version": "1"})) as server:
        assert ask(server, OllamaService.health_check)
    with pytest.raises(BadSetting, match="proxy that the environment names"):
        OllamaService("https://ollama.example.com")


@pytest.mark.parametrize(
    "wrong", [{"timeout": 0}, {"timeout": -1.0}, {"timeout": float("inf")}, {"max_connections": 0}]
)
def test_an_argument_that_cannot_be_meant_is_refused_by_its_name(wrong):
    with pytest.raises(BadSetting, match=f"^{next(iter(wrong))} must be a number above 0"):
        configured(environment={}, **wrong)
