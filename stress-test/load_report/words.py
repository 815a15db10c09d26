"""Numbers, names and classes as people read them; what is not known is a dash."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

NOTHING = "–"
SECOND = 1000.0  # ms

CLASSES = {
    "connect_refused": "nothing listens at the address",
    "connect_timeout": "no connection within the time allowed",
    "unknown_name": "the host's name is not known",
    "tls": "no encrypted connection",
    "http_4xx": "the server refuses the request (400, 401, 403, 404, 413, 422)",
    "http_429": "turned away for being too many; Dify says it with status 400",
    "http_5xx": "the server, or a proxy before it, failed",
    "read_timeout": "no byte for the time allowed",
    "total_timeout": "not finished within the time allowed",
    "stream_truncated": "the stream ended before its last event",
    "app_error": "an error inside a 200 answer: an error event, a workflow that did not succeed or waits for a person",
    "protocol": "not HTTP, bad chunks, bad JSON or another content type",
    "empty_answer": "finished, but without a word",
    "client_cancelled": "given up by the load generator",
    "incomplete_at_end": "still open when the run ended; neither good nor bad",
}
"""The class of a failed request, and what it means."""

PARTS = {
    "model": "the model server",
    "plugin": "the plugin, or Dify's plugin daemon",
    "api_workers": "Dify's API workers",
    "database": "Dify's database",
    "client": "the load generator itself",
    "network": "the way to the server",
    "none": "nothing, at this load",
    "unknown": "not known yet",
}

COMPARED = {
    "error_rate": "failed requests",
    "requests_per_s": "requests a second",
    "output_tokens_per_s": "tokens a second",
}


def ms(value: float | None) -> str:
    """Milliseconds, from one second on as seconds; three digits or so."""
    if value is None:
        return NOTHING
    if value >= 100 * SECOND:
        return f"{value / SECOND:,.0f} s"
    if value >= SECOND:
        return f"{value / SECOND:.2f} s"
    if value >= 100:
        return f"{value:.0f} ms"
    return f"{value:.3g} ms" if value >= 1 else f"{value:.2g} ms"


def number(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def share(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{100 * value:.3g} %"


def signed(value: float | None, told: str) -> str:
    """A difference: `told` is its absolute value in words."""
    if value is None:
        return NOTHING
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{told}"


def metric(name: str) -> str:
    """`ttft_p95` as `TTFT p95`."""
    if name in COMPARED:
        return COMPARED[name]
    base, _, stat = name.rpartition("_")
    known = {"e2e_scheduled": "E2E from schedule", "schedule_lag": "schedule lag", "client_lag": "client lag", "tokens_per_s_user": "tokens a second and user"}  # fmt: skip
    if re.fullmatch(r"p\d+|mean|min|max", stat):
        return f"{known.get(base, base.upper())} {stat}"
    return known.get(name, name.replace("_", " "))


def value(name: str, amount: float | None) -> str:
    """An amount of a metric, in its own unit."""
    if name.startswith("error_rate"):
        return share(amount)
    return number(amount) if "_per_s" in name else ms(amount)


def threshold(told: Mapping[str, Any]) -> str:
    """As a condition: TTFT p95 ≤ 2.00 s."""
    name = told["metric"] + (f"_{told['stat']}" if told.get("stat") else "")
    return f"{metric(name)} {'≥' if '_per_s' in name else '≤'} {_limit(name, told['limit'])}"


def _limit(name: str, amount: float) -> str:
    """As round as it was said."""
    if name.startswith("error_rate"):
        return f"{100 * amount:g} %"
    if "_per_s" in name:
        return f"{amount:g}"
    return f"{amount / SECOND:g} s" if amount >= SECOND else f"{amount:g} ms"


def sentence(document: Mapping[str, Any]) -> str:
    """The verdict's sentence, with its thresholds as conditions."""
    text = (document.get("verdict") or {}).get("sentence") or "This run has no verdict."
    for each in document.get("slo") or ():
        text = text.replace(each["text"], threshold(each))
    return text


def load(told: Mapping[str, Any] | None) -> str:
    """`mode` and what goes with it, in one line."""
    told = dict(told or {})
    mode = "search" if "find_users" in told else told.get("mode")
    told |= {"steps": plain(told["steps"])} if "steps" in told else {}
    texts = {
        "users": "{users:g} users, each asking again when it was answered",
        "rate": "{rate:g} requests a second, {arrivals} gaps",
        "burst": "{size:g} requests at once every {every_s:g} s",
        "trace": "{requests} requests at the times of a trace",
        "ramp": "from {from:g} to {to:g} {unit}",
        "sweep": "{steps} {unit}, {step_s:g} s each",
        "search": "searched for up to {find_users:g} {unit}, {step_s:g} s each",
    }
    try:
        return texts[mode].format(**told) if mode in texts else _listed(told)
    except (KeyError, ValueError):
        return _listed(told)


def _listed(told: Mapping[str, Any]) -> str:
    return joined(f"{name.replace('_', ' ')} {plain(each)}" for name, each in told.items() if each not in (None, ""))


def plain(told: Any) -> str:
    """Any value of the conditions."""
    if told is None:
        return NOTHING
    if isinstance(told, bool):
        return "yes" if told else "no"
    if isinstance(told, Mapping):
        return joined(f"{name} {plain(each)}" for name, each in told.items()) or NOTHING
    if isinstance(told, (list, tuple)):
        return joined(plain(each) for each in told) or NOTHING
    return f"{told:g}" if isinstance(told, float) else str(told)


def one_line(text: str) -> str:
    """A server may say anything: line ends, and what a terminal takes for commands, become blanks."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def joined(texts: Iterable[str]) -> str:
    return ", ".join(texts)
