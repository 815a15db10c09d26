"""The names of credentials by which sync knows its own: `sync:LABEL:SETTINGS.FACTS`, where FACTS are three.

Dify shows names in the one call that tells everything, so a changed address or setting is seen without asking for each
model. The facts are a hash of what the server tells of the model, its context length, and a hash of the plugin's
package, because Dify keeps what the plugin found when it saved.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase, digits

from provider.core.errors import BadSetting
from provider.core.model_info import ModelInfo
from scripts.dify.models import NAME_LENGTH
from scripts.sync.contexts import Context

PREFIX = "sync:"
DIGITS = digits + ascii_lowercase
SETTINGS, MODEL, CONTEXT, PLUGIN = 5, 3, 4, 3  # digits
ROUNDS = 20_000
LABEL_LENGTH = NAME_LENGTH - len(PREFIX) - SETTINGS - MODEL - CONTEXT - PLUGIN - len(":.")
STEADY = ("tools", "vision", "audio", "thinking", "structured_output", "embedding_size")
STEADY_SIZES = ("train_context_length", "fixed_context_length")


@dataclass(frozen=True, slots=True)
class Mark:
    """`model` and `plugin` are empty when they are not certain now, and then any will do."""

    label: str
    settings: str
    model: str
    context: Context = field(default_factory=Context)
    plugin: str = ""

    def __str__(self) -> str:
        context = _written(self.context.tokens, CONTEXT)
        return f"{_start(self.label)}{self.settings}.{self.model or '0' * MODEL}{context}{self.plugin or '0' * PLUGIN}"

    def is_met_by(self, name: str) -> bool:
        return not self.differs_from(name)

    def differs_from(self, name: str) -> str:
        """What has changed since a credential of this name was saved; empty when nothing has."""
        found = _read(name, self.label)
        if found is None or found["settings"] != self.settings:
            return "its address or settings have changed"
        if self.model not in ("", found["model"]):
            return "the model on its server has changed"
        if not self.context.is_met_by(saved := int(found["context"], len(DIGITS))):
            before = f"{saved:,}" if saved else "unknown"
            return f"its context length has changed from {before} to {self.context.tokens:,}"
        return "" if self.plugin in ("", found["plugin"]) else "the plugin has changed"


def is_ours(name: str, label: str) -> bool:
    """Whether a sync with this label made the credential."""
    return _read(name, label) is not None


def check_label(label: str) -> None:
    """Raises `BadSetting`."""
    if label and not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LABEL_LENGTH}}}", label):
        raise BadSetting(f"a label has 1 to {LABEL_LENGTH} letters, digits, - or _: “{label[:40]}” cannot be one")


def settings_of(credentials: Mapping[str, str]) -> str:
    """A hash of what is typed into the form, slow because a key is in it: guesses must cost something."""
    typed = json.dumps(sorted(credentials.items())).encode()
    return _shortened(hashlib.pbkdf2_hmac("sha256", typed, b"local-models", ROUNDS), SETTINGS)


def model_of(info: ModelInfo) -> str:
    """A router that has not loaded the model knows little of it, and soon more."""
    if info.kind == "llamacpp" and not info.loaded:
        return ""
    facts = {name: getattr(info, name) for name in (*STEADY, *STEADY_SIZES)}
    return _shortened(hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest(), MODEL)


def plugin_of(identifiers: Sequence[str]) -> str:
    """What is installed, by versions and checksums; empty when Dify does not tell."""
    return _shortened(hashlib.sha256(json.dumps(sorted(identifiers)).encode()).digest(), PLUGIN) if identifiers else ""


def _shortened(digest: bytes, length: int) -> str:
    return _written(int.from_bytes(digest) % len(DIGITS) ** length, length)


def _written(number: int, length: int) -> str:
    """In base 36; what is too large becomes the largest."""
    number = min(number, len(DIGITS) ** length - 1)
    return "".join(DIGITS[number // len(DIGITS) ** place % len(DIGITS)] for place in reversed(range(length)))


def _start(label: str) -> str:
    return f"{PREFIX}{label}:" if label else PREFIX


def _read(name: str, label: str) -> re.Match[str] | None:
    settings, model, context, plugin = (f"[0-9a-z]{{{length}}}" for length in (SETTINGS, MODEL, CONTEXT, PLUGIN))
    parts = rf"(?P<settings>{settings})\.(?P<model>{model})(?P<context>{context})(?P<plugin>{plugin})"
    return re.fullmatch(re.escape(_start(label)) + parts, name)
