"""Stores a login of its own again and again with the openEO client, and counts what was not there afterwards."""

import json
import sys
import time
from pathlib import Path

from openeo.rest.auth.config import RefreshTokenStore

path, name, pause, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
store = RefreshTokenStore(Path(path))
issuer = "https://python.example.org"
stored, lost, errors, last = 0, 0, 0, None
end = time.monotonic() + seconds
while time.monotonic() < end:
    try:
        if last is not None and store.get_refresh_token(issuer, name) != last:
            lost += 1
        last = None
        value = f"{name}-{stored:06d}"
        store.set_refresh_token(issuer, name, value)
        stored, last = stored + 1, value
    except Exception:
        errors += 1
    time.sleep(pause)
try:
    lost += last is not None and store.get_refresh_token(issuer, name) != last
except Exception:
    errors += 1
print(json.dumps({"stored": stored, "lost": int(lost), "errors": errors}))
