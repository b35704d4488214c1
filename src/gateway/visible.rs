//! The schema as one caller may use it: what introspection and `/schema.graphql` show.

use std::sync::Arc;

use apollo_compiler::Schema;
use apollo_compiler::executable::Field;
use apollo_compiler::introspection::{check_max_depth, partial_execute};
use apollo_compiler::request::RequestError;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use yimen_policy::{Decision, DecisionTable, Profile};
use yimen_schema::{CoordinateId, Root, RootKind, Sight, View};

use crate::auth::Caller;
use crate::gateway::{Gateway, Prepared};
use crate::plan::{Invalid, Root as PlanRoot, RootField, code};

/// How many schemas are made at once: each holds some megabytes until it is answered, and none is kept.
pub(crate) const SCHEMAS_AT_ONCE: usize = 2;

/// The group of roles that reads the whole schema, whatever it may read of the data: stewards keep the catalogue.
const WHOLE_SCHEMA: &str = "STEWARDSHIP";

/// What decisions let a caller use: whatever one of the tables does.
struct Tables(Vec<Arc<DecisionTable>>);

impl View for Tables {
    fn field(&self, id: CoordinateId) -> Sight {
        let sight = |table: &Arc<DecisionTable>| match table.decision(id) {
            Decision::Clear => Sight::Clear,
            Decision::Mask(_) => Sight::Masked,
            Decision::Deny => Sight::Hidden,
        };
        self.0.iter().map(sight).max().unwrap_or(Sight::Hidden)
    }

    fn root(&self, root: &Root) -> bool {
        self.0.iter().any(|table| {
            let named = |by: usize| {
                let field = &table.catalogue().resource(root.resource).fields[by];
                table.enter(root.resource).is_ok() && table.lookup(field.coordinate).is_ok()
            };
            match root.kind {
                RootKind::One { by } | RootKind::Many { by, .. } => named(by),
                RootKind::Page { .. } => table.list(root.resource).is_ok(),
            }
        })
    }

    fn own(&self, coordinate: &str) -> bool {
        self.0.iter().any(|table| match coordinate {
            // What is answered to them is decided field by field.
            "Query.viewer" | "Query._entities" | "Query._service" => true,
            "Query.accessRecords" => table.trace().is_ok_and(|tracing| tracing.is_whole()),
            "Query.accessesTo" => table.trace().is_ok(),
            _ => table.may(coordinate).is_ok(),
        })
    }
}

impl Gateway {
    /// The schema that a caller may use for a purpose, or for any where none is stated; as SDL.
    ///
    /// # Errors
    /// A purpose that isn't catalogued.
    pub async fn sdl(&self, caller: &Caller, purpose: Option<&str>) -> Result<String, Invalid> {
        let purposes = match purpose {
            Some(purpose) => vec![self.profile_of(caller, Some(purpose))?],
            None => {
                let codes = self.policies.codes().stated_by(&caller.department);
                codes.map(|purpose| self.profile_of(caller, Some(&purpose.code))).collect::<Result<_, _>>()?
            }
        };
        let schema = self.visible(self.tables(purposes, &caller.division).await?).await?;
        Ok(schema.to_string())
    }

    /// The whole schema, for those who keep the catalogue.
    pub fn whole_sdl(&self, caller: &Caller) -> Option<&str> {
        let mut roles = self.policies.codes().roles.iter();
        let may = roles.any(|role| role.code == caller.role && role.group == WHOLE_SCHEMA);
        may.then_some(self.catalogue.public_sdl.as_str())
    }

    async fn tables(
        &self,
        profiles: Vec<Profile>,
        division: &str,
    ) -> Result<Vec<Arc<DecisionTable>>, Invalid> {
        let mut tables = Vec::new();
        for profile in profiles {
            tables.push(self.table_of(profile, division).await?);
        }
        Ok(tables)
    }

    /// Answers `__schema` and `__type` by the library's own executor, over what the caller may use.
    pub(super) async fn introspect(&self, prepared: &Prepared<'_>) -> Result<Option<JsonMap>, Invalid> {
        let document = &prepared.document.executable;
        let operation = prepared.operation()?;
        let asks = |field: &Field| matches!(field.name.as_str(), "__schema" | "__type");
        if !operation.root_fields(document).any(|field| asks(field)) {
            return Ok(None);
        }
        let invalid =
            |error: RequestError| Invalid::new(code::VALIDATION_FAILED, error.message().to_string());
        check_max_depth(document, operation).map_err(invalid)?;
        let schema = self.visible(vec![prepared.table.clone()]).await?;
        let implementers = schema.implementers_map();
        let answer = partial_execute(&schema, &implementers, document, operation, &prepared.variables);
        Ok(answer.map_err(invalid)?.data)
    }

    /// The schema as a subgraph's, where an operation asks for it.
    pub(super) async fn service(&self, prepared: &Prepared<'_>) -> Result<Option<String>, Invalid> {
        let asks = |root: &PlanRoot| matches!(root.field, RootField::Service(_));
        if !prepared.plan.roots.iter().any(asks) {
            return Ok(None);
        }
        let schema = self.visible(vec![prepared.table.clone()]).await?;
        Ok(Some(self.catalogue.subgraph(schema.into_inner())))
    }

    async fn visible(&self, tables: Vec<Arc<DecisionTable>>) -> Result<Valid<Schema>, Invalid> {
        let internal = || Invalid::new(code::INTERNAL, "Internal server error");
        let _turn = self.schemas.acquire().await.map_err(|_| internal())?;
        let catalogue = self.catalogue.clone();
        let made = tokio::task::spawn_blocking(move || catalogue.visible(&Tables(tables))).await;
        made.map_err(|_| internal())?.map_err(|error| {
            tracing::error!(error, "the schema for a caller isn't valid");
            internal()
        })
    }
}
