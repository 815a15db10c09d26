"""What Dify says when it refuses.

DifyError
├── NotReachable     nothing answers, or it is no Dify
├── SignInFailed     key, e-mail or password is wrong
│   └── LockedOut    too many wrong passwords
├── BadSignature     unsigned packages are not allowed there
└── Refused          anything else, with Dify's own words
"""


class DifyError(Exception):
    """`status` is HTTP's, `code` is Dify's own word for it."""

    def __init__(self, message: str, fix: str = "", status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.fix = fix
        self.status = status
        self.code = code


class NotReachable(DifyError): ...


class SignInFailed(DifyError): ...


class LockedOut(SignInFailed): ...


class BadSignature(DifyError): ...


class Refused(DifyError): ...
