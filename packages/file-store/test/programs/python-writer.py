"""Stores a login of its own again and again with the openEO client, and counts what was not there afterwards."""

import contextlib
import fcntl
import json
import sys
import time
from pathlib import Path

from openeo.rest.auth.config import RefreshTokenStore

path, name, pause, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
turns = sys.argv[5] if len(sys.argv) > 5 else None
store = RefreshTokenStore(Path(path))
issuer = "https://python.example.org"
stored, lost, errors, last = 0, 0, 0, None


@contextlib.contextmanager
def my_turn():
    """Keeps Python writers out of each other's way, so that what is lost is not lost among themselves."""
    if turns is None:
        yield
        return
    with open(turns, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_there(value):
    """What was under way in a file that was replaced is carried over a sync of the disk later: late is not lost."""
    patience = time.monotonic() + 1
    while store.get_refresh_token(issuer, name) != value:
        if time.monotonic() > patience:
            return False
        time.sleep(0.01)
    return True


end = time.monotonic() + seconds
while time.monotonic() < end:
    try:
        with my_turn():
            if last is not None and not is_there(last):
                lost += 1
            last = None
            value = f"{name}-{stored:06d}"
            store.set_refresh_token(issuer, name, value)
            stored, last = stored + 1, value
    except Exception:
        errors += 1
    time.sleep(pause)
try:
    with my_turn():
        lost += last is not None and not is_there(last)
except Exception:
    errors += 1
print(json.dumps({"stored": stored, "lost": int(lost), "errors": errors}))
