"""The audit trail: who did what through the API and by commands."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.schema import schema
from api.tokens import revoke_token
from delivery.models import AuditEntry, Delivery
from tests.api.client import GraphQL
from tests.api.mutations import (
    CANCEL,
    CREATE,
    CREATE_TOKEN,
    PAUSE,
    RESUME,
    REVOKE_TOKEN,
    ROTATE,
    UPDATE,
    change,
    described,
    make_token,
    mistakes,
)
from tests.api.rows import make_delivery
from tests.work import subscribe

URL = "https://example.com/hooks"
RETRY = "mutation ($id: ID!) { retryDelivery(id: $id) { delivery { id } userErrors { code } } }"
NEWEST = """{ auditEntries(first: 1) { edges { node {
  action actor { kind id name } targetId changedFields reason happenedAt } } } }"""
TOKEN = {"name": "A new one", "scopes": ["EVENTS_READ"]}


@pytest.fixture
def targets(owner: models.Model) -> dict[str, str]:
    """Return the IDs of what can be changed: webhooks by their states, a delivery and a token."""
    webhook = subscribe(owner, URL)
    paused = subscribe(owner, f"{URL}/paused", is_paused=True)
    return {
        "active": webhook.public_id,
        "paused": paused.public_id,
        "delivery": make_delivery(webhook, status=Delivery.Status.FAILED).public_id,
        "token": make_token(owner).token.public_id,
    }


class Case(NamedTuple):
    """A mutation by what is noted of it; `target` is the one of `targets` that it changes."""

    action: str
    mutation: str
    target: str = ""
    input: dict[str, Any] | None = None


every_mutation = pytest.mark.parametrize(
    "case",
    [
        Case("WEBHOOK_CREATED", CREATE, input=described(url=f"{URL}/new")),
        Case("WEBHOOK_UPDATED", UPDATE, "active", {"name": "New", "timeoutSeconds": 3}),
        Case("WEBHOOK_PAUSED", PAUSE, "active"),
        Case("WEBHOOK_RESUMED", RESUME, "paused"),
        Case("WEBHOOK_CANCELLED", CANCEL, "active"),
        Case("SIGNING_SECRET_ROTATED", ROTATE, "active"),
        Case("DELIVERY_RETRIED", RETRY, "delivery"),
        Case("API_TOKEN_CREATED", CREATE_TOKEN, input=TOKEN),
        Case("API_TOKEN_REVOKED", REVOKE_TOKEN, "token"),
    ],
    ids=lambda case: case.action,
)


def carry_out(graphql: GraphQL, case: Case, targets: dict[str, str], **caller: Any) -> str:
    """Return the ID of what a mutation made or changed."""
    variables = {"id": targets.get(case.target), "input": case.input}
    given = {name: value for name, value in variables.items() if value is not None}
    [payload] = graphql(case.mutation, variables=given, **caller).ok.values()
    assert payload["userErrors"] == []
    public_id: str = next(
        payload[name]["id"] for name in ("webhook", "delivery", "apiToken") if name in payload
    )
    return public_id


def newest(graphql: GraphQL, user: models.Model) -> dict[str, Any]:
    """Return the newest entry that a user sees."""
    [edge] = graphql(NEWEST, user=user).ok["auditEntries"]["edges"]
    entry: dict[str, Any] = edge["node"]
    return entry


@every_mutation
def test_what_a_person_does_is_noted_under_their_name(
    graphql: GraphQL,
    owner: models.Model,
    targets: dict[str, str],
    case: Case,
) -> None:
    before = timezone.now()

    done = carry_out(graphql, case, targets, user=owner)

    entry = newest(graphql, owner)
    happened_at = entry.pop("happenedAt")
    assert before.isoformat()[:19] <= happened_at[:19] <= timezone.now().isoformat()[:19]
    assert entry == {
        "action": case.action,
        "actor": {"kind": "PERSON", "id": str(owner.pk), "name": "ada"},
        "targetId": done,
        "changedFields": ["name", "timeoutSeconds"] if case.mutation == UPDATE else [],
        "reason": None,
    }


@every_mutation
def test_what_a_token_does_is_noted_under_its_name_of_that_time(
    graphql: GraphQL,
    owner: models.Model,
    targets: dict[str, str],
    case: Case,
) -> None:
    created = make_token(owner)
    actor = {"kind": "TOKEN", "id": created.token.public_id, "name": created.token.name}

    done = carry_out(graphql, case, targets, token=created.text)
    created.token.delete()

    entry = newest(graphql, owner)
    assert (entry["action"], entry["targetId"]) == (case.action, done)
    assert entry["actor"] == actor


def test_a_person_who_does_it_without_being_the_owner_is_named_all_the_same(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model, settings: Any
) -> None:
    settings.WEBHOOK_REQUEST_OWNER = "tests.api.test_audit.first_user"

    change(graphql, CREATE, user=other_owner, input=described())

    entry = AuditEntry.objects.get()
    assert entry.owner == owner
    assert (entry.actor_id, entry.actor_name) == (str(other_owner.pk), "bea")


def first_user(_request: object) -> models.Model:
    """Return the owner that everybody works for."""
    found: models.Model = get_user_model().objects.earliest("pk")
    return found


@pytest.mark.parametrize(
    ("mutation", "variables"),
    [
        (CREATE, {"input": described(name="")}),
        (CREATE, {"input": described(url=URL)}),
        (UPDATE, {"id": "active", "input": {"url": "ftp://example.com"}}),
        (UPDATE, {"id": "active", "input": {"name": "New", "expectedVersion": 7}}),
        (PAUSE, {"id": "whk_" + "0" * 32}),
        (RETRY, {"id": "dlv_" + "0" * 32}),
        (CREATE_TOKEN, {"input": TOKEN | {"scopes": []}}),
        (REVOKE_TOKEN, {"id": "tok_" + "0" * 32}),
    ],
)
def test_a_mutation_that_is_refused_leaves_no_entry(
    graphql: GraphQL,
    owner: models.Model,
    targets: dict[str, str],
    mutation: str,
    variables: dict[str, Any],
) -> None:
    before = AuditEntry.objects.count()
    if variables.get("id") in targets:
        variables = variables | {"id": targets[variables["id"]]}

    payload = change(graphql, mutation, user=owner, **variables)

    assert payload["userErrors"]
    assert AuditEntry.objects.count() == before


def test_revoking_twice_is_one_entry(graphql: GraphQL, owner: models.Model) -> None:
    token = make_token(owner).token

    for _ in range(2):
        change(graphql, REVOKE_TOKEN, user=owner, id=token.public_id)

    assert AuditEntry.objects.filter(action="api_token_revoked").count() == 1


def test_an_update_names_all_that_it_changed_as_its_input_does(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, URL)
    wanted = {
        "name": "New",
        "url": f"{URL}/new",
        "events": [{"eventType": "BOOK_ADDED"}],
        "description": "d",
        "key": "k",
        "headers": [{"name": "X-Shop", "value": "1"}],
        "authentication": {"bearer": {"token": "c4n4ry"}},
        "retryPolicy": {"linear": {}},
        "format": "CLOUDEVENTS",
        "maxInFlight": 1,
        "maxRequestsPerMinute": 60,
        "timeoutSeconds": 2,
    }

    payload = change(graphql, UPDATE, user=owner, id=webhook.public_id, input=wanted)

    assert mistakes(payload) == []
    assert sorted(newest(graphql, owner)["changedFields"]) == sorted(wanted)
    assert set(wanted) <= set(schema._schema.type_map["UpdateWebhookInput"].fields)  # type: ignore[attr-defined] # an input has fields


def test_tokens_cost_one_insert_and_nothing_else(owner: models.Model) -> None:
    with CaptureQueriesContext(connection) as captured:
        token = make_token(owner).token
        revoke_token(owner=owner, token_id=token.pk, now=timezone.now())

    about = [query["sql"] for query in captured if AuditEntry._meta.db_table in query["sql"]]
    assert [sql.partition(" ")[0] for sql in about] == ["INSERT", "INSERT"]


def test_neither_the_text_of_a_token_nor_its_digest_is_in_an_entry(owner: models.Model) -> None:
    created = make_token(owner)
    revoke_token(owner=owner, token_id=created.token.pk, now=timezone.now())

    entries = str(list(AuditEntry.objects.values()))

    assert created.text.removeprefix("hkl_") not in entries
    assert created.token.digest not in entries


def test_a_token_of_a_command_is_noted_under_the_command(
    graphql: GraphQL, owner: models.Model
) -> None:
    call_command("create_token", "--user", "ada", "--name", "Deployment")

    entry = newest(graphql, owner)
    assert entry["action"] == "API_TOKEN_CREATED"
    assert entry["actor"] == {"kind": "CODE", "id": None, "name": "manage.py create_token"}
