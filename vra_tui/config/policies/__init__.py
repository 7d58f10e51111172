"""Policies by name or from a TOML file: the thresholds that differ from the default, and a description."""

import difflib
import math
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from importlib import resources
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.ranking.policy import Policy

#: The policy of the program itself: every threshold at its default.
DEFAULT = "default"


class PolicyError(VraError):
    """A policy that cannot be used; the message names the file and the threshold."""


@dataclass(frozen=True)
class NamedPolicy:
    """A policy, how it is called and what it is for."""

    name: str
    policy: Policy
    description: str = ""

    def changes(self) -> dict[str, float]:
        """The thresholds that differ from the default."""
        default = asdict(Policy())
        return {name: value for name, value in asdict(self.policy).items() if value != default[name]}


def policy_names() -> list[str]:
    """Names of the policies that come with the program."""
    files = resources.files(__name__).iterdir()
    return [
        DEFAULT,
        *sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")),
    ]


def load_policy(source: str) -> NamedPolicy:
    """A policy by its shipped name, else from a TOML file. Raises PolicyError, which says what is wrong."""
    if source == DEFAULT:
        return NamedPolicy(DEFAULT, Policy(), "the thresholds of the program itself")
    if source in policy_names():
        text = resources.files(__name__).joinpath(f"{source}.toml").read_text(encoding="utf-8")
        return _checked(source, source, text)
    path = Path(source).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PolicyError(
            f"There is no policy `{source}` and no such file; there are {', '.join(policy_names())}."
        ) from None
    except (OSError, UnicodeError) as error:
        raise PolicyError(f"{source} cannot be read: {error}.") from None
    return _checked(path.stem, source, text)


def _checked(name: str, where: str, text: str) -> NamedPolicy:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{where}: this is not TOML: {error}.") from None
    description = content.pop("description", "")
    values = {key: _number(where, _known(where, key), value) for key, value in content.items()}
    return NamedPolicy(name, Policy(**values), str(description))


def varied(base: NamedPolicy, threshold: str, values: Iterable[str]) -> list[NamedPolicy]:
    """The policy with each of some values of one threshold, named by it. Raises PolicyError."""
    _known(base.name, threshold)
    policies = []
    for text in values:
        try:
            value = _number(base.name, threshold, float(text))
        except ValueError:
            raise PolicyError(f"{threshold} is a number, not {text!r}.") from None
        changed = replace(base.policy, **{threshold: value})
        policies.append(NamedPolicy(f"{threshold} {value:g}", changed, base.description))
    return policies


def _known(where: str, threshold: str) -> str:
    known = [field.name for field in fields(Policy)]
    if threshold in known:
        return threshold
    close = difflib.get_close_matches(threshold, known, 1, 0.5)
    nearest = f"did you mean `{close[0]}`?" if close else f"there are {', '.join(known)}."
    raise PolicyError(f"{where}: there is no threshold `{threshold}`; {nearest}")


def _number(where: str, threshold: str, value: object) -> float:
    number = as_number(value)
    if number is None:
        raise PolicyError(f"{where}: {threshold} is a number, not {value!r}.")
    return number


def as_number(value: object) -> float | None:
    """A value of a TOML file as a finite number, None where it is none. TOML's integers have no largest."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
