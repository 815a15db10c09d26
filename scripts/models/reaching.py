"""How servers are asked from a shell, and why one does not answer when Dify's container has no part in it."""

from dataclasses import replace

from provider.core.reachability import Diagnosis, Network, diagnose
from scripts.kit import exits
from scripts.kit.command import Stop
from scripts.kit.settings import Settings

READY = "READY"


class Here(Network):
    """`localhost` is meant as it stands, also in a container: the kit runs where it was started."""

    def in_container(self) -> bool:
        return False


def why_silent(url: str, kind: str, error: Exception) -> Diagnosis:
    """Where all is well by now, what went wrong before is the cause."""
    seen = diagnose(url, kind, network=Here())
    return replace(seen, cause=str(error)) if seen.code == READY else seen


def key_headers(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Raises `Stop` for a key that no header can carry, without showing it."""
    key = settings.local_models_api_key.get_secret_value()
    if not (key.isascii() and key.isprintable()):
        raise Stop("LOCAL_MODELS_API_KEY has characters that no key has; copy it anew", code=exits.USAGE)
    return (("Authorization", f"Bearer {key}"),) if key else ()
