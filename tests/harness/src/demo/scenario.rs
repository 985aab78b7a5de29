//! Tools of the demo: commands as a user types them, and waiting for their effects.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{
    screen::{Screen, columns},
    story::DOMAIN,
};
use crate::{BrowserPage, Identity, ReceivedMail, TenantNamespace, TestEnv, eventually, http};

pub(super) struct DemoScenario<'s> {
    screen: &'s Screen,
    env: &'s TestEnv<'s>,
    kubeconfig: PathBuf,
    /// The first team. Its namespace is that of the kubeconfig.
    pub(super) acme: TenantNamespace<'s>,
    /// The second team.
    pub(super) zenith: TenantNamespace<'s>,
}

impl<'s> DemoScenario<'s> {
    /// Creates the namespaces of the teams `acme` and `zenith`.
    pub(super) async fn new(screen: &'s Screen, env: &'s TestEnv<'s>) -> anyhow::Result<Self> {
        let acme = env.tenant_in("acme", Some("acme")).await?;
        let zenith = env.tenant_in("zenith", Some("zenith")).await?;
        // Users can repeat the commands of the demo: this kubeconfig is in acme's namespace.
        let mut config: Value = serde_json::from_slice(&std::fs::read(env.cluster.kubeconfig(&Identity::Admin)?)?)?;
        config["contexts"][0]["context"]["namespace"] = json!(acme.namespace);
        let kubeconfig = env.cluster.path("demo.kubeconfig");
        std::fs::write(&kubeconfig, serde_json::to_vec_pretty(&config)?)?;
        Ok(Self { screen, env, kubeconfig, acme, zenith })
    }

    /// A step: heading and a few sentences. On a terminal it first waits for Enter.
    pub(super) async fn step(&self, heading: &str, text: &str) -> anyhow::Result<()> {
        if self.screen.is_interactive() {
            self.screen.prompt("Press Enter to go on ")?;
            enter().await?;
        }
        self.screen.heading(heading)?;
        self.screen.say(text)?;
        Ok(())
    }

    pub(super) fn seen(&self, text: &str) -> anyhow::Result<()> {
        Ok(self.screen.seen(text)?)
    }

    /// Applies a manifest as the team's user.
    pub(super) async fn apply(&self, team: &TenantNamespace<'_>, manifest: &str) -> anyhow::Result<()> {
        let command = typed(&self.inside(team, &["apply", "-f", "-"]));
        self.screen.command(&format!("{command} <<EOF\n{}\nEOF", manifest.trim()))?;
        let answer = team.kubectl_with_input(&["apply", "-f", "-"], manifest).await?;
        Ok(self.screen.output(&answer.success()?)?)
    }

    /// Runs kubectl as the team's user, and shows command and output; tab-separated output is aligned.
    pub(super) async fn kubectl(&self, team: &TenantNamespace<'_>, arguments: &[&str]) -> anyhow::Result<String> {
        let output = team.kubectl(arguments).await?.success()?;
        let (aligned, shown) =
            if output.contains('\t') { (" | column -t", columns(&output)) } else { ("", output.clone()) };
        self.screen.command(&format!("{}{aligned}", typed(&self.inside(team, arguments))))?;
        self.screen.output(&shown)?;
        Ok(output)
    }

    /// The arguments for a user whose kubeconfig is in the first team's namespace.
    fn inside<'a>(&self, team: &'a TenantNamespace<'_>, arguments: &[&'a str]) -> Vec<&'a str> {
        let elsewhere = team.namespace != self.acme.namespace;
        let place = if elsewhere { vec!["-n", team.namespace.as_str()] } else { Vec::new() };
        place.into_iter().chain(arguments.iter().copied()).collect()
    }

    /// Runs kubectl as the administrator, because only administrators can see claims.
    pub(super) async fn administer(&self, arguments: &[&str]) -> anyhow::Result<String> {
        self.screen.command(&typed(arguments))?;
        let output = self.env.cluster.kubectl(arguments, &Identity::Admin).await?.success()?;
        self.screen.output(&output)?;
        Ok(output)
    }

    /// Sends the simulator a change that a DNS team would make at its provider.
    pub(super) async fn dns(&self, method: &str, path: &str, body: &str) -> anyhow::Result<()> {
        let url = self.env.simulator.url();
        let data = if body.is_empty() { String::new() } else { format!("-d {body} ") };
        self.screen.command(&format!("curl -X {method} {data}{url}/control{path}"))?;
        let address: SocketAddr = url.trim_start_matches("http://").parse().context(url.clone())?;
        let (code, answer) = http::request(method, address, &format!("/control{path}"), body).await?;
        ensure!((200..300).contains(&code), "{path}: {code} {answer}");
        Ok(self.screen.output(&answer)?)
    }

    /// Waits silently until `is` accepts a field of the team's resource, and returns the field.
    pub(super) async fn field(
        &self,
        team: &TenantNamespace<'_>,
        what: &str,
        path: &str,
        is: impl Fn(&str) -> bool,
    ) -> anyhow::Result<String> {
        self.field_of(team, "sdom/mail", what, path, is).await
    }

    /// The same for another resource of the team, such as `saddr/sales`.
    pub(super) async fn field_of(
        &self,
        team: &TenantNamespace<'_>,
        resource: &str,
        what: &str,
        path: &str,
        is: impl Fn(&str) -> bool,
    ) -> anyhow::Result<String> {
        let output = format!("jsonpath={path}");
        eventually(what, async || {
            let answer = team.kubectl(&["get", resource, "-o", &output]).await;
            let answer = answer.and_then(crate::controlplane::Output::success).map_err(|error| error.to_string())?;
            if is(&answer) { Ok(answer) } else { Err(answer) }
        })
        .await
    }

    /// Waits silently for the first mail to an address, and shows its plain text.
    pub(super) async fn mail(&self, address: &str) -> anyhow::Result<ReceivedMail> {
        let mail = self.env.mail(address, 1).await?;
        let (url, id) = (self.env.simulator.url(), &mail.mail.message_id);
        self.screen.command(&format!("curl {url}/control/mails/{id}/text"))?;
        self.screen.output(mail.mail.text.as_deref().unwrap_or_default())?;
        Ok(mail)
    }

    /// Number of mails to an address.
    pub(super) fn mails_to(&self, address: &str) -> usize {
        self.env.simulator.mails_to(address).len()
    }

    /// Opens the page of a mail, like its link in a browser.
    pub(super) async fn open(&self, mail: &ReceivedMail) -> anyhow::Result<BrowserPage> {
        self.screen.command(&format!("curl -s {} | grep '<h1>'", mail.link))?;
        let page = self.env.operator.open(&mail.path).await?;
        self.screen.output(&page.heading_html())?;
        Ok(page)
    }

    /// Types the code and presses a button, as a browser does.
    pub(super) async fn press(
        &self,
        mail: &ReceivedMail,
        page: &BrowserPage,
        button: &str,
        code: &str,
    ) -> anyhow::Result<BrowserPage> {
        let form = page.form(button, code)?;
        self.screen.command(&format!("curl -sL -d '{form}' {} | grep '<h1>'", mail.link))?;
        let next = page.press(button, code).await?;
        self.screen.output(&next.heading_html())?;
        Ok(next)
    }

    /// Everything that the team can read about a resource: its status, and the events of its namespace.
    pub(super) async fn told(&self, team: &TenantNamespace<'_>, resource: &str) -> anyhow::Result<String> {
        let status = team.kubectl(&["get", resource, "-o", "jsonpath={.status}"]).await?.success()?;
        let events = team.kubectl(&["get", "events", "-o", "jsonpath={.items[*].message}"]).await?.success()?;
        Ok(status + &events)
    }

    /// Waits silently until SES no longer has the identity.
    pub(super) async fn identity_gone(&self, domain: &str) -> anyhow::Result<()> {
        eventually("the SES identity is deleted", async || match self.env.simulator.identity(domain) {
            None => Ok(()),
            Some(identity) => Err(format!("{identity:?}")),
        })
        .await
    }

    /// Waits silently until the domain's claim is in one of these states.
    pub(super) async fn claim_is(&self, states: &[&str]) -> anyhow::Result<()> {
        self.claim(&format!("the claim is {states:?}"), "{.spec.state}", |seen| states.contains(&seen)).await
    }

    /// Waits silently until `is` accepts a field of the domain's claim.
    pub(super) async fn claim(&self, what: &str, path: &str, is: impl Fn(&str) -> bool) -> anyhow::Result<()> {
        let output = format!("jsonpath={path}");
        let name = format!("sclaim/{}.{DOMAIN}", self.env.environment());
        eventually(what, async || {
            let answer = self.env.cluster.kubectl(&["get", &name, "-o", &output], &Identity::Admin).await;
            let answer = answer.and_then(crate::controlplane::Output::success).map_err(|error| error.to_string())?;
            if is(&answer) { Ok(()) } else { Err(answer) }
        })
        .await
    }

    pub(super) fn say_where_things_are(&self) -> anyhow::Result<()> {
        let url = self.env.simulator.url();
        let rows = [
            ("cluster", format!("export KUBECONFIG={}", self.kubeconfig.display())),
            ("kubectl", self.env.cluster.programs().path("kubectl")?.display().to_string()),
            ("mailbox", format!("{url}/mail")),
            ("SES, DNS and journal", url),
            ("operator", format!("http://{}/metrics, /readyz", self.env.operator.address())),
            ("operator's log", self.env.cluster.path("operator.log").display().to_string()),
        ];
        let text: Vec<String> = rows.iter().map(|(what, place)| format!("{what}\t{place}")).collect();
        self.screen.say("Everything stays up until you press Ctrl-C.")?;
        Ok(self.screen.output(&columns(&text.join("\n")))?)
    }
}

/// A command line with shell quotes where necessary.
fn typed(arguments: &[&str]) -> String {
    let quoted = arguments.iter().map(|argument| {
        if argument.contains(['{', ' ', '"', '[', '*']) { format!("'{argument}'") } else { (*argument).to_owned() }
    });
    format!("kubectl {}", quoted.collect::<Vec<_>>().join(" "))
}

/// Waits for Enter on a separate thread: a thread of the runtime would also block Ctrl-C.
async fn enter() -> anyhow::Result<()> {
    let (pressed, wait) = oneshot::channel();
    std::thread::spawn(move || pressed.send(std::io::stdin().read_line(&mut String::new())));
    wait.await??;
    Ok(())
}
