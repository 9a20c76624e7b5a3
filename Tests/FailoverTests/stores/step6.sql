-- A database of schema step 6, as the program of its time wrote it. Its seal key, and the secret of its access key:
-- roster-seal-key 1 SH9tXD/3ENd4CpNmmTKdWu/2Iu66so5nzAdd4nOQZis=
-- {"access_key_id":"JUUSLYDVUFFLKYVZFPYR","secret_access_key":"9MzC193Im1Bf22Obtg0qQKPQfMtFbLXUkZBZYIzI"}
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE roster.access_keys (
    access_key_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    user_id text,
    cluster_id text,
    seal_version bigint NOT NULL,
    sealed_secret bytea NOT NULL,
    create_time bigint NOT NULL,
    revoke_time bigint,
    revision bigint NOT NULL
);
CREATE TABLE roster.answered_requests (
    digest bytea NOT NULL,
    expires bigint NOT NULL,
    job_id text,
    code text,
    message text NOT NULL
);
CREATE TABLE roster.attribute_declarations (
    name_key text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    oid text NOT NULL,
    syntax text NOT NULL,
    is_multiple boolean NOT NULL,
    is_searchable boolean NOT NULL,
    create_time bigint NOT NULL,
    remove_time bigint,
    revision bigint NOT NULL
);
CREATE TABLE roster.clusters (
    cluster_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    zone text NOT NULL,
    cluster_type text NOT NULL,
    nas_mount_point text NOT NULL,
    home_template text NOT NULL,
    login_shell text NOT NULL,
    uid_first bigint NOT NULL,
    uid_last bigint NOT NULL,
    description text NOT NULL,
    name_rule text NOT NULL,
    password_rule text NOT NULL,
    create_time bigint NOT NULL,
    revision bigint NOT NULL,
    CONSTRAINT clusters_check CHECK (((uid_last >= uid_first) AND (uid_last <= '4294967294'::bigint))),
    CONSTRAINT clusters_uid_first_check CHECK (((uid_first >= 1) AND (uid_first <= '4294967294'::bigint)))
);
CREATE TABLE roster.group_members (
    cluster_id text NOT NULL COLLATE pg_catalog."C",
    gid_number bigint NOT NULL,
    hpcuser_id text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE roster.groups (
    cluster_id text NOT NULL COLLATE pg_catalog."C",
    gid_number bigint NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL COLLATE pg_catalog."C",
    is_primary boolean NOT NULL,
    revision bigint NOT NULL,
    deleted_time bigint,
    member_groups text,
    member_names text,
    create_time bigint,
    update_time bigint,
    CONSTRAINT groups_gid_number_check CHECK (((gid_number >= 1) AND (gid_number <= '4294967294'::bigint)))
);
CREATE TABLE roster.job_links (
    kind text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C",
    ordinal bigint NOT NULL
);
CREATE TABLE roster.jobs (
    ordinal bigint NOT NULL,
    job_id text NOT NULL COLLATE pg_catalog."C",
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    owner text COLLATE pg_catalog."C",
    create_time bigint NOT NULL
);
CREATE TABLE roster.map_entries (
    cluster_id text NOT NULL COLLATE pg_catalog."C",
    place_key text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    place text NOT NULL,
    attributes text NOT NULL,
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    revision bigint NOT NULL,
    deleted_time bigint
);
CREATE TABLE roster.meta (
    name text NOT NULL COLLATE pg_catalog."C",
    number bigint DEFAULT 0 NOT NULL,
    bytes bytea
);
CREATE TABLE roster.number_ledger (
    cluster_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    name text NOT NULL,
    holder text NOT NULL COLLATE pg_catalog."C",
    from_time bigint NOT NULL,
    until_time bigint
);
CREATE TABLE roster.operations (
    sequence bigint NOT NULL,
    job_id text NOT NULL,
    "time" bigint NOT NULL,
    action text NOT NULL,
    owner text,
    submitter text NOT NULL,
    origin text NOT NULL,
    clusters text NOT NULL,
    resources text NOT NULL,
    status text NOT NULL,
    error_code text,
    message text NOT NULL,
    code bytea NOT NULL
);
CREATE TABLE roster.schema_steps (
    step bigint NOT NULL,
    "time" timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE roster.users (
    hpcuser_id text NOT NULL COLLATE pg_catalog."C",
    cluster_id text NOT NULL COLLATE pg_catalog."C",
    user_id text NOT NULL,
    username text NOT NULL,
    name_key text NOT NULL COLLATE pg_catalog."C",
    uid_number bigint NOT NULL,
    gid_number bigint NOT NULL,
    role text NOT NULL,
    mode bigint,
    nas_mount_point text NOT NULL,
    home_directory text NOT NULL,
    login_shell text NOT NULL,
    gecos text NOT NULL,
    create_time bigint NOT NULL,
    update_time bigint NOT NULL,
    state text NOT NULL,
    expires bigint,
    password_hash text,
    password_time bigint,
    revision bigint NOT NULL,
    deleted_time bigint,
    attributes text,
    CONSTRAINT users_gid_number_check CHECK (((gid_number >= 1) AND (gid_number <= '4294967294'::bigint))),
    CONSTRAINT users_mode_check CHECK (((mode >= 0) AND (mode <= 4095))),
    CONSTRAINT users_uid_number_check CHECK (((uid_number >= 1) AND (uid_number <= '4294967294'::bigint)))
);
INSERT INTO roster.access_keys VALUES ('JUUSLYDVUFFLKYVZFPYR', 'operator', 'usr-oper0001', NULL, 1, '\xaccb0e3d7850c2788414c16d0c1a89f2d58359472cfa9600e47012ce9179aa644e4f40e8797cb4c34b1a9444d8626e4c296ef501c168ac42c7c864f33b8ae1353452493e', 1795813628, NULL, 2);
INSERT INTO roster.answered_requests VALUES ('\xc545779ccdbbf66900e5d494d071a12ddfd1cbcaad439432b7e3d54254423431', 1795814288, 'j-exym2du3gp8', NULL, '');
INSERT INTO roster.answered_requests VALUES ('\xedcdf30debad4a8e642e119b93c39350788e10aa4f53a6d63b7b0c1b5028ffab', 1795814288, 'j-7oo1k9w622z', NULL, '');
INSERT INTO roster.answered_requests VALUES ('\x022bc64ba8cd81fbc00c368f68fe3850505c905002e563a8281aabaaaa6c49fa', 1795814288, 'j-s7z94askhoh', NULL, '');
INSERT INTO roster.answered_requests VALUES ('\x7840e6ffc7e3d5ddfef948af5852a1be605ad9efdc01d9df4bda0a4590361d24', 1795814289, 'j-oh2wl7ay6pp', NULL, '');
INSERT INTO roster.clusters VALUES ('hpc-old00001', 'hpc-old00001', 'zone1', 'hpc', '/share', '{nas_mount_point}/home/{username}', '/bin/bash', 10000, 59999, '', 'portable', 'standard', 1795813628, 1);
INSERT INTO roster.group_members VALUES ('hpc-old00001', 10500, 'hpcuser-26xmolpr');
INSERT INTO roster.group_members VALUES ('hpc-old00001', 10500, 'hpcuser-g6r8dmz6');
INSERT INTO roster.groups VALUES ('hpc-old00001', 10000, 'staff', 'staff', true, 1, NULL, NULL, NULL, 1795813628, 1795813628);
INSERT INTO roster.groups VALUES ('hpc-old00001', 10500, 'optics', 'optics', false, 1, NULL, NULL, NULL, 1795813628, 1795813628);
INSERT INTO roster.job_links VALUES ('r', 'hpc-old00001', 1);
INSERT INTO roster.job_links VALUES ('c', 'hpc-old00001', 1);
INSERT INTO roster.job_links VALUES ('r', 'JUUSLYDVUFFLKYVZFPYR', 2);
INSERT INTO roster.job_links VALUES ('c', 'hpc-old00001', 3);
INSERT INTO roster.job_links VALUES ('r', 'wang', 3);
INSERT INTO roster.job_links VALUES ('r', 'hpcuser-z6i91md5', 3);
INSERT INTO roster.job_links VALUES ('c', 'hpc-old00001', 4);
INSERT INTO roster.job_links VALUES ('r', 'hpcuser-2eoudexa', 4);
INSERT INTO roster.job_links VALUES ('r', 'chen', 4);
INSERT INTO roster.job_links VALUES ('r', 'chen', 5);
INSERT INTO roster.job_links VALUES ('c', 'hpc-old00001', 5);
INSERT INTO roster.job_links VALUES ('r', 'hpcuser-2eoudexa', 5);
INSERT INTO roster.job_links VALUES ('c', 'hpc-old00001', 6);
INSERT INTO roster.job_links VALUES ('r', 'hpcuser-g6r8dmz6', 6);
INSERT INTO roster.job_links VALUES ('r', 'zhang', 6);
INSERT INTO roster.jobs VALUES (1, 'j-0sqcvdfww4y', 1, 1, 'successful', 'ImportUsers', NULL, 1795813628);
INSERT INTO roster.jobs VALUES (2, 'j-m86rhviz9us', 2, 2, 'successful', 'CreateAccessKey', NULL, 1795813628);
INSERT INTO roster.jobs VALUES (3, 'j-exym2du3gp8', 3, 4, 'successful', 'AddUser', 'usr-oper0001', 1795813628);
INSERT INTO roster.jobs VALUES (4, 'j-7oo1k9w622z', 5, 6, 'successful', 'AddUser', 'usr-oper0001', 1795813628);
INSERT INTO roster.jobs VALUES (5, 'j-s7z94askhoh', 7, 8, 'successful', 'DeleteUser', 'usr-oper0001', 1795813628);
INSERT INTO roster.jobs VALUES (6, 'j-oh2wl7ay6pp', 9, 10, 'successful', 'ModifyUser', 'usr-oper0001', 1795813629);
INSERT INTO roster.meta VALUES ('seal_canary', 1, '\x3d2b641842905298d421704acb49f77abfbf441f202fb6fa910a018b2ef8d4869629');
INSERT INTO roster.meta VALUES ('revision', 6, NULL);
INSERT INTO roster.number_ledger VALUES ('hpc-old00001', 'gid', 10000, 'staff', '', 1795813628, NULL);
INSERT INTO roster.number_ledger VALUES ('hpc-old00001', 'gid', 10500, 'optics', '', 1795813628, NULL);
INSERT INTO roster.number_ledger VALUES ('hpc-old00001', 'uid', 10001, 'li', 'hpcuser-26xmolpr', 1795813628, NULL);
INSERT INTO roster.number_ledger VALUES ('hpc-old00001', 'uid', 10002, 'zhang', 'hpcuser-g6r8dmz6', 1795813628, NULL);
INSERT INTO roster.number_ledger VALUES ('hpc-old00001', 'uid', 10003, 'wang', 'hpcuser-z6i91md5', 1795813628, NULL);
INSERT INTO roster.number_ledger VALUES ('hpc-old00001', 'uid', 10004, 'chen', 'hpcuser-2eoudexa', 1795813628, 1795813628);
INSERT INTO roster.operations VALUES (1, 'j-0sqcvdfww4y', 1795813628, 'ImportUsers', NULL, 'os:root', 'local', 'hpc-old00001', 'hpc-old00001', 'successful', NULL, '2 new, 0 changed, 0 unchanged, 0 conflicting, 0 refused; groups: 1 new', '\x7033954d30dc5768402e62b833cd4e76caae3b872eaa341994322bccb7d8e489');
INSERT INTO roster.operations VALUES (2, 'j-m86rhviz9us', 1795813628, 'CreateAccessKey', NULL, 'os:root', 'local', '', 'JUUSLYDVUFFLKYVZFPYR', 'successful', NULL, 'operator key for usr-oper0001', '\xef015aff1eb2cab5b570a90acaf01ff15c8c59abfe1f497e5c36cd90ff0fcd95');
INSERT INTO roster.operations VALUES (3, 'j-exym2du3gp8', 1795813628, 'AddUser', 'usr-oper0001', 'JUUSLYDVUFFLKYVZFPYR', '127.0.0.1', 'hpc-old00001', 'wang hpcuser-z6i91md5', 'pending', NULL, 'asked', '\xbd4e7705839c011528ae0237f6e15bfb010618f02186f90f24e6f6684f4e10f5');
INSERT INTO roster.operations VALUES (4, 'j-exym2du3gp8', 1795813628, 'AddUser', 'usr-oper0001', 'JUUSLYDVUFFLKYVZFPYR', '127.0.0.1', 'hpc-old00001', 'wang hpcuser-z6i91md5', 'successful', NULL, 'directory: added; home: skipped, this server makes none', '\x92f93fbf4357e07390c85c3c9bfe9caa83e32b97f65a53c970a0163211df5c07');
INSERT INTO roster.operations VALUES (5, 'j-7oo1k9w622z', 1795813628, 'AddUser', 'usr-oper0001', 'JUUSLYDVUFFLKYVZFPYR', '127.0.0.1', 'hpc-old00001', 'chen hpcuser-2eoudexa', 'pending', NULL, 'asked', '\xab93638a78026b456af3d7f9e5fee84384bfdac5e6ba4f3aa421437c5c3a3258');
INSERT INTO roster.operations VALUES (6, 'j-7oo1k9w622z', 1795813628, 'AddUser', 'usr-oper0001', 'JUUSLYDVUFFLKYVZFPYR', '127.0.0.1', 'hpc-old00001', 'chen hpcuser-2eoudexa', 'successful', NULL, 'directory: added; home: skipped, this server makes none', '\xfb8a29d28fafb16fe27e37094e6c3fe24ac51b95c25d534ea460982e143c1440');
INSERT INTO roster.operations VALUES (7, 'j-s7z94askhoh', 1795813628, 'DeleteUser', 'usr-oper0001', 'JUUSLYDVUFFLKYVZFPYR', '127.0.0.1', 'hpc-old00001', 'chen hpcuser-2eoudexa', 'pending', NULL, 'asked', '\xcf9ba21373b7c3bd4992fa6309fd4c55d598abfb3d4874bf15a7a5849670100a');
INSERT INTO roster.operations VALUES (8, 'j-s7z94askhoh', 1795813628, 'DeleteUser', 'usr-oper0001', 'JUUSLYDVUFFLKYVZFPYR', '127.0.0.1', 'hpc-old00001', 'chen hpcuser-2eoudexa', 'successful', NULL, 'directory: removed; home: kept', '\xbe29196e7e313b9e7424cbab2a640d62d5dbfa635fd79bd314d169463b1e927e');
INSERT INTO roster.operations VALUES (9, 'j-oh2wl7ay6pp', 1795813629, 'ModifyUser', 'usr-oper0001', 'JUUSLYDVUFFLKYVZFPYR', '127.0.0.1', 'hpc-old00001', 'zhang hpcuser-g6r8dmz6', 'pending', NULL, 'asked', '\xe2ecd51801376373b1c9c676999918fe8cc3192b5dc37b5ec30035efb58b38a1');
INSERT INTO roster.operations VALUES (10, 'j-oh2wl7ay6pp', 1795813629, 'ModifyUser', 'usr-oper0001', 'JUUSLYDVUFFLKYVZFPYR', '127.0.0.1', 'hpc-old00001', 'zhang hpcuser-g6r8dmz6', 'successful', NULL, 'locked', '\x0b1a5777adcc3eb8f538f4d264f3023c5318c3444fa83c626d76f4167675a7e4');
INSERT INTO roster.schema_steps VALUES (1, '2026-11-27 21:07:07.844104+00');
INSERT INTO roster.schema_steps VALUES (2, '2026-11-27 21:07:07.844104+00');
INSERT INTO roster.schema_steps VALUES (3, '2026-11-27 21:07:07.844104+00');
INSERT INTO roster.schema_steps VALUES (4, '2026-11-27 21:07:07.844104+00');
INSERT INTO roster.schema_steps VALUES (5, '2026-11-27 21:07:07.844104+00');
INSERT INTO roster.schema_steps VALUES (6, '2026-11-27 21:07:07.844104+00');
INSERT INTO roster.users VALUES ('hpcuser-26xmolpr', 'hpc-old00001', 'usr-Px22ugts', 'li', 'li', 10001, 10000, 'member', NULL, '/share', '/share/home/li', '/bin/bash', '', 1795813628, 1795813628, 'active', NULL, '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/', NULL, 1, NULL, 'mail: li@example.com
');
INSERT INTO roster.users VALUES ('hpcuser-z6i91md5', 'hpc-old00001', 'usr-6VAn96ic', 'wang', 'wang', 10003, 10000, 'member', NULL, '/share', '/share/home/wang', '/bin/bash', '', 1795813628, 1795813628, 'active', NULL, '$y$j9T$6Y3yMIrEU2Lw42w71n7Vu1$Gx1veTh3txW170SwehcxfXEamV9ksHcM3kTs8TidAR8', 1795813628, 3, NULL, NULL);
INSERT INTO roster.users VALUES ('hpcuser-2eoudexa', 'hpc-old00001', 'usr-NVU0aZiA', 'chen', 'chen', 10004, 10000, 'member', NULL, '/share', '/share/home/chen', '/bin/bash', '', 1795813628, 1795813628, 'active', NULL, NULL, 1795813628, 5, 1795813628, NULL);
INSERT INTO roster.users VALUES ('hpcuser-g6r8dmz6', 'hpc-old00001', 'usr-vtqF3iDP', 'zhang', 'zhang', 10002, 10000, 'member', NULL, '/share', '/share/home/zhang', '/bin/bash', '', 1795813628, 1795813629, 'locked', NULL, NULL, NULL, 6, NULL, NULL);
ALTER TABLE ONLY roster.access_keys
    ADD CONSTRAINT access_keys_pkey PRIMARY KEY (access_key_id);
ALTER TABLE ONLY roster.answered_requests
    ADD CONSTRAINT answered_requests_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY roster.attribute_declarations
    ADD CONSTRAINT attribute_declarations_pkey PRIMARY KEY (name_key);
ALTER TABLE ONLY roster.clusters
    ADD CONSTRAINT clusters_pkey PRIMARY KEY (cluster_id);
ALTER TABLE ONLY roster.group_members
    ADD CONSTRAINT group_members_pkey PRIMARY KEY (cluster_id, gid_number, hpcuser_id);
ALTER TABLE ONLY roster.groups
    ADD CONSTRAINT groups_pkey PRIMARY KEY (cluster_id, gid_number);
ALTER TABLE ONLY roster.job_links
    ADD CONSTRAINT job_links_pkey PRIMARY KEY (kind, value, ordinal);
ALTER TABLE ONLY roster.jobs
    ADD CONSTRAINT jobs_first_sequence_key UNIQUE (first_sequence);
ALTER TABLE ONLY roster.jobs
    ADD CONSTRAINT jobs_job_id_key UNIQUE (job_id);
ALTER TABLE ONLY roster.jobs
    ADD CONSTRAINT jobs_last_sequence_key UNIQUE (last_sequence);
ALTER TABLE ONLY roster.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (ordinal);
ALTER TABLE ONLY roster.map_entries
    ADD CONSTRAINT map_entries_pkey PRIMARY KEY (cluster_id, place_key);
ALTER TABLE ONLY roster.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (name);
ALTER TABLE ONLY roster.number_ledger
    ADD CONSTRAINT number_ledger_pkey PRIMARY KEY (cluster_id, kind, number);
ALTER TABLE ONLY roster.operations
    ADD CONSTRAINT operations_pkey PRIMARY KEY (sequence);
ALTER TABLE ONLY roster.schema_steps
    ADD CONSTRAINT schema_steps_pkey PRIMARY KEY (step);
ALTER TABLE ONLY roster.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (hpcuser_id);
CREATE INDEX access_keys_revision ON roster.access_keys USING btree (revision);
CREATE INDEX answered_requests_expires ON roster.answered_requests USING btree (expires);
CREATE INDEX clusters_revision ON roster.clusters USING btree (revision);
CREATE INDEX group_members_user ON roster.group_members USING btree (hpcuser_id);
CREATE UNIQUE INDEX groups_name ON roster.groups USING btree (cluster_id, name_key) WHERE (deleted_time IS NULL);
CREATE INDEX groups_revision ON roster.groups USING btree (revision);
CREATE INDEX job_links_job ON roster.job_links USING btree (ordinal);
CREATE INDEX jobs_action ON roster.jobs USING btree (action, ordinal);
CREATE INDEX jobs_owner ON roster.jobs USING btree (owner, ordinal);
CREATE INDEX jobs_status ON roster.jobs USING btree (status, ordinal);
CREATE INDEX jobs_time ON roster.jobs USING btree (create_time);
CREATE INDEX map_entries_revision ON roster.map_entries USING btree (revision);
CREATE INDEX operations_job ON roster.operations USING btree (job_id);
CREATE UNIQUE INDEX users_name ON roster.users USING btree (cluster_id, name_key) WHERE (deleted_time IS NULL);
CREATE INDEX users_revision ON roster.users USING btree (revision);
ALTER TABLE ONLY roster.group_members
    ADD CONSTRAINT group_members_cluster_id_gid_number_fkey FOREIGN KEY (cluster_id, gid_number) REFERENCES roster.groups(cluster_id, gid_number);
ALTER TABLE ONLY roster.group_members
    ADD CONSTRAINT group_members_hpcuser_id_fkey FOREIGN KEY (hpcuser_id) REFERENCES roster.users(hpcuser_id);
ALTER TABLE ONLY roster.groups
    ADD CONSTRAINT groups_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES roster.clusters(cluster_id);
ALTER TABLE ONLY roster.job_links
    ADD CONSTRAINT job_links_ordinal_fkey FOREIGN KEY (ordinal) REFERENCES roster.jobs(ordinal);
ALTER TABLE ONLY roster.map_entries
    ADD CONSTRAINT map_entries_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES roster.clusters(cluster_id);
ALTER TABLE ONLY roster.number_ledger
    ADD CONSTRAINT number_ledger_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES roster.clusters(cluster_id);
ALTER TABLE ONLY roster.users
    ADD CONSTRAINT users_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES roster.clusters(cluster_id);
