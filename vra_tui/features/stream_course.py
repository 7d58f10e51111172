"""Rates of brightness and colour: the part of `stream-1` that is computed from nightly means.

The *course* is the detections of positive flux in the `COURSE_DAYS` up to the latest of them. A *point* is
the mean magnitude of a night in one band, weighted by the errors. The *main band* is the one with the most
points, of equals the reddest; the *peak* its brightest point, of equals the earliest. Rates are those of a
straight line with an offset for each band, so that a band that comes in late does not look like a change.
"""

from dataclasses import dataclass

import numpy as np

from vra_tui.features.stream_epochs import BandTable, KnownDetections, UpperLimits
from vra_tui.features.stream_sums import (
    Bools,
    Floats,
    Ints,
    Lines,
    changes,
    fit_lines,
    greatest,
    last,
    least,
    mean_of,
    total,
)

#: Days before the latest detection of positive flux that the course reaches back.
COURSE_DAYS = 60.0
#: Days up to the latest point that count as recent, and within which two nights are compared.
RECENT_DAYS = 10.0
#: Days that two bands may lie apart in a colour.
COLOUR_DAYS = 1.5
#: Days before the first detection of the course in which limits count, and before which they bound the rise:
#: within a night a limit beside a detection says how deep the exposures were, not how fast the source is.
LIMIT_DAYS, LEAST_RISE_DAYS = 30.0, 0.5
#: What errors of the photometry leave out (zero points, hosts, units), once for each point; mag.
ERROR_FLOOR = 0.02
#: A line needs times that scatter by more than this; days. Within a night a minute and a half will do.
LEAST_SPREAD, LEAST_SPREAD_IN_NIGHT = 0.1, 1e-3
#: Colours across all bands are told as g-r: log10 of the ratio of the wavelengths of r and g.
_GR = float(np.log10(619.6 / 479.7))
_LEAST_COLOUR_SPREAD = 1e-6
#: The colours that stream-1 names, bluer band first.
COLOURS = (("u", "g"), ("g", "r"), ("r", "i"), ("i", "z"), ("z", "y"), ("c", "o"))


@dataclass(frozen=True, eq=False)
class BrightnessCourse:
    """How brightness ran: detections, as indices into `KnownDetections`, shape (c,), and points, shape (p,).

    Points stand in the order of alert, band, time. ``days``: from the latest detection of positive flux, so
    never positive. ``latest_mjd``, ``main`` (-1 without a course), ``peak_days``, ``peak_mag``: shape (n,).
    """

    n: int
    n_bands: int
    detection: Ints
    latest_mjd: Floats
    owner: Ints
    band: Ints
    night: Ints
    days: Floats
    mag: Floats
    error: Floats
    main: Ints
    peak_days: Floats
    peak_mag: Floats
    peak_night: Ints

    @property
    def group(self) -> Ints:
        """The number of each point's band among those of all alerts."""
        return self.owner * self.n_bands + self.band

    def line(self, chosen: Bools) -> Lines:
        """The line through some of the points of each alert, an offset for each band."""
        sizes = (self.group[chosen], self.n * self.n_bands), (self.owner[chosen], self.n)
        return fit_lines(self.days[chosen], self.mag[chosen], self.error[chosen], *sizes, LEAST_SPREAD)


def course_of(seen: KnownDetections, n_bands: int) -> BrightnessCourse:
    """Cut the course out of the detections and make its nightly points."""
    n = seen.n
    positive = ~(seen.is_negative | np.isnan(seen.size))
    latest = last(np.where(positive, seen.mjd, np.nan), seen.owner, n)
    detection = np.flatnonzero(positive & (latest[seen.owner] - seen.mjd <= COURSE_DAYS))
    group = seen.owner[detection] * n_bands + seen.band[detection]
    by_band = np.argsort(group, kind="stable")
    at, group = detection[by_band], group[by_band]
    starts = changes(group, seen.night[at])
    point, n_points = np.cumsum(starts) - 1, int(starts.sum())
    weight = seen.error[at] ** -2.0
    days = seen.mjd[at] - latest[seen.owner[at]]
    first = at[starts]
    owner, band = seen.owner[first], seen.band[first]
    mag = mean_of(seen.size[at], weight, point, n_points)
    mean_days = mean_of(days, weight, point, n_points)
    main = _main_band(owner, band, n, n_bands)
    in_main = band == main[owner]
    peak_mag = least(np.where(in_main, mag, np.nan), owner, n)
    is_peak = np.flatnonzero(in_main & (mag == peak_mag[owner]))[::-1]
    peak = np.full(n, -1)
    peak[owner[is_peak]] = is_peak
    has_peak = peak >= 0
    peak_days, peak_night = np.full(n, np.nan), np.full(n, -1)
    peak_days[has_peak] = mean_days[peak[has_peak]]
    peak_night[has_peak] = seen.night[first][peak[has_peak]]
    return BrightnessCourse(
        n=n,
        n_bands=n_bands,
        detection=detection,
        latest_mjd=latest,
        owner=owner,
        band=band,
        night=seen.night[first],
        days=mean_days,
        mag=mag,
        error=np.sqrt(1.0 / total(weight, point, n_points) + ERROR_FLOOR**2),
        main=main,
        peak_days=peak_days,
        peak_mag=peak_mag,
        peak_night=peak_night,
    )


def _main_band(owner: Ints, band: Ints, n: int, n_bands: int) -> Ints:
    points = np.bincount(owner * n_bands + band, minlength=n * n_bands).reshape(n, n_bands)
    reddest = n_bands - 1 - np.argmax(points[:, ::-1], axis=1)
    return np.where(points.any(axis=1), reddest, -1)


def course_columns(
    course: BrightnessCourse, seen: KnownDetections, limits: UpperLimits, now: Floats
) -> dict[str, Floats]:
    """Limits before it, rates with errors, peak, amplitude and smoothness."""
    return {
        **_start(course, seen, limits),
        **_rates(course, seen),
        "days_since_peak": now - course.latest_mjd - course.peak_days,
        **_shape(course),
    }


def _start(course: BrightnessCourse, seen: KnownDetections, limits: UpperLimits) -> dict[str, Floats]:
    """The first detection of the course against the limits before it."""
    n, at = course.n, course.detection
    owner = seen.owner[at]
    first_mjd = -greatest(-seen.mjd[at], owner, n)
    of_first = seen.mjd[at] == first_mjd[owner]
    first_mag = last(seen.size[at][of_first], owner[of_first], n)

    age = first_mjd[limits.owner] - limits.mjd
    before = (age > 0) & (age <= LIMIT_DAYS) & ~np.isnan(limits.depth)
    limit_owner, age, above = limits.owner[before], age[before], limits.depth[before]
    above = above - first_mag[limit_owner]
    nearest = least(age, limit_owner, n)
    of_nearest = age == nearest[limit_owner]
    return {
        "limit_to_first_mag": greatest(above[of_nearest], limit_owner[of_nearest], n),
        "limit_to_first_days": nearest,
        "rise_from_limits_mag_per_day": greatest(
            np.where(age >= LEAST_RISE_DAYS, above / age, np.nan), limit_owner, n
        ),
    }


def _rates(course: BrightnessCourse, seen: KnownDetections) -> dict[str, Floats]:
    recent = course.days >= -RECENT_DAYS
    rise = course.line(course.night >= course.peak_night[course.owner])
    fade = course.line(course.night <= course.peak_night[course.owner])
    pooled = course.line(recent)
    main = course.line(recent & (course.band == course.main[course.owner]))
    change, change_error = _change(course)
    tonight = _within_night(course, seen)
    return {
        "rise_mag_per_day": -rise.slope,
        "rise_error_mag_per_day": rise.error,
        "fade_mag_per_day": fade.slope,
        "fade_error_mag_per_day": fade.error,
        "recent_rise_mag_per_day": -pooled.slope,
        "recent_rise_error_mag_per_day": pooled.error,
        "main_band_rise_mag_per_day": -main.slope,
        "main_band_rise_error_mag_per_day": main.error,
        "night_to_night_rise_mag": change,
        "night_to_night_rise_error_mag": change_error,
        "in_night_rise_mag_per_day": -tonight.slope,
        "in_night_rise_error_mag_per_day": tonight.error,
    }


def _change(course: BrightnessCourse) -> tuple[Floats, Floats]:
    """By how much the latest night is brighter than the one before, mean of the bands seen in both; error."""
    group = course.group
    pair = (
        (group[1:] == group[:-1])
        & (course.night[1:] == 0)
        & (course.days[1:] - course.days[:-1] <= RECENT_DAYS)
    )
    later = np.flatnonzero(pair) + 1
    weight = 1.0 / (course.error[later] ** 2 + course.error[later - 1] ** 2)
    owner = course.owner[later]
    summed = total(weight, owner, course.n)
    change = total(weight * (course.mag[later - 1] - course.mag[later]), owner, course.n) / summed
    return change, np.where(summed > 0, summed**-0.5, np.nan)


def _within_night(course: BrightnessCourse, seen: KnownDetections) -> Lines:
    """The line through the single detections of the latest night, an offset for each band."""
    at = course.detection[seen.night[course.detection] == 0]
    owner = seen.owner[at]
    days = seen.mjd[at] - course.latest_mjd[owner]
    error = np.sqrt(seen.error[at] ** 2 + ERROR_FLOOR**2)
    sizes = (owner * course.n_bands + seen.band[at], course.n * course.n_bands), (owner, course.n)
    return fit_lines(days, seen.size[at], error, *sizes, LEAST_SPREAD_IN_NIGHT)


def _shape(course: BrightnessCourse) -> dict[str, Floats]:
    """Amplitude, chi2 about a constant and smoothness, each within bands."""
    n, n_bands, owner, group, mag = course.n, course.n_bands, course.owner, course.group, course.mag
    starts = np.flatnonzero(changes(group, group))
    if len(starts):
        ranges = np.maximum.reduceat(mag, starts) - np.minimum.reduceat(mag, starts)
        amplitude = greatest(np.where(ranges > 0, ranges, np.nan), owner[starts], n)
    else:
        amplitude = np.full(n, np.nan)
    weight = course.error**-2.0
    from_weighted = mag - mean_of(mag, weight, group, n * n_bands)[group]
    from_mean = mag - mean_of(mag, np.ones(len(mag)), group, n * n_bands)[group]
    # One point a band says what its mean is, the others how it varies.
    free = np.bincount(owner, minlength=n) - np.bincount(owner[starts], minlength=n)
    follows = np.flatnonzero(group[1:] == group[:-1]) + 1
    steps = total((mag[follows] - mag[follows - 1]) ** 2, owner[follows], n)
    spread = total(from_mean**2, owner, n)
    return {
        "amplitude_mag": amplitude,
        "reduced_chi2": np.where(free > 0, total(weight * from_weighted**2, owner, n) / free, np.nan),
        # Von Neumann (1941, Ann. Math. Stat. 12, 367): 2 for noise, near 0 for a smooth course.
        "roughness": np.where((free > 1) & (spread > 0), steps / spread, np.nan),
    }


def colour_columns(course: BrightnessCourse, bands: BandTable, ebv: Floats) -> dict[str, Floats]:
    """The latest colours, free of the Milky Way's dust: across all bands, and by pairs of neighbours."""
    coefficient = np.array([one.extinction for one in bands.bands])
    wavelength = np.log10([one.wavelength_nm for one in bands.bands])
    dust = np.where(ebv >= 0, ebv, np.nan)
    mag = course.mag - dust[course.owner] * coefficient[course.band]

    in_time = np.lexsort((course.days, course.owner))
    slope = _latest_slope(course, mag, wavelength[course.band], in_time)
    columns = {"colour_as_g_r_mag": -slope.slope * _GR, "colour_as_g_r_error_mag": slope.error * _GR}
    for blue, red in COLOURS:
        colour, error = _pair(course, mag, in_time, bands.place_of(blue), bands.place_of(red))
        columns[f"colour_{blue}_{red}_mag"] = colour
        columns[f"colour_{blue}_{red}_error_mag"] = error
    return columns


def _latest_slope(course: BrightnessCourse, mag: Floats, wavelength: Floats, in_time: Ints) -> Lines:
    """Magnitudes against log10 of the wavelength, of all bands when two were last seen together.

    That is the latest point with one of another band within `COLOUR_DAYS` before it, and all points within as
    many days before that one.
    """
    at = in_time[~np.isnan(wavelength[in_time] + mag[in_time])]
    owner, days = course.owner[at], course.days[at]
    starts = changes(owner, course.band[at])
    other = np.maximum.accumulate(np.where(starts, np.arange(len(at)) - 1, -1))
    # Before an alert's first point of another band stands another alert, or nothing.
    together = (other >= 0) & (owner[other] == owner) & (days - days[other] <= COLOUR_DAYS)
    latest = last(np.where(together, days, np.nan), owner, course.n)[owner]
    chosen = (days <= latest) & (latest - days <= COLOUR_DAYS)
    at, groups = at[chosen], (owner[chosen], course.n)
    return fit_lines(wavelength[at], mag[at], course.error[at], groups, groups, _LEAST_COLOUR_SPREAD)


def _pair(
    course: BrightnessCourse, mag: Floats, in_time: Ints, blue: int | None, red: int | None
) -> tuple[Floats, Floats]:
    """The latest colour of two bands: their latest points within `COLOUR_DAYS` of each other; its error."""
    colour, error = np.full(course.n, np.nan), np.full(course.n, np.nan)
    if blue is None or red is None:
        return colour, error
    band = course.band[in_time]
    at = in_time[(band == blue) | (band == red)]
    is_blue = course.band[at] == blue
    index = np.arange(len(at))
    last_blue = np.maximum.accumulate(np.where(is_blue, index, -1))
    last_red = np.maximum.accumulate(np.where(is_blue, -1, index))
    other = np.where(is_blue, last_red, last_blue)
    later = np.flatnonzero(other >= 0)
    one, two = at[later], at[other[later]]
    near = (course.owner[one] == course.owner[two]) & (course.days[one] - course.days[two] <= COLOUR_DAYS)
    one, two = one[near], two[near]
    sign = np.where(course.band[one] == blue, 1.0, -1.0)
    # In the order of time: the latest pair stays.
    colour[course.owner[one]] = sign * (mag[one] - mag[two])
    error[course.owner[one]] = np.hypot(course.error[one], course.error[two])
    return colour, np.where(np.isnan(colour), np.nan, error)
