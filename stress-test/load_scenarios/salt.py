"""What keeps a prompt out of the server's prefix cache: its first characters are like no other's."""


def salted(text: str, run: str, number: int, longest: int = 0) -> str:
    """A prefix, because servers cache from the front; `longest` characters in all."""
    whole = f"[{run}-{number}] {text}"
    return whole[:longest] if longest else whole
