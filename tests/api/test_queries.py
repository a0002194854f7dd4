"""Queries: who asks, what can be subscribed to, and what goes wrong."""

from __future__ import annotations

import pytest
from django.db import models
from django.utils import timezone

from api.scopes import ApiTokenScope
from api.tokens import TokenSpec, create_token
from tests.api.client import GraphQL

URL = "http://127.0.0.1:4/"
VIEWER = "{ viewer { id name owner { id name } scopes } }"


def test_a_user_is_shown_as_who_they_are_with_every_scope(
    graphql: GraphQL, owner: models.Model
) -> None:
    assert graphql(VIEWER, user=owner).ok["viewer"] == {
        "id": str(owner.pk),
        "name": "ada",
        "owner": {"id": str(owner.pk), "name": "ada"},
        "scopes": [scope.name for scope in ApiTokenScope],
    }


def test_a_token_is_shown_as_itself_with_its_owner_and_its_scopes(
    graphql: GraphQL, owner: models.Model
) -> None:
    scopes = (ApiTokenScope.DELIVERIES_READ, ApiTokenScope.WEBHOOKS_READ)
    spec = TokenSpec(name="Reports", scopes=scopes)
    made = create_token(owner=owner, spec=spec, now=timezone.now())

    assert graphql(VIEWER, token=made.text).ok["viewer"] == {
        "id": made.token.public_id,
        "name": "Reports",
        "owner": {"id": str(owner.pk), "name": "ada"},
        "scopes": ["WEBHOOKS_READ", "DELIVERIES_READ"],
    }


def test_somebody_who_is_not_signed_in_is_nobody(graphql: GraphQL) -> None:
    assert graphql(VIEWER).ok == {"viewer": None}


def test_w1_the_event_types_of_the_project_are_listed_by_name_and_each_is_found_by_it(
    graphql: GraphQL, owner: models.Model
) -> None:
    fields = "id name value description category payloadSchema samplePayload"

    listed = graphql(f"{{ eventTypes {{ {fields} }} }}", user=owner).ok["eventTypes"]

    names = [event_type["name"] for event_type in listed]
    assert names == sorted(names)
    assert {"ping", "book.added", "order.paid"} <= set(names)
    for event_type in listed:
        query = f"query ($name: EventTypeName!) {{ eventType(name: $name) {{ {fields} }} }}"
        answer = graphql(query, variables={"name": event_type["value"]}, user=owner)
        assert answer.ok["eventType"] == event_type


def test_the_catalogue_says_what_an_integrator_needs(graphql: GraphQL, owner: models.Model) -> None:
    query = """{ eventType(name: PING) {
        id name value description category payloadSchema samplePayload } }"""

    shown = graphql(query, user=owner).ok["eventType"]

    assert shown["payloadSchema"]["properties"]["message"]["type"] == "string"
    del shown["payloadSchema"]
    assert shown == {
        "id": "ety_ping",
        "name": "ping",
        "value": "PING",
        "description": "A request to find out whether an endpoint answers.",
        "category": "ping",
        "samplePayload": {"message": "text"},
    }


def test_the_catalogue_says_which_field_orders_deliveries_by_its_path(
    graphql: GraphQL, owner: models.Model
) -> None:
    query = """{
        shipped: eventType(name: PACKAGE_SHIPPED) { orderedBy payloadFields { path } }
        ping: eventType(name: PING) { orderedBy } }"""

    shown = graphql(query, user=owner).ok

    assert shown["shipped"]["orderedBy"] == "tracking_id"
    assert {"path": "tracking_id"} in shown["shipped"]["payloadFields"]
    assert shown["ping"]["orderedBy"] is None


def test_w14_the_retry_policies_that_can_be_chosen_are_listed_with_their_settings(
    graphql: GraphQL, owner: models.Model
) -> None:
    query = "{ retryPolicyKinds { name description isCustom settingsSchema } }"

    kinds = {kind["name"]: kind for kind in graphql(query, user=owner).ok["retryPolicyKinds"]}

    assert {"exponential", "fixed", "linear", "random", "schedule"} <= kinds.keys()
    assert kinds["fixed"]["description"] == "Waits the same time before each attempt."
    assert kinds["fixed"]["isCustom"] is False
    assert kinds["fixed"]["settingsSchema"]["properties"]["delaySeconds"]["default"] == 60


@pytest.mark.parametrize(
    "field",
    ["webhooks", "events", "deliveries", "deliveryAttempts", "auditEntries", "apiTokens"],
)
def test_w5_a_list_is_refused_to_somebody_who_is_not_signed_in(
    graphql: GraphQL, field: str
) -> None:
    answer = graphql(f"{{ {field} {{ edges {{ cursor }} }} }}")

    assert answer.data == {field: None}
    assert answer.code == "UNAUTHENTICATED"


def test_one_root_field_that_fails_hides_no_other(graphql: GraphQL, owner: models.Model) -> None:
    answer = graphql("{ webhooks(first: 0) { totalCount } viewer { name } }", user=owner)

    assert answer.data == {"webhooks": None, "viewer": {"name": "ada"}}
    assert len(answer.errors) == 1
