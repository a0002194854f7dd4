"""A program of the tests can be read, asked to end, killed and frozen."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from tests.services.programs import Program

SHORT = timedelta(milliseconds=50)
ENDLESS = "import signal; print('ready', flush=True); signal.pause()"

Start = Callable[[str], Program]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as running:

        def start(source: str) -> Program:
            program = Program("-c", source, env={"GREETING": "hello"}, log=tmp_path / "log")
            return running.enter_context(program)

        yield start


def test_a_line_is_found_by_a_pattern(start: Start) -> None:
    program = start("import os; print('port 80'); print(os.environ['GREETING'], os.getcwd())")

    assert program.wait_for_line(r"port (\d+)").group(1) == "80"
    assert program.wait_for_line(r"^hello (.*)$").group(1) == str(Path(__file__).parents[2])
    assert program.wait() == 0


def test_lines_that_come_again_are_waited_for_and_those_before_do_not_count(start: Start) -> None:
    program = start("import time\nwhile True: print('tick', flush=True); time.sleep(0.01)")
    program.wait_for_line("tick")
    before = program.output.count("tick")

    program.wait_for_lines("tick", count=3)

    assert program.output.count("tick") >= before + 3
    with pytest.raises(AssertionError, match="has not written 'tock' 1 times more"):
        program.wait_for_lines("tock", count=1, timeout=SHORT)


def test_output_is_kept_in_the_log(start: Start, tmp_path: Path) -> None:
    start("import sys; sys.stderr.write('trouble\\n')").wait_for_line("trouble")

    assert (tmp_path / "log").read_text() == "trouble\n"


def test_waiting_in_vain_shows_the_last_lines(start: Start) -> None:
    program = start(ENDLESS)
    program.wait_for_line("ready")

    with pytest.raises(AssertionError, match=r"'steady' and still runs(.|\n)*ready"):
        program.wait_for_line("steady", timeout=SHORT)


def test_waiting_ends_when_the_program_does(start: Start) -> None:
    program = start("raise SystemExit('broken')")

    with pytest.raises(AssertionError, match=r"exit code 1\.(.|\n)*broken"):
        program.wait_for_line("ready")


def test_a_terminated_program_may_finish_its_work(start: Start) -> None:
    program = start(
        "import signal; signal.signal(signal.SIGTERM, lambda *_: exit(print('finished')));"
        "print('ready'); signal.pause()"
    )
    program.wait_for_line("ready")

    assert program.terminate() == 0
    program.wait_for_line("finished")


def test_a_program_that_will_not_end_is_named(start: Start) -> None:
    program = start(f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {ENDLESS}")
    program.wait_for_line("ready")

    with pytest.raises(AssertionError, match="has not ended and still runs"):
        program.terminate(timeout=SHORT)


def test_a_killed_program_takes_its_children_along(start: Start) -> None:
    program = start(f"import os; os.fork(); print('pid', os.getpid()); {ENDLESS}")
    program.wait_for_line("ready")

    program.kill()

    assert program.wait() == -signal.SIGKILL
    with pytest.raises(AssertionError, match="ended"):
        program.wait_for_line("never written")  # Ends at once: the child's output ended, too.


def test_a_frozen_program_ends_only_when_thawed(start: Start) -> None:
    program = start(ENDLESS)
    program.wait_for_line("ready")
    program.freeze()
    with pytest.raises(AssertionError, match="has not ended"):
        program.terminate(timeout=SHORT)

    program.thaw()

    assert program.wait() == -signal.SIGTERM
