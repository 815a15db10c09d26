"""host-address: its settings, its forms of output, and the containers in which there is hardly any program."""

import shutil

import pytest

from tests.netlab.lab import SILENT
from tests.netlab.programs import HOST_ADDRESS
from tests.netlab.scenarios import DOCKER0, NAME

pytestmark = [pytest.mark.netlab, pytest.mark.slow, pytest.mark.usefixtures("seen")]  # the scenarios wait meanwhile
BRIDGE = "http://172.17.0.1:11434"
TOOLS = ["bash", "wget", "curl"]


def host_address(lab, *options, hosts=(), **env):
    """In a container on a compose network; an Ollama is on all addresses of the host."""
    return lab.run("usual", str(HOST_ADDRESS), *options, hosts=dict(hosts), **env)


@pytest.mark.parametrize(
    ("env", "found"),
    [
        ({"LOCAL_MODELS_HOST": "172.18.0.1"}, "http://172.18.0.1:11434"),
        ({"LOCAL_MODELS_HOST": "172.18.0.1", "LOCAL_MODELS_PORT": "21012"}, "http://172.18.0.1:21012"),
        ({"LOCAL_MODELS_HOST": "21012"}, "http://172.17.0.1:21012"),
        ({"OLLAMA_BASE_URL": "http://172.18.0.1:21012/v1/"}, "http://172.18.0.1:21012"),
        ({"OLLAMA_BASE_URL": "one=http://172.18.0.1:21012 weight=2, http://172.18.0.99"}, "http://172.18.0.1:21012"),
        ({"OLLAMA_BASE_URL": "http://localhost:21012"}, "http://172.17.0.1:21012"),
        ({"OLLAMA_BASE_URL": "https://172.18.0.1:11434"}, BRIDGE),
        ({"OLLAMA_HOST": "0.0.0.0"}, BRIDGE),
        ({"OLLAMA_HOST": "0.0.0.0:21012"}, "http://172.17.0.1:21012"),
        ({"OLLAMA_HOST": ' "0.0.0.0:21012"\n'}, "http://172.17.0.1:21012"),
        ({"LOCAL_MODELS_HOST": "172.18.0.1", "LOCAL_MODELS_PORT": "'21012' "}, "http://172.18.0.1:21012"),
        ({"OLLAMA_BASE_URL": "HTTP://172.18.0.1:21012"}, "http://172.18.0.1:21012"),
        ({"LOCAL_MODELS_KIND": "ollama"}, BRIDGE),
        ({"LOCAL_MODELS_HOST": "172.18.0.1", "LOCAL_MODELS_LOOK_AROUND": "no"}, "http://172.18.0.1:11434"),
    ],
)
def test_settings_are_asked_first_and_do_not_have_to_be_right(lab, env, found):
    result = host_address(lab, **env)

    assert (result.code, result.out) == (0, f"{found}\n"), result.err


def test_a_name_is_the_same_in_capital_letters(lab):
    result = host_address(lab, "--all", "--host=HOST.Docker.Internal", "--kind=ollama", hosts=DOCKER0)

    assert [line.split()[0] for line in result.out.splitlines()][:2] == [
        f"http://{NAME}:11434",
        "http://172.18.0.1:11434",
    ]


def test_the_last_line_of_the_hosts_file_may_have_no_end(lab):
    script = f"printf '127.0.0.1 localhost\\n172.17.0.1 {NAME}' >/run/hosts && mount --bind /run/hosts /etc/hosts && {HOST_ADDRESS}"

    assert lab.run("usual", "sh", "-c", script).out == f"http://{NAME}:11434\n"


@pytest.mark.parametrize(
    ("env", "added"),
    [
        ({"http_proxy": "http://me:secret@proxy.lan:3128"}, f"localhost,127.0.0.1,{NAME}"),
        ({"HTTP_PROXY": "http://proxy.lan:3128", "NO_PROXY": "a.b, *.c"}, f"localhost,127.0.0.1,{NAME},a.b,*.c"),
        ({"http_proxy": "http://proxy.lan:3128", "no_proxy": f"a.b, {NAME}"}, ""),
        ({"ALL_PROXY": "socks5://proxy.lan:3128", "NO_PROXY": "docker.internal"}, ""),
        ({"HTTP_PROXY": "http://proxy.lan:3128", "NO_PROXY": ".internal"}, ""),
        ({"HTTP_PROXY": "http://proxy.lan:3128", "NO_PROXY": "*"}, ""),
        ({"HTTPS_PROXY": "http://proxy.lan:3128"}, ""),
    ],
)
def test_a_proxy_is_told_unless_the_host_is_left_out_and_what_is_left_out_stays(lab, env, added):
    result = host_address(lab, hosts=DOCKER0, **env)

    advice = f"proxy.lan:3128: export NO_PROXY={added} no_proxy={added}\n"
    assert (result.code, "proxy" in result.err, "secret" in result.err) == (0, bool(added), False)
    assert not added or result.err.endswith(advice)


def test_a_default_that_was_cut_at_its_colon_is_explained_and_left_out(lab):
    result = host_address(lab, LOCAL_MODELS_HOST="http")

    assert result.out == f"{BRIDGE}\n"
    assert "LOCAL_MODELS_HOST is only http, because ${localEnv:NAME:http://…} is cut" in result.err


def test_where_looking_around_is_forbidden_only_the_host_that_was_given_is_asked(lab):
    result = host_address(lab, "--all", "--host=172.18.0.1", "--port=1", LOCAL_MODELS_LOOK_AROUND="no")

    assert (result.code, [line.split()[0] for line in result.out.splitlines()]) == (1, ["http://172.18.0.1:1"])


@pytest.mark.parametrize(("host", "code"), [("fd00::1", "NO_IPV6"), ("[fd00::1]:1", "NO_IPV6"), ("::1", "REFUSED")])
def test_an_address_of_ipv6_is_judged_too(lab, host, code):
    result = host_address(lab, f"--host={host}", "--port=1", LOCAL_MODELS_LOOK_AROUND="no")

    assert (result.code, f"host-address: {code}: " in result.err) == (1, True), result.err


def test_another_kind_of_server_is_not_taken_for_the_one_that_was_asked_for(lab):
    result = host_address(lab, "--kind=llamacpp", "--port=11434")

    assert (result.code, result.out) == (1, "")
    assert "WRONG_KIND: Leave out --kind" in result.err


def test_the_host_alone(lab):
    assert host_address(lab, "--host-only", "--quiet", hosts=DOCKER0).out == f"{NAME}\n"


def test_a_shell_takes_what_is_exported(lab):
    script = f'eval "$({HOST_ADDRESS} --export)" && echo "$LOCAL_MODELS_HOST $LOCAL_MODELS_PORT $OLLAMA_BASE_URL $OLLAMA_HOST"'

    assert lab.run("usual", "sh", "-c", script).out == f"172.17.0.1 11434 {BRIDGE} {BRIDGE}\n"


def test_a_shell_takes_nothing_where_nothing_answers(lab):
    result = host_address(lab, "--export", "--port=1")

    assert (result.code, result.out) == (1, "")


def test_the_env_file_keeps_what_is_the_users(lab, tmp_path):
    file = tmp_path / ".env"
    file.write_text("# mine\nOLLAMA_HOST=http://elsewhere:1\n")

    result = host_address(lab, "--write", str(file))

    lines = file.read_text().splitlines()
    assert (result.code, lines[:2]) == (0, ["# mine", "OLLAMA_HOST=http://elsewhere:1"])
    assert lines[3:-1] == ["LOCAL_MODELS_HOST=172.17.0.1", "LOCAL_MODELS_PORT=11434", f"OLLAMA_BASE_URL={BRIDGE}"]


def test_the_table_has_every_address_and_what_happened_there(lab):
    result = host_address(lab, "--all", "--kind=ollama", hosts=DOCKER0)

    rows = [line.split()[:3] for line in result.out.splitlines()]
    assert (result.code, rows) == (
        0,
        [
            [f"http://{NAME}:11434", "/etc/hosts", "READY"],
            ["http://172.18.0.1:11434", "gateway", "READY"],
            ["http://127.0.0.1:11434", "itself", "NOT_RUNNING"],
        ],
    )


def test_a_link_to_it_works_as_it_does(lab, tmp_path):
    (tmp_path / "link").symlink_to(HOST_ADDRESS)

    assert lab.run("usual", str(tmp_path / "link")).out == f"{BRIDGE}\n"


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    ("port", "code"),
    [(21012, ""), (21002, "REFUSED"), (21010, "FORWARDER_UPSTREAM_DOWN"), (21011, "HANGS"), (21003, "FIREWALL_DROP")],
)
def test_one_program_that_asks_is_enough(lab, programs_without, tool, port, code):
    path = programs_without(*(other for other in TOOLS if other != tool), "python")
    result = lab.run("usual", "sh", str(HOST_ADDRESS), f"--port={port}", "--timeout=1", hosts=DOCKER0, PATH=path)

    assert (result.code, result.out) == ((1, "") if code else (0, f"http://{NAME}:{port}\n")), result.err
    assert f"host-address: {code or 'Ollama answers'}" in result.err


@pytest.mark.skipif(shutil.which("busybox") is None, reason="no busybox here, so Alpine's programs cannot be tried")
@pytest.mark.parametrize(("port", "code"), [(21012, ""), (21002, "REFUSED"), (21010, "FORWARDER_UPSTREAM_DOWN")])
def test_it_runs_with_the_programs_of_alpine(lab, tmp_path, port, code):
    busybox = shutil.which("busybox")
    for applet in lab.on_host(busybox, "--list").out.split():
        (tmp_path / applet).symlink_to(busybox)
    result = lab.run("usual", busybox, "sh", str(HOST_ADDRESS), f"--port={port}", hosts=DOCKER0, PATH=str(tmp_path))

    assert (result.code, result.out) == ((1, "") if code else (0, f"http://{NAME}:{port}\n")), result.err
    assert f"host-address: {code or 'Ollama answers'}" in result.err


def test_without_a_program_that_asks_it_says_so(lab, programs_without):
    result = lab.run("usual", "sh", str(HOST_ADDRESS), PATH=programs_without(*TOOLS))

    assert (result.code, result.err.startswith("host-address: bash, wget or curl is needed")) == (2, True)


def test_without_timeout_it_says_so_instead_of_blaming_a_firewall(lab, programs_without):
    result = lab.run("usual", "sh", str(HOST_ADDRESS), hosts=DOCKER0, PATH=programs_without("timeout"))

    assert (result.code, result.err.startswith("host-address: the program timeout is needed")) == (2, True)


def test_without_getent_the_name_server_is_asked_all_the_same(lab, programs_without, tmp_path):
    answer = f"Server: 127.0.0.11\\nAddress: 127.0.0.11:53\\n\\nName: {NAME}\\nAddress: 172.18.0.9\\n"
    (tmp_path / "nslookup").write_text(f"#!/bin/sh\nprintf '{answer}'\n")
    (tmp_path / "nslookup").chmod(0o755)

    result = host_address(lab, "--all", "--kind=ollama", PATH=f"{tmp_path}:{programs_without('getent', 'nslookup')}")

    assert next(line.split()[:2] for line in result.out.splitlines()) == [f"http://{NAME}:11434", "DNS"]


def test_where_the_usual_temporary_folder_is_not_there_another_one_is_taken(lab):
    assert host_address(lab, TMPDIR="/nonexistent").out == f"{BRIDGE}\n"


def test_an_interrupted_look_leaves_nothing(lab, tmp_path):
    script = f"timeout 1 {HOST_ADDRESS} --port=21003; echo $?"

    result = lab.run("usual", "sh", "-c", script, dns=SILENT, TMPDIR=str(tmp_path))

    assert (result.out, list(tmp_path.iterdir())) == ("124\n", [])
