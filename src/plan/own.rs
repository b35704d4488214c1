//! Own root fields in a plan: what is selected of the answer, and the arguments of a request as JSON.

use apollo_compiler::ast::{InputValueDefinition, Type, Value as Ast};
use apollo_compiler::executable::{Field, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Node, Schema};
use serde_json::{Map, Value};
use yimen_schema::{OwnField, Scalar};

use crate::plan::error::{Invalid, code};
use crate::plan::normalise;
use crate::plan::records::{Picked, picked};

/// An own root field. Whether the caller may ask it is decided when it is asked: a plan is shared by
/// callers whose decisions about the catalogue are equal.
#[derive(Debug)]
pub struct Own {
    /// Which.
    pub field: OwnField,
    /// Response keys from the root.
    pub path: Vec<String>,
    /// What is selected of its type.
    pub picked: Vec<Picked>,
    arguments: Vec<(Node<InputValueDefinition>, Option<Node<Ast>>)>,
}

impl Own {
    pub(crate) fn new(
        own: &OwnField,
        (document, variables): (&ExecutableDocument, &JsonMap),
        field: &Field,
        sets: &[&SelectionSet],
        path: Vec<String>,
    ) -> Self {
        let given = |definition: &Node<InputValueDefinition>| {
            let given = field.arguments.iter().find(|given| given.name == definition.name);
            (definition.clone(), given.map(|given| given.value.clone()))
        };
        Own {
            field: own.clone(),
            path,
            picked: picked(document, variables, sets),
            arguments: field.definition.arguments.iter().map(given).collect(),
        }
    }

    /// The arguments of a request by their names, defaults filled in, texts checked against their scalars.
    /// What isn't given and has no default is absent.
    ///
    /// # Errors
    /// `BAD_USER_INPUT`, which names the argument and never repeats its value.
    pub fn arguments(&self, schema: &Schema, variables: &JsonMap) -> Result<Map<String, Value>, Invalid> {
        let reader = Reader { schema, variables };
        let mut arguments = Map::new();
        for (definition, given) in &self.arguments {
            let given = given.as_deref().filter(|given| !reader.is_absent(given));
            if let Some(value) = given.or(definition.default_value.as_deref()) {
                let name = definition.name.as_str();
                arguments.insert(name.to_owned(), reader.value(value, &definition.ty, name)?);
            }
        }
        Ok(arguments)
    }
}

struct Reader<'a> {
    schema: &'a Schema,
    variables: &'a JsonMap,
}

impl Reader<'_> {
    /// A variable that the request doesn't give is as if the argument weren't written.
    fn is_absent(&self, value: &Ast) -> bool {
        matches!(value, Ast::Variable(name) if !self.variables.contains_key(name.as_str()))
    }

    /// A value of the document. Validation has checked its form, and that of variables.
    fn value(&self, value: &Ast, ty: &Type, at: &str) -> Result<Value, Invalid> {
        match value {
            Ast::Variable(name) => {
                let given = self.variables.get(name.as_str()).unwrap_or(&JsonValue::Null);
                self.given(given, ty, at)
            }
            Ast::Null => Ok(Value::Null),
            Ast::List(values) => {
                let each = values.iter().map(|value| self.value(value, ty.item_type(), at));
                Ok(Value::Array(each.collect::<Result<_, _>>()?))
            }
            one if ty.is_list() => Ok(Value::Array(vec![self.value(one, ty.item_type(), at)?])),
            Ast::Object(entries) => {
                let written = |name: &str| {
                    let entry = entries.iter().find(|(key, _)| key == name);
                    entry.map(|(_, value)| &**value).filter(|value| !self.is_absent(value))
                };
                self.object(ty, at, |name, ty, at| {
                    written(name).map(|value| self.value(value, ty, at)).transpose()
                })
            }
            Ast::Boolean(truth) => leaf(Value::Bool(*truth), ty, at),
            Ast::Int(number) => leaf(number.try_to_i32().map_or(Value::Null, Value::from), ty, at),
            Ast::Float(number) => leaf(number.try_to_f64().map_or(Value::Null, Value::from), ty, at),
            Ast::String(text) => leaf(Value::from(text.as_str()), ty, at),
            Ast::Enum(name) => leaf(Value::from(name.as_str()), ty, at),
        }
    }

    /// A value of a variable.
    fn given(&self, value: &JsonValue, ty: &Type, at: &str) -> Result<Value, Invalid> {
        match value {
            any if ty.inner_named_type() == "JSON" => Ok(serde_json::to_value(any).unwrap_or_default()),
            JsonValue::Array(values) if ty.is_list() => {
                let each = values.iter().map(|value| self.given(value, ty.item_type(), at));
                Ok(Value::Array(each.collect::<Result<_, _>>()?))
            }
            JsonValue::Null => Ok(Value::Null),
            one if ty.is_list() => Ok(Value::Array(vec![self.given(one, ty.item_type(), at)?])),
            JsonValue::Object(entries) => self.object(ty, at, |name, ty, at| {
                entries.get(name).map(|value| self.given(value, ty, at)).transpose()
            }),
            other => leaf(serde_json::to_value(other).unwrap_or_default(), ty, at),
        }
    }

    /// An input object: each field that is given or has a default.
    fn object(
        &self,
        ty: &Type,
        at: &str,
        given: impl Fn(&str, &Type, &str) -> Result<Option<Value>, Invalid>,
    ) -> Result<Value, Invalid> {
        let Some(ExtendedType::InputObject(input)) = self.schema.types.get(ty.inner_named_type()) else {
            return Err(unfit(at, "must be one value"));
        };
        let mut object = Map::new();
        for (name, field) in &input.fields {
            let at = format!("{at}.{name}");
            let value = match given(name, &field.ty, &at)? {
                Some(value) => Some(value),
                None => {
                    let default = field.default_value.as_deref();
                    default.map(|value| self.value(value, &field.ty, &at)).transpose()?
                }
            };
            value.map(|value| object.insert(name.to_string(), value));
        }
        Ok(Value::Object(object))
    }
}

/// One value that is no object. Types of the catalogue take a text; validation lets anything pass for them.
fn leaf(value: Value, ty: &Type, at: &str) -> Result<Value, Invalid> {
    let scalar = match ty.inner_named_type().as_str() {
        "CitizenId" => Scalar::CitizenId,
        "DivisionCode" => Scalar::Division,
        "Money" => Scalar::Money,
        "Decimal" => Scalar::Decimal,
        "Date" => Scalar::Date,
        "YearMonth" => Scalar::YearMonth,
        "DateTime" => Scalar::DateTime,
        "ID" | "String" => Scalar::String,
        _ => return Ok(value),
    };
    let text = match &value {
        Value::String(text) => text.clone(),
        // GraphQL takes a whole number for an ID.
        Value::Number(number) if ty.inner_named_type() == "ID" => number.to_string(),
        Value::Null => return Ok(Value::Null),
        _ => return Err(unfit(at, "must be a string")),
    };
    normalise(&scalar, &text).map(Value::String).map_err(|wrong| unfit(at, &wrong))
}

fn unfit(at: &str, wrong: &str) -> Invalid {
    Invalid::new(code::BAD_USER_INPUT, format!("argument `{at}` {wrong}"))
}

#[cfg(test)]
mod tests {
    use apollo_compiler::request::coerce_variable_values;
    use apollo_compiler::validation::Valid;
    use serde_json::json;

    use super::*;

    const SCHEMA: &str = "
      scalar CitizenId
      type Query { one(id: CitizenId, input: In, flags: [Flag!], first: Int = 20): String }
      enum Flag { A B }
      input In { name: String! deep: [Deep!] kind: Flag = B }
      input Deep { id: ID! }";

    fn asked(document: &str, variables: Value) -> Result<Value, Invalid> {
        let schema = Schema::parse_and_validate(SCHEMA, "schema").unwrap();
        let document = ExecutableDocument::parse_and_validate(&schema, document, "document").unwrap();
        let operation = document.operations.get(None).unwrap();
        let variables: JsonMap = serde_json::from_value(variables).unwrap();
        let variables: Valid<JsonMap> = coerce_variable_values(&schema, operation, &variables).unwrap();
        let field = operation.root_fields(&document).next().unwrap().clone();
        let own = OwnField { name: String::from("one"), on: yimen_schema::RootType::Query };
        let sets = [&field.selection_set];
        Own::new(&own, (&document, &variables), &field, &sets, Vec::new())
            .arguments(&schema, &variables)
            .map(Value::Object)
    }

    #[test]
    fn arguments_are_the_same_written_or_given() {
        let written = asked(
            "{ one(id: \"11010519491231002x\", flags: A, input: { name: \"n\", deep: { id: 7 } }) }",
            json!({}),
        );
        let given = asked(
            "query($id: CitizenId, $flags: [Flag!], $input: In) { one(id: $id, flags: $flags, input: $input) }",
            json!({
                "id": "11010519491231002x", "flags": "A", "input": { "name": "n", "deep": [{ "id": 7 }] }
            }),
        );
        let expected = json!({
            "id": "11010519491231002X",
            "input": { "name": "n", "deep": [{ "id": "7" }], "kind": "B" },
            "flags": ["A"],
            "first": 20,
        });
        assert_eq!(written, Ok(expected.clone()));
        assert_eq!(given, Ok(expected));
        let parts = asked("query($n: String!) { one(input: { name: $n }) }", json!({ "n": "x" }));
        assert_eq!(parts.unwrap()["input"], json!({ "name": "x", "kind": "B" }));
    }

    #[test]
    fn what_is_not_given_is_absent_and_null_is_null() {
        let none = asked("query($id: CitizenId) { one(id: $id) }", json!({}));
        assert_eq!(none, Ok(json!({ "first": 20 })));
        assert_eq!(asked("{ one(id: null) }", json!({})), Ok(json!({ "id": null, "first": 20 })));
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused_without_repeating_it() {
        for (document, variables) in [
            ("{ one(id: \"110105194912310021\") }", json!({})),
            ("query($id: CitizenId) { one(id: $id) }", json!({ "id": "110105194912310021" })),
            ("query($id: CitizenId) { one(id: $id) }", json!({ "id": { "a": "110105194912310021" } })),
            ("query($id: CitizenId) { one(id: $id) }", json!({ "id": 1101051949 })),
        ] {
            let refused = asked(document, variables).unwrap_err();
            assert_eq!(refused.code(), code::BAD_USER_INPUT);
            let text = Value::from(refused.errors).to_string();
            assert!(text.contains("`id`") && !text.contains("110105"), "{text}");
        }
    }
}
