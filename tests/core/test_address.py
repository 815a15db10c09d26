"""What people type as an address, and what it is taken for."""

import pytest

from provider.core.address import candidates, display, host_and_port, is_this_machine, root_url
from provider.core.errors import BadSetting

ONE = [
    # host, port and scheme
    ("192.168.1.5:11434", "http://192.168.1.5:11434"),
    ("http://192.168.1.5:11434", "http://192.168.1.5:11434"),
    ("https://models.example.com", "https://models.example.com"),
    ("http://models.example.com", "http://models.example.com"),
    ("http://h:80", "http://h:80"),
    ("HTTP://Ollama.LAN:11434/", "http://ollama.lan:11434"),
    ("host.docker.internal:11434", "http://host.docker.internal:11434"),
    ("my_service:8000", "http://my_service:8000"),
    (":11434", "http://127.0.0.1:11434"),
    ("11434", "http://127.0.0.1:11434"),
    ("http://:8080/", "http://127.0.0.1:8080"),
    ("http://h:/v1", "http://h"),
    # blanks, quotes and an input method's full-width letters
    ("  http://h:1  ", "http://h:1"),
    ("'http://h:1'", "http://h:1"),
    ('"h:1/"', "http://h:1"),
    ("“h:1”", "http://h:1"),
    ("<http://h:1>", "http://h:1"),
    ("http：／／h：１", "http://h:1"),
    # “every address” is no place to go to
    ("0.0.0.0:11434", "http://127.0.0.1:11434"),
    ("http://0.0.0.0:8080/v1", "http://127.0.0.1:8080"),
    ("[::]:8080", "http://[::1]:8080"),
    # IPv6
    ("[::1]:11434", "http://[::1]:11434"),
    ("http://[fd00::1]:8080/v1/", "http://[fd00::1]:8080"),
    ("http://[fd00::1]", "http://[fd00::1]"),
    ("[FE80::1%eth0]:8080", "http://[fe80::1%25eth0]:8080"),
    ("[fe80::1%25eth0]:8080", "http://[fe80::1%25eth0]:8080"),
    # other alphabets
    ("münchen.example:11434", "http://xn--mnchen-3ya.example:11434"),
    ("http://模型.example:11434/路", "http://xn--xgs754b.example:11434/%E8%B7%AF"),
    # a route that was pasted with it
    ("http://h:1/v1", "http://h:1"),
    ("http://h:1/v1/", "http://h:1"),
    ("http://h:1/V1", "http://h:1"),
    ("http://h:1/v1/v1", "http://h:1"),
    ("http://h:1/v1/chat/completions", "http://h:1"),
    ("http://h:1/v1/completions", "http://h:1"),
    ("http://h:1/v1/models", "http://h:1"),
    ("http://h:1/v1/models/org/name", "http://h:1"),
    ("http://h:1/v1/embeddings", "http://h:1"),
    ("http://h:1/api", "http://h:1"),
    ("http://h:1/api/", "http://h:1"),
    ("http://h:1/api/chat", "http://h:1"),
    ("http://h:1/api/generate", "http://h:1"),
    ("http://h:1/api/tags", "http://h:1"),
    ("http://h:1/api/show", "http://h:1"),
    ("http://h:1/api/version", "http://h:1"),
    ("http://h:1/api/v0", "http://h:1"),
    ("http://h:1/api/v0/models", "http://h:1"),
    ("http://h:1/health", "http://h:1"),
    ("http://h:1/props", "http://h:1"),
    # a path that belongs to the address
    ("http://h/ollama", "http://h/ollama"),
    ("http://h/ollama/", "http://h/ollama"),
    ("http://h//ollama///api/tags", "http://h/ollama"),
    ("https://h/llm/openai/v1/models", "https://h/llm/openai"),
    ("http://h:12434/engines/v1", "http://h:12434/engines"),
    ("http://h/embeddings/v1", "http://h/embeddings"),
    ("http://h/v1/gateway", "http://h/v1/gateway"),
    ("http://h/apis", "http://h/apis"),
]


@pytest.mark.parametrize(("typed", "url"), ONE)
def test_an_address_with_a_port_or_a_scheme_means_one_url(typed, url):
    assert candidates(typed) == (url,)


@pytest.mark.parametrize("url", sorted({url for _, url in ONE}))
def test_a_url_that_is_in_order_already_stays_as_it_is(url):
    assert candidates(url) == (url,)


@pytest.mark.parametrize(
    ("typed", "kind", "urls"),
    [
        ("h", "ollama", ("http://h:11434",)),
        ("h", "llamacpp", ("http://h:8080", "http://h:9931")),
        ("h", "lmstudio", ("http://h:1234",)),
        ("h", "openai", ("http://h:8000",)),
        ("h", "auto", ("http://h:11434", "http://h:8080", "http://h:1234", "http://h:9931", "http://h:8000")),
        ("h/prefix/v1", "ollama", ("http://h:11434/prefix",)),
        ("::1", "ollama", ("http://[::1]:11434",)),
        ("fd00::1", "lmstudio", ("http://[fd00::1]:1234",)),
        ("::", "ollama", ("http://[::1]:11434",)),
        ("0.0.0.0", "ollama", ("http://127.0.0.1:11434",)),
    ],
)
def test_without_scheme_and_port_the_kind_s_default_ports_are_tried(typed, kind, urls):
    assert candidates(typed, kind) == urls


@pytest.mark.parametrize(
    ("typed", "urls"),
    [
        ("h:13305/api/v1", ("http://h:13305", "http://h:13305/api")),
        ("http://h/api/v1/models", ("http://h", "http://h/api")),
        ("https://h/x/api/v1/chat/completions", ("https://h/x", "https://h/x/api")),
    ],
)
def test_api_v1_is_lm_studio_s_route_or_lemonade_s_prefix(typed, urls):
    assert candidates(typed) == urls


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "is empty"),
        ("  ''  ", "is empty"),
        ("http://", "has no host name"),
        ("/v1", "has no host name"),
        ("/run/ollama.sock", "has no host name"),
        ("ws://h:1", "only http:// and https:// can"),
        ("file:///etc/hosts", "only http:// and https:// can"),
        ("unix:/run/ollama.sock", "scheme that cannot be used"),
        ("http:/h:1", "scheme that cannot be used"),
        ("http//h:1", "scheme that cannot be used"),
        ("http://http://h:1", "scheme that cannot be used"),
        ("h:0", "no valid port"),
        ("h:65536", "no valid port"),
        ("h:99999999999999999999", "no valid port"),
        ("h:abc", "no valid port"),
        ("h:-1", "no valid port"),
        ("h:²", "no valid port"),
        ("[::1]11434x", "no valid port"),
        ("[::1", "no valid IPv6 address"),
        ("[h]:1", "no valid IPv6 address"),
        ("h:1:2", "no valid IPv6 address"),
        ("192.168.1", "no valid IPv4 address"),
        ("192.168.1.300:1", "no valid IPv4 address"),
        ("a..b", "no valid host name"),
        ("-h:1", "no valid host name"),
        ("h,i:1", "no valid host name"),
        ("ü" * 70 + ".example", "no valid host name"),
        ("my host:1", "contains a blank"),
        ("http:\\\\h:1", "contains a blank or a backslash"),
        ("h\x00:1", "contains a blank"),
        ("http://h:1?model=x", "must end before the ? or #"),
        ("http://h:1/#/chat", "must end before the ? or #"),
    ],
)
def test_what_cannot_be_an_address_is_refused_with_the_reason_and_an_example(typed, reason):
    with pytest.raises(BadSetting, match=r"Example: http://host\.docker\.internal:11434") as refusal:
        candidates(typed)

    assert reason in str(refusal.value)


def test_a_refusal_shows_what_was_typed():
    with pytest.raises(BadSetting, match="“ws://h:1”"):
        candidates("ws://h:1")


@pytest.mark.parametrize(
    "typed",
    [
        "http://me:hunter2@h:1",
        "me:hunter2@h",
        "http://me:hun/ter2@h",
        "http://me:hunter2＠h",
        "me hunter2@h",
        "h:1 hunter2",
        "h:1?key=hunter2",
        "h:1#hunter2",
    ],
)
def test_a_password_or_a_key_in_the_address_is_refused_and_not_repeated(typed):
    with pytest.raises(BadSetting) as refusal:
        candidates(typed)

    assert "hun" not in str(refusal.value)


def test_a_password_belongs_into_the_key():
    with pytest.raises(BadSetting, match="as the API key, to be sent as “Basic”"):
        candidates("http://me:secret@h:1")


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:11434", True),
        ("http://localhost.:1", True),
        ("http://ollama.localhost:1", True),
        ("http://127.0.0.1:1", True),
        ("http://127.9.9.9:1", True),
        ("http://[::1]:1", True),
        ("http://[::ffff:127.0.0.1]:1", True),
        ("http://0.0.0.0:1", True),
        ("http://172.17.0.1:1", False),
        ("http://host.docker.internal:1", False),
        ("http://localhost.example.com:1", False),
        ("http://[fe80::1%25eth0]:1", False),
    ],
)
def test_loopback_names_and_addresses_are_this_machine(url, here):
    assert is_this_machine(url) is here


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("http://h:1/x", ("h", 1)),
        ("http://h", ("h", 80)),
        ("https://h", ("h", 443)),
        ("http://[::1]:8080", ("::1", 8080)),
        ("http://[fe80::1%25eth0]:8080", ("fe80::1%eth0", 8080)),
    ],
)
def test_a_url_says_where_to_connect(url, where):
    assert host_and_port(url) == where


@pytest.mark.parametrize("url", ["http://h:1", "https://[::1]:8080", "http://[fe80::1%25eth0]:1"])
def test_a_root_url_is_made_of_what_was_read_from_it(url):
    assert root_url(*host_and_port(url), scheme=url.split(":")[0]) == url


def test_only_harmless_parts_of_a_url_are_displayed():
    assert display("http://me:secret@proxy:3128/x/?key=1#2") == "http://proxy:3128/x"
