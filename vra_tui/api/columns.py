"""The columns of each table that the Python interface returns: name, pandas dtype, unit, meaning.

Units are written as `astropy.units` reads them; "" where a number has none. Texts are pandas' `string`, so
that an id stays what the survey wrote, to the last digit. Numbers that may be missing are `float64` with NaN,
`Int64` or `boolean` with NA.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Column(NamedTuple):
    """One column: its name, its pandas dtype, its unit ("" for none) and what it says."""

    name: str
    dtype: str
    unit: str
    meaning: str


def _text(name: str, meaning: str) -> Column:
    return Column(name, "string", "", meaning)


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name, "float64", unit, meaning)


def _count(name: str, meaning: str) -> Column:
    return Column(name, "Int64", "", meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "boolean", "", meaning)


def _mjd(name: str, meaning: str) -> Column:
    return Column(name, "float64", "d", f"{meaning}; MJD, UTC")


_ID = (_text("survey", "whose alert it is"), _text("object_id", "its id there, as the survey writes it"))
_PROBABILITIES = (
    _number("preal", "", "P(real), 0 to 1"),
    _number("pgal", "", "P(galactic), 0 to 1"),
    _number("pfast", "", "P(fast), 0 to 1"),
    _number("rank", "", "VRA rank, 0 to 10; ten is best"),
)
_FOLLOW_UP = _number("pfollow", "", "P(worth following up), 0 to 1; NaN of models that do not tell it")
_EPOCH = (
    _mjd("mjd", "middle of the exposure as the survey tells it"),
    _text("band", "name of the filter"),
    _text("instrument", "telescope unit or camera; `?` where it is not known"),
    _text("kind", "`detection`, `limit` (nothing was seen) or `forced` photometry"),
    _number("flux_ujy", "uJy", "difference flux, with its sign; NaN for a limit"),
    _number("fluxerr_ujy", "uJy", "its 1-sigma error; of a limit that of the exposure"),
    _number("mag", "mag", "AB magnitude of the flux's size; negative where the difference flux is"),
    _number("magerr", "mag", "its 1-sigma error"),
    _number(
        "limit_mag", "mag", "5-sigma limit of the exposure, AB; of forced photometry the server's own limit"
    ),
    _number("ra", "deg", "of this detection"),
    _number("dec", "deg", "of this detection"),
    _number("score", "", "the survey's real/bogus score of this detection, 0 to 1"),
    _text("epoch_id", "`candid`, `diaSourceId` …; else the exposure: its MJD and instrument"),
)
_LABEL = (
    _text("decision_id", "UUID of the decision; sorts by time"),
    *_ID,
    _text("label", "what it teaches: good, galactic, garbage or pm; empty for nothing"),
    _text("list", "where it filed the alert; missing for an undo and for a note"),
    _text("scanner", "who decided"),
    _text("timestamp", "when, ISO 8601 in UTC"),
    _text("note", "what the scanner wrote"),
    _text("reverts", "the decision that an undo takes back"),
    *(column._replace(meaning=f"{column.meaning}, at the decision") for column in _PROBABILITIES),
    _text("model", "the model whose scores were on screen"),
)

TABLES: Mapping[str, tuple[Column, ...]] = {
    "alerts": (
        *_ID,
        _text("name", "the survey's name for people"),
        _number("ra", "deg", "right ascension"),
        _number("dec", "deg", "declination"),
        _mjd("t0_mjd", "when it entered the eyeball list"),
        *_PROBABILITIES,
        _flag("is_gal_cand", "whether it is a galactic candidate; NA without a score"),
        _text("list", "the list in which it stands; missing before the first score"),
        _count("visit", "number of the scored visit, from 1"),
        _text("model", "name of the model that scored it"),
        _text("other_name", "a name given by others, such as that of the TNS"),
        _count("day", "day of the latest score; day 0 is the night of the alert"),
        _flag("is_undecided", "whether it waits for a human decision"),
        _text("decided_list", "the list of the decision that stands"),
        _text("decided_by", "who took it; `vra` is the policies"),
        _flag("is_tns_match", "whether the TNS has a report there; NA without a score"),
        _mjd("last_mjd", "latest exposure"),
        _number("last_mag", "mag", "latest AB magnitude"),
        _count("n_detections", "number of detections"),
        _number("real_bogus", "", "the survey's real/bogus score of the object, 0 to 1"),
        _number("ebv_sfd", "mag", "E(B-V) of Schlegel, Finkbeiner and Davis towards it"),
        _text("context_class", "class by catalogued context: SN, NT, VS, CV, AGN …"),
        _number("sep_arcsec", "arcsec", "separation from the best match"),
        _FOLLOW_UP,
    ),
    "light_curve": _EPOCH,
    "light_curves": (*_ID, *_EPOCH),
    "scores": (
        *_ID,
        _count("visit", "number of the visit, from 1"),
        _count("day", "day of the visit; day 0 is the night of the alert"),
        _mjd("mjd", "last exposure that was used"),
        _text("stage", "`day1` at entry, `dayN` after it"),
        _text("model", "name of the model"),
        *_PROBABILITIES,
        _flag("is_gal_cand", "whether it is a galactic candidate"),
        _flag("is_tns_match", "whether the TNS had a report there"),
        _FOLLOW_UP,
    ),
    "labels": _LABEL,
    "history": (
        *_LABEL,
        _text("host", "the machine on which it was decided"),
        _count("visit", "number of the visit on screen"),
        _number("seconds", "s", "how long the alert was looked at"),
        _text("tags", "words separated by blanks"),
        _text("follows", "ids of the decisions that were known when this one was taken"),
        _mjd("seen_mjd", "last exposure that was known"),
        _text("batch_id", "the same for all that one key or command decided"),
        _text("epoch", "of a mark: section, identity, MJD and band of the epoch that was called bad or good"),
        _count("is_bad", "of a mark: 1 where the epoch is bad"),
    ),
    "matches": (
        *_ID,
        _count("position", "1 for the best match"),
        _text("source", "who matched: sherlock, ps1, gaia …"),
        _text("catalogue_object_id", "its name in the catalogue"),
        _text("catalogue", "the catalogue"),
        _text("association_type", "class that the match suggests"),
        _text("object_type", "what it is: galaxy, star …"),
        _number("separation_arcsec", "arcsec", "from the alert"),
        _number("north_arcsec", "arcsec", "from the alert to the source, to the north"),
        _number("east_arcsec", "arcsec", "from the alert to the source, to the east"),
        _number("z", "", "spectroscopic redshift"),
        _number("photoz", "", "photometric redshift"),
        _number("photoz_err", "", "its error"),
        _number("distance_mpc", "Mpc", "distance of the redshift"),
        _number("direct_distance_mpc", "Mpc", "measured distance"),
        _number("physical_separation_kpc", "kpc", "projected separation"),
        _number("mag", "mag", "magnitude as catalogued"),
        _text("mag_band", "its band"),
        _number("star_score", "", "0 galaxy to 1 star"),
    ),
    "annotations": (
        *_ID,
        _text("topic", "which classifier"),
        _text("classification", "its class"),
        _text("version", "its version"),
        _text("explanation", "its words, as they came: not fit for a terminal"),
        _mjd("mjd", "when it said so"),
        Column("numbers", "object", "", "its probabilities or other numbers: a dict by name"),
        _text("url", "where it says more"),
    ),
    "stamps": (
        _text("kind", "`science`, `template`, `difference` or `context`"),
        _mjd("mjd", "the exposure"),
        _text("epoch_id", "id of the detection, as in the light curve; missing where it has none"),
        _text("taken_in", "when it came into the store, ISO 8601 in UTC"),
        Column("data", "object", "", "bytes as they came: FITS, perhaps gzipped; `vra.image` reads them"),
    ),
    "undone": (
        _text("decision_id", "the decision that was taken back"),
        *_ID,
        _text("list", "where the alert stands now"),
    ),
    "evaluation": (
        _text("model", "name of the model"),
        _text("stage", "`day1` or `dayN`"),
        _text("figure", "which figure"),
        _text("of", "what it is of: an order, a label, a column"),
        _text("by", "the weighting, or what is cut on"),
        _number("at", "", "the place: a share of the list, a threshold, a number of objects"),
        _number("value", "", "the figure"),
        _number("low", "", "lower end of its interval"),
        _number("high", "", "upper end of its interval"),
        _count("rows", "the rows it rests on"),
    ),
}

#: Names of features that do not end with their unit, by it.
_FEATURES_IN: Mapping[str, tuple[str, ...]] = {
    "deg": ("ra", "dec"),
    "d": (
        *("dayN", "max_mag_day", "age", "peak_delay", "since_peak", "days_since_first", "days_since_latest"),
        *("days_since_first_told", "days_since_limit", "days_since_peak"),
    ),
    "mag": (
        *("ebv", "ebv_sfd", "magdet_std", "DET_mag_median_min5d", "DET_mag_median", "NON_mag_median"),
        *("max_mag", "gain", "faded", "first_excess", "colour", "mag_latest", "mag_brightest", "mag_median"),
    ),
    "mag/d": (
        *("rate", "rate_up", "rate_down", "rate_recent", "night_rate", "rise_from_limit", "fall_to_limit"),
    ),
}
_UNIT_OF = {name: unit for unit, names in _FEATURES_IN.items() for name in names}
_UNIT_BY_ENDING: Mapping[str, str] = {
    "_mag_per_day": "mag/d",
    "_arcsec_per_day": "arcsec/d",
    "_mag": "mag",
    "_arcsec": "arcsec",
    "_days": "d",
    "_deg": "deg",
    "_kpc": "kpc",
}


def feature_unit(name: str) -> str:
    """The unit of a feature by its name, "" for a number or a logarithm."""
    if name.startswith("log10_"):
        return ""
    by_ending = (unit for ending, unit in _UNIT_BY_ENDING.items() if name.endswith(ending))
    return _UNIT_OF.get(name) or next(by_ending, "")
