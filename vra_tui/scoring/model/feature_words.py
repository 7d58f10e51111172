"""Words for each feature: its name, value and effect as a scanner reads them.

The registry is `WORDS`: a new feature set adds its entries there. A feature without one still reads, by its
derived wording or its bare name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vra_tui.scoring.model.derived import DERIVED
from vra_tui.scoring.model.feature_formats import (
    change,
    count,
    days,
    either,
    formatted,
    log10,
    log10_degrees,
    magnitude,
    named,
    percent,
    rate,
    unless_zero,
    way,
)
from vra_tui.scoring.model.stream_words import STREAM_WORDS


@dataclass(frozen=True)
class Wording:
    """The words for one feature.

    ``topic``: features that say the same thing in other units share one, and are one reason together.
    ``short`` is its name, ``say`` puts a value into words, ``missing`` is said where it has none. ``bare``:
    what a reason says in place of the value, where the screen shows the same quantity by another definition:
    one quantity has one value there.
    """

    topic: str
    short: str
    say: Callable[[float], str]
    missing: str
    bare: Callable[[float], str] | None = None


#: What a rise and a fall of each question's log-odds mean to a scanner.
DIRECTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "preal": ("more real", "less real"),
        "pgal": ("more galactic", "less galactic"),
        "pfast": ("more fast", "less fast"),
        "pfollow": ("more worth following", "less worth following"),
    }
)


def wording(feature: str) -> Wording:
    """The wording of any feature, in the registry or not."""
    if feature in WORDS:
        return WORDS[feature]
    if feature in STREAM_WORDS:
        return Wording(*STREAM_WORDS[feature])
    name = DERIVED[feature].words if feature in DERIVED else feature
    return Wording(feature, name, lambda value: f"{name} {value:.3g}", f"{name} unknown")


def describe_value(feature: str, value: float) -> str:
    """A feature and its value in words, such as "16 detections in 5 days" or "no redshift known"."""
    words = wording(feature)
    return words.missing if value != value else words.say(value)


def describe_effect(question: str, feature: str, value: float, effect: float) -> str:
    """A reason in words: the value, and which way it pushed the question's log-odds."""
    bare = wording(feature).bare
    said = describe_value(feature, value) if bare is None or value != value else bare(value)
    rises, falls = DIRECTIONS.get(question, (f"more {question}", f"less {question}"))
    return f"{said}: {rises if effect > 0 else falls}"


_HISTORY, _RECENT, _SCATTER, _BRIGHT = "history", "detections before t0", "scatter", "brightness"
_HOST, _DISTANCE, _SEEN, _CHANGE = "place at the host", "distance", "detections since t0", "change"
_NO_DETECTION = "no detection in the 5 days before t0"
_NOT_TODAY = "not detected at this visit"
_NO_DISTANCE = "no redshift of a host known"
_COURSE, _PACE, _LIMITS = "course", "pace", "limits before and after"
_UNSEEN = "not seen in two months"
_ONE_NIGHT = "seen on one night only"
_FEW_TONIGHT = "fewer than three detections in its last night"
_NO_LIMIT = "no limit before it that says how it rose"

WORDS: Mapping[str, Wording] = MappingProxyType(
    {
        # Day 1
        "Nnondet_mean": Wording(
            _HISTORY,
            "non-detections per detection",
            unless_zero(
                "no non-detection between its detections", "{} non-detections for each detection in 100 days"
            ),
            "no history of non-detections between detections",
        ),
        "Nnondet_std": Wording(
            _HISTORY,
            "scatter of the non-detections per detection",
            unless_zero(
                "as many non-detections after each detection",
                "non-detections between detections scatter by {}",
            ),
            "too few detections to tell whether they come and go",
        ),
        "magdet_std": Wording(
            "scatter of the magnitudes",
            "scatter of the magnitudes",
            formatted("magnitudes scatter by {} before t0"),
            "fewer than two detections before t0",
        ),
        "DET_Nsince_min5d": Wording(
            _RECENT, "detections in 5 days", count("detection", "in 5 days"), _NO_DETECTION
        ),
        "NON_Nsince_min5d": Wording(
            _RECENT,
            "non-detections in 5 days",
            count("non-detection", "in 5 days"),
            "no count of non-detections in 5 days",
        ),
        "log10_std_ra_min5d": Wording(
            _SCATTER,
            "scatter of the RA coordinate",
            log10_degrees("RA coordinate scatters by {}″"),
            "no scatter in RA known",
            named("scatter of the RA coordinate"),
        ),
        "log10_std_dec_min5d": Wording(
            _SCATTER,
            "scatter in Dec",
            log10_degrees("Dec scatters by {}″"),
            "no scatter in Dec known",
            named("scatter in Dec"),
        ),
        "DET_mag_median_min5d": Wording(
            _BRIGHT, "magnitude in 5 days", magnitude("in 5 days"), _NO_DETECTION
        ),
        "ra": Wording("position", "RA", "RA {:.2f}°".format, "no RA known"),
        "dec": Wording("position", "Dec", "Dec {:+.2f}°".format, "no Dec known"),
        "rb_pix": Wording(
            "real/bogus score",
            "real/bogus score",
            "real/bogus score {:.3f}".format,
            "no real/bogus score",
        ),
        "z": Wording(_DISTANCE, "redshift", "redshift {:.3f}".format, "no redshift known"),
        "photoz": Wording(
            _DISTANCE,
            "photometric redshift",
            "photometric redshift {:.2f}".format,
            "no photometric redshift known",
        ),
        "ebv_sfd": Wording("dust", "E(B-V)", "dust of E(B-V) {:.2f}".format, "dust unknown"),
        "log10_sep_arcsec": Wording(
            _HOST,
            "separation from the catalogued source",
            log10("{}″ from a catalogued source"),
            "no catalogued source near",
        ),
        "CV": Wording(
            "Sherlock class",
            "Sherlock class CV",
            either("a known cataclysmic variable (Sherlock)", "not a known cataclysmic variable"),
            "no Sherlock class known",
        ),
        # Day N
        "dayN": Wording("day", "day of the visit", formatted("day {} after t0"), "no visit yet"),
        "DET_mag_median": Wording(_BRIGHT, "magnitude now", magnitude("at this visit"), _NOT_TODAY),
        "DET_N_total": Wording(_SEEN, "detections so far", count("detection", "so far"), _NOT_TODAY),
        "NON_mag_median": Wording(
            "limits",
            "limits now",
            "limits of magnitude {:.1f} at this visit".format,
            "no non-detection at this visit",
        ),
        "NON_N_total": Wording(
            _SEEN,
            "non-detections so far",
            count("non-detection", "so far"),
            "no non-detection at this visit",
        ),
        "max_mag": Wording(
            _BRIGHT, "magnitude of the brightest day", magnitude("on its brightest day"), "never detected"
        ),
        "max_mag_day": Wording(
            _CHANGE, "brightest day", formatted("brightest on day {}"), "no brightest day"
        ),
        # Computed by the models from the above
        "abs_gal_lat": Wording(
            "galactic plane",
            "galactic latitude",
            formatted("{}° from the galactic plane"),
            "position unknown",
        ),
        "log10_std_ra_arcsec": Wording(
            _SCATTER,
            "scatter in RA",
            log10("RA scatters by {}″"),
            "no scatter in RA known",
            named("scatter in RA"),
        ),
        "log10_scatter_arcsec": Wording(
            _SCATTER,
            "scatter of the position",
            log10("positions scatter by {}″"),
            "no scatter of the position known",
            named("scatter of the position"),
        ),
        "det_share_min5d": Wording(
            _RECENT,
            "share of exposures with a detection in 5 days",
            percent("detected in {} of the exposures in 5 days"),
            "no exposure in 5 days",
        ),
        "log10_host_offset_kpc": Wording(
            _HOST,
            "offset from the host",
            log10("{} kpc from the host"),
            _NO_DISTANCE,
            named("offset from the host"),
        ),
        "host_abs_mag": Wording(
            _DISTANCE,
            "absolute magnitude at the host",
            "absolute magnitude {:.1f} at the host's distance".format,
            _NO_DISTANCE,
            named("absolute magnitude at the host's distance"),
        ),
        "mag_unreddened": Wording(
            _BRIGHT, "magnitude without dust", "magnitude {:.1f} without dust".format, _NO_DETECTION
        ),
        "det_share_visits": Wording(
            _SEEN,
            "share of exposures with a detection",
            percent("detected in {} of the exposures so far"),
            "either no detection or no non-detection at this visit",
        ),
        "det_share_since": Wording(
            _SEEN,
            "share of exposures with a detection since t0",
            percent("detected in about {} of the exposures since t0"),
            _NOT_TODAY,
        ),
        "det_since": Wording(_SEEN, "detections since t0", count("detection", "since t0"), _NOT_TODAY),
        "non_since": Wording(
            _SEEN,
            "non-detections since t0",
            count("non-detection", "since t0"),
            "no non-detection at this visit",
        ),
        "fading": Wording(
            _CHANGE,
            "fading",
            change("{} mag below its brightest day", "{} mag above its brightest day", "at its brightest"),
            _NOT_TODAY,
        ),
        "brightening": Wording(
            _CHANGE,
            "brightening",
            change(
                "{} mag brighter than before t0", "{} mag fainter than before t0", "as bright as before t0"
            ),
            _NO_DETECTION,
        ),
        "limit_below_peak": Wording(
            "limits",
            "depth of the limits",
            change(
                "limits {} mag below its brightest day",
                "limits {} mag short of its brightest day",
                "limits as bright as its brightest day",
            ),
            "no non-detection at this visit",
        ),
        "detected_today": Wording(
            _SEEN, "detected at this visit", either("detected at this visit", _NOT_TODAY), _NOT_TODAY
        ),
        "days_since_max": Wording(
            _CHANGE, "days since its brightest", days("{} since its brightest"), "no brightest day"
        ),
        # How quickly it changes (vra-fast-1)
        "age": Wording("age", "days since its first detection", days("first detected {} ago"), _UNSEEN),
        "unseen_days": Wording(
            "age", "days unseen", days("last detected {} before the last exposure"), _UNSEEN
        ),
        "earlier_nights": Wording(
            "earlier nights",
            "nights seen before this episode",
            unless_zero("not seen in the two months before", "seen on {} nights of the two months before"),
            _UNSEEN,
        ),
        "seen_nights": Wording("age", "nights seen", count("night", "seen"), _UNSEEN),
        "peak_delay": Wording(
            _COURSE, "days up to its brightest", days("brightest {} after its first night"), _UNSEEN
        ),
        "since_peak": Wording(
            _COURSE, "days seen since its brightest", days("seen for {} since its brightest"), _UNSEEN
        ),
        "gain": Wording(
            _COURSE,
            "rise since its first night",
            change("{} mag up from its first night", "{} mag down from its first night", "no rise seen"),
            _UNSEEN,
        ),
        "faded": Wording(
            _COURSE,
            "fading since its brightest",
            change("{} mag down from its brightest", "{} mag above its brightest", "no fading seen"),
            _UNSEEN,
        ),
        "rate": Wording(_PACE, "rate", rate(""), _ONE_NIGHT, way("")),
        "rate_up": Wording(_PACE, "rate of its rise", rate(" up to its brightest"), "no rise seen"),
        "rate_down": Wording(_PACE, "rate of its fall", rate(" since its brightest"), "no fall seen"),
        "rate_recent": Wording(_PACE, "rate of late", rate(" of late"), _ONE_NIGHT, way(" of late")),
        "night_rate": Wording(
            "change within a night", "rate within the last night", rate(" within the night"), _FEW_TONIGHT
        ),
        "night_scatter": Wording(
            "change within a night",
            "scatter within the last night",
            log10("scatter within the night {} times the error"),
            _FEW_TONIGHT,
        ),
        "first_excess": Wording(
            "brightness when first seen",
            "brightness when first seen",
            change(
                "{} mag above the limit when first seen",
                "{} mag below the limit when first seen",
                "at the limit when first seen",
            ),
            "no error of its first magnitude known",
        ),
        "colour": Wording(
            "colour", "colour", "blue − red {:+.2f} mag without dust".format, "one band of late"
        ),
        "dark_days": Wording(
            _LIMITS, "days since the last limit", days("not there {} before its first night"), _NO_LIMIT
        ),
        "rise_from_limit": Wording(
            _LIMITS, "rise from a limit", rate(" at least, from a limit to its first night"), _NO_LIMIT
        ),
        "fall_to_limit": Wording(
            _LIMITS,
            "fall to a limit",
            rate(" at least, from its brightest to a limit"),
            "no limit after it that says how it fades",
        ),
        "absolute_mag": Wording(
            _DISTANCE,
            "absolute magnitude at its brightest",
            "absolute magnitude {:.1f} at its brightest, at the host's distance".format,
            _NO_DISTANCE,
            named("absolute magnitude at its brightest"),
        ),
    }
)
