"""Signed requests of the API, made as its documentation says. A signed request is good for 60 s."""

import base64
import hashlib
import hmac
import json
import random
import time
import urllib.parse

PATH = "/api/user"


class Signer:
    """Signs with one access key."""

    def __init__(self, key):
        self.id = key["access_key_id"]
        self.secret = key["secret_access_key"].encode()
        self.serial = 0

    def target(self, parameters, method="GET", path=PATH, body=b""):
        """The request target with its signature."""
        pairs = dict(parameters, access_key_id=self.id, signature_method="HmacSHA256", signature_version="1",
                     timestamp=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), version="1")
        quote = urllib.parse.quote
        query = "&".join(f"{name}={quote(str(pairs[name]), safe='-_.~')}" for name in sorted(pairs))
        text = f"{method}\n{path}\n{query}\n{hashlib.md5(body).hexdigest()}".encode()
        signature = base64.b64encode(hmac.digest(self.secret, text, "sha256")).decode()
        return f"{path}?{query}&signature={quote(signature, safe='')}"

    def distinct(self, parameters):
        """A target that no other is equal to: a parameter of our own is signed and otherwise ignored."""
        self.serial += 1
        return self.target(dict(parameters, nonce=self.serial))

    def modification(self, cluster, username, zone, **members):
        """A line for `load`: one command to modify a user."""
        return self._order("modifyUser", dict(members, cluster_id=cluster, username=username, zone=zone))

    def addition(self, cluster, username, zone, password):
        """A line for `load`: one command to add a user."""
        return self._order("addUser", {"cluster_id": cluster, "username": username, "zone": zone, "password": password})

    def _order(self, call, members):
        self.serial += 1
        body = json.dumps(members)
        target = self.target({"nonce": self.serial}, "POST", f"{PATH}/{call}", body.encode())
        return f"POST\t{target}\t{body}"


def plain_pages(population, zone, count, seed):
    """Parameters of `count` different pages of clusters, ten users each; large clusters are asked more."""
    source = random.Random(seed)
    for _ in range(count):
        cluster, size, _, _ = population.cluster_of_a_user(source)
        yield {"zone": zone, "cluster_id": cluster, "limit": 10, "offset": source.randrange(0, size, 10)}


def mixed_pages(population, zone, words, count, seed):
    """The same, one in ten of them with a search word."""
    source = random.Random(seed)
    for page in plain_pages(population, zone, count, seed + 1):
        if source.randrange(10) == 0:
            page["search_word"] = source.choice(words)
            page["offset"] = 0
        yield page
