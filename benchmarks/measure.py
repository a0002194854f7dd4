"""One measurement in a fresh process: `python -m benchmarks.measure WORKLOAD PORT`.

The workload is `EVENTSxWEBHOOKS` or `bare:REQUESTS`; the answer is one line of JSON. The database
is whichever `DATABASE_URL` names.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 - models exist only after setup()
from django.core.management import call_command  # noqa: E402 - as above
from django.db import connection  # noqa: E402 - as above
from django.utils import timezone  # noqa: E402 - as above

from delivery import actors  # noqa: E402 - as above
from delivery.formats import Message, StandardFormat  # noqa: E402 - as above
from delivery.http.addresses import AddressRules  # noqa: E402 - as above
from delivery.http.endpoints import EndpointRules  # noqa: E402 - as above
from delivery.http.outcomes import Accepted  # noqa: E402 - as above
from delivery.http.request import OutgoingRequest  # noqa: E402 - as above
from delivery.http.signing import generate_secret, signature_headers  # noqa: E402 - as above
from delivery.http.transport import Transport  # noqa: E402 - as above
from delivery.models import Delivery  # noqa: E402 - as above
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec  # noqa: E402 - as above
from delivery.webhooks import create_webhook  # noqa: E402 - as above
from events.publishing import publish  # noqa: E402 - as above
from events.webhooks import Ping  # noqa: E402 - as above

_THREADS = 16


class Statements:
    """Counts the statements of this thread's connection."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Count one statement and have it executed."""
        self.count += 1
        return execute(*arguments)


def measure_deliveries(events: int, webhooks: int, url: str) -> dict[str, float]:
    """Time events from their commit to the last recorded delivery, by the actors themselves."""
    call_command("migrate", verbosity=0)
    owner = User.objects.create_user(f"owner-{time.time_ns()}")
    pings = EventSubscriptionSpec(event_type="ping")
    for number in range(webhooks):
        spec = WebhookSpec(name="A webhook", url=f"{url}/{number}", events=(pings,))
        create_webhook(owner=owner, spec=spec, now=timezone.now())
    published, statements = Statements(), Statements()
    with connection.execute_wrapper(published):
        for _ in range(events):
            publish(Ping(), owner=owner)
    start, cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(statements):
        actors.fan_out()
        actors.deliver_due()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    count = events * webhooks
    done = Delivery.objects.filter(status=Delivery.Status.SUCCEEDED, owner=owner).count()
    assert done == count, f"{done} of {count} succeeded"
    return {
        "rate": count / seconds,
        "published": published.count / events,
        "statements": statements.count / count,
        "cpu": cpu / count * 1e6,
    }


def measure_bare_loop(count: int, url: str) -> dict[str, float]:
    """Time the transport alone: the same requests, signed, from threads, with no database."""
    addresses = AddressRules(allowed_networks=(ip_network("127.0.0.0/8"),))
    transport = Transport(rules=EndpointRules(allow_http=True, addresses=addresses))
    secret = generate_secret()

    def send(number: int) -> None:
        body = StandardFormat().body(
            Message(
                event_id=f"evt_{number:032x}",
                event_uuid=UUID(int=number),
                event_type="ping",
                occurred_at=timezone.now(),
                payload_json='{"message":"ping"}',
                source="urn:hookline",
            )
        )
        signature = signature_headers(
            secrets=[secret], message_id=f"dlv_{number:032x}", body=body, now=timezone.now()
        )
        request = OutgoingRequest(
            url=f"{url}/{number}",
            headers=(("Content-Type", "application/json"), *signature),
            body=body,
            timeout=timedelta(seconds=10),
            connection_group="1",
            webhook_id=f"whk_{number:032x}",
            event_id=f"evt_{number:032x}",
            delivery_id=f"dlv_{number:032x}",
        )
        assert isinstance(transport.send(request), Accepted)

    with ThreadPoolExecutor(_THREADS) as pool:
        start, cpu = time.perf_counter(), time.process_time()
        for _ in pool.map(send, range(count)):
            pass
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return {"rate": count / seconds, "statements": 0.0, "cpu": cpu / count * 1e6}


def main(workload: str, port: str) -> None:
    """Measure and print."""
    url = f"http://127.0.0.1:{port}"
    if workload.startswith("bare:"):
        answer = measure_bare_loop(int(workload.removeprefix("bare:")), url)
    else:
        events, webhooks = map(int, workload.split("x"))
        answer = measure_deliveries(events, webhooks, url)
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
