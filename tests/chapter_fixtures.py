"""How a chapter begins, for tests that write their own; the header is not closed."""

HEADER = """\
---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
"""
