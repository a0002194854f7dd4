"""`manage.py up`: the whole of Hookline in one process, to be tried out at once."""

from __future__ import annotations

import atexit
import json
import shlex
import sys
from argparse import ArgumentParser
from datetime import datetime
from socket import create_server
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections, models, transaction
from django.utils import timezone

from api.models import ApiToken
from api.scopes import ApiTokenScope
from api.serving import serving
from api.tokens import TokenSpec, create_token, revoke_token
from delivery.audit import Actor, ActorKind
from delivery.conf import delivery_settings
from delivery.listening import explained, port_number
from delivery.stopping import StopSignals
from delivery.webhook_events import WebhookSuspended
from delivery.worker import refuse_wrong_keys, start_worker
from events.conf import owner_model
from events.event import event_types
from events.webhooks import Ping

_USER = "local"
_NAME = "manage.py up"
_ACTOR = Actor(kind=ActorKind.CODE, name=_NAME)
_OUR_KINDS = (Ping, WebhookSuspended)

_LIST = "{ eventTypes { value name description } }"
_CREATE = """mutation { createWebhook(input: {name: "First", url: "%s", events: [{eventType: %s}]})
  { webhook { id status } signingSecret userErrors { message field } } }"""

_GREETING = """
Hookline is up, for this machine only; Ctrl-C stops it.

  GraphQL  {url}
"""
_HOW_TO_ASK = """  Token    {token}

What can be subscribed to:

{list}

Create a webhook:

{create}
"""
_OTHER_OWNERS = """
Webhooks belong to {owner} here. Make a token for one of them with `manage.py create_token`.
"""
_LOCAL_RECEIVERS = """
Requests go to public https addresses. To let them reach receivers on this
machine, start it as

WEBHOOK_ALLOW_HTTP=1 WEBHOOK_ALLOWED_NETWORKS=127.0.0.0/8 {command}

Settings that are not based on api.settings do not read these variables.
There, write WEBHOOK_ALLOW_HTTP = True
and WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"].
"""


class Command(BaseCommand):
    """Migrates, serves and delivers until it is told to stop by SIGTERM or SIGINT."""

    help = (
        "Runs web server and worker in one process, on 127.0.0.1. Stop it with Ctrl-C or SIGTERM: "
        "requests under way are let end and recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--port", type=port_number, default=8000, help="where to listen; 0 takes a free port"
        )

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        """Run it all."""
        try:
            refuse_wrong_keys()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        stop = StopSignals()
        # Before anything is changed: whoever has the port may be another one of these.
        with explained(port):
            listener = create_server(("127.0.0.1", port))
        with listener:
            call_command("migrate", verbosity=0, interactive=False)
            greeting = _greeting(f"http://127.0.0.1:{listener.getsockname()[1]}/graphql/")
            with serving(listener):
                if delivery_settings().redis_url:
                    # What is served starts a worker only where there is no Redis.
                    atexit.register(start_worker().stop)
                self.stdout.write(greeting)
                self.stdout.flush()
                connections.close_all()  # This thread only waits from here on.
                stop.wait()
                self.stdout.write("Stopping, once requests under way have ended.")


def _greeting(url: str) -> str:
    text = _GREETING.format(url=url)
    if apps.get_model(owner_model()) is get_user_model():
        token = _fresh_token(now=timezone.now())
        text += _HOW_TO_ASK.format(
            token=token,
            list=_curl(url, token=token, document=_LIST),
            create=_curl(url, token=token, document=_create_document()),
        )
    else:
        text += _OTHER_OWNERS.format(owner=owner_model())
    if not delivery_settings().allow_http:
        # As it was started, by an interpreter that can be found from any shell.
        command = shlex.join([sys.executable, *sys.orig_argv[1:]])
        text += _LOCAL_RECEIVERS.format(command=command)
    return text


@transaction.atomic
def _fresh_token(*, now: datetime) -> str:
    owner = _local_user()
    last: models.QuerySet[ApiToken] = ApiToken.objects.visible_to(owner).valid_at(now)
    for token in last.filter(name=_NAME):
        revoke_token(owner=owner, token_id=token.pk, now=now, actor=_ACTOR)
    spec = TokenSpec(name=_NAME, scopes=tuple(ApiTokenScope))
    return create_token(owner=owner, spec=spec, now=now, actor=_ACTOR).text


def _local_user() -> models.Model:
    users = get_user_model()
    user, _ = users._default_manager.get_or_create(  # noqa: SLF001 - Django's name for any manager
        **{users.USERNAME_FIELD: _USER}, defaults={"password": make_password(None)}
    )
    return user


def _create_document() -> str:
    # Every project has those of ours; one of its own kinds says more.
    kinds = [kind.symbol for kind in event_types if kind.event_class not in _OUR_KINDS] or ["PING"]
    is_local = delivery_settings().allow_http
    url = "http://127.0.0.1:9000/webhooks" if is_local else "https://example.com/webhooks"
    return _CREATE % (url, kinds[0])


def _curl(url: str, *, token: str, document: str) -> str:
    headers = (f"Authorization: Bearer {token}", "Content-Type: application/json")
    body = json.dumps({"query": " ".join(document.split())})
    lines = [f"curl -sS {url}", *(f"-H {shlex.quote(header)}" for header in headers)]
    return " \\\n  ".join([*lines, f"-d {shlex.quote(body)}"])
