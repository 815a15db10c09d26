"""multipart/form-data: fields and a file in, one body out."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class File:
    """Servers choose their decoder by the extension in `name`, so it must be the right one."""

    name: str
    mime_type: str
    data: bytes = field(repr=False)


def encode(fields: Mapping[str, str], file: File | None = None) -> tuple[str, bytes]:
    """Content type and body. The same upload always gives the same bytes."""
    data = file.data if file else b""
    boundary = f"form-{hashlib.blake2b(data, digest_size=16).hexdigest()}"
    parts = [_part(boundary, f'name="{name}"', value.encode()) for name, value in fields.items()]
    if file:
        parts.append(_part(boundary, f'name="file"; filename="{file.name}"', data, file.mime_type))
    return f"multipart/form-data; boundary={boundary}", b"".join([*parts, f"--{boundary}--\r\n".encode()])


def _part(boundary: str, disposition: str, data: bytes, content_type: str = "") -> bytes:
    lines = [f"--{boundary}", f"Content-Disposition: form-data; {disposition}"]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join([*lines, "", ""]).encode() + data + b"\r\n"
