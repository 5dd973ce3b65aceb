//! Anchors of headings, as GitHub forms them.

use std::collections::HashMap;

/// Gives each heading of a text an anchor of its own.
#[derive(Default)]
pub(super) struct Slugs {
    /// Each anchor with the number that its next namesake gets.
    taken: HashMap<String, u32>,
}

impl Slugs {
    /// Lower case, spaces to `-`, punctuation left out; a second one of the same text gets `-1`, and so on.
    pub(super) fn of(&mut self, text: &str) -> String {
        let mut slug = String::with_capacity(text.len());
        for character in text.trim().chars() {
            match character {
                ' ' | '-' => slug.push('-'),
                '_' => slug.push('_'),
                _ if character.is_alphanumeric() => slug.extend(character.to_lowercase()),
                _ => {}
            }
        }
        if slug.is_empty() {
            slug.push_str("section");
        }
        let mut unique = slug.clone();
        while self.taken.contains_key(&unique) {
            // Counting on from the last namesake keeps a text of one heading a thousand times linear.
            let n = self.taken.entry(slug.clone()).or_insert(0);
            *n += 1;
            unique = format!("{slug}-{n}");
        }
        self.taken.insert(unique.clone(), 0);
        unique
    }
}

#[cfg(test)]
mod tests {
    use super::Slugs;

    #[test]
    fn slugs_are_those_of_github() {
        let mut slugs = Slugs::default();
        let rows = [
            ("Installing the Chart", "installing-the-chart"),
            ("Upgrading from 1.x.x to 2.0", "upgrading-from-1xx-to-20"),
            ("Parameters & more", "parameters--more"),
            ("Installing the Chart", "installing-the-chart-1"),
            ("auth_enabled", "auth_enabled"),
            ("Über uns", "über-uns"),
            ("!!!", "section"),
        ];
        for (text, want) in rows {
            assert_eq!(slugs.of(text), want, "{text}");
        }
    }
}
