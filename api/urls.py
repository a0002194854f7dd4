"""The URLs of the project."""

from django.urls import path

from api.public_keys import public_keys_view
from api.schema import schema
from api.views import graphql_view

urlpatterns = [
    path("graphql/", graphql_view(schema), name="graphql"),
    path("webhooks/<str:webhook_id>/jwks.json", public_keys_view, name="webhook-public-keys"),
]
