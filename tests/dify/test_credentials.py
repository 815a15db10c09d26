"""What people type into the form, and what comes of it."""

from typing import Any

import pytest

from provider.core.detected import Detected
from provider.core.errors import BadSetting
from provider.core.model_info import ModelInfo
from provider.core.server import Timeouts, Tls
from provider.dify.credentials import read_credentials

BASE = {"base_url": "http://box:11434"}


def form(**fields: Any) -> dict[str, Any]:
    return {**BASE, **fields}


def test_an_address_alone_is_enough() -> None:
    credentials = read_credentials(BASE)

    assert credentials.server.url == "http://box:11434"
    assert credentials.server.kind == "auto"
    assert credentials.server.headers == ()
    assert credentials.server.timeouts == Timeouts(10, 300, 120, 590)
    assert credentials.server.tls == Tls("", verify=True)
    assert credentials.server.proxy == ""
    assert credentials.thinking_output == "tags"


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"api_key": ""}, ()),
        ({"api_key": None}, ()),
        ({"api_key": " k "}, (("Authorization", "Bearer k"),)),
        ({"api_key": "me:pw", "auth_scheme": "basic"}, (("Authorization", "Basic bWU6cHc="),)),
        ({"api_key": "k", "auth_scheme": "header"}, (("X-Api-Key", "k"),)),
        ({"api_key": "k", "auth_scheme": "header", "auth_header": "X-Token"}, (("X-Token", "k"),)),
        ({"extra_headers": '{"A": "1", "B": 2}'}, (("A", "1"), ("B", "2"))),
        ({"extra_headers": "A: 1\nB: x:y"}, (("A", "1"), ("B", "x:y"))),
        ({"api_key": "k", "extra_headers": "A: 1"}, (("Authorization", "Bearer k"), ("A", "1"))),
    ],
)
def test_key_and_headers_travel_as_typed(fields: dict[str, Any], headers: tuple[tuple[str, str], ...]) -> None:
    assert read_credentials(form(**fields)).server.headers == headers


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"base_url": ""}, "base_url"),
        ({"server": "gpt"}, "server"),
        ({"first_token_timeout": "soon"}, "first_token_timeout"),
        ({"idle_timeout": "0"}, "idle_timeout"),
        ({"total_timeout": "inf"}, "total_timeout"),
        ({"context_size": "big"}, "context_size"),
        ({"context_size": "-1"}, "context_size"),
        ({"keep_alive": "soon"}, "keep_alive"),
        ({"thinking_output": "loud"}, "thinking_output"),
        ({"extra_body": "{"}, "extra_body"),
        ({"extra_body": "[1]"}, "extra_body"),
        ({"extra_body": '{"messages": []}'}, "messages"),
        ({"extra_headers": "no colon"}, "extra_headers"),
        ({"extra_headers": "Bad Name: x"}, "extra_headers"),
        ({"extra_headers": '{"A": "x\\r\\nB: y"}'}, "extra_headers"),
        ({"proxy": "socks5://x"}, "proxy"),
        ({"auth_scheme": "header", "api_key": "k", "auth_header": "a b"}, "auth_header"),
        ({"api_key": "a\nb"}, "api_key"),
        ({"api_key": "a\x7fb"}, "api_key"),
        ({"api_key": "a”b"}, r"api_key contains the character U\+201D"),
        ({"api_key": "a\u200bb", "auth_scheme": "header"}, r"api_key contains the character U\+200B"),
        ({"extra_headers": "A: “x”"}, r"extra_headers: the value of A contains the character U\+201C"),
        ({"extra_headers": "Content-Length: 5"}, "extra_headers"),
        ({"extra_headers": "transfer-encoding: chunked"}, "extra_headers"),
        ({"extra_headers": '{"a":' * 10_000}, "extra_headers"),
        ({"extra_body": "[" * 100_000}, "extra_body"),
        ({"context_size": "9" * 5000}, "context_size"),
        ({"keep_alive": "nan"}, "keep_alive"),
        ({"keep_alive": "inf"}, "keep_alive"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_its_field(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(BadSetting, match=named):
        read_credentials(form(**fields))


def test_a_refusal_never_repeats_a_secret() -> None:
    for fields in (
        {"extra_headers": "X-Key s3cret"},
        {"extra_headers": '{"a": s3cret}'},
        {"extra_headers": "X-Key: s3cret”"},
        {"api_key": "s3cret\nx"},
        {"api_key": "s3cret”"},
    ):
        with pytest.raises(BadSetting) as refused:
            read_credentials(form(**fields))
        assert "s3cret" not in str(refused.value)


def test_letters_a_header_carries_and_any_password_that_is_encoded_are_taken() -> None:
    assert read_credentials(form(api_key="é")).server.headers == (("Authorization", "Bearer é"),)
    assert read_credentials(form(api_key="me:日本", auth_scheme="basic")).server.headers


def test_a_time_out_is_never_longer_than_a_socket_takes() -> None:
    assert read_credentials(form(first_token_timeout="1e300")).server.timeouts.first_token < 1e9


def test_the_key_is_not_in_the_text_form_of_the_settings() -> None:
    assert "s3cret" not in repr(read_credentials(form(api_key="s3cret", extra_headers="X: s3cret")))


@pytest.mark.parametrize(
    ("typed", "tokens"), [("", None), ("detected", None), ("8192", 8192), ("8k", 8192), ("8,192", 8192), (4096, 4096)]
)
def test_a_context_size_may_be_written_in_several_ways(typed: Any, tokens: int | None) -> None:
    assert read_credentials(form(context_size=typed)).context_size == tokens


@pytest.mark.parametrize("off", ["false", False, "False", "0"])
def test_verification_is_on_unless_switched_off(off: Any) -> None:
    assert not read_credentials(form(tls_verify=off)).server.tls.verify
    assert read_credentials(form(tls_verify="true")).server.tls.verify
    assert read_credentials(form(tls_verify="")).server.tls.verify


FOUND = Detected(
    "auto http://box:11434", "http://box:11434", "ollama", "", "0.33.0", ModelInfo("m", "ollama", vision=True)
)


def test_found_facts_settle_kind_and_model() -> None:
    credentials = read_credentials(form(detected=FOUND.dumps()))

    assert credentials.server.kind == "ollama"
    assert credentials.model("m") == ModelInfo("m", "ollama", vision=True)


def test_facts_about_another_address_are_void() -> None:
    credentials = read_credentials({"base_url": "http://other:11434", "detected": FOUND.dumps()})

    assert credentials.server.kind == "auto"
    assert credentials.model("m").vision is None


def test_what_the_person_says_of_a_model_wins_over_what_was_found() -> None:
    credentials = read_credentials(form(detected=FOUND.dumps(), vision="false", tools="true", context_size="2048"))

    info = credentials.model("m")

    assert (info.vision, info.tools, info.parallel_tools, info.context_length) == (False, True, True, 2048)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', '{"format":1}'])
def test_facts_of_another_hand_are_ignored(text: str) -> None:
    assert read_credentials(form(detected=text)).detected is None
