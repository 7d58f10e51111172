"""Words for each feature: its name, value and effect as a scanner reads them.

The registry is `WORDS`: a new feature set adds its entries there. A feature without one still reads, by its
derived wording or its bare name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vra_tui.scoring.model.derived import DERIVED


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
    }
)


def wording(feature: str) -> Wording:
    """The wording of any feature, in the registry or not."""
    if feature in WORDS:
        return WORDS[feature]
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


def _number(value: float) -> str:
    """Three digits for small numbers, no useless ones for great ones."""
    size = abs(value)
    if size >= 1e6:
        return f"{value:.1e}"
    if size >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 1 else f"{value:.2g}"


def _formatted(template: str) -> Callable[[float], str]:
    return lambda value: template.format(_number(value))


def _unless_zero(zero: str, template: str) -> Callable[[float], str]:
    return lambda value: template.format(_number(value)) if value else zero


def _count(singular: str, after: str) -> Callable[[float], str]:
    return lambda value: f"{_number(value)} {singular}{'' if value == 1 else 's'} {after}"


def _days(template: str) -> Callable[[float], str]:
    return lambda value: template.format(f"{_number(value)} day{'' if value == 1 else 's'}")


def _magnitude(after: str) -> Callable[[float], str]:
    def say(value: float) -> str:
        # The survey's sign: a negative magnitude is negative difference flux.
        return f"magnitude {abs(value):.1f}{' in negative flux' if value < 0 else ''} {after}".rstrip()

    return say


def _change(rises: str, falls: str, neither: str) -> Callable[[float], str]:
    def say(value: float) -> str:
        if abs(value) < 0.05:
            return neither
        return (rises if value > 0 else falls).format(f"{abs(value):.1f}")

    return say


def _named(name: str) -> Callable[[float], str]:
    return lambda value: name


def _way(after: str) -> Callable[[float], str]:
    return _change(f"rising{after}", f"fading{after}", f"level{after}")


def _percent(template: str) -> Callable[[float], str]:
    return lambda value: template.format(f"{100 * value:.0f} %")


def _power(value: float) -> float:
    # A table from elsewhere may hold anything, even a logarithm of 300.
    return float(10 ** max(-30.0, min(value, 30.0)))


def _log10_degrees(template: str) -> Callable[[float], str]:
    return lambda value: template.format(_number(_power(value) * 3600))


def _log10(template: str) -> Callable[[float], str]:
    return lambda value: template.format(_number(_power(value)))


def _either(yes: str, no: str) -> Callable[[float], str]:
    return lambda value: yes if value > 0.5 else no


def _rate(after: str) -> Callable[[float], str]:
    return _change("rising by {} mag a day" + after, "fading by {} mag a day" + after, "level" + after)


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
            _unless_zero(
                "no non-detection between its detections", "{} non-detections for each detection in 100 days"
            ),
            "no history of non-detections between detections",
        ),
        "Nnondet_std": Wording(
            _HISTORY,
            "scatter of the non-detections per detection",
            _unless_zero(
                "as many non-detections after each detection",
                "non-detections between detections scatter by {}",
            ),
            "too few detections to tell whether they come and go",
        ),
        "magdet_std": Wording(
            "scatter of the magnitudes",
            "scatter of the magnitudes",
            _formatted("magnitudes scatter by {} before t0"),
            "fewer than two detections before t0",
        ),
        "DET_Nsince_min5d": Wording(
            _RECENT, "detections in 5 days", _count("detection", "in 5 days"), _NO_DETECTION
        ),
        "NON_Nsince_min5d": Wording(
            _RECENT,
            "non-detections in 5 days",
            _count("non-detection", "in 5 days"),
            "no count of non-detections in 5 days",
        ),
        "log10_std_ra_min5d": Wording(
            _SCATTER,
            "scatter of the RA coordinate",
            _log10_degrees("RA coordinate scatters by {}″"),
            "no scatter in RA known",
            _named("scatter of the RA coordinate"),
        ),
        "log10_std_dec_min5d": Wording(
            _SCATTER,
            "scatter in Dec",
            _log10_degrees("Dec scatters by {}″"),
            "no scatter in Dec known",
            _named("scatter in Dec"),
        ),
        "DET_mag_median_min5d": Wording(
            _BRIGHT, "magnitude in 5 days", _magnitude("in 5 days"), _NO_DETECTION
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
            _log10("{}″ from a catalogued source"),
            "no catalogued source near",
        ),
        "CV": Wording(
            "Sherlock class",
            "Sherlock class CV",
            _either("a known cataclysmic variable (Sherlock)", "not a known cataclysmic variable"),
            "no Sherlock class known",
        ),
        # Day N
        "dayN": Wording("day", "day of the visit", _formatted("day {} after t0"), "no visit yet"),
        "DET_mag_median": Wording(_BRIGHT, "magnitude now", _magnitude("at this visit"), _NOT_TODAY),
        "DET_N_total": Wording(_SEEN, "detections so far", _count("detection", "so far"), _NOT_TODAY),
        "NON_mag_median": Wording(
            "limits",
            "limits now",
            "limits of magnitude {:.1f} at this visit".format,
            "no non-detection at this visit",
        ),
        "NON_N_total": Wording(
            _SEEN,
            "non-detections so far",
            _count("non-detection", "so far"),
            "no non-detection at this visit",
        ),
        "max_mag": Wording(
            _BRIGHT, "magnitude of the brightest day", _magnitude("on its brightest day"), "never detected"
        ),
        "max_mag_day": Wording(
            _CHANGE, "brightest day", _formatted("brightest on day {}"), "no brightest day"
        ),
        # Computed by the models from the above
        "abs_gal_lat": Wording(
            "galactic plane",
            "galactic latitude",
            _formatted("{}° from the galactic plane"),
            "position unknown",
        ),
        "log10_std_ra_arcsec": Wording(
            _SCATTER,
            "scatter in RA",
            _log10("RA scatters by {}″"),
            "no scatter in RA known",
            _named("scatter in RA"),
        ),
        "log10_scatter_arcsec": Wording(
            _SCATTER,
            "scatter of the position",
            _log10("positions scatter by {}″"),
            "no scatter of the position known",
            _named("scatter of the position"),
        ),
        "det_share_min5d": Wording(
            _RECENT,
            "share of exposures with a detection in 5 days",
            _percent("detected in {} of the exposures in 5 days"),
            "no exposure in 5 days",
        ),
        "log10_host_offset_kpc": Wording(
            _HOST,
            "offset from the host",
            _log10("{} kpc from the host"),
            _NO_DISTANCE,
            _named("offset from the host"),
        ),
        "host_abs_mag": Wording(
            _DISTANCE,
            "absolute magnitude at the host",
            "absolute magnitude {:.1f} at the host's distance".format,
            _NO_DISTANCE,
            _named("absolute magnitude at the host's distance"),
        ),
        "mag_unreddened": Wording(
            _BRIGHT, "magnitude without dust", "magnitude {:.1f} without dust".format, _NO_DETECTION
        ),
        "det_share_visits": Wording(
            _SEEN,
            "share of exposures with a detection",
            _percent("detected in {} of the exposures so far"),
            "either no detection or no non-detection at this visit",
        ),
        "det_share_since": Wording(
            _SEEN,
            "share of exposures with a detection since t0",
            _percent("detected in about {} of the exposures since t0"),
            _NOT_TODAY,
        ),
        "det_since": Wording(_SEEN, "detections since t0", _count("detection", "since t0"), _NOT_TODAY),
        "non_since": Wording(
            _SEEN,
            "non-detections since t0",
            _count("non-detection", "since t0"),
            "no non-detection at this visit",
        ),
        "fading": Wording(
            _CHANGE,
            "fading",
            _change("{} mag below its brightest day", "{} mag above its brightest day", "at its brightest"),
            _NOT_TODAY,
        ),
        "brightening": Wording(
            _CHANGE,
            "brightening",
            _change(
                "{} mag brighter than before t0", "{} mag fainter than before t0", "as bright as before t0"
            ),
            _NO_DETECTION,
        ),
        "limit_below_peak": Wording(
            "limits",
            "depth of the limits",
            _change(
                "limits {} mag below its brightest day",
                "limits {} mag short of its brightest day",
                "limits as bright as its brightest day",
            ),
            "no non-detection at this visit",
        ),
        "detected_today": Wording(
            _SEEN, "detected at this visit", _either("detected at this visit", _NOT_TODAY), _NOT_TODAY
        ),
        "days_since_max": Wording(
            _CHANGE, "days since its brightest", _days("{} since its brightest"), "no brightest day"
        ),
        # How quickly it changes (vra-fast-1)
        "age": Wording("age", "days since its first detection", _days("first detected {} ago"), _UNSEEN),
        "unseen_days": Wording(
            "age", "days unseen", _days("last detected {} before the last exposure"), _UNSEEN
        ),
        "earlier_nights": Wording(
            "earlier nights",
            "nights seen before this episode",
            _unless_zero("not seen in the two months before", "seen on {} nights of the two months before"),
            _UNSEEN,
        ),
        "seen_nights": Wording("age", "nights seen", _count("night", "seen"), _UNSEEN),
        "peak_delay": Wording(
            _COURSE, "days up to its brightest", _days("brightest {} after its first night"), _UNSEEN
        ),
        "since_peak": Wording(
            _COURSE, "days seen since its brightest", _days("seen for {} since its brightest"), _UNSEEN
        ),
        "gain": Wording(
            _COURSE,
            "rise since its first night",
            _change("{} mag up from its first night", "{} mag down from its first night", "no rise seen"),
            _UNSEEN,
        ),
        "faded": Wording(
            _COURSE,
            "fading since its brightest",
            _change("{} mag down from its brightest", "{} mag above its brightest", "no fading seen"),
            _UNSEEN,
        ),
        "rate": Wording(_PACE, "rate", _rate(""), _ONE_NIGHT, _way("")),
        "rate_up": Wording(_PACE, "rate of its rise", _rate(" up to its brightest"), "no rise seen"),
        "rate_down": Wording(_PACE, "rate of its fall", _rate(" since its brightest"), "no fall seen"),
        "rate_recent": Wording(_PACE, "rate of late", _rate(" of late"), _ONE_NIGHT, _way(" of late")),
        "night_rate": Wording(
            "change within a night", "rate within the last night", _rate(" within the night"), _FEW_TONIGHT
        ),
        "night_scatter": Wording(
            "change within a night",
            "scatter within the last night",
            _log10("scatter within the night {} times the error"),
            _FEW_TONIGHT,
        ),
        "first_excess": Wording(
            "brightness when first seen",
            "brightness when first seen",
            _change(
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
            _LIMITS, "days since the last limit", _days("not there {} before its first night"), _NO_LIMIT
        ),
        "rise_from_limit": Wording(
            _LIMITS, "rise from a limit", _rate(" at least, from a limit to its first night"), _NO_LIMIT
        ),
        "fall_to_limit": Wording(
            _LIMITS,
            "fall to a limit",
            _rate(" at least, from its brightest to a limit"),
            "no limit after it that says how it fades",
        ),
        "absolute_mag": Wording(
            _DISTANCE,
            "absolute magnitude at its brightest",
            "absolute magnitude {:.1f} at its brightest, at the host's distance".format,
            _NO_DISTANCE,
            _named("absolute magnitude at its brightest"),
        ),
    }
)
