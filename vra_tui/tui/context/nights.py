"""The nights ahead: hours in the dark tonight and in the coming weeks, and the Moon."""

import numpy as np

from vra_tui.domain.moon import moonlight
from vra_tui.domain.observability import MINIMUM_HOURS, Nights, first_up, hours_up, strip
from vra_tui.domain.times import date_of_mjd
from vra_tui.store.insight_table import Insight
from vra_tui.text import printable
from vra_tui.tui.context.facts import AlertFacts
from vra_tui.tui.context.section import Part, Row, Section

#: Nights of the strip: the coming weeks.
_NIGHTS = 60
_STRIP = 15
#: The Moon disturbs where it stands nearer than this, degrees, and is lit by more than that.
_NEAR, _LIT = 30.0, 0.25


def nights_section(facts: AlertFacts) -> Section:
    """Hours tonight and from when, the coming weeks, when its window ends; then the Moon."""
    nights, row = facts.nights, facts.detail.row
    if nights is None:
        return Section("nights")
    coming = nights.since(nights.first_night, min(_NIGHTS, len(nights)))
    hours = hours_up(coming, [row.ra], [row.dec])[:, 0].max(axis=0)
    is_up = hours >= MINIMUM_HOURS
    if not is_up.any():
        return Section("nights", glance=[[[(f"not up for {len(hours)} nights", "value")]]], is_right=True)
    part: Part = [(strip(hours, _STRIP), "spark")]
    end = _end(facts.detail.insight, nights)
    if end and is_up[0]:
        part.append((f" {end}", "value"))
    tonight = _tonight(facts, nights) if is_up[0] else []
    if not tonight:
        tonight = [(f"up in {_in_nights(nights, int(np.argmax(is_up)))}", "value")]
    moon, is_near = _moon(facts, nights)
    row_of_moon: list[Row] = [moon]
    glance: Row = [tonight, part, *(moon if is_near else [])]
    return Section(
        "nights",
        glance=[glance],
        rest=[] if is_near else row_of_moon,
        whole=[[tonight, part], moon],
        is_right=True,
    )


def _tonight(facts: AlertFacts, nights: Nights) -> Part:
    row = facts.detail.row
    found = first_up(nights, row.ra, row.dec, nights.first_night)
    if found is None:
        return []
    site, begin, hours = found
    minutes = round(begin % 1.0 * 1440.0) % 1440
    return [
        (f"{hours:.1f} h", "strong"),
        (f" from {minutes // 60:02d}:{minutes % 60:02d} UT, {printable(site.name, 16)}", "value"),
    ]


def _end(insight: Insight | None, nights: Nights) -> str:
    if insight is None or insight.window_ends_mjd is None:
        return ""
    left = insight.window_ends_mjd - nights.first_night
    return f"ends in {_in_nights(nights, int(left))}" if left > 0 else ""


def _in_nights(nights: Nights, count: int) -> str:
    """So many nights, and the date then."""
    day = date_of_mjd(nights.first_night + count)
    return f"{count} {'night' if count == 1 else 'nights'}, {day.day} {day:%b}"


def _moon(facts: AlertFacts, nights: Nights) -> tuple[Row, bool]:
    """How far the Moon stands tonight and how much of it is lit; whether it disturbs, or when it will."""
    row = facts.detail.row
    count = min(30, len(nights))
    times = (
        nights.first_night
        - float(np.mean([site.longitude for site in nights.sites])) / 360.0
        + np.arange(count)
    )
    light = moonlight(times, row.ra, row.dec)
    away, lit = float(light.separation[0]), float(light.lit[0])
    is_near = (light.separation < _NEAR) & (light.lit > _LIT)
    words: Row = [
        [("Moon ", "dim"), (f"{away:.0f}° away, {100 * lit:.0f} % lit", "warn" if is_near[0] else "value")]
    ]
    if is_near.any() and not is_near[0]:
        words.append([(f"near and bright in {_in_nights(nights, int(np.argmax(is_near)))}", "value")])
    return words, bool(is_near[0])
