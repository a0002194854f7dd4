"""Whatever takes an ID answers alike to one of somebody else's, one of nobody's, and no ID."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from events.ids import new_id
from tests.api.client import Answer, GraphQL
from tests.api.mutations import make_token
from tests.api.schema_walks import RootField, fields_with_ids, input_types
from tests.api.test_isolation import make_everything

FIELDS = fields_with_ids()


def everything() -> list[list[dict[str, Any]]]:
    """Return all rows of ours."""
    ours = [model for label in _LABELS for model in apps.get_app_config(label).get_models()]
    return [list(model._default_manager.order_by("pk").values()) for model in ours]


_LABELS = ("webhook_events", "webhook_delivery", "webhook_api")


def ask(graphql: GraphQL, field: RootField, *, token: str, **ids: str) -> tuple[Answer, list[str]]:
    """Return the answer, and the verbs of the statements that it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = graphql(field.document, variables={**field.variables, **ids}, token=token)
    return answer, [query["sql"].split()[0] for query in queries]


def test_every_mutation_that_changes_something_is_among_those_that_are_tried() -> None:
    names = {field.name for field in FIELDS}

    assert {"updateWebhook", "cancelWebhook", "retryDelivery", "revokeApiToken"} <= names
    assert {"node", "webhook", "event", "delivery", "deliveryExplanation"} <= names


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_w23_an_id_of_somebody_elses_is_answered_as_one_that_never_was(
    graphql: GraphQL, owner: models.Model, other_owner: models.Model, field: RootField
) -> None:
    mine, theirs = make_everything(owner), make_everything(other_owner)
    token = make_token(owner).text
    graphql("{ viewer { id } }", token=token)  # Its first use is noted.
    before = everything()

    # What is beside the foreign ID may be the caller's own, of any kind.
    besides = mine.values() if len(field.ids) > 1 else [""]
    for foreign, kind, beside in product(field.ids, theirs, besides):
        prefix = theirs[kind].partition("_")[0]
        tried = (
            theirs[kind],
            f"{prefix}_{new_id().hex}",
            f"{prefix}_{'z' * 32}",
            "",
            "\0",
            "\ud800",
        )
        others = dict.fromkeys(field.ids, beside)
        [(answer, statements), *rest] = [
            ask(graphql, field, token=token, **{**others, foreign: public_id})
            for public_id in tried
        ]

        assert [found for found, _ in rest] == [answer] * len(rest)
        # What is no ID at all may be known for it without being looked for.
        assert rest[0][1] == statements
    assert everything() == before


OURS_ALONE = {
    *("id", "ownerId", "owner", "createdAt", "updatedAt", "status", "statusReason", "version"),
    *("attemptCount", "dueAt", "nextAttemptAt", "completedAt", "cancelledAt", "failingSince"),
    *("hint", "digest", "scope", "isTest", "origin", "lastUsedAt", "revokedAt"),
}


def test_no_input_of_a_mutation_holds_what_is_for_the_system_to_say() -> None:
    found = {
        f"{kind.name}.{name}"
        for kind in input_types()
        if not kind.name.endswith("FilterInput")
        for name in kind.fields
        if name in OURS_ALONE
    }

    assert found == set()
