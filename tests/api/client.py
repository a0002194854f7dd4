"""How tests ask: a GraphQL request through Django's test client, as frontends send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.test import Client

from delivery.models import Attempt, AuditEntry, Delivery, Webhook
from events.ids import IdentifiedModel
from events.models import EventRecord


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: the status, the data, and the errors at the top level."""

    status: int
    data: dict[str, Any] | None
    errors: list[dict[str, Any]]

    @property
    def ok(self) -> dict[str, Any]:
        """The data of an answer that must have no errors."""
        assert not self.errors, self.errors
        assert self.data is not None
        return self.data

    @property
    def code(self) -> str | None:
        """The code of the only error."""
        [error] = self.errors
        code: str | None = error.get("extensions", {}).get("code")
        return code


class GraphQL:
    """Asks the endpoint, as a user with a session, with a token, or as nobody."""

    def __call__(
        self,
        query: str,
        *,
        variables: dict[str, Any] | None = None,
        user: models.Model | None = None,
        token: str | None = None,
    ) -> Answer:
        """Send a request and return the answer."""
        client = Client()
        if user is not None:
            assert isinstance(user, User)
            client.force_login(user)
        response = client.post(
            "/graphql/",
            {"query": query, "variables": variables or {}},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        body = response.json()
        return Answer(
            status=response.status_code,
            data=body.get("data"),
            errors=body.get("errors", []),
        )

    def show(self, row: IdentifiedModel, selection: str, *, user: models.Model) -> dict[str, Any]:
        """Return what is selected of a row that the user can see."""
        query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {_TYPES[type(row)]} {selection} }} }}"
        answer = self(query, variables={"id": row.public_id}, user=user)
        shown: dict[str, Any] = answer.ok["node"]
        return shown


_TYPES: Mapping[type[IdentifiedModel], str] = {
    Webhook: "Webhook",
    EventRecord: "Event",
    Delivery: "Delivery",
    Attempt: "DeliveryAttempt",
    AuditEntry: "AuditEntry",
}
