"""`kill -9` of whoever publishes."""

from __future__ import annotations

import signal

from tests.faults.scene import Scene
from tests.services.programs import Program

# What is called at the commit is called in this order: the end comes before anybody is told.
CODE = """
import os, signal
from functools import partial
import django
django.setup()
from django.contrib.auth.models import User
from django.db import transaction
from events.publishing import publish
from events.webhooks import Ping
end = partial(os.kill, os.getpid(), signal.SIGKILL)
with transaction.atomic():
    transaction.on_commit(end)
    publish(Ping(message={message!r}), owner=User.objects.get(username="ada"))
    if {is_before_commit}:
        end()
"""


def publish_and_die(scene: Scene, message: str, *, is_before_commit: bool) -> None:
    code = CODE.format(message=message, is_before_commit=is_before_commit)
    log = scene.folder / "publisher.log"
    with Program("-c", code, env=scene.installation.env, log=log) as publisher:
        assert publisher.wait() == -signal.SIGKILL


def test_an_event_is_sent_if_its_publisher_died_after_the_commit_and_not_if_before(
    scene: Scene,
) -> None:
    scene.add_owner("ada", webhooks=1)
    with scene.workers():
        publish_and_die(scene, "never", is_before_commit=True)
        publish_and_die(scene, "ada 0", is_before_commit=False)
        scene.note_published("ada", "ada 0")
        scene.wait_until_finished()

    scene.assert_all_was_delivered()
