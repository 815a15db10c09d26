"""Who answered, as people call it: told by the same signs as when a form is saved."""

from collections.abc import Callable

from provider.core.backends import label_of
from provider.core.fingerprint.identify import FIRST
from provider.core.fingerprint.identify import identify as find
from provider.core.fingerprint.signs import ollama
from provider.core.reachability.line import Page, Trouble

SOME_OPENAI = "an OpenAI-compatible server"
SOME_HTTP = "something that speaks HTTP"
NAMES = {"openai": SOME_OPENAI, **{kind: label_of(kind) for kind in ("ollama", "llamacpp", "lmstudio")}}
LOGIN = (401, 403)


def identify(first: Page, ask: Callable[[str], Page]) -> str:
    """The server's name, from its answer to `FIRST` and as few more as it takes; empty if it is none we know."""
    pages = {FIRST: first}

    def asked(path: str) -> Page:
        """KoboldCpp, like many who are no model server, closes the connection after each answer."""
        if path not in pages:
            try:
                pages[path] = ask(path)
            except Trouble:
                pages[path] = Page(0)
        return pages[path]

    found = find(asked) or ollama(first)  # a name is only a hint here; a form is saved for what is proven
    if found is None:
        return ""
    if found.kind == "openai" and not found.flavour:
        return SOME_OPENAI
    version = found.version if found.kind == "ollama" else ""
    return f"{label_of(found.kind, found.flavour)} {version}".strip()


def fits(kind: str, name: str) -> bool:
    """Whether the server called `name` is what the chosen kind means."""
    if kind in ("auto", "openai"):
        return name not in ("", SOME_HTTP)
    return name.startswith(NAMES.get(kind, name))


__all__ = ["FIRST", "LOGIN", "NAMES", "SOME_HTTP", "SOME_OPENAI", "fits", "identify"]
