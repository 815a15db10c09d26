"""How the kit signs in to Dify: the secrets come from the environment, a file or a prompt, never from arguments."""

import sys
from getpass import getpass
from pathlib import Path

from scripts.dify.session import DifySession, SignIn
from scripts.kit import exits
from scripts.kit.command import Stop
from scripts.kit.settings import Settings

HOW = "set DIFY_EMAIL and DIFY_PASSWORD (or DIFY_PASSWORD_FILE), or DIFY_ADMIN_API_KEY and DIFY_WORKSPACE_ID"
FIND_WORKSPACE = (
    "set DIFY_WORKSPACE_ID; find it in Dify's docker folder: "
    "docker compose exec db_postgres psql -U postgres dify -c 'select id, name from tenants' "
    "(in older versions the service is called db)"
)


def connect(settings: Settings) -> DifySession:
    """Nothing is sent yet.

    Raises:
        Stop: no way to sign in was given.
    """
    return DifySession(settings.dify_url, _sign_in(settings))


def _sign_in(settings: Settings) -> SignIn:
    if key := settings.dify_admin_api_key.get_secret_value():
        if not settings.dify_workspace_id:
            raise Stop("the admin API key needs the id of a workspace", FIND_WORKSPACE, exits.USAGE)
        return SignIn(admin_key=key, workspace_id=settings.dify_workspace_id)
    email = settings.dify_email or _asked_email()
    return SignIn(email=email, password=_password(settings, email))


def _asked_email() -> str:
    if not sys.stdin.isatty():
        raise Stop("no way to sign in to Dify was given", HOW, exits.USAGE)
    print("E-mail in Dify: ", end="", file=sys.stderr, flush=True)
    if email := sys.stdin.readline().strip():
        return email
    raise Stop("no e-mail address was given", HOW, exits.USAGE)


def _password(settings: Settings, email: str) -> str:
    if password := settings.dify_password.get_secret_value():
        return password
    if settings.dify_password_file:
        return _from_file(Path(settings.dify_password_file))
    if sys.stdin.isatty():
        try:
            return getpass(f"Password of {email} in Dify: ")
        except EOFError:
            raise Stop("no password was given", HOW, exits.USAGE) from None
    raise Stop(f"the password of {email} in Dify is missing", HOW, exits.USAGE)


def _from_file(path: Path) -> str:
    """One line; the line feed at its end is not part of it."""
    try:
        password = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"DIFY_PASSWORD_FILE cannot be read: {error}", code=exits.USAGE) from None
    if not password:
        raise Stop(f"DIFY_PASSWORD_FILE is empty: {path}", code=exits.USAGE)
    return password
