import json

import pytest
import typer
from typer.testing import CliRunner

from scripts.pack import pack_command

pytestmark = pytest.mark.slow

SOUND, FAULTY, NOT_RUN = 0, 1, 3
KEYS = {"schema_version", "ok", "installed", "problems", "error"}
FACTS = {"path", "name", "version", "size", "checksum", "unique_identifier", "files"}


@pytest.fixture
def packed(plugin, tmp_path):
    """Runs the command without the install check, which has tests of its own."""
    app = typer.Typer()
    app.command()(pack_command)
    command = ["--root", str(plugin), "--out", str(tmp_path / "out"), "--no-install-check"]
    return lambda *options: CliRunner().invoke(app, [*command, *options])


def test_a_sound_package_is_written_and_described(packed, tmp_path):
    result = packed()

    assert result.exit_code == SOUND
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a_plugin-1.2.3.difypkg"]
    assert {"a_plugin-1.2.3.difypkg", "1.2.3", "checksum"} <= set(result.stdout.replace("/", " ").split())


def test_json_is_one_object_with_everything_in_it(packed, tmp_path):
    result = packed("--json")

    answer = json.loads(result.stdout)
    assert result.exit_code == SOUND
    assert set(answer) == KEYS | FACTS
    assert (answer["schema_version"], answer["ok"], answer["installed"]) == (1, True, False)
    assert answer["path"] == str(tmp_path / "out" / "a_plugin-1.2.3.difypkg")


def test_a_faulty_package_is_not_kept_and_every_problem_is_listed(packed, plugin, tmp_path):
    (plugin / "LICENSE").unlink()
    (plugin / "requirements.txt").write_text("dify-plugin\n")

    result = packed()

    assert result.exit_code == FAULTY
    assert not (tmp_path / "out").exists()
    assert "LICENSE is missing" in result.stderr
    assert "not a pin with hashes: dify-plugin" in result.stderr


def test_a_faulty_package_replaces_no_sound_one(packed, plugin, tmp_path):
    packed()
    sound = (tmp_path / "out" / "a_plugin-1.2.3.difypkg").read_bytes()
    (plugin / "LICENSE").unlink()

    packed()

    assert (tmp_path / "out" / "a_plugin-1.2.3.difypkg").read_bytes() == sound


def test_problems_are_in_the_json_too(packed, plugin):
    (plugin / "LICENSE").unlink()

    result = packed("--json")

    assert result.exit_code == FAULTY
    assert json.loads(result.stdout) == {
        "schema_version": 1,
        "ok": False,
        "installed": False,
        "problems": ["LICENSE is missing"],
        "error": "",
    }


@pytest.mark.parametrize("manifest", ["- 1\n", "a: [", "", "\0"])
def test_without_a_readable_manifest_nothing_is_packed(manifest, packed, plugin):
    (plugin / "manifest.yaml").write_text(manifest)

    result = packed("--json")

    assert result.exit_code == NOT_RUN
    assert json.loads(result.stdout)["error"].startswith("manifest.yaml ")


def test_a_name_that_is_a_path_leads_nowhere(packed, plugin, tmp_path):
    text = (plugin / "manifest.yaml").read_text()
    (plugin / "manifest.yaml").write_text(text.replace("name: a_plugin", "name: ../../evil"))

    result = packed()

    assert result.exit_code == FAULTY
    assert [path.name for path in tmp_path.iterdir()] == ["plugin"]


def test_a_folder_that_cannot_be_written_is_said_in_one_line(packed, tmp_path):
    (tmp_path / "out").write_text("a file")

    result = packed()

    assert result.exit_code == NOT_RUN
    assert result.stderr.startswith("Not packed: ")


def test_the_install_check_has_two_names_for_off(packed):
    assert packed("--offline-check").exit_code == SOUND
