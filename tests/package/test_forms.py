import pytest
import yaml

from provider.dify.credentials import read_credentials
from scripts.packaging.documents import texts
from scripts.packaging.provider_rules import MOST_FIELDS, form_problems

LANGUAGES = {"en_US", "zh_Hans", "ja_JP", "pt_BR"}
PROVIDER, MODEL = "provider_credential_schema", "model_credential_schema"
FIRST = ["base_url", "server", "api_key"]
SHARED = [
    *FIRST,
    *("context_size", "keep_alive", "thinking_output", "extra_body"),
    *("auth_scheme", "auth_header", "extra_headers", "tls_verify", "tls_ca", "proxy"),
    *("connect_timeout", "first_token_timeout", "idle_timeout", "total_timeout"),
]
OF_A_RERANKER = ["rerank_scores", "rerank_fallback"]
OF_A_SPEECH_MODEL = ["language", "voices"]
OF_AN_EMBEDDER = ["batch_size", "dimensions", "query_prefix", "document_prefix"]
OF_A_MODEL = [
    *("model_name", "mode", "tools", "vision", "audio", "thinking", "structured_output"),
    *OF_AN_EMBEDDER,
    *OF_A_RERANKER,
    *OF_A_SPEECH_MODEL,
]
OF_AN_LLM = ["mode", "tools", "vision", "audio", "thinking", "structured_output", "thinking_output"]
DEFAULTS = {
    "server": "auto",
    "mode": "chat",
    **dict.fromkeys(["tools", "vision", "audio", "thinking", "structured_output"], "detected"),
    "thinking_output": "tags",
    "rerank_scores": "auto",
    "rerank_fallback": "none",
    "auth_scheme": "bearer",
    "tls_verify": "true",
    "connect_timeout": "10",
    "first_token_timeout": "300",
    "idle_timeout": "120",
    "total_timeout": "590",
}


@pytest.fixture
def provider(repository):
    return yaml.safe_load((repository / "provider" / "local_models.yaml").read_bytes())


def test_every_text_speaks_all_four_languages(provider):
    icons = {"icon_small", "icon_large", "icon_small_dark", "icon_large_dark"}

    assert {path: set(text) for path, text in texts(provider) if set(text) != LANGUAGES} == {
        icon: {"en_US"} for icon in icons
    }


@pytest.mark.parametrize("form", [PROVIDER, MODEL])
def test_a_form_keeps_every_rule(form, provider):
    assert list(form_problems(provider, form)) == []
    assert len(fields(provider, form)) <= MOST_FIELDS


def test_the_forms_ask_for_what_they_should(provider):
    assert sorted(fields(provider, PROVIDER)) == sorted(SHARED)
    assert sorted(fields(provider, MODEL)) == sorted([*SHARED, *OF_A_MODEL])


@pytest.mark.parametrize("form", [PROVIDER, MODEL])
def test_what_a_newcomer_needs_comes_first(form, provider):
    assert list(fields(provider, form))[:3] == FIRST
    assert [name for name, field in fields(provider, form).items() if field["required"]] == ["base_url"]


def test_a_field_of_both_forms_is_the_same_in_both(provider):
    of_the_provider, of_the_model = fields(provider, PROVIDER), fields(provider, MODEL)
    # Only the model's form knows which kind of model it is about.
    of_the_model["thinking_output"] = {**of_the_model["thinking_output"]}
    del of_the_model["thinking_output"]["show_on"]

    assert {name: of_the_model[name] for name in SHARED} == of_the_provider


def test_the_defaults_are_texts_and_as_agreed(provider):
    assert defaults(provider) == DEFAULTS


def test_only_an_llm_is_asked_about_chatting(provider):
    condition = [{"variable": "__model_type", "value": "llm"}]
    asked = [name for name, field in fields(provider, MODEL).items() if field.get("show_on") == condition]

    assert sorted(asked) == sorted(OF_AN_LLM)


def test_the_header_is_asked_for_only_when_the_key_goes_into_it(provider):
    assert fields(provider, MODEL)["auth_header"]["show_on"] == [{"variable": "auth_scheme", "value": "header"}]


def test_secrets_are_stored_as_secrets(provider):
    secret = [name for name, field in fields(provider, MODEL).items() if field["type"] == "secret-input"]

    assert secret == ["api_key", "extra_headers"]


def test_a_field_without_a_default_shows_a_placeholder(provider):
    bare = {name for name, field in fields(provider, MODEL).items() if not {"default", "placeholder"} & set(field)}

    assert bare == set()


def test_the_defaults_are_what_an_empty_form_means(provider):
    address = {"base_url": "http://host.docker.internal:11434"}

    assert read_credentials({**address, **defaults(provider)}) == read_credentials(address)


def test_every_option_can_be_read(provider):
    for name, field in fields(provider, MODEL).items():
        for option in field.get("options", []):
            read_credentials({"base_url": "http://localhost:1", name: option["value"]})


def fields(provider, form):
    return {field["variable"]: dict(field) for field in provider[form]["credential_form_schemas"]}


def defaults(provider):
    return {name: field["default"] for name, field in fields(provider, MODEL).items() if "default" in field}
