"""Keys for what leaves: the outbox, and drafts of what is told to others about an alert."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vra_tui.config.locations import user_data_dir
from vra_tui.errors import VraError
from vra_tui.ranking.lists import MACHINE
from vra_tui.store import Store, StoreFault
from vra_tui.tui.room.base import why_not
from vra_tui.tui.room.finding import FindingKeys
from vra_tui.tui.room.working import WorkingKeys
from vra_tui.tui.spans import Line

if TYPE_CHECKING:
    from vra_tui.store.outbox import Item
    from vra_tui.tui.outbox.forms import Form
    from vra_tui.tui.outbox.panes import Change
    from vra_tui.tui.outbox.reading import OutboxContents

#: Alerts that one note is about, at most: the rest is no note any more.
_MOST_IN_NOTE = 50


class OutgoingKeys(FindingKeys, WorkingKeys):
    """Nothing leaves by these keys but what somebody has approved."""

    async def action_outbox(self) -> None:
        """Open the outbox; it ends with an alert to go to, or none."""
        # The screen starts faster without what few nights begin with.
        from vra_tui.tui.outbox.screen import OutboxScreen

        def back(alert_id: int | None) -> None:
            if alert_id is not None:
                self.go_to(alert_id)

        await self.app.push_screen(OutboxScreen(self, self.theme, self._edits, self.keys), back)

    async def action_at_report(self) -> None:
        """Draft an AT report of the alert meant."""
        row = self.row_meant()
        if row is None:
            self.say("There is no alert to report here.")
            return

        def make(store: Store) -> "Form":
            from vra_tui.tui.outbox.forms import report_form

            return report_form(store, row.alert_id, self.settings.configured(), self.host.clock())

        await self._open_form(make)

    async def action_astronote(self) -> None:
        """Draft an AstroNote on the alert meant, or on those that are marked."""
        row = self.row_meant()
        ids = list(self.session.marked) or ([] if row is None else [row.alert_id])
        if not ids:
            self.say("There is no alert to write about here.")
            return
        if len(ids) > _MOST_IN_NOTE:
            self.say(f"A note is about {_MOST_IN_NOTE} alerts at most; {len(ids)} are marked.")
            return

        def make(store: Store) -> "Form":
            from vra_tui.tui.outbox.forms import note_form

            return note_form(store, ids, self.settings.configured())

        await self._open_form(make)

    async def _open_form(self, make: Callable[[Store], "Form"]) -> None:
        try:
            form = await self.fetched(self.watcher.read(make))
        except (VraError, StoreFault, ValueError) as error:
            why = why_not(error) if isinstance(error, VraError | StoreFault) else str(error)
            self.say(f"It cannot be drafted: {why}.", "failure")
            return
        from vra_tui.tui.outbox.form_screen import FormScreen

        def done(item_id: str | None) -> None:
            if item_id is not None:
                self.say(f"In the outbox as a draft: {form.title}. {self.key('outbox')} shows it.", "news")

        await self.app.push_screen(FormScreen(self, form, self.theme, self._edits, self.keys), done)

    async def edit_as_form(self, item: "Item") -> str | None:
        """Open the form of an item; what was wrong, where it cannot be opened."""

        def make(store: Store) -> "Form":
            from vra_tui.tui.outbox.forms import form_of

            return form_of(store, item, self.settings.configured())

        try:
            form = await self.watcher.read(make)
        except (VraError, StoreFault, ValueError) as error:
            return why_not(error) if isinstance(error, VraError | StoreFault) else str(error)
        from vra_tui.tui.outbox.form_screen import FormScreen

        await self.app.push_screen(FormScreen(self, form, self.theme, self._edits, self.keys))
        return None

    @property
    def _edits(self) -> Path:
        return user_data_dir() / "edits"

    def target_of(self, form: "Form", is_real: bool) -> str:
        """The configured target of a form. Raises VraError where there is none."""
        from vra_tui.tui.outbox.forms import ReportForm

        if not isinstance(form, ReportForm):
            return ""
        from vra_tui.pipeline.tns_target import tns_target

        return tns_target(self.settings.configured(), is_real)

    def read_outbox(self, read: "Callable[[Store], OutboxContents]") -> "Awaitable[OutboxContents]":
        """Read beside the screen. Raises StoreFault."""
        return self.watcher.read(read)

    def change_outbox(self, change: "Change") -> Awaitable[object]:
        """Write beside the screen. Raises NotSaved."""
        return self.session.writer.change(change)

    async def renew_outbox(self) -> list[str]:
        """Draft what the rules ask for; what hindered them. Raises NotSaved."""

        def renew(store: Store) -> list[str]:
            from vra_tui.pipeline.outbox.drafting import Rules, renew_drafts

            rules = Rules.of(self.settings.configured())
            drafted = renew_drafts(store, rules, by=MACHINE, clock=self.host.clock)
            return [f"{name}: {fault}" for name, fault in (drafted.faults or {}).items()]

        return await self.session.writer.work(renew)

    def send_item(self, item_id: str) -> str | None:
        """Begin to send an item in a process beside the screen; why not, where that cannot be."""
        if self.job is not None:
            return f"{self.job.name} still runs: send it when that is done."
        self._start(["outbox", "send", item_id, "--db", str(self.session.store_path)])
        return None

    @property
    def sending(self) -> str:
        """What the process that sends said last; "" where none runs."""
        if self.job is None or self.job.name != "outbox":
            return ""
        return self.progress or "…"

    @property
    def told(self) -> Line:
        """What the room said last, as when a process ended."""
        return self._message

    def outbox_clock(self) -> datetime:
        """The time that the screen goes by."""
        return self.host.clock()
