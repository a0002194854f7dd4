"""`manage.py worker`, as a service manager runs it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation, production
from tests.end_to_end.test_main_job import deliveries, publish, subscribe
from tests.services.postgresql import PostgreSQLServer
from tests.services.programs import Program
from tests.services.receiver import Receiver
from tests.services.valkey import ValkeyServer

_STATUSES = """
from delivery.models import Delivery
print(set(Delivery.objects.values_list("status", flat=True)))
"""


def test_a_worker_process_that_dies_is_replaced(
    installation_with_workers: Installation, receiver: Receiver
) -> None:
    installation = installation_with_workers
    installation.start()
    token = installation.make_user("ada")
    subscribe(installation, token, receiver.url("/in"))
    assert installation.workers
    first = installation.workers.wait_for_line(r"ready \(process ([0-9]+)\)")

    os.kill(int(first[1]), signal.SIGKILL)

    installation.workers.wait_for_line(r"process [0-9]+ ended.*started")
    publish(installation, owner="ada")
    receiver.wait_for(1, path="/in")


def test_workers_deliver_while_the_broker_is_away(
    installation_with_workers: Installation, receiver: Receiver, valkey: ValkeyServer
) -> None:
    installation = installation_with_workers
    installation.start()
    token = installation.make_user("ada")
    subscribe(installation, token, receiver.url("/in"))

    with valkey.outage():
        publish(installation, owner="ada", count=3)
        receiver.wait_for(3, path="/in")

    publish(installation, owner="ada")
    receiver.wait_for(4, path="/in")


def test_nothing_is_lost_when_the_database_goes_away_in_the_middle_of_sending(
    installation_with_workers: Installation,
    receiver: Receiver,
    postgresql: PostgreSQLServer,
    eventually: Callable[..., None],
) -> None:
    receiver.answers(200, delay=timedelta(milliseconds=100))
    installation = installation_with_workers
    installation.start()
    token = installation.make_user("ada")
    subscribe(installation, token, receiver.url("/in"), in_flight=20)
    publish(installation, owner="ada", count=200)
    receiver.wait_for(40, path="/in")

    postgresql.restart()

    eventually(
        lambda: len({request.headers["webhook-id"] for request in receiver.requests("/in")}), 200
    )
    eventually(lambda: {d["status"] for d in deliveries(installation, token)}, {"SUCCEEDED"})


def test_twenty_connections_are_enough_for_two_workers_and_who_publishes(
    tmp_path: Path, receiver: Receiver, valkey: ValkeyServer, eventually: Callable[..., None]
) -> None:
    receiver.answers(200, delay=timedelta(milliseconds=20))
    valkey.flush()
    with (
        PostgreSQLServer(max_connections="20") as postgresql,
        production(tmp_path, database_url=postgresql.url, redis_url=valkey.url) as installation,
    ):
        installation.start()
        token = installation.make_user("ada")
        subscribe(installation, token, receiver.url("/in"), in_flight=100)

        publish(installation, owner="ada", count=300)

        receiver.wait_for(300, path="/in")
        eventually(lambda: installation.python(_STATUSES), "{'succeeded'}\n")
        # Four of each process; when it starts, it looks for old events by one more.
        eventually(lambda: postgresql.connections_of("workers") <= 2 * 4, True)
        assert installation.workers
        assert "too many" not in installation.workers.output
        assert "Traceback" not in installation.workers.output


@pytest.mark.parametrize("number", ["0", "-1"])
def test_a_worker_without_processes_is_refused(number: str, tmp_path: Path) -> None:
    arguments = ("manage.py", "worker", "--processes", number)
    with Program(*arguments, env={}, log=tmp_path / "log") as worker:
        assert worker.wait() == 1
        worker.wait_for_line("must be 1 or more")


def test_a_worker_without_redis_says_how_events_are_found(tmp_path: Path) -> None:
    env = {"HOOKLINE_DATA_DIR": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": ""}
    with Program("manage.py", "migrate", env=env, log=tmp_path / "log") as migrate:
        assert migrate.wait() == 0
    with Program("manage.py", "worker", env=env, log=tmp_path / "log") as worker:
        worker.wait_for_line("no REDIS_URL")
        worker.wait_for_line("ready")
        assert worker.terminate() == 0
