-- A store of schema step 1, as the program of its time wrote it. Its seal key, and the secret of its access key:
-- roster-seal-key 1 LasvQRzgRmCN4iMvAFR4mvYAZ4HGSvIiAc7C/vpVvjA=
-- {"access_key_id":"OKLRDCDPFIUEVLPGXTHR","secret_access_key":"xTJKLhkIWwfvguIn4Ymr7xrVNe8WoGa1lz0lDcZH"}
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1 directory');
CREATE TABLE meta (
    name TEXT PRIMARY KEY, number INTEGER NOT NULL DEFAULT 0, bytes BLOB
) WITHOUT ROWID;
INSERT INTO meta VALUES('revision',6,NULL);
INSERT INTO meta VALUES('seal_canary',1,X'6fc3f2f4b42ad75d0dfb1f86a99e969525a0449691a420c623cd6875c0ee613273ca');
CREATE TABLE clusters (
    cluster_id TEXT PRIMARY KEY, name TEXT NOT NULL, zone TEXT NOT NULL, cluster_type TEXT NOT NULL,
    nas_mount_point TEXT NOT NULL, home_template TEXT NOT NULL, login_shell TEXT NOT NULL,
    uid_first INTEGER NOT NULL CHECK (uid_first BETWEEN 1 AND 4294967294),
    uid_last INTEGER NOT NULL CHECK (uid_last BETWEEN uid_first AND 4294967294), description TEXT NOT NULL,
    name_rule TEXT NOT NULL, password_rule TEXT NOT NULL,
    create_time INTEGER NOT NULL, revision INTEGER NOT NULL
);
INSERT INTO clusters VALUES('hpc-old00001','hpc-old00001','zone1','hpc','/share','{nas_mount_point}/home/{username}','/bin/bash',10000,59999,'','portable','standard',1795813234,1);
CREATE TABLE users (
    hpcuser_id TEXT PRIMARY KEY,
    cluster_id TEXT NOT NULL REFERENCES clusters,
    user_id TEXT NOT NULL,
    username TEXT NOT NULL, name_key TEXT NOT NULL,
    uid_number INTEGER NOT NULL CHECK (uid_number BETWEEN 1 AND 4294967294),
    gid_number INTEGER NOT NULL CHECK (gid_number BETWEEN 1 AND 4294967294),
    role TEXT NOT NULL, mode INTEGER CHECK (mode BETWEEN 0 AND 4095), nas_mount_point TEXT NOT NULL,
    home_directory TEXT NOT NULL, login_shell TEXT NOT NULL, gecos TEXT NOT NULL,
    create_time INTEGER NOT NULL, update_time INTEGER NOT NULL,
    state TEXT NOT NULL, expires INTEGER, password_hash TEXT, password_time INTEGER,
    revision INTEGER NOT NULL,
    deleted_time INTEGER  -- a tombstone where it is set
);
INSERT INTO users VALUES('hpcuser-m3340w5m','hpc-old00001','usr-IDk1Zsq7','li','li',10001,10000,'member',NULL,'/share','/share/home/li','/bin/bash','',1795813234,1795813234,'active',NULL,'$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/',NULL,1,NULL);
INSERT INTO users VALUES('hpcuser-x9rcxqs9','hpc-old00001','usr-IsQ8WY4H','zhang','zhang',10002,10000,'member',NULL,'/share','/share/home/zhang','/bin/bash','',1795813234,1795813238,'locked',NULL,NULL,NULL,6,NULL);
INSERT INTO users VALUES('hpcuser-te6w21ni','hpc-old00001','usr-BK5ITYpe','wang','wang',10003,10000,'member',NULL,'/share','/share/home/wang','/bin/bash','',1795813238,1795813238,'active',NULL,'$y$j9T$tMGFFRSHu.QsNOy5TeAn21$Rv.1n5j2yPuuvlUV2Kew5sqHuhf/2P9DDvZjUCOw8fA',1795813238,3,NULL);
INSERT INTO users VALUES('hpcuser-mkcnranq','hpc-old00001','usr-p2jhtVZ7','chen','chen',10004,10000,'member',NULL,'/share','/share/home/chen','/bin/bash','',1795813238,1795813238,'active',NULL,NULL,1795813238,5,1795813238);
CREATE TABLE groups (
    cluster_id TEXT NOT NULL REFERENCES clusters,
    gid_number INTEGER NOT NULL CHECK (gid_number BETWEEN 1 AND 4294967294),
    name TEXT NOT NULL, name_key TEXT NOT NULL, is_primary INTEGER NOT NULL,
    revision INTEGER NOT NULL, deleted_time INTEGER,
    PRIMARY KEY (cluster_id, gid_number)
) WITHOUT ROWID;
INSERT INTO "groups" VALUES('hpc-old00001',10000,'staff','staff',1,1,NULL);
CREATE TABLE group_members (
    cluster_id TEXT NOT NULL, gid_number INTEGER NOT NULL,
    hpcuser_id TEXT NOT NULL REFERENCES users,
    PRIMARY KEY (cluster_id, gid_number, hpcuser_id),
    FOREIGN KEY (cluster_id, gid_number) REFERENCES groups
) WITHOUT ROWID;
CREATE TABLE number_ledger (
    cluster_id TEXT NOT NULL REFERENCES clusters, kind TEXT NOT NULL, number INTEGER NOT NULL,
    name TEXT NOT NULL, holder TEXT NOT NULL, from_time INTEGER NOT NULL, until_time INTEGER,
    PRIMARY KEY (cluster_id, kind, number)
) WITHOUT ROWID;
INSERT INTO number_ledger VALUES('hpc-old00001','gid',10000,'li','',1795813234,NULL);
INSERT INTO number_ledger VALUES('hpc-old00001','uid',10001,'li','hpcuser-m3340w5m',1795813234,NULL);
INSERT INTO number_ledger VALUES('hpc-old00001','uid',10002,'zhang','hpcuser-x9rcxqs9',1795813234,NULL);
INSERT INTO number_ledger VALUES('hpc-old00001','uid',10003,'wang','hpcuser-te6w21ni',1795813238,NULL);
INSERT INTO number_ledger VALUES('hpc-old00001','uid',10004,'chen','hpcuser-mkcnranq',1795813238,1795813238);
CREATE TABLE access_keys (
    access_key_id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT, cluster_id TEXT,
    seal_version INTEGER NOT NULL, sealed_secret BLOB NOT NULL,
    create_time INTEGER NOT NULL, revoke_time INTEGER, revision INTEGER NOT NULL
);
INSERT INTO access_keys VALUES('OKLRDCDPFIUEVLPGXTHR','operator','usr-oper0001',NULL,1,X'c27bdf7fbd08acedb40477f7673c9cb01fcc1fe77d76f73a549bd404c7734428a1c0321fd40f671affc47566322a7890ca8696e3f38f10fdce7d74abe521485ed9a969ac',1795813234,NULL,2);
CREATE TABLE operations (
    sequence INTEGER PRIMARY KEY, job_id TEXT NOT NULL, time INTEGER NOT NULL,
    action TEXT NOT NULL, owner TEXT, submitter TEXT NOT NULL, origin TEXT NOT NULL,
    clusters TEXT NOT NULL, resources TEXT NOT NULL, status TEXT NOT NULL,
    error_code TEXT, message TEXT NOT NULL, code BLOB NOT NULL
);
INSERT INTO operations VALUES(1,'j-w4ne8rb2cxl',1795813234,'ImportUsers',NULL,'os:root','local','hpc-old00001','hpc-old00001','successful',NULL,'2 new, 0 changed, 0 unchanged, 0 conflicting, 0 refused',X'f46c9b13512ff25cd288bdcabe29c73008569470b2d59b9fb321ce4e05a96df1');
INSERT INTO operations VALUES(2,'j-wmo3nmqq3e5',1795813234,'CreateAccessKey',NULL,'os:root','local','','OKLRDCDPFIUEVLPGXTHR','successful',NULL,'operator key for usr-oper0001',X'5534a7765cfbbe2d58af9205c24498feb2a0de02b7c4aa52ea39cb37b89b2aeb');
INSERT INTO operations VALUES(3,'j-bzrl5r8ekjs',1795813238,'AddUser','usr-oper0001','OKLRDCDPFIUEVLPGXTHR','127.0.0.1','hpc-old00001','wang hpcuser-te6w21ni','pending',NULL,'asked',X'26a3a16c02e9a754c1df0b2b6a10d369e29e37911d5a92c0e74729ea41584aec');
INSERT INTO operations VALUES(4,'j-bzrl5r8ekjs',1795813238,'AddUser','usr-oper0001','OKLRDCDPFIUEVLPGXTHR','127.0.0.1','hpc-old00001','wang hpcuser-te6w21ni','successful',NULL,'directory: added; home: skipped, this server makes none',X'02fd379da70e3491d2e472128f7906b7a1707561e3a87a69e26b81ba21140545');
INSERT INTO operations VALUES(5,'j-85h30nkhyg9',1795813238,'AddUser','usr-oper0001','OKLRDCDPFIUEVLPGXTHR','127.0.0.1','hpc-old00001','chen hpcuser-mkcnranq','pending',NULL,'asked',X'fb82fe01b1f88d798446c631a60e80917b49a32cf40edc6420e58da44b96607b');
INSERT INTO operations VALUES(6,'j-85h30nkhyg9',1795813238,'AddUser','usr-oper0001','OKLRDCDPFIUEVLPGXTHR','127.0.0.1','hpc-old00001','chen hpcuser-mkcnranq','successful',NULL,'directory: added; home: skipped, this server makes none',X'96173d365eb965f2ab671bc4f08aacfd42f262387f3356340acfd35eae0659af');
INSERT INTO operations VALUES(7,'j-omgdbyzp885',1795813238,'DeleteUser','usr-oper0001','OKLRDCDPFIUEVLPGXTHR','127.0.0.1','hpc-old00001','chen','pending',NULL,'asked',X'ae296359290aee8abcc14b4177c61f1f904efda05fce38da2b443e73bf311051');
INSERT INTO operations VALUES(8,'j-omgdbyzp885',1795813238,'DeleteUser','usr-oper0001','OKLRDCDPFIUEVLPGXTHR','127.0.0.1','hpc-old00001','chen','successful',NULL,'directory: removed; home: kept',X'7a0d0363da2af7918cf01f5130b84045a5965461475751f55ad7886190beee07');
INSERT INTO operations VALUES(9,'j-qvlbp73bi0o',1795813238,'ModifyUser','usr-oper0001','OKLRDCDPFIUEVLPGXTHR','127.0.0.1','hpc-old00001','zhang','pending',NULL,'asked',X'b1efe8327e6049ea7b83b66c127e0dc180525150a8000b6a756c7b747413faf5');
INSERT INTO operations VALUES(10,'j-qvlbp73bi0o',1795813238,'ModifyUser','usr-oper0001','OKLRDCDPFIUEVLPGXTHR','127.0.0.1','hpc-old00001','zhang','successful',NULL,'locked',X'80189e52aab6a855f1387c639c3c18a4b3aeb7b1ec9c417aa0ff337f1bd9e111');
CREATE TABLE answered_requests (
    digest BLOB PRIMARY KEY, expires INTEGER NOT NULL, job_id TEXT, code TEXT, message TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO answered_requests VALUES(X'1173a643a0b8be07fff75490521d83483282158fc5f729dff958ae096111033d',1795813898,'j-qvlbp73bi0o',NULL,'');
INSERT INTO answered_requests VALUES(X'68d32c6538b240ae284e451b469c84c978be15e41b1190a7c011971ff170b418',1795813898,'j-bzrl5r8ekjs',NULL,'');
INSERT INTO answered_requests VALUES(X'8a15b253d16c1271c359f9ceb94e7b79a5537e85aba729242831000789efb645',1795813898,'j-omgdbyzp885',NULL,'');
INSERT INTO answered_requests VALUES(X'c2564711e11f6572785e4bcc8108248ee3904e53fd133d2a3c928083ba1fa35a',1795813898,'j-85h30nkhyg9',NULL,'');
CREATE INDEX clusters_revision ON clusters (revision);
CREATE UNIQUE INDEX users_name ON users (cluster_id, name_key) WHERE deleted_time IS NULL;
CREATE INDEX users_revision ON users (revision);
CREATE UNIQUE INDEX groups_name ON groups (cluster_id, name_key) WHERE deleted_time IS NULL;
CREATE INDEX groups_revision ON groups (revision);
CREATE INDEX access_keys_revision ON access_keys (revision);
CREATE INDEX operations_job ON operations (job_id);
CREATE INDEX answered_requests_expires ON answered_requests (expires);
COMMIT;
