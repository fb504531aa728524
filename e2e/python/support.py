"""`boxoffice sandbox`, its control API, and a merchant's server, for the tests beside."""

import atexit
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from coinbase_commerce.client import Client

KEY = "test-key"
SECRET = "test-webhook-secret"
HOUR_S = 3600

_OURS = re.compile(r"^(BOXOFFICE_|SANDBOX_|COINBASE_|PAYMENT_|DATABASE_URL$|RUST_LOG$)")
_START_S = 20
_WAIT_S = 10


def until(what, ask, seconds=_WAIT_S):
    """Asks again and again until the answer is truthy, and returns it."""
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not there: {what}")
        time.sleep(0.04)


def path(charge):
    """The statuses that a charge went through, with their contexts."""
    return [" ".join(filter(None, (entry["status"], entry.get("context")))) for entry in charge["timeline"]]


def seat(**more):
    charge = {
        "name": "Opening night, stalls",
        "description": "Row 1, seat 12",
        "pricing_type": "fixed_price",
        "local_price": {"amount": "29.99", "currency": "USD"},
    }
    charge.update(more)
    return charge


class Refused(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body


class Sandbox:
    """A sandbox of its own, on a port of the system's choice, whose payments are confirmed quickly."""

    def __init__(self, webhook_url=None):
        program = os.environ.get("BOXOFFICE_BIN")
        if not program:
            raise RuntimeError("BOXOFFICE_BIN is not set: run these tests by scripts/e2e")
        self.folder = tempfile.mkdtemp(prefix="boxoffice-e2e-")
        args = [program, "sandbox", "--log-format", "json", "--bind", "127.0.0.1:0"]
        args += ["--database", f"{self.folder}/sandbox.db", "--api-key", KEY, "--webhook-secret", SECRET]
        args += ["--pay-delay-ms", "150"]
        if webhook_url:
            args += ["--webhook-url", webhook_url]
        env = {name: value for name, value in os.environ.items() if not _OURS.match(name)}
        self.process = subprocess.Popen(
            args, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        atexit.register(self.stop)
        self.log, self._is_up = [], threading.Event()
        self.base = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._is_up.wait(_START_S) or self.base is None:
            self.stop()
            raise RuntimeError("the sandbox didn't start:\n" + "".join(self.log))

    def _read(self):
        for line in self.process.stdout:
            self.log.append(line)
            if not self._is_up.is_set() and line.startswith("{"):
                entry = json.loads(line)
                if entry["message"].endswith(" is up"):
                    self.base = entry["public_url"].rstrip("/")
                    self._is_up.set()
        self._is_up.set()

    def stop(self):
        atexit.unregister(self.stop)
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, key=KEY):
        """The official client. Its warning that HTTP isn't safe is left out of the tests' output."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Client(key, base_api_uri=self.base)

    def control(self, method, where, body=None):
        """A call of the control API; its `data`."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/_control{where}", data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, error.read().decode()) from None

    def pay(self, code, outcome, **more):
        return self.control("POST", f"/charges/{code}/pay", {"outcome": outcome, "network": "usdc", **more})

    def freeze(self):
        return self.control("POST", "/clock/freeze")

    def advance(self, seconds):
        return self.control("POST", "/clock/advance", {"seconds": seconds})

    def resume(self):
        return self.control("POST", "/clock/resume")

    def faults(self, **plan):
        return self.control("PUT", "/faults", plan)

    def no_faults(self):
        return self.control("DELETE", "/faults")


class Receiver:
    """A merchant's server: it keeps the webhooks it gets, byte for byte."""

    def __init__(self):
        received = self.received = []
        receiver = self
        self.status = 200

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                received.append(Received(body, self.headers["X-CC-Webhook-Signature"]))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self):
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()

    def of(self, code):
        return [webhook for webhook in list(self.received) if webhook.event["data"].get("code") == code]

    def wait(self, code, count, seconds=_WAIT_S):
        """Waits for so many webhooks about a charge; all of them."""
        return until(f"{count} webhooks about {code}", lambda: len(self.of(code)) >= count and self.of(code), seconds)

    def wait_for(self, code, kind):
        """Waits for the first webhook of a type."""
        found = lambda: next((one for one in self.of(code) if one.event["type"] == kind), None)
        return until(f"{kind} about {code}", found)


class Received:
    def __init__(self, body, signature):
        self.body, self.signature = body, signature
        self.json = json.loads(body)
        self.event = self.json["event"]
