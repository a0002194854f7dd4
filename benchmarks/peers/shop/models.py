"""`Item`: the peers tell of each that is made."""

import time

from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver


class Item(models.Model):
    """Something that is made."""

    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class _Last:
    committed_at = 0


# Sent after the commit, since each item is saved in a transaction of its own.
@receiver(post_save, sender=Item)
def _note_commit(**_: object) -> None:
    _Last.committed_at = time.monotonic_ns()


def committed_at() -> int:
    """Return when the last item was committed, by `time.monotonic_ns`."""
    return _Last.committed_at
