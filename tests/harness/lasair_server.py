"""A Lasair server in a test's hand that takes annotations, as the server's own code does (lasair4).

It keeps one annotation an object and topic, and writes what it is given into a statement between single
quotes: a quote in a text breaks that statement.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.harness.server import Call, Reply

TOKEN = "5e1a72f0c4b9"
_FIELDS = {
    "topic": 256, "objectId": 256, "classification": 256, "version": 256, "explanation": 1024,
    "classdict": 4096, "url": 1024,
}  # fmt: skip


@dataclass
class LasairServer:
    """``annotations`` by object and topic; ``written``: every one that was taken, in order."""

    topic: str = "our_vra"
    token: str = TOKEN
    is_active: bool = True
    annotations: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    written: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, call: Call) -> Reply:
        path = call.path.rpartition("/api/")[2]
        if call.headers.get("authorization") != f"Token {self.token}":
            return _json({"detail": "Invalid token."}, 401)
        return {"annotate/": self._annotate, "query/": self._query}[path](call)

    def _annotate(self, call: Call) -> Reply:
        form = {name: call.form.get(name, "") for name in _FIELDS}
        for name, most in _FIELDS.items():
            if len(form[name]) > most or (not form[name] and name not in ("explanation", "url")):
                return _json({name: ["This field is not as it should be."]}, 400)
        if form["topic"] != self.topic:
            return _json({"error": f"Annotator error: topic {form['topic']} does not exist"}, 400)
        if not self.is_active:
            return _json({"error": f"Annotator error: topic {form['topic']} is not active"}, 400)
        if any("'" in text or "\\" in text for text in form.values()):
            return _json({"error": "Query failed 1064: You have an error in your SQL syntax"}, 400)
        row = {**form, "classdict": json.loads(form["classdict"])}
        self.annotations[form["objectId"], form["topic"]] = row
        self.written.append(row)
        return _json({"status": "success", "query": "REPLACE INTO annotations ..."})

    def _query(self, call: Call) -> Reply:
        """Rows of objects joined with the annotations of one topic, whose columns are asked for."""
        topic = call.form["tables"].partition("annotator:")[2]
        object_id = call.form["conditions"].rpartition("=")[2].strip().strip('"')
        assert f"{topic}.classification AS classification" in call.form["selected"]
        row = self.annotations.get((object_id, topic))
        if row is None:
            return _json([])
        # A column of JSON comes as text.
        return _json([{**row, "classdict": json.dumps(row["classdict"])}])


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(value).encode(), status)
