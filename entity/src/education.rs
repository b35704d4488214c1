//! The tables of the exchange database `education`: schools and student aid.

pub mod student_aid;
pub mod student_enrolment;
pub mod student_loan;
pub mod tuition_charge;
