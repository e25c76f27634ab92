"""The actors' baked head: where it lies, and what it is made from."""

from pathlib import Path

BASIS = Path(__file__).parents[2] / "build" / "assets" / "head.npz"
"""Where `make assets` puts it."""

DIGEST = "d56e9b02a06dc4d03b4b1781ad2e20da32a0c4cb06edd256d44ea0a3af70d343"
"""sha256 of the files that it is made from; MakeHuman's project gave them away under CC0."""
