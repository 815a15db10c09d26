"""The lab is gone when it is closed, also when a program in there hangs; and where there can be none, it says why."""

import subprocess
from pathlib import Path

import pytest

from tests.netlab.lab import SPACES, TOOLS, Lab, NoLab

pytestmark = [pytest.mark.netlab, pytest.mark.slow]


def machine():
    """What a lab could leave behind on this machine."""
    told = [["ip", "-o", "link"], ["ip", "-o", "address"], ["ip", "netns"], ["nft", "list", "ruleset"]]
    answers = [subprocess.run(command, capture_output=True, text=True, check=False) for command in told]
    return [answer.stdout for answer in answers] + [Path("/proc/self/mountinfo").read_text()]


def living_in(spaces):
    """The processes that are in one of these namespaces."""
    return [path.parts[2] for path in Path("/proc").glob(f"[0-9]*/ns/{SPACES[0]}") if space(path) in spaces]


def space(path):
    try:
        return path.readlink()
    except OSError:  # it has ended meanwhile, or is somebody else's
        return None


def test_nothing_is_left_behind(tmp_path):
    try:
        before, lab = machine(), Lab(tmp_path)
    except (NoLab, FileNotFoundError) as reason:
        pytest.skip(str(reason))
    with lab:
        hanging = lab.start("sh", "-c", "ip netns exec plain sleep 600 & echo started; wait")
        assert hanging.stdout.readline() == "started\n"
        assert lab.run("compose", "ip", "-o", "-4", "address").out.count("172.18.0.2/16") == 1
        assert living_in(lab.spaces)
    hanging.communicate(timeout=5)

    assert living_in(lab.spaces) == []
    assert machine() == before


def test_a_missing_tool_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoLab, match=r"ip, nft, .* missing"):
        Lab(tmp_path)


def test_refused_namespaces_are_told_with_the_reason(tmp_path, monkeypatch):
    for tool in TOOLS:
        (tmp_path / tool).write_text("#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n")
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(NoLab, match="refused here: unshare failed: Operation not permitted"):
        Lab(tmp_path)
