"""The names of credentials by which sync knows its own: `sync:LABEL:SETTINGS.FACTS`, two hashes.

Dify shows names in the one call that tells everything, so a changed address or setting is seen without asking for each
model. The second hash is of what the server tells of the model, because Dify keeps what the plugin found when it saved.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provider.core.errors import BadSetting
from provider.core.model_info import ModelInfo
from scripts.dify.models import NAME_LENGTH

PREFIX = "sync:"
SETTINGS, FACTS = 8, 4  # hexadecimal digits
ROUNDS = 20_000
LABEL_LENGTH = NAME_LENGTH - len(PREFIX) - SETTINGS - FACTS - 2
STEADY = ("tools", "vision", "audio", "thinking", "structured_output", "embedding_size")
STEADY_SIZES = ("train_context_length", "fixed_context_length")
# What these say of the context length in use changes with what happens to be loaded.
UNSTEADY_CONTEXT = ("ollama", "lmstudio")


@dataclass(frozen=True, slots=True)
class Mark:
    """`facts` is empty when they are not certain now, and then any will do."""

    label: str
    settings: str
    facts: str

    def __str__(self) -> str:
        return f"{_start(self.label)}{self.settings}.{self.facts or '0' * FACTS}"

    def is_met_by(self, name: str) -> bool:
        found = _read(name, self.label)
        return found is not None and found[0] == self.settings and self.facts in ("", found[1])


def is_ours(name: str, label: str) -> bool:
    """Whether a sync with this label made the credential."""
    return _read(name, label) is not None


def differs_in(name: str, mark: Mark) -> str:
    """What has changed since the credential was saved."""
    found = _read(name, mark.label)
    same = found is not None and found[0] == mark.settings
    return "the model on its server has changed" if same else "its address or settings have changed"


def check_label(label: str) -> None:
    """Raises `BadSetting`."""
    if label and not re.fullmatch(rf"[A-Za-z0-9_-]{{1,{LABEL_LENGTH}}}", label):
        raise BadSetting(f"a label has 1 to {LABEL_LENGTH} letters, digits, - or _: “{label[:40]}” cannot be one")


def settings_of(credentials: Mapping[str, str]) -> str:
    """A hash of what is typed into the form, slow because a key is in it: guesses must cost something."""
    typed = json.dumps(sorted(credentials.items())).encode()
    return hashlib.pbkdf2_hmac("sha256", typed, b"local-models", ROUNDS).hex()[:SETTINGS]


def facts_of(info: ModelInfo) -> str:
    """A router that has not loaded the model knows little of it, and soon more."""
    if info.kind == "llamacpp" and not info.loaded:
        return ""
    facts: dict[str, Any] = {name: getattr(info, name) for name in (*STEADY, *STEADY_SIZES)}
    if info.kind not in UNSTEADY_CONTEXT:
        facts["context_length"] = info.context_length
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:FACTS]


def _start(label: str) -> str:
    return f"{PREFIX}{label}:" if label else PREFIX


def _read(name: str, label: str) -> tuple[str, str] | None:
    found = re.fullmatch(rf"{re.escape(_start(label))}([0-9a-f]{{{SETTINGS}}})\.([0-9a-f]{{{FACTS}}})", name)
    return (found[1], found[2]) if found else None
