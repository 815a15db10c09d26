"""One lab for all: scenarios differ by container and port, so all of them can run at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.netlab.lab import NO_NAMES, SILENT, Lab, NoLab, Result, python
from tests.netlab.programs import PROGRAMS
from tests.netlab.scenarios import SCENARIOS, Scenario
from tests.netlab.servers import ODD

PLACES = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
AT_ONCE = 6  # most of them wait
NAME_SERVERS = [*(f"no_names:{ip}:53" for ip in ("172.17.0.1", NO_NAMES, "172.19.0.1")), f"silent:{SILENT}:53"]
# Where a port is typed, the usual one must not be the better answer.
RULES = [
    "ip saddr 172.18.0.6 drop",
    "ip saddr 172.18.0.2 tcp dport 11434 reject with tcp reset",
    *(f"tcp dport {scenario.port} {scenario.rule}" for scenario in SCENARIOS if scenario.rule),
]
SERVES = [
    "ollama:0.0.0.0:21012",
    *(f"{act}:0.0.0.0:{port}" for act, port in ODD.items()),
    *(f"{each.serves}:{each.port}" for each in SCENARIOS if each.serves),
]


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Iterator[Lab]:
    try:
        lab = Lab(tmp_path_factory.mktemp("lab"))
    except NoLab as reason:
        pytest.skip(str(reason))
    with lab:
        for rule in RULES:
            added = lab.on_host("nft", "add", "rule", "ip", "filter", "input", *rule.split())
            assert added.code == 0, added.err
        servers = lab.start(*python("-m", "tests.netlab.servers", *NAME_SERVERS, *SERVES))
        assert servers.stdout.readline() == "listening\n", servers.communicate(timeout=5)
        yield lab
    servers.communicate(timeout=5)  # it ended with the lab


@pytest.fixture(scope="session")
def programs_without(lab) -> Callable[..., str]:
    """A PATH with all of this machine's programs but these, as in a slim container."""

    def without(*names: str) -> str:
        folder = lab.folder / "-".join(("without", *names))
        if not folder.exists():
            folder.mkdir()
            found = {path.name: path for place in PLACES for path in Path(place).iterdir()}
            for name, path in found.items():
                if not name.startswith(names):
                    (folder / name).symlink_to(path)
        return str(folder)

    return without


@pytest.fixture(scope="session")
def seen(lab) -> Iterator[Callable[[Callable, Scenario], Result]]:
    """What a program said to a scenario; all of it is started with the first question."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures: dict[tuple[Callable, str], Future[Result]] = {
            (program, scenario.name): pool.submit(program, lab, scenario)
            for scenario in SCENARIOS
            for program in PROGRAMS
        }
        yield lambda program, scenario: futures[program, scenario.name].result()
        pool.shutdown(cancel_futures=True)
