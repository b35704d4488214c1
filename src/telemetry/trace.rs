//! Traces by OpenTelemetry, where a collector is configured: one span for each operation and one for each statement
//! below it, none for fields. What they hold are codes, counts and hashes: no value, no name that a client chose, no
//! text of an error.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{FutureExt, SpanKind, TraceContextExt, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};

/// Set once traces are sent somewhere: where they aren't, no span is made.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// How long a collector may take for a batch of spans; those that wait behind it are bounded, and dropped beyond.
const EXPORT: Duration = Duration::from_secs(5);

/// The longest `traceparent` that is looked at: that of version 0 has 55 characters.
const MAX_PARENT: usize = 128;

/// Sends spans until it is dropped or shut down.
#[derive(Debug)]
pub(crate) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Begins to trace: `collector` takes OTLP over HTTP (`http://…/v1/traces`), and `sample` of the operations that
    /// no caller's trace decides about are traced, from 0 to 1.
    ///
    /// # Errors
    /// An address or a share that can't be, or traces that are sent already.
    pub(crate) fn begin(collector: &str, sample: f64) -> anyhow::Result<Traces> {
        anyhow::ensure!((0.0..=1.0).contains(&sample), "`telemetry.sample` must be from 0 to 1");
        let exporter = SpanExporter::builder().with_http().with_endpoint(collector).with_timeout(EXPORT);
        let exporter = exporter.build().map_err(|error| anyhow::anyhow!("`telemetry.collector`: {error}"))?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(sample))))
            .with_resource(Resource::builder().with_service_name("yimen").build())
            .build();
        let is_first = TRACER.set(provider.tracer("yimen")).is_ok();
        anyhow::ensure!(is_first, "traces are sent already");
        Ok(Traces { provider })
    }

    /// Sends what waits.
    pub(crate) fn end(self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last spans weren't sent");
        }
    }
}

/// The span of an operation around its work; `parent` is the caller's `traceparent` (W3C Trace Context).
pub(crate) async fn operation<T>(
    parent: Option<&str>,
    (department, purpose): (&str, Option<&str>),
    work: impl Future<Output = T>,
) -> T {
    let Some(tracer) = TRACER.get() else { return work.await };
    let attributes = [
        KeyValue::new("yimen.department", department.to_owned()),
        KeyValue::new("yimen.purpose", purpose.unwrap_or_default().to_owned()),
    ];
    let span = tracer.span_builder("graphql operation").with_kind(SpanKind::Server);
    let span = tracer.build_with_context(span.with_attributes(attributes), &parent_of(parent));
    work.with_context(Context::new().with_span(span)).await
}

/// What became of the operation under way: a word of ours, the record's name, and the document by its hash.
pub(crate) fn ended(outcome: &'static str, record: Option<&str>) {
    if TRACER.get().is_none() {
        return;
    }
    let context = Context::current();
    context.span().set_attribute(KeyValue::new("yimen.outcome", outcome));
    if let Some(record) = record {
        context.span().set_attribute(KeyValue::new("yimen.record", record.to_owned()));
    }
}

/// The span of one statement around its work, below the operation's.
pub(crate) async fn statement<T, E>(
    (department, resource): (&str, &str),
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let Some(tracer) = TRACER.get() else { return work.await };
    let attributes = [
        KeyValue::new("yimen.department", department.to_owned()),
        KeyValue::new("yimen.resource", resource.to_owned()),
    ];
    let span = tracer.span_builder("statement").with_kind(SpanKind::Client).with_attributes(attributes);
    let context = Context::current_with_span(tracer.build_with_context(span, &Context::current()));
    let answered = work.with_context(context.clone()).await;
    let outcome = if answered.is_ok() { "answered" } else { "unavailable" };
    context.span().set_attribute(KeyValue::new("yimen.outcome", outcome));
    context.span().end();
    answered
}

/// The caller's span, where the header names one. The state that vendors add to it is left out.
fn parent_of(parent: Option<&str>) -> Context {
    let parent = parent.filter(|parent| parent.len() <= MAX_PARENT);
    let carried: HashMap<String, String> =
        parent.map(|parent| (String::from("traceparent"), parent.to_owned())).into_iter().collect();
    TraceContextPropagator::new().extract_with_context(&Context::new(), &carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_is_taken_where_it_is_one() {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let span = |text: Option<&str>| parent_of(text).span().span_context().clone();
        assert_eq!(span(Some(parent)).trace_id().to_string(), "0af7651916cd43dd8448eb211c80319c");
        let long = format!("{parent}-{}", "0".repeat(MAX_PARENT));
        for other in [None, Some(""), Some("11010519491231002X"), Some(long.as_str())] {
            assert!(!span(other).is_valid(), "{other:?}");
        }
    }

    #[test]
    fn a_share_outside_of_nothing_and_all_is_refused() {
        for sample in [-0.1, 1.1, f64::NAN] {
            let refused = Traces::begin("http://127.0.0.1:1/v1/traces", sample).unwrap_err();
            assert!(refused.to_string().contains("telemetry.sample"));
        }
    }
}
