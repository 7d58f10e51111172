"""The list of alerts: draws only the rows in view, and repaints two lines a key."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from vra_tui.store.listing import ListRow
from vra_tui.tui.list_columns import ListColumn, Sight, fitting, row_line
from vra_tui.tui.palette import styles_of
from vra_tui.tui.pane import Bare, blank
from vra_tui.tui.scrollbar import ThinScrollBar
from vra_tui.tui.spans import to_strip

#: Lines of the old page that stay in view when the list turns a page.
_OVERLAP = 2


class AlertList(Bare, ScrollView):
    """A view on rows it does not hold: ``row_at`` gives the row of an index, None where it is gone.

    The page turns when the cursor leaves it, and stands still otherwise: a list that slides under the eye at
    each key is hard to read, and over a slow line costs twenty times the bytes.

    Where the page is moved by other means (wheel, scrollbar) the cursor stays on its alert as long as that
    is in view, and then goes along at the page's edge, as in pagers and editors: a key means what is seen.
    ``follow`` is told the index to which it must go, before anything is drawn.
    """

    can_focus = False

    class Clicked(Message):
        """A line was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Resized(Message):
        """The columns that fit are others now."""

    def __init__(
        self,
        row_at: Callable[[int], ListRow | None],
        follow: Callable[[int], None],
        sight: Callable[[], Sight],
        *,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.vertical_scrollbar.renderer = ThinScrollBar  # type: ignore[misc]  # a bar of this list alone
        self._row_at = row_at
        self._follow = follow
        self._sight = sight
        self._is_placing = False
        self._length = 0
        self._cursor = 0
        self._marked: Collection[int] = ()
        self._viewed: Collection[int] = ()
        self._strips: dict[tuple[ListRow, bool, bool, bool, bool], Strip] = {}
        self._styles: dict[str, Style] = styles_of("dark")
        self.columns: list[ListColumn] = []
        self._list_name = ""
        self._has_follow_up = False
        #: The alert whose line was drawn last as the one under the cursor.
        self.drawn: int | None = None

    def set_styles_of(self, theme: str) -> None:
        """Use another theme's colours."""
        self._styles = styles_of(theme)
        self._strips.clear()
        self.refresh()

    def show(self, length: int, cursor: int, marked: Collection[int] = (), list_name: str = "") -> None:
        """Show a list anew, its cursor in view; one of another name may have other columns."""
        row = self._row_at(cursor) if length else None
        has_follow_up = row is not None and row.pfollow is not None
        if (list_name, has_follow_up) != (self._list_name, self._has_follow_up):
            self._list_name, self._has_follow_up = list_name, has_follow_up
            self._strips.clear()
            self.columns = fitting(self._inner_width(), list_name, has_follow_up=has_follow_up)
        self._length, self._marked, self._cursor = length, marked, cursor
        with self._placing():
            self.virtual_size = Size(self._inner_width(), length)
            self.refresh()
            self._turn_to(cursor)

    def grow(self, length: int, cursor: int, moved: int) -> None:
        """Lines came in, ``moved`` of them above the view: the lines in view stand still."""
        self._length, self._cursor = length, cursor
        with self._placing():
            self.virtual_size = Size(self._inner_width(), length)
            if moved:
                self.scroll_to(y=round(self.scroll_y) + moved, animate=False, force=True)
            self._turn_to(cursor)
        self.refresh()

    def point(self, cursor: int) -> None:
        """Move the cursor."""
        if cursor == self._cursor:
            return
        self.refresh_line(self._cursor)
        self._cursor = cursor
        self.refresh_line(cursor)
        self._turn_to(cursor)

    def show_viewed(self, alert_ids: Collection[int]) -> None:
        """Mark the alerts that other screens show; the lines are drawn anew by the caller."""
        self._viewed = alert_ids

    def redraw(self, index: int) -> None:
        """Draw a line anew: its row has changed."""
        self.refresh_line(index)

    @property
    def in_view(self) -> tuple[int, int]:
        """Indices of the first and the last line in view; the cursor's alone where the list is not shown."""
        if not self.size:
            return self._cursor, min(self._cursor, self._length - 1)
        top = round(self.scroll_y)
        return top, min(top + self._page(), self._length) - 1

    @property
    def page_length(self) -> int:
        """Lines that a page key moves by."""
        return max(1, self._page() - _OVERLAP)

    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def _turn_to(self, cursor: int) -> None:
        if not self.size:
            return  # not shown: the page is turned when it is
        top, page = round(self.scroll_y), self._page()
        if top <= cursor < top + page:
            return
        overlap = _OVERLAP if page > 4 * _OVERLAP else 0
        target = cursor - overlap if cursor >= top + page else cursor - page + 1 + overlap
        with self._placing():
            self.scroll_to(y=max(0, min(target, self._length - page)), animate=False, force=True)

    @contextmanager
    def _placing(self) -> Iterator[None]:
        """While the block runs it is the page that is put where the cursor is."""
        before, self._is_placing = self._is_placing, True
        try:
            yield
        finally:
            self._is_placing = before

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The page moved; a cursor that it left behind goes along."""
        super().watch_scroll_y(old_value, new_value)
        first, last = self.in_view
        if not self._is_placing and first <= last and not first <= self._cursor <= last:
            self._follow(first if self._cursor < first else last)

    def _inner_width(self) -> int:
        return max(1, self.scrollable_content_region.width)

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        width = self._inner_width()
        index = y + round(self.scroll_y)
        if index >= self._length:
            return blank(width, self._styles["text"])
        row = self._row_at(index)
        here = index == self._cursor
        if row is None:
            return blank(width, self._styles["text"])
        if here:
            self.drawn = row.alert_id
        marked = row.alert_id in self._marked
        viewed = row.alert_id in self._viewed
        sight = self._sight()
        key = (row, here, marked, viewed, row.alert_id in sight.fresh)
        strip = self._strips.get(key)
        if strip is None:
            line = row_line(row, self.columns, sight, width, cursor=here, marked=marked, viewed=viewed)
            fill = "cursor" if here else "text"
            strip = to_strip(line, width, self._styles, fill)
            if len(self._strips) > 2_000:
                self._strips.clear()
            self._strips[key] = strip
        return strip

    def on_resize(self, event: events.Resize) -> None:
        """Choose the columns that fit now. A list that is not shown has no size, and keeps those it had."""
        if not event.size:
            return
        self._strips.clear()
        self.columns = fitting(self._inner_width(), self._list_name, has_follow_up=self._has_follow_up)
        with self._placing():
            self.virtual_size = Size(self._inner_width(), self._length)
            self._turn_to(self._cursor)
        self.post_message(self.Resized())

    def on_click(self, event: events.Click) -> None:
        """Tell which line was clicked."""
        index = event.y + round(self.scroll_y)
        if 0 <= index < self._length:
            self.post_message(self.Clicked(index))
