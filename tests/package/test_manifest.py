import pytest
import yaml

from scripts.packaging.documents import at, texts
from scripts.packaging.manifest_rules import manifest_problems

LANGUAGES = {"en_US", "zh_Hans", "ja_JP", "pt_BR"}


@pytest.fixture
def manifest(repository):
    return yaml.safe_load((repository / "manifest.yaml").read_bytes())


def test_the_manifest_keeps_every_rule(manifest):
    assert list(manifest_problems(manifest)) == []


def test_the_provider_id_is_what_every_document_says(manifest, repository):
    provider = yaml.safe_load((repository / manifest["plugins"]["models"][0]).read_bytes())["provider"]

    assert f"{manifest['author']}/{manifest['name']}/{provider}" == "localmodels/local_models/local_models"


def test_the_manifest_speaks_all_four_languages(manifest):
    assert {path: set(text) for path, text in texts(manifest)} == {"label": LANGUAGES, "description": LANGUAGES}


def test_it_asks_for_no_permission(manifest):
    assert at(manifest, "resource.permission") == {}


def test_dify_1_12_1_may_install_it(manifest):
    wanted = at(manifest, "meta.minimum_dify_version")

    assert tuple(map(int, wanted.split("."))) <= (1, 12, 0)


def test_its_version_is_that_of_the_project(manifest, repository):
    assert f'version = "{manifest["version"]}"' in (repository / "pyproject.toml").read_text()
