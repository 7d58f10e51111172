"""Messages are sent once to the configured address alone, and what strangers wrote stays text there."""

import json

import pytest
from pydantic import SecretStr

from tests.harness.server import Reply, serving
from tests.sources.wires.conftest import MadeTime, MadeTools
from vra_tui.sources.wires.base import SourceError, SourceSettings
from vra_tui.sources.wires.message_sending import Messages, payload
from vra_tui.sources.wires.sending import Outcome, open_sender

EVIL = "<!channel> & <@U1> @here *x* `y` [a](http://e.org) |z\x1b]0;t\x07‮"


def alert(**said):
    return {
        "survey": "ztf", "object_id": "ZTF26aaaaaaa", "name": None, "ra": 10.5, "dec": -3.25, "rank": 9.42,
        "preal": 0.9, "pgal": 0.1, "pfast": None, "list": "fasttrack", "mag": 17.31, "t0_mjd": 60000.0,
        "host": None, "sep_arcsec": None, "is_tns_match": False, "url": "https://example.org/ZTF26aaaaaaa",
    } | said  # fmt: skip


def content(*alerts, form="slack", **said):
    return {
        "form": form, "rule": "fast", "text": "fasttrack rank>9: 1 new", "alerts": list(alerts), "more": 0,
        "count": 1, "again": False,
    } | said  # fmt: skip


def sender(address: str, time: MadeTime) -> Messages:
    made = open_sender("message", SourceSettings("team", "message"), MadeTools(time, {"url": address}).made())
    assert isinstance(made, Messages)
    return made


def sent(reply, time, path="services/T00000000/B00000000/XXXXXXXXXXXXXXXX"):
    """What came of a message to a server that gives one reply, and what it was told."""
    with serving(lambda call: reply) as served:
        result = sender(f"{served.url}{path}", time).send(content(alert()))
    return result, served.calls


def test_a_message_is_posted_once_as_json_to_the_secret_address(time: MadeTime):
    result, (call,) = sent(Reply(b"ok"), time)
    assert (result.outcome, result.answer) == (Outcome.ACCEPTED, "ok")
    assert call.path == "/services/T00000000/B00000000/XXXXXXXXXXXXXXXX"
    assert call.headers["content-type"] == "application/json"
    assert json.loads(call.body)["text"].startswith("fasttrack rank&gt;9: 1 new\nztf:ZTF26aaaaaaa, rank 9.4")


def test_plain_json_has_numbers_and_names_as_they_are(time: MadeTime):
    told = payload(content(alert(name="A & B"), form="json"))
    assert told["alerts"] == [alert(name="A & B")]
    assert told.keys() == {"rule", "text", "count", "more", "alerts"}


@pytest.mark.parametrize(
    ("reply", "outcome", "seconds"),
    [
        (Reply(b"slow down", 429, {"retry-after": "30"}), Outcome.LATER, 30.0),
        (Reply(b"", 503), Outcome.LATER, None),
        (Reply(b"oops", 500), Outcome.UNKNOWN, None),
        (Reply(b"", 504), Outcome.UNKNOWN, None),
        (Reply(b"no_service", 404), Outcome.REFUSED, None),
        (Reply(b"invalid_token", 403), Outcome.REFUSED, None),
        (Reply(b"channel_is_archived", 410), Outcome.REFUSED, None),
        (Reply(b"", 302, {"location": "https://elsewhere.example.org/"}), Outcome.REFUSED, None),
        (Reply(b"", 307, {"location": "/login"}), Outcome.REFUSED, None),
        (Reply(b"0123456789", 200, {}, cut=3), Outcome.UNKNOWN, None),
    ],
)
def test_a_server_that_misbehaves_is_asked_once_and_told_of(reply, outcome, seconds, time: MadeTime):
    result, calls = sent(reply, time)
    assert (result.outcome, result.retry_after) == (outcome, seconds)
    assert len(calls) == 1
    assert time.waited == []


def test_where_nobody_answers_the_message_surely_did_not_arrive(time: MadeTime):
    with serving(lambda call: Reply()) as served:
        address = served.url
    result = sender(address, time).send(content(alert()))
    assert (result.outcome, result.is_for_all) == (Outcome.LATER, True)


def test_the_address_is_told_nowhere_also_not_where_the_server_repeats_it(time: MadeTime):
    result, _ = sent(Reply(b"no hook /services/T00000000/B00000000/XXXXXXXXXXXXXXXX here", 404), time)
    assert "XXXXXXXXXXXXXXXX" not in result.answer
    assert "T00000000" not in result.answer


def test_the_address_is_told_nowhere_also_where_the_message_was_taken(time: MadeTime):
    result, _ = sent(Reply(b"taken by /services/T00000000/B00000000/XXXXXXXXXXXXXXXX"), time)
    assert result.outcome is Outcome.ACCEPTED
    assert "XXXXXXXXXXXXXXXX" not in result.answer
    assert "T00000000" not in result.answer


def test_whether_a_message_arrived_cannot_be_asked_unless_it_may_come_twice(time: MadeTime):
    one = sender("https://hooks.example.org/x", time)
    assert one.ask(content()).outcome is Outcome.REFUSED
    assert one.ask(content(again=True)) is None


@pytest.mark.parametrize(
    "address", ["http://hooks.example.org/x", "ftp://x", "https://user:pw@h.example.org/x"]
)
def test_an_address_that_is_not_safe_is_refused_without_being_repeated(address, time: MadeTime):
    with pytest.raises(SourceError, match="team") as refused:
        sender(address, time)
    assert "pw" not in str(refused.value)


def test_a_name_without_an_address_is_told(time: MadeTime):
    with pytest.raises(SourceError, match="`team`"):
        open_sender("message", SourceSettings("team", "message"), MadeTools(time, {}).made())


def test_what_strangers_wrote_calls_styles_and_links_nothing():
    text = payload(content(alert(name=EVIL, object_id=EVIL, host=EVIL, list=EVIL)))["text"]
    first, line = text.split("\n")
    assert first == "fasttrack rank&gt;9: 1 new"
    assert not set("<>@*`[]|\x1b‮\x07") & set(line)
    assert "&lt;!channel&gt; &amp; " in line
    assert "http://" not in line
    assert line.endswith(" https://example.org/ZTF26aaaaaaa")


def test_no_markup_and_no_previews_are_asked_for():
    told = payload(content(alert()))
    assert (told["mrkdwn"], told["unfurl_links"], told["unfurl_media"]) == (False, False, False)


def test_what_is_not_known_of_an_alert_is_left_out():
    text = payload(content(alert(rank=None, mag=None, list=None, url=None)))["text"]
    assert text.split("\n")[1] == "ztf:ZTF26aaaaaaa, 10.50000 -3.25000"


def test_the_secret_is_never_printed(time: MadeTime):
    assert "hooks" not in repr(SecretStr("https://hooks.example.org/x"))
    assert "XXXXXXXX" not in repr(sender("https://hooks.example.org/XXXXXXXX", time).__dict__)
