//! `/api`: every address of the API and every type that crosses it, from the API's own description.

use leptos::prelude::*;

use super::Page;
use crate::api::reference::{
    ApiEndpoint, ApiField, ApiGroup, ApiReference, ApiShape, ApiType, ApiVariant, ApiWord,
};
use crate::routes::Links;

pub(super) fn show(reference: &ApiReference) -> Page {
    let links = Links::here();
    let contents = reference.groups.iter().map(|group| {
        let rows = group.endpoints.iter().map(row).collect_view();
        view! {
            <tr>
                <th colspan="3" scope="rowgroup">{group.name.clone()}</th>
            </tr>
            {rows}
        }
    });
    let view = view! {
        <header class="page-header">
            <h1>"API"</h1>
            <p>
                "What pages and commands do, for programs. Answers are "<code>"{\"data\": \u{2026}}"</code>
                ", errors are problem documents (RFC 9457), times are seconds since 1970. The same as "
                <a href=links.path("/api/v1/openapi.json")>"an OpenAPI 3.1 document"</a>"."
            </p>
        </header>
        <div class="table-scroll" tabindex="0">
            <table class="data-table data-table--stacked api__contents">
                <tbody>{contents.collect_view()}</tbody>
            </table>
        </div>
        {reference.groups.iter().map(group).collect_view()}
        <section class="section api__group">
            <div class="section__head">
                <h2 id="types">"Types"</h2>
            </div>
            {reference.types.iter().map(type_of).collect_view()}
        </section>
    };
    let description = "Every address of the API, what it takes and what it answers.".to_owned();
    Page::new("API", description, links.api(), view.into_any())
}

fn row(endpoint: &ApiEndpoint) -> impl IntoView + use<> {
    view! {
        <tr>
            <td><code>{endpoint.method.clone()}</code></td>
            <td><a href=format!("#{}", endpoint.id)><code>{endpoint.path.clone()}</code></a></td>
            <td class="data-table__wide">{endpoint.summary.clone()}</td>
        </tr>
    }
}

fn group(group: &ApiGroup) -> impl IntoView + use<> {
    view! {
        <section class="section api__group">
            <div class="section__head">
                <h2>{group.name.clone()}</h2>
                <p class="muted">{group.description.clone()}</p>
            </div>
            {group.endpoints.iter().map(endpoint).collect_view()}
        </section>
    }
}

fn endpoint(endpoint: &ApiEndpoint) -> impl IntoView + use<> {
    let parameters = (!endpoint.parameters.is_empty()).then(|| fields(&endpoint.parameters));
    let body = endpoint.body.as_ref().map(|body| {
        view! { <p>"Takes " {shape(body)} " as JSON."</p> }
    });
    let answer = match &endpoint.answer {
        Some(answer) => {
            view! { <p>"Answers " <code>{endpoint.status.clone()}</code> " with " {shape(answer)} "."</p> }
                .into_any()
        }
        None => view! { <p>"Answers " <code>{endpoint.status.clone()}</code> "."</p> }.into_any(),
    };
    let problems = endpoint.problems.join(", ");
    view! {
        <article class="api__endpoint" id=endpoint.id.clone()>
            <h3><code>{format!("{} {}", endpoint.method, endpoint.path)}</code></h3>
            <p>{endpoint.summary.clone()} "."</p>
            <p class="muted">{endpoint.access.clone()}</p>
            {parameters}
            {body}
            {answer}
            <p class="muted">"Problems: " {problems} "."</p>
        </article>
    }
}

fn fields(fields: &[ApiField]) -> impl IntoView + use<> {
    let row = |field: &ApiField| {
        let need = if field.is_required { "" } else { "optional" };
        let notes = [field.place.as_str(), need]
            .into_iter()
            .filter(|note| !note.is_empty());
        let notes: Vec<&str> = notes.collect();
        view! {
            <tr>
                <td><code>{field.name.clone()}</code></td>
                <td>{shape(&field.shape)}</td>
                <td class="muted">{notes.join(", ")}</td>
                <td class="data-table__wide">{field.description.clone()}</td>
            </tr>
        }
    };
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table data-table--stacked">
                <tbody>{fields.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

fn shape(shape: &ApiShape) -> impl IntoView + use<> {
    let word = |word: &ApiWord| match word {
        ApiWord::Text(text) => text.clone().into_any(),
        ApiWord::Type(name) => {
            view! { <a href=format!("#type-{name}")><code>{name.clone()}</code></a> }.into_any()
        }
    };
    shape.0.iter().map(word).collect_view()
}

fn type_of(shown: &ApiType) -> impl IntoView + use<> {
    view! {
        <article class="api__endpoint" id=format!("type-{}", shown.name)>
            <h3><code>{shown.name.clone()}</code></h3>
            <p>{shown.description.clone()}</p>
            {shown.variants.iter().map(variant).collect_view()}
        </article>
    }
}

fn variant(variant: &ApiVariant) -> impl IntoView + use<> {
    let name = (!variant.name.is_empty()).then(|| {
        view! { <p><code>{variant.name.clone()}</code> " " {variant.description.clone()}</p> }
    });
    let is_plain = variant.fields.is_empty() && !variant.shape.0.is_empty();
    let plain = is_plain.then(|| view! { <p>{shape(&variant.shape)}</p> });
    let table = (!variant.fields.is_empty()).then(|| fields(&variant.fields));
    view! { {name} {plain} {table} }
}
