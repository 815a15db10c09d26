"""Documents that are too long for the model, cut to a length that the server's own count showed to fit.

A cross-encoder reads query and document together, and its server refuses the whole list when one pair is too long
(llama.cpp: longer than --ubatch-size, 512 by default). The refusal says how many tokens there were and how many may
be; both together say how the server's tokens compare with our estimate.
"""

import logging
import operator
import re
from dataclasses import dataclass, replace

from provider.core import errors
from provider.core.catalog import Memory
from provider.core.reranking.question import Question
from provider.core.server import Server
from provider.core.tokens import estimate_text
from provider.core.wire.failure import Failure

logger = logging.getLogger(__name__)

TOKENS = re.compile(r"(?:input \(|requested |given: )(\d+)", re.IGNORECASE)
MOST = re.compile(
    r"(?:current batch size: |maximum context length is |context (?:size|length) \(|less than )(\d+)", re.IGNORECASE
)
MARKS = 8  # the server's tokens between and around query and document
LEAST_WEIGHT = 0.25  # of a token in our estimate, which errs high
LEAST_ROOM = 8  # tokens of a document that are worth ranking
STEP = 1.2  # when the server counted another pair than the longest, its count says too little


@dataclass(frozen=True, slots=True)
class Limit:
    """What a pair may have: `tokens` as the server counts, each `weight` times one of our estimate."""

    tokens: int
    weight: float

    def room(self, query: str) -> int:
        """For a document, in our estimate's tokens."""
        return int((self.tokens - MARKS) / self.weight) - estimate_text(query)


_limits = Memory(seconds=600)


class Fitting:
    """What is known of the length that one model of one server takes."""

    def __init__(self, server: Server, model: str) -> None:
        self._url = server.url
        self._place = (server, model)

    @property
    def limit(self) -> Limit | None:
        return _limits.get(self._place, lambda: None)

    def learn(self, question: Question, failure: Failure) -> None:
        """From a refusal; each one makes the documents shorter than before."""
        before = self.limit
        longest = _longest_pair(self.cut(question))
        tokens, most = _counts(failure)
        weight = max((tokens - MARKS) / longest if tokens else 1.0, before.weight * STEP if before else LEAST_WEIGHT)
        learned = Limit(most or longest // 2 + MARKS, weight)
        _limits.forget(self._place)
        _limits.get(self._place, lambda: learned)

    def cut(self, question: Question) -> Question:
        """Raises `ContextOverflow` when the query alone fills the model."""
        if (limit := self.limit) is None:
            return question
        room = limit.room(question.query)
        if room < LEAST_ROOM:
            raise errors.ContextOverflow(
                f"the query is too long for the rerank model at {self._url}, which takes {limit.tokens} tokens for "
                "query and document together. Shorten the query, or start the server with more "
                "(llama-server: --ubatch-size, and --ctx-size if needed)."
            )
        documents = tuple(_shortened(document, room) for document in question.documents)
        if cut := sum(map(operator.ne, documents, question.documents)):
            logger.debug("%d of %d documents were cut to about %d tokens to be ranked", cut, len(documents), room)
        return replace(question, documents=documents)


def _shortened(document: str, room: int) -> str:
    """The beginning; no text has more tokens than characters in our estimate."""
    while len(document) > room and (tokens := estimate_text(document)) > room:
        document = document[: max(int(len(document) * room / tokens * 0.98), 1)]
    return document


def _longest_pair(question: Question) -> int:
    documents = max(estimate_text(document) for document in question.documents)
    return max(documents + estimate_text(question.query), 1)


def _counts(failure: Failure) -> tuple[int | None, int | None]:
    """Tokens there were, and tokens there may be."""
    tokens = failure.prompt_tokens or _number(TOKENS, failure.words)
    return tokens, failure.context_length or _number(MOST, failure.words)


def _number(pattern: re.Pattern[str], words: str) -> int | None:
    found = pattern.search(words)
    return int(found[1]) if found else None
