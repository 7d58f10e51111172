"""Pydantic models of the ATLAS API's object; unknown keys are kept beside.

Only what identifies an alert and places it on the sky and in time is required; every section may be
missing or null, and keys that are not understood here are kept as they came.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, model_validator

from vra_tui.domain.distance import MAX_REDSHIFT
from vra_tui.domain.refusal import shown

#: Texts of the survey are short; one longer than this is cut, so that a list of names can be held in memory.
MAX_TEXT = 10_000


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value and value[:MAX_TEXT]
    if isinstance(value, int | float):
        return str(value)
    raise ValueError("this is not text")


def _is_out(key: str, value: object) -> bool:
    """Tell whether a finite number lies where none can; what is none is for the model to refuse."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        number = float(value)
    except ValueError:
        return False
    except OverflowError:  # a whole number that no float holds
        return True
    low, high = RANGES[key]
    return math.isfinite(number) and not low <= number <= high


Text = Annotated[str | None, BeforeValidator(_text)]
Number = Annotated[float | None, Field(allow_inf_nan=False)]
#: A whole number that the store can hold.
Whole = Annotated[int | None, Field(ge=-(2**63), lt=2**63)]


_ARCSEC = (0.0, 648_000.0)
_OFFSET = (-648_000.0, 648_000.0)
_MAG = (-60.0, 60.0)
_REDSHIFT = (-1.0, MAX_REDSHIFT)
#: Between what a number can lie, by the survey's name for it. What lies outside is no measurement (-999, an
#: overflow): it is missing, and what stood there is kept with the keys that are not understood.
RANGES: dict[str, tuple[float, float]] = {
    "rb_pix": (-1e3, 1e3),
    "realbogus_factor": (-1e6, 1e6),
    "separationarcsec": _ARCSEC,
    "separation": _ARCSEC,
    "northseparationarcsec": _OFFSET,
    "eastseparationarcsec": _OFFSET,
    "major_axis_arcsec": _ARCSEC,
    "z": _REDSHIFT,
    "photoz": _REDSHIFT,
    "host_z": _REDSHIFT,
    "object_z": _REDSHIFT,
    "photozerr": (0.0, 1e3),
    "distance": (0.0, 1e6),
    "direct_distance": (0.0, 1e6),
    "physical_separation_kpc": (0.0, 1e9),
    "radeg": (0.0, 360.0),
    "decdeg": (-90.0, 90.0),
    "mag": _MAG,
}
#: Under this key stands what was out of range.
OUT_OF_RANGE = "out_of_range"


class _Section(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _out_of_range_is_missing(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        wrong = {
            key: shown(values[key]) for key in RANGES.keys() & values.keys() if _is_out(key, values[key])
        }
        if not wrong:
            return values
        # Left out, not null: null would erase what an earlier response said.
        return {key: value for key, value in values.items() if key not in wrong} | {OUT_OF_RANGE: wrong}

    @property
    def extra(self) -> dict[str, Any]:
        """The keys that this model does not name, without nulls."""
        return {key: value for key, value in (self.model_extra or {}).items() if value is not None}

    @property
    def nulls(self) -> frozenset[str]:
        """The keys that this model does not name and that are null."""
        return frozenset(key for key, value in (self.model_extra or {}).items() if value is None)


def _whole_id(value: object) -> object:
    # JavaScript clients deliver ids as strings, since their numbers are floats.
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


class ObjectHeader(_Section):
    """Section ``object``: identity, position, and when it entered the eyeball list."""

    id: Annotated[StrictInt, BeforeValidator(_whole_id)]
    ra: float = Field(ge=0.0, lt=360.0, allow_inf_nan=False)
    dec: float = Field(ge=-90.0, le=90.0, allow_inf_nan=False)
    followup_flag_date: datetime | None = None
    sherlock_class: Text = Field(None, alias="sherlockClassification")
    name: Text = Field(None, alias="atlas_designation")
    other_name: Text = Field(None, alias="other_designation")
    rb_pix: Number = None
    realbogus_factor: Number = None
    detection_list_id: Whole = None
    trend: Text = Field(None, alias="current_trend")
    comments: Text = Field(None, alias="local_comments")
    date_modified: Text = None

    @model_validator(mode="after")
    def _id_has_19_digits(self) -> Self:
        if not 10**18 <= self.id < 2**63:
            raise ValueError(f"id {str(self.id)[:40]} does not have 19 digits")
        return self


class SherlockMatch(_Section):
    """One row of ``sherlock_crossmatches``: a catalogued source near the alert, best first."""

    catalogue_object_id: Text = None
    catalogue: Text = Field(None, alias="catalogue_table_name")
    association_type: Text = None
    object_type: Text = Field(None, alias="catalogue_object_type")
    separation_arcsec: Number = Field(None, alias="separationarcsec")
    north_arcsec: Number = Field(None, alias="northseparationarcsec")
    east_arcsec: Number = Field(None, alias="eastseparationarcsec")
    z: Number = None
    photoz: Number = None
    photoz_err: Number = Field(None, alias="photozerr")
    distance_mpc: Number = Field(None, alias="distance")
    direct_distance_mpc: Number = Field(None, alias="direct_distance")
    physical_separation_kpc: Number = None
    major_axis_arcsec: Number = None
    ra: Number = Field(None, alias="radeg")
    dec: Number = Field(None, alias="decdeg")


class SherlockNote(_Section):
    """The first row of ``sherlock_classifications``: Sherlock's class and its words for it (with HTML)."""

    classification: Text = None
    annotation: Text = None
    summary: Text = None


class TnsMatch(_Section):
    """One row of ``tns_crossmatches``: a report at this position on the Transient Name Server."""

    designation: Text = Field(None, alias="external_designation")
    type: Text = None
    mag: Number = None
    discoverer: Text = None
    internal_name: Text = Field(None, alias="other_info")
    separation_arcsec: Number = Field(None, alias="separation")
    discovered_at: datetime | None = Field(None, alias="disc_date")
    host: Text = Field(None, alias="host_galaxy")
    host_z: Number = None
    object_z: Number = None
    url: Text = None


class ExternalMatch(_Section):
    """One row of ``external_crossmatches``: the same transient in another survey's list."""

    designation: Text = Field(None, alias="external_designation")
    type: Text = None
    matched_list: Text = None
    mag: Number = None
    separation_arcsec: Number = Field(None, alias="separation")
    url: Text = None
