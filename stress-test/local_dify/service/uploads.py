"""Files that were uploaded: looked at, described, and not kept, as no workflow gets them here."""

import mimetypes
import time
import uuid
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import PurePosixPath
from typing import Any

from local_dify.service.problems import Problem

TENANT = str(uuid.uuid5(uuid.NAMESPACE_OID, "local dify"))


def described(content_type: str, body: bytes) -> dict[str, Any]:
    """What Dify answers to such an upload."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    parts = list(BytesParser(policy=HTTP).parsebytes(head + body).walk())
    named = {part.get_param("name", header="content-disposition"): part for part in parts}
    if "file" not in named:
        raise Problem(400, "no_file_uploaded", "Please upload your file.")
    content = named["file"].get_payload(decode=True)
    user = named["user"].get_content().strip() if "user" in named else "DEFAULT-USER"
    return _entry(named["file"].get_filename() or "file", len(content), user)


def _entry(name: str, size: int, user: str) -> dict[str, Any]:
    own = str(uuid.uuid4())
    return {
        "id": own,
        "name": name,
        "size": size,
        "extension": PurePosixPath(name).suffix.lstrip("."),
        "mime_type": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "created_by": str(uuid.uuid5(uuid.NAMESPACE_OID, user)),
        "created_at": int(time.time()),
        "preview_url": None,
        "source_url": "",
        "original_url": None,
        "user_id": None,
        "tenant_id": TENANT,
        "conversation_id": None,
        "file_key": None,
    }
