"""Test alerts for every new model: famous supernovae as the survey may have first seen them.

Looked up were the host, redshift and extinction of SN2023zaw and the position, host and discovery magnitudes
of SN2023zcu. The other positions, redshifts, offsets, extinctions and magnitudes are remembered values, near
the published ones but not checked against them; counts, scatter and the real/bogus score are plausible for a
source of that brightness. None of it is a measurement of this survey's. A model that ranks one of them low
would have missed the transient of its year, whatever its AuRaK.
"""

from dataclasses import dataclass

import numpy as np

from vra_tui.features.table import DAYN_FEATURES, FeatureTable


@dataclass(frozen=True)
class FamousTransient:
    """A transient: J2000 degrees, host redshift and offset in arcsec, E(B-V), magnitudes early and later."""

    name: str
    ra: float
    dec: float
    z: float
    offset: float
    ebv: float
    early: float
    later: float


#: Not a catalogue: the module's first lines say which of these were looked up and which are remembered.
#: The position of SN2023zaw is good to some tenths of a degree only; its host is UGC 03048.
FAMOUS: tuple[FamousTransient, ...] = (
    FamousTransient("AT2018cow", 244.0009, 22.2680, 0.0141, 6.0, 0.08, 14.7, 13.9),
    FamousTransient("SN2018zd", 94.5133, 78.3670, 0.0030, 110.0, 0.08, 17.8, 14.5),
    FamousTransient("SN2023ixf", 210.9107, 54.3117, 0.0008, 264.0, 0.01, 14.9, 11.2),
    FamousTransient("SN2023zaw", 68.0, 70.4, 0.0101, 20.0, 0.21, 19.3, 18.7),
    FamousTransient("SN2023zcu", 90.2785, -23.6748, 0.0060, 17.0, 0.03, 19.05, 16.0),
    FamousTransient("SN2024ggi", 169.5920, -32.8376, 0.0024, 110.0, 0.07, 18.9, 13.5),
)

# Exposures with and without a detection in the five days up to t0: the first night, and a night later.
_FIRST_NIGHT, _SECOND_NIGHT = (4, 8), (7, 9)


@dataclass(frozen=True)
class Probe:
    """How one famous transient is presented."""

    of: FamousTransient
    second_night: bool
    host_redshift: bool
    rb_pix: float

    @property
    def name(self) -> str:
        """What it is called on the card."""
        night = "second night" if self.second_night else "first night"
        host = "host with z" if self.host_redshift else "host without z"
        return f"{self.of.name}, {night}, {host}, rb_pix {self.rb_pix:g}"


def famous_probes() -> tuple[Probe, ...]:
    """Every famous transient on two nights, with and without a redshift, well and fairly well seen."""
    return tuple(
        Probe(famous, second_night, host_redshift, rb_pix)
        for famous in FAMOUS
        for second_night in (False, True)
        for host_redshift in (True, False)
        for rb_pix in (0.999, 0.95)
    )


def probe_table(probes: tuple[Probe, ...]) -> FeatureTable:
    """The probes' features, day-1 and visit ones, seen on the third day after t0; ids count from 0."""
    rows = [_features(probe) for probe in probes]
    values = np.array([[row[name] for name in DAYN_FEATURES] for row in rows])
    return FeatureTable(np.arange(len(probes), dtype=np.int64), DAYN_FEATURES, values)


def _features(probe: Probe) -> dict[str, float]:
    famous = probe.of
    detections, limits = _SECOND_NIGHT if probe.second_night else _FIRST_NIGHT
    mag = famous.later if probe.second_night else famous.early
    # Astrometric scatter grows as a source fades towards the limit: 0.2 arcsec at 15, 0.5 at 19.
    scatter = float(np.clip(-4.25 + 0.1 * (mag - 15), -4.4, -3.8))
    return {
        "Nnondet_std": 0.0,
        "Nnondet_mean": 0.25,
        "magdet_std": 0.25 if probe.second_night else 0.1,
        "DET_Nsince_min5d": detections,
        "NON_Nsince_min5d": limits,
        "log10_std_ra_min5d": scatter - float(np.log10(np.cos(np.radians(famous.dec)))),
        "log10_std_dec_min5d": scatter,
        "DET_mag_median_min5d": mag,
        "ra": famous.ra,
        "dec": famous.dec,
        "rb_pix": probe.rb_pix,
        "z": famous.z if probe.host_redshift else np.nan,
        "photoz": np.nan,
        "ebv_sfd": famous.ebv,
        "log10_sep_arcsec": float(np.log10(famous.offset)),
        "CV": 0.0,
        "dayN": 3,
        "DET_mag_median": famous.later,
        "DET_N_total": detections + 8,
        "NON_mag_median": 18.5,
        "NON_N_total": limits + 2,
        "max_mag": min(mag, famous.later),
        "max_mag_day": 2,
    }
