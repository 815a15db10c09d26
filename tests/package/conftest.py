"""A plugin just large enough to be packed, and the repository's own."""

from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "manifest.yaml": """
        version: 1.2.3
        type: plugin
        author: somebody
        name: a_plugin
        label: {en_US: A plugin}
        description: {en_US: It does nothing.}
        icon: icon.svg
        icon_dark: dark.svg
        created_at: "2026-01-31T00:00:00Z"
        privacy: PRIVACY.md
        tags: [utilities]
        resource: {memory: 1024, permission: {}}
        plugins: {models: [provider/a.yaml]}
        meta:
          version: 0.0.2
          arch: [amd64]
          runner: {language: python, version: "3.12", entrypoint: main}
          minimum_dify_version: 1.6.0
    """,
    "provider/a.yaml": """
        provider: a
        label: {en_US: A}
        icon_small: {en_US: icon.svg}
        supported_model_types: [llm]
        configurate_methods: [predefined-model, customizable-model]
        models: {llm: {predefined: ["provider/predefined/*.yaml"]}}
        extra: {python: {provider_source: provider/a.py, model_sources: [provider/models/llm.py]}}
        provider_credential_schema:
          credential_form_schemas:
            - {variable: url, type: text-input, required: true, label: {en_US: URL}}
            - variable: kind
              type: select
              required: false
              default: "one"
              label: {en_US: Kind}
              options: [{value: "one", label: {en_US: One}}, {value: "true", label: {en_US: Two}}]
            - variable: more
              type: text-input
              required: false
              label: {en_US: More}
              show_on: [{variable: kind, value: "true"}]
        model_credential_schema:
          model: {label: {en_US: Model}}
          credential_form_schemas:
            - variable: mode
              type: text-input
              required: false
              label: {en_US: Mode}
              show_on: [{variable: __model_type, value: llm}]
    """,
    "provider/predefined/auto.yaml": """
        model: auto
        label: {en_US: auto}
        model_type: llm
        model_properties: {mode: chat, context_size: 4096}
        parameter_rules:
          - {name: temperature, use_template: temperature}
          - {name: thinking, type: string, label: {en_US: Thinking}, options: ["off", "on"]}
    """,
    "requirements.txt": f"""
        # pinned
        dify-plugin==0.10.2 \\
            --hash=sha256:{"a" * 64} \\
            --hash=sha256:{"b" * 64}
        colorama==0.4.6 ; sys_platform == "win32" \\
            --hash=sha256:{"c" * 64}
    """,
    **dict.fromkeys(["provider/a.py", "provider/models/llm.py", "main.py"], "pass\n"),
    **dict.fromkeys(["_assets/icon.svg", "_assets/dark.svg"], "<svg/>\n"),
    **dict.fromkeys(["README.md", "PRIVACY.md", "LICENSE"], "Words.\n"),
}


@pytest.fixture
def plugin(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "plugin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"))
    return tmp_path / "plugin"


@pytest.fixture
def repository():
    return ROOT
