"""What is made of the options: whom to ask, with which key."""

import pytest
from configargparse import ArgumentParser

from load_run import settings
from load_run.loads import BadLoad
from load_run.options import add_to


@pytest.fixture
def read(monkeypatch):
    def read(*options, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        parser = ArgumentParser(add_help=False)
        add_to(parser)
        return settings.read(parser.parse_args([*options]), "http://dify", users=1, seconds=1)

    return read


def test_the_model_server_behind_dify_is_asked_with_a_key_of_its_own(read):
    made = read("--compare", "http://model:8000", "--model", "qwen", LOAD_KEY="app-x", LOAD_COMPARE_KEY="sk-y")

    assert (made.wanted.host, made.wanted.key) == ("http://dify", "app-x")
    assert (made.behind.host, made.behind.key, made.behind.kind) == ("http://model:8000", "sk-y", "auto")
    assert made.behind.model == made.wanted.model == "qwen"
    assert "app-x" not in repr(made)
    assert "sk-y" not in repr(made)


def test_without_compare_there_is_no_server_behind(read):
    assert read().behind is None


def test_a_sweep_is_not_compared(read):
    with pytest.raises(BadLoad, match="not for a sweep"):
        read("--compare", "http://model:8000", "--sweep", "1,2")
