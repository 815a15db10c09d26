"""The doctor as people run it: the one file, and the command of the kit."""

import ast
import json
import signal
import subprocess
import sys
from time import sleep

import pytest

from scripts.doctoring.__main__ import TARGET, joined
from scripts.doctoring.main import ORDER
from tests.scripts import kit_runs
from tests.scripts.doctor_machines import FILE, run
from tests.servers import Response, ScriptedServer, by_path

CLOSED = "--url=http://127.0.0.1:9"
REPORT = {"schema_version", "ok", "code", "exit_code", "url", "server", "findings", "addresses"}
FINDING = {"check", "status", "code", "detail", "fix"}
READY = {
    "/api/version": Response.of_json({"version": "0.33.0"}),
    "/api/tags": Response.of_json({"models": [{"name": "qwen3:4b"}]}),
    "/api/chat": Response.of_json({"message": {"content": "Yes"}, "done": True}),
    "/console/api/setup": Response.of_json({"step": "finished"}),
}


@pytest.fixture
def ollama():
    with ScriptedServer(by_path(READY)) as server:
        yield server


def test_the_one_file_is_made_of_its_parts():
    assert TARGET.read_text(encoding="utf-8") == joined(), "python -m scripts.doctoring makes it anew"


def test_the_one_file_needs_only_the_standard_library_and_defines_no_name_twice():
    tree = ast.parse(FILE.read_text(encoding="utf-8"))

    modules = {name.name for node in tree.body if isinstance(node, ast.Import) for name in node.names}
    modules |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    names += [
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for name in node.targets
        if isinstance(name, ast.Name)
    ]
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("options", [[], ["--wait=0.2"]])
def test_the_json_is_one_object_with_every_check_in_order(ollama, options):
    for url, code in ((f"--url={ollama.url}", 0), (CLOSED, 4 if options else 1)):
        result = run("--json", url, *options)
        report = json.loads(result.stdout)

        assert (set(report), report["schema_version"]) == (REPORT, 1)
        assert (report["exit_code"], report["ok"], result.returncode) == (code, code == 0, code)
        assert [one["check"] for one in report["findings"]] == ORDER
        assert all(set(one) == FINDING for one in report["findings"])
        assert all(
            one["fix"]
            for one in report["findings"]
            if one["status"] in ("warn", "fail") and one["check"] != "addresses"
        )


def test_every_fault_has_its_fix_in_the_line_below():
    lines = run(CLOSED, "--server=ollama").stdout.splitlines()

    at = next(number for number, line in enumerate(lines) if line.startswith("✗"))
    assert lines[at + 1].startswith("  → ")
    assert lines[-1].startswith("❌ ")


def test_quiet_says_only_what_is_wrong(ollama):
    assert run(f"--url={ollama.url}", "--quiet").stdout == ""
    assert [line[0] for line in run(CLOSED, "--quiet").stdout.splitlines()] == ["✗", " "]


def test_markdown_is_a_block_for_a_bug_report(ollama):
    first, empty, fence, *_, last = run(
        f"--url={ollama.url}", "--markdown", HTTP_PROXY="http://me:secret@p:1"
    ).stdout.splitlines()

    assert (first.startswith("Python 3."), empty, fence, last) == (True, "", "```text", "```")
    assert "secret" not in run(f"--url={ollama.url}", "--markdown", HTTP_PROXY="http://me:secret@p:1").stdout


def test_a_terminal_that_knows_only_ascii_gets_ascii(ollama):
    result = run(f"--url={ollama.url}", PYTHONIOENCODING="latin-1")

    assert result.stdout.isascii()
    assert result.stdout.splitlines()[-1] == f"[ok] Ollama 0.33.0 is ready at {ollama.url}"


@pytest.mark.parametrize(("env", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_unless_it_wants_none(ollama, env, coloured):
    assert ("\033[32m" in in_a_terminal(f"--url={ollama.url}", **env)) is coloured


def test_a_fix_is_written_after_a_yes(ollama, tmp_path):
    shown = in_a_terminal(f"--url={ollama.url}", "--fix", answer="y\n", folder=tmp_path)

    assert f"OLLAMA_BASE_URL={ollama.url}" in shown
    assert (tmp_path / ".env").read_text() == f"OLLAMA_BASE_URL={ollama.url}\n"


def in_a_terminal(*options, answer="", folder=None, **env):
    """What the file writes to a terminal, and asks there; another process plays the terminal."""
    spawn = f"import pty, sys; sys.exit(pty.spawn({[sys.executable, str(FILE), *options]!r}) >> 8)"
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LOCAL_MODELS_LOOK_AROUND": "no", **env}
    start = [sys.executable, "-c", spawn]
    return subprocess.run(
        start, input=answer, env=env, cwd=folder, capture_output=True, text=True, timeout=30, check=True
    ).stdout


@pytest.mark.parametrize(
    "options",
    [["--fix", CLOSED], ["--unknown"], ["--url=me:secret@gpu"], ["--server=none"], ["--wait=soon"], []],
    ids=["nobody to ask", "unknown", "secret", "kind", "number", "nowhere to look"],
)
def test_what_cannot_be_meant_ends_with_2_and_no_traceback(options):
    result = run(*options)

    assert (result.returncode, "Traceback" in result.stderr, "secret" in result.stderr) == (2, False, False)
    assert result.stderr


def test_a_doctor_that_falls_ill_says_so_in_a_line_and_ends_with_3(tmp_path):
    ill = tmp_path / "doctor.py"
    ill.write_text(
        FILE.read_text(encoding="utf-8").replace(
            "def where_am_i(patient: Patient) -> None:",
            "def where_am_i(patient: Patient) -> None:\n    raise RuntimeError('ill')",
        )
    )

    result = run(CLOSED, "--json", program=ill)

    assert (result.returncode, result.stderr) == (3, "the doctor itself failed: RuntimeError: ill\n")
    assert json.loads(result.stdout)["exit_code"] == 3


def test_ctrl_c_ends_it_without_a_traceback():
    with ScriptedServer(Response(delay=30)) as silent:
        env = {"PATH": "/usr/bin:/bin", "LOCAL_MODELS_LOOK_AROUND": "no"}
        start = [sys.executable, str(FILE), f"--url={silent.url}", "--wait=20"]
        with subprocess.Popen(start, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            while not silent.connections:
                sleep(0.01)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=10)

    assert (process.returncode, out, err) == (130, "", "interrupted\n")


def test_a_reader_that_has_seen_enough_is_no_error():
    start = f"{sys.executable} {FILE} --json {CLOSED} | true"
    done = subprocess.run(
        ["/bin/sh", "-c", start], env={"LOCAL_MODELS_LOOK_AROUND": "no"}, capture_output=True, text=True, check=True
    )

    assert done.stderr == ""


@pytest.mark.parametrize(("step", "status"), [("finished", "pass"), ("not_started", "warn")])
def test_dify_s_api_is_seen_where_it_is_said_to_be(ollama, step, status):
    with ScriptedServer(by_path({"/console/api/setup": Response.of_json({"step": step})})) as dify:
        report = json.loads(run(f"--url={ollama.url}", f"--dify={dify.url}", "--json").stdout)

    assert [one["status"] for one in report["findings"] if one["check"] == "dify-api"] == [status]


def test_a_dify_that_does_not_answer_where_it_is_said_to_be_is_a_problem(ollama):
    result = run(f"--url={ollama.url}", "--json", DIFY_URL="http://127.0.0.1:9")

    assert (result.returncode, json.loads(result.stdout)["code"]) == (1, "DIFY_SILENT")


def test_the_kit_has_the_same_doctor_with_its_settings(ollama, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"ollama_base_url: {ollama.url}\n")

    told = [kit_runs.run_here("doctor", f"--config={settings}", "--json"), run(f"--url={ollama.url}", "--json")]

    codes = [
        [(one["check"], one["status"], one["code"]) for one in json.loads(each.stdout)["findings"]] for each in told
    ]
    assert codes[0] == codes[1]
    assert [each.returncode for each in told] == [0, 0]


@pytest.mark.parametrize(("options", "code"), [([CLOSED], 1), ([CLOSED, "--wait=0.2"], 4), (["--url=a b"], 2), ([], 2)])
def test_the_kit_s_doctor_has_the_same_exit_codes(options, code):
    result = kit_runs.run_here("doctor", *options, "--json")

    assert (result.returncode, json.loads(result.stdout)["exit_code"]) == (code, code)


def test_the_kit_s_doctor_shows_how_it_is_used():
    result = kit_runs.run("doctor", "--help")

    assert "Example: python -m scripts doctor" in result.stdout
