"""The disk takes no more of an embedded installation's database, and then does again."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.scene import Scene


@contextmanager
def no_space_for(*pids: int) -> Iterator[None]:
    """Have the system refuse whatever these processes would write to a file."""
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for pid in pids:
            limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def test_nothing_is_lost_or_repeated_when_the_disk_is_full_for_a_while(
    embedded_scene: Scene, rounds: int
) -> None:
    scene = embedded_scene
    scene.add_owner("ada")
    publisher = int(scene.inside("process()"))
    with scene.workers() as worker:
        for _ in range(rounds):
            scene.receiver.hangs()
            with scene.publishing("ada", count=100):
                scene.wait_for_more(4)
                with no_space_for(worker.pid, publisher):
                    scene.receiver.release()
                    worker.wait_for_lines(r"disk I/O error", count=3)
        with no_space_for(publisher):
            assert scene.inside("can_publish('ada')") == "False"
        scene.wait_until_finished()

    scene.assert_all_was_delivered()
