"""Words for the features of `stream-1`: topic, name, how a value is said, what is said without one."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from vra_tui.scoring.model.feature_formats import count, days, either, formatted, magnitude, percent

#: Topic, name, words for a value, words where there is none.
Words = tuple[str, str, Callable[[float], str], str]

_SCORE, _SEEN, _AGE, _SIGN = "real/bogus score", "how often seen", "age", "sign"
_BRIGHT, _LIMITS, _RISE, _FADE = "brightness", "limits before", "rise", "fade"
_VARIES, _COLOUR, _PLACE, _MOTION = "variation", "colour", "scatter", "motion"
_BEFORE, _FORCED, _SKY, _STAR = "history", "forced photometry", "place on the sky", "star near"
_SOLAR, _REFERENCE, _SHAPE, _HOST = "solar system", "reference", "shape", "host"
_NO_SCORE, _NOT_SEEN, _NO_LIMIT = "no real/bogus score", "no detection", "no limit before it"
_FEW_NIGHTS, _NO_HOST = "too few nights of one band", "no host known"


def _rate(what: str) -> Callable[[float], str]:
    """Say a rate: a positive one rises."""
    return lambda value: f"{what} {value:+.2f} mag a day"


def _colour(pair: str) -> Words:
    return (_COLOUR, pair, lambda value: f"{pair} {value:+.2f}", f"no {pair} known")


def _error(of: str, topic: str, unit: str = "mag a day") -> Words:
    return (topic, f"error of {of}", lambda value: f"{of} known to {value:.2f} {unit}", f"no {of} known")


#: By feature.
STREAM_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "object_score": (_SCORE, "score", "real/bogus score {:.3f}".format, _NO_SCORE),
        "score_latest": (_SCORE, "latest score", "latest real/bogus score {:.3f}".format, _NO_SCORE),
        "score_max": (_SCORE, "best score", "best real/bogus score {:.3f}".format, _NO_SCORE),
        "score_median": (_SCORE, "median score", "median real/bogus score {:.3f}".format, _NO_SCORE),
        "score_share_above_half": (
            _SCORE,
            "good scores",
            percent("{} of its scores above a half"),
            _NO_SCORE,
        ),
        "n_detections": (_SEEN, "detections", count("detection", "in all"), _NOT_SEEN),
        "n_nights": (_SEEN, "nights", count("night", "with a detection"), _NOT_SEEN),
        "n_bands": (_SEEN, "bands", count("band", "with a detection"), _NOT_SEEN),
        "n_limits_since_latest": (
            _SEEN,
            "limits since",
            count("limit", "since the latest detection"),
            "no limits known",
        ),
        "detected_share": (
            _SEEN,
            "share detected",
            percent("detected in {} of the exposures"),
            "no limits known",
        ),
        "negative_share": (
            _SIGN,
            "negative",
            percent("negative flux in {} of the detections"),
            "no sign known",
        ),
        "latest_sign": (_SIGN, "sign now", either("positive flux now", "negative flux now"), "no sign known"),
        "signal_to_noise_latest": (
            _BRIGHT,
            "signal now",
            formatted("{} sigma now"),
            "no signal to noise known",
        ),
        "signal_to_noise_max": (
            _BRIGHT,
            "best signal",
            formatted("{} sigma at best"),
            "no signal to noise known",
        ),
        "mag_latest": (_BRIGHT, "magnitude now", magnitude("now"), _NOT_SEEN),
        "mag_brightest": (_BRIGHT, "brightest", magnitude("at its brightest"), "no positive flux"),
        "mag_median": (_BRIGHT, "median magnitude", magnitude("in the median"), _NOT_SEEN),
        "days_since_first": (_AGE, "first seen", days("first seen {} ago"), _NOT_SEEN),
        "days_since_latest": (_AGE, "last seen", days("last seen {} ago"), _NOT_SEEN),
        "days_since_first_told": (
            _AGE,
            "first seen by the survey",
            days("first seen by the survey {} ago"),
            "survey tells no first",
        ),
        "days_since_limit": (_LIMITS, "last limit", days("last not seen {} ago"), "no limit known"),
        "limit_to_first_mag": (
            _LIMITS,
            "limit before",
            "limit before it {:+.1f} mag fainter".format,
            _NO_LIMIT,
        ),
        "limit_to_first_days": (
            _LIMITS,
            "limit before",
            days("a limit {} before it was first seen"),
            _NO_LIMIT,
        ),
        "rise_from_limits_mag_per_day": (
            _LIMITS,
            "rise from limits",
            _rate("limits demand a rise of"),
            _NO_LIMIT,
        ),
        "rise_mag_per_day": (_RISE, "rise", _rate("rises by"), _FEW_NIGHTS),
        "rise_error_mag_per_day": _error("rise", _RISE),
        "fade_mag_per_day": (_FADE, "fade", _rate("fades by"), _FEW_NIGHTS),
        "fade_error_mag_per_day": _error("fading", _FADE),
        "recent_rise_mag_per_day": (_RISE, "rise of late", _rate("rise of late"), _FEW_NIGHTS),
        "recent_rise_error_mag_per_day": _error("rise of late", _RISE),
        "main_band_rise_mag_per_day": (
            _RISE,
            "rise of the main band",
            _rate("main band rises by"),
            _FEW_NIGHTS,
        ),
        "main_band_rise_error_mag_per_day": _error("rise of the main band", _RISE),
        "night_to_night_rise_mag": (
            _RISE,
            "since the night before",
            "{:+.2f} mag brighter than the night before".format,
            _FEW_NIGHTS,
        ),
        "night_to_night_rise_error_mag": _error("change since the night before", _RISE, "mag"),
        "in_night_rise_mag_per_day": (
            _RISE,
            "rise within the night",
            _rate("within the night"),
            "one detection a band",
        ),
        "in_night_rise_error_mag_per_day": _error("rise within the night", _RISE),
        "days_since_peak": (_AGE, "peak", days("brightest {} ago"), "no positive flux"),
        "amplitude_mag": (_VARIES, "amplitude", "varied by {:.1f} mag".format, "too few points to vary"),
        "reduced_chi2": (
            _VARIES,
            "chi squared",
            formatted("reduced chi squared {} of a constant"),
            "too few points",
        ),
        "roughness": (_VARIES, "roughness", "roughness {:.1f} (2 is noise)".format, "too few points"),
        "colour_as_g_r_mag": _colour("colour as g−r"),
        "colour_as_g_r_error_mag": _error("colour", _COLOUR, "mag"),
        **{
            f"colour_{blue}_{red}_mag": _colour(f"{blue}−{red}")
            for blue, red in ("ug", "gr", "ri", "iz", "zy", "co")
        },
        **{
            f"colour_{blue}_{red}_error_mag": _error(f"{blue}−{red}", _COLOUR, "mag")
            for blue, red in ("ug", "gr", "ri", "iz", "zy", "co")
        },
        "position_scatter_arcsec": (_PLACE, "scatter", "positions scatter by {:.2f}″".format, "one position"),
        "position_scatter_in_errors": (
            _PLACE,
            "scatter in errors",
            formatted("positions scatter by {} of their errors"),
            "no seeing told",
        ),
        "motion_arcsec_per_day": (_MOTION, "motion", "moves by {:.2f}″ a day".format, "one position"),
        "motion_error_arcsec_per_day": _error("motion", _MOTION, "″ a day"),
        "in_night_motion_arcsec_per_day": (
            _MOTION,
            "motion within the night",
            "moves by {:.0f}″ a day within the night".format,
            "one position a night",
        ),
        "in_night_motion_error_arcsec_per_day": _error("motion within the night", _MOTION, "″ a day"),
        "n_detections_before": (_BEFORE, "before", count("detection", "before t0"), "t0 unknown"),
        "n_nights_before": (
            _BEFORE,
            "nights before",
            count("night", "with a detection before t0"),
            "t0 unknown",
        ),
        "n_negative_before": (
            _BEFORE,
            "negative before",
            count("negative detection", "before t0"),
            "t0 unknown",
        ),
        "span_before_days": (_BEFORE, "span before", days("seen over {} before t0"), "not seen before t0"),
        "forced_before_signal_to_noise": (
            _FORCED,
            "forced flux before",
            "forced flux before t0 of {:.1f} sigma".format,
            "no forced photometry before",
        ),
        "forced_before_reduced_chi2": (
            _FORCED,
            "forced flux varied",
            formatted("forced flux before t0 varied, chi squared {}"),
            "too few forced points before",
        ),
        "n_forced_before_above_3_sigma": (
            _FORCED,
            "forced points before",
            count("forced point", "above 3 sigma before t0"),
            "no forced photometry before",
        ),
        "forced_signal_to_noise_latest": (
            _FORCED,
            "forced flux now",
            "forced flux now of {:.1f} sigma".format,
            "no forced photometry",
        ),
        "ebv": (_SKY, "dust", "dust of E(B-V) {:.2f}".format, "dust unknown"),
        "galactic_latitude_deg": (
            _SKY,
            "galactic latitude",
            "{:.0f}° from the galactic plane".format,
            "no position",
        ),
        "ecliptic_latitude_deg": (
            "ecliptic",
            "ecliptic latitude",
            "{:.0f}° from the ecliptic".format,
            "no position",
        ),
        "star_score": (
            _STAR,
            "star score",
            "star score {:.2f} of the nearest source".format,
            "no star score told",
        ),
        "star_arcsec": (_STAR, "nearest source", "{:.1f}″ from the nearest source".format, "no source told"),
        "gaia_arcsec": (_STAR, "Gaia", "{:.1f}″ from a Gaia source".format, "no Gaia source told"),
        "gaia_mag": (
            _STAR,
            "Gaia magnitude",
            "nearest Gaia source of {:.1f} mag".format,
            "no Gaia source told",
        ),
        "solar_arcsec": (
            _SOLAR,
            "solar system",
            "{:.1f}″ from a known solar-system object".format,
            "no solar-system object told",
        ),
        "solar_mag": (
            _SOLAR,
            "its magnitude",
            "solar-system object near of {:.1f} mag".format,
            "no solar-system object told",
        ),
        "reference_arcsec": (
            _REFERENCE,
            "reference",
            "{:.1f}″ from a source of the reference".format,
            "no reference source told",
        ),
        "reference_mag": (
            _REFERENCE,
            "reference magnitude",
            "reference source of {:.1f} mag".format,
            "no reference source told",
        ),
        "latest_less_reference_mag": (
            _REFERENCE,
            "against the reference",
            "{:+.1f} mag against the reference source".format,
            "no reference source told",
        ),
        "fwhm_arcsec": (_SHAPE, "width", "{:.1f}″ wide".format, "no width told"),
        "elongation": (_SHAPE, "elongation", "{:.2f} times as long as wide".format, "no shape told"),
        "is_dipole": (_SHAPE, "dipole", either("fitted as a dipole", "no dipole"), "no shape told"),
        "trail_arcsec": (_SHAPE, "trail", "a trail of {:.1f}″".format, "no trail fitted"),
        "n_bad_pixels": (_SHAPE, "bad pixels", count("bad pixel", "under it"), "no bad pixels told"),
        "extendedness": (_SHAPE, "extended", "extendedness {:.2f}".format, "no shape told"),
        "n_detections_told": (
            _SEEN,
            "detections of the survey",
            count("detection", "that the survey counts"),
            "survey tells no count",
        ),
        "host_is_galaxy": (
            _HOST,
            "galaxy",
            either("a galaxy is its likely host", "no galaxy as host"),
            "nobody looked for a host",
        ),
        "host_is_star": (
            _HOST,
            "star",
            either("a star at its place", "no star at its place"),
            "nobody looked for a star",
        ),
        "host_is_agn": (_HOST, "AGN", either("a known AGN", "no known AGN"), "nobody looked for an AGN"),
        "host_is_cv": (
            _HOST,
            "CV",
            either("a known cataclysmic variable", "no known cataclysmic variable"),
            "nobody looked for a CV",
        ),
        "host_separation_arcsec": (_HOST, "separation", "{:.1f}″ from the host".format, _NO_HOST),
        "host_separation_kpc": (_HOST, "offset", "{:.0f} kpc from the host".format, "no distance of a host"),
        "host_separation_in_sizes": (
            _HOST,
            "offset in sizes",
            "{:.1f} host sizes from it".format,
            "no size of a host",
        ),
        "host_is_nuclear": (_HOST, "nuclear", either("in the nucleus", "not in the nucleus"), _NO_HOST),
        "host_mag": (_HOST, "host magnitude", "a host of {:.1f} mag".format, _NO_HOST),
        "host_colour_mag": (_HOST, "host colour", "a host of g−r {:.1f}".format, "no colour of a host"),
        "host_redshift": (_HOST, "redshift", "redshift {:.3f} of the host".format, "no redshift of a host"),
        "host_absolute_mag": (
            _HOST,
            "host luminosity",
            "a host of absolute magnitude {:.1f}".format,
            "no distance of a host",
        ),
        "peak_absolute_mag": (
            _BRIGHT,
            "absolute magnitude",
            "peak at absolute magnitude {:.1f}".format,
            "no distance of a host",
        ),
        "peak_less_host_mag": (
            _HOST,
            "against the host",
            "{:+.1f} mag against its host at peak".format,
            _NO_HOST,
        ),
        "n_other_matches_near": (_HOST, "others near", count("other source", "near"), "nobody looked around"),
    }
)
