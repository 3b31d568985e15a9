"""Processes of ``jkrel`` that count their operations on files, and end themselves at one.

``python interrupted.py FOLDER STEP MOMENT SIZE VERB ...`` is one such process. Without arguments it
reads them from standard input, a list per line, and starts each process by a fork, so that what
`jkrel` imports is imported once; it answers with the exit code and what was printed.
"""

import io
import json
import os
import signal
import sys
import threading
import time
from contextlib import redirect_stderr, redirect_stdout

from jkrel import check, cli, merge, publish  # noqa: F401

WRITES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}


class Watch:
    """Counts the operations on files under a folder, and ends the process at one, or later."""

    def __init__(self, folder: str, step: int, moment: float):
        self.folder, self.step, self.moment = folder, step, moment
        self.count, self.start, self.end = 0, None, None

    def see(self, event, given):
        written = event == "open" and given[2] & (os.O_WRONLY | os.O_RDWR)
        if event not in WRITES and not written:
            return
        name = self.folder if isinstance(given[0], int) else os.fsdecode(given[0])
        if os.path.isabs(name) and not name.startswith(self.folder):
            return
        self.count, self.end = self.count + 1, time.perf_counter()
        if self.start is None:
            self.start = self.end
            if self.moment:
                threading.Thread(target=self.later, daemon=True).start()
        if self.count == self.step:
            kill()

    def later(self):
        time.sleep(self.moment)
        kill()


def kill() -> None:
    """End this process as nothing can prevent."""
    os.kill(os.getpid(), signal.SIGKILL)


def attempt(folder: str, step: str, moment: str, size: str, *arguments: str) -> int:
    """Run a verb; print how many operations on files it took, and in how many seconds."""
    if int(size):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))
    watch = Watch(folder, int(step), float(moment))
    sys.addaudithook(watch.see)
    code = cli.main(list(arguments))
    print(json.dumps([watch.count, watch.end - watch.start if watch.count else 0]))
    return code


def fork(arguments: list[str]) -> list:
    """Run a verb in a process of its own; return its exit code, output and errors."""
    out, error = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        code = 70
        try:
            code = redirected(arguments, out[1], error[1])
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return [code, *(read(pipe) for pipe in (out, error))]


def redirected(arguments: list[str], out: int, error: int) -> int:
    """Run a verb with what it prints in pipes, whose size no limit on files bounds."""
    os.dup2(out, 1)
    os.dup2(error, 2)
    with io.StringIO() as held, redirect_stdout(held), redirect_stderr(sys.__stderr__):
        try:
            return attempt(*arguments)
        finally:
            os.write(1, held.getvalue().encode())


def read(pipe: tuple[int, int]) -> str:
    """What stands in a pipe; a kernel that is left over may hold its other end for a while."""
    inside, outside = pipe
    os.close(outside)
    os.set_blocking(inside, False)
    found = b""
    try:
        while piece := os.read(inside, 65536):
            found += piece
    except BlockingIOError:
        pass
    os.close(inside)
    return found.decode(errors="replace")


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(attempt(*sys.argv[1:]))
    for line in sys.stdin:
        print(json.dumps(fork(json.loads(line))), flush=True)
