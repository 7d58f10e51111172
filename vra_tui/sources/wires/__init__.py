"""Wires: servers, brokers and watched folders that alerts come from; each kind is one class."""
