"""What the openEO client chooses: reads documents and cases as JSON, and prints what it sent in each, for each of its methods.

No request leaves the process: an adapter under `requests` is the back-end and the issuer of every case.
"""

import io
import json
import logging
import os
import socketserver
import sys
import tempfile
import urllib.parse
import warnings
from pathlib import Path

import openeo
import requests
from openeo.rest.auth.config import AuthConfig

BACKEND = "https://openeo.example.org"
warnings.simplefilter("ignore")
logging.disable()


class Sent(Exception):
    """Ends a login once it is known what was sent."""


class World(requests.adapters.BaseAdapter):
    """The back-end and its issuers, as far as a choice needs them."""

    providers = []
    sent = None

    def send(self, request, **_):
        url = urllib.parse.urlsplit(request.url)
        if request.method == "POST":
            World.sent = dict(urllib.parse.parse_qsl(request.body))
            return self.answer(request, 400, {"error": "enough"})
        if url.netloc != urllib.parse.urlsplit(BACKEND).netloc:
            issuer = request.url.split("/.well-known/")[0]
            names = ["authorization", "token", "device_authorization"]
            endpoints = {f"{name}_endpoint": f"{issuer}/{name}" for name in names}
            return self.answer(request, 200, {"issuer": issuer, "scopes_supported": ["openid"], **endpoints})
        if url.path == "/credentials/oidc":
            return self.answer(request, 200, {"providers": self.providers})
        if url.path == "/":
            return self.answer(request, 200, {"api_version": "1.2.0", "endpoints": []})
        return self.answer(request, 404, {})

    def answer(self, request, status, body):
        response = requests.Response()
        response.status_code, response.url, response.request = status, request.url, request
        response.raw = io.BytesIO(json.dumps(body).encode())
        return response

    def close(self):
        pass


world = World()
requests.Session.get_adapter = lambda self, url: world
# The server of the code flow looks twice a second whether it may end: it must, for each case.
socketserver.BaseServer.serve_forever.__defaults__ = (0.002,)


def browser(url):
    World.sent = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    raise Sent


METHODS = {
    "oidc": lambda c, args: c.authenticate_oidc(**args, display=print),
    "device": lambda c, args: c.authenticate_oidc_device(**args),
    "refresh": lambda c, args: c.authenticate_oidc_refresh_token(**args, refresh_token="rt"),
    "code": lambda c, args: c.authenticate_oidc_authorization_code(**args, webbrowser_open=browser),
    "machine": lambda c, args: c.authenticate_oidc_client_credentials(**args),
}
# What differs from one run to the next, or says nothing of a choice.
NOISE = {"grant_type", "refresh_token", "code_challenge", "state", "nonce", "redirect_uri", "response_type"}


def chosen(case, providers, method):
    """The provider and the client, and what was sent of them, or what was said instead."""
    World.providers, World.sent = json.loads(json.dumps(providers)), None
    given = case["given"]
    picked = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(given.get("env", {}), OPENEO_CONFIG_HOME=folder)
        config = AuthConfig(path=Path(folder))
        for provider, client in given.get("config", {}).items():
            config.set_oidc_client_config(BACKEND, provider, client.get("client_id"), client.get("client_secret"))
        try:
            connection = openeo.connect(BACKEND)
            get = connection._get_oidc_provider
            connection._get_oidc_provider = lambda *a, **k: picked.append(get(*a, **k)) or picked[-1]
            METHODS[method](connection, given.get("args", {}))
        except Exception as error:
            if World.sent is None:
                return {"error": f"{type(error).__name__}: {error}"}
        finally:
            for name in given.get("env", {}):
                del os.environ[name]
    provider_id, _ = picked[-1]
    sent = {name: value for name, value in World.sent.items() if name not in NOISE}
    return {"provider": provider_id, "sent": sent}


asked = json.load(sys.stdin)
# Whatever the client prints is not the answer.
answer, sys.stdout = sys.stdout, io.StringIO()
result = {}
for case in asked["cases"]:
    of_document = result.setdefault(case["document"], {})
    of_document[case["situation"]] = {
        method: chosen(case, asked["documents"][case["document"]], method) for method in METHODS
    }
json.dump(result, answer)
