-- Run once, as a superuser, by psql. Passwords come from the environment (OWNER_PASSWORD, SERVICE_PASSWORD), so that
-- no list of processes shows them:
--     psql -f roles.sql "host=... user=postgres dbname=postgres"
-- roster_owner makes and upgrades the tables; roster serves, and can neither make nor drop anything.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv service_password SERVICE_PASSWORD

CREATE ROLE roster_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE roster LOGIN PASSWORD :'service_password';
CREATE DATABASE roster OWNER roster_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE roster FROM PUBLIC;
GRANT CONNECT ON DATABASE roster TO roster;

\connect roster
-- Whoever may log in finds nothing of use in `public`; the tables stand in a schema of their own.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA roster AUTHORIZATION roster_owner;
GRANT USAGE ON SCHEMA roster TO roster;
ALTER ROLE roster_owner IN DATABASE roster SET search_path = roster;
ALTER ROLE roster IN DATABASE roster SET search_path = roster;
-- For every table that the owner will make.
ALTER DEFAULT PRIVILEGES FOR ROLE roster_owner IN SCHEMA roster
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO roster;
ALTER DEFAULT PRIVILEGES FOR ROLE roster_owner IN SCHEMA roster GRANT USAGE, SELECT ON SEQUENCES TO roster;
