"""Servers that know their users by tokens, which they give for a name and a password and may let expire."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from vra_tui.sources.wires.base import SourceError, Tools, WireFault
from vra_tui.sources.wires.credentials import variable
from vra_tui.sources.wires.http import MOST_BYTES, Body, Http


class TokenLogin:
    """Asks a server as the user whose secrets are known: `token`, or `user` and `password`, or all three.

    ``title``: what the server is called in messages; ``path``: where it gives tokens, below its address. A
    token that was got for a password is kept in memory alone.
    """

    def __init__(self, http: Http, tools: Tools, source: str, title: str, path: str) -> None:
        self.http = http
        self._secret, self._source, self._title, self._path = tools.secret, source, title, path
        self._token = tools.secret("token")
        self._sign()

    @property
    def user(self) -> str | None:
        """The user's name, where it stands among the secrets."""
        user = self._secret("user")
        return None if user is None else user.get_secret_value()

    def post(self, path: str, form: Mapping[str, Any], **how: Any) -> Body:
        """See `Http.post`; a token that has expired is renewed once, where that can be done."""
        return self._ask("post", path, form, **how)

    def get(self, path: str, most_bytes: int = MOST_BYTES) -> Body:
        """See `Http.get`, and `post`."""
        return self._ask("get", path, most_bytes=most_bytes)

    def _ask(self, method: str, *question: Any, **how: Any) -> Body:
        if self._token is None and not self._renewed():
            raise SourceError(
                f"{self._title} wants a token: put yours into {variable(self._source, 'token')}, or as "
                f"`token` under [{self._source}] into credentials.toml (mode 0600) beside the "
                "configuration; or `user` and `password`, for which it gives one."
            )
        ask = getattr(self.http, method)
        try:
            body: Body = ask(*question, **how)
        except WireFault as fault:
            if fault.status != 401:
                raise
            if not self._renewed():
                raise WireFault(f"{fault} {self._advice()}", status=401) from None
            body = ask(*question, **how)
        return body

    def _advice(self) -> str:
        return (
            f"Get a new token from {self.http.base}{self._path} (POST username and password) and put it into "
            f"{variable(self._source, 'token')} or credentials.toml; or put `user` and `password` there, "
            "then it is renewed by itself."
        )

    def _renewed(self) -> bool:
        """Get a token for user and password, where both are known. Raises WireFault where it is refused."""
        user, password = self._secret("user"), self._secret("password")
        if user is None or password is None:
            return False
        # A token that has expired, sent along, is refused here too.
        self.http.headers, self.http.secrets = {}, [password]
        form = {"username": user.get_secret_value(), "password": password.get_secret_value()}
        try:
            answer = self.http.post(self._path, form).json(f"The answer of `{self._path}`")
        except WireFault as fault:
            # To whoever asked something else, a password that is not accepted is the same as no token.
            status = 401 if fault.status == 400 else fault.status
            raise WireFault(str(fault), fault.retry_after, status) from None
        token = answer.get("token") if isinstance(answer, Mapping) else None
        if not isinstance(token, str) or not token.isascii() or not token.isalnum():
            raise WireFault(f"{self._title} gave no token for user and password.")
        self._token = SecretStr(token)
        self._sign()
        return True

    def _sign(self) -> None:
        if self._token is not None:
            self.http.headers = {"Authorization": f"Token {self._token.get_secret_value()}"}
            self.http.secrets = [self._token]
