"""Stop words, obeyed here too: some servers ignore them or send them along."""

from provider.core.wire.thinking import partial_suffix


class StopGuard:
    """Passes text on until the first stop word; holds back only what could be the beginning of one."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = tuple(word for word in words if word)
        self._held = ""
        self.stopped = False

    def __bool__(self) -> bool:
        return bool(self._words)

    def feed(self, text: str) -> str:
        if self.stopped:
            return ""
        text = self._held + text
        found = [at for word in self._words if (at := text.find(word)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        keep = max(partial_suffix(text, word) for word in self._words)
        cut = len(text) - keep
        self._held = text[cut:]
        return text[:cut]

    def end(self) -> str:
        held, self._held = self._held, ""
        return held
