"""Does to the stores of the openEO client what its lines of JSON say, each at its own time, and answers each with a line."""

import json
import os
import sys
from pathlib import Path

from openeo.rest.auth.config import AuthConfig, RefreshTokenStore

path = Path(sys.argv[1])

OPERATIONS = {
    "basic": lambda backend, user, password: AuthConfig(path).set_basic_auth(backend, user, password),
    "oidc": lambda *args: AuthConfig(path).set_oidc_client_config(*args),
    "token": lambda issuer, client, token: RefreshTokenStore(path).set_refresh_token(issuer, client, token),
    "get basic": lambda backend: AuthConfig(path).get_basic_auth(backend),
    "get oidc": lambda backend, provider: AuthConfig(path).get_oidc_client_configs(backend, provider),
    "get token": lambda issuer, client: RefreshTokenStore(path).get_refresh_token(issuer, client),
}

for line in sys.stdin:
    does, at, args = json.loads(line)
    # Read anew for every look at the clock: FAKETIME_NO_CACHE.
    os.environ["FAKETIME"] = at
    print(json.dumps(OPERATIONS[does](*args)), flush=True)
