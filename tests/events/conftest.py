"""What tests of events need: somebody whose events they are."""

import pytest
from django.contrib.auth.models import User


@pytest.fixture
def owner(db: None) -> User:  # noqa: ARG001 - asked for its effect: a database
    return User.objects.create_user("ada")
