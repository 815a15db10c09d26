"""The dev container command line reads our files. It needs no engine for that, only something that is called docker."""

import json
import os
import subprocess
import tarfile

import pytest

from tests.devcontainer.files import DEVCONTAINER, ROOT, add_to, program, read

CLI = ROOT / ".venv-devcontainers/node_modules/.bin/devcontainer"


@pytest.fixture
def cli(tmp_path):
    """Runs a command; its docker knows no containers."""
    program("node")
    if not CLI.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no dev container CLI: sh .ci/tools")
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nexit 0\n")
    docker.chmod(0o755)

    def cli(*arguments):
        command = [
            str(CLI),
            *arguments,
            *(["--docker-path", str(docker)] if arguments[0] == "read-configuration" else []),
        ]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return cli


@pytest.mark.parametrize("options", [(), ("--dify",)])
def test_a_project_s_configuration_is_read_as_it_is_meant(cli, tmp_path, options):
    project = tmp_path / "project"
    project.mkdir()
    add_to(project, *options)

    ran = cli("read-configuration", "--workspace-folder", str(project))

    assert ran.returncode == 0, ran.stderr
    configuration = json.loads(ran.stdout.splitlines()[-1])["configuration"]
    variant = DEVCONTAINER / ("dify/devcontainer.json" if options else "devcontainer.json")
    assert configuration["features"] == read(variant)["features"]
    assert "--add-host=host.docker.internal:host-gateway" in configuration["runArgs"]
    assert configuration["containerEnv"] == {"LOCAL_MODELS_HOST": "", "LOCAL_MODELS_PORT": ""}


def test_the_feature_beside_it_is_found_with_its_hook(cli, tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    add_to(project)

    ran = cli("read-configuration", "--workspace-folder", str(project), "--include-features-configuration")

    assert ran.returncode == 0, ran.stderr
    (found,) = [
        feature
        for each in json.loads(ran.stdout.splitlines()[-1])["featuresConfiguration"]["featureSets"]
        for feature in each["features"]
    ]
    assert (found["id"], found["value"]) == ("local-models", {"kind": "auto"})
    assert "post-start.sh" in json.dumps(found["postStartCommand"])


def test_this_repository_s_own_configuration_is_read(cli):
    ran = cli("read-configuration", "--workspace-folder", str(ROOT))

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["configuration"]["name"] == "Local Models for Dify"


def test_the_feature_can_be_packed_with_all_its_files(cli, tmp_path):
    (tmp_path / "project").mkdir()
    add_to(tmp_path / "project")
    feature = tmp_path / "project/.devcontainer/local-models"

    ran = cli("features", "package", str(feature), "--output-folder", str(tmp_path / "out"))

    assert ran.returncode == 0, ran.stderr
    (archive,) = (tmp_path / "out").glob("*.tgz")
    with tarfile.open(archive) as packed:
        names = {name.removeprefix("./") for name in packed.getnames()}
    assert {"install.sh", "files/doctor.py", "files/network/host-address", "files/network/lib/ask.sh"} <= names
