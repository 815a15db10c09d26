"""What may be in the package at all: the listed files, pinned requirements, icons, nothing large and no secret."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from scripts.packaging.documents import at
from scripts.packaging.shipped import NEEDED, SHIPPED

MOST_BYTES = 50 * 1024 * 1024  # uncompressed, the daemon's default limit
ICONS = ("icon_small", "icon_large", "icon_small_dark", "icon_large_dark")
SECRETS = {
    "a private key": rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "an AWS key": rb"\bAKIA[0-9A-Z]{16}\b",
    "a GitHub token": rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})",
    "a Hugging Face token": rb"\bhf_[A-Za-z0-9]{30,}",
    "an OpenAI key": rb"\bsk-[A-Za-z0-9_-]{20,}",
    "a Google key": rb"\bAIza[0-9A-Za-z_-]{35}",
    "a Slack token": rb"\bxox[abprs]-[0-9A-Za-z-]{10,}",
    "a JSON web token": rb"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]+",
    "a password in a URL": rb"https?://[^\s/:@\"'{}<>]+:[^\s/:@\"'{}<>]{6,}@",
}
PIN = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w,.-]+\])?==[^\s;@]+(\s*;[^\\]*?)?(\s+--hash=sha256:[0-9a-f]{64})+")


def name_problems(names: list[str], expected: tuple[str, ...]) -> Iterator[str]:
    yield from (f"{name} is missing" for name in NEEDED if name not in names)
    yield from (f"{name} is in the package twice" for name, count in Counter(names).items() if count > 1)
    yield from (f"{name} is in the package but not on the list" for name in names if not SHIPPED.fullmatch(name))
    yield from (f"{name} was packed but is not in the package" for name in expected if name not in names)
    yield from (f"{name} is in the package but was not packed" for name in names if name not in expected)


def size_problems(files: Mapping[str, bytes]) -> Iterator[str]:
    size = sum(map(len, files.values()))
    if size > MOST_BYTES:
        largest = sorted(files, key=lambda name: -len(files[name]))[:3]
        yield f"{size} bytes unpacked are more than Dify takes ({MOST_BYTES}); the largest are {', '.join(largest)}"


def secret_problems(files: Mapping[str, bytes]) -> Iterator[str]:
    """Names what it found and where, never the secret itself: the report may end in a public log."""
    for name, content in files.items():
        for what, pattern in SECRETS.items():
            if found := re.search(pattern, content):
                yield f"{name}:{content.count(b'\n', 0, found.start()) + 1}: holds what looks like {what}"


def icon_problems(
    files: Mapping[str, bytes], manifest: Mapping[str, Any], provider: Mapping[str, Any]
) -> Iterator[str]:
    """An icon is looked up by its bare name at the top of _assets, once for every language."""
    wanted = {f"manifest.yaml: {key}": at(manifest, key) for key in ("icon", "icon_dark")}
    for key in ICONS:
        translated = at(provider, key)
        names = translated if isinstance(translated, dict) else {"en_US": translated}
        wanted |= {f"provider: {key}.{language}": name for language, name in names.items()}
    for place, name in wanted.items():
        if name is not None and f"_assets/{name}" not in files:
            yield f"{place}: there is no _assets/{name}"


def reference_problems(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[str]:
    privacy, entrypoint = at(manifest, "privacy"), at(manifest, "meta.runner.entrypoint")
    wanted = {"privacy": privacy, "meta.runner.entrypoint": f"{str(entrypoint).replace('.', '/')}.py"}
    for place, name in wanted.items():
        if str(name) not in files:
            yield f"manifest.yaml: {place} names {name}, which is not in the package"


def requirement_problems(files: Mapping[str, bytes]) -> Iterator[str]:
    """Everything pinned and hashed, and nothing that says where to get it: the user's own index must do."""
    text = files.get("requirements.txt", b"").decode(errors="replace")
    lines = [line.split(" #")[0].strip() for line in text.replace("\\\n", " ").splitlines()]
    pins = [line for line in lines if line and not line.startswith("#")]
    for line in pins:
        if not PIN.fullmatch(line):
            yield f"requirements.txt: not a pin with hashes: {line[:80]}"
    if not any(re.match(r"dify[-_]plugin==", pin) for pin in pins):
        yield "requirements.txt: dify-plugin is not in it"
