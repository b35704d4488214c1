//! Families that moved: the register of people says where somebody lives, while other departments still file them under
//! where they lived. In a case the division to which they moved reads those rows too, and the division which they left
//! goes on with the case that it had opened.

use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use yimen_migration::ExchangeDatabase;

use crate::support::day::days_ago;
use crate::support::postgres::Database;
use crate::support::{Client, Server};

/// Where somebody lived, lives now, and never lived.
const OLD: &str = "410727100000";
const NEW: &str = "410727102000";
const OTHER: &str = "410727103000";

/// Whoever moved ten days ago, and a neighbour who still lives where they did. Both are invented.
const MOVED: &str = "11010519491231002X";
const NEIGHBOUR: &str = "440524188001010014";

/// A village of a town.
fn village(town: &str) -> String {
    format!("{}201", &town[..9])
}

/// What public security knows.
fn register() -> String {
    let (old, new, other) = (village(OLD), village(NEW), village(OTHER));
    let (left, came) = (days_ago(11), days_ago(10));
    format!(
        "INSERT INTO person (row_no, citizen_id, name, division_code) \
         VALUES (1, '{MOVED}', 'A', '{new}'), (2, '{NEIGHBOUR}', 'B', '{old}'); \
         INSERT INTO residence (id, citizen_id, division_code, started_on, ended_on) \
         VALUES ('R-1', '{MOVED}', '{old}', '2020-01-01', '{left}'), ('R-2', '{MOVED}', '{new}', '{came}', NULL), \
         ('R-3', '{NEIGHBOUR}', '{old}', '2020-01-01', NULL), ('R-4', '{NEIGHBOUR}', '{other}', '2010-01-01', '2019-12-31')"
    )
}

/// What social insurance knows: rows where the person lived, lives and never lived.
fn insurance() -> String {
    let row = |id: &str, number: &str, kind: &str, town: &str| {
        format!("('{id}', '{number}', '{kind}', '{}')", village(town))
    };
    let rows = [
        row("E-1", MOVED, "EMPLOYEE_PENSION", OLD),
        row("E-2", MOVED, "RESIDENT_PENSION", NEW),
        row("E-3", MOVED, "UNEMPLOYMENT", OTHER),
        row("E-4", NEIGHBOUR, "EMPLOYEE_PENSION", OLD),
    ];
    let rows = rows.join(", ");
    format!("INSERT INTO si_enrolment (id, citizen_id, insurance_type, division_code) VALUES {rows}")
}

/// A server over these two registers, and what holds them.
struct Registers<T> {
    server: Server,
    _held: T,
}

fn over(household: &str, insurance: &str) -> Server {
    Server::set(&[
        ("YIMEN__DEPARTMENTS__PUBLIC_SECURITY__URL", household),
        ("YIMEN__DEPARTMENTS__HRSS__URL", insurance),
    ])
}

fn sqlite() -> Registers<TempDir> {
    sqlite_of(register(), insurance())
}

fn sqlite_of(register: String, insurance: String) -> Registers<TempDir> {
    let folder = TempDir::new().unwrap();
    let fill = |database, name: &str, rows: String| {
        let file = folder.path().join(name);
        let url = format!("sqlite://{}", file.display());
        Runtime::new().unwrap().block_on(async {
            let connection = sea_orm::Database::connect(format!("{url}?mode=rwc")).await.unwrap();
            yimen_migration::migrate(&connection, database).await.unwrap();
            connection.close().await.unwrap();
        });
        rusqlite::Connection::open(file).unwrap().execute_batch(&rows).unwrap();
        url
    };
    let household = fill(ExchangeDatabase::Household, "household.db", register);
    let insurance = fill(ExchangeDatabase::SocialInsurance, "insurance.db", insurance);
    Registers { server: over(&household, &insurance), _held: folder }
}

fn postgres() -> Registers<[Database; 2]> {
    let fill = |what, tables, rows: String| {
        let database = Database::new(what);
        database.migrate(tables);
        database.run(&rows);
        database
    };
    let household = fill("moved_register", ExchangeDatabase::Household, register());
    let insurance = fill("moved_insurance", ExchangeDatabase::SocialInsurance, insurance());
    let server = over(&household.url(), &insurance.url());
    Registers { server, _held: [household, insurance] }
}

fn reviewer(server: &Server, division: &str) -> Client {
    server.client_in("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", division)
}

/// The insurances that are told of somebody; `None` where nobody is found.
fn insured(client: &Client, id: &str) -> Option<Vec<String>> {
    let query = "query($id: CitizenId!) { person(citizenId: $id) { name siEnrolments { insuranceType } } }";
    let answer = client.send(query, json!({ "id": id }));
    assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
    let json = answer.json();
    let enrolments = json["data"]["person"]["siEnrolments"].as_array()?;
    let mut kinds: Vec<String> =
        enrolments.iter().map(|row| row["insuranceType"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    Some(kinds)
}

/// A case of a division about people, as if it had been opened so many days ago.
fn case(server: &Server, division: &str, days: u64, people: &[&str]) -> Client {
    let case_no = format!("{division}-{days}");
    let client = reviewer(server, division);
    client.open_case_in(division, &case_no, people);
    let sql = format!(
        "UPDATE assistance_case SET opened_at = '{}T08:00:00.000Z' WHERE case_no = '{case_no}'",
        days_ago(days)
    );
    let hub = rusqlite::Connection::open(server.hub()).unwrap();
    hub.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    assert_eq!(hub.execute(&sql, []).unwrap(), 1);
    client.in_case(&case_no)
}

fn kinds(kinds: &[&str]) -> Option<Vec<String>> {
    Some(kinds.iter().map(ToString::to_string).collect())
}

fn moves(server: &Server) {
    // The register's word holds at once: the new division finds them, and the old one no longer does.
    assert_eq!(insured(&reviewer(server, NEW), MOVED), kinds(&["RESIDENT_PENSION"]));
    assert_eq!(insured(&reviewer(server, OLD), MOVED), None);
    // In a case the new one reads what is still filed where they lived, and nothing of where they never did.
    let new = case(server, NEW, 1, &[MOVED, NEIGHBOUR]);
    assert_eq!(insured(&new, MOVED), kinds(&["EMPLOYEE_PENSION", "RESIDENT_PENSION"]));
    assert_eq!(insured(&new, NEIGHBOUR), None, "who didn't move isn't found where others moved to");
    // The case that the old one had opened while they lived there goes on; one that it opens later finds nobody.
    assert_eq!(insured(&case(server, OLD, 30, &[MOVED, NEIGHBOUR]), MOVED), kinds(&["EMPLOYEE_PENSION"]));
    assert_eq!(
        insured(&case(server, OLD, 11, &[MOVED]), MOVED),
        kinds(&["EMPLOYEE_PENSION"]),
        "the last day"
    );
    assert_eq!(insured(&case(server, OLD, 10, &[MOVED]), MOVED), None, "the day after");
    let mine = case(server, OLD, 2, &[NEIGHBOUR]);
    assert_eq!(insured(&mine, NEIGHBOUR), kinds(&["EMPLOYEE_PENSION"]));
    assert_eq!(insured(&mine, MOVED), None, "who isn't of the case");
    // Where somebody lived years ago has no case of them.
    assert_eq!(insured(&case(server, OTHER, 30, &[MOVED, NEIGHBOUR]), NEIGHBOUR), None);
}

#[test]
fn sqlite_families_that_moved_are_read_where_they_live_now() {
    moves(&sqlite().server);
}

#[test]
fn postgresql_families_that_moved_are_read_where_they_live_now() {
    moves(&postgres().server);
}

#[test]
fn former_places_aren_t_told_of_by_following_them() {
    let registers = sqlite();
    let query = "query($id: CitizenId!) { person(citizenId: $id) { residences { startedOn } } }";
    let told = |client: &Client| {
        let answer = client.send(query, json!({ "id": MOVED }));
        assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
        answer.json()["data"]["person"]["residences"].as_array().map_or(0, Vec::len)
    };
    let new = case(&registers.server, NEW, 1, &[MOVED]);
    assert_eq!((told(&reviewer(&registers.server, NEW)), told(&new)), (1, 1));
}

/// Who moved ten days ago after so many places, with a row of social insurance at each of them.
fn wandered(places: usize) -> Registers<TempDir> {
    let place = |at: usize| format!("4107272{at:02}201");
    let residences = (0..places).map(|at| {
        let (place, ended_on) = (place(at), days_ago(11));
        format!("('R-{at}', '{MOVED}', '{place}', '2020-01-01', '{ended_on}')")
    });
    let enrolments = (0..places).map(|at| format!("('E-{at}', '{MOVED}', 'UNEMPLOYMENT', '{}')", place(at)));
    let listed = |rows: Vec<String>| rows.join(", ");
    let register = format!(
        "INSERT INTO person (row_no, citizen_id, name, division_code) VALUES (1, '{MOVED}', 'A', '{}'); \
         INSERT INTO residence (id, citizen_id, division_code, started_on, ended_on) VALUES {}",
        village(NEW),
        listed(residences.collect())
    );
    let insurance = format!(
        "INSERT INTO si_enrolment (id, citizen_id, insurance_type, division_code) VALUES {}",
        listed(enrolments.collect())
    );
    sqlite_of(register, insurance)
}

#[test]
fn twenty_former_divisions_of_a_person_are_followed_and_no_more() {
    for (places, followed) in [(20, 20), (21, 20)] {
        let registers = wandered(places);
        let new = case(&registers.server, NEW, 1, &[MOVED]);
        assert_eq!(insured(&new, MOVED).map(|rows| rows.len()), Some(followed), "{places} places");
    }
}
