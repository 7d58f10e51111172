"""All benchmarks, one after the other: `python -m benchmarks`."""

from importlib import import_module

_NAMES = (
    "curve ingest store score predict evaluate explain observability sky_maps labels replay train".split()
)

for _name in _NAMES:
    import_module(f"benchmarks.{_name}").main()
