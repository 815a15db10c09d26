"""Takes the key out of every text: whole, without its dashes, encoded, or cut off at the end of a line."""

import base64
from collections.abc import Iterator
from urllib.parse import quote

HIDDEN = "‹key›"
PIECE = 6  # characters in a row that tell too much; fewer of them are found by chance


class Secret:
    """Compares in lower case, piece by piece, so that a part of the key is found as well as the whole."""

    def __init__(self, *keys: str) -> None:
        forms = {form for key in keys for form in _forms(key)}
        self._pieces = {form[at : at + PIECE] for form in forms for at in range(len(form) - PIECE + 1)}

    def hide(self, text: str) -> str:
        low = text.lower()
        if len(low) != len(text):  # a letter that becomes two
            low = text
        return "".join(self._parts(text, low)) if self._pieces else text

    def _parts(self, text: str, low: str) -> Iterator[str]:
        told = covered = 0  # what is given already, and where the key ends that was found
        for at in range(len(low) - PIECE + 1):
            if low[at : at + PIECE] not in self._pieces:
                continue
            if at > covered or covered == 0:
                yield text[told:at] + HIDDEN
            told = covered = at + PIECE
        yield text[told:]


def _forms(key: str) -> Iterator[str]:
    """In lower case, what the key looks like where somebody wrote it in another way."""
    if len(key) < PIECE:
        return
    data = key.encode()
    yield from {key.lower(), key.replace("-", "").lower(), quote(key, safe="").lower(), data.hex()}
    for before in range(3):  # base64 of a longer text: the key begins at any of three places
        whole = base64.b64encode(b"\0" * before + data).decode()
        yield whole[before and before + 1 : (before + len(data)) // 3 * 4].lower()
