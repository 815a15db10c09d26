"""What Dify says when it refuses.

DifyError
├── NotReachable     nothing answers, or it is no Dify
├── SignInFailed     key, e-mail or password is wrong
│   └── LockedOut    too many wrong passwords
├── BadSignature     unsigned packages are not allowed there
├── TookTooLong      it has not finished in the time we gave it
└── Refused          anything else, with Dify's own words
"""

TOO_MANY = 429
BROKEN = 500  # and above


class DifyError(Exception):
    """`status` is HTTP's, `code` is Dify's own word for it."""

    def __init__(self, message: str, fix: str = "", status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.fix = fix
        self.status = status
        self.code = code

    @property
    def may_pass(self) -> bool:
        """Whether the same may work a little later."""
        return self.status == TOO_MANY or self.status >= BROKEN


class NotReachable(DifyError):
    @property
    def may_pass(self) -> bool:
        """Dify may be starting; a page that is no Dify stays one."""
        return self.status == 0 or self.status >= BROKEN


class SignInFailed(DifyError):
    @property
    def may_pass(self) -> bool:
        """Never: every further try counts towards the lock."""
        return False


class LockedOut(SignInFailed): ...


class BadSignature(DifyError): ...


class TookTooLong(DifyError): ...


class Refused(DifyError): ...
