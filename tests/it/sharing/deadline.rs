//! Terms: the last day, the reminder before it and the escalation after it.

use yimen::deadline::Marked;
use yimen::sharing::{Answered, Decision, RequestFilter, Sight};
use yimen_policy::Decision as Standing;

use crate::sharing::{Desk, NAMES, asked, day, on_both};

impl Desk {
    fn begin(&self) -> (String, i64) {
        let deny = |_| Standing::Deny;
        let actor = self.actor("HOUSING");
        let asked = asked(&["UnionFile.status"]);
        let ask = self.sharing.ask(self.hub.connection(), (&actor, &NAMES), &asked, &deny);
        let request = self.runtime.block_on(ask).unwrap().requests.remove(0);
        (request.id, request.version)
    }

    fn remind(&self) -> Marked {
        self.runtime.block_on(self.sharing.deadlines.remind(self.hub.connection(), self.now)).unwrap()
    }
}

fn marked(dated: u64, reminded: u64, escalated: u64) -> Marked {
    Marked { dated, reminded, escalated }
}

#[test]
fn a_step_is_reminded_of_and_escalated_once() {
    on_both("deadline_once", |desk| {
        let (id, version) = desk.begin();
        let step = desk.all().remove(0).steps.remove(0);
        assert_eq!(step.due, Some(day("2026-03-16")), "ten working days after a Monday");
        assert_eq!(step.term.unwrap().1, "UNVERIFIED");
        desk.set("2026-03-11T23:59:00+08:00");
        assert_eq!(desk.remind(), marked(0, 0, 0));
        desk.set("2026-03-12T00:01:00+08:00");
        assert_eq!(desk.remind(), marked(0, 1, 0), "two working days before");
        assert_eq!(desk.remind(), marked(0, 0, 0));
        desk.set("2026-03-16T23:59:00+08:00");
        assert_eq!(desk.remind(), marked(0, 0, 0), "the last day belongs to the term");
        let overdue = RequestFilter { overdue: true, ..RequestFilter::default() };
        assert_eq!(desk.listed(&Sight::All, &overdue).len(), 0);
        desk.set("2026-03-17T00:01:00+08:00");
        assert_eq!(desk.remind(), marked(0, 0, 1));
        assert_eq!(desk.remind(), marked(0, 0, 0));
        assert_eq!(desk.listed(&Sight::All, &overdue).len(), 1);
        let listed = desk.all().remove(0);
        let shown = desk.sharing.shown(&listed, "UNION", desk.now);
        assert_eq!((&shown["daysLeft"], &shown["due"]), (&(-1).into(), &"2026-03-16".into()));
        assert_eq!(shown["waitsFor"], "UNION");
        assert!(shown["steps"][0]["escalatedAt"].is_string());
        let answered =
            Answered { id, version, decision: Decision::Grant, reason: None, division: None, until: None };
        let actor = desk.actor("UNION");
        let answer = desk.sharing.answer(desk.hub.connection(), &actor, &answered);
        desk.runtime.block_on(answer).unwrap();
        assert_eq!(desk.listed(&Sight::All, &overdue).len(), 0, "what is answered isn't overdue");
    });
}

#[test]
fn a_term_beyond_the_calendar_has_no_last_day_until_it_is_known() {
    on_both("deadline_unknown", |desk| {
        desk.set("2026-12-25T10:00:00+08:00");
        desk.begin();
        let listed = desk.all().remove(0);
        assert_eq!(listed.steps[0].due, None);
        let shown = desk.sharing.shown(&listed, "UNION", desk.now);
        assert_eq!(shown["steps"][0]["calendarUnknown"], true);
        assert_eq!(desk.remind(), marked(0, 0, 0));
        let invented =
            "\n2027-01-01,2027-12-31,YEAR,2027,invented\n2027-01-01,2027-01-01,HOLIDAY,元旦,invented";
        let text = [include_str!("../../../policy/calendar.csv").trim_end(), invented].concat();
        desk.sharing.deadlines.calendar = yimen::calendar::Calendar::parse(&text).unwrap();
        assert_eq!(desk.remind(), marked(1, 0, 0));
        assert_eq!(desk.all()[0].steps[0].due, Some(day("2027-01-11")));
    });
}
