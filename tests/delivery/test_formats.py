"""The formats that come with Hookline, as they make bodies of messages."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.formats import payload_formats
from tests.delivery.messages import KEY, NOON, make_body

EVENT_ID = "evt_01890a5dac96774bbcceb302099a8057"
any_format = pytest.mark.parametrize("name", payload_formats.names())
payloads = st.recursive(st.none() | st.text() | st.integers(), st.lists)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "standard",
            {
                "type": "invoice.paid",
                "timestamp": "2026-03-01T12:00:00Z",
                "data": {"amount": 1},
            },
        ),
        (
            "cloudevents",
            {
                "specversion": "1.0",
                "id": EVENT_ID,
                "source": "urn:hookline",
                "type": "invoice.paid",
                "time": "2026-03-01T12:00:00Z",
                "datacontenttype": "application/json",
                "data": {"amount": 1},
            },
        ),
        (
            "whisperer",
            {"event": {"type": "invoice.paid", "uuid": KEY.hex}, "data": {"amount": 1}},
        ),
        (
            "rest_hooks",
            {
                "hook": {
                    "id": f"whk_{KEY.hex}",
                    "event": "invoice.paid",
                    "target": "https://example.com/in",
                },
                "data": {"amount": 1},
            },
        ),
        ("data_only", {"amount": 1}),
    ],
)
def test_a_body_is_the_event_in_its_form(name: str, expected: object) -> None:
    assert json.loads(make_body(name)) == expected


@any_format
@pytest.mark.parametrize("payload_json", ['{"b": 1.10,  "a":1e5}', "12345678901234567890.0", '"é"'])
def test_a_payload_is_spliced_in_without_being_written_anew(name: str, payload_json: str) -> None:
    body = make_body(name, payload_json=payload_json)

    assert payload_json.encode() in body


@any_format
@given(event_type=st.text(), url=st.text(), payload=payloads)
def test_every_body_is_json_with_the_payload_as_it_was(
    name: str, event_type: str, url: str, payload: object
) -> None:
    text = json.dumps(payload)

    body = json.loads(make_body(name, event_type=event_type, url=url, payload_json=text))

    assert (body if name == "data_only" else body["data"]) == payload


@given(event_type=st.text(), url=st.text())
def test_names_and_urls_read_back_as_they_were(event_type: str, url: str) -> None:
    for name, key in [("standard", None), ("cloudevents", None), ("whisperer", "event")]:
        body = json.loads(make_body(name, event_type=event_type))
        assert (body[key] if key else body)["type"] == event_type

    hook = json.loads(make_body("rest_hooks", event_type=event_type, url=url))["hook"]
    assert (hook["event"], hook["target"]) == (event_type, url)


@given(moment=st.datetimes(timezones=st.timezones(), allow_imaginary=False))
def test_a_timestamp_is_the_same_moment_in_utc(moment: datetime) -> None:
    try:
        in_utc = moment.astimezone(UTC)
    except OverflowError:
        return

    shown = [
        json.loads(make_body("standard", occurred_at=moment))["timestamp"],
        json.loads(make_body("cloudevents", occurred_at=moment))["time"],
    ]

    assert all(text.endswith("Z") for text in shown)
    assert {datetime.fromisoformat(text) for text in shown} == {in_utc}


def test_an_offset_is_turned_into_z() -> None:
    occurred_at = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    body = make_body("standard", occurred_at=occurred_at)

    assert b'"timestamp":"2026-03-01T12:00:00Z"' in body


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        make_body("standard", occurred_at=NOON.replace(tzinfo=None))
