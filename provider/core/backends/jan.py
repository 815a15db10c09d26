"""Jan: llama.cpp behind a key and a list of hosts it trusts; it serves the models that are running in the app."""

from provider.core import errors
from provider.core.backends.openai import OpenAICompatible
from provider.core.wire.failure import Failure


class Jan(OpenAICompatible):
    program = "jan"
    label = "Jan"
    how_to_start = "In Jan: Settings → Local API Server → Start Server, and start a model."
    wants_bytes = True
    thinking_field = "reasoning_content"

    def how_to_get(self, model: str) -> str:
        return f"Start {model} in Jan; only running models are served."

    def advice(self, error: type[errors.ServerError], failure: Failure, location: str = "") -> str:
        if "host header" in failure.words.lower():
            return (
                "Add the host name of the server address to “Trusted Hosts” (Jan: Settings → Local API Server), "
                "or use an IP address that is listed there."
            )
        return super().advice(error, failure, location)
