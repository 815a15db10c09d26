"""The examples for several machines: they parse, and their parts fit together."""

import re

import pytest
import yaml

from tests.load_run.running import ROOT

FOLDER = ROOT / "stress-test/distributed"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
CLUSTER = {
    (part["kind"], part["metadata"]["name"]): part
    for part in yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text(encoding="utf-8"))
}


def option(arguments, name):
    return next(each.partition("=")[2] for each in arguments if each.startswith(f"--{name}="))


def pod(kind, name):
    return CLUSTER[kind, name]["spec"]["template"]


def container(kind, name):
    (only,) = pod(kind, name)["spec"]["containers"]
    return only


def test_compose_waits_for_as_many_workers_as_it_starts():
    master, worker = COMPOSE["services"]["master"], COMPOSE["services"]["worker"]

    assert int(option(master["command"], "expect-workers")) == worker["deploy"]["replicas"]
    assert option(worker["command"], "master-host") in COMPOSE["services"]
    assert master["image"] == worker["image"]
    assert (FOLDER / master["build"]["context"] / master["build"]["dockerfile"]).is_file()
    assert "ports" not in master, "nobody outside may start a load test"


def test_the_cluster_s_workers_find_its_master():
    service = CLUSTER["Service", "load-master"]["spec"]
    master, worker = container("Job", "load-master"), container("Deployment", "load-worker")

    assert service["selector"] == pod("Job", "load-master")["metadata"]["labels"]
    assert option(worker["args"], "master-host") == "load-master"
    assert service["ports"][0]["port"] == master["ports"][0]["containerPort"] == 5557
    assert int(option(master["args"], "expect-workers")) == CLUSTER["Deployment", "load-worker"]["spec"]["replicas"]
    assert master["image"] == worker["image"]


def test_what_the_master_writes_is_kept():
    claims = [volume["persistentVolumeClaim"]["claimName"] for volume in pod("Job", "load-master")["spec"]["volumes"]]
    mounted = container("Job", "load-master")["volumeMounts"][0]["mountPath"]

    assert all(("PersistentVolumeClaim", claim) in CLUSTER for claim in claims)
    assert f'"--results", "{mounted}"' in (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    assert COMPOSE["services"]["master"]["volumes"] == [f"../../load-results:{mounted}"]


@pytest.mark.parametrize(
    "arguments", [COMPOSE["services"]["master"]["command"], container("Job", "load-master")["args"]]
)
def test_no_key_stands_in_an_argument(arguments):
    assert not [each for each in arguments if re.search(r"key|app-", each)]


def test_what_the_image_copies_is_there():
    copied = re.findall(r"^COPY (\S+) ", (FOLDER / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)

    assert copied == ["requirements-dev.txt", "provider", "stress-test"]
    assert all((ROOT / name).exists() for name in copied)
