//! What a document's head says of a page to crawlers, to feed readers and to sites that show a link to it.
//!
//! [`Head`] is filled by the page, [`elements`] writes it. Structured data is schema.org's, as JSON-LD: a data block, which
//! no browser runs. A chart's text is in it, so it is written without a character that could end its element.

use leptos::prelude::*;
use model::Timestamp;
use model::chart::ChartDetail;
use serde_json::{Value, json};

use crate::api::page::PageBody;
use crate::api::{origin, site};
use crate::routes::{Links, encode_segment};

/// Characters of a description that are shown with a link.
const MAX_DESCRIPTION: usize = 300;
/// Maintainers and keywords that structured data names.
const MAX_ITEMS: usize = 20;

/// What is said of a page beside its title and description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Crawlers follow its links, and do not keep it.
    pub is_hidden: bool,
    /// The address of a picture, 1200 by 630 pixels, below our origin; none is the site's.
    pub image: Option<String>,
    /// Title and address of the feed of what the page shows, below our origin.
    pub feed: Option<(String, String)>,
    /// JSON-LD, one document each.
    pub data: Vec<String>,
}

impl Head {
    /// Of a page that no crawler shall keep.
    pub(crate) fn hidden() -> Self {
        Self {
            is_hidden: true,
            ..Self::default()
        }
    }

    pub(crate) fn with_feed(self, title: impl Into<String>, href: String) -> Self {
        Self {
            feed: Some((title.into(), href)),
            ..self
        }
    }

    pub(crate) fn with_data(mut self, data: &Value) -> Self {
        self.data.push(data_block(data));
        self
    }

    /// The way from the home page: names with paths below our origin.
    pub(crate) fn with_way(self, steps: &[(&str, String)]) -> Self {
        let items: Vec<Value> = (1..)
            .zip(steps)
            .map(|(position, (name, path))| {
                json!({ "@type": "ListItem", "position": position, "name": name, "item": absolute(path) })
            })
            .collect();
        self.with_data(&json!({
            "@context": "https://schema.org",
            "@type": "BreadcrumbList",
            "itemListElement": items,
        }))
    }
}

/// Of the home page: the site, and how to search it.
pub(crate) fn of_site() -> Head {
    let links = Links::here();
    let target = format!("{}?q={{search_term_string}}", absolute(&links.charts()));
    let data = json!({
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": site().title,
        "url": absolute(&links.home()),
        "potentialAction": {
            "@type": "SearchAction",
            "target": { "@type": "EntryPoint", "urlTemplate": target },
            "query-input": "required name=search_term_string",
        },
    });
    Head::default()
        .with_feed("Updated charts", links.feed())
        .with_data(&data)
}

/// Of one of a chart's pages.
pub(crate) fn of_chart(chart: &ChartDetail) -> Head {
    let links = Links::here();
    let (repository, name) = (chart.repository.as_str(), chart.name.as_str());
    let page = links.chart(repository, name);
    let version = &chart.version;
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": name,
        "description": version.description,
        "url": absolute(&page),
        "applicationCategory": "DeveloperApplication",
        "operatingSystem": "Kubernetes",
        "softwareVersion": version.version,
        "downloadUrl": absolute(&links.archive(repository, name, &version.version)),
        "isAccessibleForFree": true,
        // What search engines ask of whatever can be had.
        "offers": { "@type": "Offer", "price": 0 },
    });
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            data[key] = value;
        }
    };
    put(
        "image",
        version
            .icon
            .as_ref()
            .map(|icon| absolute(&links.path(icon)).into()),
    );
    put(
        "datePublished",
        version
            .created
            .filter(|at| is_past(*at))
            .map(|at| at.to_rfc3339().into()),
    );
    put(
        "license",
        version.license.as_deref().and_then(license).map(Value::from),
    );
    let keywords = version.keywords.iter().take(MAX_ITEMS).map(String::as_str);
    let keywords: Vec<&str> = keywords.collect();
    put(
        "keywords",
        (!keywords.is_empty()).then(|| keywords.join(", ").into()),
    );
    let people = version.maintainers.iter().take(MAX_ITEMS);
    let people: Vec<Value> = people
        .map(|person| json!({ "@type": "Person", "name": person.name }))
        .collect();
    put("maintainer", (!people.is_empty()).then(|| people.into()));
    Head {
        image: Some(links.card(repository, name)),
        ..Head::default()
    }
    .with_feed(format!("Versions of {name}"), links.chart_feed(repository, name))
    .with_data(&data)
    .with_way(&[
        ("Charts", links.charts()),
        (repository, links.repository_charts(repository)),
        (name, page),
    ])
}

/// Where a licence's text is, for one that SPDX knows by its name.
fn license(name: &str) -> Option<String> {
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
    (is_name && !name.is_empty()).then(|| format!("https://spdx.org/licenses/{}.html", encode_segment(name)))
}

/// Indexes claim what they like.
fn is_past(at: Timestamp) -> bool {
    at.0 > 0 && at <= crate::format::now()
}

fn absolute(path: &str) -> String {
    format!("{}{path}", origin())
}

/// JSON that can stand in an element of scripts: whatever text is in it, it neither ends the element nor opens a comment.
fn data_block(data: &Value) -> String {
    let mut out = String::new();
    for character in data.to_string().chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => out.push(other),
        }
    }
    out
}

/// The elements.
pub(crate) fn elements(page: &PageBody) -> AnyView {
    let is_whole = page.status == 200;
    if !is_whole || page.head.is_hidden {
        let canonical = is_whole.then(|| view! { <link rel="canonical" href=absolute(&page.canonical) /> });
        return view! {
            {canonical}
            <meta name="robots" content="noindex" />
            {feed(&page.head)}
        }
        .into_any();
    }
    let address = absolute(&page.canonical);
    let description: String = page.description.chars().take(MAX_DESCRIPTION).collect();
    let image = page
        .head
        .image
        .clone()
        .unwrap_or_else(|| Links::here().site_card());
    let data = page.head.data.iter();
    let data = data
        .map(|data| view! { <script type="application/ld+json" inner_html=data.clone()></script> })
        .collect_view();
    view! {
        <link rel="canonical" href=address.clone() />
        {feed(&page.head)}
        {property("og:type", "website")}
        {property("og:site_name", site().title)}
        {property("og:title", page.title.clone())}
        {property("og:description", description)}
        {property("og:url", address)}
        {property("og:image", absolute(&image))}
        {property("og:image:type", "image/png")}
        {property("og:image:width", "1200")}
        {property("og:image:height", "630")}
        {property("og:image:alt", page.title.clone())}
        <meta name="twitter:card" content="summary_large_image" />
        {data}
    }
    .into_any()
}

/// A property of the Open Graph protocol.
fn property(name: &'static str, content: impl Into<String>) -> AnyView {
    leptos::html::meta()
        .attr("property", name)
        .content(content.into())
        .into_any()
}

fn feed(head: &Head) -> Option<AnyView> {
    let (title, href) = head.feed.clone()?;
    Some(view! { <link rel="alternate" type="application/atom+xml" title=title href=href /> }.into_any())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{data_block, license};

    #[test]
    fn no_text_of_a_chart_ends_the_element_that_it_stands_in() {
        for text in [
            "</script><script>alert(1)</script>",
            "<!--<script>",
            "]]>",
            "a\u{2028}b & c",
            "\"}</SCRIPT >",
        ] {
            let data = json!({ "description": text });
            let block = data_block(&data);
            assert!(!block.contains(['<', '>', '&', '\u{2028}']), "{block}");
            let read: Value = serde_json::from_str(&block).expect("it is JSON");
            assert_eq!(read, data);
        }
    }

    #[test]
    fn licences_are_addresses_only_where_they_are_names() {
        assert_eq!(
            license("Apache-2.0").as_deref(),
            Some("https://spdx.org/licenses/Apache-2.0.html")
        );
        assert_eq!(license("MIT OR javascript:alert(1)"), None);
        assert_eq!(license(""), None);
    }
}
