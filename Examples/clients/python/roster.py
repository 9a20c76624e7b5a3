#!/usr/bin/env python3
"""A client of Roster's API in one file. It needs Python 3.9 or newer and its standard library, nothing else.

    import roster

    client = roster.Client.from_settings()
    for user in client.list_users(cluster_id="hpc-qig9xu97", search_word="zhang"):
        print(user.username, user.uid_number)
    client.add_user(cluster_id="hpc-qig9xu97", username="zhangsan", password=password)

Each call of `docs/api.md` is a method; its page says what the parameters mean. A parameter that is not given is not
sent. Lists come as `Pages`, whose iterator fetches page after page. An error is an exception: `UserNotFound` for
`ret_code` 1610, and so on; all of them are a `RosterError`.

The client sends a request again where that is safe. A read is signed anew each time. A command is signed once, and
exactly the same request is sent again while its time is valid: the server recognises it by its signature and runs it
once. If no response tells what came of a command, `OutcomeUnknown` is raised.

A client may be used by several threads. `python3 roster.py list --cluster-id hpc-qig9xu97` prints users.
"""

from __future__ import annotations

import argparse
import base64
import dataclasses
import hashlib
import hmac
import http.client
import json
import os
import random
import re
import secrets
import ssl
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Generic, Iterator, Mapping, Sequence, TypeVar
from urllib.parse import quote, urlsplit

DEFAULT_ENDPOINT = "http://127.0.0.1:8080"
PAGE_SIZE = 100  # the largest page that the server gives
# How long a signed command is sent again. The server takes it for 60 s from the time in it; the clocks may differ.
COMMAND_SECONDS = 45.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 4.0


class _Absent:
    """What is not sent. None is null, which some members take."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


# Errors


class RosterError(Exception):
    """What every error of this module is."""

    worth_repeating = False  # a later request may succeed
    may_have_run = False  # the command may have run, or run later
    settles = False  # it tells the outcome of a command even after a request that got no response


class SettingsError(RosterError):
    """A setting is missing or malformed. The message names it, and never shows a secret."""


class NotConnected(RosterError):
    """There was no connection to the server, so the request was not sent."""

    worth_repeating = True


class CertificateRefused(NotConnected):
    """The server's certificate is not valid for its name, or nobody who is trusted has signed it."""

    worth_repeating = False


class NoResponse(RosterError):
    """A request was sent, and no readable response came back."""

    worth_repeating = may_have_run = True


class OutcomeUnknown(RosterError):
    """No response tells whether a command ran. Check the operation log or the resource before you send a new one."""


class ApiError(RosterError):
    """A response with an error. The subclasses say which; a `ret_code` that they do not know gives an ApiError."""

    def __init__(self, ret_code: int, message: str, *, status: int = 200, request_id: str | None = None,
                 retry_after: float | None = None):
        super().__init__(f"{ret_code}: {message}")
        self.ret_code, self.message = ret_code, message
        self.status = status  # of HTTP
        self.request_id = request_id  # by which the server's log finds the request
        self.retry_after = retry_after  # seconds


class _Outcome(ApiError):
    """An error that the server remembers as the response to a command."""

    @property
    def settles(self) -> bool:  # type: ignore[override]
        return self.status == 200


class InvalidParameter(_Outcome):
    """1100: a parameter is missing, present twice or malformed."""


class UnknownAction(ApiError):
    """1101: the method or the action does not exist."""


class NotAuthenticated(ApiError):
    """1200: the key is unknown or revoked, its account has no user left, or the signature is wrong."""


class RequestExpired(ApiError):
    """1300: the time of the request differs from the server's by more than 60 s. Look at this machine's clock."""


class NotPermitted(_Outcome):
    """1400: the key has no right to do this, or the state forbids it."""


class UserExists(_Outcome):
    """1510: a user with that name exists, ignoring case."""


class NameRefused(_Outcome):
    """1520: the name breaks the cluster's rule, or belongs to a system account or group."""


class UserNotFound(_Outcome):
    """1610: the user does not exist, or the key may not see it."""


class PasswordRefused(_Outcome):
    """1630: the password breaks the rule."""


class WrongPassword(_Outcome):
    """1660: the present password is wrong."""


class NotFound(_Outcome):
    """2100: the zone, the cluster in it, the group or the map entry does not exist, or the key may not see it."""


class AlreadyExists(_Outcome):
    """2110: a uid or gid is taken or retired, a cluster or group exists, or a home belongs to another uid."""


class TooManyCalls(ApiError):
    """2500: `retry_after` says how long to wait."""

    @property
    def worth_repeating(self) -> bool:  # type: ignore[override]
        return self.retry_after is not None


class UnknownModule(ApiError):
    """3300: the path is none of the API."""


class InternalError(ApiError):
    """5000: the server's log has the cause, under `request_id`."""


class Busy(ApiError):
    """5100: busy, starting, cut off from its store, or behind the revision that was asked for."""

    worth_repeating = True

    @property
    def may_have_run(self) -> bool:  # type: ignore[override]
        # With status 200 it may be the one exception of docs/api.md: the store failed during the write.
        return self.status == 200


class ReadOnly(ApiError):
    """5300: the store is read-only."""


ERRORS: dict[int, type[ApiError]] = {
    1100: InvalidParameter, 1101: UnknownAction, 1200: NotAuthenticated, 1300: RequestExpired, 1400: NotPermitted,
    1510: UserExists, 1520: NameRefused, 1610: UserNotFound, 1630: PasswordRefused, 1660: WrongPassword,
    2100: NotFound, 2110: AlreadyExists, 2500: TooManyCalls, 3300: UnknownModule, 5000: InternalError, 5100: Busy,
    5300: ReadOnly,
}


# What responses hold


@dataclasses.dataclass(frozen=True)
class User:
    """A user of a cluster, as lists show it. Numbers are strings, as in the API."""

    cluster_id: str
    create_time: str
    gid_number: str
    hpcuser_id: str
    mod: str | None
    nas_mount_point: str
    role: str
    uid_number: str
    update_time: str
    user_id: str
    username: str


@dataclasses.dataclass(frozen=True)
class UserDetails(User):
    """A user with all that is known of it."""

    attributes: Mapping[str, list[str]]
    expires: str | None
    gecos: str
    group_names: list[str]
    home_directory: str
    last_failure: str | None
    last_failure_over: str | None
    last_login: str | None
    last_login_over: str | None
    login_shell: str
    password_time: str | None
    state: str


@dataclasses.dataclass(frozen=True)
class UidHolder:
    """Who holds or held a uid, from when and until when; None means that it still does."""

    from_time: str
    hpcuser_id: str
    uid_number: str
    until_time: str | None
    username: str


@dataclasses.dataclass(frozen=True)
class Cluster:
    cluster_id: str
    cluster_name: str
    cluster_type: str
    create_time: str
    description: str | None
    nas_mount_point: str | None


@dataclasses.dataclass(frozen=True)
class Group:
    """A group with its members: users, groups, and names that belong to no user."""

    cluster_id: str
    gid_number: str
    group_name: str
    is_primary: bool
    members: list[str]
    member_groups: list[str]
    member_names: list[str]


@dataclasses.dataclass(frozen=True)
class GroupDetails(Group):
    """A group with all that is known of it."""

    all_members: list[str]
    create_time: str | None
    groups: list[str]
    primary_count: int
    update_time: str | None


@dataclasses.dataclass(frozen=True)
class GroupOfUser:
    """A group of a user; `membership` is primary, direct or nested."""

    gid_number: str
    group_name: str
    membership: str
    through: list[str]


@dataclasses.dataclass(frozen=True)
class MapEntry:
    cluster_id: str
    create_time: str
    kind: str
    place: str
    update_time: str


@dataclasses.dataclass(frozen=True)
class Attribute:
    """An attribute of users that the site declares."""

    create_time: str
    multiple: str
    name: str
    oid: str
    searchable: str
    syntax: str


@dataclasses.dataclass(frozen=True)
class MapEntryDetails(MapEntry):
    """A map entry with its attributes by their names in LDAP."""

    attributes: Mapping[str, list[str]]


@dataclasses.dataclass(frozen=True)
class UserOutcome:
    """What became of one of many users; `ret_code` is 0 if it was done."""

    hpcuser_id: str | None
    job_id: str
    message: str
    ret_code: int
    uid_number: str | None
    username: str


@dataclasses.dataclass(frozen=True)
class LoginTry:
    """A try to log in; `reason` is None if it was not refused."""

    client: str
    over: str
    reason: str | None
    time: str


@dataclasses.dataclass(frozen=True)
class LoginCheck:
    """The first thing that stops a user from logging in; `reason` is None if nothing was found."""

    can_log_in: bool
    explanation: str
    last_tries: list[LoginTry]
    near_names: list[str]
    password_checked: bool
    reason: str | None
    time: str | None
    username: str


@dataclasses.dataclass(frozen=True)
class Job:
    """A job of the operation log. `resource_ids` are separated by spaces."""

    action_describe: str
    create_time: str
    error_codes: str
    job_action: str
    job_id: str
    owner: str | None
    resource_ids: str
    status: str
    status_time: str
    submitter: str | None


@dataclasses.dataclass(frozen=True)
class Verification:
    """What verifying the operation log gave. `fault` is None if the chain holds."""

    event_count: int | None
    fault: str | None
    head: str | None


@dataclasses.dataclass(frozen=True)
class Health:
    """`status` is `ready`, or `read-only` while the store cannot be reached; `message` says since when."""

    status: str
    revision: int | None
    message: str | None


Element = TypeVar("Element")


def _parsed(kind: type[Element], members: Mapping[str, Any]) -> Element:
    """Members that this module does not know are passed over, and missing ones are None."""
    return kind(**{field.name: members.get(field.name) for field in dataclasses.fields(kind)})  # type: ignore[arg-type]


@dataclasses.dataclass(frozen=True)
class Page(Generic[Element]):
    """A part of a list, and how long the list is."""

    total_count: int
    elements: list[Element]


class Pages(Generic[Element]):
    """A list that is on the server. Iterating it fetches page after page.

    Each page shows the list at its own time. If something in front of the next page is deleted meanwhile, the list
    moves up, and the next page misses an element.
    """

    def __init__(self, fetch: Callable[[dict], dict], names: Sequence[str], kind: type[Element]):
        self._fetch, self._names, self._kind = fetch, names, kind

    def page(self, *, limit: int = PAGE_SIZE, offset: int = 0) -> Page[Element]:
        """One page: at most `limit` elements, and at most 100, after `offset` others."""
        response = self._fetch({"limit": limit, "offset": offset})
        rows = next((response[name] for name in self._names if name in response), [])
        return Page(response["total_count"], [_parsed(self._kind, row) for row in rows])

    def count(self) -> int:
        """How many elements the list has."""
        return self.page(limit=0).total_count

    def __iter__(self) -> Iterator[Element]:
        offset = 0
        while True:
            page = self.page(offset=offset)
            yield from page.elements
            offset += len(page.elements)
            if not page.elements or offset >= page.total_count:
                return


# Signing


@dataclasses.dataclass(frozen=True)
class AccessKey:
    id: str
    secret: str = dataclasses.field(repr=False)


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def signed_target(key: AccessKey, method: str, path: str, parameters: Mapping[str, str], body: bytes = b"",
                  now: float | None = None) -> str:
    """Path and query of a signed request. `now` is in seconds since 1970; None is this machine's time."""
    moment = time.gmtime(time.time() if now is None else now)
    signed = {
        **parameters, "access_key_id": key.id, "signature_method": "HmacSHA256", "signature_version": "1",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment), "version": "1",
    }
    query = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(signed.items()))
    # The API prescribes MD5, for a sum that the HMAC protects.
    text = "\n".join([method, path, query, hashlib.new("md5", body, usedforsecurity=False).hexdigest()])
    digest = hmac.new(key.secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{path}?{query}&signature={_encoded(base64.b64encode(digest).decode())}"


# Settings

SETTINGS_FILES = "~/.config/roster/config.yaml", "~/.qingcloud/config.yaml"
# `name: value`, where the value may be in quotes and a comment may follow.
_LINE = re.compile(r"""([A-Za-z_]\w*):(?:\s+(?:'([^']*)'|"([^"\\]*)"|([^\s'"#](?:[^#]|(?<=\S)#)*?)))?\s*(?:\s\#.*)?""")


def _file_settings(path: Path) -> dict[str, str]:
    """The settings of a flat YAML file; none if there is no file. What is nested is passed over."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    settings = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line[0] in " \t#-":
            continue
        found = _LINE.fullmatch(line)
        if not found:
            raise SettingsError(f"{path}:{number}: is not 'name: value'")
        value = found[2] or found[3] or found[4]
        if value:
            settings[found[1].removeprefix("qy_")] = value
    return settings


def _sources() -> Iterator[tuple[str, dict[str, str]]]:
    """Where settings are looked for, in order: the environment, then the files. A file is read only if it is needed."""
    names = "endpoint", "zone", "access_key_id", "secret_access_key"
    found = {name: os.environ.get(f"ROSTER_{name.upper()}", "") for name in names}
    yield "the environment", {name: value for name, value in found.items() if value}
    for file in SETTINGS_FILES:
        yield file, _file_settings(Path(file).expanduser())


def _setting(name: str) -> str | None:
    return next((settings[name] for _, settings in _sources() if name in settings), None)


def _key_setting() -> AccessKey:
    """Both parts of a key come from one place."""
    for place, settings in _sources():
        key = settings.get("access_key_id"), settings.get("secret_access_key")
        if all(key):
            return AccessKey(*key)  # type: ignore[arg-type]
        if any(key):
            missing = "access_key_id" if not key[0] else "secret_access_key"
            raise SettingsError(f"{missing} is missing in {place}, which has the other part of the key")
    raise SettingsError("no key: set ROSTER_ACCESS_KEY_ID and ROSTER_SECRET_ACCESS_KEY")


# The client


class Client:
    """Calls the API with one key, in one zone.

    `ca_file` is a PEM file with the certificates that may sign the server's; without it those that the system trusts.
    `timeout` is for each step on the network. `retry_seconds` is how long a request is sent again; 0 means never, and a
    command at most for the 45 s that its signature is sure to be valid. `clock` gives the seconds since 1970.

    After a command, `revision` is the revision that it made or a later one. Each request asks for at least this
    revision, so the client sees what it wrote whichever server responds. Set it to 0 after a restore from a backup.
    """

    def __init__(self, endpoint: str, key: AccessKey, zone: str, *, ca_file: str | os.PathLike | None = None,
                 timeout: float = 15.0, retry_seconds: float = 30.0, clock: Callable[[], float] = time.time):
        try:
            parts = urlsplit(endpoint)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or "@" in parts.netloc \
                or parts.query or parts.fragment:
            raise SettingsError("endpoint: must be like https://roster.example.org:8443, with nothing behind it")
        self.endpoint, self.zone, self.timeout, self.retry_seconds = endpoint, zone, timeout, retry_seconds
        self.revision = 0
        self._host, self._port, self._key, self._clock = parts.hostname, port, key, clock
        self._lock = threading.Lock()
        self._tls = None
        if parts.scheme == "https":
            try:
                self._tls = ssl.create_default_context(cafile=ca_file)
            except OSError as error:
                raise SettingsError(f"ca_file: {ca_file}: {error.strerror or error}") from None

    def __repr__(self) -> str:
        return f"Client({self.endpoint!r}, {self._key!r}, {self.zone!r})"

    @classmethod
    def from_settings(cls, *, endpoint: str | None = None, zone: str | None = None,
                      ca_file: str | os.PathLike | None = None, **options: Any) -> Client:
        """A client whose settings come from the arguments, then from the environment (ROSTER_ENDPOINT, ROSTER_ZONE,
        ROSTER_ACCESS_KEY_ID, ROSTER_SECRET_ACCESS_KEY, ROSTER_CA_FILE), then from ~/.config/roster/config.yaml, then
        from the vendor's ~/.qingcloud/config.yaml."""
        zone = zone or _setting("zone")
        if not zone:
            raise SettingsError("no zone: set ROSTER_ZONE")
        endpoint = endpoint or _setting("endpoint") or DEFAULT_ENDPOINT
        return cls(endpoint, _key_setting(), zone, ca_file=ca_file or os.environ.get("ROSTER_CA_FILE") or None, **options)

    # Users

    def list_users(self, *, cluster_id: str = ABSENT, user_id: str = ABSENT, search_word: str = ABSENT,
                   search_in: str | Sequence[str] = ABSENT, username: str = ABSENT, uid_number: str | int = ABSENT,
                   gid_number: str | int = ABSENT, group_name: str = ABSENT, role: str = ABSENT, state: str = ABSENT,
                   has_password: str | int = ABSENT, not_used_since: str = ABSENT, verbose: bool = False, sort_key: str = ABSENT, reverse: bool = False) -> Pages[User]:
        """`GET /api/user`: the users that the key may see, oldest first. With `verbose` they are `UserDetails`."""
        return self._pages(
            "/api/user", ("user_set", "users_set"), UserDetails if verbose else User, cluster_id=cluster_id,
            user_id=user_id, search_word=search_word, search_in=search_in, username=username, uid_number=uid_number,
            gid_number=gid_number, group_name=group_name, role=role, state=state, has_password=has_password,
            not_used_since=not_used_since,
            verbose=verbose, sort_key=sort_key, reverse=reverse)

    def describe_user(self, *, cluster_id: str, username: str = ABSENT, hpcuser_id: str = ABSENT,
                      uid_number: str | int = ABSENT) -> UserDetails:
        """`GET /api/user/describeUser`: one user, by its name, its identifier or its uid."""
        response = self._read("/api/user/describeUser", cluster_id=cluster_id, username=username,
                              hpcuser_id=hpcuser_id, uid_number=uid_number)
        return _parsed(UserDetails, response["user"])

    def check_user(self, *, cluster_id: str, username: str, password: str = ABSENT) -> LoginCheck:
        """`POST /api/user/checkUser`: why a user cannot log in. A wrong password counts as a failed login."""
        response = self._command("/api/user/checkUser", cluster_id=cluster_id, username=username, password=password)
        check = _parsed(LoginCheck, response)
        return dataclasses.replace(check, last_tries=[_parsed(LoginTry, one) for one in response["last_tries"]])

    def add_user(self, *, cluster_id: str, username: str, password: str, mod: str = ABSENT,
                 uid_number: str | int = ABSENT) -> str:
        """`POST /api/user/addUser`: adds a user. Returns the job."""
        return self._job("/api/user/addUser", cluster_id=cluster_id, username=username, password=password, mod=mod,
                         uid_number=uid_number)

    def modify_user(self, *, cluster_id: str, username: str, password: str = ABSENT, new_password: str = ABSENT,
                    new_username: str = ABSENT, state: str = ABSENT, expires: str | None = ABSENT, role: str = ABSENT,
                    gid_number: str | int = ABSENT, mod: str = ABSENT, nas_mount_point: str = ABSENT,
                    home_directory: str = ABSENT, login_shell: str = ABSENT, gecos: str = ABSENT,
                    attributes: Mapping[str, Any] = ABSENT, add_attributes: Mapping[str, Any] = ABSENT,
                    delete_attributes: Mapping[str, Any] = ABSENT) -> str:
        """`POST /api/user/modifyUser`: makes all changes or none. Returns the job.

        `password` is the present one, which a member proves. An empty text clears a field; `expires=None` means never.
        """
        return self._job(
            "/api/user/modifyUser", cluster_id=cluster_id, username=username, password=password,
            new_password=new_password, new_username=new_username, state=state, expires=expires, role=role,
            gid_number=gid_number, mod=mod, nas_mount_point=nas_mount_point, home_directory=home_directory,
            login_shell=login_shell, gecos=gecos, attributes=attributes, add_attributes=add_attributes,
            delete_attributes=delete_attributes)

    def delete_user(self, *, cluster_id: str, username: str) -> str:
        """`POST /api/user/deleteUser`: deletes a user; the home stays. Returns the job."""
        return self._job("/api/user/deleteUser", cluster_id=cluster_id, username=username)

    def restore_user(self, *, cluster_id: str, username: str, hpcuser_id: str = ABSENT, new_username: str = ABSENT) -> UserOutcome:
        """`POST /api/user/restoreUser`: undoes the deletion of a user; `message` says what came back."""
        return _parsed(UserOutcome, self._command(
            "/api/user/restoreUser", cluster_id=cluster_id, username=username, hpcuser_id=hpcuser_id, new_username=new_username))

    def add_users(self, *, cluster_id: str, users: Sequence[Mapping[str, Any]], on_fault: str = ABSENT) -> list[UserOutcome]:
        """`POST /api/user/addUsers`: adds up to 1,000 users in one transaction.

        Each of `users` has `username`, and optionally `password`, `mod`, `uid_number`, `expires`, `login_shell`, `gecos`,
        `attributes`. With `on_fault="skip"`, what is refused has a `ret_code` in its outcome; otherwise it refuses all.
        """
        return self._outcomes("/api/user/addUsers", cluster_id=cluster_id, users=list(users), on_fault=on_fault)

    def modify_users(self, *, cluster_id: str, usernames: Sequence[str], on_fault: str = ABSENT,
                     **changes: Any) -> list[UserOutcome]:
        """`POST /api/user/modifyUsers`: changes the same of up to 1,000 users; `changes` as of `modify_user`."""
        return self._outcomes("/api/user/modifyUsers", cluster_id=cluster_id, usernames=list(usernames), on_fault=on_fault,
                              **changes)

    def delete_users(self, *, cluster_id: str, usernames: Sequence[str], on_fault: str = ABSENT) -> list[UserOutcome]:
        """`POST /api/user/deleteUsers`: deletes up to 1,000 users; their homes stay."""
        return self._outcomes("/api/user/deleteUsers", cluster_id=cluster_id, usernames=list(usernames), on_fault=on_fault)

    def _outcomes(self, path: str, /, **members: Any) -> list[UserOutcome]:
        return [_parsed(UserOutcome, one) for one in self._command(path, **members)["outcome_set"]]

    def uid_history(self, *, cluster_id: str, uid_number: str | int, at: str = ABSENT) -> list[UidHolder]:
        """`GET /api/user/uidHistory`: who holds or held a uid, or did so at a time."""
        response = self._read("/api/user/uidHistory", cluster_id=cluster_id, uid_number=uid_number, at=at)
        return [_parsed(UidHolder, holder) for holder in response["holder_set"]]

    # Clusters

    def list_clusters(self, *, cluster_id: str = ABSENT, cluster_type: str = ABSENT, search_word: str = ABSENT,
                      owner: str = ABSENT, sort_key: str = ABSENT, reverse: bool = False) -> Pages[Cluster]:
        """`GET /api/cluster/list`: the clusters of the zone that the key may see."""
        return self._pages("/api/cluster/list", ("cluster_set",), Cluster, cluster_id=cluster_id,
                           cluster_type=cluster_type, search_word=search_word, owner=owner, sort_key=sort_key,
                           reverse=reverse)

    def create_cluster(self, *, cluster_id: str = ABSENT, cluster_type: str = ABSENT, cluster_name: str = ABSENT,
                       nas_mount_point: str = ABSENT, home_template: str = ABSENT, login_shell: str = ABSENT,
                       uid_first: str | int = ABSENT, uid_last: str | int = ABSENT, name_rule: str = ABSENT,
                       password_rule: str = ABSENT, description: str = ABSENT, group_name: str = ABSENT,
                       gid_number: str | int = ABSENT) -> str:
        """`POST /api/cluster/createCluster`: creates a cluster. Returns its `cluster_id`."""
        return self._command(
            "/api/cluster/createCluster", cluster_id=cluster_id, cluster_type=cluster_type, cluster_name=cluster_name,
            nas_mount_point=nas_mount_point, home_template=home_template, login_shell=login_shell,
            uid_first=uid_first, uid_last=uid_last, name_rule=name_rule, password_rule=password_rule,
            description=description, group_name=group_name, gid_number=gid_number)["cluster_id"]

    def modify_cluster(self, *, cluster_id: str, cluster_name: str = ABSENT, nas_mount_point: str = ABSENT,
                       home_template: str = ABSENT, login_shell: str = ABSENT, uid_first: str | int = ABSENT,
                       uid_last: str | int = ABSENT, name_rule: str = ABSENT, password_rule: str = ABSENT,
                       description: str = ABSENT) -> str:
        """`POST /api/cluster/modifyCluster`: changes settings of a cluster. Returns the job."""
        return self._job(
            "/api/cluster/modifyCluster", cluster_id=cluster_id, cluster_name=cluster_name,
            nas_mount_point=nas_mount_point, home_template=home_template, login_shell=login_shell,
            uid_first=uid_first, uid_last=uid_last, name_rule=name_rule, password_rule=password_rule,
            description=description)

    # Groups

    def list_groups(self, *, cluster_id: str = ABSENT, search_word: str = ABSENT, sort_key: str = ABSENT,
                    reverse: bool = False) -> Pages[Group]:
        """`GET /api/group`: the groups that the key may see, with their members."""
        return self._pages("/api/group", ("group_set",), Group, cluster_id=cluster_id, search_word=search_word,
                           sort_key=sort_key, reverse=reverse)

    def describe_group(self, *, cluster_id: str, group_name: str = ABSENT,
                       gid_number: str | int = ABSENT) -> GroupDetails:
        """`GET /api/group/describeGroup`: one group, by its name or its gid."""
        response = self._read("/api/group/describeGroup", cluster_id=cluster_id, group_name=group_name,
                              gid_number=gid_number)
        return _parsed(GroupDetails, response["group"])

    def list_groups_of_user(self, *, cluster_id: str, username: str) -> list[GroupOfUser]:
        """`GET /api/group/listGroupsOfUser`: the groups of a user, and how it comes to be in each."""
        response = self._read("/api/group/listGroupsOfUser", cluster_id=cluster_id, username=username)
        return [_parsed(GroupOfUser, group) for group in response["group_set"]]

    def create_group(self, *, cluster_id: str, group_name: str, gid_number: str | int = ABSENT) -> str:
        """`POST /api/group/createGroup`: creates a supplementary group without members. Returns the job."""
        return self._job("/api/group/createGroup", cluster_id=cluster_id, group_name=group_name,
                         gid_number=gid_number)

    def modify_group(self, *, cluster_id: str, group_name: str, add_members: Sequence[str] = ABSENT,
                     remove_members: Sequence[str] = ABSENT, add_member_groups: Sequence[str] = ABSENT,
                     remove_member_groups: Sequence[str] = ABSENT, add_member_names: Sequence[str] = ABSENT,
                     remove_member_names: Sequence[str] = ABSENT, new_group_name: str = ABSENT) -> str:
        """`POST /api/group/modifyGroup`: adds and removes members, or renames it; all or nothing. Returns the job."""
        return self._job(
            "/api/group/modifyGroup", cluster_id=cluster_id, group_name=group_name, add_members=add_members,
            remove_members=remove_members, add_member_groups=add_member_groups,
            remove_member_groups=remove_member_groups, add_member_names=add_member_names,
            remove_member_names=remove_member_names, new_group_name=new_group_name)

    def delete_group(self, *, cluster_id: str, group_name: str) -> str:
        """`POST /api/group/deleteGroup`: deletes a group; its members stay. Returns the job."""
        return self._job("/api/group/deleteGroup", cluster_id=cluster_id, group_name=group_name)

    # Map entries

    def list_map_entries(self, *, cluster_id: str, kind: str = ABSENT, place: str = ABSENT, search_word: str = ABSENT,
                         reverse: bool = False) -> Pages[MapEntry]:
        """`GET /api/map`: sudo rules, automount maps, netgroups and their units, in the order of the tree."""
        return self._pages("/api/map", ("map_set",), MapEntry, cluster_id=cluster_id, kind=kind, place=place,
                           search_word=search_word, reverse=reverse)

    def describe_map_entry(self, *, cluster_id: str, place: str) -> MapEntryDetails:
        """`GET /api/map/describeEntry`: one map entry with its attributes."""
        return _parsed(MapEntryDetails, self._read("/api/map/describeEntry", cluster_id=cluster_id, place=place)["entry"])

    def put_map_entry(self, *, cluster_id: str, place: str, kind: str, attributes: Sequence[str]) -> str:
        """`POST /api/map/putEntry`: creates a map entry or replaces it. Returns the job.

        `attributes` are texts `name: value`, with every value that the entry is to have.
        """
        return self._job("/api/map/putEntry", cluster_id=cluster_id, place=place, kind=kind, attributes=attributes)

    def remove_map_entry(self, *, cluster_id: str, place: str, subordinates: bool = False) -> str:
        """`POST /api/map/removeEntry`: removes a map entry, with `subordinates` those below it too. Returns the job."""
        return self._job("/api/map/removeEntry", cluster_id=cluster_id, place=place,
                         subordinates="1" if subordinates else ABSENT)

    # Attributes that the site declares

    def list_attributes(self, *, reverse: bool = False) -> Pages[Attribute]:
        """`GET /api/attribute`: the attributes of users that the site declares, by name."""
        return self._pages("/api/attribute", ("attribute_set",), Attribute, reverse=reverse)

    def declare_attribute(self, *, name: str, syntax: str, multiple: bool = False, searchable: bool = False,
                          oid: str = ABSENT) -> str:
        """`POST /api/attribute/declareAttribute`: declares an attribute of users. Returns the job.

        `syntax` is `text`, `integer`, `boolean`, `dn` or `binary`.
        """
        return self._job("/api/attribute/declareAttribute", name=name, syntax=syntax, oid=oid,
                         multiple="1" if multiple else ABSENT, searchable="1" if searchable else ABSENT)

    def remove_attribute(self, *, name: str) -> str:
        """`POST /api/attribute/removeAttribute`: removes a declaration that no user needs. Returns the job."""
        return self._job("/api/attribute/removeAttribute", name=name)

    # Operations

    def list_operations(self, *, job_ids: str | Sequence[str] = ABSENT, resource_ids: str | Sequence[str] = ABSENT,
                        status: str = ABSENT, job_action: str = ABSENT, owner: str = ABSENT, start_time: str = ABSENT,
                        end_time: str = ABSENT, search_word: str = ABSENT, cluster_id: str = ABSENT,
                        username: str = ABSENT, reverse: bool = False) -> Pages[Job]:
        """`GET /api/operation`: the jobs that the key may see; with `reverse` the newest first."""
        return self._pages("/api/operation", ("job_set",), Job, job_ids=job_ids, resource_ids=resource_ids,
                           status=status, job_action=job_action, owner=owner, start_time=start_time,
                           end_time=end_time, search_word=search_word, cluster_id=cluster_id, username=username,
                           reverse=reverse)

    def export_operations(self, *, after: int = 0) -> Iterator[dict]:
        """`GET /api/operation/events`: each event after the one numbered `after`, with all that its code covers."""
        while events := self._read("/api/operation/events", after=str(after))["event_set"]:
            yield from events
            after = events[-1]["sequence"]

    def verify_operations(self, *, head: str = ABSENT) -> Verification:
        """`GET /api/operation/verify`: verifies the chain of the log, and that it leads through an earlier `head`."""
        return _parsed(Verification, self._read("/api/operation/verify", head=head))

    # Health

    def is_live(self) -> bool:
        """`GET /health/live`: whether the program runs."""
        try:
            return self._exchange("GET", "/health/live")[0] == 200
        except (NotConnected, NoResponse):
            return False

    def health(self) -> Health:
        """`GET /health/ready`: whether the server is ready. A `Busy` is raised while it starts."""
        status, headers, members = self._exchange("GET", "/health/ready")
        if status != 200:
            raise _error(status, headers, {"ret_code": 5100, "message": "the server is starting", **members})
        return _parsed(Health, members)

    def describe_api(self) -> dict:
        """`GET /api/openapi.json`: the description of all calls (OpenAPI 3.1)."""
        return self._exchange("GET", "/api/openapi.json")[2]

    # How a call is made

    def _pages(self, path: str, names: Sequence[str], element: type[Element], /, **parameters: Any) -> Pages[Element]:
        return Pages(lambda page: self._read(path, **parameters, **page), names, element)

    def _read(self, path: str, /, **parameters: Any) -> dict:
        sent = {name: _parameter(value) for name, value in parameters.items() if value is not ABSENT and value is not False}
        return self._call("GET", path, sent, b"")

    def _command(self, path: str, /, **members: Any) -> dict:
        present = {name: value for name, value in members.items() if value is not ABSENT}
        body = json.dumps({**present, "zone": self.zone}).encode()
        # Two equal commands in one second would have one signature, and be one command.
        return self._call("POST", path, {"nonce": secrets.token_hex(8)}, body)

    def _job(self, path: str, /, **members: Any) -> str:
        return self._command(path, **members).get("job_id", "")

    def _call(self, method: str, path: str, parameters: Mapping[str, str], body: bytes) -> dict:
        """The members of a response with `ret_code` 0. A request is sent again while that is safe and may help."""
        is_command = method == "POST"
        seconds = min(self.retry_seconds, COMMAND_SECONDS) if is_command else self.retry_seconds
        deadline, pause, may_have_run, target = time.monotonic() + seconds, FIRST_PAUSE, False, None
        while True:
            if target is None or not is_command:
                target = signed_target(self._key, method, path, {**parameters, "zone": self.zone}, body, self._clock())
            try:
                return self._responded(method, target, body)
            except RosterError as error:
                failure = error
            may_have_run = may_have_run or failure.may_have_run
            told = getattr(failure, "retry_after", None)
            wait = pause * random.uniform(0.5, 1) if told is None else told
            if not failure.worth_repeating or time.monotonic() + wait > deadline:
                break
            time.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE)
        if is_command and may_have_run and not failure.settles:
            raise OutcomeUnknown(f"{path}: whether it ran is not known: {failure}") from failure
        raise failure

    def _responded(self, method: str, target: str, body: bytes) -> dict:
        status, headers, members = self._exchange(method, target, body)
        if type(members.get("ret_code")) is not int:
            raise NoResponse(f"{self.endpoint}: the response of status {status} is none of Roster's")
        if status != 200 or members["ret_code"] != 0:
            raise _error(status, headers, members)
        if method == "POST" and (headers.get("Roster-Revision") or "").isdecimal():
            with self._lock:
                self.revision = max(self.revision, int(headers["Roster-Revision"]))
        return members

    def _exchange(self, method: str, target: str, body: bytes = b"") -> tuple[int, Mapping[str, str], dict]:
        """Sends one request on a connection of its own; gives status, headers and members of the response."""
        if self._tls:
            connection = http.client.HTTPSConnection(self._host, self._port, timeout=self.timeout, context=self._tls)
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self.timeout)
        headers = {"Connection": "close", "User-Agent": "roster.py"}
        if body:
            headers["Content-Type"] = "application/json"
        if self.revision:
            headers["Roster-Revision"] = str(self.revision)
        try:
            try:
                connection.connect()
            except ssl.SSLCertVerificationError as error:
                raise CertificateRefused(f"{self.endpoint}: {error.verify_message}") from error
            except OSError as error:
                raise NotConnected(f"{self.endpoint}: {error}") from error
            try:
                connection.request(method, target, body or None, headers)
                response = connection.getresponse()
                status, text = response.status, response.read()
            except (OSError, http.client.HTTPException) as error:
                raise NoResponse(f"{self.endpoint}: no response: {error or type(error).__name__}") from error
        finally:
            connection.close()
        try:
            members = json.loads(text)
        except ValueError:
            members = None
        if not isinstance(members, dict):
            raise NoResponse(f"{self.endpoint}: the response of status {status} is none of Roster's")
        return status, response.headers, members


def _parameter(value: Any) -> str:
    if value is True:
        return "1"
    return str(value) if isinstance(value, (str, int)) else ",".join(map(str, value))


def _error(status: int, headers: Mapping[str, str], members: Mapping[str, Any]) -> ApiError:
    code, told = members["ret_code"], headers.get("Retry-After") or ""
    return ERRORS.get(code, ApiError)(
        code, str(members.get("message", "")), status=status, request_id=headers.get("Roster-Request-Id"),
        retry_after=float(told) if told.isdecimal() else None)


# The command line


def _printable(text: object) -> str:
    """A name that was imported may hold anything; nothing of it reaches the terminal as a control character."""
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in str(text))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="A quick look at the users of a cluster.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="print users, separated by tabs", allow_abbrev=False)
    for option, told in (
            ("endpoint", f"the server (ROSTER_ENDPOINT; default {DEFAULT_ENDPOINT})"), ("zone", "ROSTER_ZONE"),
            ("ca-file", "a PEM file: who may sign the server's certificate (ROSTER_CA_FILE)"),
            ("cluster-id", "only users of this cluster"), ("search-word", "only users whose name holds this")):
        listing.add_argument(f"--{option}", help=told)
    options = vars(parser.parse_args(arguments))
    asked = {name: options[name] for name in ("cluster_id", "search_word") if options[name] is not None}
    columns = "username", "uid_number", "gid_number", "role", "cluster_id", "nas_mount_point"
    try:
        client = Client.from_settings(endpoint=options["endpoint"], zone=options["zone"], ca_file=options["ca_file"],
                                      retry_seconds=1)
        users = client.list_users(**asked)
        total = users.count()
        print(*columns, sep="\t")
        for user in users:
            print(*(_printable(getattr(user, column)) for column in columns), sep="\t")
        print(f"{total} users", file=sys.stderr)
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except RosterError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
