//! What a page can do once a script runs: copy, filter, follow its forms, point at a line, keep itself fresh.
//!
//! Pages are HTML, so none of this is bound to an element: a few listeners on the window act on what carries the
//! attribute that names a behaviour.

use crate::frame::CurrentPage;
use crate::routes::Links;

/// Starts all behaviours; on the server there are none.
pub(crate) fn attach(_links: Links, _page: CurrentPage) {
    #[cfg(feature = "hydrate")]
    browser::attach(_links, _page);
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use leptos::prelude::*;
    use leptos::wasm_bindgen::JsCast;
    use leptos::wasm_bindgen::closure::Closure;
    use leptos::web_sys::{
        Element, Event, EventSource, FocusOptions, HtmlElement, HtmlInputElement, MouseEvent,
    };
    use leptos_router::NavigateOptions;
    use leptos_router::hooks::{use_location, use_navigate};

    use crate::frame::CurrentPage;
    use crate::routes::Links;

    pub(super) fn attach(links: Links, page: CurrentPage) {
        let navigate = use_navigate();
        let click = window_event_listener(leptos::ev::click, move |event| clicked(&event, page));
        let input = window_event_listener(leptos::ev::input, |event| {
            if let Some(field) =
                target::<HtmlInputElement>(&event).filter(|field| field.has_attribute("data-filter"))
            {
                filter(&field.value());
            }
        });
        let submit = window_event_listener(leptos::ev::submit, move |event| {
            let Some(form) =
                target::<Element>(&event).filter(|form| form.matches(".search-field").unwrap_or(false))
            else {
                return;
            };
            event.prevent_default();
            let field = form
                .query_selector("input")
                .ok()
                .flatten()
                .and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
            let words = field.map(|field| field.value()).unwrap_or_default();
            let to = match words.trim() {
                "" => links.charts(),
                words => links.search(words),
            };
            navigate(
                &to,
                NavigateOptions {
                    resolve: false,
                    ..Default::default()
                },
            );
        });
        on_cleanup(move || {
            click.remove();
            input.remove();
            submit.remove();
        });
        let folds = StoredValue::new(Vec::new());
        follow(page, folds);
        refresh(links, page, folds);
    }

    fn target<T: JsCast>(event: &Event) -> Option<T> {
        event.target()?.dyn_into().ok()
    }

    fn clicked(event: &MouseEvent, page: CurrentPage) {
        let Some(element) = target::<Element>(event) else {
            return;
        };
        let closest = |selector| element.closest(selector).ok().flatten();
        if let Some(button) = closest("[data-copy]") {
            copy(&button);
        } else if closest(".skip-link").is_some() {
            // The router follows the address and leaves the focus where it is.
            event.prevent_default();
            focus_main();
        } else if closest("[data-retry]").is_some() {
            event.prevent_default();
            page.refetch();
        } else if let Some(line) = closest(".code-view .line").filter(|_| closest("a").is_none()) {
            // Numbers are drawn left of a line's text.
            let start = line.get_bounding_client_rect().left();
            let gutter = window().get_computed_style(&line).ok().flatten();
            let gutter = gutter
                .and_then(|style| style.get_property_value("padding-left").ok())
                .unwrap_or_default();
            if f64::from(event.client_x()) < start + gutter.trim_end_matches("px").parse().unwrap_or(0.0) {
                let _ = window().location().set_hash(&line.id());
            }
        }
        // A menu closes when something else is clicked, or when it has led somewhere.
        if let Ok(Some(menu)) =
            document().query_selector("details.version-picker[open], details.account-menu[open]")
            && (!menu.contains(Some(&element)) || closest(".account-menu a").is_some())
        {
            let _ = menu.remove_attribute("open");
        }
    }

    fn copy(button: &Element) {
        let text = button
            .parent_element()
            .and_then(|body| body.query_selector("pre").ok().flatten());
        let text = text.and_then(|text| text.text_content()).unwrap_or_default();
        // Nothing waits for the answer: where the clipboard is forbidden, the text can still be selected.
        let _ = window().navigator().clipboard().write_text(text.trim());
        let _ = button.set_attribute("data-copied", "true");
        let button = button.clone();
        set_timeout(
            move || drop(button.remove_attribute("data-copied")),
            Duration::from_millis(1_600),
        );
    }

    /// Readers of the screen and the keyboard start where a page starts.
    fn focus_main() {
        let main = document()
            .get_element_by_id("_main")
            .and_then(|main| main.dyn_into::<HtmlElement>().ok());
        if let Some(main) = main {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = main.focus_with_options(&options);
        }
    }

    /// On a narrow screen tabs are wider than it: the one that is open is moved into sight.
    fn show_tab() {
        let tab = document().query_selector(".tabs [aria-current]").ok().flatten();
        let tab = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok());
        let list = document().query_selector(".tabs ul").ok().flatten();
        if let (Some(tab), Some(list)) = (tab, list) {
            let before = tab.offset_left() + tab.offset_width() / 2 - list.client_width() / 2;
            list.set_scroll_left(before);
        }
    }

    /// After a page has been replaced: goes to the anchor of its address, or to its beginning.
    fn follow(page: CurrentPage, folds: Folds) {
        let location = use_location();
        let shown = StoredValue::new(location.pathname.get_untracked());
        Effect::new(move |_| {
            page.body.track();
            let path = location.pathname.get_untracked();
            let is_new = shown.get_value() != path;
            shown.set_value(path);
            let hash = location.hash.get_untracked();
            let id = hash.trim_start_matches('#').to_owned();
            // The new page is in the document a moment later.
            request_animation_frame(move || {
                show_tab();
                if !is_new {
                    fold_again(folds);
                    return;
                }
                let element = document().get_element_by_id(&id).filter(|_| !id.is_empty());
                if let Some(element) = element {
                    element.scroll_into_view();
                } else {
                    focus_main();
                }
            });
        });
    }

    /// Which parts of the page were unfolded when it was fetched again, by their ids.
    type Folds = StoredValue<Vec<(String, bool)>>;

    fn folds_now() -> Vec<(String, bool)> {
        let Ok(parts) = document().query_selector_all("main details[id]") else {
            return Vec::new();
        };
        (0..parts.length())
            .filter_map(|at| parts.item(at)?.dyn_into::<Element>().ok())
            .map(|part| (part.id(), part.has_attribute("open")))
            .collect()
    }

    fn fold_again(folds: Folds) {
        for (id, is_open) in folds.get_value() {
            if let Some(part) = document().get_element_by_id(&id) {
                let _ = part.toggle_attribute_with_force("open", is_open);
            }
        }
    }

    /// Fetches a page again that says it will change: when its event stream says so, and after a while where that does not
    /// tell everything.
    fn refresh(links: Links, page: CurrentPage, folds: Folds) {
        let pending = StoredValue::new(None::<TimeoutHandle>);
        let stream = StoredValue::new_local(None::<(String, EventSource)>);
        Effect::new(move |_| {
            let (secs, events) = page.body.with(|body| (body.refresh_secs, body.events.clone()));
            stream.update_value(|stream| {
                if stream.as_ref().is_some_and(|(address, _)| *address == events) {
                    return;
                }
                if let Some((_, old)) = stream.take() {
                    old.close();
                }
                if !events.is_empty() {
                    *stream = open(&links.path(&events), page, folds).map(|source| (events, source));
                }
            });
            if let Some(handle) = pending.get_value() {
                handle.clear();
            }
            if secs > 0 {
                wait(Duration::from_secs(secs.into()), page, folds, pending, stream);
            }
        });
    }

    fn wait(
        time: Duration,
        page: CurrentPage,
        folds: Folds,
        pending: StoredValue<Option<TimeoutHandle>>,
        stream: StoredValue<Option<(String, EventSource)>, LocalStorage>,
    ) {
        let again = move || {
            let is_told = page.body.with_untracked(|body| body.events_tell_all);
            let is_followed = is_told
                && stream.with_value(|stream| {
                    stream
                        .as_ref()
                        .is_some_and(|(_, source)| source.ready_state() == EventSource::OPEN)
                });
            if is_followed || !fetch_again(page, folds) {
                wait(time, page, folds, pending, stream);
            }
        };
        pending.set_value(set_timeout_with_handle(again, time).ok());
    }

    /// Events that come together fetch the page once.
    fn open(address: &str, page: CurrentPage, folds: Folds) -> Option<EventSource> {
        let source = EventSource::new(address).ok()?;
        // No stored value: this is called by an effect, whose values end when it runs again, and the stream goes on.
        let is_due = Rc::new(Cell::new(false));
        let heard = Closure::<dyn Fn()>::new(move || {
            if !is_due.replace(true) {
                settle(page, folds, Rc::clone(&is_due));
            }
        });
        source.set_onmessage(Some(heard.into_js_value().unchecked_ref()));
        Some(source)
    }

    fn settle(page: CurrentPage, folds: Folds, is_due: Rc<Cell<bool>>) {
        let then = move || {
            if fetch_again(page, folds) {
                is_due.set(false);
            } else {
                settle(page, folds, is_due);
            }
        };
        set_timeout(then, Duration::from_millis(700));
    }

    /// Unless nobody looks, or somebody is at a field of the page whose text would be lost. What was unfolded stays so.
    fn fetch_again(page: CurrentPage, folds: Folds) -> bool {
        let is_edited = document()
            .query_selector("main :is(input, select, textarea):focus")
            .is_ok_and(|field| field.is_some());
        if document().hidden() || is_edited {
            return false;
        }
        folds.set_value(folds_now());
        page.refetch();
        true
    }

    /// Hides the lines of the values that do not match; a match keeps the keys it lies in and the comment above it.
    fn filter(words: &str) {
        let found = apply(words).map(|n| match n {
            1 => "1 match".to_owned(),
            n => format!("{n} matches"),
        });
        if let Ok(Some(place)) = document().query_selector("[data-found]") {
            place.set_text_content(Some(&found.unwrap_or_default()));
        }
    }

    fn apply(words: &str) -> Option<u32> {
        let words = words.trim().to_lowercase();
        let lines = document().query_selector_all(".values .line").ok()?;
        let lines: Vec<Element> = (0..lines.length())
            .filter_map(|at| lines.item(at)?.dyn_into().ok())
            .collect();
        let texts: Vec<String> = lines
            .iter()
            .map(|line| line.text_content().unwrap_or_default().to_lowercase())
            .collect();
        let paths: Vec<Option<String>> = lines.iter().map(|line| line.get_attribute("data-path")).collect();
        let matches = |at: usize| {
            texts[at].contains(&words)
                || paths[at]
                    .as_ref()
                    .is_some_and(|path| path.to_lowercase().contains(&words))
        };
        let mut shown = vec![words.is_empty(); lines.len()];
        let mut n_found = 0;
        if !words.is_empty() {
            // The lines of the keys that the current line lies in.
            let mut open: Vec<(String, usize)> = Vec::new();
            for at in 0..lines.len() {
                if let Some(path) = &paths[at] {
                    open.retain(|(parent, _)| path.starts_with(parent.as_str()) && path.len() > parent.len());
                }
                if matches(at) {
                    n_found += 1;
                    shown[at] = true;
                    open.iter().for_each(|(_, line)| shown[*line] = true);
                    for above in (0..at)
                        .rev()
                        .take_while(|above| texts[*above].trim_start().starts_with('#'))
                    {
                        shown[above] = true;
                    }
                }
                if let Some(path) = &paths[at] {
                    open.push((path.clone(), at));
                }
            }
        }
        for (line, is_shown) in lines.iter().zip(&shown) {
            let _ = line.toggle_attribute_with_force("hidden", !is_shown);
        }
        (!words.is_empty()).then_some(n_found)
    }
}
