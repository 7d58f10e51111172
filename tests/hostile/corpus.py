"""Texts that strangers could send to do something to a terminal, or to what is shown in it."""

#: A word that stands inside each sequence: where it comes out together with its introducer, it leaked.
CANARY = "pwned"

#: Sequences by what they would do.
SEQUENCES: dict[str, str] = {
    "clipboard": f"\x1b]52;c;{CANARY}\x07",
    "clipboard, other end": f"\x1b]52;c;{CANARY}\x1b\\",
    "title": f"\x1b]0;{CANARY}\x07",
    "icon and title": f"\x1b]2;{CANARY}\x1b\\",
    "title stack": "\x1b[22;0t\x1b[21t",
    "link": f"\x1b]8;;https://{CANARY}.example\x1b\\here\x1b]8;;\x1b\\",
    "working folder": f"\x1b]7;file:///{CANARY}\x07",
    "notification": f"\x1b]9;{CANARY}\x07\x1b]777;notify;{CANARY};x\x07",
    "iTerm file": f"\x1b]1337;File=inline=1:{CANARY}\x07",
    "palette": "\x1b]4;1;rgb:ff/00/00\x07\x1b]11;?\x07",
    "clear": "\x1b[2J\x1b[3J\x1b[H",
    "cursor moves": "\x1b[10A\x1b[5C\x1b[1;1H\x1b[s\x1b[u\x1b7\x1b8",
    "erase": "\x1b[K\x1b[1K\x1b[5P\x1b[5X\x1b[M",
    "colour": "\x1b[31;1;5;7;8m",
    "modes": "\x1b[?1049h\x1b[?25l\x1b[?1000h\x1b[?2004h\x1b[4h\x1b[20h",
    "reports": "\x1b[6n\x1b[c\x1b[>c\x1b[?15n\x1bZ\x1b[x",
    "window": "\x1b[8;1;1t\x1b[3;0;0t",
    "scroll region": "\x1b[1;2r\x1bM\x1bD\x1bE",
    "reset": "\x1bc\x1b[!p",
    "character sets": "\x1b(0\x1b)0\x0e\x0f\x1b%G\x1bn",
    "print": "\x1b[5i" + CANARY + "\x1b[4i",
    "device control": f"\x1bP+q{CANARY}\x1b\\",
    "keys": f"\x1bP1;1|17/{CANARY}\x1b\\",
    "sixel": "\x1bPq#0;2;0;0;0#0!100~-\x1b\\",
    "kitty picture": f"\x1b_Ga=T,f=100;{CANARY}\x1b\\",
    "application": f"\x1b_{CANARY}\x1b\\",
    "privacy": f"\x1b^{CANARY}\x1b\\",
    "start of string": f"\x1bX{CANARY}\x1b\\",
    "tmux passthrough": f"\x1bPtmux;\x1b\x1b]52;c;{CANARY}\x07\x1b\\",
    "unfinished title": f"\x1b]0;{CANARY}",
    "unfinished control": "\x1b[31",
    "lone escape": "\x1b",
    "C1 control": "\x9b31m\x9b2J",
    "C1 title": f"\x9d0;{CANARY}\x9c",
    "C1 device control": f"\x90q{CANARY}\x9c\x9fG{CANARY}\x9c\x98{CANARY}\x9c\x9e{CANARY}\x9c",
    "all C1": "".join(map(chr, range(0x80, 0xA0))),
    "all C0": "".join(map(chr, range(0x00, 0x20))) + "\x7f",
    "bell": "\x07" * 20,
    "overwriting": "bad\b\b\bgood\rfine",
    "lines": "a\nfake line\r\nanother\x0b\x0c\x85",
    "separators": "a\u2028b\u2029c",
    "tabs": "a\t\tb",
    "right to left": "\u202eevil\u202c \u2066x\u2069 \u200f\u061c",
    "embedding": "\u202a\u202b\u202d\u2067\u2068",
    "zero width": "a\u200b\u200c\u200d\u2060\ufeffb\u00ad",
    "variation": "\u263a\ufe0f\u263a\ufe0e\U000e0100",
    "tags": "a" + "".join(map(chr, range(0xE0041, 0xE0049))) + "\U000e007f",
    "tower of marks": "z" + "\u0301\u0316\u0489" * 200,
    "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 50,
    "flags": "\U0001f1e9\U0001f1ea" * 30 + "\U0001f44d\U0001f3fd",
    "wide": "\uff21\u4e2d\u6587" * 40,
    "fillers": "\u3164\u115f\u2800\uffa0",
    "private use": "\ue000\U000f0000",
    "not characters": "\ufffe\uffff\U0010ffff",
    "rich markup": "[bold red]x[/bold red][link=https://pwned.example]y[/link]",
    "textual markup": "[@click=app.exit]x[/][$error]y[/] [/] [",
    "tags of HTML": "<script>alert(1)</script><b onclick='x'>b</b><!-- c -->",
    "entities": "&#27;]0;pwned&#7;&#x9b;31m&#x202e;",
    "formula": "=HYPERLINK(\"http://pwned.example\",\"x\")",
    "shell": "$(touch pwned) `touch pwned`; touch pwned",
    "format": "%s%n%x {0.__class__} {row} \\x1b]0;pwned\\x07",
    "SQL": "x'; DROP TABLE decisions; --",
    "path": "../../../../etc/passwd\x00.json",
    "surrogates": "\ud800\udc00 \udfff",
}  # fmt: skip

#: All of them after another, each between marks that belong to no sequence.
EVERYTHING = "|".join(SEQUENCES.values())


def name_of_a_megabyte() -> str:
    """A name of a megabyte that begins with sequences."""
    return EVERYTHING + "A" * (1 << 20)
