//! Bad values are rejected before the installation, with a message that names the value and the remedy.

use serde_json::{Value, json};

use crate::helm::template;

/// Values, and the expected words of the message.
fn table() -> Vec<(Value, [&'static str; 2])> {
    let config = |key: &str, value: Value| json!({ "config": { key: value } });
    let mail = || json!({ "confirmationSender": "confirm@ops.example.com", "publicUrl": "https://mail.example.com" });
    vec![
        (json!({ "enviroment": "production" }), ["enviroment", "not allowed"]),
        (config("releseDelay", json!("1h")), ["releseDelay", "not allowed"]),
        (json!({ "image": { "name": "x" } }), ["/image", "'name' not allowed"]),
        (json!({ "environment": "Prod_1" }), ["environment is \"Prod_1\"", "lowercase"]),
        (json!({ "environment": "" }), ["environment is \"\"", "such as production"]),
        (json!({ "environment": "e".repeat(41) }), ["environment is", "at most 40"]),
        (json!({ "watchNamespaces": "acme" }), ["/watchNamespaces", "want array"]),
        (json!({ "watchNamespaces": ["Acme"] }), ["watchNamespaces has \"Acme\"", "name of a namespace"]),
        (json!({ "watchNamespaces": ["acme", "acme"] }), ["/watchNamespaces", "equal"]),
        (json!({ "replicas": "2" }), ["/replicas", "got string, want integer"]),
        (json!({ "replicas": -1 }), ["/replicas", "minimum"]),
        (json!({ "replicas": 21 }), ["/replicas", "maximum: got 21, want 20"]),
        (json!({ "image": { "tag": "a:b" } }), ["image.tag is \"a:b\"", "such as 0.1.0"]),
        (json!({ "image": { "digest": "abc" } }), ["image.digest is \"abc\"", "sha256:"]),
        (json!({ "image": { "pullPolicy": "Sometimes" } }), ["/image/pullPolicy", "'IfNotPresent'"]),
        (json!({ "imagePullSecrets": ["registry"] }), ["/imagePullSecrets/0", "got string, want object"]),
        (json!({ "aws": { "region": "" } }), ["aws.region is \"\"", "such as eu-west-1"]),
        (json!({ "aws": { "region": "Frankfurt" } }), ["aws.region is \"Frankfurt\"", "such as eu-west-1"]),
        (json!({ "aws": { "roleArn": "sender-operator" } }), ["aws.roleArn is", "arn:aws:iam::111122223333:role/"]),
        (json!({ "aws": { "credentialsSecret": "My Secret" } }), ["aws.credentialsSecret is", "name of an object"]),
        (json!({ "aws": { "endpointUrl": "simulator:4579" } }), ["aws.endpointUrl is", "http://"]),
        (
            json!({ "aws": { "roleArn": "arn:aws:iam::111122223333:role/mail", "credentialsSecret": "aws" } }),
            ["aws.roleArn and aws.credentialsSecret", "one of them"],
        ),
        (config("releaseDelay", json!(15)), ["/config/releaseDelay", "got number, want null or string"]),
        (config("releaseDelay", json!("15")), ["config.releaseDelay is \"15\"", "such as 30s, 15m or 24h"]),
        (config("pollInterval", json!("1 minute")), ["config.pollInterval is", "such as 30s, 15m or 24h"]),
        (config("dryRun", json!("yes")), ["/config/dryRun", "want null or boolean"]),
        (config("logFormat", json!("xml")), ["/config/logFormat", "'human'"]),
        (config("proof", json!("dns")), ["/config/proof", "'dns-challenge'"]),
        (config("language", json!("fr")), ["/config/language", "'de'"]),
        (config("sesRate", json!(0)), ["/config/sesRate", "minimum"]),
        (config("workers", json!(65)), ["/config/workers", "maximum: got 65, want 64"]),
        (config("mailsPerAddress", json!(31)), ["/config/mailsPerAddress", "maximum: got 31, want 30"]),
        (config("trustedProxies", json!(-1)), ["/config/trustedProxies", "minimum"]),
        (config("dnsResolvers", json!("10.0.0.10")), ["config.dnsResolvers is \"10.0.0.10\"", "10.0.0.10:53"]),
        (config("ownerId", json!("Me!")), ["config.ownerId is \"Me!\"", "a-z, 0-9"]),
        (config("senderDomain", json!("Ops.Example.com")), ["config.senderDomain is", "in lowercase"]),
        (
            config("confirmationSender", json!("Mail <confirm@ops.example.com>")),
            ["config.confirmationSender is", "without a display name"],
        ),
        (
            config("confirmationSender", json!("confirm@ops.example.com")),
            ["config.publicUrl is not", "Set config.publicUrl"],
        ),
        (config("publicUrl", json!("mail.example.com")), ["config.publicUrl is", "https://"]),
        (config("company", json!("two\nlines")), ["config.company is", "one line"]),
        (config("confirmationConfigurationSet", json!("a b")), ["config.confirmationConfigurationSet is", "letters"]),
        (
            json!({ "delegations": { "Corp.example": ["tenant/it"] } }),
            ["delegations has the key \"Corp.example\"", "in lowercase"],
        ),
        (json!({ "delegations": { "corp.example": ["it"] } }), ["corp.example has \"it\"", "tenant/<label>"]),
        (json!({ "delegations": { "corp.example": "tenant/it" } }), ["/delegations/corp.example", "want array"]),
        (
            json!({ "mailTemplates": { "hello.txt": "x" } }),
            ["mailTemplates has the key \"hello.txt\"", "confirmation.en.txt"],
        ),
        (json!({ "logo": { "data": "<svg/>" } }), ["logo.data is", "base64"]),
        (json!({ "logo": { "type": "gif" } }), ["/logo/type", "'svg'"]),
        (json!({ "serviceAccount": { "create": false } }), ["serviceAccount.create is false", "serviceAccount.name"]),
        (json!({ "service": { "type": "Node" } }), ["/service/type", "'NodePort'"]),
        (json!({ "service": { "webNodePort": 30080 } }), ["service.webNodePort", "NodePort or LoadBalancer"]),
        (json!({ "service": { "type": "NodePort", "webNodePort": 80 } }), ["/service/webNodePort", "minimum"]),
        (json!({ "ingress": { "enabled": true } }), ["config.publicUrl is not set", "the URL that users open"]),
        (
            json!({ "config": mail(), "ingress": { "enabled": true }, "httpRoute": { "enabled": true } }),
            ["mutually exclusive", "enable only one of them"],
        ),
        (json!({ "config": mail(), "httpRoute": { "enabled": true } }), ["httpRoute.parentRefs", "the gateway"]),
        (json!({ "podDisruptionBudget": { "enabled": true } }), ["with one replica", "replicas to 2"]),
        (json!({ "networkPolicy": { "apiServerPorts": [] } }), ["/networkPolicy/apiServerPorts", "minItems"]),
        (json!({ "serviceMonitor": { "enabled": true, "interval": "often" } }), ["serviceMonitor.interval is", "30s"]),
        (json!({ "resources": { "memory": "64Mi" } }), ["/resources", "'memory' not allowed"]),
        (json!({ "nodeSelector": { "disk": true } }), ["/nodeSelector/disk", "got boolean, want string"]),
        (json!({ "extraEnv": [{ "value": "x" }] }), ["/extraEnv/0", "missing property 'name'"]),
    ]
}

#[test]
fn bad_values_are_rejected_with_the_value_and_a_remedy() {
    let rows = table();
    assert!(rows.len() >= 60, "{}", rows.len());
    for (values, words) in rows {
        let refused = template(&values).expect_err(&format!("{values} was accepted"));
        for word in words {
            assert!(refused.contains(word), "{values}: {word} is missing: {refused}");
        }
        assert!(!refused.contains("does not match pattern"), "{values}: the message only has a pattern: {refused}");
    }
}
