"""Ids of Pan-STARRS DR1 hold where their sources stand."""

from pathlib import Path

import numpy as np
import pytest

from vra_tui.domain.ps1_ids import place_of
from vra_tui.domain.sky import separation


def test_an_id_tells_the_place_that_the_catalogue_has():
    # Of SN 2020tjh's host, with the place that Sherlock gives beside the id.
    ra, dec = place_of(["146140000147223348"])
    assert separation(ra[0], dec[0], 0.014726892, 31.785648482) < 0.05


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "",
        "NGC 9999",
        "-5",
        "1e17",
        "12",
        "999999999999999999",
        "1" * 40,
        "１４６１４０００１４７２２３３４８",
        "\x1b[31m",
    ],
)
def test_what_is_no_id_is_nowhere(wrong):
    ra, dec = place_of([wrong, "146140000147223348"])
    assert np.isnan([ra[0], dec[0]]).all()
    assert np.isfinite([ra[1], dec[1]]).all()


def test_no_ids_have_no_places():
    assert [len(one) for one in place_of([])] == [0, 0]


def test_real_packets_tell_the_same_distances_as_their_ids(real_data):
    """Ids were given with the first place measured: it lies some tenths of an arcsec beside the last one."""
    fastavro = pytest.importorskip("fastavro")
    apart = []
    for path in sorted(Path(real_data, "ztf_alerts", "schema4_2023").rglob("*.avro")):
        with path.open("rb") as file:
            for packet in fastavro.reader(file):
                row = packet["candidate"]
                ids = [str(row[f"objectidps{n}"]) for n in (1, 2, 3)]
                told = np.array([row[f"distpsnr{n}"] for n in (1, 2, 3)], dtype=float)
                ra, dec = place_of(ids)
                found = separation(ra, dec, row["ra"], row["dec"])
                apart += np.abs(found - told)[told >= 0].tolist()
    assert len(apart) > 3
    assert max(apart) < 1.0
    assert np.median(apart) < 0.3
