"""Retrying a delivery by hand while something else happens to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, models
from django.utils import timezone

from delivery import actors
from delivery.deliveries import retry_delivery
from delivery.errors import ErrorCode, Refused
from delivery.models import Delivery, Webhook
from events.publishing import publish
from events.webhooks import Ping
from tests.work import subscribe

pytestmark = pytest.mark.django_db


def test_what_is_removed_while_its_webhook_is_waited_for_is_not_found(owner: models.Model) -> None:
    subscribe(owner, "http://127.0.0.1:4/in")
    publish(Ping(), owner=owner)
    actors.fan_out()
    delivery = Delivery.objects.get()

    def remove(execute: Callable[..., object], sql: str, *call: object) -> object:
        result = execute(sql, *call)
        if f'FROM "{Webhook._meta.db_table}"' in sql:
            Delivery.objects.all().delete()
        return result

    with connection.execute_wrapper(remove), pytest.raises(Refused) as refused:
        retry_delivery(owner=owner, delivery_id=delivery.pk, now=timezone.now())

    assert [mistake.code for mistake in refused.value.mistakes] == [ErrorCode.NOT_FOUND]
