"""Settings of the screen, from the configuration."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from vra_tui.config.locations import user_config_dir, user_data_dir
from vra_tui.config.message_rules import MessageRule
from vra_tui.config.reading import Config, load_config
from vra_tui.pipeline.messages import check_messages
from vra_tui.ranking.policy import Policy
from vra_tui.store.query import ListQuery
from vra_tui.tui.curve.draw import Axis, CurveStyle
from vra_tui.tui.curve.points import Quantity, Window
from vra_tui.tui.named_views import NamedViews
from vra_tui.tui.plain_signs import PlainSigns, plain_signs

_EYEBALL = ListQuery("eyeball", "urgency")

#: The light curve's windows by the names that the configuration gives them.
WINDOWS: Mapping[str, Window] = {
    "auto": Window.AUTO,
    "5": Window.DAYS_5,
    "15": Window.DAYS_15,
    "100": Window.DAYS_100,
    "all": Window.ALL,
}


def _views() -> NamedViews:
    return NamedViews(user_config_dir() / "views.toml")


@dataclass(frozen=True)
class Settings:
    """Settings of the screen.

    ``theme`` is one of `palette.THEMES`, None for what suits the terminal. ``query`` is opened first, unless
    ``place_file`` knows where the scanner was (None: nothing is remembered). ``history_file``: what was typed
    into prompts (None: kept for the session). ``blind``: others' votes on a
    second opinion are hidden until the scanner has voted. ``policy``: by which alerts are filed, to say why.
    ``images``: stamps as `blocks`, on the full screen by `kitty`'s protocol, `off`; `auto` is asked of the
    terminal before the screen opens. ``rules``: those that tell something by this terminal; ``passthrough``:
    inside tmux notifications are wrapped for it.
    """

    theme: str | None = None
    bell: bool = True
    mouse: bool = True
    query: ListQuery = _EYEBALL
    look: CurveStyle = field(default_factory=CurveStyle)
    views: NamedViews = field(default_factory=_views)
    place_file: Path | None = None
    history_file: Path | None = None
    blind: bool = False
    images: str = "blocks"
    policy: Policy = field(default_factory=Policy)
    passthrough: bool = False
    #: What stands for signs that the terminal's encoding has not; None where it has all.
    signs: PlainSigns | None = None
    rules: Sequence[MessageRule] = ()
    #: Reads the configuration, for what is asked of it seldom: who reports to the TNS, and by which bot.
    configured: Callable[[], Config] = load_config


def settings_of(config: Config) -> Settings:
    """Return what the screen takes from the configuration. Its keys are `keymap.keys_in_force`.

    Raises FilterError for a rule for messages that cannot be understood.
    """
    screen, curve = config.screen(), config.curve()
    look = CurveStyle(
        window=WINDOWS[curve.window],
        quantity=Quantity.FLUX if curve.flux else Quantity.MAGNITUDE,
        forced=curve.forced,
        axis=Axis.MJD if curve.mjd else Axis.AUTO,
        nightly=curve.nightly,
        ascii=curve.ascii,
    )
    return Settings(
        theme=None if screen.theme == "auto" else screen.theme,
        bell=screen.bell,
        blind=screen.blind,
        images=screen.images,
        mouse=screen.mouse,
        query=ListQuery(screen.list, screen.sort),
        look=look,
        views=NamedViews(config.path.with_name("views.toml")),
        place_file=user_data_dir() / "places.json",
        history_file=user_data_dir() / "typed.json",
        policy=config.policy(),
        passthrough=screen.passthrough,
        rules=_rules_of(config),
        configured=lambda: config,
    )


def for_encoding(settings: Settings, encoding: str | None) -> Settings:
    """The settings for a terminal of this encoding: in plain letters where it has not all of Unicode."""
    signs = plain_signs(encoding)
    if signs is None:
        return settings
    return replace(settings, signs=signs, look=replace(settings.look, ascii=True))


def _rules_of(config: Config) -> Sequence[MessageRule]:
    return [rule for rule in check_messages(config.message_rules) if rule.signals]
