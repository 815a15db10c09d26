"""What a run was asked to do: Locust's options and ours, read once."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from load_client import Timeouts
from load_metrics.slo import Threshold, limits
from load_run import reading
from load_run.loads import BadLoad, Load, load_of
from load_scenarios import keys, prompts
from load_scenarios.lengths import Length
from load_scenarios.looking import Wanted
from load_scenarios.prompts import Prompt

HANDED_OVER = "LOAD_KEYS"  # JSON with names and keys, from whoever started this; never on a command line
DEFAULT_WARM_UP = 4  # requests; the first one of a cold model carries its loading


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything but the clock and the network."""

    wanted: Wanted
    load: Load
    prompts: tuple[Prompt, ...]
    length: Length | None
    salt: bool
    reuse: bool
    wait: tuple[float, float]
    timeouts: Timeouts
    max_in_flight: int
    warm_up: int | None
    behind: Wanted | None
    """The model server behind Dify, if it is to get the same prompts under the same load."""
    thresholds: Sequence[Threshold]
    allowed_errors: float
    baseline: Mapping[str, Any] | None
    baseline_file: str
    results: Path
    limits: Mapping[str, float] = field(default_factory=dict)


def read(options: Any, host: str, users: int, seconds: float) -> Settings:
    """Raises `ValueError`: what cannot be meant, or cannot go together."""
    load = load_of(options, users, seconds)
    if options.compare and load.sweeps:
        raise BadLoad("--compare is for one load, not for a sweep; run it at the load of interest")
    thresholds = reading.slo(options.slo) if options.slo else []
    wanted = _wanted(options, host)
    return Settings(
        wanted=wanted,
        load=load,
        prompts=tuple(_prompts(options)),
        length=reading.length(options.prompt_tokens) if options.prompt_tokens else None,
        salt=options.cache != "hit",
        reuse=options.connections != "new",
        wait=reading.wait(options.wait),
        timeouts=Timeouts(
            silence=reading.positive(options.silence_timeout), total=reading.positive(options.request_timeout)
        ),
        max_in_flight=reading.counting(options.max_in_flight),
        warm_up=reading.warm_up(options.warm_up),
        behind=_behind(options, wanted),
        thresholds=thresholds,
        allowed_errors=reading.share(options.allowed_errors),
        baseline=reading.report(options.baseline) if options.baseline else None,
        baseline_file=options.baseline,
        results=Path(options.results),
        limits=limits(thresholds),
    )


def _behind(options: Any, wanted: Wanted) -> Wanted | None:
    if not options.compare:
        return None
    return replace(wanted, host=options.compare, kind="auto", key=options.compare_key, keys={}, mix={})


def _wanted(options: Any, host: str) -> Wanted:
    if not host:
        raise BadLoad(
            "whom to ask? --host http://127.0.0.1:11434 is a model server, http://dify.example a Dify (with its app's key)"
        )
    mix = reading.mix(options.scenarios) if options.scenarios else {}
    return Wanted(
        host=host,
        kind=options.kind,
        key=options.key,
        keys=_keys(options),
        mix=mix,
        model=options.model,
        route=options.route,
        streaming=options.response == "streaming",
        turns=reading.counting(options.turns),
        inputs=reading.json_object(options.inputs) if options.inputs else {},
        max_tokens=reading.whole(options.max_tokens),
    )


def _keys(options: Any) -> dict[str, str]:
    """A file that lies there by itself is for runs that name scenarios; nobody else's server gets a key from it."""
    if options.key:
        return {}
    if options.keys_file:
        return keys.read(Path(options.keys_file))
    if HANDED_OVER in os.environ:
        return keys.of(json.loads(os.environ[HANDED_OVER]))
    usual = options.scenarios and keys.USUAL.is_file()
    return keys.read(keys.USUAL) if usual else {}


def _prompts(options: Any) -> list[Prompt]:
    if options.trace:
        return reading.trace(options.trace)[0]
    return prompts.read(Path(options.prompts)) if options.prompts else prompts.own()
