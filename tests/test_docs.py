"""The documentation is true: its code runs, its links lead somewhere, its tables are complete."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from itertools import takewhile
from typing import Any

import pytest
from django.conf import global_settings
from django.contrib.auth.models import User
from django.core.management import BaseCommand, get_commands, load_command_class
from django.utils import timezone
from graphql import FieldNode, OperationDefinitionNode, parse

from api.errors import RequestErrorCode, UserErrorCode
from api.schema import schema
from api.scopes import ApiTokenScope
from api.types.audit import AuditAction, AuditActorKind
from api.types.states import AttemptOutcome, DeliveryStatus
from delivery.authentication import authentications
from delivery.callbacks import delivery_callbacks
from delivery.formats import payload_formats
from delivery.http.signing import SigningMethod
from delivery.models import Webhook
from delivery.retry import retry_policies
from delivery.signing_secrets import NewSecret, rotate_signing_secret
from events.event import event_types
from events.publishing import publish
from events.scalars import SCALARS
from events.webhooks import Ping
from tests.pages import PAGES, ROOT, Page, Reader
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

_README, _SETTINGS, _COMMANDS = (
    Page("README.md"),
    Page("docs/settings.md"),
    Page("docs/commands.md"),
)
_GETTING_STARTED, _RECEIVING = Page("docs/getting-started.md"), Page("docs/receiving.md")
_EVENTS, _API, _DELIVERY, _FORMATS = (
    Page(f"docs/{name}.md") for name in ("events", "graphql-api", "delivery", "formats")
)

_RUN = {"python", "graphql", "console", "json"}
# Shown and not run: a diagram, what goes over the wire, and a page in a browser.
_NOT_RUN = {"mermaid", "text", "javascript"}
# What console blocks call. Of these, `manage.py` is ours to check.
_PROGRAMS = {"uv", "pip", "curl", "python", "uvicorn", "gunicorn"}

_SOURCES = [
    path.read_text(encoding="utf-8")
    for layer in ("api", "delivery", "events")
    for path in (ROOT / layer).rglob("*.py")
]
every_page = pytest.mark.parametrize("page", PAGES, ids=str)


@pytest.fixture
def reader(owner: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Return a reader whose project has delivered one ping."""
    subscribe(owner, receiver.url("/earlier"))
    publish(Ping(), owner=owner)
    deliver()
    with ExitStack() as scratch:
        for registry in (
            event_types,
            retry_policies,
            payload_formats,
            authentications,
            delivery_callbacks,
        ):
            scratch.enter_context(registry.scratch())
        yield Reader(owner=owner, url=receiver.url("/webhooks"), monkeypatch=monkeypatch)


@every_page
def test_what_a_page_says_can_be_done(reader: Reader, page: Page) -> None:
    reader.read(page)


@pytest.mark.parametrize("page", [_README, _GETTING_STARTED], ids=str)
def test_r22_who_follows_the_page_receives_the_event(
    reader: Reader, receiver: Receiver, page: Page
) -> None:
    reader.read(page)
    deliver()

    [request] = receiver.requests("/webhooks")
    assert request.json()["type"] == "book.added"


@pytest.mark.parametrize("page", [_README, _RECEIVING], ids=str)
def test_the_receiver_on_a_page_takes_only_what_is_genuine(
    reader: Reader, receiver: Receiver, page: Page
) -> None:
    reader.read(page)
    receive: Callable[..., dict[str, Any]] = reader.namespace["receive"]
    secret = Webhook.objects.get(url=receiver.url("/earlier")).signing_secrets.get().secret
    [request] = receiver.requests("/earlier")

    genuine = receive(headers=request.headers, body=request.body, secret=secret)
    assert genuine["type"] == "ping"
    with pytest.raises(Exception, match="signature"):
        receive(headers=request.headers, body=request.body + b" ", secret=secret)


def test_the_receiver_by_public_key_on_its_page_takes_only_what_is_genuine(
    reader: Reader, receiver: Receiver
) -> None:
    reader.read(_RECEIVING)
    receive: Callable[..., dict[str, Any]] = reader.namespace["receive_by_public_key"]
    webhook = Webhook.objects.get(url=receiver.url("/earlier"))
    pair = NewSecret(method=SigningMethod.ED25519)
    rotate_signing_secret(owner=webhook.owner, webhook_id=webhook.pk, new=pair, now=timezone.now())
    publish(Ping(), owner=webhook.owner)
    deliver()
    public_key = webhook.signing_secrets.exclude(public_key="").get().public_key
    request = receiver.requests("/earlier")[-1]

    genuine = receive(headers=request.headers, body=request.body, public_key=public_key)
    assert genuine["type"] == "ping"
    with pytest.raises(ValueError, match="signature"):
        receive(headers=request.headers, body=request.body + b" ", public_key=public_key)


@every_page
def test_every_block_is_run_or_known_not_to_be(page: Page) -> None:
    assert {block.language for block in page.blocks} <= _RUN | _NOT_RUN
    for block in page.blocks:
        if block.language == "json":
            json.loads(block.text)


@every_page
def test_every_command_exists_and_has_the_options_it_is_shown_with(page: Page) -> None:
    for words in _shown_commands(page):
        variables = [word.partition("=")[0] for word in words if re.match("[A-Z_]+=", word)]
        assert set(variables) <= _settings_in_code() | {"DJANGO_SETTINGS_MODULE"}, words
        assert words[len(variables)] in _PROGRAMS, words
        if "manage.py" in words:
            name, *arguments = words[words.index("manage.py") + 1 :]
            _command(name).create_parser("manage.py", name).parse_args(arguments)


def _shown_commands(page: Page) -> Iterator[list[str]]:
    console = "".join(block.text for block in page.blocks if block.language == "console")
    for line in console.replace("\\\n", "").splitlines():
        assert line.startswith("$ "), line
        for command in line.removeprefix("$ ").split(" && "):
            yield [*takewhile(lambda word: word not in {"|", ">"}, shlex.split(command))]


def _command(name: str) -> BaseCommand:
    return load_command_class(get_commands()[name], name)


@every_page
def test_every_link_leads_somewhere(page: Page) -> None:
    for link in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", page.prose):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (page.path.parent / path).resolve() if path else page.path
            assert target.exists(), link
            assert not anchor or anchor in Page(str(target.relative_to(ROOT))).anchors, link


@pytest.mark.parametrize(
    ("page", "heading", "expected"),
    [
        (_API, "Mistakes: `userErrors`", UserErrorCode.__members__),
        (_API, "Refused requests: `errors`", RequestErrorCode.__members__),
        (_API, "Scopes", ApiTokenScope.__members__),
        (_API, "Audit trail", [*AuditAction.__members__, *AuditActorKind.__members__]),
        (_DELIVERY, "States", DeliveryStatus.__members__),
        (_DELIVERY, "How an attempt can end", AttemptOutcome.__members__),
        (_DELIVERY, "Retry policies", retry_policies.names()),
        (_FORMATS, "Formats", [found.symbol for found in payload_formats]),
        (_FORMATS, "Authentication", authentications.names()),
        (_EVENTS, "Field types", [scalar.__name__ for scalar in SCALARS]),
    ],
)
def test_the_table_is_complete(page: Page, heading: str, expected: Collection[str]) -> None:
    lines = page.table(heading)

    assert set(expected) <= set(lines)
    if page is not _EVENTS:  # Its other lines are of types with an inside, which have no name.
        assert sorted(lines) == sorted(expected)


def test_every_setting_has_a_line_and_every_line_is_of_a_setting() -> None:
    lines = _SETTINGS.table("The host and its storage") + _SETTINGS.table("Webhooks")

    assert sorted(lines) == sorted(_settings_in_code())


def _settings_in_code() -> set[str]:
    code = "\n".join(_SOURCES)
    of_environment = set(re.findall(r'env\.\w+\(\s*"(\w+)"', code))
    of_django = set(re.findall(r'(?:getattr\(settings, "|\bsettings\.)([A-Z_]+)\b', code))
    return of_environment | {name for name in of_django if not hasattr(global_settings, name)}


def test_every_command_of_ours_is_explained_with_all_of_its_options() -> None:
    ours = {name for name, app in get_commands().items() if app in {"api", "delivery", "events"}}
    explained = re.findall(r"^## `(\w+)`$", _COMMANDS.text, re.MULTILINE)

    assert sorted(explained) == sorted(ours)
    for name in ours:
        actions = _command(name).create_parser("manage.py", name)._actions
        options = {option for action in actions for option in action.option_strings}
        assert set(_COMMANDS.table(f"`{name}`")) == options - _of_every_command()


def _of_every_command() -> set[str]:
    actions = BaseCommand().create_parser("manage.py", "any")._actions
    return {option for action in actions for option in action.option_strings}


def test_every_system_check_is_explained() -> None:
    check = re.compile(r"\bwebhook_\w+\.[EW]\d{3}\b")
    lines = _SETTINGS.table("System checks") + _EVENTS.table("System checks")

    assert sorted(lines) == sorted({found for code in _SOURCES for found in check.findall(code)})


def test_every_query_and_mutation_has_an_example() -> None:
    shown = {
        field.name.value
        for block in _API.blocks
        if block.language == "graphql"
        for operation in parse(block.text).definitions
        if isinstance(operation, OperationDefinitionNode)
        for field in operation.selection_set.selections
        if isinstance(field, FieldNode)
    }
    roots = [schema._schema.query_type, schema._schema.mutation_type]

    assert {name for root in roots if root for name in root.fields} == shown
