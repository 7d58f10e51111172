"""Stamps as bytes are FITS that astropy reads, and look like those in real packets."""

import gzip
import io
import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.simulator.skies import SURVEYS
from vra_tui.simulator.stamps import (
    ATLAS,
    LSST,
    OPTICS,
    ZTF,
    Optics,
    StampSource,
    Triplets,
    draw,
    fits_bytes,
    imagine,
)


def triplets(optics: Optics, n: int = 3, **known) -> Triplets:
    kinds = [StampSource.TRANSIENT, StampSource.EDGE, StampSource.DIPOLE][:n]
    return draw(imagine(optics, kinds, 18.5, np.random.default_rng(1), **known), optics)


def hdus(data: bytes) -> list:
    """Read strictly: a warning of astropy's is a failure."""
    from astropy.io import fits

    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with fits.open(io.BytesIO(data)) as opened:
            opened.verify("exception")
            return [(hdu.data.copy(), hdu.header.copy()) for hdu in opened]


@SURVEYS
def test_astropy_reads_back_the_pixels_as_they_were_drawn(optics: Optics):
    drawn = triplets(optics)
    for i in range(len(drawn)):
        cutouts = fits_bytes(drawn, i, ra=150.1, dec=-2.2)
        for name in ("science", "template", "difference"):
            plane, data = getattr(drawn, name), getattr(cutouts, name)
            assert (plane is None) == (data is None)
            if data is not None:
                image, header = hdus(data)[0]
                np.testing.assert_array_equal(image, plane[i])
                assert (header["BITPIX"], header["NAXIS1"], header["NAXIS2"]) == (
                    -32,
                    optics.size,
                    optics.size,
                )
                assert header["BUNIT"] == optics.unit


@SURVEYS
def test_the_same_seed_gives_the_same_bytes(optics: Optics):
    assert fits_bytes(triplets(optics), 1) == fits_bytes(triplets(optics), 1)
    assert fits_bytes(triplets(optics), 0) != fits_bytes(triplets(optics), 1)


@SURVEYS
def test_files_are_whole_blocks(optics: Optics):
    data = fits_bytes(triplets(optics), 0).science
    assert len(gzip.decompress(data) if optics is ZTF else data) % 2880 == 0


def test_only_ztf_is_gzipped():
    for optics in OPTICS.values():
        cutouts = fits_bytes(triplets(optics), 0)
        for data in (cutouts.science, cutouts.difference):
            assert data.startswith(b"\x1f\x8b" if optics is ZTF else b"SIMPLE  =                    T")


@pytest.mark.parametrize("optics", [ATLAS, LSST], ids=["atlas", "lsst"])
@pytest.mark.parametrize(("east", "north"), [(0.3, 0.0), (0.0, 0.3), (-0.2, 0.2)])
def test_the_header_puts_a_neighbour_where_it_is(optics: Optics, east: float, north: float):
    """Of a host off to one side, the brightest pixel lies at its coordinates by the header's WCS."""
    from astropy.coordinates import SkyCoord
    from astropy.wcs import WCS

    side = optics.size * optics.pixel
    alerts = imagine(
        optics,
        [StampSource.TRANSIENT] * 6,
        30.0,
        np.random.default_rng(9),
        crowding=0.0,
        host_mag=13.0 if optics is ATLAS else 18.0,
        host_re=optics.fwhm[0] / 2,
        host_q=1.0,
        host_east=side * east,
        host_north=side * north,
    )
    drawn = draw(alerts, optics)
    centre = SkyCoord(210.0, 40.0, unit="deg")
    host = centre.spherical_offsets_by(side * east * _arcsec(), side * north * _arcsec())
    for i in range(len(drawn)):
        image, header = hdus(fits_bytes(drawn, i, ra=210.0, dec=40.0).science)[0]
        y, x = np.unravel_index(np.nanargmax(image), image.shape)
        at = WCS(header).pixel_to_world(x, y)
        assert at.separation(host).arcsec < 1.5 * optics.pixel
        own = WCS(header).world_to_pixel(centre)
        assert own == pytest.approx((optics.centre + alerts.dx[i], optics.centre + alerts.dy[i]), abs=0.01)


def _arcsec():
    from astropy import units

    return units.arcsec


def test_lsst_has_image_variance_and_psf():
    drawn = triplets(LSST, crowding=0.0)
    cutouts = fits_bytes(drawn, 2, ra=1.0, dec=1.0)
    for which, data in enumerate((cutouts.science, cutouts.template, cutouts.difference)):
        assert data is not None
        (_image, header), (variance, about), (psf, last) = hdus(data)
        assert (about["EXTNAME"], about["UTYPE"]) == ("UNCERT", "VarianceUncertainty")
        assert last["EXTNAME"] == "PSFIMAGE"
        np.testing.assert_array_equal(variance, drawn.variance[which][2])
        assert psf.dtype.itemsize == 8
        assert psf.sum() == pytest.approx(1.0)
        assert np.unravel_index(psf.argmax(), psf.shape) == (psf.shape[0] // 2, psf.shape[1] // 2)
        fwhm = drawn.scene.night.template_fwhm if which == 1 else drawn.scene.night.fwhm
        above = np.sqrt((psf > psf.max() / 2).sum() * 4 / np.pi)
        assert above == pytest.approx(fwhm[2] / LSST.pixel, rel=0.15)
        assert header["ROTPA"] == pytest.approx(drawn.scene.night.rotation[2])


def test_the_atlas_header_says_how_bright_a_count_is():
    drawn = triplets(ATLAS)
    header = hdus(fits_bytes(drawn, 0).difference)[0][1]
    zero_point = header["MAGZPT"] + 2.5 * np.log10(header["EXPTIME"])
    assert zero_point == pytest.approx(drawn.scene.night.zero_point[0], abs=2e-3)
    assert header["MASKVAL"] == ATLAS.mask
    assert "CRVAL1" not in header


def test_more_cards_can_be_given():
    cards = {"OBSNAME": "01a60000o0100o", "MJD-OBS": 60000.25, "FILTER": "o'", "NSTAR": 12}
    header = hdus(fits_bytes(triplets(ATLAS), 0, cards=cards).science)[0][1]
    assert {key: header[key] for key in cards} == cards


@pytest.mark.parametrize(
    ("cards", "complaint"),
    [
        ({"LONGKEYWORD": 1}, "no FITS keyword"),
        ({"lower": 1}, "no FITS keyword"),
        ({"X": float("nan")}, "cannot hold nan"),
        ({"X": "line\nfeed"}, "printable ASCII"),
        ({"X": "µ"}, "printable ASCII"),
        ({"X": "a" * 69}, "longer than a FITS card"),
    ],
)
def test_a_card_that_fits_cannot_hold_is_refused(cards: dict, complaint: str):
    with pytest.raises(ValueError, match=complaint):
        fits_bytes(triplets(ATLAS, 1), 0, cards=cards)


@pytest.fixture(scope="module")
def real() -> Path:
    folder = os.environ.get("VRA_REAL_DATA")
    if not folder:
        pytest.skip("VRA_REAL_DATA is not set: no real packets to compare with")
    return Path(folder)


def packets(pattern: str, real: Path) -> list[dict]:
    fastavro = pytest.importorskip("fastavro", reason="fastavro reads the real packets")
    found = []
    for path in sorted(real.glob(pattern)):
        with path.open("rb") as file:
            found += [record for record in fastavro.reader(file) if isinstance(record, dict)]
    return found


def real_hdus(data: bytes) -> list:
    """Real headers are not all strict."""
    from astropy.io import fits

    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(io.BytesIO(data), ignore_missing_simple=True) as opened:
            return [(hdu.data.copy(), hdu.header.copy()) for hdu in opened]


REAL = {
    "ztf": ("ztf_alerts/*/*.avro", ("cutoutScience", "cutoutTemplate", "cutoutDifference")),
    "atlas": ("atlas_stamps/*.avro", ("cutoutScience", "cutoutDifference")),
    "lsst": (
        "lsst_alerts/fink_lsst_v10_0_2026-03.avro",
        ("cutoutScience", "cutoutTemplate", "cutoutDifference"),
    ),
}


class TestBesideRealOnes:
    @SURVEYS
    def test_shape_type_and_unit_are_those_of_real_stamps(self, optics: Optics, real: Path):
        pattern, keys = REAL[optics.survey]
        simulated = fits_bytes(triplets(optics), 0, ra=10.0, dec=10.0)
        ours = [
            data for data in (simulated.science, simulated.template, simulated.difference) if data is not None
        ]
        for packet in packets(pattern, real):
            for key, mine in zip(keys, ours, strict=True):
                stamp = packet[key]["stampData"] if isinstance(packet[key], dict) else packet[key]
                theirs, own = real_hdus(stamp), hdus(mine)
                assert len(theirs) == len(own)
                assert theirs[0][0].shape == own[0][0].shape
                assert [image.dtype.str for image, _ in theirs] == [image.dtype.str for image, _ in own]
                if "BUNIT" in theirs[0][1]:
                    assert theirs[0][1]["BUNIT"].strip() == own[0][1]["BUNIT"]

    @SURVEYS
    def test_background_and_noise_are_in_the_range_of_real_ones(self, optics: Optics, real: Path):
        pattern, keys = REAL[optics.survey]
        mag = 22.0 if optics is LSST else 19.0
        drawn = draw(imagine(optics, [StampSource.TRANSIENT] * 60, mag, np.random.default_rng(4)), optics)
        for key, planes in ((keys[0], drawn.science), (keys[-1], drawn.difference)):
            theirs = []
            for packet in packets(pattern, real):
                stamp = packet[key]["stampData"] if isinstance(packet[key], dict) else packet[key]
                theirs.append(_level_and_noise(real_hdus(stamp)[0][0]))
            (level, noise), (own_level, own_noise) = (
                np.median(values, axis=0)
                for values in (theirs, [_level_and_noise(plane) for plane in planes])
            )
            assert own_noise == pytest.approx(noise, rel=0.35)
            assert own_level == pytest.approx(level, rel=0.5, abs=0.5 * noise)

    @pytest.mark.parametrize("optics", [ATLAS, LSST], ids=["atlas", "lsst"])
    def test_east_and_north_are_where_real_headers_have_them(self, optics: Optics, real: Path):
        pattern, keys = REAL[optics.survey]
        for packet in packets(pattern, real):
            stamp = packet[keys[0]]["stampData"] if isinstance(packet[keys[0]], dict) else packet[keys[0]]
            header = real_hdus(stamp)[0][1]
            name = "CD" if "CD1_1" in header else "PC"
            matrix = np.array([[header.get(f"{name}{i}_{j}", 0.0) for j in (1, 2)] for i in (1, 2)]) * 3600
            for step in ((1.0, 0.0), (0.0, 1.0)):
                x, y = optics.to_pixels(*step, header.get("ROTPA", 0.0))
                assert matrix @ (float(x), float(y)) == pytest.approx(step, abs=0.02)

    def test_east_and_north_are_where_real_ztf_positions_have_them(self, real: Path):
        """ZTF's stamps have no header: positions of alerts of one exposure on its chip, against the sky."""
        alerts = [packet["candidate"] for packet in packets(REAL["ztf"][0], real)]
        by_image: dict = {}
        for alert in alerts:
            by_image.setdefault((alert["pid"], alert["rcid"]), []).append(alert)
        compared = 0
        for group in by_image.values():
            first = group[0]
            for other in group[1:]:
                east = (other["ra"] - first["ra"]) * np.cos(np.radians(first["dec"])) * 3600
                x, y = ZTF.to_pixels(east, (other["dec"] - first["dec"]) * 3600, 0.0)
                found = np.array([other["xpos"] - first["xpos"], other["ypos"] - first["ypos"]])
                # The chip is turned by half a degree or so.
                assert np.hypot(*(found - (x, y))) < 3 + 0.02 * np.hypot(x, y)
                compared += np.hypot(x, y) > 50
        assert compared > 5


def _level_and_noise(image: np.ndarray) -> tuple[float, float]:
    pixels = image[np.isfinite(image) & (image > -30_000)]
    level = np.median(pixels)
    return float(level), float(1.4826 * np.median(np.abs(pixels - level)))
