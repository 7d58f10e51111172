"""The registry of actions: bindings, footer, help, palette and remapping are read from it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from vra_tui.ranking.lists import DECISIONS
from vra_tui.surveys.own_labels import OWN_LABELS
from vra_tui.tui.tabs import LIST_TITLES, LISTS, WITH_KEYS


class HelpGroup(StrEnum):
    """The headings of the help."""

    DECIDE = "Decide"
    MOVE = "Move"
    LISTS = "Lists"
    CURVE = "Light curve"
    STAMPS = "Stamps"
    WORK = "Work beside the screen"
    OTHER = "Other"
    OUTBOX = "In the outbox"
    FORM = "In a form"


@dataclass(frozen=True)
class Action:
    """One thing a key can do.

    ``name`` is what a key map calls it, ``keys`` are its default keys in Textual's names, ``title`` stands in
    the footer (none: not in the footer), ``short`` where there is little room;
    ``call`` is the action of the scan screen that does it.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    description: str
    group: HelpGroup
    call: str
    short: str = ""
    #: Whether it decides a label that only some surveys have: told where a survey of the store has it.
    is_own: bool = False


_SHORT = {
    "garbage": "garb", "followup": "follow", "possible": "poss", "eyeball": "eye", "pm": "pm",
    "duplicates": "dupl",
}  # fmt: skip


def _decide() -> list[Action]:
    return [
        Action(
            name=decision.list.value,
            keys=(decision.key,),
            title=decision.title,
            description=f"{decision.title}: {decision.meaning}",
            group=HelpGroup.DECIDE,
            call=f"decide('{decision.list.value}')",
            short=_SHORT.get(decision.list.value, ""),
        )
        for decision in DECISIONS.values()
    ]


def _decide_with_note() -> list[Action]:
    return [
        Action(
            name=f"{decision.list.value}_with_note",
            keys=(decision.key.upper(),),
            title="",
            description=f"{decision.title}, with a note on why",
            group=HelpGroup.DECIDE,
            call=f"decide_with_note('{decision.list.value}')",
        )
        for decision in DECISIONS.values()
    ]


#: Textual's names of the keys of surveys' own labels.
_TEXTUALS = {"=": "equals_sign", ";": "semicolon", ":": "colon", ",": "comma"}


def _own_labels() -> list[Action]:
    return [
        Action(
            name=label.name,
            keys=(_TEXTUALS[label.key],),
            title=label.name,
            description=f"{label.name}: {label.meaning}",
            group=HelpGroup.DECIDE,
            call=f"decide('{label.name}')",
            short=label.name[:5],
            is_own=True,
        )
        for label in OWN_LABELS
    ]


def _lists() -> list[Action]:
    return [
        Action(
            f"list_{number}",
            (str(number % 10),),
            "",
            f"the list {name}",
            HelpGroup.LISTS,
            f"open_list({number - 1})",
        )
        for number, name in enumerate((LIST_TITLES[name] for name in LISTS[:WITH_KEYS]), start=1)
    ]


_REST = (
    ("undo", "u", "undo", HelpGroup.DECIDE, "undo", "take the last decision back, again for the one before"),
    ("help", "question_mark", "help", HelpGroup.OTHER, "help", "all keys"),
    ("repeat", "full_stop", "", HelpGroup.DECIDE, "repeat", "decide as last time"),
    ("own_label", "K", "", HelpGroup.DECIDE, "own_label", "one of the surveys' own labels, by its name"),
    ("note", "n", "note", HelpGroup.DECIDE, "note", "write a note on the alert"),
    (
        "ask",
        "O",
        "",
        HelpGroup.DECIDE,
        "ask",
        "the next decision asks for a second opinion (O O: no vote)",
    ),
    (
        "mark",
        "space",
        "",
        HelpGroup.DECIDE,
        "mark",
        "mark the alert; a decision then takes all that are marked",
    ),
    ("mark_range", "v", "", HelpGroup.DECIDE, "mark_range", "mark from the last mark to here"),
    (
        "unmark",
        "escape",
        "",
        HelpGroup.DECIDE,
        "clear",
        "take back in steps: full screen, message, marks, filter",
    ),
    ("last_decided", "backspace", "", HelpGroup.DECIDE, "last_decided", "back to the alert decided last"),
    ("down", "j down", "", HelpGroup.MOVE, "move(1)", "next alert"),
    ("up", "k up", "", HelpGroup.MOVE, "move(-1)", "previous alert"),
    ("next_undecided", "tab", "", HelpGroup.MOVE, "next_undecided", "next undecided alert"),
    ("page_down", "pagedown", "", HelpGroup.MOVE, "page(1)", "a page down"),
    ("page_up", "pageup", "", HelpGroup.MOVE, "page(-1)", "a page up"),
    ("first", "home", "", HelpGroup.MOVE, "first", "first alert"),
    ("last", "end", "", HelpGroup.MOVE, "last", "last alert"),
    (
        "find",
        "i",
        "",
        HelpGroup.MOVE,
        "find",
        "find an alert by id, name, position or the address of its page",
    ),
    ("next_list", "right_square_bracket", "list", HelpGroup.LISTS, "step_list(1)", "next list"),
    ("previous_list", "left_square_bracket", "", HelpGroup.LISTS, "step_list(-1)", "previous list"),
    (
        "refresh",
        "r",
        "",
        HelpGroup.LISTS,
        "refresh_list",
        "sort anew: decided ones leave, new ones come in",
    ),
    ("sort", "o", "", HelpGroup.LISTS, "sort", "another order: rank, urgency, newest, brightest, …"),
    ("reverse", "backslash", "", HelpGroup.LISTS, "reverse", "the same order the other way round"),
    (
        "filter",
        "slash",
        "filter",
        HelpGroup.LISTS,
        "filter",
        "filter: rank > 7 mag<18 host:NGC -tns fast day<=2",
    ),
    (
        "view",
        "V",
        "",
        HelpGroup.LISTS,
        "view",
        "named views (list, order, filter): open, keep, delete",
    ),
    (
        "enlarge",
        "M",
        "more",
        HelpGroup.OTHER,
        "enlarge",
        "the context over the height of the screen, and back",
    ),
    ("context_down", "right_curly_bracket", "", HelpGroup.OTHER, "scroll_context(1)", "on in the context"),
    ("context_up", "left_curly_bracket", "", HelpGroup.OTHER, "scroll_context(-1)", "back in the context"),
    (
        "curve",
        "enter",
        "curve",
        HelpGroup.CURVE,
        "full_curve",
        "the light curve over the whole screen, with a table",
    ),
    ("window", "w", "", HelpGroup.CURVE, "window", "days shown: around t0, last 5, 15, 100, all"),
    ("around", "N", "", HelpGroup.OTHER, "around", "what stands around: a map and a table, and back"),
    ("flux", "m", "", HelpGroup.CURVE, "flux", "magnitudes or flux"),
    ("forced", "f", "", HelpGroup.CURVE, "forced", "forced photometry on and off"),
    ("limits", "L", "", HelpGroup.CURVE, "limits", "limits: the deep ones, all, none"),
    ("fit", "F", "", HelpGroup.CURVE, "fit", "the fitted curve with its uncertainty, on and off"),
    ("nightly", "b", "", HelpGroup.CURVE, "nightly", "one point a night, or every exposure"),
    ("axis", "x", "", HelpGroup.CURVE, "axis", "days ago, days since t0, or MJD"),
    ("earlier", "h left", "", HelpGroup.CURVE, "read(-1)", "read the point before"),
    ("later", "l right", "", HelpGroup.CURVE, "read(1)", "read the point after"),
    (
        "bad_epoch",
        "exclamation_mark",
        "",
        HelpGroup.CURVE,
        "bad_epoch",
        "the point that is read (the latest) is a bad epoch, left out from then on; again: not",
    ),
    ("stamps", "Z", "", HelpGroup.STAMPS, "stamps", "the stamps over the whole screen, and back"),
    (
        "earlier_stamp",
        "less_than_sign",
        "",
        HelpGroup.STAMPS,
        "step_stamp(-1)",
        "stamps of the exposure before",
    ),
    (
        "later_stamp",
        "greater_than_sign",
        "",
        HelpGroup.STAMPS,
        "step_stamp(1)",
        "stamps of the exposure after",
    ),
    ("more_contrast", "plus", "", HelpGroup.STAMPS, "contrast(1)", "more contrast: fainter sources"),
    (
        "less_contrast",
        "minus",
        "",
        HelpGroup.STAMPS,
        "contrast(-1)",
        "less contrast: the cores of bright ones",
    ),
    (
        "other_picture",
        "B",
        "",
        HelpGroup.STAMPS,
        "other_picture",
        "the next picture: the field where there is one, or another of the stamps",
    ),
    ("contact_sheet", "H", "", HelpGroup.STAMPS, "contact_sheet", "the stamps of all exposures, and back"),
    (
        "pages",
        "W",
        "web",
        HelpGroup.OTHER,
        "pages",
        "web pages of the alert and its position: a letter copies and opens",
    ),
    ("copy_id", "y", "", HelpGroup.OTHER, "copy('id')", "copy the id"),
    ("copy", "Y", "", HelpGroup.OTHER, "copy('name')", "copy the name"),
    ("copy_position", "z", "", HelpGroup.OTHER, "copy('position')", "copy the position"),
    (
        "outbox",
        "Q",
        "",
        HelpGroup.WORK,
        "outbox",
        "the outbox: what is to leave, what came of it; approve, edit, send, drop",
    ),
    (
        "at_report",
        "at",
        "",
        HelpGroup.WORK,
        "at_report",
        "an AT report to the TNS: a form, checked, then into the outbox",
    ),
    (
        "astronote",
        "asterisk",
        "",
        HelpGroup.WORK,
        "astronote",
        "an AstroNote on the alert, or on all that are marked",
    ),
    ("score", "R", "", HelpGroup.WORK, "score", "score what is new, beside the screen"),
    ("ingest", "I", "", HelpGroup.WORK, "ingest", "take in files or folders, beside the screen"),
    ("watch", "f6", "", HelpGroup.WORK, "watch", "follow the configured sources, beside the screen"),
    ("train", "f7", "", HelpGroup.WORK, "train", "train a model, beside the screen"),
    ("cancel", "X", "", HelpGroup.WORK, "cancel", "stop the work that runs"),
    ("theme", "f2", "", HelpGroup.OTHER, "theme", "another theme"),
    ("palette", "ctrl+p", "", HelpGroup.OTHER, "palette", "every action by name"),
    ("quit", "q ctrl+c", "quit", HelpGroup.OTHER, "leave", "leave; everything decided is kept"),
)

_OTHERS = [
    Action(name, tuple(keys.split()), title, description, group, call)
    for name, keys, title, group, call, description in _REST
]
ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (
        *_decide(),
        *_decide_with_note(),
        *_lists(),
        # In the foot behind undo and help, which are always there.
        *_OTHERS[:2],
        *_own_labels(),
        *_OTHERS[2:],
    )
}


def actions_of(own_labels: Collection[str]) -> list[Action]:
    """The actions of a store whose surveys have these labels of their own."""
    return [action for action in ACTIONS.values() if not action.is_own or action.name in own_labels]


#: Key presets: which actions have other keys than the registry's.
PRESETS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "atlas": {},
    # Prodigy's: accept, reject, ignore. The lists keep their numbers, the other decisions their letters.
    "accept": {
        "good": ("a",),
        "good_with_note": ("A",),
        "garbage": ("x",),
        "garbage_with_note": ("X",),
        "cancel": ("f8",),
        "possible": ("space",),
        "possible_with_note": ("P",),
        "attic": ("g",),
        "attic_with_note": ("G",),
        "mark": ("m",),
        "flux": ("U",),
        "axis": ("t",),
    },
}
