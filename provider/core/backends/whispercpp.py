"""whisper.cpp's whisper-server: one model, which it neither names nor asks for."""

from typing import Any

from provider.core import errors
from provider.core.backends.openai import OpenAICompatible
from provider.core.chat import ChatRequest
from provider.core.model_info import ModelInfo

NAME = "whisper"


class WhisperCpp(OpenAICompatible):
    program = "whispercpp"
    label = "whisper.cpp"
    how_to_start = "whisper-server --model FILE.bin --host 0.0.0.0 --port 8080 --language auto"

    def entries(self) -> list[dict[str, Any]]:
        """There is no list; that it answers is asked all the same."""
        self.check_health()
        return [{"id": NAME}]

    def read(self, entry: dict[str, Any]) -> ModelInfo:
        return ModelInfo(
            entry["id"],
            self.kind,
            self.program,
            completion=False,
            embedding=False,
            rerank=False,
            tts=False,
            loaded=True,
        )

    def describe(self, model: str) -> ModelInfo:
        return self.read({**self.entry(model), "id": model})

    def is_same_model(self, one: str, other: str) -> bool:
        """It says no name, so each that begins with “whisper” is right: whisper-1, whisper-large-v3."""
        return one.lower().startswith(NAME) and other.lower().startswith(NAME)

    def how_to_get(self, model: str) -> str:
        return f"It does not say which model it runs: call it {NAME}, or anything that begins so."

    def check_health(self) -> None:
        """Versions before /health answer 404, and so do newer ones while they load; it is there in both cases."""
        self.http.get("/health")

    def encode(self, request: ChatRequest) -> tuple[str, dict[str, Any]]:
        raise errors.Rejected(f"{self.label} at {self.url} only transcribes, and cannot chat")
