//! What a subscription watches, and whether its caller still may. Each of its answers is an operation of its
//! own, with its decisions and its record: [`Request::event`].

use serde_json::{Map, Value};

use crate::gateway::{Gateway, Request};
use crate::plan::{Invalid, RootField, code};

/// The root field of a subscription.
#[derive(Debug)]
pub struct Watched {
    /// `Subscription.field`.
    pub coordinate: String,
    /// Its arguments, defaults filled in.
    pub arguments: Map<String, Value>,
    /// Whether the caller may ask for it now.
    pub is_allowed: bool,
}

impl Gateway {
    /// What a request subscribes to; `None` where it is a query or a mutation.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub async fn watched(&self, request: &Request) -> Result<Option<Watched>, Invalid> {
        let document = self.documents.get(&request.query)?;
        let operation = document.executable.operations.get(request.operation.as_deref());
        if !operation.is_ok_and(|operation| operation.is_subscription()) {
            return Ok(None);
        }
        let prepared = self.prepare(request, document).await?;
        let own = prepared.plan.roots.iter().find_map(|root| match &root.field {
            RootField::Own(own) => Some(own),
            _ => None,
        });
        let Some(own) = own else {
            return Err(Invalid::new(code::VALIDATION_FAILED, "nothing of this can be watched"));
        };
        Ok(Some(Watched {
            coordinate: own.field.coordinate(),
            arguments: own.arguments(&self.catalogue.public, &prepared.variables)?,
            is_allowed: prepared.table.may(&own.field.coordinate()).is_ok(),
        }))
    }
}
