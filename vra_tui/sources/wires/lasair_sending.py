"""Annotations of Lasair's objects: what we think of an object, under our topic, one an object."""

import json
import re
from collections.abc import Mapping
from typing import Any

from vra_tui.sources.json_text import decode
from vra_tui.sources.wires.base import SourceError, SourceSettings, Tools, WireFault, options_of
from vra_tui.sources.wires.credentials import variable
from vra_tui.sources.wires.http import Http, Limits
from vra_tui.sources.wires.lasair import SERVERS, LasairOptions
from vra_tui.sources.wires.sending import Outcome, Sent, outcome_of
from vra_tui.text import printable

_LIMITS = Limits(read=60.0, whole=120.0)
_MOST_BYTES = 32 << 20
#: Longest texts that the server takes, characters (AnnotateSerializer).
_LONGEST = {
    "topic": 256, "objectId": 256, "classification": 256, "version": 256, "explanation": 1024,
    "classdict": 4096, "url": 1024,
}  # fmt: skip

_FORMULA = ("=", "+", "-", "@")


class Annotations:
    """Puts annotations on the objects of a Lasair server.

    Content: ``object_id``, ``topic``, ``version``, ``classification``, ``explanation``, ``classdict`` (a
    mapping), ``url``. The server keeps one an object and topic: a later one takes the place of an earlier.
    """

    pace = 0.5

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        options = options_of(settings, LasairOptions)
        token = tools.secret("token")
        if token is None:
            raise SourceError(
                f"Lasair wants a token: put yours into {variable(settings.name, 'token')}, or as `token` "
                f"under [{settings.name}] into credentials.toml (mode 0600) beside the configuration."
            )
        address, self._id, _ = SERVERS[options.survey]
        self._http = Http.of(
            options,
            tools,
            address,
            headers={"Authorization": f"Token {token.get_secret_value()}"},
            secrets=[token],
            limits=_LIMITS,
            attempts=1,
        )

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Annotate one object."""
        form = form_of(content)
        if wrong := _unfit(form):
            return Sent(Outcome.REFUSED, wrong)
        try:
            body = self._http.post("annotate/", form, most_bytes=_MOST_BYTES, is_read=False)
        except WireFault as fault:
            return outcome_of(fault)
        try:
            told = body.json("The answer of `annotate/`")
        except WireFault as fault:
            return Sent(Outcome.UNKNOWN, str(fault))
        if isinstance(told, Mapping) and "error" in told:
            return Sent(
                Outcome.REFUSED, f"Lasair says: {printable(self._http.masked(str(told['error'])), 200)}"
            )
        if isinstance(told, Mapping) and told.get("status") == "success":
            return Sent(Outcome.ACCEPTED, "success")
        return Sent(Outcome.UNKNOWN, "the answer of `annotate/` does not say what came of it")

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """Whether the object's annotation under this topic says the same: by a query, as filters see it.

        An object's own answer names no annotations on every version of the server.
        """
        form = form_of(content)
        if wrong := _unfit(form):
            return Sent(Outcome.REFUSED, wrong)
        topic, value = form["topic"], form["objectId"]
        asked = {
            "selected": f"{topic}.classification AS classification, {topic}.version AS version, "
            f"{topic}.classdict AS classdict",
            "tables": f"objects, annotator:{topic}",
            "conditions": f"objects.{self._id} = " + (value if value.isdecimal() else f'"{value}"'),
            "limit": 10,
            "offset": 0,
        }
        try:
            body = self._http.post("query/", asked, most_bytes=_MOST_BYTES)
        except WireFault as fault:
            return outcome_of(fault, was_sent=False)
        try:
            rows = decode(body.content)
        except ValueError as error:
            return Sent(Outcome.UNKNOWN, f"the query's answer cannot be read: {printable(str(error), 120)}")
        if not isinstance(rows, list):
            said = rows.get("error") if isinstance(rows, Mapping) else None
            return Sent(Outcome.UNKNOWN, f"the query's answer is no list of rows: {printable(said, 120)}")
        for row in rows:
            if isinstance(row, Mapping) and _says(row, form):
                return Sent(Outcome.ACCEPTED, "the annotation is there")
        return None

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


def form_of(content: Mapping[str, Any]) -> dict[str, str]:
    """The fields as Lasair takes them, harmless for it.

    The server writes them into a statement between single quotes: quotes and backslashes, which would end
    the text there, are replaced.
    """
    classdict = json.dumps(content.get("classdict") or {}, sort_keys=True, ensure_ascii=True)
    return {
        "topic": _harmless(content["topic"]),
        "objectId": _harmless(content["object_id"]),
        "classification": _harmless(content["classification"]),
        "version": _harmless(content["version"]),
        "explanation": _harmless(content.get("explanation") or ""),
        "classdict": classdict.replace("'", "’").replace("\\", "/"),
        "url": _harmless(content.get("url") or ""),
    }


def _harmless(value: object) -> str:
    text = printable(str(value), 8_192)
    text = text.replace("'", "’").replace("\\", "/").replace("<", "‹").replace(">", "›")
    # Who downloads annotations as a table opens them with a program that takes these for formulas.
    return f"’{text}" if text[:1] in _FORMULA else text


def _unfit(form: Mapping[str, str]) -> str | None:
    """Why something cannot be asked for, or sent; None where it can."""
    for name in ("topic", "objectId"):
        if not re.fullmatch(r"[A-Za-z0-9_]+", form[name]):
            return f"`{name}` is no word of letters, digits and _"
    for name, most in _LONGEST.items():
        if len(form[name]) > most:
            return f"`{name}` is longer than Lasair takes ({most} characters)"
    return None


def _says(row: Mapping[str, Any], form: Mapping[str, str]) -> bool:
    is_same = all(str(row.get(name)) == form[name] for name in ("classification", "version"))
    return is_same and _numbers(row.get("classdict")) == _numbers(form["classdict"])


def _numbers(classdict: object) -> object:
    if isinstance(classdict, str):
        try:
            classdict = json.loads(classdict)
        except ValueError:
            return None
    return dict(classdict) if isinstance(classdict, Mapping) else None
