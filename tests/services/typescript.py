"""The TypeScript compiler, as Deno brings it along: nothing is fetched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import deno  # type: ignore[import-untyped]  # The package comes without types.


def compiler_complaints(folder: Path) -> str:
    """Return what the strict compiler has to say of the TypeScript in a folder: "" if nothing."""
    files = sorted(path.name for path in folder.glob("*.ts"))
    done = subprocess.run(
        [deno.find_deno_bin(), "check", "--quiet", "--no-remote", "--no-npm", *files],
        cwd=folder,
        # Its cache, too, stays where the test can write.
        env={**os.environ, "DENO_DIR": str(folder / ".deno"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 or done.stderr, "it failed without a word"
    return done.stdout + done.stderr
