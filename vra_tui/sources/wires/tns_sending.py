"""Send AT reports to the TNS, and learn what became of them from its reply or by a search."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from vra_tui.sources.wires.base import SourceSettings, Tools, WireFault
from vra_tui.sources.wires.http import Body
from vra_tui.sources.wires.sending import Outcome, Sent, outcome_of
from vra_tui.sources.wires.tns import Tns
from vra_tui.text import printable

_SET, _REPLY = "api/set/bulk-report", "api/get/bulk-report-reply"
#: The reply is asked for after so many seconds each; what is slower is learnt later.
_PATIENCE = (2.0, 4.0, 8.0, 16.0)
#: After so many seconds somebody asks again what became of a report whose reply did not come.
_LATER = 120.0
#: A report whose number is known and whose reply does not come is believed lost after so many questions.
_MOST_ASKED = 5
#: The object was made, or was there already and has this report beside the others now.
_TAKEN = re.compile(r"10[01]")
#: What we say of a report that the TNS has, in words by which its number is known again.
_REPLY_WAITS, _WORK_WAITS = "was taken, its reply did not come yet", "was taken and is not worked on yet"
_SAID = re.compile(rf"report (\S{{1,20}}) (?:{_REPLY_WAITS}|({_WORK_WAITS}))")


class AtReports:
    """One report a call, so that one that is refused holds up no other.

    Reports were acknowledged and lost, and errors of a gateway came for what was taken: what became of one
    is what the reply says, or whether a search finds its internal name, never the first answer.
    """

    #: The TNS counts calls a minute, and says in headers how many are left.
    pace = 3.0

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        self._tns = Tns.for_sending(settings, tools)
        self._edges = tools.edges
        #: Numbers of reports that this program sent, by what is in them; how often each was asked for.
        self._sent: dict[str, str] = {}
        self._asked: dict[str, int] = {}

    def send(self, content: Mapping[str, Any]) -> Sent:
        """Send a report, and wait a little for the reply."""
        if wrong := self._unfit(content):
            return Sent(Outcome.REFUSED, wrong)
        try:
            body = self._tns.call(_SET, {"data": {"at_report": content["at_report"]}}, is_read=False)
        except WireFault as fault:
            return _outcome(fault)
        told = self._told(body)
        number = told.get("data", {}).get("report_id") if isinstance(told.get("data"), Mapping) else None
        if not told:
            return Sent(Outcome.UNKNOWN, "its answer to the report was no JSON", _LATER)
        if str(told.get("id_code")) != "200" or number is None:
            return Sent(Outcome.REFUSED, _words(told) or "it took no report, and did not say why")
        self._sent[_key(content)] = str(number)
        return self._reply(str(number), _PATIENCE) or Sent(
            Outcome.UNKNOWN, f"report {printable(number, 20)} {_REPLY_WAITS}", _LATER
        )

    def ask(self, content: Mapping[str, Any]) -> Sent | None:
        """What became of a report: by its reply where its number is known, else by its internal name."""
        if wrong := self._unfit(content):
            return Sent(Outcome.REFUSED, wrong)
        number = self._sent.get(_key(content))
        try:
            if number is not None and (found := self._reply(number, _PATIENCE[:1])) is not None:
                return found
            asked = {"internal_name": str(content["internal_name"]), "internal_name_exact_match": "1"}
            rows = self._tns.rows_of(self._tns.search(asked), "a search")
        except WireFault as fault:
            return Sent(Outcome.LATER, str(fault), fault.retry_after)
        for row in rows:
            if name := printable(self._tns.masked(str(row.get("objname") or "")), 30):
                return Sent(
                    Outcome.ACCEPTED, f"it is there as {printable(row.get('prefix') or 'AT', 5)} {name}"
                )
        if number is not None:
            self._asked[number] = self._asked.get(number, 0) + 1
            if self._asked[number] < _MOST_ASKED:
                waits = f"report {printable(number, 20)} {_WORK_WAITS}"
                return Sent(Outcome.UNKNOWN, waits, _LATER)
        return None

    def recall(self, content: Mapping[str, Any], answers: Sequence[str]) -> None:
        """Learn the number of the report from what was said of it, and how often it was asked for."""
        number, asked = None, 0
        for said in filter(None, map(_SAID.fullmatch, answers)):
            number, asked = said[1], asked + 1 if said[2] else 0
        if number is not None:
            self._sent[_key(content)], self._asked[number] = number, asked

    def close(self) -> None:
        """Let go of connections."""
        self._tns.close()

    def _told(self, body: Body) -> Mapping[str, Any]:
        """What an answer says, without secrets; nothing where it is no JSON object."""
        try:
            told = body.json("the TNS's answer")
        except WireFault:
            return {}
        return _masked(told, self._tns.masked) if isinstance(told, Mapping) else {}

    def _unfit(self, content: Mapping[str, Any]) -> str | None:
        """Why a report may not go to this server; None where it may."""
        server = "sandbox" if self._tns.is_sandbox else "real"
        if content.get("server") != server:
            made = "the sandbox" if content.get("server") == "sandbox" else "the TNS itself"
            return f"it was made for {made}, and `{self._tns.name}` is the other: draft it anew"
        entries = content.get("at_report")
        if not isinstance(entries, Mapping) or len(entries) != 1 or not content.get("internal_name"):
            return "it holds no report, or several: draft it anew"
        units = {str(value) for name, value in _leaves(entries) if name in ("flux_unitid", "flux_units")} - {
            ""
        }
        return None if units == {"1"} else "its fluxes are not in AB magnitudes: draft it anew"

    def _reply(self, number: str, patience: tuple[float, ...]) -> Sent | None:
        """What the TNS says of a report; None where it has not said it yet, or cannot be asked."""
        for seconds in patience:
            self._edges.wait(seconds)
            try:
                body = self._tns.call(_REPLY, {"report_id": number})
            except WireFault as fault:
                if fault.status == 404:  # it waits to be worked on
                    continue
                return None
            told = self._told(body)
            if str(told.get("id_code")) != "200":
                continue
            if (found := _judged(told, number)) is not None:
                return found
        return None


def _judged(told: Mapping[str, Any], number: str) -> Sent | None:
    """What a reply says; None where it says nothing of the report yet."""
    data = told.get("data")
    feedback = data.get("feedback", data) if isinstance(data, Mapping) else None
    entries = feedback.get("at_report") if isinstance(feedback, Mapping) else None
    if not entries:
        return None
    for code, inner in _branches(entries):
        if _TAKEN.fullmatch(code) and isinstance(inner, Mapping) and inner.get("objname"):
            was = "is there already as" if code == "101" else "is"
            name = printable(inner["objname"], 30)
            return Sent(Outcome.ACCEPTED, f"report {printable(number, 20)}: it {was} AT {name}")
    return Sent(Outcome.REFUSED, f"report {printable(number, 20)}: {_words(entries) or 'it was not taken'}")


def _branches(value: Any) -> Iterator[tuple[str, Any]]:
    """All keys with what stands below them, at any depth."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key), inner
            yield from _branches(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _branches(inner)


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    return ((key, inner) for key, inner in _branches(value) if not isinstance(inner, Mapping | list))


def _words(value: Any) -> str:
    """The messages in an answer, in a line."""
    told = [printable(inner, 200) for key, inner in _leaves(value) if key in ("message", "id_message")]
    return "; ".join(dict.fromkeys(one for one in told if one and one != "OK"))[:600]


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    """An answer without the secrets that it repeats: masked before anything of it is cut or kept."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {mask(str(key)): _masked(inner, mask) for key, inner in value.items()}
    return [_masked(inner, mask) for inner in value] if isinstance(value, list) else value


def _key(content: Mapping[str, Any]) -> str:
    return f"{content.get('survey')}:{content.get('object_id')}:{content.get('internal_name')}"


def _outcome(fault: WireFault) -> Sent:
    """What a failed call says of the report; where nobody knows, it is asked again after a while."""
    sent = outcome_of(fault)
    if sent.outcome is Outcome.UNKNOWN and sent.retry_after is None:
        return replace(sent, retry_after=_LATER)
    return sent
