"""Dify's own word: the debugging key, and whether the plugin is installed there already."""

from collections.abc import Mapping
from typing import Any

from scripts.debug.checking import Finding
from scripts.debug.target import Target
from scripts.dify.errors import DifyError, Refused
from scripts.dify.ours import our_provider
from scripts.dify.plugins import BASE
from scripts.dify.replies import FORBIDDEN
from scripts.dify.session import DifySession
from scripts.kit.settings import Settings

REMOTE = "remote"
RIGHTS = "this account may not debug plugins: an owner or admin can allow it, in Dify → Plugins → the sliders icon"


def can_sign_in(settings: Settings) -> bool:
    """Without asking a person."""
    by_password = settings.dify_email and (settings.dify_password.get_secret_value() or settings.dify_password_file)
    return bool(settings.dify_admin_api_key.get_secret_value() or by_password)


def ask(dify: DifySession) -> Target:
    """A new key, or the old one for two hours more, and the address that Dify shows beside it.

    Raises:
        DifyError: it gives none to this account, or has no plugin daemon.
    """
    try:
        told = dify.get(f"{BASE}/debugging-key")
    except Refused as error:
        error.fix = RIGHTS if error.status == FORBIDDEN else error.fix
        raise
    if not isinstance(told, dict) or not told.get("key"):
        raise Refused(
            "Dify's answer holds no debugging key", "look at the daemon's log: docker compose logs plugin_daemon"
        )
    port = str(told.get("port") or "")
    return Target(str(told.get("host") or ""), int(port) if port.isdecimal() else 0, str(told["key"]), dify.url)


def check_installed(dify: DifySession) -> list[Finding]:
    """The daemon keeps one plugin of an id, and tells nobody on the debugging port which one it took."""
    plugin = our_provider().rpartition("/")[0]
    try:
        found = dify.post(f"{BASE}/list/installations/ids", {"plugin_ids": [plugin]})["plugins"]
    except DifyError:
        return []  # it may be asked for the key and not for this
    return [_finding(each, plugin, dify.url) for each in found]


def _finding(installed: Mapping[str, Any], plugin: str, url: str) -> Finding:
    version = installed.get("version", "")
    if installed.get("runtime_type") == REMOTE:
        wrong = (
            f"{plugin} {version} is in {url} by remote debugging already: another instance, or one that has just gone"
        )
        fix = "end the other one: when one of two goes, the daemon sends nothing to the one that stays"
        return Finding("ANOTHER_INSTANCE", url, wrong, fix, stops=False)
    wrong = f"{plugin} {version} is installed in {url}: from 0.6.1 on the plugin daemon goes on asking that one, "
    wrong += "and uninstalls it when the debugging ends"
    fix = "uninstall it in Dify → Plugins first (models added by name are kept; `python -m scripts install` brings it "
    return Finding("INSTALLED", url, wrong, f"{fix}back); --anyway goes on, as is right for older daemons")
