"""The order of questions: each program is asked for before those whose routes it plays, and few are enough."""

from collections.abc import Callable

from provider.core.fingerprint import signs
from provider.core.fingerprint.signs import Answer, Fingerprint

type Ask = Callable[[str], Answer]

FIRST = "/api/version"  # Ollama's own; every other program gives itself away by how it refuses
SECOND = "/api/extra/version"  # KoboldCpp's own; how it is refused shows whether the first answer was Ollama's
MODELS = "/v1/models"


def identify(ask: Ask) -> Fingerprint | None:
    """Which program answers; `ask` may be asked the same path twice, and should then know the answer.

    /health is never asked: SGLang generates a token for it.
    """
    first = ask(FIRST)
    if found := signs.any_answer(first):
        return _with_version(found, ask)
    perhaps = signs.ollama(first)
    second = ask(SECOND)
    if found := signs.koboldcpp(second) or (perhaps if signs.is_ollamas_not_found(second) else None):
        return found
    listed = signs.models(ask(MODELS))
    return _owner(listed, perhaps) or _hidden(ask, not listed) or _least(ask, listed is not None, perhaps)


def _with_version(found: Fingerprint, ask: Ask) -> Fingerprint:
    return (signs.koboldcpp(ask(SECOND)) if found.flavour == "koboldcpp" else None) or found


def _owner(listed: list | None, perhaps: Fingerprint | None) -> Fingerprint | None:
    """Ollama lists its models as those of the `library`, also behind a proxy that rewrites its errors."""
    found = signs.owner(listed) if listed else None
    return perhaps if found and found.flavour == "ollama" and perhaps else found


def _hidden(ask: Ask, no_models: bool) -> Fingerprint | None:  # noqa: FBT001 - one caller
    """Programs that list their models like anybody, or below a path of their own, or not at all."""
    found = (
        signs.localai(ask("/.well-known/localai.json"))
        or signs.lmstudio(ask("/api/v1/models"))
        or signs.below(ask("/api/v1/models"), "/api", "lemonade")
    )
    if found or not no_models:
        return found
    return (
        signs.below(ask("/engines/v1/models"), "/engines", "docker")
        or signs.sglang(ask("/get_model_info"))
        or signs.tei(ask("/info"))
        or signs.vllm(ask("/version"), ask(MODELS))
    )


def _least(ask: Ask, has_list: bool, perhaps: Fingerprint | None) -> Fingerprint | None:  # noqa: FBT001 - one caller
    """What is left: something that plays Ollama well enough, or an OpenAI-compatible server we know no name for."""
    if perhaps and signs.has_ollamas_models(ask("/api/tags")):
        return perhaps
    return Fingerprint("openai") if has_list else None
