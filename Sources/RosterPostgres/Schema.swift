import RosterModel

/// The schema of the distributed store, step by step. A shipped step is never edited: a change is a new step.
///
/// Text is compared by bytes, as in the embedded store, whatever the database's locale is.
enum Schema {
    /// The schema of the database that holds the tables.
    static let name = "roster"

    /// Reads the newest revision.
    static let revision = "SELECT number FROM meta WHERE name = 'revision'"

    /// Roster's key of an advisory lock: two programs that start at once must not both create the schema.
    static let lockKey: Int64 = 0x526F_7374_6572

    /// What each step runs; the first is step 1.
    static let steps = [
        """
        CREATE TABLE meta (name text COLLATE "C" PRIMARY KEY, number bigint NOT NULL DEFAULT 0, bytes bytea);
        INSERT INTO meta (name, number) VALUES ('revision', 0);

        CREATE TABLE clusters (
            cluster_id text COLLATE "C" PRIMARY KEY, name text NOT NULL, zone text NOT NULL, cluster_type text NOT NULL,
            nas_mount_point text NOT NULL, home_template text NOT NULL, login_shell text NOT NULL,
            uid_first bigint NOT NULL CHECK (uid_first BETWEEN 1 AND 4294967294),
            uid_last bigint NOT NULL CHECK (uid_last BETWEEN uid_first AND 4294967294), description text NOT NULL,
            name_rule text NOT NULL, password_rule text NOT NULL,
            create_time bigint NOT NULL, revision bigint NOT NULL
        );
        CREATE INDEX clusters_revision ON clusters (revision);

        CREATE TABLE users (
            hpcuser_id text COLLATE "C" PRIMARY KEY,
            cluster_id text COLLATE "C" NOT NULL REFERENCES clusters,
            user_id text NOT NULL,
            username text NOT NULL, name_key text COLLATE "C" NOT NULL,
            uid_number bigint NOT NULL CHECK (uid_number BETWEEN 1 AND 4294967294),
            gid_number bigint NOT NULL CHECK (gid_number BETWEEN 1 AND 4294967294),
            role text NOT NULL, mode bigint CHECK (mode BETWEEN 0 AND 4095), nas_mount_point text NOT NULL,
            home_directory text NOT NULL, login_shell text NOT NULL, gecos text NOT NULL,
            create_time bigint NOT NULL, update_time bigint NOT NULL,
            state text NOT NULL, expires bigint, password_hash text, password_time bigint,
            revision bigint NOT NULL,
            deleted_time bigint  -- a tombstone where it is set
        );
        CREATE UNIQUE INDEX users_name ON users (cluster_id, name_key) WHERE deleted_time IS NULL;
        CREATE INDEX users_revision ON users (revision);

        CREATE TABLE groups (
            cluster_id text COLLATE "C" NOT NULL REFERENCES clusters,
            gid_number bigint NOT NULL CHECK (gid_number BETWEEN 1 AND 4294967294),
            name text NOT NULL, name_key text COLLATE "C" NOT NULL, is_primary boolean NOT NULL,
            revision bigint NOT NULL, deleted_time bigint,
            PRIMARY KEY (cluster_id, gid_number)
        );
        CREATE UNIQUE INDEX groups_name ON groups (cluster_id, name_key) WHERE deleted_time IS NULL;
        CREATE INDEX groups_revision ON groups (revision);
        CREATE TABLE group_members (
            cluster_id text COLLATE "C" NOT NULL, gid_number bigint NOT NULL,
            hpcuser_id text COLLATE "C" NOT NULL REFERENCES users,
            PRIMARY KEY (cluster_id, gid_number, hpcuser_id),
            FOREIGN KEY (cluster_id, gid_number) REFERENCES groups
        );
        CREATE INDEX group_members_user ON group_members (hpcuser_id);

        -- Every number ever given. The primary key is what makes a second allocation impossible.
        CREATE TABLE number_ledger (
            cluster_id text COLLATE "C" NOT NULL REFERENCES clusters, kind text COLLATE "C" NOT NULL,
            number bigint NOT NULL, name text NOT NULL, holder text COLLATE "C" NOT NULL,
            from_time bigint NOT NULL, until_time bigint,
            PRIMARY KEY (cluster_id, kind, number)
        );

        CREATE TABLE access_keys (
            access_key_id text COLLATE "C" PRIMARY KEY, kind text NOT NULL, user_id text, cluster_id text,
            seal_version bigint NOT NULL, sealed_secret bytea NOT NULL,
            create_time bigint NOT NULL, revoke_time bigint, revision bigint NOT NULL
        );
        CREATE INDEX access_keys_revision ON access_keys (revision);

        CREATE TABLE operations (
            sequence bigint PRIMARY KEY, job_id text NOT NULL, time bigint NOT NULL,
            action text NOT NULL, owner text, submitter text NOT NULL, origin text NOT NULL,
            clusters text NOT NULL, resources text NOT NULL, status text NOT NULL,
            error_code text, message text NOT NULL, code bytea NOT NULL
        );

        -- Signed writes and their answers, until nobody would take the request any more.
        CREATE TABLE answered_requests (
            digest bytea PRIMARY KEY, expires bigint NOT NULL, job_id text, code text, message text NOT NULL
        );
        CREATE INDEX answered_requests_expires ON answered_requests (expires);
        """,
        // Rows that queries filter by (`JobQueries`); the events remain the record.
        """
        CREATE INDEX operations_job ON operations (job_id);
        CREATE TABLE jobs (
            ordinal bigint PRIMARY KEY, job_id text COLLATE "C" NOT NULL UNIQUE,
            first_sequence bigint NOT NULL UNIQUE, last_sequence bigint NOT NULL UNIQUE,
            status text COLLATE "C" NOT NULL, action text COLLATE "C" NOT NULL, owner text COLLATE "C",
            create_time bigint NOT NULL
        );
        CREATE INDEX jobs_status ON jobs (status, ordinal);
        CREATE INDEX jobs_action ON jobs (action, ordinal);
        CREATE INDEX jobs_owner ON jobs (owner, ordinal);
        CREATE INDEX jobs_time ON jobs (create_time);
        CREATE TABLE job_links (
            kind text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL, ordinal bigint NOT NULL REFERENCES jobs,
            PRIMARY KEY (kind, value, ordinal)
        );
        CREATE INDEX job_links_job ON job_links (ordinal);
        \(LoggedEvent.recordJobs(range: "1 AND 9223372036854775807"))
        """,
        "ALTER TABLE users ADD COLUMN attributes text",
        """
        CREATE TABLE map_entries (
            cluster_id text COLLATE "C" NOT NULL REFERENCES clusters, place_key text COLLATE "C" NOT NULL,
            kind text NOT NULL, place text NOT NULL, attributes text NOT NULL,
            create_time bigint NOT NULL, update_time bigint NOT NULL,
            revision bigint NOT NULL, deleted_time bigint,
            PRIMARY KEY (cluster_id, place_key)
        );
        CREATE INDEX map_entries_revision ON map_entries (revision);
        """,
        """
        ALTER TABLE groups ADD COLUMN member_groups text, ADD COLUMN member_names text, ADD COLUMN create_time bigint,
        ADD COLUMN update_time bigint
        """,
        """
        CREATE TABLE attribute_declarations (
            name_key text COLLATE "C" PRIMARY KEY, name text NOT NULL, oid text NOT NULL, syntax text NOT NULL,
            is_multiple boolean NOT NULL, is_searchable boolean NOT NULL,
            create_time bigint NOT NULL, remove_time bigint, revision bigint NOT NULL
        )
        """,
        """
        CREATE TABLE deletion_records (
            hpcuser_id text COLLATE "C" PRIMARY KEY REFERENCES users, deleted_time bigint NOT NULL, password_hash text,
            gids text NOT NULL
        );
        CREATE INDEX deletion_records_time ON deletion_records (deleted_time);
        CREATE INDEX users_deleted_name ON users (cluster_id, name_key) WHERE deleted_time IS NOT NULL;
        """,
        """
        CREATE TABLE logins (
            hpcuser_id text COLLATE "C" NOT NULL, outcome text COLLATE "C" NOT NULL, time bigint NOT NULL,
            server text NOT NULL, write_time bigint NOT NULL,
            PRIMARY KEY (hpcuser_id, outcome)
        );
        CREATE INDEX logins_write_time ON logins (write_time);
        INSERT INTO meta (name, number) VALUES ('logins_since', extract(epoch FROM clock_timestamp())::bigint);
        """,
    ]
}
