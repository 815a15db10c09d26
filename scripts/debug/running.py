"""Start the plugin, listen to it, and start it again when Dify was away; until somebody ends it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.debug.handshake import KeyRefused, NoDaemon, Taken, Unreachable, Unwilling, offer
from scripts.debug.hearing import Lost, Registered, Said, hear
from scripts.debug.preparing import NEW_KEY
from scripts.debug.process import PluginProcess
from scripts.debug.secret import Secret
from scripts.debug.sources import Sources
from scripts.debug.target import Target, variables
from scripts.kit import exits
from scripts.kit.command import Stop
from scripts.kit.output import Output

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds before a new try; the last one stays
OUTAGE = 3600.0  # seconds that a Dify may be away
START = 60.0  # seconds in which the plugin must have connected
CONFIRM = 1.0  # seconds after which a registration counts as taken: the daemon tells only what it refuses
STEADY = 30.0  # seconds that a connection must last, before the pauses begin anew
LOOK = 0.5  # seconds between two looks at the clock and at the sources
PASSING = ("busy", "connection info")  # of what the daemon says: its Redis may still be starting


@dataclass(frozen=True, slots=True)
class Ended:
    code: int


@dataclass(frozen=True, slots=True)
class Changed:
    file: str


type Outcome = Lost | KeyRefused | Unwilling | Ended | Changed


class Debugging:
    """`connections` counts how often Dify has had the plugin."""

    def __init__(self, root: Path, target: Target, output: Output, *, reload: bool = False) -> None:
        self.connections = 0
        self._root, self._target, self._output = root, target, output
        self._secret = Secret(target.key)
        self._sources = Sources(root) if reload else None
        self._connected_at = 0.0  # 0 when it is not
        self._tries = 0

    def run(self) -> None:
        """Does not return.

        Raises:
            Stop: it makes no sense to go on.
            KeyboardInterrupt: somebody ended it; the process is gone.
        """
        while True:
            self._connected_at = 0.0
            process = PluginProcess(self._root, variables(self._target), self._secret)
            try:
                outcome = self._listen(process)
            finally:
                process.close()
            self._after(outcome)

    def _listen(self, process: PluginProcess) -> Outcome:
        began, registered = time.monotonic(), 0.0
        while True:
            line = process.line(LOOK)
            now = time.monotonic()
            if line is None:
                return Ended(process.close())
            match hear(line):
                case Registered():
                    registered = now
                case Said(text):
                    self._relay(text)
                case outcome:
                    return outcome
            if registered and not self._connected_at and now > registered + CONFIRM:
                self._connected(process)
            if not registered and now > began + START:
                return Lost()
            if self._sources and (file := self._sources.changed()):
                return Changed(file)

    def _connected(self, process: PluginProcess) -> None:
        self._connected_at = time.monotonic()
        self.connections += 1
        again = "again " if self.connections > 1 else ""
        self._output.good(f"connected {again}to {self._target.address}, process {process.pid}; Ctrl-C ends it")

    def _relay(self, text: str) -> None:
        if text.strip():
            self._output.say(f"  {text}")

    def _after(self, outcome: Outcome) -> None:
        match outcome:
            case KeyRefused():
                raise _refused(self._target)
            case Unwilling(words) if not _passes(words):
                raise Stop(
                    f"Dify refuses the plugin: {words}", "look at the daemon's log; make package checks the rest"
                )
            case Ended(code) if not self._connected_at:
                self._wait_for_change(code)
            case Changed(file):
                self._output.say(f"{file} has changed: starting again")
            case Unwilling(words):
                self._wait_for_dify(words)
            case Ended(code):
                self._wait_for_dify(f"the plugin ended with exit code {code}")
            case Lost():
                self._wait_for_dify("the connection is lost")

    def _wait_for_change(self, code: int) -> None:
        reason = f"the plugin ended with exit code {code} before it was connected"
        if self._sources is None:
            raise Stop(reason, "its own words are above; --reload waits for a change and tries again")
        self._output.bad(reason, "waiting for a change in its sources")
        while not self._sources.changed():
            time.sleep(LOOK)

    def _wait_for_dify(self, why: str) -> None:
        """Until somebody is there who takes the key."""
        if self._connected_at and time.monotonic() > self._connected_at + STEADY:
            self._tries = 0
        until = time.monotonic() + OUTAGE
        for pause in self._pauses():
            self._output.warn(self._secret.hide(f"{why}; trying again in {pause:g} s"))
            time.sleep(pause)
            match offer(self._target.host, self._target.port, self._target.key):
                case Taken():
                    return
                case KeyRefused():
                    raise _refused(self._target)
                case Unwilling(words):
                    why = f"Dify refuses: {words}"
                case Unreachable(reason) | NoDaemon(reason):
                    why = f"Dify does not answer ({reason})"
            if time.monotonic() > until:
                raise Stop(f"Dify was away for {OUTAGE:g} s: {why}", code=exits.WAITED)

    def _pauses(self) -> Iterator[float]:
        """They go on growing while no connection lasts for a while."""
        while True:
            yield PAUSES[min(self._tries, len(PAUSES) - 1)]
            self._tries += 1


def _refused(target: Target) -> Stop:
    return Stop(
        f"Dify refuses the key of {target.key_from} now: it is two hours old, or Dify has forgotten it", NEW_KEY
    )


def _passes(words: str) -> bool:
    return any(word in words.lower() for word in PASSING)
