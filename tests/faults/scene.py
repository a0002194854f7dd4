"""A scene: an installation that is hurt while it works, and the account of what has arrived."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

from tests.end_to_end.installation import Installation
from tests.faults.clock import Clock
from tests.faults.cues import Cues
from tests.faults.report import Report
from tests.services.programs import Program
from tests.services.receiver import Receiver
from tests.services.waiting import eventually

_ROOT = Path(__file__).parents[2]
SHIM = {"PYTHONPATH": f"{Path(__file__).parent / 'shim'}:{_ROOT}"}
"""What processes are started with whose clock a test moves, and that die on its cue."""

LONGER_THAN_A_LEASE = timedelta(seconds=36)
"""After this, what a process that died had claimed is free."""

PATIENCE = timedelta(minutes=3)
"""How long something may take on a machine that does much else."""


@dataclass
class Scene:
    """Owners with webhooks, what was published for them, and the receiver of it all."""

    installation: Installation
    receiver: Receiver
    clock: Clock
    cues: Cues
    folder: Path
    _paths: dict[str, list[str]] = field(default_factory=dict)
    _published: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _numbers: Iterator[int] = field(default_factory=count)

    def add_owner(
        self,
        name: str,
        *,
        webhooks: int = 2,
        in_flight: int = 2,
        in_a_minute: int | None = None,
        is_new: bool = False,
    ) -> None:
        """Make an owner with webhooks, each at a path of its own, long ago if not just now."""
        self._paths[name] = [f"/{name}/{number}" for number in range(webhooks)]
        urls = [self.receiver.url(path) for path in self._paths[name]]
        limits = f"in_flight={in_flight}, in_a_minute={in_a_minute}"
        self.inside(f"add_owner({name!r}, {urls!r}, {limits}, is_new={is_new})")

    def publish(self, owner: str, *, count: int = 1, journeys: int = 0) -> None:
        """Publish events, each by a transaction of its own; in the order of journeys, if any."""
        begun = len(self._published[owner])
        messages = [f"{owner} {number}" for number in range(begun, begun + count)]
        self.note_published(owner, *messages)
        self.inside(f"publish_all({owner!r}, {messages!r}, journeys={journeys})")

    def note_published(self, owner: str, *messages: str) -> None:
        """Expect events of an owner at all of their webhooks."""
        self._published[owner] += messages

    @contextmanager
    def publishing(self, owner: str, *, count: int, journeys: int = 0) -> Iterator[None]:
        """Publish events while the context lasts, and wait at its end until all are."""
        with ThreadPoolExecutor(max_workers=1) as thread:
            done = thread.submit(self.publish, owner, count=count, journeys=journeys)
            yield
            done.result()

    @contextmanager
    def workers(self, *, processes: int = 1, **env: str) -> Iterator[Program]:
        """Run workers while the context lasts; they die on cue, and are killed at the end."""
        with Program(
            *("manage.py", "worker", "--processes", str(processes)),
            env={**self.installation.env, **self.cues.env, **env},
            log=self.folder / f"workers-{next(self._numbers)}.log",
        ) as program:
            program.wait_for_line("The worker is ready", timeout=PATIENCE)
            yield program

    def wait_for_more(self, count: int) -> None:
        """Wait until so many requests have arrived besides those that already have."""
        self.receiver.wait_for(len(self.receiver.requests()) + count, timeout=PATIENCE)

    def wait_until_finished(self) -> None:
        """Wait until no event and no delivery has anything before it."""
        eventually(lambda: self.unfinished, 0, within=PATIENCE)

    def assert_all_was_delivered(self, *, repeats: int = 0) -> None:
        """Check that every event reached every webhook, with so many repeats at most.

        Besides, nothing may wait that nobody would move, and what is recorded as a success must
        have been answered by the receiver.
        """
        report = self._report()
        assert not report["broken_rules"], report["broken_rules"]
        assert not report["not_fanned_out"], report["not_fanned_out"]
        assert report["events"] == sum(map(len, self._published.values())), report["events"]
        assert report["statuses"] == {"succeeded": self.expected}, report["statuses"]
        assert self._arrived() == self._due_to_arrive()
        assert set(report["succeeded"]) <= set(self._accepted())
        assert self.repeats <= repeats, f"{self.repeats} of {self.expected} came again"

    def assert_no_attempt_was_wasted(self) -> None:
        """Check that each delivery had one attempt, whatever came again or had to wait."""
        assert self._report()["attempts"] == self.expected

    @property
    def unfinished(self) -> int:
        """How many events and deliveries have something before them."""
        return int(self.inside("unfinished()"))

    @property
    def moving(self) -> int:
        """How many events and deliveries are being dealt with, or are to be at once."""
        return int(self.inside("moving()"))

    @property
    def statuses(self) -> Mapping[str, int]:
        """How many deliveries stand how."""
        return self._report()["statuses"]

    @property
    def expected(self) -> int:
        """How many deliveries there are to be."""
        return sum(len(self._published[owner]) * len(paths) for owner, paths in self._paths.items())

    @property
    def repeats(self) -> int:
        """How many requests came again although the receiver had not refused them."""
        ids = [request.headers["webhook-id"] for request in self.receiver.requests()]
        refused = len(self.receiver.answered()) - len(self._accepted())
        return len(ids) - refused - len(set(ids))

    def _due_to_arrive(self) -> Mapping[str, set[str]]:
        return {
            path: set(self._published[owner])
            for owner, paths in self._paths.items()
            for path in paths
        }

    def _arrived(self) -> Mapping[str, set[str]]:
        return {
            path: {request.json()["data"]["message"] for request in self.receiver.requests(path)}
            for paths in self._paths.values()
            for path in paths
        }

    def _accepted(self) -> list[str]:
        return [
            request.headers["webhook-id"]
            for request, answer in self.receiver.answered()
            if 200 <= answer.status < 300
        ]

    def _report(self) -> Report:
        report: Report = json.loads(self.inside("report()"))
        return report

    def inside(self, call: str) -> str:
        """Call a function of `tests.faults.inside` in the backend process; return its result."""
        code = f"from tests.faults import inside\nprint(inside.{call})"
        return self.installation.python(code).strip()
