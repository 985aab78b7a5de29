//! The requests that a page's forms can make: one per button, with empty and with filled text fields.

use scraper::{ElementRef, Html, Selector};
use url::Url;
use url::form_urlencoded::Serializer;

use super::client::Request;

/// Input of a scanner for text fields.
const JUNK: &str = "K7QX2M9P";

/// All requests of a page's forms. A form without text fields makes one per button.
pub(super) fn submissions(html: &str, page: &Url) -> Vec<Request> {
    let document = Html::parse_document(html);
    let mut all = Vec::new();
    for form in elements(document.root_element(), "form") {
        let controls = elements(form, "input:not([disabled]), button:not([disabled]), textarea:not([disabled])");
        let mut buttons: Vec<Option<ElementRef<'_>>> =
            controls.iter().copied().filter(|it| kind(*it) == "submit").map(Some).collect();
        if buttons.is_empty() {
            // Enter in a text field submits a form without buttons.
            buttons.push(None);
        }
        let fillings: &[bool] = if controls.iter().any(|it| is_text(*it)) { &[false, true] } else { &[false] };
        for button in buttons {
            all.extend(fillings.iter().filter_map(|filled| request(form, button, &controls, *filled, page)));
        }
    }
    all
}

fn elements<'a>(below: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(selector).map(|selector| below.select(&selector).collect()).unwrap_or_default()
}

/// The type of an input or a button.
fn kind(control: ElementRef<'_>) -> &str {
    control.attr("type").unwrap_or(match control.value().name() {
        "button" => "submit",
        _ => "text",
    })
}

fn is_text(control: ElementRef<'_>) -> bool {
    matches!(kind(control), "text" | "search" | "password" | "email" | "tel" | "url")
}

fn request(
    form: ElementRef<'_>,
    button: Option<ElementRef<'_>>,
    controls: &[ElementRef<'_>],
    filled: bool,
    page: &Url,
) -> Option<Request> {
    let action = form.attr("action").map(str::trim).filter(|action| !action.is_empty());
    let mut url = action.map_or_else(|| Some(page.clone()), |action| page.join(action).ok())?;
    let fields = controls.iter().filter_map(|control| field(*control, button, filled));
    let encoded = Serializer::new(String::new()).extend_pairs(fields).finish();
    if form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")) {
        return Some(Request::post(url, encoded));
    }
    url.set_query(Some(&encoded));
    Some(Request::get(url))
}

/// Name and value; of all buttons, only the pressed one has them.
fn field<'a>(control: ElementRef<'a>, button: Option<ElementRef<'a>>, filled: bool) -> Option<(&'a str, String)> {
    let name = control.attr("name").filter(|name| !name.is_empty())?;
    let value = || control.attr("value").unwrap_or_default().to_owned();
    let pressed = button.is_some_and(|pressed| pressed.id() == control.id());
    let longest = control.attr("maxlength").and_then(|length| length.parse().ok()).unwrap_or(usize::MAX);
    match kind(control) {
        "hidden" => Some((name, value())),
        "submit" => pressed.then(|| (name, value())),
        "checkbox" => filled.then(|| (name, control.attr("value").unwrap_or("on").to_owned())),
        _ if is_text(control) => Some((name, JUNK.chars().take(if filled { longest } else { 0 }).collect())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_submitted_as_browsers_do_it() {
        let page = Url::parse("http://127.0.0.1:1/confirm/x?y=z").unwrap();
        for (html, expected) in [
            (
                "<form method=post><input type=hidden name=token value='a&amp;b'><input name=code required maxlength=4>\
                 <button name=do value=yes>Yes</button><button name=do value=no>No</button>\
                 <button type=button name=x>Other</button></form>",
                vec![
                    "POST /confirm/x?y=z token=a%26b&code=&do=yes",
                    "POST /confirm/x?y=z token=a%26b&code=K7QX&do=yes",
                    "POST /confirm/x?y=z token=a%26b&code=&do=no",
                    "POST /confirm/x?y=z token=a%26b&code=K7QX&do=no",
                ],
            ),
            ("<form action=/a method=POST><button>Go</button></form>", vec!["POST /a"]),
            ("<form action=b><input type=submit name=s value=go></form>", vec!["GET /confirm/b?s=go"]),
            ("<form><input name=q value=old></form>", vec!["GET /confirm/x?q=", "GET /confirm/x?q=K7QX2M9P"]),
            (
                "<form method=post><input type=checkbox name=c><textarea name=t></textarea><button></form>",
                vec!["POST /confirm/x?y=z t=", "POST /confirm/x?y=z c=on&t=K7QX2M9P"],
            ),
            (
                "<form method=post><input disabled name=d><button></form><button>outside</button>",
                vec!["POST /confirm/x?y=z"],
            ),
            ("<!-- <form action=/a></form> -->", vec![]),
        ] {
            let line = |request: Request| {
                let url = request.url.as_str().replace("http://127.0.0.1:1", "");
                format!("{} {url} {}", request.method, request.form.unwrap_or_default()).trim_end().to_owned()
            };
            assert_eq!(submissions(html, &page).into_iter().map(line).collect::<Vec<_>>(), expected, "{html}");
        }
    }
}
