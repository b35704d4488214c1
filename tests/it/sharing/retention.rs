//! What is closed goes after its term; what is open or in force never does.

use yimen::retention::{Before, Past, delete, past};
use yimen::sharing::{Answered, Decision};
use yimen_policy::Decision as Standing;

use crate::sharing::{Desk, NAMES, asked, on_both};
use crate::support::county::county;
use crate::support::hub::entries;
use crate::support::{Server, yimen};

impl Desk {
    fn request(&self, item: &str) -> (String, i64) {
        let actor = self.actor("HOUSING");
        let asked = asked(&[item]);
        let deny = |_| Standing::Deny;
        let ask = self.sharing.ask(self.hub.connection(), (&actor, &NAMES), &asked, &deny);
        let request = self.runtime.block_on(ask).unwrap().requests.remove(0);
        (request.id, request.version)
    }

    fn decide(&self, (id, version): (String, i64), decision: Decision) {
        let reason = Some(String::from("decided"));
        let answered = Answered { id, version, decision, reason, division: None, until: None };
        let actor = self.actor("UNION");
        let answer = self.sharing.answer(self.hub.connection(), &actor, &answered);
        self.runtime.block_on(answer).unwrap();
    }

    fn past(&self, before: &Before) -> Past {
        self.runtime.block_on(past(&self.hub, before)).unwrap()
    }
}

#[test]
fn closed_requests_go_after_three_years_and_no_day_earlier() {
    on_both("retention", |desk| {
        desk.decide(desk.request("UnionFile.status"), Decision::Refuse);
        desk.decide(desk.request("UnionFile.closeReason"), Decision::Grant);
        let open = desk.request("UnionFile.openedOn").0;
        // What was granted ends on the last day of 2026; the refusal was on 2 March.
        let none = Past::default();
        for (now, requests) in [
            ("2029-03-02T09:59:00+08:00", 0),
            ("2029-03-02T10:01:00+08:00", 1),
            ("2029-12-31T23:00:00+08:00", 1),
            ("2030-01-01T01:00:00+08:00", 2),
            ("2050-01-01T01:00:00+08:00", 2),
        ] {
            let before = Before::years(3, now.parse().unwrap()).unwrap();
            assert_eq!(desk.past(&before), Past { requests, ..none }, "{now}");
        }
        let before = Before::years(3, "2030-01-01T01:00:00+08:00".parse().unwrap()).unwrap();
        let mut told = Vec::new();
        let deleting = delete(&desk.hub, &before, |done| told.push(*done));
        let done = desk.runtime.block_on(deleting).unwrap();
        assert_eq!((done, told), (Past { requests: 2, ..none }, vec![done]));
        assert_eq!(desk.past(&before), none);
        let left: Vec<String> = desk.all().into_iter().map(|listed| listed.request.id).collect();
        assert_eq!(left, [open], "what is open stays");
        assert_eq!(desk.all()[0].steps.len(), 1, "with its step");
    });
}

#[test]
fn the_command_tells_first_and_leaves_a_record_when_it_deletes() {
    let server = Server::start();
    let hub = server.hub();
    let connection = rusqlite::Connection::open(&hub).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    let change = "INSERT INTO catalogue_change (at, version, coordinate, kind) VALUES (?1, 'v', 'Person.name', 'ADDED')";
    for at in ["2019-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z", "2099-01-01T00:00:00.000Z"] {
        connection.execute(change, [at]).unwrap();
    }
    let purge = |more: &[&str]| {
        let mut command = yimen();
        command.args(["sharing", "purge", "--officer", "clerk-1", "--data"]).arg(county()).args(more);
        command.env("YIMEN__HUB__URL", format!("sqlite://{}", hub.display()));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let said = "0 requests for sharing, 0 objections, 2 changes of the catalogue";
    assert!(purge(&[]).starts_with(said) && purge(&[]).trim().ends_with("`--yes` deletes them"));
    let changes =
        || connection.query_row("SELECT COUNT(*) FROM catalogue_change", [], |row| row.get::<_, i64>(0));
    assert_eq!(changes().unwrap(), 3, "telling deletes nothing");
    assert_eq!(purge(&["--yes"]).trim(), format!("{said} deleted"));
    assert_eq!(changes().unwrap(), 1);
    assert!(purge(&["--yes"]).starts_with("0 requests for sharing, 0 objections, 0 changes"));
    let records: Vec<_> = entries(&hub).into_iter().filter(|entry| entry["kind"] == "RETENTION").collect();
    assert_eq!(records.len(), 1, "where nothing is deleted there is no record");
    assert!(records[0]["note"].as_str().unwrap().starts_with(said), "{}", records[0]);
}
