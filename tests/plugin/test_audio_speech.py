"""Text to speech through the real plugin process, against servers that play each shape and fault."""

import time
from typing import Any

import pytest

from scripts.embedded.server import EmbeddedServer
from scripts.plugin_host import PluginError, PluginHost
from tests.core.audio import audio_servers as known
from tests.core.audio.audio_servers import MP3, mp3, openai_stt, samples_of, speaking, wav
from tests.servers import End, Response, ScriptedServer, by_path, faults

WAV = wav(1, 2, 3)
OPENAI = ["alloy", "echo", "fable", "onyx", "nova", "shimmer"]


def saved(
    plugin: PluginHost, kind: str, server: ScriptedServer | EmbeddedServer, model: str, **form: str
) -> dict[str, Any]:
    return plugin.validate_model(model, {"base_url": server.url, **form}, kind)


def spoken(
    plugin: PluginHost, credentials: dict[str, Any], text: str = "Hello.", voice: str = "", model: str = "tts-1"
) -> list[dict[str, Any]]:
    data = {"provider": "local_models", "model_type": "tts", "model": model, "credentials": credentials}
    return list(plugin.invoke("invoke_tts", {**data, "content_text": text, "voice": voice, "tenant_id": "t"}))


def sound(chunks: list[dict[str, Any]]) -> bytes:
    return b"".join(bytes.fromhex(chunk["result"]) for chunk in chunks)


def voices(
    plugin: PluginHost, credentials: dict[str, Any], language: str | None = None, model: str = "tts-1"
) -> list[str]:
    data = {"provider": "local_models", "model_type": "tts", "model": model, "credentials": credentials}
    return [each["value"] for each in plugin.one("get_tts_model_voices", {**data, "language": language})["voices"]]


def test_real_llama_cpp_does_not_speak(plugin: PluginHost, chat_server: EmbeddedServer) -> None:
    with pytest.raises(PluginError, match=r"no route for speech.*Kokoro"):
        saved(plugin, "tts", chat_server, "auto")


def test_a_text_is_spoken_as_mp3_and_comes_as_it_is_made(plugin: PluginHost) -> None:
    slow = Response.stream([MP3, 1.5, bytes(50)], "audio/mpeg")
    with speaking(slow) as server:
        credentials = saved(plugin, "tts", server, "tts-1")
        begin, arrivals, chunks = time.monotonic(), [], []
        data = {"provider": "local_models", "model_type": "tts", "model": "tts-1", "credentials": credentials}
        for chunk in plugin.invoke("invoke_tts", {**data, "content_text": "Hello.", "voice": "nova", "tenant_id": "t"}):
            arrivals.append(time.monotonic() - begin)
            chunks.append(chunk)

    assert server.asked("/v1/audio/speech") == [
        None, {"model": "tts-1", "input": "Hello.", "voice": "nova", "response_format": "mp3"},
    ]  # fmt: skip
    assert sound(chunks) == MP3 + bytes(50)
    assert arrivals[0] < 1.0 < arrivals[-1]
    assert {chunk["mime_type"] for chunk in chunks} == {"audio/mpeg"}


def test_saving_speaks_nothing(plugin: PluginHost) -> None:
    with speaking() as server:
        saved(plugin, "tts", server, "tts-1")

    assert [request for request in server.requests if request.method == "POST"] == []


def test_a_long_text_is_spoken_in_sentences_one_after_the_other(plugin: PluginHost) -> None:
    text = " ".join(f"This is sentence number {number}, and it has some words." for number in range(40))
    with speaking(mp3(MP3 + b"1"), mp3(MP3 + b"2"), mp3(MP3 + b"3")) as server:
        chunks = spoken(plugin, saved(plugin, "tts", server, "tts-1"), text)

    inputs = [body["input"] for body in server.asked("/v1/audio/speech") if body]
    assert sound(chunks) == MP3 + b"1" + MP3 + b"2" + MP3 + b"3"
    assert " ".join(inputs) == text
    assert len(inputs) == 3
    assert all(len(each) <= 1000 and each.endswith(".") for each in inputs)


def test_several_wav_files_become_one(plugin: PluginHost) -> None:
    """And what was learned of the sound is said the next time, because Dify hears it before the sound."""
    no_mp3 = faults.openai_error(400, "invalid_request_error", "response_format mp3 is not supported; use wav")
    files = [Response(200, [wav(*samples)], {"Content-Type": "audio/wav"}) for samples in ((1, 2), (3,), (4, 5), (9,))]
    with speaking(no_mp3, *files) as server:
        credentials = saved(plugin, "tts", server, "tts-1")
        text = "a" * 900 + ". " + "b" * 900 + ". " + "c" * 900 + "."
        assert samples_of(sound(spoken(plugin, credentials, text))) == [1, 2, 3, 4, 5]

        again = spoken(plugin, credentials)

    assert sound(again) == wav(9)
    assert again[0]["mime_type"] == "audio/wav"
    assert [body["response_format"] for body in server.asked("/v1/audio/speech") if body] == ["mp3", *["wav"] * 4]


def test_koboldcpp_is_asked_for_wav_and_for_its_voices(plugin: PluginHost) -> None:
    kobold = {"Server": "KoboldCppServer"}
    flags = {"result": "KoboldCpp", "version": "1.115", "llm": True, "transcribe": False, "tts": True}
    answers = {
        "/api/extra/version": Response.of_json(flags),
        "/api/extra/true_max_context_length": Response.of_json({"value": 4096}),
        "GET /v1/models": known.models("koboldcpp/q", owned_by="koboldcpp"),
        "GET /v1/audio/voices": Response.of_json({"status": "ok", "voices": ["kobo", "cheery"]}),
        "POST /v1/audio/speech": Response(200, [WAV], {"Content-Type": "audio/wav"}),
    }
    with ScriptedServer(by_path(answers, Response.of_text("no", 404).but(headers=kobold))) as server:
        credentials = saved(plugin, "tts", server, "koboldcpp/q")
        chunks = spoken(plugin, credentials, model="koboldcpp/q")
        names = voices(plugin, credentials, model="koboldcpp/q")
        with pytest.raises(PluginError, match="takes no recordings"):
            saved(plugin, "speech2text", server, "koboldcpp/q")

    body = next(body for body in server.asked("/v1/audio/speech") if body)
    assert (body["response_format"], body["voice"]) == ("wav", "kobo")
    assert chunks[0]["mime_type"] == "audio/wav"
    assert names == ["kobo", "cheery"]


def test_voices_are_the_server_s_and_those_of_the_language(plugin: PluginHost) -> None:
    listed = Response.of_json(
        {"voices": [{"id": "af_heart", "name": "af_heart"}, {"id": "zf_xiaobei", "name": "zf_xiaobei"}]}
    )
    with speaking(voices=listed) as server:
        credentials = saved(plugin, "tts", server, "tts-1")

        assert voices(plugin, credentials) == ["af_heart", "zf_xiaobei"]
        assert voices(plugin, credentials, "zh-Hans") == ["zf_xiaobei"]
        assert voices(plugin, credentials, "de-DE") == ["af_heart", "zf_xiaobei"]


def test_voices_that_were_typed_win_and_the_first_speaks(plugin: PluginHost) -> None:
    with speaking() as server:
        credentials = saved(plugin, "tts", server, "tts-1", voices="af_heart, bm_george，zf_x")
        spoken(plugin, credentials)
        schema = plugin.schema("tts-1", credentials, "tts")

        assert voices(plugin, credentials) == ["af_heart", "bm_george", "zf_x"]

    assert server.asked("/v1/audio/speech")[-1]["voice"] == "af_heart"
    assert schema
    assert schema["model_properties"]["default_voice"] == "af_heart"


def test_without_a_list_there_are_openai_s_six_names(plugin: PluginHost) -> None:
    with speaking() as server:
        credentials = saved(plugin, "tts", server, "tts-1")
        spoken(plugin, credentials)

        assert voices(plugin, credentials, "en-US") == OPENAI

    assert server.asked("/v1/audio/speech")[-1]["voice"] == "alloy"
    assert voices(plugin, {"base_url": "http://127.0.0.1:9"}) == OPENAI


def test_a_voice_the_server_does_not_have_is_answered_with_those_it_has(plugin: PluginHost) -> None:
    refusal = Response.of_json({"detail": {"error": "validation_error", "message": "Voice 'x' not found."}}, 400)
    with speaking(refusal, voices=Response.of_json({"voices": ["af_heart"]})) as server:
        credentials = saved(plugin, "tts", server, "tts-1")
        with pytest.raises(PluginError, match=r"Voice 'x' not found.*af_heart") as raised:
            spoken(plugin, credentials, voice="x")

    assert raised.value.error_type == "InvokeBadRequestError"


@pytest.mark.parametrize(
    ("answer", "error_type", "words"),
    [
        (Response.stream([], "audio/mpeg"), "InvokeServerUnavailableError", "no sound at all"),
        (Response.of_json({"error": "model crashed"}), "InvokeServerUnavailableError", "model crashed"),
        (faults.lmstudio_unknown_path(), "InvokeBadRequestError", "Kokoro-FastAPI"),
        (faults.openai_error(500, "server_error", "boom"), "InvokeServerUnavailableError", "boom"),
        (mp3().but(end=End.CLOSE), "InvokeServerUnavailableError", "before its end"),
        (known.FASTAPI_ABSENT, "InvokeBadRequestError", "no route for speech"),
    ],
)
def test_what_goes_wrong_while_speaking_is_told(
    plugin: PluginHost, answer: Response, error_type: str, words: str
) -> None:
    with speaking(answer) as server:
        credentials = saved(plugin, "tts", server, "tts-1")
        with pytest.raises(PluginError, match=words) as raised:
            spoken(plugin, credentials)

    assert raised.value.error_type == error_type


def test_the_sound_is_known_however_the_network_cuts_it(plugin: PluginHost) -> None:
    with speaking(Response.stream([WAV[:1], WAV[1:5], WAV[5:]], "audio/mpeg")) as server:
        credentials = saved(plugin, "tts", server, "tts-1")
        assert sound(spoken(plugin, credentials)) == WAV

        assert spoken(plugin, credentials)[0]["mime_type"] == "audio/wav"


def test_silence_in_the_middle_of_a_speech_is_not_waited_for(plugin: PluginHost) -> None:
    with speaking(Response.stream([MP3], "audio/mpeg", End.HANG)) as server:
        credentials = saved(plugin, "tts", server, "tts-1", idle_timeout="0.5")
        with pytest.raises(PluginError, match="said nothing"):
            spoken(plugin, credentials)


def test_nothing_to_say_is_refused(plugin: PluginHost) -> None:
    with speaking() as server, pytest.raises(PluginError, match="no text to speak"):
        spoken(plugin, saved(plugin, "tts", server, "tts-1"), " \n")


def test_a_transcriber_does_not_speak(plugin: PluginHost) -> None:
    with (
        openai_stt() as server,
        pytest.raises(PluginError, match=r"no route for speech.*Ollama, llama\.cpp and LM Studio"),
    ):
        saved(plugin, "tts", server, "whisper-1")


@pytest.mark.parametrize("kind", ["speech2text", "tts"])
def test_both_have_a_schema_without_asking_anybody(plugin: PluginHost, kind: str) -> None:
    for model in ("auto", "named"):
        schema = plugin.schema(model, {"base_url": "http://127.0.0.1:9"}, kind)

        assert schema
        assert schema["model_type"] == kind
        if kind == "tts":
            properties = schema["model_properties"]
            assert (properties["audio_type"], properties["max_workers"], properties["word_limit"]) == ("mp3", 1, 1000)
            assert [voice["mode"] for voice in properties["voices"]] == OPENAI


def test_of_many_models_auto_takes_one_that_speaks_and_a_voice_of_its_own(plugin: PluginHost) -> None:
    with known.speaches() as server:
        credentials = plugin.validate_provider({"base_url": server.url})
        spoken(plugin, credentials, model="auto")

        assert voices(plugin, credentials, model="auto") == ["af_heart"]

    [body] = [request.json for request in server.requests if request.method == "POST"]
    assert (body["model"], body["voice"]) == ("kokoro", "af_heart")
