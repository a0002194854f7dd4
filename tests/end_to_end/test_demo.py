"""`manage.py demo`: a story that happens as it should, and says so if it does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from examples.bookshop.demo.promises import Promise
from tests.services.programs import Program

A_STORY = timedelta(seconds=90)  # It takes ten; so many only where the machine is busy.


def test_the_story_ends_well_and_names_every_promise(tmp_path: Path) -> None:
    with Program("manage.py", "demo", "--once", env={}, log=tmp_path / "log") as demo:
        assert demo.wait(timeout=A_STORY) == 0

    lines = demo.output.splitlines()
    assert [line for line in lines if line.startswith("✓")] == [f"✓ {one.value}" for one in Promise]
    assert "package.created  Warehouse     ■ cancelled" in demo.output
    assert "\x1b" not in demo.output


def test_a_story_that_breaks_off_is_told_with_its_reason_and_fails(tmp_path: Path) -> None:
    # Without the settings that `demo` adds, no webhook may lead to this machine.
    env = {
        "DJANGO_SETTINGS_MODULE": "examples.bookshop.settings",
        "HOOKLINE_DATA_DIR": str(tmp_path),
        "WEBHOOK_ALLOW_HTTP": "0",
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    with Program("manage.py", "bookshop_demo", "--once", env=env, log=tmp_path / "log") as demo:
        assert demo.wait(timeout=A_STORY) == 1

    assert "The story breaks off: createWebhook: " in demo.output
    assert f"✓ {Promise.CATALOGUE.value}" in demo.output
    for promise in set(Promise) - {Promise.CATALOGUE}:
        assert f"✗ {promise.value}" in demo.output


def test_told_to_stop_it_ends_at_once_and_leaves_nothing_behind(tmp_path: Path) -> None:
    env = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    with Program("manage.py", "demo", env=env, log=tmp_path / "log") as demo:
        demo.wait_for_line("The shop trades", timeout=A_STORY)
        assert len(list(tmp_path.glob("hookline-demo-*"))) == 1

        assert demo.terminate() == 0

    assert list(tmp_path.glob("hookline-demo-*")) == []
