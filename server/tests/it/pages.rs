//! Pages as documents.

use std::sync::Arc;

use http::Method;
use http::header::ALLOW;

use crate::site::{Sent, Site, block_on};

/// A page once met itself on another thread now and then, and was lost or never came.
#[test]
fn pages_that_are_asked_for_at_once_are_all_whole() {
    block_on(async {
        let site = Arc::new(Site::new().await);
        let asked: Vec<_> = (0..400)
            .map(|number| {
                let site = Arc::clone(&site);
                tokio::spawn(async move {
                    let path = ["/", "/charts", "/repositories", "/sign-in"][number % 4];
                    site.send(Sent::get(path)).await
                })
            })
            .collect();
        for answer in asked {
            let answer = answer.await.expect("it ends");
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert!(answer.body.contains("</html>"), "{}", answer.body);
            assert_eq!(answer.body.matches("<h1").count(), 1, "{}", answer.body);
            assert_eq!(answer.body.matches("name=\"description\"").count(), 1);
        }
    });
}

#[test]
fn an_address_of_nothing_has_a_page_and_takes_no_form() {
    block_on(async {
        let site = Site::new().await;
        assert_eq!(site.send(Sent::get("/no/such/page")).await.status, 404);
        assert_eq!(site.send(Sent::get("/charts/no/such/chart")).await.status, 404);
        let head = Sent {
            method: Method::HEAD,
            ..Sent::get("/charts")
        };
        let answer = site.send(head).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
        let answer = site.send(Sent::form("/charts", &[])).await;
        assert_eq!((answer.status, answer.header(ALLOW)), (405, "GET, HEAD"));
    });
}
