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
    "cursor", "cursor_strong", "decided", "mark",
    "tab", "tab_dim", "tab_key", "tab_new", "tab_here", "tab_here_dim", "tab_here_key",
    "foot", "foot_dim", "foot_strong", "foot_key", "foot_warn", "keys", "keys_dim", "keys_key",
    "accent", "gauge", "gauge_faint", "spark",
    *(f"band_{name}" for name in _BANDS), *(f"faint_{name}" for name in _BANDS), "negative",
    "sky", "sky_dim", "sky_value", "sky_strong", "sky_accent", "sky_warn",
    "axis", "t0", "fit", "event", "status", "failure", "news",
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
    "text": 250, "dim": 244, "strong": "bold 255", "title": "bold 255", "key": "bold 221", "label": 244,
    "value": 250, "good": 115, "warn": 221, "bad": "bold 210", "accent": 221,
    "cursor": (255, 237), "cursor_strong": ("bold 16", 221),
    "decided": 242, "mark": "bold 183", "gauge": 246, "gauge_faint": 240,
    "spark": 244,
    "tab": (250, 235), "tab_dim": (244, 235), "tab_key": (221, 235), "tab_new": ("bold 255", 235),
    "tab_here": ("bold 255", 238), "tab_here_dim": (250, 238), "tab_here_key": ("bold 221", 238),
    "foot": (250, 235), "foot_dim": (244, 235), "foot_strong": ("bold 255", 235), "foot_key": (221, 235),
    "foot_warn": (210, 235),
    "keys": (250, 237), "keys_dim": (245, 237), "keys_key": ("bold 221", 237),
    **_own(is_dark=True), **_by_band("faint", "61, 29, 95, 132, 143, 244, 31, 136, 246, 243"),
    "negative": 183,
    "sky": (250, 236), "sky_dim": (246, 236), "sky_value": (252, 236), "sky_strong": ("bold 255", 236),
    "sky_accent": ("bold 221", 236), "sky_warn": (221, 236),
    "axis": 244, "t0": 241, "fit": 246, "event": "bold 183",
    "status": (250, 235), "failure": ("bold 233", 210), "news": "bold 221",
}  # fmt: skip

_LIGHT: Mapping[str, _Look] = {
    "": 231,
    "text": 239, "dim": 243, "strong": "bold 16", "title": "bold 16", "key": "bold 94", "label": 243,
    "value": 239, "good": 29, "warn": 94, "bad": "bold 124", "accent": 94,
    "cursor": (16, 254), "cursor_strong": ("bold 16", 221),
    "decided": 246, "mark": "bold 91", "gauge": 242, "gauge_faint": 249,
    "spark": 243,
    "tab": (239, 255), "tab_dim": (243, 255), "tab_key": (94, 255), "tab_new": ("bold 16", 255),
    "tab_here": ("bold 16", 252), "tab_here_dim": (239, 252), "tab_here_key": ("bold 94", 252),
    "foot": (239, 255), "foot_dim": (243, 255), "foot_strong": ("bold 16", 255), "foot_key": (94, 255),
    "foot_warn": (124, 255),
    "keys": (239, 254), "keys_dim": (242, 254), "keys_key": ("bold 94", 254),
    **_own(is_dark=False), **_by_band("faint", "97, 72, 174, 175, 101, 247, 74, 179, 243, 247"),
    "negative": 91,
    "sky": (239, 254), "sky_dim": (242, 254), "sky_value": (238, 254), "sky_strong": ("bold 16", 254),
    "sky_accent": ("bold 94", 254), "sky_warn": (94, 254),
    "axis": 243, "t0": 248, "fit": 243, "event": "bold 91",
    "status": (239, 255), "failure": ("bold 231", 124), "news": "bold 94",
}  # fmt: skip

_CONTRAST: Mapping[str, _Look] = {
    "": 16,
    "text": 231, "dim": 252, "strong": "bold 231", "title": "bold 226", "key": "bold 226", "label": 252,
    "value": 231, "good": "bold 48", "warn": "bold 226", "bad": "bold 210", "accent": 226,
    "cursor": (231, 238), "cursor_strong": ("bold 16", 226),
    "decided": 247, "mark": "bold 213", "gauge": 231, "gauge_faint": 247,
    "spark": 252,
    "tab": 231, "tab_dim": 252, "tab_key": "bold 226", "tab_new": "bold 231",
    "tab_here": ("bold 16", 231), "tab_here_dim": (16, 231), "tab_here_key": ("bold 16", 231),
    "foot": 231, "foot_dim": 252, "foot_strong": "bold 231", "foot_key": "bold 226",
    "foot_warn": "bold 210",
    "keys": 231, "keys_dim": 252, "keys_key": "bold 226",
    **_by_band("band", "bold 105, bold 48, bold 203, bold 218, bold 229, bold 252, bold 51, bold 214, "
        "bold 231, bold 250"),
    **_by_band("faint", "105, 42, 203, 218, 186, 250, 44, 178, 252, 250"), "negative": 213,
    "sky": 231, "sky_dim": 252, "sky_value": 231, "sky_strong": "bold 231", "sky_accent": "bold 226",
    "sky_warn": "bold 226",
    "axis": 252, "t0": 247, "fit": 252, "event": "bold 213",
    "status": 231, "failure": ("bold 16", 210), "news": "bold 226",
}  # fmt: skip

# The terminal's own sixteen colours, on its own background, whatever that is: no white, no black, no grey
# that would vanish on one of the two.
_TERMINAL: Mapping[str, _Look] = {
    "text": "default", "dim": "dim default", "strong": "bold default", "title": "bold default",
    "key": "bold default", "label": "dim default", "value": "default",
    "good": "green", "warn": "yellow", "bad": "bold red", "accent": "yellow",
    "cursor": "bold default", "cursor_strong": "bold reverse default",
    "decided": "dim default", "mark": "bold magenta", "gauge": "default", "gauge_faint": "dim default",
    "spark": "dim default",
    "tab": "default", "tab_dim": "dim default", "tab_key": "default", "tab_new": "bold default",
    "tab_here": "bold reverse default", "tab_here_dim": "reverse default",
    "tab_here_key": "reverse default",
    "foot": "default", "foot_dim": "dim default", "foot_strong": "bold default", "foot_key": "bold default",
    "foot_warn": "red",
    "keys": "default", "keys_dim": "default", "keys_key": "bold default",
    **_by_band("band", "bold blue, bold green, bold red, bold magenta, bold default, dim default, bold cyan, "
        "bold yellow, bold default, default"),
    **_by_band("faint", "blue, green, red, magenta, dim default, dim default, cyan, yellow, dim default, "
        "dim default"), "negative": "magenta",
    "sky": "default", "sky_dim": "dim default", "sky_value": "default", "sky_strong": "bold default",
    "sky_accent": "bold default", "sky_warn": "yellow",
    "axis": "dim default", "t0": "dim default", "fit": "dim default", "event": "magenta",
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
        _rgb("dark", "#121212", "#262626", "#3a3a3a", "#bcbcbc", "#ffd75f", "#585858", dark=True),
        _rgb("light", "#ffffff", "#eeeeee", "#e4e4e4", "#4e4e4e", "#875f00", "#b2b2b2", dark=False),
        _rgb("contrast", "#000000", "#000000", "#000000", "#ffffff", "#ffff00", "#9e9e9e", dark=True),
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


def _rgb(
    name: str,
    background: str,
    surface: str,
    panel: str,
    foreground: str,
    primary: str,
    bar: str,
    *,
    dark: bool,
) -> Theme:
    return Theme(
        name=textual_name(name), primary=primary, secondary=primary, accent=primary, foreground=foreground,
        background=background, surface=surface, panel=panel, dark=dark,
        variables={
            "scrollbar": bar, "scrollbar-hover": foreground, "scrollbar-active": primary,
            "scrollbar-background": background, "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
        },
    )  # fmt: skip
