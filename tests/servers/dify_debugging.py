"""A Dify that gives its debugging key away, with a host that is right only on its own machine."""

from tests.servers.debugging_port import KEY
from tests.servers.dify import PLUGIN, ScriptedDify
from tests.servers.dify_answers import done, refusal
from tests.servers.exchange import Request, Response


class DebuggingDify(ScriptedDify):
    def __init__(self, port: int, key: str = KEY, host: str = "localhost") -> None:
        super().__init__()
        self.key, self.told = key, {"host": host, "port": port}
        self.may_debug = True

    def _routes(self):
        return [("GET", f"{PLUGIN}/debugging-key", self._debugging_key, False), *super()._routes()]

    def _debugging_key(self, request: Request) -> Response:
        if not self.may_debug:
            raise refusal(403, "forbidden", "You don't have the permission to access the requested resource.")
        return done({"key": self.key, **self.told})
