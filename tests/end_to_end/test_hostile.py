"""One webhook for every way to misbehave, beside good ones: the good ones do not notice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from delivery.hostile import Answered, Expectation, Failure, HostileReceiver, behaviours
from tests.end_to_end.installation import Installation, embedded
from tests.end_to_end.test_main_job import publish
from tests.services.receiver import Receiver

_GOOD = 20
_TIMEOUT = timedelta(seconds=1)
_MOST_MEMORY = 64 * 1024 * 1024

_SUBSCRIBE = """
import json
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from delivery.retry import FixedRetryPolicy
from delivery.webhook_rules import EventSubscriptionSpec, WebhookSpec
from delivery.webhooks import create_webhook
for name, url in json.loads({urls!r}).items():
    create_webhook(
        owner=User.objects.get(username="ada"),
        spec=WebhookSpec(
            name=name,
            url=url,
            events=(EventSubscriptionSpec(event_type="ping"),),
            timeout=timedelta(seconds={seconds}),
            retry_policy=FixedRetryPolicy(max_attempts=1, delay=timedelta(minutes=1)),
        ),
        now=timezone.now(),
    )
"""
_COUNT_WAITING = """
from delivery.models import Delivery
print(Delivery.objects.exclude(status__in=["succeeded", "failed"]).count())
"""
_ATTEMPTS = """
import json
from delivery.models import Attempt
print(json.dumps({
    attempt.delivery.webhook.name: {
        "outcome": attempt.outcome,
        "status": attempt.status_code,
        "isCut": attempt.is_body_truncated,
        "seconds": attempt.duration.total_seconds(),
    }
    for attempt in Attempt.objects.select_related("delivery__webhook")
}))
"""


def test_no_hostile_receiver_keeps_an_event_from_the_good_ones(
    tmp_path: Path, receiver: Receiver, eventually: Callable[..., None]
) -> None:
    good = {f"good-{number}": receiver.url(f"/{number}") for number in range(_GOOD)}
    with HostileReceiver() as hostile:
        # The address of the second network is one that `localhost` may have as well.
        trust = {
            "WEBHOOK_CA_FILE": hostile.ca_file,
            "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
        }
        with embedded(tmp_path, **trust) as installation:
            installation.start()
            installation.make_user("ada")
            subscribe(installation, {name: hostile.url(name) for name in behaviours} | good)
            before = memory(installation, "VmRSS")

            publish(installation, owner="ada")

            for number in range(_GOOD):
                receiver.wait_for(1, path=f"/{number}")
            eventually(lambda: installation.python(_COUNT_WAITING).strip(), "0")
            attempts: dict[str, Any] = json.loads(installation.python(_ATTEMPTS))
            assert memory(installation, "VmHWM") - before < _MOST_MEMORY
    assert {name: recorded(attempts[name]) for name in behaviours} == {
        name: behaviour.expected for name, behaviour in behaviours.items()
    }
    assert {attempts[name]["outcome"] for name in good} == {"succeeded"}
    longest = (_TIMEOUT + timedelta(seconds=2)).total_seconds()
    assert not {name: made for name, made in attempts.items() if made["seconds"] > longest}


def subscribe(installation: Installation, urls: dict[str, str]) -> None:
    code = _SUBSCRIBE.format(urls=json.dumps(urls), seconds=_TIMEOUT.total_seconds())
    installation.python(code)


def recorded(attempt: dict[str, Any]) -> Expectation:
    """Say how an attempt was recorded as the hostile receiver would have expected it."""
    if attempt["status"] is not None:
        is_success = 200 <= attempt["status"] <= 299
        assert attempt["outcome"] == ("succeeded" if is_success else "rejected")
        return Answered(status=attempt["status"], is_body_cut=attempt["isCut"])
    return {
        "timed_out": Failure.TIMES_OUT,
        "connection_failed": Failure.NO_ANSWER,
        "tls_failed": Failure.TLS_FAILS,
    }[attempt["outcome"]]


def memory(installation: Installation, kind: str) -> int:
    """Return the bytes that the process has in memory (`VmRSS`), or had at most (`VmHWM`)."""
    assert installation.workers
    status = Path(f"/proc/{installation.workers.pid}/status").read_text()
    found = re.search(rf"^{kind}:\s+([0-9]+) kB$", status, re.MULTILINE)
    assert found
    return int(found[1]) * 1024
