//! The tables of the exchange database `housing`: real estate, housing security and the provident fund.

pub mod housing_application;
pub mod housing_assessment;
pub mod housing_fund_account;
pub mod public_rental;
pub mod real_estate_right;
pub mod rental_subsidy_contract;
pub mod rental_subsidy_payment;
pub mod rental_subsidy_review;
