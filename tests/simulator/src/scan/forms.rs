//! Which requests the forms of a page can make: once per button, with text fields empty and with text fields filled.

use std::collections::BTreeMap;

use scraper::{ElementRef, Html};
use url::Url;
use url::form_urlencoded::Serializer;

use super::client::Request;

/// All requests that the forms of a page can make. Where a form has no text fields it makes one per button.
pub(super) fn submissions(html: &str, page: &Url) -> Vec<Request> {
    let document = Html::parse_document(html);
    let elements: Vec<ElementRef<'_>> = document.root_element().descendants().filter_map(ElementRef::wrap).collect();
    let base = elements.iter().find(|it| it.value().name() == "base").and_then(|it| it.attr("href"));
    let base = base.and_then(|href| page.join(href).ok()).unwrap_or_else(|| page.clone());
    let mut all = Vec::new();
    for form in elements.iter().filter(|it| it.value().name() == "form") {
        let controls: Vec<ElementRef<'_>> =
            elements.iter().copied().filter(|it| !has(*it, "disabled") && belongs(*it, *form)).collect();
        let mut buttons: Vec<Option<ElementRef<'_>>> =
            controls.iter().copied().filter(|it| submits(*it)).map(Some).collect();
        if buttons.is_empty() {
            // Enter in a text field submits a form without buttons.
            buttons.push(None);
        }
        let fillings: &[bool] = if controls.iter().any(|it| junk(*it).is_some()) { &[false, true] } else { &[false] };
        for button in buttons {
            all.extend(fillings.iter().filter_map(|filled| request(*form, button, &controls, *filled, page, &base)));
        }
    }
    all
}

fn has(element: ElementRef<'_>, attribute: &str) -> bool {
    element.attr(attribute).is_some()
}

/// Whether a control belongs to a form: by its `form` attribute, or because it stands in it.
fn belongs(control: ElementRef<'_>, form: ElementRef<'_>) -> bool {
    match control.attr("form") {
        Some(id) => form.attr("id") == Some(id),
        None => control.ancestors().any(|ancestor| ancestor.id() == form.id()),
    }
}

/// The type of an input or a button; the name of another element.
fn kind(control: ElementRef<'_>) -> String {
    let given = control.attr("type").map(str::to_ascii_lowercase);
    match control.value().name() {
        "input" => given.unwrap_or_else(|| "text".to_owned()),
        "button" => given.unwrap_or_else(|| "submit".to_owned()),
        other => other.to_owned(),
    }
}

fn submits(control: ElementRef<'_>) -> bool {
    matches!(control.value().name(), "input" | "button") && matches!(kind(control).as_str(), "submit" | "image")
}

/// What a machine writes into a field that people write into; `None` for other controls.
fn junk(control: ElementRef<'_>) -> Option<String> {
    let text = match kind(control).as_str() {
        "email" => "scanner@example.com",
        "url" => "https://example.com/",
        "tel" => "+4930123456",
        "number" | "range" => "1",
        "date" => "2030-01-01",
        "time" => "12:00",
        "text" | "search" | "password" | "textarea" => {
            if control.attr("inputmode") == Some("numeric") {
                "12345678"
            } else {
                "K7QX2M9P"
            }
        }
        _ => return None,
    };
    let longest = control.attr("maxlength").and_then(|length| length.parse().ok()).unwrap_or(usize::MAX);
    Some(text.chars().take(longest).collect())
}

fn request(
    form: ElementRef<'_>,
    button: Option<ElementRef<'_>>,
    controls: &[ElementRef<'_>],
    filled: bool,
    page: &Url,
    base: &Url,
) -> Option<Request> {
    let from = |attribute: &str| button.and_then(|it| it.attr(attribute));
    let action = from("formaction").or_else(|| form.attr("action")).filter(|action| !action.trim().is_empty());
    let mut url = action.map_or_else(|| Some(page.clone()), |action| base.join(action.trim()).ok())?;
    let method = from("formmethod").or_else(|| form.attr("method")).unwrap_or("get").to_ascii_lowercase();
    let fields = fields(button, controls, filled);
    let encoded = Serializer::new(String::new()).extend_pairs(fields).finish();
    match method.as_str() {
        "post" => Some(Request::post(url, encoded)),
        "dialog" => None,
        _ => {
            url.set_query(Some(&encoded));
            Some(Request::get(url))
        }
    }
}

/// Names and values, in the order of the page; of the buttons only the one that is pressed.
fn fields(button: Option<ElementRef<'_>>, controls: &[ElementRef<'_>], filled: bool) -> Vec<(String, String)> {
    let chosen = chosen_radios(controls);
    let mut fields = Vec::new();
    for control in controls {
        let Some(name) = control.attr("name").filter(|name| !name.is_empty()) else { continue };
        let value = control.attr("value").unwrap_or_default();
        if submits(*control) {
            if button.is_some_and(|pressed| pressed.id() == control.id()) {
                fields.push((name.to_owned(), value.to_owned()));
            }
            continue;
        }
        let sent = match kind(*control).as_str() {
            "hidden" => Some(value.to_owned()),
            "checkbox" => {
                (filled || has(*control, "checked")).then(|| control.attr("value").unwrap_or("on").to_owned())
            }
            "radio" => chosen.get(name).filter(|it| it.id() == control.id()).map(|_| value.to_owned()),
            "select" => option(*control),
            _ => junk(*control).map(|junk| if filled { junk } else { String::new() }),
        };
        fields.extend(sent.map(|sent| (name.to_owned(), sent)));
    }
    fields
}

/// Of each group of radio buttons the one that is checked, else the first.
fn chosen_radios<'a>(controls: &[ElementRef<'a>]) -> BTreeMap<&'a str, ElementRef<'a>> {
    let mut chosen = BTreeMap::new();
    for radio in controls.iter().filter(|it| kind(**it) == "radio") {
        let Some(name) = radio.attr("name") else { continue };
        if has(*radio, "checked") {
            chosen.insert(name, *radio);
        } else {
            chosen.entry(name).or_insert(*radio);
        }
    }
    chosen
}

/// What a list has selected, else its first entry.
fn option(select: ElementRef<'_>) -> Option<String> {
    let options = || select.descendants().filter_map(ElementRef::wrap).filter(|it| it.value().name() == "option");
    let option = options().find(|it| has(*it, "selected")).or_else(|| options().next())?;
    Some(option.attr("value").map_or_else(|| option.text().collect::<String>().trim().to_owned(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(html: &str) -> Vec<String> {
        let page = Url::parse("http://127.0.0.1:1/confirm/x?y=z").unwrap();
        let line = |request: Request| {
            let url = request.url.as_str().replace("http://127.0.0.1:1", "");
            format!("{} {url} {}", request.method, request.form.unwrap_or_default()).trim_end().to_owned()
        };
        submissions(html, &page).into_iter().map(line).collect()
    }

    #[test]
    fn every_button_is_pressed_with_fields_empty_and_filled() {
        let html = "<form method=post><input type=hidden name=token value='a&amp;b'><input name=code required maxlength=4>\
                    <button name=do value=confirm>Yes</button><button name=do value=decline>No</button>\
                    <button type=button name=x>Other</button></form>";
        assert_eq!(
            asked(html),
            [
                "POST /confirm/x?y=z token=a%26b&code=&do=confirm",
                "POST /confirm/x?y=z token=a%26b&code=K7QX&do=confirm",
                "POST /confirm/x?y=z token=a%26b&code=&do=decline",
                "POST /confirm/x?y=z token=a%26b&code=K7QX&do=decline",
            ]
        );
    }

    #[test]
    fn forms_are_submitted_as_browsers_do_it() {
        for (html, expected) in [
            ("<form action=/a method=POST><button>Go</button></form>", vec!["POST /a"]),
            ("<form action=b><input type=submit name=s value=go></form>", vec!["GET /confirm/b?s=go"]),
            ("<form><input name=q value=old></form>", vec!["GET /confirm/x?q=", "GET /confirm/x?q=K7QX2M9P"]),
            ("<form id=f method=post></form><button form=f name=n value=1>", vec!["POST /confirm/x?y=z n=1"]),
            (
                "<form method=post><button formaction=/other formmethod=get name=a value=1></button></form>",
                vec!["GET /other?a=1"],
            ),
            (
                "<base href=http://127.0.0.1:1/deep/><form action=in method=post><button></button></form>",
                vec!["POST /deep/in"],
            ),
            (
                "<form method=post><input type=email name=e><textarea name=t></textarea><button></form>",
                vec!["POST /confirm/x?y=z e=&t=", "POST /confirm/x?y=z e=scanner%40example.com&t=K7QX2M9P"],
            ),
            (
                "<form method=post><input type=checkbox name=c checked><input type=checkbox name=d value=2>\
                 <input name=x><button></form>",
                vec!["POST /confirm/x?y=z c=on&x=", "POST /confirm/x?y=z c=on&d=2&x=K7QX2M9P"],
            ),
            (
                "<form method=post><input type=radio name=r value=1><input type=radio name=r value=2 checked>\
                 <select name=s><option value=a>A<option selected>B</select><button></form>",
                vec!["POST /confirm/x?y=z r=2&s=B"],
            ),
            ("<form method=post><input disabled name=d><button></form>", vec!["POST /confirm/x?y=z"]),
            ("<form method=dialog><button></form><button>outside</button>", vec![]),
            ("<!-- <form action=/a></form> -->", vec![]),
        ] {
            assert_eq!(asked(html), expected, "{html}");
        }
    }
}
