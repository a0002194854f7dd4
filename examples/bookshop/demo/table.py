"""How the demo looks: what is said, and under it a table of deliveries that follows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Self

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from examples.bookshop.demo.client import Delivery, Status
from examples.bookshop.demo.promises import Promise

# Wide enough for what will come, so that the table does not jump; 79 characters in all.
_COLUMNS = {"Event": 15, "Webhook": 12, "Status": 11, "Attempts": 8, "Last answer": 25}
_LOOKS = {
    Status.PENDING: ("…", "cyan"),
    Status.SENDING: ("→", "cyan"),
    Status.RETRYING: ("↻", "yellow"),
    Status.SUCCEEDED: ("✓", "green"),
    Status.FAILED: ("✗", "red"),
    Status.CANCELLED: ("■", "bright_black"),
}


class Screen:
    """A terminal where the table changes in place, or a file that gets its last state only.

    There is a table within the context, which can be entered more than once.
    """

    def __init__(self) -> None:
        self._console = Console(highlight=False)

    def __enter__(self) -> Self:
        # Made anew: it would draw over what was written since it ended.
        self._live = Live(console=self._console, auto_refresh=False)
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        if not self._console.is_terminal:
            self._console.line()  # Rich ends the last line in terminals only.

    def say(self, text: str) -> None:
        """Write a line above the table, in Rich's markup."""
        self._console.print(text, soft_wrap=True)

    def show(self, deliveries: Sequence[Delivery], *, caption: str) -> None:
        """Put the table in this state."""
        self._live.update(Group("", _table(deliveries), "", Text(caption, "dim")), refresh=True)

    def show_promises(self, kept: Collection[Promise]) -> None:
        """Write which promises were kept, a line each."""
        self._console.line()
        for promise in Promise:
            mark = Text("✓ ", "green") if promise in kept else Text("✗ ", "bold red")
            self._console.print(mark + Text(promise.value))


def _table(deliveries: Sequence[Delivery]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for heading, width in _COLUMNS.items():
        table.add_column(heading, min_width=width)
    for one in deliveries:
        sign, style = _LOOKS[one.status]
        status = Text(f"{sign} {one.status.name.lower()}", style)
        attempts = Text(str(one.attempts), justify="right")
        table.add_row(one.event_type, one.webhook, status, attempts, Text(one.last_answer))
    return table
