"""Recorded answers, fed to an `Answer` in pieces of any size; the clock is the number of the piece."""

import json
from pathlib import Path

from load_client.answer import Answer
from load_metrics.exchange import Exchange

RECORDINGS = Path(__file__).parents[1] / "recordings"


def recorded(folder, name):
    """Dialect, whether it streams, and the bytes of the whole HTTP response."""
    path = RECORDINGS / folder / f"{name}.json"
    if not path.exists():  # recorded by hand, beside a call that stopped it
        return folder, True, response_bytes(path.with_suffix(".sse").read_bytes())
    response = json.loads(path.read_text(encoding="utf-8"))["response"]
    stream, body = next((p for p in (path.with_suffix(".sse"), path.with_suffix(".body")) if p.exists()), None), b""
    body = stream.read_bytes() if stream else json.dumps(response["body"]).encode()
    headers = dict(response["headers"])
    kind = next(value for key, value in headers.items() if key.lower() == "content-type")
    dialect = folder if folder in ("dify", "ollama") and not name.startswith("v1_") else "openai"
    return dialect, "json" not in kind or "ndjson" in kind, response_bytes(body, response["status"], kind)


def response_bytes(body, status=200, kind="text/event-stream", size=997):
    """As a chunked HTTP response."""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def read(data, dialect, *, streaming=True, size=1400):
    """The exchange that comes of these bytes; times are byte positions where each piece ended."""
    answer = Answer(Exchange("x", streaming), dialect)
    at = 0
    while at < len(data) and not answer.done:
        at += size
        answer.feed(data[at - size : at], min(at, len(data)))
    answer.finish(len(data) + 1)
    return answer.exchange
