"""The URLs of the project."""

from django.urls import path

from api.schema import schema
from api.views import graphql_view

urlpatterns = [path("graphql/", graphql_view(schema), name="graphql")]
