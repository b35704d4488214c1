//! The states of a request and what leads from one to another: one total function, so that whatever
//! isn't written here is refused.

use chrono::NaiveDate;

use crate::sharing::refused::{Refused, code};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The coordinator looks whether it conforms (符合性审查).
    Conformity,
    /// The owner must answer (答复).
    Answer,
    /// The owner grants it, and what it grants is in force.
    InForce,
    /// What was granted has ended by its date.
    Expired,
    /// The owner refuses it.
    Refused,
    /// Requester and owner look for a way (协商); the owner may answer anew.
    Negotiation,
    /// The coordinator must settle it (协调).
    Coordination,
    /// The coordinator sent it back: it doesn't conform.
    Returned,
    /// The coordinator settled that the refusal stands.
    Settled,
    /// The requester took it back.
    Withdrawn,
    /// What was granted was taken back before its end.
    Revoked,
    /// What was granted was renewed by another request.
    Renewed,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The coordinator finds that it conforms.
    Conform,
    /// The coordinator finds that it doesn't.
    Return,
    /// The owner grants it.
    Grant,
    /// The owner refuses it.
    Refuse,
    /// The requester doesn't accept the refusal.
    Dispute,
    /// The coordinator sends a dispute back to the owner, who must answer anew.
    ReferBack,
    /// The coordinator settles that the refusal stands.
    Uphold,
    /// The requester takes it back.
    Withdraw,
    /// The owner or the requester ends what was granted.
    Revoke,
    /// A renewal takes its place.
    Replace,
}

/// Every state, for tables and tests.
pub(crate) const STATES: [State; 12] = [
    State::Conformity,
    State::Answer,
    State::InForce,
    State::Expired,
    State::Refused,
    State::Negotiation,
    State::Coordination,
    State::Returned,
    State::Settled,
    State::Withdrawn,
    State::Revoked,
    State::Renewed,
];

impl State {
    /// The word in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Conformity => "CONFORMITY",
            State::Answer => "ANSWER",
            State::InForce => "IN_FORCE",
            State::Expired => "EXPIRED",
            State::Refused => "REFUSED",
            State::Negotiation => "NEGOTIATION",
            State::Coordination => "COORDINATION",
            State::Returned => "RETURNED",
            State::Settled => "SETTLED",
            State::Withdrawn => "WITHDRAWN",
            State::Revoked => "REVOKED",
            State::Renewed => "RENEWED",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<State> {
        STATES.into_iter().find(|state| state.as_str() == word)
    }

    /// A grant ends by its date without anybody doing anything.
    pub(crate) fn on(self, today: NaiveDate, until: Option<NaiveDate>) -> State {
        match (self, until) {
            (State::InForce, Some(until)) if until < today => State::Expired,
            (state, _) => state,
        }
    }

    /// The rule of the term of this state; none where nobody must do anything.
    pub(crate) fn rule(self) -> Option<&'static str> {
        match self {
            State::Conformity => Some("SHARING_CONFORMITY"),
            State::Answer => Some("SHARING_ANSWER"),
            State::Negotiation => Some("SHARING_NEGOTIATION"),
            State::Coordination => Some("SHARING_COORDINATION"),
            _ => None,
        }
    }

    /// Whether somebody must still decide.
    pub(crate) fn is_open(self) -> bool {
        self.rule().is_some()
    }

    /// The state after an event.
    ///
    /// # Errors
    /// `ILLEGAL_TRANSITION` for everything that isn't written here.
    pub fn after(self, event: Event) -> Result<State, Refused> {
        let next = match (self, event) {
            (State::Conformity, Event::Conform) => State::Answer,
            (State::Conformity, Event::Return) => State::Returned,
            (State::Answer | State::Negotiation, Event::Grant) => State::InForce,
            (State::Answer, Event::Refuse) => State::Refused,
            // A second refusal ends negotiation: the coordinator is next.
            (State::Negotiation, Event::Refuse | Event::Dispute) => State::Coordination,
            (State::Refused, Event::Dispute) => State::Negotiation,
            (State::Coordination, Event::ReferBack) => State::Answer,
            (State::Coordination, Event::Uphold) => State::Settled,
            (
                State::Conformity | State::Answer | State::Negotiation | State::Coordination,
                Event::Withdraw,
            ) => State::Withdrawn,
            (State::InForce, Event::Revoke) => State::Revoked,
            (State::InForce, Event::Replace) => State::Renewed,
            (state, _) => {
                let message = format!("a request that is {} doesn't take this step", state.as_str());
                return Refused::because(code::ILLEGAL_TRANSITION, message);
            }
        };
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [Event; 10] = [
        Event::Conform,
        Event::Return,
        Event::Grant,
        Event::Refuse,
        Event::Dispute,
        Event::ReferBack,
        Event::Uphold,
        Event::Withdraw,
        Event::Revoke,
        Event::Replace,
    ];

    #[test]
    fn nothing_happens_but_what_is_written() {
        let legal: Vec<(State, Event)> = STATES
            .into_iter()
            .flat_map(|state| EVENTS.map(|event| (state, event)))
            .filter(|(state, event)| state.after(*event).is_ok())
            .collect();
        assert_eq!(legal.len(), 16);
        for (state, event) in legal {
            assert!(
                state.is_open() || matches!(state, State::Refused | State::InForce),
                "{state:?} {event:?}"
            );
        }
        for state in STATES {
            for event in EVENTS {
                if let Err(refused) = state.after(event) {
                    assert_eq!(refused.code(), Some(code::ILLEGAL_TRANSITION));
                }
            }
        }
    }

    #[test]
    fn a_grant_ends_by_its_date() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let on = |today: &str| State::InForce.on(day(today), Some(day("2026-12-31")));
        assert_eq!(on("2026-12-31"), State::InForce, "the last day belongs to it");
        assert_eq!(on("2027-01-01"), State::Expired);
        assert_eq!(State::Answer.on(day("2027-01-01"), None), State::Answer);
    }

    #[test]
    fn every_state_has_a_word_of_its_own() {
        for state in STATES {
            assert_eq!(State::of(state.as_str()), Some(state));
        }
    }
}
