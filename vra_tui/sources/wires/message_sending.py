"""Send messages to webhooks, in Slack's form or as plain JSON. What strangers wrote calls nobody there."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from vra_tui.sources.wires.base import CutOff, SourceError, SourceSettings, Tools, WireFault
from vra_tui.sources.wires.http import Http, Limits
from vra_tui.sources.wires.message_lines import lines
from vra_tui.sources.wires.sending import Outcome, Sent
from vra_tui.text import printable

#: The secret of a target: its whole address.
ADDRESS = "url"
_MOST_BYTES = 64 << 10
_TOO_MANY, _NOT_NOW = 429, 503
#: Server errors after which nobody knows whether the message was passed on.
_OPEN = frozenset({408, 500, 502, 504})
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Messages:
    """Sends to one webhook, whose address is the secret `url` of the target."""

    #: Slack takes one a second.
    pace = 1.1

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        address = tools.secret(ADDRESS)
        if address is None:
            raise SourceError(
                f"There is no address for messages to `{settings.name}`: it is the secret `{ADDRESS}` of "
                "that name (docs/messages.md)."
            )
        # Only the server's name is kept in the clear.
        self._address = address
        server = re.match(r"[^?#]*?://[^/?#]*", address.get_secret_value())
        try:
            self._http = Http(
                f"{server[0] if server else ''}/",
                tools.edges,
                secrets=_secrets(address),
                limits=Limits(connect=10.0, read=20.0, whole=30.0),
                attempts=1,
                redirects=0,
            )
        except WireFault as fault:
            raise SourceError(
                f"The address for messages to `{settings.name}` cannot be used: {fault}"
            ) from None

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Send a message once."""
        try:
            body = self._http.post_json(self._address.get_secret_value(), payload(content), _MOST_BYTES)
        except CutOff as fault:
            return Sent(Outcome.UNKNOWN, str(fault))
        except WireFault as fault:
            return _came_of(fault)
        said = printable(self._http.masked(body.content[:4_000].decode("utf-8", "replace")), 100)
        return Sent(Outcome.ACCEPTED, said or "taken without a word")

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """A webhook cannot be asked; what may come twice, as its rule says, is sent again."""
        if content.get("again"):
            return None
        said = (
            "no answer came, and a webhook cannot be asked whether the message arrived: retry sends it again"
        )
        return Sent(Outcome.REFUSED, said)

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


def _came_of(fault: WireFault) -> Sent:
    if fault.status is None:  # it was not reached
        return Sent(Outcome.LATER, str(fault), fault.retry_after, is_for_all=True)
    if fault.status in (_TOO_MANY, _NOT_NOW):
        return Sent(Outcome.LATER, str(fault), fault.retry_after, is_for_all=True)
    if fault.status in _OPEN:
        return Sent(Outcome.UNKNOWN, str(fault))
    return Sent(Outcome.REFUSED, str(fault))


def _secrets(address: SecretStr) -> list[SecretStr]:
    """The address, and the parts of it that open the door: an error page may repeat either."""
    parts = re.split(r"[/?&=]", address.get_secret_value().partition("://")[2])[1:]
    return [address, *(SecretStr(part) for part in parts if len(part) >= 8)]


def payload(content: Mapping[str, Any]) -> dict[str, Any]:
    """What is posted for the content of a message (`pipeline.message_text`)."""
    if content.get("form") == "json":
        return {name: content[name] for name in ("rule", "text", "count", "more", "alerts")}
    text = "\n".join(lines(content))
    # No markup, no previews of pages: a name is a name. What is left of Slack's own marks are entities.
    return {"text": text.translate(_ENTITIES), "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}
