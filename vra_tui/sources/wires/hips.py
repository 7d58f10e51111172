"""Pictures of the field from sky surveys (hips2fits of the CDS): what lies around an alert of any survey."""

import io
import warnings
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from vra_tui.domain.alert import Alert, Stamp, StampKind
from vra_tui.domain.refusal import Refusal
from vra_tui.sources.wires.base import (
    Answered,
    ServerOptions,
    SourceSettings,
    Target,
    Tools,
    Wire,
    options_of,
)
from vra_tui.sources.wires.http import Body, Http
from vra_tui.surveys.base import Packet

_BASE = "https://alasky.cds.unistra.fr/hips-image-services/"
_MOST_BYTES = 8 << 20
_BEGINS = {"fits": b"SIMPLE  =", "jpg": b"\xff\xd8\xff"}
#: A place that every survey of the whole sky has: M1.
_KNOWN_PLACE = (83.6331, 22.0145)


class HipsOptions(ServerOptions):
    """Which surveys are asked, in this order until one has the place, and for how large a picture."""

    #: Names of HiPS as the CDS lists them; FITS needs those of one band.
    hips: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)] = (
        "CDS/P/PanSTARRS/DR1/r",
        "CDS/P/DSS2/red",
    )
    #: Width and height: arcsec, and pixels.
    arcsec: Annotated[float, Field(ge=5, le=1800)] = 60.0
    pixels: Annotated[int, Field(ge=16, le=512)] = 120
    format: Literal["fits", "jpg"] = "fits"


class Hips(Wire):
    """hips2fits: a picture of any place on the sky, which becomes the context stamp of an alert."""

    kind: ClassVar[str] = "hips"
    adds: ClassVar[frozenset[str]] = frozenset({"picture"})

    def __init__(self, settings: SourceSettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._options = options_of(settings, HipsOptions)
        self._http = Http.of(self._options, tools, _BASE)

    def check(self) -> Answered:
        """Ask for a small picture of a place that is known."""
        self._picture(self._options.hips[-1], *_KNOWN_PLACE, pixels=16)
        return self._http.answered()

    def add_to(self, what: str, target: Target) -> Iterator[Packet | Refusal]:
        """The picture of an alert's field, from the first survey that has the place."""
        position = f"picture at {target.survey}:{target.object_id}"
        for name in self._options.hips:
            body = self._picture(name, target.ra, target.dec, self._options.pixels)
            if not body.content.startswith(_BEGINS[self._options.format]):
                reason = f"what {name} sent is no {self._options.format.upper()}"
                yield Refusal(self.name, position, reason, target.object_id)
                continue
            if self._options.format == "fits" and not _shows_something(body.content):
                continue
            digest, known = self._digest(target, body)
            if known:
                yield Packet(self.name, position, None, digest=digest, is_repeat=True)
                return
            about = {"hips": name, "arcsec": self._options.arcsec, "format": self._options.format}
            alert = Alert(
                target.survey,
                target.object_id,
                as_of=target.seen_mjd,
                stamps=(Stamp(StampKind.CONTEXT, body.content, target.seen_mjd),),
                extra={"picture": about},
            )
            yield Packet(self.name, position, alert, form="alert", size=len(body.content), digest=digest)
            return

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _picture(self, name: str, ra: float, dec: float, pixels: int) -> Body:
        asked = {
            "hips": name, "ra": ra, "dec": dec, "fov": self._options.arcsec / 3600.0,
            "width": pixels, "height": pixels, "projection": "TAN", "format": self._options.format,
        }  # fmt: skip
        return self._http.get("hips2fits", asked, most_bytes=_MOST_BYTES)

    def _digest(self, target: Target, body: Body) -> tuple[bytes, bool]:
        # The same picture may belong to two alerts at one place.
        whose = f"{target.survey}:{target.object_id}\0".encode()
        digest = self.tools.reading.digest(whose + body.content)
        return digest, self.tools.reading.is_known(digest)


def _shows_something(content: bytes) -> bool:
    """Whether a FITS picture has light in it: beyond a survey's edge it is NaN, or all the same."""
    import numpy as np
    from astropy.io import fits

    try:
        with warnings.catch_warnings(action="ignore"), fits.open(io.BytesIO(content)) as opened:
            data = np.asarray(opened[0].data, dtype=float)
    except (OSError, ValueError, TypeError, IndexError):
        return False
    known = data[np.isfinite(data)]
    return known.size > data.size / 2 and float(np.ptp(known)) > 0.0
