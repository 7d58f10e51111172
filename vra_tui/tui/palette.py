"""Colours: named roles, their styles in each theme, and the themes as Textual knows them.

Nothing is told by colour alone: where a colour carries a meaning, a letter, a sign or a word does too. On
dark and light grounds bands have the colours of `domain.bands`, which keep apart for colour-blind eyes.
"""

from collections.abc import Mapping

from rich.style import Style
from textual.theme import Theme

from vra_tui.domain.bands import BANDS, Band

#: Bands with a colour of their own; others share one of these, and what nobody knows has the last.
_BANDS = (*"ugrizycow", "")
_COLOURS = {(BANDS.get(name) or Band("")).dark: name for name in _BANDS}

#: Every role a span may have.
ROLES = (
    "text", "dim", "strong", "title", "key", "label", "value", "good", "warn", "bad",
    "cursor", "cursor_dim", "cursor_strong", "decided", "mark",
    "tab", "tab_here", "tab_empty",
    *(f"band_{name}" for name in _BANDS), *(f"faint_{name}" for name in _BANDS), "negative",
    "axis", "t0", "event", "bar", "bar_empty", "status", "failure", "news",
)  # fmt: skip


def role_of(one: Band) -> str:
    """The role of a band's detections."""
    return f"band_{_COLOURS.get(one.dark, '')}"


def faint_role_of(one: Band) -> str:
    """The role of what says less than a detection of the band: error bars, limits, fits."""
    return f"faint_{_COLOURS.get(one.dark, '')}"


_PREFIX = "vra-"
_Look = int | str | tuple[int | str, int]


def _own(is_dark: bool) -> dict[str, _Look]:
    known = {name: BANDS.get(name) or Band("") for name in _BANDS}
    return {f"band_{name}": one.dark if is_dark else one.light for name, one in known.items()}


def _by_band(prefix: str, looks: str) -> dict[str, _Look]:
    """Looks of `_BANDS`, in their order, in words with a comma between."""
    return {f"{prefix}_{name}": look for name, look in zip(_BANDS, looks.split(", "), strict=True)}


# Numbers of the 256-colour palette: half the bytes of true colour a span, and terminals show them alike. Each
# style names its background, as a line drawn cell by cell inherits none.
_DARK: Mapping[str, _Look] = {
    "": 233,
    "text": 251, "dim": 244, "strong": "bold 255", "title": "bold 117", "key": "bold 221", "label": 243,
    "value": 252, "good": 115, "warn": 221, "bad": "bold 210",
    "cursor": (255, 24), "cursor_dim": (250, 24), "cursor_strong": ("bold 231", 24),
    "decided": 242, "mark": "bold 183", "tab": 248, "tab_here": ("bold 233", 117), "tab_empty": 239,
    **_own(is_dark=True), **_by_band("faint", "61, 29, 95, 132, 143, 244, 31, 136, 246, 243"),
    "negative": 183,
    "axis": 241, "t0": 239, "event": "bold 183", "bar": 115, "bar_empty": 238,
    "status": 252, "failure": ("bold 233", 210), "news": "bold 221",
}  # fmt: skip

_LIGHT: Mapping[str, _Look] = {
    "": 231,
    "text": 236, "dim": 243, "strong": "bold 232", "title": "bold 25", "key": "bold 94", "label": 243,
    "value": 235, "good": 29, "warn": 94, "bad": "bold 124",
    "cursor": (232, 153), "cursor_dim": (238, 153), "cursor_strong": ("bold 232", 153),
    "decided": 248, "mark": "bold 91", "tab": 240, "tab_here": ("bold 231", 25), "tab_empty": 250,
    **_own(is_dark=False), **_by_band("faint", "97, 72, 174, 175, 101, 247, 74, 179, 243, 247"),
    "negative": 91,
    "axis": 246, "t0": 250, "event": "bold 91", "bar": 29, "bar_empty": 252,
    "status": 236, "failure": ("bold 231", 124), "news": "bold 94",
}  # fmt: skip

_CONTRAST: Mapping[str, _Look] = {
    "": 16,
    "text": 231, "dim": 252, "strong": "bold 231", "title": "bold 226", "key": "bold 226", "label": 252,
    "value": 231, "good": "bold 48", "warn": "bold 226", "bad": "bold 210",
    "cursor": (16, 226), "cursor_dim": (16, 226), "cursor_strong": ("bold 16", 226),
    "decided": 247, "mark": "bold 213", "tab": 231, "tab_here": ("bold 16", 231), "tab_empty": 247,
    **_by_band("band", "bold 105, bold 48, bold 203, bold 218, bold 229, bold 252, bold 51, bold 214, "
        "bold 231, bold 250"),
    **_by_band("faint", "105, 42, 203, 218, 186, 250, 44, 178, 252, 250"), "negative": 213,
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
    **_by_band("band", "bold blue, bold green, bold red, bold magenta, bold default, dim default, bold cyan, "
        "bold yellow, bold default, default"),
    **_by_band("faint", "blue, green, red, magenta, dim default, dim default, cyan, yellow, dim default, "
        "dim default"), "negative": "magenta",
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
