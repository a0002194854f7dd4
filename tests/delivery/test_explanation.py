"""What is said of conditions that keep an event back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import models
from django.db.models import QuerySet
from pytest_django import Settings

from delivery.conditions import PayloadCondition, PayloadMatch
from delivery.conditions.condition import dump_conditions
from delivery.explanation import DeliveryDecision, DeliveryExplanation, explain_delivery
from delivery.models import Delivery, EventSubscription, Webhook
from delivery.webhook_rules import EventSubscriptionSpec
from events.fields import JsonValue
from events.models import EventRecord
from events.publishing import publish
from examples.bookshop.webhooks import BookAdded
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:4/"


def on(path: str, match: PayloadMatch, value: JsonValue, **more: bool) -> PayloadCondition:
    """Return a condition."""
    return PayloadCondition(path=path, match=match, value=value, **more)


def quiet_ones(webhooks: QuerySet[Webhook], event: EventRecord) -> QuerySet[Webhook]:
    """Find webhooks as a project may: of those named Loud, none."""
    return webhooks.exclude(name="Loud") if event.event_type == "book.added" else webhooks


def broken(webhooks: QuerySet[Webhook], event: EventRecord) -> QuerySet[Webhook]:
    """Find nothing, for it does not work."""
    raise RuntimeError(f"no {webhooks.model.__name__} for {event.event_type}")


def books(*conditions: PayloadCondition) -> EventSubscriptionSpec:
    """Return a subscription to books that are added."""
    return EventSubscriptionSpec(event_type="book.added", conditions=conditions)


def add_emma(owner: models.Model, *, title: str = "Emma") -> EventRecord:
    """Publish and fan out that a book was added."""
    event = BookAdded(book_id=1, title=title, author="Jane Austen", pages=474, price=Decimal("9.9"))
    record = publish(event, owner=owner)
    deliver()
    return record


def explained(event: EventRecord, webhook: Webhook) -> DeliveryExplanation:
    """Return the explanation for the webhook's owner."""
    found = explain_delivery(owner=webhook.owner, event_id=event.pk, webhook_id=webhook.pk)
    assert found
    return found


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (
            on("title", PayloadMatch.IS, "Persuasion"),
            '`title` must be "Persuasion", but is "Emma".',
        ),
        (
            on("title", PayloadMatch.ANY, ["Persuasion", "Pamela"]),
            '`title` must be one of ["Persuasion", "Pamela"], but is "Emma".',
        ),
        (
            on("author", PayloadMatch.STARTS_WITH, "George"),
            '`author` must start with "George", but is "Jane Austen".',
        ),
        (
            on("author", PayloadMatch.ENDS_WITH, "Austen", negate=True),
            '`author` must not end with "Austen", but is "Jane Austen".',
        ),
        (
            on("author", PayloadMatch.CONTAINS, "Eliot"),
            '`author` must contain "Eliot", but is "Jane Austen".',
        ),
        (
            on("author", PayloadMatch.LIKE, "^G"),
            '`author` must match the pattern "^G", but is "Jane Austen".',
        ),
        (
            on("pages", PayloadMatch.GREATER_THAN, 500),
            "`pages` must be greater than 500, but is 474.",
        ),
        (
            on("price", PayloadMatch.LESS_THAN, "5.00"),
            '`price` must be less than "5.00", but is "9.9".',
        ),
        (on("title", PayloadMatch.EXISTS, False), '`title` must not exist, but is "Emma".'),
        (
            on("title", PayloadMatch.EXISTS, True, negate=True),
            '`title` must not exist, but is "Emma".',
        ),
    ],
)
def test_a_condition_that_is_not_met_is_told_with_what_was_found(
    owner: models.Model, condition: PayloadCondition, message: str
) -> None:
    met = on("pages", PayloadMatch.IS, 474)
    webhook = subscribe(owner, URL, books(met, condition))

    found = explained(add_emma(owner), webhook)

    assert not Delivery.objects.exists()
    assert found == DeliveryExplanation(
        is_sent=False, decision=DeliveryDecision.CONDITION_NOT_MET, message=message
    )


def test_all_conditions_that_are_not_met_are_told_up_to_five(owner: models.Model) -> None:
    conditions = [on("pages", PayloadMatch.GREATER_THAN, 500 + n) for n in range(4)]
    webhook = subscribe(owner, URL, books(*conditions), books(*conditions[:3]))

    message = explained(add_emma(owner), webhook).message

    assert message.count("but is 474.") == 5
    assert message.endswith(" So it is with 2 more.")


def test_of_several_subscriptions_to_a_type_one_that_is_met_is_enough(owner: models.Model) -> None:
    webhook = subscribe(owner, URL, "ping")
    event = add_emma(owner)
    for title in ("Emma", "Persuasion"):
        condition = on("title", PayloadMatch.IS, title)
        EventSubscription.objects.create(
            webhook=webhook, event_type="book.added", conditions=dump_conditions([condition])
        )

    found = explained(event, webhook)

    assert (found.decision, found.is_sent) == (DeliveryDecision.MATCHED, True)


def test_a_long_value_is_told_in_part(owner: models.Model) -> None:
    webhook = subscribe(owner, URL, books(on("title", PayloadMatch.IS, "x" * 900)))

    message = explained(add_emma(owner, title="y" * 900), webhook).message

    assert len(message) < 300
    assert message.endswith("yyy….")


def test_what_an_older_payload_lacks_is_told_as_missing(owner: models.Model) -> None:
    webhook = subscribe(owner, URL, books(on("title", PayloadMatch.IS, "Emma")))
    event = EventRecord.objects.create(
        owner_id=owner.pk,
        event_type="book.added",
        payload='{"pages":1}',
        occurred_at=webhook.active_since,
    )
    deliver()

    assert explained(event, webhook).message == '`title` must be "Emma", but is missing.'


def test_a_webhook_that_the_project_leaves_out_is_told_so(
    owner: models.Model, settings: Settings
) -> None:
    settings.WEBHOOK_FINDER = f"{__name__}.{quiet_ones.__name__}"
    loud = subscribe(owner, URL, "book.added", name="Loud")
    quiet = subscribe(owner, URL + "quiet", "book.added")
    event = add_emma(owner)

    assert explained(event, quiet).delivery
    assert explained(event, loud) == DeliveryExplanation(
        is_sent=False,
        decision=DeliveryDecision.LEFT_OUT_BY_PROJECT,
        message="The project does not let this event go to the webhook.",
    )


def test_a_finder_that_fails_is_logged_and_nothing_would_be_sent(
    owner: models.Model, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WEBHOOK_FINDER = f"{__name__}.{broken.__name__}"
    webhook = subscribe(owner, URL, "book.added")
    event = add_emma(owner)
    caplog.clear()

    found = explained(event, webhook)

    assert (found.decision, found.is_sent) == (DeliveryDecision.NOT_FANNED_OUT, False)
    assert ["no Webhook for book.added" in (each.exc_text or "") for each in caplog.records] == [
        True
    ]
