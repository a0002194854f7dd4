"""What tests of events need: somebody whose events they are."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from events.event import event_types


@pytest.fixture
def owner(db: None) -> User:  # noqa: ARG001 - asked for its effect: a database
    return User.objects.create_user("ada")


@pytest.fixture
def scratch() -> Iterator[None]:
    """Forget at the end which event types a test has declared."""
    with event_types.scratch():
        yield
