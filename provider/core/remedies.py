"""One thing to do for each kind of failure: the command, or the place in the settings."""

import re
from collections.abc import Sequence

from provider.core import errors
from provider.core.wire.failure import Failure

# By the server's words: what only one remedy fits.
BY_WORDS: tuple[tuple[str, str], ...] = (
    (r"does not support tools", "Choose a model with the tools capability, or set “Tool calls” to No for this model."),
    (r"does not support thinking", "Set Thinking to off, or choose a model that thinks."),
    (
        r"does not support (chat|generate)",
        "This is an embedding model: add it under Text Embedding, and choose another for chat.",
    ),
    (r"audio input", "Start llama-server with a model that hears, and its --mmproj FILE."),
    (
        r"mmproj|image input is not supported",
        "Start llama-server with --mmproj FILE for this model, or choose a model that sees.",
    ),
    (r"does not support embeddings", "Start llama-server with --embeddings, or choose an embedding model."),
    (r"does not support logits", "This server runs an embedding or rerank model; chat needs a server of its own."),
    (
        r"tool choice requires|enable-auto-tool-choice",
        "Start vLLM with --enable-auto-tool-choice and --tool-call-parser.",
    ),
    (r"physical batch size", "Start llama-server with a larger --ubatch-size."),
    (r"llama-server binary not found", "Reinstall Ollama on its machine: its inference program is missing."),
    (
        r"out of memory|out-of-memory|more system memory|cudamalloc|unable to allocate",
        "Use a smaller model or quantization, or a smaller context size in the model's settings.",
    ),
    (r"unexpectedly stopped|has terminated", "Read the server's log; most often its memory ran out."),
)
BY_ERROR: dict[type[errors.ServerError], str] = {
    errors.Unauthorized: "Check the API key and its scheme in the credentials.",
    errors.ContextOverflow: "Shorten the prompt or the history, or run the model with a longer context.",
    errors.Busy: "Try again in a moment, or let the server take more requests at once.",
    errors.Loading: "Wait until the model is loaded; GET /health tells.",
    errors.Failed: "Read the server's log.",
}


def remedy(error: type[errors.ServerError], failure: Failure, headers_location: str = "") -> str:
    """The best known remedy, or an empty text."""
    for pattern, text in BY_WORDS:
        if re.search(pattern, failure.words, re.IGNORECASE):
            return text
    if error is errors.BadSetting:
        return f"The server redirects to {headers_location or 'another address'}: use that as server address."
    if failure.prompt_tokens and failure.context_length:
        return (
            f"The prompt has {failure.prompt_tokens} tokens, the context holds {failure.context_length}: "
            f"{_lower(BY_ERROR[errors.ContextOverflow])}"
        )
    return BY_ERROR.get(error, "")


def listing(names: Sequence[str], most: int = 20) -> str:
    """The models that exist, as a sentence."""
    if not names:
        return "The server has no models."
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"The server has: {', '.join(names[:most])}{more}."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
