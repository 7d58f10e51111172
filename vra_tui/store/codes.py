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


_Table = tuple[NDArray[np.uint8], NDArray[np.uint8]]


class Codes:
    """Codes of the store's instruments and bands. Ask for new ones outside of a transaction.

    A name seen for the first time gets its code in a transaction of its own, before anything is packed with
    it: whoever else writes meanwhile has it too, or has given it another code, which is then taken.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._instruments = self._read_instruments()
        self._bands = self._read_bands()
        #: By survey, and an alert's instruments and bands: most alerts of a stream name the same.
        self._tables: dict[tuple[str, tuple[str, ...], tuple[str, ...]], _Table] = {}

    def recoded(self, alert: Alert) -> LightCurve:
        """The alert's light curve with the store's codes in place of the alert's own."""
        names = (alert.survey, alert.instruments, alert.bands)
        if names not in self._tables:
            self._tables[names] = self.table(
                alert.survey, dict(enumerate(alert.instruments)), dict(enumerate(alert.bands))
            )
        instruments, bands = self._tables[names]
        curve = alert.light_curve
        return LightCurve(
            curve.detections.recoded(instruments, bands),
            curve.nondetections.recoded(instruments, bands),
            curve.forced.recoded(instruments, bands),
            # Other codes of several instruments may be in another order.
            is_settled=curve.is_settled and len(alert.instruments) < 2,
        )

    def table(self, survey: str, instruments: Mapping[int, str], bands: Mapping[int, str]) -> _Table:
        """The store's codes by others, of instruments and of bands; those are given with their names."""
        instrument_codes = np.full(_CODES, UNKNOWN, np.uint8)
        band_codes = np.full(_CODES, UNKNOWN_BAND, np.uint8)
        for code, name in instruments.items():
            instrument_codes[code] = self._instrument(survey, name)
        for code, name in bands.items():
            band_codes[code] = self._band(name)
        return instrument_codes, band_codes

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


def instrument_names(connection: sqlite3.Connection, survey: str | None = None) -> dict[int, str]:
    """Names of instruments by their code in packed light curves; of one survey, or of all."""
    query = "SELECT code, name FROM instruments WHERE ?1 IS NULL OR survey = ?1"
    return {code: name for code, name in connection.execute(query, (survey,))}
