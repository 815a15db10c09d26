"""The recorded streams, and helpers that read a stream as one text."""

from pathlib import Path

from provider.core.chat import Event, Text, Thinking
from provider.core.errors import ServerError
from provider.core.wire import ollama, openai

RECORDINGS = Path(__file__).parents[2] / "recordings"
# /v1/… recordings of Ollama are OpenAI's format; /completion of llama.cpp is neither of the two.
OLLAMA = sorted(p for p in (RECORDINGS / "ollama").glob("*_stream.body") if not p.name.startswith(("v1_", "error_")))
OPENAI = sorted(
    [*(RECORDINGS / "ollama").glob("v1_*_stream.body")]
    + [p for p in (RECORDINGS / "llamacpp").glob("*_stream.body") if not p.name.startswith("native_")]
)
STREAMS = [*OLLAMA, *OPENAI]


def decoder_for(path: Path) -> ollama.Decoder | openai.Decoder:
    return ollama.Decoder() if path in OLLAMA else openai.Decoder()


def decode(decoder: ollama.Decoder | openai.Decoder, pieces: list[bytes]) -> list[Event]:
    """All events, the end included."""
    events = [event for piece in pieces for event in decoder.feed(piece)]
    return [*events, *decoder.end()]


def decode_until_error(decoder: ollama.Decoder | openai.Decoder, data: bytes) -> tuple[list[Event], ServerError | None]:
    """The events before the end, and what the end was."""
    events: list[Event] = []
    try:
        events += decoder.feed(data)
        events += decoder.end()
    except ServerError as error:
        return events, error
    return events, None


def said(events: list[Event]) -> tuple[str, str]:
    """What was thought and what was answered."""
    thought = "".join(event.text for event in events if isinstance(event, Thinking))
    return thought, "".join(event.text for event in events if isinstance(event, Text))
