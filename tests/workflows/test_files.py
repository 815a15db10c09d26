"""The apps of the load tests, as files: whole graphs, our provider, and what Dify's own engine says of them."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "stress-test/workflows").glob("*.yml"))
ENGINE = ROOT / ".venv-graphon/bin/python"
PROVIDER = "localmodels/local_models/local_models"
SYSTEM = {"sys": {"query", "user_id", "conversation_id", "dialogue_count", "files", "app_id", "workflow_id"}}
MADE = {"llm": {"text", "usage", "structured_output"}, "knowledge-retrieval": {"result"}}
EVERY = pytest.mark.parametrize("app", [yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES], ids=[path.stem for path in FILES])  # fmt: skip


def nodes_of(app):
    return {node["id"]: node["data"] for node in app["workflow"]["graph"]["nodes"]}


def selectors(value):
    """Every variable that is meant anywhere: in lists called `…selector`, and in texts as {{#node.name#}}."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.endswith("selector") and inner:
                yield tuple(inner)
            yield from selectors(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from selectors(inner)
    elif isinstance(value, str):
        yield from (tuple(found.split(".")) for found in re.findall(r"\{\{#([^#]+)#\}\}", value) if found != "context")


@EVERY
def test_it_is_of_the_dsl_that_dify_1_12_has_and_asks_our_provider_for_auto(app):
    models = [data["model"] for data in nodes_of(app).values() if "model" in data]

    assert (app["version"], app["kind"]) == ("0.5.0", "app")
    assert {(model["provider"], model["name"]) for model in models} <= {(PROVIDER, "auto")}
    assert all(0 < model["completion_params"]["max_tokens"] <= 512 for model in models)


@EVERY
def test_every_edge_joins_two_nodes_and_every_node_is_reached(app):
    nodes, edges = nodes_of(app), app["workflow"]["graph"]["edges"]
    reached = {"start"}
    for _ in nodes:
        reached |= {edge["target"] for edge in edges if edge["source"] in reached}

    assert {each for edge in edges for each in (edge["source"], edge["target"])} <= nodes.keys()
    assert reached == nodes.keys()
    assert all(edge["data"]["sourceType"] == nodes[edge["source"]]["type"] for edge in edges)


@EVERY
def test_every_branch_has_its_way_on(app):
    edges = app["workflow"]["graph"]["edges"]
    for name, data in nodes_of(app).items():
        if data["type"] == "if-else":
            ways = {edge["sourceHandle"] for edge in edges if edge["source"] == name}
            assert ways == {case["case_id"] for case in data["cases"]} | {"false"}


@EVERY
def test_every_variable_that_is_read_is_made(app):
    nodes = nodes_of(app)
    inputs = {variable["variable"] for variable in nodes["start"]["variables"]}
    made = {name: MADE.get(data["type"], set()) for name, data in nodes.items()} | {"start": inputs} | SYSTEM

    for node, name, *_ in selectors(app["workflow"]["graph"]["nodes"]):
        assert name in made[node], f"{node}.{name}"


def test_dify_s_own_engine_takes_every_one():
    if not ENGINE.exists():
        (pytest.fail if os.environ.get("GRAPHON") == "required" else pytest.skip)("make .venv-graphon/ready")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "stress-test")))}
    command = [ENGINE, "-m", "local_dify.service.check", *FILES]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert (ran.returncode, ran.stderr) == (0, "")
