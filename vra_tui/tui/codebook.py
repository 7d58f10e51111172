"""Look up the codes in packed light curves and the properties of surveys, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from vra_tui.domain.bands import Band, band
from vra_tui.domain.light_curve import LightCurve
from vra_tui.errors import VraError
from vra_tui.store.listing import ListRow
from vra_tui.surveys import Surveys, installed_surveys
from vra_tui.surveys.base import Link
from vra_tui.text import printable
from vra_tui.tui.pages import is_safe

_NAN = float("nan")
#: Codes that need no table: a band of one letter has that letter's.
_LETTERS = {code: chr(code) for code in range(33, 127)}


@dataclass(frozen=True, eq=False)
class CodeBook:
    """Names of ``instruments`` and ``bands`` by the store's codes, and the ``surveys`` at hand."""

    instruments: Mapping[int, str] = field(default_factory=dict)
    bands: Mapping[int, str] = field(default_factory=lambda: _LETTERS)
    surveys: Surveys = field(default_factory=installed_surveys)

    @cached_property
    def _bands(self) -> dict[int, Band]:
        return {}

    def band(self, code: int) -> Band:
        """The band of a code; one that only looks are known of where nobody knows it."""
        found = self._bands.get(code)
        if found is None:
            found = self._bands[code] = band(self.bands.get(code, "?"))
        return found

    def band_name(self, code: int) -> str:
        """The name of a band, fit for a terminal."""
        return self.band(code).name or "?"

    def instrument(self, code: int) -> str:
        """The name of an instrument, fit for a terminal."""
        return printable(self.instruments.get(code), 20) or "?"

    @cached_property
    def longitude(self) -> Sequence[float]:
        """Degrees east of each of 256 instrument codes; NaN where the site is not known."""
        east = {site.instrument: site.longitude for name in self.surveys for site in self.surveys[name].sites}
        return tuple(east.get(self.instruments.get(code, ""), _NAN) for code in range(256))

    def knows(self, curve: LightCurve) -> bool:
        """Tell whether every code of a light curve is known: another program may have given new ones."""
        return all(
            int(code) in known
            for section in curve.sections
            for codes, known in ((section.band, self.bands), (section.instrument, self.instruments))
            for code in np.flatnonzero(np.bincount(codes, minlength=1))
        )

    def links(self, survey: str, object_id: str, names: Mapping[str, str | None]) -> Sequence[Link]:
        """Pages about an object, as its survey gives them; none where no such survey is at hand.

        Addresses that are not https, or hold what no address does, are left out.
        """
        try:
            found = self.surveys[survey].links(object_id, names)
        except VraError:
            return ()
        return [one for one in found if is_safe(one.url)]

    def page(self, row: ListRow) -> str | None:
        """The address of the survey's own page of an alert; None where there is none."""
        pages = self.links(row.survey, row.object_id, {"name": row.name, "other_name": row.other_name})
        return pages[0].url if pages else None

    def score_name(self, survey: str) -> str:
        """Return what a survey's real/bogus score is called."""
        try:
            return printable(self.surveys[survey].score_name, 20)
        except VraError:
            return "score"
