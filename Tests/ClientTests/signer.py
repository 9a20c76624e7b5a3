"""Request signing, written from section 2 of the API reference alone.

Clients of this API differ in four habits, all of which a server has to accept; `Habits` has a switch for each.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

UNRESERVED = "-_.~"  # beside letters and digits


@dataclass(frozen=True)
class Key:
    id: str
    secret: str


@dataclass(frozen=True)
class Habits:
    signs_trailing_slash: bool = False
    signature_encodings: int = 1
    signed_space: str = "%20"
    sent_space: str = "%20"
    sends_sorted: bool = True


def timestamp(seconds_from_now: float = 0) -> str:
    moment = datetime.now(timezone.utc) + timedelta(seconds=seconds_from_now)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def unpadded_timestamp() -> str:
    """Now, with month and day as `2022-4-1` writes them."""
    now = datetime.now(timezone.utc)
    return f"{now.year}-{now.month}-{now.day}T{now:%H:%M:%S}Z"


def common_parameters(key: Key, zone: str, seconds_from_now: float = 0) -> dict:
    return {
        "access_key_id": key.id,
        "timestamp": timestamp(seconds_from_now),
        "version": "1",
        "signature_method": "HmacSHA256",
        "signature_version": "1",
        "zone": zone,
    }


def encode(text, space: str = "%20") -> str:
    return quote(text, safe=UNRESERVED).replace("%20", space)


def join(pairs, space: str = "%20") -> str:
    return "&".join(f"{encode(name, space)}={encode(value, space)}" for name, value in pairs)


def string_to_sign(method: str, path: str, joined: str, body: bytes = b"") -> str:
    return "\n".join([method, path, joined, hashlib.md5(body).hexdigest()])


def signature(secret: str, text: str) -> str:
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def append_signature(query: str, value: str, encodings: int = 1) -> str:
    for _ in range(encodings):
        value = encode(value)
    return f"{query}&signature={value}"


def signed_target(method: str, path: str, pairs, key: Key, habits: Habits = Habits(), body: bytes = b"") -> str:
    """The request target (path and query) of a signed call. `pairs` is a dictionary or a list of pairs."""
    pairs = list(pairs.items()) if isinstance(pairs, dict) else list(pairs)
    ordered = sorted(pairs, key=lambda pair: pair[0])
    sent = join(ordered if habits.sends_sorted else ordered[::-1], habits.sent_space)
    bare = path.rstrip("/")
    signed_path = bare + "/" if habits.signs_trailing_slash else bare
    text = string_to_sign(method, signed_path, join(ordered, habits.signed_space), body)
    return f"{path}?{append_signature(sent, signature(key.secret, text), habits.signature_encodings)}"


def signed_raw_target(method: str, path: str, query: str, key: Key, body: bytes = b"") -> str:
    """Signs a query exactly as it is written, whatever it holds."""
    return f"{path}?{append_signature(query, signature(key.secret, string_to_sign(method, path, query, body)))}"
