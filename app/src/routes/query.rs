//! The query strings: what a visitor asked of the catalog, as an address.

use model::catalog::{CatalogQuery, CatalogSort};

use super::encode::{decode, encode_query};

/// The decoded value of `key` in a query string, with or without its `?`.
pub fn query_value(search: &str, key: &str) -> Option<String> {
    search.trim_start_matches('?').split('&').find_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name == key).then(|| decode(&value.replace('+', " ")))
    })
}

/// Reads the catalog's query string; what is not understood is left out.
pub fn catalog_query(repository: Option<&str>, search: &str) -> CatalogQuery {
    let text = |key| query_value(search, key).unwrap_or_default();
    let flag = |key| query_value(search, key).is_some_and(|value| value != "false" && value != "0");
    CatalogQuery {
        q: text("q").trim().to_owned(),
        repository: repository.map_or_else(|| text("repository"), str::to_owned),
        keyword: text("keyword"),
        category: text("category"),
        license: text("license"),
        kubernetes: text("kubernetes"),
        chart_type: text("type"),
        schema: flag("schema"),
        signed: flag("signed"),
        deprecated: flag("deprecated"),
        sort: match text("sort").as_str() {
            "name" => CatalogSort::Name,
            "updated" => CatalogSort::Updated,
            _ => CatalogSort::Relevance,
        },
        cursor: text("cursor"),
        explain: flag("explain"),
    }
}

/// Writes a query string with its `?`, or nothing where everything is as by default.
///
/// The repository is not part of it: [`super::Links::catalog`] puts it into the path.
pub fn catalog_search(query: &CatalogQuery) -> String {
    let sort = match query.sort {
        CatalogSort::Relevance => "",
        CatalogSort::Name => "name",
        CatalogSort::Updated => "updated",
    };
    let flag = |on| if on { "true" } else { "" };
    let pairs = [
        ("q", query.q.as_str()),
        ("keyword", &query.keyword),
        ("category", &query.category),
        ("license", &query.license),
        ("kubernetes", &query.kubernetes),
        ("type", &query.chart_type),
        ("schema", flag(query.schema)),
        ("signed", flag(query.signed)),
        ("deprecated", flag(query.deprecated)),
        ("sort", sort),
        ("cursor", &query.cursor),
        ("explain", flag(query.explain)),
    ];
    let mut out = String::new();
    for (key, value) in pairs {
        if !value.is_empty() {
            out.push(if out.is_empty() { '?' } else { '&' });
            out.push_str(key);
            out.push('=');
            out.push_str(&encode_query(value));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use model::catalog::{CatalogQuery, CatalogSort};

    use super::{catalog_query, catalog_search};

    #[test]
    fn what_is_written_is_read_back() {
        let query = CatalogQuery {
            q: "c++ & ü=?".to_owned(),
            keyword: "data base".to_owned(),
            category: "Monitoring and logging".to_owned(),
            license: "MIT".to_owned(),
            kubernetes: "1.30".to_owned(),
            explain: true,
            chart_type: "library".to_owned(),
            schema: true,
            sort: CatalogSort::Updated,
            cursor: "a/b+c==".to_owned(),
            ..CatalogQuery::default()
        };
        assert_eq!(catalog_query(None, &catalog_search(&query)), query);
        assert_eq!(catalog_search(&CatalogQuery::default()), "");
    }

    #[test]
    fn forms_write_spaces_as_plus() {
        assert_eq!(catalog_query(None, "?q=redis+cluster&sort=").q, "redis cluster");
    }
}
