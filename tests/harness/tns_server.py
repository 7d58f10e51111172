"""A Transient Name Server in a test's hand: reports get a number first, and become objects after a while."""

import json
from dataclasses import dataclass, field

from tests.harness.server import Call, Reply

KEY = "0f9a8b7c6d5e4f30"


def said(code: int, data: object, message: str = "OK") -> Reply:
    return Reply(json.dumps({"id_code": code, "id_message": message, "data": data}).encode())


@dataclass
class TnsServer:
    """The TNS as its users know it: a report is a number first, and an object after a while.

    ``faults``: what the next calls to a path do in place of answering well; each is used up once.
    """

    objects: list[str] = field(default_factory=list)
    #: Internal names of all reports that it took and did not lose.
    taken: list[str] = field(default_factory=list)
    waiting: dict[str, tuple[str, int]] = field(default_factory=dict)
    replies: dict[str, dict] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    refusal: dict | None = None
    #: A report is worked on after so many calls of any kind.
    slow: int = 0

    def __call__(self, call: Call) -> Reply:
        if call.form.get("api_key") != KEY:
            return Reply(b'{"id_code": 401, "id_message": "Unauthorized"}', 401)
        for number, (report, calls) in list(self.waiting.items()):
            self.waiting[number] = (report, calls + 1)
            if calls >= self.slow:
                self.work(number)
        name = call.path.rpartition("/")[2]
        fault = next((what for path, what in self.faults if path == name), None)
        if fault is not None:
            self.faults.remove((name, fault))
        if fault == "before":
            return Reply(b"<html>502 Bad Gateway</html>", 502)
        if fault == "429":
            return Reply(b"Too many requests", 429, {"retry-after": "2000"})
        answer = {"bulk-report": self.take, "bulk-report-reply": self.reply, "search": self.search}[name](
            call, fault
        )
        if fault == "504":
            return Reply(b"<html>504 Gateway Time-out</html>", 504)
        if fault == "cut":
            return Reply(answer.content, cut=7)
        if fault == "garbled":
            return Reply(answer.content[:11])
        return answer

    def take(self, call: Call, fault: str | None) -> Reply:
        (report,) = json.loads(call.form["data"])["at_report"].values()
        number = str(100 + len(self.replies) + len(self.waiting))
        if fault != "lost":
            self.taken.append(report["internal_name"])
            self.waiting[number] = (report["internal_name"], 0)
        return said(200, {"report_id": int(number)})

    def reply(self, call: Call, fault: str | None) -> Reply:
        number = call.form["report_id"]
        if number in self.replies:
            return said(200, {"feedback": {"at_report": [self.replies[number]]}})
        return Reply(json.dumps({"id_code": 404, "id_message": "Not found"}).encode(), 404)

    def work(self, number: str) -> None:
        name, _ = self.waiting.pop(number)
        if self.refusal is not None:
            self.replies[number] = self.refusal
        elif name in self.objects:
            self.replies[number] = {"101": {"message": "Transient object exists.", "objname": "2026abc"}}
        else:
            self.objects.append(name)
            self.replies[number] = {
                "100": {"message": "Transient object was inserted.", "objname": "2026abc"}
            }

    def search(self, call: Call, fault: str | None) -> Reply:
        asked = json.loads(call.form["data"])
        found = [{"objname": "2026abc", "prefix": "AT"}] if asked["internal_name"] in self.objects else []
        return said(200, found)
