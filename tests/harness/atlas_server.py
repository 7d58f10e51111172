"""An ATLAS transient server in a test's hand: its lists, its objects, its limits and its oddities.

It answers as the code of the server does (psat-server-web): `objectlist/` goes by the date on which an object
was flagged, `objects/` keeps the order of the question and has words in place of an object that it does not
know, and both take forms.
"""

import json
import struct
from dataclasses import dataclass, field
from typing import Any

from tests.factories import api_object
from tests.harness.server import Call, Reply

TOKEN = "a7f31b0c9d2e4f58"


@dataclass
class AtlasServer:
    """The server: ``objects`` by id, ``custom`` lists by number.

    ``too_big``: so many objects and more it does not gather at once; ``poison``: ids on which it fails;
    ``unknown``: ids that it lists and does not know; ``left``: calls that it still allows (None: all).
    """

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    custom: dict[int, list[str]] = field(default_factory=dict)
    token: str = TOKEN
    password: str = "s3cret"
    too_big: int = 1_000
    poison: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    left: int | None = None
    calls: int = 0
    #: What was written: moves in their order, rows of scores, the rank of each object.
    moves: list[tuple[str, int]] = field(default_factory=list)
    scores: list[dict[str, Any]] = field(default_factory=list)
    ranks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(
        self, number: int, list_id: int = 4, modified: str = "2023-02-26T08:00:00Z", **sections: Any
    ) -> str:
        """One more object on a list; gives its id."""
        header = {"detection_list_id": list_id, "date_modified": modified, **sections.pop("header", {})}
        value = api_object(number, header=header, **sections)
        object_id = str(value["object"]["id"])
        self.objects[object_id] = value
        return object_id

    def move(self, object_id: str, list_id: int, by: str | None, at: str) -> None:
        """What the web page does when a person decides."""
        header = self.objects[object_id]["object"]
        header |= {"detection_list_id": list_id, "date_modified": at}
        if by is not None:
            header["updated_by"] = by

    def __call__(self, call: Call) -> Reply:
        self.calls += 1
        path = call.path.rpartition("/api/")[2]
        if path == "auth-token/":
            if "authorization" in call.headers or call.form.get("password") != self.password:
                return _json({"non_field_errors": ["Unable to log in with provided credentials."]}, 400)
            return _json({"token": self.token, "expires_in": 86400.0, "refreshed": True})
        if call.headers.get("authorization") != f"Token {self.token}":
            return _json({"detail": "Token has expired."}, 401)
        if self.left is not None:
            if not self.left:
                return _json({"detail": "Request was throttled. Expected available in 1800 seconds."}, 429)
            self.left -= 1
        answers = {
            "objectlist/": self._list, "objects/": self._objects, "cone/": self._cone,
            "objectdetectionlist/": self._move, "vrascores/": self._score, "vrarank/": self._rank,
            "vrascoreslist/": self._scored, "vraranklist/": self._ranked,
        }  # fmt: skip
        return answers[path](call)

    def _move(self, call: Call) -> Reply:
        object_id, to = call.form["objectid"], int(call.form["objectlist"])
        if object_id not in self.objects:
            return _said(object_id, "Object does not exist.")
        if to not in (3, 4, 12):
            return _said(object_id, "Error updating row.")
        self.moves.append((object_id, to))
        self.objects[object_id]["object"]["detection_list_id"] = to
        return _said(object_id, "Row created.")

    def _score(self, call: Call) -> Reply:
        if call.form["objectid"] not in self.objects:
            return _said(call.form["objectid"], "Object does not exist.")
        self.scores.append(_as_row(call))
        return _said(call.form["objectid"], "Row created.")

    def _rank(self, call: Call) -> Reply:
        self.ranks[call.form["objectid"]] = _as_row(call)
        return _said(call.form["objectid"], "Row created.")

    def _scored(self, call: Call) -> Reply:
        ids = call.form["objects"].split(",")
        return _json([row for row in self.scores if str(row["transient_object_id"]) in ids])

    def _ranked(self, call: Call) -> Reply:
        return _json([self.ranks[one] for one in call.form["objects"].split(",") if one in self.ranks])

    def _list(self, call: Call) -> Reply:
        list_id, since = int(call.form["objectlistid"]), call.form["datethreshold"]
        if call.form["getcustomlist"] == "True":
            wanted = [self.objects[one] for one in self.custom.get(list_id, [])]
        else:
            wanted = [one for one in self.objects.values() if one["object"]["detection_list_id"] == list_id]
        return _json([_row(one) for one in wanted if one["object"]["followup_flag_date"] > since])

    def _objects(self, call: Call) -> Reply:
        ids = call.form["objects"].split(",")
        if call.form["mjd"] != "0":  # a question about where it stands, without its curve
            assert float(call.form["mjd"]) > 90_000
            return _json([{**self._object(one), "lc": [], "lcnondets": [], "fp": []} for one in ids])
        if len(ids) >= self.too_big or self.poison & set(ids):
            return Reply(b"<html><h1>Server Error (500)</h1></html>", 500)
        return _json([self._object(one) for one in ids])

    def _object(self, object_id: str) -> dict[str, Any]:
        if object_id in self.objects and object_id not in self.unknown:
            return self.objects[object_id]
        empty = dict.fromkeys(key for key in api_object() if key != "object")
        return {"object": "AtlasDiffObjects matching query does not exist.", **empty}

    def _cone(self, call: Call) -> Reply:
        if call.form["requestType"] == "count":
            return _json({"count": 0})
        if float(call.form["radius"]) > 300:
            return _json({"error": "Max radius is 300 arcsec."}, 400)
        found = [
            {"object": one["object"]["id"], "separation": 9.0 - number, "objectname": "x"}
            for number, one in enumerate(self.objects.values())
        ]
        return _json(found)


def _row(value: dict[str, Any]) -> dict[str, Any]:
    header = value["object"]
    latest = max([row["mjd"] for row in value["lc"]], default=None)
    kept = "id atlas_designation ra dec followup_flag_date date_modified detection_list_id rb_pix".split()
    return {"rank": 1, **{key: header.get(key) for key in kept}, "latest_mjd": latest}


def _said(object_id: str, info: str) -> Reply:
    return _json({"objectid": int(object_id), "info": info})


def _as_row(call: Call) -> dict[str, Any]:
    """A row as the server keeps it: numbers in single precision, and the account that wrote it."""
    names = ("preal", "pgal", "pfast", "rank", "is_gal_cand")
    told = {
        name: float(struct.unpack("f", struct.pack("f", float(call.form[name])))[0])
        for name in names
        if name in call.form
    }
    when = call.form["insertdate"].replace(" ", "T") + "Z"
    return {
        "transient_object_id": int(call.form["objectid"]),
        **dict.fromkeys(names),
        **told,
        "timestamp": when,
        "apiusername": "bot",
        "username": None,
        "debug": False,
    }


def _json(value: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(value).encode(), status)
