"""The servers' addresses as Dify must write them: 127.0.0.1 is another machine in a container."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from provider.core.address import candidates, host_and_port, is_this_machine
from provider.core.errors import BadSetting
from provider.core.instances import Instance

FLAG = "--as-seen-by-dify"
# How containers usually call the machine they run on.
USUAL_HOSTS = ("host.docker.internal", "172.17.0.1")


def checked_host(typed: str) -> str:
    """A name or an address, with brackets if it is IPv6.

    Raises:
        BadSetting: it is something else, such as an address with a port.
    """
    host = typed.strip().lower()
    if not host:
        return ""
    if re.search(r"[/@]", host) or re.fullmatch(r"\d*|[^\[:]*:\d*|\[.*\]:\d*", host):
        raise BadSetting(f"{FLAG} takes the name of a host only, such as {USUAL_HOSTS[0]}; the port is the server's")
    return urlsplit(candidates(f"http://{host}")[0]).netloc


def seen_by_dify(url: str, host: str) -> str:
    """The same server at `host`, if it is at a loopback address here."""
    if not host or not is_this_machine(url):
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{host}:{host_and_port(url)[1]}{parts.path}"


def as_typed(servers: Sequence[tuple[Instance, str]]) -> str:
    """What to type into the form's field for these servers, with the names and options they were given."""
    return ", ".join(_entry(instance, url) for instance, url in servers)


def _entry(instance: Instance, url: str) -> str:
    is_named = instance.name not in {each.partition("://")[2] for each in instance.urls}
    name = f"{instance.name}=" if is_named else ""
    weight = f" weight={instance.weight:g}" if instance.weight != 1 else ""
    limit = f" limit={instance.limit}" if instance.limit else ""
    return f"{name}{url}{weight}{limit}"
