"""ZTF alerts of BOOM, as Babamul streams them and BOOM's server answers: fluxes beside the candidate."""

from typing import Any

from vra_tui.domain.alert import Alert, Annotation, ExternalMatch, Refused
from vra_tui.domain.flux import LIMIT_SIGMA, magnitude, microjansky
from vra_tui.domain.sky import separation
from vra_tui.surveys.ztf import candidate, values
from vra_tui.surveys.ztf.history import History
from vra_tui.surveys.ztf.values import NAN, Row

_KNOWN = frozenset({
    "objectId", "candid", "_id", "candidate", "prv_candidates", "prv_nondetections", "fp_hists",
    "survey_matches", "classifications",
})  # fmt: skip
_OWN = frozenset({"psfFlux", "psfFluxErr", "band"})
#: Microjansky of a unit in which fluxes may be given: nJy as the schema says, and a millionth of that as the
#: recorded alerts of July 2026 have it.
_UNITS = (1e-3, 1e-9)
#: How well a unit must agree with the candidate's own magnitude.
_AGREES = 0.02


def knows(value: Row) -> bool:
    """Tell whether the value is a ZTF alert of BOOM's."""
    own = value.get("candidate")
    return isinstance(own, dict) and "psfFlux" in own


def answered(value: Row) -> Any:
    """The rows of an answer of BOOM's server about its ZTF alerts; None where the value is no such answer."""
    message = value.get("message")
    if not isinstance(message, str) or "ZTF_alerts" not in message:
        return None
    data = value.get("data")
    if isinstance(data, dict):
        return [row for rows in data.values() for row in (rows if isinstance(rows, list) else [rows])]
    return data if isinstance(data, list) else []


def alert(value: Row, object_id: str) -> Alert:
    """The alert of a packet. Raises Refused."""
    own = values.part(value, "candidate")
    unit = _unit(own)
    mjd = values.mjd(own)
    light = History()
    light.candidate(own, scored=True)
    for row in values.rows(value, "prv_candidates"):
        if row.get("magpsf") is not None:
            light.candidate(row)
        else:
            flux, dflux = _fluxes(row, unit)
            light.flux_detection(values.mjd(row), _band(row), flux, dflux, values.position(row))
    for row in values.rows(value, "prv_nondetections"):
        _, dflux = _fluxes(row, unit)
        limit = float(magnitude(LIMIT_SIGMA * dflux)) if dflux > 0 else NAN
        light.nondetection(values.mjd(row), _band(row), limit)
    for row in values.rows(value, "fp_hists"):
        light.forced(values.mjd(row), _band(row), *_fluxes(row, unit))
    curve, instruments, bands = light.light_curve()
    rest = values.kept(value, _KNOWN)
    return Alert(
        survey="ztf",
        object_id=object_id,
        as_of=mjd,
        facts=candidate.facts_of(own),
        light_curve=curve,
        instruments=instruments,
        bands=bands,
        matches=candidate.matches_of(own),
        external=_elsewhere(values.part(value, "survey_matches"), own) if "survey_matches" in value else None,
        annotations=_classes(value, mjd),
        details=candidate.details_of(
            {k: v for k, v in own.items() if k not in _OWN}, values.identity(own, "candid")
        ),
        extra={"boom": rest} if rest else {},
    )


def _unit(own: Row) -> float:
    """Microjansky of the packet's unit of flux, by the candidate, which has both flux and magnitude."""
    flux, mag = values.number(own, "psfFlux"), values.number(own, "magpsf")
    if flux == flux and mag == mag and flux != 0 and abs(mag) < 60:
        for unit in _UNITS:
            if abs(abs(flux) * unit / float(microjansky(abs(mag))) - 1.0) < _AGREES:
                return unit
    raise Refused("`psfFlux` of the candidate agrees with its `magpsf` in no known unit")


def _fluxes(row: Row, unit: float) -> tuple[float, float]:
    return values.number(row, "psfFlux") * unit, values.number(row, "psfFluxErr") * unit


def _band(row: Row) -> str:
    return values.band(row, "band" if row.get("band") is not None else "fid")


def _elsewhere(matches: Row, own: Row) -> tuple[ExternalMatch, ...]:
    """The same source as other surveys know it, by their names."""
    here = values.position(own)
    found = []
    for survey in sorted(map(str, matches)):
        match = values.part(matches, survey)
        name = values.text(match, "objectId")
        if name:
            apart = float(separation(*here, *values.position(match)))
            found.append(
                ExternalMatch(
                    designation=name,
                    matched_list=survey[:80],
                    separation_arcsec=None if apart != apart else apart,
                )
            )
    return tuple(found)


def _classes(value: Row, mjd: float) -> tuple[Annotation, ...]:
    said = values.part(value, "classifications")
    if not said:
        return ()
    numbers = {str(key)[:80]: values.optional(said, key) for key in said}
    return (Annotation(topic="boom", numbers=numbers, mjd=mjd),)
