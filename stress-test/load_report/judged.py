"""The tables of what was made of it: thresholds, baseline, Dify's own cost, conditions."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from load_report import words
from load_report.measured import kept
from load_report.tables import Cell, Table, table
from load_report.words import NOTHING, ms, number, plain, share, value

type Json = Mapping[str, Any]


def thresholds(document: Json) -> Table:
    """Of a sweep none: each step has its own verdict, and all of them together say nothing."""
    judged = () if document.get("sweep") else document.get("slo") or ()
    rows = [(words.threshold(each), _measured(each), kept(each["met"])) for each in judged]
    return table("Thresholds", ["Threshold", "Measured", ""], rows, goodput(document))


def _measured(each: Json) -> str:
    """There is no p99 of a few; a threshold that cannot be judged is missed."""
    few = " (too few: it wants 100 requests)" if each["value"] is None and each["stat"] == "p99" else ""
    return value(_name(each), each["value"]) + few


def _name(each: Json) -> str:
    return f"{each['metric']}_{each['stat']}"


def goodput(document: Json) -> str:
    found = document.get("goodput")
    if not found or not found.get("evaluated"):
        return ""
    return (
        f"Goodput: {share(found['attainment'])} of {number(found['evaluated'])} requests kept every threshold, "
        f"{number(found['per_s'])} a second."
    )


def baseline(document: Json) -> Table:
    found = document.get("baseline") or {}
    note = f"Against {found.get('file') or 'an earlier run'}."
    if found.get("differences"):
        note += f" Other conditions: {'; '.join(found['differences'])}."
    rows = [_against(row) for row in found.get("rows") or ()]
    return table("Baseline", ["", "Before", "Now", "Change", "Noise", "Verdict"], rows, note)


def _against(row: Json) -> list[Cell | str]:
    name, change = row["metric"], row["change"]
    tone = {"better": "good", "worse": "bad"}.get(row["verdict"], "weak")
    return [
        words.metric(name),
        value(name, row["before"]),
        value(name, row["after"]),
        words.signed(change, share(abs(change or 0.0))),
        NOTHING if row["noise"] is None else f"±{value(name, row['noise'])}",
        Cell(row["verdict"], tone),
    ]


def cost(document: Json) -> Table:
    found = document.get("comparison") or {}
    rows = [_cost(row) for row in found.get("rows") or () if row["dify"] is not None or row["model"] is not None]
    note = "The same prompts under the same load, through Dify and straight to the model behind it."
    return table("Dify’s own cost", ["", "Through Dify", "Model alone", "Dify’s cost"], rows, note)


def _cost(row: Json) -> list[Cell | str]:
    name, difference = row["metric"], row["cost"]
    part = (
        f", {share(difference / row['dify'])} of it" if difference and difference > 0 and "_per_s" not in name else ""
    )
    told = words.signed(difference, value(name, abs(difference or 0.0)))
    return [words.metric(name), value(name, row["dify"]), value(name, row["model"]), told + part]


def conditions(document: Json) -> Table:
    return table("Conditions", ["", ""], _conditions(document.get("conditions") or {}), prose=(1,))


def _conditions(its: Json) -> Iterator[tuple[str, str]]:
    machine = {name.replace("_", " "): each for name, each in (its.get("machine") or {}).items()}
    mix = its.get("scenarios") or {}
    yield "Target", f"{plain(its.get('target'))} ({plain(its.get('kind'))})"
    yield "Begun", when(its)
    yield "Load", words.load(its.get("load"))
    yield "Measured", f"{plain(its.get('window_s'))} s, after {plain(its.get('warm_up'))} requests to warm up"
    yield "Scenarios", words.joined(f"{plain(weight)} × {name}" for name, weight in mix.items()) or NOTHING
    yield "Answers", words.joined([plain(its.get("response")), f"turns {plain(its.get('turns'))}"])
    yield (
        "Prompt cache",
        "avoided: every prompt begins differently" if its.get("salt") else "allowed: prompts as written",
    )
    yield "Connections", "reused" if its.get("reuse") else "new for each request"
    yield "Server", plain(its.get("server"))
    yield "Machine", plain(machine)


def when(its: Json) -> str:
    """The beginning, to the minute."""
    try:
        return f"{datetime.fromisoformat(its.get('started_at') or ''):%Y-%m-%d %H:%M %Z}".strip()
    except ValueError:
        return plain(its.get("started_at"))


def client(document: Json) -> Table:
    its = document.get("conditions") or {}
    return table("The load generator about itself", ["", ""], _client(its, its.get("client") or {}), prose=(1,))


def _client(its: Json, own: Json) -> Iterator[tuple[str, str]]:
    lag, late = own.get("lag_ms") or {}, own.get("schedule_lag_ms") or {}
    cpu = own.get("cpu_percent_max")
    yield "Processes", plain(its.get("processes"))
    yield "Processor", NOTHING if cpu is None else f"{cpu:.0f} % of a core at most"
    yield "Read late by", f"p50 {ms(lag.get('p50'))}, p99 {ms(lag.get('p99'))}, at most {ms(lag.get('max'))}"
    if late:
        yield "Sent late by", f"p50 {ms(late.get('p50'))}, p99 {ms(late.get('p99'))}, at most {ms(late.get('max'))}"
    if own.get("offered_per_s") is not None:
        yield "Offered", f"{number(own['offered_per_s'])} a second, {number(own.get('achieved_per_s'))} finished"
    yield "Reads with several events", share(own.get("coalesced_read_share"))
    yield "Longest pause of its garbage collector", ms(own.get("gc_pause_ms_max"))
    yield "Clock", {"kernel": "the kernel’s receive times"}.get(its.get("clock") or "", plain(its.get("clock")))
    yield (
        "Tokens counted by",
        {"usage": "the server", "chunks": "chunks: not tokens"}.get(
            its.get("token_source") or "", plain(its.get("token_source"))
        ),
    )
