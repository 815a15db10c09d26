"""What is under examination, and what was found about it."""

from __future__ import annotations

from typing import Any

from scripts.doctoring.causes import LABELS, blanks, cause, fits
from scripts.doctoring.doors import HOST_NAMES, look
from scripts.doctoring.machine import Machine
from scripts.doctoring.pages import Page, is_ip, root
from scripts.doctoring.words import ROWS, words

ELSEWHERE = ("dns", "connection", "listener")  # where another address that answers is the better fix


class Patient:
    """`page` is what happened at the address, `pages` at the others; `code` is why, or READY.

    What is open may be nothing, the port, or everything: then another address that answers is what was meant.
    """

    def __init__(self, machine: Machine, want: Any, url: str, open_is: str = "nothing") -> None:
        self.machine, self.want, self.findings = machine, want, []
        machine.named = url
        self.page, self.pages = look(machine, url, want.server)
        meant = {"port": self.page.host}.get(open_is)
        fitting = [page for page in self.pages if fits(want.server, page.name) and meant in (None, page.host)]
        if open_is == "everything" and self.page.host in HOST_NAMES and not self.page.ip:  # a guess that leads nowhere
            fitting += [page for page in self.pages if page.port == self.page.port and not is_ip(page.ip, "loopback")]
        if open_is != "nothing" and fitting and not self.page.status:
            self.pages = [self.page, *(page for page in self.pages if page is not fitting[0])]
            self.page = fitting[0]
        self.code = cause(machine, self.page, want.server)

    def say(self, check: str, status: str, detail: str, code: str = "OK", fix: str = "") -> None:
        self.findings.append({"check": check, "status": status, "code": code, "detail": detail, "fix": fix})

    def fault(self, code: str, status: str = "fail", said: str = "", page: Page | None = None) -> None:
        """A finding in the words of its code."""
        name = (page or self.page).name
        kind = next((kind for kind, label in LABELS.items() if name.startswith(label)), "openai") if name else ""
        text, fix = words(code, kind or self.want.server, blanks(page or self.page, code, said))
        self.say(ROWS[code][0], status, text, code, fix)

    def why(self) -> None:
        """What is wrong with the server; if it answers elsewhere, that is the fix."""
        better = next((page.url for page in self.pages if fits(self.want.server, page.name)), "")
        self.fault(self.code)
        if better and ROWS[self.code][0] in ELSEWHERE:
            self.findings[-1]["fix"] = f"Use {better} as the server address."
        elif self.code == "LOCALHOST_IN_CONTAINER" and self.machine.may_look_around():
            self.findings[-1]["fix"] = self._for_the_host()

    def host_name(self) -> Page:
        """What happened at the host's own name, on the port in question."""
        missing = Page(root(HOST_NAMES[0], self.page.port), "", "unknown name")
        pages = (page for page in self.pages if page.host in HOST_NAMES and page.port == self.page.port)
        return next(pages, missing)

    def _for_the_host(self) -> str:
        """For one who typed localhost and means the host: what keeps the host's own name from working."""
        page = self.host_name()
        code = cause(self.machine, page, self.want.server)
        step = "" if page.status else words(code, self.want.server, blanks(page, code))[1].rstrip(".") + ". Then use"
        return f"{step or 'Use'} {page.url} as the server address."
