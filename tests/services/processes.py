"""What the tests do to processes they started."""

import os


def wait_until_frozen(pid: int) -> None:
    """Wait until a child that was sent SIGSTOP stands still, or has ended.

    The signal alone is not enough: until it takes effect the child works on, and a SIGTERM sent
    meanwhile overtakes it.
    """
    # WNOWAIT leaves the exit code to whoever asks for it later.
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
