"""`deliveryCallbacks`, and the callback of a webhook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import models

from delivery.callbacks import DeliveryAttempted, delivery_callback, delivery_callbacks
from delivery.models import Webhook
from tests.api.client import GraphQL
from tests.api.mutations import CREATE, UPDATE, change, described, mistakes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    with delivery_callbacks.scratch():

        @delivery_callback("audit")
        def audit(attempted: DeliveryAttempted) -> None:
            """Write down who was told."""

        delivery_callback("archive")(audit)
        yield


def test_w27_the_callbacks_of_the_project_are_listed_by_name(
    graphql: GraphQL, owner: models.Model
) -> None:
    listed = graphql("{ deliveryCallbacks { name description } }", user=owner).ok

    assert listed["deliveryCallbacks"] == [
        {"name": "archive", "description": "Write down who was told."},
        {"name": "audit", "description": "Write down who was told."},
    ]


def shown(graphql: GraphQL, owner: models.Model) -> str | None:
    callback: str | None = graphql.show(Webhook.objects.get(), "{ callback }", user=owner)[
        "callback"
    ]
    return callback


def test_a_callback_is_chosen_kept_changed_and_taken_away(
    graphql: GraphQL, owner: models.Model
) -> None:
    change(graphql, CREATE, user=owner, input=described(callback="audit"))
    webhook_id = Webhook.objects.get().public_id
    assert shown(graphql, owner) == "audit"

    change(graphql, UPDATE, user=owner, id=webhook_id, input={"name": "Another name"})
    assert shown(graphql, owner) == "audit"

    change(graphql, UPDATE, user=owner, id=webhook_id, input={"callback": "archive"})
    assert shown(graphql, owner) == "archive"

    payload = change(graphql, UPDATE, user=owner, id=webhook_id, input={"callback": None})
    assert payload["userErrors"] == []
    assert shown(graphql, owner) is None


def test_a_webhook_has_no_callback_unless_one_is_chosen(
    graphql: GraphQL, owner: models.Model
) -> None:
    change(graphql, CREATE, user=owner, input=described())

    assert shown(graphql, owner) is None


@pytest.mark.parametrize("name", ["os.system", "Audit", " ", "x" * 500])
def test_w27_a_callback_that_is_not_registered_is_refused(
    graphql: GraphQL, owner: models.Model, name: str
) -> None:
    payload = change(graphql, CREATE, user=owner, input=described(callback=name))

    assert mistakes(payload) == [("INVALID", "input.callback")]
    assert not Webhook.objects.exists()


def test_one_that_is_gone_keeps_nobody_from_changing_something_else(
    graphql: GraphQL, owner: models.Model
) -> None:
    with delivery_callbacks.scratch():
        delivery_callback("gone")(delivery_callbacks.get("audit").function)
        change(graphql, CREATE, user=owner, input=described(callback="gone"))
    webhook_id = Webhook.objects.get().public_id

    payload = change(graphql, UPDATE, user=owner, id=webhook_id, input={"name": "Another name"})

    assert payload["userErrors"] == []
    assert shown(graphql, owner) == "gone"
