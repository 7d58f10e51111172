"""`stream-1` of all real alerts of every survey: no warning, no infinity, as the plain reference has it."""

import os
import warnings
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np
import pytest

from tests.features.stream_made import blank_context, by_reference
from vra_tui.domain.alert import Alert, CatalogueMatch, NotAnAlert, Refused
from vra_tui.domain.light_curve import LightCurve, LightCurves, TimedLightCurve
from vra_tui.domain.refusal import Refusal
from vra_tui.features.stream import STREAM_1, HostKind, StreamContext, stream_features
from vra_tui.sources.files import find_files, read_file
from vra_tui.sources.reading import Reading
from vra_tui.surveys import installed_surveys

KINDS = {
    "galaxy": HostKind.GALAXY, "star": HostKind.STAR, "agn": HostKind.AGN, "qso": HostKind.AGN,
    "cv": HostKind.CV,
}  # fmt: skip


@dataclass
class Known:
    """What the packets of one object told, newest first; its light curve in the codes of all objects."""

    curve: TimedLightCurve
    facts: dict = field(default_factory=dict)
    matches: tuple[CatalogueMatch, ...] | None = None
    as_of: float = 0.0


def read(folder) -> tuple[dict[tuple[str, str], Known], dict[str, int]]:
    """Every alert in a folder by survey and id, and the codes of bands."""
    surveys, objects, bands, instruments = installed_surveys(), {}, {}, {}
    reading = Reading(ra=10.0, dec=5.0)
    for path in find_files([folder]):
        for piece in read_file(path, reading):
            if isinstance(piece, Refusal):
                continue
            try:
                alert = surveys.recognise(piece).alert(piece)
            except (Refused, NotAnAlert):
                continue
            take_in(alert, objects, bands, instruments)
    return objects, bands


def take_in(alert: Alert, objects, bands, instruments):
    codes = [
        np.array([table.setdefault(name, len(table)) for name in names] or [0], dtype=np.uint8)
        for table, names in ((instruments, alert.instruments), (bands, alert.bands))
    ]
    curve = TimedLightCurve.of(
        LightCurve(*(section.recoded(*codes) for section in alert.light_curve.sections)), alert.as_of
    )
    known = objects.get((alert.survey, alert.object_id))
    if known is None:
        known = objects[alert.survey, alert.object_id] = Known(curve)
    else:
        known.curve = known.curve.united(curve)
    newer = alert.as_of >= known.as_of
    known.facts = known.facts | alert.facts if newer else dict(alert.facts) | known.facts
    if alert.matches is not None and newer:
        known.matches = alert.matches
    known.as_of = max(alert.as_of, known.as_of)


def number(value) -> float:
    return np.nan if value is None else float(value)


def as_context(objects) -> StreamContext:
    """Contexts from facts and the nearest match."""
    about = blank_context(len(objects))
    known = list(objects.values())
    names = [one.name for one in fields(StreamContext) if one.name not in ("host", "ebv")]
    facts = {
        name: np.array([number(one.facts.get(name)) for one in known])
        for name in names
        if name in {key for one in known for key in one.facts}
    }
    best = [
        min(one.matches or (CatalogueMatch(),), key=lambda m: m.separation_arcsec or 0.0) for one in known
    ]
    columns = {
        one.name: np.array([number(getattr(match, one.name, None)) for match in best])
        for one in fields(about.host)
    }
    columns["kind"] = np.array(
        [
            KINDS.get(
                (match.object_type or "").lower(), HostKind.NONE if one.matches == () else HostKind.UNKNOWN
            )
            for one, match in zip(known, best, strict=True)
        ]
    )
    columns["n_other_near"] = np.array(
        [np.nan if one.matches is None else max(len(one.matches) - 1.0, 0.0) for one in known]
    )
    first = np.array([one.curve.curve.detections.mjd.min(initial=99_999.0) for one in known])
    t0 = facts.pop("t0_mjd", np.full(len(known), np.nan))
    return replace(
        about,
        host=replace(about.host, **columns),
        t0_mjd=np.where(np.isnan(t0), first, t0),
        ebv=np.full(len(known), 0.05),
        **facts,
    )


def laid(objects) -> LightCurves:
    sections = [[s.records.tobytes() for s in one.curve.curve.sections] for one in objects.values()]
    return LightCurves.from_bytes(range(len(sections)), *([one[i] for one in sections] for i in range(3)))


@pytest.fixture(scope="module")
def real():
    folder = os.environ.get("VRA_REAL_DATA")
    if not folder:
        pytest.skip("VRA_REAL_DATA names no folder of real data")
    return read(Path(folder))


def computed(real, at=None):
    objects, bands = real
    names = {code: name for name, code in bands.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return stream_features(laid(objects), as_context(objects), names, at)


def test_every_real_alert_has_features_without_a_warning(real):
    objects, _ = real
    assert {survey for survey, _ in objects} >= {"atlas", "ztf", "lsst", "table"}
    found = computed(real)
    assert tuple(found) == STREAM_1
    for name, values in found.items():
        assert not np.isinf(values).any(), name
    # What none of the real alerts has: an ATLAS source in both bands within 60 days, a host with colour, or
    # with magnitude and distance. It would show here if another feature came to nothing for all of them.
    never = {name for name, values in found.items() if np.isnan(values).all()}
    assert never <= {"colour_c_o_mag", "colour_c_o_error_mag", "host_colour_mag", "host_absolute_mag"}


def test_real_alerts_have_the_features_of_the_plain_reference(real):
    objects, bands = real
    rare = [key for i, key in enumerate(objects) if key[0] != "table" or i % 30 == 0]
    chosen = {key: objects[key] for key in rare}
    names = {code: name for name, code in bands.items()}
    curves, about = laid(chosen), as_context(chosen)
    expected = by_reference(curves, about, names, np.full(len(chosen), np.nan))
    found = stream_features(curves, about, names)
    for name in STREAM_1:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, atol=1e-6, err_msg=name)


def test_real_sources_have_the_features_that_an_expert_would_expect(real):
    objects, _ = real
    found, keys = computed(real), list(objects)

    def of(name, survey, object_id):
        return found[name][keys.index((survey, object_id))]

    # A supernova at z = 0.08 that rose by 0.05 mag a day, 37 kpc from the centre that was matched to it.
    sn = ("atlas", "1000005291314656200")
    assert of("rise_mag_per_day", *sn) > 2 * of("rise_error_mag_per_day", *sn) > 0
    assert -19.5 < of("peak_absolute_mag", *sn) < -18
    assert of("host_is_nuclear", *sn) == 0
    # A residual of a star that moves: nearly every exposure misses it.
    star = ("atlas", "1052941460110907400")
    assert of("position_scatter_arcsec", *star) > of("position_scatter_arcsec", *sn)
    assert of("detected_share", *star) < 0.5
    # A nova of 168 detections, three magnitudes down from its peak, on a smooth course.
    nova = ("ztf", "ZTF21abiuvdk")
    assert of("n_detections_told", *nova) == 168
    assert of("fade_mag_per_day", *nova) > 10 * of("fade_error_mag_per_day", *nova)
    assert of("roughness", *nova) < 0.2
    assert of("latest_less_reference_mag", *nova) < -1
