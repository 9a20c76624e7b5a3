"""The people of the test site: four clusters in two zones, as the rows of one CSV file a zone."""

import csv
import hashlib
from datetime import datetime, timedelta

ZONE, FAR_ZONE, EMPTY_ZONE = "pek3", "sh1a", "nowhere1"
ALPHA, BETA, BULK, FAR = "hpc-alpha001", "ehpc-beta0002", "hpc-bulk0003", "hpc-far00004"
UNKNOWN_CLUSTER = "hpc-zzzzzz99"

BOSS, ADMIN, MEMBER = "usr-BossOne1", "usr-AdminAl1", "usr-MemberA1"
TWO_ROWS = "usr-TwoRows1"  # admin of BETA, member of ALPHA
FAR_ADMIN = "usr-AdminFa1"
NOBODY = "usr-Nobody01"

FIELDS = [
    "cluster_id", "create_time", "gid_number", "hpcuser_id", "mod", "nas_mount_point",
    "role", "uid_number", "update_time", "user_id", "username",
]

# Each name with a sign that some layer might take for syntax stands beside one that only a pattern would match.
ODD_NAMES = [
    "under_score", "underXscore", "fifty%off", "fiftyXoff", "star*name", "starXname", "dot.name", "dotXname",
    "MixedCase", "DBAdmin", "zoë", "李雷", "Ünal", "o'brien", 'quo"te', "smith, j", "back\\slash", "a+b", "Anna Maria",
    "amp&eq=x", "hash#tag", "q?mark", "per%20cent", "semi;colon", "[set]", "(group)", "^start", "end$", "x" * 64,
]


def digest(*parts, length: int = 8) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:length]


def moment(minutes: int) -> str:
    return (datetime(2021, 8, 17, 9, 12, 40) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(cluster: str, username: str, uid: int, minutes: int, **fields) -> dict:
    """A row as the API answers it. `mod` is None where it is null."""
    row = {
        "cluster_id": cluster,
        "create_time": moment(minutes),
        "gid_number": {ALPHA: "41000", BETA: "42000", BULK: "10000", FAR: "44000"}.get(cluster, "45000"),
        "hpcuser_id": "hpcuser-" + digest("row", cluster, username),
        "mod": None,
        "nas_mount_point": f"/public/shanhe/{cluster[-4:]}",
        "role": "member",
        "uid_number": str(uid),
        "update_time": moment(minutes + 5),
        "user_id": "usr-" + digest("account", cluster, username),
        "username": username,
    }
    return {**row, **fields}


def alpha_users() -> list:
    rows = [
        user(ALPHA, "admin", 41000, 0, user_id=ADMIN, role="admin", mod="755"),
        user(ALPHA, "tworows", 41001, 900, user_id=TWO_ROWS, mod="700"),
        user(ALPHA, "anna", 41002, 40, user_id=MEMBER, mod="700"),
    ]
    odd = [user(ALPHA, name, 41100 + n, 500 - 7 * n, mod="700" if n % 2 else None) for n, name in enumerate(ODD_NAMES)]
    return rows + odd


def beta_users() -> list:
    return [
        user(BETA, "boss", 42000, 30, user_id=BOSS, role="boss"),
        user(BETA, "tworows", 42001, 31, user_id=TWO_ROWS, role="admin"),
        user(BETA, "lowest", 1, 33, create_time="1970-01-01T00:00:00Z"),
        user(BETA, "highest", 4294967294, 32, create_time="2099-12-31T23:59:59Z", update_time="2099-12-31T23:59:59Z"),
        user(BETA, "anna", 42002, 34),
    ]


def bulk_users() -> list:
    """126 users whose orders by time, name, number and update all differ; ten of them made in the same second."""
    rows = [user(BULK, "admin", 10000, 2000, role="admin")]
    uids = [uid for uid in range(9900, 10026) if uid != 10000]  # of four and of five digits
    for n in range(125):
        row = user(BULK, f"node{n:03}", uids[(n * 59) % 125], 3000 + (n * 37) % 125)
        row["update_time"] = moment(9000 + (n * 83) % 125)
        if n % 12 == 0 and n < 120:
            row["create_time"] = moment(2500)
        rows.append(row)
    return rows


def far_users() -> list:
    return [
        user(FAR, "admin", 44000, 10, user_id=FAR_ADMIN, role="admin"),
        user(FAR, "anna", 44001, 11),
        user(FAR, "faraway", 44002, 12),
    ]


HERE = alpha_users() + beta_users() + bulk_users()
THERE = far_users()


def oldest_first(rows) -> list:
    return sorted(rows, key=lambda row: (row["create_time"], row["hpcuser_id"]))


def of_cluster(cluster: str) -> list:
    return oldest_first(row for row in HERE + THERE if row["cluster_id"] == cluster)


def of_account(user_id: str) -> list:
    return oldest_first(row for row in HERE if row["user_id"] == user_id)


def named_like(word: str, rows=HERE) -> list:
    return oldest_first(row for row in rows if word.lower() in row["username"].lower())


def write_csv(path, rows, fields=FIELDS) -> str:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fields, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)
