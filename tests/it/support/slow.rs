//! A department whose database takes longer than anybody waits.

use yimen_migration::ExchangeDatabase;

use crate::support::postgres::Database;

/// The union's database, in which a worker's files take half a minute to read.
pub(crate) fn slow_union(what: &str, worker: &str) -> Database {
    let database = Database::new(what);
    database.migrate(ExchangeDatabase::UnionAid);
    database.run(&format!(
        "ALTER TABLE union_file RENAME TO slow_file; \
         CREATE FUNCTION wait() RETURNS boolean LANGUAGE sql AS 'SELECT pg_sleep(30) IS NOT NULL'; \
         INSERT INTO slow_file (file_no, citizen_id, division_code) VALUES ('F', '{worker}', '410727100000'); \
         CREATE VIEW union_file AS SELECT * FROM slow_file WHERE wait()"
    ));
    database
}
