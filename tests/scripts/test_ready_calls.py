"""The quick check as a file that is copied and called in every way, and as a command of the kit."""

import json
import signal
import subprocess
import sys
from time import sleep

import pytest

from scripts.test_ollama_quick import candidates, roots
from tests.scripts import kit_runs
from tests.scripts.doctor_machines import QUICK
from tests.scripts.test_doctor_sockets import pythons
from tests.scripts.test_ready import OLLAMA, run
from tests.servers import Response, ScriptedServer, by_path


@pytest.mark.parametrize("options", [["--url=me:secret@gpu"], ["--url=ftp://gpu"], ["--nothing"], ["--wait=soon"], []])
def test_what_cannot_be_meant_ends_with_2_and_no_traceback(options):
    result = run(*options)

    assert (result.returncode, "Traceback" in result.stderr, "secret" in result.stderr) == (2, False, False)


def test_a_python_without_requests_says_so():
    result = subprocess.run(
        [sys.executable, "-S", str(QUICK)], capture_output=True, text=True, check=False
    )  # -S: without any installed package

    assert (result.returncode, result.stderr) == (3, "requests is missing: pip install requests\n")


@pytest.mark.parametrize("python", pythons())
def test_every_python_it_is_for_can_read_it(python):
    read = (
        f"import ast, sys; ast.parse(open({str(QUICK)!r}, encoding='utf-8').read()); print(sys.version_info >= (3, 9))"
    )

    assert subprocess.run([python, "-c", read], capture_output=True, text=True, check=True).stdout == "True\n"


def test_a_terminal_that_knows_only_ascii_gets_ascii():
    with ScriptedServer(by_path(OLLAMA)) as server:
        result = run(f"--url={server.url}", PYTHONIOENCODING="ascii")

    assert result.stdout.splitlines()[-1] == "[ok] OLLAMA IS READY!"
    assert result.stdout.isascii()


def test_ctrl_c_ends_it_without_a_traceback():
    with ScriptedServer(Response(delay=30)) as silent:
        env = {"PATH": "/usr/bin:/bin", "LOCAL_MODELS_LOOK_AROUND": "no"}
        start = [sys.executable, str(QUICK), f"--url={silent.url}", "--wait=20"]
        with subprocess.Popen(start, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            while not silent.connections:
                sleep(0.01)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=10)

    assert (process.returncode, out, err) == (130, "", "interrupted\n")


def test_without_an_address_it_looks_where_containers_and_this_machine_have_one():
    hosts = [url.rpartition(":")[0] for url in candidates("", {"OLLAMA_HOST": "0.0.0.0:11435"})]

    assert list(dict.fromkeys(hosts))[:3] == ["http://127.0.0.1", "http://172.17.0.1", "http://host.docker.internal"]
    assert hosts[-1] == "http://localhost"
    assert candidates("", {"OLLAMA_BASE_URL": "http://gpu:8080", "OLLAMA_HOST": "x"}) == ["http://gpu:8080"]


@pytest.mark.parametrize(
    ("typed", "urls"),
    [
        ("gpu:8080", ["http://gpu:8080"]),
        ("http://gpu", ["http://gpu"]),
        ("https://gpu/llm/v1/", ["https://gpu/llm"]),
        (":8080", ["http://127.0.0.1:8080"]),
        ("8080", ["http://127.0.0.1:8080"]),
        ("[::1]:8080/api/tags", ["http://[::1]:8080"]),
        ("http://0.0.0.0:11434/", ["http://127.0.0.1:11434"]),
        ("gpu", ["http://gpu:11434", "http://gpu:8080", "http://gpu:1234", "http://gpu:8000"]),
    ],
)
def test_an_address_is_read_as_people_type_it(typed, urls):
    assert roots(typed) == urls


def test_the_command_of_the_kit_is_the_same_check(demo_server):
    ours = kit_runs.run("ready", f"--url={demo_server.url}")
    alone = run(f"--url={demo_server.url}")

    assert (ours.returncode, ours.stdout.splitlines()[-1]) == (0, "✅ LLAMA.CPP IS READY!")
    assert [line.split()[1] for line in ours.stdout.splitlines()] == [
        line.split()[1] for line in alone.stdout.splitlines()
    ]


@pytest.mark.parametrize(
    ("options", "code"),
    [(["--url=127.0.0.1:9"], 1), (["--url=127.0.0.1:9", "--wait=0.2"], 4), (["--url=a@b"], 2), ([], 2)],
)
def test_the_command_of_the_kit_has_the_same_exit_codes(options, code):
    result = kit_runs.run_here("ready", *options, "--json")

    assert (result.returncode, json.loads(result.stdout)["exit_code"]) == (code, code)
