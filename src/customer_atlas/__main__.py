"""`python -m customer_atlas` is the command line."""

from __future__ import annotations

from customer_atlas.cli import command

__all__: list[str] = []

if __name__ == "__main__":
    command()
