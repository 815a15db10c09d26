"""Speech servers as docs/audio-servers.md describes them, and the sounds they get and give."""

import io
import struct
import wave
from email.parser import BytesParser
from email.policy import HTTP

from tests.servers import Request, Response, ScriptedServer, by_path
from tests.servers.faults import llamacpp_error, lmstudio_unknown_path

MP3 = b"\xff\xfb\x90\x64" + bytes(412)
FLAC = b"fLaC\x00\x00\x00\x22" + bytes(34)
OGG = b"OggS\x00\x02" + bytes(40)
M4A = b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00" + bytes(20)
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00" + bytes(20)
WEBM = b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
AAC = b"\xff\xf1\x50\x80" + bytes(40)

FASTAPI_ABSENT = Response.of_json({"detail": "Not Found"}, 404)
FASTAPI_POST_ONLY = Response.of_json({"detail": "Method Not Allowed"}, 405)
WHISPERCPP = {"Server": "whisper.cpp"}


def wav(*samples: int, rate: int = 16000) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def samples_of(data: bytes) -> list[int]:
    """What a player that follows the sizes would play; sizes that are open end with the data."""
    at = data.index(b"data") + 8
    return list(struct.unpack(f"<{(len(data) - at) // 2}h", data[at:]))


def models(*names: str, **more: object) -> Response:
    return Response.of_json({"object": "list", "data": [{"id": name, "object": "model", **more} for name in names]})


def sent_form(request: Request) -> dict[str, str]:
    """The fields of a multipart body; of the file its name and type."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return {
        str(part.get_param("name", header="content-disposition")): (
            f"{part.get_filename()} {part.get_content_type()}"
            if part.get_filename()
            else part.get_payload(decode=True).decode()
        )
        for part in message.iter_parts()
    }


def sent_file(request: Request) -> bytes:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return next(part.get_payload(decode=True) for part in message.iter_parts() if part.get_filename())


def openai_stt(answer: Response | None = None, *names: str) -> ScriptedServer:
    """Speaches, vLLM, LocalAI: a web framework with OpenAI's route."""
    answers = {
        "GET /v1/models": models(*(names or ("whisper-1",))),
        "GET /v1/audio/transcriptions": FASTAPI_POST_ONLY,
        "POST /v1/audio/transcriptions": answer or Response.of_json({"text": " Hello, world. "}),
    }
    return ScriptedServer(by_path(answers, FASTAPI_ABSENT))


def whispercpp(answer: Response | None = None, path: str = "/inference") -> ScriptedServer:
    """Its error handler replaces the body of every refusal but 500."""
    absent = Response.of_text("File Not Found (/x)", 404).but(headers=WHISPERCPP)
    answers = {
        "GET /health": Response.of_json({"status": "ok"}, **WHISPERCPP),
        f"OPTIONS {path}": Response(200, headers=WHISPERCPP),
        f"POST {path}": answer or Response.of_json({"text": " Hello,\n world.\n"}, **WHISPERCPP),
    }
    return ScriptedServer(by_path(answers, absent))


def speaking(*sounds: Response, voices: Response | None = None, names: tuple[str, ...] = ("tts-1",)) -> ScriptedServer:
    """Kokoro-FastAPI and its like."""
    answers = {
        "GET /v1/models": models(*names, owned_by="kokoro"),
        "GET /v1/audio/speech": FASTAPI_POST_ONLY,
        "POST /v1/audio/speech": list(sounds) or [mp3()],
        "GET /v1/audio/voices": voices or FASTAPI_ABSENT,
    }
    return ScriptedServer(by_path(answers, FASTAPI_ABSENT))


def mp3(*pieces: bytes) -> Response:
    return Response.stream(pieces or (MP3, bytes(100)), "audio/mpeg")


def speaches() -> ScriptedServer:
    """It says of each model what it is for, and of those that speak their voices."""
    kokoro = {"id": "kokoro", "task": "text-to-speech", "voices": [{"name": "af_heart", "language": "en-us"}]}
    tasks = {"vad": "voice-activity-detection", "whisper": "automatic-speech-recognition"}
    listed = [{"id": "vad", "task": tasks["vad"]}, kokoro, {"id": "whisper", "task": tasks["whisper"]}]
    answers = {
        "GET /v1/models": Response.of_json({"data": listed, "object": "list"}),
        "GET /v1/models/kokoro": Response.of_json(kokoro),
        "POST /v1/audio/transcriptions": Response.of_json({"text": "Hello."}),
        "POST /v1/audio/speech": mp3(),
    }
    return ScriptedServer(by_path(answers, FASTAPI_ABSENT))


def lmstudio() -> ScriptedServer:
    listed = {"models": [{"key": "qwen", "type": "llm", "max_context_length": 4096, "loaded_instances": []}]}
    return ScriptedServer(by_path({"GET /api/v1/models": Response.of_json(listed)}, lmstudio_unknown_path()))


def ollama(*capabilities: str) -> ScriptedServer:
    answers = {
        "GET /api/version": Response.of_json({"version": "0.33.0"}),
        "GET /api/tags": Response.of_json({"models": [{"name": "m:latest"}]}),
        "GET /api/ps": Response.of_json({"models": []}),
        "POST /api/show": Response.of_json({"capabilities": ["completion", *capabilities], "model_info": {}}),
        "GET /v1/audio/transcriptions": Response.of_text("405 method not allowed", 405),
        "POST /v1/audio/transcriptions": Response.of_json({"text": "Hello."}),
    }
    return ScriptedServer(by_path(answers))


def deaf_llamacpp() -> Response:
    return llamacpp_error(501, "not_supported_error", "The current model does not support audio input.")
