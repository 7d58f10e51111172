"""File formats for a survey's simulated alerts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from vra_tui.simulator.scenario import ScenarioError

#: ``json``: what the transient server's API answers, an object at once. ``avro``: the stream's packets.
FileFormat = Literal["json", "avro"]

#: The formats of each survey, the usual one first.
FORMATS: Mapping[str, tuple[FileFormat, ...]] = MappingProxyType(
    {"atlas": ("json", "avro"), "ztf": ("avro",), "lsst": ("avro",)}
)


def file_format(survey: str, wanted: FileFormat | None = None) -> FileFormat:
    """The format that is asked for, or the survey's usual one. Raises ScenarioError where it has it not."""
    has = FORMATS[survey]
    if wanted is not None and wanted not in has:
        raise ScenarioError(f"{survey} sends no {wanted}: its simulated alerts are written as {has[0]}")
    return wanted or has[0]
