"""add-to puts all that is needed into a project, and leaves what is the user's."""

import pytest

from tests.devcontainer.files import DEVCONTAINER, ROOT, add_to


@pytest.mark.parametrize(("options", "variant"), [((), "devcontainer.json"), (("--dify",), "dify/devcontainer.json")])
def test_a_project_gets_the_whole_dev_container(tmp_path, options, variant):
    ran = add_to(tmp_path, *options)

    target = tmp_path / ".devcontainer"
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (target / "devcontainer.json").read_text() == (DEVCONTAINER / variant).read_text()
    for name in ("doctor.py", "test_ollama_quick.py"):
        assert (target / "local-models/files" / name).read_bytes() == (ROOT / "scripts" / name).read_bytes()
    assert (target / "local-models/files/network/host-address").exists()
    assert (target / "hooks/post-create.sh").exists()


def test_a_second_run_brings_the_feature_up_to_date_and_keeps_the_configuration(tmp_path):
    add_to(tmp_path)
    mine = tmp_path / ".devcontainer/devcontainer.json"
    mine.write_text(mine.read_text() + "// mine\n")
    (tmp_path / ".devcontainer/local-models/files/doctor.py").write_text("old")

    ran = add_to(tmp_path)

    assert ran.returncode == 0
    assert mine.read_text().endswith("// mine\n")
    assert (tmp_path / ".devcontainer/local-models/files/doctor.py").read_text() != "old"


def test_a_configuration_of_the_user_s_own_is_left_alone_and_the_lines_are_told(tmp_path):
    (tmp_path / ".devcontainer").mkdir()
    (tmp_path / ".devcontainer/devcontainer.json").write_text('{"image": "x"}')

    ran = add_to(tmp_path)

    assert ran.returncode == 1
    assert '"features": { "./local-models": {} }' in ran.stderr
    assert "--add-host=host.docker.internal:host-gateway" in ran.stderr
    assert (tmp_path / ".devcontainer/devcontainer.json").read_text() == '{"image": "x"}'


def test_dify_s_own_configuration_gets_the_line_with_the_forwarder(tmp_path):
    (tmp_path / ".devcontainer").mkdir()
    (tmp_path / ".devcontainer/devcontainer.json").write_text('{"image": "x"}')

    ran = add_to(tmp_path, "--dify")

    assert (ran.returncode, '{ "./local-models": { "forwardToInnerContainers": true } }' in ran.stderr) == (1, True)


@pytest.mark.parametrize("arguments", [("/nonexistent",), (".", "--nothing")])
def test_what_cannot_be_meant_is_a_usage_error(arguments):
    assert add_to(*arguments).returncode == 2
