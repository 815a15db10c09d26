"""Pictures and sounds in the form a server takes: fetched when it wants bytes instead of an address."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import requests

from provider.core.chat import Media, Message
from provider.core.errors import Rejected

LARGEST = 20 * 1024 * 1024  # bytes of one fetched file
FETCH = (5.0, 30.0)  # seconds: connect, read


def with_bytes(message: Message, *, every_kind: bool) -> Message:
    """The same message with URLs replaced by what is there; sounds always, as no server takes their address."""
    return replace(message, parts=tuple(_with_bytes(part, every_kind=every_kind) for part in message.parts))


def _with_bytes(part: str | Media, *, every_kind: bool) -> str | Media:
    if isinstance(part, str) or part.base64:
        return part
    return part if part.kind == "image" and not every_kind and _is_web(part.url) else _fetched(part)


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("http", "https")
    except ValueError:  # a bracket that is never closed
        return False


def _fetched(media: Media) -> Media:
    if media.url.startswith("data:"):
        head, _, body = media.url.partition(",")
        return replace(media, base64=body, url="", mime_type=media.mime_type or head[5:].partition(";")[0])
    if not _is_web(media.url):
        raise Rejected(f"the {media.kind} has neither content nor a web address: {media.url[:100] or '(empty)'}")
    body, mime_type = _download(media)
    return replace(media, base64=base64.b64encode(body).decode(), url="", mime_type=mime_type or media.mime_type)


def _download(media: Media) -> tuple[bytes, str]:
    where = media.url.partition("?")[0]  # the query may hold a signature
    try:
        # No session of a model server and no key: the address came with the message.
        with requests.Session() as session:
            session.trust_env = False
            with session.get(media.url, stream=True, timeout=FETCH) as response:
                if response.status_code != requests.codes.ok:
                    raise Rejected(f"the {media.kind} at {where} cannot be fetched: HTTP {response.status_code}")
                return b"".join(_limited(response, media, where)), _mime_type(response)
    except requests.RequestException as error:
        raise Rejected(
            f"the {media.kind} at {where} cannot be fetched from where the plugin runs ({type(error).__name__}); "
            "upload it instead, or set FILES_URL in Dify to an address the plugin reaches"
        ) from error


def _limited(response: requests.Response, media: Media, where: str) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_content(65536):
        size += len(piece)
        if size > LARGEST:
            raise Rejected(f"the {media.kind} at {where} is larger than {LARGEST >> 20} MiB")
        yield piece


def _mime_type(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip()
