"""What errors say: a class, or the words of a program on the way."""

import re
from collections import Counter
from dataclasses import dataclass

from load_report.advice.facts import Facts, finished
from load_report.advice.findings import Finding
from load_report.advice.settings import (
    API_WORKERS,
    APP_LIMIT,
    DATABASE,
    GATEWAY,
    NETWORK,
    PLUGIN,
    QUEUE,
    Setting,
    of_model,
)

ENOUGH = 0.01  # a smaller share of requests than this explains nothing
UNREACHED = ("connect_refused", "connect_timeout", "unknown_name", "tls")
SILENT = ("read_timeout", "total_timeout")


@dataclass(frozen=True, slots=True)
class Sign:
    """Words that only one part says, or passes on from it."""

    part: str
    words: str
    why: str
    settings: tuple[Setting, ...]

    def is_in(self, message: str) -> bool:
        return re.search(self.words, message, re.IGNORECASE) is not None


SIGNS = (
    Sign("database", r"too many clients already|remaining connection slots|QueuePool limit|connection pool exhausted", "the database had no connection left", DATABASE),
    Sign("api_workers", r"current maximum concurrent requests|Too many requests\. Please try again", "Dify's limit of requests at once for this app turned them away", APP_LIMIT),
    Sign("plugin", r"places of this server were taken", "all places that the plugin's limit= allows were taken", PLUGIN[:1]),
    Sign("model", r"maximum pending requests|server busy", "the model server had too many requests waiting", QUEUE),
    Sign("model", r"Context size has been exceeded|exceeds the available context size|out of memory", "the model server ran out of room", ()),
    Sign("plugin", r"Plugin ?Daemon|killed by timeout", "the plugin daemon gave up or was not there", PLUGIN[1:]),
    Sign("api_workers", r"bad gateway|gateway time-?out|HTTP 50[24]", "nginx waited for Dify's API in vain", (*API_WORKERS[:2], *GATEWAY)),
)  # fmt: skip


def told_by_errors(facts: Facts) -> Finding | None:
    """The sign, or else the class, that explains most failed requests."""
    done = finished(facts.totals)
    if not done:
        return None
    found: Counter[Sign] = Counter()
    for error in facts.errors:
        sign = next((each for each in SIGNS if each.is_in(error.get("message") or "")), None)
        if sign:
            found[sign] += error["count"]
    sign, count = next(iter(found.most_common(1)), (None, 0))
    if sign and count >= ENOUGH * done:
        settings = sign.settings or of_model(facts.kind)
        return Finding(sign.part, f"{sign.why}: {count} of {done} requests", settings)
    return _by_class(facts, done)


def _by_class(facts: Facts, done: int) -> Finding | None:
    counts = Counter[str]()
    for error in facts.errors:
        counts[error["class"]] += error["count"]
    for classes, finding in ((UNREACHED, _unreached), (("http_429",), _throttled), (SILENT, _silent)):
        count = sum(counts[name] for name in classes)
        if count >= ENOUGH * done:
            return finding(facts, f"{count} of {done} requests")
    return None


def _unreached(facts: Facts, count: str) -> Finding:
    if facts.totals.get("ok") and facts.kind == "dify":
        return Finding("api_workers", f"under load Dify no longer took connections: {count}", API_WORKERS)
    if facts.totals.get("ok"):
        return Finding("model", f"under load the server no longer took connections: {count}", of_model(facts.kind))
    return Finding("network", f"nobody answered at the address: {count}", NETWORK)


def _throttled(facts: Facts, count: str) -> Finding:
    if facts.kind == "dify":
        return Finding("api_workers", f"Dify turned requests away for being too many: {count}", APP_LIMIT)
    return Finding("model", f"the server turned requests away for being too many: {count}", of_model(facts.kind))


def _silent(facts: Facts, count: str) -> Finding | None:
    """Only a model server's silence has one meaning."""
    if facts.kind == "dify":
        return None
    return Finding(
        "model", f"the server said nothing for too long, so requests waited for a slot: {count}", of_model(facts.kind)
    )
