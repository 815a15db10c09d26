import zipfile
from dataclasses import replace

import pytest

from scripts.pack import check, pack
from scripts.packaging import content_rules

M, P, A, R = "manifest.yaml", "provider/a.yaml", "provider/predefined/auto.yaml", "requirements.txt"

# The file, what stands there, what is planted instead, and words of the complaint.
PLANTED = {
    "version with two numbers": (M, "version: 1.2.3", "version: '1.2'", "version must be three numbers"),
    "version that is a number": (M, "version: 1.2.3", "version: 1.2", "version must be three numbers"),
    "version with a line break": (M, "version: 1.2.3", 'version: "1.2.3\\n"', "version must be three numbers"),
    "another type": (M, "type: plugin", "type: bundle", "type must be plugin"),
    "author in capitals": (M, "author: somebody", "author: Somebody", "author must be lower case"),
    "author is a UUID": (M, "somebody", "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "author must be lower case"),
    "reserved author": (M, "somebody", "dify_fans", "without dify or langgenius"),
    "name with a blank": (M, "name: a_plugin", "name: a plugin", "name must be lower case"),
    "label without English": (M, "label: {en_US: A plugin}", "label: {zh_Hans: 插件}", "label must be a translated"),
    "text too long": (M, "It does nothing.", "x" * 1024, "description.en_US must be a text of 1 to 1023"),
    "text that is no text": (M, "It does nothing.", "yes", "description.en_US must be a text"),
    "text that is empty": (P, "label: {en_US: A}", 'label: {en_US: A, ja_JP: ""}', "label.ja_JP must be a text"),
    "no such icon": (M, "icon: icon.svg", "icon: logo.svg", "there is no _assets/logo.svg"),
    "no such dark icon": (M, "icon_dark: dark.svg", "icon_dark: night.svg", "there is no _assets/night.svg"),
    "no such provider icon": (P, "{en_US: icon.svg}", "{en_US: small.svg}", "there is no _assets/small.svg"),
    "icon that is no mapping": (P, "{en_US: icon.svg}", "small.svg", "there is no _assets/small.svg"),
    "time without a zone": (M, "2026-01-31T00:00:00Z", "2026-01-31T00:00:00", "created_at must be a time"),
    "no such privacy file": (M, "privacy: PRIVACY.md", "privacy: PRIVATE.md", "privacy names PRIVATE.md"),
    "unknown tag": (M, "[utilities]", "[ai]", "tags must be some of"),
    "tags that are no list": (M, "[utilities]", "utilities", "tags must be some of"),
    "repository that is no URL": (M, "type: plugin", "type: plugin\nrepo: here", "repo must be a URL"),
    "memory in words": (M, "memory: 1024", "memory: 1 KiB", "resource.memory must be a number"),
    "two providers": (M, "[provider/a.yaml]", "[provider/a.yaml, provider/b.yaml]", "exactly one model provider"),
    "a tool as well": (M, "{models:", "{tools: [x.yaml], models:", "exactly one model provider"),
    "no such provider": (M, "[provider/a.yaml]", "[provider/b.yaml]", "provider/b.yaml is missing"),
    "unknown architecture": (M, "[amd64]", "[amd64, riscv]", "meta.arch must be amd64, arm64 or both"),
    "no architecture": (M, "[amd64]", "[]", "meta.arch must be amd64, arm64 or both"),
    "another language": (M, "language: python", "language: go", "meta.runner.language must be python"),
    "runner version a number": (M, 'version: "3.12"', "version: 3.12", "meta.runner.version must be a quoted"),
    "no such entry point": (M, "entrypoint: main", "entrypoint: start", "names start.py, which is not in the package"),
    "Dify version with two numbers": (M, "1.6.0", "'1.6'", "minimum_dify_version must be three numbers"),
    "default that is no text": (P, 'default: "one"', "default: 10", "kind: the default must be a quoted text"),
    "default that YAML reads as a truth": (P, 'default: "one"', "default: on", "the default must be a quoted text"),
    "default that is no option": (P, 'default: "one"', 'default: "three"', "the default three is none of the options"),
    "option that YAML reads as a truth": (P, 'value: "true", label', "value: true, label", "option's value must be"),
    "select without options": (
        P,
        "variable: mode\n      type: text-input",
        "variable: mode\n      type: select",
        "noth",
    ),
    "switch": (P, "variable: mode\n      type: text-input", "variable: mode\n      type: switch", "must be a select"),
    "condition on nothing": (P, "variable: kind, value", "variable: kin, value", "show_on names 'kin'"),
    "condition on a truth": (P, 'kind, value: "true"', "kind, value: true", "show_on compares with True"),
    "model type in the provider's form": (
        P,
        "{variable: kind, value",
        "{variable: __model_type, value",
        "__model_type",
    ),
    "no such entry file": (P, "provider/a.py", "provider/b.py", "the entry file provider/b.py is not in the package"),
    "entry file that is a list": (P, "provider_source: provider/a.py", "provider_source: [1]", "the entry file"),
    "entry file not deep enough": (P, "[provider/models/llm.py]", "[provider/a.py]", "must lie two folders deep"),
    "no predefined model": (P, "predefined/*.yaml", "models/*.yaml", "no file of the package is like"),
    "two stars": (P, "provider/predefined/*.yaml", "provider/**/auto/*.yaml", "no file of the package is like"),
    "unknown template": (A, "use_template: temperature", "use_template: seed", "there is no template 'seed'"),
    "options that are truths": (A, '["off", "on"]', "[off, on]", "thinking: options must be quoted texts"),
    "unknown form type": (P, "variable: url, type: text-input", "variable: url, type: text", "the SDK cannot read it"),
    "unknown model type": (A, "model_type: llm", "model_type: chat", "the SDK cannot read it"),
    "pin without a hash": (R, "colorama==0.4.6 ;", "colorama==0.4.6\nx==1 ;", "not a pin with hashes: colorama"),
    "requirement without a pin": (R, "colorama==0.4.6", "colorama>=0.4", "not a pin with hashes: colorama"),
    "an index": (R, "# pinned", "--index-url https://example.org/simple", "not a pin with hashes: --index-url"),
    "another file": (R, "# pinned", "-r other.txt", "not a pin with hashes: -r other.txt"),
    "requirement from a URL": (R, "# pinned", "x @ https://example.org/x.whl", "not a pin with hashes: x @"),
    "no SDK": (R, "dify-plugin==", "difyplugin==", "dify-plugin is not in it"),
    "private key": (
        "main.py",
        "pass",
        "'''-----BEGIN RSA PRIVATE" + " KEY-----'''",
        "main.py:1: holds what looks like a",
    ),
    "token": ("provider/a.py", "pass", "\n\nx = 'ghp_" + "a1B2" * 9 + "'", "provider/a.py:3: holds what looks like"),
    "password in a URL": ("README.md", "Words", "https://me:secret1@host", "looks like a password in a URL"),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(fault, plugin, tmp_path):
    name, healthy, planted, words = PLANTED[fault]
    text = (plugin / name).read_text()
    assert healthy in text
    (plugin / name).write_text(text.replace(healthy, planted, 1))

    problems = problems_of(plugin, tmp_path)

    assert [problem for problem in problems if words in problem], problems


@pytest.mark.parametrize("count", [0, 33])
def test_a_form_has_1_to_32_fields(count, plugin, tmp_path):
    fields = "".join(f"\n    - {{variable: x{at}, type: text-input, label: {{en_US: X}}}}" for at in range(count))
    head, _ = (plugin / P).read_text().split("model_credential_schema")
    form = f"model_credential_schema:\n  model: {{label: {{en_US: M}}}}\n  credential_form_schemas:{fields or ' []'}\n"
    (plugin / P).write_text(head + form)

    assert problems_of(plugin, tmp_path) == [
        f"provider/a.yaml: model_credential_schema: has {count} fields, Dify takes 1 to 32"
    ]


@pytest.mark.parametrize("name", ["LICENSE", "PRIVACY.md", "README.md", "main.py", "requirements.txt"])
def test_a_missing_file_is_named(name, plugin, tmp_path):
    (plugin / name).unlink()

    assert f"{name} is missing" in problems_of(plugin, tmp_path)


@pytest.mark.parametrize("name", ["provider/a.yaml", "provider/predefined/auto.yaml"])
@pytest.mark.parametrize("junk", [b"a: [", b"\xff\xfe\x00", b"- 1\n", b"", b"a: 2026-99-99T00:00:00Z\n"])
def test_a_file_that_is_no_mapping_is_a_problem_and_no_crash(name, junk, plugin, tmp_path):
    (plugin / name).write_bytes(junk)

    assert [problem for problem in problems_of(plugin, tmp_path) if problem.startswith(name)]


@pytest.mark.parametrize("junk", ["1", "[]", "[1]", "text", "{a: [b]}"])
@pytest.mark.parametrize(
    "key", ["models", "extra", "icon_small", "provider_credential_schema", "model_credential_schema"]
)
def test_a_value_of_another_shape_is_a_problem_and_no_crash(key, junk, plugin, tmp_path):
    lines = (plugin / P).read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{key}:"))
    rest = [line for line in lines[at + 1 :] if not line.startswith(" ") or lines[at].endswith("}")]
    (plugin / P).write_text("\n".join([*lines[:at], f"{key}: {junk}", *rest]))

    assert problems_of(plugin, tmp_path)


def test_a_secret_is_never_repeated(plugin, tmp_path):
    secret = "hf_" + "aB3" * 12
    (plugin / "main.py").write_text(f"key = '{secret}'")

    assert secret not in "".join(problems_of(plugin, tmp_path))


def test_more_than_50_mib_unpacked_are_too_much():
    files = {"provider/a.py": b"x" * (content_rules.MOST_BYTES - 1), "main.py": b"x"}

    assert list(content_rules.size_problems(files)) == []
    assert list(content_rules.size_problems({**files, "LICENSE": b"x"})) == [
        "52428801 bytes unpacked are more than Dify takes (52428800); the largest are provider/a.py, main.py, LICENSE"
    ]


def test_a_file_that_came_into_the_archive_afterwards_is_found(plugin, tmp_path):
    package = pack(plugin, tmp_path)
    with zipfile.ZipFile(package.path, "a") as archive:
        archive.writestr(".env", "KEY=1")

    assert check(package) == [
        ".env is in the package but not on the list",
        ".env is in the package but was not packed",
        "the checksum is not that of the contents",
    ]


def test_a_file_that_got_lost_is_found(plugin, tmp_path):
    package = pack(plugin, tmp_path)
    package = replace(package, files=(*package.files, "provider/lost.py"))

    assert check(package) == ["provider/lost.py was packed but is not in the package"]


def test_a_broken_archive_is_a_problem_and_no_crash(plugin, tmp_path):
    package = pack(plugin, tmp_path)
    package.path.write_bytes(package.path.read_bytes()[:-30])

    assert check(package) == ["a_plugin-1.2.3.difypkg cannot be read: File is not a zip file"]


def problems_of(plugin, tmp_path):
    return check(pack(plugin, tmp_path / "out"))
