"""`manage.py hostile_receiver`: an endpoint that misbehaves, to try senders of webhooks against."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from delivery.hostile import Behaviour, HostileReceiver
from delivery.hostile.catalogue import groups
from delivery.listening import explained, port_number
from delivery.stopping import StopSignals

_DEFAULT_PORT = 8666
# For files and pipes, so that each line of the table is one line.
_WIDTH_OF_FILES = 250
# In less, the texts beside the URLs would be broken after every word or two.
_NARROWEST_TABLE = 150


class Command(BaseCommand):
    """Serves every behaviour until it is told to stop by SIGTERM or SIGINT."""

    help = (
        "Runs a receiver of webhooks that misbehaves in every way there is, on 127.0.0.1. Each way "
        "has a URL. Stop it with Ctrl-C or SIGTERM."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--port",
            type=port_number,
            default=_DEFAULT_PORT,
            help=f"where to listen, {_DEFAULT_PORT} by default; 0 takes a free port",
        )

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        """Listen, print what is where, and serve."""
        stop = StopSignals()
        with ExitStack() as running:
            with explained(port):
                receiver = running.enter_context(HostileReceiver(port=port))
            console = Console(highlight=False)
            if not console.is_terminal:
                console.width = _WIDTH_OF_FILES
            console.print(Group(*_shown(receiver, width=console.width)))
            self.stdout.flush()
            stop.wait()


def _shown(receiver: HostileReceiver, *, width: int) -> Iterator[RenderableType]:
    for title, behaviours in groups.items():
        if width < _NARROWEST_TABLE:
            yield from _list(receiver, title=title, behaviours=behaviours)
        else:
            yield _table(receiver, title=title, behaviours=behaviours)
    yield Text(
        f"As JSON: {receiver.index_url}\n"
        f"The authority to trust, so that only bad certificates are refused: {receiver.ca_file}\n"
        "The hostile receiver is ready, for this machine only; Ctrl-C stops it.",
        overflow="fold",
    )


def _list(
    receiver: HostileReceiver, *, title: str, behaviours: tuple[Behaviour, ...]
) -> Iterator[RenderableType]:
    yield Text(title, style="bold")
    for behaviour in behaviours:
        # As plain texts: what looks like markup is none.
        yield Text(f"  {receiver.url(behaviour.name)}", no_wrap=True, overflow="ignore")
        told = f"{behaviour.description} A good sender {behaviour.expected.description}."
        yield Padding(Text(told), (0, 0, 0, 6))
    yield Text()


def _table(receiver: HostileReceiver, *, title: str, behaviours: tuple[Behaviour, ...]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None)
    table.add_column("Name", overflow="fold")
    # What is copied must be in one piece.
    table.add_column("URL", no_wrap=True)
    table.add_column("What it does")
    table.add_column("A good sender")
    for behaviour in behaviours:
        # As plain texts: what looks like markup is none.
        cells = (
            behaviour.name,
            receiver.url(behaviour.name),
            behaviour.description,
            behaviour.expected.description,
        )
        table.add_row(*map(Text, cells))
    return table
