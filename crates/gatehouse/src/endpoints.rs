//! `DIR/endpoints.env`: shell `NAME=value` lines for people, scripts and tests. Its names are a contract (design, section 8).

use std::path::PathBuf;

use base::Secret;

use crate::data_dir::{DataDir, write_private};

/// Everything a client needs to find and enter this server.
#[derive(Debug)]
pub(crate) struct Endpoints {
    pub(crate) http: String,
    pub(crate) https: String,
    pub(crate) ca_file: PathBuf,
    pub(crate) scim_url: String,
    pub(crate) scim_token: Secret<String>,
    /// The built-in identity provider.
    pub(crate) idp_url: String,
    pub(crate) idp_api_token: Secret<String>,
    pub(crate) region: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret<String>,
    pub(crate) sql_host: String,
    pub(crate) sql_port: u16,
    pub(crate) sql_database: String,
    /// The administrator whom SQL_HOST and SQL_PORT lead to, where the first cluster's password still is theirs.
    pub(crate) sql_admin: Option<(String, Secret<String>)>,
    pub(crate) issuer_url: String,
    pub(crate) instance_arn: String,
    /// Only with an organisation that has a Redshift application.
    pub(crate) application_arn: Option<String>,
    pub(crate) demo_password: Option<Secret<String>>,
}

impl Endpoints {
    /// Written last, when every listener accepts: whoever waits for the file may connect.
    pub(crate) fn write(&self, data: &DataDir) -> anyhow::Result<PathBuf> {
        let path = data.file("endpoints.env");
        write_private(&path, self.lines().as_bytes())?;
        Ok(path)
    }

    fn lines(&self) -> String {
        let ca = self.ca_file.display().to_string();
        let mut lines = vec![
            ("GATEHOUSE_HTTP", self.http.clone()),
            ("GATEHOUSE_HTTPS", self.https.clone()),
            ("GATEHOUSE_CA", ca.clone()),
            ("SCIM_URL", self.scim_url.clone()),
            ("SCIM_TOKEN", self.scim_token.expose().clone()),
            ("IDP_URL", self.idp_url.clone()),
            ("IDP_API_TOKEN", self.idp_api_token.expose().clone()),
            ("AWS_ENDPOINT_URL", self.https.clone()),
            ("AWS_REGION", self.region.clone()),
            // What boto3 and the aws CLI read instead.
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("AWS_ACCESS_KEY_ID", self.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.secret_access_key.expose().clone()),
            ("AWS_CA_BUNDLE", ca),
            ("SQL_HOST", self.sql_host.clone()),
            ("SQL_PORT", self.sql_port.to_string()),
            ("SQL_DATABASE", self.sql_database.clone()),
            ("IDC_ISSUER_URL", self.issuer_url.clone()),
            ("IDC_INSTANCE_ARN", self.instance_arn.clone()),
        ];
        if let Some((user, password)) = &self.sql_admin {
            lines.push(("SQL_ADMIN_USER", user.clone()));
            lines.push(("SQL_ADMIN_PASSWORD", password.expose().clone()));
        }
        lines.extend(self.application_arn.clone().map(|arn| ("IDC_APPLICATION_ARN", arn)));
        lines.extend(self.demo_password.as_ref().map(|password| ("DEMO_PASSWORD", password.expose().clone())));
        lines.into_iter().map(|(name, value)| format!("{name}={}\n", quoted(&value))).collect()
    }
}

/// As a POSIX shell reads it back.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
