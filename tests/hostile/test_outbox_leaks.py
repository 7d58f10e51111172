"""What leaves tells nothing of the user's machine, and what strangers wrote stays text where it arrives."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.factories import Clock, FixedModel, api_object, ingest_objects, put_alert, score_all
from tests.harness.atlas_server import TOKEN as NIGHT_TOKEN
from tests.harness.atlas_server import AtlasServer
from tests.harness.lasair_server import TOKEN as DAY_TOKEN
from tests.harness.lasair_server import LasairServer
from tests.harness.server import Call, Reply, serving
from vra_tui.config.reading import load_config
from vra_tui.pipeline.deciding import decide_alerts
from vra_tui.pipeline.outbox.drafting import Rules, renew_drafts
from vra_tui.pipeline.outbox.running import opener_of
from vra_tui.pipeline.outbox.sending import send_due
from vra_tui.pipeline.sources import Keys, real_edges
from vra_tui.store import Store, outbox
from vra_tui.store.connection import transaction
from vra_tui.store.decisions import Author
from vra_tui.store.insight_table import Insight, put_insights
from vra_tui.store.listing import list_rows

CANARIES = ("canaryhome", "canaryuser", "canaryhost", "canarymail", "canarykey", "canarystore", "canaryproxy")
HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> \x1b]0;x\x07 \\'; DROP TABLE annotations; --"

CONFIG = """
[source.night]
kind = "atlas"
url = "{night}sne/atlas4/api/"
account = "canarykey"
[source.day]
kind = "lasair"
url = "{day}api/"
[outbox.rule.moves]
makes = "atlas.list"
target = "night"
lists = ["possible"]
approve = true
[outbox.rule.ranks]
makes = "atlas.rank"
target = "night"
approve = true
[outbox.rule.scores]
makes = "atlas.scores"
target = "night"
approve = true
[outbox.rule.notes]
makes = "atlas.comment"
target = "night"
lists = ["possible"]
[outbox.rule.annotations]
makes = "lasair.annotation"
target = "day"
topic = "our_vra"
approve = true
"""


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose every name is a canary."""
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME"):
        monkeypatch.setenv(name, "canaryuser")
    monkeypatch.setenv("HOSTNAME", "canaryhost")
    monkeypatch.setenv("EMAIL", "canarymail@example.org")
    monkeypatch.setenv("VRA_DB", str(tmp_path / "canarystore.db"))
    monkeypatch.setenv("SECRET_KEY", "canarykey")
    monkeypatch.setattr("platform.node", lambda: "canaryhost")
    home = tmp_path / "canaryhome"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


class Wire:
    """Passes calls on, and keeps what stood in them: all but the token, which goes to its own server."""

    def __init__(self, server: AtlasServer | LasairServer) -> None:
        self._server, self.said = server, io.StringIO()

    def __call__(self, call: Call) -> Reply:
        headers = {name: value for name, value in call.headers.items() if name != "authorization"}
        print(call.method, call.path, call.query, call.form, headers, file=self.said)
        reply: Reply = self._server(call)
        return reply


def test_no_token_path_host_or_login_name_leaves_and_markup_is_neutralised(
    machine: Path, store: Store, clock: Clock
):
    night, day = AtlasServer(), LasairServer()
    first, second = Wire(night), Wire(day)
    with serving(first) as one, serving(second) as two:
        path = machine / "config.toml"
        path.write_text(CONFIG.format(night=one.url, day=two.url))
        config, edges = load_config(path), real_edges()
        keys = Keys(
            {"VRA_SOURCE_NIGHT_TOKEN": NIGHT_TOKEN, "VRA_SOURCE_DAY_TOKEN": DAY_TOKEN}, path.parent / "none"
        )
        rules = Rules.of(config)
        renew_drafts(store, rules, by="canaryuser", clock=clock)
        _fill(store, night, clock)
        clock.now = datetime(2026, 12, 1, tzinfo=UTC)
        drafted = renew_drafts(store, rules, by="canaryuser", clock=clock)
        assert drafted.faults == {}
        came = send_due(
            store,
            opener_of(store, config, edges=edges, keys=keys),
            edges=edges,
            clock=clock,
            owner="canaryhost",
        )
        print([(i.kind, i.state, i.answer) for i in outbox.items(store)], list_rows(store, [2]))
        assert (came.faults, came.refused, came.accepted) == ({}, 0, 4)
    said = first.said.getvalue() + second.said.getvalue()
    for canary in (*CANARIES, NIGHT_TOKEN, DAY_TOKEN, str(machine)):
        assert canary not in said.lower(), canary
    assert (len(night.moves), len(night.scores), len(night.ranks), len(day.written)) == (1, 1, 1, 1)
    explanation = day.written[0]["explanation"]
    assert "alert(1)" in explanation
    assert not set("<>'\\\x1b\x07") & set(explanation)
    assert explanation[0] not in "=+-@"  # no formula for those who open it as a table
    (comment,) = outbox.items(store, kinds=["atlas.comment"])
    assert not set("<>\x1b\x07") & set(comment.content["text"])
    assert comment.state is outbox.State.DRAFT


def _fill(store: Store, night: AtlasServer, clock: Clock) -> None:
    """An alert of each survey, scored, with reasons that a stranger wrote; a decision with such a note."""
    object_id = night.add(0)
    ingest_objects(store, [api_object(0, header={"atlas_designation": HOSTILE[:60]})], clock)
    score_all(store, clock)
    other = put_alert(store, "lsst", "313637921267122191", clock)
    with transaction(store):
        store.execute(
            """INSERT INTO scores (alert_id, visit, day, mjd, stage, model, preal, pgal, pfast, rank,
            is_gal_cand, is_tns_match, scored_at)
            SELECT ?, visit, day, mjd, stage, model, preal, pgal, pfast, rank,
            is_gal_cand, is_tns_match, scored_at FROM scores LIMIT 1""",
            (other,),
        )
        store.execute(
            """UPDATE standing SET (preal, pgal, rank, model, visit, mjd, list) =
            (SELECT preal, pgal, rank, model, visit, mjd, list FROM standing WHERE alert_id = ?)
            WHERE alert_id = ?""",
            (int(object_id), other),
        )
    for row in list_rows(store, [int(object_id), other]):
        reason = {"question": "preal", "feature": "x", "effect": 1.0, "rank_effect": 1, "text": HOSTILE}
        insight = Insight(
            row.alert_id, 1, row.score_mjd or 0.0, row.model or FixedModel().name, [reason], 0.5, [HOSTILE],
            *([None] * 10),
        )  # fmt: skip
        with transaction(store):
            put_insights(store, [insight])
    decide_alerts(
        store, [int(object_id)], "possible", Author("canaryuser", "canaryhost"), clock(), note=HOSTILE
    )
