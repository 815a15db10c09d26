"""The diagnosis over real sockets, to loopback only."""

import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import monotonic

import pytest

from provider.core.reachability import Network, diagnose
from provider.core.reachability.network import Call
from provider.core.server import Tls

ROOT = Path(__file__).parents[2]
# Made for these tests and trusted by nobody; valid from 2020 to 2120 for localhost and 127.0.0.1.
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBaDCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFEJmiaHwr1wes2B
YIfAkLFcSLj6vxT0hxt/0hqVkUtPmWYJd2MCs3E/Ju0erhYMjbisJGrykzyy+8F9
RVX3kwCjTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBQWUImx6qVuKP/n97ZrxQvVxkIOnTAKBggqhkjOPQQD
AgNJADBGAiEApbRS9cQHg25k6o7zdke6apl1HGSqspwxrx9PWgogHgYCIQC59JDe
4y5S2oLMhLtDNbS7qvvNOzxqohQuvAWyR0i4pA==
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgko8PaF46V2AcUJnm
Rmegp1baFM7sUrpfBl5F67kAoNOhRANCAARRCZomh8K9cHrNgWCHwJCxXEi4+r8U
9Icbf9IalZFLT5lmCXdjArNxPybtHq4WDI24rCRq8pM8svvBfUVV95MA
-----END PRIVATE KEY-----
"""


@dataclass(frozen=True)
class Loopback(Network):
    """The real network, but nothing except one port on loopback is called."""

    port: int = 0
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def connect(self, ip, port, until):
        called = ip in ("127.0.0.1", "::1") and port == self.port
        return super().connect(ip, port, until) if called else Call("refused")

    def hosts_file(self):
        return self.names

    def default_gateway(self):
        return ""

    def in_container(self):
        return False


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Accept connections until the end, and have `talk` speak on each, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)
        thread = Thread(target=lambda: accept_all(listener, talk))
        thread.start()
        yield listener.getsockname()[1]
        listener.close()
        thread.join()


def accept_all(listener: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            sock = listener.accept()[0]
        except TimeoutError:
            continue
        except OSError:
            return
        with sock:
            sock.settimeout(5)
            try:
                talk(sock)
            except OSError:
                continue


def hang_up(sock):
    sock.recv(1000)


def break_off(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.recv(1)


def say_nothing(sock):
    while sock.recv(1000):
        pass


def greet(sock):
    sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    sock.recv(1000)


def play_ollama(sock):
    while sock.recv(1000):
        sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"version":"0.33.0"}')


def play_vllm(sock):
    answers = [b'404 Not Found\r\nContent-Length: 22\r\n\r\n{"detail":"Not Found"}'] * 2
    models = b'{"object":"list","data":[{"id":"m","owned_by":"vllm"}]}'
    answers.append(b"200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(models), models))
    for answer in answers:
        sock.recv(1000)
        sock.sendall(b"HTTP/1.1 " + answer)
    sock.recv(1000)


def refuse_plainly(sock):
    """What an HTTP server says to a TLS handshake."""
    sock.recv(5)
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@pytest.fixture
def over_tls(tmp_path):
    (tmp_path / "both.pem").write_text(KEY + CERTIFICATE)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "both.pem")

    def talk(sock):
        with context.wrap_socket(sock, server_side=True) as secured:
            play_ollama(secured)

    return talk


def diagnose_at(port, url="http://127.0.0.1:{}", deadline=1.0, **settings):
    return diagnose(url.format(port), network=Loopback(port=port), deadline=deadline, **settings)


@pytest.mark.parametrize(
    ("talk", "code"),
    [
        (hang_up, "FORWARDER_UPSTREAM_DOWN"),
        (break_off, "CONNECTION_RESET"),
        (greet, "NOT_HTTP"),
        (play_ollama, "READY"),
        (play_vllm, "READY"),
    ],
)
def test_a_server_is_recognised_by_how_it_behaves(talk, code):
    with server(talk) as port:
        assert diagnose_at(port).code == code


def test_a_server_that_says_nothing_hangs_and_is_not_waited_for_longer_than_allowed():
    began = monotonic()

    with server(say_nothing) as port:
        code = diagnose_at(port, deadline=0.5).code

    assert (code, monotonic() - began < 1.5) == ("HANGS", True)


def test_a_closed_port_refuses():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert diagnose_at(port).code == "NOT_RUNNING"


def test_https_to_a_server_without_tls_is_a_mismatch():
    with server(refuse_plainly) as port:
        diagnosis = diagnose_at(port, "https://127.0.0.1:{}")

    assert (diagnosis.code, diagnosis.remedy) == ("TLS_MISMATCH", f"Use http://127.0.0.1:{port} as the server address.")


def test_http_to_a_server_with_tls_is_a_mismatch(over_tls):
    with server(over_tls) as port:
        diagnosis = diagnose_at(port, "http://127.0.0.1:{}")

    assert (diagnosis.code, diagnosis.remedy) == (
        "TLS_MISMATCH",
        f"Use https://127.0.0.1:{port} as the server address.",
    )


def test_a_certificate_that_nobody_vouches_for_is_untrusted(over_tls):
    with server(over_tls) as port:
        assert diagnose_at(port, "https://127.0.0.1:{}").code == "TLS_UNTRUSTED"


@pytest.mark.parametrize("tls", [Tls(ca=CERTIFICATE), Tls(verify=False)])
def test_a_certificate_is_judged_as_the_settings_say(over_tls, tls):
    with server(over_tls) as port:
        assert diagnose_at(port, "https://127.0.0.1:{}", tls=tls).code == "READY"


def test_a_trusted_certificate_for_another_name_is_told_apart(over_tls):
    with server(over_tls) as port:
        network = Loopback(port=port, names={"gpu.lan": ("127.0.0.1",)})
        diagnosis = diagnose(f"https://gpu.lan:{port}", tls=Tls(ca=CERTIFICATE), network=network, deadline=1.0)

    assert diagnosis.code == "TLS_WRONG_NAME"


def test_a_ca_that_cannot_be_read_fails_with_its_reason():
    with server(hang_up) as port:
        diagnosis = diagnose_at(port, "https://127.0.0.1:{}", tls=Tls(ca="/no/such/file.pem"))

    assert diagnosis.code == "TLS_FAILED"
    assert "/no/such/file.pem" in diagnosis.cause


def test_a_proxy_tunnels_to_a_server_with_tls(over_tls):
    def proxy(sock):
        sock.recv(1000)
        sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        over_tls(sock)

    with server(proxy) as port:
        settings = {"proxy": f"http://127.0.0.1:{port}", "tls": Tls(ca=CERTIFICATE)}
        diagnosis = diagnose("https://localhost:9", network=Loopback(port=port), deadline=1.0, **settings)

    assert diagnosis.code == "READY"


def test_a_proxy_passes_on_or_refuses():
    def proxy(sock):
        path = sock.recv(1000).split()[1]
        status = b"200 OK" if path == b"http://localhost:9/api/version" else b"403 Forbidden"
        sock.sendall(b'HTTP/1.1 %s\r\nContent-Length: 20\r\n\r\n{"version":"0.33.0"}' % status)

    with server(proxy) as port:
        settings = {"proxy": f"http://127.0.0.1:{port}", "network": Loopback(port=port), "deadline": 1.0}
        codes = [diagnose(f"{scheme}://localhost:9", **settings).code for scheme in ("http", "https")]

    assert codes == ["READY", "PROXY_REFUSES"]


def test_all_of_it_works_in_a_process_that_gevent_has_patched():
    program = (
        "from gevent import monkey; monkey.patch_all()\n"
        "from tests.core.test_reachability_sockets import Loopback, diagnose, play_ollama, say_nothing, server\n"
        "for talk in play_ollama, say_nothing:\n"
        "    with server(talk) as port:\n"
        "        print(diagnose(f'http://localhost:{port}', network=Loopback(port=port), deadline=0.5).code)\n"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["READY", "HANGS"]
