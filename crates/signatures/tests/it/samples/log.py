"""A transparency log for make-keyless.sh: takes entries as Rekor's API does and promises to keep them. log.py KEY (PEM).

It keeps none: what is signed is the promise (signed entry timestamp), whose form is that of the real one. Its clock is told
by the environment: every entry was integrated at LOG_TIME, in seconds since 1970.
"""
import base64, hashlib, http.server, json, os, subprocess, sys

KEY = sys.argv[1]
run = lambda *arguments, data=b"": subprocess.run(arguments, input=data, capture_output=True, check=True).stdout
LOG_ID = hashlib.sha256(run("openssl", "pkey", "-in", KEY, "-pubout", "-outform", "DER")).hexdigest()


def compact(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


class Log(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        proposed = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if proposed["kind"] == "dsse":
            # As Rekor keeps it: hashes, and the envelope's signatures with who made them.
            content = proposed["spec"]["proposedContent"]
            envelope = json.loads(content["envelope"])
            sha256 = lambda data: {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()}
            proposed["spec"] = {
                "envelopeHash": sha256(content["envelope"].encode()),
                "payloadHash": sha256(base64.b64decode(envelope["payload"])),
                "signatures": [
                    {"signature": envelope["signatures"][0]["sig"], "verifier": content["verifiers"][0]}
                ],
            }
        promised = {
            "body": base64.b64encode(compact(proposed)).decode(),
            "integratedTime": int(os.environ["LOG_TIME"]),
            "logID": LOG_ID,
            "logIndex": 7,
        }
        # A tree of this entry alone; its checkpoint is not signed, for nobody here reads it.
        root = hashlib.sha256(b"\0" + base64.b64decode(promised["body"])).digest()
        checkpoint = "samples\n1\n" + base64.b64encode(root).decode() + "\n"
        proof = {"checkpoint": checkpoint, "hashes": [], "logIndex": 0, "rootHash": root.hex(), "treeSize": 1}
        promise = run("openssl", "dgst", "-sha256", "-sign", KEY, data=compact(promised))
        verification = {
            "inclusionProof": proof,
            "signedEntryTimestamp": base64.b64encode(promise).decode(),
        }
        body = compact({"0" * 64: {**promised, "verification": verification}})
        self.send_response(201)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Log)
print(server.server_port, flush=True)
server.serve_forever()
