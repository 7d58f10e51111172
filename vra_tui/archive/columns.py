"""Which columns of a catalogue are an object's name, its place and its light curve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from vra_tui.errors import VraError
from vra_tui.surveys.table import COLUMNS, squeezed
from vra_tui.text import printable

#: How others call the id of an object, squeezed; of several that are there the first.
_ID_NAMES = ("objectid", "diaobjectid", "objid", "oid", "id", "sourceid", "name")
#: Times of an epoch by our names. A time at the Sun (hmjd) is taken as it is: up to 8.3 minutes off.
TIMES = ("mjd", "jd", "mjd_tai", "hmjd")
#: Brightness by our names with its error; the unit of a flux is its name.
BRIGHTNESS: Mapping[str, str] = MappingProxyType(
    {"mag": "magerr", "ujy": "dujy", "njy": "dnjy", "mjy": "dmjy", "jy": "djy"}
)
_ERROR_OF_ANY_FLUX = "fluxerr"
_OBJECT = ("object_id", "ra", "dec")
_EPOCH = ("band", "limit", "score", "flag")
#: All our names, in the order in which they are told.
OURS = (*_OBJECT, "lightcurve", *TIMES, *(name for pair in BRIGHTNESS.items() for name in pair), *_EPOCH)
#: No column, but said among them: the bits of a flag that count.
FLAG_BITS = "flag_bits"


@dataclass(frozen=True)
class Preset:
    """Columns of a known catalogue, by our names.

    ``bands``: what its codes of bands mean; ``flag_bits``: see `ColumnMap`.
    """

    columns: Mapping[str, str]
    bands: Mapping[str, str]
    flag_bits: int | None = None


#: Catalogues by name. docs/archive.md says where each is described, and what was tried.
PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        # Of catflags only bit 15 is an epoch that IRSA's own service leaves out as bad (clouds, moonlight).
        "ztf_dr": Preset(
            {
                **{"object_id": "objectid", "ra": "objra", "dec": "objdec", "lightcurve": "lightcurve"},
                **{"hmjd": "hmjd", "mag": "mag", "magerr": "magerr", "band": "filterid", "flag": "catflags"},
            },
            {"1": "g", "2": "r", "3": "i"},
            flag_bits=1 << 15,
        ),
        # Two tables that LSDB joins: the nested column has the name that the join gave it. Times are in TAI.
        "ps1": Preset(
            {
                **{"object_id": "objID", "ra": "raMean", "dec": "decMean", "lightcurve": "lightcurve"},
                **{"mjd_tai": "obsTime", "jy": "psfFlux", "djy": "psfFluxErr", "band": "filterID"},
            },
            {"1": "g", "2": "r", "3": "i", "4": "z", "5": "y"},
        ),
        "rubin": Preset(
            {
                **{"object_id": "diaObjectId", "ra": "ra", "dec": "dec"},
                **{"lightcurve": "diaObjectForcedSource", "mjd_tai": "midpointMjdTai", "njy": "psfDiffFlux"},
                **{"dnjy": "psfDiffFluxErr", "band": "band", "flag": "psfDiffFlux_flag"},
            },
            {},
        ),
        # What was detected in difference images: psfFlux is of the difference here, and has a score.
        "rubin_sources": Preset(
            {
                **{"object_id": "diaObjectId", "ra": "ra", "dec": "dec", "lightcurve": "diaSource"},
                **{"mjd_tai": "midpointMjdTai", "njy": "psfFlux", "dnjy": "psfFluxErr", "band": "band"},
                **{"score": "reliability", "flag": "psfFlux_flag"},
            },
            {},
        ),
        # The columns of the forced-photometry server; ATLAS has published no catalogue in HATS.
        "atlas_forced": Preset(
            {
                **{"object_id": "objectid", "ra": "RA", "dec": "Dec", "lightcurve": "lightcurve"},
                **{"mjd": "MJD", "ujy": "uJy", "dujy": "duJy", "band": "F", "flag": "err"},
            },
            {},
        ),
    }
)


@dataclass(frozen=True)
class Layout:
    """The columns of a catalogue that hold a value, a list, and a table an object."""

    objects: Sequence[str]
    lists: Sequence[str]
    nested: Mapping[str, Sequence[str]]

    def words(self) -> str:
        """The columns, for a message."""
        parts = [*self.objects, *(f"{name}[]" for name in self.lists)]
        parts += [f"{name}.{field}" for name, fields in self.nested.items() for field in fields]
        return printable(", ".join(parts) or "none", 600)


@dataclass(frozen=True)
class ColumnMap:
    """What a catalogue calls what we read.

    ``lightcurve``: the column of nested tables, or None where columns of lists hold the light curves.
    ``objects`` and ``epochs``: its names by ours. ``bands``: names of bands by its codes. ``flag_bits``: the
    bits of the flag that tell against an epoch; None: each does.
    """

    lightcurve: str | None
    objects: Mapping[str, str]
    epochs: Mapping[str, str]
    bands: Mapping[str, str]
    flag_bits: int | None = None

    @property
    def read(self) -> list[str]:
        """The catalogue's columns that are needed at all."""
        epochs = self.epochs.values() if self.lightcurve is None else (self.lightcurve,)
        return list(dict.fromkeys([*self.objects.values(), *epochs]))


def columns_by(
    layout: Layout, preset: str | None, said: Mapping[str, str], bands: Mapping[str, str]
) -> ColumnMap:
    """`find_columns` with a preset's names, where nothing else was said. Raises VraError."""
    if preset is None:
        return find_columns(layout, said, bands)
    if preset not in PRESETS:
        raise VraError(f"There is no preset `{preset}`. There are: {', '.join(PRESETS)}.")
    known = PRESETS[preset]
    # A time or a brightness that was said stands in the place of the preset's, whatever its unit or error.
    replaced = {*TIMES} if said.keys() & {*TIMES} else set()
    if said.keys() & BRIGHTNESS.keys():
        replaced |= {*BRIGHTNESS, *BRIGHTNESS.values()}
    theirs = {ours: name for ours, name in known.columns.items() if ours not in replaced} | {**said}
    if known.flag_bits is not None and "flag" not in said:
        theirs.setdefault(FLAG_BITS, str(known.flag_bits))
    if "lightcurve" not in said and theirs["lightcurve"] not in layout.nested and len(layout.nested) < 2:
        # Catalogues of one release differ in what they call the nested table.
        theirs.pop("lightcurve")
    return find_columns(layout, theirs, {**known.bands, **bands})


def find_columns(
    layout: Layout, said: Mapping[str, str], bands: Mapping[str, str] = MappingProxyType({})
) -> ColumnMap:
    """The map of a catalogue's columns: what was said of them, and known names for the rest.

    ``said``: the catalogue's names by ours (`OURS`), and the bits of the flag that count (`FLAG_BITS`). A
    band, score or flag may be an object's own column: it holds for all its epochs. Raises VraError naming
    every column that is missing.
    """
    if unknown := sorted(said.keys() - {*OURS, _ERROR_OF_ANY_FLUX, FLAG_BITS}):
        raise VraError(f"--columns knows no {', '.join(unknown)}. It knows: {', '.join(OURS)}, {FLAG_BITS}.")
    flag_bits = _flag_bits(said.get(FLAG_BITS))
    said = {ours: theirs for ours, theirs in said.items() if ours != FLAG_BITS}
    lightcurve = _lightcurve(layout, said)
    fields = layout.lists if lightcurve is None else layout.nested[lightcurve]
    objects = {ours: found for ours in _OBJECT if (found := _found(ours, said, layout.objects))}
    times = {ours: found for ours in TIMES if (found := _found(ours, said, fields))}
    told = [ours for ours in times if ours in said] or list(times)
    epochs = {ours: times[ours] for ours in told[:1]}
    bright = {ours: found for ours in BRIGHTNESS if (found := _found(ours, said, fields))}
    for ours in ([name for name in bright if name in said] or list(bright))[:1]:
        epochs[ours] = bright[ours]
        error = BRIGHTNESS[ours]
        names = (error,) if ours == "mag" else (error, _ERROR_OF_ANY_FLUX)
        found = next((one for name in names if (one := _found(name, said, fields))), None)
        if found:
            epochs[error] = found
    for ours in _EPOCH:
        if found := _found(ours, said, fields):
            epochs[ours] = found
        elif found := _found(ours, said, layout.objects):
            objects[ours] = found
    _check(layout, said, objects, epochs)
    return ColumnMap(lightcurve, objects, epochs, dict(bands), flag_bits)


def _flag_bits(told: str | None) -> int | None:
    if told is None:
        return None
    try:
        bits = int(told)
    except ValueError:
        bits = 0
    if bits <= 0:
        raise VraError(f"--columns {FLAG_BITS}={printable(told, 40)} is no sum of bits, as 32768 is.")
    return bits


def _lightcurve(layout: Layout, said: Mapping[str, str]) -> str | None:
    name = said.get("lightcurve")
    if name in layout.nested:
        return name
    if name is not None and not layout.lists:
        raise VraError(
            f"The catalogue has no nested light curves called `{printable(name, 80)}`. "
            f"It has: {layout.words()}."
        )
    if len(layout.nested) > 1 and name is None:
        raise VraError(
            f"The catalogue has several nested columns ({', '.join(layout.nested)}): say which holds the "
            "light curves, --columns lightcurve=NAME."
        )
    return next(iter(layout.nested), None) if name is None else None


def _found(ours: str, said: Mapping[str, str], there: Sequence[str]) -> str | None:
    """The catalogue's name of one of our columns: the one that was said, else one that others use for it."""
    if ours in said:
        return said[ours] if said[ours] in there else None
    if ours in ("flag", "hmjd"):
        # What is good and what is not, nobody says by a name alone.
        return next((name for name in there if squeezed(name) == "hmjd"), None) if ours == "hmjd" else None
    names = _ID_NAMES if ours == "object_id" else (squeezed(ours), *COLUMNS.get(ours, ()))
    theirs = {squeezed(name): name for name in reversed(there)}
    return next((theirs[name] for name in names if name in theirs), None)


def _found_among(names: Sequence[str], there: Sequence[str]) -> bool:
    return any(_found(ours, {}, there) for ours in names)


def _check(
    layout: Layout, said: Mapping[str, str], objects: Mapping[str, str], epochs: Mapping[str, str]
) -> None:
    found = {**objects, **epochs}
    lacking = [
        f"{ours} (said to be `{printable(theirs, 80)}`)"
        for ours, theirs in said.items()
        if ours != "lightcurve" and ours not in found and ours != _ERROR_OF_ANY_FLUX
    ]
    lacking += [ours for ours in _OBJECT if ours not in found and ours not in said]
    if not any(ours in found for ours in TIMES) and not any(ours in said for ours in TIMES):
        lacking.append("a time of each epoch (mjd, mjd_tai, hmjd or jd)")
    bright = [ours for ours in BRIGHTNESS if ours in found]
    if not bright and not any(ours in said for ours in BRIGHTNESS):
        lacking.append("a brightness of each epoch (mag, or a flux by its unit: njy, ujy, mjy, jy)")
    if bright and bright[0] != "mag" and BRIGHTNESS[bright[0]] not in found:
        lacking.append(f"the error of the flux ({BRIGHTNESS[bright[0]]})")
    if lacking and not layout.nested and not layout.lists and _found_among(TIMES, layout.objects):
        raise VraError(
            "The catalogue has a row an epoch, not a row an object with its light curve. Nest it first: "
            f"LSDB's Catalog.join_nested does. Its columns: {layout.words()}. Nothing was written."
        )
    if lacking:
        raise VraError(
            f"The catalogue lacks {'; '.join(dict.fromkeys(lacking))}. Its columns: {layout.words()}. "
            "Say what it calls them: --columns mjd=NAME,mag=NAME; nothing was written."
        )
