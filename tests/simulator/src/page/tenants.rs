//! The tenants on the page, and their resources.

use super::html::{badge, button, escaped, joined, table};
use crate::core::account::{SendingStatus, TenantView};
use crate::handle::Handle;

pub(super) fn tenants(handle: &Handle) -> String {
    let heads = ["Name", "Sending", "Resources", "ARN and tags", "<span class=unseen>Action</span>"];
    table("tenants", &heads, handle.tenants().iter().map(row), "No tenants.")
}

fn row(tenant: &TenantView) -> String {
    let (class, word) = match tenant.sending_status {
        SendingStatus::Enabled => ("good", "ENABLED"),
        SendingStatus::Disabled => ("bad", "DISABLED"),
        SendingStatus::Reinstated => ("warning", "REINSTATED"),
    };
    let tags = joined(tenant.tags.iter().map(|(key, value)| badge("tag", &format!("{key}={value}"))));
    let delete = button("tenant", &[("name", &tenant.name), ("action", "delete")], "Delete");
    format!(
        "<tr><td class=name>{}</td><td>{}</td><td>{}</td><td class=value>{} {tags}</td><td class=act>{delete}</td></tr>",
        escaped(&tenant.name),
        badge(class, word),
        joined(tenant.resources.iter().map(|arn| resource(tenant, arn))),
        escaped(&tenant.arn),
    )
}

fn resource(tenant: &TenantView, arn: &str) -> String {
    let short = arn.splitn(6, ':').last().unwrap_or(arn);
    let fields = [("tenant", tenant.name.as_str()), ("resource", arn), ("action", "end")];
    format!("<div class=\"row held act\">{} {}</div>", escaped(short), button("association", &fields, "End"))
}
