"""What this layer does when an owner is deleted."""

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.signals import post_delete

from events.conf import owner_model
from events.meta import concrete_model_of, meta_of
from events.models import EventRecord


def listen() -> None:
    """Listen to the owner model and its proxies; to listen again is to be told last.

    An owner model that does not exist is left to the system check.
    """
    for model in apps.get_models():
        if meta_of(concrete_model_of(model)).label_lower == owner_model().lower():
            post_delete.disconnect(_forget_events, sender=model)
            post_delete.connect(_forget_events, sender=model)


def _forget_events(
    sender: type[models.Model],  # noqa: ARG001 - the signature of a receiver
    instance: models.Model,
    *,
    using: str,
    **kwargs: Any,  # noqa: ARG001 - as above
) -> None:
    # What was published while the owner was being deleted, such as of their rows: Django had listed
    # before what goes with them, and the owner's key would lead nowhere at the commit.
    EventRecord.objects.using(using).filter(owner=instance.pk).delete()
