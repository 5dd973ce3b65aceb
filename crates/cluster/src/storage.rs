//! Writing records. A record is created before anything of its revision is applied: its name is the lock.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use helm::release::{
    RECORD_KEY, RECORD_TYPE, Release, ReleaseInfo, ReleaseStatus, encode, record_labels, record_name, rfc3339,
};
use serde_json::{Value, json};

use crate::api::{JSON, Payload, Question, escape};
use crate::error::{During as _, Step};
use crate::{Cluster, Driver, Error, RecordHead};

/// How often a record is written that loses a race.
const ATTEMPTS: usize = 5;

/// What the values of one Secret may add up to (Kubernetes' `MaxSecretSize`).
pub const MAX_RECORD_SIZE_BYTES: usize = 1 << 20;

/// The size of a release's record in bytes, beside [`MAX_RECORD_SIZE_BYTES`].
pub fn record_size_bytes(release: &Release) -> Result<usize, Error> {
    Ok(encode(release).map_err(Error::Encode)?.len())
}

/// Now, as records hold it.
pub(crate) fn now() -> String {
    let elapsed = since_epoch();
    rfc3339(
        i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX),
        elapsed.subsec_nanos(),
    )
}

fn since_epoch() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

pub(crate) fn set_status(release: &mut Release, status: ReleaseStatus, description: impl Into<String>) {
    let info = info_mut(release);
    info.status = status;
    info.description = description.into();
}

pub(crate) fn info_mut(release: &mut Release) -> &mut ReleaseInfo {
    release.info.get_or_insert_with(ReleaseInfo::default)
}

pub(crate) fn status_of(release: &Release) -> ReleaseStatus {
    release
        .info
        .as_ref()
        .map_or(ReleaseStatus::None, |info| info.status.clone())
}

impl Cluster {
    /// Creates the record of a revision, after making room in a history that may hold `history_max` (0: no limit).
    ///
    /// [`Error::RecordExists`] if another operation was first.
    pub(crate) async fn create_record(&self, release: &Release, history_max: usize) -> Result<(), Error> {
        if history_max > 0 {
            self.prune(&release.namespace, &release.name, history_max - 1)
                .await?;
        }
        let (body, data) = self.record_object(release, "createdAt", None)?;
        let question = Question {
            path: self.record_collection(Some(&release.namespace))?,
            payload: Payload::Post(body),
            ..self.record_question("create", release)?
        };
        match self.ask::<Value>(question).await {
            Ok(_) => Ok(()),
            // An answer that was lost on its way had created it: data that holds nanoseconds is nobody else's.
            Err(error) if error.already_exists() => match self.record_data(release).await? {
                Some(stored) if stored == data => Ok(()),
                _ => Err(Error::RecordExists {
                    namespace: release.namespace.clone(),
                    name: release.name.clone(),
                    revision: release.revision,
                }),
            },
            Err(error) => Err(error.during(Step::CreateRecord)),
        }
    }

    /// Replaces the record of a revision.
    pub(crate) async fn update_record(&self, release: &Release) -> Result<(), Error> {
        self.replace_record(release, None).await
    }

    /// Replaces the record of a revision; where a version is given only if it has it still, else it is a conflict.
    pub(crate) async fn replace_record(&self, release: &Release, version: Option<&str>) -> Result<(), Error> {
        let (body, _) = self.record_object(release, "modifiedAt", version)?;
        let question = Question {
            payload: Payload::Put(body),
            ..self.record_question("update", release)?
        };
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.ask_bytes(question.clone()).await {
                // Without a version there is nothing to be in conflict with: it was a race, and the last word wins.
                Err(error) if version.is_none() && error.is_conflict() && attempts < ATTEMPTS => {}
                answer => return answer.map(drop).during(|| Step::UpdateRecord),
            }
        }
    }

    /// Deletes the record of a revision; it does not matter if it has gone already.
    pub(crate) async fn delete_record(&self, namespace: &str, object: &str) -> Result<(), Error> {
        let question = Question {
            verb: "delete",
            resource: self.driver.resource(),
            namespace: Some(namespace),
            path: format!("{}/{}", self.record_collection(Some(namespace))?, escape(object)),
            query: &[],
            accept: JSON,
            payload: Payload::Delete(Bytes::new()),
        };
        match self.ask_bytes(question).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads a revision back and says whether it has the status it was given.
    pub(crate) async fn confirm(&self, release: &Release) -> Result<(), Error> {
        let stored = self
            .revision(&release.namespace, &release.name, release.revision)
            .await?;
        let status = status_of(&stored.release);
        if status == status_of(release) {
            return Ok(());
        }
        Err(Error::NotAsWritten {
            status: status.as_str().to_owned(),
        })
    }

    /// The heads of a release's revisions, the oldest first.
    pub(crate) async fn history_heads(&self, namespace: &str, name: &str) -> Result<Vec<RecordHead>, Error> {
        let mut heads = self.heads(Some(namespace), Some(name)).await?;
        heads.sort_by_key(|head| head.revision);
        Ok(heads)
    }

    /// Marks every deployed revision but `except` as superseded.
    pub(crate) async fn supersede(&self, namespace: &str, name: &str, except: i64) -> Result<(), Error> {
        for head in self.history_heads(namespace, name).await? {
            if head.status == ReleaseStatus::Deployed && head.revision != except {
                let mut stored = self.record(namespace, &head.object).await?.release;
                info_mut(&mut stored).status = ReleaseStatus::Superseded;
                self.update_record(&stored).await?;
            }
        }
        Ok(())
    }

    /// Deletes the oldest revisions until `max` are left; the deployed one stays.
    async fn prune(&self, namespace: &str, name: &str, max: usize) -> Result<(), Error> {
        let heads = self.history_heads(namespace, name).await?;
        let deployed = deployed(&heads).map(|head| head.revision);
        let surplus = heads.len().saturating_sub(max);
        let old = heads
            .iter()
            .filter(|head| Some(head.revision) != deployed)
            .take(surplus);
        for head in old {
            self.delete_record(namespace, &head.object).await?;
        }
        Ok(())
    }

    fn record_question(&self, verb: &'static str, release: &Release) -> Result<Question<'_>, Error> {
        let name = record_name(&release.name, release.revision);
        let collection = self.record_collection(Some(&release.namespace))?;
        Ok(Question {
            verb,
            resource: self.driver.resource(),
            namespace: None,
            path: format!("{collection}/{}", escape(&name)),
            query: &[("fieldManager", FIELD_MANAGER)],
            accept: JSON,
            payload: Payload::Nothing,
        })
    }

    /// The object of a record, and its data as the API gives it back.
    fn record_object(
        &self,
        release: &Release,
        moment: &str,
        version: Option<&str>,
    ) -> Result<(Bytes, String), Error> {
        let payload = encode(release).map_err(Error::Encode)?;
        if payload.len() > MAX_RECORD_SIZE_BYTES {
            return Err(Error::RecordTooLarge {
                size_bytes: payload.len(),
                limit_bytes: MAX_RECORD_SIZE_BYTES,
            });
        }
        let seconds = i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX);
        let mut metadata = json!({
            "name": record_name(&release.name, release.revision),
            "namespace": release.namespace,
            "labels": record_labels(release, (moment, seconds)),
        });
        if let (Some(version), Value::Object(metadata)) = (version, &mut metadata) {
            metadata.insert("resourceVersion".to_owned(), version.into());
        }
        let (object, data) = match self.driver {
            Driver::Secrets => {
                let data = STANDARD.encode(payload);
                let object = json!({
                    "apiVersion": "v1", "kind": "Secret", "type": RECORD_TYPE,
                    "metadata": metadata, "data": { RECORD_KEY: data },
                });
                (object, data)
            }
            Driver::ConfigMaps => {
                let object = json!({
                    "apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": metadata, "data": { RECORD_KEY: payload },
                });
                (object, payload)
            }
        };
        Ok((serde_json::to_vec(&object).map_err(Error::Encode)?.into(), data))
    }

    async fn record_data(&self, release: &Release) -> Result<Option<String>, Error> {
        let question = Question {
            query: &[],
            ..self.record_question("get", release)?
        };
        match self.ask::<Value>(question).await {
            Ok(object) => Ok(object
                .pointer(&format!("/data/{RECORD_KEY}"))
                .and_then(Value::as_str)
                .map(str::to_owned)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The newest deployed revision, which is not always the newest.
pub(crate) fn deployed(heads: &[RecordHead]) -> Option<&RecordHead> {
    heads
        .iter()
        .filter(|head| head.status == ReleaseStatus::Deployed)
        .max_by_key(|head| head.revision)
}

/// As whom fields are managed: helm's name, so that helm goes on with what is made here.
pub(crate) const FIELD_MANAGER: &str = "helm";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_go() {
        let now = now();
        assert!(
            now.starts_with("20") && now.ends_with('Z') && now.contains('T'),
            "{now}"
        );
    }
}
