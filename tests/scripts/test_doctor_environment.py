"""The doctor and the quick check in an environment that nobody has tidied up."""

import json

import pytest

from tests.scripts.doctor_machines import QUICK, run

BROKEN_KEYS = ["geheim\nX-Other: 1", "geheim-模型"]


@pytest.fixture
def patient(demo_server):
    return f"--url={demo_server.url}"


@pytest.mark.parametrize("key", BROKEN_KEYS)
def test_a_key_that_no_header_can_carry_is_named_and_never_shown(patient, key):
    for options in ((), ("--json",), ("--markdown",)):
        result = run(patient, *options, LOCAL_MODELS_API_KEY=key)
        said = result.stdout + result.stderr

        assert result.returncode == 2
        assert "LOCAL_MODELS_API_KEY has characters that no key has" in said
        assert "geheim" not in said


@pytest.mark.parametrize("key", BROKEN_KEYS)
def test_the_quick_check_does_not_show_it_either(patient, key):
    result = run(patient, program=QUICK, LOCAL_MODELS_API_KEY=key)

    assert result.returncode in (1, 2)
    assert "geheim" not in result.stdout + result.stderr
    assert "NO_SERVER" not in result.stdout


@pytest.mark.parametrize("program", [None, QUICK])
def test_the_line_feed_of_a_file_is_no_part_of_the_key(patient, program):
    which = {"program": program} if program else {}

    assert run(patient, LOCAL_MODELS_API_KEY="sk-key\n", **which).returncode == 0


@pytest.mark.parametrize("bypass", ["10.0.0.0/abc", "10.0.0.0/33,::/200", "/", "a/b", "127.0.0.1/8"])
def test_a_network_that_is_none_in_no_proxy_is_passed_over(patient, bypass):
    result = run(patient, "--json", HTTP_PROXY="http://proxy:1", NO_PROXY=bypass)
    [proxy] = [each for each in json.loads(result.stdout)["findings"] if each["check"] == "proxy"]

    assert result.returncode == 0
    assert proxy["code"] == ("PROXY_BYPASS_CIDR_ONLY" if bypass == "127.0.0.1/8" else "PROXY_IN_THE_WAY")


def test_a_compose_file_in_another_encoding_is_read_all_the_same(patient, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker-compose.yaml").write_bytes(b"services:\n  plugin_daemon: # gr\xfc\xdfe\n")

    assert run(patient).returncode == 0
