"""Keys for what leaves: the outbox, and drafts of what is told to others about an alert."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from vra_tui.config.locations import user_data_dir
from vra_tui.store import Store
from vra_tui.tui.outbox.reading import OutboxContents
from vra_tui.tui.outbox.screen import Change, OutboxScreen
from vra_tui.tui.room.finding import FindingKeys
from vra_tui.tui.room.working import WorkingKeys


class OutgoingKeys(FindingKeys, WorkingKeys):
    """Nothing leaves by these keys but what somebody has approved."""

    async def action_outbox(self) -> None:
        """Open the outbox; it ends with an alert to go to, or none."""

        def back(alert_id: int | None) -> None:
            if alert_id is not None:
                self.go_to(alert_id)

        await self.app.push_screen(OutboxScreen(self, self.theme, user_data_dir() / "edits"), back)

    def read_outbox(self, read: Callable[[Store], OutboxContents]) -> Awaitable[OutboxContents]:
        """Read beside the screen. Raises StoreFault."""
        return self.watcher.read(read)

    def change_outbox(self, change: Change) -> Awaitable[object]:
        """Write beside the screen. Raises NotSaved."""
        return self.session.writer.change(change)

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

    def outbox_clock(self) -> datetime:
        """The time that the screen goes by."""
        return self.host.clock()
