import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.http.formats import standard_body

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_body_holds_type_timestamp_and_data() -> None:
    body = standard_body(event_type="invoice.paid", occurred_at=NOON, payload_json='{"a":1}')

    assert body == b'{"type":"invoice.paid","timestamp":"2026-03-01T12:00:00Z","data":{"a":1}}'


@pytest.mark.parametrize("payload_json", ['{"b": 1.10,  "a":1e5}', "12345678901234567890.0", '"é"'])
def test_a_payload_is_spliced_in_without_being_written_anew(payload_json: str) -> None:
    body = standard_body(event_type="a", occurred_at=NOON, payload_json=payload_json)

    assert body.endswith(b'"data":' + payload_json.encode() + b"}")


@given(event_type=st.text(), payload=st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_every_body_reads_back_as_what_went_in(event_type: str, payload: object) -> None:
    text = json.dumps(payload)

    body = json.loads(standard_body(event_type=event_type, occurred_at=NOON, payload_json=text))

    assert body == {"type": event_type, "timestamp": "2026-03-01T12:00:00Z", "data": payload}


@given(moment=st.datetimes(timezones=st.timezones(), allow_imaginary=False))
def test_a_timestamp_is_the_same_moment_in_utc(moment: datetime) -> None:
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError:
        return

    body = json.loads(standard_body(event_type="a", occurred_at=moment, payload_json="1"))

    assert body["timestamp"].endswith("Z")
    assert datetime.fromisoformat(body["timestamp"]) == in_utc


def test_an_offset_is_turned_into_z() -> None:
    occurred_at = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    body = standard_body(event_type="a", occurred_at=occurred_at, payload_json="1")

    assert b'"timestamp":"2026-03-01T12:00:00Z"' in body


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        standard_body(event_type="a", occurred_at=NOON.replace(tzinfo=None), payload_json="1")
