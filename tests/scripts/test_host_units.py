"""The units, agents and scripts that `host` makes, held against the programs that read them."""

import plistlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.scripts.test_host import quick, told

HAS_SYSTEMD = shutil.which("systemd-analyze") is not None
OFFICIAL = """[Unit]
Description=Ollama Service
After=network-online.target

[Service]
ExecStart=/bin/sleep infinity
Restart=always

[Install]
WantedBy=default.target
"""
TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 1 1 0 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   2: 0100007F:04D2 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
"""
TCP6 = """  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:1F40 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 0000000000000000FFFF00000100007F:26CB 00000000000000000000000000000000:0000 0A 00000000:00000000
"""


def listening(root: Path) -> Path:
    (root / "proc/net").mkdir(parents=True)
    (root / "proc/net/tcp").write_text(TCP)
    (root / "proc/net/tcp6").write_text(TCP6)
    return root


def verified(folder: Path, *units: str) -> str:
    """What systemd has to say against them."""
    if not HAS_SYSTEMD:
        pytest.skip("systemd-analyze is not installed")
    run = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(folder / unit) for unit in units)],
        env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return f"{run.stdout}{run.stderr}" + ("" if run.returncode == 0 else f"exit code {run.returncode}")


def units_in(root: Path) -> Path:
    return root / "etc/systemd/system"


def test_systemd_takes_the_drop_in(tmp_path):
    quick(
        "ollama",
        "--parallel",
        "2",
        "--env",
        'OLLAMA_MODELS=/srv/50% of "it"',
        "--write",
        "--yes",
        "--root",
        str(tmp_path),
    )
    (units_in(tmp_path) / "ollama.service").write_text(OFFICIAL)

    assert verified(units_in(tmp_path), "ollama.service") == ""
    drop_in = (units_in(tmp_path) / "ollama.service.d/local-models.conf").read_text()
    assert 'Environment="OLLAMA_MODELS=/srv/50%% of \\"it\\""' in drop_in


def test_systemd_takes_the_forwarder(tmp_path):
    quick("forwarder", "--port", "11434", "--port", "8080:9931", "--write", "--yes", "--root", str(tmp_path))

    names = sorted(each.name for each in units_in(tmp_path).iterdir())
    assert names == [f"local-models-{port}.{kind}" for port in (11434, 8080) for kind in ("service", "socket")]
    assert verified(units_in(tmp_path), *names) == ""
    assert (
        "ExecStart=/usr/lib/systemd/systemd-socket-proxyd --exit-idle-time=10min 127.0.0.1:9931"
        in (units_in(tmp_path) / "local-models-8080.service").read_text()
    )


def test_systemd_takes_a_service_for_each_llama_server(tmp_path):
    common = ("--program", "/bin/sleep", "--write", "--yes", "--root", str(tmp_path))
    quick("llamacpp", "chat", "--model", "/srv/a model 100%.gguf", "--context-length", "8192", "--parallel", "4",
         "--gpu-layers", "all", "--gpu", "0", "--key-file", "/etc/llama.key", *common)  # fmt: skip
    quick(
        "llamacpp",
        "embed",
        "--model",
        "/srv/e.gguf",
        "--task",
        "embeddings",
        "--port",
        "8081",
        "--user",
        "root",
        *common,
    )

    assert verified(units_in(tmp_path), "llama-server-chat.service", "llama-server-embed.service") == ""
    chat = (units_in(tmp_path) / "llama-server-chat.service").read_text()
    assert (
        'ExecStart=/bin/sleep --model "/srv/a model 100%%.gguf" --alias chat --host 127.0.0.1 --port 8080 --ctx-size 32768 '
        "--parallel 4 --gpu-layers all --api-key-file ${CREDENTIALS_DIRECTORY}/api-key\n"
    ) in chat
    assert "LoadCredential=api-key:/etc/llama.key\n" in chat
    assert "--embeddings --batch-size 8192" in (units_in(tmp_path) / "llama-server-embed.service").read_text()


def test_systemd_takes_the_service_of_lm_studio(tmp_path):
    lms = tmp_path / "home/.lmstudio/bin/lms"
    lms.parent.mkdir(parents=True)
    lms.write_text("#!/bin/sh\n")
    lms.chmod(0o755)
    quick("lmstudio", "--model", "openai/gpt-oss-20b", "--write", "--yes", "--root", str(tmp_path))
    unit = units_in(tmp_path) / "lmstudio.service"
    home = unit.read_text().partition('"HOME=')[2].partition('"')[0]
    unit.write_text(unit.read_text().replace(f"{home}/.lmstudio", f"{tmp_path}/home/.lmstudio"))

    assert verified(units_in(tmp_path), "lmstudio.service") == ""
    assert "load openai/gpt-oss-20b --yes\n" in unit.read_text()


def test_two_llama_servers_on_one_port_are_told(tmp_path):
    options = ("--model", "/srv/a.gguf", "--root", str(listening(tmp_path)))
    quick("llamacpp", "one", *options, "--write", "--yes")

    warnings = told("llamacpp", "two", *options)["warnings"]

    assert "llama-server-one.service uses port 8080 too: choose another with --port." in warnings
    assert "Something listens on port 8080 already: choose another with --port." in warnings


@pytest.mark.parametrize(
    "options",
    [
        ("../x", "--model", "/a.gguf"),
        ("x", "--model", "a.gguf"),
        ("x", "--model", "/a.gguf", "--task", "dance"),
        ("x", "--model", "/a.gguf", "--address", "1.2.3.4\nExecStart=/bin/x"),
        ("x", "--model", "/a.gguf", "--for", "beos"),
    ],
)
def test_what_makes_no_service_is_refused(options):
    assert quick("llamacpp", *options).exit_code == 2


def test_a_forwarder_that_could_not_start_is_told_before(tmp_path):
    root = str(listening(tmp_path))

    open_everywhere = told("forwarder", "--port", "8080", "--root", root)["warnings"]
    nobody_there = told("forwarder", "--port", "5000", "--root", root)["warnings"]
    fine = told("forwarder", "--port", "11434", "--root", root)["warnings"]

    assert open_everywhere[0].startswith("Something listens on 0.0.0.0:8080 already")
    assert nobody_there == ["Nothing listens on port 5000 now: start the server, or correct --port."]
    assert fine == []


def test_dockers_real_networks_are_used_where_docker_tells_them(tmp_path, fake_program):
    fake_program("docker", """
case "$2" in
ls) echo a; echo b; echo c ;;
inspect) cat <<'X'
[{"Name": "bridge", "IPAM": {"Config": [{"Subnet": "172.30.0.0/16", "Gateway": "172.30.0.1"}]}},
 {"Name": "dify_default", "IPAM": {"Config": [{"Subnet": "192.168.16.0/20", "Gateway": "192.168.16.1"}]}},
 {"Name": "v6", "IPAM": {"Config": [{"Subnet": "fd00::/64"}]}}]
X
esac
""")  # fmt: skip

    socket = told("forwarder", "--root", str(tmp_path))["files"][0]["content"]

    assert "ListenStream=172.30.0.1:11434" in socket
    assert "IPAddressAllow=localhost 172.16.0.0/12 192.168.16.0/20" in socket


@pytest.mark.parametrize("wrong", [("--port", "70000"), ("--address", "docker0"), ("--from", "172.16.0.0/99")])
def test_a_forwarder_of_nonsense_is_refused(wrong):
    assert quick("forwarder", *wrong).exit_code == 2


def test_the_firewall_that_is_switched_on_gets_its_rule(tmp_path, fake_program):
    (tmp_path / "etc/ufw").mkdir(parents=True)
    (tmp_path / "etc/ufw/ufw.conf").write_text("ENABLED=yes\n")
    with_ufw = told("firewall", "--port", "8080", "--from", "10.0.0.0/8", "--root", str(tmp_path))
    (tmp_path / "etc/ufw/ufw.conf").write_text("ENABLED=no\n")
    fake_program("firewall-cmd", "echo running")
    with_firewalld = told("firewall", "--from", "10.0.0.0/8", "--root", str(tmp_path))

    assert with_ufw["commands"] == ["sudo ufw allow from 10.0.0.0/8 to any port 8080 proto tcp"]
    assert with_firewalld["commands"][0].startswith("sudo firewall-cmd --permanent --add-rich-rule='rule family=")


def test_without_a_firewall_the_rules_are_comments(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")

    run = quick("firewall", "--root", str(tmp_path))

    assert run.exit_code == 0
    assert all(line.startswith("#") for line in run.stdout.splitlines())
    assert "is switched on here" in run.stderr


def test_launchd_takes_the_agents(tmp_path):
    ollama = plistlib.loads(
        told("launchd", "--keep-alive", "1h", "--origin", "http://a b")["files"][0]["content"].encode()
    )
    llama = plistlib.loads(
        told(
            "llamacpp",
            "m",
            "--model",
            "/m.gguf",
            "--for",
            "macos",
            "--key-file",
            "/k",
            "--program",
            "/bin/llama-server",
        )["files"][0]["content"].encode()
    )

    assert ollama["RunAtLoad"] is True
    shell = ollama["ProgramArguments"][-1]
    assert shell.startswith("/bin/launchctl setenv OLLAMA_KEEP_ALIVE 1h; ")
    assert shell.endswith("/bin/launchctl setenv OLLAMA_ORIGINS 'http://a b'")
    assert llama["ProgramArguments"][:3] == ["/bin/llama-server", "--model", "/m.gguf"]
    assert llama["ProgramArguments"][-2:] == ["--api-key-file", "/k"]


def test_windows_gets_a_script_of_its_own_with_a_rule_only_when_the_port_opens():
    closed, opened = (
        quick("windows").stdout,
        quick("windows", "--listen", "0.0.0.0:8000", "--env", "OLLAMA_MODELS=C:\\it's").stdout,
    )

    assert "New-NetFirewallRule" not in closed
    assert "-LocalPort 8000" in opened
    assert "SetEnvironmentVariable('OLLAMA_MODELS', 'C:\\it''s', 'User')" in opened
    assert "<<'END'" not in opened
