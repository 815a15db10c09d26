"""What a model may be asked to do, and which models can do it."""

from typing import Literal

from provider.core.model_info import ModelInfo

type Task = Literal["chat", "embedding", "rerank", "speech2text", "tts"]


def suits(info: ModelInfo, task: Task) -> bool:
    """Whether nothing that is known speaks against this task."""
    if task == "chat":
        return info.completion is not False and not info.embedding and not info.rerank
    able = {"embedding": info.embedding, "rerank": info.rerank, "speech2text": info.speech2text, "tts": info.tts}[task]
    return able is not False
