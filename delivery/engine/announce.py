"""Announcing: callbacks and receivers of signals hear what was recorded, and hold nothing up."""

from __future__ import annotations

import logging
import threading
import time
from asyncio import CancelledError
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Protocol, TypeAlias

from django.db import connections
from django.db.models import Model
from django.dispatch import Signal

from delivery import signals
from delivery.callbacks import DeliveryAttempted, delivery_callbacks
from delivery.fresh_connections import refresh_connections
from delivery.models import Delivery, Webhook

logger = logging.getLogger(__name__)

News: TypeAlias = DeliveryAttempted | Webhook
"""An attempt that was made, or a webhook that was suspended."""

MOST_WAITING = 10_000
"""How much news waits in a process at most. What comes then is skipped, since memory must end."""

MOST_BYTES = 256 * 1024 * 1024
"""To how much payloads, bodies and answers of what waits may come, about; then more is skipped."""

_THREADS = 4
_LONGEST_STOP = timedelta(seconds=30)

# What ends a program or a task, which the threads that tell are not.
_ENDINGS = (SystemExit, CancelledError)

_OF_STATUS = {
    Delivery.Status.SUCCEEDED: signals.delivery_succeeded,
    Delivery.Status.FAILED: signals.delivery_failed,
}


class Announcer(Protocol):
    """Tells news to whom it concerns; what they raise is logged."""

    def announce(self, news: Sequence[News]) -> None:
        """Have what was recorded told; does not raise or wait."""

    def close(self) -> None:
        """Wait until all is told."""


class DirectAnnouncer:
    """Tells news when it is closed, in the thread that closes it.

    Not sooner: deliveries that are under way belong to others after a while, so that who brings
    news cannot wait for whoever takes long to listen.
    """

    def __init__(self) -> None:
        self._news: deque[News] = deque()

    def announce(self, news: Sequence[News]) -> None:
        """Keep what was recorded until it is told; does not raise."""
        self._news.extend(news)

    def close(self) -> None:
        """Tell all."""
        while self._news:
            _tell(self._news.popleft())


class AnnouncerPool:
    """Tells news on a few threads of its own, so that who is slow to listen holds up no delivery.

    A thread ends, and closes its connections to the database, when there is no more news.
    """

    def __init__(self) -> None:
        self._news: deque[News] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._working = 0
        self._is_skipping = False

    def announce(self, news: Sequence[News]) -> None:
        """Have news told soon, each item once, unless too much waits; does not raise or wait."""
        with self._lock:
            for item in news:
                self._add(item)
            for _ in range(min(len(self._news), _THREADS - self._working)):
                self._add_thread()

    def close(self) -> None:
        """Wait until all is told, though not for ever."""
        until = time.monotonic() + _LONGEST_STOP.total_seconds()
        for thread in tuple(self._threads):
            thread.join(max(0.0, until - time.monotonic()))
        with self._lock:
            if self._working:
                waiting = len(self._news)
                self._news.clear()
                logger.warning("Callbacks are too slow to wait for; %s were skipped.", waiting)

    def _add(self, item: News) -> None:
        if len(self._news) < MOST_WAITING and self._bytes < MOST_BYTES:
            self._news.append(item)
            self._bytes += _size(item)
        elif not self._is_skipping:
            self._is_skipping = True
            logger.warning("Callbacks are too slow: some are skipped until the rest are done.")

    def _add_thread(self) -> None:
        thread = threading.Thread(target=self._run, name="webhook-announcer", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # The system gives no more threads just now; the next news asks again.
            logger.warning("No thread can be started for callbacks.")
            return
        self._threads.add(thread)
        self._working += 1

    def _run(self) -> None:
        try:
            while item := self._next():
                refresh_connections()
                _tell(item)
        finally:
            connections.close_all()
            self._threads.discard(threading.current_thread())

    def _next(self) -> News | None:
        """Return the next item, or None if there is none: this thread is not needed any more."""
        with self._lock:
            if self._news:
                item = self._news.popleft()
                self._bytes -= _size(item)
                return item
            self._working -= 1
            self._bytes = 0
            self._is_skipping = False
            return None


def _size(item: News) -> int:
    if isinstance(item, Webhook):
        return 0
    return len(item.body) + len(item.event.payload) + len(item.attempt.response_body)


def is_heard(webhook: Webhook, status: Delivery.Status) -> bool:
    """Return whether anybody is to be told of an attempt after which a delivery stands so."""
    return bool(webhook.callback) or any(
        signal.has_listeners(Delivery) for signal in _signals_of(status)
    )


def _tell(item: News) -> None:
    if isinstance(item, Webhook):
        _send(signals.webhook_suspended, sender=Webhook, webhook=item)
        return
    if item.webhook.callback:
        _call_back(item)
    for signal in _signals_of(item.status):
        _send(signal, sender=Delivery, attempted=item)


def _send(signal: Signal, *, sender: type[Model], **news: News) -> None:
    try:
        signal.send_robust(sender=sender, **news)
    except _ENDINGS:
        logger.exception("A receiver of a signal of %s tried to end this thread.", sender.__name__)


def _signals_of(status: Delivery.Status) -> Iterator[Signal]:
    yield signals.delivery_attempted
    if status in _OF_STATUS:
        yield _OF_STATUS[status]


def _call_back(attempted: DeliveryAttempted) -> None:
    name = attempted.webhook.callback
    if (callback := delivery_callbacks.find(name)) is None:
        logger.warning("%s has the callback %r, which is not registered.", attempted.webhook, name)
        return
    try:
        callback.function(attempted)
    except (Exception, *_ENDINGS):
        # Code of the project's own: what is wrong with it must reach nothing else.
        logger.exception("The callback %r failed for %s.", name, attempted.delivery_id)
