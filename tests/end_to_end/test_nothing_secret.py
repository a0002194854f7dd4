"""Secrets leave an installation in the answer that shows them, in requests, and in no other way."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import redis
import requests
from psycopg import sql

from tests.end_to_end.installation import Installation, production
from tests.end_to_end.selections import everything
from tests.services.postgresql import PostgreSQLServer
from tests.services.receiver import Receiver
from tests.services.valkey import ValkeyServer

PASSWORD, BEARER, HEADER = (f"canary-{name}-5e5a3e" for name in ("password", "bearer", "header"))
BASIC = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
OWN = "whsec_" + base64.b64encode(b"canary of the owner's own").decode()
MISTAKEN = "whsec_canary!mistaken"

CREATE = """mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) {
  webhook { id } signingSecret userErrors { message code field } } }"""
ROTATE = """mutation ($id: ID!, $input: RotateSigningSecretInput) {
  rotateSigningSecret(id: $id, input: $input) {
    webhook { id } signingSecret userErrors { message code field } } }"""
UPDATE = """mutation ($id: ID!, $input: UpdateWebhookInput!) {
  updateWebhook(id: $id, input: $input) { webhook { id } userErrors { message code field } } }"""
IDS = """{ webhooks(first: 10) { edges { node { id signingSecrets { id }
  deliveries(first: 10) { edges { node { id attempts { id } } } } } } }
  apiTokens { edges { node { id } } } auditEntries { edges { node { id } } } }"""
TOKEN = """mutation { createApiToken(input: {name: "Second", scopes: [WEBHOOKS_READ]}) { text } }"""
STATUSES = """{ deliveries { edges { node { status } } } }"""
KEYS_OF = """
from delivery.models import SigningSecret
for row in SigningSecret.objects.all():
    print(row.secret)
"""
PUBLISH = """
from django.contrib.auth.models import User
from events.publishing import publish
from events.webhooks import Ping
publish(Ping(), owner=User.objects.get())
"""


@pytest.fixture
def installation(
    postgresql: PostgreSQLServer, valkey: ValkeyServer, tmp_path: Path
) -> Iterator[Installation]:
    """Return an installation that logs all it can, on PostgreSQL and Redis."""
    valkey.flush()
    url = postgresql.create_database(f"nothing_secret_{uuid4().hex}")
    with production(tmp_path, database_url=url, redis_url=valkey.url, LOG_LEVEL="DEBUG") as made:
        yield made


@contextmanager
def heard(valkey: ValkeyServer) -> Iterator[list[str]]:
    """Collect every command that anybody sends to Redis, as it was sent."""
    commands: list[str] = []
    with redis.Redis.from_url(valkey.url) as client, client.monitor() as monitor:

        def listen() -> None:
            for command in monitor.listen():
                commands.append(str(command))
                if "that is all" in str(command):
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        yield commands
        client.echo("that is all")
        listener.join()


def webhook(path: str, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    wanted = {"name": path, "url": receiver.url(path), "events": [{"eventType": "PING"}]}
    return {"input": wanted | changes}


def subscribe_all(installation: Installation, token: str, receiver: Receiver) -> list[str]:
    """Make webhooks with every kind of secret, change some, and return what was shown of them."""
    chosen: list[dict[str, Any]] = [
        {"authentication": {"basic": {"username": "ada", "password": PASSWORD}}},
        {"authentication": {"bearer": {"token": BEARER}}, "format": "WHISPERER"},
        {"authentication": {"header": {"headerName": "X-Key", "headerValue": HEADER}}},
        {"signingSecret": OWN},
        {"signingMethod": "ED25519"},
    ]
    shown = []
    for number, each in enumerate(chosen):
        answer = installation.graphql(
            CREATE, token=token, **webhook(f"/{number}", receiver, **each)
        )
        created = answer["createWebhook"]
        assert created["userErrors"] == []
        rotated = installation.graphql(ROTATE, token=token, id=created["webhook"]["id"])
        assert rotated["rotateSigningSecret"]["userErrors"] == []
        shown += [created["signingSecret"], rotated["rotateSigningSecret"]["signingSecret"]]
    return [each for each in shown if each]


def make_mistakes(installation: Installation, token: str, receiver: Receiver) -> str:
    """Send secrets in ways that are refused, and return the answers."""
    first = installation.graphql(IDS, token=token)["webhooks"]["edges"][0]["node"]["id"]
    answers = [
        installation.graphql(
            CREATE, token=token, **webhook("/mistaken", receiver, signingSecret=MISTAKEN)
        ),
        installation.graphql(ROTATE, token=token, id=first, input={"signingSecret": MISTAKEN}),
        installation.graphql(
            UPDATE,
            token=token,
            id=first,
            input={
                "authentication": {"basic": {"username": "a:b", "password": f"{PASSWORD}\n"}},
                "headers": [{"name": "Authorization", "value": BEARER}],
            },
        ),
    ]
    assert all(payload["userErrors"] for answer in answers for payload in answer.values())
    for headers in ({"Authorization": f"Bearer {token}x"}, {"Authorization": f"Basic {BASIC}"}):
        answer = requests.post(installation.url, json={"query": IDS}, headers=headers, timeout=20)
        answers.append(answer.json())
    return str(answers)


def all_that_is_shown(installation: Installation, token: str) -> str:
    """Read everything that there is, in every way that there is."""
    found = installation.graphql(IDS, token=token)
    nodes = [edge["node"] for edge in found["webhooks"]["edges"]]
    deliveries = [edge["node"] for node in nodes for edge in node["deliveries"]["edges"]]
    ids = {
        "Webhook": [node["id"] for node in nodes],
        "SigningSecret": [each["id"] for node in nodes for each in node["signingSecrets"]],
        "Delivery": [node["id"] for node in deliveries],
        "DeliveryAttempt": [each["id"] for node in deliveries for each in node["attempts"]],
        "ApiToken": [edge["node"]["id"] for edge in found["apiTokens"]["edges"]],
        "AuditEntry": [edge["node"]["id"] for edge in found["auditEntries"]["edges"]],
    }
    assert all(ids.values())
    shown = []
    for name, keys in ids.items():
        query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {name} {everything(name)} }} }}"
        shown += [installation.graphql(query, token=token, id=key) for key in keys]
    pages = [f"/webhooks/{key}/jwks.json" for key in ids["Webhook"]]
    root = installation.url.removesuffix("/graphql/")
    return str(shown) + "".join(requests.get(root + page, timeout=20).text for page in pages)


def all_that_is_stored(database_url: str) -> str:
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        rows = [
            connection.execute(
                sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))
            ).fetchall()
            for (name,) in tables
        ]
    assert any(rows)
    return str(rows)


def test_secrets_are_shown_once_and_stand_nowhere_else(
    installation: Installation,
    valkey: ValkeyServer,
    receiver: Receiver,
    eventually: Callable[..., None],
) -> None:
    receiver.answers(500, path="/1", body=b"no")
    receiver.answers(410, path="/2")
    installation.start()
    token = installation.make_user("ada")

    with heard(valkey) as commands:
        shown = subscribe_all(installation, token, receiver)
        second = installation.graphql(TOKEN, token=token)["createApiToken"]["text"]
        installation.python(PUBLISH)
        receiver.wait_for(5)
        eventually(
            lambda: sorted(
                edge["node"]["status"]
                for edge in installation.graphql(STATUSES, token=token)["deliveries"]["edges"]
            ),
            ["RETRYING", "RETRYING", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"],
        )
        refused = make_mistakes(installation, token, receiver)
        read = all_that_is_shown(installation, token)
    private = installation.python(KEYS_OF).split()
    stored = all_that_is_stored(installation.env["DATABASE_URL"])
    logged = "".join(path.read_text() for path in installation.folder.glob("*.log"))

    sent = "".join(str(request.headers) for request in receiver.requests())
    assert all(each in sent for each in (BASIC, BEARER, HEADER))
    assert len(shown) == 8
    assert len(private) == 10
    secrets = {PASSWORD, BASIC, BEARER, HEADER, OWN, MISTAKEN, token, second, *shown, *private}
    keys = {installation.env["SECRET_KEY"], installation.env["WEBHOOK_ENCRYPTION_KEYS"]}
    places = {
        "the answers to mistakes": refused,
        "later answers": read,
        "the database": stored,
        "the broker": str(commands),
        "the logs": logged,
    }
    for where, text in places.items():
        assert len(text) > 1000, where
        for secret in secrets | keys:
            assert secret.removeprefix("whsec_").removeprefix("whsk_") not in text, where
