import GRDB
import RosterModel

/// The schema of the embedded store, step by step. A shipped step is never edited: a change is a new step.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 directory") { db in
            try db.execute(
                sql: """
                    CREATE TABLE meta (
                        name TEXT PRIMARY KEY, number INTEGER NOT NULL DEFAULT 0, bytes BLOB
                    ) WITHOUT ROWID;
                    INSERT INTO meta (name, number) VALUES ('revision', 0);

                    CREATE TABLE clusters (
                        cluster_id TEXT PRIMARY KEY, name TEXT NOT NULL, zone TEXT NOT NULL, cluster_type TEXT NOT NULL,
                        nas_mount_point TEXT NOT NULL, home_template TEXT NOT NULL, login_shell TEXT NOT NULL,
                        uid_first INTEGER NOT NULL CHECK (uid_first BETWEEN 1 AND 4294967294),
                        uid_last INTEGER NOT NULL CHECK (uid_last BETWEEN uid_first AND 4294967294), description TEXT NOT NULL,
                        name_rule TEXT NOT NULL, password_rule TEXT NOT NULL,
                        create_time INTEGER NOT NULL, revision INTEGER NOT NULL
                    );
                    CREATE INDEX clusters_revision ON clusters (revision);

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
                    CREATE UNIQUE INDEX users_name ON users (cluster_id, name_key) WHERE deleted_time IS NULL;
                    CREATE INDEX users_revision ON users (revision);

                    CREATE TABLE groups (
                        cluster_id TEXT NOT NULL REFERENCES clusters,
                        gid_number INTEGER NOT NULL CHECK (gid_number BETWEEN 1 AND 4294967294),
                        name TEXT NOT NULL, name_key TEXT NOT NULL, is_primary INTEGER NOT NULL,
                        revision INTEGER NOT NULL, deleted_time INTEGER,
                        PRIMARY KEY (cluster_id, gid_number)
                    ) WITHOUT ROWID;
                    CREATE UNIQUE INDEX groups_name ON groups (cluster_id, name_key) WHERE deleted_time IS NULL;
                    CREATE INDEX groups_revision ON groups (revision);
                    CREATE TABLE group_members (
                        cluster_id TEXT NOT NULL, gid_number INTEGER NOT NULL,
                        hpcuser_id TEXT NOT NULL REFERENCES users,
                        PRIMARY KEY (cluster_id, gid_number, hpcuser_id),
                        FOREIGN KEY (cluster_id, gid_number) REFERENCES groups
                    ) WITHOUT ROWID;

                    -- Every number ever given. The primary key is what makes a second allocation impossible.
                    CREATE TABLE number_ledger (
                        cluster_id TEXT NOT NULL REFERENCES clusters, kind TEXT NOT NULL, number INTEGER NOT NULL,
                        name TEXT NOT NULL, holder TEXT NOT NULL, from_time INTEGER NOT NULL, until_time INTEGER,
                        PRIMARY KEY (cluster_id, kind, number)
                    ) WITHOUT ROWID;

                    CREATE TABLE access_keys (
                        access_key_id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT, cluster_id TEXT,
                        seal_version INTEGER NOT NULL, sealed_secret BLOB NOT NULL,
                        create_time INTEGER NOT NULL, revoke_time INTEGER, revision INTEGER NOT NULL
                    );
                    CREATE INDEX access_keys_revision ON access_keys (revision);

                    CREATE TABLE operations (
                        sequence INTEGER PRIMARY KEY, job_id TEXT NOT NULL, time INTEGER NOT NULL,
                        action TEXT NOT NULL, owner TEXT, submitter TEXT NOT NULL, origin TEXT NOT NULL,
                        clusters TEXT NOT NULL, resources TEXT NOT NULL, status TEXT NOT NULL,
                        error_code TEXT, message TEXT NOT NULL, code BLOB NOT NULL
                    );
                    CREATE INDEX operations_job ON operations (job_id);

                    -- Signed writes and their answers, until nobody would take the request any more.
                    CREATE TABLE answered_requests (
                        digest BLOB PRIMARY KEY, expires INTEGER NOT NULL, job_id TEXT, code TEXT, message TEXT NOT NULL
                    ) WITHOUT ROWID;
                    CREATE INDEX answered_requests_expires ON answered_requests (expires);
                    """)
        }
        migrator.registerMigration("2 indexes that can be made again") { db in
            // The identifier of a user was the primary key of its table, whose index cannot be dropped while a million
            // users are written (docs/decisions/0004). Also, a removed user leaves its groups; without an index, that
            // would scan every member of every group.
            try db.execute(
                sql: """
                    CREATE TABLE new_users (
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
                    );
                    INSERT INTO new_users SELECT hpcuser_id, cluster_id, user_id, username, name_key, uid_number,
                        gid_number, role, mode, nas_mount_point, home_directory, login_shell, gecos, create_time,
                        update_time, state, expires, password_hash, password_time, revision, deleted_time FROM users;
                    CREATE TABLE new_group_members (
                        cluster_id TEXT NOT NULL, gid_number INTEGER NOT NULL,
                        hpcuser_id TEXT NOT NULL REFERENCES users (hpcuser_id),
                        PRIMARY KEY (cluster_id, gid_number, hpcuser_id),
                        FOREIGN KEY (cluster_id, gid_number) REFERENCES groups
                    ) WITHOUT ROWID;
                    INSERT INTO new_group_members SELECT cluster_id, gid_number, hpcuser_id FROM group_members;
                    DROP TABLE group_members;
                    DROP TABLE users;
                    ALTER TABLE new_users RENAME TO users;
                    ALTER TABLE new_group_members RENAME TO group_members;
                    CREATE UNIQUE INDEX users_id ON users (hpcuser_id);
                    CREATE UNIQUE INDEX users_name ON users (cluster_id, name_key) WHERE deleted_time IS NULL;
                    CREATE INDEX users_revision ON users (revision);
                    CREATE INDEX group_members_user ON group_members (hpcuser_id);
                    """)
        }
        migrator.registerMigration("3 jobs of the operation log") { db in
            // Rows that queries filter by (`JobQueries`); the events remain the record.
            try db.execute(
                sql: """
                    CREATE TABLE jobs (
                        ordinal INTEGER PRIMARY KEY, job_id TEXT NOT NULL UNIQUE,
                        first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL,
                        status TEXT NOT NULL, action TEXT NOT NULL, owner TEXT, create_time INTEGER NOT NULL
                    );
                    CREATE TABLE job_links (
                        kind TEXT NOT NULL, value TEXT NOT NULL, ordinal INTEGER NOT NULL REFERENCES jobs,
                        PRIMARY KEY (kind, value, ordinal)
                    ) WITHOUT ROWID;
                    """)
            var last: Int64 = 0
            while case let events = try LoggedEvent.fetch(db, after: last, limit: 10_000), let end = events.last {
                for event in events { try event.recordJob(db) }
                last = end.sequence
            }
            try db.execute(
                sql: """
                    CREATE INDEX jobs_status ON jobs (status);
                    CREATE INDEX jobs_action ON jobs (action);
                    CREATE INDEX jobs_owner ON jobs (owner);
                    CREATE INDEX jobs_time ON jobs (create_time);
                    CREATE INDEX job_links_job ON job_links (ordinal);
                    """)
        }
        migrator.registerMigration("4 attributes of users") { db in
            try db.execute(sql: "ALTER TABLE users ADD COLUMN attributes TEXT")
        }
        migrator.registerMigration("5 map entries") { db in
            try db.execute(
                sql: """
                    CREATE TABLE map_entries (
                        cluster_id TEXT NOT NULL REFERENCES clusters, place_key TEXT NOT NULL,
                        kind TEXT NOT NULL, place TEXT NOT NULL, attributes TEXT NOT NULL,
                        create_time INTEGER NOT NULL, update_time INTEGER NOT NULL,
                        revision INTEGER NOT NULL, deleted_time INTEGER,
                        PRIMARY KEY (cluster_id, place_key)
                    );
                    CREATE INDEX map_entries_revision ON map_entries (revision);
                    """)
        }
        migrator.registerMigration("6 further members of groups") { db in
            try db.execute(
                sql: """
                    ALTER TABLE groups ADD COLUMN member_groups TEXT;
                    ALTER TABLE groups ADD COLUMN member_names TEXT;
                    ALTER TABLE groups ADD COLUMN create_time INTEGER;
                    ALTER TABLE groups ADD COLUMN update_time INTEGER;
                    """)
        }
        migrator.registerMigration("7 checksums of rows") { db in
            // The columns are listed here as they are at this step; a later step that adds a column renews the checksums.
            let tables = [
                (
                    "clusters",
                    """
                    cluster_id, name, zone, cluster_type, nas_mount_point, home_template, login_shell, uid_first,
                    uid_last, description, name_rule, password_rule, create_time, revision
                    """
                ),
                (
                    "users",
                    """
                    hpcuser_id, cluster_id, user_id, username, name_key, role, nas_mount_point, home_directory,
                    login_shell, gecos, state, password_hash, attributes, uid_number, gid_number, mode, create_time,
                    update_time, expires, password_time, revision, deleted_time
                    """
                ),
                (
                    "groups",
                    """
                    cluster_id, gid_number, name, name_key, is_primary, revision, deleted_time, member_groups,
                    member_names, create_time, update_time
                    """
                ),
                ("group_members", "cluster_id, gid_number, hpcuser_id"),
                ("number_ledger", "cluster_id, kind, number, name, holder, from_time, until_time"),
                (
                    "access_keys",
                    """
                    access_key_id, kind, user_id, cluster_id, seal_version, sealed_secret, create_time, revoke_time,
                    revision
                    """
                ),
                (
                    "map_entries",
                    """
                    cluster_id, place_key, kind, place, attributes, create_time, update_time, revision, deleted_time
                    """
                ),
            ]
            for (table, columns) in tables {
                try db.execute(
                    sql: """
                        ALTER TABLE \(table) ADD COLUMN checksum INTEGER;
                        UPDATE \(table) SET checksum = roster_checksum(\(columns));
                        """)
            }
        }
        migrator.registerMigration("8 attributes that the site declares") { db in
            try db.execute(
                sql: """
                    CREATE TABLE attribute_declarations (
                        name_key TEXT PRIMARY KEY, name TEXT NOT NULL, oid TEXT NOT NULL, syntax TEXT NOT NULL,
                        is_multiple INTEGER NOT NULL, is_searchable INTEGER NOT NULL,
                        create_time INTEGER NOT NULL, remove_time INTEGER, revision INTEGER NOT NULL, checksum INTEGER
                    );
                    """)
        }
        migrator.registerMigration("9 what deletions took") { db in
            try db.execute(
                sql: """
                    CREATE TABLE deletion_records (
                        hpcuser_id TEXT PRIMARY KEY REFERENCES users (hpcuser_id), deleted_time INTEGER NOT NULL,
                        password_hash TEXT, gids TEXT NOT NULL, checksum INTEGER
                    );
                    CREATE INDEX deletion_records_time ON deletion_records (deleted_time);
                    CREATE INDEX users_deleted_name ON users (cluster_id, name_key) WHERE deleted_time IS NOT NULL;
                    """)
        }
        migrator.registerMigration("10 logins") { db in
            try db.execute(
                sql: """
                    CREATE TABLE logins (
                        hpcuser_id TEXT NOT NULL, outcome TEXT NOT NULL, time INTEGER NOT NULL, server TEXT NOT NULL,
                        write_time INTEGER NOT NULL, checksum INTEGER,
                        PRIMARY KEY (hpcuser_id, outcome)
                    ) WITHOUT ROWID;
                    CREATE INDEX logins_write_time ON logins (write_time);
                    INSERT INTO meta (name, number) VALUES ('logins_since', CAST(strftime('%s', 'now') AS INTEGER));
                    """)
        }
        return migrator
    }
}
