"""What is wrong with the lines of `.env`, and one thing to do about each. No file is read here."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from scripts.debug.env_file import EnvFile, Line
from scripts.debug.target import HOST, KEY, METHOD, PLACE, PORT, URL, is_port, read_url

KNOWN = (METHOD, HOST, PORT, KEY, URL)
# Others that the SDK reads from here, and names of the kit that people keep in the same file.
OTHERS = (
    "MAX_REQUEST_TIMEOUT", "MAX_INVOCATION_TIMEOUT", "MAX_WORKER", "HEARTBEAT_INTERVAL", "DIFY_PLUGIN_DAEMON_URL",
    "HTTPX_TIMEOUT",
)  # fmt: skip
# As other documents call them.
ALSO_CALLED = {
    "REMOTE_HOST": HOST,
    "REMOTE_PORT": PORT,
    "REMOTE_KEY": KEY,
    "REMOTE_URL": URL,
    "DEBUG_KEY": KEY,
    "DEBUGGING_KEY": KEY,
    "PLUGIN_DEBUGGING_KEY": KEY,
    "REMOTE_INSTALL_METHOD": METHOD,
    "PLUGIN_REMOTE_INSTALL_HOST": HOST,
    "PLUGIN_REMOTE_INSTALL_PORT": PORT,
    "EXPOSE_PLUGIN_DEBUGGING_HOST": HOST,
    "EXPOSE_PLUGIN_DEBUGGING_PORT": PORT,
}
SIMILAR = 0.85
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
PLACEHOLDER = re.compile(r"[*<>…{}$]|\.\.\.|your|x{4}|replace|change|example|secret|^key$|^-+$", re.IGNORECASE)
BOM = "\ufeff"
QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class Finding:
    """`stops`: the plugin could not connect like this. The others are good to know."""

    code: str
    where: str
    wrong: str
    fix: str
    stops: bool = True


def check_lines(file: EnvFile, name: str, unused: Iterable[str] = ()) -> Iterator[Finding]:
    """`name` is what the file is called in the words; `unused` are names that are given elsewhere, and count there."""
    yield from _whole(file, name)
    for line in file.lines:
        if line.name not in unused:
            yield from _line(line, f"{name}, line {line.number}")
    yield from _duplicates(file, name)
    yield from _two_addresses(file, name)
    yield from _method(file, name)


def check_environment(environ: Mapping[str, str]) -> Iterator[Finding]:
    """There quotes are a part of the value."""
    where = "the environment"
    for name in KNOWN:
        value = environ.get(name, "")
        if value[:1] in QUOTES and value:
            wrong = f"{name} has quotes in its value, as `docker run --env-file` leaves them there"
            yield Finding("QUOTES", where, wrong, "write it without quotes where it is set")
        elif value:
            yield from _known(Line(0, name, value, f"{name}={value}"), where)


def check_key(key: str, where: str) -> Iterator[Finding]:
    """What can be said about a key without showing it."""
    if is_placeholder(key):
        yield Finding("KEY_PLACEHOLDER", where, f"{KEY} is still a placeholder", f"put the key there: {PLACE}")
    elif not UUID.fullmatch(key):
        wrong = f"{KEY} has not the shape of Dify's keys, 8-4-4-4-12 hexadecimal digits; it has {len(key)} characters"
        yield Finding("KEY_SHAPE", where, wrong, f"copy it again, whole: {PLACE}", stops=bool(re.search(r"\s", key)))


def is_placeholder(key: str) -> bool:
    return bool(re.fullmatch(r"0[0-]+", key) or (not UUID.fullmatch(key) and PLACEHOLDER.search(key)))


def _whole(file: EnvFile, name: str) -> Iterator[Finding]:
    if file.text.startswith(BOM):
        wrong = "it begins with a byte order mark, which becomes a part of the first name"
        yield Finding("BOM", name, wrong, f"take it away: sed -i '1s/^\\xEF\\xBB\\xBF//' {name}")
    if "\r" in file.text:
        wrong = "its lines end as on Windows: the SDK minds nothing, a shell that reads it gets \\r into each value"
        yield Finding("CRLF", name, wrong, f"sed -i 's/\\r$//' {name}", stops=False)


def _line(line: Line, where: str) -> Iterator[Finding]:
    if not line.name:
        wrong = "the SDK leaves this line out: a quote is not closed, or a space is in a name"
        yield Finding("UNREADABLE", where, wrong, "write NAME=value, without quotes", stops=_is_ours(line.written))
    elif line.name not in (*KNOWN, *OTHERS) and (meant := _meant(line.name)):
        yield Finding("UNKNOWN_NAME", where, f"the SDK knows no {line.name}", f"call it {meant}")
    elif line.name in KNOWN:
        yield from _known(line, where)


def _known(line: Line, where: str) -> Iterator[Finding]:
    if not line.value:
        yield Finding(
            "NO_VALUE", where, f"{line.name} has no value", "give it one, or delete the line", line.name == URL
        )
        return
    if re.search(r"=\s*[\"'].*[\"']", line.written):
        wrong = f"{line.name} is in quotes: the SDK takes them away, `docker run --env-file` does not"
        yield Finding("QUOTES", where, wrong, "write the value without quotes", stops=False)
    if line.name != KEY and UUID.search(line.value):
        wrong = f"{line.name} has what looks like the key"
        yield Finding("KEY_ELSEWHERE", where, wrong, f"write it as {KEY}=…, and as {line.name} what belongs there")
        return
    if line.name == PORT and not is_port(line.value):
        yield Finding("PORT", where, f"{PORT}={line.value} is no port", f"a number from 1 to 65535: {PORT}=5003")
    if line.name == URL and read_url(line.value) is None:
        fix = f"write HOST:PORT, such as {URL}=localhost:5003; or {HOST} and {PORT} instead"
        yield Finding("URL", where, f"{URL}={line.value} is no address with a port", fix)
    if line.name == HOST and re.search(r"[/:\s]", line.value) and not re.fullmatch(r"[0-9a-fA-F:]+", line.value):
        fix = f"write the name alone, and the port as {PORT}"
        yield Finding("HOST", where, f"{HOST}={line.value} is more than a host's name", fix)
    if line.name == KEY:
        yield from check_key(line.value, where)


def _duplicates(file: EnvFile, name: str) -> Iterator[Finding]:
    for each, times in Counter(line.name for line in file.lines if line.name in KNOWN).items():
        if times > 1:
            numbers = [line.number for line in file.lines if line.name == each]
            where = f"{name}, lines {', '.join(map(str, numbers))}"
            wrong = f"{each} is there {times} times, and the last one counts"
            yield Finding("DUPLICATE", where, wrong, f"keep line {numbers[-1]}, delete the others", stops=False)


def _two_addresses(file: EnvFile, name: str) -> Iterator[Finding]:
    values = file.values
    told = read_url(values.get(URL, ""))
    if told and any(values.get(each, want) != want for each, want in ((HOST, told[0]), (PORT, str(told[1])))):
        wrong = f"{URL} says {told[0]}:{told[1]}, {HOST} and {PORT} say something else; the SDK takes {URL}"
        yield Finding("TWO_ADDRESSES", name, wrong, "keep one of them", stops=False)


def _method(file: EnvFile, name: str) -> Iterator[Finding]:
    method, has_ours = file.values.get(METHOD, ""), any(line.name in KNOWN for line in file.lines)
    if method == "remote" or not has_ours:
        return
    wrong = f"{METHOD} is {method or 'missing'}; this command sets it by itself, `python -m main` would not connect"
    yield Finding("METHOD", name, wrong, f"{METHOD}=remote", stops=False)


def _meant(name: str) -> str:
    if name in ALSO_CALLED:
        return ALSO_CALLED[name]
    return next(iter(get_close_matches(name, KNOWN, 1, SIMILAR)), "")


def _is_ours(written: str) -> bool:
    return any(name in written.upper() for name in KNOWN)
