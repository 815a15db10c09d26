"""What people type as Dify's address, or paste from the browser, and the root it means."""

import re
from urllib.parse import urlsplit

from provider.core.errors import BadSetting

USUAL = "http://localhost"
# Pages and routes of Dify that are pasted with the address.
PAGES = re.compile(r"/(?:console/api|v1|api|apps?|signin|install|plugins|datasets|explore|tools|account)(?:/.*)?$")


def root_of(typed: str) -> str:
    """Scheme, host, port, and a path only where Dify lives below one.

    Raises:
        BadSetting: it is no address.
    """
    text = typed.strip().strip("\"'") or USUAL
    text = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(text)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise _no_address() from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or " " in text:
        raise _no_address()
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}{PAGES.sub('', parts.path.rstrip('/'))}"


def _no_address() -> BadSetting:
    """What was typed is not repeated: it may hold a password."""
    return BadSetting(f"Dify's address (--dify or DIFY_URL) must look like {USUAL} or https://dify.example.com:8443")
