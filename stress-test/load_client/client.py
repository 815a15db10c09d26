"""Asks, and waits: an `Ask` becomes an `Exchange`, whatever the server or the network does."""

from time import monotonic_ns

from gevent import GreenletExit

from load_client.answer import Answer
from load_client.ask import Ask, address_of, request_bytes
from load_client.failures import outcome_of, told, without_secrets
from load_client.pool import Pool
from load_client.reading import Reading
from load_client.wire import Connection
from load_metrics.exchange import Exchange, Outcome

NS_PER_MS = 1_000_000
BEFORE_ANSWER = (Outcome.CONNECT_REFUSED, Outcome.CONNECT_TIMEOUT, Outcome.UNKNOWN_NAME, Outcome.TLS)


class Client:
    """One for each process; greenlets may share it."""

    def __init__(self) -> None:
        self.open: set[Exchange] = set()
        """Those in flight now."""
        self.cut: list[Exchange] = []
        """Those whose greenlet was killed: their servers may still be at work."""
        self._pool = Pool()

    def ask(self, ask: Ask) -> Exchange:
        """Waits for the answer. Raises `BadAddress` and nothing else; a killed greenlet leaves its exchange in `cut`."""
        address_of(ask.url)
        request = request_bytes(ask)
        exchange = Exchange(ask.name, ask.streaming, ask.scheduled)
        self.open.add(exchange)
        try:
            self._run(ask, request, exchange)
        except GreenletExit:
            exchange.closed = monotonic_ns()
            self.cut.append(exchange)
            raise
        finally:
            self.open.discard(exchange)
        return exchange

    def close(self) -> None:
        self._pool.close()

    def _run(self, ask: Ask, request: bytes, exchange: Exchange) -> None:
        start = monotonic_ns()
        exchange.sent = start
        connection = self._pool.take(address_of(ask.url)) if ask.reuse else None
        if connection is not None and self._try(connection, ask, request, exchange, start):
            return
        try:
            connection = Connection.open(address_of(ask.url), ask.timeouts.connect)
        except (OSError, UnicodeError) as error:
            self._fail(exchange, ask, error)
            return
        exchange.server["connect_ms"] = (monotonic_ns() - start) / NS_PER_MS
        self._try(connection, ask, request, exchange, start, fresh=True)

    def _try(
        self, connection: Connection, ask: Ask, request: bytes, exchange: Exchange, start: int, *, fresh: bool = False
    ) -> bool:
        """Whether that settled it: a kept connection that the server had closed without a byte did not."""
        answer = Answer(exchange, ask.dialect)
        reading = Reading(connection, answer)
        exchange.sent = monotonic_ns()
        kept = False
        try:
            connection.write(request, ask.timeouts.silence)
            reading.wait(ask.timeouts, start)
            if not fresh and not answer.response.begun and not answer.done:
                return False
            self._settle(ask, answer, reading.error)
            kept = ask.reuse and answer.response.reusable and not connection.dead
        except OSError as error:
            if not fresh and not answer.response.begun:
                return False
            self._fail(exchange, ask, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the user's greenlet unnoticed
            self._fail(exchange, ask, error)
        finally:
            self._leave(connection, kept=kept)
        return True

    def _settle(self, ask: Ask, answer: Answer, error: OSError | None) -> None:
        answer.finish(monotonic_ns())
        exchange = answer.exchange
        if error and exchange.outcome is Outcome.STREAM_TRUNCATED:
            exchange.message = f"{exchange.message} ({error})"
        if exchange.message:
            exchange.message = without_secrets(f"{_where(ask)}: {exchange.message}", ask.headers)

    def _leave(self, connection: Connection, *, kept: bool) -> None:
        connection.ended = None
        if kept:
            self._pool.give(connection)
        else:
            connection.close()

    def _fail(self, exchange: Exchange, ask: Ask, error: BaseException) -> None:
        exchange.closed = monotonic_ns()
        exchange.outcome = outcome_of(error)
        base = str(address_of(ask.url)) if exchange.outcome in BEFORE_ANSWER else _where(ask)
        exchange.message = without_secrets(told(base, error, exchange.outcome), ask.headers)


def _where(ask: Ask) -> str:
    """The address without what may be secret: user names and queries are left out."""
    return f"{address_of(ask.url)}{ask.url.partition('?')[0].partition('://')[2].partition('/')[1]}{_path(ask.url)}"


def _path(url: str) -> str:
    return url.partition("?")[0].partition("://")[2].partition("/")[2]
