"""Give each instrument and each band a one-byte code, by which packed light curves name it."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vra_tui.domain.alert import Alert
from vra_tui.domain.light_curve import LightCurve
from vra_tui.store.transaction import transaction

#: Codes that a byte holds.
_CODES = 256
#: The code of an instrument that is not known, and of every one for which no code is left.
UNKNOWN = 0
#: The same for bands: the letter `?`.
UNKNOWN_BAND = ord("?")


class Codes:
    """Codes of the store's instruments and bands. Ask for new ones outside of a transaction.

    A name seen for the first time gets its code in a transaction of its own, before anything is packed with
    it: whoever else writes meanwhile has it too, or has given it another code, which is then taken.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._instruments = self._read_instruments()
        self._bands = self._read_bands()

    def recoded(self, alert: Alert) -> LightCurve:
        """The alert's light curve with the store's codes in place of the alert's own."""
        instruments = np.full(_CODES, UNKNOWN, np.uint8)
        bands = np.full(_CODES, UNKNOWN_BAND, np.uint8)
        for code, name in enumerate(alert.instruments):
            instruments[code] = self._instrument(alert.survey, name)
        for code, name in enumerate(alert.bands):
            bands[code] = self._band(name)
        return self._with_codes(alert.light_curve, instruments, bands)

    @staticmethod
    def _with_codes(
        curve: LightCurve, instruments: NDArray[np.uint8], bands: NDArray[np.uint8]
    ) -> LightCurve:
        return LightCurve(
            curve.detections.recoded(instruments, bands),
            curve.nondetections.recoded(instruments, bands),
            curve.forced.recoded(instruments, bands),
        )

    def _instrument(self, survey: str, name: str) -> int:
        if name == "?":
            return UNKNOWN
        key = (survey, name)
        if key not in self._instruments:
            with transaction(self._connection):
                self._instruments |= self._read_instruments()
                if key not in self._instruments:
                    code = _free(self._instruments, 0)
                    self._instruments[key] = UNKNOWN if code is None else code
                    if code is not None:
                        insert = "INSERT INTO instruments (code, survey, name) VALUES (?, ?, ?)"
                        self._connection.execute(insert, (code, survey, name))
        return self._instruments[key]

    def _band(self, name: str) -> int:
        if name not in self._bands:
            with transaction(self._connection):
                self._bands |= self._read_bands()
                if name not in self._bands:
                    code = _free(self._bands, 128)
                    self._bands[name] = UNKNOWN_BAND if code is None else code
                    if code is not None:
                        insert = "INSERT INTO bands (code, name) VALUES (?, ?)"
                        self._connection.execute(insert, (code, name))
        return self._bands[name]

    def _read_instruments(self) -> dict[tuple[str, str], int]:
        rows = self._connection.execute("SELECT survey, name, code FROM instruments")
        return {(survey, name): code for survey, name, code in rows}

    def _read_bands(self) -> dict[str, int]:
        return {name: code for name, code in self._connection.execute("SELECT name, code FROM bands")}


def _free(taken: Mapping[Any, int], first: int) -> int | None:
    codes = set(taken.values())
    return next((code for code in range(first, _CODES) if code not in codes), None)


def band_names(connection: sqlite3.Connection) -> dict[int, str]:
    """Names of bands by their code in packed light curves."""
    return {code: name for code, name in connection.execute("SELECT code, name FROM bands")}


def instrument_names(connection: sqlite3.Connection) -> dict[int, str]:
    """Names of instruments by their code in packed light curves."""
    return {code: name for code, name in connection.execute("SELECT code, name FROM instruments")}
