"""`python -m understudy`."""

from understudy.cli import app

app()
