"""A monitor as SlapOS's recipe leaves it on disk, served as its Apache did: static files, `/public` beside the web folder.

usage: slapos_monitor.py FOLDER

Makes the tree below FOLDER, serves it on a free port of 127.0.0.1, and prints the port. Whoever changes files there changes what it shows.
Each request is written to standard error with the status of its answer.
"""

import http.server
import json
import pathlib
import sys

# Status files of the versions of 2015, 2016, 2017, and of 2018 and later. None of the last but one: its promise has not run yet.
SERVICES = {
    "cache-is-warm": ("Cache", {"status": "OK", "message": "cache is warm"}),
    "silent": (None, {"status": "OK"}),
    "contradiction": ("Contradiction", {"status": "error", "message": "contradiction", "error": "Traceback\n  line 1\n"}),
    "check-_disk.free space%": ("Disk", {
        "status": "ERROR", "message": "no room", "title": "Disk", "start-date": "2016-03-01 10:00:00", "change-time": 1456826400.5,
        "instance": "slappart1", "hosting_subscription": "KVM", "_links": {"monitor": {"href": "https://[::1]/"}},
    }),
    "soon-full": ("Soon full", {
        "status": "WARNING", "message": "91 %", "returncode": 1, "execution-time": 0.2, "type": "status", "portal-type": "promise",
        "start-date": "2017-03-01T10:00:00", "change-time": 1488362400,
    }),
    "http-answers": ("HTTP", {
        "title": "http-answers", "name": "http-answers.py", "path": "/srv/promise/http-answers.py", "execution-time": 0.1,
        "result": {"type": "Test Result", "failed": False, "date": "2026-01-01T10:00:00+0000", "message": "200 in 12 ms"},
    }),
    "buildout": ("Buildout", {
        "title": "buildout", "name": "buildout.py",
        "result": {"type": "Anomaly Result", "failed": True, "date": "2026-01-01T10:00:00+0000", "message": "exit 1"},
    }),
    "not-run-yet": ("Not run yet", None),
    "cut-off": ("Cut off", "{\"status\": \"OK\", \"mess"),
}


def quote(name):
    return name.replace("%", "%25").replace(" ", "%20")


def make(folder):
    web, public = folder / "web", folder / "public"
    for one in (web, public):
        one.mkdir(parents=True, exist_ok=True)
    services = []
    for name, (title, status) in SERVICES.items():
        links = {
            "status": {"href": f"/public/{quote(name)}.status.json"},
            "interface": {"href": f"/default-promise-interface.html?service_name={quote(name)}"},
        }
        services.append({"_links": links, "id": name, **({"title": title} if title else {})})
        if status is not None:
            (public / f"{name}.status.json").write_text(status if isinstance(status, str) else json.dumps(status))
    document = {
        "_links": {"related_monitor": [{"href": "https://[...]/"}, {"href": "http://my.other.monitor"}]},
        "_embedded": {"service": services},
        "title": "KVM Monitoring interface",
    }
    (web / "monitor.haljson").write_text(json.dumps(document))


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".haljson": "application/hal+json"}

    def translate_path(self, path):
        alias = "" if path.startswith("/public/") else "/web"
        return super().translate_path(alias + path)


def main():
    folder = pathlib.Path(sys.argv[1])
    make(folder)
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *arguments: Handler(*arguments, directory=str(folder))
    )
    print(server.server_port, flush=True)
    server.serve_forever()


main()
