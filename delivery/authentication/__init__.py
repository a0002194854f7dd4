"""How requests prove to endpoints who sends them, beside the signature."""

from delivery.authentication.built_in import (
    BasicAuthentication,
    BearerAuthentication,
    HeaderAuthentication,
)
from delivery.authentication.scheme import (
    Authentication,
    UnreadableAuthentication,
    UnregisteredAuthentication,
    authentication,
    authentications,
    load_authentication,
    store_authentication,
)

__all__ = [
    "Authentication",
    "BasicAuthentication",
    "BearerAuthentication",
    "HeaderAuthentication",
    "UnreadableAuthentication",
    "UnregisteredAuthentication",
    "authentication",
    "authentications",
    "load_authentication",
    "store_authentication",
]
