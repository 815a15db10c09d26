"""The graphics cards, and how full they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.host.machine import Machine
from scripts.host.status.part import Line, Part

FIELDS = ("index", "name", "driver_version", "memory.total", "memory.used", "utilization.gpu", "temperature.gpu")
MEBIBYTE = 2**20
DRIVER_FIX = "Load the driver (sudo modprobe nvidia), or reboot after its update; “sudo dmesg | grep -i nvrm” says why."
FULL = 0.95  # of the memory: a model more would go to the CPU


def gpu(machine: Machine) -> Part:
    amd = tuple(_amd(machine))
    told = machine.ask("nvidia-smi", f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader,nounits")
    if not told.reason:
        return Part("GPU", (*(_nvidia(row) for row in told.text.splitlines() if row.strip()), *amd))
    if machine.path("/dev/nvidiactl").exists() or machine.path("/proc/driver/nvidia/version").exists():
        return Part("GPU", (Line(f"an NVIDIA driver is here, but {told.reason}", "problem", DRIVER_FIX), *amd))
    return Part("GPU", amd, reason="" if amd else f"{told.reason}, and the kernel knows no AMD card")


def _nvidia(row: str) -> Line:
    """A card that cannot tell something says [N/A] there."""
    facts = dict(zip(FIELDS, (cell.strip() for cell in row.split(",")), strict=False))
    total, used = _number(facts.get("memory.total", "")), _number(facts.get("memory.used", ""))
    memory = f", {used:,.0f} of {total:,.0f} MiB used" if total and used is not None else ""
    busy = _number(facts.get("utilization.gpu", ""))
    text = f"{facts.get('index')}: {facts.get('name')}{memory}{'' if busy is None else f', {busy:.0f} % busy'}"
    text += f", driver {facts.get('driver_version', '?')}"
    return _by_memory(text, total, used, facts)


def _amd(machine: Machine) -> Iterator[Line]:
    """What amdgpu writes below /sys; needs no program of AMD's."""
    for card in sorted(machine.path("/sys/class/drm").glob("card[0-9]*/device/mem_info_vram_total")):
        total = _number(_read(card))
        used = _number(_read(card.with_name("mem_info_vram_used")))
        if total is None or used is None:
            continue
        name = card.parts[-3]
        facts = {"index": name, "memory.total": total / MEBIBYTE, "memory.used": used / MEBIBYTE}
        text = f"{name}: AMD, {used / MEBIBYTE:,.0f} of {total / MEBIBYTE:,.0f} MiB used"
        yield _by_memory(text, total, used, facts)


def _by_memory(text: str, total: float | None, used: float | None, facts: dict[str, Any]) -> Line:
    if total and used is not None and used / total > FULL:
        return Line(
            f"{text}: full", "warn", "Unload a model (ollama ps, ollama stop NAME), or use a smaller one.", facts
        )
    return Line(text, facts=facts)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
