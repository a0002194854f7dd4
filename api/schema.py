"""The GraphQL schema, made of what is registered by the time this is imported."""

from strawberry.schema.config import StrawberryConfig

from api.errors import Schema
from api.limits import DocumentLimits
from api.mutations import Mutation
from api.queries import Query
from api.rates import WriteLimit
from api.scalars import SCALARS
from api.selections import Optimizer
from api.types.authentication import AUTHENTICATION_TYPES
from api.types.retry import RETRY_POLICY_TYPES
from delivery.authentication import authentications
from delivery.callbacks import delivery_callbacks
from delivery.formats import payload_formats
from delivery.retry import retry_policies
from events.event import event_types

schema = Schema(
    query=Query,
    mutation=Mutation,
    types=(*RETRY_POLICY_TYPES, *AUTHENTICATION_TYPES),
    config=StrawberryConfig(scalar_map=SCALARS),
    extensions=[DocumentLimits, WriteLimit, Optimizer],
)

# What came later would be in no enum and no union, and could be neither chosen nor shown.
event_types.close(by="the GraphQL schema")
retry_policies.close(by="the GraphQL schema")
authentications.close(by="the GraphQL schema")
payload_formats.close(by="the GraphQL schema")
delivery_callbacks.close(by="the GraphQL schema")
