-- A store of schema step 8, as the program of its time wrote it. Its seal key, and the secret of its access key:
-- roster-seal-key 1 qH63phcaEMJFMfJM4W4r0bzkEPzAmVgDwL/a0DBCiYY=
-- {"access_key_id":"RNMADYXXVIPEMYBXQYGF","secret_access_key":"XmUVddo5I64LkpOPPdFUgmPBoNh2lrFEOwpPqijN"}
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1 directory');
INSERT INTO grdb_migrations VALUES('2 indexes that can be made again');
INSERT INTO grdb_migrations VALUES('3 jobs of the operation log');
INSERT INTO grdb_migrations VALUES('4 attributes of users');
INSERT INTO grdb_migrations VALUES('5 map entries');
INSERT INTO grdb_migrations VALUES('6 further members of groups');
INSERT INTO grdb_migrations VALUES('7 checksums of rows');
INSERT INTO grdb_migrations VALUES('8 attributes that the site declares');
CREATE TABLE meta (
    name TEXT PRIMARY KEY, number INTEGER NOT NULL DEFAULT 0, bytes BLOB
) WITHOUT ROWID;
INSERT INTO meta VALUES('backup',1795813253,X'302e312e300a613430383364653831376438643262643737353337653432663565616232613330636562366233393430633161323832666432346363643366623661643065330a31303a62616136316565373263323933373661656561623965613539653364363737646261326564623063386166653161616630396332316266373339653930326465');
INSERT INTO meta VALUES('revision',6,NULL);
INSERT INTO meta VALUES('seal_canary',1,X'42b234872dda744a9987c3103b4a062cd0168659415ba7563eed6b3475db7c9767b3');
CREATE TABLE clusters (
    cluster_id TEXT PRIMARY KEY, name TEXT NOT NULL, zone TEXT NOT NULL, cluster_type TEXT NOT NULL,
    nas_mount_point TEXT NOT NULL, home_template TEXT NOT NULL, login_shell TEXT NOT NULL,
    uid_first INTEGER NOT NULL CHECK (uid_first BETWEEN 1 AND 4294967294),
    uid_last INTEGER NOT NULL CHECK (uid_last BETWEEN uid_first AND 4294967294), description TEXT NOT NULL,
    name_rule TEXT NOT NULL, password_rule TEXT NOT NULL,
    create_time INTEGER NOT NULL, revision INTEGER NOT NULL
, checksum INTEGER);
INSERT INTO clusters VALUES('hpc-old00001','hpc-old00001','zone1','hpc','/share','{nas_mount_point}/home/{username}','/bin/bash',10000,59999,'','portable','standard',1795813249,1,7116077723461408288);
CREATE TABLE groups (
    cluster_id TEXT NOT NULL REFERENCES clusters,
    gid_number INTEGER NOT NULL CHECK (gid_number BETWEEN 1 AND 4294967294),
    name TEXT NOT NULL, name_key TEXT NOT NULL, is_primary INTEGER NOT NULL,
    revision INTEGER NOT NULL, deleted_time INTEGER, member_groups TEXT, member_names TEXT, create_time INTEGER, update_time INTEGER, checksum INTEGER,
    PRIMARY KEY (cluster_id, gid_number)
) WITHOUT ROWID;
INSERT INTO "groups" VALUES('hpc-old00001',10000,'staff','staff',1,1,NULL,NULL,NULL,1795813249,1795813249,-3212206459883366662);
INSERT INTO "groups" VALUES('hpc-old00001',10500,'optics','optics',0,1,NULL,NULL,NULL,1795813249,1795813249,-1841502549417263828);
CREATE TABLE number_ledger (
    cluster_id TEXT NOT NULL REFERENCES clusters, kind TEXT NOT NULL, number INTEGER NOT NULL,
    name TEXT NOT NULL, holder TEXT NOT NULL, from_time INTEGER NOT NULL, until_time INTEGER, checksum INTEGER,
    PRIMARY KEY (cluster_id, kind, number)
) WITHOUT ROWID;
INSERT INTO number_ledger VALUES('hpc-old00001','gid',10000,'staff','',1795813249,NULL,7475741387350799178);
INSERT INTO number_ledger VALUES('hpc-old00001','gid',10500,'optics','',1795813249,NULL,8880482958519659489);
INSERT INTO number_ledger VALUES('hpc-old00001','uid',10001,'li','hpcuser-9qzcrhh8',1795813249,NULL,-7853885671133009385);
INSERT INTO number_ledger VALUES('hpc-old00001','uid',10002,'zhang','hpcuser-hoimfn3l',1795813249,NULL,-5219248280413257751);
INSERT INTO number_ledger VALUES('hpc-old00001','uid',10003,'wang','hpcuser-q13yze8u',1795813253,NULL,2763273361941568226);
INSERT INTO number_ledger VALUES('hpc-old00001','uid',10004,'chen','hpcuser-6ys2p1bh',1795813253,1795813253,5480311299330559322);
CREATE TABLE access_keys (
    access_key_id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT, cluster_id TEXT,
    seal_version INTEGER NOT NULL, sealed_secret BLOB NOT NULL,
    create_time INTEGER NOT NULL, revoke_time INTEGER, revision INTEGER NOT NULL
, checksum INTEGER);
INSERT INTO access_keys VALUES('RNMADYXXVIPEMYBXQYGF','operator','usr-oper0001',NULL,1,X'd9f03e71c6984fddb2cb8fbdded13cdd4e96b250da540df06ed6b45005adbecf6a4a7acad4945e7bf4e30944d5d91fb3378381c75cbda525c33742968e211433a736032b',1795813249,NULL,2,3603812133417316188);
CREATE TABLE operations (
    sequence INTEGER PRIMARY KEY, job_id TEXT NOT NULL, time INTEGER NOT NULL,
    action TEXT NOT NULL, owner TEXT, submitter TEXT NOT NULL, origin TEXT NOT NULL,
    clusters TEXT NOT NULL, resources TEXT NOT NULL, status TEXT NOT NULL,
    error_code TEXT, message TEXT NOT NULL, code BLOB NOT NULL
);
INSERT INTO operations VALUES(1,'j-h6ws1c5e6fp',1795813249,'ImportUsers',NULL,'os:root','local','hpc-old00001','hpc-old00001','successful',NULL,'2 new, 0 changed, 0 unchanged, 0 conflicting, 0 refused; groups: 1 new',X'ddcee26c7f6b6e81dfffd7e435c1abaf145b3605e679626947dc9581d0d86b13');
INSERT INTO operations VALUES(2,'j-v01w3zcrnlc',1795813249,'CreateAccessKey',NULL,'os:root','local','','RNMADYXXVIPEMYBXQYGF','successful',NULL,'operator key for usr-oper0001',X'24effc3cdab9aba1b8d86c5d23b9673b77e194f96c75ceb21b2c78a672b9b2c2');
INSERT INTO operations VALUES(3,'j-49c27f14n2v',1795813253,'AddUser','usr-oper0001','RNMADYXXVIPEMYBXQYGF','127.0.0.1','hpc-old00001','wang hpcuser-q13yze8u','pending',NULL,'asked',X'06fb1e5bd02e5f53ff62eb1cf8d4239846f9d61b20273bf463f9e726c4893ff1');
INSERT INTO operations VALUES(4,'j-49c27f14n2v',1795813253,'AddUser','usr-oper0001','RNMADYXXVIPEMYBXQYGF','127.0.0.1','hpc-old00001','wang hpcuser-q13yze8u','successful',NULL,'directory: added; home: skipped, this server makes none',X'8af69a32f1b26ad5c27406d97c90f602658f3af4f1647d9c994784e733b94969');
INSERT INTO operations VALUES(5,'j-t7l881mph4j',1795813253,'AddUser','usr-oper0001','RNMADYXXVIPEMYBXQYGF','127.0.0.1','hpc-old00001','chen hpcuser-6ys2p1bh','pending',NULL,'asked',X'1b5f55c97f8a6a03877c9121e15a117d54620aafb75f7aac94254587d201eecf');
INSERT INTO operations VALUES(6,'j-t7l881mph4j',1795813253,'AddUser','usr-oper0001','RNMADYXXVIPEMYBXQYGF','127.0.0.1','hpc-old00001','chen hpcuser-6ys2p1bh','successful',NULL,'directory: added; home: skipped, this server makes none',X'4ecd982696a780b37baaa5513d3e428bace1c226a9b6779adb653f275c14b151');
INSERT INTO operations VALUES(7,'j-1v9kc39jlib',1795813253,'DeleteUser','usr-oper0001','RNMADYXXVIPEMYBXQYGF','127.0.0.1','hpc-old00001','chen hpcuser-6ys2p1bh','pending',NULL,'asked',X'030ca9bedae627888b07bd672acb2a4946bed51877938c7e95c06a2da8d2d071');
INSERT INTO operations VALUES(8,'j-1v9kc39jlib',1795813253,'DeleteUser','usr-oper0001','RNMADYXXVIPEMYBXQYGF','127.0.0.1','hpc-old00001','chen hpcuser-6ys2p1bh','successful',NULL,'directory: removed; home: kept',X'b0594837451abb447a3b02b7052bdae051535226eb160ea9fa0cbf99221ecca7');
INSERT INTO operations VALUES(9,'j-771n2cnaphr',1795813253,'ModifyUser','usr-oper0001','RNMADYXXVIPEMYBXQYGF','127.0.0.1','hpc-old00001','zhang hpcuser-hoimfn3l','pending',NULL,'asked',X'936cb985add7db564d467d39d0daa671c3851dd57b317424a0d9c15bdb3ff1f7');
INSERT INTO operations VALUES(10,'j-771n2cnaphr',1795813253,'ModifyUser','usr-oper0001','RNMADYXXVIPEMYBXQYGF','127.0.0.1','hpc-old00001','zhang hpcuser-hoimfn3l','successful',NULL,'locked',X'baa61ee72c29376aeeab9ea59e3d677dba2edb0c8afe1aaf09c21bf739e902de');
CREATE TABLE answered_requests (
    digest BLOB PRIMARY KEY, expires INTEGER NOT NULL, job_id TEXT, code TEXT, message TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO answered_requests VALUES(X'157274a41cd11348662b9cec5922df60bd82a304172188226fed60f4b5b8461d',1795813913,'j-771n2cnaphr',NULL,'');
INSERT INTO answered_requests VALUES(X'1744d97a75dfc4008ca6f37a524941e98f17c6060932ea8524361dd31691e8f7',1795813913,'j-1v9kc39jlib',NULL,'');
INSERT INTO answered_requests VALUES(X'4a491b2fd2ba16ce0dff2073e6cab84442645bf726c7571002a4e2d4edd7bf4e',1795813913,'j-49c27f14n2v',NULL,'');
INSERT INTO answered_requests VALUES(X'd6b75bfa5f14f17ebe8e0d98690ea319087d4c56f9c476631e05f3fdcc0ddd64',1795813913,'j-t7l881mph4j',NULL,'');
CREATE TABLE IF NOT EXISTS "users" (
    hpcuser_id TEXT NOT NULL,
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
, attributes TEXT, checksum INTEGER);
INSERT INTO users VALUES('hpcuser-9qzcrhh8','hpc-old00001','usr-SaEigAjV','li','li',10001,10000,'member',NULL,'/share','/share/home/li','/bin/bash','',1795813249,1795813249,'active',NULL,'$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/',NULL,1,NULL,replace('mail: li@example.com\n','\n',char(10)),8546275656593912294);
INSERT INTO users VALUES('hpcuser-hoimfn3l','hpc-old00001','usr-nGGerl4D','zhang','zhang',10002,10000,'member',NULL,'/share','/share/home/zhang','/bin/bash','',1795813249,1795813253,'locked',NULL,NULL,NULL,6,NULL,NULL,-4098177309393373828);
INSERT INTO users VALUES('hpcuser-q13yze8u','hpc-old00001','usr-zey013Gr','wang','wang',10003,10000,'member',NULL,'/share','/share/home/wang','/bin/bash','',1795813253,1795813253,'active',NULL,'$y$j9T$uqSk.MX0vVhAK7hlcS0a0/$WbNiRz.v7QQLUz6w11fYZ5IUw5zDsklAhOp6MVQPBW5',1795813253,3,NULL,NULL,3620394124942868112);
INSERT INTO users VALUES('hpcuser-6ys2p1bh','hpc-old00001','usr-TVluYsRX','chen','chen',10004,10000,'member',NULL,'/share','/share/home/chen','/bin/bash','',1795813253,1795813253,'active',NULL,NULL,1795813253,5,1795813253,NULL,2434320065862163391);
CREATE TABLE IF NOT EXISTS "group_members" (
    cluster_id TEXT NOT NULL, gid_number INTEGER NOT NULL,
    hpcuser_id TEXT NOT NULL REFERENCES users (hpcuser_id), checksum INTEGER,
    PRIMARY KEY (cluster_id, gid_number, hpcuser_id),
    FOREIGN KEY (cluster_id, gid_number) REFERENCES groups
) WITHOUT ROWID;
INSERT INTO group_members VALUES('hpc-old00001',10500,'hpcuser-9qzcrhh8',-6520140647939646381);
INSERT INTO group_members VALUES('hpc-old00001',10500,'hpcuser-hoimfn3l',6209550172787842400);
CREATE TABLE jobs (
    ordinal INTEGER PRIMARY KEY, job_id TEXT NOT NULL UNIQUE,
    first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL,
    status TEXT NOT NULL, action TEXT NOT NULL, owner TEXT, create_time INTEGER NOT NULL
);
INSERT INTO jobs VALUES(1,'j-h6ws1c5e6fp',1,1,'successful','ImportUsers',NULL,1795813249);
INSERT INTO jobs VALUES(2,'j-v01w3zcrnlc',2,2,'successful','CreateAccessKey',NULL,1795813249);
INSERT INTO jobs VALUES(3,'j-49c27f14n2v',3,4,'successful','AddUser','usr-oper0001',1795813253);
INSERT INTO jobs VALUES(4,'j-t7l881mph4j',5,6,'successful','AddUser','usr-oper0001',1795813253);
INSERT INTO jobs VALUES(5,'j-1v9kc39jlib',7,8,'successful','DeleteUser','usr-oper0001',1795813253);
INSERT INTO jobs VALUES(6,'j-771n2cnaphr',9,10,'successful','ModifyUser','usr-oper0001',1795813253);
CREATE TABLE job_links (
    kind TEXT NOT NULL, value TEXT NOT NULL, ordinal INTEGER NOT NULL REFERENCES jobs,
    PRIMARY KEY (kind, value, ordinal)
) WITHOUT ROWID;
INSERT INTO job_links VALUES('c','hpc-old00001',1);
INSERT INTO job_links VALUES('r','hpc-old00001',1);
INSERT INTO job_links VALUES('r','RNMADYXXVIPEMYBXQYGF',2);
INSERT INTO job_links VALUES('c','hpc-old00001',3);
INSERT INTO job_links VALUES('r','hpcuser-q13yze8u',3);
INSERT INTO job_links VALUES('r','wang',3);
INSERT INTO job_links VALUES('c','hpc-old00001',4);
INSERT INTO job_links VALUES('r','chen',4);
INSERT INTO job_links VALUES('r','hpcuser-6ys2p1bh',4);
INSERT INTO job_links VALUES('c','hpc-old00001',5);
INSERT INTO job_links VALUES('r','chen',5);
INSERT INTO job_links VALUES('r','hpcuser-6ys2p1bh',5);
INSERT INTO job_links VALUES('c','hpc-old00001',6);
INSERT INTO job_links VALUES('r','hpcuser-hoimfn3l',6);
INSERT INTO job_links VALUES('r','zhang',6);
CREATE TABLE map_entries (
    cluster_id TEXT NOT NULL REFERENCES clusters, place_key TEXT NOT NULL,
    kind TEXT NOT NULL, place TEXT NOT NULL, attributes TEXT NOT NULL,
    create_time INTEGER NOT NULL, update_time INTEGER NOT NULL,
    revision INTEGER NOT NULL, deleted_time INTEGER, checksum INTEGER,
    PRIMARY KEY (cluster_id, place_key)
);
CREATE TABLE attribute_declarations (
    name_key TEXT PRIMARY KEY, name TEXT NOT NULL, oid TEXT NOT NULL, syntax TEXT NOT NULL,
    is_multiple INTEGER NOT NULL, is_searchable INTEGER NOT NULL,
    create_time INTEGER NOT NULL, remove_time INTEGER, revision INTEGER NOT NULL, checksum INTEGER
);
CREATE INDEX clusters_revision ON clusters (revision);
CREATE UNIQUE INDEX groups_name ON groups (cluster_id, name_key) WHERE deleted_time IS NULL;
CREATE INDEX groups_revision ON groups (revision);
CREATE INDEX access_keys_revision ON access_keys (revision);
CREATE INDEX operations_job ON operations (job_id);
CREATE INDEX answered_requests_expires ON answered_requests (expires);
CREATE UNIQUE INDEX users_id ON users (hpcuser_id);
CREATE UNIQUE INDEX users_name ON users (cluster_id, name_key) WHERE deleted_time IS NULL;
CREATE INDEX users_revision ON users (revision);
CREATE INDEX group_members_user ON group_members (hpcuser_id);
CREATE INDEX jobs_status ON jobs (status);
CREATE INDEX jobs_action ON jobs (action);
CREATE INDEX jobs_owner ON jobs (owner);
CREATE INDEX jobs_time ON jobs (create_time);
CREATE INDEX job_links_job ON job_links (ordinal);
CREATE INDEX map_entries_revision ON map_entries (revision);
COMMIT;
