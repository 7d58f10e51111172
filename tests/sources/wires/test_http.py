"""One client for all servers, against a real one on loopback that misbehaves."""

import gzip
import ssl
import zlib
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from tests.harness.server import Call, Reply, Served, serving
from tests.sources.wires.conftest import MadeTime
from vra_tui.sources.wires.base import CutOff, WireFault
from vra_tui.sources.wires.budget import Budget
from vra_tui.sources.wires.http import Http, Limits

TOKEN = SecretStr("a7f31b0c9d2e4f58")


def asked(served: Served, time: MadeTime, **how: object) -> Http:
    headers = {"authorization": f"Token {TOKEN.get_secret_value()}"}
    return Http(served.url, time.edges, headers=headers, secrets=[TOKEN], **how)  # type: ignore[arg-type]


def replies(*script: Reply):
    """Each reply once, the last one for ever."""
    rest = list(script)
    return lambda call: rest.pop(0) if len(rest) > 1 else rest[0]


def test_an_answer_comes_with_the_token_sent_along(time: MadeTime):
    with serving(replies(Reply(b'{"a": NaN, "b": 1}'))) as served, asked(served, time) as http:
        assert http.get("object/", {"id": "1"}).json("the object") == {"a": None, "b": 1}
    assert served.calls[0].query == {"id": "1"}
    assert served.calls[0].headers["authorization"].endswith(TOKEN.get_secret_value())


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_in_trouble_is_asked_again_after_a_while(status: int, time: MadeTime):
    with serving(replies(Reply(b"", status), Reply(b"", status), Reply(b"{}"))) as served:
        asked(served, time).get("x")
    assert len(served.calls) == 3
    assert time.waited == sorted(time.waited)
    assert all(time.waited)


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (Reply(b"", 429, {"retry-after": "17"}), 17),
        (Reply(b'{"detail": "Request was throttled. Expected available in 23 seconds."}', 429), 23),
        (Reply(b'{"detail": "Request was throttled. Expected available in 2 minutes."}', 429), 120),
    ],
)
def test_a_server_that_says_how_long_is_left_alone_so_long(reply: Reply, seconds: int, time: MadeTime):
    with serving(replies(reply, Reply())) as served:
        asked(served, time).get("x")
    assert time.waited == [seconds + 1]


def test_a_date_to_wait_for_is_understood(time: MadeTime):
    # 2027-01-15 08:00:40 UTC is 40 s after the clock's 1.8e9.
    late = {"retry-after": "Fri, 15 Jan 2027 08:00:40 GMT"}
    with serving(replies(Reply(b"", 503, late), Reply())) as served:
        asked(served, time).get("x")
    assert time.waited == [pytest.approx(41)]


def test_a_caller_may_ask_less_often(time: MadeTime):
    with serving(replies(Reply(b"", 500))) as served, pytest.raises(WireFault) as fault:
        asked(served, time).post("x", {}, attempts=2)
    assert len(served.calls) == 2
    assert fault.value.status == 500


def test_a_server_that_wants_hours_is_reported_and_not_waited_for(time: MadeTime):
    with (
        serving(replies(Reply(b"", 429, {"retry-after": "7200"}))) as served,
        pytest.raises(WireFault, match="120 minutes") as fault,
    ):
        asked(served, time).get("x")
    assert fault.value.retry_after == 7200
    assert not time.waited


def test_what_was_sent_and_may_have_happened_is_not_sent_twice(time: MadeTime):
    with serving(replies(Reply(b"", 504))) as served, pytest.raises(WireFault):
        asked(served, time).post("move/", {"id": "1"}, is_read=False)
    assert len(served.calls) == 1


def test_an_expired_token_is_told_in_words_without_the_token(time: MadeTime):
    said = f'{{"detail": "Token {TOKEN.get_secret_value()} has expired."}}'.encode()
    with serving(replies(Reply(said, 401))) as served, pytest.raises(WireFault) as fault:
        asked(served, time).get("x")
    assert "does not accept the credentials" in str(fault.value)
    assert fault.value.status == 401
    assert TOKEN.get_secret_value() not in str(fault.value)
    assert len(served.calls) == 1


def test_hosts_that_are_not_configured_are_not_asked(time: MadeTime):
    with serving(replies(Reply())) as other:
        away = Reply(b"", 302, {"location": f"{other.url}steal"})
        with serving(replies(away)) as served, pytest.raises(WireFault, match="not configured"):
            asked(served, time).get("x")
    assert not other.calls


def test_a_configured_other_host_is_asked_without_the_secrets(time: MadeTime):
    with serving(replies(Reply(b'{"there": 1}'))) as other:
        away = Reply(b"", 302, {"location": f"{other.url}result"})
        with serving(replies(away)) as served:
            body = asked(served, time, hosts=[other.url]).get("x")
    assert body.json("it") == {"there": 1}
    assert "authorization" not in other.calls[0].headers


@pytest.mark.parametrize("status", [307, 308])
def test_a_form_is_not_sent_on_to_another_host(status: int, time: MadeTime):
    with serving(replies(Reply())) as other:
        away = Reply(b"", status, {"location": other.url})
        with serving(replies(away)) as served, pytest.raises(WireFault, match="another host"):
            asked(served, time, hosts=[other.url]).post("x", {"api_key": TOKEN.get_secret_value()})
    assert not other.calls


def test_redirects_in_a_circle_end(time: MadeTime):
    with (
        serving(replies(Reply(b"", 302, {"location": "/x"}))) as served,
        pytest.raises(WireFault, match="redir"),
    ):
        asked(served, time).get("x")
    assert len(served.calls) == 4


@pytest.mark.parametrize(
    "address", ["http://example.org/", "ftp://example.org/", "https://me:pw@example.org/"]
)
def test_addresses_that_would_show_secrets_are_refused(address: str, time: MadeTime):
    with pytest.raises(WireFault, match="not asked"):
        Http(address, time.edges)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_packed_answers_are_unpacked(pack, time: MadeTime):
    encoding = {"content-encoding": "gzip" if pack is gzip.compress else "deflate"}
    with serving(replies(Reply(pack(b'{"a": 1}'), 200, encoding))) as served:
        assert asked(served, time).get("x").json("it") == {"a": 1}


def test_a_bomb_is_refused_before_it_is_unpacked(time: MadeTime):
    bomb = gzip.compress(bytes(40 << 20))
    with (
        serving(replies(Reply(bomb, 200, {"content-encoding": "gzip"}))) as served,
        pytest.raises(CutOff, match="longer than 4 MB"),
    ):
        asked(served, time).get("x", most_bytes=4 << 20)


@pytest.mark.parametrize("headers", [{}, {"content-encoding": "gzip"}])
def test_an_answer_that_is_cut_off_is_asked_for_again(headers: dict[str, str], time: MadeTime):
    content = gzip.compress(b"{}" * 5000) if headers else b"{}" * 5000
    script = replies(Reply(content, 200, headers, cut=20), Reply(b"[]"))
    with serving(script) as served:
        assert asked(served, time).get("x").content == b"[]"


def test_an_answer_that_never_ends_is_given_up(time: MadeTime):
    with (
        serving(replies(Reply(b"[]", pause=1.0))) as served,
        pytest.raises(CutOff, match="stopped answering"),
    ):
        asked(served, time, limits=Limits(read=0.05)).get("x")


def test_nothing_listens_is_said_in_words(time: MadeTime):
    with serving(replies(Reply())) as served:
        address = served.url
    with pytest.raises(WireFault, match="no connection") as fault:
        Http(address, time.edges).get("x")
    assert not isinstance(fault.value, CutOff)
    assert len(time.waited) == 4


def test_a_budget_holds_over_clients_and_restarts(time: MadeTime):
    kept: list[float] = []
    with serving(replies(Reply())) as served:
        for _ in range(2):
            asked(served, time, budget=Budget(3, lambda: kept, kept.append)).get("x")
        again = asked(served, time, budget=Budget(3, lambda: kept, kept.append))
        again.get("x")
        with pytest.raises(WireFault, match="3 calls an hour") as fault:
            again.get("x")
        assert fault.value.retry_after == pytest.approx(3600)
        again.is_patient = True
        again.get("x")
    assert len(served.calls) == 4
    assert time.waited == [pytest.approx(3600)]


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, time: MadeTime):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    known = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(known)
    with serving(replies(Reply()), context) as served:
        with pytest.raises(WireFault, match="certificate"):
            asked(served, time).get("x")
        assert asked(served, time, ca_file=str(known)).get("x").content == b"{}"


def test_what_is_no_json_is_told_with_its_beginning(time: MadeTime):
    page = Reply(b"<html>\x1b[2JSign in</html>")
    with serving(replies(page)) as served, pytest.raises(WireFault, match="no JSON") as fault:
        asked(served, time).get("x").json("the list")
    assert "\x1b" not in str(fault.value)


def test_a_call_is_what_the_server_saw():
    """The harness itself: what a test asserts about calls is what went over the wire."""
    seen = []

    def answer(call: Call) -> Reply:
        seen.append(call)
        return Reply(b"1")

    with serving(answer) as served:
        Http(served.url, MadeTime().edges).post("a/b", {"x": "1", "y": "é"})
    assert (seen[0].method, seen[0].path, seen[0].form) == ("POST", "/a/b", {"x": "1", "y": "é"})
