"""Which instance serves which model: asked in parallel, remembered for a minute, asked once for many callers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provider.core import errors, inspection
from provider.core.backends import Backend, open_backend
from provider.core.catalog import Memory
from provider.core.instances import Instance
from provider.core.parallel import in_parallel
from provider.core.routing.circuit import Circuit
from provider.core.routing.state import STATES
from provider.core.server import Server

_backends = Memory()
_offers = Memory()


@dataclass(frozen=True, slots=True)
class Stock:
    """What one instance has, or why it could not be asked."""

    instance: Instance
    backend: Backend | None = None
    models: tuple[str, ...] = ()
    error: errors.ServerError | None = None

    def has(self, model: str) -> bool:
        """Exactly this model, by the server's own rule for names."""
        return self.backend is not None and any(self.backend.is_same_model(model, each) for each in self.models)


def backend_of(template: Server, instance: Instance) -> Backend:
    """Forms saved by this plugin know the kind; others are looked at once a minute."""
    server = replace(template, url=instance.url, kind=instance.kind)
    if instance.kind != "auto":
        return open_backend(server, instance.flavour)
    found, print_ = _backends.get((server, instance.urls), lambda: inspection.find(server, instance.urls))
    return open_backend(found, print_.flavour)


def take_stock(template: Server, instances: Sequence[Instance], *, again: bool = False) -> list[Stock]:
    """The stock of every instance, in their order. `again` forgets what was remembered."""
    stocks = {} if again else {each: stock for each in instances if (stock := _remembered(template, each))}
    missing = [each for each in instances if each not in stocks]
    asked = in_parallel([lambda each=each: _stock(template, each, again=again) for each in missing])
    stocks |= dict(zip(missing, asked, strict=True))
    return [stocks[each] for each in instances]


def _remembered(template: Server, instance: Instance) -> Stock | None:
    """Without a thread and without a question: that is nearly every call."""
    models = _offers.peek((template, instance))
    return None if models is None else Stock(instance, backend_of(template, instance), models)


def _stock(template: Server, instance: Instance, *, again: bool) -> Stock:
    """A server that is known to be out of reach is not asked in every call."""
    key, circuit = (template, instance), STATES.of(instance.url).circuit
    if again and circuit.is_ready:
        _offers.forget(key)
    try:
        backend = backend_of(template, instance)
        return Stock(instance, backend, _offers.get(key, lambda: _asked(backend, circuit)))
    except errors.ServerError as error:
        return Stock(instance, error=error)


def _asked(backend: Backend, circuit: Circuit) -> tuple[str, ...]:
    if not circuit.may_pass():
        raise errors.Unreachable(circuit.reason or f"{backend.url} is being tried just now")
    try:
        offers = backend.offers()
    except errors.ServerError as error:
        if isinstance(error, errors.Unreachable | errors.TimedOut | errors.Failed):
            circuit.failed(str(error))
        else:
            circuit.gave_no_verdict()
        raise
    circuit.succeeded()
    return offers
