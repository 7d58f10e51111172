"""Format the values of features as words: each function makes a formatter for one kind of value."""

from collections.abc import Callable


def number(value: float) -> str:
    """Three digits for small numbers, no useless ones for great ones."""
    size = abs(value)
    if size >= 1e6:
        return f"{value:.1e}"
    if size >= 100 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 1 else f"{value:.2g}"


def formatted(template: str) -> Callable[[float], str]:
    """Format by a template with one number."""
    return lambda value: template.format(number(value))


def unless_zero(zero: str, template: str) -> Callable[[float], str]:
    """Format by a template, with words of its own for zero."""
    return lambda value: template.format(number(value)) if value else zero


def count(singular: str, after: str) -> Callable[[float], str]:
    """Format a count: "3 detections in the last night"."""
    return lambda value: f"{number(value)} {singular}{'' if value == 1 else 's'} {after}"


def days(template: str) -> Callable[[float], str]:
    """Format a time in days by a template."""
    return lambda value: template.format(f"{number(value)} day{'' if value == 1 else 's'}")


def magnitude(after: str) -> Callable[[float], str]:
    """Format a magnitude; a negative one is negative difference flux."""

    def say(value: float) -> str:
        # The survey's sign: a negative magnitude is negative difference flux.
        return f"magnitude {abs(value):.1f}{' in negative flux' if value < 0 else ''} {after}".rstrip()

    return say


def change(rises: str, falls: str, neither: str) -> Callable[[float], str]:
    """Format a rate of change, in words by its sign."""

    def say(value: float) -> str:
        if abs(value) < 0.05:
            return neither
        return (rises if value > 0 else falls).format(f"{abs(value):.1f}")

    return say


def named(name: str) -> Callable[[float], str]:
    """Say only this name, whatever the value."""
    return lambda value: name


def way(after: str) -> Callable[[float], str]:
    """Say whether it rises, fades or stays level, without a number."""
    return change(f"rising{after}", f"fading{after}", f"level{after}")


def percent(template: str) -> Callable[[float], str]:
    """Format a share as a percentage by a template."""
    return lambda value: template.format(f"{100 * value:.0f} %")


def power(value: float) -> float:
    """Undo log10."""
    # A table from elsewhere may hold anything, even a logarithm of 300.
    return float(10 ** max(-30.0, min(value, 30.0)))


def log10_degrees(template: str) -> Callable[[float], str]:
    """Format log10 of an angle in degrees by a template."""
    return lambda value: template.format(number(power(value) * 3600))


def log10(template: str) -> Callable[[float], str]:
    """Format log10 of a number by a template."""
    return lambda value: template.format(number(power(value)))


def either(yes: str, no: str) -> Callable[[float], str]:
    """Format a yes-or-no value."""
    return lambda value: yes if value > 0.5 else no


def rate(after: str) -> Callable[[float], str]:
    """Format a rate in magnitudes a day, by its sign."""
    return change("rising by {} mag a day" + after, "fading by {} mag a day" + after, "level" + after)
