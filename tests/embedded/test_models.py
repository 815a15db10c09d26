import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from scripts.embedded.models import MODELS, TRAINED_MODEL, cache_folder, model_path

ROOT = Path(__file__).parents[2]
FILES = [*MODELS, "vision-mmproj"]
BUILD = """
import sys
from scripts.embedded.models import model_path
for name in sys.argv[1:]:
    print(model_path(name))
"""


def build(cache, *names):
    """In a process of its own, as a server does it."""
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-c", BUILD, *names]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def built(process):
    with process:
        return [Path(line) for line in process.stdout.read().splitlines()]


def digest(path):
    return sha256(path.read_bytes()).hexdigest()


def test_two_builds_at_the_same_time_give_the_same_bytes_and_leave_nothing_else(tmp_path):
    alone, *together = [build(tmp_path / cache, *FILES) for cache in ("one", "two", "two")]

    first, second, third = map(built, [alone, *together])

    assert [path.name for path in first] == [f"{name}.gguf" for name in FILES]
    assert list(map(digest, first)) == list(map(digest, second))
    assert second == third
    assert sorted(second[0].parent.iterdir()) == sorted(second)


@pytest.mark.parametrize("name", FILES)
def test_a_model_that_is_there_is_not_built_again(name):
    path = model_path(name)
    before = path.stat()

    assert model_path(name).stat() == before


def test_the_cache_is_where_the_user_wants_caches(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder().parent == tmp_path / "local-models-dify"

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder().parent == tmp_path / ".cache" / "local-models-dify"


def test_the_trained_model_is_taken_from_the_repository():
    assert digest(model_path("demo")) == digest(TRAINED_MODEL)
