"""One model: a warm-up, the cold run where there is one, and the runs that count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provider.core.backends import Backend
from provider.core.errors import ContextOverflow, ModelMissing, ServerError
from provider.core.model_info import ModelInfo
from provider.core.tasks import suits
from scripts.bench_model.asking import Asker
from scripts.bench_model.figures import Figure, figures
from scripts.bench_model.prompt import Questions
from scripts.bench_model.run import Run
from scripts.bench_model.unloading import STAYS, can_unload, unload

WARM_UP_TOKENS = 8  # of the answer that is thrown away
ROOM = 64  # tokens of the context that stay free: counts are not always exact
SHORT = 0.5  # of the wanted answer: from there on a rate is from too few tokens
IN_MEMORY = "it was in memory already; --cold unloads it first, to time loading"
NO_CHAT = "{} cannot chat, and only chat is timed"
SMALLEST = 16  # tokens of a prompt: salt and task alone


@dataclass(frozen=True, slots=True)
class Wish:
    """What every model is asked for."""

    runs: int = 3
    prompt_tokens: int = 512
    output_tokens: int = 128
    cold: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One model on one server. `cold` is empty where the model was in memory and stayed there."""

    model: str
    url: str
    label: str
    info: ModelInfo | None = None
    cold: Mapping[str, Figure] = field(default_factory=dict)
    warm: Mapping[str, Figure] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "server": self.url,
            "label": self.label,
            "context_length": self.info.context_length if self.info else None,
            "cold": {name: figure.as_dict() for name, figure in self.cold.items()} or None,
            "warm": {name: figure.as_dict() for name, figure in self.warm.items()} or None,
            "notes": list(self.notes),
            "error": self.error,
        }


type OnStep = Callable[[str], None]


class Measurement:
    """The steps of one model; `on_step` is told before each."""

    def __init__(self, backend: Backend, label: str, model: str, wish: Wish, on_step: OnStep) -> None:
        self._backend = backend
        self._label = label
        self._model = model
        self._wish = wish
        self._on_step = on_step
        self._notes: list[str] = []

    def result(self) -> Result:
        """A failure of the server is a result too."""
        try:
            info = self._described()
            cold, warm = self._measured(info)
        except ServerError as error:
            return Result(self._model, self._backend.url, self._label, error=str(error))
        figures_cold = _with_load(figures(cold), figures(warm))
        return Result(
            self._model, self._backend.url, self._label, info, figures_cold, figures(warm), tuple(self._notes)
        )

    def _described(self) -> ModelInfo:
        info = self._backend.describe(self._model)
        if not suits(info, "chat"):
            raise ModelMissing(NO_CHAT.format(self._model))
        return info

    def _measured(self, info: ModelInfo) -> tuple[list[Run], list[Run]]:
        asker, questions = Asker(self._backend), self._questions(info)
        was_cold = info.loaded is False
        cold: list[Run] = []
        first = self._first(asker, questions, whole=was_cold)
        if was_cold:
            cold = [first]
        elif self._wish.cold:
            cold = self._unloaded(asker, questions)
        elif can_unload(self._backend):
            self._notes.append(IN_MEMORY)
        warm = [self._step(asker, questions, f"run {at + 1} of {self._wish.runs}") for at in range(self._wish.runs)]
        self._judge(warm)
        return cold, warm

    def _questions(self, info: ModelInfo) -> Questions:
        room = (info.context_length or 0) - self._wish.output_tokens - ROOM
        wanted = self._wish.prompt_tokens
        if info.context_length and wanted > room:
            wanted = max(room, SMALLEST)
            self._notes.append(f"prompt of {wanted} tokens: the context holds {info.context_length:,}")
        return Questions(self._backend, info, wanted, self._wish.output_tokens)

    def _first(self, asker: Asker, questions: Questions, *, whole: bool) -> Run:
        """Loads what is not loaded, and shows how many tokens the words are."""
        while True:
            self._on_step("cold" if whole else "warm-up")
            try:
                run = asker.ask(questions.new(None if whole else WARM_UP_TOKENS))
            except ContextOverflow:
                if questions.prompt_tokens <= SMALLEST:
                    raise
                questions.shorten()
                self._notes.append(f"prompt of {questions.prompt_tokens} tokens: a longer one does not fit")
            else:
                questions.learn(run.prompt_tokens)
                return run

    def _unloaded(self, asker: Asker, questions: Questions) -> list[Run]:
        if not can_unload(self._backend):
            self._notes.append(STAYS)
            return []
        self._on_step("unload")
        unload(self._backend, self._model)
        return [self._step(asker, questions, "cold")]

    def _step(self, asker: Asker, questions: Questions, name: str) -> Run:
        self._on_step(name)
        return asker.ask(questions.new())

    def _judge(self, warm: list[Run]) -> None:
        lengths = [run.output_tokens for run in warm if run.output_tokens]
        if not lengths:
            self._notes.append("the server counts no tokens: no rates")
        elif min(lengths) < self._wish.output_tokens * SHORT:
            self._notes.append(f"answers ended after {min(lengths)} of {self._wish.output_tokens} tokens: rough rates")
        if not any(run.counters for run in warm):
            self._notes.append("the server tells no times of its own")


def _with_load(cold: dict[str, Figure], warm: Mapping[str, Figure]) -> dict[str, Figure]:
    """As the client sees it, loading is what the first token takes longer than when the model is there."""
    if "ttft_ms" in cold and "ttft_ms" in warm:
        longer = (cold["ttft_ms"].median - warm["ttft_ms"].median) / 1000
        return {**cold, "load_s_client": Figure((max(longer, 0.0),))}
    return cold
