//! From asking to what is in force, with the no beside every yes.

use yimen::sharing::{
    Answered, Asked, Decision, Effect, Made, Refused, Request, RequestFilter, Sight, State,
};
use yimen_policy::Decision as Standing;

use crate::sharing::{Desk, NAMES, asked, day, on_both};
use sea_orm::{ConnectionTrait, Statement};

const FILE: &str = "UnionFile.status";
const AWARD: &str = "MlaAward.monthlyAmount";

impl Desk {
    pub(super) fn ask(&self, asked: &Asked) -> Result<Made, Refused> {
        let deny = |_| Standing::Deny;
        let actor = self.actor("HOUSING");
        let ask = self.sharing.ask(self.hub.connection(), (&actor, &NAMES), asked, &deny);
        self.runtime.block_on(ask)
    }

    /// One request of one item, to the unions.
    fn one(&self) -> Request {
        self.ask(&asked(&[FILE])).unwrap().requests.remove(0)
    }

    pub(super) fn answer(
        &self,
        department: &str,
        request: &Request,
        decision: Decision,
    ) -> Result<Request, Refused> {
        let reason = (decision == Decision::Refuse).then(|| String::from("the files aren't needed for this"));
        let (id, version) = (request.id.clone(), request.version);
        self.answered(department, &Answered { id, version, decision, reason, division: None, until: None })
    }

    fn answered(&self, department: &str, answered: &Answered) -> Result<Request, Refused> {
        let actor = self.actor(department);
        self.runtime.block_on(self.sharing.answer(self.hub.connection(), &actor, answered))
    }

    fn revoke(&self, department: &str, request: &Request) -> Result<Request, Refused> {
        let actor = self.actor(department);
        let at = (request.id.as_str(), request.version);
        self.runtime.block_on(self.sharing.revoke(self.hub.connection(), &actor, at, "no longer needed"))
    }

    fn dispute(&self, department: &str, request: &Request) -> Result<Request, Refused> {
        let actor = self.actor(department);
        let at = (request.id.as_str(), request.version);
        let why = "without it the same form is asked of the family again";
        self.runtime.block_on(self.sharing.dispute(self.hub.connection(), &actor, at, why))
    }

    fn settle(&self, department: &str, request: &Request, back: bool) -> Result<Request, Refused> {
        let actor = self.actor(department);
        let at = (request.id.as_str(), request.version);
        let settle = self.sharing.settle(self.hub.connection(), &actor, at, (back, "as the law says"));
        self.runtime.block_on(settle)
    }

    pub(super) fn renew(&self, request: &Request, until: &str) -> Result<Request, Refused> {
        let actor = self.actor("HOUSING");
        let at = (request.id.as_str(), request.version);
        let renew = self.sharing.renew(self.hub.connection(), (&actor, &NAMES), at, day(until));
        self.runtime.block_on(renew)
    }

    /// A column of grants and the version, as replicas look at them.
    fn grants(&self) -> (Vec<(String, String, String)>, i64) {
        let connection = self.hub.connection();
        let rows = |sql: &str| {
            let statement = Statement::from_string(connection.get_database_backend(), sql);
            self.runtime.block_on(connection.query_all_raw(statement)).unwrap()
        };
        let grants = rows("SELECT id, effect, state FROM sharing_grant ORDER BY valid_until, id");
        let text = |row: &sea_orm::QueryResult, column: &str| row.try_get("", column).unwrap();
        let grants =
            grants.iter().map(|row| (text(row, "id"), text(row, "effect"), text(row, "state"))).collect();
        let version = rows("SELECT version FROM sharing_version")[0].try_get("", "version").unwrap();
        (grants, version)
    }
}

#[track_caller]
pub(super) fn refused<T: std::fmt::Debug>(result: Result<T, Refused>, code: &str) {
    assert_eq!(result.unwrap_err().code(), Some(code));
}

#[test]
fn what_is_asked_at_once_goes_to_each_owner_and_unconditional_items_are_granted() {
    on_both("sharing_split", |desk| {
        let made = desk.ask(&asked(&[FILE, AWARD, "Organisation.name", FILE])).unwrap();
        let of = |owner: &str| made.requests.iter().filter(|r| r.owner == owner).collect::<Vec<_>>();
        assert_eq!(made.requests.len(), 3);
        assert_eq!(of("UNION")[0].state, State::Answer);
        assert_eq!(of("UNION")[0].items, [FILE]);
        let civil = of("CIVIL_AFFAIRS");
        assert_eq!(civil.len(), 2, "what is granted by rule stands apart");
        let by_rule = civil.iter().find(|request| request.state == State::InForce).unwrap();
        assert_eq!(by_rule.items, ["Organisation.name"]);
        let (grants, version) = desk.grants();
        assert_eq!(grants, [(by_rule.id.clone(), "CLEAR".into(), "IN_FORCE".into())]);
        assert_eq!(version, 1);
        let bundle = &made.requests[0].bundle;
        assert!(made.requests.iter().all(|request| request.bundle == *bundle));
    });
}

#[test]
fn a_granted_request_is_in_force_until_it_is_revoked() {
    on_both("sharing_grant", |desk| {
        let request = desk.one();
        refused(desk.answer("HOUSING", &request, Decision::Grant), "NOT_RESPONSIBLE");
        refused(desk.answer("COUNTY_GOV", &request, Decision::Grant), "NOT_RESPONSIBLE");
        refused(desk.answer("EDUCATION", &request, Decision::Grant), "NOT_FOUND");
        refused(desk.revoke("UNION", &request), "ILLEGAL_TRANSITION");
        assert_eq!(desk.grants(), (Vec::new(), 0), "nothing came into force");
        let granted = desk.answer("UNION", &request, Decision::Grant).unwrap();
        assert_eq!((granted.state, granted.version), (State::InForce, 2));
        assert_eq!(desk.grants(), (vec![(request.id.clone(), "CLEAR".into(), "IN_FORCE".into())], 1));
        refused(desk.answer("UNION", &request, Decision::Refuse), "STALE_VERSION");
        refused(desk.answer("UNION", &granted, Decision::Refuse), "ILLEGAL_TRANSITION");
        refused(desk.revoke("COUNTY_GOV", &granted), "NOT_RESPONSIBLE");
        desk.revoke("UNION", &granted).unwrap();
        assert_eq!(desk.grants(), (vec![(request.id.clone(), "CLEAR".into(), "REVOKED".into())], 2));
    });
}

#[test]
fn an_answer_never_gives_more_than_was_asked() {
    on_both("sharing_more", |desk| {
        let answer = |items: &[&str], effect: Effect| {
            let made = desk.ask(&Asked { effect, ..asked(items) }).unwrap();
            let request = &made.requests[0];
            let (id, version) = (request.id.clone(), request.version);
            Answered { id, version, decision: Decision::Grant, reason: None, division: None, until: None }
        };
        let wide = answer(&[FILE], Effect::Clear);
        let later = Answered { until: Some(day("2027-01-01")), ..wide.clone() };
        refused(desk.answered("UNION", &later), "BAD_USER_INPUT");
        for division in ["", "410000000000", "410726000000"] {
            let wider = Answered { division: Some(division.into()), ..wide.clone() };
            refused(desk.answered("UNION", &wider), "BAD_USER_INPUT");
        }
        let masked = Answered { decision: Decision::GrantMasked, ..wide.clone() };
        refused(desk.answered("UNION", &masked), "BAD_USER_INPUT");
        let narrower =
            Answered { division: Some("410727100000".into()), until: Some(day("2026-06-30")), ..wide };
        let granted = desk.answered("UNION", &narrower).unwrap().granted.unwrap();
        assert_eq!(granted, (Effect::Clear, "410727100000".into(), day("2026-06-30")));
        let reduced = answer(&["UnionFile.citizenId"], Effect::Mask);
        let granted = desk.answered("UNION", &reduced).unwrap().granted.unwrap();
        assert_eq!(granted.0, Effect::Mask, "who asked for the reduced value gets it");
    });
}

#[test]
fn a_refusal_is_disputed_negotiated_and_settled() {
    on_both("sharing_dispute", |desk| {
        let request = desk.one();
        let silent = Answered {
            id: request.id.clone(),
            version: 1,
            decision: Decision::Refuse,
            reason: None,
            division: None,
            until: None,
        };
        refused(desk.answered("UNION", &silent), "BAD_USER_INPUT");
        let no = desk.answer("UNION", &request, Decision::Refuse).unwrap();
        refused(desk.dispute("UNION", &no), "NOT_RESPONSIBLE");
        let talks = desk.dispute("HOUSING", &no).unwrap();
        assert_eq!(talks.state, State::Negotiation);
        let no = desk.answer("UNION", &talks, Decision::Refuse).unwrap();
        assert_eq!(no.state, State::Coordination);
        refused(desk.answer("UNION", &no, Decision::Grant), "ILLEGAL_TRANSITION");
        refused(desk.settle("HOUSING", &no, true), "NOT_RESPONSIBLE");
        let back = desk.settle("COUNTY_GOV", &no, true).unwrap();
        assert_eq!(back.state, State::Answer, "the owner answers anew; nobody grants in its place");
        assert_eq!(desk.grants(), (Vec::new(), 0));
        let granted = desk.answer("UNION", &back, Decision::Grant).unwrap();
        assert_eq!(granted.state, State::InForce);
        let steps = desk.all().remove(0).steps;
        let told: Vec<(&str, &str)> = steps
            .iter()
            .map(|step| (step.rule.as_str(), step.ended.as_ref().unwrap().outcome.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("SHARING_ANSWER", "REFUSED"),
                ("SHARING_UNASKED", "NEGOTIATION"),
                ("SHARING_NEGOTIATION", "COORDINATION"),
                ("SHARING_COORDINATION", "ANSWER"),
                ("SHARING_ANSWER", "IN_FORCE"),
            ]
        );
    });
}

#[test]
fn a_renewal_takes_the_place_of_what_it_renews() {
    on_both("sharing_renewal", |desk| {
        let granted = desk.answer("UNION", &desk.one(), Decision::Grant).unwrap();
        refused(desk.renew(&granted, "2026-12-31"), "BAD_USER_INPUT");
        let renewal = desk.renew(&granted, "2027-12-31").unwrap();
        assert_eq!((renewal.state, renewal.renews.as_ref()), (State::Answer, Some(&granted.id)));
        refused(desk.renew(&granted, "2027-12-31"), "STALE_VERSION");
        let seen = Request { version: 3, ..granted.clone() };
        refused(desk.renew(&seen, "2027-12-31"), "ILLEGAL_TRANSITION");
        assert_eq!(desk.grants().0.len(), 1, "the old grant stays until the answer");
        let renewed = desk.answer("UNION", &renewal, Decision::Grant).unwrap();
        let state = |id: &str, state: &str| (id.to_owned(), String::from("CLEAR"), state.to_owned());
        assert_eq!(desk.grants().0, [state(&granted.id, "REVOKED"), state(&renewed.id, "IN_FORCE")]);
        // After its last day it can neither be revoked nor renewed.
        desk.set("2028-01-03T10:00:00+08:00");
        refused(desk.revoke("UNION", &renewed), "ILLEGAL_TRANSITION");
        refused(desk.renew(&renewed, "2028-12-31"), "ILLEGAL_TRANSITION");
        let expired = RequestFilter { state: Some(State::Expired), ..RequestFilter::default() };
        assert_eq!(desk.listed(&Sight::All, &expired).len(), 1);
        let in_force = RequestFilter { state: Some(State::InForce), ..RequestFilter::default() };
        assert_eq!(desk.listed(&Sight::All, &in_force).len(), 0);
    });
}

#[test]
fn what_doesnt_conform_is_refused() {
    on_both("sharing_conform", |desk| {
        let ask = |change: &dyn Fn(&mut Asked)| {
            let mut asked = asked(&[FILE]);
            change(&mut asked);
            desk.ask(&asked)
        };
        refused(ask(&|a| a.items = vec!["UnionForm.contentJson".into()]), "ITEM_NOT_SHARED");
        refused(ask(&|a| a.items = vec!["UnionFile.nothing".into()]), "BAD_USER_INPUT");
        refused(ask(&|a| a.items = vec!["RentalSubsidyContract.id".into()]), "BAD_USER_INPUT");
        refused(ask(&|a| a.items = vec!["Person.unionFiles".into()]), "BAD_USER_INPUT");
        refused(ask(&|a| a.items.clear()), "BAD_USER_INPUT");
        refused(ask(&|a| a.items = vec![FILE.into(); 201]), "BAD_USER_INPUT");
        assert!(ask(&|a| a.items = vec![FILE.into(); 200]).is_ok());
        refused(ask(&|a| a.purpose = "CURIOSITY".into()), "BAD_USER_INPUT");
        refused(ask(&|a| a.purpose = "MEDICAL_ASSISTANCE".into()), "PURPOSE_FORBIDDEN");
        refused(ask(&|a| a.items = vec!["MedicalSettlement.id".into()]), "BEYOND_PURPOSE");
        refused(ask(&|a| a.purpose = "DATA_SHARING".into()), "BEYOND_PURPOSE");
        refused(ask(&|a| a.role = "MAYOR".into()), "BAD_USER_INPUT");
        assert!(ask(&|a| a.role = "CASEWORK".into()).is_ok(), "a group of roles");
        refused(ask(&|a| a.division = "4107".into()), "BAD_USER_INPUT");
        refused(ask(&|a| a.until = day("2026-03-01")), "BAD_USER_INPUT");
        assert!(ask(&|a| a.until = day("2026-03-02")).is_ok(), "today is the last day");
        refused(ask(&|a| a.until = day("2029-03-03")), "BAD_USER_INPUT");
        assert!(ask(&|a| a.until = day("2029-03-02")).is_ok());
        refused(ask(&|a| a.promise = false), "BAD_USER_INPUT");
        refused(ask(&|a| a.basis = "  ".into()), "BAD_USER_INPUT");
        refused(ask(&|a| a.scene = "x".repeat(2_001)), "BAD_USER_INPUT");
        assert!(ask(&|a| a.scene = "x".repeat(2_000)).is_ok());
        refused(ask(&|a| a.scene = "for 11010519491231002X".into()), "BAD_USER_INPUT");
        refused(ask(&|a| a.effect = Effect::Mask), "BAD_USER_INPUT");
    });
}

#[test]
fn what_is_authorised_already_isnt_asked_for_again() {
    on_both("sharing_already", |desk| {
        let asked = asked(&[FILE, AWARD]);
        let file = desk.sharing.policies.catalogue().coordinate_named(FILE);
        let standing = |id| if Some(id) == file { Standing::Clear } else { Standing::Deny };
        let actor = desk.actor("HOUSING");
        let ask = desk.sharing.ask(desk.hub.connection(), (&actor, &NAMES), &asked, &standing);
        let made = desk.runtime.block_on(ask).unwrap();
        assert_eq!(made.authorised, [FILE]);
        assert_eq!(made.requests[0].items, [AWARD]);
        let all = |_| Standing::Clear;
        let ask = desk.sharing.ask(desk.hub.connection(), (&actor, &NAMES), &asked, &all);
        refused(desk.runtime.block_on(ask), "ALREADY_AUTHORIZED");
    });
}

#[test]
fn departments_see_what_concerns_them() {
    on_both("sharing_sight", |desk| {
        desk.ask(&asked(&[FILE, AWARD])).unwrap();
        let sees = |department: &str| {
            desk.listed(&Sight::Department(department.into()), &RequestFilter::default()).len()
        };
        assert_eq!((sees("HOUSING"), sees("UNION"), sees("CIVIL_AFFAIRS")), (2, 1, 1));
        assert_eq!((sees("EDUCATION"), sees("COUNTY_GOV"), desk.all().len()), (0, 2, 2));
        let other = RequestFilter { department: Some("UNION".into()), ..RequestFilter::default() };
        assert_eq!(desk.listed(&Sight::Department("HOUSING".into()), &other).len(), 1);
        let all = desk.all();
        let older = RequestFilter { before: Some(all[0].request.seq), ..RequestFilter::default() };
        assert_eq!(desk.listed(&Sight::All, &older)[0].request.id, all[1].request.id);
    });
}

#[test]
fn the_coordinator_may_look_first() {
    on_both("sharing_look", |desk| {
        desk.sharing.options.conformity_check = true;
        let request = desk.one();
        assert_eq!(request.state, State::Conformity);
        refused(desk.answer("UNION", &request, Decision::Grant), "ILLEGAL_TRANSITION");
        let check = |department: &str, request: &Request, conforms: bool, reason: Option<&str>| {
            let actor = desk.actor(department);
            let at = (request.id.as_str(), request.version);
            let connection = desk.hub.connection();
            let check = desk.sharing.check_conformity(connection, &actor, at, (conforms, reason));
            desk.runtime.block_on(check)
        };
        refused(check("HOUSING", &request, true, None), "NOT_RESPONSIBLE");
        refused(check("COUNTY_GOV", &request, false, None), "BAD_USER_INPUT");
        let fit = check("COUNTY_GOV", &request, true, None).unwrap();
        assert_eq!(fit.state, State::Answer);
        let back = check("COUNTY_GOV", &desk.one(), false, Some("the scene is missing")).unwrap();
        assert_eq!(back.state, State::Returned);
    });
}

#[test]
fn what_a_department_has_open_and_in_force_is_bounded() {
    on_both("sharing_bounds", |desk| {
        desk.one();
        let run = |sql: &str| {
            desk.runtime.block_on(desk.hub.connection().execute_unprepared(sql)).unwrap();
        };
        // Copies of the one request, in a state.
        let copies = |state: &str, count: u32| {
            let columns = "bundle, version, owner, requester, role, purpose, division, items, effect, until, basis, \
                           scene, asked_by, asked_at";
            run("DELETE FROM sharing_request WHERE id LIKE 'x%'");
            run(&format!(
                "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) \
                 INSERT INTO sharing_request (id, state, granted_until, {columns}) \
                 SELECT 'x' || n, '{state}', '2026-12-31', {columns} \
                 FROM (SELECT * FROM sharing_request ORDER BY seq LIMIT 1) AS one, c"
            ));
        };
        copies("ANSWER", 998);
        assert!(desk.ask(&asked(&[FILE])).is_ok(), "the thousandth");
        refused(desk.ask(&asked(&[FILE])), "TOO_MANY_OPEN");
        copies("IN_FORCE", 499);
        assert!(desk.ask(&asked(&[FILE])).is_ok(), "the five hundredth");
        copies("IN_FORCE", 500);
        refused(desk.ask(&asked(&[FILE])), "TOO_MANY_OPEN");
    });
}
