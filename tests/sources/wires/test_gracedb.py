"""The newest map of a superevent from a server that answers as GraceDB does."""

import json

import pytest

from tests.harness.server import Call, Reply, serving
from tests.sources.test_sky_maps import flat, written
from tests.sources.wires.conftest import MadeTime
from vra_tui.domain.alert import Refused
from vra_tui.sources.wires.base import WireFault
from vra_tui.sources.wires.gracedb import map_file, newest_notice

EVENT = "S231129ac"
ROOT = f"/api/superevents/{EVENT}/"


def alert(n: int, kind: str, **more: object) -> dict:
    return {"N": n, "voevent_type": kind, "created": f"2023-11-29 0{n}:00:00 UTC", **more}


def graced(alerts: list[dict], files: dict[str, bytes]):
    """A server with these alerts of the event and these files."""

    def answer(call: Call) -> Reply:
        path = call.path.removeprefix(ROOT)
        if path == "voevents/":
            return Reply(json.dumps({"numRows": len(alerts), "voevents": alerts}).encode())
        if path == "files/":
            # Addresses elsewhere: what a list says is not where a file is fetched.
            return Reply(json.dumps({name: f"https://elsewhere.example/{name}" for name in files}).encode())
        if path == "":
            return Reply(json.dumps({"superevent_id": EVENT, "t_0": 1385309879.0}).encode())
        return (
            Reply(files[path.removeprefix("files/")])
            if path.removeprefix("files/") in files
            else Reply(b"", 404)
        )

    return answer


def test_the_newest_map_comes_with_what_was_told_of_it(time: MadeTime):
    older, newer = flat(1)[0], flat(2)[0]
    alerts = [
        alert(2, "UP", skymap_filename="Bilby.multiorder.fits,0", prob_bbh=0.99, prob_terrestrial=0.01),
        alert(1, "PR", skymap_filename="bayestar.multiorder.fits,0"),
    ]
    files = {"bayestar.multiorder.fits,0": older, "Bilby.multiorder.fits,0": newer, "p_astro.json": b"{}"}
    with serving(graced(alerts, files)) as served:
        notice = newest_notice(served.url, EVENT, time.edges)
    assert (notice.event, notice.content, notice.created) == (EVENT, newer, "2023-11-29 02:00:00 UTC")
    assert notice.about["alert_type"] == "UPDATE"
    assert notice.about["classification"] == {"BBH": 0.99, "Terrestrial": 0.01}
    # This map has no MJD-OBS: the record's GPS time is asked for, with its leap seconds.
    assert notice.event_mjd == pytest.approx(60277.678946, abs=1e-5)
    assert {call.path.split("/")[1] for call in served.calls} == {"api"}


def test_a_map_that_tells_its_time_needs_no_further_question(time: MadeTime):
    import numpy as np

    content = written([("PROB", "D", np.full(12, 1 / 12))], **{"MJD-OBS": 60277.5})
    with serving(graced([alert(1, "PR")], {"bayestar.multiorder.fits": content})) as served:
        assert newest_notice(served.url, EVENT, time.edges).event_mjd == 60277.5
    assert len(served.calls) == 3


@pytest.mark.parametrize("kind", ["RE", "RT", "retraction"])
def test_a_retraction_is_one_even_if_maps_lie_there(kind: str, time: MadeTime):
    alerts = [alert(1, "PR"), alert(2, kind)]
    with serving(graced(alerts, {"bayestar.multiorder.fits": flat(1)[0]})) as served:
        notice = newest_notice(served.url, EVENT, time.edges)
    assert notice.is_retracted
    assert notice.content is None


def test_without_a_map_it_is_refused_and_an_unknown_event_is_told(time: MadeTime):
    with serving(graced([alert(1, "EW")], {"p_astro.json": b"{}"})) as served:
        with pytest.raises(Refused, match="no sky map"):
            newest_notice(served.url, EVENT, time.edges)
        with pytest.raises(WireFault, match="does not know"):
            newest_notice(served.url.replace("/api", ""), "S991231zz", time.edges)


@pytest.mark.parametrize(
    ("names", "told", "found"),
    [
        (["bayestar.multiorder.fits,0", "bayestar.multiorder.fits,1"], None, "bayestar.multiorder.fits,1"),
        (["bayestar.multiorder.fits", "bayestar.multiorder.fits,9"], None, "bayestar.multiorder.fits"),
        (["bayestar.multiorder.fits,3", "Bilby.multiorder.fits,0"], None, "Bilby.multiorder.fits,0"),
        (["bayestar.fits.gz", "bayestar.multiorder.fits"], "bayestar.fits.gz", "bayestar.multiorder.fits"),
        (["cwb.fits.gz"], None, "cwb.fits.gz"),
        (["../../x.fits", "a/b.multiorder.fits", "coinc.xml", "x.png"], "../../x.fits", None),
    ],
)
def test_the_best_map_is_chosen_whatever_the_order(names: list[str], told: str | None, found: str | None):
    assert map_file(names, told) == map_file(names[::-1], told) == found
