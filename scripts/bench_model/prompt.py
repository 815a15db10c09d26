"""Questions of a wanted size, each different from its first word on, so that no prompt cache helps."""

import random
import secrets

from provider.core.backends import Backend
from provider.core.chat import ChatRequest, Message
from provider.core.model_info import ModelInfo
from provider.core.tokens import estimate_prompt

WORDS = (
    "time way year day thing man world life hand part child eye woman place work week case point number group problem "
    "fact house water room mother area money story month lot right study book job word business issue side kind head "
    "service friend father power hour game line end member law car city name team minute idea body back parent face "
    "level office door health person art war history party result change morning reason research girl guy moment air "
    "teacher force education foot boy age policy music market sense nation plan college interest death course someone "
    "experience behaviour garden window river mountain paper letter picture summer winter bridge island forest engine"
).split()
TASK = "\n\nWrite a long story with all of these words. Do not stop before it is very long."
SALT_BYTES = 8
# llama.cpp goes on when the model would stop, so that all answers are equally long. Others end when they like.
SAME_LENGTH = {"llamacpp": {"ignore_eos": True}}
TRIES = 4  # to come near the wanted size


class Questions:
    """Makes questions for one model; learns from the server how many words make the wanted number of tokens."""

    def __init__(self, backend: Backend, info: ModelInfo, prompt_tokens: int, output_tokens: int) -> None:
        self._backend = backend
        self._info = info
        self._output_tokens = output_tokens
        self.prompt_tokens = prompt_tokens
        self._words = max(prompt_tokens, 1)
        for _ in range(TRIES):
            self.learn(self._counted())

    def new(self, output_tokens: int | None = None) -> ChatRequest:
        """As the plugin asks: with the same context size, or Ollama would load the model anew."""
        salt = secrets.token_hex(SALT_BYTES)
        words = " ".join(random.Random(salt).choices(WORDS, k=self._words))  # noqa: S311 - no secret
        return ChatRequest(
            model=self._info.name,
            messages=(Message("user", (f"{salt} {words}{TASK}",)),),
            parameters={"max_tokens": output_tokens or self._output_tokens, "temperature": 0.0},
            context_length=self._info.context_length,
            extra_body=SAME_LENGTH.get(self._backend.kind, {}),
        )

    def learn(self, counted: int | None) -> None:
        """So many tokens had the last question: more words or fewer for the next one."""
        if counted and counted != self.prompt_tokens:
            missing = self.prompt_tokens - counted
            per_word = max(counted / max(self._words, 1), 1.0)
            self._words = max(self._words + round(missing / per_word), 1)

    def shorten(self) -> None:
        """After the server said that it does not fit."""
        self.prompt_tokens //= 2
        self._words = max(self._words // 2, 1)

    def _counted(self) -> int:
        question = self.new()
        return self._backend.count_tokens(question) or estimate_prompt(question)
