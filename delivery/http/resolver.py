"""Resolvers, asked in threads of which nobody can take all."""

import itertools
import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple, TypeAlias

logger = logging.getLogger(__name__)

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
Answers: TypeAlias = tuple[object, ...]

_MOST_OF_A_GROUP = 16
_MOST = 256
# No DNS message holds as many.
_MOST_ANSWERS = 5_000


def system_resolver(host: str, port: int) -> list[str]:
    """Look a name up as the operating system does, and return its addresses in its order.

    Raises:
        OSError: the name has no address, or the look-up failed.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class _Question(NamedTuple):
    host: str
    port: int


class Lookups:
    """Asks a resolver in bounded time, for many groups at once.

    A resolver cannot be interrupted: one whose name server never answers holds its thread for long
    after its caller has gone. So a group has 16 look-ups under way at most, all together have 256,
    and beyond these each group has one. No group can keep another from its own.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._changed = threading.Condition()
        self._under_way: dict[_Question, Future[Answers]] = {}
        self._of_group: Counter[str] = Counter()
        self._is_closed = False

    def answers(self, host: str, port: int, *, group: str, seconds: float) -> Answers:
        """Return what the resolver says of a name; nothing if it fails. May be of any type.

        A name is looked up once at a time, whoever asks.

        Raises:
            TimeoutError: it has not answered in that many seconds, or look-ups are closed.
        """
        until = time.monotonic() + seconds
        question = _Question(host, port)
        with self._changed:
            self._changed.wait_for(lambda: self._can_begin(question, group), seconds)
            lookup = self._begin(question, group)
        return lookup.result(max(0.0, until - time.monotonic()))

    def close(self) -> None:
        """Begin no further look-ups; those under way end by themselves, or with the process."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _can_begin(self, question: _Question, group: str) -> bool:
        return self._is_closed or question in self._under_way or self._has_room(group)

    def _has_room(self, group: str) -> bool:
        count = self._of_group[group]
        return count == 0 or (count < _MOST_OF_A_GROUP and len(self._under_way) < _MOST)

    def _begin(self, question: _Question, group: str) -> Future[Answers]:
        if under_way := self._under_way.get(question):
            return under_way
        if self._is_closed or not self._has_room(group):
            raise TimeoutError
        lookup: Future[Answers] = Future()
        # A daemon, so that no name server can keep the process from ending.
        thread = threading.Thread(
            target=self._look_up, args=(question, group, lookup), daemon=True, name="webhook-lookup"
        )
        try:
            thread.start()
        except RuntimeError as error:
            # The system has no more threads just now.
            raise TimeoutError from error
        self._under_way[question] = lookup
        self._of_group[group] += 1
        return lookup

    def _look_up(self, question: _Question, group: str, lookup: Future[Answers]) -> None:
        try:
            answers = _ask(self._resolver, question)
        finally:
            with self._changed:
                del self._under_way[question]
                self._of_group[group] -= 1
                if not self._of_group[group]:
                    del self._of_group[group]
                self._changed.notify_all()
        lookup.set_result(answers)


def _ask(resolver: Resolver, question: _Question) -> Answers:
    try:
        answers = tuple(itertools.islice(resolver(question.host, question.port), _MOST_ANSWERS + 1))
        if len(answers) > _MOST_ANSWERS:
            raise ValueError(f"There are more than {_MOST_ANSWERS} answers.")  # noqa: TRY301 - as if the resolver had.
    except (OSError, UnicodeError):
        return ()
    except BaseException:
        # A resolver of the project's own may do anything. In this thread it ends nothing but this.
        logger.exception("The resolver failed.")
        return ()
    return answers
