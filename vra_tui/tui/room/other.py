"""The other keys: copying, colours, help, leaving."""

import os

from vra_tui.text import printable
from vra_tui.tui.actions import actions_of
from vra_tui.tui.clipboard import osc52
from vra_tui.tui.help import HelpScreen
from vra_tui.tui.outbox.actions import FORM_ACTIONS, OUTBOX_ACTIONS
from vra_tui.tui.palette import THEMES, textual_name
from vra_tui.tui.room.base import Room
from vra_tui.tui.sky import sexagesimal


class OtherKeys(Room):
    """What belongs to no alert's fate."""

    def action_copy(self, what: str) -> None:
        """Copy a text of the alert meant to the clipboard of the terminal, wherever that runs."""
        row = self.row_meant()
        if row is None:
            return
        text = {
            "name": printable(row.name) or printable(row.object_id),
            "id": printable(row.object_id),
            "position": sexagesimal(row.ra, row.dec),
        }[what]
        driver = self.app._driver
        if driver is not None:
            driver.write(osc52(text, inside_tmux="TMUX" in os.environ))
        self.say(f"Copied: {text}")

    def action_theme(self) -> None:
        """The next theme."""
        following = THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)]
        self.app.theme = textual_name(following)
        self.use_theme(following)
        self.say(f"Theme {following}. `theme` in the configuration keeps it.")

    def action_palette(self) -> None:
        """Every action by name."""
        self.app.action_command_palette()

    async def action_help(self) -> None:
        """Show all keys."""
        elsewhere = (*OUTBOX_ACTIONS.values(), *FORM_ACTIONS.values())
        actions = [*actions_of(self.session.own_labels), *elsewhere]
        await self.app.push_screen(HelpScreen(self.keys, self.theme, actions))

    async def action_leave(self) -> None:
        """Leave; work that still runs is stopped, and what it had finished is kept."""
        if self.job is not None:
            await self.job.cancel()
        self.app.exit(0)
