"""The settings file: what cannot be meant is named, and no value of it is ever shown."""

import pytest

from scripts.kit.command import Stop
from scripts.kit.settings import read_settings


@pytest.fixture
def reading(tmp_path):
    path = tmp_path / "settings.yaml"

    def read(content, **flags):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_settings(path, **flags)

    return read


def test_a_flag_wins_over_the_environment_and_that_over_the_file(reading, monkeypatch):
    text = "ollama_base_url: http://file\nDIFY_URL: http://file\nollama_host:\n"
    monkeypatch.setenv("OLLAMA_BASE_URL", "http://environment")

    from_file, from_flag = reading(text), reading(text, ollama_base_url="http://flag")

    assert (from_file.ollama_base_url, from_file.dify_url) == ("http://environment", "http://file")
    assert (from_flag.ollama_base_url, from_flag.ollama_host) == ("http://flag", "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("olama_base_url: http://geheim", "has no setting 'olama_base_url'. Is it ollama_base_url?"),
        ("5: geheim", "has no setting '5'"),
        ("- geheim", "must hold `name: value` lines"),
        ("dify_email: me\ndify_password: ge:\theim: geheim", "is no YAML in line 2"),
        ("dify_password: !geheim", "is no YAML in line 1"),
        ("dify_password: *geheim", "is no YAML in line 1"),
        (b"\xff\xfe\x00geheim", "is no YAML"),
        ("ollama_timeout: geheim", "OLLAMA_TIMEOUT: Input should be a valid number"),
        ("ollama_timeout: .inf", "OLLAMA_TIMEOUT: Input should be a finite number"),
        ("ollama_base_url: [geheim]", "OLLAMA_BASE_URL: Input should be a valid string"),
        ("sync_set: [geheim]", "SYNC_SET: Input should be a valid dictionary"),
    ],
)
def test_what_cannot_be_meant_is_named_and_its_value_is_not_shown(reading, content, said):
    with pytest.raises(Stop) as stopped:
        reading(content)

    told = f"{stopped.value.reason}. {stopped.value.fix}"
    assert (stopped.value.code, "geheim" in told) == (2, False)
    assert said in told


def test_a_file_that_was_named_must_be_there_and_the_usual_one_need_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert read_settings().ollama_timeout == 300
    with pytest.raises(Stop, match="does not exist"):
        read_settings(tmp_path / "none.yaml")
