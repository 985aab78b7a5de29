//! The CRDs as they are installed: generated from the types, kept equal to `crds/` by a test.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSON, JSONSchemaProps, JSONSchemaPropsOrArray,
};
use kube::CustomResourceExt;

use super::{SenderAddress, SenderClaim, SenderDomain};

/// All CRDs, in the order of their names.
///
/// `status` gets the default `{observedGeneration: -1}`: it differs from every generation, so kstatus, Helm and Argo CD
/// never take a resource that no operator has seen for a finished one. `spec` has no defaults: a defaulted spec is
/// reported as drift for ever.
pub fn crds() -> Vec<CustomResourceDefinition> {
    let mut all = vec![SenderAddress::crd(), SenderClaim::crd(), SenderDomain::crd()];
    for crd in &mut all {
        for version in &mut crd.spec.versions {
            let schema = version.schema.as_mut().and_then(|schema| schema.open_api_v3_schema.as_mut());
            let Some(schema) = schema else { continue };
            tidy(schema);
            let status = schema.properties.as_mut().and_then(|properties| properties.get_mut("status"));
            if let Some(status) = status {
                status.default = Some(JSON(serde_json::json!({ "observedGeneration": -1 })));
                status.nullable = None;
            }
        }
    }
    all
}

/// Removes the defaults that the derive adds for every field that may be absent, and joins the lines of descriptions:
/// `kubectl explain` wraps them by itself. Formats that Kubernetes does not know are widened: it would warn of them.
fn tidy(schema: &mut JSONSchemaProps) {
    schema.default = None;
    if schema.format.as_deref() == Some("uint32") {
        schema.format = Some("int64".to_owned());
    }
    schema.description = schema.description.take().map(|text| text.replace('\n', " "));
    schema.properties.iter_mut().flat_map(|properties| properties.values_mut()).for_each(tidy);
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut schema.items {
        tidy(items);
    }
}

/// File name and YAML text of each CRD.
pub fn files() -> Result<Vec<(String, String)>, serde_saphyr::ser::Error> {
    crds()
        .iter()
        .map(|crd| {
            let name = format!("{}.yaml", crd.spec.names.plural);
            Ok((name, serde_saphyr::to_string(crd)?))
        })
        .collect()
}
