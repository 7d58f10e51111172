"""What goes out to the terminal: of each line the cells that changed, not all that stand before them."""

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class SpanUpdate(ChopsUpdate):
    """Textual's own update writes a line from the widget's edge to the last changed cell."""

    def render_segments(self, console: Console) -> str:
        """The sequences that paint the spans and nothing else."""
        written: list[str] = []
        for y, first, last in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                start, stop = max(x, first), min(end, last)
                if strip is not None and start < stop:
                    written.append(Control.move_to(start, y).segment.text)
                    written.append(strip.crop(start - x, stop - x).render(console))
        return "".join(written)


class FrugalCompositor(Compositor):
    """Textual's compositor, with updates of spans."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """What changed since the last update."""
        update = super().render_partial_update()
        return None if update is None else SpanUpdate(update.chops, update.spans, update.chop_ends)
