"""Options of the configuration: one dataclass a section, each option with default, choices and meaning.

These are dataclasses and not models of pydantic: the screen reads them at every start, and pydantic would add
a tenth of a second to it (docs/architecture.md has the figures).
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

from vra_tui.config.policies import DEFAULT
from vra_tui.ranking.followup import FollowUpRule
from vra_tui.ranking.lists import ALL, LIST_ORDER
from vra_tui.ranking.policy import Policy


def option(
    default: Any, meaning: str, *, choices: tuple[str, ...] = (), at_least: float | None = None
) -> Any:
    """A field of a section; its options are true or false, numbers or texts, as ``default`` is.

    ``choices``: the texts that it may be (none: any). ``at_least``: the smallest number that it may be.
    """
    return field(default=default, metadata={"meaning": meaning, "choices": choices, "at_least": at_least})


# The screen's own names stand here as plain texts; a test holds them to what the screen offers.


@dataclass(frozen=True)
class ScreenOptions:
    """``[screen]``: how the screen looks, and what it opens."""

    theme: str = option("auto", "colours", choices=("auto", "dark", "light", "contrast", "terminal"))
    list: str = option(
        "eyeball", "the list opened first", choices=(*(name.value for name in LIST_ORDER), ALL)
    )
    sort: str = option(
        "urgency",
        "its order",
        choices=("rank", "urgency", "newest", "brightest", "rising", "uncertain", "nearest"),
    )
    mouse: bool = option(True, "whether the screen takes the mouse; without it the terminal selects text")
    bell: bool = option(True, "whether a new alert on the fast track rings the bell")
    blind: bool = option(False, "whether others' votes on a second opinion are hidden until you voted")
    passthrough: bool = option(
        False, "whether notifications are wrapped for tmux, which must allow passthrough"
    )
    keys: str = option("atlas", "key preset", choices=("atlas", "accept"))
    images: str = option(
        "auto",
        "stamps: in half blocks, or as pixels on the full screen where the terminal can",
        choices=("auto", "blocks", "kitty", "off"),
    )


@dataclass(frozen=True)
class CurveOptions:
    """``[curve]``: how light curves are drawn first; keys change it."""

    window: str = option("auto", "days shown", choices=("auto", "5", "15", "100", "all"))
    flux: bool = option(False, "flux instead of magnitudes")
    forced: bool = option(False, "whether forced photometry is shown")
    nightly: bool = option(False, "one point a night instead of every exposure")
    mjd: bool = option(False, "MJD instead of days since t0 below the light curve")
    ascii: bool = option(False, "light curves in plain letters")


@dataclass(frozen=True)
class StampOptions:
    """``[stamps]``: which stamps `vra doctor --prune` leaves."""

    days: float = option(60.0, "days for which stamps are kept after they came", at_least=0.0)
    megabytes: float = option(
        2_000.0,
        "megabytes that stamps may take, without those of follow-up, good and possible",
        at_least=0.0,
    )


@dataclass(frozen=True)
class GwOptions:
    """``[gw]``: which alerts may belong to an event with a sky map, and where maps are fetched."""

    days_before: float = option(1.0, "days before an event from which an alert's t0 may belong", at_least=0.0)
    days_after: float = option(30.0, "days after an event up to which an alert's t0 may belong", at_least=0.0)
    level: float = option(0.9, "the credible level, 0 to 1, up to which alerts are listed", at_least=0.0)
    server: str = option("https://gracedb.ligo.org", "where `vra gw add` fetches the maps of superevents")


@dataclass(frozen=True)
class LiftOptions:
    """``[lift]``: what lifts an alert to the fast track, whatever its scores."""

    rule: str = option("", "filter words that lift an alert to the fast track; | stands between alternatives")


@dataclass(frozen=True)
class TnsOptions:
    """``[tns]``: who reports to the Transient Name Server, and how."""

    reporter: str = option("", "reporters, as their names shall stand in reports and notes")
    reporting_group: float = option(0.0, "your group's number at the TNS", at_least=0.0)
    data_source: float = option(0.0, "number of the group whose data they are; 0: the survey's", at_least=0.0)
    internal_name: str = option("", "internal names, of {object_id}, {name}, {survey}; empty: the survey's")
    observer: str = option("Robot", "who observed")
    remarks: str = option("", "remarks on every report")
    proprietary_days: float = option(0.0, "days for which reports are hidden", at_least=0.0)
    proprietary_groups: str = option("", "groups that see them before, by number with commas between")
    points: float = option(10.0, "measurements in a report, at most", at_least=1.0)
    min_detections: float = option(2.0, "detections below which a report warns", at_least=1.0)
    spelling: str = option("flat", "keys of the report's JSON: flat, grouped, or a file of your own")
    astronote: str = option("", "template of AstroNotes, a file; empty: those of the program")


#: What the thresholds of `ranking.policy` and `ranking.followup` mean, by their names there.
_THRESHOLDS: Mapping[str, str] = {
    "policy.extragalactic_rank": "ranks above it are extragalactic candidates",
    "policy.galactic_rank": "galactic candidates with a lower rank are not shown as such",
    "policy.nearby_mpc": "hosts within so many Mpc put an alert on the fast track",
    "policy.fast_rank": "ranks above it are on the fast track, if P(fast) is high enough",
    "policy.fast_probability": "the P(fast) that is high enough",
    "policy.followup_weight": "how far P(worth following up) lifts the rank: 0 not at all, to 1",
    "policy.garbage_rank_at_entry": "at the first visit, ranks below it are garbage",
    "policy.garbage_max_rank_at_second_visit": "at the second visit, highest ranks below it are garbage",
    "policy.garbage_mean_rank_later": "at later visits, mean ranks below it are garbage",
    "policy.purgatory_after_days": "days after t0 from which what nobody decided is in purgatory",
    "policy.night_floor": "a unit that raises no more alerts a night than this is never held back",
    "policy.night_factor": "so many times its usual number make a night of a unit unusual",
    "policy.night_cap": "so many alerts of a unit are shown on an unusual night",
    "followup.rank": "ranks above it are worth follow-up",
    "followup.fast_probability": "the P(fast) from which follow-up is asked for now",
    "followup.nearby_mpc": "hosts within so many Mpc are near",
    "followup.now_mag": "magnitude bright enough for a spectrum tonight",
    "followup.now_days": "days since t0 within which follow-up is asked for now",
    "followup.bright_mag": "magnitude bright enough for a candidate without a near host",
}


@dataclass(frozen=True)
class Option:
    """One thing that can be configured: ``section.key``, its default, choices (none: any) and meaning."""

    name: str
    default: bool | float | str
    meaning: str
    choices: tuple[str, ...] = ()
    at_least: float | None = None

    @property
    def section(self) -> str:
        """The section in which it stands."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """Its name within the section."""
        return self.name.partition(".")[2]

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "VRA_" + self.name.replace(".", "_").upper()


def _option(section: str, one: "Field[Any]") -> Option:
    name = f"{section}.{one.name}"
    if name in _THRESHOLDS:
        return Option(name, float(one.default), _THRESHOLDS[name])  # type: ignore[arg-type]
    return Option(name, one.default, **one.metadata)  # type: ignore[arg-type]


#: The sections of the file with options of fixed names, and what each of them is read into.
SECTIONS: Mapping[str, type] = {
    "screen": ScreenOptions,
    "curve": CurveOptions,
    "stamps": StampOptions,
    "policy": Policy,
    "followup": FollowUpRule,
    "gw": GwOptions,
    "lift": LiftOptions,
    "tns": TnsOptions,
}

#: The policy whose thresholds hold where ``[policy]`` names none.
POLICY_BASE = Option("policy.base", DEFAULT, "a policy by name or file; what follows changes it")

#: Every option by its name, in the order in which they are shown.
OPTIONS: Mapping[str, Option] = {
    one.name: one
    for section, kind in SECTIONS.items()
    for one in (
        *([POLICY_BASE] if section == POLICY_BASE.section else []),
        *(_option(section, each) for each in fields(kind)),
    )
}
