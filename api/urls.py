"""The URLs of the project."""

from django.urls import path

from api.public_keys import public_keys_view
from api.schema import schema
from api.views import graphql_view

_graphql = graphql_view(schema)

urlpatterns = [
    path("graphql/", _graphql, name="graphql"),
    # A POST cannot be sent on to the address with the slash.
    path("graphql", _graphql),
    path("webhooks/<str:webhook_id>/jwks.json", public_keys_view, name="webhook-public-keys"),
]
