"""The description of the API (OpenAPI 3.1): what it says is what a server does, and the pages say the same."""

import copy
import json
import os
import subprocess
import sys
import unittest

from case import setUpModule, tearDownModule  # noqa: F401 (unittest looks for the two functions)
from people import ALPHA, ZONE
from running_site import REPOSITORY
from write_case import WriteCase, fresh_name

DESCRIPTION = "/api/openapi.json"
COMMITTED = REPOSITORY / "docs/openapi.json"
HOW = "the calls declare something else: make describe"


def strict(schema):
    """The schema with no members but those that it names, wherever it is about an object. What is published is less strict, as
    later versions may add members."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: strict(value) for name, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        schema.setdefault("additionalProperties", False)
    return schema


def of_answers(document: dict) -> dict:
    """The document, strict about answers, and without what only a signer can get right."""
    document = copy.deepcopy(document)
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"] = strict(operation["responses"])
            operation["parameters"] = [one for one in operation["parameters"] if "$ref" not in one]
    document["components"]["schemas"] = strict(document["components"]["schemas"])
    del document["security"], document["components"]["securitySchemes"], document["components"]["parameters"]
    return document


class Description(WriteCase):
    def get(self, method="GET", **headers):
        return self.site.send(method, DESCRIPTION, b"", headers)

    @property
    def document(self) -> dict:
        return json.loads(COMMITTED.read_text())

    def operations(self):
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield path, method, operation

    def test_is_the_committed_one_wherever_it_comes_from(self):
        committed = COMMITTED.read_text()
        answer = self.get()
        self.assert_is_json(answer)
        self.assertTrue(answer.body.decode() == committed, HOW)
        self.assertTrue(self.site.must("api", "describe").stdout == committed, HOW)

    def test_the_tables_of_the_page_come_from_it(self):
        page = REPOSITORY / "docs/api.md"
        done = subprocess.run([REPOSITORY / "scripts/api-tables.py", "--check", page], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""), HOW)
        self.assertGreater(page.read_text().count("<!-- parameters of "), 8)

    def test_is_sent_once_to_a_client_that_keeps_it(self):
        answer = self.get()
        tag = answer.headers["ETag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = self.get(**{"If-None-Match": known})
            self.assertEqual((again.status, again.body, again.headers["ETag"]), (304, b"", tag), known)
            self.assertIsNone(again.headers["Content-Length"])
        for other in ('"other"', tag.strip('"'), ""):
            self.assertEqual(self.get(**{"If-None-Match": other}).status, 200, other)
        self.assertEqual((self.get("HEAD").status, self.get("HEAD").body), (200, b""))
        self.assertEqual(self.get("POST").status, 404)

    def test_a_validator_accepts_it(self):
        from openapi_spec_validator import OpenAPIV31SpecValidator, validate

        validate(self.document, cls=OpenAPIV31SpecValidator)

    def test_the_vendors_page_is_the_first_example_and_conforms(self):
        content = self.document["paths"]["/api/user"]["get"]["responses"]["200"]["content"]["application/json"]
        name, example = next(iter(content["examples"].items()))
        self.assertEqual(name, "vendor")
        self.assertEqual(example["value"]["users_set"][0]["hpcuser_id"], "hpcuser-8a310ir1")
        self.assert_conforms(example["value"], "/api/user", "get")

    def test_examples_of_requests_conform(self):
        from jsonschema import Draft202012Validator

        found = 0
        for path, _, operation in self.operations():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            cases = [(one["schema"], one["example"]) for one in operation["parameters"] if "example" in one]
            cases += [(content["schema"], content["example"])] if "example" in content else []
            for schema, example in cases:
                found += 1
                with self.subTest(path):
                    Draft202012Validator(schema).validate(example)
        self.assertGreater(found, 40)

    def assert_conforms(self, answer: dict, path: str, method: str):
        from jsonschema import Draft202012Validator

        document = of_answers(self.document)
        schema = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
        faults = list(Draft202012Validator({**schema, "components": document["components"]}).iter_errors(answer))
        details = [detail.message for fault in faults for detail in fault.context or [fault]]
        self.assertFalse(faults, f"{path}: {json.dumps(answer)[:2000]}\n{details}")

    def test_every_call_answers_as_described(self):
        name, group, cluster = fresh_name("described"), fresh_name("group"), "hpc-descr001"
        many, attribute, place = [fresh_name("many") for _ in range(2)], "describedCode", "ou=described"
        user = {"cluster_id": ALPHA, "username": name}
        steps = [
            ("/api/cluster/createCluster", {"cluster_id": cluster, "nas_mount_point": "/share", "description": "of a test"}),
            ("/api/cluster/modifyCluster", {"cluster_id": cluster, "cluster_name": "described"}),
            ("/api/attribute/declareAttribute", {"name": attribute, "syntax": "text", "searchable": "1"}),
            ("/api/attribute", {}),
            ("/api/user/addUser", {**user, "password": self.password, "mod": "750"}),
            ("/api/user/modifyUser", {**user, "expires": "2099-01-01T00:00:00Z", "gecos": "A. User",
                                      "attributes": {"mail": ["a@b"], attribute: "x1"}}),
            ("/api/group/createGroup", {"cluster_id": ALPHA, "group_name": group}),
            ("/api/group/modifyGroup", {"cluster_id": ALPHA, "group_name": group, "add_members": [name], "add_member_names": ["gone"]}),
            ("/api/group", {"cluster_id": ALPHA}),
            ("/api/group/listGroupsOfUser", user),
            ("/api/group/describeGroup", {"cluster_id": ALPHA, "group_name": group}),
            ("/api/user", {"cluster_id": ALPHA}),
            ("/api/user", {"cluster_id": ALPHA, "username": name, "verbose": "1"}),
            ("/api/user/describeUser", user),
            ("/api/user/checkUser", {**user, "password": self.password}),
            ("/api/user/checkUser", {**user, "username": name + "q"}),
            ("/api/user/uidHistory", {"cluster_id": ALPHA, "uid_number": "41000"}),
            ("/api/user/uidHistory", {"cluster_id": ALPHA, "uid_number": "59999"}),
            ("/api/user/addUsers", {"cluster_id": ALPHA, "users": [{"username": one} for one in many]}),
            ("/api/user/modifyUsers", {"cluster_id": ALPHA, "usernames": [*many, "nobody0"], "state": "locked", "on_fault": "skip"}),
            ("/api/user/deleteUsers", {"cluster_id": ALPHA, "usernames": many}),
            ("/api/cluster/list", {}),
            ("/api/map/putEntry", {"cluster_id": ALPHA, "place": place, "kind": "organizationalUnit", "attributes": ["description: x"]}),
            ("/api/map", {"cluster_id": ALPHA}),
            ("/api/map/describeEntry", {"cluster_id": ALPHA, "place": place}),
            ("/api/map/removeEntry", {"cluster_id": ALPHA, "place": place}),
            ("/api/group/deleteGroup", {"cluster_id": ALPHA, "group_name": group}),
            ("/api/user/deleteUser", user),
            ("/api/user/restoreUser", user),
            ("/api/user/deleteUser", user),
            ("/api/attribute/removeAttribute", {"name": attribute}),
            ("/api/operation", {"limit": "100", "reverse": "1"}),
            ("/api/operation/events", {"limit": "100"}),
            ("/api/operation/verify", {}),
        ]
        methods = {path: method for path, method, _ in self.operations()}
        self.assertEqual({path for path, _ in steps}, set(methods), "calls that this test does not make")
        for path, members in steps:
            if methods[path] == "post":
                answer = self.write(path, {"zone": ZONE, **members})
            else:
                answer = self.ask(path=path, **members)
            self.assertEqual(answer.json["ret_code"], 0, answer)
            self.assert_conforms(answer.json, path, methods[path])

    def test_refusals_are_as_described(self):
        for path, method, _ in self.operations():
            for key in ("operator", self.forged()):
                answer = self.write(path, {}, key, without=("zone",)) if method == "post" else self.ask(key, path=path, zone="?" * 65)
                self.assertNotEqual(answer.json["ret_code"], 0, answer)
                self.assert_conforms(answer.json, path, method)

    def test_schemathesis_finds_nothing(self):
        folder = self.site.folder / "schemathesis"
        folder.mkdir()
        file = folder / "openapi.json"
        file.write_text(json.dumps(of_answers(self.document)))
        key = self.key("operator")
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "run", file, "--url", f"http://127.0.0.1:{self.site.port}",
             "--phases", "examples,coverage,fuzzing", "--max-examples", "12", "--seed", "1", "--workers", "2",
             "--continue-on-failure", "--no-color", "--no-shrink", "--suppress-health-check", "all", "--checks",
             "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
             "response_schema_conformance,refusal_in_ret_code"],
            cwd=folder, capture_output=True, text=True, timeout=120,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "DESCRIBED_KEY_ID": key.id,
                 "DESCRIBED_SECRET": key.secret, "PYTHONPATH": str(REPOSITORY / "Tests/ClientTests"), "NO_COLOR": "1"})
        report = done.stdout.replace(key.secret, "…")
        self.assertEqual(done.returncode, 0, report[-12_000:] + done.stderr[-3000:])
        self.assert_still_serves()


if __name__ == "__main__":
    unittest.main()
