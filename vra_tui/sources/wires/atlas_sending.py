"""What the ATLAS transient server takes: moves between its lists, scores and ranks of the assistant.

As its code has it (psat-server-web, atlasapi): one object a call, by forms; `200`, with what came of it in
``info``. It takes no comments by its API, and moves into a few of its lists alone.
"""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from vra_tui.sources.wires.atlas_answers import objects_of, rows_of
from vra_tui.sources.wires.atlas_server import AtlasServerOptions
from vra_tui.sources.wires.base import SourceSettings, Tools, WireFault, options_of
from vra_tui.sources.wires.http import Http, Limits
from vra_tui.sources.wires.sending import Outcome, Sent, outcome_of
from vra_tui.sources.wires.token_login import TokenLogin
from vra_tui.surveys.atlas.lists import LIST_IDS, UNDECIDED
from vra_tui.text import printable

_LIMITS = Limits(read=60.0, whole=120.0)
#: An answer to one of our calls is a line or, where it is asked what arrived, one object without its curve.
_MOST_BYTES = 4 << 20
#: Light curves from then on, MJD: none, which keeps the answer to a question about an object short.
_NO_CURVE = 99_999.0
_TAKEN = "Row created."
#: Two numbers of a row are the same: the server keeps single precision.
_SAME = 1e-4
_NAMES = {number: name for name, number in LIST_IDS.items()}


class _AtlasSender:
    """What the senders below share: the account, one call without a second try, and what its answer says."""

    pace = 0.5

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        options = options_of(settings, AtlasServerOptions)
        http = Http.of(options, tools, limits=_LIMITS, attempts=1)
        self._name, self._base = settings.name, options.url
        self._login = TokenLogin(http, tools, settings.name, "The ATLAS server", "auth-token/")

    def close(self) -> None:
        """Let go of the connection."""
        self._login.http.close()

    def _post(self, path: str, form: Mapping[str, Any]) -> Sent:
        given = {key: value for key, value in form.items() if value is not None}
        try:
            body = self._login.post(path, given, most_bytes=_MOST_BYTES, is_read=False)
        except WireFault as fault:
            return outcome_of(fault)
        try:
            told = body.json(f"The answer of `{path}`")
        except WireFault as fault:
            return Sent(Outcome.UNKNOWN, str(fault))
        info = told.get("info") if isinstance(told, Mapping) else None
        said = printable(self._login.http.masked(str(info)), 200)
        if info == _TAKEN:
            return Sent(Outcome.ACCEPTED, said)
        if isinstance(info, str):
            return Sent(Outcome.REFUSED, f"the server says: {said}")
        return Sent(Outcome.UNKNOWN, f"the answer of `{path}` does not say what came of it")

    def _asked(self, path: str, form: Mapping[str, Any], read: Callable[[bytes], Sent | None]) -> Sent | None:
        """What ``read`` makes of an answer; where there is none, or no sense in it, that is not known."""
        try:
            body = self._login.post(path, form, most_bytes=_MOST_BYTES)
        except WireFault as fault:
            return outcome_of(fault, was_sent=False)
        try:
            return read(body.content)
        except WireFault as fault:
            return Sent(Outcome.UNKNOWN, str(fault))


class ListMoves(_AtlasSender):
    """Moves of objects between the server's lists.

    Content: ``object_id``, ``list``; ``from``: the lists on which earlier moves may have put it.
    """

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Move one object. The server's API takes possible, eyeball and galactic alone, as of 2026."""
        number = LIST_IDS.get(str(content["list"]))
        if number is None:
            return Sent(Outcome.REFUSED, f"the server has no list `{printable(content['list'], 40)}`")
        sent = self._post("objectdetectionlist/", {"objectid": content["object_id"], "objectlist": number})
        if sent.outcome is Outcome.REFUSED and "Error updating row" in sent.answer:
            page = urljoin(self._base, f"../candidate/{content['object_id']}/")
            return Sent(
                Outcome.REFUSED,
                f"{sent.answer} It takes no moves to `{content['list']}` by its API: do it on {page}",
            )
        return sent

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """On which list it is: on that one, on the one it was on, or where somebody moved it since."""
        form = {"objects": content["object_id"], "mjd": _NO_CURVE}
        return self._asked("objects/", form, lambda answer: self._where(answer, content))

    def _where(self, answer: bytes, content: Mapping[str, Any]) -> Sent | None:
        told: Any = next(objects_of(answer, [str(content["object_id"])], self._name, _header_of), None)
        if not isinstance(told, Mapping):
            return Sent(Outcome.REFUSED, "the server does not know the object")
        now = told.get("detection_list_id")
        before = {*UNDECIDED, *(LIST_IDS.get(str(name)) for name in content.get("from", ()))}
        if now == LIST_IDS.get(str(content["list"])):
            return Sent(Outcome.ACCEPTED, f"it is on list {now} there")
        if now in before:
            return None
        who = printable(str(told.get("updated_by") or "somebody"), 40)
        where = _NAMES.get(now, now) if isinstance(now, int) else "no list"
        return Sent(Outcome.REFUSED, f"{who} moved it to `{where}` there meanwhile: not moved again")


def _header_of(object_id: str, text: bytes, value: Mapping[str, Any]) -> Any:
    return value["object"]


class Scores(_AtlasSender):
    """Rows of the table of scores: content ``object_id``, preal, pgal, pfast, rank, is_gal_cand, ``at``."""

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Add one row, dated by the score, so that it is known again: each call adds one."""
        names = ("preal", "pgal", "pfast", "rank", "is_gal_cand")
        form = {name: content.get(name) for name in names}
        return self._post(
            "vrascores/", {"objectid": content["object_id"], **form, "insertdate": content["at"]}
        )

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """Whether a row of that date with those numbers is there."""
        names = ("preal", "pgal", "pfast", "rank")
        return self._is_there("vrascoreslist/", content, names)

    def _is_there(self, path: str, content: Mapping[str, Any], names: tuple[str, ...]) -> Sent | None:
        object_id = str(content["object_id"])

        def found(answer: bytes) -> Sent | None:
            for row in rows_of(answer, "transient_object_id", f"`{path}` of `{self._name}`"):
                is_its = str(row["transient_object_id"]) == object_id
                is_then = _is_moment(row.get("timestamp"), content["at"])
                if is_its and is_then and _are_same(row, content, names):
                    return Sent(Outcome.ACCEPTED, f"the row of {content['at']} is there")
            return None

        return self._asked(path, {"objects": object_id}, found)


class Ranks(Scores):
    """The rank by which the server sorts: content ``object_id``, rank, is_gal_cand, ``at``; one an object."""

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Put the rank in place of the one before."""
        form = {name: content.get(name) for name in ("rank", "is_gal_cand")}
        return self._post("vrarank/", {"objectid": content["object_id"], **form, "insertdate": content["at"]})

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """Whether the rank of that date is there."""
        return self._is_there("vraranklist/", content, ("rank",))


class Comments(_AtlasSender):
    """Comments on objects, which the server takes on its pages alone."""

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Refuse, and say where to write it."""
        page = urljoin(self._base, f"../candidate/{content['object_id']}/")
        return Sent(Outcome.REFUSED, f"the server takes no comments by its API: write it on {page}")

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """Nothing was ever sent."""
        return None


def _are_same(row: Mapping[str, Any], content: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    for name in names:
        there, here = row.get(name), content.get(name)
        if (there is None) != (here is None):
            return False
        if isinstance(there, int | float) and here is not None:
            if not math.isclose(there, float(here), rel_tol=_SAME, abs_tol=_SAME):
                return False
        elif there is not None:
            return False
    return True


def _is_moment(there: object, here: str) -> bool:
    """Whether two times are of the same second, in whatever form the server writes them."""
    try:
        one, other = (datetime.fromisoformat(str(text)[:19]) for text in (there, here))
    except ValueError:
        return False
    return one == other
