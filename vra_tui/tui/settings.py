"""How a scanner wants the screen: what the configuration, the environment and the flags come down to."""

from dataclasses import dataclass, field
from pathlib import Path

from vra_tui.locations import user_config_dir
from vra_tui.ranking.policy import Policy
from vra_tui.store.query import ListQuery
from vra_tui.tui.curve.draw import Look
from vra_tui.tui.named_views import NamedViews

_EYEBALL = ListQuery("eyeball")


def _views() -> NamedViews:
    return NamedViews(user_config_dir() / "views.toml")


@dataclass(frozen=True)
class Settings:
    """How the screen looks and what it opens.

    ``theme`` is one of `palette.THEMES`, None for what suits the terminal. ``query`` is opened first, unless
    ``place_file`` knows where the scanner was (None: nothing is remembered). ``blind``: others' votes on a
    second opinion are hidden until the scanner has voted. ``policy``: by which alerts are filed, to say why.
    """

    theme: str | None = None
    bell: bool = True
    mouse: bool = True
    query: ListQuery = _EYEBALL
    look: Look = field(default_factory=Look)
    views: NamedViews = field(default_factory=_views)
    place_file: Path | None = None
    blind: bool = False
    policy: Policy = field(default_factory=Policy)
