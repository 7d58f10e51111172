"""A draft as a form over the screen: fields edited in place or in $EDITOR, checked at every change."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from rich.cells import cell_len
from textual.app import ComposeResult, SuspendNotSupported
from textual.layout import Layout

from vra_tui.errors import VraError
from vra_tui.export.drafts.finding import Finding, Level
from vra_tui.store import Store, outbox
from vra_tui.text import printable
from vra_tui.tui.bars import on_foot
from vra_tui.tui.compositor import FrugalCompositor
from vra_tui.tui.help import HelpScreen
from vra_tui.tui.keymap import KeyMap, bindings, key_of_action
from vra_tui.tui.modal import Modal
from vra_tui.tui.outbox.actions import FORM_ACTIONS
from vra_tui.tui.outbox.editing import Desk, EditFault, run_editor
from vra_tui.tui.outbox.form_lines import finding_lines, form_keys, form_lines, verdict_line
from vra_tui.tui.outbox.forms import Form, FormRow, ReportForm
from vra_tui.tui.outbox.layout import form_regions
from vra_tui.tui.pane import Pane
from vra_tui.tui.prompt import Prompt, title_line
from vra_tui.tui.room.layout import PlacedLayout
from vra_tui.tui.spans import Line, fit_line, width_of
from vra_tui.tui.writer import NotSaved

#: The column at which the foot tells of a row.
_TOLD_AT = 44
#: A change of the outbox: the store, who makes it, and when.
Change = Callable[[Store, str, datetime], object]


class FormHost(Protocol):
    """What a form asks of the room around it."""

    def change_outbox(self, change: Change) -> Awaitable[object]:
        """Write beside the screen. Raises NotSaved."""

    def outbox_clock(self) -> datetime:
        """The time that the screen goes by."""

    def target_of(self, form: Form, is_real: bool) -> str:
        """The configured target of a form. Raises VraError where there is none."""


class FormScreen(Modal[str | None]):
    """Ends with the id of the item that was put into the outbox, or None."""

    BINDINGS = bindings(FORM_ACTIONS.values())

    def __init__(self, host: FormHost, form: Form, theme: str, desk: Path, keys: KeyMap) -> None:
        super().__init__()
        self._compositor = FrugalCompositor()
        self._places = PlacedLayout(form_regions)
        self._host, self._form, self._theme, self._desk = host, form, theme, Desk(desk)
        self._keys = keys
        self._rows = form.rows()
        self._findings: list[Finding] = []
        self._open: list[Finding] = []
        self._here = self._top = self._scrolled = 0
        self._is_real = self._is_changed = self._is_writing = self._is_begun = False
        #: Whether a text on the desk could not be understood, and is still to be mended.
        self._is_broken = False
        #: The key that has to be pressed twice.
        self._asked = ""
        self._message: Line = []

    @property
    def layout(self) -> Layout:
        """Where the panes stand."""
        return self._places

    def compose(self) -> ComposeResult:
        """Title, fields, findings, what just happened, and the keys."""
        yield Pane(id="form-title", fill="tab_here_dim")
        yield Pane(id="form-rows")
        yield Pane(id="form-findings")
        yield Pane(id="form-status", fill="foot")
        yield Pane(id="form-keys", fill="keys")

    def on_mount(self) -> None:
        """Show the form."""
        self._panes = {pane.id: pane for pane in self.query(Pane)}
        for pane in self._panes.values():
            pane.set_styles_of(self._theme)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._check()
        self._take_up()
        self._is_begun = True

    def _take_up(self) -> None:
        """Go on with what was changed before the line was cut, or the program killed."""
        text = self._desk.kept(self._form.key)
        if text is not None:
            self._take_text(text)
            if self._is_changed:
                again = self._key("leave")
                self._say(f"What you changed before is here again; {again} twice leaves it.", "news")

    def on_resize(self) -> None:
        """Lay everything out for the size."""
        self.call_after_refresh(self._show)

    @property
    def is_steady(self) -> bool:
        """Whether the form is on the screen and nothing is being written."""
        return self._is_begun and not self._is_writing

    # Showing

    @property
    def _row(self) -> FormRow | None:
        return self._rows[self._here] if self._rows else None

    def _check(self) -> None:
        """Look what speaks against the form as it is now, and show it."""
        now = self._host.outbox_clock()
        self._rows = self._form.rows()
        self._here = min(self._here, max(len(self._rows) - 1, 0))
        self._findings, self._open = self._form.findings(now), self._form.unanswered(now)
        self._show()

    def _show(self) -> None:
        panes, width = self._panes, self.app.size.width
        where = self._where
        panes["form-title"].show([title_line(f"{self._form.title}{where}", (), width)])
        marked: dict[str, Level] = {}
        for one in reversed(self._open):
            marked.update(dict.fromkeys(one.fields, one.level))
        wide, high = panes["form-rows"].size
        lines, starts = form_lines(self._rows, self._here, marked, wide)
        first = starts[self._here] if starts else 0
        last = (starts[self._here + 1] if self._here + 1 < len(starts) else len(lines)) - 1
        if high:
            self._top = min(max(self._top, min(last - high + 1, first)), first)
            self._top = 0 if self._here == 0 else self._top
        panes["form-rows"].show(lines[self._top :])
        wide, high = panes["form-findings"].size
        found = finding_lines(self._findings, self._reasons, max(wide, 8))
        self._scrolled = max(0, min(self._scrolled, len(found) - high))
        panes["form-findings"].show(found[self._scrolled :])
        is_report = isinstance(self._form, ReportForm)
        panes["form-keys"].show([form_keys(self._row, is_report, self._is_real, self._keys, width)])
        self._show_status()

    @property
    def _reasons(self) -> dict[str, str]:
        return dict(self._form.reasons) if isinstance(self._form, ReportForm) else {}

    @property
    def _where(self) -> str:
        if not isinstance(self._form, ReportForm):
            return ""
        return ", for the TNS itself" if self._is_real else ", for the TNS's sandbox"

    def _show_status(self) -> None:
        width = self.app.size.width
        if self._message:
            line = fit_line([(" ", "foot"), *on_foot(self._message)], width, "foot")
        else:
            place = f" {self._here + 1} of {len(self._rows)} " if self._rows else ""
            told = printable(self._row.help, 300) if self._row is not None else ""
            room = max(width - len(place), 0)
            verdict = verdict_line(self._findings, {one.rule for one in self._open})
            # What is told of a row begins in one place wherever it fits there.
            begin = max(width_of(verdict) + 2, min(_TOLD_AT, room - cell_len(told)))
            left = [*fit_line(verdict, begin, "foot"), (told, "foot_dim")]
            line = [*fit_line(left, room, "foot"), (place, "foot_dim")]
        self._panes["form-status"].show([line])

    def _say(self, text: str, role: str = "status") -> None:
        self._message = [(printable(text, 2_000), role)] if text else []
        self._show_status()

    def _key(self, name: str) -> str:
        """The key of an action of forms as people write it, or what a key map calls the action."""
        return key_of_action(self._keys, f"form_{name}") or f"`form_{name}`"

    async def action_help(self) -> None:
        """Show the keys of forms."""
        await self.app.push_screen(HelpScreen(self._keys, self._theme, FORM_ACTIONS.values(), about=()))

    # Moving

    def action_step(self, step: int) -> None:
        """Another row."""
        self._here = max(0, min(self._here + step, len(self._rows) - 1))
        self._asked, self._message = "", []
        self._show()

    def action_scroll(self, pages: int) -> None:
        """On or back in what the rules find."""
        self._scrolled += pages * max(1, self._panes["form-findings"].size.height - 1)
        self._show()

    def action_leave(self) -> None:
        """Leave; what was changed and is in no outbox asks first."""
        if self._is_changed and self._asked != "leave":
            self._asked = "leave"
            again, keep = self._key("leave"), self._key("put")
            self._say(f"{again} again leaves what you changed; {keep} keeps it in the outbox.", "news")
            return
        if self._is_changed and not self._is_broken:
            self._desk.end(self._form.key)
        self.dismiss(None)

    # Editing

    async def action_edit_row(self) -> None:
        """Edit the row in place; one with lines of its own in an editor, with all the others."""
        row = self._row
        if row is None:
            return
        if row.is_long:
            self.action_edit_all()
            return

        def take(text: str | None) -> None:
            if text is not None and text != row.text:
                self._take(lambda form: form.changed(row.name, text))

        await self.app.push_screen(Prompt(row.label, row.text, row.help), take)

    def action_edit_all(self) -> None:
        """Edit the whole form in $EDITOR."""
        key = self._form.key
        try:
            path = self._desk.begin(key, self._form.as_text())
            with self.app.suspend():
                run_editor(path)
            text = self._desk.read(key)
        except SuspendNotSupported:
            self._say("This terminal cannot be given to an editor.", "failure")
            return
        except (EditFault, OSError) as error:
            self._say(f"Not taken: {error}. {self._key('edit_all')} opens your text again.", "failure")
            return
        self._take_text(text)
        if not self._is_broken and not self._is_changed:
            self._desk.end(key)

    def _take_text(self, text: str) -> None:
        """Take a text from the desk; what cannot be understood stays there."""
        self._is_broken = False
        more = f" {self._key('edit_all')} opens your text again."
        self._is_broken = not self._take(lambda form: form.of_text(text), more)

    def _take(self, change: Callable[[Form], Form], more: str = "") -> bool:
        try:
            form = change(self._form)
        except (VraError, KeyError) as error:
            self._say(f"Not taken: {str(error).rstrip('.')}.{more}", "failure")
            return False
        self._is_changed |= form.as_text() != self._form.as_text()
        self._form, self._message = form, []
        if self._is_changed and not self._is_broken:
            self._desk.keep(form.key, form.as_text())
        self._check()
        return True

    # Into the outbox

    def action_real(self) -> None:
        """Send the report to the TNS itself, or to its sandbox; the first asks first."""
        if not isinstance(self._form, ReportForm):
            return
        if not self._is_real and self._asked != "real":
            self._asked = "real"
            again = f"{self._key('real')} again"
            self._say(f"{again}: this report is for the TNS itself, where everybody reads it.", "news")
            return
        self._asked, self._message = "", []
        self._is_real = not self._is_real
        self._show()

    async def action_put(self) -> None:
        """Put it into the outbox, where somebody approves it; asks for reasons where rules warn."""
        self._open = self._form.unanswered(self._host.outbox_clock())
        blocking = [one for one in self._open if one.level is Level.BLOCK]
        if blocking:
            fields = [row.name for row in self._rows]
            named = [fields.index(one) for one in blocking[0].fields if one in fields]
            self._here = named[0] if named else self._here
            self._show()
            self._say(f"It cannot leave: {blocking[0].what}. {blocking[0].remedy}.", "failure")
            return
        if self._open:
            await self._ask_why(self._open[0])
            return
        try:
            draft = self._form.draft(
                self._host.target_of(self._form, self._is_real), self._is_real, self._host.outbox_clock()
            )
        except VraError as error:
            self._say(str(error), "failure")
            return
        self._is_writing = True
        try:
            made = await self._host.change_outbox(
                lambda store, by, now: outbox.put(store, [draft], by=by, now=now)[0]
            )
        except NotSaved as error:
            self._say(f"Not kept: {error}.", "failure")
            return
        finally:
            self._is_writing = False
        if not self._is_broken:
            self._desk.end(self._form.key)
        self.dismiss(str(made))

    async def _ask_why(self, finding: Finding) -> None:
        """Ask why a warning does not count, then go on; Escape leaves it unanswered."""

        async def take(text: str | None) -> None:
            if text is None or not text.strip():
                self._say(f"Not answered: {finding.what}.")
                return
            self._form = self._form.answered(finding.rule, text.strip())
            self._is_changed = True
            self._check()
            await self.action_put()

        title = f"{finding.what}. Why may it leave all the same?"
        await self.app.push_screen(Prompt(title, placeholder=finding.remedy), take)
