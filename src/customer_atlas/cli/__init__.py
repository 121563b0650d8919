"""The command line: `customer-atlas`, or `atlas` for short."""

from __future__ import annotations

from customer_atlas.cli.app import app, command, main

__all__ = ["app", "command", "main"]
