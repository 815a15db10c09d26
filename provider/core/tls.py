"""TLS contexts: built once per setting, because building one costs 50 ms of CPU."""

import re
import ssl
from functools import lru_cache
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from provider.core.errors import BadSetting
from provider.core.server import Tls

PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)


@lru_cache(maxsize=32)
def tls_context(tls: Tls) -> ssl.SSLContext:
    """A context that trusts the usual authorities and the given one, or nobody is checked at all.

    Raises:
        BadSetting: the CA is neither a readable PEM file nor PEM text.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if tls.ca.strip():
        _trust(context, tls.ca.strip())
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _trust(context: ssl.SSLContext, ca: str) -> None:
    try:
        if "-----BEGIN" in ca:
            context.load_verify_locations(cadata=_with_line_breaks(ca))
        else:
            context.load_verify_locations(cafile=Path(ca).expanduser())
    except FileNotFoundError as error:
        raise BadSetting(
            f"the CA file {ca} does not exist where the plugin runs; paste the PEM text itself instead of a path"
        ) from error
    except (OSError, ssl.SSLError) as error:
        raise BadSetting("the CA certificate cannot be read: it must be PEM (-----BEGIN CERTIFICATE-----…)") from error


def _with_line_breaks(pem: str) -> str:
    r"""Dify's one-line fields turn line breaks into blanks or a literal `\n`; PEM needs them back."""
    bodies = ["".join(body.replace("\\n", "").split()) for body in PEM.findall(pem)]
    if not bodies:
        raise OSError(pem[:40])
    return "\n".join(f"-----BEGIN CERTIFICATE-----\n{_folded(body)}\n-----END CERTIFICATE-----" for body in bodies)


def _folded(body: str) -> str:
    return "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
