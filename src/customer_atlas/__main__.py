"""`python -m customer_atlas` is the command line."""

from __future__ import annotations

from customer_atlas.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
