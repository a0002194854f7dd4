"""Keys: publishing again is harmless, and publishing something else is an error."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from events import Event
from events.errors import ConflictingKey
from events.event import event_types
from events.models import EventRecord
from events.publishing import EVERYONE, Everyone, publish
from events.webhooks import Ping

with event_types.scratch():

    class Pong(Event, name="test.pong"):
        """An answer to a ping."""

        message: str = "ping"


@pytest.fixture(params=["one owner", "everyone"])
def audience(request: pytest.FixtureRequest, owner: User) -> User | Everyone:
    return EVERYONE if request.param == "everyone" else owner


def test_the_same_event_with_the_same_key_is_one_event(audience: User | Everyone) -> None:
    first = publish(Ping(), owner=audience, key="2026-01")
    second = publish(Ping(), owner=audience, key="2026-01")

    assert second == first
    assert second.recorded_at == first.recorded_at
    assert EventRecord.objects.count() == 1


def test_another_payload_with_the_same_key_is_refused_and_the_first_stays(
    audience: User | Everyone,
) -> None:
    first = publish(Ping(message="one"), owner=audience, key="2026-01")

    with pytest.raises(ConflictingKey, match="'2026-01' was used for evt_") as refused:
        publish(Ping(message="two"), owner=audience, key="2026-01")

    assert first.public_id in str(refused.value)
    assert EventRecord.objects.get().payload == '{"message":"one"}'


def test_a_key_counts_for_one_type_and_one_audience_only(owner: User) -> None:
    other = User.objects.create_user("grace")

    records = {
        publish(Ping(), owner=owner, key="k"),
        publish(Ping(), owner=other, key="k"),
        publish(Ping(), owner=EVERYONE, key="k"),
        publish(Pong(), owner=owner, key="k"),
        publish(Ping(), owner=owner, key="K"),
    }

    assert len(records) == EventRecord.objects.count() == 5


def test_without_a_key_every_event_is_another(audience: User | Everyone) -> None:
    assert publish(Ping(), owner=audience) != publish(Ping(), owner=audience)
    assert EventRecord.objects.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 201], ids=["no character", "201 characters"])
def test_a_key_of_no_or_too_many_characters_is_refused(owner: User, key: str) -> None:
    with pytest.raises(ValueError, match=f"1 to 200 characters, not {len(key)}"):
        publish(Ping(), owner=owner, key=key)

    assert not EventRecord.objects.exists()


def test_a_key_of_two_hundred_characters_is_kept(owner: User) -> None:
    publish(Ping(), owner=owner, key="k" * 200)

    assert EventRecord.objects.get().key == "k" * 200


@pytest.mark.django_db(transaction=True)
def test_a_key_is_free_again_after_a_rollback() -> None:
    with transaction.atomic():
        publish(Ping(message="one"), owner=EVERYONE, key="k")
        transaction.set_rollback(True)

    publish(Ping(message="two"), owner=EVERYONE, key="k")

    assert EventRecord.objects.get().payload == '{"message":"two"}'


def test_the_database_itself_refuses_a_second_row_of_one_key(audience: User | Everyone) -> None:
    first = publish(Ping(), owner=audience, key="k")

    with pytest.raises(IntegrityError), transaction.atomic():
        EventRecord.objects.create(
            owner_id=first.owner_id,
            event_type=first.event_type,
            key=first.key,
            payload=first.payload,
            occurred_at=first.occurred_at,
        )
