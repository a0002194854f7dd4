"""`manage.py up`: what it prints works as printed, and it ends in order."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import requests

from tests.end_to_end.installation import Installation
from tests.services.programs import Program
from tests.services.receiver import Receiver

Start: TypeAlias = Callable[..., Program]

CREATE = """
mutation ($url: String!) {
  createWebhook(input: {name: "Pings", url: $url, events: [{eventType: PING}]}) {
    userErrors { message }
  }
}
"""
PUBLISH = """
from django.contrib.auth.models import User
from events.publishing import publish
from events.webhooks import Ping
publish(Ping(message="hello"), owner=User.objects.get(username="local"))
"""
GROUP_SETTINGS = """
from examples.bookshop.settings import *
WEBHOOK_OWNER_MODEL = "auth.Group"
WEBHOOK_REQUEST_OWNER = "group_settings.first_group"
def first_group(request):
    return request.user.groups.first()
"""
SHOW_DELIVERIES = """
from delivery.models import Delivery
print(*Delivery.objects.values_list("status", "attempt_count"))
"""


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Start]:
    """Give what starts `manage.py up` in an empty folder, any number of times."""
    numbers = count()
    embedded = {
        "DJANGO_SETTINGS_MODULE": "examples.bookshop.settings",
        "HOOKLINE_DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    with ExitStack() as running:

        def start(*arguments: str, **env: str) -> Program:
            log = tmp_path / f"up-{next(numbers)}.log"
            program = Program("manage.py", "up", *arguments, env={**embedded, **env}, log=log)
            return running.enter_context(program)

        yield start


def url_of(program: Program) -> str:
    return program.wait_for_line(r"GraphQL +(http\S+)").group(1)


def token_of(program: Program) -> str:
    return program.wait_for_line(r"Token +(hkl_\S+)").group(1)


def hint_for_local_receivers(program: Program) -> list[str]:
    """Return the words of the command line that opens this machine."""
    return shlex.split(program.wait_for_line("^WEBHOOK_ALLOW_HTTP=1 .*").group())


def ask(url: str, *, token: str, query: str = "{ viewer { name } }") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.post(url, json={"query": query}, headers=headers, timeout=20)


def send_as_curl_would(command: str) -> dict[str, Any]:
    """Send what a command line of curl says; curl itself need not be there."""
    _, _, url, *options = shlex.split(command.replace("\\\n", " "))
    given = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(text.split(": ") for option, text in given if option == "-H")
    [body] = [text for option, text in given if option == "-d"]
    response = requests.post(url, headers=headers, data=body, timeout=20)
    answer: dict[str, Any] = response.json()
    return answer


def test_the_printed_requests_work_as_printed(up: Start) -> None:
    program = up("--port", "0")
    hint_for_local_receivers(program)
    commands = re.findall(r"^curl (?:.*\\\n)*.*$", program.output, re.MULTILINE)

    listed, created = [send_as_curl_would(command) for command in commands]

    assert "order.paid" in {kind["name"] for kind in listed["data"]["eventTypes"]}
    assert created["data"]["createWebhook"]["webhook"]["status"] == "ACTIVE"
    assert created["data"]["createWebhook"]["userErrors"] == []


def test_a_project_without_events_is_shown_how_to_subscribe_to_a_ping(up: Start) -> None:
    program = up("--port", "0", DJANGO_SETTINGS_MODULE="api.settings")

    program.wait_for_line(r"createWebhook\(.*\{eventType: PING\}")


def test_the_hint_for_local_receivers_works_as_printed(up: Start) -> None:
    first = up("--port", "0")
    first_assignment, second_assignment, python, *arguments = hint_for_local_receivers(first)
    assert first.terminate() == 0

    assert python == sys.executable
    assert arguments == ["manage.py", "up", "--port", "0"]
    opened = dict(text.split("=") for text in (first_assignment, second_assignment))
    second = up(*arguments[2:], **opened)

    second.wait_for_line("http://127.0.0.1:9000/webhooks")
    assert "WEBHOOK_ALLOW_HTTP" not in second.output


def test_each_start_makes_a_token_and_revokes_the_last(up: Start) -> None:
    first = up("--port", "0")
    old = token_of(first)
    assert ask(url_of(first), token=old).json() == {"data": {"viewer": {"name": "manage.py up"}}}
    assert first.terminate() == 0

    second = up("--port", "0")
    url, new = url_of(second), token_of(second)

    assert ask(url, token=old).status_code == 401
    query = "{ viewer { owner { name } } apiTokens { edges { node { revokedAt } } } }"
    data = ask(url, token=new, query=query).json()["data"]
    assert data["viewer"] == {"owner": {"name": "local"}}
    assert [edge["node"]["revokedAt"] is None for edge in data["apiTokens"]["edges"]] == [
        True,
        False,
    ]


def test_what_a_start_does_is_noted_under_its_name(up: Start) -> None:
    first = up("--port", "0")
    token_of(first)
    assert first.terminate() == 0

    second = up("--port", "0")
    query = "{ auditEntries { edges { node { action actor { kind name } } } } }"
    data = ask(url_of(second), token=token_of(second), query=query).json()["data"]

    entries = [edge["node"] for edge in data["auditEntries"]["edges"]]
    actions = ["API_TOKEN_CREATED", "API_TOKEN_REVOKED", "API_TOKEN_CREATED"]
    assert [entry["action"] for entry in entries] == actions
    assert all(entry["actor"] == {"kind": "CODE", "name": "manage.py up"} for entry in entries)


def test_a_taken_port_is_refused_in_a_line_that_names_the_cure(up: Start) -> None:
    first = up("--port", "0")
    url, token = url_of(first), token_of(first)
    port = url.split(":")[2].split("/")[0]

    second = up("--port", port)

    assert second.wait() == 1
    assert second.output == (
        f"CommandError: Cannot listen on port {port} of 127.0.0.1: Address already in use. "
        "Choose another with --port, or take a free one with --port 0.\n"
    )
    assert ask(url, token=token).status_code == 200


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_what_is_no_port_is_refused_in_a_line_that_says_what_is(up: Start, port: str) -> None:
    program = up(f"--port={port}")

    assert program.wait() == 2
    program.wait_for_line(f"{port}' is no port. Give a number up to 65535, or 0 for a free one.$")


def test_where_users_do_not_own_webhooks_it_says_how_to_make_a_token(
    up: Start, tmp_path: Path
) -> None:
    (tmp_path / "group_settings.py").write_text(GROUP_SETTINGS)

    program = up("--port", "0", DJANGO_SETTINGS_MODULE="group_settings", PYTHONPATH=str(tmp_path))

    program.wait_for_line("auth.Group.*manage.py create_token")
    assert "hkl_" not in program.output


def test_it_delivers_and_a_request_under_way_at_sigterm_is_recorded(
    installation: Installation, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.hangs()
    with Program(
        "manage.py", "up", "--port", "0", env=installation.env, log=tmp_path / "up.log"
    ) as program:
        installation.url = url_of(program)
        created: Any = installation.graphql(CREATE, token=token_of(program), url=receiver.url())
        assert created == {"createWebhook": {"userErrors": []}}
        installation.python(PUBLISH)
        receiver.wait_for(1)

        program.ask_to_stop()
        program.wait_for_line("Stopping")
        receiver.release()

        assert program.wait() == 0
    assert installation.python(SHOW_DELIVERIES) == "('succeeded', 1)\n"
