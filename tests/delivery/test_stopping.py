"""How programs are told to stop."""

from __future__ import annotations

from pathlib import Path

from tests.services.programs import Program

_WAITS = """
import signal, threading
from delivery.stopping import StopSignals

stop = StopSignals()
other = threading.Thread(target=threading.Event().wait, daemon=True)
other.start()
threading.Timer(0.2, signal.pthread_kill, [other.ident, signal.SIGTERM]).start()
print("told", stop.wait(), stop.wait())
"""


def test_a_signal_ends_the_wait_though_it_does_not_interrupt_the_thread_that_waits(
    tmp_path: Path,
) -> None:
    with Program("-c", _WAITS, env={}, log=tmp_path / "log") as program:
        program.wait_for_line("told True True")
        assert program.wait() == 0
