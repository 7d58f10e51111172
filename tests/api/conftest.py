"""A small store for the Python interface: seven alerts of ATLAS, scored, one of them decided; one of ZTF."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import vra_tui as vra
from tests.factories import T0, Clock, api_object, forced, ingest_objects, put_alert, score_all
from vra_tui.domain.alert import Annotation, CatalogueMatch, Stamp, StampKind
from vra_tui.domain.building import build_light_curve
from vra_tui.pipeline.deciding import decide_alerts
from vra_tui.store.connection import open_store
from vra_tui.store.decisions import Author
from vra_tui.store.finding import find_alert

#: An id of 19 digits that no float holds.
CANDID = 2721358945505015033


def fits_bytes() -> bytes:
    file = io.BytesIO()
    fits.PrimaryHDU(np.arange(25, dtype=np.float32).reshape(5, 5)).writeto(file)
    return file.getvalue()


def likely_real(table):
    """P(real) that falls with the alert's number: every alert has a rank of its own."""
    return 0.95 - 0.05 * (table.alert_id % 100)


@pytest.fixture
def path(tmp_path: Path, clock: Clock) -> Path:
    """A store with eight alerts."""
    found = tmp_path / "vra.db"
    store = open_store(found, durable=False)
    objects = [api_object(number) for number in range(7)]
    objects[1]["fp"] = [forced(1.5), forced(2.5, mag=19.1, is_limit=True)]
    ingest_objects(store, objects, clock)
    score_all(store, clock, preal=likely_real)
    curve, instruments, bands = build_light_curve(
        {
            "mjd": [60474.3, 60475.31], "mag": [18.6, -19.25], "magerr": [0.05, 0.1], "limit": [20.5, 20.4],
            "ra": [10.0, 10.0], "dec": [-1.9, -1.9], "score": [0.9, 0.99], "source_id": [CANDID - 1, CANDID],
            "instrument": ["ZTF", "ZTF"], "band": ["g", "r"],
        }
    )  # fmt: skip
    put_alert(
        store, "ztf", "ZTF24demo", clock,
        name="demo", t0_mjd=60474.3, light_curve=curve, instruments=instruments, bands=bands,
        matches=(
            CatalogueMatch("ps1", "PS1 1", separation_arcsec=0.5),
            CatalogueMatch("ps1", "PS1 2", separation_arcsec=1.5)),
        annotations=(Annotation("needle", "SLSN", "2", numbers={"SLSN": 0.75, "TDE": None}, mjd=60475.4),),
        stamps=(Stamp(StampKind.SCIENCE, fits_bytes(), 60475.31, CANDID),),
    )  # fmt: skip
    first = find_alert(store, "1100000000000000000")
    decide_alerts(store, [first], "good", Author("zoe", "dome"), clock(), note="nice", tags=["bright"])
    store.close()
    return found


@pytest.fixture
def opened(path: Path):
    with vra.open(path, scanner="zoe") as store:
        yield store


@pytest.fixture
def packets(tmp_path: Path) -> Path:
    """A file with two of its alerts, as they came."""
    file = tmp_path / "packets.jsonl"
    file.write_text("\n".join(json.dumps(api_object(number)) for number in range(2)))
    return file


#: MJD of the night of the alerts of ATLAS.
NIGHT = T0 - 0.5
