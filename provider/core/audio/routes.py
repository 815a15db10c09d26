"""Where servers take a recording, and with which fields. Their answers differ too, but one reader reads them all."""

from typing import ClassVar

from provider.core.backends import Backend
from provider.core.http import Reply, Upload
from provider.core.wire.multipart import encode

THERE = 405  # what web frameworks say to GET on a route for POST


class Route:
    """OpenAI's, the usual one."""

    name: ClassVar[str] = "openai"
    path: ClassVar[str] = "/v1/audio/transcriptions"

    def fields(self, model: str, language: str) -> dict[str, str]:
        """No prompt: it would pull the answer towards its own words. No language: the model hears which it is."""
        fields = {"model": model, "response_format": "json"}
        return {**fields, "language": language} if language else fields

    def text(self, text: str) -> str:
        return text

    def knock(self, backend: Backend, model: str) -> Reply:
        """Asks whether the route is there, without a recording, so that nothing is transcribed."""
        reply = backend.http.get(self.path)
        return reply if reply.status == THERE else backend.http.post(self.path, Upload(*encode({"model": model})))


class LlamaCpp(Route):
    """Without a model that hears it says so before it misses the recording."""

    name = "llamacpp"

    def knock(self, backend: Backend, model: str) -> Reply:
        """A router shall not load the model for this."""
        return backend.http.post(f"{self.path}?autoload=false", Upload(*encode({"model": model})))


class Inference(Route):
    """whisper.cpp's own. Its language is English unless it is told to find out."""

    name = "inference"
    path = "/inference"

    def fields(self, model: str, language: str) -> dict[str, str]:
        return {"response_format": "json", "language": language or "auto"}

    def text(self, text: str) -> str:
        """A line for each segment; where words need a blank between them, the segment begins with one."""
        return text.replace("\n", "").strip()

    def knock(self, backend: Backend, model: str) -> Reply:
        """A POST would wait until the recording in work is done."""
        return backend.http.options(self.path)


class InferenceAtOpenAI(Inference):
    """whisper-server --inference-path /v1/audio/transcriptions, as its users run it for OpenAI's clients."""

    name = "inference-openai"
    path = Route.path


ROUTES: dict[str, Route] = {each.name: each for each in (Route(), LlamaCpp(), Inference(), InferenceAtOpenAI())}
ANY = ("openai", "inference")
# By kind or flavour, what is worth trying, in this order.
KNOWN: dict[str, tuple[str, ...]] = {
    "whispercpp": ("inference", "inference-openai"),
    "llamacpp": ("llamacpp",),
    "ollama": ("openai",),
    "lmstudio": ("openai",),
}


def worth_trying(backend: Backend, known: str = "") -> list[Route]:
    """The one that worked before comes first."""
    names = KNOWN.get(backend.flavour) or KNOWN.get(backend.kind, ANY)
    return [ROUTES[name] for name in sorted(names, key=lambda name: name != known)]
