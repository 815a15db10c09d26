"""docs/symptoms.md starts from texts that are really said, and leads to the code that the doctor gives."""

import ctypes
import json
import os
import re
import shutil
import socket
import subprocess
from contextlib import ExitStack, closing

import httpx
import pytest
import requests

from provider.core.errors import BadSetting
from provider.core.fingerprint import fingerprint
from provider.core.reachability import diagnose
from provider.core.reachability.codes import BY_CODE
from provider.core.reachability.codes import words as words_of_the_plugin
from provider.core.server import Server
from scripts.doctoring.machine import Machine
from scripts.doctoring.main import arguments, examine
from scripts.doctoring.words import words
from tests.core.fake_network import TO_HOST, FakeNetwork
from tests.core.test_reachability_sockets import (
    break_off,
    greet,
    hang_up,
    over_tls,
    refuse_plainly,
    say_nothing,
    server,
)
from tests.docs.marks import CODES, DOCS, KNOWN, LAB, marked_rows
from tests.docs.test_documents import TEXTS
from tests.scripts.doctor_machines import examined, found
from tests.servers import Response, ScriptedServer

__all__ = ["over_tls"]
PAGE = DOCS / "symptoms.md"
HERE = "tests/docs/test_symptoms.py"
COLUMNS = ("You see", "Said by", "It means", "Code", "Do", "Mark")
ROWS_OF_THE_PAGE = marked_rows(PAGE)
BLANKS = {
    "url": "http://h:1",
    "host": "h",
    "ip": "10.0.0.1",
    "port": "1",
    "server": "Ollama",
    "source": "10.0.0.0/8",
    "family": "ipv4",
    "detail": "that",
}
SHORTEST = 10  # characters that are always the same, so that a text cannot match anything
QUICK = {"timeout": 0.3}
ALONE = {"LOCAL_MODELS_LOOK_AROUND": "no"}
OF_THE_ENVIRONMENT = {"dead proxy": "PROXY_IN_THE_WAY"}  # where the doctor warns, and nothing is wrong with the server


def said(by):
    return [row for row in ROWS_OF_THE_PAGE if row["Said by"] == by]


def text_of(row):
    return re.findall(r"`([^`]+)`", row["You see"])[0]


def pattern(text):
    """The text with its gaps."""
    return re.compile(".*?".join(re.escape(part) for part in text.split("…")), re.DOTALL)


def fixed(text):
    return sum(len(part.strip()) for part in text.split("…"))


def test_there_are_tables_and_all_start_from_the_text():
    assert len(ROWS_OF_THE_PAGE) > 80
    assert {row.headings for row in ROWS_OF_THE_PAGE} == {COLUMNS}


def test_every_code_of_the_doctor_has_its_symptom():
    """Those of a server out of reach are in diagnosis-codes.md too."""
    assert CODES - {code for row in ROWS_OF_THE_PAGE for code in row.codes} == set()


@pytest.mark.parametrize("row", ROWS_OF_THE_PAGE, ids=str)
def test_a_row_has_a_text_a_code_and_one_thing_to_do(row):
    assert row["You see"] == "HTTP 403 without a word" or fixed(text_of(row)) >= SHORTEST
    assert row.codes or row["Code"] == "–"
    assert set(row.codes) <= KNOWN
    assert row["Do"]


@pytest.mark.parametrize("row", said("plugin"), ids=str)
def test_what_the_plugin_is_said_to_say_is_made_by_its_code(row):
    text = pattern(text_of(row))
    causes = {code: words_of_the_plugin(code, "auto", BLANKS)[0] for code in BY_CODE}

    of = {code for code, cause in causes.items() if text.search(cause)}

    assert of <= set(row.codes), "the code is another one"
    assert of or any(text.search(each) for each in TEXTS)


@pytest.mark.parametrize("row", said("doctor"), ids=str)
def test_what_the_doctor_is_said_to_say_is_made_by_its_code(row):
    if row.codes == ["NONE_ANSWERS"]:
        heard = [found(examined(FakeNetwork(), TO_HOST), "addresses")["detail"]]
    else:
        heard = [words(code, "auto", BLANKS)[0] for code in row.codes]

    assert [each for each in heard if pattern(text_of(row)).search(each)] == heard


@pytest.mark.parametrize("row", [row for row in ROWS_OF_THE_PAGE if row.recordings], ids=str)
def test_a_recorded_text_is_in_the_recording(row):
    (path,) = row.recordings
    if "`" in row["You see"]:
        assert pattern(text_of(row)).search(path.read_text(encoding="utf-8"))
    else:
        status = json.loads(path.read_text(encoding="utf-8"))["response"]["status"]
        assert (f"HTTP {status}" in row["You see"], path.with_suffix(".body").read_bytes()) == (True, b"")


@pytest.mark.parametrize("row", [row for row in ROWS_OF_THE_PAGE if row.scenarios], ids=str)
def test_the_scenario_that_is_named_ends_with_the_code_of_the_row(row):
    codes = {OF_THE_ENVIRONMENT.get(name, LAB[name].code) for name in row.scenarios}

    assert codes <= set(row.codes)


@pytest.mark.parametrize("row", [row for row in said("requests, httpx") if "[Errno" in row["You see"]], ids=str)
def test_a_number_has_the_words_that_the_system_gives_it(row):
    number, text = re.findall(r"\[Errno (-?\d+)\] (.+)`", row["You see"])[0]
    names = ctypes.CDLL(None).gai_strerror
    names.restype = ctypes.c_char_p

    assert text == (names(int(number)).decode() if number.startswith("-") else os.strerror(int(number)))


# What other programs say, provoked on loopback.


def curl(url):
    if not shutil.which("curl"):
        pytest.skip("no curl here")
    command = ["curl", "-sS", "-m", "1", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=9, check=False).stderr


def by_requests(url, **settings):
    with pytest.raises(requests.RequestException) as error:
        requests.get(url, **{**QUICK, **settings})
    return str(error.value)


def by_httpx(url):
    with pytest.raises(httpx.HTTPError) as error:
        httpx.get(url, timeout=QUICK["timeout"])
    return str(error.value)


def cut(sock):
    sock.recv(1000)
    sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def crowded():
    """A port that takes no more connections, which looks as if a firewall dropped them."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.fixture
def troubles(crowded, over_tls):
    """The addresses where something is wrong, by what it is."""
    with ExitStack() as stack:
        talks = {"closes": hang_up, "resets": break_off, "greets": greet, "silent": say_nothing, "cuts": cut}
        talks |= {"plain": refuse_plainly, "secured": over_tls}
        ports = {name: stack.enter_context(server(talk)) for name, talk in talks.items()}
        yield {"refuses": closed_port(), "crowded": crowded, **ports}


PROVOKED = {
    "Failed to establish a new connection: [Errno 111] Connection refused": [(by_requests, "http", "refuses")],
    "[Errno 111] Connection refused": [(by_httpx, "http", "refuses")],
    "curl: (7) Failed to connect to …": [(curl, "http", "refuses")],
    "timed out. (connect timeout=…)": [(by_requests, "http", "crowded")],
    "curl: (28) …": [(curl, "http", "crowded"), (curl, "http", "silent")],
    "Read timed out. (read timeout=…)": [(by_requests, "http", "silent")],
    "BadStatusLine(…": [(by_requests, "http", "greets")],
    "[SSL: WRONG_VERSION_NUMBER] wrong version number": [(by_requests, "https", "plain"), (by_httpx, "https", "plain")],
    "certificate verify failed: self-signed certificate": [
        (by_requests, "https", "secured"),
        (by_httpx, "https", "secured"),
    ],
    "Remote end closed connection without response": [(by_requests, "http", "closes")],
    "Server disconnected without sending a response.": [(by_httpx, "http", "closes")],
    "curl: (52) Empty reply from server": [(curl, "http", "closes")],
    "Connection reset by peer": [(ask, "http", "resets") for ask in (by_requests, by_httpx, curl)],
    "peer closed connection without sending complete message body (incomplete chunked read)": [
        (by_httpx, "http", "cuts")
    ],
}
BY_ENVIRONMENT = {
    "Unable to connect to proxy": "http://127.0.0.1:{}",
    "Missing dependencies for SOCKS support.": "socks5://127.0.0.1:{}",
}


@pytest.mark.parametrize("text", PROVOKED)
def test_a_program_says_this_when_it_is_provoked(troubles, text):
    for ask, scheme, trouble in PROVOKED[text]:
        assert pattern(text).search(ask(f"{scheme}://127.0.0.1:{troubles[trouble]}"))


@pytest.mark.parametrize("text", BY_ENVIRONMENT)
def test_requests_says_this_with_a_proxy_that_is_not_there(text):
    proxy = BY_ENVIRONMENT[text].format(closed_port())

    assert text in by_requests("http://192.0.2.1:11434", proxies={"http": proxy})


def test_what_is_said_to_be_provoked_here_is():
    of_others = [row for row in ROWS_OF_THE_PAGE if row["Said by"] not in ("plugin", "doctor")]

    assert {text_of(row) for row in of_others if HERE in row.tests} == {*PROVOKED, *BY_ENVIRONMENT}


# What no other test provokes of the plugin and the doctor.


def test_a_port_that_is_open_on_loopback_only_is_told(tmp_path):
    port = closed_port()
    table = tmp_path / "proc" / "net" / "tcp"
    table.parent.mkdir(parents=True)
    table.write_text(f"  sl  local_address rem_address   st\n   0: 0100007F:{port:04X} 00000000:0000 0A\n")

    report = examine(Machine(str(tmp_path), ALONE), arguments([f"--url=http://127.0.0.1:{port}"]))

    assert found(report, "bind")["code"] == "BOUND_TO_LOOPBACK"


def test_what_has_none_of_the_known_causes_is_out_of_reach_and_no_more():
    network = FakeNetwork(there={("172.17.0.1", 11434): ("failed", 0.0)})

    assert diagnose(TO_HOST, network=network).code == "UNREACHABLE"


def test_a_gateway_that_sends_on_is_told_with_where():
    moved = Response(301, headers={"Location": "https://box/"})
    with ScriptedServer(moved) as gateway, pytest.raises(BadSetting, match="redirects to https://box/") as raised:
        fingerprint(Server(gateway.url))

    assert str(raised.value).endswith("Use that address as server address.")
