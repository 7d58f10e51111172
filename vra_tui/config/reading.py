"""Reading the configuration; for now it still lies in `vra_tui.tui.config`."""

from vra_tui.tui.config import Config, ConfigError, load_config

__all__ = ["Config", "ConfigError", "load_config"]
