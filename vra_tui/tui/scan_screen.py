"""The scanning room with all its keys."""

from vra_tui.tui.keymap import bindings
from vra_tui.tui.room.clearing import ClearingKeys
from vra_tui.tui.room.clicking import ClickingKeys
from vra_tui.tui.room.marking import MarkingKeys
from vra_tui.tui.room.moving import MovingKeys
from vra_tui.tui.room.other import OtherKeys
from vra_tui.tui.room.outgoing import OutgoingKeys
from vra_tui.tui.room.picturing import PicturingKeys
from vra_tui.tui.room.viewing import ViewingKeys


class ScanScreen(
    ClickingKeys,
    ClearingKeys,
    MovingKeys,
    ViewingKeys,
    MarkingKeys,
    PicturingKeys,
    OutgoingKeys,
    OtherKeys,
):
    """List, light curve and context of alerts, and a key for everything a scanner does."""

    BINDINGS = bindings()
