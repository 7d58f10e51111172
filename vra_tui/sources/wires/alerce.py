"""ALeRCE's servers for ZTF and LSST: objects of a class, by id or within a circle; nobody has to log in."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from vra_tui.domain.alert import Refused
from vra_tui.domain.refusal import Refusal
from vra_tui.domain.times import mjd_of
from vra_tui.sources.json_text import decode
from vra_tui.sources.wires.base import Answered, SourceSettings, Tools, WireFault, options_of
from vra_tui.sources.wires.by_object import (
    MOST_STAMP_BYTES,
    STAMPS,
    UNKNOWN,
    Cone,
    ObjectOptions,
    ObjectWire,
    Selected,
    is_fits,
    size_of,
)
from vra_tui.sources.wires.http import Body, Http
from vra_tui.surveys.base import Packet

_BASE = {"lsst": "https://api-lsst.alerce.online/", "ztf": "https://api.alerce.online/ztf/v1/"}
#: Where the stamps of ZTF are.
_ZTF_STAMPS = "https://avro.alerce.online/"
_PAGE = 200


class AlerceOptions(ObjectOptions):
    """What is asked of ALeRCE: a class of one of its classifiers, objects by their ids, a cone."""

    survey: Literal["lsst", "ztf"] = "ztf"
    #: Such as `stamp_classifier` or `lc_classifier`.
    classifier: str | None = None
    #: Such as `SN`.
    class_name: str | None = None
    #: The class has to be at least so probable.
    probability: Annotated[float, Field(ge=0, le=1)] | None = None
    #: Days that are looked back for objects seen since.
    days: Annotated[float, Field(gt=0, le=3650)] = 2.0
    #: Where the stamps of ZTF are, if somewhere else.
    stamps_url: str | None = None


class Alerce(ObjectWire):
    """An ALeRCE server. Each object costs a call for each of its sections."""

    kind: ClassVar[str] = "alerce"

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        self._options = options_of(settings, AlerceOptions)
        survey = self._options.survey
        self._stamps = self._options.stamps_url or _ZTF_STAMPS
        hosts = [] if survey == "lsst" else [self._stamps]
        http = Http.of(self._options, tools, _BASE[survey], hosts=hosts)
        super().__init__(settings, tools, self._options, http)

    def check(self) -> Answered:
        """Ask for one object of any kind."""
        self._list({"page_size": 1})
        return self._http.answered()

    def cutouts(self, object_id: str) -> Iterator[Packet | Refusal]:
        """The three stamps of the latest detection that has some, with that detection."""
        position = f"stamps of {object_id}"
        wanted = [one for one in self._sections(object_id) if one[0] in ("light_curve", "detections")]
        try:
            value = self._value(
                object_id, {name: self._http.get(path, asked) for name, path, asked in wanted}
            )
        except Refused as refused:
            yield Refusal(self.name, position, str(refused), object_id)
            return
        shown = [row for row in value.get("detections", []) if row.get("has_stamp") and _mjd(row) > 0]
        if not shown:
            yield Refusal(self.name, position, "ALeRCE has no stamps of it", object_id)
            return
        latest = max(shown, key=_mjd)
        bodies = [self._stamp(object_id, latest, kind) for kind in STAMPS]
        digest, known = self._is_known(bodies, position)
        if known is not None:
            yield known
            return
        pictures = {}
        for kind, body in zip(STAMPS, bodies, strict=True):
            if is_fits(body.content):
                pictures[kind] = body.content
            else:
                yield Refusal(self.name, position, f"the stamp `{kind}` is no FITS", object_id)
        if pictures:
            packet = self._with_stamps(object_id, latest, pictures)
            yield Packet(self.name, position, packet, size=size_of(bodies), digest=digest)

    def _selected(self) -> Iterable[Selected | Refusal]:
        options = self._options
        if not (options.classifier or options.objects or options.cone):
            raise self._says_nothing("classifier", "objects", "cone")
        found: list[Selected | Refusal] = [Selected(one) for one in options.objects]
        if options.classifier:
            since = mjd_of(datetime.fromtimestamp(self.tools.edges.now()).astimezone()) - options.days
            asked = {
                "classifier": options.classifier,
                "class" if not self._is_lsst else "class_name": options.class_name,
                "probability": options.probability,
                "lastmjd": since,
                "order_by": "lastmjd",
                "order_mode": "DESC",
            }
            found += self._pages(asked)
        if options.cone is not None:
            found += self._near(options.cone)
        return found

    def _near(self, cone: Cone) -> list[Selected | Refusal]:
        return self._pages({"ra": cone.ra, "dec": cone.dec, "radius": cone.radius})

    def _pages(self, asked: Mapping[str, Any]) -> list[Selected | Refusal]:
        """What a question selects, page by page, as many as are of use."""
        found: list[Selected | Refusal] = []
        for page in range(1, 1 + max(1, -(-self._most // _PAGE))):
            rows = self._list({**asked, "page": page, "page_size": min(_PAGE, self._most)})
            found += self._seen(rows, "oid", "lastmjd", f"page {page}, ")
            if len(rows) < _PAGE:
                break
        return found

    def _list(self, asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        path, own = ("object_api/list_objects", {"survey": "lsst"}) if self._is_lsst else ("objects/", {})
        given = {key: value for key, value in {**own, **asked}.items() if value is not None}
        told = self._http.get(path, given).json(f"The answer of `{self.name}` to its query")
        rows = told.get("items") if isinstance(told, Mapping) else told
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise WireFault(f"`{self.name}` answered its query with something that is no list of objects.")
        return rows

    def _sections(self, object_id: str) -> list[tuple[str, str, Mapping[str, Any]]]:
        """Names of an object's sections, where each is, and what is asked."""
        if self._is_lsst:
            asked = {"survey_id": "lsst", "oid": object_id}
            return [
                ("object", "object_api/object", asked),
                ("light_curve", "lightcurve_api/lightcurve", asked),
                ("probabilities", "probability_api/probability", asked),
            ]
        from urllib.parse import quote

        base = f"objects/{quote(object_id, safe='')}"
        return [
            ("object", base, {}),
            ("light_curve", f"{base}/lightcurve", {}),
            # Forced photometry is told by another version of the interface alone.
            ("forced_photometry", f"../../v2/lightcurve/forced-photometry/{base.partition('/')[2]}", {}),
            ("probabilities", f"{base}/probabilities", {}),
        ]

    def _answers(self, object_id: str) -> dict[str, Body]:
        """The sections of an object by name. Raises WireFault; a section that it lacks is left out."""
        bodies = {}
        for name, path, asked in self._sections(object_id):
            try:
                bodies[name] = self._http.get(path, asked)
            except WireFault as fault:
                # Few objects have all sections; without the light curve there is none.
                if name in ("object", "light_curve") or fault.status not in UNKNOWN:
                    raise
        return bodies

    def _value(self, object_id: str, bodies: Mapping[str, Body]) -> dict[str, Any]:
        """The sections as one value, which surveys know. Raises Refused."""
        value: dict[str, Any] = {"oid": object_id, **({"survey_id": "lsst"} if self._is_lsst else {})}
        for name, body in bodies.items():
            found = decode(body.content)
            if name == "light_curve":
                if not isinstance(found, Mapping):
                    raise Refused("its light curve is no object")
                value.update((key, inner) for key, inner in found.items() if key not in value)
            elif name == "forced_photometry" and isinstance(found, list):
                value[name] = [_flat(row) for row in found]
            else:
                value[name] = found
        return value

    def _stamp(self, object_id: str, row: Mapping[str, Any], kind: str) -> Body:
        if self._is_lsst:
            asked = {
                "oid": object_id, "measurement_id": row.get("measurement_id"),
                "stamp_type": f"cutout{kind}", "file_format": "fits", "survey_id": "lsst",
            }  # fmt: skip
            return self._http.get("stamps_api/stamp", asked, most_bytes=MOST_STAMP_BYTES)
        asked = {"oid": object_id, "candid": row.get("candid"), "type": kind.lower(), "format": "fits"}
        return self._http.get(f"{self._stamps}get_stamp", asked, most_bytes=MOST_STAMP_BYTES)

    def _with_stamps(
        self, object_id: str, row: Mapping[str, Any], pictures: Mapping[str, bytes]
    ) -> dict[str, Any]:
        """A packet of the survey with the stamps and the detection they show."""
        from vra_tui.surveys.lsst.alerce import as_rubin

        if self._is_lsst:
            source = {**as_rubin(row), "diaObjectId": int(object_id)}
            return {"diaSource": source, **{f"cutout{kind}": data for kind, data in pictures.items()}}
        candid = row.get("candid")
        own = {**row, "jd": _mjd(row) + 2_400_000.5, "candid": int(candid) if candid is not None else None}
        stamps = {f"cutout{kind}": {"stampData": data} for kind, data in pictures.items()}
        return {"objectId": object_id, "candid": own["candid"], "candidate": own, **stamps}


def _mjd(row: Mapping[str, Any]) -> float:
    at = row.get("mjd")
    return float(at) if isinstance(at, int | float) and at == at else 0.0


def _flat(row: Any) -> Any:
    """A row whose survey's own columns stand one level deeper, beside the others."""
    if not isinstance(row, Mapping) or not isinstance(own := row.get("extra_fields"), Mapping):
        return row
    return {**own, **{key: inner for key, inner in row.items() if key not in ("extra_fields", "aid", "sid")}}
