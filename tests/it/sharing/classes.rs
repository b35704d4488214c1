//! What the class in force makes of requests for sharing: by region and by day.

use yimen::sharing::{Decision, State};

use crate::sharing::request::refused;
use crate::sharing::{asked, day, on_both};

const FILE: &str = "UnionFile.status";
const PUBLISHED: &str = "Organisation.name";

#[test]
fn what_is_closed_from_a_day_can_neither_be_asked_for_nor_granted_nor_renewed() {
    on_both("classes_close", |desk| {
        // Asked for on 2 March, granted the day before it is closed.
        desk.classed("UnionFile.status,41,NOT_SHARED,a,UNVERIFIED,2026-03-10\n");
        let waiting = desk.ask(&asked(&[FILE])).unwrap().requests.remove(0);
        let other = desk.ask(&asked(&[FILE])).unwrap().requests.remove(0);
        desk.set("2026-03-09T10:00:00+08:00");
        let granted = desk.answer("UNION", &waiting, Decision::Grant).unwrap();
        assert_eq!(granted.state, State::InForce);
        desk.set("2026-03-10T10:00:00+08:00");
        refused(desk.ask(&asked(&[FILE])), "ITEM_NOT_SHARED");
        refused(desk.answer("UNION", &other, Decision::Grant), "ITEM_NOT_SHARED");
        refused(desk.answer("UNION", &other, Decision::GrantMasked), "BAD_USER_INPUT");
        refused(desk.renew(&granted, "2027-01-31"), "ITEM_NOT_SHARED");
        assert_eq!(desk.answer("UNION", &other, Decision::Refuse).unwrap().state, State::Refused);
        // Another province's line closes nothing here.
        desk.classed("UnionFile.status,14,NOT_SHARED,a,UNVERIFIED,2026-03-10\n");
        assert!(desk.ask(&asked(&[FILE])).is_ok());
        assert!(desk.renew(&granted, "2027-01-31").is_ok());
    });
}

#[test]
fn what_needs_its_owners_answer_somewhere_is_not_granted_by_rule_for_all() {
    on_both("classes_rule", |desk| {
        let state = |desk: &crate::sharing::Desk, division: &str| {
            let mut asked = asked(&[PUBLISHED]);
            asked.division = division.to_owned();
            desk.ask(&asked).unwrap().requests.remove(0).state
        };
        assert_eq!(state(desk, "410727000000"), State::InForce);
        desk.classed("Organisation.name,410728,CONDITIONAL,a,UNVERIFIED,2026-01-01\n");
        assert_eq!(state(desk, "410727000000"), State::InForce, "the next county's");
        assert_eq!(state(desk, ""), State::Answer, "readers of that county would be among them");
        desk.classed("Organisation.name,410727,CONDITIONAL,a,UNVERIFIED,2026-03-03\n");
        assert_eq!(state(desk, "410727000000"), State::InForce, "until the day before");
        desk.set("2026-03-03T00:00:00+08:00");
        assert_eq!(state(desk, "410727000000"), State::Answer);
    });
}

#[test]
fn an_unconditional_class_is_granted_at_once() {
    on_both("classes_open", |desk| {
        assert_eq!(desk.ask(&asked(&[FILE])).unwrap().requests[0].state, State::Answer);
        desk.classed("UnionFile.status,41,UNCONDITIONAL,a,UNVERIFIED,2026-03-01\n");
        let granted = desk.ask(&asked(&[FILE])).unwrap().requests.remove(0);
        assert_eq!((granted.state, granted.until), (State::InForce, day("2026-12-31")));
    });
}
