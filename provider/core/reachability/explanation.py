"""From what was found at all doors to what the user reads."""

from collections.abc import Iterable
from dataclasses import dataclass

from provider.core.address import display, host_and_port, root_url
from provider.core.reachability.alternatives import HOST_NAMES
from provider.core.reachability.attempt import Finding, Place
from provider.core.reachability.causes import code_of, detail_of, source_of
from provider.core.reachability.codes import BY_CODE, words
from provider.core.reachability.identity import NAMES, SOME_HTTP, fits
from provider.core.reachability.network import Network
from provider.core.server import Tls

MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """An address that answers, and who is there."""

    url: str
    kind: str  # "Ollama 0.33.0", "llama.cpp", "LM Studio", "something that speaks HTTP"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a server is out of reach, and the one thing to do."""

    code: str  # a key of codes.BY_CODE
    cause: str
    remedy: str
    answered: tuple[Answer, ...] = ()
    tried: tuple[str, ...] = ()  # the other addresses where nothing answers

    @property
    def message(self) -> str:
        """The whole story in one paragraph."""
        return " ".join(filter(None, (self.cause, self._answered(), self._tried(), f"What to do: {self.remedy}")))

    def _answered(self) -> str:
        shown = ", ".join(f"{answer.url} ({answer.kind})" for answer in self.answered[:MOST_SHOWN])
        return f"What answers is {shown}." if shown else ""

    def _tried(self) -> str:
        return f"Nothing answers at {', '.join(self.tried)} either." if self.tried else ""


@dataclass(frozen=True, slots=True)
class Case:
    """What has to be explained."""

    url: str
    kind: str
    proxy: str
    tls: Tls
    network: Network


def explain(case: Case, finding: Finding, others: list[Finding]) -> Diagnosis:
    """The cause of this finding, and as its remedy another address if the server answers there."""
    code = code_of(finding, case.kind, case.network)
    cause, remedy = _words(case, finding, code)
    if not BY_CODE[code].elsewhere:
        return Diagnosis(code, cause, remedy)
    answered = _answers(case, others)
    better = next((answer.url for answer in answered if fits(case.kind, answer.kind)), "")
    if better:
        return Diagnosis(code, cause, f"Use {better} as the server address.", answered)
    remedy = _for_the_host(case, others) or remedy if code == "LOCALHOST_IN_CONTAINER" else remedy
    return Diagnosis(code, cause, remedy, answered, tuple(_silent(case, others)))


def _answers(case: Case, others: list[Finding]) -> tuple[Answer, ...]:
    """Who answered elsewhere: what was looked for, then other model servers, then what else has the typed port."""
    port = host_and_port(case.url)[1]
    told = [one for one in others if one.name or (one.page and one.place.port == port)]
    told.sort(key=lambda one: (not fits(case.kind, one.name), not one.name))
    return tuple(Answer(one.place.url, one.name or SOME_HTTP) for one in told)


def _words(case: Case, finding: Finding, code: str) -> tuple[str, str]:
    place = finding.place
    blanks = {
        "url": display(place.url),
        "host": place.host,
        "ip": place.ip,
        "port": str(place.port),
        "server": NAMES.get(case.kind, "a model server"),
        "source": source_of(place.ip) if place.ip else "",
        "family": "ipv6" if ":" in place.ip else "ipv4",
        "detail": detail_of(finding, code),
    }
    return words(code, case.kind, blanks)


def _for_the_host(case: Case, others: list[Finding]) -> str:
    """For one who typed localhost and means the host: what keeps the host's own name from working."""
    port = host_and_port(case.url)[1]
    missing = Finding(Place(root_url(HOST_NAMES[0], port), ""), "unknown name")
    by_name = [one for one in others if one.place.host in HOST_NAMES and one.place.port == port] or [missing]
    if by_name[0].page:
        return ""
    step = _words(case, by_name[0], code_of(by_name[0], case.kind, case.network))[1]
    return f"{step.rstrip('.')}. Then use {by_name[0].place.url} as the server address."


def _silent(case: Case, others: list[Finding]) -> Iterable[str]:
    """The other addresses in vain, as far as they have the typed port: the rest is only noise."""
    port = host_and_port(case.url)[1]
    return (other.place.url for other in others if not other.page and other.place.port == port)
