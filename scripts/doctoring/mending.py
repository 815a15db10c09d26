"""What may be written, after asking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

OVERRIDE = 'services:\n  plugin_daemon:\n    extra_hosts: ["host.docker.internal:host-gateway"]\n'


def mend(report: dict[str, Any], agreed: Callable[[str], str] = input) -> None:
    """Writes only into this folder, only what it shows, and nothing over what is there."""
    offers = [(".env", f"OLLAMA_BASE_URL={report['url']}\n")] if report["ok"] else []
    if (
        any(found["code"] == "HOST_NAME_MISSING" for found in report["findings"])
        and Path("docker-compose.yaml").exists()
    ):
        offers.append(("docker-compose.override.yaml", OVERRIDE))
    for name, text in offers:
        path = Path(name)
        there = path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""
        if text in there:
            continue
        if (there and name != ".env") or "OLLAMA_BASE_URL=" in there:
            print(f"{name} is there already; put this into it yourself:\n{text}")
        elif agreed(f"Write this to {path.resolve()}?\n{text}[y/N] ").strip().lower() in ("y", "yes"):
            whole = there + ("\n" if there and not there.endswith("\n") else "") + text
            path.write_text(whole, encoding="utf-8", errors="surrogateescape")
