"""Reading the audit trail: by whom, in what order, and what of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from api.scopes import EVERY_SCOPE, ApiTokenScope
from delivery.audit import SYSTEM, Action, note_action
from delivery.models import AuditEntry, Webhook
from events.ids import new_id
from tests.api.client import GraphQL
from tests.api.mutations import make_token
from tests.api.rows import NOW
from tests.work import subscribe

IDS = "edges { node { id } }"
LIST = f"""query ($filter: AuditEntryFilterInput, $first: Int! = 20, $after: String) {{
  auditEntries(filter: $filter, first: $first, after: $after, order: OLDEST_FIRST) {{
    {IDS} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }}"""
WHOLE = """{ auditEntries { edges { cursor node {
  id action actor { kind id name } targetId changedFields reason happenedAt } } } }"""
NODE = "query ($id: ID!) { node(id: $id) { ... on AuditEntry { id action reason } } }"


def note(owner: models.Model, action: Action, *, target: Webhook, **span: float) -> str:
    """Return the ID of a new entry."""
    moment = NOW + timedelta(**span)
    note_action(action, target=target, owner=owner, actor=SYSTEM, now=moment, reason="Why")
    return AuditEntry.objects.latest("pk").public_id


@pytest.fixture
def webhooks(owner: models.Model) -> list[Webhook]:
    """Return two webhooks of which the trail says nothing yet."""
    webhooks = [subscribe(owner, f"https://example.com/{number}") for number in range(2)]
    AuditEntry.objects.all().delete()
    return webhooks


@pytest.fixture
def entries(owner: models.Model, webhooks: list[Webhook]) -> list[str]:
    """Return the IDs of a suspension and a cancellation, of one webhook each, an hour apart."""
    return [
        note(owner, Action.WEBHOOK_SUSPENDED, target=webhooks[0]),
        note(owner, Action.WEBHOOK_CANCELLED, target=webhooks[1], hours=1),
    ]


def found(graphql: GraphQL, user: models.Model, condition: Any) -> list[str]:
    """Return the IDs of what a filter finds, the oldest first."""
    answer = graphql(LIST, variables={"filter": condition}, user=user)
    return [edge["node"]["id"] for edge in answer.ok["auditEntries"]["edges"]]


def moment(**span: float) -> str:
    return (NOW + timedelta(**span)).isoformat()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, [0, 1]),
        ({}, [0, 1]),
        ({"actions": ["WEBHOOK_SUSPENDED"]}, [0]),
        ({"actions": ["WEBHOOK_SUSPENDED", "WEBHOOK_CANCELLED"]}, [0, 1]),
        ({"actions": ["API_TOKEN_CREATED"]}, []),
        ({"actions": []}, []),
        ({"happenedAfter": moment()}, [0, 1]),
        ({"happenedAfter": moment(seconds=1)}, [1]),
        ({"happenedBefore": moment(hours=1)}, [0]),
        ({"happenedBefore": moment()}, []),
        ({"actions": ["WEBHOOK_CANCELLED"], "happenedBefore": moment(hours=1)}, []),
        ({"targetId": None, "actions": None}, [0, 1]),
        ({"targetId": "whk_" + "0" * 32}, []),
        ({"targetId": "tok"}, []),
        ({"targetId": ""}, []),
        ({"targetId": "\0"}, []),
        ({"targetId": "\ud800"}, []),
        ({"targetId": "x" * 10_000}, []),
    ],
)
def test_entries_are_found_by_all_the_conditions_together(
    graphql: GraphQL, owner: models.Model, entries: list[str], condition: Any, expected: list[int]
) -> None:
    assert found(graphql, owner, condition) == [entries[index] for index in expected]


def test_entries_are_found_by_what_was_done_to(
    graphql: GraphQL, owner: models.Model, webhooks: list[Webhook], entries: list[str]
) -> None:
    condition = {"targetId": webhooks[1].public_id}

    assert found(graphql, owner, condition) == [entries[1]]
    webhooks[1].delete()
    assert found(graphql, owner, condition) == [entries[1]]


def test_they_are_paged_by_cursor_in_either_order(
    graphql: GraphQL, owner: models.Model, entries: list[str]
) -> None:
    first = graphql(LIST, variables={"first": 1}, user=owner).ok["auditEntries"]
    after = first["pageInfo"]["endCursor"]
    second = graphql(LIST, variables={"first": 1, "after": after}, user=owner).ok["auditEntries"]

    assert [edge["node"]["id"] for page in (first, second) for edge in page["edges"]] == entries
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second)] == [True, False]
    newest_first = graphql(f"{{ auditEntries {{ {IDS} }} }}", user=owner).ok["auditEntries"]
    assert [edge["node"]["id"] for edge in newest_first["edges"]] == entries[::-1]


def test_a_page_takes_one_query_however_many_entries_it_has(
    graphql: GraphQL, owner: models.Model, webhooks: list[Webhook]
) -> None:
    for _ in range(30):
        note(owner, Action.WEBHOOK_PAUSED, target=webhooks[0])

    with CaptureQueriesContext(connection) as captured:
        graphql(WHOLE, user=owner)

    table = AuditEntry._meta.db_table
    assert len([query for query in captured if table in query["sql"]]) == 1


def test_an_entry_can_be_read_by_its_id(
    graphql: GraphQL, owner: models.Model, entries: list[str]
) -> None:
    assert graphql(NODE, variables={"id": entries[0]}, user=owner).ok["node"] == {
        "id": entries[0],
        "action": "WEBHOOK_SUSPENDED",
        "reason": "Why",
    }


@pytest.mark.usefixtures("entries")
def test_nobody_sees_anything_of_another_owners_trail(
    graphql: GraphQL, other_owner: models.Model, webhooks: list[Webhook]
) -> None:
    mine = note(other_owner, Action.WEBHOOK_PAUSED, target=subscribe(other_owner, "https://e.com"))

    assert found(graphql, other_owner, {"actions": ["WEBHOOK_PAUSED"]}) == [mine]
    assert found(graphql, other_owner, {"actions": ["WEBHOOK_SUSPENDED"]}) == []
    assert found(graphql, other_owner, {"targetId": webhooks[0].public_id}) == []


def test_an_entry_of_somebody_elses_reads_as_one_that_never_was(
    graphql: GraphQL, other_owner: models.Model, entries: list[str]
) -> None:
    foreign = graphql(NODE, variables={"id": entries[0]}, user=other_owner)
    unknown = graphql(NODE, variables={"id": f"aud_{new_id().hex}"}, user=other_owner)

    assert foreign.ok == {"node": None}
    assert foreign == unknown


def test_a_token_without_the_scope_sees_no_entry(
    graphql: GraphQL, owner: models.Model, entries: list[str]
) -> None:
    token = make_token(owner, *(EVERY_SCOPE - {ApiTokenScope.AUDIT_READ})).text

    assert graphql(WHOLE, token=token).code == "FORBIDDEN"
    assert graphql(NODE, variables={"id": entries[0]}, token=token).ok == {"node": None}


@pytest.mark.usefixtures("entries")
def test_a_token_sees_what_others_did_for_the_same_owner(
    graphql: GraphQL, owner: models.Model
) -> None:
    token = make_token(owner, ApiTokenScope.AUDIT_READ).text

    seen = graphql(WHOLE, token=token).ok["auditEntries"]["edges"]

    assert [edge["node"]["action"] for edge in seen] == [
        "API_TOKEN_CREATED",
        "WEBHOOK_CANCELLED",
        "WEBHOOK_SUSPENDED",
    ]


def test_the_scope_is_not_on_a_token_that_was_made_without_it(
    graphql: GraphQL, owner: models.Model
) -> None:
    token = make_token(owner, *(EVERY_SCOPE - {ApiTokenScope.AUDIT_READ})).text

    scopes = graphql("{ viewer { scopes } }", token=token).ok["viewer"]["scopes"]

    assert "AUDIT_READ" not in scopes
