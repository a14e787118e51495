"""Does at a back-end what its first word says, with the openEO client, and prints what came of it as JSON lines."""

import json
import sys
import warnings

import openeo

warnings.simplefilter("ignore")
what, url, *more = sys.argv[1:]
connection = openeo.connect(url)


def say(**facts):
    print(json.dumps(facts), flush=True)


def shown(text, **_):
    """Where a person has to go: the address with the code in it comes first, then a bar of progress."""
    if text.startswith("Visit "):
        say(visit=text.split(" ")[1])


def run_job():
    cube = connection.load_collection("SENTINEL2_L2A", bands=["B02"])
    job = cube.create_job(title="a job", out_format="JSON")
    job.start_and_wait(print=lambda *_: None, max_poll_interval=0.05)
    results = job.get_results()
    loaded = {asset.name: asset.load_json() for asset in results.get_assets()}
    say(status=job.status(), logs=[entry["message"] for entry in job.logs()], loaded=loaded)


if what == "basic":
    connection.authenticate_basic("john", "j0hn123")
elif what == "device":
    connection.authenticate_oidc_device(display=shown, store_refresh_token=False)
elif what == "refresh":
    connection.authenticate_oidc_refresh_token(refresh_token=more[0])
elif what == "credentials":
    connection.authenticate_oidc_client_credentials(client_id=more[0], client_secret=more[1])

say(
    root=connection.root_url,
    collections=connection.list_collection_ids(),
    user=connection.describe_account()["user_id"],
    header=connection.auth.bearer.rsplit("/", 1)[0],
    formats=list(connection.list_file_formats()["output"]),
    processes=[process["id"] for process in connection.list_processes()],
    others=[connection.list_udf_runtimes(), connection.list_service_types()],
    jobs=connection.list_jobs(),
)
run_job()
