"""Who is asked, in which order, and what happens when one fails before its first word."""

import logging
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from provider.core import errors
from provider.core.backends import Backend
from provider.core.instances import Instance
from provider.core.routing.choice import Candidate, ordered
from provider.core.routing.in_flight import InFlight
from provider.core.routing.inventory import Stock, take_stock
from provider.core.routing.state import STATES, State
from provider.core.server import Server

logger = logging.getLogger(__name__)

# Before the first word another server can take over. A time-out cannot: nobody waits twice for it.
ELSEWHERE = (errors.Unreachable, errors.Failed, errors.Loading, errors.Busy, errors.BrokenStream, errors.ModelMissing)
ILL = (errors.Unreachable, errors.Failed)  # opens the circuit: no connection, or a 5xx

type Ask[Result] = Callable[[Backend], Result]


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to answer: an instance, opened."""

    instance: Instance
    backend: Backend
    state: State


def among(template: Server, instances: Sequence[Instance], model: str) -> list[Choice]:
    """The instances that have exactly this model.

    Raises:
        ModelMissing: none has it; lists what each has instead.
    """
    for again in (False, True):  # a model may have come since the last look
        stocks = take_stock(template, instances, again=again)
        if having := [_choice(stock) for stock in stocks if stock.has(model)]:
            return having
    raise _nowhere(stocks, model)


def ready(template: Server, instances: Sequence[Instance]) -> list[Choice]:
    """The instances that answer and have any model, in the order they were typed; those known to be ill come last."""
    stocks = take_stock(template, instances)
    answering = [_choice(stock) for stock in stocks if stock.models]
    if not answering:
        raise _nowhere(stocks, "")
    return sorted(answering, key=lambda choice: not choice.state.circuit.is_ready)


def by_load(choices: Sequence[Choice], sticky: str) -> list[Choice]:
    """The least loaded first; the favourite of a conversation before it."""
    by_url = {choice.instance.url: choice for choice in choices}
    candidates = [
        Candidate(choice.instance, choice.state.gate.load, choice.state.circuit.is_ready) for choice in choices
    ]
    return [by_url[candidate.instance.url] for candidate in ordered(candidates, sticky)]


def first_that_answers[Result](choices: Sequence[Choice], ask: Ask[Result]) -> Result:
    """Ask one after the other, until one has said its first word.

    Raises:
        ServerError: of the only one asked, or of all of them in one text.
    """
    failures: list[tuple[Choice, errors.ServerError]] = []
    for at, choice in enumerate(choices):
        if at and not choice.state.circuit.is_ready:
            continue  # it would only fail again; the first is tried in any case
        others = any(each.state.circuit.is_ready for each in choices[at + 1 :])
        try:
            return ask_one(choice, ask, wait_for_it=not others)
        except ELSEWHERE as error:
            failures.append((choice, error))
            logger.warning("%s could not answer: %s", choice.instance.name, _brief(error))
    raise _all_failed(failures)


def ask_one[Result](choice: Choice, ask: Ask[Result], *, wait_for_it: bool = True) -> Result:
    """Take a place, ask, and keep the place as long as the answer streams."""
    circuit, gate = choice.state.circuit, choice.state.gate
    if not circuit.may_pass() and not wait_for_it:
        raise errors.Unreachable(f"{choice.instance.url} is left alone for a moment: {circuit.reason}")
    choice.backend.waits = wait_for_it
    gate.enter(choice.instance.limit, choice.backend.http.server.timeouts.first_token)
    try:
        answer = _begun(_checked(choice, ask), gate.leave)
    except BaseException as error:
        gate.leave()
        _judge(choice, error)
        raise
    circuit.succeeded()
    if not isinstance(answer, InFlight):
        gate.leave()
    return answer


def _checked[Result](choice: Choice, ask: Ask[Result]) -> Result:
    """A server that was ill is asked for its health before it gets a person's question."""
    if not choice.state.circuit.is_closed:
        choice.backend.check_health()
    return ask(choice.backend)


def _begun(answer: Any, leave: Callable[[], None]) -> Any:
    """A stream is read up to its first word: until then another server can take over."""
    if not isinstance(answer, Generator):
        return answer
    first = next(answer, None)
    return InFlight(answer, [] if first is None else [first], leave)


def _judge(choice: Choice, error: BaseException) -> None:
    if isinstance(error, ILL):
        choice.state.circuit.failed(str(error))
    else:
        choice.state.circuit.gave_no_verdict()


def _brief(error: errors.ServerError) -> str:
    """For the log: a broken answer may quote what the model said, and that is nobody else's business."""
    kind = type(error).__name__
    return kind if isinstance(error, errors.BrokenStream) else f"{kind}, {str(error)[:300]}"


def _choice(stock: Stock) -> Choice:
    assert stock.backend is not None  # noqa: S101 - it could be asked, so it has one
    return Choice(stock.instance, stock.backend, STATES.of(stock.instance.url))


def _nowhere(stocks: Sequence[Stock], model: str) -> errors.ServerError:
    said = "; ".join(_said(stock) for stock in stocks)
    if all(stock.error for stock in stocks):
        return errors.Unreachable(f"None of the {len(stocks)} servers answers. {said}")
    wanted = f"has the model “{model}”" if model else "has a model"
    return errors.ModelMissing(f"None of the {len(stocks)} servers {wanted}. {said}")


def _said(stock: Stock) -> str:
    where = f"{stock.instance.name} ({stock.instance.url})"
    if stock.error:
        return f"{where} did not say: {stock.error}"
    return f"{where} has {', '.join(stock.models[:20]) or 'none'}"


def _all_failed(failures: list[tuple[Choice, errors.ServerError]]) -> errors.ServerError:
    if len(failures) == 1:
        return failures[0][1]
    said = "; ".join(f"{choice.instance.name}: {error}" for choice, error in failures)
    return type(failures[0][1])(f"{len(failures)} servers were asked and none could answer. {said}")
