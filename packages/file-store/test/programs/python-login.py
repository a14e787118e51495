"""Logs in at a back-end with the openEO client as often as its lines say, and answers each with a line of JSON.

`login`: once. `renew SECONDS PAUSE`: again and again. `slow SECONDS`: from now on each write leaves its file empty for so long.
The stores are where `OPENEO_CONFIG_HOME` says.
"""

import contextlib
import io
import json
import sys
import time
import urllib.parse

import openeo
import requests
from openeo.rest.auth import config

url = sys.argv[1]
answers = sys.stdout
sent = []


class PersonNeeded(Exception):
    """The client wants to start a device flow that nobody is there for."""


def say(**facts):
    print(json.dumps(facts), file=answers, flush=True)


post = requests.Session.post


def recorded(self, url, data=None, **more):
    response = post(self, url, data, **more)
    if isinstance(data, dict) and data.get("grant_type") == "refresh_token":
        sent.append([data["refresh_token"], response.status_code])
    return response


requests.Session.post = recorded


def visit(text, **_):
    if text.startswith("Visit "):
        address = urllib.parse.urlsplit(text.split(" ")[1])
        say(code=dict(urllib.parse.parse_qsl(address.query))["user_code"])


def nobody(*_, **__):
    raise PersonNeeded


def login(display):
    sent.clear()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        connection = openeo.connect(url)
        connection.authenticate_oidc(display=display)
        user = connection.describe_account()["user_id"]
    how = "refresh" if "Authenticated using refresh token." in said.getvalue() else "device"
    return {"how": how, "user": user, "sent": list(sent)}


def renew(seconds, pause):
    """What was sent is kept from one to the next; a client that is refused goes on trying, as a service would."""
    everything, errors = [], {}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            login(nobody)
        except Exception as error:
            name = type(error).__name__
            errors[name] = errors.get(name, 0) + 1
        everything += sent
        time.sleep(pause)
    return {"sent": everything, "errors": errors}


def slow(seconds):
    dump = json.dump

    def slowly(*args, **more):
        say(empty=True)
        time.sleep(seconds)
        dump(*args, **more)

    config.json = type("json", (), {"dump": staticmethod(slowly), "load": staticmethod(json.load)})
    return {}


for line in sys.stdin:
    command, *numbers = line.split()
    if command == "login":
        say(**login(visit))
    elif command == "renew":
        say(**renew(*map(float, numbers)))
    else:
        say(**slow(*map(float, numbers)))
