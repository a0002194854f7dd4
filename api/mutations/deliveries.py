"""The mutations of deliveries."""

from __future__ import annotations

from typing import Annotated

import strawberry
from django.db.models import QuerySet
from django.utils import timezone

from api.access import ApiTokenScope, actor_of, owner_of, scoped_field
from api.errors import user_errors
from api.inputs.ids import key_in
from api.mutations.payloads import RetryDeliveryPayload
from delivery import deliveries
from delivery.errors import Refused
from delivery.models import Delivery


@strawberry.type
class DeliveryMutations:
    """The mutations of deliveries."""

    @scoped_field(
        ApiTokenScope.DELIVERIES_WRITE,
        description="Makes one more attempt at a delivery now, whether it waits or has failed.",
    )
    def retry_delivery(
        self,
        info: strawberry.Info,
        public_id: Annotated[
            strawberry.ID, strawberry.argument(name="id", description="The ID of the delivery.")
        ],
        *,
        only_if_ended: Annotated[
            bool,
            strawberry.argument(
                description="Whether to refuse a delivery that will be tried again by itself."
            ),
        ] = False,
    ) -> RetryDeliveryPayload | None:
        """Retry a delivery."""
        owner, key = owner_of(info), key_in(public_id, model=Delivery)
        try:
            delivery = deliveries.retry_delivery(
                owner=owner,
                delivery_id=key,
                only_if_ended=only_if_ended,
                now=timezone.now(),
                actor=actor_of(info),
            )
        except Refused as refused:
            mine: QuerySet[Delivery] = Delivery.objects.visible_to(owner).filter(pk=key)
            return RetryDeliveryPayload(delivery=mine.first(), user_errors=user_errors(refused))
        return RetryDeliveryPayload(delivery=delivery)
