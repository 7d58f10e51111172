"""Tell what an alert belongs to: its host among the catalogued sources near it, or a star."""

from collections.abc import Mapping, Sequence

import numpy as np

from vra_tui.domain import host_facts
from vra_tui.domain.hosts import AT_PLACE_ARCSEC, MOST_CHANCE, HostKind, chance_of_galaxy, kind_of
from vra_tui.store.detail import AlertDetail, StoredMatch

#: What is of our Galaxy.
STARS = frozenset({HostKind.STAR, HostKind.CV})


def kinds_of(detail: AlertDetail) -> dict[int, HostKind]:
    """What each catalogued source near an alert is, by its position among the matches."""
    told = detail.row.context_class or ""
    return {one.position: _kind(one, told if n == 0 else "") for n, one in enumerate(detail.matches)}


def belongs_to(matches: Sequence[StoredMatch], kinds: Mapping[int, HostKind]) -> StoredMatch | None:
    """The source that an alert belongs to, None where nothing near need have to do with it.

    Sherlock's choice; else a host at the place or one not there by chance; else a star at the place.
    """
    # Sherlock weighs all catalogues: its first match is what it says it is.
    if matches and matches[0].source == "sherlock":
        return matches[0]
    hosts = [one for one in matches if kinds[one.position] not in STARS]
    chance = {one.position: _chance(one) for one in hosts}
    likely = [one for one in hosts if chance[one.position] < MOST_CHANCE]
    if likely:
        return min(likely, key=lambda one: chance[one.position])
    return next((one for one in matches if _is_at_place(one)), None)


def _chance(one: StoredMatch) -> float:
    """How likely a galaxy as bright stands as near by chance; 0 at the place, or where none is told."""
    if one.separation_arcsec is None or _is_at_place(one):
        return 0.0
    told = host_facts.told_magnitude(host_facts.magnitudes(one.mag, one.mag_band, one.extra))
    if told is None:
        return 1.0
    return float(chance_of_galaxy(np.array([one.separation_arcsec]), np.array([told[1]]))[0])


def _kind(one: StoredMatch, context_class: str) -> HostKind:
    # Of Sherlock's first match its class of the alert tells what it is, where nothing else does.
    by_class = context_class if one.source == "sherlock" else ""
    return kind_of(
        association_type=one.association_type or by_class,
        object_type=one.object_type or "",
        catalogue=one.catalogue or "",
        matcher=one.source,
        star_score=one.star_score,
    )


def _is_at_place(one: StoredMatch) -> bool:
    return one.separation_arcsec is not None and one.separation_arcsec <= AT_PLACE_ARCSEC
