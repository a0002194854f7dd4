"""Running the actors: a worker in a process of its own, or inside the web process."""

from __future__ import annotations

import atexit
import contextlib
import logging
import threading
from datetime import timedelta

import dramatiq
import redis
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from dramatiq.errors import BrokerError

from delivery import actors
from delivery.conf import delivery_settings
from delivery.doorbell import OutOfReach
from delivery.fresh_connections import refresh_connections
from delivery.pruner import Pruner
from delivery.reencryption import unreadable_secret

logger = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=1)
# One for each actor. Each keeps a connection to the database.
_THREADS = 2
# From when all is recorded. Dramatiq's default is ten minutes, and it would use them.
_LONGEST_GOODBYE_MILLISECONDS = 5_000


class Upkeep(dramatiq.Middleware):
    """What a worker needs besides actors: sweep, pruning, fresh connections, an orderly end."""

    def __init__(self) -> None:
        self._is_over = threading.Event()
        self._pruner = Pruner()
        self._sweeper = threading.Thread(target=self._sweep, name="webhook-sweep", daemon=True)
        self._helper = threading.Thread()

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Make the engine, before two threads of the worker could make one each."""
        actors.engine()

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Begin to sweep, and to prune."""
        actors.runner.start()
        self._sweeper.start()
        self._pruner.start()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Stop sweeping, pruning and claiming, and let requests under way end."""
        # Messages are for those that go on.
        for consumer in worker.consumers.values():
            consumer.stop()
        self._is_over.set()
        self._sweeper.join()
        self._pruner.stop()
        actors.engine().stop()
        actors.runner.stop()

    def before_process_message(
        self, broker: dramatiq.Broker, message: dramatiq.MessageProxy
    ) -> None:
        """Drop connections that broke or are too old."""
        refresh_connections()

    def _sweep(self) -> None:
        is_failing = False
        while not self._is_over.wait(SWEEP_EVERY.total_seconds()):
            try:
                refresh_connections()
                actors.sweep()
            except OutOfReach:
                self._help()
            except Exception:
                # Whatever it is, the next sweep may find it mended. Said once: an outage lasts.
                if not is_failing:
                    logger.exception("The sweep cannot look, and tries again.")
                is_failing = True
            else:
                if is_failing:
                    logger.info("The sweep works again.")
                is_failing = False

    def _help(self) -> None:
        """Do here what nobody can be told to do; only one fan-out at a time."""
        actors.wake_engine()
        if self._helper.is_alive():
            return
        self._helper = threading.Thread(target=_fan_out, name="webhook-fan-out", daemon=True)
        # If the system gives no more threads, the next sweep asks again.
        with contextlib.suppress(RuntimeError):
            self._helper.start()


class _Worker(dramatiq.Worker):
    """A worker that does not wait for a broker that is away, of which it needs nothing more."""

    def stop(self, timeout: int = _LONGEST_GOODBYE_MILLISECONDS) -> None:
        """Let what is under way end, and leave messages that cannot be acknowledged."""
        try:
            super().stop(timeout)
        except (redis.RedisError, BrokerError) as error:
            logger.warning("The broker is out of reach; messages are left to it: %s", error)


def _fan_out() -> None:
    try:
        actors.fan_out()
    finally:
        connections.close_all()


def start_worker(*, threads: int = _THREADS) -> dramatiq.Worker:
    """Start a worker in this process; its `stop()` lets requests under way end and records them.

    Raises `ImproperlyConfigured` if it could sign nothing, so that no attempt is spent on that.
    """
    refuse_wrong_keys()
    actors.broker.add_middleware(Upkeep())
    worker = _Worker(actors.broker, worker_threads=threads)
    worker.start()
    return worker


def refuse_wrong_keys() -> None:
    """Raise `ImproperlyConfigured` if the newest signing secret cannot be decrypted."""
    try:
        secret = unreadable_secret()
    except DatabaseError:
        # A database that is away now, or not migrated, is waited for by the sweep.
        return
    if secret:
        raise ImproperlyConfigured(
            f"The signing secret {secret} cannot be decrypted. Put the key that it was encrypted "
            "with back into WEBHOOK_ENCRYPTION_KEYS, or the SECRET_KEY into SECRET_KEY_FALLBACKS. "
            "If it is lost, make new secrets, as docs/running.md says."
        )


def start_embedded_worker() -> None:
    """Start a worker in the web process, if there is no `REDIS_URL`: to be called by its module.

    Without Redis a message reaches only the process that sent it, so whoever serves requests must
    deliver as well. It ends with the process.
    """
    if delivery_settings().redis_url is None:
        atexit.register(start_worker().stop)
