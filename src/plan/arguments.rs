//! Arguments of lists and roots: literals become parameters now, variables when the plan runs.
//! Every item that an argument compares or orders by is authorised like a field.

use apollo_compiler::Node;
use apollo_compiler::ast::{Argument as AstArgument, Value};
use apollo_compiler::executable::Field;
use apollo_compiler::response::{JsonMap, JsonValue};
use yimen_policy::{Argument, DecisionTable};
use yimen_schema::name::upper_snake_case;
use yimen_schema::{Catalogue, CoordinateId, Direction, OrderTerm, Resource, Scalar};

use crate::plan::error::{Invalid, code};
use crate::plan::input::normalise;
use crate::plan::{Bind, Input, VariablePath};

/// Why a field can't be compiled.
pub(crate) enum Refusal {
    /// The field is withheld, and answered by `null`.
    Denied(CoordinateId),
    /// The field is withheld, for the case doesn't reach there.
    NotInCase(CoordinateId),
    /// The request is wrong.
    Invalid(Invalid),
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Refusal::Invalid(invalid)
    }
}

/// The most values behind one `in`.
pub(crate) const MAX_IN: usize = 1_000;

/// The arguments of a list, authorised.
#[derive(Debug)]
pub(crate) struct ListArguments {
    pub(crate) first: i64,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Vec<OrderTerm>,
    /// The items that rows are compared and ordered by, which the record of the operation names.
    pub(crate) used: Vec<Argument>,
    pub(crate) after: Option<Bind>,
}

/// A condition on one item.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) field: usize,
    pub(crate) operator: Operator,
    pub(crate) bind: Bind,
}

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Eq,
    In,
    AtLeast,
    AtMost,
    Within,
}

/// Reads arguments on behalf of one caller.
pub(crate) struct Reader<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) table: &'a DecisionTable,
    pub(crate) variables: &'a JsonMap,
}

/// A value with the place that it came from.
enum Given<'a> {
    Ast(&'a Value),
    Json { value: &'a JsonValue, name: &'a str, path: Vec<String> },
}

impl<'a> Reader<'a> {
    /// The value of an argument; `None` where it was not given, or by a variable that was not.
    fn argument(&self, field: &'a Field, name: &str) -> Option<Given<'a>> {
        let argument: &Node<AstArgument> = field.arguments.iter().find(|argument| argument.name == name)?;
        self.given(&argument.value)
    }

    fn given(&self, value: &'a Value) -> Option<Given<'a>> {
        match value {
            Value::Variable(name) => {
                let value = self.variables.get(name.as_str())?;
                Some(Given::Json { value, name: name.as_str(), path: Vec::new() })
            }
            other => Some(Given::Ast(other)),
        }
    }

    /// `first`, `filter`, `orderBy` and `after` of a list of this resource.
    pub(crate) fn list(
        &self,
        field: &'a Field,
        resource: &Resource,
        limit: u32,
        default: u32,
    ) -> Result<ListArguments, Refusal> {
        let first = self.first(field, limit, default)?;
        let mut used = Vec::new();
        let conditions = self.filter(field, resource, &mut used)?;
        let order = self.order(field, resource, &mut used)?;
        let after = match self.argument(field, "after") {
            Some(given) if !given.is_null() => Some(given.bind(&Scalar::String, "after")?),
            _ => None,
        };
        Ok(ListArguments { first, conditions, order, used, after })
    }

    fn first(&self, field: &'a Field, limit: u32, default: u32) -> Result<i64, Invalid> {
        let given = self.argument(field, "first").and_then(|given| given.integer());
        let first = given.unwrap_or(i64::from(default));
        if first < 0 || first > i64::from(limit) {
            let message = format!("argument `first` of `{}` must be from 0 to {limit}", field.name);
            return Err(Invalid::new(code::SLICING, message));
        }
        Ok(first)
    }

    fn filter(
        &self,
        field: &'a Field,
        resource: &Resource,
        used: &mut Vec<Argument>,
    ) -> Result<Vec<Condition>, Refusal> {
        let Some(filter) = self.argument(field, "filter") else { return Ok(Vec::new()) };
        let mut conditions = Vec::new();
        for (name, operators) in filter.entries(self) {
            let Some((index, item)) = resource.field(&name) else { continue };
            if operators.is_null() {
                return Err(null_condition(&name).into());
            }
            used.push(self.authorise(item.coordinate)?);
            let scalar = &resource.item(index).scalar;
            for (operator, value) in operators.entries(self) {
                if value.is_null() {
                    return Err(null_condition(&format!("{name}.{operator}")).into());
                }
                conditions.push(condition(index, scalar, &name, &operator, value)?);
            }
        }
        Ok(conditions)
    }

    fn order(
        &self,
        field: &'a Field,
        resource: &Resource,
        used: &mut Vec<Argument>,
    ) -> Result<Vec<OrderTerm>, Refusal> {
        let given = match self.argument(field, "orderBy") {
            Some(Given::Ast(Value::List(values))) => {
                values.iter().filter_map(|value| self.given(value)).flat_map(|given| given.texts()).collect()
            }
            Some(given) => given.texts(),
            None => Vec::new(),
        };
        if given.is_empty() {
            return Ok(resource.order.clone());
        }
        let mut order: Vec<OrderTerm> = Vec::new();
        for value in given {
            let Some((name, direction)) = direction(&value) else { continue };
            let named = |f: &yimen_schema::Field| upper_snake_case(&f.name) == name;
            let Some(index) = resource.fields.iter().position(named) else { continue };
            used.push(self.authorise(resource.fields[index].coordinate)?);
            if order.iter().all(|term| term.field != index) {
                order.push(OrderTerm { field: index, direction });
            }
        }
        Ok(order)
    }

    fn authorise(&self, coordinate: CoordinateId) -> Result<Argument, Refusal> {
        self.table.argument(coordinate).map_err(|_| Refusal::Denied(coordinate))
    }

    /// The value, or the values, of a root's only argument.
    pub(crate) fn key_values(
        &self,
        field: &'a Field,
        scalar: &Scalar,
        many: bool,
    ) -> Result<Vec<Bind>, Invalid> {
        let Some(argument) = field.arguments.first() else { return Ok(Vec::new()) };
        let name = argument.name.as_str();
        let Some(given) = self.given(&argument.value) else { return Ok(Vec::new()) };
        match &given {
            Given::Ast(Value::List(values)) if many => {
                let given = values.iter().filter_map(|value| self.given(value));
                given.map(|given| given.bind(scalar, name)).collect()
            }
            _ => Ok(vec![given.bind_as(scalar, name, many)?]),
        }
    }

    /// A text argument whose value the plan itself depends on.
    pub(crate) fn text(&self, field: &'a Field, name: &str) -> Option<String> {
        self.argument(field, name)?.texts().into_iter().next()
    }

    /// The catalogue that arguments speak of.
    pub(crate) fn resource(&self, id: yimen_schema::ResourceId) -> &'a Resource {
        self.catalogue.resource(id)
    }
}

fn null_condition(name: &str) -> Invalid {
    let message = format!("condition `{name}` is null: leave it out, or give a value");
    Invalid::new(code::BAD_USER_INPUT, message)
}

fn condition(
    field: usize,
    scalar: &Scalar,
    name: &str,
    operator: &str,
    value: Given<'_>,
) -> Result<Condition, Invalid> {
    let argument = format!("filter.{name}.{operator}");
    let (operator, bind) = match operator {
        "in" => (Operator::In, value.bind_list(scalar, &argument)?),
        "gte" => (Operator::AtLeast, value.bind(scalar, &argument)?),
        "lte" => (Operator::AtMost, value.bind(scalar, &argument)?),
        "within" => (Operator::Within, value.bind(scalar, &argument)?),
        _ => (Operator::Eq, value.bind(scalar, &argument)?),
    };
    Ok(Condition { field, operator, bind })
}

fn direction(value: &str) -> Option<(&str, Direction)> {
    let ascending = value.strip_suffix("_ASC").map(|name| (name, Direction::Ascending));
    ascending.or_else(|| value.strip_suffix("_DESC").map(|name| (name, Direction::Descending)))
}

impl<'a> Given<'a> {
    fn is_null(&self) -> bool {
        match self {
            Given::Ast(value) => value.is_null(),
            Given::Json { value, .. } => value.is_null(),
        }
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Given::Ast(Value::Int(number)) => number.as_str().parse().ok(),
            Given::Ast(_) => None,
            Given::Json { value, .. } => value.as_i64(),
        }
    }

    /// The entries of an input object; those whose variable was not given are left out.
    fn entries(&self, reader: &Reader<'a>) -> Vec<(String, Given<'a>)> {
        match self {
            Given::Ast(Value::Object(entries)) => {
                let given = entries.iter().map(|(name, value)| (name, reader.given(value)));
                given.filter_map(|(name, given)| Some((name.to_string(), given?))).collect()
            }
            Given::Json { value: JsonValue::Object(map), name, path } => {
                let deeper = |key: &str| path.iter().cloned().chain([key.to_owned()]).collect();
                let entry = |(key, value): (&'a serde_json_bytes::ByteString, &'a JsonValue)| {
                    (key.as_str().to_owned(), Given::Json { value, name, path: deeper(key.as_str()) })
                };
                map.iter().map(entry).collect()
            }
            _ => Vec::new(),
        }
    }

    /// One or more texts or enum values; a single one stands for a list of one.
    fn texts(&self) -> Vec<String> {
        match self {
            Given::Ast(Value::List(values)) => values.iter().filter_map(|v| ast_text(v)).collect(),
            Given::Ast(value) => ast_text(value).into_iter().collect(),
            Given::Json { value: JsonValue::Array(values), .. } => {
                values.iter().filter_map(json_text).collect()
            }
            Given::Json { value, .. } => json_text(value).into_iter().collect(),
        }
    }

    /// A parameter with one value.
    fn bind(&self, scalar: &Scalar, argument: &str) -> Result<Bind, Invalid> {
        self.bind_as(scalar, argument, false)
    }

    fn bind_as(&self, scalar: &Scalar, argument: &str, list: bool) -> Result<Bind, Invalid> {
        match self {
            Given::Ast(value) => {
                let text = ast_text(value).ok_or_else(|| wrong(argument, "has the wrong type"))?;
                let text = normalise(scalar, &text).map_err(|message| wrong(argument, &message))?;
                Ok(Bind::Literal(Input::Text(text)))
            }
            Given::Json { name, path, .. } => Ok(Bind::Variable(VariablePath {
                name: (*name).to_owned(),
                path: path.clone(),
                scalar: scalar.clone(),
                list,
                argument: argument.to_owned(),
            })),
        }
    }

    /// A parameter with a list of values.
    fn bind_list(&self, scalar: &Scalar, argument: &str) -> Result<Bind, Invalid> {
        // A default of a list type may be one value, which stands for a list of one.
        let Given::Ast(value) = self else {
            return Ok(Bind::Values(vec![self.bind_as(scalar, argument, true)?]));
        };
        if let Value::List(values) = value
            && values.iter().any(|value| matches!(**value, Value::Variable(_)))
        {
            check_length(values.len(), argument)?;
            let element = |value: &Node<Value>| match &**value {
                Value::Variable(name) => Ok(Bind::Variable(VariablePath {
                    name: name.to_string(),
                    path: Vec::new(),
                    scalar: scalar.clone(),
                    list: false,
                    argument: argument.to_owned(),
                })),
                other => Given::Ast(other).bind(scalar, argument),
            };
            return values.iter().map(element).collect::<Result<Vec<Bind>, Invalid>>().map(Bind::Values);
        }
        let texts = self.texts();
        check_length(texts.len(), argument)?;
        let values = texts.iter().map(|text| normalise(scalar, text));
        let values: Result<Vec<String>, String> = values.collect();
        values.map(|values| Bind::Literal(Input::List(values))).map_err(|message| wrong(argument, &message))
    }
}

fn check_length(length: usize, argument: &str) -> Result<(), Invalid> {
    if length > MAX_IN {
        return Err(wrong(argument, &format!("must have at most {MAX_IN} values")));
    }
    Ok(())
}

/// The value that a variable gives a parameter in this request.
///
/// # Errors
/// `BAD_USER_INPUT` where it doesn't fit its type.
pub(crate) fn variable_value(path: &VariablePath, variables: &JsonMap) -> Result<Input, Invalid> {
    let mut value = variables.get(path.name.as_str());
    for key in &path.path {
        value = value.and_then(|value| value.as_object()).and_then(|object| object.get(key.as_str()));
    }
    let fit = |value: &JsonValue| {
        let text = json_text(value).ok_or_else(|| String::from("has the wrong type"))?;
        normalise(&path.scalar, &text)
    };
    let wrong = |message: String| wrong(&path.argument, &message);
    match value {
        Some(JsonValue::Array(values)) if path.list => {
            let values: Result<Vec<String>, String> = values.iter().map(fit).collect();
            values.map(Input::List).map_err(wrong)
        }
        Some(value) => fit(value).map(Input::Text).map_err(wrong),
        None => Err(wrong(String::from("is missing"))),
    }
}

fn wrong(argument: &str, message: &str) -> Invalid {
    Invalid::new(code::BAD_USER_INPUT, format!("argument `{argument}` {message}"))
}

fn ast_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Enum(name) => Some(name.to_string()),
        Value::Int(number) => Some(number.as_str().to_owned()),
        Value::Float(number) => Some(number.as_str().to_owned()),
        Value::Boolean(value) => Some(value.to_string()),
        _ => None,
    }
}

fn json_text(value: &JsonValue) -> Option<String> {
    match value {
        JsonValue::String(text) => Some(text.as_str().to_owned()),
        JsonValue::Number(number) => Some(number.to_string()),
        JsonValue::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
