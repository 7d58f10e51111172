"""Avro schemas of simulated packets, written for this program from the surveys' public field names.

A field is ``name:type``; a question mark says that it may be null.
"""

from typing import Any

_TYPES = frozenset({"double", "float", "int", "long", "string", "boolean", "bytes"})


def _fields(text: str, records: dict[str, Any]) -> list[dict[str, Any]]:
    fields = []
    for word in text.split():
        name, kind = word.split(":")
        nullable, kind = kind.endswith("?"), kind.removesuffix("?")
        is_array, kind = kind.endswith("[]"), kind.removesuffix("[]")
        # A record is spelt out where it is first used, and named from then on.
        typed: Any = kind if kind in _TYPES else records.pop(kind, kind)
        if is_array:
            typed = {"type": "array", "items": typed}
        field = {"name": name, "type": ["null", typed] if nullable else typed}
        fields.append(field | ({"default": None} if nullable else {}))
    return fields


def _record(name: str, text: str, records: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": _fields(text, records or {})}


_CUTOUT = "fileName:string stampData:bytes"

_ZTF_EXPOSURE = """
jd:double fid:int pid:long diffmaglim:float? pdiffimfilename:string? programpi:string? programid:int
"""
_ZTF_MEASURED = """
tblid:long? nid:int? rcid:int? field:int? xpos:float? ypos:float?
"""
_ZTF_SHAPE = """
chipsf:float? magap:float? sigmagap:float? distnr:float? magnr:float? sigmagnr:float? chinr:float?
sharpnr:float? sky:float? magdiff:float? fwhm:float? classtar:float? mindtoedge:float? magfromlim:float?
seeratio:float? aimage:float? bimage:float? aimagerat:float? bimagerat:float? elong:float? nneg:int?
nbad:int? rb:float? ssdistnr:float? ssmagnr:float? ssnamenr:string? sumrat:float? magapbig:float?
sigmagapbig:float?
"""
_ZTF_CONTEXT = """
ndethist:int ncovhist:int jdstarthist:double? jdendhist:double? scorr:double? tooflag:int?
objectidps1:long? sgmag1:float? srmag1:float? simag1:float? szmag1:float? sgscore1:float?
distpsnr1:float? objectidps2:long? sgmag2:float? srmag2:float? simag2:float? szmag2:float?
sgscore2:float? distpsnr2:float? objectidps3:long? sgmag3:float? srmag3:float? simag3:float?
szmag3:float? sgscore3:float? distpsnr3:float? nmtchps:int rfid:long jdstartref:double jdendref:double
nframesref:int rbversion:string dsnrms:float? ssnrms:float? dsdiff:float? magzpsci:float?
magzpsciunc:float? magzpscirms:float? nmatches:int clrcoeff:float? clrcounc:float? zpclrcov:float?
zpmed:float? clrmed:float? clrrms:float? neargaia:float? neargaiabright:float? maggaia:float?
maggaiabright:float? exptime:float? drb:float? drbversion:string
"""
_ZTF_RECORDS = {
    "candidate": _record(
        "candidate",
        _ZTF_EXPOSURE
        + "candid:long isdiffpos:string"
        + _ZTF_MEASURED
        + "ra:double dec:double magpsf:float sigmapsf:float"
        + _ZTF_SHAPE
        + "ranr:double decnr:double"
        + _ZTF_CONTEXT,
    ),
    "prv_candidate": _record(
        "prv_candidate",
        _ZTF_EXPOSURE
        + "candid:long? isdiffpos:string?"
        + _ZTF_MEASURED
        + "ra:double? dec:double? magpsf:float? sigmapsf:float?"
        + _ZTF_SHAPE
        + """
ranr:double? decnr:double? scorr:double? magzpsci:float? magzpsciunc:float? magzpscirms:float?
clrcoeff:float? clrcounc:float? rbversion:string
""",
    ),
    "fp_hist": _record(
        "fp_hist",
        """
field:int? rcid:int? fid:int pid:long rfid:long sciinpseeing:float? scibckgnd:float? scisigpix:float?
magzpsci:float? magzpsciunc:float? magzpscirms:float? clrcoeff:float? clrcounc:float? exptime:float?
adpctdif1:float? adpctdif2:float? diffmaglim:float? programid:int jd:double forcediffimflux:float?
forcediffimfluxunc:float? procstatus:string? distnr:float? ranr:double decnr:double magnr:float?
sigmagnr:float? chinr:float? sharpnr:float?
""",
    ),
    "cutout": _record("cutout", _CUTOUT),
}
#: As ZTF's 4.02.
ZTF: dict[str, Any] = {
    "namespace": "ztf",
    "version": "4.02",
    "doc": "Simulated by vra-tui in the form of ZTF's alert packets; not from ZTF",
    **_record(
        "alert",
        """
schemavsn:string publisher:string objectId:string candid:long candidate:candidate
prv_candidates:prv_candidate[]? fp_hists:fp_hist[]? cutoutScience:cutout? cutoutTemplate:cutout?
cutoutDifference:cutout?
""",
        _ZTF_RECORDS.copy(),
    ),
}
#: Fields of a row of ZTF's histories, of which a limit has only the first and the image's zero point.
ZTF_HISTORY = tuple(field["name"] for field in _ZTF_RECORDS["prv_candidate"]["fields"])

_LSST_SOURCE = """
diaSourceId:long visit:long detector:int diaObjectId:long? ssObjectId:long? parentDiaSourceId:long?
midpointMjdTai:double ra:double raErr:float? dec:double decErr:float? x:float y:float
centroid_flag:boolean? apFlux:float? apFluxErr:float? isNegative:boolean? snr:float? psfFlux:float?
psfFluxErr:float? psfChi2:float? psfNdata:int? trailLength:float? trailAngle:float? dipoleLength:float?
dipoleAngle:float? scienceFlux:float? scienceFluxErr:float? templateFlux:float? templateFluxErr:float?
ixx:float? iyy:float? ixy:float? ixxPSF:float? iyyPSF:float? ixyPSF:float? extendedness:float?
reliability:float? band:string? isDipole:boolean? dipoleFitAttempted:boolean? timeProcessedMjdTai:double
timeWithdrawnMjdTai:double? bboxSize:int? pixelFlags:boolean? pixelFlags_bad:boolean?
pixelFlags_cr:boolean? pixelFlags_crCenter:boolean? pixelFlags_edge:boolean?
pixelFlags_saturated:boolean? pixelFlags_saturatedCenter:boolean? pixelFlags_streak:boolean?
glint_trail:boolean?
"""
_LSST_RECORDS = {
    "diaSource": _record("diaSource", _LSST_SOURCE),
    "diaForcedSource": _record(
        "diaForcedSource",
        """
diaForcedSourceId:long diaObjectId:long ra:double dec:double visit:long detector:int psfFlux:float?
psfFluxErr:float? midpointMjdTai:double scienceFlux:float? scienceFluxErr:float? band:string?
timeProcessedMjdTai:double timeWithdrawnMjdTai:double?
""",
    ),
    "diaObject": _record(
        "diaObject",
        "diaObjectId:long validityStartMjdTai:double ra:double raErr:float? dec:double decErr:float? "
        + " ".join(
            f"{b}_psfFluxMean:float? {b}_psfFluxMeanErr:float? {b}_psfFluxNdata:int?" for b in "ugrizy"
        )
        + " firstDiaSourceMjdTai:double? lastDiaSourceMjdTai:double? nDiaSources:int",
    ),
    "ssSource": _record(
        "ssSource", "diaSourceId:long ssObjectId:long designation:string? ephVmag:float? ephOffset:float?"
    ),
}
#: As LSST's 10.0, with the fields that are simulated.
LSST: dict[str, Any] = {
    "namespace": "lsst.v10_0",
    "doc": "Simulated by vra-tui in the form of Rubin's alert packets; not from Rubin",
    **_record(
        "alert",
        """
diaSourceId:long observation_reason:string? target_name:string? diaSource:diaSource
prvDiaSources:diaSource[]? prvDiaForcedSources:diaForcedSource[]? diaObject:diaObject?
ssSource:ssSource? cutoutDifference:bytes? cutoutScience:bytes? cutoutTemplate:bytes?
""",
        _LSST_RECORDS.copy(),
    ),
}

_ATLAS_RECORDS = {
    "candidate": _record(
        "candidate",
        """
mjd:double filter:string pid:long candid:string isdiffpos:string X:float Y:float RA:double Dec:double
Mag:float Dmag:float flux:float Dflux:float Major:float Minor:float rb:float Phi:double Det:int
ChiN:double Pvr:int Ptr:int Pmv:int Pkn:int Pno:int Pbn:int Pcr:int Pxt:int Psc:int Dup:int WPflx:float
Dflx:float
""",
    ),
    "cutout": _record("cutout", _CUTOUT),
}
#: As ATLAS's 0.1; a packet may come without stamps.
ATLAS: dict[str, Any] = {
    "namespace": "atlas",
    "doc": "Simulated by vra-tui in the form of ATLAS's alert packets; not from ATLAS",
    **_record(
        "alert",
        """
schemavsn:string publisher:string objectId:string candid:string candidate:candidate cutoutScience:cutout?
cutoutDifference:cutout?
""",
        _ATLAS_RECORDS.copy(),
    ),
}
