#!/usr/bin/env python3
"""What a server finds on AWS, for the test: metadata (port 80), Systems Manager, Secrets
Manager and the load balancer's health (4566), and a way to the Debian mirror (3128).

aws.py NETNS STATE: listens inside the network namespace, fetches from outside of it.
STATE/settings.json and STATE/secret.json are what the services answer, STATE/proof.json
is what the server has recorded, STATE/healthy exists once its load balancer likes it.
"""

import ctypes
import json
import os
import socket
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NETNS, STATE = sys.argv[1], sys.argv[2]
PARAMETERS = {"/webphases/test/settings": "settings", "/webphases/test/proof": "proof"}
TOKEN = "imds-token"
INSTANCE = "i-0123456789abcdef0"
METADATA = {
    "placement/region": "ap-northeast-1",
    "services/domain": "amazonaws.com",
    "public-ipv4": "203.0.113.10",
    "ami-id": "ami-0123456789abcdef0",
    "iam/security-credentials/": "web",
    "iam/security-credentials/web": json.dumps({
        "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIATEST",
        "SecretAccessKey": "test", "Token": "test", "LastUpdated": "2026-01-01T00:00:00Z",
        "Expiration": "2046-01-01T00:00:00Z"}),
}


def instance():
    """The server, or another that a test has started from its disk."""
    try:
        with open(os.path.join(STATE, "instance")) as other:
            return other.read().strip()
    except FileNotFoundError:
        return INSTANCE


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, body, kind="text/plain"):
        body = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Metadata(Handler):
    """Version 2 only, as on the real servers: no token, no answer."""

    def do_PUT(self):
        self.answer(200, TOKEN)

    def do_GET(self):
        name = self.path.removeprefix("/latest/meta-data/")
        if self.headers.get("X-aws-ec2-metadata-token") != TOKEN:
            self.answer(401, "")
        elif name == "instance-id":
            self.answer(200, instance())
        elif name in METADATA:
            self.answer(200, METADATA[name])
        else:
            self.answer(404, "")


class Services(Handler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "Action=DescribeTargetHealth" in text:
            self.answer(200, self.health(), "text/xml")
            return
        try:
            body = self.reply(self.headers.get("X-Amz-Target", ""), json.loads(text))
        except FileNotFoundError:
            body = None
        if body is None:
            self.answer(400, json.dumps({"__type": "AccessDenied", "message": text}))
        else:
            self.answer(200, json.dumps(body), "application/x-amz-json-1.1")

    def reply(self, action, request):
        name = request.get("Name") or request.get("SecretId")
        if action == "AmazonSSM.GetParameter" and name in PARAMETERS:
            return {"Parameter": {"Name": name, "Type": "String", "Value": self.state(PARAMETERS[name])}}
        if action == "AmazonSSM.PutParameter" and PARAMETERS.get(name) == "proof":
            with open(os.path.join(STATE, "proof.json"), "w", encoding="utf-8") as file:
                file.write(request["Value"])
            return {"Version": 2, "Tier": "Standard"}
        if action == "secretsmanager.GetSecretValue" and name.startswith("arn:aws:secretsmanager:"):
            return {"ARN": name, "Name": "wp", "VersionId": "secret-version-1", "SecretString": self.state("secret")}
        return None

    @staticmethod
    def health():
        state = "healthy" if os.path.exists(os.path.join(STATE, "healthy")) else "unhealthy"
        return f"""<DescribeTargetHealthResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">
            <DescribeTargetHealthResult><TargetHealthDescriptions><member><Target><Id>{instance()}</Id></Target>
            <TargetHealth><State>{state}</State></TargetHealth></member></TargetHealthDescriptions>
            </DescribeTargetHealthResult></DescribeTargetHealthResponse>"""

    @staticmethod
    def state(name):
        with open(os.path.join(STATE, name + ".json"), encoding="utf-8") as file:
            return file.read()


class Proxy(Handler):
    """Enough of an HTTP proxy for apt."""

    def do_GET(self):
        request = urllib.request.Request(self.path)
        for header in ("Range", "If-Modified-Since", "If-Range"):
            if self.headers.get(header):
                request.add_header(header, self.headers[header])
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                self.send_response(reply.status)
                for header in ("Content-Type", "Content-Length", "Last-Modified", "Content-Range"):
                    if reply.headers.get(header):
                        self.send_header(header, reply.headers[header])
                self.end_headers()
                while chunk := reply.read(1 << 16):
                    self.wfile.write(chunk)
        except urllib.error.HTTPError as error:
            self.answer(error.code, "")
        except OSError as error:
            self.answer(502, str(error))


def enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace.fileno(), 0x40000000) != 0:  # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), namespace.name)


class Server(ThreadingHTTPServer):
    address_family = socket.AF_INET
    request_queue_size = 32


outside = open("/proc/self/ns/net", "rb")
enter(open(f"/run/netns/{NETNS}", "rb"))
servers = [Server((ip, port), handler) for ip, port, handler in (
    ("169.254.169.254", 80, Metadata), ("169.254.169.254", 4566, Services),
    ("10.123.0.1", 3128, Proxy))]
enter(outside)
for server in servers:
    threading.Thread(target=server.serve_forever).start()
