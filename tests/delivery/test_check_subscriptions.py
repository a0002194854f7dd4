"""`manage.py check_subscriptions`: what webhooks ask for that event classes no longer have."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.conditions import PayloadCondition, PayloadMatch
from delivery.models import EventSubscription, Webhook
from delivery.webhook_rules import EventSubscriptionSpec
from delivery.webhook_states import cancel_webhook, pause_webhook
from events import Event
from events.event import event_types
from tests.work import subscribe

pytestmark = pytest.mark.django_db

URL = "http://127.0.0.1:4/"
WANTED = EventSubscriptionSpec(
    event_type="parcel.lost",
    conditions=(PayloadCondition(path="weight", match=PayloadMatch.GREATER_THAN, value=1),),
    selection="{ weight sender }",
)


def declare(**fields: type) -> None:
    """Declare what a lost parcel tells, in place of what it told before."""
    event_types._items.pop("parcel.lost", None)
    type("ParcelLost", (Event,), {"__annotations__": fields}, name="parcel.lost")


@pytest.fixture
def webhook(owner: models.Model) -> Webhook:
    """Return a webhook for heavy parcels; the class is what it was when the webhook was made."""
    declare(weight=float, sender=str)
    return subscribe(owner, URL, WANTED)


@pytest.fixture(autouse=True)
def _registrations_are_forgotten() -> object:
    with event_types.scratch():
        yield


def failed() -> tuple[list[list[str]], str]:
    """Return the lines of a check that fails, by their columns, and what it ends with."""
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("check_subscriptions", stdout=out)
    assert error.value.returncode == 1
    heading, *lines = out.getvalue().splitlines()
    assert heading.split() == ["WEBHOOK", "OWNER", "EVENT", "TYPE", "PROBLEM"]
    return [line.split(maxsplit=3) for line in lines], str(error.value)


def passed() -> str:
    """Return what a check that does not fail prints."""
    out = StringIO()
    call_command("check_subscriptions", stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("webhook")
def test_what_still_fits_passes() -> None:
    assert passed() == "Every event subscription fits its event class.\n"


def test_a_field_that_is_gone_is_reported_where_it_is_selected_and_where_it_is_compared(
    webhook: Webhook,
) -> None:
    declare(mass=float, sender=str)

    lines, end = failed()

    who = [webhook.public_id, "ada", "parcel.lost"]
    assert lines == [
        [*who, "The payload of parcel.lost has no field 'weight'."],
        [*who, "Line 1, column 3: Cannot query field 'weight' on type 'ParcelLostData'."],
    ]
    assert end.startswith("Problems found: 2.")


@pytest.mark.usefixtures("webhook")
def test_a_field_that_cannot_be_compared_so_any_more_is_reported() -> None:
    declare(weight=bool, sender=str)

    [[*_, problem]], _end = failed()

    assert "weight cannot be compared in this way" in problem


def test_an_event_type_that_is_gone_is_reported(webhook: Webhook) -> None:
    event_types._items.pop("parcel.lost")

    [[*who, problem]], _end = failed()

    assert who == [webhook.public_id, "ada", "parcel.lost"]
    assert problem == "The event type is not registered."


def test_every_subscription_of_every_owner_is_looked_at_and_of_paused_webhooks_too(
    webhook: Webhook, owner: models.Model, other_owner: models.Model
) -> None:
    both = subscribe(other_owner, URL, "ping", WANTED, replace(WANTED, selection=""))
    pause_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    event_types._items.pop("parcel.lost")

    lines, _end = failed()

    assert [line[:2] for line in lines] == [
        [webhook.public_id, "ada"],
        [both.public_id, "bea"],
        [both.public_id, "bea"],
    ]


def test_cancelled_webhooks_are_left_out(webhook: Webhook, owner: models.Model) -> None:
    cancel_webhook(owner=owner, webhook_id=webhook.pk, now=timezone.now())
    event_types._items.pop("parcel.lost")

    assert "fits" in passed()


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("conditions", ["[{}]", "[[]]", "[" * 100_000])
def test_conditions_that_cannot_be_read_are_reported_and_hide_nothing(conditions: str) -> None:
    EventSubscription.objects.update(conditions=conditions, selection="{ height }")

    lines, _end = failed()

    assert [line[3].split(":")[0] for line in lines] == [
        "The conditions cannot be read.",
        "Line 1, column 3",
    ]


@pytest.mark.usefixtures("webhook")
def test_any_number_of_webhooks_takes_the_same_queries(owner: models.Model) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            passed()
        return len(captured)

    of_one = queries()
    for number in range(5):
        subscribe(owner, f"{URL}{number}", WANTED)

    assert queries() == of_one
