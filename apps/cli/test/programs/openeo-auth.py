"""The real openeo-auth, loaded once: each line of stdin is a run of its own, in a child with its own files and environment."""

import json
import os
import signal
import sys
import traceback

from openeo.rest.auth.cli import main


def run(job):
    os.environ.clear()
    os.environ.update(job["env"])
    path = job["directory"] + "/"
    output = os.O_WRONLY | os.O_CREAT
    for number, name, flags in ((0, "stdin", os.O_RDONLY), (1, "stdout", output), (2, "stderr", output)):
        os.dup2(os.open(path + name, flags, 0o600), number)
    sys.stdin = open(0, closefd=False)
    sys.stdout = open(1, "w", buffering=1, closefd=False)
    sys.stderr = open(2, "w", buffering=1, closefd=False)
    code = 0
    try:
        main(job["words"])
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    with open(path + "ending", "w") as file:
        file.write(str(code))
    os.rename(path + "ending", path + "code")


sys.argv[0] = "openeo-auth"
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    if os.fork() == 0:
        run(json.loads(line))
        os._exit(0)
