//! A chart on other sites.

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};

use super::site;
use crate::site::{Sent, block_on};

#[test]
fn a_chart_has_a_badge_and_cards() {
    block_on(async {
        let site = site(|_| {}).await;
        for path in [
            "/badges/samples/web.svg",
            "/cards/samples/web.svg",
            "/badges/samples/hostile.svg",
            "/cards/samples/hostile.svg",
        ] {
            let svg = site.send(Sent::get(path)).await;
            assert_eq!(
                (svg.status, svg.header(CONTENT_TYPE)),
                (200, "image/svg+xml"),
                "{path}"
            );
            assert!(svg.header(CONTENT_SECURITY_POLICY).contains("sandbox"), "{path}");
            assert!(!svg.body.contains("<script"), "{path}: {}", svg.body);
            let etag = svg.header(ETAG).to_owned();
            let again = Sent {
                headers: &[("if-none-match", &etag)],
                ..Sent::get(path)
            };
            assert_eq!(site.send(again).await.status, 304, "{path}");
        }
        let badge = site.send(Sent::get("/badges/samples/web.svg")).await;
        assert!(badge.body.contains("<title>web 1.1.0</title>"), "{}", badge.body);
        let png = site.bytes(Sent::get("/cards/samples/web.png")).await;
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
        // Width and height, as its header has them.
        assert_eq!(png[16..24], [0, 0, 0x04, 0xb0, 0, 0, 0x02, 0x76]);
        for path in [
            "/badges/samples/nothing.svg",
            "/badges/samples/web",
            "/badges/samples/web.png",
            "/cards/samples/web.gif",
            "/cards/nothing/web.png",
        ] {
            assert_eq!(site.send(Sent::get(path)).await.status, 404, "{path}");
        }
    });
}
