"""Random lives of a cluster against a simple model: names and numbers are unique, the ledger never gives a number twice,
the list is the model, and the log is complete.

Each example has a cluster and a zone of its own on one running server. `HYPOTHESIS_PROFILE` chooses between `local`
(other sequences each time; a failing one is shortened, which may take minutes), `ci` (the same sequences each time, and a
failing one is printed as it is; the default where `CI` is set) and `thorough` (some minutes).
"""

import itertools
import os
import tempfile
import time
import unittest

os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", os.path.join(tempfile.gettempdir(), "roster-hypothesis"))
try:
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
except ImportError:
    raise unittest.SkipTest("needs Hypothesis (Debian: python3-hypothesis)") from None

import people
from case import setUpModule, tearDownModule, within_a_second  # noqa: F401 (unittest looks for the two functions)
from people import user
from running_site import told
from write_case import ADD, DELETE, MODIFY, UID_RANGE, WriteCase

common = dict(database=None, deadline=None, print_blob=True, report_multiple_bugs=False,
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large])
settings.register_profile("local", max_examples=40, stateful_step_count=30, **common)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, phases=[Phase.explicit, Phase.generate])
settings.register_profile("thorough", max_examples=200, stateful_step_count=60, **common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))

ADMIN_UID = GID = 45_000
NAMES = ["ann", "bob", "cat", "dan", "eve"]
MALFORMED = ["Ann", "root", "-x"]
UIDS = range(20_000, 20_008)
IMPORTED_FIELDS = ["cluster_id", "username", "uid_number", "gid_number", "mod"]
REPLAY_SECONDS = 40  # a signed time is valid for 60
LOG_SECONDS = 10
STEPS_BETWEEN_RESTARTS = 6

clusters = itertools.count(1)
names = st.sampled_from(NAMES)
uids = st.sampled_from(UIDS)
rows = st.lists(st.tuples(names, uids), min_size=1, max_size=4, unique_by=lambda row: row[0])
forms = st.sampled_from([str, int])


class Life(RuleBasedStateMachine):
    case = WriteCase()  # for its calls and assertions

    @initialize()
    def begin(self):
        self.cluster = f"hpc-life{next(clusters):04}"
        admin = user(self.cluster, "admin", ADMIN_UID, 0, role="admin", gid_number=str(GID), mod="755")
        self.zone = self.case.new_cluster(self.cluster, admin)
        self.listed = {"admin": self.seen(admin)}  # name -> what the list must say
        self.identifiers = {admin["hpcuser_id"], admin["user_id"]}  # ever seen
        self.ledger = {ADMIN_UID: "admin"}  # every number ever given, with who had it first
        self.deleted: set = set()  # names that an import must leave deleted
        self.done: list = []  # jobs that were acknowledged
        self.refused = 0
        self.perhaps_logged = 0
        self.requests: list = []
        self.steps = self.restarted_at = 0

    # The model

    @staticmethod
    def seen(row) -> tuple:
        return row["uid_number"], row["gid_number"], row["role"], row["mod"], row["hpcuser_id"], row["user_id"]

    def found_rows(self) -> dict:
        return {row["username"]: row for row in self.case.all_users(cluster_id=self.cluster, zone=self.zone)}

    def listing(self) -> dict:
        return {name: self.seen(row) for name, row in self.found_rows().items()}

    def live_uids(self) -> set:
        return {int(seen[0]) for seen in self.listed.values()}

    def take_over(self, name: str, row: dict, uid=None):
        """A row that is new to the model: its number and identifiers must never have been seen."""
        number = int(row["uid_number"])
        assert number not in self.ledger, f"{name} got {number}, which {self.ledger[number]} has or had"
        assert uid is None or number == uid, f"{name} got {number} and not {uid}"
        assert uid is not None or number in UID_RANGE, f"{name} got {number}"
        for field in ("hpcuser_id", "user_id"):
            assert row[field] not in self.identifiers, f"{name} got {row[field]} of another"
            self.identifiers.add(row[field])
        assert (row["role"], row["gid_number"]) == ("member", str(GID)), row
        self.ledger[number] = name
        self.listed[name] = self.seen(row)

    def send(self, path: str, members: dict, codes: set) -> int:
        request = self.case.signed_write(path, members, zone=self.zone)
        answer = self.case.post(*request)
        self.case.assert_is_json(answer)
        code = answer.json["ret_code"]
        assert code in codes, f"expected one of {codes}: {answer}"
        self.requests.append((time.monotonic(), request, answer))
        if code == 0:
            self.done.append(self.case.assert_done(answer, path))
        elif code == 1520:
            self.perhaps_logged += 1  # Open in the documents: a malformed name may count as syntax, which is not logged.
        else:
            self.refused += 1
        return code

    # What may happen

    @rule(name=st.sampled_from(NAMES + MALFORMED))
    def add(self, name):
        self.add_user(name)

    @rule(name=names, uid=uids, form=forms)
    def add_with_a_number(self, name, uid, form):
        self.add_user(name, uid, form)

    @precondition(lambda self: len(self.ledger) > len(self.listed))
    @rule(name=names, which=st.integers(0, 20))
    def add_with_a_retired_number(self, name, which):
        retired = sorted(set(self.ledger) - self.live_uids())
        self.add_user(name, retired[which % len(retired)], str)

    def add_user(self, name, uid=None, form=str):
        faults = set()
        if name in MALFORMED:
            faults.add(1520)
        if name in self.listed:
            faults.add(1510)
        if name == "Ann" and "ann" in self.listed:
            faults.add(1510)
        if uid in self.ledger:
            faults.add(2110)
        asked = {} if uid is None else {"uid_number": form(uid)}
        code = self.send(ADD, self.case.add_members(name, self.cluster, self.zone, **asked), faults or {0})
        if code == 0:
            found = self.found_rows()
            assert name in found, f"{name} was added and is not listed"
            self.take_over(name, found[name], uid)
            self.deleted.discard(name)

    @rule(name=names, members=st.sampled_from([{}, {"state": "locked"}, {"state": "active"}, {"expires": None},
                                               {"expires": "2001-01-01T00:00:00Z"}, {"expires": "2090-01-01T00:00:00Z"}]))
    def modify(self, name, members):
        self.send(MODIFY, self.case.modify_members(name, self.cluster, self.zone, **members), {0 if name in self.listed else 1610})

    @rule(name=st.sampled_from(NAMES + ["admin"]))
    def delete_any(self, name):
        self.delete(name)

    def delete(self, name):
        code = 1400 if name == "admin" else 0 if name in self.listed else 1610
        self.send(DELETE, self.case.delete_members(name, self.cluster, self.zone), {code})
        if code == 0:
            del self.listed[name]
            self.deleted.add(name)

    @precondition(lambda self: len(self.listed) > 1)
    @rule(which=st.integers(0, len(NAMES)))
    def delete_a_member(self, which):
        members = sorted(set(self.listed) - {"admin"})
        self.delete(members[which % len(members)])

    @rule(wanted=rows, mod=st.sampled_from(["700", "750"]))
    def import_rows(self, wanted, mod):
        table = [{"cluster_id": self.cluster, "username": name, "uid_number": str(uid), "gid_number": str(GID), "mod": mod}
                 for name, uid in wanted]
        done = self.case.site.import_rows(self.zone, table, name="life.csv", fields=IMPORTED_FIELDS)
        assert done.returncode >= 0, f"ended by a signal: {told(done)}"
        fresh = [(name, uid) for name, uid in wanted if name not in self.listed and name not in self.deleted]
        numbers = [uid for _, uid in wanted]
        is_faulty = (any(name in self.listed and int(self.listed[name][0]) != uid for name, uid in wanted)
                     or any(uid in self.ledger for _, uid in fresh)
                     or len({uid for _, uid in fresh}) < len(fresh))
        # Open in the documents: whether a conflict that lies in a skipped row alone refuses the file.
        skipped = [(name, uid) for name, uid in wanted if name in self.deleted]
        may_be_faulty = is_faulty or len(set(numbers)) < len(numbers) or any(
            self.ledger.get(uid, name) != name or uid not in self.ledger for name, uid in skipped)
        if done.returncode != 0:
            assert may_be_faulty, f"refused without a conflict: {told(done)}"
            return
        assert not is_faulty, f"imported over a conflict: {told(done)}"
        expected = {name for name, _ in fresh} | set(self.listed)
        # A follower may take its half second: wait for the rows, then hold them against the model.
        modes = {name for name, _ in wanted if name in expected}
        assert within_a_second(lambda: (lambda now: set(now) == expected and all(now[name][3] == mod for name in modes))(self.listing())), \
            f"expected {expected}, listed {self.listing()}: {told(done)}"
        found = self.found_rows()
        for name, uid in fresh:
            self.take_over(name, found[name], uid)
        for name in modes:
            uid, gid, role, _, *identifiers = self.listed[name]
            self.listed[name] = (uid, gid, role, mod, *identifiers)

    @precondition(lambda self: any(time.monotonic() - at < REPLAY_SECONDS for at, *_ in self.requests))
    @rule(which=st.integers(0, 5))
    def replay(self, which):
        latest = [one for one in self.requests[-6:] if time.monotonic() - one[0] < REPLAY_SECONDS]
        if not latest:
            return
        _, request, first = latest[which % len(latest)]
        self.case.assert_same_answer(first, self.case.post(*request))

    @precondition(lambda self: self.steps - self.restarted_at >= STEPS_BETWEEN_RESTARTS)
    @rule(is_kill=st.booleans())
    def restart(self, is_kill):
        site = self.case.site
        site.kill() if is_kill else site.stop()
        site.serve()
        self.restarted_at = self.steps

    # What must hold after each step

    @invariant()
    def the_list_is_the_model(self):
        if not hasattr(self, "listed"):
            return
        self.steps += 1
        rows = self.case.all_users(cluster_id=self.cluster, zone=self.zone)
        for field in ("username", "uid_number", "hpcuser_id", "user_id"):
            values = [row[field].lower() if field == "username" else row[field] for row in rows]
            assert len(values) == len(set(values)), f"{field} twice: {values}"
        listed = {row["username"]: self.seen(row) for row in rows}
        assert listed == self.listed, f"listed {listed}\nmodel  {self.listed}"

    def teardown(self):
        if hasattr(self, "listed"):
            self.the_log_is_complete()

    def the_log_is_complete(self):
        asked = {"path": "/api/operation", "zone": self.zone, "owner": people.NOBODY}
        deadline = time.monotonic() + LOG_SECONDS
        jobs: list = []
        while True:
            answer = self.case.ask(**asked, limit=100, offset=len(jobs))
            self.case.assert_is_json(answer)
            assert answer.json["ret_code"] == 0, answer
            jobs += answer.json["job_set"]
            if len(jobs) < answer.json["total_count"]:
                assert answer.json["job_set"], answer
            elif any(job["status"] == "pending" for job in jobs) and time.monotonic() < deadline:
                jobs = []
            else:
                break
        successful = sorted(job["job_id"] for job in jobs if job["status"] == "successful")
        failed = [job for job in jobs if job["status"] == "failed"]
        assert len(successful) + len(failed) == len(jobs), f"pending: {jobs}"
        acknowledged = sorted(job for job in self.done if job)
        if len(acknowledged) == len(self.done):
            assert successful == acknowledged, f"log {successful}\nacknowledged {acknowledged}"
        else:
            assert set(acknowledged) <= set(successful) and len(successful) == len(self.done)
        assert self.refused <= len(failed) <= self.refused + self.perhaps_logged, \
            f"{self.refused} were refused, and {self.perhaps_logged} for their syntax; the log has {failed}"


class Properties(unittest.TestCase):
    def test_random_lives_keep_to_the_model(self):
        run_state_machine_as_test(Life)


if __name__ == "__main__":
    unittest.main()
