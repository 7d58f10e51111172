"""How a scanner wants the screen: what the configuration, the environment and the flags come down to."""

from dataclasses import dataclass, field
from pathlib import Path

from vra_tui.locations import user_config_dir
from vra_tui.tui.curve.draw import Look
from vra_tui.tui.named_views import NamedViews


def _views() -> NamedViews:
    return NamedViews(user_config_dir() / "views.toml")


@dataclass(frozen=True)
class Settings:
    """``theme`` is one of `palette.THEMES`, or None for what suits the terminal; ``place_file`` remembers where
    the scanner was, None: nowhere.
    """

    theme: str | None = None
    bell: bool = True
    look: Look = field(default_factory=Look)
    views: NamedViews = field(default_factory=_views)
    place_file: Path | None = None
