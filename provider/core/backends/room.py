"""Servers that count the longest possible answer against the context: it is made to fit before they refuse it."""

import re
from collections.abc import Generator
from dataclasses import replace
from typing import Any

from provider.core import errors
from provider.core.backends.openai import OpenAICompatible
from provider.core.catalog import Memory
from provider.core.chat import ChatRequest, Event
from provider.core.tokens import estimate_prompt
from provider.core.wire.failure import Failure

SURELY = 0.5  # of an estimated prompt is there at least
# vLLM's wordings and SGLang's: the window, and what the prompt takes of it.
WINDOW = re.compile(r"context length (?:is|of|is only) (\d+) tokens")
PROMPT = re.compile(
    r"your request has (\d+) input tokens|(\d+) tokens from the input messages|\((\d+) in the (?:messages|prompt)"
)

_windows = Memory()


class CountsTheAnswer(OpenAICompatible):
    """`max_tokens` is changed only when it was set, and only when it cannot fit."""

    def chat(self, request: ChatRequest) -> Generator[Event]:
        return super().chat(self._fitted(request))

    def relaxed(self, body: dict[str, Any], failure: Failure) -> dict[str, Any] | None:
        """The refusal names the window, and mostly the length of the prompt, so that the second try fits."""
        wanted, window = body.get("max_tokens"), WINDOW.search(failure.words)
        prompt = self.prompt_in(failure.words, body) if window and isinstance(wanted, int) else None
        room = int(window[1]) - prompt if window and prompt else 0
        return {**body, "max_tokens": room} if 0 < room < (wanted or 0) else super().relaxed(body, failure)

    def prompt_in(self, words: str, body: dict[str, Any]) -> int | None:
        """Tokens of the prompt, by what the server says about a request that is too long."""
        found = PROMPT.search(words)
        return int(next(number for number in found.groups() if number)) if found else None

    def _fitted(self, request: ChatRequest) -> ChatRequest:
        wanted = request.parameters.get("max_tokens")
        window = self._window(request.model) if isinstance(wanted, int) else None
        prompt = estimate_prompt(request)
        if not isinstance(wanted, int) or not window or prompt >= window or wanted + SURELY * prompt <= window:
            return request
        return replace(request, parameters={**request.parameters, "max_tokens": window - prompt})

    def _window(self, model: str) -> int | None:
        try:
            return _windows.get((self.http.server, model), lambda: self.describe(model).context_length)
        except errors.ServerError:
            return None
