"""The configuration: a TOML file, above it the environment, above that the flags."""

import difflib
import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from vra_tui.errors import VraError
from vra_tui.locations import user_config_dir, user_data_dir
from vra_tui.ranking.followup import FollowUpRule
from vra_tui.ranking.lists import ALL, LIST_ORDER
from vra_tui.ranking.policies import DEFAULT, PolicyError, load_policy
from vra_tui.ranking.policy import Policy
from vra_tui.store.pruning import StampLimits
from vra_tui.store.query import SORTS, ListQuery
from vra_tui.tui.actions import ACTIONS, PRESETS
from vra_tui.tui.curve.draw import Look
from vra_tui.tui.curve.points import Quantity, Window
from vra_tui.tui.keymap import KeyMap, KeyMapError, resolve
from vra_tui.tui.named_views import NamedViews
from vra_tui.tui.palette import THEMES
from vra_tui.tui.settings import Settings


class ConfigError(VraError):
    """A configuration that cannot be used; the message names the file, the line and what is wrong there."""


@dataclass(frozen=True)
class Option:
    """One thing that can be configured: ``section.key``, its default, choices (none: any) and meaning."""

    name: str
    default: object
    meaning: str
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "VRA_" + self.name.replace(".", "_").upper()


_WINDOWS = {
    "auto": Window.AUTO,
    "5": Window.DAYS_5,
    "15": Window.DAYS_15,
    "100": Window.DAYS_100,
    "all": Window.ALL,
}


def _numbers(section: str, kind: type[Policy] | type[FollowUpRule]) -> list[Option]:
    """An option for each threshold of a rule; its name says what it means."""
    return [
        Option(f"{section}.{field.name}", float(field.default), field.name.replace("_", " "))  # type: ignore[arg-type]
        for field in fields(kind)
    ]


OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        Option("screen.theme", "auto", "colours", ("auto", *THEMES)),
        Option(
            "screen.list", "eyeball", "the list opened first", (*(name.value for name in LIST_ORDER), ALL)
        ),
        Option("screen.sort", "rank", "its order", tuple(SORTS)),
        Option(
            "screen.mouse", True, "whether the screen takes the mouse; without it the terminal selects text"
        ),
        Option("screen.bell", True, "whether a new alert on the fast track rings the bell"),
        Option("screen.blind", False, "whether others' votes on a second opinion are hidden until you voted"),
        Option("screen.keys", "atlas", "key preset", tuple(PRESETS)),
        Option("curve.window", "auto", "days shown", tuple(_WINDOWS)),
        Option("curve.flux", False, "flux instead of magnitudes"),
        Option("curve.forced", False, "whether forced photometry is shown"),
        Option("curve.nightly", False, "one point a night instead of every exposure"),
        Option("curve.mjd", False, "MJD instead of days since t0 below the light curve"),
        Option("curve.ascii", False, "light curves in plain letters"),
        Option("stamps.days", StampLimits.days, "days for which stamps are kept after they came"),
        Option(
            "stamps.megabytes",
            StampLimits.megabytes,
            "megabytes that stamps may take, without those of follow-up, good and possible",
        ),
        Option("policy.base", DEFAULT, "a policy by name or file; what follows changes it"),
        *_numbers("policy", Policy),
        *_numbers("followup", FollowUpRule),
    )
}


@dataclass(frozen=True)
class Config:
    """The options in force by name, where each came from, and the keys in force."""

    path: Path
    values: Mapping[str, object]
    sources: Mapping[str, str]
    keys: KeyMap

    def policy(self) -> Policy:
        """The thresholds by which alerts are filed."""
        return Policy(**self._numbers_of("policy"))

    def follow_up(self) -> FollowUpRule:
        """The thresholds by which follow-up is asked for."""
        return FollowUpRule(**self._numbers_of("followup"))

    def stamp_limits(self) -> StampLimits:
        """How long, and how many, stamps are kept. Raises ConfigError for a limit below 0."""
        try:
            return StampLimits(**self._numbers_of("stamps"))
        except ValueError as error:
            wrong = next(
                name for name in ("stamps.days", "stamps.megabytes") if float(str(self.values[name])) < 0
            )
            raise ConfigError(f"{self.sources[wrong]}, {wrong}: {error}.") from None

    def _numbers_of(self, section: str) -> dict[str, float]:
        own = {name: value for name, value in self.values.items() if name.startswith(f"{section}.")}
        return {name.partition(".")[2]: value for name, value in own.items() if isinstance(value, float)}

    def settings(self) -> Settings:
        """What the screen takes."""
        values = self.values
        theme = str(values["screen.theme"])
        look = Look(
            window=_WINDOWS[str(values["curve.window"])],
            quantity=Quantity.FLUX if values["curve.flux"] else Quantity.MAGNITUDE,
            forced=bool(values["curve.forced"]),
            mjd_axis=bool(values["curve.mjd"]),
            nightly=bool(values["curve.nightly"]),
            ascii=bool(values["curve.ascii"]),
        )
        return Settings(
            theme=None if theme == "auto" else theme,
            bell=bool(values["screen.bell"]),
            blind=bool(values["screen.blind"]),
            mouse=bool(values["screen.mouse"]),
            query=ListQuery(str(values["screen.list"]), str(values["screen.sort"])),
            look=look,
            views=NamedViews(self.path.with_name("views.toml")),
            place_file=user_data_dir() / "places.json",
            policy=self.policy(),
        )


def config_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The configuration file: ``VRA_CONFIG``, else ``config.toml`` in the platform's folder."""
    named = environment.get("VRA_CONFIG")
    return Path(named) if named else user_config_dir() / "config.toml"


def load_config(path: Path | None = None, environment: Mapping[str, str] = os.environ) -> Config:
    """Read the file (one that is not there is empty) and the environment.

    Raises ConfigError for what is unknown, of the wrong kind, or clashes, naming the line.
    """
    path = path or config_path(environment)
    text = _read(path)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: this is not TOML: {error}.") from None
    values: dict[str, object] = {name: option.default for name, option in OPTIONS.items()}
    sources = dict.fromkeys(OPTIONS, "default")
    own_keys = content.pop("keys", {})
    for section, entries in content.items():
        if not isinstance(entries, dict):
            raise ConfigError(_unknown(path, text, "", section))
        for key, value in entries.items():
            name = f"{section}.{key}"
            if name not in OPTIONS:
                raise ConfigError(_unknown(path, text, section, key))
            where = f"{path}, line {_line_of(text, section, key)}"
            values[name], sources[name] = _checked(OPTIONS[name], value, where), str(path)
    for name, option in OPTIONS.items():
        given = environment.get(option.variable)
        if given is not None:
            values[name] = _checked(option, _from_text(option, given), option.variable)
            sources[name] = option.variable
    _put_policy(values, sources)
    return Config(path, values, sources, _keys(path, text, own_keys, str(values["screen.keys"])))


def _put_policy(values: dict[str, object], sources: dict[str, str]) -> None:
    """Let the thresholds that nobody set be those of the named policy."""
    base = str(values["policy.base"])
    try:
        changes = load_policy(base).changes()
    except PolicyError as error:
        raise ConfigError(f"{sources['policy.base']}, policy.base: {error}") from None
    for threshold, value in changes.items():
        name = f"policy.{threshold}"
        if sources[name] == "default":
            values[name], sources[name] = value, f"policy {base}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from None


def _keys(path: Path, text: str, own: object, preset: str) -> KeyMap:
    if not isinstance(own, dict):
        raise ConfigError(f'{path}: [keys] must be a section of `action = "key"` lines.')
    try:
        return resolve(own, preset, str(path))
    except KeyMapError as error:
        # The message names the action: its line is where the scanner must look.
        named = next((name for name in own if f"`{name}`" in str(error)), None)
        line = f", line {_line_of(text, 'keys', named)}" if named else ""
        raise ConfigError(str(error).replace(str(path), f"{path}{line}", 1)) from None


def _checked(option: Option, value: object, where: str) -> object:
    if isinstance(option.default, bool):
        if isinstance(value, bool):
            return value
        raise ConfigError(f"{where}: {option.name} is true or false, not {value!r}.")
    if isinstance(option.default, float):
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        raise ConfigError(f"{where}: {option.name} is a number, not {value!r}.")
    text = str(value)
    if option.choices and text not in option.choices:
        raise ConfigError(f"{where}: {option.name} is one of {', '.join(option.choices)}, not {text!r}.")
    return text


def _from_text(option: Option, text: str) -> object:
    if isinstance(option.default, bool):
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(
            text.strip().lower(), text
        )
    if isinstance(option.default, float):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _unknown(path: Path, text: str, section: str, key: str) -> str:
    name = f"{section}.{key}" if section else key
    sections = {known.partition(".")[0] for known in OPTIONS} | {"keys"}
    known = list(OPTIONS) if section in sections else sorted(sections)
    close = difflib.get_close_matches(name if section in sections else section or key, known, 1, 0.5)
    nearest = f"; did you mean `{close[0]}`?" if close else ""
    return f"{path}, line {_line_of(text, section, key)}: there is no option `{name}`{nearest}"


def _line_of(text: str, section: str, key: str) -> int:
    """The line in which a key of a section is set; the section's own, else 1, where that cannot be found."""
    here, found = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        heading = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if heading:
            here = heading[1].strip("\"'")
            found = number if here == section else found
        elif here == section and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
            return number
    return found


def template() -> str:
    """A configuration file with every option and action at its default, commented out."""
    lines = ["# Configuration of vra-tui. Take the # off a line and change it.", ""]
    for section in dict.fromkeys(name.partition(".")[0] for name in OPTIONS):
        lines.append(f"[{section}]")
        for name, option in OPTIONS.items():
            if name.startswith(f"{section}."):
                is_text = isinstance(option.default, str)
                value = f'"{option.default}"' if is_text else str(option.default).lower()
                choices = f" ({', '.join(option.choices)})" if option.choices else ""
                lines += [f"# {option.meaning}{choices}", f"# {name.partition('.')[2]} = {value}"]
        lines.append("")
    lines += ["[keys]", "# A key, a list of keys, or [] for none."]
    for name, action in ACTIONS.items():
        keys = ", ".join(f'"{key}"' for key in action.keys)
        lines.append(f"# {name} = [{keys}]  # {action.description}")
    return "\n".join(lines) + "\n"
