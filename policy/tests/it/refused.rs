//! Policy files that can't come into force: each is named, with the policy or the item, and what is wrong.

use yimen_policy::{Codes, Policies, Problem, Source, bundled_sources};

use crate::world::CATALOGUE;

const TAX: &str = "policy/cedar/TAX.cedar";

/// One policy of the tax file with a permission of the test's own.
fn policy(resource: &str, condition: &str) -> Source {
    let head = "@id(\"tax-to-union\")\n@basis(\"003 四(一)\")\npermit (principal in Department::\"UNION\"";
    let text = format!("{head}, action == Action::\"clear\", {resource})\nwhen {{ {condition} }};\n");
    Source { name: TAX.to_owned(), text }
}

fn named(item: &str) -> Source {
    policy(&format!("resource == Item::\"{item}\""), "context.purpose == Purpose::\"UNION_FILE_CHECK\"")
}

fn problems(sources: &[Source]) -> Vec<Problem> {
    let result = Policies::load(CATALOGUE.clone(), Codes::bundled(), sources);
    result.err().map(|error| error.problems).unwrap_or_default()
}

/// That there is this problem, and that the printed error says so in one line.
#[track_caller]
fn is_refused(sources: &[Source], file: &str, subject: &str, message: &str) {
    let result = Policies::load(CATALOGUE.clone(), Codes::bundled(), sources);
    let error = result.err().unwrap_or_else(|| panic!("came into force"));
    let fits = |problem: &&Problem| {
        problem.file == file && problem.subject == subject && problem.message.contains(message)
    };
    assert!(error.problems.iter().any(|problem| fits(&problem)), "{error}");
    let text = error.to_string();
    assert!(text.contains(file) && text.contains(subject), "{text}");
}

#[test]
fn an_item_that_does_not_exist_is_refused() {
    is_refused(
        &[named("TaxSummary.wealth")],
        TAX,
        "tax-to-union",
        "`TaxSummary.wealth`, which is not in the catalogue",
    );
}

#[test]
fn an_item_of_another_department_is_refused() {
    is_refused(
        &[named("Person.name")],
        TAX,
        "tax-to-union",
        "`Person.name`, which belongs to `PUBLIC_SECURITY`",
    );
}

#[test]
fn a_link_to_another_department_is_refused_though_it_stands_on_an_own_resource() {
    is_refused(&[named("TaxSummary.person")], TAX, "tax-to-union", "belongs to `PUBLIC_SECURITY`");
}

#[test]
fn a_resource_of_another_department_is_refused() {
    let source = policy("resource in Resource::\"Person\"", "principal in Role::\"CASEWORK\"");
    is_refused(&[source], TAX, "tax-to-union", "`Person`, which belongs to `PUBLIC_SECURITY`");
}

#[test]
fn a_purpose_that_does_not_exist_is_refused() {
    let source = policy("resource", "context.purpose == Purpose::\"CURIOSITY\"");
    is_refused(&[source], TAX, "tax-to-union", "names Purpose `CURIOSITY`, which doesn't exist");
}

#[test]
fn a_role_a_section_and_a_department_that_do_not_exist_are_refused_together() {
    let condition = "principal in Role::\"BOSS\" && resource in Section::\"SECRETS\"";
    let source = policy("resource", &format!("{condition} && principal in Department::\"CUSTOMS\""));
    let found: Vec<String> = problems(&[source]).into_iter().map(|problem| problem.message).collect();
    for expected in ["Department `CUSTOMS`", "Role `BOSS`", "Section `SECRETS`"] {
        assert!(found.iter().any(|message| message.contains(expected)), "{found:?}");
    }
}

#[test]
fn a_caller_cannot_be_named() {
    let source = policy("resource", "principal == Caller::\"caller\"");
    is_refused(&[source], TAX, "tax-to-union", "names Caller `caller`");
}

#[test]
fn a_misspelt_attribute_is_refused() {
    is_refused(&[policy("resource", "resource.clas == \"CONDITIONAL\"")], TAX, "tax-to-union", "clas");
}

#[test]
fn a_comparison_of_unlike_things_is_refused() {
    is_refused(&[policy("resource", "resource.level == \"L1\"")], TAX, "tax-to-union", "");
}

#[test]
fn an_action_that_does_not_exist_is_refused() {
    let mut source = named("TaxSummary.year");
    source.text = source.text.replace("Action::\"clear\"", "Action::\"read\"");
    is_refused(&[source], TAX, "tax-to-union", "read");
}

#[test]
fn a_policy_without_a_name_is_refused_by_its_place_in_the_file() {
    let mut source = named("TaxSummary.year");
    let nameless = source.text.replace("@id(\"tax-to-union\")\n", "");
    source.text.push_str(&nameless);
    is_refused(&[source], TAX, "policy1", "a policy needs `@id");
}

#[test]
fn a_policy_without_a_clause_is_refused() {
    let mut source = named("TaxSummary.year");
    source.text = source.text.replace("@basis(\"003 四(一)\")\n", "");
    is_refused(&[source], TAX, "tax-to-union", "`@basis");
}

#[test]
fn two_policies_of_one_name_are_refused() {
    let mut source = named("TaxSummary.year");
    source.text = source.text.repeat(2);
    is_refused(&[source], TAX, "tax-to-union", "a second policy with this `@id`");
}

#[test]
fn a_file_that_is_not_cedar_is_refused() {
    let source = Source { name: TAX.to_owned(), text: "permit everything".to_owned() };
    is_refused(&[source], TAX, "", "isn't Cedar");
}

#[test]
fn a_template_is_refused() {
    let mut source = named("TaxSummary.year");
    source.text = source.text.replace("principal in Department::\"UNION\"", "principal == ?principal");
    is_refused(&[source], TAX, "", "templates aren't used");
}

#[test]
fn a_file_for_a_department_that_does_not_exist_is_refused() {
    let mut source = named("TaxSummary.year");
    source.name = "policy/cedar/CUSTOMS.cedar".to_owned();
    is_refused(&[source], "policy/cedar/CUSTOMS.cedar", "", "`CUSTOMS`, which is no department");
}

#[test]
fn a_second_file_for_one_department_is_refused() {
    let mut second = named("TaxSummary.year");
    second.name = "policy/more/TAX.cedar".to_owned();
    is_refused(&[named("TaxSummary.year"), second], "policy/more/TAX.cedar", "", "a second file for `TAX`");
}

#[test]
fn an_owner_without_a_file_leaves_items_uncovered() {
    let mut sources = bundled_sources();
    sources.retain(|source| source.name != TAX);
    let problems = problems(&sources);
    assert!(problems.iter().all(|problem| problem.file == "TAX.cedar"));
    let uncovered: Vec<&str> = problems.iter().map(|problem| problem.subject.as_str()).collect();
    assert!(uncovered.contains(&"TaxSummary.incomeBand") && uncovered.contains(&"Person.taxSummaries"));
    assert!(!uncovered.contains(&"TaxSummary.person"), "the way to a person is for public security to cover");
    assert!(problems[0].to_string().contains("not even its owner may read it"), "{}", problems[0]);
}
