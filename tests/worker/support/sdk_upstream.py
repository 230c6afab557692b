"""A site on the PyPI package `workos`, as sdk_upstream.mjs describes it. Prints its port; knows nothing of the gateway."""

import json
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from workos import WorkOSClient

settings = json.loads(sys.argv[1])
NAME = settings["cookie_name"]
FIRST, LAST = settings["other_lines"]
client = WorkOSClient(api_key=settings["api_key"], client_id=settings["client_id"], base_url=settings["base_url"])


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.serve()

    def do_POST(self):
        self.serve()

    def serve(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        header = self.headers.get("cookie") or ""
        cookies = SimpleCookie(header)
        session = client.user_management.load_sealed_session(
            session_data=cookies[NAME].value if NAME in cookies else "",
            cookie_password=settings["cookie_password"],
        )
        match self.path.split("?")[0]:
            case "/refresh":
                result = session.refresh()
                sealed = getattr(result, "sealed_session", None)
                lines = [FIRST, line(sealed, 3600), LAST] if result.authenticated else []
                self.respond(header, {"sealedSession": sealed, **outcome(result)}, lines)
            case "/leave":
                self.respond(header, {}, [FIRST, line("", 0), LAST])
            case "/set" | "/public/set":
                self.respond(header, {}, json.loads(body))
            case _:
                result = session.authenticate()
                user = getattr(result, "user", None) or {}
                impersonator = getattr(result, "impersonator", None) or {}
                said = {"email": user.get("email"), "impersonator": impersonator.get("email")}
                self.respond(header, {**said, "sessionId": getattr(result, "session_id", None), **outcome(result)}, [])

    def respond(self, header, result, lines):
        body = json.dumps({"header": header, "headers": dict(self.headers), **result}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for each in lines:
            self.send_header("set-cookie", each)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The test says what matters."""


def line(value, max_age):
    """As Django and others write it: the standard library puts quotes around what has a `=` in it."""
    cookie = SimpleCookie()
    cookie[NAME] = value
    cookie[NAME].update({"path": "/", "max-age": max_age, "httponly": True, "samesite": "Strict"})
    return cookie[NAME].OutputString()


def outcome(result):
    reason = getattr(result, "reason", None)
    return {"authenticated": result.authenticated, "reason": getattr(reason, "value", reason)}


server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
print(server.server_port, flush=True)
server.serve_forever()
