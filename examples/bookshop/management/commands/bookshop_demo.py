"""`manage.py bookshop_demo`: the demo itself, for `manage.py demo` to run."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from socket import create_server
from typing import Any

import requests
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone
from rich.markup import escape

from api.scopes import ApiTokenScope
from api.serving import serving
from api.tokens import TokenSpec, create_token
from delivery.stopping import StopSignals
from examples.bookshop.demo.client import Client, Refused
from examples.bookshop.demo.receiver import Receiver
from examples.bookshop.demo.shop import Shop
from examples.bookshop.demo.story import Stopped, Story
from examples.bookshop.demo.table import Screen


class Command(BaseCommand):
    """Plays the story of a bookshop and three endpoints, on this machine only."""

    help = "The demo itself. It makes users and webhooks: run it by `manage.py demo`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--once", action="store_true", help="end with the story")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Play, and end with exit code 1 if anything was not as it should be."""
        stop = StopSignals()
        call_command("migrate", verbosity=0, interactive=False)
        receiver, screen = Receiver(), Screen()
        with create_server(("127.0.0.1", 0)) as listener, receiver.listening(), serving(listener):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/graphql/"
            story = _story(url, receiver=receiver, screen=screen, stop=stop)
            code = _run(story, once=once)
        sys.exit(code)


def _story(url: str, *, receiver: Receiver, screen: Screen, stop: StopSignals) -> Story:
    owner = User.objects.create_user("bookshop")
    spec = TokenSpec(name="Demo", scopes=tuple(ApiTokenScope))
    token = create_token(owner=owner, spec=spec, now=timezone.now())
    screen.say(f"[bold]Hookline[/] answers at {url}")
    return Story(
        client=Client(url=url, token=token.text),
        receiver=receiver,
        shop=Shop(owner=owner),
        other_shop=Shop(owner=User.objects.create_user("next-door")),
        screen=screen,
        stop=stop,
    )


def _run(story: Story, *, once: bool) -> int:
    """Play, go on if that is wanted, and return the exit code."""
    try:
        _play(story)
        if story.is_well and not once:
            with story.screen:
                story.go_on()
    except Stopped:
        return 1 if once else 0
    return 0 if story.is_well else 1


def _play(story: Story) -> None:
    try:
        with story.screen:
            story.play()
    except (Refused, requests.RequestException) as error:
        story.screen.say(f"[red]The story breaks off:[/] {escape(str(error))}")
    story.screen.show_promises(story.kept)
