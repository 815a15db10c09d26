"""Memory under a thousand callers at once: in this process they are greenlets, as in the plugin's."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from gevent.monkey import is_module_patched

from provider.core.backends import Backend
from provider.core.dispatch import Target, dispatch
from provider.core.instances import Instance
from provider.core.model_info import ModelInfo
from provider.core.routing.state import STATES
from provider.core.server import Server
from tests.servers import Response, ScriptedServer

CALLERS = 1000
LISTED = Response.of_json({"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "tests"}]})


def test_a_thousand_callers_ask_each_server_once_and_leave_no_place_taken() -> None:
    assert is_module_patched("threading")
    with ScriptedServer(LISTED) as one, ScriptedServer(LISTED) as two:
        instances = tuple(Instance(s.url, (s.url,), "openai", limit=50) for s in (one, two))
        target = Target(Server(one.url), instances, "m", ModelInfo("m", "openai"))
        used: Counter[str] = Counter()
        most: Counter[str] = Counter()

        def answer(backend: Backend, _model: str) -> str:
            used[backend.url] += 1
            most[backend.url] = max(most[backend.url], used[backend.url])
            time.sleep(0.002)
            used[backend.url] -= 1
            return backend.url

        with ThreadPoolExecutor(CALLERS) as pool:
            answers = list(pool.map(lambda at: dispatch(target, "chat", answer, f"caller {at}"), range(CALLERS)))

    assert len(answers) == CALLERS
    assert {len(server.requests) for server in (one, two)} == {1}
    assert max(most.values()) <= 50
    assert min(Counter(answers).values()) > CALLERS / 4
    assert [STATES.of(instance.url).gate.load for instance in instances] == [0, 0]
