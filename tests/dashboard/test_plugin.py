"""Datasette shows a store's light curves, stamps and labels, and writes nothing."""

import gzip
import hashlib
import re
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from tests.factories import FIRST_ID, api_object, detection, ingest_objects, put_alert
from vra_tui.domain.alert import Stamp, StampKind
from vra_tui.store.connection import open_store, transaction
from vra_tui.store.dashboard import READY_QUERIES
from vra_tui.store.decisions import Author, decide

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def plugins():
    from datasette.plugins import pm

    from vra_tui.dashboard import plugin

    if not pm.is_registered(plugin):  # it is, where the package is installed
        pm.register(plugin)


def fits():
    """A FITS image with a star, gzipped as surveys send it."""
    from io import BytesIO

    from astropy.io import fits as astropy_fits

    pixels = np.random.default_rng(1).normal(0.0, 1.0, (31, 31)).astype(np.float32)
    pixels[15, 15] = 200.0
    file = BytesIO()
    astropy_fits.PrimaryHDU(pixels).writeto(file)
    return gzip.compress(file.getvalue())


@pytest.fixture
async def ask(store_path, clock, plugins):
    """Ask Datasette about a store for a page."""
    from datasette.app import Datasette

    with closing(open_store(store_path)) as store:
        ingest_objects(
            store,
            [
                api_object(0, lc=[detection(-0.2, 18.5), detection(0.5, -18.1, number=2)]),
                api_object(1, lc=[], lcnondets=[]),
            ],
            clock,
        )
        stamps = (
            Stamp(StampKind.SCIENCE, fits(), 60_000.25, 7),
            Stamp(StampKind.DIFFERENCE, b"spoilt", 60_000.25, 7),
        )
        put_alert(store, "ztf", HOSTILE, clock, stamps=stamps)
        with transaction(store):
            decide(store, FIRST_ID, "good", Author("amy", "host"), clock(), note=HOSTILE)
    served = Datasette([str(store_path)])

    async def page(path):
        answer = await served.client.get(f"/{store_path.stem}{path}")
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    return page


async def test_every_ready_query_is_offered_and_runs(ask):
    front = await ask("")
    for name, query in READY_QUERIES.items():
        assert query.title in front
        await ask(f"/{name}?object_id={FIRST_ID}")


async def test_a_light_curve_is_a_picture_with_a_sign_for_each_detection(ask):
    shown = await ask(f"/alert?object_id={FIRST_ID}")
    assert shown.count("<circle") == 2
    assert shown.count('fill="none"><title>') == 1  # the negative one is hollow
    assert "no epochs" in await ask(f"/alert?object_id={FIRST_ID + 1}")


async def test_a_stamp_is_a_picture_and_a_spoilt_one_is_left_out(ask):
    shown = await ask("/stamps?object_id=%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert shown.count("data:image/png;base64,") == 1


async def test_what_strangers_wrote_stays_text(ask):
    for page in ("/waiting", "/newest_decisions", f"/decisions_of_alert?object_id={FIRST_ID}", "/objects"):
        shown = await ask(page)
        assert HOSTILE not in shown
        assert "&lt;script&gt;" in shown or "%3Cscript%3E" in shown


async def test_a_column_called_light_curve_that_is_none_is_shown_as_it_is(ask):
    text = "%27%3Csvg%20onload%3Dalert(1)%3E%20vra%20light%20curve%201%27"
    shown = await ask(f"?sql=select+{text}+as+light_curve")
    assert not re.search(r"<svg[^>]*onload", shown)


async def test_nothing_can_be_written(ask, store_path):
    before = hashlib.sha256(store_path.read_bytes()).digest()
    await ask("/waiting")
    from datasette.app import Datasette

    answer = await Datasette([str(store_path)]).client.get(
        f"/{store_path.stem}.json?sql=delete+from+decisions"
    )
    assert answer.status_code == 400
    assert hashlib.sha256(store_path.read_bytes()).digest() == before


async def test_other_databases_are_left_alone(tmp_path, plugins):
    from datasette.app import Datasette

    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE birds (name TEXT)")
        other.commit()
    answer = await Datasette([str(path)]).client.get("/other")
    assert answer.status_code == 200
    assert "Waiting for a decision" not in answer.text
