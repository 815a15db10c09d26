"""The models that come with the repository, and where their files are."""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
TRAINED_MODEL = HERE / "models" / "demo.gguf"


@dataclass(frozen=True, slots=True)
class Model:
    """What a model is for, and what its server needs to know."""

    summary: str
    embedding: bool = False
    rerank: bool = False
    mmproj: str = ""  # the name of its projector


MODELS = {
    "demo": Model("trained from scratch: answers in English and Chinese, thinks, calls tools"),
    "chat": Model("wired by hand: thinks, says one sentence, calls a tool, obeys JSON schemas"),
    "embedding": Model("wired by hand: texts that share words get vectors that are close", embedding=True),
    "rerank": Model("wired by hand: scores documents by the words they share with the query", rerank=True),
    "vision": Model("wired by hand: names the colour that dominates a picture", mmproj="vision-mmproj"),
}


def model_path(name: str) -> Path:
    """The model's file; it is written into the cache first when it is not there yet."""
    path = cache_folder() / f"{name}.gguf"
    if not path.exists():
        _build(name, path)
    return path


def cache_folder() -> Path:
    """One folder for each state of the writers, so that no stale file is ever served."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "local-models-dify" / f"gguf-{_writers_hash()}"


def _writers_hash() -> str:
    digest = hashlib.sha256()
    writers = (HERE / "gguf").glob("*.[pj]*")  # Python and Jinja
    for source in [*sorted(writers), TRAINED_MODEL]:
        digest.update(source.name.encode() + source.read_bytes())
    return digest.hexdigest()[:12]


def _build(name: str, path: Path) -> None:
    """Write beside the goal, then rename: another process sees no file or a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent) as folder:
        unfinished = Path(folder) / path.name
        _writer(name)(unfinished)
        unfinished.replace(path)


def _writer(name: str) -> Callable[[Path], object]:
    # Imported here, because a model that is in the cache needs neither numpy nor gguf.
    from scripts.embedded.gguf import chat, embedding, rerank, vision  # noqa: PLC0415

    writers: dict[str, Callable[[Path], object]] = {
        "demo": lambda path: shutil.copyfile(TRAINED_MODEL, path),
        "chat": chat.write,
        "embedding": embedding.write,
        "rerank": rerank.write,
        "vision": vision.write,
        "vision-mmproj": vision.write_projector,
    }
    return writers[name]
