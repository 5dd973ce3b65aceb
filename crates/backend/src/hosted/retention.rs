//! Versions that go by rules: which they are, and their deletion, which can be taken back like any other.
//!
//! [`plan`] is pure. What is shown of it and what is deleted come from the same function over the same rows, and a plan's
//! digest names its rules and its versions, so that somebody who confirms one confirms nothing else.

use helm::index::{find_latest, is_prerelease, sort_newest_first};
use model::Timestamp;
use model::retention::{ExpiringVersion, RetentionPlan, RetentionRules};
use sha2::{Digest as _, Sha256};

use super::Hosted;
use super::kept::Deleted;
use super::tenant::object_of;
use crate::store::{AuditRecord, HostedChartRow};
use crate::{Error, Result};

/// Versions that a plan shows.
const MAX_SHOWN: usize = 1_000;
/// Versions that one transaction deletes: others wait for it.
const AT_A_TIME: usize = 50;
const DAY_SECS: i64 = 86_400;

/// A version that goes, as its row and why.
#[derive(Debug)]
struct Expiring<'a> {
    row: &'a HostedChartRow,
    reason: String,
}

/// What rules come to.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    expiring: Vec<Expiring<'a>>,
    n_kept: usize,
    digest: String,
}

/// What somebody who looked at a plan confirms.
#[derive(Clone, Debug)]
pub(crate) struct Confirmation {
    /// Of the plan.
    pub(crate) digest: String,
    /// JSON of the rules.
    pub(crate) rules: String,
}

/// What rules come to for the versions of a repository, which are grouped by chart.
pub(crate) fn plan<'a>(rules: &RetentionRules, rows: &'a [HostedChartRow], now: Timestamp) -> Plan<'a> {
    let mut expiring = Vec::new();
    for chart in rows.chunk_by(|one, other| one.name == other.name) {
        of_chart(rules, chart, now, &mut expiring);
    }
    let mut hasher = Sha256::new();
    // Names hold no control characters, so that no two plans are written alike.
    hasher.update(serde_json::to_string(rules).unwrap_or_default());
    for one in &expiring {
        let HostedChartRow {
            name,
            version,
            modified_ns,
            ..
        } = one.row;
        hasher.update(format!("\n{name}\n{version}\n{modified_ns}"));
    }
    Plan {
        n_kept: rows.len() - expiring.len(),
        digest: hex::encode(hasher.finalize()),
        expiring,
    }
}

fn of_chart<'a>(
    rules: &RetentionRules,
    chart: &'a [HostedChartRow],
    now: Timestamp,
    expiring: &mut Vec<Expiring<'a>>,
) {
    let mut versions: Vec<&HostedChartRow> = chart.iter().collect();
    sort_newest_first(&mut versions, |row| &row.version);
    // What is yanked is nobody's newest, unless there is nothing else.
    let good: Vec<&HostedChartRow> = versions
        .iter()
        .copied()
        .filter(|row| row.yanked.is_none())
        .collect();
    let newest =
        find_latest(&good, |row| &row.version).or_else(|| find_latest(&versions, |row| &row.version));
    let newest = newest.map(|row| row.version.clone());
    let (mut n_releases, mut n_prereleases) = (0, 0);
    for row in versions {
        let (keep, days, n_newer, noun) = match is_prerelease(&row.version) {
            true => (
                rules.keep_prereleases,
                rules.prerelease_days,
                &mut n_prereleases,
                "pre-release",
            ),
            false => (
                rules.keep_releases,
                rules.release_days,
                &mut n_releases,
                "release",
            ),
        };
        let n_before = *n_newer;
        if row.yanked.is_none() {
            *n_newer += 1;
        }
        let age_days = now
            .0
            .saturating_sub(row.modified_ns.div_euclid(1_000_000_000))
            .div_euclid(DAY_SECS);
        let is_beyond = keep > 0 && n_before >= keep;
        let is_old = days > 0 && age_days >= i64::from(days);
        let goes = (keep > 0 || days > 0) && (keep == 0 || is_beyond) && (days == 0 || is_old);
        if !goes || newest.as_ref() == Some(&row.version) || is_exempt(rules, row) {
            continue;
        }
        let mut reasons = Vec::new();
        if is_beyond {
            let s = if n_before == 1 { "" } else { "s" };
            let stay = if keep == 1 { "stays" } else { "stay" };
            reasons.push(format!("{n_before} newer {noun}{s}; {keep} {stay}"));
        }
        if is_old {
            reasons.push(format!("uploaded {age_days} days ago, kept for {days}"));
        }
        expiring.push(Expiring {
            row,
            reason: reasons.join("; "),
        });
    }
}

fn is_exempt(rules: &RetentionRules, row: &HostedChartRow) -> bool {
    let full = format!("{} {}", row.name, row.version);
    rules.except.iter().any(|pattern| {
        let text = if pattern.contains(' ') { &full } else { &row.name };
        matches(pattern, text)
    })
}

/// Whether a text is what a pattern says, in which `*` stands for any characters. Each `*` takes as little as it can, so
/// that the work is bounded by the product of the lengths.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

impl Plan<'_> {
    /// As it is shown.
    pub(crate) fn shown(&self) -> RetentionPlan {
        let size = |one: &Expiring<'_>| one.row.size_bytes.unsigned_abs();
        let versions = self.expiring.iter().take(MAX_SHOWN).map(|one| ExpiringVersion {
            chart: one.row.name.clone(),
            version: one.row.version.clone(),
            size_bytes: size(one),
            uploaded: Timestamp(one.row.modified_ns.div_euclid(1_000_000_000)),
            reason: one.reason.clone(),
        });
        RetentionPlan {
            digest: self.digest.clone(),
            versions: versions.collect(),
            n_versions: self.expiring.len() as u64,
            size_bytes: self.expiring.iter().map(size).sum(),
            n_kept: self.n_kept as u64,
        }
    }
}

impl Hosted {
    /// Deletes what rules let go. With a confirmation, only if that is exactly what was looked at, and nothing otherwise;
    /// the rules are applied by themselves from then on. `audit` is the line of each version, without its object.
    #[tracing::instrument(name = "hosted.expire", skip_all, fields(tenant = %tenant), err)]
    pub(crate) async fn expire(
        &self,
        tenant: &str,
        rules: &RetentionRules,
        mut confirmation: Option<Confirmation>,
        audit: &AuditRecord,
    ) -> Result<Deleted> {
        let mut deleted = Deleted::default();
        // What others did in the directory counts.
        drop(self.look(tenant).await?);
        loop {
            let Some(mut change) = self.begin(tenant, false).await? else {
                return Ok(deleted);
            };
            let id = change.repository.id;
            let rows = change.tx.hosted_charts(id).await?;
            let plan = plan(rules, &rows, change.now);
            let confirmed = confirmation.take();
            if confirmed.as_ref().is_some_and(|it| it.digest != plan.digest) {
                return Err(Error::PlanOutdated {
                    changes: vec![
                        "what would be deleted by now is not what was shown; look at it again".to_owned(),
                    ],
                });
            }
            if let Some(confirmed) = &confirmed {
                let now = change.now;
                change
                    .tx
                    .confirm_retention(id, &confirmed.rules, &audit.actor, now)
                    .await?;
            }
            let is_last = plan.expiring.len() <= AT_A_TIME;
            for one in plan.expiring.iter().take(AT_A_TIME) {
                let Some(file) = change.known(&one.row.file_name).await? else {
                    continue;
                };
                deleted.ids.extend(change.delete(&file, &audit.actor).await?);
                deleted.n_versions += 1;
                let what = format!("{} {}", one.row.name, one.row.version);
                let line = AuditRecord {
                    object: object_of(tenant, &what),
                    detail: one.reason.clone(),
                    ..audit.clone()
                };
                change.tx.append_audit(&line).await?;
            }
            // Where nothing is to do, nothing has changed: the count of changes stays as it was.
            if plan.expiring.is_empty() && confirmed.is_none() {
                return Ok(deleted);
            }
            let done = change.commit().await?;
            self.settle(done).await;
            if is_last {
                return Ok(deleted);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use model::retention::RetentionRules;

    use super::{DAY_SECS, matches, plan};
    use crate::store::HostedChartRow;

    const NOW: Timestamp = Timestamp(1_795_000_000);

    /// `chart version days[!]`, `!` for one that is yanked.
    fn row(text: &str) -> HostedChartRow {
        let mut words = text.split(' ');
        let mut word = || words.next().expect("three words").to_owned();
        let (name, version, days) = (word(), word(), word());
        let yanked = days.ends_with('!').then(|| "broken".to_owned());
        let days: i64 = days.trim_end_matches('!').parse().expect("a number");
        HostedChartRow {
            file_name: format!("{name}-{version}.tgz"),
            name,
            version,
            size_bytes: 10,
            modified_ns: (NOW.0 - days * DAY_SECS) * 1_000_000_000,
            uploaded_by: String::new(),
            is_private: false,
            deprecated: None,
            yanked,
            has_provenance: 0,
        }
    }

    fn rules(
        keep_releases: u32,
        release_days: u32,
        keep_prereleases: u32,
        prerelease_days: u32,
    ) -> RetentionRules {
        RetentionRules {
            keep_releases,
            release_days,
            keep_prereleases,
            prerelease_days,
            except: Vec::new(),
        }
    }

    #[track_caller]
    fn check(rules: &RetentionRules, rows: &[&str], want: &[&str]) {
        let rows: Vec<HostedChartRow> = rows.iter().map(|text| row(text)).collect();
        let plan = plan(rules, &rows, NOW).shown();
        let gone: Vec<String> = plan
            .versions
            .iter()
            .map(|one| format!("{} {}", one.chart, one.version))
            .collect();
        assert_eq!(gone, want, "{rules:?}");
        assert_eq!(plan.n_kept as usize, rows.len() - want.len());
    }

    const WEB: &[&str] = &[
        "web 1.0.0 400",
        "web 1.10.0 90",
        "web 1.9.0 200",
        "web 2.0.0-rc.1 40",
        "web 2.0.0-rc.2 30",
        "web 2.0.0 10",
    ];

    #[test]
    fn what_one_limit_keeps_is_kept() {
        check(&rules(0, 0, 0, 0), WEB, &[]);
        check(&rules(2, 0, 0, 0), WEB, &["web 1.9.0", "web 1.0.0"]);
        check(&rules(0, 100, 0, 0), WEB, &["web 1.9.0", "web 1.0.0"]);
        check(&rules(2, 300, 0, 0), WEB, &["web 1.0.0"]);
        check(&rules(3, 1, 0, 0), WEB, &["web 1.0.0"]);
        check(&rules(0, 0, 1, 0), WEB, &["web 2.0.0-rc.1"]);
        check(&rules(0, 0, 0, 30), WEB, &["web 2.0.0-rc.2", "web 2.0.0-rc.1"]);
        check(&rules(0, 0, 1, 30), WEB, &["web 2.0.0-rc.1"]);
        check(
            &rules(1, 0, 1, 41),
            WEB,
            &["web 1.10.0", "web 1.9.0", "web 1.0.0"],
        );
    }

    #[test]
    fn the_newest_of_a_chart_never_goes() {
        check(
            &rules(0, 1, 0, 1),
            &["a 1.0.0 999", "b 1.0.0-rc.1 999", "c 1.0.0 999!"],
            &[],
        );
        check(
            &rules(0, 1, 0, 1),
            &["a 1.0.0-rc.1 9", "a 1.0.0-rc.2 9"],
            &["a 1.0.0-rc.1"],
        );
        // A pre-release after the last release is not what is installed.
        check(
            &rules(0, 1, 0, 1),
            &["a 1.0.0 9", "a 1.1.0-rc.1 9"],
            &["a 1.1.0-rc.1"],
        );
        // The newest is yanked: the one before it is what people get.
        check(&rules(0, 1, 0, 0), &["a 1.0.0 9", "a 1.1.0 9!"], &["a 1.1.0"]);
    }

    #[test]
    fn what_is_yanked_takes_no_place() {
        let rows = ["a 1.0.0 9", "a 1.1.0 9", "a 1.2.0 9!", "a 1.3.0 9"];
        check(&rules(2, 0, 0, 0), &rows, &["a 1.0.0"]);
        check(&rules(1, 0, 0, 0), &rows, &["a 1.2.0", "a 1.1.0", "a 1.0.0"]);
    }

    #[test]
    fn exceptions_are_charts_or_versions() {
        let with = |except: &[&str]| RetentionRules {
            except: except.iter().map(|one| (*one).to_owned()).collect(),
            ..rules(1, 0, 0, 0)
        };
        let rows = [
            "api 1.0.0 9",
            "api 1.1.0 9",
            "web 1.0.0 9",
            "web 1.0.1 9",
            "web 2.0.0 9",
        ];
        check(&with(&["api"]), &rows, &["web 1.0.1", "web 1.0.0"]);
        check(&with(&["web 1.0.*"]), &rows, &["api 1.0.0"]);
        check(&with(&["*"]), &rows, &[]);
        check(&with(&["* 1.0.0"]), &rows, &["web 1.0.1"]);
    }

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, want) in [
            ("web", "web", true),
            ("web", "webs", false),
            ("web*", "web", true),
            ("*b", "web", true),
            ("w*b", "wb", true),
            ("w*b*", "xwb", false),
            ("a*a", "a", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "ba", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), want, "{pattern} {text}");
        }
    }

    #[test]
    fn a_plan_is_named_by_its_rules_and_its_versions() {
        let rows: Vec<HostedChartRow> = WEB.iter().map(|text| row(text)).collect();
        let digest = |rules: &RetentionRules, rows: &[HostedChartRow]| plan(rules, rows, NOW).digest;
        let first = digest(&rules(2, 0, 0, 0), &rows);
        assert_eq!(first, digest(&rules(2, 0, 0, 0), &rows));
        assert_ne!(first, digest(&rules(2, 100, 0, 0), &rows));
        let mut replaced = rows.clone();
        replaced[0].modified_ns += 1;
        assert_ne!(first, digest(&rules(2, 0, 0, 0), &replaced));
        replaced[0].modified_ns -= 1;
        replaced.push(row("web 3.0.0 0"));
        assert_ne!(first, digest(&rules(2, 0, 0, 0), &replaced));
    }
}
