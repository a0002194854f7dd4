"""Event records: who may see them, in what order they wait, and what their IDs look like."""

from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from events.ids import new_id, public_id
from events.models import EventRecord
from events.publishing import EVERYONE, publish
from events.webhooks import Ping


def test_an_owner_sees_their_own_events_and_everyones(owner: User) -> None:
    own = publish(Ping(), owner=owner)
    everyones = publish(Ping(), owner=EVERYONE)
    publish(Ping(), owner=User.objects.create_user("grace"))

    assert set(EventRecord.objects.visible_to(owner)) == {own, everyones}


def test_events_wait_for_their_fan_out_the_oldest_first(owner: User) -> None:
    records = [publish(Ping(message=str(number)), owner=owner) for number in range(5)]
    records[2].fanned_out_at = timezone.now()
    records[2].save()

    waiting = EventRecord.objects.waiting_for_fan_out()

    assert [record.payload for record in waiting] == [
        f'{{"message":"{number}"}}' for number in (0, 1, 3, 4)
    ]


def test_the_events_of_an_owner_go_with_the_owner(owner: User) -> None:
    publish(Ping(), owner=owner)
    kept = publish(Ping(), owner=EVERYONE)

    owner.delete()

    assert EventRecord.objects.get() == kept


def test_a_record_is_shown_by_its_public_id(owner: User) -> None:
    record = publish(Ping(), owner=owner)

    assert str(record) == record.public_id == f"evt_{record.pk.hex}"


@given(key=st.uuids())
def test_a_public_id_leads_back_to_its_key(key: UUID) -> None:
    assert EventRecord.parse_id(public_id("evt", key)) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "evt",
        "evt_",
        "01890a5dac96774bbcceb302099a8057",
        "whk_01890a5dac96774bbcceb302099a8057",
        "EVT_01890a5dac96774bbcceb302099a8057",
        "evt_01890A5DAC96774BBCCEB302099A8057",
        "evt_01890a5d-ac96-774b-bcce-b302099a8057",
        "evt_01890a5dac96774bbcceb302099a805",
        "evt_01890a5dac96774bbcceb302099a80577",
        "evt_01890a5dac96774bbcceb302099a8057\n",
        "evt_evt_01890a5dac96774bbcceb302099a8057",
        "evt_٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠١",
    ],
)
def test_any_other_text_is_no_id_of_an_event(text: str) -> None:
    assert EventRecord.parse_id(text) is None


@given(text=st.text())
def test_no_text_makes_the_parser_raise(text: str) -> None:
    assert EventRecord.parse_id(text) is None


def test_later_ids_sort_after_earlier_ones() -> None:
    ids = [new_id() for _ in range(1000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert {key.version for key in ids} == {7}
