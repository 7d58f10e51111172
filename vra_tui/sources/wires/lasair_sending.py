"""Annotations of Lasair's objects: what we think of an object, under our topic, one an object."""

import json
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
        self._name = settings.name
        self._http = Http.of(
            options,
            tools,
            SERVERS[options.survey][0],
            headers={"Authorization": f"Token {token.get_secret_value()}"},
            secrets=[token],
            limits=_LIMITS,
            attempts=1,
        )

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Annotate one object."""
        form = form_of(content)
        for name, most in _LONGEST.items():
            if len(form[name]) > most:
                return Sent(Outcome.REFUSED, f"`{name}` is longer than Lasair takes ({most} characters)")
        try:
            body = self._http.post("annotate/", form, most_bytes=_MOST_BYTES, is_read=False)
        except WireFault as fault:
            return outcome_of(fault)
        try:
            told = body.json("The answer of `annotate/`")
        except WireFault as fault:
            return Sent(Outcome.UNKNOWN, str(fault))
        if isinstance(told, Mapping) and "error" in told:
            return Sent(Outcome.REFUSED, f"Lasair says: {printable(str(told['error']), 200)}")
        if isinstance(told, Mapping) and told.get("status") == "success":
            return Sent(Outcome.ACCEPTED, "success")
        return Sent(Outcome.UNKNOWN, "the answer of `annotate/` does not say what came of it")

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """Whether the object's annotation under this topic says the same."""
        form = form_of(content)
        asked = {"objectId": form["objectId"], "lite": "true", "lasair_added": "true"}
        try:
            body = self._http.post("object/", asked, most_bytes=_MOST_BYTES)
        except WireFault as fault:
            return outcome_of(fault, was_sent=False)
        try:
            told = decode(body.content)
        except ValueError as error:
            return Sent(Outcome.UNKNOWN, f"the object's answer cannot be read: {printable(str(error), 120)}")
        if not isinstance(told, Mapping) or "error" in told:
            said = printable(str(told.get("error")), 120) if isinstance(told, Mapping) else "no object"
            return Sent(Outcome.UNKNOWN, f"Lasair says of the object: {said}")
        for row in _annotations(told):
            if row.get("topic") == form["topic"]:
                is_same = all(
                    str(row.get(name)) == form[name] for name in ("classification", "version")
                ) and _numbers(row.get("classdict")) == _numbers(form["classdict"])
                return Sent(Outcome.ACCEPTED, "the annotation is there") if is_same else None
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


def _annotations(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The annotations of an object, wherever this version of the server puts them."""
    added = told.get("lasairData")
    places = [told.get("annotations"), added.get("annotations") if isinstance(added, Mapping) else None]
    found: list[Mapping[str, Any]] = []
    for place in places:
        if isinstance(place, list):
            found += [row for row in place if isinstance(row, Mapping)]
        elif isinstance(place, Mapping):
            for topic, rows in place.items():
                each = rows if isinstance(rows, list) else [rows]
                found += [{"topic": topic, **row} for row in each if isinstance(row, Mapping)]
    return found


def _numbers(classdict: object) -> object:
    if isinstance(classdict, str):
        try:
            classdict = json.loads(classdict)
        except ValueError:
            return None
    return dict(classdict) if isinstance(classdict, Mapping) else None
