"""Reading the configuration: a TOML file, above it the environment, above that the flags."""

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vra_tui.config.locations import user_config_dir
from vra_tui.config.options import (
    OPTIONS,
    SECTIONS,
    CurveOptions,
    GwOptions,
    LiftOptions,
    Option,
    ScreenOptions,
    StampOptions,
    TnsOptions,
)
from vra_tui.config.policies import PolicyError, as_number, load_policy
from vra_tui.config.toml_lines import KeyPath, TomlLines
from vra_tui.errors import VraError
from vra_tui.private import mode_of
from vra_tui.ranking.followup import FollowUpRule
from vra_tui.ranking.policy import Policy

if TYPE_CHECKING:
    from vra_tui.config.alert_sources import AlertSource
    from vra_tui.config.message_rules import MessageRule
    from vra_tui.config.outbox_rules import OutboxRule

#: Sections whose keys are not options of fixed names: the screen's keys, tables of sources and of rules.
_FREE_SECTIONS = ("keys", "source", "message", "outbox")
_DEFAULT = "default"


class ConfigError(VraError):
    """A configuration that cannot be used; the message names the file, the line and what is wrong there."""


@dataclass(frozen=True)
class Config:
    """The options in force by name, and where each came from: file, variable, flag, policy or `default`.

    ``own_keys``: what ``[keys]`` says, by the names of the screen's actions, which the screen checks
    (`vra_tui.tui.keymap`). ``alert_sources``: the tables ``[source.NAME]`` by name; ``message_rules``: those
    of ``[message.NAME]``, ``outbox_rules``: of ``[outbox.rule.NAME]``. ``lines``: of the file.
    """

    path: Path
    values: Mapping[str, bool | float | str]
    origins: Mapping[str, str]
    own_keys: Mapping[str, object] = field(default_factory=dict)
    alert_sources: "Mapping[str, AlertSource]" = field(default_factory=dict)
    message_rules: "Mapping[str, MessageRule]" = field(default_factory=dict)
    outbox_rules: "Mapping[str, OutboxRule]" = field(default_factory=dict)
    lines: TomlLines = field(default_factory=lambda: TomlLines(""), repr=False)

    def screen(self) -> ScreenOptions:
        """Tell how the screen looks, and what it opens."""
        return ScreenOptions(**self._section("screen"))

    def curve(self) -> CurveOptions:
        """Tell how light curves are drawn first."""
        return CurveOptions(**self._section("curve"))

    def stamps(self) -> StampOptions:
        """Tell how long, and how many, stamps are kept."""
        return StampOptions(**self._section("stamps"))

    def policy(self) -> Policy:
        """The thresholds by which alerts are filed."""
        thresholds = self._section("policy")
        del thresholds["base"]  # its thresholds are among the values
        return Policy(**thresholds)

    def follow_up(self) -> FollowUpRule:
        """The thresholds by which follow-up is asked for."""
        return FollowUpRule(**self._section("followup"))

    def gw(self) -> GwOptions:
        """Which alerts may belong to an event with a sky map, and where maps are fetched.

        Raises ConfigError for a level that is none.
        """
        options = GwOptions(**self._section("gw"))
        if not 0.0 < options.level <= 1.0:
            raise ConfigError(
                f"{self.origins['gw.level']}: gw.level is a probability: above 0, 1 at most (0.9 for 90 %), "
                f"and {options.level:g} is not."
            )
        return options

    def lift(self) -> LiftOptions:
        """What lifts an alert to the fast track."""
        return LiftOptions(**self._section("lift"))

    def tns(self) -> TnsOptions:
        """Who reports to the TNS, and how."""
        return TnsOptions(**self._section("tns"))

    def _section(self, section: str) -> dict[str, Any]:
        return {one.key: self.values[name] for name, one in OPTIONS.items() if one.section == section}


def config_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The configuration file: ``VRA_CONFIG``, else ``config.toml`` in the platform's folder."""
    named = environment.get("VRA_CONFIG")
    return Path(named) if named else user_config_dir() / "config.toml"


def load_config(
    path: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    flags: Mapping[str, tuple[str, object]] | None = None,
) -> Config:
    """Read the file (one that is not there is empty), the environment and the flags.

    ``flags``: by the option's name, the flag as it was written and its value; None where it was not given.
    Raises ConfigError for what is unknown, of the wrong kind, or clashes, naming the line.
    """
    path = path or config_path(environment)
    text = text_of(path)
    file = _File(path, text)
    values = {name: option.default for name, option in OPTIONS.items()}
    origins = dict.fromkeys(OPTIONS, _DEFAULT)
    content = file.content()
    own_keys, tables = content.pop("keys", {}), content.pop("source", {})
    messages = content.pop("message", {})
    rules = content.pop("outbox", {})
    if not isinstance(own_keys, dict):
        raise ConfigError(f'{path}: [keys] must be a section of `action = "key"` lines.')
    for name, value in file.options(content):
        option = OPTIONS[name]
        values[name] = _checked(option, value, partial(file.place, (option.section, option.key)))
        origins[name] = str(path)
    for name, option in OPTIONS.items():
        given = environment.get(option.variable)
        if given is not None:
            origin = option.variable
            values[name], origins[name] = _checked(option, _from_text(option, given), origin), origin
    for name, (flag, value) in (flags or {}).items():
        if value is not None:
            values[name], origins[name] = _checked(OPTIONS[name], value, flag), flag
    _put_policy(values, origins)
    return Config(
        path,
        values,
        origins,
        own_keys,
        file.sources(tables),
        file.message_rules(messages),
        file.rules(rules),
        file.lines,
    )


class _File:
    """The file that is read, and what is said of it."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text, self.lines = path, text, TomlLines(text)

    def content(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{self.path}: this is not TOML: {error}.") from None

    def options(self, content: Mapping[str, object]) -> list[tuple[str, object]]:
        """Names and values of the options in the sections of fixed names."""
        found = []
        for section, entries in content.items():
            if not isinstance(entries, dict):
                raise self.unknown("", section)
            for key, value in entries.items():
                if f"{section}.{key}" not in OPTIONS:
                    raise self.unknown(section, key)
                found.append((f"{section}.{key}", value))
        return found

    def sources(self, tables: object) -> "dict[str, AlertSource]":
        """The sources by name, from what ``source`` holds."""
        if tables == {}:
            return {}
        # Most configurations have no source, and the screen reads them at every start.
        from vra_tui.config.alert_sources import read_sources

        return read_sources(tables, self.refusal, self.place, self.is_private)

    def message_rules(self, tables: object) -> "dict[str, MessageRule]":
        """The rules for messages by name, from what ``message`` holds."""
        if tables == {}:
            return {}
        # As with sources: most configurations have none.
        from vra_tui.config.message_rules import read_message_rules

        return read_message_rules(tables, self.refusal)

    def rules(self, section: object) -> "dict[str, OutboxRule]":
        """The rules of the outbox by name, from what ``outbox`` holds."""
        if section == {}:
            return {}
        from vra_tui.config.outbox_rules import read_rules

        return read_rules(section, self.refusal, self.place)

    def place(self, path: KeyPath) -> str:
        return f"{self.path}, line {self.lines.line_of(path)}"

    def refusal(self, path: KeyPath, wrong: str) -> ConfigError:
        return ConfigError(f"{self.place(path)}: {wrong}")

    def unknown(self, section: str, key: str) -> ConfigError:
        name = f"{section}.{key}" if section else key
        sections = (*SECTIONS, *_FREE_SECTIONS)
        known = tuple(OPTIONS) if section in sections else sections
        close = difflib.get_close_matches(name if section in sections else section or key, known, 1, 0.5)
        nearest = f"; did you mean `{close[0]}`?" if close else ""
        path = (section, key) if section else (key,)
        return self.refusal(path, f"there is no option `{name}`{nearest}")

    def is_private(self) -> bool:
        """Tell whether nobody but its owner may read or write it; what cannot be asked is not."""
        try:
            return not mode_of(self.path) & 0o077
        except OSError:
            return False


def _put_policy(values: dict[str, bool | float | str], origins: dict[str, str]) -> None:
    """Let the thresholds that nobody set be those of the named policy."""
    base = str(values["policy.base"])
    try:
        changes = load_policy(base).changes()
    except PolicyError as error:
        raise ConfigError(f"{origins['policy.base']}, policy.base: {error}") from None
    for threshold, value in changes.items():
        name = f"policy.{threshold}"
        if origins[name] == _DEFAULT:
            values[name], origins[name] = value, f"policy {base}"


def text_of(path: Path) -> str:
    """The text of a configuration file, "" where there is none. Raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from None


def _checked(option: Option, value: object, where: str | Callable[[], str]) -> bool | float | str:
    """The value as the option takes it. Raises ConfigError; ``where`` it stands is only asked for that."""
    wrong = ""
    if isinstance(option.default, bool):
        if isinstance(value, bool):
            return value
        wrong = f": {option.name} is true or false, not {value!r}."
    elif isinstance(option.default, float):
        number = as_number(value)
        if number is None:
            wrong = f": {option.name} is a number, not {value!r}."
        elif option.at_least is not None and number < option.at_least:
            wrong = f", {option.name}: it is not below {option.at_least:g}, and {number:g} is."
        else:
            return number
    else:
        text = str(value)
        if not option.choices or text in option.choices:
            return text
        wrong = f": {option.name} is one of {', '.join(option.choices)}, not {text!r}."
    raise ConfigError(f"{where if isinstance(where, str) else where()}{wrong}")


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
