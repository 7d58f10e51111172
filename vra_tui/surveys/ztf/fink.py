"""Read what Fink adds to ZTF's packets, and the flat rows of its server (`i:`, `d:`, `v:`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vra_tui.domain.alert import Annotation, CatalogueMatch, TnsReport
from vra_tui.surveys.ztf import values
from vra_tui.surveys.ztf.values import Row

#: Numbers of Fink's science modules.
_SCORES = (
    "rf_snia_vs_nonia", "snn_snia_vs_nonia", "snn_sn_vs_all", "rf_kn_vs_nonkn", "mulens", "slsn_score",
    "anomaly_score", "anomaly_score_beta", "anomaly_score_anais", "anomaly_score_emille",
    "anomaly_score_emille_30days", "anomaly_score_julien", "anomaly_score_maria", "anomaly_score_varvara",
    "nalerthist", "mag_rate", "sigma_rate", "lower_rate", "upper_rate", "delta_time", "roid",
)  # fmt: skip
#: Modules that write -1 for an alert that they did not look at.
_MINUS_ONE_IS_NONE = frozenset({"slsn_score"})
#: Catalogues in which Fink looks within 1.5 arcsec (its own cross-match radius; others for blazars).
_CATALOGUES = {"cdsxmatch": "SIMBAD", "vsx": "VSX", "gcvs": "GCVS", "spicy_class": "SPICY"}
_NAMES = {"x3hsp": "3HSP", "x4lac": "4LAC DR3"}
KNOWN = frozenset(_SCORES) | frozenset(_CATALOGUES) | frozenset(_NAMES) | {
    "finkclass", "tnsclass", "tns", "tracklet", "DR3Name", "Plx", "e_Plx", "gaiaVarFlag", "gaiaClass",
    "mangrove", "spicy_id", "fink_science_version",
}  # fmt: skip


@dataclass(frozen=True)
class FinkAdditions:
    """What a broker adds to an alert."""

    annotations: tuple[Annotation, ...] = ()
    matches: tuple[CatalogueMatch, ...] = ()
    tns: tuple[TnsReport, ...] = ()


def fink_additions(value: Row, mjd: float) -> FinkAdditions:
    """Return what Fink's own keys say of the alert; nothing where there are none. Raises Refused."""
    if not KNOWN & value.keys():
        return FinkAdditions()
    numbers = {key: values.optional(value, key) for key in _SCORES if key in value}
    numbers = {k: None if k in _MINUS_ONE_IS_NONE and v == -1 else v for k, v in numbers.items()}
    own = Annotation(
        topic="fink",
        classification=values.text(value, "finkclass"),
        version=values.text(value, "fink_science_version"),
        explanation=_tracklet(value),
        numbers=numbers,
        mjd=mjd,
    )
    reported = (_answer(value, key) for key in ("tns", "tnsclass"))
    kind = next((kind for kind in reported if kind), None)
    return FinkAdditions(
        (own,),
        (*_catalogued(value), *_gaia(value), *_mangrove(value)),
        (TnsReport(type=kind),) if kind else (),
    )


def _tracklet(value: Row) -> str | None:
    name = values.text(value, "tracklet")
    return f"tracklet {name}" if name else None


def _answer(value: Row, key: str) -> str | None:
    """What a catalogue told Fink; None where it got no answer (it writes `Fail 503` and the like)."""
    told = values.text(value, key)
    return None if told and told.startswith("Fail") else told


def _catalogued(value: Row) -> list[CatalogueMatch]:
    found = []
    for key, catalogue in _CATALOGUES.items():
        kind = _answer(value, key)
        if kind:
            identity = _answer(value, "spicy_id") if key == "spicy_class" else None
            found.append(
                CatalogueMatch(
                    source="fink", catalogue=catalogue, object_type=kind, catalogue_object_id=identity
                )
            )
    for key, catalogue in _NAMES.items():
        name = _answer(value, key)
        if name:
            found.append(
                CatalogueMatch(
                    source="fink", catalogue=catalogue, object_type="blazar", catalogue_object_id=name
                )
            )
    return found


def _gaia(value: Row) -> list[CatalogueMatch]:
    name = _answer(value, "DR3Name")
    if not name:
        return []
    numbers = {key: values.optional(value, key) for key in ("Plx", "e_Plx", "gaiaVarFlag")}
    kind = _answer(value, "gaiaClass")
    extra = {name: number for name, number in numbers.items() if number is not None}
    return [
        CatalogueMatch(
            source="fink", catalogue="Gaia DR3", catalogue_object_id=name, object_type=kind, extra=extra
        )
    ]


def _mangrove(value: Row) -> list[CatalogueMatch]:
    """The galaxy of the MANGROVE catalogue (Ducoin et al. 2020); its distance is in Mpc."""
    near = values.part(value, "mangrove")
    name = _answer(near, "HyperLEDA_name") or _answer(near, "2MASS_name")
    if not name:
        return []
    angle = values.optional(near, "ang_dist")
    return [
        CatalogueMatch(
            source="mangrove",
            catalogue="MANGROVE",
            catalogue_object_id=name,
            object_type="galaxy",
            distance_mpc=values.positive(near, "lum_dist"),
            extra={} if angle is None else {"ang_dist": angle},
        )
    ]


def is_flat(value: Row) -> bool:
    """Tell whether the value is a row of Fink's server."""
    return "i:jd" in value or "i:objectId" in value


def nested(value: Row) -> dict[str, Any]:
    """The packet that a flat row tells of: the candidate alone, and what Fink adds."""
    candidate: dict[str, Any] = {}
    packet: dict[str, Any] = {"candidate": candidate}
    mangrove: dict[str, Any] = {}
    for key, inner in value.items():
        prefix, _, name = str(key).partition(":")
        if prefix == "i" and name in ("objectId", "schemavsn", "publisher"):
            packet[name] = inner
        elif prefix == "i" and not name.startswith("fink_"):
            candidate[name] = inner
        elif prefix == "d" and name.startswith("mangrove_"):
            mangrove[name.removeprefix("mangrove_")] = inner
        elif key == "v:classification":
            packet["finkclass"] = inner
        else:
            packet[name if prefix in ("i", "d") else key] = inner
    if mangrove:
        packet["mangrove"] = mangrove
    return packet


def object_id(value: Mapping[str, Any]) -> Any:
    """Return what a flat row names as its object."""
    return value.get("i:objectId")
