"""Colours: named roles, their styles in each theme, and the themes as Textual knows them.

Nothing is told by colour alone: where a colour carries a meaning, a letter, a sign or a word does too. Filter
colours keep apart for colour-blind eyes (blue-green against orange, never red against green).
"""

from collections.abc import Mapping

from rich.style import Style
from textual.theme import Theme

#: Every role a span may have.
ROLES = (
    "text", "dim", "strong", "title", "key", "label", "value", "good", "warn", "bad",
    "cursor", "cursor_dim", "cursor_strong", "decided", "mark",
    "tab", "tab_here", "tab_empty",
    "cyan", "orange", "other", "cyan_limit", "orange_limit", "other_limit", "negative", "forced",
    "axis", "t0", "event", "bar", "bar_empty", "status", "failure", "news",
)  # fmt: skip

_PREFIX = "vra-"
_Look = int | str | tuple[int | str, int]

# Numbers of the 256-colour palette: half the bytes of true colour a span, and terminals show them alike. Each
# style names its background, as a line drawn cell by cell inherits none.
_DARK: Mapping[str, _Look] = {
    "": 233,
    "text": 251, "dim": 244, "strong": "bold 255", "title": "bold 117", "key": "bold 221", "label": 243,
    "value": 252, "good": 115, "warn": 221, "bad": "bold 210",
    "cursor": (255, 24), "cursor_dim": (250, 24), "cursor_strong": ("bold 231", 24),
    "decided": 242, "mark": "bold 183", "tab": 248, "tab_here": ("bold 233", 117), "tab_empty": 239,
    "cyan": "bold 80", "orange": "bold 214", "other": "bold 253",
    "cyan_limit": 30, "orange_limit": 136, "other_limit": 244, "negative": 183, "forced": 107,
    "axis": 241, "t0": 239, "event": "bold 183", "bar": 115, "bar_empty": 238,
    "status": 252, "failure": ("bold 233", 210), "news": "bold 221",
}  # fmt: skip

_LIGHT: Mapping[str, _Look] = {
    "": 231,
    "text": 236, "dim": 243, "strong": "bold 232", "title": "bold 25", "key": "bold 94", "label": 243,
    "value": 235, "good": 29, "warn": 94, "bad": "bold 124",
    "cursor": (232, 153), "cursor_dim": (238, 153), "cursor_strong": ("bold 232", 153),
    "decided": 248, "mark": "bold 91", "tab": 240, "tab_here": ("bold 231", 25), "tab_empty": 250,
    "cyan": "bold 30", "orange": "bold 166", "other": "bold 238",
    "cyan_limit": 73, "orange_limit": 173, "other_limit": 246, "negative": 91, "forced": 64,
    "axis": 246, "t0": 250, "event": "bold 91", "bar": 29, "bar_empty": 252,
    "status": 236, "failure": ("bold 231", 124), "news": "bold 94",
}  # fmt: skip

_CONTRAST: Mapping[str, _Look] = {
    "": 16,
    "text": 231, "dim": 252, "strong": "bold 231", "title": "bold 226", "key": "bold 226", "label": 252,
    "value": 231, "good": "bold 48", "warn": "bold 226", "bad": "bold 210",
    "cursor": (16, 226), "cursor_dim": (16, 226), "cursor_strong": ("bold 16", 226),
    "decided": 247, "mark": "bold 213", "tab": 231, "tab_here": ("bold 16", 231), "tab_empty": 247,
    "cyan": "bold 51", "orange": "bold 214", "other": "bold 231",
    "cyan_limit": 44, "orange_limit": 178, "other_limit": 252, "negative": 213, "forced": 155,
    "axis": 252, "t0": 247, "event": "bold 213", "bar": 48, "bar_empty": 241,
    "status": 231, "failure": ("bold 16", 210), "news": "bold 226",
}  # fmt: skip

# The terminal's own sixteen colours, on its own background, whatever that is: no white, no black, no grey
# that would vanish on one of the two.
_TERMINAL: Mapping[str, _Look] = {
    "text": "default", "dim": "dim default", "strong": "bold default", "title": "bold blue",
    "key": "bold default", "label": "dim default", "value": "default",
    "good": "green", "warn": "yellow", "bad": "bold red",
    "cursor": "reverse default", "cursor_dim": "reverse default",
    "cursor_strong": "bold reverse default",
    "decided": "dim default", "mark": "bold magenta",
    "tab": "default", "tab_here": "bold reverse default", "tab_empty": "dim default",
    "cyan": "bold cyan", "orange": "bold yellow", "other": "bold default",
    "cyan_limit": "cyan", "orange_limit": "yellow", "other_limit": "dim default",
    "negative": "magenta", "forced": "green",
    "axis": "dim default", "t0": "dim default", "event": "magenta", "bar": "green",
    "bar_empty": "dim default",
    "status": "default", "failure": "bold reverse red", "news": "bold default",
}  # fmt: skip

_PALETTES: Mapping[str, Mapping[str, _Look]] = {
    "dark": _DARK,
    "light": _LIGHT,
    "contrast": _CONTRAST,
    "terminal": _TERMINAL,
}

#: Names of the themes, as `--theme` and the configuration know them.
THEMES = tuple(_PALETTES)


def styles_of(theme: str) -> dict[str, Style]:
    """The style of every role. ``theme`` is one of `THEMES`, or its Textual name."""
    palette = _PALETTES[theme.removeprefix(_PREFIX)]
    return {role: _style(palette[role], palette.get("")) for role in ROLES}


def _style(look: _Look, background: _Look | None) -> Style:
    """A style from a colour number, ``bold`` and a number, a pair with the background's number, or words."""
    if isinstance(look, tuple):
        look, background = look
    words = str(look).split()
    if words[-1].isdigit():
        words[-1] = f"color({words[-1]})"
    return Style.parse(" ".join(words) + ("" if background is None else f" on color({background})"))


def textual_name(theme: str) -> str:
    """The name under which a theme of ours is registered with Textual."""
    return _PREFIX + theme


def textual_themes() -> list[Theme]:
    """The themes, for the parts that Textual draws: backgrounds, dialogues, scrollbars."""
    return [
        _rgb("dark", "#121212", "#1c1c1c", "#c6c6c6", "#87d7ff", dark=True),
        _rgb("light", "#ffffff", "#eeeeee", "#303030", "#005faf", dark=False),
        _rgb("contrast", "#000000", "#000000", "#ffffff", "#ffff00", dark=True),
        Theme(
            name=textual_name("terminal"), ansi=True, primary="ansi_blue", secondary="ansi_cyan",
            warning="ansi_yellow", error="ansi_red", success="ansi_green", accent="ansi_green",
            foreground="ansi_default", background="ansi_default", surface="ansi_default",
            panel="ansi_default", boost="ansi_default",
            variables={
                "ansi-background": "ansi_black", "ansi-foreground": "ansi_white",
                "scrollbar": "ansi_bright_black", "scrollbar-background": "ansi_default",
                "scrollbar-hover": "ansi_bright_black", "scrollbar-active": "ansi_bright_black",
                "scrollbar-background-hover": "ansi_default", "scrollbar-background-active": "ansi_default",
                "input-cursor-background": "ansi_bright_black", "input-cursor-foreground": "ansi_default",
                "input-selection-background": "ansi_blue",
            },
        ),
    ]  # fmt: skip


def _rgb(name: str, background: str, surface: str, foreground: str, primary: str, *, dark: bool) -> Theme:
    return Theme(
        name=textual_name(name), primary=primary, secondary=primary, accent=primary, foreground=foreground,
        background=background, surface=surface, panel=surface, dark=dark,
    )  # fmt: skip
