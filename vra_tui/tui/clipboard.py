"""Copy over ssh: ask the terminal to put a text into its clipboard (OSC 52)."""

import base64


def osc52(text: str, *, inside_tmux: bool = False) -> str:
    """The sequence that copies ``text``.

    tmux passes it on where ``set-clipboard`` is on; where it is not, the wrapped copy that follows gets
    through if ``allow-passthrough`` is. What neither lets through does no harm.
    """
    plain = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"
    if not inside_tmux:
        return plain
    wrapped = plain.replace("\x1b", "\x1b\x1b")
    return f"{plain}\x1bPtmux;{wrapped}\x1b\\"
