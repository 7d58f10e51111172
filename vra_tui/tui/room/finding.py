"""Keys that find an alert, and that lead out of the terminal to its web pages."""

import os

from vra_tui.store.detail import associations_of
from vra_tui.store.listing import ListRow, list_rows
from vra_tui.text import counted, printable
from vra_tui.tui.alert_names import full_name
from vra_tui.tui.browser import has_browser, open_page
from vra_tui.tui.clipboard import osc52
from vra_tui.tui.found_lines import found_line
from vra_tui.tui.pages import Page, pages_of
from vra_tui.tui.picker import Choice, Picked, Picker
from vra_tui.tui.prompt import Prompt
from vra_tui.tui.room.base import Room

#: So many of the alerts found are offered.
_OFFERED = 500


class FindingKeys(Room):
    """What is typed or pasted is looked up in the watcher's thread."""

    async def action_find(self) -> None:
        """Ask for an id, a name, an address or a position, and go there."""
        found: dict[str, list[int]] = {}
        offered: dict[str, list[ListRow]] = {}

        async def check(text: str) -> None:
            if text.strip():
                found[text] = await self.fetched(self.watcher.find(text))
                offered[text] = list_rows(self.session.store, found[text][:_OFFERED])

        async def go(text: str | None) -> None:
            if text is None or not text.strip():
                return
            self.history.add("find", text)
            if len(found[text]) == 1:
                self.go_to(found[text][0])
                self.say("Found.")
            else:
                await self._offer(offered[text], len(found[text]), text)

        hint = "AT2024moo, an id, the address of its page, 12:34:56.7 +12:34:56, 188.7 12.6"
        history = self.history.lines("find")
        prompt = Prompt("Find an alert", placeholder=hint, check=check, history=history, enter="goes there")
        await self.app.push_screen(prompt, go)

    def go_to(self, alert_id: int) -> None:
        """Put the cursor on an alert; one that is not in the list comes in at the cursor."""
        order = self.session.order
        before = order.current
        order.go_to(alert_id)
        self.meant.leapt(before, order.current)
        self.show_list()

    async def _offer(self, rows: list[ListRow], count: int, text: str) -> None:
        """Let the scanner choose among the first of so many alerts that a text means."""

        def go(picked: Picked | None) -> None:
            if picked is not None:
                self.go_to(int(picked.id))
                self.say("Found.")

        choices = [Choice(str(row.alert_id), found_line(row)) for row in rows]
        more = "" if count <= len(rows) else f" The first {len(rows)} are here."
        title = f"{counted(count, 'alert')}: {printable(text, 60)}"
        await self.app.push_screen(Picker(title, choices, more), go)

    async def action_pages(self) -> None:
        """Offer the web pages of the alert meant and of its place, each by a letter."""
        row = self.row_meant()
        if row is None:
            self.say("There is no alert here.")
            return
        pages = {page.letter: page for page in self._pages(row)}

        def act(picked: Picked | None) -> None:
            if picked is not None:
                self._lead_to(pages[picked.id])

        choices = [Choice(letter, _page_line(page), letter) for letter, page in pages.items()]
        browser = has_browser(os.environ)
        does = "A letter copies the address" + (" and opens it in the browser." if browser else ".")
        await self.app.push_screen(Picker(f"Web pages: {full_name(row)}", choices, does), act)

    def _pages(self, row: ListRow) -> list[Page]:
        codes, store = self.session.codes, self.session.store
        own = codes.links(row.survey, row.object_id, {"name": row.name, "other_name": row.other_name})
        others = [
            (one.object_id, codes.links(one.survey, one.object_id, {"name": one.name}))
            for one in associations_of(store, row.alert_id)
        ]
        return pages_of(row.ra, row.dec, [(row.object_id, own), *others], row.other_name)

    def _lead_to(self, page: Page) -> None:
        driver = self.app._driver
        if driver is not None:
            driver.write(osc52(page.url, inside_tmux="TMUX" in os.environ))
        if has_browser(os.environ):
            self.run_worker(self._open(page), name="browser")
        else:
            self.say(f"Copied: {page.url}")

    async def _open(self, page: Page) -> None:
        try:
            is_open = await open_page(page.url)
        except OSError:
            is_open = False
        opened = f"opened {page.title}" if is_open else "no browser opened it"
        self.say(f"Copied, and {opened}: {page.url}")


def _page_line(page: Page) -> list[tuple[str, str]]:
    return [
        (f"{page.letter}  ", "keys_key"),
        (f"{page.title:<14}  ", "strong"),
        (f"{page.about:<31}  ", "text"),
        (page.url.removeprefix("https://"), "dim"),
    ]
