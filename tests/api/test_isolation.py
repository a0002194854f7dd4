"""What belongs to another owner is as if it did not exist, on every path."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from api.scopes import ApiTokenScope
from api.tokens import TokenSpec, create_token
from delivery.models import Attempt, AuditEntry, Delivery, SigningSecret, Webhook
from events.ids import new_id
from events.models import EventRecord
from events.publishing import EVERYONE
from tests.api.client import GraphQL
from tests.api.mutations import CANCEL, change, mistakes
from tests.api.rows import make_attempt, make_delivery, record_ping
from tests.work import make_owner, subscribe

URL = "http://127.0.0.1:4/"
ALL = tuple(ApiTokenScope)


def make_everything(owner: models.Model) -> dict[str, str]:
    """Return the IDs of one row of each kind that belongs to an owner."""
    webhook = subscribe(owner, URL)
    delivery = make_delivery(webhook)
    spec = TokenSpec(name="A token", scopes=ALL)
    # Before the token, which would leave an entry of its own.
    entry = AuditEntry.objects.visible_to(owner).get()
    return {
        "webhook": webhook.public_id,
        "secret": webhook.signing_secrets.get().public_id,
        "event": delivery.event.public_id,
        "delivery": delivery.public_id,
        "attempt": make_attempt(delivery).public_id,
        "entry": entry.public_id,
        "token": create_token(owner=owner, spec=spec, now=timezone.now()).token.public_id,
    }


@pytest.fixture
def theirs(other_owner: models.Model) -> dict[str, str]:
    return make_everything(other_owner)


ONE = "query ($id: ID!) {{ {field}(id: $id) {{ __typename id }} }}"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
KINDS = ["webhook", "secret", "event", "delivery", "attempt", "entry", "token"]
NOBODYS = [
    *(f"{model.ID_PREFIX}_{new_id().hex}" for model in (Webhook, EventRecord, Delivery)),
    *(f"{model.ID_PREFIX}_{new_id().hex}" for model in (Attempt, SigningSecret, AuditEntry)),
    "ety_nothing.happened",
    "",
    "whk",
    "whk_",
    "whk_" + "z" * 32,
    "\0",
    "\ud800",
    "' OR 1=1",
    "x" * 10_000,
]


@pytest.mark.parametrize("field", ["node", "webhook", "event", "delivery"])
@pytest.mark.parametrize("kind", KINDS)
def test_w23_an_object_of_somebody_elses_reads_as_one_that_never_was(
    graphql: GraphQL, owner: models.Model, theirs: dict[str, str], field: str, kind: str
) -> None:
    query = ONE.format(field=field)

    foreign = graphql(query, variables={"id": theirs[kind]}, user=owner)
    unknown = graphql(query, variables={"id": theirs[kind][:4] + new_id().hex}, user=owner)

    assert foreign.ok == {field: None}
    assert foreign == unknown


@pytest.mark.parametrize("field", ["node", "webhook", "event", "delivery"])
@pytest.mark.parametrize("public_id", NOBODYS, ids=lambda public_id: public_id[:4])
def test_what_is_the_id_of_nothing_reads_as_null(
    graphql: GraphQL, owner: models.Model, field: str, public_id: str
) -> None:
    answer = graphql(ONE.format(field=field), variables={"id": public_id}, user=owner)

    assert answer.ok == {field: None}


def test_nodes_are_in_the_order_asked_with_gaps_for_what_is_not_mine(
    graphql: GraphQL, owner: models.Model, theirs: dict[str, str]
) -> None:
    mine = make_everything(owner)
    asked = [
        public_id for kind in KINDS for public_id in (theirs[kind], mine[kind], "x", mine[kind])
    ]

    found = graphql(NODES, variables={"ids": [*asked, "ety_ping"]}, user=owner).ok["nodes"]

    assert [node and node["id"] for node in found] == [
        *(public_id if public_id in mine.values() else None for public_id in asked),
        "ety_ping",
    ]


def test_more_than_a_hundred_nodes_at_once_are_refused(
    graphql: GraphQL, owner: models.Model
) -> None:
    assert graphql(NODES, variables={"ids": ["x"] * 100}, user=owner).ok
    assert graphql(NODES, variables={"ids": ["x"] * 101}, user=owner).code == "BAD_REQUEST"


LISTS: dict[str, Any] = {
    "webhooks": {"webhook"},
    "events": {"event"},
    "deliveries": {"delivery"},
    "deliveryAttempts": {"attempt"},
    "apiTokens": {"token"},
}


@pytest.mark.parametrize("field", LISTS)
@pytest.mark.usefixtures("theirs")
def test_r16_a_list_holds_what_is_mine_and_nothing_else(
    graphql: GraphQL, owner: models.Model, field: str
) -> None:
    mine = make_everything(owner)

    found = graphql(f"{{ {field} {{ edges {{ node {{ id }} }} }} }}", user=owner).ok[field]

    assert [edge["node"]["id"] for edge in found["edges"]] == [mine[kind] for kind in LISTS[field]]


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("deliveries(filter: {webhookIds: $ids})", "webhook"),
        ("deliveries(filter: {eventIds: $ids})", "event"),
        ("deliveryAttempts(filter: {webhookIds: $ids})", "webhook"),
        ("deliveryAttempts(filter: {deliveryIds: $ids})", "delivery"),
    ],
)
def test_a_filter_by_an_id_of_somebody_elses_finds_nothing(
    graphql: GraphQL, owner: models.Model, theirs: dict[str, str], field: str, kind: str
) -> None:
    mine = make_everything(owner)
    query = f"query ($ids: [ID!]!) {{ found: {field} {{ edges {{ cursor }} }} }}"

    def count(*ids: str) -> int:
        return len(graphql(query, variables={"ids": ids}, user=owner).ok["found"]["edges"])

    assert count(theirs[kind]) == 0
    assert count(theirs[kind], mine[kind], "x") == 1


def test_an_event_of_everyones_shows_each_owner_the_deliveries_to_their_own_webhooks(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model
) -> None:
    event = record_ping(EVERYONE)
    mine, theirs = (
        make_delivery(subscribe(somebody, URL), event=event) for somebody in (owner, other_owner)
    )
    query = "query ($id: ID!) { event(id: $id) { deliveries { edges { node { id } } } } }"

    for somebody, delivery in ((owner, mine), (other_owner, theirs)):
        found = graphql(query, variables={"id": event.public_id}, user=somebody).ok["event"]
        assert found["deliveries"]["edges"] == [{"node": {"id": delivery.public_id}}]


def test_w23_the_administrator_of_the_site_sees_and_changes_their_own_like_everybody(
    graphql: GraphQL, theirs: dict[str, str]
) -> None:
    admin = make_owner("root")
    type(admin).objects.filter(pk=admin.pk).update(is_superuser=True, is_staff=True)  # type: ignore[attr-defined] # a user has a manager

    answer = graphql(ONE.format(field="webhook"), variables={"id": theirs["webhook"]}, user=admin)
    cancelled = change(graphql, CANCEL, user=admin, id=theirs["webhook"])

    assert answer.ok == {"webhook": None}
    assert mistakes(cancelled) == [("NOT_FOUND", "id")]
    assert not Webhook.objects.filter(status=Webhook.Status.CANCELLED).exists()


@pytest.mark.parametrize(
    ("scope", "kinds"),
    [
        (ApiTokenScope.WEBHOOKS_READ, {"webhook", "secret"}),
        (ApiTokenScope.WEBHOOKS_WRITE, set()),
        (ApiTokenScope.EVENTS_READ, {"event"}),
        (ApiTokenScope.DELIVERIES_READ, {"delivery", "attempt"}),
        (ApiTokenScope.AUDIT_READ, {"entry"}),
        (ApiTokenScope.TOKENS_MANAGE, {"token"}),
    ],
)
def test_node_shows_a_token_only_what_its_scopes_open(
    graphql: GraphQL, owner: models.Model, scope: ApiTokenScope, kinds: set[str]
) -> None:
    mine = make_everything(owner)
    spec = TokenSpec(name="A token", scopes=(scope,))
    text = create_token(owner=owner, spec=spec, now=timezone.now()).text

    found = graphql(NODES, variables={"ids": list(mine.values())}, token=text).ok["nodes"]

    assert {node["id"] for node in found if node} == {mine[kind] for kind in kinds}


def test_nobody_sees_any_node(graphql: GraphQL, theirs: dict[str, str]) -> None:
    found = graphql(NODES, variables={"ids": [*theirs.values(), "ety_ping"]}).ok["nodes"]

    assert found == [None] * 8
