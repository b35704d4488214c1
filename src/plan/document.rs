//! Texts to documents: parsed and validated once, then kept by their text.

use std::sync::Arc;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::executable::{Operation, Selection, SelectionSet};
use apollo_compiler::parser::Parser;
use apollo_compiler::validation::{DiagnosticList, Valid};
use moka::sync::Cache;
use serde_json::json;
use yimen_schema::Catalogue;

use crate::clock::hex;
use crate::plan::error::{Invalid, code, shortened};
use crate::plan::input::names_a_person;
use crate::plan::key::{Structural, structural_variables};
use crate::plan::limits::{Excess, Limits};
use crate::plan::shape::shape;

/// A parsed and validated document.
#[derive(Debug)]
pub struct Document {
    /// The document, with the types of its fields.
    pub executable: Valid<ExecutableDocument>,
    /// Lower hex SHA-256 of the document without its values: what records name it by. Empty where one of
    /// its names is somebody's number.
    pub hash: Arc<str>,
    /// The hash of the text as it came. It never leaves the process: values may stand in the text.
    pub(crate) exact: [u8; 32],
    pub(crate) structural: Vec<Structural>,
}

/// The documents of one catalogue.
#[derive(Debug)]
pub struct Documents {
    catalogue: Arc<Catalogue>,
    limits: Limits,
    cache: Cache<String, Arc<Document>>,
}

impl Documents {
    /// An empty store for documents of this catalogue.
    pub fn new(catalogue: Arc<Catalogue>, limits: Limits) -> Self {
        let cache = Cache::new(limits.cached_documents);
        Documents { catalogue, limits, cache }
    }

    /// The limits that documents are held to.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Parses and validates a text, or finds it done.
    ///
    /// # Errors
    /// `GRAPHQL_PARSE_FAILED`, `GRAPHQL_VALIDATION_FAILED`, or the limit that the text breaks.
    pub fn get(&self, text: &str) -> Result<Arc<Document>, Invalid> {
        if let Some(document) = self.cache.get(text) {
            return Ok(document);
        }
        let document = Arc::new(self.read(text)?);
        self.cache.insert(text.to_owned(), document.clone());
        Ok(document)
    }

    fn read(&self, text: &str) -> Result<Document, Invalid> {
        match self.limits.exceeded(text) {
            Some(Excess::Brackets) => {
                let message = format!("the document nests brackets deeper than {}", self.limits.brackets);
                return Err(Invalid::new(code::MAX_DEPTH, message));
            }
            Some(Excess::Tokens) => {
                let message = format!("the document has more than {} tokens", self.limits.tokens);
                return Err(Invalid::new(code::MAX_TOKENS, message));
            }
            None => {}
        }
        let (executable, hash) = self.parse(text)?;
        for operation in executable.operations.iter() {
            self.check(&executable, operation)?;
        }
        let structural = structural_variables(&executable);
        Ok(Document { executable, hash: hash.into(), exact: sha256(text), structural })
    }

    /// The document, and what records name it by.
    fn parse(&self, text: &str) -> Result<(Valid<ExecutableDocument>, String), Invalid> {
        let mut parser = Parser::new().recursion_limit(self.limits.brackets);
        let ast = parser.parse_ast(text, "document");
        let ast = ast.map_err(|failed| invalid(&failed.errors, code::PARSE_FAILED))?;
        let document = ast.to_executable_validate(&self.catalogue.public);
        let document = document.map_err(|failed| invalid(&failed.errors, code::VALIDATION_FAILED))?;
        let shape = shape(&ast);
        // An alias can be anybody's number; what no record may hold, none is named by.
        let hash = if names_a_person(&shape) { String::new() } else { hex(&sha256(&shape)) };
        Ok((document, hash))
    }

    /// Limits that only a validated document can be held to: fragments have no cycles now.
    fn check(&self, document: &ExecutableDocument, operation: &Operation) -> Result<(), Invalid> {
        let mut measure = Measure { document, depth: 0, aliases: 0, fields: 0, limits: &self.limits };
        measure.selection_set(&operation.selection_set, 1)?;
        if measure.depth > self.limits.depth {
            let message = format!("the operation has more than {} levels", self.limits.depth);
            return Err(Invalid::new(code::MAX_DEPTH, message));
        }
        if measure.aliases > self.limits.aliases {
            let message = format!("the operation has more than {} aliases", self.limits.aliases);
            return Err(Invalid::new(code::MAX_ALIASES, message));
        }
        let roots = operation.root_fields(document).count();
        if roots > self.limits.root_fields {
            let message = format!("the operation has more than {} root fields", self.limits.root_fields);
            return Err(Invalid::new(code::MAX_ROOT_FIELDS, message));
        }
        Ok(())
    }
}

struct Measure<'a> {
    document: &'a ExecutableDocument,
    limits: &'a Limits,
    depth: usize,
    aliases: usize,
    fields: usize,
}

impl Measure<'_> {
    /// Fragments are counted where they are spread; the count is bounded, so that fragments that
    /// double each other can't keep this busy.
    fn selection_set(&mut self, set: &SelectionSet, depth: usize) -> Result<(), Invalid> {
        for selection in &set.selections {
            self.fields += 1;
            if self.fields > MAX_FIELDS {
                let message = format!("the operation selects more than {MAX_FIELDS} fields");
                return Err(Invalid::new(code::TOO_EXPENSIVE, message));
            }
            match selection {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.alias.is_some());
                    // Introspection has a bound of its own.
                    if !field.name.starts_with("__") && depth <= self.limits.depth {
                        self.selection_set(&field.selection_set, depth + 1)?;
                    }
                    self.depth = self.depth.max(depth);
                }
                Selection::InlineFragment(inline) => self.selection_set(&inline.selection_set, depth)?,
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.selection_set(&fragment.selection_set, depth)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The most fields of an operation once its fragments are written out.
const MAX_FIELDS: usize = 2_000;

fn invalid(diagnostics: &DiagnosticList, code: &str) -> Invalid {
    let errors = diagnostics.iter().map(|diagnostic| {
        let message = shortened(diagnostic.error.to_string());
        let at = diagnostic.error.location().and_then(|span| span.line_column(diagnostic.sources));
        let locations: Vec<_> = at.iter().map(|at| json!({ "line": at.line, "column": at.column })).collect();
        json!({ "message": message, "locations": locations, "extensions": { "code": code } })
    });
    Invalid::many(errors.collect())
}

fn sha256(text: &str) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).into()
}
