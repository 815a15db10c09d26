"""`host status`, with programs that answer as on a machine with a GPU and systemd, and with none."""

import json

import pytest

from tests.scripts.test_host import host, quick
from tests.scripts.test_host_units import listening

NVIDIA = "echo '0, NVIDIA GeForce RTX 4090, 570.86.10, 24564, 24100, 97, 71'; echo '1, Tesla T4, 570.86.10, 15360, 0, [N/A], 40'"
SYSTEMCTL = """cat <<'X'
Id=ollama.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
NRestarts=0
ActiveEnterTimestamp=Fri 2026-11-20 22:58:01 UTC

Id=llama-server-chat.service
LoadState=loaded
ActiveState=failed
SubState=failed
UnitFileState=enabled
NRestarts=5

Id=lmstudio.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
NRestarts=0
X"""
JOURNAL = r"""echo "$2: env=\"map[HTTPS_PROXY:http://me:hunter2@proxy:3128 OLLAMA_DEBUG:INFO] api_key=geheim123\""; """


def parts(*options: str) -> tuple[int, dict]:
    run = quick("status", "--json", *options)
    return run.exit_code, {part["name"]: part for part in json.loads(run.stdout)["parts"]}


@pytest.fixture
def machine(tmp_path, fake_program):
    for name, body in (("nvidia-smi", NVIDIA), ("systemctl", SYSTEMCTL), ("journalctl", JOURNAL)):
        fake_program(name, body)
    drop_in = tmp_path / "root/etc/systemd/system/ollama.service.d/override.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text("[Service]\nEnvironment=OLLAMA_NUM_THREADS=8\n")
    return listening(tmp_path / "root")


def test_it_tells_how_gpu_services_and_addresses_are(machine):
    code, found = parts("--root", str(machine))

    assert code == 1, "a service has failed"
    assert [line["state"] for line in found["GPU"]["lines"]] == ["warn", "ok"]
    assert found["GPU"]["lines"][0]["text"] == (
        "0: NVIDIA GeForce RTX 4090, 24,100 of 24,564 MiB used, 97 % busy, driver 570.86.10: full"
    )
    assert [(line["state"], line["text"]) for line in found["Services"]["lines"]] == [
        ("ok", "ollama.service: active (running) since Fri 2026-11-20 22:58:01 UTC"),
        ("problem", "llama-server-chat.service: failed (failed), restarted 5 times"),
        ("warn", found["Services"]["lines"][2]["text"]),
    ]
    assert "OLLAMA_NUM_THREADS does not exist in Ollama" in found["Services"]["lines"][2]["text"]
    assert [line["text"] for line in found["Addresses"]["lines"]] == [
        "[::]:8000 (vLLM and others): every network of this machine, IPv6 too",
        "0.0.0.0:8080 (llama.cpp): every network of this machine",
        "127.0.0.1:9931 (llama.cpp): this machine only: containers are refused",
        "127.0.0.1:11434 (Ollama): this machine only: containers are refused",
    ]


def test_logs_are_shown_without_secrets(machine):
    _, found = parts("--root", str(machine))

    text = json.dumps(found["Log"], ensure_ascii=False)
    assert "ollama.service: env" in text
    assert "http://•••@proxy:3128" in text
    assert "hunter2" not in text
    assert "geheim123" not in text


def test_every_part_says_why_it_is_skipped_where_nothing_can_be_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")

    code, found = parts("--root", str(tmp_path))

    assert code == 0
    assert {name: part["state"] for name, part in found.items()} == dict.fromkeys(found, "skip")
    assert found["GPU"]["reason"] == "nvidia-smi is not installed, and the kernel knows no AMD card"
    assert found["Services"]["reason"] == "systemctl is not installed"
    assert found["Addresses"]["reason"] == "this machine has no /proc/net/tcp (it is not Linux)"


def test_a_driver_without_its_card_is_a_problem(tmp_path, fake_program):
    fake_program("nvidia-smi", 'echo "couldn\'t communicate with the NVIDIA driver" >&2; exit 9')
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/nvidiactl").touch()

    code, found = parts("--root", str(tmp_path))

    assert code == 1
    assert "couldn't communicate" in found["GPU"]["lines"][0]["text"]


def test_amds_cards_are_told_by_the_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    card = tmp_path / "sys/class/drm/card1/device"
    card.mkdir(parents=True)
    (card / "mem_info_vram_total").write_text("17163091968\n")
    (card / "mem_info_vram_used").write_text("1048576000\n")

    _, found = parts("--root", str(tmp_path))

    assert found["GPU"]["lines"][0]["text"] == "card1: AMD, 1,000 of 16,368 MiB used"


def test_a_person_sees_marks_reasons_and_one_thing_to_do(machine):
    run = host("status", "--root", str(machine))

    assert run.returncode == 1
    assert "✗ llama-server-chat.service: failed" in run.stdout
    assert "→ journalctl -u llama-server-chat.service -n 50 --no-pager" in run.stdout
    assert "→ If Dify in Docker shall use it: python -m scripts host forwarder --port 11434" in run.stdout


def test_quiet_tells_only_what_is_broken(machine):
    run = host("status", "--quiet", "--root", str(machine))

    assert run.stdout == ""
    assert run.stderr.startswith("✗ llama-server-chat.service: failed")
