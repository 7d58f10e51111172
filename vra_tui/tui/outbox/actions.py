"""The keys of the outbox and of forms: bindings, feet, help and remapping are read from here."""

from collections.abc import Mapping, Sequence

from vra_tui.tui.actions import Action, HelpGroup

_OUTBOX = (
    ("approve", "a", "approve", "let the draft leave"),
    ("approve_all", "A", "approve_all", "let all drafts leave that are shown; asks first"),
    ("send", "s", "send", "send it now; of what no program sends: it was handed in"),
    ("edit", "e", "edit", "edit it as a form or in $EDITOR; it is a draft again"),
    ("drop", "x", "drop", "let it not leave; asks first, and keeps it among what was withdrawn"),
    ("retry", "r", "retry", "once more what was refused, now what rests"),
    ("copy", "y", "copy", "copy the content"),
    ("alert", "enter", "go", "go to its alert"),
    ("leave", "escape q Q", "leave", "back to the list"),
    ("next_selection", "tab right_square_bracket", "select(1)", "the next selection: open, drafts, …"),
    ("previous_selection", "shift+tab left_square_bracket", "select(-1)", "the selection before"),
    ("down", "j down", "step(1)", "the item below"),
    ("up", "k up", "step(-1)", "the item above"),
    ("page_down", "pagedown", "page(1)", "a page down"),
    ("page_up", "pageup", "page(-1)", "a page up"),
    ("first", "home", "step(-1000000)", "the first item"),
    ("last", "end", "step(1000000)", "the last item"),
    ("further", "right_curly_bracket space", "scroll_item(1)", "on in the item"),
    ("back", "left_curly_bracket", "scroll_item(-1)", "back in the item"),
    ("help", "question_mark", "help", "these keys"),
)
_FORM = (
    ("edit", "enter i", "edit_row", "edit the row"),
    ("edit_all", "e", "edit_all", "edit all of it in $EDITOR"),
    ("put", "a ctrl+s", "put", "into the outbox, as a draft"),
    ("real", "R", "real", "an AT report: for the TNS itself, or for its sandbox"),
    ("leave", "escape q", "leave", "leave; what was changed asks first"),
    ("down", "j down tab", "step(1)", "the row below"),
    ("up", "k up shift+tab", "step(-1)", "the row above"),
    ("page_down", "pagedown", "step(10)", "ten rows down"),
    ("page_up", "pageup", "step(-10)", "ten rows up"),
    ("first", "home", "step(-1000)", "the first row"),
    ("last", "end", "step(1000)", "the last row"),
    ("further", "right_curly_bracket", "scroll(1)", "on in what the rules find"),
    ("back", "left_curly_bracket", "scroll(-1)", "back in what the rules find"),
    ("help", "question_mark", "help", "these keys"),
)


def _actions(screen: str, group: HelpGroup, rows: Sequence[tuple[str, ...]]) -> Mapping[str, Action]:
    return {
        f"{screen}_{name}": Action(f"{screen}_{name}", tuple(keys.split()), "", description, group, call)
        for name, keys, call, description in rows
    }


OUTBOX_ACTIONS = _actions("outbox", HelpGroup.OUTBOX, _OUTBOX)
FORM_ACTIONS = _actions("form", HelpGroup.FORM, _FORM)
