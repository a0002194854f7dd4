"""The shop's integrators: all that they do is GraphQL over HTTP, as from any other program."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

import requests

_TIMEOUT_SECONDS = 10.0
_NEWEST = 12

_EVENT_TYPES = "{ eventTypes { name value } }"
_CREATE_WEBHOOK = """
mutation ($input: CreateWebhookInput!) {
  createWebhook(input: $input) {
    webhook { id }
    signingSecret
    userErrors { message }
  }
}
"""
_CANCEL_WEBHOOK = """
mutation ($id: ID!) {
  cancelWebhook(id: $id) { cancelledDeliveryCount userErrors { message } }
}
"""
_DELIVERIES = """
query ($first: Int!) {
  deliveries(first: $first) {
    edges {
      node {
        status
        attemptCount
        event { type { name } }
        webhook { name }
        attempts { errorMessage response { statusCode } }
      }
    }
  }
}
"""


class Refused(Exception):  # noqa: N818 - reads as the sentence that it is
    """The API did not do what it was asked; the message is its own."""


class Status(enum.Enum):
    """How a delivery stands."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    RETRYING = "RETRYING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What a webhook is to be sent: all events of a type and all of each, unless it says less."""

    event_type: str
    price_below: str | None = None
    selection: str | None = None

    def to_json(self, *, value: str) -> dict[str, Any]:
        """Write it as an input, in which `value` stands for the event type."""
        cheap = {"path": "price", "match": {"lessThan": self.price_below}}
        return {
            "eventType": value,
            "conditions": [cheap] if self.price_below else [],
            "selection": self.selection,
        }


@dataclass(frozen=True, kw_only=True)
class CreatedWebhook:
    """A webhook as its maker knows it: `secret` is not shown again."""

    id: str
    secret: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A row of the table; `last_answer` is empty before the first one came."""

    event_type: str
    webhook: str
    status: Status
    attempts: int
    last_answer: str

    @classmethod
    def from_json(cls, node: dict[str, Any]) -> Self:
        """Read one out of an answer."""
        return cls(
            event_type=node["event"]["type"]["name"],
            webhook=node["webhook"]["name"],
            status=Status(node["status"]),
            attempts=node["attemptCount"],
            last_answer=_in_words(node["attempts"][-1]) if node["attempts"] else "",
        )


class Client:
    """Speaks to the GraphQL API at `url` for whoever `token` belongs to.

    Every method raises `Refused` if the API says no, `requests.RequestException` if there is none.
    """

    def __init__(self, *, url: str, token: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"

    def event_types(self) -> dict[str, str]:
        """List what can be subscribed to: names, and how inputs spell them."""
        found = self._ask(_EVENT_TYPES)["eventTypes"]
        return {kind["name"]: kind["value"] for kind in found}

    def create_webhook(
        self, *, name: str, url: str, subscriptions: Sequence[Subscription]
    ) -> CreatedWebhook:
        """Subscribe an endpoint to events; what it does not accept is retried after a second."""
        values = self.event_types()
        wanted = {
            "name": name,
            "url": url,
            "events": [each.to_json(value=values[each.event_type]) for each in subscriptions],
            "retryPolicy": {"fixed": {"delaySeconds": 1, "maxAttempts": 20}},
        }
        payload = self._do("createWebhook", _CREATE_WEBHOOK, input=wanted)
        return CreatedWebhook(id=payload["webhook"]["id"], secret=payload["signingSecret"])

    def cancel_webhook(self, webhook: CreatedWebhook) -> None:
        """End a webhook for good."""
        self._do("cancelWebhook", _CANCEL_WEBHOOK, id=webhook.id)

    def deliveries(self) -> list[Delivery]:
        """List the last dozen deliveries, the oldest first."""
        page = self._ask(_DELIVERIES, first=_NEWEST)["deliveries"]
        return [Delivery.from_json(edge["node"]) for edge in reversed(page["edges"])]

    def _do(self, mutation: str, document: str, **variables: object) -> dict[str, Any]:
        payload: dict[str, Any] = self._ask(document, **variables)[mutation]
        if errors := payload["userErrors"]:
            raise Refused(f"{mutation}: {_messages(errors)}")
        return payload

    def _ask(self, document: str, **variables: object) -> dict[str, Any]:
        response = self._session.post(
            self._url, json={"query": document, "variables": variables}, timeout=_TIMEOUT_SECONDS
        )
        answer = response.json()
        if errors := answer.get("errors"):
            raise Refused(_messages(errors))
        data: dict[str, Any] = answer["data"]
        return data


def _messages(errors: Sequence[dict[str, Any]]) -> str:
    return " ".join(error["message"] for error in errors)


def _in_words(attempt: dict[str, Any]) -> str:
    if attempt["response"] is None:
        return str(attempt["errorMessage"])
    status = HTTPStatus(attempt["response"]["statusCode"])
    return f"{status.value} {status.phrase}"
