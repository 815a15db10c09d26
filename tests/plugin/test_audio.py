"""Speech to text through the real plugin process, against servers that play each shape and fault."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from scripts.embedded.server import EmbeddedOptions, EmbeddedServer, embedded_server
from scripts.plugin_host import PluginError, PluginHost
from tests.core.audio import audio_servers as known
from tests.core.audio import ears
from tests.core.audio.audio_servers import (
    MP3,
    openai_stt,
    sent_file,
    sent_form,
    speaking,
    wav,
    whispercpp,
)
from tests.servers import Response, ScriptedServer, by_path, faults

WAV = wav(1, 2, 3)


@pytest.fixture(scope="module")
def hearing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    projector = tmp_path_factory.mktemp("ears") / "ears.gguf"
    ears.write(projector)
    with embedded_server(EmbeddedOptions("chat", mmproj=str(projector))) as server:
        yield server


def saved(
    plugin: PluginHost, kind: str, server: ScriptedServer | EmbeddedServer, model: str, **form: str
) -> dict[str, Any]:
    return plugin.validate_model(model, {"base_url": server.url, **form}, kind)


def heard(plugin: PluginHost, credentials: dict[str, Any], model: str = "whisper-1", audio: bytes = WAV) -> str:
    data = {"provider": "local_models", "model_type": "speech2text", "model": model, "credentials": credentials}
    return plugin.one("invoke_speech2text", {**data, "file": audio.hex()})["result"]


def test_a_recording_goes_out_with_its_name_and_type_and_without_prompt_or_language(plugin: PluginHost) -> None:
    with openai_stt() as server:
        assert heard(plugin, saved(plugin, "speech2text", server, "whisper-1")) == "Hello, world."

    sent = server.requests[-1]
    assert sent.path == "/v1/audio/transcriptions"
    assert sent_form(sent) == {"model": "whisper-1", "response_format": "json", "file": "recording.wav audio/wav"}
    assert sent_file(sent) == WAV


@pytest.mark.parametrize(
    ("audio", "file"),
    [(MP3, "recording.mp3 audio/mpeg"), (known.FLAC, "recording.flac audio/flac"), (known.OGG, "recording.ogg audio/ogg"),
     (known.M4A, "recording.m4a audio/mp4"), (known.WEBM, "recording.webm audio/webm")],
)  # fmt: skip
def test_the_file_is_called_what_it_is(plugin: PluginHost, audio: bytes, file: str) -> None:
    with openai_stt() as server:
        heard(plugin, saved(plugin, "speech2text", server, "whisper-1"), audio=audio)

    assert sent_form(server.requests[-1])["file"] == file


@pytest.mark.parametrize(
    ("typed", "sent"), [("de", "de"), ("zh-Hans", "zh"), ("PT_br", "pt"), ("auto", None), ("", None)]
)
def test_a_language_is_sent_only_if_it_was_typed(plugin: PluginHost, typed: str, sent: str | None) -> None:
    with openai_stt() as server:
        heard(plugin, saved(plugin, "speech2text", server, "whisper-1", language=typed))

    assert sent_form(server.requests[-1]).get("language") == sent


def test_fields_of_one_s_own_go_along(plugin: PluginHost) -> None:
    with openai_stt() as server:
        extra = '{"temperature": 0.2, "translate": false, "hotwords": "Dify"}'
        heard(plugin, saved(plugin, "speech2text", server, "whisper-1", extra_body=extra))

    sent = sent_form(server.requests[-1])
    assert (sent["temperature"], sent["translate"], sent["hotwords"]) == ("0.2", "false", "Dify")


def test_saving_transcribes_nothing(plugin: PluginHost) -> None:
    with openai_stt() as server:
        saved(plugin, "speech2text", server, "whisper-1")

    assert [request for request in server.requests if request.method == "POST"] == []


def test_whisper_cpp_is_found_and_told_to_find_out_the_language(plugin: PluginHost) -> None:
    """Its own default is English."""
    with whispercpp() as server:
        credentials = saved(plugin, "speech2text", server, "whisper-large-v3")
        methods = [request.method for request in server.requests]

        assert heard(plugin, credentials, "whisper-large-v3") == "Hello, world."

    assert "POST" not in methods
    assert server.requests[-1].path == "/inference"
    assert sent_form(server.requests[-1]) == {
        "response_format": "json", "language": "auto", "file": "recording.wav audio/wav",
    }  # fmt: skip


def test_whisper_cpp_may_serve_openai_s_path(plugin: PluginHost) -> None:
    with whispercpp(path="/v1/audio/transcriptions") as server:
        credentials = saved(plugin, "speech2text", server, "whisper")
        assert [heard(plugin, credentials, "whisper") for _ in range(2)] == ["Hello, world."] * 2

    assert [request.path for request in server.requests if request.method == "POST"] == [
        "/inference", "/v1/audio/transcriptions", "/v1/audio/transcriptions",
    ]  # fmt: skip
    assert sent_form(server.requests[-1])["language"] == "auto"


def test_whisper_cpp_as_auto_of_a_provider(plugin: PluginHost) -> None:
    with whispercpp() as server:
        assert heard(plugin, plugin.validate_provider({"base_url": server.url}), "auto") == "Hello, world."


def test_another_model_s_name_is_not_whisper_cpp_s(plugin: PluginHost) -> None:
    with whispercpp() as server, pytest.raises(PluginError, match="call it whisper"):
        saved(plugin, "speech2text", server, "qwen3:4b")


def test_whisper_cpp_cannot_chat(plugin: PluginHost) -> None:
    with whispercpp() as server, pytest.raises(PluginError, match="whisper"):
        plugin.validate_model("whisper", {"base_url": server.url})


def test_silence_is_an_empty_text(plugin: PluginHost) -> None:
    with openai_stt(Response.of_json({"text": " [BLANK_AUDIO]"})) as server:
        assert heard(plugin, saved(plugin, "speech2text", server, "whisper-1")) == ""


@pytest.mark.parametrize(
    ("answer", "error_type", "words"),
    [
        (Response.of_json({"result": "x"}), "InvokeServerUnavailableError", "no text"),
        (faults.empty_200(), "InvokeServerUnavailableError", "nothing at all"),
        (Response.of_json({"error": "no such codec"}), "InvokeServerUnavailableError", "no such codec"),
        (faults.openai_error(413, "invalid_request_error", "file too large"), "InvokeBadRequestError", "25 MB"),
        (faults.openai_error(400, "invalid_request_error", "Failed to load audio: ffmpeg error"), "InvokeBadRequestError", "WAV, MP3 or FLAC"),
        (faults.wrong_key(), "InvokeAuthorizationError", "API key"),
        (faults.openai_error(500, "server_error", "CUDA out of memory"), "InvokeServerUnavailableError", "smaller model"),
        (faults.html_502(), "InvokeServerUnavailableError", "502 bad gateway"),
        (faults.vllm_model_missing("whisper-1"), "InvokeBadRequestError", "The server has: whisper-1"),
        (Response.of_json({"detail": "Model 'whisper-1' is not installed locally."}, 404), "InvokeBadRequestError", "The server has"),
    ],
)  # fmt: skip
def test_a_refusal_has_its_class_and_a_remedy(
    plugin: PluginHost, answer: Response, error_type: str, words: str
) -> None:
    with openai_stt(answer) as server:
        credentials = saved(plugin, "speech2text", server, "whisper-1")
        with pytest.raises(PluginError, match=words) as raised:
            heard(plugin, credentials)

    assert raised.value.error_type == error_type


def test_whisper_cpp_says_little_of_what_it_cannot_decode_and_the_remedy_says_more(plugin: PluginHost) -> None:
    refusal = Response.of_text("Invalid request", 400).but(headers=known.WHISPERCPP)
    with whispercpp(refusal) as server, pytest.raises(PluginError, match=r"Invalid request.*--convert"):
        heard(plugin, saved(plugin, "speech2text", server, "whisper"), "whisper", known.WEBM)


def test_a_busy_server_is_asked_again(plugin: PluginHost) -> None:
    answers = [faults.too_many_requests(), Response.of_json({"text": "Hello."})]
    with openai_stt() as server:
        credentials = saved(plugin, "speech2text", server, "whisper-1")
        server._script = by_path({"POST /v1/audio/transcriptions": answers})

        assert heard(plugin, credentials) == "Hello."


def test_only_the_whole_time_counts_for_a_transcription(plugin: PluginHost) -> None:
    with openai_stt(Response.of_json({"text": "Hello."}).but(delay=1.0)) as server:
        patient = saved(plugin, "speech2text", server, "whisper-1", first_token_timeout="0.2", idle_timeout="0.2")
        assert heard(plugin, patient) == "Hello."

        with pytest.raises(PluginError, match="total_timeout") as raised:
            heard(plugin, {**patient, "total_timeout": "0.3"})

    assert raised.value.error_type == "InvokeConnectionError"


def test_a_server_without_the_route_is_told_which_have_it(plugin: PluginHost) -> None:
    with speaking() as server, pytest.raises(PluginError, match=r"no route for transcriptions.*whisper\.cpp") as raised:
        saved(plugin, "speech2text", server, "tts-1")

    assert raised.value.error_type == "CredentialsValidateFailedError"


def test_lm_studio_s_200_for_unknown_paths_is_no_route(plugin: PluginHost) -> None:
    for kind in ("speech2text", "tts"):
        with known.lmstudio() as server, pytest.raises(PluginError, match="Servers that"):
            saved(plugin, kind, server, "qwen")


def test_ollama_hears_with_a_model_that_does(plugin: PluginHost) -> None:
    with known.ollama("audio") as server:
        assert heard(plugin, saved(plugin, "speech2text", server, "m"), "m") == "Hello."
    with known.ollama("vision") as server, pytest.raises(PluginError, match="takes no recordings"):
        saved(plugin, "speech2text", server, "m")


def test_real_llama_cpp_without_ears_says_so_and_the_remedy_is_there(
    plugin: PluginHost, chat_server: EmbeddedServer
) -> None:
    [name] = [each["id"] for each in requests.get(f"{chat_server.url}/v1/models", timeout=5).json()["data"]]
    for model in (name, "auto"):
        with pytest.raises(PluginError, match="--mmproj"):
            saved(plugin, "speech2text", chat_server, model)
    with pytest.raises(PluginError, match=r"does not support audio input.*501.*--mmproj") as raised:
        heard(plugin, {"base_url": chat_server.url}, name)

    assert raised.value.error_type == "InvokeBadRequestError"


def test_real_llama_cpp_with_ears_hears(plugin: PluginHost, hearing_server: EmbeddedServer) -> None:
    """What it says it would say of any recording: that it was decoded and answered is the point."""
    credentials = saved(plugin, "speech2text", hearing_server, "auto", language="en")

    assert heard(plugin, credentials, "auto", wav(*[0] * 16000)) == "Hello from the tiny test model."
    with pytest.raises(PluginError, match=r"Failed to load.*WAV, MP3 or FLAC"):
        heard(plugin, credentials, "auto", b"no sound at all")


def test_of_many_models_auto_takes_one_that_transcribes(plugin: PluginHost) -> None:
    with known.speaches() as server:
        assert heard(plugin, plugin.validate_provider({"base_url": server.url}), "auto") == "Hello."

    assert sent_form(server.requests[-1])["model"] == "whisper"


def test_of_two_servers_the_one_with_the_model_hears(plugin: PluginHost) -> None:
    with (
        openai_stt(None, "whisper-1") as first,
        openai_stt(Response.of_json({"text": "second"}), "whisper-2") as second,
    ):
        form = {"base_url": f"a={first.url}, b={second.url}"}
        assert heard(plugin, plugin.validate_model("whisper-2", form, "speech2text"), "whisper-2") == "second"


def test_a_language_that_is_none_is_refused_when_the_form_is_saved(plugin: PluginHost) -> None:
    with openai_stt() as server, pytest.raises(PluginError, match="language must be a code"):
        saved(plugin, "speech2text", server, "whisper-1", language="the Queen's English")
