from __future__ import annotations

import pytest
from django.db import models

from api.models import ApiToken
from api.schema import schema
from api.scopes import EVERY_SCOPE, ApiTokenScope
from delivery.models import Webhook
from tests.api.client import Answer, GraphQL
from tests.api.mutations import make_token
from tests.api.rows import make_attempt, make_delivery
from tests.work import subscribe

ID = '"whk_' + "0" * 32 + '"'
GUARDED = {
    "webhook": (ApiTokenScope.WEBHOOKS_READ, f"{{ webhook(id: {ID}) {{ id }} }}"),
    "webhooks": (ApiTokenScope.WEBHOOKS_READ, "{ webhooks { totalCount } }"),
    "retryPolicyKinds": (ApiTokenScope.WEBHOOKS_READ, "{ retryPolicyKinds { name } }"),
    "eventTypes": (ApiTokenScope.EVENTS_READ, "{ eventTypes { name } }"),
    "eventType": (ApiTokenScope.EVENTS_READ, "{ eventType(name: PING) { name } }"),
    "event": (ApiTokenScope.EVENTS_READ, f"{{ event(id: {ID}) {{ id }} }}"),
    "events": (ApiTokenScope.EVENTS_READ, "{ events { edges { cursor } } }"),
    "delivery": (ApiTokenScope.DELIVERIES_READ, f"{{ delivery(id: {ID}) {{ id }} }}"),
    "deliveryExplanation": (
        ApiTokenScope.DELIVERIES_READ,
        f"{{ deliveryExplanation(eventId: {ID}, webhookId: {ID}) {{ isSent }} }}",
    ),
    "deliveries": (ApiTokenScope.DELIVERIES_READ, "{ deliveries { edges { cursor } } }"),
    "deliveryAttempts": (
        ApiTokenScope.DELIVERIES_READ,
        "{ deliveryAttempts { edges { cursor } } }",
    ),
    "auditEntries": (ApiTokenScope.AUDIT_READ, "{ auditEntries { edges { cursor } } }"),
    "apiTokens": (ApiTokenScope.TOKENS_MANAGE, "{ apiTokens { edges { cursor } } }"),
    "payloadFilterPreview": (
        ApiTokenScope.WEBHOOKS_READ,
        "{ payloadFilterPreview(input: {eventType: PING, conditions: []}) { isSent } }",
    ),
    "createWebhook": (
        ApiTokenScope.WEBHOOKS_WRITE,
        """mutation { createWebhook(input: {name: "A", url: "https://example.com/hooks",
          events: [{eventType: PING}]}) { userErrors { code } } }""",
    ),
    "updateWebhook": (
        ApiTokenScope.WEBHOOKS_WRITE,
        f"mutation {{ updateWebhook(id: {ID}, input: {{}}) {{ userErrors {{ code }} }} }}",
    ),
    **{
        f"{verb}Webhook": (
            ApiTokenScope.WEBHOOKS_WRITE,
            f"mutation {{ {verb}Webhook(id: {ID}) {{ userErrors {{ code }} }} }}",
        )
        for verb in ("pause", "resume", "cancel")
    },
    "rotateSigningSecret": (
        ApiTokenScope.WEBHOOKS_WRITE,
        f"mutation {{ rotateSigningSecret(id: {ID}) {{ userErrors {{ code }} }} }}",
    ),
    "revokeSigningSecret": (
        ApiTokenScope.WEBHOOKS_WRITE,
        f"""mutation {{ revokeSigningSecret(id: {ID}, secretId: {ID}) {{
          userErrors {{ code }} }} }}""",
    ),
    "deliveryCallbacks": (ApiTokenScope.WEBHOOKS_READ, "{ deliveryCallbacks { name } }"),
    "retryDelivery": (
        ApiTokenScope.DELIVERIES_WRITE,
        f"mutation {{ retryDelivery(id: {ID}) {{ userErrors {{ code }} }} }}",
    ),
    "createApiToken": (
        ApiTokenScope.TOKENS_MANAGE,
        """mutation { createApiToken(input: {name: "A", scopes: [TOKENS_MANAGE]}) {
          userErrors { code } } }""",
    ),
    "revokeApiToken": (
        ApiTokenScope.TOKENS_MANAGE,
        f"mutation {{ revokeApiToken(id: {ID}) {{ userErrors {{ code }} }} }}",
    ),
}


def test_every_root_field_but_the_open_ones_is_tried_below() -> None:
    query, mutation = schema._schema.query_type, schema._schema.mutation_type
    assert query is not None
    assert mutation is not None

    assert {*query.fields, *mutation.fields} == {*GUARDED, "viewer", "node", "nodes"}


@pytest.mark.parametrize("field", GUARDED)
def test_w5_nobody_is_let_in_without_credentials(graphql: GraphQL, field: str) -> None:
    answer = graphql(GUARDED[field][1])

    assert (answer.status, answer.code) == (200, "UNAUTHENTICATED")
    assert answer.data == {field: None}
    assert not Webhook.objects.exists()
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("field", GUARDED)
def test_a_token_without_the_scope_is_refused_and_told_which(
    graphql: GraphQL, owner: models.Model, field: str
) -> None:
    scope, document = GUARDED[field]
    token = make_token(owner, *(EVERY_SCOPE - {scope})).text

    answer = graphql(document, token=token)

    assert answer.code == "FORBIDDEN"
    assert scope.name in answer.errors[0]["message"]
    assert answer.data == {field: None}
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("field", GUARDED)
def test_a_token_with_nothing_but_the_scope_is_let_in(
    graphql: GraphQL, owner: models.Model, field: str
) -> None:
    scope, document = GUARDED[field]

    assert graphql(document, token=make_token(owner, scope).text).errors == []


WITHIN = {
    "webhook.deliveries": (
        ApiTokenScope.DELIVERIES_READ,
        "{ webhooks { edges { node { deliveries { edges { cursor } } } } } }",
    ),
    "event.deliveries": (
        ApiTokenScope.DELIVERIES_READ,
        "{ events { edges { node { deliveries { edges { cursor } } } } } }",
    ),
    "delivery.event": (
        ApiTokenScope.EVENTS_READ,
        "{ deliveries { edges { node { event { payload } } } } }",
    ),
    "delivery.webhook": (
        ApiTokenScope.WEBHOOKS_READ,
        "{ deliveryAttempts { edges { node { delivery { webhook { url } } } } } }",
    ),
}


@pytest.mark.parametrize("field", WITHIN)
def test_a_scope_is_required_where_one_object_leads_to_another_kind(
    graphql: GraphQL, owner: models.Model, field: str
) -> None:
    make_attempt(make_delivery(subscribe(owner, "https://example.com/in")))
    scope, document = WITHIN[field]

    refused = graphql(document, token=make_token(owner, *(EVERY_SCOPE - {scope})).text)
    allowed = graphql(document, token=make_token(owner, *EVERY_SCOPE).text)

    assert refused.code == "FORBIDDEN"
    assert scope.name in refused.errors[0]["message"]
    assert allowed.errors == []


def test_a_mutation_is_refused_before_it_runs_for_what_is_selected_within_it(
    graphql: GraphQL, owner: models.Model
) -> None:
    webhook = subscribe(owner, "https://example.com/in")
    token = make_token(owner, *(EVERY_SCOPE - {ApiTokenScope.DELIVERIES_READ})).text
    mutation = """mutation ($id: ID!, $more: Boolean!) {
        paused: pauseWebhook(id: $id) { webhook { status ...More @include(if: $more) } } }
        fragment More on Webhook { ... { deliveries { edges { cursor } } } }"""

    def pause(*, more: bool) -> Answer:
        return graphql(mutation, variables={"id": webhook.public_id, "more": more}, token=token)

    refused = pause(more=True)

    webhook.refresh_from_db()
    assert (refused.status, refused.code) == (200, "FORBIDDEN")
    assert refused.data == {"paused": None}
    assert refused.errors[0]["path"] == ["paused"]
    assert "DELIVERIES_READ" in refused.errors[0]["message"]
    assert webhook.status == Webhook.Status.ACTIVE
    assert pause(more=False).ok == {"paused": {"webhook": {"status": "PAUSED"}}}


def test_a_query_is_refused_once_for_a_scope_that_every_row_would_need(
    graphql: GraphQL, owner: models.Model
) -> None:
    for number in range(3):
        subscribe(owner, f"https://example.com/{number}")
    token = make_token(owner, ApiTokenScope.WEBHOOKS_READ).text
    scope, document = WITHIN["webhook.deliveries"]

    answer = graphql(document, token=token)

    assert scope.name in answer.errors[0]["message"]
    assert [error["path"] for error in answer.errors] == [["webhooks"]]
