"""`stream-1` said plainly, one alert at a time, as docs/features.md defines it: slow, and independent."""

import math
import statistics
from dataclasses import dataclass

from vra_tui.domain import distance
from vra_tui.domain.bands import band as band_of
from vra_tui.domain.sky import ecliptic, galactic

NAN = math.nan
PAIRS = ("ug", "gr", "ri", "iz", "zy", "co")


@dataclass
class Row:
    """One epoch, of whatever section; NaN where a section has no such column."""

    mjd: float
    band: str
    mag: float = NAN
    magerr: float = NAN
    limit: float = NAN
    score: float = NAN
    ra: float = NAN
    dec: float = NAN
    flux: float = NAN
    dflux: float = NAN

    @property
    def size(self):
        return abs(self.mag)

    @property
    def sn(self):
        if self.magerr > 0:
            return 2.5 / math.log(10) / self.magerr
        return 5.0 * 10 ** (0.4 * (self.limit - self.size))

    @property
    def error(self):
        return 2.5 / math.log(10) / self.sn if math.isfinite(self.sn) else 0.1

    @property
    def wavelength(self):
        return band_of(self.band).wavelength_nm


@dataclass
class Point:
    """The mean of a night in one band."""

    band: str
    night: int
    mjd: float
    mag: float
    error: float


def known(values):
    return [value for value in values if not math.isnan(value)]


def least(value):
    return -math.inf if math.isnan(value) else value


def last(values):
    return known(values)[-1] if known(values) else NAN


def highest(values):
    return max(known(values), default=NAN)


def lowest(values):
    return min(known(values), default=NAN)


def middle(values):
    return statistics.median(known(values)) if known(values) else NAN


def ratio(above, below):
    return above / below if below else NAN


def share(values, of):
    return ratio(len(values), len(of))


def root(value):
    return math.sqrt(value) if value >= 0 else NAN


def mean(values, weights):
    origin = values[0]
    return origin + sum(w * (v - origin) for v, w in zip(values, weights, strict=True)) / sum(weights)


def line(points, spread):
    """Slope and error of (group, x, y, error), an offset a group."""
    sxx = sxy = weight = 0.0
    for group in {p[0] for p in points}:
        own = [p for p in points if p[0] == group]
        w = [p[3] ** -2 for p in own]
        x, y = mean([p[1] for p in own], w), mean([p[2] for p in own], w)
        for (_, px, py, _), pw in zip(own, w, strict=True):
            sxx += pw * (px - x) ** 2
            sxy += pw * (px - x) * (py - y)
            weight += pw
    return (sxy / sxx, sxx**-0.5) if weight and sxx > spread**2 * weight else (NAN, NAN)


def features(detections, nondetections, forced, about, host, at_mjd):
    """All of `STREAM_1` by name; ``about``, ``host``: the alert's context by name of column."""
    at = at_mjd if math.isfinite(at_mjd) else math.inf
    seen = [row for row in detections if row.mjd <= at]
    seen.sort(key=lambda row: (row.mjd, *(least(one) for one in (row.sn, -row.size, row.score))))
    missed = [row for row in nondetections if row.mjd <= at]
    points = [r for r in forced if r.mjd <= at and math.isfinite(r.flux) and r.dflux > 0]
    limits = [(row.mjd, row.limit) for row in missed] or [
        (row.mjd, 23.9 - 2.5 * math.log10(5.0 * row.dflux)) for row in points if abs(row.flux / row.dflux) < 3
    ]
    epochs = [r.mjd for r in seen + points] + [mjd for mjd, _ in limits]
    now = at_mjd if math.isfinite(at_mjd) else max(epochs, default=NAN)
    latest = seen[-1].mjd if seen else NAN

    def night(row):
        return math.floor(latest - row.mjd + 0.5)

    out = {
        **counted(seen, limits, night, now),
        **course(seen, limits, night, now, about, host),
        **place(seen, night, about),
        **history(seen, points, night, about),
        "object_score": about["real_bogus"],
        "days_since_first_told": now - about["first_told_mjd"] if about["first_told_mjd"] <= now else NAN,
        "ebv": about["ebv"],
        "galactic_latitude_deg": abs(galactic(about["ra"], about["dec"])[1]),
        "ecliptic_latitude_deg": abs(ecliptic(about["ra"], about["dec"])[1]),
    }
    for name in (
        "star_score star_arcsec gaia_arcsec gaia_mag solar_arcsec solar_mag reference_arcsec reference_mag "
        "fwhm_arcsec elongation is_dipole trail_arcsec n_bad_pixels extendedness n_detections_told"
    ).split():
        out[name] = about[name]
    out["latest_less_reference_mag"] = out["mag_latest"] - about["reference_mag"]
    out |= beside(host, about, out)
    return out


def counted(seen, limits, night, now):
    scores, sizes = [row.score for row in seen], [row.size for row in seen]
    recent = {row.mjd for row in seen if seen[-1].mjd - row.mjd <= 60}
    between = [mjd for mjd, _ in limits if recent and min(recent) < mjd <= max(recent)]
    since = [mjd for mjd, _ in limits if seen and mjd > seen[-1].mjd]
    told = bool(limits and seen)
    return {
        "score_latest": last(scores),
        "score_max": highest(scores),
        "score_median": middle(scores),
        "score_share_above_half": share([s for s in scores if s > 0.5], known(scores)),
        "n_detections": len(seen),
        "n_nights": len({night(row) for row in seen}),
        "n_bands": len({row.band for row in seen}),
        "n_limits_since_latest": len(since) if told else NAN,
        "detected_share": len(recent) / (len(recent) + len(between)) if told else NAN,
        "negative_share": share([row for row in seen if row.mag < 0], known(sizes)),
        "latest_sign": last([math.copysign(1, row.mag) if row.mag == row.mag else NAN for row in seen]),
        "signal_to_noise_latest": last([row.sn for row in seen]),
        "signal_to_noise_max": highest([row.sn for row in seen]),
        "mag_latest": last(sizes),
        "mag_brightest": lowest([row.mag for row in seen if row.mag > 0]),
        "mag_median": middle(sizes),
        "days_since_first": now - seen[0].mjd if seen else NAN,
        "days_since_latest": now - seen[-1].mjd if seen else NAN,
        "days_since_limit": now - max(mjd for mjd, _ in limits) if limits else NAN,
    }


def course(seen, limits, night, now, about, host):
    positive = [row for row in seen if row.mag > 0]
    if not positive:
        return dict.fromkeys(COURSE_NAMES, NAN)
    end = positive[-1].mjd
    rows = [row for row in positive if end - row.mjd <= 60.0]
    points = []
    for key in sorted({(row.band, night(row)) for row in rows}):
        own = [row for row in rows if (row.band, night(row)) == key]
        w = [row.error**-2 for row in own]
        error = math.sqrt(1 / sum(w) + 0.02**2)
        points.append(
            Point(*key, mean([row.mjd - end for row in own], w), mean([row.size for row in own], w), error)
        )
    points.sort(key=lambda p: (p.mjd, p.band))

    def of(name):
        return [p for p in points if p.band == name]

    names = {p.band for p in points}
    main = max(names, key=lambda name: (len(of(name)), known([band_of(name).wavelength_nm]) or [0.0], name))
    peak = min(of(main), key=lambda p: (p.mag, p.mjd))

    def through(chosen):
        return line([(p.band, p.mjd, p.mag, p.error) for p in chosen], 0.1)

    recent = [p for p in points if p.mjd >= -10.0]
    rise, fade = (
        through([p for p in points if p.night >= peak.night]),
        through([p for p in points if p.night <= peak.night]),
    )
    pooled, alone = through(recent), through([p for p in recent if p.band == main])
    in_night = line(
        [(r.band, r.mjd - end, r.size, math.hypot(r.error, 0.02)) for r in rows if night(r) == 0], 1e-3
    )
    changes = []
    for name in names:
        two = of(name)[-2:]
        if len(two) == 2 and two[1].night == 0 and two[1].mjd - two[0].mjd <= 10.0:
            changes.append((two[0].mag - two[1].mag, two[0].error ** 2 + two[1].error ** 2))
    change_weight = sum(1 / variance for _, variance in changes)
    deviations = [(p, mean([q.mag for q in of(p.band)], [1.0] * len(of(p.band)))) for p in points]
    weighted = [(p, mean([q.mag for q in of(p.band)], [q.error**-2 for q in of(p.band)])) for p in points]
    steps = [b.mag - a.mag for name in names for a, b in zip(of(name), of(name)[1:], strict=False)]
    free = len(points) - len(names)
    spread = sum((p.mag - m) ** 2 for p, m in deviations)
    ranges = [max(p.mag for p in of(name)) - min(p.mag for p in of(name)) for name in names]
    out = {
        **start(rows, limits),
        "rise_mag_per_day": -rise[0],
        "rise_error_mag_per_day": rise[1],
        "fade_mag_per_day": fade[0],
        "fade_error_mag_per_day": fade[1],
        "recent_rise_mag_per_day": -pooled[0],
        "recent_rise_error_mag_per_day": pooled[1],
        "main_band_rise_mag_per_day": -alone[0],
        "main_band_rise_error_mag_per_day": alone[1],
        "night_to_night_rise_mag": ratio(sum(d / v for d, v in changes), change_weight),
        "night_to_night_rise_error_mag": change_weight**-0.5 if changes else NAN,
        "in_night_rise_mag_per_day": -in_night[0],
        "in_night_rise_error_mag_per_day": in_night[1],
        "days_since_peak": now - end - peak.mjd,
        "peak_mag": peak.mag,
        "amplitude_mag": max((r for r in ranges if r > 0), default=NAN),
        "reduced_chi2": ratio(sum(((p.mag - m) / p.error) ** 2 for p, m in weighted), free),
        "roughness": ratio(sum(step**2 for step in steps), spread) if free > 1 else NAN,
        **colours(points, about["ebv"]),
    }
    coefficient = band_of(main).extinction
    dust = about["ebv"] * coefficient if about["ebv"] >= 0 else NAN
    modulus = float(distance.distance_modulus(best_redshift(host, for_distance=True)))
    return out | {"peak_absolute_mag": peak.mag - dust - modulus}


def start(rows, limits):
    first = rows[0].mjd
    mag = [row.size for row in rows if row.mjd == first][-1]
    before = [(first - mjd, depth) for mjd, depth in limits if 0 < first - mjd <= 30 and depth == depth]
    nearest = min((age for age, _ in before), default=NAN)
    return {
        "limit_to_first_mag": max((depth - mag for age, depth in before if age == nearest), default=NAN),
        "limit_to_first_days": nearest,
        "rise_from_limits_mag_per_day": max(
            ((depth - mag) / age for age, depth in before if age >= 0.5), default=NAN
        ),
    }


def colours(points, ebv):
    def true(p):
        return p.mag - ebv * band_of(p.band).extinction if ebv >= 0 else NAN

    usable = [p for p in points if not math.isnan(true(p) + band_of(p.band).wavelength_nm)]
    together = [
        p.mjd
        for i, p in enumerate(usable)
        if any(q.band != p.band and p.mjd - q.mjd <= 1.5 for q in usable[:i])
    ]
    now = [p for p in usable if together and 0 <= together[-1] - p.mjd <= 1.5]
    slope, error = line([(0, math.log10(band_of(p.band).wavelength_nm), true(p), p.error) for p in now], 1e-6)
    to_gr = math.log10(619.6 / 479.7)
    out = {"colour_as_g_r_mag": -slope * to_gr, "colour_as_g_r_error_mag": error * to_gr}
    for blue, red in PAIRS:
        two = [p for p in points if p.band in (blue, red)]
        colour = error = NAN
        for i, later in enumerate(two):
            others = [p for p in two[:i] if p.band != later.band]
            if others and later.mjd - others[-1].mjd <= 1.5:
                pair = {later.band: true(later), others[-1].band: true(others[-1])}
                colour = pair[blue] - pair[red]
                error = math.hypot(later.error, others[-1].error) if colour == colour else NAN
        out[f"colour_{blue}_{red}_mag"], out[f"colour_{blue}_{red}_error_mag"] = colour, error
    return out


def place(seen, night, about):
    rows = [row for row in seen if row.ra == row.ra and row.dec == row.dec]
    if not rows:
        return dict.fromkeys(PLACE_NAMES, NAN)
    here = rows[-1]

    def offset(row):
        turn = (row.ra - here.ra + 180.0) % 360.0 - 180.0
        return turn * 3600 * math.cos(math.radians(here.dec)), (row.dec - here.dec) * 3600

    def scatter(chosen, weights):
        if len(chosen) < 2:
            return NAN
        total = 0.0
        for axis in (0, 1):
            values = [offset(row)[axis] for row in chosen]
            centre = mean(values, weights)
            total += sum(w * (v - centre) ** 2 for v, w in zip(values, weights, strict=True))
        return math.sqrt(total / (2 * (len(chosen) - 1)))

    def motion(chosen):
        n = len(chosen)
        ones = [1.0] * n
        if not n:
            return NAN, NAN
        t = [row.mjd - seen[-1].mjd for row in chosen]
        t = [one - mean(t, ones) for one in t]
        stt = sum(one**2 for one in t)
        if not stt > 1e-6 * n:
            return NAN, NAN
        speeds, left = [], 0.0
        for axis in (0, 1):
            values = [offset(row)[axis] for row in chosen]
            values = [v - mean(values, ones) for v in values]
            speed = sum(a * b for a, b in zip(t, values, strict=True)) / stt
            left += sum((v - speed * one) ** 2 for v, one in zip(values, t, strict=True))
            speeds.append(speed)
        return math.hypot(*speeds), math.sqrt(left / (2 * (n - 2)) / stt) if n > 2 else NAN

    fwhm = about["fwhm_arcsec"]
    told = [row for row in rows if math.isfinite(row.sn * fwhm)]
    weights = [1 / (0.1**2 + (0.6 * fwhm / row.sn) ** 2) for row in told]
    speed, tonight = motion(rows), motion([row for row in rows if night(row) == 0])
    return {
        "position_scatter_arcsec": scatter(rows, [1.0] * len(rows)),
        "position_scatter_in_errors": scatter(told, weights),
        "position_error": scatter(rows, [1.0] * len(rows)) / math.sqrt(len(rows)),
        "motion_arcsec_per_day": speed[0],
        "motion_error_arcsec_per_day": speed[1],
        "in_night_motion_arcsec_per_day": tonight[0],
        "in_night_motion_error_arcsec_per_day": tonight[1],
    }


def history(seen, points, night, about):
    end = about["t0_mjd"] - 5
    rows = [row for row in seen if row.mjd < end]
    old = [row for row in points if row.mjd < end]
    weights = [row.dflux**-2 for row in old]
    chi2 = 0.0
    for name in {row.band for row in old}:
        own = [row for row in old if row.band == name]
        centre = mean([row.flux for row in own], [row.dflux**-2 for row in own])
        chi2 += sum(((row.flux - centre) / row.dflux) ** 2 for row in own)
    above = len([row for row in old if row.flux > 3 * row.dflux])
    return {
        "n_detections_before": len(rows) if end == end else NAN,
        "n_nights_before": len({night(row) for row in rows}) if end == end else NAN,
        "n_negative_before": len([row for row in rows if row.mag < 0]) if end == end else NAN,
        "span_before_days": rows[-1].mjd - rows[0].mjd if rows else NAN,
        "forced_before_signal_to_noise": ratio(
            sum(w * row.flux for w, row in zip(weights, old, strict=True)), root(sum(weights))
        ),
        "forced_before_reduced_chi2": ratio(chi2, len(old) - len({row.band for row in old})),
        "n_forced_before_above_3_sigma": above if old else NAN,
        "forced_signal_to_noise_latest": points[-1].flux / points[-1].dflux if points else NAN,
    }


def best_redshift(host, for_distance):
    direct = float(distance.redshift_of_distance(host["direct_distance_mpc"]))
    implied = float(distance.redshift_of_distance(host["distance_mpc"]))
    measured = [z if z > 0 else NAN for z in (host["z"], host["photoz"])]
    order = [direct, *measured, implied] if for_distance else [*measured, direct, implied]
    return next(iter(known(order)), NAN)


def beside(host, about, out):
    apart = host["separation_arcsec"]
    if math.isnan(apart):
        apart = math.hypot(host["north_arcsec"], host["east_arcsec"])
    z = best_redshift(host, for_distance=True)
    centre = max(known([0.5, about["fwhm_arcsec"] / 4, out.pop("position_error", NAN)]))
    axis = host["major_axis_arcsec"]
    kinds = ["unknown", "none", "galaxy", "star", "agn", "cv"]
    kind = kinds[int(host["kind"])]
    return {
        **{f"host_is_{one}": NAN if kind == "unknown" else float(kind == one) for one in kinds[2:]},
        "host_separation_arcsec": apart,
        "host_separation_kpc": apart * float(distance.kpc_per_arcsec(z)),
        "host_separation_in_sizes": apart / axis if axis > 0 else NAN,
        "host_is_nuclear": float(apart < centre) if apart == apart else NAN,
        "host_mag": host["mag"],
        "host_colour_mag": host["colour"],
        "host_redshift": best_redshift(host, for_distance=False),
        "host_absolute_mag": host["mag"] - float(distance.distance_modulus(z)),
        "peak_less_host_mag": out.pop("peak_mag") - host["mag"],
        "n_other_matches_near": host["n_other_near"],
    }


PLACE_NAMES = (
    "position_scatter_arcsec position_scatter_in_errors motion_arcsec_per_day motion_error_arcsec_per_day "
    "in_night_motion_arcsec_per_day in_night_motion_error_arcsec_per_day"
).split()
COURSE_NAMES = (
    "limit_to_first_mag limit_to_first_days rise_from_limits_mag_per_day rise_mag_per_day "
    "rise_error_mag_per_day fade_mag_per_day fade_error_mag_per_day recent_rise_mag_per_day "
    "recent_rise_error_mag_per_day main_band_rise_mag_per_day main_band_rise_error_mag_per_day "
    "night_to_night_rise_mag night_to_night_rise_error_mag in_night_rise_mag_per_day "
    "in_night_rise_error_mag_per_day days_since_peak peak_mag amplitude_mag reduced_chi2 roughness "
    "colour_as_g_r_mag colour_as_g_r_error_mag peak_absolute_mag"
).split() + [f"colour_{pair[0]}_{pair[1]}_{what}" for pair in PAIRS for what in ("mag", "error_mag")]
