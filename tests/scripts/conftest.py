"""Programs that a test puts before the real ones."""

from pathlib import Path

import pytest


@pytest.fixture
def fake_program(tmp_path, monkeypatch):
    """Call it with a name and the lines of a shell script; commands started by the test then find that program first."""
    folder: Path = tmp_path / "programs"

    def put(name: str, script: str) -> None:
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    return put
