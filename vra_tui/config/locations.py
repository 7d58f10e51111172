"""Paths of shipped models and sample data, and of the user's data and configuration folders."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """Folder ``name`` (``models`` or ``sample_data``) as shipped.

    A wheel carries it inside the package; in a checkout it stands beside the package.
    """
    packed = _PACKAGE / "_shipped" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def user_data_dir() -> Path:
    """Folder of the user's stores, by the platform's rules. Not created here."""
    import platformdirs

    return Path(platformdirs.user_data_dir("vra-tui", appauthor=False))


def user_config_dir() -> Path:
    """Folder of the user's configuration, by the platform's rules. Not created here."""
    import platformdirs

    return Path(platformdirs.user_config_dir("vra-tui", appauthor=False))


def default_store() -> Path:
    """The store used when neither a flag nor the environment names one."""
    return user_data_dir() / "vra.db"


def demo_store() -> Path:
    """The store that ``vra demo`` makes once from the sample data and then reuses."""
    return user_data_dir() / "demo.db"
