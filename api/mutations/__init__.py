"""Everything that can be changed, each mutation by one function of the layers below."""

import strawberry

from api.mutations.deliveries import DeliveryMutations
from api.mutations.signing_secrets import SigningSecretMutations
from api.mutations.tokens import TokenMutations
from api.mutations.webhooks import WebhookMutations


@strawberry.type(
    description="Everything that can be changed. Each mutation takes effect whole or not at all."
)
class Mutation(WebhookMutations, SigningSecretMutations, DeliveryMutations, TokenMutations):
    """The root of mutations."""
