"""What load, in which stages; and what may follow from a stage. All of it without a clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from load_metrics import sweep
from load_run import reading
from load_run.reading import PER_SECOND, USERS
from load_scenarios.arrivals import Arrivals

ONE_OF = ("rate", "ramp", "burst", "sweep", "find_users", "trace")
STEP_DRAIN, TRACE_DRAIN = 10.0, 30.0  # seconds
AFTER_LAST = 0.1  # seconds that the window of a trace is longer than the trace: the last request is part of it
RUN, MODEL = "run", "model"


class BadLoad(ValueError):
    """Options that cannot go together; the text says which."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One load for some time. Users ask in a closed loop unless there are `arrivals`."""

    load: float
    unit: str = USERS
    seconds: float = 0.0
    """0: until somebody stops it."""
    users: int = 0
    to_users: int = 0
    """A ramp ends here; 0: the number stays."""
    arrivals: Arrivals | None = None
    drain: float = 0.0
    labels: tuple[str, ...] = (RUN,)
    """Which tallies it is counted to."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was asked for. `told` goes into the report."""

    mode: str
    told: Mapping[str, Any]
    stages: tuple[Stage, ...]
    most_users: int = 0
    """Of a search for the SLO."""

    @property
    def sweeps(self) -> bool:
        return self.mode in ("sweep", "search")

    @property
    def unit(self) -> str:
        return self.stages[0].unit

    def following(self, done: Sequence[Mapping[str, Any]]) -> Stage | None:
        """The next stage after these steps, each with `load` and `met_slo`; `None` at the end."""
        if self.mode != "search":
            return self.stages[len(done)] if len(done) < len(self.stages) else None
        users = sweep.next_load(done, self.most_users)
        return None if users is None else _step(self.stages[0], users, USERS, len(done))


def load_of(options: Any, users: int, seconds: float) -> Load:
    """From Locust's options and ours; raises `BadLoad`."""
    chosen = [name for name in ONE_OF if getattr(options, name)]
    if len(chosen) > 1:
        raise BadLoad(f"--{' and --'.join(name.replace('_', '-') for name in chosen)} are different loads; take one")
    mode = chosen[0] if chosen else "users"
    return _MADE[mode](options, users, seconds)


def _of_users(options: Any, users: int, seconds: float) -> Load:
    stage = Stage(users, seconds=seconds, users=users, drain=_drain(options, 0.0))
    return Load("users", {"mode": "users", "users": users, "wait": options.wait}, (stage,))


def _of_rate(options: Any, _users: int, seconds: float) -> Load:
    rate = reading.positive(options.rate)
    stage = _open(options, rate, Arrivals(rate=rate, poisson=_poisson(options), seconds=seconds))
    return Load("rate", {"mode": "rate", "rate": rate, "arrivals": options.arrivals}, (stage,))


def _of_ramp(options: Any, _users: int, seconds: float) -> Load:
    (start, end), unit = reading.ramp(options.ramp)
    if not seconds:
        raise BadLoad("--ramp needs --run-time: over what time?")
    told = {"mode": "ramp", "from": start, "to": end, "unit": unit}
    if unit == USERS:
        stage = Stage(end, seconds=seconds, users=int(start), to_users=int(end), drain=_drain(options, 0.0))
        return Load("ramp", told, (stage,))
    arrivals = Arrivals(rate=start, to_rate=end, poisson=_poisson(options), seconds=seconds)
    return Load("ramp", {**told, "arrivals": options.arrivals}, (_open(options, end, arrivals),))


def _of_burst(options: Any, _users: int, seconds: float) -> Load:
    size, every = reading.burst(options.burst)
    arrivals = Arrivals("burst", size=size, every=every, seconds=seconds)
    return Load("burst", {"mode": "burst", "size": size, "every_s": every}, (_open(options, size / every, arrivals),))


def _of_trace(options: Any, _users: int, seconds: float) -> Load:
    _, times = reading.trace(options.trace)
    last = seconds or times[-1] + AFTER_LAST
    arrivals = Arrivals("trace", at=times, seconds=last)
    stage = replace(_open(options, len(times) / last, arrivals), drain=_drain(options, TRACE_DRAIN))
    return Load("trace", {"mode": "trace", "requests": len(times)}, (stage,))


def _of_sweep(options: Any, _users: int, _seconds: float) -> Load:
    loads, unit = reading.steps(options.sweep)
    seconds, drain = reading.positive(options.step_time), _drain(options, STEP_DRAIN)
    first = Stage(0, seconds=seconds, drain=drain)
    if unit == PER_SECOND:
        first = replace(first, arrivals=Arrivals(poisson=_poisson(options), seconds=seconds))
    stages = tuple(_step(first, load, unit, number) for number, load in zip(count(), loads, strict=False))
    return Load("sweep", {"mode": "sweep", "steps": list(loads), "unit": unit, "step_s": seconds}, stages)


def _of_search(options: Any, _users: int, _seconds: float) -> Load:
    if not options.slo:
        raise BadLoad("--find-users needs --slo: which threshold must be kept?")
    most, seconds = reading.counting(options.find_users), reading.positive(options.step_time)
    first = _step(Stage(0, seconds=seconds, drain=_drain(options, STEP_DRAIN)), 1, USERS, 0)
    told = {"mode": "sweep", "find_users": most, "unit": USERS, "step_s": seconds}
    return Load("search", told, (first,), most)


_MADE = {
    "users": _of_users,
    "rate": _of_rate,
    "ramp": _of_ramp,
    "burst": _of_burst,
    "trace": _of_trace,
    "sweep": _of_sweep,
    "find_users": _of_search,
}


def _step(like: Stage, load: float, unit: str, number: int) -> Stage:
    labels = (RUN, f"step {number}")
    if unit == USERS:
        return replace(like, load=load, unit=unit, users=int(load), labels=labels)
    arrivals = replace(like.arrivals or Arrivals(), rate=load, seed=number)
    return replace(like, load=load, unit=unit, arrivals=arrivals, labels=labels)


def _open(options: Any, load: float, arrivals: Arrivals) -> Stage:
    return Stage(load, PER_SECOND, arrivals.seconds, arrivals=arrivals, drain=_drain(options, 0.0))


def _drain(options: Any, usual: float) -> float:
    return reading.seconds(options.drain) if options.drain else usual


def _poisson(options: Any) -> bool:
    return options.arrivals == "poisson"
