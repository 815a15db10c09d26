"""The text of a transcription, in all shapes servers give it."""

import pytest

from provider.core.wire.failure import Refusal
from provider.core.wire.transcript import Unreadable, read_transcript

JSON = "application/json"


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b'{"text": " Hello. "}', JSON, "Hello."),
        (b'{"task":"transcribe","language":"en","duration":1.0,"text":"Hello.","segments":[]}', JSON, "Hello."),
        (b'{"type":"transcript.text.done","text":"Hello.","usage":{"type":"tokens"}}', JSON, "Hello."),
        (b'"Hello."', JSON, "Hello."),
        (b" Hello.\n", "text/plain; charset=utf-8", "Hello."),
        (b" Hello.\n", "text/html; charset=utf-8", "Hello."),
        ('{"text": "你好\u2028世界"}'.encode(), JSON, "你好\u2028世界"),
        (b'{"text": "language English<asr_text>Hello."}', JSON, "Hello."),
        (b'{"text": ""}', JSON, ""),
        (b'{"text": null}', JSON, ""),
        (b'{"text": " [BLANK_AUDIO]\\n"}', JSON, ""),
        (b"", "text/plain", ""),
        (
            b'data: {"type":"transcript.text.delta","delta":"Hel"}\n\ndata: {"delta":"lo"}\n\ndata: [DONE]\n\n',
            "text/event-stream",
            "Hello",
        ),
        (
            b'data: {"type":"transcript.text.delta","delta":"Hel"}\n\ndata: {"type":"transcript.text.done","text":"Hello."}\n\n',
            "text/event-stream",
            "Hello.",
        ),
    ],
)
def test_the_text_is_found(body, content_type, text):
    assert read_transcript(body, content_type) == text


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"{}", JSON, "no text"),
        (b'{"segments": [{"id": 0}]}', JSON, "segments"),
        (b'{"text": 7}', JSON, "no text"),
        (b"[]", JSON, "no text"),
        (b"<html><title>Welcome to nginx</title></html>", "text/html", "welcome to nginx"),
        (b"", JSON, "nothing at all"),
        (b"\x00\x01", "application/octet-stream", "no transcription"),
    ],
)
def test_an_answer_without_a_text_is_never_silence(body, content_type, words):
    with pytest.raises(Unreadable, match=words):
        read_transcript(body, content_type)


@pytest.mark.parametrize(
    "body",
    [b'{"error": {"message": "no such file"}}', b'event: error\ndata: {"error": "no such file"}\n\n'],
)
def test_an_error_with_a_good_status_is_an_error(body):
    with pytest.raises(Refusal, match="no such file"):
        read_transcript(body, JSON)
